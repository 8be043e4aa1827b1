#![expect(clippy::float_cmp, reason = "what is compared is exact")]

mod adversary;
mod autoencoder;
mod branches;
mod calibrate;
mod events;
mod fused;
mod losses;
mod peel;
mod prices;
mod quantizer;
mod slope;

use burn::tensor::{Device, Tensor};
use proptest::prelude::*;

use super::dataset::{Dataset, Sources, Split, Target, Wanted};
use super::fit::Trainer;
use super::front::{Candidate, Front};
use super::loss::metric::Metric;
use super::loss::{Loss, loss, loss_of};
use super::parameter::{Parameters, tensor, values};
use super::quantizer::{FakeQuantizer, Use};
use super::random::Random;
use super::recipe::Recipe;
use super::recipe::format::{Format, Granularity};
use super::recipe::training::Train;
use super::schedule;
use super::standard::Standard;
use super::watch::{Ending, Event, Wish};
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
    dataset(&array(3, inputs), Some(&array(1, labels)), None, 3, Loss::CrossEntropy).unwrap()
}

/// Events for a network of one output.
fn dataset(
    inputs: &Array,
    labels: Option<&Array>,
    weights: Option<&Array>,
    outputs: usize,
    loss: Loss,
) -> Result<Dataset, crate::diag::Diagnostic> {
    let labels = labels.map(|labels| ("y", labels));
    let wanted = &[Wanted { labels, outputs, loss }];
    let weights = weights.map(|weights| ("w", weights));
    Dataset::new(Sources { inputs: ("x", inputs), wanted, weights, nuisance: None, keys: None })
}

/// The wanted values of the first output.
fn wanted(dataset: &mut Dataset) -> &mut Vec<f32> {
    let Target::Values { values, .. } = &mut dataset.targets[0] else { panic!("labels") };
    values
}

fn go_on(_: &super::fit::State, _: Event<'_>) -> Wish {
    Wish::GoOn
}

fn format(text: &str, learn: Granularity) -> Format {
    Format { format: text.parse().unwrap(), learn }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

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
    resumes_on(recipe, &events(600));
}

/// A run with what a compiler might say whenever prices are fitted.
fn to_the_end(
    trainer: &Trainer<'_>,
    state: &mut super::fit::State,
    watch: &mut dyn FnMut(&super::fit::State, Event<'_>) -> Wish,
) -> Ending {
    loop {
        match trainer.run(state, watch) {
            Ending::Refit => trainer.refit(state, |name| if name == "fc1" { 300 } else { 70 }),
            ending => break ending,
        }
    }
}

fn resumes_on(recipe: &Recipe, all: &Dataset) {
    let Split { training, validation, .. } = all.split(0.2, 0.0).unwrap();
    let trainer = Trainer::new(recipe, training, validation);
    let mut whole = trainer.start();
    to_the_end(&trainer, &mut whole, &mut go_on);
    for stop in [1, 9, 17] {
        let mut state = trainer.start();
        let mut steps = 0;
        let ending = to_the_end(&trainer, &mut state, &mut |_, _| {
            steps += 1;
            if steps == stop { Wish::Stop } else { Wish::GoOn }
        });
        assert_eq!(ending, Ending::Stopped);
        assert_ne!(state, whole);
        let text = serde_json::to_string(&state).unwrap();
        let mut state = serde_json::from_str(&text).unwrap();
        assert!(trainer.accepts(&state));
        assert_eq!(to_the_end(&trainer, &mut state, &mut go_on), Ending::Finished);
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
    recipe.train.loss = Some(Loss::MeanSquaredError);
    recipe.train.clip_gradient = None;
    let Split { training, validation, .. } = events(600).split(0.2, 0.0).unwrap();
    let mut training = training;
    wanted(&mut training)[0] = f32::MAX;
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
    let resources = Resources { beta: Some([1e-6, 1e-4]), warmup: 2, ..Resources::default() };
    let betas: Vec<f64> = (0..7).map(|epoch| schedule::beta(resources, epoch, 7)).collect();
    assert_eq!(betas[..3], [1e-6; 3]);
    assert!((betas[4] / 1e-5 - 1.0).abs() < 1e-12 && (betas[6] / 1e-4 - 1.0).abs() < 1e-12);
}
