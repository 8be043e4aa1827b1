//! Events are split, weighed, refused and standardized.

use super::*;
use crate::data::Shares;

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
fn each_event_that_does_not_test_validates_one_fold() {
    let all = events(600);
    let shares = Shares { validation: 0.2, test: 0.1 };
    let folds: Vec<Split> = (0..5).map(|fold| all.fold(shares, 5, fold).unwrap()).collect();
    let test = all.split(0.2, 0.1).unwrap().test;
    let mut validated: Vec<u64> = Vec::new();
    for Split { training, validation, test: own } in &folds {
        assert_eq!(own, &test);
        assert_eq!(training.events() + validation.events() + own.events(), 600);
        assert!((70..150).contains(&validation.events()), "{}", validation.events());
        validated.extend(&validation.keys);
    }
    let mut expected = all.keys.clone();
    expected.retain(|key| !test.keys.contains(key));
    validated.sort_unstable();
    expected.sort_unstable();
    assert_eq!(validated, expected);
    let few = all.select(&[0, 1, 2]);
    let empty = |fold: &u32| few.fold(shares, 9, *fold).is_err_and(|own| own.code == Code::D0505);
    assert!((0..9).filter(empty).count() >= 6);
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
        let dataset = dataset(inputs, Some(labels), weights, 2, Loss::CrossEntropy);
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
