//! EMP pattern files: 64-bit words on links, frame by frame, as text.
//!
//! The second version of the format, as the demonstrator tools of CMSSW
//! (`L1Trigger/DemonstratorTools`) read and write it: `ID:`, a line that names the metadata, the
//! numbers of the links, and a line for each frame with four flags and sixteen digits for each
//! link. An event stands on `links` links for as many frames as its words need; word `i` is on link
//! `i % links` of frame `i / links`.

use std::fmt::Write;

/// What the flags before a word are, in order; the strobe may be left out.
const METADATA: &str = "Metadata: (strobe,) start of orbit, start of packet, end of packet, valid";

/// How events stand on links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The number of links.
    pub links: usize,
    /// Frames from the start of one event to the next.
    pub period: usize,
}

/// A file that is no pattern, or another one than the core takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// The file does not begin with `ID:`, the metadata and the links.
    #[error("the file does not begin with `ID:`, `{METADATA}` and `Link`")]
    Header,
    /// A line is not a frame.
    #[error("line {line} is not the frame {frame}: `{text}`")]
    Frame {
        /// The number of the line, from 1.
        line: usize,
        /// The frame that was expected.
        frame: usize,
        /// What it says.
        text: String,
    },
    /// The links are not as many as the layout has.
    #[error("the file has {found} links where an event stands on {expected}")]
    Links {
        /// The links of the layout.
        expected: usize,
        /// Those of the file.
        found: usize,
    },
    /// A packet is not one event long.
    #[error(
        "the packet that starts at frame {frame} has {found} valid frames, an event {expected}"
    )]
    Packet {
        /// The frame with the start of the packet.
        frame: usize,
        /// The frames of an event.
        expected: usize,
        /// The frames of the packet.
        found: usize,
    },
}

impl Layout {
    /// Frames that hold words, of events of `words` words.
    pub fn frames(self, words: usize) -> usize {
        words.div_ceil(self.links)
    }

    /// The text for events, all of the same number of words.
    pub fn write(self, name: &str, events: &[Vec<u64>]) -> String {
        let mut text = format!("ID: {name}\n{METADATA}\n\n      Link  ");
        let written = "a string takes everything";
        for link in 0..self.links {
            write!(text, "            {link:03}        ").expect(written);
        }
        text.push('\n');
        for (index, words) in events.iter().enumerate() {
            let frames = self.frames(words.len());
            for frame in 0..self.period {
                let number = index * self.period + frame;
                write!(text, "Frame {number:04}  ").expect(written);
                let valid = frame < frames;
                let flags = [number == 0, frame == 0, frame + 1 == frames, valid];
                for link in 0..self.links {
                    let word = words.get(frame * self.links + link).copied();
                    let word = word.filter(|_| valid).unwrap_or(0);
                    let [orbit, start, end, valid] = flags.map(u8::from);
                    write!(text, "  {orbit}{start}{end}{valid} {word:016x}").expect(written);
                }
                text.push('\n');
            }
        }
        text
    }

    /// The events of a file, each of `words` words. Frames without `valid` are pauses; comments
    /// begin with `#`.
    ///
    /// # Errors
    /// What is wrong with the file, with the line or the frame.
    pub fn read(self, text: &str, words: usize) -> Result<Vec<Vec<u64>>, PatternError> {
        let mut lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        let mut begins = |word: &str| {
            let line = lines.next().map(|(_, line)| line.trim_start());
            line.and_then(|line| line.strip_prefix(word)).ok_or(PatternError::Header)
        };
        begins("ID:")?;
        begins("Metadata:")?;
        let found = begins("Link")?.split_ascii_whitespace().count();
        if found != self.links {
            return Err(PatternError::Links { expected: self.links, found });
        }
        let mut packets: Vec<(usize, Vec<u64>)> = Vec::new();
        for (frame, (index, line)) in lines.enumerate() {
            let fault =
                || PatternError::Frame { line: index + 1, frame, text: line.trim_end().to_owned() };
            let row = self.row(line, frame).ok_or_else(fault)?;
            let Some((start, row)) = row else { continue };
            if start {
                packets.push((frame, Vec::new()));
            }
            packets.last_mut().ok_or_else(fault)?.1.extend(row);
        }
        let expected = self.frames(words);
        let event = |(frame, mut row): (usize, Vec<u64>)| {
            let found = row.len() / self.links;
            row.truncate(words);
            if found == expected {
                Ok(row)
            } else {
                Err(PatternError::Packet { frame, expected, found })
            }
        };
        packets.into_iter().map(event).collect()
    }

