//! How well a network does what it is for, with errors: [`evaluate`].
//!
//! Figures honor the weights of events, and carry the interval of 68 % that the bootstrap gives. A
//! cut keeps all events of one score or none, so nothing is interpolated.

mod bootstrap;
mod calibration;
mod importance;
pub mod ranking;
mod sculpting;

use bootstrap::{REPLICAS, estimate};
pub use importance::importance;
use ranking::{Cuts, Ranking};
use sculpting::BackgroundEvent;

use rayon::prelude::*;

use super::decision;
use super::metrics::Decision;
use crate::graph::{Graph, NodeId};
use crate::numeric::tensor::Block;
use crate::ops::OpKind;
use crate::report::data::{
    ClassEvaluation, Estimate, Evaluation, Rejection, RocBand, Significance, WorkingPoint,
};

/// The working points, by the part of the background that they keep at most.
pub const WORKING_POINTS: [(&str, f64); 3] = [("loose", 0.1), ("medium", 0.01), ("tight", 0.001)];

/// The signal efficiencies at which background rejections are given.
pub const SIGNAL_EFFICIENCIES: [f64; 3] = [0.3, 0.5, 0.8];

/// The points of a ROC curve.
const ROC_POINTS: u8 = 100;

/// The most points of the significance against the cut.
const SIGNIFICANCE_POINTS: usize = 200;

/// What the outputs of a network say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The logarithm of odds: of class 1 for a single output, up to a constant for several.
    Logit,
    /// A probability.
    Probability,
    /// How odd an event is; class 1 is the signal.
    Anomaly,
}

impl Meaning {
    /// What the output of a node says; none where it is the number of a class.
    pub fn of(graph: &Graph, node: NodeId) -> Option<Self> {
        let mut last = node;
        while let OpKind::Quantize(_) | OpKind::Reshape(_) = &graph[last].op {
            last = graph.operands(last)[0];
        }
        match decision(graph, node) {
            Decision::Number => None,
            Decision::Above(cut) if cut > 0.0 => Some(Self::Probability),
            Decision::Largest if matches!(&graph[last].op, OpKind::Softmax(_)) => {
                Some(Self::Probability)
            }
            Decision::Largest | Decision::Above(_) => Some(Self::Logit),
        }
    }
}

/// A network's scores, and what they should be.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// One score for each class, or one for class 1.
    pub scores: &'a Block<f64>,
    /// What they say.
    pub meaning: Meaning,
    /// The class of each event.
    pub labels: &'a [usize],
    /// The weight of each event.
    pub weights: Option<&'a [f64]>,
    /// The name of each class; those without one are called by their numbers.
    pub names: &'a [String],
    /// What scores should not depend on.
    pub nuisance: Option<&'a [f64]>,
}

/// Everything that labeled scores tell.
pub fn evaluate(request: &Request<'_>) -> Evaluation {
    let Request { scores, meaning, labels, .. } = *request;
    let ones = vec![1.0; labels.len()];
    let weights = request.weights.unwrap_or(&ones);
    let count = scores.elements().max(2);
    let said = match (meaning, scores.elements()) {
        (Meaning::Anomaly, _) => None,
        (Meaning::Probability, 1) => Some(Decision::Above(0.5).classes(scores)),
        (Meaning::Logit, 1) => Some(Decision::Above(0.0).classes(scores)),
        (Meaning::Logit | Meaning::Probability, _) => Some(Decision::Largest.classes(scores)),
    };
    let names: Vec<String> = (0..count)
        .map(|class| request.names.get(class).cloned().unwrap_or_else(|| class.to_string()))
        .collect();
    let accuracy = said.as_ref().and_then(|said| accuracy(said, labels, weights));
    let calibration = said.as_ref().zip(calibration::probabilities(scores, meaning));
    Evaluation {
        events: u64::try_from(labels.len()).expect("a count is at most 64 bits"),
        weighted: request.weights.is_some(),
        replicas: REPLICAS,
        accuracy,
        confusion: said.as_ref().map_or_else(Vec::new, |said| {
            let mut table = vec![vec![0.0; count]; count];
            for ((label, class), weight) in labels.iter().zip(said).zip(weights) {
                table[*label][*class] += weight;
            }
            table
        }),
        classes: (0..scores.elements())
            .filter_map(|element| class(request, weights, &names, element))
            .collect(),
        names,
        calibration: calibration.and_then(|(said, probabilities)| {
            calibration::calibration(&probabilities, said, labels, weights)
        }),
        ..Evaluation::default()
    }
}

