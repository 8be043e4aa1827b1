//! The values of a branch, basket by basket.

use super::super::number::Number;
use super::super::read::Array;
use super::super::store::{Refusal, padded};
use super::cursor::Cursor;
use super::key::{self, Basket};
use super::tree::{Branch, Element, Leaf, List};

/// The values of a leaf for all events of its branch.
pub(super) fn values(file: &[u8], branch: &Branch, leaf: &Leaf) -> Result<Array, Refusal> {
    let (before, stride) = place(branch, leaf);
    let mut values = Vec::new();
    let events = each_basket(file, branch, |basket, content| {
        let used = content.get(..basket.used);
        let fits = basket.events.checked_mul(stride) == Some(basket.used);
        let used = used.filter(|_| fits).ok_or_else(|| {
            let events = basket.events;
            Refusal::Damaged(format!("a basket does not hold {events} events of {stride} bytes"))
        })?;
        for entry in used.chunks_exact(stride) {
            append(&mut values, leaf.element, &entry[before..][..leaf.bytes()]);
        }
        Ok(())
    })?;
    let mut shape = vec![events];
    shape.extend(&leaf.shape);
    Ok(Array { name: None, shape, values })
}

/// The first `wanted` values of each event of the only leaf of a branch, which is a list.
pub(super) fn lists(
    file: &[u8],
    branch: &Branch,
    (leaf, list): (&Leaf, List),
    wanted: usize,
) -> Result<Array, Refusal> {
    let (mut values, mut lengths) = (Vec::new(), Vec::new());
    each_basket(file, branch, |basket, content| {
        for entry in entries(basket, content)? {
            let numbers = numbers(list, leaf.element, entry)?;
            lengths.push(numbers.len() / leaf.element.bytes());
            append(&mut values, leaf.element, numbers);
        }
        Ok(())
    })?;
    Ok(padded(&values, &lengths, wanted))
}

/// The bytes of each event of a basket, which says behind them where each begins.
fn entries(basket: Basket, content: &[u8]) -> Result<Vec<&[u8]>, Refusal> {
    let mut cursor = Cursor::new(content, 0).at(basket.used);
    cursor.count()?;
    let mut starts = Vec::new();
    for _ in 0..basket.events {
        starts.push(cursor.count()?.checked_sub(basket.header));
    }
    starts.push(Some(basket.used));
    let entry = |ends: &[Option<usize>]| content.get(ends[0]?..ends[1]?);
    let entries: Option<Vec<&[u8]>> = starts.windows(2).map(entry).collect();
    entries.ok_or_else(|| Refusal::damaged("the events of a basket do not follow one another"))
}

/// The numbers of a list without what stands before them.
fn numbers(list: List, element: Element, entry: &[u8]) -> Result<&[u8], Refusal> {
    let odd = || Refusal::damaged("a list is not as long as it says");
    let numbers = match list {
        List::Bare => entry,
        List::Vector => {
            let mut cursor = Cursor::new(entry, 0);
            if cursor.members()?.end != entry.len() {
                return Err(odd());
            }
            let count = cursor.count()?;
            let numbers = &entry[cursor.position..];
            if count.checked_mul(element.bytes()) != Some(numbers.len()) {
                return Err(odd());
            }
            numbers
        }
    };
    if numbers.len() % element.bytes() == 0 { Ok(numbers) } else { Err(odd()) }
}

/// Reads the baskets of a branch one after another; gives back the number of its events.
fn each_basket(
    file: &[u8],
    branch: &Branch,
    mut read: impl FnMut(Basket, &[u8]) -> Result<(), Refusal>,
) -> Result<usize, Refusal> {
    let mut events: usize = 0;
    for (first, seek) in &branch.baskets {
        if u64::try_from(events).ok() != Some(*first) {
            return Err(Refusal::damaged("the baskets do not follow one another"));
        }
        let (basket, content) = key::basket(file, *seek)?;
        read(basket, &content)?;
        events += basket.events;
    }
    match u64::try_from(events).expect("a count is at most 64 bits") {
        count if count == branch.events => Ok(events),
        count if count < branch.events => {
            let what = "a branch whose last events are kept inside of the tree";
            let help = "write the tree anew: `hadd -f new.root old.root`";
            Err(Refusal::Kind { what, help: help.to_owned() })
        }
        count => {
            let promised = branch.events;
            Err(Refusal::Damaged(format!("{count} events instead of {promised}")))
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_as_long_as_they_say() {
        let entry = |length: u32, count: u32, bytes: &[u8]| {
            let mut entry = (0x4000_0000 | length).to_be_bytes().to_vec();
            entry.extend([0, 9]);
            entry.extend(count.to_be_bytes());
            entry.extend(bytes);
            entry
        };
        let floats: Vec<u8> = [1.5_f32, -2.0].iter().flat_map(|own| own.to_be_bytes()).collect();
        let found = |entry: &[u8]| {
            let mut values = Vec::new();
            append(&mut values, Element::F32, numbers(List::Vector, Element::F32, entry)?);
            Ok::<_, Refusal>(values)
        };
        assert_eq!(found(&entry(14, 2, &floats)).unwrap(), [1.5, -2.0]);
        assert_eq!(found(&entry(6, 0, &[])).unwrap(), [0.0; 0]);
        for wrong in [entry(14, 1, &floats), entry(13, 2, &floats), entry(14, 2, &floats[1..])] {
            assert!(found(&wrong).is_err());
        }
        assert!(numbers(List::Bare, Element::F32, &floats[1..]).is_err());
    }

    #[test]
    fn events_begin_where_the_basket_says() {
        let basket = Basket { events: 3, used: 5, header: 70 };
        let with = |starts: [u32; 3]| {
            let mut content = vec![1, 2, 3, 4, 5];
            content.extend(4_u32.to_be_bytes());
            content.extend(starts.iter().flat_map(|start| start.to_be_bytes()));
            content.extend(0_u32.to_be_bytes());
            content
        };
        let content = with([70, 72, 72]);
        let expected: [&[u8]; 3] = [&[1, 2], &[], &[3, 4, 5]];
        assert_eq!(entries(basket, &content).unwrap(), expected);
        for wrong in [[69, 72, 72], [70, 76, 76], [70, 74, 72]] {
            assert!(entries(basket, &with(wrong)).is_err(), "{wrong:?}");
        }
    }
}
