#![expect(clippy::float_cmp, reason = "what is compared is exact")]

use burn::tensor::Device;
use proptest::prelude::*;

use super::dataset::{Dataset, Sources, Split};
use super::fit::{Ending, Event, Trainer, Wish};
use super::front::{Candidate, Front};
use super::loss::metric::Metric;
use super::loss::{Loss, loss, loss_of};
use super::parameter::{Parameters, tensor, values};
use super::quantizer::{FakeQuantizer, Use};
use super::random::Random;
use super::recipe::Recipe;
use super::recipe::layer::{Format, Granularity};
use super::recipe::training::Train;
use super::schedule;
use super::standard::Standard;
use crate::data::Array;
use crate::diag::Code;
use crate::numeric::interval::scale;
use crate::numeric::round::{Overflow, Rounding};

const RECIPE: &str = r#"
name = "small"
[data]
inputs = "x.npy"
labels = "y.npy"
[input]
width = 9
learn = "channel"
[[layer]]
kind = "dense"
name = "fc1"
outputs = 8
weights = { format = "fixed<6,2,RND,SAT>", learn = "weight" }
bias = { format = "fixed<8,3,RND,SAT>" }
[[layer]]
kind = "relu"
name = "act1"
output = { format = "ufixed<6,3,RND,SAT>", learn = "channel" }
[[layer]]
kind = "dense"
name = "fc2"
outputs = 3
weights = { format = "fixed<6,2,RND_CONV,SAT_SYM>", learn = "tensor" }
bias = { format = "fixed<8,3,TRN,SAT>", learn = "tensor" }
[train]
loss = "cross_entropy"
epochs = 4
batch_size = 64
learning_rate = 0.02
clip_gradient = 10.0
[resources]
beta = [1e-6, 1e-4]
warmup = 1
"#;

fn recipe() -> Recipe {
    Recipe::parse(RECIPE, "recipe.toml").unwrap()
}

/// Three classes around three points, in physical units of very different size.
fn events(count: usize) -> Dataset {
    let mut random = Random::new(7, 0);
    let (mut inputs, mut labels) = (Vec::new(), Vec::new());
    for event in 0..count {
        let class = event % 3;
        let centers = [[0.0, 100.0], [1.5, 180.0], [-1.5, 240.0]][class];
        for (center, width) in centers.iter().zip([1.0, 60.0]) {
            inputs.push(center + width * (random.unit() + random.unit() - 1.0));
        }
        inputs.push(random.unit());
        labels.push([0.0, 1.0, 2.0][class]);
    }
    let array = |columns: usize, values: Vec<f64>| {
        let shape = vec![values.len() / columns, columns];
        Array { name: None, shape, values }
    };
    let (inputs, labels) = (array(3, inputs), array(1, labels));
    let sources =
        Sources { inputs: ("x", &inputs), labels: ("y", &labels), weights: None, keys: None };
    Dataset::new(sources, 3, Loss::CrossEntropy).unwrap()
}

fn go_on(_: &super::fit::State, _: Event<'_>) -> Wish {
    Wish::GoOn
}

fn format(text: &str, learn: Granularity) -> Format {
    Format { format: text.parse().unwrap(), learn }
}

