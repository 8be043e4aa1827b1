//! Objectives of counts: how significant an excess of `s` events over `b` is.
//!
//! Method: A. Elwood and D. Krücker, "Direct optimisation of the discovery significance when
//! training neural networks to search for new physics in particle colliders", arXiv:1806.00322.

/// An objective, and its derivatives by the counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Objective {
    /// What is made small.
    pub value: f64,
    /// The derivative by `s`.
    pub by_signal: f64,
    /// The derivative by `b`.
    pub by_background: f64,
}

/// `(s + b) / s^2`, the inverse square of `s / sqrt(s + b)`.
pub fn inverse(s: f64, b: f64) -> Objective {
    let square = s.powi(2);
    Objective {
        value: (s + b) / square,
        by_signal: -(s + 2.0 * b) / (square * s),
        by_background: square.recip(),
    }
}

/// `1 / Z`, with the Asimov significance of a background with the uncertainty `sigma = systematic * b`:
///
/// ```text
/// Z^2 / 2 = (s + b) ln((s + b)(b + sigma^2) / (b^2 + (s + b) sigma^2))
///           - b^2 / sigma^2 ln(1 + sigma^2 s / (b (b + sigma^2)))
/// ```
///
/// and without uncertainty `Z^2 / 2 = (s + b) ln(1 + s / b) - s`.
pub fn inverse_asimov(s: f64, b: f64, systematic: f64) -> Objective {
    let n = s + b;
    let square = systematic.powi(2);
    // With k for the systematic, (s + b)(b + sigma^2) / (b^2 + (s + b) sigma^2) is one more than this.
    let excess = s / (b * (1.0 + n * square));
    let logarithm = excess.ln_1p();
    let uncertain = square * s / (1.0 + b * square);
    let second = if square > 0.0 { uncertain.ln_1p() / square } else { s };
    let half = n * logarithm - second;
    let z = (2.0 * half).sqrt();
    let by_signal = logarithm;
    // d(Z^2 / 2)/db = L + (1 + n k^2) / (1 + b k^2) - n / b, where both last terms are near 1.
    let by_background = logarithm + uncertain - s / b;
    let outer = -z.powi(3).recip();
    Objective {
        value: z.recip(),
        by_signal: outer * by_signal,
        by_background: outer * by_background,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The formula of the paper, as it stands there.
    fn asimov(s: f64, b: f64, sigma: f64) -> f64 {
        let v = sigma.powi(2);
        let first = (s + b) * ((s + b) * (b + v) / (b * b + (s + b) * v)).ln();
        let second = b * b / v * (1.0 + v * s / (b * (b + v))).ln();
        (2.0 * (first - second)).sqrt()
    }

    /// Relative agreement.
    fn near(found: f64, expected: f64, within: f64) {
        assert!((found / expected - 1.0).abs() < within, "{found}, expected {expected}");
    }

    const COUNTS: [(f64, f64, f64); 5] = [
        (10.0, 100.0, 0.1),
        (30.0, 1000.0, 0.3),
        (1.0, 5.0, 0.5),
        (100.0, 50.0, 0.2),
        (5.0, 20_000.0, 0.05),
    ];

    #[test]
    fn objectives_are_the_formulas_of_the_paper() {
        for (s, b, systematic) in COUNTS {
            near(inverse(s, b).value.sqrt().recip(), s / (s + b).sqrt(), 1e-12);
            near(
                inverse_asimov(s, b, systematic).value.recip(),
                asimov(s, b, systematic * b),
                1e-6,
            );
            let without = (2.0 * ((s + b) * (1.0 + s / b).ln() - s)).sqrt();
            near(inverse_asimov(s, b, 0.0).value.recip(), without, 1e-6);
            // A small uncertainty is near to none.
            near(inverse_asimov(s, b, 1e-6).value, inverse_asimov(s, b, 0.0).value, 1e-4);
        }
        // Worked by hand: 2 (110 ln 1.1 - 10) = 0.968239, whose root is 0.983992.
        near(inverse_asimov(10.0, 100.0, 0.0).value.recip(), 0.983_992, 1e-6);
        near(inverse(10.0, 90.0).value, 1.0, 1e-12);
    }

    #[test]
    fn derivatives_are_finite_differences() {
        for (s, b, systematic) in COUNTS {
            let uncertain = |s, b| inverse_asimov(s, b, systematic);
            let certain = |s, b| inverse_asimov(s, b, 0.0);
            let plain: &dyn Fn(f64, f64) -> Objective = &inverse;
            for f in [plain, &uncertain, &certain] {
                let own = f(s, b);
                let h = 1e-3;
                let by_signal = (f(s + h * s, b).value - f(s - h * s, b).value) / (2.0 * h * s);
                let by_background = (f(s, b + h * b).value - f(s, b - h * b).value) / (2.0 * h * b);
                near(own.by_signal, by_signal, 1e-4);
                near(own.by_background, by_background, 1e-4);
            }
        }
    }
}
