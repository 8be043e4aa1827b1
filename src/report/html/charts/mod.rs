//! The drawings of the page.

pub(super) mod evaluation;
pub(super) mod histogram;
pub(super) mod loss;
pub(super) mod magnitudes;
pub(super) mod pipeline;
pub(super) mod roc;

use super::super::words;

/// A drawing with its caption.
pub(super) struct Figure {
    pub(super) title: String,
    pub(super) note: String,
    pub(super) html: String,
}

/// The room at the left of a drawing for the names of its rows.
struct Gutter {
    width: f64,
    /// The most characters of a name.
    most: usize,
}

impl Gutter {
    /// As much room as `names` need, within reason.
    fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let longest = names.map(|name| name.chars().count()).max().unwrap_or_default();
        let most = longest.clamp(14, 30);
        Self { width: 7.2 * words::size(most) + 16.0, most }
    }

    /// `name` as it fits: what is too long loses its middle.
    fn name(&self, name: &str) -> String {
        shortened(name, self.most)
    }
}

/// `name` with its middle left out where it is longer than `most` characters.
fn shortened(name: &str, most: usize) -> String {
    let characters: Vec<char> = name.chars().collect();
    if characters.len() <= most {
        return name.to_owned();
    }
    let tail = most / 2;
    let head: String = characters[..most - tail - 1].iter().collect();
    let tail: String = characters[characters.len() - tail..].iter().collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_lose_their_middle() {
        assert_eq!(shortened("relu1", 5), "relu1");
        assert_eq!(shortened("/fc1/Gemm", 6), "/f…emm");
        assert_eq!(shortened("größenordnung", 5), "gr…ng");
    }
}
