//! [`Cursor`]: reading numbers, texts and headers of objects; nothing beyond the end is trusted.

use super::super::store::Refusal;

/// The bit of a length that tells it from a version.
const BYTE_COUNT: u32 = 0x4000_0000;
/// The tag in front of a class that is named for the first time.
const NEW_CLASS: u32 = 0xffff_ffff;
/// The bit of a tag that refers to a class named before.
const CLASS: u32 = 0x8000_0000;
/// What references add to the place that they mean.
const MAP_OFFSET: u32 = 2;
/// The bit of an object that other files refer to; two more bytes follow.
const REFERENCED: u32 = 1 << 4;

/// A place in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    /// The next byte.
    pub(super) position: usize,
    /// How far from the beginning of their record the bytes begin.
    origin: usize,
}

/// The beginning of an object in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    /// Its class; none where there is no object, or one that stood before.
    pub(super) class: Option<String>,
    /// Where the next one begins.
    pub(super) end: usize,
}

/// The beginning of the members of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Members {
    /// The version of the class.
    pub(super) version: u16,
    /// Where they end.
    pub(super) end: usize,
}

impl<'a> Cursor<'a> {
    /// The first byte; references count from `origin` bytes before it.
    pub(super) fn new(bytes: &'a [u8], origin: usize) -> Self {
        Self { bytes, position: 0, origin }
    }

    /// The same bytes at another position.
    pub(super) fn at(self, position: usize) -> Self {
        Self { position, ..self }
    }

    /// The next bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Refusal> {
        let end = self.position.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| {
            let size = self.bytes.len();
            Refusal::Damaged(format!(
                "{count} bytes are wanted at {} of a record of {size}",
                self.position
            ))
        })?;
        let bytes = &self.bytes[self.position..end];
        self.position = end;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        Ok(self.take(N)?.try_into().expect("as many bytes as were taken"))
    }

    /// The next byte.
    pub(super) fn u8(&mut self) -> Result<u8, Refusal> {
        self.array().map(u8::from_be_bytes)
    }

    /// The next number.
    pub(super) fn u16(&mut self) -> Result<u16, Refusal> {
        self.array().map(u16::from_be_bytes)
    }

    /// The next number.
    pub(super) fn u32(&mut self) -> Result<u32, Refusal> {
        self.array().map(u32::from_be_bytes)
    }

    /// The next number.
    pub(super) fn u64(&mut self) -> Result<u64, Refusal> {
        self.array().map(u64::from_be_bytes)
    }

    /// The next number, which counts something.
    pub(super) fn count(&mut self) -> Result<usize, Refusal> {
        size(u64::from(self.u32()?))
    }

    /// The next number, a place in the file of four bytes or of eight.
    pub(super) fn place(&mut self, long: bool) -> Result<usize, Refusal> {
        if long { size(self.u64()?) } else { self.count() }
    }

    /// The next text: its length, and its bytes.
    pub(super) fn text(&mut self) -> Result<String, Refusal> {
        let length = match self.u8()? {
            255 => self.count()?,
            length => usize::from(length),
        };
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    /// The beginning of the members of a class: their length and its version.
    pub(super) fn members(&mut self) -> Result<Members, Refusal> {
        let length = self.u32()?;
        if length & BYTE_COUNT == 0 {
            return Err(Refusal::damaged("an object does not say how long it is"));
        }
        let end = self.end(length & !BYTE_COUNT)?;
        Ok(Members { version: self.u16()?, end })
    }

    /// Skips the members of a class.
    pub(super) fn skip_members(&mut self) -> Result<(), Refusal> {
        self.position = self.members()?.end;
        Ok(())
    }

    /// Reads what every object with a name begins with, and returns the name and the title.
    pub(super) fn named(&mut self) -> Result<(String, String), Refusal> {
        let members = self.members()?;
        self.object_bits()?;
        let names = (self.text()?, self.text()?);
        self.position = members.end;
        Ok(names)
    }

    /// Skips what every object begins with.
    pub(super) fn object_bits(&mut self) -> Result<(), Refusal> {
        self.u16()?;
        self.u32()?;
        if self.u32()? & REFERENCED != 0 {
            self.u16()?;
        }
        Ok(())
    }

    /// The number of objects in a list; the first of them is next.
    pub(super) fn list(&mut self) -> Result<(usize, Members), Refusal> {
        let members = self.members()?;
        self.object_bits()?;
        self.text()?;
        let count = self.count()?;
        self.u32()?;
        Ok((count, members))
    }

    /// The beginning of an object in a list.
    pub(super) fn object(&mut self) -> Result<Object, Refusal> {
        let first = self.u32()?;
        if first & BYTE_COUNT == 0 || first == NEW_CLASS {
            // No object, or one that stood before; a class without a length is never written.
            return if first & CLASS == 0 {
                Ok(Object { class: None, end: self.position })
            } else {
                Err(Refusal::damaged("an object does not say how long it is"))
            };
        }
        let end = self.end(first & !BYTE_COUNT)?;
        let class = match self.u32()? {
            NEW_CLASS => self.class_name()?,
            tag if tag & CLASS != 0 => {
                // The name stands where the class was first named.
                let place = size(u64::from((tag & !CLASS).saturating_sub(MAP_OFFSET)))?;
                let place = place.checked_sub(self.origin);
                let mut there = self.at(place.ok_or_else(|| Refusal::damaged(NO_CLASS))?);
                if there.u32()? != NEW_CLASS {
                    return Err(Refusal::damaged(NO_CLASS));
                }
                there.class_name()?
            }
            _ => return Ok(Object { class: None, end }),
        };
        Ok(Object { class: Some(class), end })
    }

    fn class_name(&mut self) -> Result<String, Refusal> {
        const LONGEST: usize = 256;
        let rest = &self.bytes[self.position..];
        let length = rest.iter().take(LONGEST).position(|byte| *byte == 0);
        let length = length.ok_or_else(|| Refusal::damaged(NO_CLASS))?;
        let name = String::from_utf8_lossy(&rest[..length]).into_owned();
        self.position += length + 1;
        Ok(name)
    }

    fn end(&self, length: u32) -> Result<usize, Refusal> {
        let end = self.position.checked_add(size(u64::from(length))?);
        let end = end.filter(|end| *end <= self.bytes.len());
        end.ok_or_else(|| Refusal::damaged("an object goes on behind its record"))
    }
}

const NO_CLASS: &str = "an object has no class";

/// A number of the file as a length or a place.
pub(super) fn size(number: u64) -> Result<usize, Refusal> {
    usize::try_from(number).map_err(|_| Refusal::damaged("a length is too large"))
}
