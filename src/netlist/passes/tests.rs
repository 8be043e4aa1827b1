use proptest::prelude::*;

use super::*;
use crate::entity::{EntityId, SideTable};
use crate::netlist::{Addend, Builder, Cell, Layer, Module, NetId, Table, eval, text, verify};
use crate::numeric::format::FixedFormat;
use crate::numeric::tensor::Block;

/// One step of a random construction: which cell, over which earlier nets.
pub(super) type Step = (u8, usize, usize, usize, i8, FixedFormat);

pub(super) fn format() -> impl Strategy<Value = FixedFormat> {
    (any::<bool>(), 1..=8_u8, -3..=4_i8)
        .prop_map(|(signed, width, frac)| FixedFormat::new(signed, width, frac).unwrap())
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let index = || 0..1000_usize;
    (0..12_u8, index(), index(), index(), -3..=3_i8, format())
}

/// A module of random cells; its last nets are its outputs.
pub(super) fn drawn(inputs: &[FixedFormat], steps: &[Step]) -> Module {
    let layer = |name: &str| Layer { name: name.into(), operator: "test".into(), origin: None };
    let mut builder = Builder::new(layer("first"));
    let mut nets = builder.input("x", inputs);
    for (index, (kind, a, b, c, shift, format)) in steps.iter().enumerate() {
        if index == steps.len() / 2 {
            builder.begin_layer(layer("second"));
        }
        let pick = |index: &usize| nets[nets.len() - 1 - index % nets.len().min(12)];
        let (a, b, c) = (pick(a), pick(b), pick(c));
        let narrow = |builder: &mut Builder, net: NetId| {
            let wide = builder.net(net).width() > 20;
            if wide { builder.truncate(net, *format) } else { net }
        };
        let [a, b, c] = [a, b, c].map(|net| narrow(&mut builder, net));
        let net = match kind {
            0 | 1 => builder.add(a, b, *shift),
            2 => builder.subtract(a, b, *shift),
            3 => builder.multiply(a, b),
            4 => {
                let condition = builder.less(c, a);
                builder.select(condition, a, b)
            }
            5 => builder.less(a, b),
            6 | 7 => builder.truncate(a, *format),
            10 | 11 => builder.sum(
                a,
                Addend { subtract: *kind == 10, net: b, shift: *shift },
                Addend { subtract: format.signed(), net: c, shift: format.frac() },
            ),
            8 => {
                let index = builder.truncate(a, FixedFormat::new(true, 3, *shift).unwrap());
                let values = vec![3, -1, 4, 1, -5, 9, 2, -6];
                builder.lookup(Table { first: -4, values, frac: 1 }, index)
            }
            _ => builder.constant(i64::from(*shift) * 5, *shift),
        };
        nets.push(net);
    }
    let outputs = nets.split_off(nets.len().saturating_sub(3));
    let formats = outputs.iter().map(|net| builder.net(*net).format()).collect();
    builder.output("y", outputs, formats);
    builder.finish(0)
}

fn events(inputs: &[FixedFormat], bits: &[u64]) -> Block<i64> {
    let frac = inputs.iter().map(|format| format.frac()).max().unwrap();
    let mut block = Block::zeros(inputs.len(), bits.len(), frac);
    for (index, format) in inputs.iter().enumerate() {
        let finer = format.frac().abs_diff(frac);
        for (value, bits) in block.element_mut(index).iter_mut().zip(bits) {
            let raw = bits.rotate_left(8 * u32::try_from(index).unwrap()) % (1 << format.width());
            *value = (format.min_raw() + raw.cast_signed()) << finer;
        }
    }
    block
}

/// Holds `result` against `original` and the invariants.
fn same(original: &Module, result: &Module, input: &Block<i64>) {
    verify::verify(result).unwrap();
    let input = std::slice::from_ref(input);
    let is_same = eval::eval(original, input) == eval::eval(result, input);
    assert!(is_same, "{}became\n{}", text::print(original), text::print(result));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn passes_keep_every_value(
        inputs in prop::collection::vec(format(), 1..4),
        steps in prop::collection::vec(step(), 1..40),
        bits in prop::collection::vec(any::<u64>(), 30),
        period in 1..6_u32,
    ) {
        let original = drawn(&inputs, &steps);
        let input = events(&inputs, &bits);
        for pass in PASSES {
            let once = (pass.run)(&original);
            same(&original, &once, &input);
            // Narrowing may fold what then asks for less.
            if pass.name != "narrow" {
                let twice = (pass.run)(&once);
                prop_assert_eq!(text::print(&twice), text::print(&once), "{} again", pass.name);
            }
        }
        let optimized = optimize(&original);
        same(&original, &optimized, &input);
        prop_assert_eq!(&text::parse(&text::print(&optimized)).unwrap().nets, &optimized.nets);

        let mut delays = SideTable::filled(optimized.nets.len(), 0.0);
        for (id, net) in optimized.nets.iter() {
            delays[id] = match net.cell {
                Cell::Input { .. } | Cell::Constant | Cell::Truncate { .. } | Cell::Shift { .. } => 0.0,
                _ => 1.0,
            };
        }
        let piped = pipeline::registers::pipeline(&optimized, &delays, f64::from(period), None).unwrap();
        same(&original, &piped, &input);
        prop_assert!(longest_stage(&piped) <= period);
        let ports = pipeline::registers::register_ports(&piped, true, true);
        prop_assert_eq!(ports.latency, piped.latency + 2);
        same(&original, &ports, &input);
    }
}