fn accuracy(said: &[usize], labels: &[usize], weights: &[f64]) -> Option<Estimate> {
    let fraction = |weight: &dyn Fn(usize) -> f64| {
        let (mut right, mut all) = (0.0, 0.0);
        for (event, (class, label)) in said.iter().zip(labels).enumerate() {
            let weight = weight(event);
            all += weight;
            right += if class == label { weight } else { 0.0 };
        }
        (all > 0.0).then(|| right / all)
    };
    let value = fraction(&|event| weights[event])?;
    let replica = |replica| fraction(&|event| weights[event] * bootstrap::times(replica, event));
    Some(estimate(value, (0..REPLICAS).map(replica)))
}

/// What a replica says of a class, as far as there is signal and background in it.
struct Figures {
    auc: Option<f64>,
    roc: Vec<Option<f64>>,
    rejections: [Option<f64>; 3],
    working_points: [Option<f64>; 3],
}

impl Figures {
    fn of(cuts: &Cuts) -> Self {
        Self {
            auc: cuts.auc(),
            roc: efficiencies().map(|efficiency| cuts.background_at(efficiency)).collect(),
            rejections: SIGNAL_EFFICIENCIES.map(|efficiency| cuts.background_at(efficiency)),
            working_points: WORKING_POINTS.map(|(_, rate)| {
                let kept = cuts.at_background(rate).map_or(0.0, |cut| cut.signal / cuts.signal);
                cuts.has_both().then_some(kept)
            }),
        }
    }
}

/// The signal efficiencies of the points of a ROC curve.
fn efficiencies() -> impl Iterator<Item = f64> {
    (1..=ROC_POINTS).map(|point| f64::from(point) / f64::from(ROC_POINTS))
}

/// The class of a score against all others; none where either has no weight.
fn class(
    request: &Request<'_>,
    weights: &[f64],
    names: &[String],
    element: usize,
) -> Option<ClassEvaluation> {
    let scores = request.scores;
    let class = element + usize::from(scores.elements() == 1);
    let signal: Vec<bool> = request.labels.iter().map(|label| *label == class).collect();
    let ranking = Ranking::new(scores.element(element));
    let cuts = ranking.cuts(&signal, |event| weights[event]);
    let own = Figures::of(&cuts);
    let replica = |replica: u32| {
        Figures::of(
            &ranking.cuts(&signal, |event| weights[event] * bootstrap::times(replica, event)),
        )
    };
    let replicas: Vec<Figures> = (0..REPLICAS).into_par_iter().map(replica).collect();
    let interval = |value: Option<f64>, figure: &dyn Fn(&Figures) -> Option<f64>| {
        value.map(|value| estimate(value, replicas.iter().map(figure)))
    };
    let auc = interval(own.auc, &|figures| figures.auc)?;
    let band = own
        .roc
        .iter()
        .enumerate()
        .filter_map(|(point, value)| interval(*value, &|figures| figures.roc[point]));
    let mut roc = RocBand { signal: efficiencies().collect(), ..RocBand::default() };
    for Estimate { value, low, high } in band {
        roc.background.push(value);
        roc.low.push(low);
        roc.high.push(high);
    }
    let rejections = SIGNAL_EFFICIENCIES.iter().enumerate().filter_map(|(index, efficiency)| {
        let background = interval(own.rejections[index], &|figures| figures.rejections[index])?;
        let factor = (background.value > 0.0).then(|| 1.0 / background.value);
        Some(Rejection { signal_efficiency: *efficiency, background, factor })
    });
    let working_points = WORKING_POINTS.iter().enumerate().filter_map(|(index, (name, rate))| {
        let cut = cuts.at_background(*rate);
        Some(WorkingPoint {
            name: (*name).to_owned(),
            background_rate: *rate,
            cut: cut.map(|cut| cut.score),
            signal: interval(own.working_points[index], &|figures| figures.working_points[index])?,
            background: cut.map_or(0.0, |cut| cut.background / cuts.background),
        })
    });
    let sculpting = request.nuisance.and_then(|nuisance| {
        let cut = cuts.at_background(WORKING_POINTS[0].1)?.score;
        let background = (0..signal.len()).filter(|event| !signal[*event]);
        let event = |event: usize| BackgroundEvent {
            nuisance: nuisance[event],
            weight: weights[event],
            passes: scores.element(element)[event] >= cut,
        };
        sculpting::sculpting(background.map(event).collect())
    });
    Some(ClassEvaluation {
        name: names[class].clone(),
        signal: cuts.signal,
        background: cuts.background,
        auc,
        roc,
        rejections: rejections.collect(),
        working_points: working_points.collect(),
        significance: significance(&cuts),
        sculpting,
    })
}

