//! An adversary learns the nuisance, and the network to hide it.

use super::super::adversary::Adversary;
use super::super::contest::Contest;
use super::super::objective::Objective;
use super::*;

const SECTION: &str = "[adversary]\nlambda = 2.0\nlayers = [12]\nbins = 4\nlearning_rate = 0.02\n\
                       classes = [0]\nwarmup = 1\nrise = 1\n";

/// The small recipe with an adversary; `lines` of its section replace others.
fn adverse(old: &str, new: &str) -> Result<Recipe, crate::diag::Diagnostic> {
    let text = RECIPE
        .replace("outputs = 3", "outputs = 2")
        .replace("labels = ", "nuisance = \"m.npy\"\nlabels = ");
    let text = format!("{text}{SECTION}");
    assert!(text.contains(old), "{old}");
    Recipe::parse(&text.replace(old, new), "recipe.toml")
}

/// Two classes, told apart by one input; another one tells both the class and the nuisance.
fn sculpted(count: usize) -> Dataset {
    let mut random = Random::new(11, 0);
    let (mut inputs, mut labels, mut nuisance) = (Vec::new(), Vec::new(), Vec::new());
    for event in 0..count {
        let class = [0.0, 1.0][event % 2];
        let mass = random.unit();
        let mut noise = |width: f64| width * (random.unit() + random.unit() - 1.0);
        inputs.extend([class + noise(1.2), mass + 0.5 * class + noise(0.1), noise(1.0)]);
        labels.push(class);
        nuisance.push(single(mass));
    }
    let array = |values: Vec<f64>, columns: usize| {
        let shape = vec![values.len() / columns, columns];
        Array { name: None, shape, values }
    };
    let mut all =
        dataset(&array(inputs, 3), Some(&array(labels, 1)), None, 2, Loss::CrossEntropy).unwrap();
    all.nuisance = Some(nuisance);
    all
}

fn single(value: f64) -> f32 {
    super::super::parameter::single(value)
}

#[test]
fn adversaries_that_have_nothing_to_guess_are_refused() {
    assert!(adverse("lambda = 2.0", "lambda = 0.0").is_ok());
    for (old, new, expected) in [
        ("nuisance = \"m.npy\"\n", "", "an adversary needs a nuisance to guess"),
        ("lambda = 2.0", "lambda = -1.0", "`lambda` is not negative"),
        (
            "bins = 4\nlearning_rate = 0.02",
            "bins = 4\nlearning_rate = 0.0",
            "the learning rate of the adversary is positive",
        ),
        ("bins = 4", "bins = 1", "the adversary has no bins, steps or neurons"),
        ("layers = [12]", "layers = [0]", "the adversary has no bins, steps or neurons"),
        ("rise = 1\n", "rise = 3\n", "the run ends before `lambda` has risen"),
        ("bins = 4", "bins = 4\nmomentum = 0.5", "this momentum of the adversary is not possible"),
        ("bins = 4", "bins = 4\noutput = \"z\"", "`output` of `[adversary]` is no output"),
        (
            "\"cross_entropy\"",
            "\"mean_squared_error\"",
            "the output that the adversary sees has no classes",
        ),
    ] {
        let fault = adverse(old, new).unwrap_err();
        assert_eq!((fault.code, fault.message.as_str()), (Code::C0401, expected));
    }
    let recipe = adverse("classes = [0]", "classes = [7]").unwrap();
    let fault = super::super::adversary::check(&recipe, &sculpted(50)).unwrap_err();
    assert_eq!(fault.code, Code::D0505);
}

#[test]
fn lambda_rises_after_the_warm_up() {
    let own = adverse("rise = 1\n", "rise = 2\n").unwrap().adversary.unwrap();
    let rising: Vec<f64> = (0..5).map(|epoch| own.lambda(epoch)).collect();
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{rising:?}");
    rising.iter().zip([0.0, 2.0 / 3.0, 4.0 / 3.0, 2.0, 2.0]).for_each(|(a, b)| near(*a, b));
    assert_eq!(own.first_epoch(), 3);
}

/// An adversary of events that a network has some outputs for.
fn contestants(recipe: &Recipe, all: &Dataset) -> (Objective, super::super::adversary::Rival) {
    let (adversary, rival) = Adversary::new(recipe, all, 2).unwrap();
    (Objective::new(recipe, Standard::of(all), Some(adversary)), rival)
}

