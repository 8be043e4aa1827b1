//! What physicists measure: accuracy, areas under ROC curves, efficiencies, errors.

use serde::{Deserialize, Serialize};

use crate::numeric::tensor::Block;

/// How an output names a class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The element with the largest value, the lowest index among equals.
    Largest,
    /// Class 1 where the only element is above a cut, else class 0.
    Above(f64),
    /// The only element is the number of the class.
    Number,
}

/// How far values are from their reference.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Errors {
    /// The largest absolute error.
    pub max: f64,
    /// The event of the largest error.
    pub max_event: usize,
    /// The element of the largest error.
    pub max_element: usize,
    /// The mean absolute error.
    pub mean: f64,
    /// The mean error, the sign kept: what all values are off by.
    pub bias: f64,
    /// Signal to quantization noise, in decibels: power of the reference over power of the
    /// error; none where there is no error or no signal.
    pub sqnr_db: Option<f64>,
}

impl Decision {
    /// The class of each event.
    pub fn classes(self, scores: &Block<f64>) -> Vec<usize> {
        let event = |event: usize| match self {
            Self::Largest => (1..scores.elements()).fold(0, |best, index| {
                let wins = scores.element(index)[event] > scores.element(best)[event];
                if wins { index } else { best }
            }),
            Self::Above(cut) => usize::from(scores.element(0)[event] > cut),
            Self::Number => class_number(scores.element(0)[event]),
        };
        (0..scores.events).map(event).collect()
    }
}

/// The fraction of `classes` that agree with `labels`.
pub fn accuracy(classes: &[usize], labels: &[usize]) -> f64 {
    let right = classes.iter().zip(labels).filter(|(class, label)| class == label).count();
    ratio(right, labels.len())
}

/// `confusion[label][class]`: how many events of a label were given a class.
pub fn confusion(classes: &[usize], labels: &[usize]) -> Vec<Vec<usize>> {
    let count = classes.iter().chain(labels).max().map_or(0, |last| last + 1);
    let mut table = vec![vec![0; count]; count];
    for (class, label) in classes.iter().zip(labels) {
        table[*label][*class] += 1;
    }
    table
}

/// The area under the ROC curve: the probability that a signal event scores higher than a
/// background event, where equal scores count half.
///
/// Exact: a rank sum, not a sum of trapezoids. None without signal or without background.
pub fn auc(scores: &[f64], signal: &[bool]) -> Option<f64> {
    let (mut wins_twice, mut background) = (0_u128, 0_u128);
    for steps in steps(scores, signal).rev() {
        wins_twice += steps.signal * (2 * background + steps.background);
        background += steps.background;
    }
    let signal = u128::try_from(signal.iter().filter(|signal| **signal).count()).ok()?;
    let pairs_twice = 2 * signal * background;
    (pairs_twice > 0).then(|| wide_ratio(wins_twice, pairs_twice))
}

/// The largest fraction of the signal that some cut keeps while it keeps at most the fraction
/// `background_rate` of the background.
///
/// A cut keeps all events of one score or none, so nothing is interpolated.
/// None without signal or without background.
pub fn efficiency(scores: &[f64], signal: &[bool], background_rate: f64) -> Option<f64> {
    roc(scores, signal)?
        .into_iter()
        .filter(|point| point.background <= background_rate)
        .map(|point| point.signal)
        .reduce(f64::max)
}

/// What one cut keeps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RocPoint {
    /// The fraction of the background.
    pub background: f64,
    /// The fraction of the signal.
    pub signal: f64,
}

/// What each possible cut keeps, from none to all. None without signal or without background.
pub fn roc(scores: &[f64], signal: &[bool]) -> Option<Vec<RocPoint>> {
    let signals = u128::try_from(signal.iter().filter(|signal| **signal).count()).ok()?;
    let backgrounds = u128::try_from(signal.len()).ok()? - signals;
    if signals == 0 || backgrounds == 0 {
        return None;
    }
    let (mut kept_signal, mut kept_background) = (0, 0);
    let mut points = vec![RocPoint { background: 0.0, signal: 0.0 }];
    for step in steps(scores, signal) {
        kept_signal += step.signal;
        kept_background += step.background;
        points.push(RocPoint {
            background: wide_ratio(kept_background, backgrounds),
            signal: wide_ratio(kept_signal, signals),
        });
    }
    Some(points)
}