fn significance(cuts: &Cuts) -> Significance {
    let stride = cuts.all.len().div_ceil(SIGNIFICANCE_POINTS).max(1);
    let best = cuts.all.iter().max_by(|a, b| a.significance().total_cmp(&b.significance()));
    let shown = || cuts.all.iter().step_by(stride);
    Significance {
        cuts: shown().map(|cut| cut.score).collect(),
        values: shown().map(|cut| cut.significance()).collect(),
        best_cut: best.map_or(0.0, |cut| cut.score),
        best: best.map_or(0.0, |cut| cut.significance()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::metrics;

    #[test]
    fn figures_agree_with_those_of_verify() {
        let rows: Vec<f64> = (0..600_u32).map(|value| f64::from(value * 53 % 97)).collect();
        let scores = Block::from_rows(&rows, 3, 0);
        let labels: Vec<usize> = (0..200).map(|event| event * 7 % 3).collect();
        let request = Request {
            scores: &scores,
            meaning: Meaning::Logit,
            labels: &labels,
            weights: None,
            names: &["a".to_owned()],
            nuisance: None,
        };
        let found = evaluate(&request);
        let said = Decision::Largest.classes(&scores);
        let accuracy = found.accuracy.unwrap();
        assert_eq!(Some(accuracy.value), Some(metrics::accuracy(&said, &labels)));
        assert!(accuracy.low < accuracy.value && accuracy.value < accuracy.high);
        assert_eq!(found.names, ["a", "1", "2"]);
        for (class, own) in found.classes.iter().enumerate() {
            let signal: Vec<bool> = labels.iter().map(|label| *label == class).collect();
            let auc = metrics::auc(scores.element(class), &signal).unwrap();
            assert!((own.auc.value - auc).abs() < 1e-12);
            for point in &own.working_points {
                let rate = point.background_rate;
                let expected = metrics::efficiency(scores.element(class), &signal, rate);
                assert_eq!(Some(point.signal.value), expected);
            }
        }
        for (label, row) in metrics::confusion(&said, &labels).iter().enumerate() {
            let row = row.iter().map(|count| f64::from(u32::try_from(*count).unwrap()));
            assert_eq!(found.confusion[label], row.collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_anomaly_score_has_one_curve_and_no_classes() {
        let scores = Block::from_rows(&[0.1, 0.2, 5.0, 0.3, 4.0, 0.2], 1, 0);
        let request = Request {
            scores: &scores,
            meaning: Meaning::Anomaly,
            labels: &[0, 0, 1, 0, 1, 0],
            weights: Some(&[1.0, 1.0, 1.0, 2.0, 1.0, 0.0]),
            names: &[],
            nuisance: Some(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        };
        let found = evaluate(&request);
        assert_eq!((found.accuracy, found.calibration.is_none()), (None, true));
        let [class] = found.classes.as_slice() else { panic!("one curve") };
        assert_eq!((class.name.as_str(), class.auc.value), ("1", 1.0));
        assert_eq!((class.signal, class.background), (2.0, 4.0));
        let best = (class.significance.best, class.significance.best_cut);
        assert_eq!(best, (2.0 / 2_f64.sqrt(), 4.0));
        assert_eq!(class.rejections[0].factor, None);
        assert_eq!(class.sculpting.as_ref().unwrap().divergence, None);
    }
}