/// A quantizer of one row of values, and its parameters.
fn quantizer(text: &str, columns: usize) -> (FakeQuantizer, Parameters) {
    let mut parameters = Parameters::default();
    let own = format(text, Granularity::Channel);
    let quantizer = FakeQuantizer::new(&mut parameters, "q", own, Use::Values { columns });
    (quantizer, parameters)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_forward_pass_is_the_quantizer_of_the_compiler(
        drawn in proptest::collection::vec((-0x00ff_ffff_i32..0x0100_0000, 0_i32..30), 1..40),
        width in 2_u8..9,
        integer in -3_i32..6,
    ) {
        // Any value of single precision, and those about the ties of the format.
        let step = 2_f32.powi(integer - i32::from(width));
        let any = drawn.iter().map(|(mantissa, shift)| {
            #[expect(clippy::cast_precision_loss, reason = "24 bits")]
            let mantissa = *mantissa as f32;
            mantissa * 2_f32.powi(-shift)
        });
        let ties = (-20_i16..20).map(|number| f32::from(number) * step / 2.0);
        let ties = ties.flat_map(|x| [x.next_down(), x, x.next_up()]);
        // Single precision has no full accuracy near to its least numbers.
        let is_normal = |x: &f32| *x == 0.0 || x.abs() > 1e-30;
        let inputs: Vec<f32> = any.chain(ties).filter(is_normal).collect();
        for rounding in Rounding::ALL {
            for (sign, overflow) in Overflow::ALL.iter().flat_map(|mode| [("", mode), ("u", mode)]) {
                let text = format!("{sign}fixed<{width},{integer},{rounding},{overflow}>");
                let (own, parameters) = quantizer(&text, 1);
                let leaves = parameters.leaves(&Device::flex());
                let column = tensor(inputs.clone(), [inputs.len(), 1], &leaves.device);
                let found = values(own.forward(&leaves, column));
                let exact = own.at(&parameters, 0, 0);
                prop_assert_eq!(exact.to_string(), text.clone());
                prop_assert_eq!(own.channels(&leaves, 2), [exact; 2]);
                for (x, found) in inputs.iter().zip(found) {
                    let raw = exact.apply_f64(f64::from(*x)).unwrap();
                    let expected = scale(raw, exact.format.frac());
                    prop_assert_eq!(f64::from(found), expected, "{} of {}", text, x);
                }
            }
        }
    }

    #[test]
    fn no_candidate_of_a_front_beats_another(drawn in proptest::collection::vec((0_u8..40, 1_u8..40), 1..60)) {
        let mut front = Front::default();
        for (epoch, (metric, cost)) in drawn.iter().enumerate() {
            let (metric, cost) = (f64::from(*metric), f64::from(*cost));
            front.offer(Candidate { epoch, metric, cost, parameters: Parameters::default() });
        }
        for pair in front.0.windows(2) {
            prop_assert!(pair[0].cost < pair[1].cost && pair[0].metric < pair[1].metric);
        }
        let best = drawn.iter().map(|own| own.0).max().unwrap();
        for count in [1, 3] {
            let spread: Vec<&Candidate> = front.spread(count).collect();
            prop_assert!(spread.len() <= count);
            prop_assert_eq!(spread.last().unwrap().metric, f64::from(best));
        }
    }
}

/// The gradients of the sum of quantized values by the values, the integer and the fraction bits.
fn quantizer_gradients(text: &str, xs: &[f32]) -> [Vec<f32>; 3] {
    let (own, parameters) = quantizer(text, xs.len());
    let leaves = parameters.leaves(&Device::flex().autodiff());
    let x = tensor(xs.to_vec(), [1, xs.len()], &leaves.device).require_grad();
    let tape = own.forward(&leaves, x.clone()).sum().backward();
    [&x, &leaves[own.integer], &leaves[own.fraction]].map(|leaf| values(leaf.grad(&tape).unwrap()))
}

