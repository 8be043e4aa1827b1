//! [`Counts`]: how often each pattern occurs.
//!
//! The search spends most of its time here, so this is a table of its own: open
//! addressing, linear probing, no tombstones, one multiplication for a hash.

use super::pattern::PatternKey;

/// No pattern has this key.
const EMPTY: PatternKey = PatternKey::MAX;

/// How often each pattern occurs; patterns that do not are not stored.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    slots: Vec<(PatternKey, u32)>,
    len: usize,
}

impl Counts {
    /// No pattern at all.
    pub(super) fn new() -> Self {
        Self { slots: vec![(EMPTY, 0); 16], len: 0 }
    }

    /// How often a pattern occurs.
    pub(super) fn get(&self, key: PatternKey) -> u32 {
        let (found, count) = self.slots[self.find(key)];
        if found == key { count } else { 0 }
    }

    /// Counts one more occurrence and returns how many there are.
    pub(super) fn increment(&mut self, key: PatternKey) -> u32 {
        let slot = self.find(key);
        if self.slots[slot].0 == key {
            self.slots[slot].1 += 1;
            return self.slots[slot].1;
        }
        self.slots[slot] = (key, 1);
        self.len += 1;
        if 2 * self.len > self.slots.len() {
            self.grow();
        }
        1
    }

    /// Counts one occurrence less of a pattern that occurs.
    pub(super) fn decrement(&mut self, key: PatternKey) {
        let slot = self.find(key);
        debug_assert_eq!(self.slots[slot].0, key, "each pair of digits was counted");
        self.slots[slot].1 -= 1;
        if self.slots[slot].1 == 0 {
            self.clear(slot);
        }
    }

    /// Every pattern that occurs more than once, in no order.
    pub(super) fn repeated(&self) -> impl Iterator<Item = (PatternKey, u32)> {
        self.slots.iter().copied().filter(|(key, count)| *key != EMPTY && *count > 1)
    }

    /// The slot of a key, or the empty slot where it belongs.
    fn find(&self, key: PatternKey) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = self.home(key);
        while self.slots[slot].0 != key && self.slots[slot].0 != EMPTY {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn home(&self, key: PatternKey) -> usize {
        let hash = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let bits = self.slots.len().trailing_zeros();
        usize::try_from(hash >> (64 - bits)).expect("fewer bits than an index has")
    }

    /// Empties a slot and moves those after it back, as far as they probed across it.
    fn clear(&mut self, slot: usize) {
        let mask = self.slots.len() - 1;
        self.len -= 1;
        let (mut hole, mut next) = (slot, slot);
        loop {
            next = (next + 1) & mask;
            let (key, count) = self.slots[next];
            if key == EMPTY {
                break;
            }
            if next.wrapping_sub(self.home(key)) & mask >= next.wrapping_sub(hole) & mask {
                self.slots[hole] = (key, count);
                hole = next;
            }
        }
        self.slots[hole] = (EMPTY, 0);
    }

    fn grow(&mut self) {
        let doubled = vec![(EMPTY, 0); 2 * self.slots.len()];
        for (key, count) in std::mem::replace(&mut self.slots, doubled) {
            if key != EMPTY {
                let slot = self.find(key);
                self.slots[slot] = (key, count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_agree_with_a_map(changes in prop::collection::vec((0_u64..60, any::<bool>()), 0..600)) {
            let mut counts = Counts::new();
            let mut map: BTreeMap<u64, u32> = BTreeMap::new();
            for (key, more) in changes {
                // Keys that collide in their homes are the ones that matter.
                let key = ((key % 7) << 40) | (key / 7);
                if more {
                    *map.entry(key).or_insert(0) += 1;
                    prop_assert_eq!(counts.increment(key), map[&key]);
                } else if let Some(count) = map.get_mut(&key) {
                    counts.decrement(key);
                    *count -= 1;
                    if *count == 0 {
                        map.remove(&key);
                    }
                }
                prop_assert_eq!(counts.len, map.len());
            }
            for (key, count) in &map {
                prop_assert_eq!(counts.get(*key), *count);
            }
            let mut repeated: Vec<_> = counts.repeated().collect();
            repeated.sort_unstable();
            let expected: Vec<_> = map.into_iter().filter(|(_, count)| *count > 1).collect();
            prop_assert_eq!(repeated, expected);
        }
    }
}
