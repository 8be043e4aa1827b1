//! What bits cost in the loss.

use super::*;
use crate::train::fit::State;

fn with(lines: &str) -> Result<Recipe, crate::diag::Diagnostic> {
    Recipe::parse(&RECIPE.replace("[resources]", &format!("[resources]\n{lines}")), "recipe.toml")
}

fn trained(recipe: &Recipe) -> State {
    let Split { training, validation, .. } = events(300).split(0.2, 0.0).unwrap();
    let trainer = Trainer::new(recipe, training, validation);
    let mut state = trainer.start();
    assert_eq!(to_the_end(&trainer, &mut state, &mut go_on), Ending::Finished);
    state
}

fn price(state: &State, name: &str) -> Option<f32> {
    let own = state.parameters.0.iter().find(|parameter| parameter.name == name);
    own.map(|parameter| parameter.values[0])
}

#[test]
fn a_run_with_fitted_prices_goes_on_bit_for_bit() {
    resumes(&with("surrogate = \"digits\"\nrefit = 2").unwrap());
}

#[test]
fn prices_make_the_surrogate_the_tables_of_the_layer() {
    // With one fit before the first step, and another one before none.
    let recipe = with("refit = 100").unwrap();
    let Split { training, validation, .. } = events(300).split(0.2, 0.0).unwrap();
    let trainer = Trainer::new(&recipe, training, validation);
    let mut state = trainer.start();
    assert_eq!(trainer.run(&mut state, &mut go_on), Ending::Refit);
    trainer.refit(&mut state, |name| if name == "fc1" { 300 } else { 0 });
    let leaves = state.parameters.leaves(&Device::flex());
    let inputs = tensor(vec![0.0; 3], [1, 3], &leaves.device);
    let output =
        trainer.network().forward(&leaves, &inputs, &mut crate::train::model::Run::default());
    let (ebops, paid) = (values(output.cost)[0], values(output.paid)[0]);
    let first = 300.0 / price(&state, "fc1.price").unwrap();
    assert_eq!(price(&state, "fc2.price"), Some(1.0), "a layer of no table keeps its price");
    assert!((paid - (300.0 + ebops - first)).abs() < 1e-3 * paid, "{paid} for {ebops}");
}

#[test]
fn digits_are_another_price_than_bits() {
    let [bits, digits] = ["", "surrogate = \"digits\""].map(|lines| trained(&with(lines).unwrap()));
    assert_eq!(price(&bits, "fc1.price"), None);
    assert_ne!(bits.parameters, digits.parameters);
}

#[test]
fn what_has_no_price_cannot_be_fitted() {
    assert_eq!(with("refit = 0").unwrap_err().code, Code::C0401);
    let free = RECIPE.replace("beta = [1e-6, 1e-4]", "refit = 2");
    assert_eq!(Recipe::parse(&free, "recipe.toml").unwrap_err().code, Code::C0401);
}