#[test]
fn gradients_of_quantizers_are_those_of_their_formula() {
    let ln2 = std::f32::consts::LN_2;
    let near = |found: &[f32], expected: &[f32]| {
        let apart = found.iter().zip(expected).any(|(a, b)| (a - b).abs() > 1e-6);
        assert!(!apart && found.len() == expected.len(), "{found:?}, expected {expected:?}");
    };
    // Steps of 1/4 from -4 to 3.75: two values inside, one beyond each bound.
    let [x, integer, fraction] = quantizer_gradients("fixed<5,3,RND,SAT>", &[0.3, -1.2, 9.0, -9.0]);
    near(&x, &[1.0, 1.0, 0.0, 0.0]);
    near(&integer, &[0.0, 0.0, 4.0 * ln2, -4.0 * ln2]);
    near(&fraction, &[(0.3 - 0.25) * ln2, (-1.2 + 1.25) * ln2, 0.25 * ln2, 0.0]);
    let [x, integer, fraction] = quantizer_gradients("fixed<5,3,TRN,SAT_SYM>", &[0.3, -9.0]);
    near(&x, &[1.0, 0.0]);
    near(&integer, &[0.0, -4.0 * ln2]);
    near(&fraction, &[(0.3 - 0.25) * ln2, -0.25 * ln2]);
    let [x, integer, _] = quantizer_gradients("ufixed<5,3,RND_CONV,SAT>", &[0.3, -1.0, 9.0]);
    near(&x, &[1.0, 0.0, 0.0]);
    near(&integer, &[0.0, 0.0, 8.0 * ln2]);
    // Wrapping counts as the identity; what becomes zero has no gradient. Neither has a learned range.
    for (overflow, outside) in [("WRAP", 1.0), ("SAT_ZERO", 0.0)] {
        let text = format!("fixed<5,3,RND,{overflow}>");
        let (own, parameters) = quantizer(&text, 2);
        let leaves = parameters.leaves(&Device::flex().autodiff());
        let x = tensor(vec![0.3, 9.0], [1, 2], &leaves.device).require_grad();
        let tape = own.forward(&leaves, x.clone()).sum().backward();
        near(&values(x.grad(&tape).unwrap()), &[1.0, outside]);
        let fraction = values(leaves[own.fraction].grad(&tape).unwrap());
        near(&fraction, &[(0.3 - 0.25) * ln2, 0.0]);
        assert!(leaves[own.integer].grad(&tape).is_none());
    }
}

#[test]
fn saturated_values_follow_their_bounds() {
    // Finite differences of the bounds 2^i - 2^-f and -2^i, which saturated values are.
    let h = 1e-4_f64;
    let bound = |integer: f64, fraction: f64| integer.exp2() - (-fraction).exp2();
    let by_integer = (bound(2.0 + h, 2.0) - bound(2.0 - h, 2.0)) / (2.0 * h);
    let by_fraction = (bound(2.0, 2.0 + h) - bound(2.0, 2.0 - h)) / (2.0 * h);
    let [_, integer, fraction] = quantizer_gradients("fixed<5,3,RND,SAT>", &[9.0]);
    assert!((f64::from(integer[0]) - by_integer).abs() < 1e-5, "{integer:?} {by_integer}");
    assert!((f64::from(fraction[0]) - by_fraction).abs() < 1e-5, "{fraction:?} {by_fraction}");
}

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
        recipe.train.loss = match systematic {
            None => Loss::Significance { signal, background, pretraining },
            Some(systematic) => Loss::Asimov { signal, background, systematic, pretraining },
        };
        recipe.train.epochs = 12;
        recipe.train.batch_size = 200;
        recipe.resources.beta = None;
        let mut all = events(900);
        let classes = all.targets.chunks(3).map(|own| own[1]).collect();
        (all.targets, all.outputs) = (classes, 1);
        let Split { training, validation, .. } = all.split(0.2, 0.0).unwrap();
        let trainer = Trainer::new(&recipe, training, validation);
        let mut state = trainer.start();
        assert_eq!(trainer.run(&mut state, &mut go_on), Ending::Finished);
        let metric = |epoch: usize| state.history[epoch].metric;
        let best = state.history[2..].iter().map(|own| own.metric).fold(0.0, f64::max);
        assert!(best > 1.1 * metric(1), "{} to {best}", metric(1));
        // One batch of background alone has no significance: it is passed over.
        let targets = [0.0, 0.0];
        assert!(!recipe.train.loss.is_defined(&targets, &[1.0; 2]));
        assert!(recipe.train.loss.in_epoch(1).is_defined(&targets, &[1.0; 2]));
    }
}

