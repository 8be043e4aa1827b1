//! [`Delay`]: a value some clocks later.

use std::collections::VecDeque;

use rust_hdl::prelude::*;

/// A line of registers without a reset, which a device may build as a shift register.
#[derive(LogicBlock)]
pub(super) struct Delay<const N: usize> {
    pub(super) clock: Signal<In, Clock>,
    pub(super) d: Signal<In, Bits<N>>,
    pub(super) q: Signal<Out, Bits<N>>,
    _line: VecDeque<Bits<N>>,
}

impl<const N: usize> Delay<N> {
    /// A delay of `clocks`, at least one.
    pub(super) fn new(clocks: usize) -> Self {
        assert!(clocks > 0, "a delay of no clock is a wire");
        Self {
            clock: Signal::default(),
            d: Signal::default(),
            q: Signal::default(),
            _line: std::iter::repeat_n(0_u64.into(), clocks).collect(),
        }
    }
}

impl<const N: usize> Logic for Delay<N> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self._line.pop_back();
            self._line.push_front(self.d.val());
        }
        self.q.next = *self._line.back().expect("at least one register");
    }

    fn connect(&mut self) {
        self.q.connect();
    }

    fn hdl(&self) -> Verilog {
        let bits = N * self._line.len();
        let shifted = match bits - N {
            0 => "d".to_owned(),
            1 => "{line[0], d}".to_owned(),
            kept => format!("{{line[{}:0], d}}", kept - 1),
        };
        Verilog::Custom(format!(
            "reg [{top}:0] line = {bits}'d0;
always @(posedge clock) line <= {shifted};
always @(*) q = line[{top}:{low}];",
            top = bits - 1,
            low = bits - N,
        ))
    }
}
