//! [`Memory`]: words that are written at a clock edge and read at once.

use rust_hdl::prelude::*;

/// The words of a FIFO: a distributed memory. Its contents are unknown until they are written.
#[derive(LogicBlock)]
pub(super) struct Memory<const W: usize> {
    pub(super) clock: Signal<In, Clock>,
    pub(super) write: Signal<In, bool>,
    pub(super) write_address: Signal<In, Bits<10>>,
    pub(super) write_data: Signal<In, Bits<W>>,
    pub(super) write_last: Signal<In, bool>,
    pub(super) write_mark: Signal<In, bool>,
    pub(super) read_address: Signal<In, Bits<10>>,
    pub(super) read_data: Signal<Out, Bits<W>>,
    pub(super) read_last: Signal<Out, bool>,
    pub(super) read_mark: Signal<Out, bool>,
    _words: Vec<(Bits<W>, bool, bool)>,
}

impl<const W: usize> Memory<W> {
    /// A memory of `depth` words, a power of two from 2 to 1024.
    pub(super) fn new(depth: usize) -> Self {
        assert!(depth.is_power_of_two() && (2..=1024).contains(&depth), "ten bits of address");
        Self {
            clock: Signal::default(),
            write: Signal::default(),
            write_address: Signal::default(),
            write_data: Signal::default(),
            write_last: Signal::default(),
            write_mark: Signal::default(),
            read_address: Signal::default(),
            read_data: Signal::default(),
            read_last: Signal::default(),
            read_mark: Signal::default(),
            _words: vec![(0_u64.into(), false, false); depth],
        }
    }

    fn at(&self, address: Bits<10>) -> usize {
        usize::try_from(u64::from(address)).expect("ten bits") % self._words.len()
    }
}

impl<const W: usize> Logic for Memory<W> {
    fn update(&mut self) {
        if self.clock.pos_edge() && self.write.val() {
            let address = self.at(self.write_address.val());
            self._words[address] =
                (self.write_data.val(), self.write_last.val(), self.write_mark.val());
        }
        let (data, last, mark) = self._words[self.at(self.read_address.val())];
        self.read_data.next = data;
        self.read_last.next = last;
        self.read_mark.next = mark;
    }

    fn connect(&mut self) {
        self.read_data.connect();
        self.read_last.connect();
        self.read_mark.connect();
    }

    fn hdl(&self) -> Verilog {
        let depth = self._words.len();
        let bits = depth.ilog2();
        let unread = if bits < 10 {
            format!("wire unused = &{{1'b0, write_address[9:{bits}], read_address[9:{bits}]}};\n")
        } else {
            String::new()
        };
        let high = bits - 1;
        Verilog::Custom(format!(
            "reg [{top}:0] words [0:{last_word}];
wire [{top}:0] word;
assign word = words[read_address[{high}:0]];
{unread}always @(posedge clock) begin
  if (write) words[write_address[{high}:0]] <= {{write_mark, write_last, write_data}};
end
always @(*) begin
  read_data = word[{data}:0];
  read_last = word[{W}];
  read_mark = word[{top}];
end",
            top = W + 1,
            data = W - 1,
            last_word = depth - 1,
        ))
    }
}
