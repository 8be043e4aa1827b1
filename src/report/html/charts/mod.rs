//! The drawings of the page.

pub(super) mod histogram;
pub(super) mod loss;
pub(super) mod magnitudes;
pub(super) mod pipeline;
pub(super) mod roc;

/// A drawing with its caption.
pub(super) struct Figure {
    pub(super) title: String,
    pub(super) note: String,
    pub(super) html: String,
}
