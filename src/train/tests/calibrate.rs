//! Ranges from events: what they hold, and that they stay.

use super::*;
use crate::train::tune::plan::Plan;

/// The recipe with lines of `[train]`, and with overflow of values by a mode.
fn with(lines: &str, overflow: &str) -> Result<Recipe, crate::diag::Diagnostic> {
    let tanh = "kind = \"tanh\"\nname = \"tanh\"\n\
                input = { format = \"fixed<7,3,RND,WRAP>\", learn = \"tensor\" }\n\
                output = { format = \"fixed<6,1,RND,SAT>\", learn = \"channel\" }\n[[layer]]\n";
    let (start, end) = RECIPE.split_once("kind = \"relu\"").unwrap();
    let relu = end.replacen("ufixed<6,3,RND,SAT>", &format!("ufixed<6,3,RND,{overflow}>"), 1);
    let (relu, end) = relu.split_once("[[layer]]\n").unwrap();
    let tanh = tanh.replace("WRAP", overflow);
    let text = format!("{start}kind = \"relu\"{relu}[[layer]]\n{end}");
    let text = text.replacen("kind = \"dense\"\nname = \"fc2\"", &format!("kind = \"dense\"\nname = \"mid\"\noutputs = 4\nweights = {{ format = \"fixed<6,2,RND,SAT>\" }}\nbias = {{ format = \"fixed<8,3,RND,SAT>\" }}\n[[layer]]\n{tanh}kind = \"dense\"\nname = \"fc2\""), 1);
    let text = text.replace("[train]\n", &format!("[train]\n{lines}\n"));
    Recipe::parse(&text, "recipe.toml")
}

/// The candidates of a run, and the run.
fn run(recipe: &Recipe) -> (Trainer<'_>, super::super::fit::State) {
    let Split { training, validation, .. } = events(600).split(0.2, 0.0).unwrap();
    let trainer = Trainer::new(recipe, training, validation);
    let mut state = trainer.start();
    assert_eq!(trainer.run(&mut state, &mut go_on), Ending::Finished);
    (trainer, state)
}

/// The bits before the point of learned formats of values.
fn ranges(trainer: &Trainer<'_>, parameters: &Parameters) -> Vec<Vec<f32>> {
    let ids = trainer.network().ranges(parameters);
    ids.into_iter().map(|id| parameters[id].values.clone()).collect()
}

#[test]
fn every_chosen_network_holds_the_training_events_and_no_more() {
    for overflow in ["SAT", "WRAP"] {
        for margin in [0, 2] {
            let lines = format!("calibrate = {{ epoch = 1, margin = {margin} }}");
            let recipe = with(&lines, overflow).unwrap();
            let (trainer, state) = run(&recipe);
            let training = trainer.sample(0, usize::MAX);
            let outputs = |own: &Parameters| trainer.evaluate(own, &training).outputs;
            for candidate in &state.front.0 {
                assert!(candidate.epoch >= 1);
                let own = &candidate.parameters;
                let ids = trainer.network().ranges(own);
                assert_eq!(ids.len(), 3);
                let moved = |by: f32| {
                    let mut parameters = own.clone();
                    for id in &ids {
                        parameters[*id].values.iter_mut().for_each(|bits| *bits += by);
                    }
                    outputs(&parameters)
                };
                assert_eq!(moved(3.0), outputs(own), "nothing is out of range");
                let margin = f32::from(u8::try_from(margin).unwrap());
                assert_eq!(moved(-margin), outputs(own), "the margin is spare");
                assert_ne!(moved(-margin - 1.0), outputs(own), "no more bits are");
                let mut again = own.clone();
                trainer.network().calibrate(
                    &mut again,
                    &training,
                    recipe.train.calibrate.unwrap().margin,
                );
                assert_eq!(&again, own);
            }
        }
    }
}

#[test]
fn ranges_stay_within_an_epoch_and_fractions_are_learned() {
    let recipe = with("calibrate = { epoch = 1 }", "SAT").unwrap();
    let Split { training, validation, .. } = events(600).split(0.2, 0.0).unwrap();
    let trainer = Trainer::new(&recipe, training, validation);
    let mut state = trainer.start();
    let mut seen: Vec<Option<Vec<Vec<f32>>>> = vec![None; 4];
    let mut first = None;
    trainer.run(&mut state, &mut |state, event| {
        if let Event::Step(_) = event {
            let own = ranges(&trainer, &state.parameters);
            if state.epoch > 0 {
                assert_eq!(seen[state.epoch].get_or_insert(own.clone()), &own);
            } else {
                assert_ne!(first.replace(own.clone()), Some(own), "they are learned before");
            }
        }
        Wish::GoOn
    });
    let bits = |state: &super::super::fit::State| {
        let own = state.parameters.0.iter().find(|own| own.name == "act1.output.fraction_bits");
        own.unwrap().values.clone()
    };
    assert_ne!(bits(&state), bits(&trainer.start()));
}

#[test]
fn a_calibrated_run_goes_on_bit_for_bit() {
    resumes(&with("calibrate = { epoch = 1, margin = 1 }", "WRAP").unwrap());
}

#[test]
fn trials_are_not_compared_before_ranges_are_calibrated() {
    let plan = "recipe = 'r.toml'\nhalving = { least = 2 }\nobjectives = ['metric']\n\
                space.input.width = { choose = [4, 8] }";
    let plan = Plan::parse(plan, "plan.toml").unwrap();
    let recipe = with("calibrate = { epoch = 2 }", "SAT").unwrap();
    assert!(plan.check(&recipe, Some(3)).is_ok() && plan.check(&recipe, None).is_ok());
    let fault = plan.check(&recipe, Some(2)).unwrap_err();
    assert_eq!(fault.message, "trials are compared after epoch 2, before ranges are calibrated");
}

#[test]
fn what_cannot_be_calibrated_is_refused() {
    for lines in [
        "calibrate = { epoch = 4 }",
        "calibrate = { epoch = 1, margin = 9 }",
        "calibrate = { epochs = 1 }",
    ] {
        assert_eq!(with(lines, "SAT").unwrap_err().code, Code::C0401, "{lines}");
    }
    let fixed = RECIPE.replace("SAT>\", learn = \"channel\" }\n[[layer]]", "SAT>\" }\n[[layer]]");
    assert_ne!(fixed, RECIPE);
    let fixed = fixed.replace("[train]\n", "[train]\ncalibrate = { epoch = 1 }\n");
    let fault = Recipe::parse(&fixed, "recipe.toml").unwrap_err();
    assert_eq!(fault.message, "no format of values is learned that could be calibrated");
}