    /// The words of a valid frame, and whether it starts a packet; nothing for a pause.
    #[expect(clippy::option_option, reason = "a line may be no frame, and a frame be a pause")]
    fn row(self, line: &str, frame: usize) -> Option<Option<(bool, Vec<u64>)>> {
        let mut fields = line.split_ascii_whitespace();
        if fields.next()? != "Frame" || fields.next()?.parse() != Ok(frame) {
            return None;
        }
        let mut rows = Vec::new();
        let mut all = Vec::new();
        while let Some(flags) = fields.next() {
            let flags: Vec<bool> = flags
                .chars()
                .map(|c| match c {
                    '0' => Some(false),
                    '1' => Some(true),
                    _ => None,
                })
                .collect::<Option<_>>()?;
            let (strobe, flags) = match flags.len() {
                4 => (true, &flags[..]),
                5 => (flags[0], &flags[1..]),
                _ => return None,
            };
            all.push((flags[1], flags[3] && strobe));
            let digits = fields.next().filter(|digits| digits.len() == 16)?;
            rows.push(u64::from_str_radix(digits, 16).ok()?);
        }
        // The links of an event run together.
        let first = *all.first()?;
        if all.len() != self.links || all.iter().any(|flags| *flags != first) {
            return None;
        }
        let (start, valid) = first;
        Some(valid.then_some((start, rows)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUT: Layout = Layout { links: 2, period: 3 };

    #[test]
    fn events_stand_on_links_frame_by_frame() {
        let events = [vec![1, 2, 0xfedc_ba98_7654_3210], vec![4, 5, 6]];
        let text = LAYOUT.write("net", &events);
        let expected = "\
ID: net
Metadata: (strobe,) start of orbit, start of packet, end of packet, valid

      Link              000                    001        
Frame 0000    1101 0000000000000001  1101 0000000000000002
Frame 0001    0011 fedcba9876543210  0011 0000000000000000
Frame 0002    0000 0000000000000000  0000 0000000000000000
Frame 0003    0101 0000000000000004  0101 0000000000000005
Frame 0004    0011 0000000000000006  0011 0000000000000000
Frame 0005    0000 0000000000000000  0000 0000000000000000
";
        assert_eq!(text, expected);
        assert_eq!(LAYOUT.read(&text, 3).unwrap(), events);
    }

    #[test]
    fn other_writers_are_understood() {
        let text = "# a comment\nID: x1 \nMetadata: (strobe,) start of orbit, start of packet, end of packet, valid \n \n      Link 000\nFrame 0000 0000 0000000000000009\nFrame 0001 11101 000000000000000A\n# pause\nFrame 0002 01011 0000000000000000\nFrame 0003 10011 00000000000000ff\n";
        let one = Layout { links: 1, period: 2 };
        assert_eq!(one.read(text, 2).unwrap(), [vec![10, 255]]);
    }

    #[test]
    fn faults_say_where_they_are() {
        let good = LAYOUT.write("net", &[vec![1, 2, 3]]);
        assert_eq!(LAYOUT.read("", 3), Err(PatternError::Header));
        let one = Layout { links: 1, ..LAYOUT };
        assert_eq!(one.read(&good, 3), Err(PatternError::Links { expected: 1, found: 2 }));
        let error = PatternError::Packet { frame: 0, expected: 3, found: 2 };
        assert_eq!(LAYOUT.read(&good, 5), Err(error));
        for (from, to) in [
            ("Frame 0001", "Frame 0007"),
            ("0000000000000003", "000000000000000x"),
            ("0000000000000003", "3"),
            ("  0011 0000000000000000\n", "\n"),
            ("1101 0000000000000001", "1100 0000000000000001"),
        ] {
            let error = LAYOUT.read(&good.replacen(from, to, 1), 3).unwrap_err();
            assert!(matches!(error, PatternError::Frame { .. }), "{to}: {error}");
        }
    }
}
