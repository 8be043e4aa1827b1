//! Recipes of autoencoders, and what their targets are.

use super::*;

/// A recipe whose network gives its three inputs back; `export` are lines of that section.
fn autoencoder(export: &str) -> Result<Recipe, crate::diag::Diagnostic> {
    let text = RECIPE
        .replace("labels = \"y.npy\"", "targets = \"inputs\"")
        .replace("\"cross_entropy\"", "\"mean_absolute_error\"");
    Recipe::parse(&format!("{text}[export]\n{export}"), "recipe.toml")
}

#[test]
fn what_an_autoencoder_cannot_be_is_refused() {
    let error = |text: &str| format!("error = {{ squared = \"{text}\" }}");
    for export in ["", "output = \"act1\"", "error = { absolute = \"fixed<8,3,TRN,SAT_SYM>\" }"] {
        assert!(autoencoder(export).is_ok(), "{export}");
    }
    assert!(autoencoder(&error("fixed<8,3,RND,SAT>")).is_ok());
    for (export, expected) in [
        ("output = \"act2\"", "no layer `act2` has values to export"),
        (
            &format!("output = \"act1\"\n{}", error("fixed<8,3,RND,SAT>")),
            "`[export]` asks for the error, and for `act1`",
        ),
        (
            &error("ufixed<8,3,RND,SAT>"),
            "`error` has the format `ufixed<8,3,RND,SAT>` without sign",
        ),
    ] {
        let fault = autoencoder(export).unwrap_err();
        assert_eq!((fault.code, fault.message.as_str()), (Code::C0401, expected));
    }
    let message = |text: String| Recipe::parse(&text, "recipe.toml").unwrap_err().message;
    let classes = RECIPE.replace("labels = \"y.npy\"", "targets = \"inputs\"");
    assert_eq!(message(classes), "this loss cannot compare with the inputs");
    let labels = format!("{RECIPE}[export]\nerror = {{ absolute = \"fixed<8,3,RND,SAT>\" }}");
    assert_eq!(message(labels), "the error is that of one output, and 0 learn the inputs");
    let both = RECIPE.replace("labels =", "targets = \"inputs\"\nlabels =");
    assert_eq!(message(both), "the network learns its inputs, and also `y.npy`");
}

#[test]
fn targets_are_standardized_inputs_and_weights_count() {
    let recipe = autoencoder("").unwrap();
    let all = events(300);
    let inputs = Array {
        name: None,
        shape: vec![300, 3],
        values: all.inputs.iter().map(|value| f64::from(*value)).collect(),
    };
    let fault = dataset(&inputs, None, None, 2, Loss::MeanSquaredError).unwrap_err();
    assert_eq!(fault.code, Code::D0501);
    let mut all = dataset(&inputs, None, None, 3, Loss::MeanSquaredError).unwrap();
    all.weights[7] = 3.0;
    let Split { training, validation, .. } = all.split(0.2, 0.0).unwrap();
    let standard = Standard::of(&training);
    let trainer = Trainer::new(&recipe, training, validation);
    let targets = trainer.objective().targets(&all, 0);
    for (column, exponent) in standard.exponent.iter().enumerate() {
        let scale = 2.0_f32.powi(-*exponent);
        let own = |event: usize| (all.row(event)[column] - standard.mean[column]) * scale;
        assert_eq!(targets[7 * 3 + column], own(7));
    }
    let state = trainer.start();
    let evaluation = trainer.evaluate(&state.parameters, &all);
    let apart = |event: usize| -> f64 {
        let place = event * 3..event * 3 + 3;
        let rows = evaluation.outputs[0][place.clone()].iter().zip(&targets[place]);
        rows.map(|(y, t)| (y - f64::from(*t)).abs()).sum::<f64>() / 3.0
    };
    let sum: f64 = (0..300).map(|event| f64::from(all.weights[event]) * apart(event)).sum();
    assert!((evaluation.metric + sum / 302.0).abs() < 1e-6, "{} {sum}", evaluation.metric);
}

#[test]
fn a_stopped_autoencoder_goes_on_bit_for_bit() {
    let mut all = events(600);
    all.targets = vec![Target::Inputs];
    resumes_on(&autoencoder("error = { absolute = \"fixed<8,3,RND,SAT>\" }").unwrap(), &all);
}