#[test]
fn training_learns_and_its_price_saves_bits() {
    let mut recipe = recipe();
    recipe.train.epochs = 30;
    let Split { training, validation, .. } = events(900).split(0.2, 0.0).unwrap();
    let trainer = Trainer::new(&recipe, training, validation);
    let mut state = trainer.start();
    assert_eq!(trainer.run(&mut state, &mut go_on), Ending::Finished);
    let (first, last) = (&state.history[0], state.history.last().unwrap());
    let best = state.history.iter().map(|epoch| epoch.metric).fold(0.0, f64::max);
    assert!(best > 0.9, "{best}");
    assert!(last.ebops < first.ebops / 2.0, "{} {}", first.ebops, last.ebops);
    assert!(!state.front.0.is_empty());
}

#[test]
fn a_run_that_was_stopped_goes_on_bit_for_bit() {
    let lines = "optimizer = \"nesterov\"\nmomentum = 0.9\nrise = 1\n\
                 schedule = { plateau = { patience = 1, factor = 0.5 } }";
    let text = RECIPE
        .replace("outputs = 8", "outputs = 8\nbatch_norm = true")
        .replace("epochs = 4", &format!("epochs = 4\n{lines}"))
        .replacen(
            "[[layer]]\nkind = \"relu\"",
            "[[layer]]\nkind = \"dropout\"\nname = \"drop\"\nshare = 0.1\n$0",
            1,
        )
        .replace("$0", "[[layer]]\nkind = \"relu\"");
    for recipe in [recipe(), Recipe::parse(&text, "recipe.toml").unwrap()] {
        resumes(&recipe);
    }
}

fn resumes(recipe: &Recipe) {
    let Split { training, validation, .. } = events(600).split(0.2, 0.0).unwrap();
    let trainer = Trainer::new(recipe, training, validation);
    let mut whole = trainer.start();
    trainer.run(&mut whole, &mut go_on);
    for stop in [1, 9, 17] {
        let mut state = trainer.start();
        let mut steps = 0;
        let ending = trainer.run(&mut state, &mut |_, _| {
            steps += 1;
            if steps == stop { Wish::Stop } else { Wish::GoOn }
        });
        assert_eq!(ending, Ending::Stopped);
        assert_ne!(state, whole);
        let text = serde_json::to_string(&state).unwrap();
        let mut state = serde_json::from_str(&text).unwrap();
        assert!(trainer.accepts(&state));
        assert_eq!(trainer.run(&mut state, &mut go_on), Ending::Finished);
        assert_eq!(state, whole, "stopped after {stop} steps");
    }
}

#[test]
fn seeds_decide_everything() {
    let run = |seed: u64| {
        let mut recipe = recipe();
        recipe.train.seed = seed;
        recipe.train.epochs = 1;
        let Split { training, validation, .. } = events(300).split(0.2, 0.0).unwrap();
        let trainer = Trainer::new(&recipe, training, validation);
        let mut state = trainer.start();
        trainer.run(&mut state, &mut go_on);
        state
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1).parameters, run(2).parameters);
}

#[test]
fn a_diverging_run_stops_where_it_was_good() {
    let mut recipe = recipe();
    recipe.train.optimizer = super::recipe::training::Optimizer::Sgd;
    recipe.train.learning_rate = 1e38;
    recipe.train.loss = Loss::MeanSquaredError;
    recipe.train.clip_gradient = None;
    let Split { training, validation, .. } = events(600).split(0.2, 0.0).unwrap();
    let mut training = training;
    training.targets[0] = f32::MAX;
    let trainer = Trainer::new(&recipe, training, validation);
    let mut state = trainer.start();
    let ending = trainer.run(&mut state, &mut go_on);
    assert!(matches!(ending, Ending::Diverged { epoch: 0, .. }), "{ending:?}");
    assert_eq!(state, trainer.start());
}

