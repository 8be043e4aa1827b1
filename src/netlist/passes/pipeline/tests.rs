use std::num::NonZeroU32;

use proptest::prelude::*;

use super::registers;
use super::stages::best_stages;
use super::timing::{Stages, Timing};
use crate::entity::SideTable;
use crate::netlist::passes::tests::{drawn, format, longest_stage, step};
use crate::netlist::{Cell, Module, NetId};

/// One for each cell that is more than wires.
fn unit_delays(module: &Module) -> SideTable<NetId, f64> {
    let mut delays = SideTable::filled(module.nets.len(), 0.0);
    for (id, net) in module.nets.iter() {
        delays[id] = match net.cell {
            Cell::Input { .. } | Cell::Constant | Cell::Truncate { .. } | Cell::Shift { .. } => 0.0,
            Cell::Add { .. }
            | Cell::Sum { .. }
            | Cell::Multiply { .. }
            | Cell::Select { .. }
            | Cell::Less { .. }
            | Cell::Lookup { .. }
            | Cell::Register { .. } => 1.0,
        };
    }
    delays
}

/// The bits in registers that an assignment needs.
fn register_bits(timing: &Timing, stages: &Stages, last: u32) -> u64 {
    let bits = |id: NetId| {
        let users = timing.users[id].iter().map(|user| stages[*user]);
        let until = if timing.is_output[id] { Some(last) } else { users.max() };
        let kept = until.map_or(0, |until| until - stages[id]);
        u64::from(kept) * u64::from(timing.module.nets[id].width())
    };
    let is_kept = |id: &NetId| timing.module.nets[*id].cell != Cell::Constant;
    timing.module.nets.ids().filter(is_kept).map(bits).sum()
}

/// The fewest register bits of all assignments that `period` allows.
fn fewest_bits(timing: &Timing, period: f64, last: u32) -> Option<u64> {
    let mut stages = SideTable::filled(timing.module.nets.len(), 0);
    let nets: Vec<NetId> = timing.module.nets.ids().collect();
    let mut fewest = None;
    visit(timing, &nets, &mut stages, (period, last), &mut fewest);
    fewest
}

fn visit(
    timing: &Timing,
    nets: &[NetId],
    stages: &mut Stages,
    limits: (f64, u32),
    fewest: &mut Option<u64>,
) {
    let (period, last) = limits;
    let Some((net, rest)) = nets.split_first() else {
        if timing.too_long(stages, period).is_empty() {
            let bits = register_bits(timing, stages, last);
            *fewest = Some(fewest.map_or(bits, |fewest| fewest.min(bits)));
        }
        return;
    };
    let from = timing.operands(*net).map(|operand| stages[operand]).max().unwrap_or(0);
    let is_fixed = matches!(timing.module.nets[*net].cell, Cell::Input { .. } | Cell::Constant);
    for stage in from..=if is_fixed { 0 } else { last } {
        stages[*net] = stage;
        visit(timing, rest, stages, limits, fewest);
    }
    stages[*net] = 0;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_assignment_needs_fewer_register_bits(
        inputs in prop::collection::vec(format(), 1..3),
        steps in prop::collection::vec(step(), 1..9),
        period in 1..4_u32,
        spare in 0..2_u32,
    ) {
        let module = crate::netlist::passes::optimize(&drawn(&inputs, &steps));
        let delays = unit_delays(&module);
        let timing = Timing::new(&module, &delays);
        let limit = f64::from(period);
        let last = timing.least_last(limit) + spare;
        prop_assume!(last <= 3);
        let stages = best_stages(&timing, limit, last).unwrap();
        prop_assert!(timing.too_long(&stages, limit).is_empty());
        prop_assert_eq!(Some(register_bits(&timing, &stages, last)), fewest_bits(&timing, limit, last));
    }

    #[test]
    fn stages_are_as_many_as_asked_for_and_meet_the_clock(
        inputs in prop::collection::vec(format(), 1..3),
        steps in prop::collection::vec(step(), 1..30),
        period in 1..4_u32,
        spare in 0..3_u32,
    ) {
        let module = drawn(&inputs, &steps);
        let delays = unit_delays(&module);
        let pipeline = |stages| registers::pipeline(&module, &delays, f64::from(period), stages);
        let least = pipeline(None).unwrap();
        let more = pipeline(NonZeroU32::new(least.latency + 1 + spare)).unwrap();
        prop_assert_eq!(more.latency, least.latency + spare);
        prop_assert!(longest_stage(&more) <= period);
        // None of them could be left out.
        let fewer = NonZeroU32::new(least.latency);
        prop_assert!(fewer.is_none_or(|fewer| pipeline(Some(fewer)).is_err()));
    }
}

#[test]
fn too_few_stages_say_how_many_are_needed() {
    let module = crate::netlist::text::parse(
        "netlist latency 0
  layer0 \"x\" (input)
  n0 = input 0.0 : -8..=7*2^0 @ layer0
  n1 = input 0.1 : -8..=7*2^0 @ layer0
  n2 = multiply n0, n1 : -56..=64*2^0 @ layer0
  n3 = multiply n2, n1 : -512..=448*2^0 @ layer0
  n4 = multiply n3, n1 : -3584..=4096*2^0 @ layer0
  input \"x\" n0:fixed<4,4> n1:fixed<4,4>
  output \"y\" n4:fixed<14,14>
",
    )
    .unwrap();
    let delays = unit_delays(&module);
    let two = NonZeroU32::new(2);
    let fault = registers::pipeline(&module, &delays, 1.5, two).unwrap_err();
    assert_eq!(fault.code.name(), "P0302");
    assert_eq!(fault.message, "with `stages = 2` a stage takes 2.00 ns");
    assert!(fault.help.contains("`stages = 3`"), "{}", fault.help);
    assert_eq!(registers::pipeline(&module, &delays, 2.0, two).unwrap().latency, 1);
}
