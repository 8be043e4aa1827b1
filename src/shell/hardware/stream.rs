//! [`Stream`]: the whole shell, AXI4-Stream on both sides and AXI4-Lite for the registers.

use rust_hdl::prelude::*;

use super::super::core::Core;
use super::super::packing::{INPUT_DEPTH, mask};
use super::engine::Engine;
use super::fifo::Fifo;
use super::registers::Registers;
use super::sequencer::Sequencer;

/// The core behind words of `W` bits, which are `K` bytes.
#[derive(LogicBlock)]
pub(in crate::shell) struct Stream<const W: usize, const K: usize> {
    pub(in crate::shell) aclk: Signal<In, Clock>,
    pub(in crate::shell) aresetn: Signal<In, bool>,
    pub(in crate::shell) s_axis_tdata: Signal<In, Bits<W>>,
    pub(in crate::shell) s_axis_tkeep: Signal<In, Bits<K>>,
    pub(in crate::shell) s_axis_tlast: Signal<In, bool>,
    pub(in crate::shell) s_axis_tvalid: Signal<In, bool>,
    pub(in crate::shell) s_axis_tready: Signal<Out, bool>,
    pub(in crate::shell) m_axis_tdata: Signal<Out, Bits<W>>,
    pub(in crate::shell) m_axis_tkeep: Signal<Out, Bits<K>>,
    pub(in crate::shell) m_axis_tlast: Signal<Out, bool>,
    pub(in crate::shell) m_axis_tuser: Signal<Out, bool>,
    pub(in crate::shell) m_axis_tvalid: Signal<Out, bool>,
    pub(in crate::shell) m_axis_tready: Signal<In, bool>,
    pub(in crate::shell) s_axi_awaddr: Signal<In, Bits<8>>,
    pub(in crate::shell) s_axi_awvalid: Signal<In, bool>,
    pub(in crate::shell) s_axi_awready: Signal<Out, bool>,
    pub(in crate::shell) s_axi_wdata: Signal<In, Bits<32>>,
    pub(in crate::shell) s_axi_wstrb: Signal<In, Bits<4>>,
    pub(in crate::shell) s_axi_wvalid: Signal<In, bool>,
    pub(in crate::shell) s_axi_wready: Signal<Out, bool>,
    pub(in crate::shell) s_axi_bresp: Signal<Out, Bits<2>>,
    pub(in crate::shell) s_axi_bvalid: Signal<Out, bool>,
    pub(in crate::shell) s_axi_bready: Signal<In, bool>,
    pub(in crate::shell) s_axi_araddr: Signal<In, Bits<8>>,
    pub(in crate::shell) s_axi_arvalid: Signal<In, bool>,
    pub(in crate::shell) s_axi_arready: Signal<Out, bool>,
    pub(in crate::shell) s_axi_rdata: Signal<Out, Bits<32>>,
    pub(in crate::shell) s_axi_rresp: Signal<Out, Bits<2>>,
    pub(in crate::shell) s_axi_rvalid: Signal<Out, bool>,
    pub(in crate::shell) s_axi_rready: Signal<In, bool>,
    input_fifo: Fifo<W>,
    sequencer: Sequencer,
    engine: Engine<W>,
    output_fifo: Fifo<W>,
    registers: Registers,
    clear: Signal<Local, bool>,
    enter: Signal<Local, bool>,
    sent: Signal<Local, bool>,
    ready: Signal<Local, bool>,
    /// A packet of results has begun to leave.
    begun: DFF<bool>,
    needed: Signal<Local, Bits<K>>,
    every_byte: Constant<Bits<K>>,
    last_input: Constant<Bits<K>>,
    last_output: Constant<Bits<K>>,
}

impl<const W: usize, const K: usize> Stream<W, K> {
    /// The shell of a core whose hash begins with `hash`.
    pub(in crate::shell) fn new(core: Core, hash: [u32; 4]) -> Self {
        let packing = core.packing;
        assert_eq!((W, W), (packing.word.bits(), 8 * K), "the words of the packing");
        let (inputs, outputs) = (packing.input_words, packing.output_words);
        let bytes = |bits: u64| Constant::new(mask(bits.div_ceil(8)).into());
        Self {
            aclk: Signal::default(),
            aresetn: Signal::default(),
            s_axis_tdata: Signal::default(),
            s_axis_tkeep: Signal::default(),
            s_axis_tlast: Signal::default(),
            s_axis_tvalid: Signal::default(),
            s_axis_tready: Signal::default(),
            m_axis_tdata: Signal::default(),
            m_axis_tkeep: Signal::default(),
            m_axis_tlast: Signal::default(),
            m_axis_tuser: Signal::default(),
            m_axis_tvalid: Signal::default(),
            m_axis_tready: Signal::default(),
            s_axi_awaddr: Signal::default(),
            s_axi_awvalid: Signal::default(),
            s_axi_awready: Signal::default(),
            s_axi_wdata: Signal::default(),
            s_axi_wstrb: Signal::default(),
            s_axi_wvalid: Signal::default(),
            s_axi_wready: Signal::default(),
            s_axi_bresp: Signal::default(),
            s_axi_bvalid: Signal::default(),
            s_axi_bready: Signal::default(),
            s_axi_araddr: Signal::default(),
            s_axi_arvalid: Signal::default(),
            s_axi_arready: Signal::default(),
            s_axi_rdata: Signal::default(),
            s_axi_rresp: Signal::default(),
            s_axi_rvalid: Signal::default(),
            s_axi_rready: Signal::default(),
            input_fifo: Fifo::new(INPUT_DEPTH),
            sequencer: Sequencer::new(
                u64::from(inputs),
                u64::from(outputs),
                u64::try_from(packing.output_depth).expect("a small number"),
            ),
            output_fifo: Fifo::new(packing.output_depth),
            registers: Registers::new(hash, u32::from(inputs) | u32::from(outputs) << 16),
            clear: Signal::default(),
            enter: Signal::default(),
            sent: Signal::default(),
            ready: Signal::default(),
            begun: DFF::default(),
            needed: Signal::default(),
            every_byte: Constant::new(mask(u64::try_from(K).expect("a small number")).into()),
            last_input: bytes(packing.bits_in_last(core.interface.input_width())),
            last_output: bytes(packing.bits_in_last(core.interface.output_width())),
            engine: Engine::new(core),
        }
    }
}