#[test]
fn patience_ends_a_run() {
    let mut recipe = recipe();
    recipe.train.epochs = 50;
    recipe.train.patience = Some(2);
    recipe.train.learning_rate = 1e-9;
    let Split { training, validation, .. } = events(300).split(0.2, 0.0).unwrap();
    let trainer = Trainer::new(&recipe, training, validation);
    let mut state = trainer.start();
    assert_eq!(trainer.run(&mut state, &mut go_on), Ending::Early);
    assert_eq!(state.history.len(), 3);
}

#[test]
fn every_optimizer_and_regularization_makes_the_loss_smaller() {
    for (lines, rate) in [
        ("optimizer = \"adam\"\nl1 = 1e-4", "0.02"),
        ("optimizer = \"adamw\"\nweight_decay = 0.01", "0.02"),
        ("optimizer = \"sgd\"\nmomentum = 0.9\nl2 = 1e-4", "0.2"),
        ("optimizer = \"nesterov\"\nmomentum = 0.9\nrise = 1", "0.2"),
    ] {
        let text =
            RECIPE.replace("learning_rate = 0.02", &format!("learning_rate = {rate}\n{lines}"));
        let mut recipe = Recipe::parse(&text, "recipe.toml").unwrap();
        recipe.resources.beta = None;
        recipe.train.epochs = 8;
        let Split { training, validation, .. } = events(600).split(0.2, 0.0).unwrap();
        let trainer = Trainer::new(&recipe, training, validation);
        let mut state = trainer.start();
        trainer.run(&mut state, &mut go_on);
        let loss = |index: usize| state.history[index].validation_loss;
        assert!(loss(7) < 0.8 * loss(0), "{lines}: {} to {}", loss(0), loss(7));
    }
}

#[test]
fn splits_depend_on_events_alone() {
    let all = events(600);
    let validation = all.split(0.25, 0.0).unwrap().validation;
    assert!((100..200).contains(&validation.events()), "{}", validation.events());
    let backwards: Vec<usize> = (0..600).rev().collect();
    let other = all.select(&backwards).split(0.25, 0.0).unwrap().validation;
    let rows = |dataset: &Dataset| {
        let mut rows: Vec<Vec<u32>> = (0..dataset.events())
            .map(|event| dataset.row(event).iter().map(|value| value.to_bits()).collect())
            .collect();
        rows.sort_unstable();
        rows
    };
    assert_eq!(rows(&validation), rows(&other));
}

#[test]
fn test_events_are_taken_from_those_that_train() {
    let all = events(600);
    let two = all.split(0.2, 0.0).unwrap();
    let three = all.split(0.2, 0.1).unwrap();
    assert_eq!(two.test.events(), 0);
    assert_eq!(two.validation, three.validation);
    assert_eq!(three.training.events() + three.test.events(), two.training.events());
    assert!((30..90).contains(&three.test.events()), "{}", three.test.events());
}

#[test]
fn events_of_no_weight_are_left_out() {
    let mut all = events(300);
    all.weights[..100].fill(0.0);
    let Split { training, validation, .. } = all.split(0.25, 0.0).unwrap();
    assert_eq!(training.events() + validation.events(), 200);
}

#[test]
fn events_that_teach_nothing_are_refused() {
    let array = |shape: &[usize], values: &[f64]| Array {
        name: None,
        shape: shape.to_vec(),
        values: values.to_vec(),
    };
    let inputs = array(&[3, 1], &[0.5, 1.0, 2.0]);
    let code = |inputs: &Array, labels: &Array, weights: Option<&Array>| {
        let weights = weights.map(|own| ("w", own));
        let sources = Sources { inputs: ("x", inputs), labels: ("y", labels), weights, keys: None };
        let dataset = Dataset::new(sources, 2, Loss::CrossEntropy);
        dataset.and_then(|own| own.split(0.5, 0.0)).map(|_| ()).map_err(|fault| fault.code)
    };
    let labels = array(&[3], &[0.0, 1.0, 1.0]);
    let nan = array(&[3, 1], &[0.5, f64::NAN, 2.0]);
    assert_eq!(code(&nan, &labels, None), Err(Code::D0502));
    assert_eq!(code(&inputs, &array(&[3], &[0.0, 1.0, 2.0]), None), Err(Code::D0504));
    assert_eq!(code(&inputs, &array(&[3], &[0.0, 0.5, 1.0]), None), Err(Code::D0504));
    assert_eq!(code(&inputs, &array(&[3], &[1.0, 1.0, 1.0]), None), Err(Code::D0505));
    assert_eq!(code(&inputs, &array(&[2], &[1.0, 0.0]), None), Err(Code::D0501));
    assert_eq!(code(&inputs, &labels, Some(&array(&[3], &[1.0, -1.0, 1.0]))), Err(Code::D0501));
    assert_eq!(code(&inputs, &labels, Some(&array(&[3], &[0.0; 3]))), Err(Code::D0505));
}

