//! The values of a branch, basket by basket.

use super::super::number::Number;
use super::super::read::Array;
use super::super::store::Refusal;
use super::key;
use super::tree::{Branch, Element, Leaf};

/// The values of a leaf for all events of its branch.
pub(super) fn values(file: &[u8], branch: &Branch, leaf: &Leaf) -> Result<Array, Refusal> {
    let (before, stride) = place(branch, leaf);
    let mut values = Vec::new();
    let mut events: usize = 0;
    for (first, seek) in &branch.baskets {
        if u64::try_from(events).ok() != Some(*first) {
            return Err(Refusal::damaged("the baskets do not follow one another"));
        }
        let (basket, content) = key::basket(file, *seek)?;
        let used = content.get(..basket.used);
        let fits = basket.events.checked_mul(stride) == Some(basket.used);
        let used = used.filter(|_| fits).ok_or_else(|| {
            let events = basket.events;
            Refusal::Damaged(format!("a basket does not hold {events} events of {stride} bytes"))
        })?;
        for entry in used.chunks_exact(stride) {
            append(&mut values, leaf.element, &entry[before..][..leaf.bytes()]);
        }
        events += basket.events;
    }
    match u64::try_from(events).expect("a count is at most 64 bits") {
        count if count == branch.events => {}
        count if count < branch.events => {
            let what = "a branch whose last events are kept inside of the tree";
            let help = "write the tree anew: `hadd -f new.root old.root`";
            return Err(Refusal::Kind { what, help: help.to_owned() });
        }
        count => {
            let promised = branch.events;
            return Err(Refusal::Damaged(format!("{count} events instead of {promised}")));
        }
    }
    let mut shape = vec![events];
    shape.extend(&leaf.shape);
    Ok(Array { name: None, shape, values })
}

/// The bytes of an event in front of a leaf, and all of them.
fn place(branch: &Branch, leaf: &Leaf) -> (usize, usize) {
    let mut all: usize = 0;
    let mut before = 0;
    for own in &branch.leaves {
        if own == leaf {
            before = all;
        }
        all = all.saturating_add(own.bytes());
    }
    (before, all)
}

/// Adds the numbers that bytes hold.
fn append(values: &mut Vec<f64>, element: Element, bytes: &[u8]) {
    macro_rules! numbers {
        ($number:ty) => {
            values.extend(
                bytes.as_chunks().0.iter().map(|own| <$number>::from_be_bytes(*own).number()),
            )
        };
    }
    match element {
        Element::Bool => values.extend(bytes.iter().map(|byte| (*byte != 0).number())),
        Element::I8 => numbers!(i8),
        Element::U8 => numbers!(u8),
        Element::I16 => numbers!(i16),
        Element::U16 => numbers!(u16),
        Element::I32 => numbers!(i32),
        Element::U32 => numbers!(u32),
        Element::I64 => numbers!(i64),
        Element::U64 => numbers!(u64),
        Element::F32 => numbers!(f32),
        Element::F64 => numbers!(f64),
    }
}
