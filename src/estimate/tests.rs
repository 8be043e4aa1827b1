use super::*;
use crate::netlist::text;
use crate::plan::device;

/// The total cost of a module given in its text form.
fn total(nets: &str) -> Cost {
    let module = text::parse(&format!("netlist latency 0\n  layer0 \"x\" (test)\n{nets}")).unwrap();
    crate::netlist::verify::verify(&module).unwrap();
    estimate(&module, device("xcvu9p").unwrap(), 5.0).total
}

const TWO_WORDS: &str = "
  n0 = input 0.0 : -128..=127*2^0 @ layer0
  n1 = input 0.1 : -128..=127*2^0 @ layer0
  input \"x\" n0:fixed<8,8> n1:fixed<8,8>
";

#[test]
fn sums_cost_where_their_terms_overlap() {
    let with = |net: &str, format: &str| {
        total(&format!("{TWO_WORDS}  n2 = {net} @ layer0\n  output \"y\" n2:{format}\n"))
    };
    assert_eq!(with("add n0, n1 << 0 : -256..=254*2^0", "fixed<9,9>").lut, 8);
    assert_eq!(with("add n0, n1 << 3 : -1152..=1143*2^0", "fixed<12,12>").lut, 8);
    assert_eq!(with("subtract n0, n1 << -3 : -1151..=1144*2^-3", "fixed<12,9>").lut, 11);
}

#[test]
fn a_saturating_rectifier_is_one_table_for_each_bit() {
    let cost = total(
        "
  n0 = input 0.0 : -2048..=2047*2^-4 @ layer0
  n1 = truncate n0 ufixed<1,8> : 0..=1*2^7 @ layer0
  n2 = shift n1 << -7 : 0..=1*2^0 @ layer0
  n3 = constant : 0..=0*2^0 @ layer0
  n4 = truncate n0 ufixed<3,7> : 0..=7*2^4 @ layer0
  n5 = shift n4 << -4 : 0..=7*2^0 @ layer0
  n6 = less n3, n5 : 0..=1*2^0 @ layer0
  n7 = constant : 63..=63*2^-2 @ layer0
  n8 = truncate n0 ufixed<6,4> : 0..=63*2^-2 @ layer0
  n9 = select n6, n7, n8 : 0..=63*2^-2 @ layer0
  n10 = select n2, n3, n9 : 0..=63*2^-2 @ layer0
  input \"x\" n0:fixed<12,8>
  output \"y\" n10:ufixed<6,4>
",
    );
    assert_eq!(cost.lut, 6);
}

#[test]
fn wires_side_by_side_cost_nothing_and_take_no_time() {
    let text = "netlist latency 0
  layer0 \"x\" (test)
  n0 = input 0.0 : 0..=7*2^0 @ layer0
  n1 = input 0.1 : -8..=7*2^0 @ layer0
  n2 = add n0, n1 << 3 : -64..=63*2^0 @ layer0
  input \"x\" n0:ufixed<3,3> n1:fixed<4,4>
  output \"y\" n2:fixed<7,7>
";
    let module = text::parse(text).unwrap();
    let sum = module.outputs[0].nets[0];
    for device in crate::plan::devices() {
        let cost = estimate(&module, device, 5.0).total;
        assert_eq!((cost.lut, cost.adders), (0, 0), "{}", device.name);
        assert_eq!(delays(&module, device)[sum].to_bits(), 0, "{}", device.name);
    }
}

#[test]
fn sums_of_delays_come_out_as_they_are_on_paper() {
    let nets = "
  n2 = add n0, n1 << 0 : -256..=254*2^0 @ layer0
  n3 = add n2, n1 << 0 : -384..=381*2^0 @ layer0
  output \"y\" n3:fixed<10,10>
";
    let text = format!("netlist latency 0\n  layer0 \"x\" (test){TWO_WORDS}{nets}");
    let module = text::parse(&text).unwrap();
    let ids: Vec<NetId> = module.nets.ids().collect();
    let mut delays = SideTable::filled(module.nets.len(), 0.0);
    (delays[ids[2]], delays[ids[3]]) = (0.1, 0.2);
    // Added up as they stand they make 0.30000000000000004.
    assert_eq!(stages(&module, &delays, 0.15), [0.3]);
}
