//! Losses are their formulas, and their gradients finite differences.

use super::*;

/// Every loss, with targets of its kind for outputs of a number of columns.
fn losses() -> Vec<(Loss, Vec<f32>, usize)> {
    let (classes, numbers) =
        (vec![1.0, 0.0, 0.0, 0.0, 0.0, 1.0], vec![0.5, 1.0, -1.0, 0.0, 2.0, 0.125]);
    let probabilities = vec![1.0, 0.0, 0.25, 1.0, 0.0, 0.75];
    let signal = vec![1.0, 0.0, 0.0, 1.0, 0.0, 1.0];
    let (expected, background) = (30.0, 400.0);
    vec![
        (Loss::CrossEntropy, classes.clone(), 3),
        (Loss::Focal { gamma: 2.0 }, classes, 3),
        (Loss::BinaryCrossEntropy, probabilities.clone(), 3),
        (Loss::BinaryFocal { gamma: 1.5 }, probabilities, 3),
        (Loss::MeanSquaredError, numbers.clone(), 3),
        (Loss::MeanAbsoluteError, numbers.clone(), 3),
        (Loss::Huber { delta: 0.7 }, numbers.clone(), 3),
        (Loss::FourthPower, numbers, 3),
        (Loss::Significance { signal: expected, background, pretraining: 0 }, signal.clone(), 1),
        (Loss::Asimov { signal: expected, background, systematic: 0.2, pretraining: 0 }, signal, 1),
    ]
}

const OUTPUTS: [f32; 6] = [0.5, -1.0, 2.0, 0.25, 0.0, -0.75];

#[test]
fn gradients_of_losses_are_finite_differences() {
    for (kind, targets, columns) in losses() {
        let rows = OUTPUTS.len() / columns;
        let shape = [rows, columns];
        let weights: Vec<f32> = [1.0, 2.5, 0.5, 1.0, 3.0, 2.0][..rows].to_vec();
        let device = Device::flex().autodiff();
        let leaf = tensor(OUTPUTS.to_vec(), shape, &device).require_grad();
        let target = tensor(targets.clone(), shape, &device);
        let weight = tensor(weights.clone(), [rows, 1], &device);
        let own = loss(kind, leaf.clone(), target, weight);
        let gradient = values(leaf.grad(&own.backward()).unwrap());
        for (index, gradient) in gradient.iter().enumerate() {
            let h = 1e-2;
            let moved = |by: f64| {
                let mut outputs = OUTPUTS.map(f64::from);
                outputs[index] += by;
                loss_of(kind, &outputs, &targets, &weights)
            };
            let difference = (moved(h) - moved(-h)) / (2.0 * h);
            let apart = (f64::from(*gradient) - difference).abs();
            assert!(apart < 1e-3 * (1.0 + difference.abs()), "{kind:?} {gradient} {difference}");
        }
    }
}

#[test]
fn losses_are_their_formulas() {
    let sigmoid = |y: f64| 1.0 / (1.0 + (-y).exp());
    let binary = |y: f64, t: f64| -t * sigmoid(y).ln() - (1.0 - t) * sigmoid(-y).ln();
    let p: Vec<f64> = [1.0_f64, -2.0].iter().map(|y| y.exp()).collect();
    let p = p[0] / (p[0] + p[1]);
    let focal = -(1.0 - sigmoid(1.0)).powi(2) * sigmoid(1.0).ln();
    let other = -(1.0 - sigmoid(2.0)).powi(2) * sigmoid(2.0).ln();
    for (kind, expected) in [
        (Loss::CrossEntropy, -p.ln()),
        (Loss::Focal { gamma: 3.0 }, -(1.0 - p).powi(3) * p.ln()),
        (Loss::BinaryCrossEntropy, f64::midpoint(binary(1.0, 1.0), binary(-2.0, 0.0))),
        (Loss::BinaryFocal { gamma: 2.0 }, f64::midpoint(focal, other)),
        (Loss::MeanSquaredError, 2.0),
        (Loss::MeanAbsoluteError, 1.0),
        (Loss::Huber { delta: 1.0 }, f64::midpoint(0.0, 1.5)),
        (Loss::FourthPower, 8.0),
    ] {
        let found = loss_of(kind, &[1.0, -2.0], &[1.0, 0.0], &[2.0]);
        assert!((found - expected).abs() < 1e-6, "{kind:?}: {found}, expected {expected}");
    }
}

#[test]
fn an_event_of_weight_two_counts_as_two_events() {
    for (kind, targets, columns) in losses() {
        let outputs = OUTPUTS.map(f64::from);
        let rows = OUTPUTS.len() / columns;
        let twice = |values: &[f64]| [values, &values[..columns]].concat();
        let mut weights = vec![1.0; rows];
        weights[0] = 2.0;
        let many: Vec<f64> = targets.iter().map(|own| f64::from(*own)).collect();
        let repeated: Vec<f32> = [targets.as_slice(), &targets[..columns]].concat();
        assert_eq!(many.len() + columns, repeated.len());
        let ones = vec![1.0; rows + 1];
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-5, "{kind:?}: {a} {b}");
        let weighted = loss_of(kind, &outputs, &targets, &weights);
        near(weighted, loss_of(kind, &twice(&outputs), &repeated, &ones));
        let metric = Metric::of(kind);
        let weighted = metric.value(&outputs, &targets, &weights);
        near(weighted, metric.value(&twice(&outputs), &repeated, &ones));
    }
}

#[test]
fn significance_is_trained_after_its_pretraining() {
    let signal = 50.0;
    for systematic in [None, Some(0.3)] {
        let (background, pretraining) = (200.0, 2);
        let mut recipe = Recipe::parse(
            &RECIPE
                .replace("outputs = 3", "outputs = 1")
                .replace("\"cross_entropy\"", "\"binary_cross_entropy\""),
            "recipe.toml",
        )
        .unwrap();
        let loss = match systematic {
            None => Loss::Significance { signal, background, pretraining },
            Some(systematic) => Loss::Asimov { signal, background, systematic, pretraining },
        };
        recipe.train.loss = Some(loss);
        recipe.train.epochs = 12;
        recipe.train.batch_size = 200;
        recipe.resources.beta = None;
        let mut all = events(900);
        let values = wanted(&mut all).chunks(3).map(|own| own[1]).collect();
        all.targets = vec![Target::Values { columns: 1, values }];
        let Split { training, validation, .. } = all.split(0.2, 0.0).unwrap();
        let trainer = Trainer::new(&recipe, training, validation);
        let mut state = trainer.start();
        assert_eq!(trainer.run(&mut state, &mut go_on), Ending::Finished);
        let metric = |epoch: usize| state.history[epoch].metric;
        let best = state.history[2..].iter().map(|own| own.metric).fold(0.0, f64::max);
        assert!(best > 1.1 * metric(1), "{} to {best}", metric(1));
        // Batches of one event have none: that is said as what it is.
        recipe.train.batch_size = 1;
        let small = all.split(0.2, 0.0).unwrap();
        let trainer = Trainer::new(&recipe, small.training.clone(), small.validation);
        let mut state = trainer.start();
        state.epoch = pretraining;
        assert_eq!(trainer.run(&mut state, &mut go_on), Ending::Undefined { epoch: pretraining });
        // One batch of background alone has no significance: it is passed over.
        let targets = [0.0, 0.0];
        assert!(!loss.is_defined(&targets, &[1.0; 2]));
        assert!(loss.in_epoch(1).is_defined(&targets, &[1.0; 2]));
    }
}
