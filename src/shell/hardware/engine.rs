//! [`Engine`]: the core between a register that gathers words and one that hands them out.

use std::collections::VecDeque;

use rust_hdl::prelude::*;

use super::super::core::Core;
use super::super::text;

/// What only the simulation and the text of the [`Engine`] need.
pub(super) struct Body {
    core: Core,
    /// The words before the core, the oldest first.
    event: VecDeque<u64>,
    /// Which stages of the core an event is in, the newest first.
    travel: VecDeque<bool>,
    results: VecDeque<u64>,
    accepted: bool,
    /// The overflow flags of the event whose results have just come out.
    overflow: [u32; 4],
}

/// The core with its words. Its Verilog is a template; its simulation steps the netlist of the
/// core at each clock edge.
#[derive(LogicBlock)]
pub(super) struct Engine<const W: usize> {
    pub(super) clock: Signal<In, Clock>,
    pub(super) clear: Signal<In, bool>,
    pub(super) load: Signal<In, bool>,
    pub(super) word: Signal<In, Bits<W>>,
    pub(super) launch: Signal<In, bool>,
    pub(super) threshold: Signal<In, Bits<32>>,
    pub(super) result_valid: Signal<Out, bool>,
    pub(super) result: Signal<Out, Bits<W>>,
    pub(super) result_last: Signal<Out, bool>,
    pub(super) accept: Signal<Out, bool>,
    /// For one clock behind the core: which layers overflowed.
    pub(super) overflow_0: Signal<Out, Bits<32>>,
    pub(super) overflow_1: Signal<Out, Bits<32>>,
    pub(super) overflow_2: Signal<Out, Bits<32>>,
    pub(super) overflow_3: Signal<Out, Bits<32>>,
    _body: Body,
}

impl<const W: usize> Engine<W> {
    pub(super) fn new(core: Core) -> Self {
        let words = usize::from(core.packing.input_words);
        let latency = usize::try_from(core.interface.latency).expect("a small number");
        let body = Body {
            event: std::iter::repeat_n(0, words).collect(),
            travel: std::iter::repeat_n(false, latency).collect(),
            results: VecDeque::new(),
            accepted: false,
            overflow: [0; 4],
            core,
        };
        Self {
            clock: Signal::default(),
            clear: Signal::default(),
            load: Signal::default(),
            word: Signal::default(),
            launch: Signal::default(),
            threshold: Signal::default(),
            result_valid: Signal::default(),
            result: Signal::default(),
            result_last: Signal::default(),
            accept: Signal::default(),
            overflow_0: Signal::default(),
            overflow_1: Signal::default(),
            overflow_2: Signal::default(),
            overflow_3: Signal::default(),
            _body: body,
        }
    }

    /// What happens at a rising edge, with the inputs as they were before it.
    fn edge(&mut self) {
        let (launch, load, clear) = (self.launch.val(), self.load.val(), self.clear.val());
        let body = &mut self._body;
        let threshold = u32::try_from(u64::from(self.threshold.val())).expect("32 bits");
        let shown = body.core.step(body.event.make_contiguous());
        body.travel.push_front(launch);
        let arrive = body.travel.pop_back().expect("one was pushed");
        body.overflow = if arrive && !clear { shown.overflow } else { [0; 4] };
        if clear {
            body.travel.iter_mut().for_each(|stage| *stage = false);
            body.results.clear();
        } else if arrive {
            body.results = shown.words.into();
            body.accepted = shown.score >= i64::from(threshold.cast_signed());
        } else {
            body.results.pop_front();
        }
        if load {
            body.event.pop_front();
            body.event.push_back(u64::from(self.word.val()));
        }
    }
}

impl<const W: usize> Logic for Engine<W> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            self.edge();
        }
        let body = &self._body;
        self.result_valid.next = !body.results.is_empty();
        self.result.next = body.results.front().copied().unwrap_or(0).into();
        self.result_last.next = body.results.len() == 1;
        self.accept.next = body.accepted;
        let [first, second, third, fourth] = body.overflow.map(|word| u64::from(word).into());
        self.overflow_0.next = first;
        self.overflow_1.next = second;
        self.overflow_2.next = third;
        self.overflow_3.next = fourth;
    }

    fn connect(&mut self) {
        self.result_valid.connect();
        self.result.connect();
        self.result_last.connect();
        self.accept.connect();
        self.overflow_0.connect();
        self.overflow_1.connect();
        self.overflow_2.connect();
        self.overflow_3.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(text::engine(&self._body.core.interface, self._body.core.packing))
    }
}
