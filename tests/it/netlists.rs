//! Netlists for tests: drawn ones over all cells, and two small ones with a story.

use trigforge::emit::{Design, Target, Vendor};
use trigforge::netlist::builder::Builder;
use trigforge::netlist::{Addend, Layer, Module, NetId, Table};
use trigforge::numeric::format::FixedFormat;
use trigforge::numeric::interval::Interval;
use trigforge::numeric::tensor::Block;

/// A generator of numbers that is the same everywhere (`SplitMix64`).
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.bits() % limit as u64).unwrap()
    }

    fn within(&mut self, lo: i64, hi: i64) -> i64 {
        let span = i128::from(hi) - i128::from(lo) + 1;
        i64::try_from(i128::from(lo) + i128::from(self.bits()) % span).unwrap()
    }

    fn small(&mut self, lo: i8, hi: i8) -> i8 {
        i8::try_from(self.within(lo.into(), hi.into())).unwrap()
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// A value of a format: often one of its bounds, or small.
    fn value(&mut self, format: FixedFormat) -> i64 {
        match self.below(8) {
            0 => format.min_raw(),
            1 => format.max_raw(),
            2 => 0,
            3 => self.within(format.min_raw().max(-2), format.max_raw().min(2)),
            _ => self.within(format.min_raw(), format.max_raw()),
        }
    }
}

/// A target for tests; nothing in a test depends on the device.
pub(crate) fn target() -> Target {
    Target {
        vendor: Vendor::Amd,
        family: String::new(),
        part: "xcvu13p-flga2577-2-e".to_owned(),
        carry_bits: Some(8),
        clock_ns: 2.5,
        synth_command: "synth_xilinx -family xcup".to_owned(),
    }
}

pub(crate) fn design<'a>(name: &'a str, module: &'a Module) -> Design<'a> {
    Design { name, module, origins: None, target: target(), layer_costs: [].into() }
}

pub(crate) fn layer(name: &str, operator: &str) -> Layer {
    Layer { name: name.to_owned(), operator: operator.to_owned(), origin: None }
}

/// Input formats: single bits, both signs, points far above and below, and the widest words.
const INPUTS: &[&str] = &[
    "ufixed<1,1>",
    "fixed<1,1>",
    "ufixed<1,-3>",
    "fixed<8,4>",
    "ufixed<6,9>",
    "fixed<5,-3>",
    "ufixed<13,2>",
    "fixed<30,10>",
    "ufixed<63,63>",
    "fixed<63,20>",
    "ufixed<4,4>",
    "fixed<4,4>",
];

/// A drawn netlist of about `cells` cells for each of `stages` clock cycles; every net is an output.
pub(crate) fn drawn(draw: &mut Draw, stages: u32, cells: usize) -> Module {
    let mut builder = Builder::new(layer("x", "input"));
    let mut pool = Vec::new();
    for (index, format) in INPUTS.iter().enumerate() {
        let format: FixedFormat = format.parse().unwrap();
        pool.extend(builder.input(&format!("in put/{index}"), &[format; 2]));
    }
    for stage in 0..=stages {
        for part in ["wire", "/fc/Gemm", "n12"] {
            builder.begin_layer(layer(part, "drawn"));
            for _ in 0..cells / 3 {
                if let Some(net) = cell(draw, &mut builder, &pool) {
                    pool.push(net);
                }
            }
        }
        pool.sort_unstable();
        pool.dedup();
        if stage < stages {
            builder.begin_layer(layer("pipeline", "registers"));
            pool = pool.into_iter().map(|net| builder.register(net)).collect();
        }
    }
    outputs(draw, &mut builder, pool);
    builder.finish(stages)
}

/// Ports of one binary point each, for a port's common grid has at most 63 bits; some with bits to spare.
fn outputs(draw: &mut Draw, builder: &mut Builder, mut pool: Vec<NetId>) {
    pool.sort_by_key(|net| (builder.range(*net).frac(), *net));
    for (index, run) in pool
        .chunk_by(|a, b| builder.range(*a).frac() == builder.range(*b).frac())
        .map(<[NetId]>::to_vec)
        .collect::<Vec<_>>()
        .into_iter()
        .enumerate()
    {
        let formats = run.iter().map(|net| {
            let own = builder.net(*net).format();
            let wider = FixedFormat::new(true, own.width() + 3, own.frac());
            if draw.below(3) == 0 { wider.unwrap_or(own) } else { own }
        });
        let formats = formats.collect();
        builder.output(&format!("out.{index}"), run, formats);
    }
}

