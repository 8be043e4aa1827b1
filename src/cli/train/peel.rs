//! Peeling a network of the front, measured by its integers.

use serde::Serialize;

use super::points::{self, Made, Point, WithFile};
use crate::cli::Failure;
use crate::train::front::Candidate;
use crate::train::peel::{Peeled, digits_of, peel as search};
use crate::train::recipe::peel::Peel;
use crate::train::watch::Wish;

/// What peeling brought: figures before and after it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Gain {
    /// The epoch of the network, counted from 0.
    pub(super) epoch: usize,
    /// Signed digits of weights that are not zero.
    pub(super) digits: [u32; 2],
    /// Look-up tables.
    pub(super) lut: [u64; 2],
    /// The metric on the validation events.
    pub(super) metric: [f64; 2],
    /// The metric on the test events, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) test_metric: Option<[f64; 2]>,
}

/// The network after peeling, and what that brought; none when `step`, which is told what is done, wishes to
/// stop. `whole` is the point of the network before.
pub(super) fn peel(
    made: Made<'_>,
    own: Peel,
    (candidate, whole): (&Candidate, &Point),
    step: &mut dyn FnMut(&str) -> Wish,
) -> Result<Option<(WithFile, Gain)>, Failure> {
    let trainer = made.trainer;
    let network = trainer.network();
    let found = search(trainer, &candidate.parameters, own.loss, &mut |progress| {
        step(&format!("peeling ({} of {} digits)", progress.removed, progress.digits))
    });
    let Some(found) = found else { return Ok(None) };
    let least = whole.metric - own.loss;
    let parameters = found.after(network, kept(made, &found, least)?);
    let cost = trainer.evaluate(&parameters, trainer.validation()).cost;
    let digits = [&candidate.parameters, &parameters].map(|own| digits_of(network, own));
    let peeled = Candidate { cost, parameters, ..candidate.clone() };
    let (point, bytes) = points::point(made, &peeled, digits[0] - digits[1])?;
    let gain = Gain {
        epoch: candidate.epoch,
        digits,
        lut: [whole.lut, point.lut],
        metric: [whole.metric, point.metric],
        test_metric: whole.test_metric.zip(point.test_metric).map(<[f64; 2]>::from),
    };
    Ok(Some(((point, bytes), gain)))
}

/// How many of the changes the integers allow: all, but where single precision, or a softmax, lets
/// the outputs that the search saw differ from theirs.
fn kept(made: Made<'_>, found: &Peeled, least: f64) -> Result<usize, Failure> {
    let trainer = made.trainer;
    let allows = |changes: usize| -> Result<bool, Failure> {
        let parameters = found.after(trainer.network(), changes);
        Ok(points::measured(trainer, &parameters, trainer.validation())?.metric >= least)
    };
    let mut most = found.changes.len();
    while most > 0 && !allows(most)? {
        most -= most.div_ceil(16);
    }
    Ok(most)
}
