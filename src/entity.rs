//! Typed ids, the arenas that hand them out, and side tables keyed by them.
//!
//! An id is a small number that remembers what it numbers and prints with a
//! prefix of its own (`n12`), the same in dumps, errors and emitted text.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// A typed index into an [`Arena`].
pub trait EntityId: Copy + Eq + Ord + Debug {
    /// The id with this index.
    fn from_index(index: usize) -> Self;
    /// The index of this id.
    fn index(self) -> usize;
}

/// Declares id types: `pub struct NetId => "n";` makes a `NetId` that prints as `n12`.
#[macro_export]
macro_rules! entity_ids {
    ($($(#[$attribute:meta])* $visibility:vis struct $name:ident => $prefix:literal;)*) => {$(
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility struct $name(u32);

        impl $crate::entity::EntityId for $name {
            fn from_index(index: usize) -> Self {
                Self(u32::try_from(index).expect("an arena holds fewer than 2^32 items"))
            }
            fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    )*};
}

/// A growing list that only its own id type can index; nothing is ever removed.
#[derive(Clone, Debug, PartialEq)]
pub struct Arena<K, V> {
    items: Vec<V>,
    key: PhantomData<K>,
}

impl<K: EntityId, V> Arena<K, V> {
    /// An empty arena.
    pub fn new() -> Self {
        Self { items: Vec::new(), key: PhantomData }
    }

    /// Appends an item and returns its id.
    pub fn push(&mut self, item: V) -> K {
        self.items.push(item);
        K::from_index(self.items.len() - 1)
    }

    /// The number of items.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// True when nothing was pushed yet.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The item of this id, if the id came from this arena.
    pub fn get(&self, id: K) -> Option<&V> {
        self.items.get(id.index())
    }

    /// Every id with its item, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (K, &V)> + ExactSizeIterator {
        self.items.iter().enumerate().map(|(index, item)| (K::from_index(index), item))
    }

    /// Every id, oldest first.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = K> + ExactSizeIterator + use<K, V> {
        (0..self.items.len()).map(K::from_index)
    }

    /// Every item, oldest first.
    pub fn values(&self) -> std::slice::Iter<'_, V> {
        self.items.iter()
    }
}

impl<K: EntityId, V> Default for Arena<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: EntityId, V> Index<K> for Arena<K, V> {
    type Output = V;
    fn index(&self, id: K) -> &V {
        &self.items[id.index()]
    }
}

impl<K: EntityId, V> IndexMut<K> for Arena<K, V> {
    fn index_mut(&mut self, id: K) -> &mut V {
        &mut self.items[id.index()]
    }
}

/// What an analysis learned about every item of an arena, dense by id.
#[derive(Clone, Debug, PartialEq)]
pub struct SideTable<K, V> {
    items: Vec<V>,
    key: PhantomData<K>,
}

impl<K: EntityId, V: Clone> SideTable<K, V> {
    /// A table of `len` copies of `value`.
    pub fn filled(len: usize, value: V) -> Self {
        Self { items: vec![value; len], key: PhantomData }
    }

    /// Every id with its value, in order of ids.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (K, &V)> {
        self.items.iter().enumerate().map(|(index, item)| (K::from_index(index), item))
    }
}

impl<K: EntityId, V> Index<K> for SideTable<K, V> {
    type Output = V;
    fn index(&self, id: K) -> &V {
        &self.items[id.index()]
    }
}

impl<K: EntityId, V> IndexMut<K> for SideTable<K, V> {
    fn index_mut(&mut self, id: K) -> &mut V {
        &mut self.items[id.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    entity_ids! {
        /// A thing.
        #[expect(unreachable_pub, reason = "the macro makes public ids")]
        pub struct ThingId => "thing";
    }

    #[test]
    fn ids_print_with_their_prefix_and_index_their_arena() {
        let mut arena = Arena::new();
        let first: ThingId = arena.push("a");
        let second = arena.push("b");
        assert_eq!(format!("{first} {second:?}"), "thing0 thing1");
        assert_eq!(arena[second], "b");
        let mut table = SideTable::filled(arena.len(), 0);
        table[second] = 7;
        assert_eq!(table.iter().map(|(_, value)| *value).collect::<Vec<i32>>(), [0, 7]);
    }
}
