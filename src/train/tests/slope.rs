//! Slopes of batches that are halved.

use super::super::model::Network;
use super::super::objective::Objective;
use super::super::slope::{Slope, Step};
use super::*;

#[test]
fn halves_give_the_slope_of_the_batch_on_any_number_of_threads() {
    let recipe = recipe();
    let events = events(600);
    let standard = Standard::of(&events);
    let (network, parameters) = Network::new(&recipe, standard.clone());
    let objective = Objective::new(&recipe, standard, None);
    let drawn = Random::new(1, 0);
    let (network, objective) = (&network, &objective);
    let step = Step { network, objective, epoch: 0, beta: 1e-4, adversary_rate: 0.0, drawn };
    let slope = |events: &Dataset| step.slope(&parameters, None, events).unwrap();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| slope(&events))
    };
    let found = on(1);
    assert_eq!(found, on(2));
    // Thirds are too small to be halved.
    let thirds: Vec<Slope> = (0..3)
        .map(|third| slope(&events.select(&(third * 200..(third + 1) * 200).collect::<Vec<_>>())))
        .collect();
    let mean = thirds.iter().map(|third| third.loss).sum::<f64>() / 3.0;
    assert!((found.loss - mean).abs() < 1e-5, "{} {mean}", found.loss);
    for (index, own) in found.gradients.iter().enumerate() {
        for (place, own) in own.iter().enumerate() {
            let mean = thirds.iter().map(|third| third.gradients[index][place]).sum::<f32>() / 3.0;
            let apart = (own - mean).abs();
            assert!(apart <= 1e-4 * (1.0 + mean.abs()), "{index} {place}: {own} {mean}");
        }
    }
}
