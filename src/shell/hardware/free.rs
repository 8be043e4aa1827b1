//! [`Free`]: the core at a fixed latency, with nothing that could hold it up.

use rust_hdl::prelude::*;

use super::super::core::Core;
use super::super::free::Beam;
use super::delay::Delay;
use super::engine::Engine;

/// The core behind words of `W` bits that come and go without being asked.
#[derive(LogicBlock)]
pub(in crate::shell) struct Free<const W: usize> {
    pub(in crate::shell) clock: Signal<In, Clock>,
    pub(in crate::shell) reset: Signal<In, bool>,
    pub(in crate::shell) threshold: Signal<In, Bits<32>>,
    pub(in crate::shell) in_data: Signal<In, Bits<W>>,
    pub(in crate::shell) in_valid: Signal<In, bool>,
    pub(in crate::shell) in_start: Signal<In, bool>,
    pub(in crate::shell) in_bc0: Signal<In, bool>,
    pub(in crate::shell) out_data: Signal<Out, Bits<W>>,
    pub(in crate::shell) out_valid: Signal<Out, bool>,
    pub(in crate::shell) out_start: Signal<Out, bool>,
    pub(in crate::shell) out_last: Signal<Out, bool>,
    pub(in crate::shell) out_accept: Signal<Out, bool>,
    pub(in crate::shell) out_overflow: Signal<Out, bool>,
    pub(in crate::shell) out_bunch: Signal<Out, Bits<12>>,
    pub(in crate::shell) fault: Signal<Out, bool>,
    engine: Engine<W>,
    bunches: Delay<12>,
    launches: Delay<1>,
    /// The bunch crossing of this clock, and the clocks since it began.
    now: Signal<Local, Bits<12>>,
    since: Signal<Local, Bits<16>>,
    bunch: DFF<Bits<12>>,
    phase: DFF<Bits<16>>,
    /// An event has begun and is not whole, and the words of it that are there.
    open: DFF<bool>,
    loaded: DFF<Bits<16>>,
    count: Signal<Local, Bits<16>>,
    fresh: Signal<Local, bool>,
    take: Signal<Local, bool>,
    launch: DFF<Bits<1>>,
    first: Signal<Local, bool>,
    shown: Signal<Local, Bits<12>>,
    held: DFF<Bits<12>>,
    unfinished: DFF<bool>,
    broken: DFF<bool>,
    yes: Constant<Bits<1>>,
    no: Constant<Bits<1>>,
    nothing: Constant<Bits<16>>,
    one: Constant<Bits<16>>,
    input_words: Constant<Bits<16>>,
    last_clock: Constant<Bits<16>>,
    first_bunch: Constant<Bits<12>>,
    next_bunch: Constant<Bits<12>>,
    last_bunch: Constant<Bits<12>>,
    zero: Constant<Bits<32>>,
}

impl<const W: usize> Free<W> {
    /// The shell of a core in a beam.
    pub(in crate::shell) fn new(core: Core, beam: Beam) -> Self {
        let packing = core.packing;
        assert_eq!(W, packing.word.bits(), "the words of the packing");
        let words = usize::from(packing.input_words);
        let latency = usize::try_from(core.interface.latency).expect("a small number");
        Self {
            clock: Signal::default(),
            reset: Signal::default(),
            threshold: Signal::default(),
            in_data: Signal::default(),
            in_valid: Signal::default(),
            in_start: Signal::default(),
            in_bc0: Signal::default(),
            out_data: Signal::default(),
            out_valid: Signal::default(),
            out_start: Signal::default(),
            out_last: Signal::default(),
            out_accept: Signal::default(),
            out_overflow: Signal::default(),
            out_bunch: Signal::default(),
            fault: Signal::default(),
            engine: Engine::new(core),
            bunches: Delay::new(words + latency + 1),
            launches: Delay::new(latency + 1),
            now: Signal::default(),
            since: Signal::default(),
            bunch: DFF::default(),
            phase: DFF::default(),
            open: DFF::default(),
            loaded: DFF::default(),
            count: Signal::default(),
            fresh: Signal::default(),
            take: Signal::default(),
            launch: DFF::default(),
            first: Signal::default(),
            shown: Signal::default(),
            held: DFF::default(),
            unfinished: DFF::default(),
            broken: DFF::default(),
            yes: Constant::new(1_u64.into()),
            no: Constant::new(0_u64.into()),
            nothing: Constant::new(0_u64.into()),
            one: Constant::new(1_u64.into()),
            input_words: Constant::new(u64::from(packing.input_words).into()),
            last_clock: Constant::new(u64::from(beam.period - 1).into()),
            first_bunch: Constant::new(0_u64.into()),
            next_bunch: Constant::new(1_u64.into()),
            last_bunch: Constant::new(u64::from(beam.orbit - 1).into()),
            zero: Constant::new(0_u64.into()),
        }
    }
}

