//! [`Sequencer`]: gathers words to events and launches them when there is room for what comes out.

use rust_hdl::prelude::*;

/// Takes words, and says when a whole event stands before the core.
///
/// An event is launched only if the output FIFO has room for all results that are on the way and
/// for its own, and not before the results of the event before it are written: so nothing that
/// waits behind the core can ever lose a word. A packet that is not exactly one event long is
/// dropped and counted.
#[derive(LogicBlock)]
pub(super) struct Sequencer {
    pub(super) clock: Signal<In, Clock>,
    pub(super) clear: Signal<In, bool>,
    /// A word is there, and whether it is the last of its packet.
    pub(super) word_valid: Signal<In, bool>,
    pub(super) word_last: Signal<In, bool>,
    /// The word is taken at this edge.
    pub(super) word_take: Signal<Out, bool>,
    /// The word taken belongs to an event.
    pub(super) load: Signal<Out, bool>,
    /// The event before the core enters it at this edge.
    pub(super) launch: Signal<Out, bool>,
    /// A packet is dropped at this edge.
    pub(super) drop: Signal<Out, bool>,
    /// A word leaves the output FIFO at this edge.
    pub(super) sent: Signal<In, bool>,
    loaded: DFF<Bits<16>>,
    base: Signal<Local, Bits<16>>,
    next_count: Signal<Local, Bits<16>>,
    full: Signal<Local, bool>,
    go: Signal<Local, bool>,
    take: Signal<Local, bool>,
    skipping: DFF<bool>,
    spacing: DFF<Bits<16>>,
    reserved: DFF<Bits<11>>,
    nothing: Constant<Bits<16>>,
    one: Constant<Bits<16>>,
    input_words: Constant<Bits<16>>,
    pause: Constant<Bits<16>>,
    one_word: Constant<Bits<11>>,
    output_words: Constant<Bits<11>>,
    limit: Constant<Bits<11>>,
    none: Constant<Bits<11>>,
}

impl Sequencer {
    /// For events of `input_words` and results of `output_words`, with an output FIFO of `depth`.
    pub(super) fn new(input_words: u64, output_words: u64, depth: u64) -> Self {
        assert!(output_words <= depth, "the results of one event fit the FIFO");
        Self {
            clock: Signal::default(),
            clear: Signal::default(),
            word_valid: Signal::default(),
            word_last: Signal::default(),
            word_take: Signal::default(),
            load: Signal::default(),
            launch: Signal::default(),
            drop: Signal::default(),
            sent: Signal::default(),
            loaded: DFF::default(),
            base: Signal::default(),
            next_count: Signal::default(),
            full: Signal::default(),
            go: Signal::default(),
            take: Signal::default(),
            skipping: DFF::default(),
            spacing: DFF::default(),
            reserved: DFF::default(),
            nothing: Constant::new(0_u64.into()),
            one: Constant::new(1_u64.into()),
            input_words: Constant::new(input_words.into()),
            pause: Constant::new((output_words - 1).into()),
            one_word: Constant::new(1_u64.into()),
            output_words: Constant::new(output_words.into()),
            limit: Constant::new((depth - output_words).into()),
            none: Constant::new(0_u64.into()),
        }
    }
}

impl Logic for Sequencer {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, loaded, skipping, spacing, reserved);
        self.full.next = self.loaded.q.val() == self.input_words.val();
        self.go.next = self.full.val()
            & (self.spacing.q.val() == self.nothing.val())
            & (self.reserved.q.val() <= self.limit.val())
            & !self.clear.val();
        self.take.next = self.word_valid.val() & (!self.full.val() | self.go.val());
        self.launch.next = self.go.val();
        self.word_take.next = self.take.val();
        self.load.next = self.take.val() & !self.skipping.q.val();
        self.drop.next = false;
        self.base.next = self.loaded.q.val();
        if self.full.val() {
            self.base.next = self.nothing.val();
        }
        self.next_count.next = self.base.val() + self.one.val();
        if self.go.val() {
            self.loaded.d.next = self.nothing.val();
        }
        if self.take.val() {
            if self.skipping.q.val() {
                self.skipping.d.next = !self.word_last.val();
            } else {
                self.loaded.d.next = self.next_count.val();
                if self.word_last.val() != (self.next_count.val() == self.input_words.val()) {
                    self.drop.next = true;
                    self.loaded.d.next = self.nothing.val();
                    self.skipping.d.next = !self.word_last.val();
                }
            }
        }
        if self.go.val() {
            self.spacing.d.next = self.pause.val();
        } else if self.spacing.q.val() != self.nothing.val() {
            self.spacing.d.next = self.spacing.q.val() - self.one.val();
        }
        if self.go.val() & !self.sent.val() {
            self.reserved.d.next = self.reserved.q.val() + self.output_words.val();
        }
        if self.go.val() & self.sent.val() {
            self.reserved.d.next =
                self.reserved.q.val() + self.output_words.val() - self.one_word.val();
        }
        if !self.go.val() & self.sent.val() {
            self.reserved.d.next = self.reserved.q.val() - self.one_word.val();
        }
        if self.clear.val() {
            self.loaded.d.next = self.nothing.val();
            self.skipping.d.next = false;
            self.spacing.d.next = self.nothing.val();
            self.reserved.d.next = self.none.val();
        }
    }
}