#[test]
fn inputs_are_standardized_by_exact_numbers() {
    let standard = Standard::of(&events(300));
    for ((mean, exponent), factor) in
        standard.mean.iter().zip(&standard.exponent).zip(standard.factors())
    {
        assert_eq!(factor, f32::from(2_u8).powi(-exponent));
        assert_eq!((mean * factor * 8.0).fract(), 0.0);
    }
    assert!(standard.signed);
}

/// The length of a step under lines of a recipe: 10 epochs of 4 steps, a learning rate of 1.
fn rate(lines: &str, step: usize, metrics: &[f64]) -> f64 {
    let fixed = "loss = \"cross_entropy\"\nepochs = 10\nbatch_size = 1\nlearning_rate = 1.0\n";
    let train: Train = toml::from_str(&format!("{fixed}{lines}")).unwrap();
    schedule::rate(&train, schedule::Progress { step, batches: 4, metrics })
}

#[test]
fn schedules_go_from_end_to_end() {
    use super::recipe::Resources;
    let near = |found: f64, expected: f64| {
        assert!((found - expected).abs() < 1e-12, "{found}, expected {expected}");
    };
    near(rate("schedule = \"constant\"", 39, &[]), 1.0);
    near(rate("schedule = \"cosine\"", 0, &[]), 1.0);
    near(rate("schedule = \"cosine\"", 20, &[]), 0.5);
    near(rate("schedule = \"cosine\"", 40, &[]), 0.0);
    // Half of the rise, its end, and the middle of the cosine behind it.
    near(rate("rise = 2", 3, &[]), 0.5);
    near(rate("rise = 2", 8, &[]), 1.0);
    near(rate("rise = 2", 24, &[]), 0.5);
    let steps = "schedule = { steps = { every = 3, factor = 0.1 } }";
    near(rate(steps, 11, &[]), 1.0);
    near(rate(steps, 12, &[]), 0.1);
    let restarts = "schedule = { restarts = { every = 2, factor = 0.5 } }";
    near(rate(restarts, 4, &[]), 0.5);
    near(rate(restarts, 8, &[]), 0.5);
    near(rate("schedule = { exponential = { factor = 0.5 } }", 8, &[]), 0.25);
    let plateau = "schedule = { plateau = { patience = 2, factor = 0.5 } }";
    near(rate(plateau, 0, &[0.1, 0.3, 0.2]), 1.0);
    near(rate(plateau, 0, &[0.1, 0.3, 0.2, 0.3]), 0.5);
    near(rate(plateau, 0, &[0.1, 0.3, 0.2, 0.3, 0.4, 0.3]), 0.5);
    near(rate(plateau, 0, &[0.1, 0.3, 0.2, 0.3, 0.2, 0.3]), 0.25);
    let resources = Resources { beta: Some([1e-6, 1e-4]), warmup: 2 };
    let betas: Vec<f64> = (0..7).map(|epoch| schedule::beta(resources, epoch, 7)).collect();
    assert_eq!(betas[..3], [1e-6; 3]);
    assert!((betas[4] / 1e-5 - 1.0).abs() < 1e-12 && (betas[6] / 1e-4 - 1.0).abs() < 1e-12);
}
