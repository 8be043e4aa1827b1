//! [`Registers`]: what a processor sees of the shell, behind AXI4-Lite.

use rust_hdl::prelude::*;

use super::super::map;

/// The register file of [`map::REGISTERS`]. One access at a time; whole words only.
#[derive(LogicBlock)]
pub(super) struct Registers {
    pub(super) clock: Signal<In, Clock>,
    pub(super) running: Signal<In, bool>,
    pub(super) awaddr: Signal<In, Bits<8>>,
    pub(super) awvalid: Signal<In, bool>,
    pub(super) awready: Signal<Out, bool>,
    pub(super) wdata: Signal<In, Bits<32>>,
    pub(super) wstrb: Signal<In, Bits<4>>,
    pub(super) wvalid: Signal<In, bool>,
    pub(super) wready: Signal<Out, bool>,
    pub(super) bresp: Signal<Out, Bits<2>>,
    pub(super) bvalid: Signal<Out, bool>,
    pub(super) bready: Signal<In, bool>,
    pub(super) araddr: Signal<In, Bits<8>>,
    pub(super) arvalid: Signal<In, bool>,
    pub(super) arready: Signal<Out, bool>,
    pub(super) rdata: Signal<Out, Bits<32>>,
    pub(super) rresp: Signal<Out, Bits<2>>,
    pub(super) rvalid: Signal<Out, bool>,
    pub(super) rready: Signal<In, bool>,
    /// A reset waits for the end of the packet that is going out; nothing more may enter.
    pub(super) draining: Signal<Out, bool>,
    /// No packet is going out after the next edge, unless one begins.
    pub(super) between: Signal<In, bool>,
    /// Everything but these registers starts anew; no word goes out meanwhile.
    pub(super) clear: Signal<Out, bool>,
    pub(super) threshold: Signal<Out, Bits<32>>,
    /// An event entered, a result left, it was accepted, a packet was dropped, bytes were missing.
    pub(super) entered: Signal<In, bool>,
    pub(super) left: Signal<In, bool>,
    pub(super) accepted: Signal<In, bool>,
    pub(super) dropped: Signal<In, bool>,
    pub(super) null_bytes: Signal<In, bool>,
    /// A result came without room for it, which must not happen.
    pub(super) overrun: Signal<In, bool>,
    /// Which layers overflowed in the event whose results have just come out.
    pub(super) overflow_0: Signal<In, Bits<32>>,
    pub(super) overflow_1: Signal<In, Bits<32>>,
    pub(super) overflow_2: Signal<In, Bits<32>>,
    pub(super) overflow_3: Signal<In, Bits<32>>,
    write: Signal<Local, bool>,
    written: DFF<bool>,
    write_fault: DFF<bool>,
    answered: DFF<bool>,
    read_fault: DFF<bool>,
    answer: DFF<Bits<32>>,
    soft_reset: DFF<bool>,
    closed: DFF<bool>,
    cut: DFF<Bits<32>>,
    events_in: DFF<Bits<32>>,
    events_out: DFF<Bits<32>>,
    events_accepted: DFF<Bits<32>>,
    packets_dropped: DFF<Bits<32>>,
    null_seen: DFF<bool>,
    overrun_seen: DFF<bool>,
    flags_0: DFF<Bits<32>>,
    flags_1: DFF<Bits<32>>,
    flags_2: DFF<Bits<32>>,
    flags_3: DFF<Bits<32>>,
    one: Constant<Bits<32>>,
    two: Constant<Bits<32>>,
    three: Constant<Bits<32>>,
    zero: Constant<Bits<32>>,
    whole: Constant<Bits<4>>,
    okay: Constant<Bits<2>>,
    slave_error: Constant<Bits<2>>,
    at_identification: Constant<Bits<8>>,
    at_version: Constant<Bits<8>>,
    at_control: Constant<Bits<8>>,
    at_status: Constant<Bits<8>>,
    at_hash_0: Constant<Bits<8>>,
    at_hash_1: Constant<Bits<8>>,
    at_hash_2: Constant<Bits<8>>,
    at_hash_3: Constant<Bits<8>>,
    at_events_in: Constant<Bits<8>>,
    at_events_out: Constant<Bits<8>>,
    at_events_accepted: Constant<Bits<8>>,
    at_packets_dropped: Constant<Bits<8>>,
    at_threshold: Constant<Bits<8>>,
    at_words: Constant<Bits<8>>,
    at_overflow_0: Constant<Bits<8>>,
    at_overflow_1: Constant<Bits<8>>,
    at_overflow_2: Constant<Bits<8>>,
    at_overflow_3: Constant<Bits<8>>,
    identification: Constant<Bits<32>>,
    version: Constant<Bits<32>>,
    hash_0: Constant<Bits<32>>,
    hash_1: Constant<Bits<32>>,
    hash_2: Constant<Bits<32>>,
    hash_3: Constant<Bits<32>>,
    words: Constant<Bits<32>>,
    reset_threshold: Constant<Bits<32>>,
}