#[test]
fn gradients_of_both_sides_are_finite_differences() {
    let all = sculpted(40);
    for kind in ["classes", "distance"] {
        let mut recipe = adverse("lambda = 2.0", "lambda = 1.5").unwrap();
        let mut all = all.clone();
        if kind == "distance" {
            recipe.data.targets = crate::data::Targets::Inputs;
            recipe.train.loss = Some(Loss::MeanSquaredError);
            recipe.adversary.as_mut().unwrap().classes.clear();
            all.targets = vec![Target::Inputs];
        }
        let columns = if kind == "distance" { 3 } else { 2 };
        let (objective, rival) = contestants(&recipe, &all);
        let adversary = objective.adversary().unwrap();
        let contest = Contest { objective: &objective };
        let mut random = Random::new(3, 1);
        let outputs: Vec<f32> =
            (0..40 * columns).map(|_| single(4.0 * random.unit() - 2.0)).collect();
        let targets = objective.targets(&all, 0).into_owned();
        let missed = |outputs: Tensor<2>, rival: &super::super::adversary::Rival| {
            let wanted = tensor(targets.clone(), outputs.dims(), &outputs.device());
            let scores = adversary.scores(outputs, wanted);
            contest.missed(Some((rival, scores)), 3, &all).unwrap()
        };
        let device = Device::flex().autodiff();
        let leaf = tensor(outputs.clone(), [40, columns], &device).require_grad();
        let tape = missed(leaf.clone(), &rival).backward();
        let gradient = values(leaf.grad(&tape).unwrap());
        let value = |outputs: &[f32], rival: &super::super::adversary::Rival| {
            let outputs = tensor(outputs.to_vec(), [40, columns], &Device::flex());
            f64::from(values(missed(outputs, rival))[0])
        };
        let h = 2e-3_f32;
        let near = |gradient: f32, difference: f64| {
            let apart = (f64::from(gradient) - difference).abs();
            assert!(apart < 2e-3 + 0.02 * difference.abs(), "{kind}: {gradient} {difference}");
        };
        for index in 0..outputs.len() {
            let moved = |by: f32| {
                let mut outputs = outputs.clone();
                outputs[index] += by;
                value(&outputs, &rival)
            };
            near(gradient[index], (moved(h) - moved(-h)) / (2.0 * f64::from(h)));
        }
        assert!(gradient.iter().any(|own| own.abs() > 5e-3), "{kind}: {gradient:?}");
        // The adversary's own parameters move its loss, which is what it misses over lambda.
        let leaves = rival.parameters.leaves(&device);
        let plain = tensor(outputs.clone(), [40, columns], &device);
        let wanted = tensor(targets.clone(), [40, columns], &device);
        let scores = adversary.scores(plain, wanted);
        let tape = adversary.loss(&leaves, scores, &all).unwrap().backward();
        for (place, leaf) in leaves.tensors.iter().enumerate() {
            let gradient = values(leaf.grad(&tape).unwrap());
            let moved = |by: f32| {
                let mut rival = rival.clone();
                rival.parameters.0[place].values[0] += by;
                value(&outputs, &rival) / 1.5
            };
            near(gradient[0], (moved(h) - moved(-h)) / (2.0 * f64::from(h)));
        }
    }
}

#[test]
fn the_network_gains_what_the_adversary_misses_and_no_more() {
    let mut recipe = adverse("lambda = 2.0", "lambda = 0.0").unwrap();
    recipe.train.epochs = 8;
    let all = sculpted(600);
    let Split { training, validation, .. } = all.split(0.2, 0.0).unwrap();
    let without = {
        let mut recipe = recipe.clone();
        recipe.adversary = None;
        let trainer = Trainer::new(&recipe, training.clone(), validation.clone());
        let mut state = trainer.start();
        trainer.run(&mut state, &mut go_on);
        state.parameters
    };
    let trainer = Trainer::new(&recipe, training, validation);
    let mut state = trainer.start();
    trainer.run(&mut state, &mut go_on);
    assert_eq!(state.parameters, without, "without lambda an adversary changes nothing");
    let losses: Vec<f64> =
        state.history.iter().map(|epoch| epoch.adversary.unwrap().loss.unwrap()).collect();
    assert!(losses[7] < losses[0] - 0.02, "it learns all the same: {losses:?}");
}

#[test]
fn the_steps_of_an_adversary_have_a_schedule_of_their_own() {
    let with = |schedule: &str| {
        adverse("bins = 4\n", &format!("bins = 4\nschedule = {schedule}\n")).map(|mut recipe| {
            recipe.train.epochs = 4;
            recipe
        })
    };
    let rate = |schedule: &str, step: usize| {
        let recipe = with(schedule).unwrap();
        let progress = schedule::Progress { step, batches: 4, metrics: &[] };
        schedule::adversary_rate(recipe.adversary.as_ref().unwrap(), 4, progress)
    };
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
    near(rate("\"constant\"", 15), 0.02);
    near(rate("\"cosine\"", 8), 0.01);
    near(rate("{ steps = { every = 1, factor = 0.5 } }", 4), 0.01);
    let fault = with("{ steps = { every = 0, factor = 0.5 } }").unwrap_err();
    assert_eq!(fault.message, "the schedule has no epochs, or no factor from 0 to 1");
    // Beside a network that stays as it is, the adversary gets better until its steps have no length.
    let gained = |schedule: &str| {
        let mut recipe = with(schedule).unwrap();
        recipe.train.learning_rate = 1e-12;
        let Split { training, validation, .. } = sculpted(200).split(0.3, 0.0).unwrap();
        let trainer = Trainer::new(&recipe, training, validation);
        let mut state = trainer.start();
        trainer.run(&mut state, &mut go_on);
        let loss = |epoch: usize| state.history[epoch].adversary.unwrap().loss.unwrap();
        (loss(0) - loss(3)).abs()
    };
    assert!(gained("\"constant\"") > 1e-3);
    assert!(gained("{ steps = { every = 1, factor = 1e-9 } }") < 1e-6);
}

