//! Quantization-aware training: a recipe and events become networks that compile bit for bit.
//!
//! The forward pass computes with the compiler's own formats: a quantizer in it
//! gives the values that [`Quantizer`](crate::numeric::quantizer::Quantizer)
//! gives, so the exported graph computes the same integers, as long as the sums of
//! a layer have at most 24 bits, which single precision holds. (Figures of the
//! networks that a run leaves come from the integers in any case.) Gradients pass the
//! rounding straight through, and reach the bit widths themselves, which an
//! estimate of the hardware (effective bit operations) pulls down. Method:
//! C. Sun et al., "Gradient-based automatic mixed precision quantization", arXiv:2405.00645.
//!
//! - `recipe`: the TOML file, with the wiring of its layers;
//! - `dataset`, `standard`: events, labels, the split, and the scales of the inputs;
//! - `parameter`, `quantizer`, `model`: what is trained, and the forward pass;
//! - `fused`: its costly parts, each as one operation of the tape;
//! - `loss`, `objective`, `optimizer`, `schedule`: how it is trained;
//! - `adversary`, `contest`, `correlation`: how scores are kept from depending on a nuisance, and how much they do;
//! - `slope`, `fit`, `watch`: one batch, the loop, and what whoever watches is told;
//! - `front`: the networks that no other beats in both metric and cost;
//! - `digits`, `peel`: these with fewer digits of weights, where the metric allows it;
//! - `tune`: searching for the recipe itself.
//!
//! Nothing here touches the disk, the clock or the terminal; the same recipe,
//! events and seed give the same bits.

pub mod adversary;
pub mod contest;
pub mod correlation;
pub mod dataset;
pub mod digits;
pub mod fit;
pub mod front;
#[expect(clippy::inline_always, reason = "only what is inlined uses the wide registers")]
mod fused;
pub mod loss;
pub mod model;
pub mod objective;
pub mod optimizer;
pub mod parameter;
pub mod peel;
pub mod quantizer;
pub mod random;
pub mod recipe;
pub mod schedule;
pub mod slope;
pub mod standard;
pub mod tune;
pub mod watch;

#[cfg(test)]
mod tests;
