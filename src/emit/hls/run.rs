//! Vectors of the C simulation: raw integers, one event a line, the ports one after another.

use std::fmt::Write;

use crate::graph::{Graph, Port};
use crate::numeric::tensor::Block;

/// A line that is not the values of an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VectorError {
    /// There are not as many integers as the events have.
    #[error("{found} integers where {expected} are expected")]
    Count {
        /// The integers that the events have.
        expected: usize,
        /// The integers that came out.
        found: usize,
    },
    /// A word is no integer.
    #[error("`{0}` is no integer")]
    Word(String),
}

/// The lines for `blocks`, one block for each port.
pub fn write(blocks: &[Block<i64>]) -> String {
    let events = blocks.iter().map(|block| block.events).max().unwrap_or(0);
    let mut text = String::new();
    for event in 0..events {
        let mut space = "";
        for block in blocks {
            for index in 0..block.elements() {
                let raw = block.element(index)[event];
                write!(text, "{space}{raw}").expect("a string takes everything");
                space = " ";
            }
        }
        text.push('\n');
    }
    text
}

/// The outputs of `graph` that `text` holds.
///
/// # Errors
/// When they are not the outputs of `events` events.
pub fn read(graph: &Graph, text: &str, events: usize) -> Result<Vec<Block<i64>>, VectorError> {
    let word = |word: &str| word.parse().map_err(|_| VectorError::Word(word.to_owned()));
    let words: Vec<i64> = text.split_ascii_whitespace().map(word).collect::<Result<_, _>>()?;
    let len = |port: &Port| graph[port.node].ty.shape.len();
    let row: usize = graph.outputs.iter().map(len).sum();
    if words.len() != row * events {
        return Err(VectorError::Count { expected: row * events, found: words.len() });
    }
    let mut first = 0;
    let block = |port: &Port| {
        let own = first..first + len(port);
        first = own.end;
        let rows: Vec<i64> =
            words.chunks_exact(row).flat_map(|row| row[own.clone()].iter().copied()).collect();
        Block::from_rows(&rows, own.len(), graph[port.node].ty.frac())
    };
    Ok(graph.outputs.iter().map(block).collect())
}