impl<const W: usize, const K: usize> Logic for Stream<W, K> {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, aclk, input_fifo, sequencer, engine, output_fifo, registers);
        dff_setup!(self, aclk, begun);
        self.registers.running.next = self.aresetn.val();
        self.clear.next = self.registers.clear.val();
        self.input_fifo.clear.next = self.clear.val();
        self.sequencer.clear.next = self.clear.val();
        self.engine.clear.next = self.clear.val();
        self.output_fifo.clear.next = self.clear.val();

        self.ready.next =
            self.input_fifo.room.val() & !self.registers.draining.val() & self.aresetn.val();
        self.s_axis_tready.next = self.ready.val();
        self.enter.next = self.s_axis_tvalid.val() & self.ready.val();
        self.input_fifo.write.next = self.enter.val();
        self.input_fifo.write_data.next = self.s_axis_tdata.val();
        self.input_fifo.write_last.next = self.s_axis_tlast.val();
        self.needed.next = self.every_byte.val();
        if self.s_axis_tlast.val() {
            self.needed.next = self.last_input.val();
        }
        self.input_fifo.write_mark.next =
            (self.s_axis_tkeep.val() & self.needed.val()) != self.needed.val();

        self.sequencer.word_valid.next = self.input_fifo.valid.val();
        self.sequencer.word_last.next = self.input_fifo.last.val();
        self.input_fifo.read.next = self.sequencer.word_take.val();
        self.engine.load.next = self.sequencer.load.val();
        self.engine.word.next = self.input_fifo.data.val();
        self.engine.launch.next = self.sequencer.launch.val();
        self.engine.threshold.next = self.registers.threshold.val();

        self.output_fifo.write.next = self.engine.result_valid.val();
        self.output_fifo.write_data.next = self.engine.result.val();
        self.output_fifo.write_last.next = self.engine.result_last.val();
        self.output_fifo.write_mark.next = self.engine.accept.val();
        self.m_axis_tvalid.next = self.output_fifo.valid.val() & !self.clear.val();
        self.m_axis_tdata.next = self.output_fifo.data.val();
        self.m_axis_tlast.next = self.output_fifo.last.val();
        self.m_axis_tuser.next = self.output_fifo.mark.val();
        self.m_axis_tkeep.next = self.every_byte.val();
        if self.output_fifo.last.val() {
            self.m_axis_tkeep.next = self.last_output.val();
        }
        self.sent.next =
            self.output_fifo.valid.val() & self.m_axis_tready.val() & !self.clear.val();
        self.output_fifo.read.next = self.sent.val();
        self.sequencer.sent.next = self.sent.val();
        if self.sent.val() {
            self.begun.d.next = !self.output_fifo.last.val();
        }
        if self.clear.val() {
            self.begun.d.next = false;
        }
        self.registers.between.next = (self.sent.val() & self.output_fifo.last.val())
            | (!self.output_fifo.valid.val() & !self.begun.q.val());

        self.registers.entered.next = self.sequencer.launch.val();
        self.registers.left.next = self.sent.val() & self.output_fifo.last.val();
        self.registers.accepted.next =
            self.sent.val() & self.output_fifo.last.val() & self.output_fifo.mark.val();
        self.registers.dropped.next = self.sequencer.drop.val();
        self.registers.null_bytes.next =
            self.sequencer.word_take.val() & self.input_fifo.mark.val();
        self.registers.overrun.next = self.engine.result_valid.val() & !self.output_fifo.room.val();
        self.registers.overflow_0.next = self.engine.overflow_0.val();
        self.registers.overflow_1.next = self.engine.overflow_1.val();
        self.registers.overflow_2.next = self.engine.overflow_2.val();
        self.registers.overflow_3.next = self.engine.overflow_3.val();
        self.registers.awaddr.next = self.s_axi_awaddr.val();
        self.registers.awvalid.next = self.s_axi_awvalid.val();
        self.s_axi_awready.next = self.registers.awready.val();
        self.registers.wdata.next = self.s_axi_wdata.val();
        self.registers.wstrb.next = self.s_axi_wstrb.val();
        self.registers.wvalid.next = self.s_axi_wvalid.val();
        self.s_axi_wready.next = self.registers.wready.val();
        self.s_axi_bresp.next = self.registers.bresp.val();
        self.s_axi_bvalid.next = self.registers.bvalid.val();
        self.registers.bready.next = self.s_axi_bready.val();
        self.registers.araddr.next = self.s_axi_araddr.val();
        self.registers.arvalid.next = self.s_axi_arvalid.val();
        self.s_axi_arready.next = self.registers.arready.val();
        self.s_axi_rdata.next = self.registers.rdata.val();
        self.s_axi_rresp.next = self.registers.rresp.val();
        self.s_axi_rvalid.next = self.registers.rvalid.val();
        self.registers.rready.next = self.s_axi_rready.val();
    }
}
