//! Fake quantizers against those of the compiler, and their gradients.

use super::*;

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
                let found = values(own.forward(&leaves, &column));
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
}

/// The gradients of the sum of quantized values by the values, the integer and the fraction bits.
fn quantizer_gradients(text: &str, xs: &[f32]) -> [Vec<f32>; 3] {
    let (own, parameters) = quantizer(text, xs.len());
    let leaves = parameters.leaves(&Device::flex().autodiff());
    let x = tensor(xs.to_vec(), [1, xs.len()], &leaves.device).require_grad();
    let tape = own.forward(&leaves, &x).sum().backward();
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
        let tape = own.forward(&leaves, &x).sum().backward();
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
