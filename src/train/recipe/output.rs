//! [`Output`]: what of a network has a loss.

use serde::Deserialize;

use super::Recipe;
use super::layer::Layer;
use super::wiring::{self, Place};
use crate::data;
use crate::diag::{Code, Diagnostic};
use crate::train::loss::{Loss, Targets};

/// One of several outputs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The layer whose values it is.
    pub layer: String,
    /// Its name in the exported network; that of the layer when left out.
    pub name: Option<String>,
    /// What is made small.
    pub loss: Loss,
    /// The place of its labels; those of `[data]` when left out.
    pub labels: Option<String>,
    /// What it learns; as `[data]` says when left out.
    pub targets: Option<data::Targets>,
    /// How much its loss counts.
    #[serde(default = "weight")]
    pub weight: f64,
}

fn weight() -> f64 {
    1.0
}

/// An output as it is trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Head<'a> {
    /// Its name in the exported network.
    pub name: &'a str,
    /// Where it is.
    pub place: Place,
    /// What is made small.
    pub loss: Loss,
    /// What it learns.
    pub targets: data::Targets,
    /// The place of its labels, where they are not those of `[data]`.
    pub labels: Option<&'a str>,
    /// How much its loss counts.
    pub weight: f64,
}

/// The name of the only output.
const NAME: &str = "y";

impl Recipe {
    /// The outputs: those of the recipe, or else the last layer.
    ///
    /// # Errors
    /// C0401 where they are not what a network can have.
    pub(super) fn heads(&self) -> Result<Vec<Head<'_>>, Diagnostic> {
        let refuse =
            |message: String, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
        let heads: Vec<Head<'_>> = match (self.train.loss, self.output.as_slice()) {
            (None, []) => {
                let help = "write for example `loss = \"cross_entropy\"`";
                return refuse("`[train]` has no `loss`".to_owned(), help);
            }
            (Some(_), [_, ..]) => {
                let message = "`[train]` has a `loss`, and so has each output".to_owned();
                return refuse(message, "leave `loss` out of `[train]`");
            }
            (Some(loss), []) => {
                let place = Place::Layer(self.layer.len() - 1);
                let targets = self.data.targets;
                vec![Head { name: NAME, place, loss, targets, labels: None, weight: 1.0 }]
            }
            (None, outputs) => {
                let heads = outputs.iter().map(|output| self.head(output));
                heads.collect::<Result<_, _>>()?
            }
        };
        for head in &heads {
            self.check_head(head)?;
            if heads.iter().filter(|other| other.name == head.name).count() > 1 {
                let message = format!("two outputs are called `{}`", head.name);
                return refuse(message, "give each a `name` of its own");
            }
        }
        Ok(heads)
    }

    fn head<'a>(&self, output: &'a Output) -> Result<Head<'a>, Diagnostic> {
        let Some(index) = self.layer.iter().position(|layer| layer.name() == output.layer) else {
            let names: Vec<&str> = self.layer.iter().map(Layer::name).collect();
            let message = format!("an output is `{}`, which is no layer", output.layer);
            let help = format!("the layers are {}", names.join(", "));
            return Err(Diagnostic::error(Code::C0401, message, help));
        };
        let own = if output.labels.is_some() { data::Targets::Labels } else { self.data.targets };
        Ok(Head {
            name: output.name.as_deref().unwrap_or(&output.layer),
            place: Place::Layer(index),
            loss: output.loss,
            targets: output.targets.unwrap_or(own),
            labels: output.labels.as_deref(),
            weight: output.weight,
        })
    }

    fn check_head(&self, head: &Head<'_>) -> Result<(), Diagnostic> {
        let refuse =
            |message: String, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
        let layer = match head.place {
            Place::Layer(index) => &self.layer[index],
            Place::Input => unreachable!("outputs are layers"),
        };
        let name = layer.name();
        if layer.softmax().is_some() {
            return self.check_softmax(head, name);
        }
        let is_error = head.loss.targets() == Targets::Values;
        if matches!(layer, Layer::Dropout { .. }) {
            let help = "name the layer before it, or end with one of `kind = \"dense\"`";
            return refuse(format!("`{name}` only trains, and is no output"), help);
        }
        if !is_error && !layer.gives_scores() {
            let help = "end with a layer of `kind = \"dense\"`, whose sums are the scores";
            return refuse(format!("the values of `{name}` are no scores"), help);
        }
        if !(head.weight.is_finite() && head.weight > 0.0) {
            let message = format!("the weight {} of `{}` is not possible", head.weight, head.name);
            return refuse(message, "write for example `weight = 0.5`");
        }
        let learns_inputs = head.targets == data::Targets::Inputs;
        if learns_inputs && !is_error {
            let help = "write for example `loss = \"mean_squared_error\"`";
            return refuse("this loss cannot compare with the inputs".to_owned(), help);
        }
        if let (true, Some(labels)) = (learns_inputs, head.labels) {
            let message = format!("`{}` learns the inputs, and also `{labels}`", head.name);
            return refuse(message, "leave out `labels`, or `targets = \"inputs\"`");
        }
        if !learns_inputs && head.labels.is_none() && self.data.labels.is_none() {
            let message = format!("`{}` has no labels", head.name);
            return refuse(message, "write for example `labels = \"y.npy\"`");
        }
        self.known(head.place).map_or(Ok(()), |outputs| head.loss.check(outputs))
    }

    /// Checks an output that is a softmax: its loss is that of classes, on what it takes.
    fn check_softmax(&self, head: &Head<'_>, name: &str) -> Result<(), Diagnostic> {
        if head.loss.targets() != Targets::Class {
            let message = format!("`{name}` is a softmax, and the loss is not one of classes");
            let help = "write `loss = \"cross_entropy\"`, or leave the softmax out";
            return Err(Diagnostic::error(Code::C0401, message, help));
        }
        match self.before_softmax(head.place) {
            Place::Input => {
                let message = format!("`{name}` takes the inputs, which are no scores");
                let help = "put a layer of `kind = \"dense\"` before it";
                Err(Diagnostic::error(Code::C0401, message, help))
            }
            place @ Place::Layer(_) => self.check_head(&Head { place, ..head.clone() }),
        }
    }

    /// The number of values of a place, where it does not depend on the number of inputs.
    fn known(&self, place: Place) -> Option<usize> {
        let Place::Layer(index) = place else { return None };
        let operands = wiring::operands(self).ok()?;
        let sizes = operands[index].iter().map(|operand| self.known(*operand));
        match &self.layer[index] {
            Layer::Dense { outputs, .. } => Some(*outputs),
            Layer::Slice { count, .. } => Some(*count),
            layer => layer.columns(&sizes.collect::<Option<Vec<usize>>>()?),
        }
    }

    /// The outputs, which were checked.
    pub fn outputs(&self) -> Vec<Head<'_>> {
        self.heads().expect("recipes are checked")
    }
}
