//! [`Transform`]: what is done to the inputs between a file and a network.
//!
//! The circuit takes what comes out, so whatever feeds it has to do the same.
//!
//! - `elements`: functions of single values;
//! - `constituents`: jets as lists of `[p_T, eta, phi, …]`, and images of them.

mod constituents;
mod elements;

use serde::Deserialize;

use super::read::Array;
use super::source::numbered;
use crate::diag::{Code, Diagnostic};

/// A step of the list `[[data.transform]]`.
///
/// Columns are named as the inputs are; all are meant when none is named. The steps on constituents
/// take inputs of the shape `[events, constituents, values]` with `p_T`, `eta` and `phi` as the first
/// values, where a constituent without `p_T` is padding. `center`, `rotate`, `flip`, `pixelate` and
/// `normalize` in this order make the jet images of S. Macaluso and D. Shih, arXiv:1803.00107.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Transform {
    /// `ln(x + offset)`.
    Log {
        /// Which inputs.
        #[serde(default)]
        columns: Vec<String>,
        /// What is added before.
        #[serde(default)]
        offset: f64,
    },
    /// The square root.
    Sqrt {
        /// Which inputs.
        #[serde(default)]
        columns: Vec<String>,
    },
    /// The nearest value from `least` to `most`.
    Clip {
        /// Which inputs.
        #[serde(default)]
        columns: Vec<String>,
        /// The smallest value.
        least: f64,
        /// The largest value.
        most: f64,
    },
    /// The constituents of most `p_T`, the hardest first, and zeros where there are too few.
    SortByPt {
        /// How many are kept.
        constituents: usize,
        /// How many values one has; needed where inputs are columns.
        values: Option<usize>,
        /// Softer ones are left out.
        #[serde(default)]
        least_pt: f64,
    },
    /// Moves the center of `p_T` to `eta = phi = 0`.
    Center {},
    /// Turns the axis along which `p_T` spreads most into that of `phi`.
    Rotate {},
    /// Mirrors so that most `p_T` lies at positive `eta`, and at positive `phi`.
    Flip {},
    /// Sums `p_T` over the pixels of a square around `eta = phi = 0`: `[events, phi, eta]`.
    Pixelate {
        /// How many pixels a side has.
        pixels: usize,
        /// How long a side is.
        width: f64,
    },
    /// Divides the values of each event by their sum, unless that is zero.
    Normalize {},
}

/// Inputs on their way, with a name for each column.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Inputs {
    pub(super) columns: Vec<String>,
    pub(super) array: Array,
}

impl Transform {
    /// The name of the step in recipes.
    fn name(&self) -> &'static str {
        match self {
            Self::Log { .. } => "log",
            Self::Sqrt { .. } => "sqrt",
            Self::Clip { .. } => "clip",
            Self::SortByPt { .. } => "sort_by_pt",
            Self::Center {} => "center",
            Self::Rotate {} => "rotate",
            Self::Flip {} => "flip",
            Self::Pixelate { .. } => "pixelate",
            Self::Normalize {} => "normalize",
        }
    }

    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// C0401.
    pub(super) fn check(&self) -> Result<(), Diagnostic> {
        let (is_possible, help) = match self {
            Self::Log { offset, .. } => (offset.is_finite(), "write for example `offset = 1.0`"),
            Self::Clip { least, most, .. } => {
                (least <= most, "write for example `least = 0.0` and `most = 10.0`")
            }
            Self::SortByPt { constituents, values, least_pt } => (
                *constituents > 0 && values.is_none_or(|values| values > 0) && least_pt.is_finite(),
                "write for example `constituents = 16`",
            ),
            Self::Pixelate { pixels, width } => (
                (1..=1024).contains(pixels) && width.is_finite() && *width > 0.0,
                "write for example `pixels = 16` and `width = 0.8`",
            ),
            Self::Sqrt { .. }
            | Self::Center {}
            | Self::Rotate {}
            | Self::Flip {}
            | Self::Normalize {} => (true, ""),
        };
        if is_possible {
            return Ok(());
        }
        let message = format!("a `{}` of these numbers is not possible", self.name());
        Err(Diagnostic::error(Code::C0401, message, help).at("`[[data.transform]]`"))
    }

    /// The inputs after the step.
    ///
    /// # Errors
    /// D0501 where the inputs have another shape, D0502 where a result is no number, D0507 where
    /// there is no such column.
    pub(super) fn apply(&self, inputs: Inputs) -> Result<Inputs, Diagnostic> {
        match self {
            Self::Log { columns, offset } => {
                elements::map(self.name(), inputs, columns, |x| (x + offset).ln())
            }
            Self::Sqrt { columns } => elements::map(self.name(), inputs, columns, f64::sqrt),
            Self::Clip { columns, least, most } => {
                elements::map(self.name(), inputs, columns, |x| x.clamp(*least, *most))
            }
            Self::SortByPt { constituents, values, least_pt } => {
                let shaped = shaped(self.name(), inputs.array, *values)?;
                Ok(unnamed(constituents::sort_by_pt(&shaped, *constituents, *least_pt)))
            }
            Self::Center {} => self.each_jet(inputs, constituents::center),
            Self::Rotate {} => self.each_jet(inputs, constituents::rotate),
            Self::Flip {} => self.each_jet(inputs, constituents::flip),
            Self::Pixelate { pixels, width } => {
                let array = jets(self.name(), inputs.array)?;
                Ok(unnamed(constituents::pixelate(&array, *pixels, *width)))
            }
            Self::Normalize {} => Ok(elements::normalize(inputs)),
        }
    }

    fn each_jet(
        &self,
        inputs: Inputs,
        step: impl Fn(&mut [f64], usize),
    ) -> Result<Inputs, Diagnostic> {
        let mut array = jets(self.name(), inputs.array)?;
        let (columns, values) = (array.columns(), array.shape[2]);
        array.values.chunks_exact_mut(columns.max(1)).for_each(|jet| step(jet, values));
        Ok(Inputs { columns: inputs.columns, array })
    }
}

fn unnamed(array: Array) -> Inputs {
    Inputs { columns: numbered("x", array.columns()), array }
}

/// Inputs as `[events, constituents, values]`.
fn shaped(step: &str, array: Array, values: Option<usize>) -> Result<Array, Diagnostic> {
    let fits = |own: usize| values.is_none_or(|values| values == own);
    match (array.shape.as_slice(), values) {
        ([_, _, own], _) if fits(*own) => Ok(array),
        ([events, columns], Some(values)) if columns.is_multiple_of(values) => {
            let shape = vec![*events, columns / values, values];
            Ok(Array { shape, ..array })
        }
        _ => Err(unshaped(step, &array, "write how many values one has: `values = 3`")),
    }
}

/// Inputs as `[events, constituents, values]`, with at least three values.
fn jets(step: &str, array: Array) -> Result<Array, Diagnostic> {
    match array.shape.as_slice() {
        [_, _, values] if *values >= 3 => Ok(array),
        _ => Err(unshaped(step, &array, "begin with `kind = \"sort_by_pt\"` and `values = 3`")),
    }
}

fn unshaped(step: &str, array: &Array, help: &str) -> Diagnostic {
    let sizes: Vec<String> = array.shape.iter().skip(1).map(ToString::to_string).collect();
    let message = format!(
        "`{step}` takes constituents [events, constituents, values], but the inputs are [events, {}]",
        sizes.join(", ")
    );
    Diagnostic::error(Code::D0501, message, help).at("`[[data.transform]]`")
}