/// The dependence and the accuracy of the best network of a run.
fn decorrelated(recipe: &Recipe, all: &Dataset) -> (f64, f64) {
    let Split { training, validation, .. } = all.split(0.3, 0.0).unwrap();
    let trainer = Trainer::new(recipe, training, validation);
    let mut state = trainer.start();
    assert_eq!(trainer.run(&mut state, &mut go_on), Ending::Finished);
    let first = recipe.adversary.as_ref().unwrap().first_epoch();
    assert!(state.front.0.iter().all(|candidate| candidate.epoch >= first));
    let best = state.front.0.last().unwrap();
    let events = trainer.validation();
    let outputs = trainer.evaluate(&best.parameters, events).outputs;
    let objective = trainer.objective();
    let dependence = objective.dependence(events, &outputs).unwrap();
    let [metric] = objective.metrics(events, &outputs)[..] else { panic!("one output") };
    let loss = objective.loss_of(first, events, &outputs);
    let lambda = recipe.adversary.as_ref().unwrap().lambda;
    assert!((best.metric + loss + lambda * dependence).abs() < 1e-6);
    (dependence, metric)
}

#[test]
fn scores_of_a_classifier_stop_depending_on_the_nuisance() {
    let all = sculpted(900);
    let run = |lambda: &str| {
        let mut recipe = adverse("lambda = 2.0", &format!("lambda = {lambda}\nsteps = 2")).unwrap();
        recipe.resources.beta = None;
        recipe.train.epochs = 16;
        recipe.train.batch_size = 32;
        decorrelated(&recipe, &all)
    };
    let [(free, sharp), (bound, dull)] = ["0.0", "4.0"].map(run);
    assert!(free > 0.4, "{free}");
    assert!(bound < 0.5 * free, "{free} to {bound}");
    assert!(sharp > 0.8 && dull > 0.65, "{sharp} and {dull}");
}

#[test]
fn distances_of_an_autoencoder_stop_depending_on_the_nuisance() {
    // Two inputs tell the nuisance and go through the only neuron; what is lost is noise that grows
    // with the nuisance. A network that shifts what it gives back for small ones hides that.
    let mut random = Random::new(5, 0);
    let (mut inputs, mut nuisance) = (Vec::new(), Vec::new());
    for _ in 0..900 {
        let mass = random.unit();
        let mut noise = |width: f64| width * (random.unit() + random.unit() - 1.0);
        inputs.extend([mass, noise(0.2 + 2.0 * mass), mass + noise(0.02)]);
        nuisance.push(single(mass));
    }
    let inputs = Array { name: None, shape: vec![900, 3], values: inputs };
    let mut all = dataset(&inputs, None, None, 3, Loss::MeanSquaredError).unwrap();
    all.nuisance = Some(nuisance);
    let text = RECIPE
        .replace("labels = \"y.npy\"", "targets = \"inputs\"\nnuisance = \"m.npy\"")
        .replace("\"cross_entropy\"", "\"mean_squared_error\"")
        .replace("outputs = 8", "outputs = 1")
        .replace("kind = \"relu\"", "kind = \"identity\"")
        .replace("ufixed<6,3,", "fixed<8,3,");
    let run = |lambda: &str| {
        let section = SECTION.replace("classes = [0]\n", "").replace("lambda = 2.0", lambda);
        let mut recipe = Recipe::parse(&format!("{text}{section}"), "recipe.toml").unwrap();
        recipe.resources.beta = None;
        recipe.train.epochs = 16;
        recipe.train.batch_size = 32;
        decorrelated(&recipe, &all).0
    };
    let [free, bound] = ["lambda = 0.0", "lambda = 10.0\nsteps = 2"].map(run);
    assert!(free > 0.2, "{free}");
    assert!(bound < 0.85 * free, "{free} to {bound}");
}

#[test]
fn a_stopped_contest_goes_on_bit_for_bit() {
    resumes_on(&adverse("lambda = 2.0", "lambda = 2.0\nsteps = 2").unwrap(), &sculpted(600));
}

#[test]
fn bins_have_equal_weight() {
    let recipe = adverse("classes = [0]\n", "").unwrap();
    let mut all = sculpted(400);
    all.nuisance = Some((0..400_u16).map(f32::from).collect());
    // The upper half counts three times as much: bounds at a half, and at each third of the upper one.
    all.weights = (0..400).map(|event| if event < 200 { 1.0 } else { 3.0 }).collect();
    let (objective, _) = contestants(&recipe, &all);
    let adversary = format!("{:?}", objective.adversary().unwrap());
    assert!(adversary.contains("edges: [200.0, 267.0, 334.0]"), "{adversary}");
}
