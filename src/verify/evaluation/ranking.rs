//! [`Ranking`]: events by their score, and what each cut keeps of their weights.

/// Events in the order of their scores.
#[derive(Clone, Debug)]
pub struct Ranking {
    /// The events, those of the highest score first.
    order: Vec<usize>,
    /// How many events have each score or a higher one, and the score.
    steps: Vec<(usize, f64)>,
}

/// What every possible cut keeps: events of a score and above.
#[derive(Clone, Debug)]
pub struct Cuts {
    /// The cuts, the highest score first.
    pub all: Vec<Cut>,
    /// The signal in all.
    pub signal: f64,
    /// The background in all.
    pub background: f64,
}

/// What one cut keeps, in sums of weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// The lowest score that is kept.
    pub score: f64,
    /// The signal that is kept.
    pub signal: f64,
    /// The background that is kept.
    pub background: f64,
}

impl Ranking {
    /// Events by their scores.
    pub fn new(scores: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        let mut steps: Vec<(usize, f64)> = Vec::new();
        for (index, event) in order.iter().enumerate() {
            let score = scores[*event];
            match steps.last_mut() {
                // Zeros of both signs are one score.
                Some((end, last)) if score >= *last => *end = index + 1,
                _ => steps.push((index + 1, score)),
            }
        }
        Self { order, steps }
    }

    /// What the cuts keep of events with these weights.
    pub fn cuts(&self, signal: &[bool], weight: impl Fn(usize) -> f64) -> Cuts {
        let (mut kept_signal, mut kept_background) = (0.0, 0.0);
        let mut begin = 0;
        let mut all = Vec::with_capacity(self.steps.len());
        for (end, score) in &self.steps {
            for event in &self.order[begin..*end] {
                let sum = if signal[*event] { &mut kept_signal } else { &mut kept_background };
                *sum += weight(*event);
            }
            begin = *end;
            all.push(Cut { score: *score, signal: kept_signal, background: kept_background });
        }
        Cuts { all, signal: kept_signal, background: kept_background }
    }
}

impl Cuts {
    /// The area under the ROC curve: the weight of pairs in which signal scores higher than
    /// background, where equal scores count half. None without signal or without background.
    pub fn auc(&self) -> Option<f64> {
        let (mut won, mut before) = (0.0, Cut { score: 0.0, signal: 0.0, background: 0.0 });
        for cut in &self.all {
            let (signal, background) =
                (cut.signal - before.signal, cut.background - before.background);
            won += background * (before.signal + signal / 2.0);
            before = *cut;
        }
        self.has_both().then(|| won / (self.signal * self.background))
    }

    /// The least part of the background that a cut keeps which keeps this part of the signal.
    pub fn background_at(&self, signal_efficiency: f64) -> Option<f64> {
        let enough = self.all.iter().find(|cut| cut.signal / self.signal >= signal_efficiency)?;
        self.has_both().then(|| enough.background / self.background)
    }

    /// The loosest cut that keeps at most this part of the background; none where each keeps more.
    pub fn at_background(&self, rate: f64) -> Option<Cut> {
        if !self.has_both() {
            return None;
        }
        self.all.iter().take_while(|cut| cut.background / self.background <= rate).last().copied()
    }

    /// True when there are signal and background of any weight.
    pub fn has_both(&self) -> bool {
        self.signal > 0.0 && self.background > 0.0
    }
}

impl Cut {
    /// `s / √(s + b)`; zero where nothing is kept.
    pub fn significance(self) -> f64 {
        let all = self.signal + self.background;
        if all > 0.0 { self.signal / all.sqrt() } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::metrics;

    /// Scores with ties, alternating and skewed.
    fn events() -> (Vec<f64>, Vec<bool>) {
        let scores = (0..200_u32).map(|event| f64::from(event * 37 % 50)).collect();
        let signal = (0..200_u32).map(|event| event * 37 % 50 + event % 40 > 45).collect();
        (scores, signal)
    }

    #[test]
    fn equal_weights_give_the_figures_of_verify() {
        let (scores, signal) = events();
        for weight in [1.0, 0.5] {
            let cuts = Ranking::new(&scores).cuts(&signal, |_| weight);
            let auc = metrics::auc(&scores, &signal).unwrap();
            assert!((cuts.auc().unwrap() - auc).abs() < 1e-12);
            for rate in [0.01, 0.1, 0.5] {
                let kept = cuts.at_background(rate).map_or(0.0, |cut| cut.signal / cuts.signal);
                assert_eq!(Some(kept), metrics::efficiency(&scores, &signal, rate));
            }
        }
    }

    #[test]
    fn a_weight_of_two_is_an_event_twice() {
        let (mut scores, mut signal) = events();
        let weighted = Ranking::new(&scores)
            .cuts(&signal, |event| if event.is_multiple_of(3) { 2.0 } else { 1.0 });
        for event in (0..200).step_by(3) {
            scores.push(scores[event]);
            signal.push(signal[event]);
        }
        assert_eq!(weighted.all, Ranking::new(&scores).cuts(&signal, |_| 1.0).all);
    }

    #[test]
    fn cuts_are_those_by_hand() {
        // 4: signal 1; 3: signal 1, background 2; 0: background 2.
        let scores = [4.0, 3.0, 3.0, 0.0, -0.0];
        let signal = [true, true, false, false, false];
        let weights = [1.0, 1.0, 2.0, 1.5, 0.5];
        let cuts = Ranking::new(&scores).cuts(&signal, |event| weights[event]);
        let cut = |score, signal, background| Cut { score, signal, background };
        assert_eq!(cuts.all, [cut(4.0, 1.0, 0.0), cut(3.0, 2.0, 2.0), cut(0.0, 2.0, 4.0)]);
        // Of 8 pairs in weight, 4 with the first, 2 with the second, and half of 2 more.
        assert_eq!(cuts.auc(), Some(7.0 / 8.0));
        assert_eq!(cuts.background_at(0.5), Some(0.0));
        assert_eq!(cuts.background_at(0.51), Some(0.5));
        assert_eq!(cuts.at_background(0.5).map(|cut| cut.score), Some(3.0));
        assert_eq!(cuts.at_background(0.49).map(|cut| cut.score), Some(4.0));
        assert_eq!(Some(cuts.all[1].significance()), Some(1.0));
        let alone = Ranking::new(&scores).cuts(&[true; 5], |_| 1.0);
        assert_eq!((alone.auc(), alone.background_at(0.5)), (None, None));
    }
}
