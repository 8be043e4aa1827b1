//! Peeling: what changes of weights do, which are made, and what recipes say of it.

use super::branches::{both, branches};
use super::*;
use crate::train::model::replay::Replay;
use crate::train::peel::{Peeled, digits_of, peel};

/// A trained network on events.
fn trained<'a>(recipe: &'a Recipe, all: &Dataset) -> (Trainer<'a>, Parameters) {
    let Split { training, validation, .. } = all.split(0.2, 0.0).unwrap();
    let trainer = Trainer::new(recipe, training, validation);
    let mut state = trainer.start();
    assert_eq!(trainer.run(&mut state, &mut go_on), Ending::Finished);
    (trainer, state.parameters)
}

/// A network that lost so much of the metric at most.
fn peeled(trainer: &Trainer<'_>, parameters: &Parameters, loss: f64) -> Peeled {
    peel(trainer, parameters, loss, &mut |_| Wish::GoOn).unwrap()
}

/// The recipe with batch normalization, dropout, and other functions.
fn varied() -> Recipe {
    let tanh = "kind = \"tanh\"\nname = \"act1\"\n\
                input = { format = \"fixed<8,3,TRN,SAT>\", learn = \"channel\" }\n\
                output = { format = \"fixed<7,1,RND_CONV,SAT_SYM>\" }\n\
                [[layer]]\nkind = \"dropout\"\nname = \"drop\"\nshare = 0.1\n\
                [[layer]]\nkind = \"leaky_relu\"\nname = \"leaky\"\nslope = 0.25\n\
                output = { format = \"fixed<6,1,RND,SAT>\" }\n";
    let (start, rest) = RECIPE.split_once("kind = \"relu\"").unwrap();
    let (_, rest) = rest.split_once("[[layer]]").unwrap();
    let text = format!("{start}{tanh}[[layer]]{rest}");
    Recipe::parse(&text.replace("outputs = 8", "outputs = 8\nbatch_norm = true"), "recipe.toml")
        .unwrap()
}

#[test]
fn changes_give_what_the_changed_network_gives() {
    let branches = Recipe::parse(&branches(), "recipe.toml").unwrap();
    for (recipe, all) in [(recipe(), events(300)), (varied(), events(300)), (branches, both(300))] {
        let (trainer, parameters) = trained(&recipe, &all);
        let (network, events) = (trainer.network(), trainer.validation());
        let outputs = |own: &Parameters| trainer.evaluate(own, events).outputs;
        let settled = network.changed(&parameters, &[]);
        assert_eq!(outputs(&settled), outputs(&parameters));
        let mut replay = Replay::new(network, &settled, events);
        assert_eq!(replay.outputs(), outputs(&parameters));
        let mut changes = Vec::new();
        let mut moved = 0;
        for (weight, _) in network.weights(&settled).into_iter().step_by(3) {
            for value in [0.0, -0.5, 1.25] {
                let Some(change) = replay.change(weight, value) else { continue };
                let expected =
                    outputs(&network.changed(&settled, &[&changes[..], &[change]].concat()));
                assert_eq!(replay.outputs_after(&change), expected, "{change:?}");
                if value == 0.0 {
                    moved += usize::from(expected != replay.outputs());
                    replay.make(&change);
                    changes.push(change);
                    assert_eq!(replay.outputs(), expected, "{change:?}");
                }
            }
        }
        assert!(moved > 5, "{moved}");
    }
}

#[test]
fn digits_that_nothing_depends_on_go() {
    let recipe = recipe();
    let (trainer, mut parameters) = trained(&recipe, &events(600));
    let own = |parameters: &mut Parameters, name: &str| {
        parameters.0.iter().position(|own| own.name == name).unwrap()
    };
    // Nothing takes what the first neuron gives, but it has weights.
    let [first, second] = ["fc1.weights", "fc2.weights"].map(|name| own(&mut parameters, name));
    parameters.0[second].values.iter_mut().step_by(8).for_each(|weight| *weight = 0.0);
    parameters.0[first].values[..3].fill(0.75);
    let peeled = peeled(&trainer, &parameters, 0.0);
    let after = peeled.after(trainer.network(), peeled.changes.len());
    assert_eq!(after.0[first].values[..3], [0.0; 3]);
    let [before, after] = [&parameters, &after].map(|own| digits_of(trainer.network(), own));
    assert!(after + 3 <= before, "{before} {after}");
}

#[test]
fn the_metric_falls_by_no_more_than_is_allowed() {
    let recipe = recipe();
    let (trainer, parameters) = trained(&recipe, &events(900));
    let metric = |own: &Parameters| trainer.evaluate(own, trainer.validation()).metric;
    let before = metric(&parameters);
    let mut left = u32::MAX;
    for loss in [0.0, 0.05, 2.0] {
        let peeled = peeled(&trainer, &parameters, loss);
        assert_eq!(peeled, self::peeled(&trainer, &parameters, loss));
        let digits =
            |changes| digits_of(trainer.network(), &peeled.after(trainer.network(), changes));
        let all: Vec<u32> = (0..=peeled.changes.len()).map(digits).collect();
        assert!(all.is_sorted_by(|a, b| a > b), "each change saves digits: {all:?}");
        let after = peeled.after(trainer.network(), peeled.changes.len());
        assert!(metric(&after) >= before - loss);
        assert!(all[all.len() - 1] <= left && all[all.len() - 1] < all[0], "{all:?}");
        left = all[all.len() - 1];
    }
    assert_eq!(left, 0, "a network that may lose all has no weights");
}

#[test]
fn only_weights_of_the_circuit_are_peeled() {
    let text = format!("{RECIPE}[export]\noutput = \"act1\"");
    let recipe = Recipe::parse(&text, "recipe.toml").unwrap();
    let (trainer, parameters) = trained(&recipe, &events(300));
    let peeled = peeled(&trainer, &parameters, 0.1);
    assert!(!peeled.changes.is_empty());
    assert!(peeled.changes.iter().all(|change| change.weight.layer == 0));
    let weights = trainer.network().weights(&parameters);
    assert!(weights.iter().all(|(weight, _)| weight.layer == 0) && weights.len() == 24);
}

#[test]
fn whoever_watches_can_stop_peeling() {
    let recipe = recipe();
    let (trainer, parameters) = trained(&recipe, &events(300));
    let mut told = 0;
    let found = peel(&trainer, &parameters, 0.0, &mut |progress| {
        assert!(progress.removed <= progress.digits);
        told += 1;
        if told == 3 { Wish::Stop } else { Wish::GoOn }
    });
    assert_eq!((found, told), (None, 3));
}

#[test]
fn what_peeling_cannot_be_is_refused() {
    let peel = |lines: &str| Recipe::parse(&format!("{RECIPE}[peel]\n{lines}"), "recipe.toml");
    assert_eq!(recipe().peel, None);
    assert_eq!(peel("").unwrap().peel.unwrap().loss, 0.0);
    assert_eq!(peel("loss = 0.002").unwrap().peel.unwrap().loss, 0.002);
    for lines in ["loss = -0.1", "loss = nan", "digits = 3"] {
        assert_eq!(peel(lines).unwrap_err().code, Code::C0401, "{lines}");
    }
}
