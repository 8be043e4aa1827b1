//! Which layer takes what: layers stand in the order of computation, and name what they take.

use super::Recipe;
use super::layer::{Gives, Layer};
use crate::diag::{Code, Diagnostic};

/// Something that a layer takes, or that comes out of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The inputs, standardized.
    Input,
    /// The values of a layer, by its index.
    Layer(usize),
}

/// What each layer takes.
///
/// # Errors
/// C0401 where a name is no layer above, or there are too many or too few.
pub(super) fn operands(recipe: &Recipe) -> Result<Vec<Vec<Place>>, Diagnostic> {
    let each = |(index, layer): (usize, &Layer)| {
        let before = if index == 0 { Place::Input } else { Place::Layer(index - 1) };
        let mut operands = Vec::with_capacity(layer.from().len().max(1));
        for name in layer.from() {
            operands.push(place(recipe, index, name).ok_or_else(|| unknown(recipe, index, name))?);
        }
        if operands.is_empty() {
            operands.push(before);
        }
        let fits = if layer.takes_several() { operands.len() >= 2 } else { operands.len() == 1 };
        if !fits {
            let (found, name) = (operands.len(), layer.name());
            let (wanted, help) = if layer.takes_several() {
                ("two or more", "write for example `from = [\"a\", \"b\"]`")
            } else {
                ("one", "put a layer of `kind = \"concat\"` or `\"add\"` before it")
            };
            let message = format!("`{name}` takes {wanted}, not {found}");
            return Err(Diagnostic::error(Code::C0401, message, help));
        }
        Ok(operands)
    };
    recipe.layer.iter().enumerate().map(each).collect()
}

/// What a name means for the layer of an index.
fn place(recipe: &Recipe, index: usize, name: &str) -> Option<Place> {
    if name == recipe.input.name {
        return Some(Place::Input);
    }
    recipe.layer[..index].iter().position(|layer| layer.name() == name).map(Place::Layer)
}

fn unknown(recipe: &Recipe, index: usize, name: &str) -> Diagnostic {
    let own = recipe.layer[index].name();
    let is_below = recipe.layer[index..].iter().any(|layer| layer.name() == name);
    let (message, help) = if is_below {
        (
            format!("`{own}` takes `{name}`, which stands below it"),
            "write layers in their order".to_owned(),
        )
    } else {
        let above = recipe.layer[..index].iter().map(Layer::name);
        let names: Vec<&str> = std::iter::once(recipe.input.name.as_str()).chain(above).collect();
        (
            format!("`{own}` takes `{name}`, which is no layer"),
            format!("above it are {}", names.join(", ")),
        )
    };
    Diagnostic::error(Code::C0401, message, help)
}

/// Checks layers together: their names, what may follow what, and that each leads to an output.
pub(super) fn check(recipe: &Recipe) -> Result<(), Diagnostic> {
    let refuse = |message: String, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
    let layers = &recipe.layer;
    if !layers.iter().any(|layer| matches!(layer, Layer::Dense { .. })) {
        return refuse("no layer has weights".to_owned(), "add a layer of `kind = \"dense\"`");
    }
    let own = layers.iter().map(Layer::name).chain([recipe.input.name.as_str()]);
    let mut names: Vec<&str> = own.collect();
    names.sort_unstable();
    if let Some([name, _]) = names.array_windows().find(|[name, next]| name == next) {
        let help = "give each layer a name of its own, other than that of the input";
        return refuse(format!("two layers are called `{name}`"), help);
    }
    let operands = operands(recipe)?;
    let mut quantized: Vec<bool> = Vec::with_capacity(layers.len());
    for (layer, operands) in layers.iter().zip(&operands) {
        layer.check()?;
        let head = operands.iter().find_map(|place| match place {
            Place::Layer(index) if layers[*index].softmax().is_some() => {
                Some(layers[*index].name())
            }
            Place::Layer(_) | Place::Input => None,
        });
        if let Some(head) = head {
            let message = format!("`{}` takes `{head}`, which can only be an output", layer.name());
            return refuse(message, "let it take the layer before the softmax");
        }
        let loose = operands.iter().find_map(|place| match place {
            Place::Layer(index) if !quantized[*index] => Some(layers[*index].name()),
            Place::Layer(_) | Place::Input => None,
        });
        if let (Layer::Dense { .. } | Layer::Concat { .. }, Some(sums)) = (layer, loose) {
            let help = "put a layer of `kind = \"relu\"` or `\"identity\"` before it";
            let message =
                format!("`{}` takes the sums of `{sums}`, which have no format", layer.name());
            return refuse(message, help);
        }
        quantized.push(match layer.gives() {
            Gives::Sums => false,
            Gives::Values => true,
            Gives::WhatItTakes => loose.is_none(),
        });
    }
    let used = reaching(&operands, recipe.heads()?.iter().map(|head| head.place));
    match used.iter().position(|used| !used) {
        None => Ok(()),
        Some(idle) => {
            let message = format!("`{}` leads to no output", layers[idle].name());
            refuse(message, "let a layer take it, or leave it out")
        }
    }
}

/// Which layers are needed for these places.
pub fn reaching(operands: &[Vec<Place>], ends: impl IntoIterator<Item = Place>) -> Vec<bool> {
    let mut needed = vec![false; operands.len()];
    let mut open: Vec<Place> = ends.into_iter().collect();
    while let Some(place) = open.pop() {
        if let Place::Layer(index) = place
            && !std::mem::replace(&mut needed[index], true)
        {
            open.extend(&operands[index]);
        }
    }
    needed
}

impl Recipe {
    /// What a softmax takes, and other places themselves: what losses see.
    pub fn before_softmax(&self, place: Place) -> Place {
        match place {
            Place::Layer(index) if self.layer[index].softmax().is_some() => {
                self.operands()[index][0]
            }
            place => place,
        }
    }

    /// What each layer takes.
    pub fn operands(&self) -> Vec<Vec<Place>> {
        operands(self).expect("recipes are checked")
    }

    /// The number of values of each layer, for events of `inputs` values.
    ///
    /// # Errors
    /// D0501 where a layer does not fit what it takes.
    pub fn columns(&self, inputs: usize) -> Result<Vec<usize>, Diagnostic> {
        let mut columns: Vec<usize> = Vec::with_capacity(self.layer.len());
        for (layer, operands) in self.layer.iter().zip(self.operands()) {
            let size = |place: &Place| match place {
                Place::Input => inputs,
                Place::Layer(index) => columns[*index],
            };
            let sizes: Vec<usize> = operands.iter().map(size).collect();
            let Some(own) = layer.columns(&sizes) else {
                let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
                let message = format!(
                    "`{}` does not fit what it takes: {} values",
                    layer.name(),
                    sizes.join(" and ")
                );
                let help = "`add` takes layers of as many values, `slice` some of those there are";
                return Err(Diagnostic::error(Code::D0501, message, help));
            };
            columns.push(own);
        }
        Ok(columns)
    }
}