impl Registers {
    /// A register file that tells of a core with this hash and `input_words | output_words << 16`.
    pub(super) fn new(hash: [u32; 4], words: u32) -> Self {
        let word = |value: u32| Constant::new(u64::from(value).into());
        let at = |name: &str| Constant::new(u64::from(map::address(name)).into());
        Self {
            clock: Signal::default(),
            running: Signal::default(),
            awaddr: Signal::default(),
            awvalid: Signal::default(),
            awready: Signal::default(),
            wdata: Signal::default(),
            wstrb: Signal::default(),
            wvalid: Signal::default(),
            wready: Signal::default(),
            bresp: Signal::default(),
            bvalid: Signal::default(),
            bready: Signal::default(),
            araddr: Signal::default(),
            arvalid: Signal::default(),
            arready: Signal::default(),
            rdata: Signal::default(),
            rresp: Signal::default(),
            rvalid: Signal::default(),
            rready: Signal::default(),
            draining: Signal::default(),
            between: Signal::default(),
            clear: Signal::default(),
            threshold: Signal::default(),
            entered: Signal::default(),
            left: Signal::default(),
            accepted: Signal::default(),
            dropped: Signal::default(),
            null_bytes: Signal::default(),
            overrun: Signal::default(),
            overflow_0: Signal::default(),
            overflow_1: Signal::default(),
            overflow_2: Signal::default(),
            overflow_3: Signal::default(),
            write: Signal::default(),
            written: DFF::default(),
            write_fault: DFF::default(),
            answered: DFF::default(),
            read_fault: DFF::default(),
            answer: DFF::default(),
            soft_reset: DFF::default(),
            closed: DFF::default(),
            cut: DFF::default(),
            events_in: DFF::default(),
            events_out: DFF::default(),
            events_accepted: DFF::default(),
            packets_dropped: DFF::default(),
            null_seen: DFF::default(),
            overrun_seen: DFF::default(),
            flags_0: DFF::default(),
            flags_1: DFF::default(),
            flags_2: DFF::default(),
            flags_3: DFF::default(),
            one: word(1),
            two: word(2),
            three: word(3),
            zero: word(0),
            whole: Constant::new(15_u64.into()),
            okay: Constant::new(0_u64.into()),
            slave_error: Constant::new(2_u64.into()),
            at_identification: at("identification"),
            at_version: at("version"),
            at_control: at("control"),
            at_status: at("status"),
            at_hash_0: at("hash_0"),
            at_hash_1: at("hash_1"),
            at_hash_2: at("hash_2"),
            at_hash_3: at("hash_3"),
            at_events_in: at("events_in"),
            at_events_out: at("events_out"),
            at_events_accepted: at("events_accepted"),
            at_packets_dropped: at("packets_dropped"),
            at_threshold: at("threshold"),
            at_words: at("words"),
            at_overflow_0: at("overflow_0"),
            at_overflow_1: at("overflow_1"),
            at_overflow_2: at("overflow_2"),
            at_overflow_3: at("overflow_3"),
            identification: word(map::IDENTIFICATION),
            version: word(map::VERSION),
            hash_0: word(hash[0]),
            hash_1: word(hash[1]),
            hash_2: word(hash[2]),
            hash_3: word(hash[3]),
            words: word(words),
            reset_threshold: word(map::RESET_THRESHOLD),
        }
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "a register is a line, and `rust_hdl` reads one function"
)]
impl Logic for Registers {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            written,
            write_fault,
            answered,
            read_fault,
            answer,
            soft_reset,
            closed,
            cut,
            events_in,
            events_out,
            events_accepted,
            packets_dropped,
            null_seen,
            overrun_seen,
            flags_0,
            flags_1,
            flags_2,
            flags_3
        );
        // AXI4-Stream keeps `tvalid` up until the word is taken, and a packet has an end.
        self.draining.next = self.soft_reset.q.val();
        self.clear.next = self.closed.q.val() | !self.running.val();
        self.closed.d.next = self.soft_reset.q.val() & self.between.val() & !self.closed.q.val();
        self.threshold.next = self.cut.q.val();

        self.write.next =
            self.awvalid.val() & self.wvalid.val() & !self.written.q.val() & self.running.val();
        self.awready.next = self.write.val();
        self.wready.next = self.write.val();
        self.bvalid.next = self.written.q.val();
        self.bresp.next = self.okay.val();
        if self.write_fault.q.val() {
            self.bresp.next = self.slave_error.val();
        }
        if self.closed.q.val() | !self.running.val() {
            self.soft_reset.d.next = false;
        }
        self.flags_0.d.next = self.flags_0.q.val() | self.overflow_0.val();
        self.flags_1.d.next = self.flags_1.q.val() | self.overflow_1.val();
        self.flags_2.d.next = self.flags_2.q.val() | self.overflow_2.val();
        self.flags_3.d.next = self.flags_3.q.val() | self.overflow_3.val();
        if self.written.q.val() & self.bready.val() {
            self.written.d.next = false;
        }
        if self.write.val() {
            self.written.d.next = true;
            self.write_fault.d.next = true;
            if self.wstrb.val() == self.whole.val() {
                if self.awaddr.val() == self.at_threshold.val() {
                    self.cut.d.next = self.wdata.val();
                    self.write_fault.d.next = false;
                }
                if self.awaddr.val() == self.at_control.val() {
                    if self.wdata.val() == self.one.val() {
                        self.soft_reset.d.next = true;
                    }
                    self.write_fault.d.next = self.wdata.val() > self.one.val();
                }
                if self.awaddr.val() == self.at_overflow_0.val() {
                    self.flags_0.d.next =
                        (self.flags_0.q.val() & !self.wdata.val()) | self.overflow_0.val();
                    self.write_fault.d.next = false;
                }
                if self.awaddr.val() == self.at_overflow_1.val() {
                    self.flags_1.d.next =
                        (self.flags_1.q.val() & !self.wdata.val()) | self.overflow_1.val();
                    self.write_fault.d.next = false;
                }
                if self.awaddr.val() == self.at_overflow_2.val() {
                    self.flags_2.d.next =
                        (self.flags_2.q.val() & !self.wdata.val()) | self.overflow_2.val();
                    self.write_fault.d.next = false;
                }
                if self.awaddr.val() == self.at_overflow_3.val() {
                    self.flags_3.d.next =
                        (self.flags_3.q.val() & !self.wdata.val()) | self.overflow_3.val();
                    self.write_fault.d.next = false;
                }
            }
        }

        self.arready.next = !self.answered.q.val() & self.running.val();
        self.rvalid.next = self.answered.q.val();
        self.rdata.next = self.answer.q.val();
        self.rresp.next = self.okay.val();
        if self.read_fault.q.val() {
            self.rresp.next = self.slave_error.val();
        }
        if self.answered.q.val() & self.rready.val() {
            self.answered.d.next = false;
        }
        if self.arvalid.val() & !self.answered.q.val() & self.running.val() {
            self.answered.d.next = true;
            self.read_fault.d.next = false;
            self.answer.d.next = self.zero.val();
            if self.araddr.val() == self.at_identification.val() {
                self.answer.d.next = self.identification.val();
            } else if self.araddr.val() == self.at_version.val() {
                self.answer.d.next = self.version.val();
            } else if self.araddr.val() == self.at_control.val() {
                if self.soft_reset.q.val() {
                    self.answer.d.next = self.one.val();
                }
            } else if self.araddr.val() == self.at_status.val() {
                if self.null_seen.q.val() {
                    self.answer.d.next = self.one.val();
                }
                if self.overrun_seen.q.val() {
                    self.answer.d.next = self.two.val();
                }
                if self.null_seen.q.val() & self.overrun_seen.q.val() {
                    self.answer.d.next = self.three.val();
                }
            } else if self.araddr.val() == self.at_hash_0.val() {
                self.answer.d.next = self.hash_0.val();
            } else if self.araddr.val() == self.at_hash_1.val() {
                self.answer.d.next = self.hash_1.val();
            } else if self.araddr.val() == self.at_hash_2.val() {
                self.answer.d.next = self.hash_2.val();
            } else if self.araddr.val() == self.at_hash_3.val() {
                self.answer.d.next = self.hash_3.val();
            } else if self.araddr.val() == self.at_events_in.val() {
                self.answer.d.next = self.events_in.q.val();
            } else if self.araddr.val() == self.at_events_out.val() {
                self.answer.d.next = self.events_out.q.val();
            } else if self.araddr.val() == self.at_events_accepted.val() {
                self.answer.d.next = self.events_accepted.q.val();
            } else if self.araddr.val() == self.at_packets_dropped.val() {
                self.answer.d.next = self.packets_dropped.q.val();
            } else if self.araddr.val() == self.at_threshold.val() {
                self.answer.d.next = self.cut.q.val();
            } else if self.araddr.val() == self.at_words.val() {
                self.answer.d.next = self.words.val();
            } else if self.araddr.val() == self.at_overflow_0.val() {
                self.answer.d.next = self.flags_0.q.val();
            } else if self.araddr.val() == self.at_overflow_1.val() {
                self.answer.d.next = self.flags_1.q.val();
            } else if self.araddr.val() == self.at_overflow_2.val() {
                self.answer.d.next = self.flags_2.q.val();
            } else if self.araddr.val() == self.at_overflow_3.val() {
                self.answer.d.next = self.flags_3.q.val();
            } else {
                self.read_fault.d.next = true;
            }
        }

        if self.entered.val() {
            self.events_in.d.next = self.events_in.q.val() + self.one.val();
        }
        if self.left.val() {
            self.events_out.d.next = self.events_out.q.val() + self.one.val();
        }
        if self.accepted.val() {
            self.events_accepted.d.next = self.events_accepted.q.val() + self.one.val();
        }
        if self.dropped.val() {
            self.packets_dropped.d.next = self.packets_dropped.q.val() + self.one.val();
        }
        if self.null_bytes.val() {
            self.null_seen.d.next = true;
        }
        if self.overrun.val() {
            self.overrun_seen.d.next = true;
        }
        if self.closed.q.val() | !self.running.val() {
            self.events_in.d.next = self.zero.val();
            self.events_out.d.next = self.zero.val();
            self.events_accepted.d.next = self.zero.val();
            self.packets_dropped.d.next = self.zero.val();
            self.null_seen.d.next = false;
            self.overrun_seen.d.next = false;
            self.flags_0.d.next = self.zero.val();
            self.flags_1.d.next = self.zero.val();
            self.flags_2.d.next = self.zero.val();
            self.flags_3.d.next = self.zero.val();
        }
        if !self.running.val() {
            self.written.d.next = false;
            self.answered.d.next = false;
            self.soft_reset.d.next = false;
            self.closed.d.next = false;
            self.cut.d.next = self.reset_threshold.val();
        }
    }
}