impl<const W: usize> Logic for Free<W> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, engine, bunches, launches);
        dff_setup!(self, clock, bunch, phase, open, loaded, launch, held, unfinished, broken);
        self.now.next = self.bunch.q.val();
        self.since.next = self.phase.q.val();
        if self.in_bc0.val() {
            self.now.next = self.first_bunch.val();
            self.since.next = self.nothing.val();
        }
        self.bunch.d.next = self.now.val();
        self.phase.d.next = self.since.val() + self.one.val();
        if self.since.val() == self.last_clock.val() {
            self.phase.d.next = self.nothing.val();
            self.bunch.d.next = self.now.val() + self.next_bunch.val();
            if self.now.val() == self.last_bunch.val() {
                self.bunch.d.next = self.first_bunch.val();
            }
        }

        self.fresh.next = self.in_valid.val() & self.in_start.val();
        self.take.next = self.in_valid.val() & (self.in_start.val() | self.open.q.val());
        self.count.next = self.loaded.q.val() + self.one.val();
        if self.fresh.val() {
            self.count.next = self.one.val();
        }
        self.open.d.next = false;
        self.launch.d.next = self.no.val();
        if self.take.val() {
            self.loaded.d.next = self.count.val();
            self.open.d.next = self.count.val() != self.input_words.val();
            if self.count.val() == self.input_words.val() {
                self.launch.d.next = self.yes.val();
            }
        }
        self.engine.clear.next = self.reset.val();
        self.engine.load.next = self.take.val();
        self.engine.word.next = self.in_data.val();
        self.engine.launch.next = self.launch.q.val() == self.yes.val();
        self.engine.threshold.next = self.threshold.val();
        self.launches.d.next = self.launch.q.val();
        self.bunches.d.next = self.now.val();

        self.first.next =
            (self.launches.q.val() == self.yes.val()) & self.engine.result_valid.val();
        self.shown.next = self.held.q.val();
        if self.first.val() {
            self.shown.next = self.bunches.q.val();
        }
        self.held.d.next = self.shown.val();
        self.out_data.next = self.engine.result.val();
        self.out_valid.next = self.engine.result_valid.val();
        self.out_start.next = self.first.val();
        self.out_last.next = self.engine.result_last.val();
        self.out_accept.next = self.engine.accept.val();
        self.out_bunch.next = self.shown.val();
        self.out_overflow.next = (self.engine.overflow_0.val() != self.zero.val())
            | (self.engine.overflow_1.val() != self.zero.val())
            | (self.engine.overflow_2.val() != self.zero.val())
            | (self.engine.overflow_3.val() != self.zero.val());

        self.unfinished.d.next = self.engine.result_valid.val() & !self.engine.result_last.val();
        self.fault.next = self.broken.q.val();
        // An event that another one or a pause breaks off, words that belong to none, results that
        // those of the next event cut short.
        if (self.open.q.val() & (!self.in_valid.val() | self.in_start.val()))
            | (self.in_valid.val() & !self.take.val())
            | (self.first.val() & self.unfinished.q.val())
        {
            self.broken.d.next = true;
        }
        if self.reset.val() {
            self.bunch.d.next = self.first_bunch.val();
            self.phase.d.next = self.nothing.val();
            self.open.d.next = false;
            self.launch.d.next = self.no.val();
            self.unfinished.d.next = false;
            self.broken.d.next = false;
        }
    }
}
