//! [`Fifo`]: words with two marks, first in, first out.

use rust_hdl::prelude::*;

use super::memory::Memory;

/// A queue whose oldest word shows before it is asked for.
///
/// A word that is written at one clock edge is valid after it. A write without
/// room and a read of nothing must not happen.
#[derive(LogicBlock)]
pub(super) struct Fifo<const W: usize> {
    pub(super) clock: Signal<In, Clock>,
    pub(super) clear: Signal<In, bool>,
    pub(super) write: Signal<In, bool>,
    pub(super) write_data: Signal<In, Bits<W>>,
    pub(super) write_last: Signal<In, bool>,
    pub(super) write_mark: Signal<In, bool>,
    pub(super) room: Signal<Out, bool>,
    pub(super) read: Signal<In, bool>,
    pub(super) valid: Signal<Out, bool>,
    pub(super) data: Signal<Out, Bits<W>>,
    pub(super) last: Signal<Out, bool>,
    pub(super) mark: Signal<Out, bool>,
    memory: Memory<W>,
    head: DFF<Bits<10>>,
    tail: DFF<Bits<10>>,
    count: DFF<Bits<11>>,
    one_place: Constant<Bits<10>>,
    mask: Constant<Bits<10>>,
    one: Constant<Bits<11>>,
    zero: Constant<Bits<11>>,
    depth: Constant<Bits<11>>,
    start: Constant<Bits<10>>,
}

impl<const W: usize> Fifo<W> {
    /// A queue for `depth` words, a power of two from 2 to 1024.
    pub(super) fn new(depth: usize) -> Self {
        let bits = u64::try_from(depth).expect("a small number");
        Self {
            clock: Signal::default(),
            clear: Signal::default(),
            write: Signal::default(),
            write_data: Signal::default(),
            write_last: Signal::default(),
            write_mark: Signal::default(),
            room: Signal::default(),
            read: Signal::default(),
            valid: Signal::default(),
            data: Signal::default(),
            last: Signal::default(),
            mark: Signal::default(),
            memory: Memory::new(depth),
            head: DFF::default(),
            tail: DFF::default(),
            count: DFF::default(),
            one_place: Constant::new(1_u64.into()),
            mask: Constant::new((bits - 1).into()),
            one: Constant::new(1_u64.into()),
            zero: Constant::new(0_u64.into()),
            depth: Constant::new(bits.into()),
            start: Constant::new(0_u64.into()),
        }
    }
}

impl<const W: usize> Logic for Fifo<W> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, head, tail, count);
        clock!(self, clock, memory);
        self.memory.write.next = self.write.val();
        self.memory.write_address.next = self.tail.q.val();
        self.memory.write_data.next = self.write_data.val();
        self.memory.write_last.next = self.write_last.val();
        self.memory.write_mark.next = self.write_mark.val();
        self.memory.read_address.next = self.head.q.val();
        self.data.next = self.memory.read_data.val();
        self.last.next = self.memory.read_last.val();
        self.mark.next = self.memory.read_mark.val();
        self.room.next = self.count.q.val() != self.depth.val();
        self.valid.next = self.count.q.val() != self.zero.val();
        if self.write.val() {
            self.tail.d.next = (self.tail.q.val() + self.one_place.val()) & self.mask.val();
        }
        if self.read.val() {
            self.head.d.next = (self.head.q.val() + self.one_place.val()) & self.mask.val();
        }
        if self.write.val() & !self.read.val() {
            self.count.d.next = self.count.q.val() + self.one.val();
        }
        if self.read.val() & !self.write.val() {
            self.count.d.next = self.count.q.val() - self.one.val();
        }
        if self.clear.val() {
            self.head.d.next = self.start.val();
            self.tail.d.next = self.start.val();
            self.count.d.next = self.zero.val();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use crate::shell::run::Stalls;

    #[test]
    fn words_leave_in_the_order_in_which_they_came() {
        let mut fifo = Fifo::<32>::new(4);
        fifo.connect_all();
        let mut queue = VecDeque::new();
        let (mut writes, mut reads) = (Stalls::new(40), Stalls::new(50));
        let (mut was_full, mut was_empty) = (false, false);
        for cycle in 0..400_u64 {
            fifo.clock.next = Clock::from(false);
            assert!(simulate(&mut fifo, 100));
            let (room, valid) = (queue.len() < 4, !queue.is_empty());
            assert_eq!((fifo.room.val(), fifo.valid.val()), (room, valid), "cycle {cycle}");
            was_full |= !room;
            was_empty |= cycle > 10 && !valid;
            if let Some((data, last)) = queue.front().copied() {
                assert_eq!((u64::from(fifo.data.val()), fifo.last.val()), (data, last));
            }
            let clear = cycle % 97 == 96;
            let (write, read) = (room && !writes.stalled(), valid && !reads.stalled());
            let word = ((cycle * 0x0123_4567) & 0xffff_ffff, cycle % 3 == 0);
            fifo.clear.next = clear;
            fifo.write.next = write;
            fifo.read.next = read;
            fifo.write_data.next = word.0.into();
            fifo.write_last.next = word.1;
            assert!(simulate(&mut fifo, 100));
            fifo.clock.next = Clock::from(true);
            assert!(simulate(&mut fifo, 100));
            if read {
                queue.pop_front();
            }
            if write {
                queue.push_back(word);
            }
            if clear {
                queue.clear();
            }
        }
        assert!(was_full && was_empty, "the queue was full and empty on the way");
    }
}