/// One drawn cell, if its operands leave room for it.
fn cell(draw: &mut Draw, builder: &mut Builder, pool: &[NetId]) -> Option<NetId> {
    let fits = |range: Option<Interval>| FixedFormat::covering(range?).ok();
    let a = if draw.below(6) == 0 { constant(draw, builder) } else { draw.pick(pool) };
    let b = if draw.below(6) == 0 { constant(draw, builder) } else { draw.pick(pool) };
    let (x, y) = (builder.range(a), builder.range(b));
    match draw.below(10) {
        9 => {
            let third = draw.pick(pool);
            let mut term =
                |net: NetId| Addend { subtract: draw.below(2) == 0, net, shift: draw.small(-9, 9) };
            let (second, third) = (term(b), term(third));
            let mut sum = x;
            for term in [second, third] {
                let moved = builder.range(term.net).shift(term.shift)?;
                sum = if term.subtract { sum.subtract(moved)? } else { sum.add(moved)? };
                fits(Some(sum))?;
            }
            Some(builder.sum(a, second, third))
        }
        0 | 1 => {
            let shift = draw.small(-9, 9);
            fits(x.add(y.shift(shift)?))?;
            Some(builder.add(a, b, shift))
        }
        2 => {
            let shift = draw.small(-9, 9);
            fits(x.subtract(y.shift(shift)?))?;
            Some(builder.subtract(a, b, shift))
        }
        3 => {
            fits(x.multiply(y))?;
            Some(builder.multiply(a, b))
        }
        4 => {
            fits(x.union(y))?;
            fits(x.subtract(y))?;
            let condition = builder.less(a, b);
            Some(builder.select(condition, a, b))
        }
        5 => {
            fits(x.subtract(y))?;
            Some(builder.less(a, b))
        }
        6 => {
            let own = builder.net(a).format();
            let width = u8::try_from(draw.below(usize::from(own.width()) + 2) + 1).unwrap();
            let frac = own.frac() + draw.small(-6, 3);
            let format = FixedFormat::new(draw.below(2) == 0, width.min(63), frac).ok()?;
            Some(builder.truncate(a, format))
        }
        7 => Some(builder.shift(a, draw.small(-5, 5))),
        _ => {
            let index = pool
                .iter()
                .copied()
                .find(|net| builder.net(*net).width() <= 6 && draw.below(4) == 0)?;
            Some(builder.lookup(table(draw, builder.range(index)), index))
        }
    }
}

fn constant(draw: &mut Draw, builder: &mut Builder) -> NetId {
    let raw = match draw.below(3) {
        0 => draw.pick(&[-8, -4, -1, 1, 2, 16, 1 << 40]),
        _ => draw.within(-300, 300),
    };
    builder.constant(raw, draw.small(-3, 9))
}

fn table(draw: &mut Draw, index: Interval) -> Table {
    let reach = 1_i64 << draw.below(50);
    let lowest = if draw.below(2) == 0 { 0 } else { -reach };
    let first = index.lo() - draw.within(0, 2);
    let last = index.hi() + draw.within(0, 2);
    let values = (first..=last).map(|_| draw.within(lowest, reach)).collect();
    Table { first, values, frac: draw.small(-2, 12) }
}

/// Drawn events for the inputs of `module`.
pub(crate) fn events(draw: &mut Draw, module: &Module, events: usize) -> Vec<Block<i64>> {
    let block = |port: &trigforge::netlist::Port| {
        let mut block = Block::zeros(port.nets.len(), events, port.frac());
        for (index, format) in port.formats.iter().enumerate() {
            let up = u32::try_from(port.frac() - format.frac()).unwrap();
            for value in block.element_mut(index) {
                *value = draw.value(*format) << up;
            }
        }
        block
    };
    module.inputs.iter().map(block).collect()
}

/// `y = saturate(relu(W x + b))` for three numbers, combinational.
pub(crate) fn tiny_dense() -> Module {
    let mut builder = Builder::new(layer("x", "input"));
    let x = builder.input("x", &["fixed<6,3>".parse().unwrap(); 3]);
    builder.begin_layer(layer("/fc1/Gemm", "Gemm"));
    let pair = builder.subtract(x[0], x[1], 1);
    let first = builder.add(pair, x[2], 2);
    let bias = builder.constant(-5, 2);
    let second = builder.add(pair, bias, 0);
    builder.begin_layer(layer("/act/Relu", "Relu"));
    let zero = builder.constant(0, 0);
    let format: FixedFormat = "ufixed<5,3>".parse().unwrap();
    let top = builder.constant(format.max_raw(), format.frac());
    let saturated: Vec<NetId> = [first, second]
        .into_iter()
        .map(|net| {
            let negative = builder.less(net, zero);
            let over = builder.less(top, net);
            let cut = builder.truncate(net, format);
            let high = builder.select(over, top, cut);
            builder.select(negative, zero, high)
        })
        .collect();
    builder.output("y", saturated, vec![format; 2]);
    builder.finish(0)
}

/// A sum, a table and an index of the larger, in three clock cycles.
pub(crate) fn tiny_pipeline() -> Module {
    let mut builder = Builder::new(layer("x", "input"));
    let x = builder.input("x", &["fixed<4,2>".parse().unwrap(), "ufixed<3,1>".parse().unwrap()]);
    let x: Vec<NetId> = x.into_iter().map(|net| builder.register(net)).collect();
    builder.begin_layer(layer("sum", "Add"));
    let sum = builder.add(x[0], x[1], 0);
    let (sum, kept) = (builder.register(sum), builder.register(x[0]));
    builder.begin_layer(layer("sigmoid", "Sigmoid"));
    let range = builder.range(sum);
    let values = (range.lo()..=range.hi()).map(|raw| (raw + 12) * (raw + 12) / 16).collect();
    let table = Table { first: range.lo(), values, frac: 4 };
    let y = builder.lookup(table, sum);
    let y = builder.register(y);
    builder.begin_layer(layer("class", "ArgMax"));
    let larger = builder.less(kept, sum);
    let larger = builder.register(larger);
    let format = builder.net(y).format();
    builder.output("probability", vec![y], vec![format]);
    builder.output("class", vec![larger], vec!["ufixed<1,1>".parse().unwrap()]);
    builder.finish(3)
}