/// How far `values` are from `reference`; none when they have no elements or another shape.
pub fn errors(reference: &Block<f64>, values: &Block<f64>) -> Option<Errors> {
    if reference.data.is_empty()
        || (reference.events, reference.data.len()) != (values.events, values.data.len())
    {
        return None;
    }
    let mut errors =
        Errors { max: 0.0, max_event: 0, max_element: 0, mean: 0.0, bias: 0.0, sqnr_db: None };
    let (mut signal, mut noise) = (0.0, 0.0);
    for (index, (reference, value)) in reference.data.iter().zip(&values.data).enumerate() {
        let error = value - reference;
        if error.abs() > errors.max {
            errors.max = error.abs();
            (errors.max_element, errors.max_event) = (index / values.events, index % values.events);
        }
        errors.mean += error.abs();
        errors.bias += error;
        signal += reference * reference;
        noise += error * error;
    }
    let count = ratio(values.data.len(), 1);
    errors.mean /= count;
    errors.bias /= count;
    errors.sqnr_db = (signal > 0.0 && noise > 0.0).then(|| 10.0 * (signal / noise).log10());
    Some(errors)
}

/// Events of one score.
#[derive(Clone, Copy, Default)]
struct Step {
    signal: u128,
    background: u128,
}

/// How many events have each score, the highest score first.
fn steps(scores: &[f64], signal: &[bool]) -> impl DoubleEndedIterator<Item = Step> {
    let mut events: Vec<(f64, bool)> = scores.iter().copied().zip(signal.iter().copied()).collect();
    events.sort_by(|a, b| b.0.total_cmp(&a.0));
    // Zeros of both signs are one score.
    let groups =
        events.chunk_by(|a, b| a.0.partial_cmp(&b.0).is_some_and(std::cmp::Ordering::is_eq));
    let steps: Vec<Step> = groups
        .map(|group| {
            group.iter().fold(Step::default(), |step, (_, signal)| Step {
                signal: step.signal + u128::from(*signal),
                background: step.background + u128::from(!signal),
            })
        })
        .collect();
    steps.into_iter()
}

/// A class number that an output gives; 0 where it gives none.
fn class_number(value: f64) -> usize {
    let mut class = 0;
    while ratio(class + 1, 1) <= value {
        class += 1;
    }
    class
}

fn ratio(part: usize, whole: usize) -> f64 {
    wide_ratio(part as u128, whole as u128)
}

fn wide_ratio(part: u128, whole: u128) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate for a report")]
    let (part, whole) = (part as f64, whole as f64);
    part / whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_count_ties_half() {
        let check = |scores: &[f64], signal: &[u8], expected: Option<f64>| {
            let signal: Vec<bool> = signal.iter().map(|signal| *signal == 1).collect();
            assert_eq!(auc(scores, &signal), expected);
        };
        check(&[1.0, 2.0, 3.0, 4.0], &[0, 0, 1, 1], Some(1.0));
        check(&[1.0, 2.0, 3.0, 4.0], &[1, 1, 0, 0], Some(0.0));
        check(&[1.0, 1.0, 1.0, 1.0], &[1, 0, 1, 0], Some(0.5));
        check(&[0.0, -0.0, 1.0], &[1, 0, 0], Some(0.25));
        check(&[1.0, 2.0, 2.0, 3.0], &[0, 1, 0, 1], Some(0.875));
        check(&[1.0, 2.0], &[1, 1], None);
    }

    #[test]
    fn efficiencies_are_those_of_cuts() {
        let scores = [5.0, 4.0, 4.0, 3.0, 2.0];
        let signal = [true, true, false, true, false];
        assert_eq!(efficiency(&scores, &signal, 0.0), Some(1.0 / 3.0));
        assert_eq!(efficiency(&scores, &signal, 0.49), Some(1.0 / 3.0));
        assert_eq!(efficiency(&scores, &signal, 0.5), Some(1.0));
        assert_eq!(efficiency(&scores, &[true; 5], 0.5), None);
    }

    #[test]
    fn classes_and_errors() {
        let scores = Block::from_rows(&[1.0, 1.0, 0.0, 2.0, 3.0, 1.0], 2, 0);
        let classes = Decision::Largest.classes(&scores);
        assert_eq!(classes, [0, 1, 0]);
        assert!((accuracy(&classes, &[0, 0, 0]) - 2.0 / 3.0).abs() < f64::EPSILON);
        assert_eq!(confusion(&classes, &[0, 0, 1]), [[1, 1], [1, 0]]);
        let numbers = Block::from_rows(&[0.0, 3.0, 1.0], 1, 0);
        assert_eq!(Decision::Number.classes(&numbers), [0, 3, 1]);
        assert_eq!(Decision::Above(0.5).classes(&numbers), [0, 1, 1]);
        let off = Block::from_rows(&[1.0, 1.5, 0.0, 2.0, 2.0, 1.0], 2, 0);
        let errors = errors(&scores, &off).unwrap();
        assert_eq!((errors.max, errors.max_event, errors.max_element), (1.0, 2, 0));
        assert_eq!((errors.mean, errors.bias), (1.5 / 6.0, -0.5 / 6.0));
        assert_eq!(errors.sqnr_db, Some(10.0 * (16.0_f64 / 1.25).log10()));
    }
}