/// The most cells that follow each other without a register.
pub(super) fn longest_stage(module: &Module) -> u32 {
    let mut depths = SideTable::filled(module.nets.len(), 0);
    for (id, net) in module.nets.iter() {
        let before = net.cell.operands().map(|operand| depths[operand]).max().unwrap_or(0);
        depths[id] = match net.cell {
            Cell::Register { .. } | Cell::Input { .. } | Cell::Constant => 0,
            Cell::Truncate { .. } | Cell::Shift { .. } => before,
            _ => before + 1,
        };
    }
    depths.iter().map(|(_, depth)| *depth).max().unwrap_or(0)
}

/// The text of a module after a pass and the sweep.
fn after(run: fn(&Module) -> Module, text: &str) -> String {
    text::print(&sweep::sweep(&run(&text::parse(text).unwrap())))
}

#[test]
fn what_is_wrapped_away_is_not_computed() {
    let before = "netlist latency 0
  layer0 \"x\" (input)
  n0 = input 0.0 : -128..=127*2^0 @ layer0
  n1 = input 0.1 : -128..=127*2^0 @ layer0
  n2 = add n0, n1 << 1 : -384..=381*2^0 @ layer0
  n3 = truncate n2 fixed<4,4> : -8..=7*2^0 @ layer0
  input \"x\" n0:fixed<8,8> n1:fixed<8,8>
  output \"y\" n3:fixed<4,4>
";
    let after = after(narrow::narrow, before);
    assert!(after.contains("truncate n0 ufixed<4,4>"), "{after}");
    assert!(after.contains("truncate n1 ufixed<3,3>"), "{after}");
}

#[test]
fn sums_whose_terms_cancel_stay_narrow() {
    let before = "netlist latency 0
  layer0 \"x\" (input)
  n0 = input 0.0 : 0..=15*2^0 @ layer0
  n1 = input 0.1 : 0..=15*2^0 @ layer0
  n2 = add n0, n1 << 0 : 0..=30*2^0 @ layer0
  n3 = subtract n0, n1 << 0 : -15..=15*2^0 @ layer0
  n4 = add n2, n3 << 0 : -15..=45*2^0 @ layer0
  n5 = subtract n4, n0 << 1 : -45..=45*2^0 @ layer0
  input \"x\" n0:ufixed<4,4> n1:ufixed<4,4>
  output \"y\" n4:fixed<7,7> n5:fixed<7,7>
";
    let after = after(bound::bound, before);
    assert!(after.contains("add n2, n3 << 0 : 0..=30*2^0"), "{after}");
    assert!(after.contains("constant : 0..=0*2^0"), "{after}");
}

#[test]
fn a_shared_test_is_not_parted_from_its_selection() {
    let module = text::parse(
        "netlist latency 0
  layer0 \"x\" (input)
  n0 = input 0.0 : 0..=255*2^0 @ layer0
  n1 = input 0.1 : 0..=255*2^0 @ layer0
  n2 = add n0, n1 << 0 : 0..=510*2^0 @ layer0
  n3 = constant : 0..=0*2^0 @ layer0
  n4 = truncate n2 ufixed<1,9> : 0..=1*2^8 @ layer0
  n5 = shift n4 << -8 : 0..=1*2^0 @ layer0
  n6 = select n5, n3, n2 : 0..=510*2^0 @ layer0
  n7 = select n5, n6, n0 : 0..=510*2^0 @ layer0
  input \"x\" n0:ufixed<8,8> n1:ufixed<8,8>
  output \"y\" n7:ufixed<9,9>
",
    )
    .unwrap();
    let mut delays = SideTable::filled(module.nets.len(), 0.0);
    for (id, net) in module.nets.iter() {
        delays[id] = match net.cell {
            Cell::Add { .. } => 1.0,
            // The second selection takes the first one into its table.
            Cell::Select { a, .. } if a.index() == 6 => 0.5,
            _ => 0.0,
        };
    }
    let piped = pipeline::registers::pipeline(&module, &delays, 1.0, None).unwrap();
    let before = |id: NetId| piped.nets[id].cell.operands().map(|operand| piped.nets[operand].cell);
    let selects: Vec<NetId> = piped
        .nets
        .iter()
        .filter(|(_, net)| matches!(net.cell, Cell::Select { .. }))
        .map(|(id, _)| id)
        .collect();
    assert_eq!(piped.latency, 1);
    assert_eq!(selects.len(), 2);
    assert!(before(selects[1]).any(|cell| matches!(cell, Cell::Select { .. })));
}

#[test]
fn a_cell_slower_than_the_clock_names_its_layer() {
    let layer = Layer { name: "/fc1/Gemm".into(), operator: "dense".into(), origin: None };
    let mut builder = Builder::new(layer);
    let x = builder.input("x", &["fixed<8,8>".parse().unwrap(); 2]);
    let sum = builder.add(x[0], x[1], 0);
    let format = builder.net(sum).format();
    builder.output("y", vec![sum], vec![format]);
    let module = builder.finish(0);
    let mut delays = SideTable::filled(module.nets.len(), 0.0);
    delays[sum] = 1.25;
    let fault = pipeline::registers::pipeline(&module, &delays, 1.0, None).unwrap_err();
    assert_eq!(fault.code.name(), "P0302");
    assert_eq!(fault.place.as_deref(), Some("node `/fc1/Gemm` (dense)"));
    assert!(fault.help.contains("0.3 ns longer"), "{}", fault.help);
}
