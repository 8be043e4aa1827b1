//! The report as one HTML file: no script to fetch, no image, no font; light and dark.
//!
//! `page` turns a report into plain strings for the templates, `table` is the one kind of table
//! there is, `svg` and `charts` draw.

mod cards;
mod charts;
mod evaluation;
mod markup;
mod page;
mod search;
mod svg;
mod table;
mod tables;

pub use evaluation::render as evaluation;
pub use page::render;
pub use search::render as search;

use super::words::Tone;

/// The style-sheet class of a tone.
fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Open => "open",
        Tone::Doubtful => "doubtful",
        Tone::Bad => "bad",
    }
}
