//! Where the objects of a file are: its header, keys, and directories.

use std::collections::BTreeMap;

use super::super::store::Refusal;
use super::compression;
use super::cursor::{Cursor, size};

/// Files of this version and above may have places of eight bytes.
const LONG_FILE: u32 = 1_000_000;
/// Keys and directories of this version and above have places of eight bytes.
const LONG: u16 = 1000;
/// Directories deeper than this are not looked into.
const DEEPEST: usize = 16;
/// More objects are not listed.
const MOST_OBJECTS: usize = 100_000;

/// What is known about a record of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// The bytes of the record, this header included.
    bytes: usize,
    /// The bytes of the content when it is not compressed.
    size: usize,
    /// The bytes of this header.
    pub(super) header: usize,
    cycle: u16,
    place: usize,
    /// The class of the object.
    pub(super) class: String,
    name: String,
}

impl Key {
    /// The key at the cursor.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Refusal> {
        let bytes = cursor.count()?;
        let version = cursor.u16()?;
        let size = cursor.count()?;
        cursor.u32()?;
        let header = usize::from(cursor.u16()?);
        let cycle = cursor.u16()?;
        let long = version > LONG;
        let place = cursor.place(long)?;
        cursor.place(long)?;
        let (class, name) = (cursor.text()?, cursor.text()?);
        cursor.text()?;
        Ok(Self { bytes, size, header, cycle, place, class, name })
    }

    /// The bytes of the object, decompressed.
    pub(super) fn content(&self, file: &[u8]) -> Result<Vec<u8>, Refusal> {
        let stored = self.bytes.checked_sub(self.header);
        let stored = stored.ok_or_else(|| Refusal::damaged("a record is shorter than its key"))?;
        let begin = self.place.checked_add(self.header);
        let begin = begin.ok_or_else(|| Refusal::damaged("a record is outside of the file"))?;
        compression::content(Cursor::new(file, 0).at(begin).take(stored)?, self.size)
    }
}

/// The trees of a file, and what might be taken for one, with their paths.
pub(super) fn objects(file: &[u8]) -> Result<Vec<(String, Key)>, Refusal> {
    let mut cursor = Cursor::new(file, 0);
    if cursor.take(4)? != b"root" {
        return Err(Refusal::damaged("it does not begin as ROOT files do"));
    }
    let long = cursor.u32()? >= LONG_FILE;
    let begin = cursor.count()?;
    // The end, and the list of free places.
    cursor.place(long)?;
    cursor.place(long)?;
    cursor.u32()?;
    cursor.u32()?;
    let names = cursor.count()?;
    let top = begin.checked_add(names);
    let top = top.ok_or_else(|| Refusal::damaged("its first directory is outside of it"))?;
    let mut found = Vec::new();
    directory(file, top, "", 0, &mut found)?;
    Ok(found)
}

/// Adds the trees of the directory whose record stands at `place`.
fn directory(
    file: &[u8],
    place: usize,
    path: &str,
    depth: usize,
    found: &mut Vec<(String, Key)>,
) -> Result<(), Refusal> {
    let mut cursor = Cursor::new(file, 0).at(place);
    let long = cursor.u16()? > LONG;
    cursor.take(16)?;
    cursor.place(long)?;
    cursor.place(long)?;
    let list = cursor.place(long)?;
    if list == 0 {
        return Ok(());
    }
    let mut cursor = cursor.at(list);
    Key::read(&mut cursor)?;
    let count = cursor.count()?;
    // Of several cycles of an object the last counts.
    let mut latest: BTreeMap<String, usize> = BTreeMap::new();
    let mut keys: Vec<Key> = Vec::new();
    for _ in 0..count {
        let key = Key::read(&mut cursor)?;
        match latest.get(&key.name) {
            Some(index) if keys[*index].cycle >= key.cycle => {}
            Some(index) => keys[*index] = key,
            None => {
                latest.insert(key.name.clone(), keys.len());
                keys.push(key);
            }
        }
        if keys.len() + found.len() > MOST_OBJECTS {
            return Err(Refusal::Damaged(format!("it has more than {MOST_OBJECTS} objects")));
        }
    }
    for key in keys {
        let own = format!("{path}{}", key.name);
        match key.class.as_str() {
            "TTree" | "TNtuple" | "TNtupleD" | "ROOT::RNTuple" => found.push((own, key)),
            "TDirectory" | "TDirectoryFile" if depth < DEEPEST => {
                let place = key.place.checked_add(key.header);
                let place = place.ok_or_else(|| Refusal::damaged("a directory is nowhere"))?;
                directory(file, place, &format!("{own}/"), depth + 1, found)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// The header of the basket at a place in the file, and its content.
pub(super) fn basket(file: &[u8], place: u64) -> Result<(Basket, Vec<u8>), Refusal> {
    let place = size(place)?;
    let mut cursor = Cursor::new(file, 0).at(place);
    let key = Key { place, ..Key::read(&mut cursor)? };
    if key.class != "TBasket" {
        return Err(Refusal::damaged("there is no basket where one should be"));
    }
    cursor.u16()?;
    cursor.u32()?;
    cursor.u32()?;
    let (events, last) = (cursor.count()?, cursor.count()?);
    let used = last.checked_sub(key.header);
    let used = used.ok_or_else(|| Refusal::damaged("a basket is shorter than its header"))?;
    Ok((Basket { events, used, header: key.header }, key.content(file)?))
}

/// What is known about a basket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Basket {
    /// The number of events.
    pub(super) events: usize,
    /// The bytes that their values take.
    pub(super) used: usize,
    /// The bytes before them, from where the places of events count.
    pub(super) header: usize,
}
