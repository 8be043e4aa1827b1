//! [`Source`]: where events are, and what of the files is what.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::file::File;
use super::keys::{keys_of_inputs, words_of};
use super::labels::named_classes;
use super::place::Place;
use super::read::Array;
use super::split::{Shares, Use};
use super::store::names_of;
use super::transform::{Inputs, Transform};
use crate::diag::{Code, Diagnostic};
use crate::numeric::hash;

/// Where the events are: the section `[data]` of a recipe.
///
/// A place is a file beside the recipe, with `:NAME` behind it for an array of an npz file, a
/// column of a csv or Parquet file, a data set or group of an HDF5 file, a tree or branch of a ROOT
/// file: `jets.npz:x`, `jets.csv:label`, `jets.h5:/jets/pt`, `jets.root:dir/tree`. Files may be
/// compressed (`.gz`).
///
/// Which events train, validate and test depends on a hash of each event alone, so neither the
/// order of rows nor other events matter, and equal events stay together. The hash folds words of
/// 64 bits by `h = mix(h ^ word)` from 0 on, where `mix` is the finalizer of splitmix64. The words
/// are those of the `id`: a number is the bits of its value in double precision, anything else its
/// bytes, eight to a word with the first as the lowest, and then their count. Without `id` they are
/// the bits of the inputs in single precision, one to a word. An event validates if the upper 32
/// bits of its hash, as a fraction, are below `validation`; it tests if they are among the next
/// `test`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The inputs, one row for each event.
    pub inputs: String,
    /// The columns, or arrays, of that file, or of the group or tree in it, that are the inputs, in
    /// their order; all when left out. `pt[0..16]` takes the first 16 values of each event of a list, `pt[0]` to
    /// `pt[15]`, with zeros where there are fewer.
    #[serde(default)]
    pub columns: Vec<String>,
    /// What is done to the inputs, step by step. The circuit takes what comes out.
    #[serde(default)]
    pub transform: Vec<Transform>,
    /// The class of each event, or its target values.
    pub labels: Option<String>,
    /// What the network learns: its labels, or to give its inputs back.
    #[serde(default)]
    pub targets: Targets,
    /// The names of the classes, in the order of the outputs; labels are names or numbers of them.
    #[serde(default)]
    pub classes: Vec<String>,
    /// The weight of each event; all count the same when left out.
    pub weights: Option<String>,
    /// What the scores of the network should not depend on, such as a mass: one value for each event.
    pub nuisance: Option<String>,
    /// What tells events apart, for the split: such as the numbers of run and event. The inputs do
    /// when left out.
    #[serde(default)]
    pub id: Vec<String>,
    /// The share of events that only validate.
    #[serde(default = "validation")]
    pub validation: f64,
    /// The share of events that neither train nor choose; the networks of the run are tested on them.
    #[serde(default)]
    pub test: f64,
}

fn validation() -> f64 {
    0.1
}

/// What a network learns about its events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Targets {
    /// Their labels.
    #[default]
    Labels,
    /// Their inputs: it is an autoencoder.
    Inputs,
}

/// The events that a [`Source`] names.
#[derive(Clone, Debug, PartialEq)]
pub struct Events {
    /// The name of each input.
    pub columns: Vec<String>,
    /// The inputs.
    pub inputs: Array,
    /// The classes as numbers, or the target values; none for an autoencoder.
    pub labels: Option<Array>,
    /// The weights.
    pub weights: Option<Array>,
    /// What scores should not depend on.
    pub nuisance: Option<Array>,
    /// A hash of each event, which decides what it is used for.
    pub keys: Vec<u64>,
}

impl Events {
    /// Those of one use, in their order.
    #[must_use]
    pub fn only(&self, shares: Shares, wanted: Use) -> Self {
        let kept: Vec<usize> =
            (0..self.keys.len()).filter(|event| shares.of(self.keys[*event]) == wanted).collect();
        Self {
            columns: self.columns.clone(),
            inputs: self.inputs.select(&kept),
            labels: self.labels.as_ref().map(|labels| labels.select(&kept)),
            weights: self.weights.as_ref().map(|weights| weights.select(&kept)),
            nuisance: self.nuisance.as_ref().map(|nuisance| nuisance.select(&kept)),
            keys: kept.iter().map(|event| self.keys[*event]).collect(),
        }
    }
}

impl Source {
    /// The files, each once, in the order in which they are named.
    pub fn files(&self) -> Vec<&str> {
        let mut files = Vec::new();
        for place in std::iter::once(&self.inputs).chain(self.beside_inputs()) {
            let file = Place::parse(place).file;
            if !files.contains(&file) {
                files.push(file);
            }
        }
        files
    }

    /// The places of what is no input.
    fn beside_inputs(&self) -> impl Iterator<Item = &String> {
        self.labels.iter().chain(&self.weights).chain(&self.nuisance).chain(&self.id)
    }

    /// How the events are split.
    pub fn shares(&self) -> Shares {
        Shares { validation: self.validation, test: self.test }
    }

    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// C0401.
    pub fn check(&self) -> Result<(), Diagnostic> {
        let refuse =
            |message: String, help: &str| Err(Diagnostic::error(Code::C0401, message, help));
        let Self { validation, test, .. } = *self;
        if !(validation > 0.0 && validation < 1.0) {
            return refuse(
                format!("{validation} is no share of events"),
                "write for example `validation = 0.1`",
            );
        }
        if !(0.0..1.0).contains(&test) || validation + test >= 1.0 {
            let message =
                format!("{test} is no share of events beside {validation} for validation");
            return refuse(message, "write for example `test = 0.1`");
        }
        let place = Place::parse(&self.inputs);
        if let (Some(name), false, false) =
            (place.name, self.columns.is_empty(), place.may_be_a_group())
        {
            let message = format!("`inputs` names `{name}`, and `columns` names inputs too");
            return refuse(message, "leave out one of both");
        }
        match (self.targets, &self.labels) {
            (Targets::Labels, None) => {
                let help = "write for example `labels = \"y.npy\"`, or `targets = \"inputs\"` for an autoencoder";
                return refuse("the events have no labels".to_owned(), help);
            }
            (Targets::Inputs, Some(labels)) => {
                let message = format!("the network learns its inputs, and also `{labels}`");
                return refuse(message, "leave out `labels`, or `targets = \"inputs\"`");
            }
            (Targets::Labels, Some(_)) | (Targets::Inputs, None) => {}
        }
        self.transform.iter().try_for_each(Transform::check)
    }

    /// The events, from the files of [`Source::files`] by their names.
    ///
    /// # Errors
    /// D0501 where shapes do not fit, D0502 where an input is not a number, D0503 where a cell is
    /// none, D0504 where a label is no class, D0507 where an array or a column is missing.
    pub fn gather(&self, files: &BTreeMap<&str, File>) -> Result<Events, Diagnostic> {
        let pick = |place: &str| {
            let place = Place::parse(place);
            files[place.file].pick(place.name)
        };
        let (columns, inputs) = self.inputs(files)?;
        finite(Place::parse(&self.inputs).file, &columns, &inputs)?;
        let labels = match self.labels.as_deref() {
            Some(labels) if !self.classes.is_empty() => {
                let place = Place::parse(labels);
                Some(named_classes(&files[place.file], place.name, &self.classes)?)
            }
            labels => labels.map(pick).transpose()?,
        };
        let weights = self.weights.as_deref().map(pick).transpose()?;
        let nuisance = self.nuisance.as_deref().map(pick).transpose()?;
        for (place, array) in
            [(&self.labels, &labels), (&self.weights, &weights), (&self.nuisance, &nuisance)]
        {
            if let (Some(place), Some(array)) = (place, array) {
                same_events(place, array, &inputs)?;
            }
        }
        // Before any transform, so that another one does not move events between their uses.
        let keys = self.keys(files, &inputs)?;
        let inputs = Inputs { columns, array: inputs };
        let inputs = self.transform.iter().try_fold(inputs, |inputs, step| step.apply(inputs))?;
        let Inputs { columns, array: inputs } = inputs;
        Ok(Events { columns, inputs, labels, weights, nuisance, keys })
    }

    fn inputs(&self, files: &BTreeMap<&str, File>) -> Result<(Vec<String>, Array), Diagnostic> {
        let Place { file: name, name: key } = Place::parse(&self.inputs);
        let file = &files[name];
        if !self.columns.is_empty() {
            let inputs = file.side_by_side(key, &self.columns)?;
            let names: Vec<String> = self.columns.iter().flat_map(|own| names_of(own)).collect();
            let names = if inputs.columns() == names.len() {
                names
            } else {
                numbered(&self.inputs, inputs.columns())
            };
            return Ok((names, inputs));
        }
        let own: Vec<&str> = self
            .beside_inputs()
            .map(|place| Place::parse(place))
            .filter(|place| place.file == name)
            .filter_map(|place| place.name)
            .collect();
        let header = file.together(key, &[]);
        let others = file.together(key, &own);
        if others.len() < header.len() {
            let others: Vec<String> = others.iter().map(|name| format!("{name:?}")).collect();
            let message = format!("`{name}` has more than inputs: `{}` among others", own[0]);
            let help = format!("say which columns are: `columns = [{}]`", others.join(", "));
            return Err(Diagnostic::error(Code::C0401, message, help).at("`[data]`"));
        }
        let inputs = file.pick(key)?;
        let names = match key {
            _ if header.len() == inputs.columns() => {
                header.into_iter().map(str::to_owned).collect()
            }
            Some(key) if inputs.columns() == 1 => vec![key.to_owned()],
            Some(key) => numbered(key, inputs.columns()),
            None => numbered("x", inputs.columns()),
        };
        Ok((names, inputs))
    }

    fn keys(&self, files: &BTreeMap<&str, File>, inputs: &Array) -> Result<Vec<u64>, Diagnostic> {
        if self.id.is_empty() {
            return Ok(keys_of_inputs(inputs));
        }
        let mut all: Vec<Vec<u64>> = vec![Vec::new(); inputs.events()];
        for place in &self.id {
            let Place { file, name } = Place::parse(place);
            let words = files[file].words(name)?;
            if words.len() != all.len() {
                let message = format!("{} identities for {} events", words.len(), all.len());
                let help = "give one row for each event";
                return Err(Diagnostic::error(Code::D0501, message, help).at(file));
            }
            for (own, word) in all.iter_mut().zip(&words) {
                own.extend(words_of(word));
            }
        }
        Ok(all.into_iter().map(hash::of_words).collect())
    }
}

/// Checks that an array has a row for each event.
fn same_events(place: &str, array: &Array, inputs: &Array) -> Result<(), Diagnostic> {
    if array.events() == inputs.events() {
        return Ok(());
    }
    let message = format!("{} rows for {} events", array.events(), inputs.events());
    Err(Diagnostic::error(Code::D0501, message, "give one row for each event").at(place))
}

/// `x[0]`, `x[1]` and so on.
pub(super) fn numbered(name: &str, count: usize) -> Vec<String> {
    (0..count).map(|index| format!("{name}[{index}]")).collect()
}

/// Checks that every input is a number.
fn finite(file: &str, columns: &[String], inputs: &Array) -> Result<(), Diagnostic> {
    match inputs.values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(place) => {
            let (row, column) = (place / columns.len(), place % columns.len());
            let message = format!("row {row}: `{}` is {}", columns[column], inputs.values[place]);
            let help = "remove such events, or replace the value: `numpy.nan_to_num(x)`";
            let fault = Diagnostic::error(Code::D0502, message, help).at(file);
            Err(fault.note("rows count from 0"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(source: &str, csv: &str) -> Result<Events, Diagnostic> {
        let source: Source = toml::from_str(source).unwrap();
        source.check()?;
        let file = File::decode("a.csv", csv.as_bytes())?;
        source.gather(&BTreeMap::from([("a.csv", file)]))
    }

    const EVENTS: &str = "run,pt,mass,kind,w\nA,30,5,q,1\nB,40,6,g,0.5\n";
    const SOURCE: &str = "inputs='a.csv'\ncolumns=['mass','pt']\nlabels='a.csv:kind'\n\
                          classes=['g','q']\nweights='a.csv:w'\nid=['a.csv:run']\n";

    #[test]
    fn columns_are_picked_by_name() {
        let events = gather(SOURCE, EVENTS).unwrap();
        assert_eq!(events.columns, ["mass", "pt"]);
        assert_eq!(events.inputs.values, [5.0, 30.0, 6.0, 40.0]);
        assert_eq!(events.labels.unwrap().values, [1.0, 0.0]);
        assert_eq!(events.weights.unwrap().values, [1.0, 0.5]);
        let numbers = EVENTS.replace(",q,", ",0,");
        assert_eq!(gather(SOURCE, &numbers).unwrap().labels.unwrap().values, [0.0, 0.0]);
        let nuisance = format!("{SOURCE}nuisance='a.csv:pt'\n");
        assert_eq!(gather(&nuisance, EVENTS).unwrap().nuisance.unwrap().values, [30.0, 40.0]);
    }

    #[test]
    fn the_split_depends_on_the_identity_alone() {
        let keys = |text: &str| gather(SOURCE, text).unwrap().keys;
        let one = keys(EVENTS);
        let other = keys("run,pt,mass,kind,w\nB,1,1,g,1\nA,2,2,g,1\n");
        assert_eq!([one[0], one[1]], [other[1], other[0]]);
        assert_ne!(one[0], one[1]);
        // The words as the documentation has them, folded by hand.
        assert_eq!(one[0], hash::mixed(hash::mixed(0x41) ^ 1));
        // Frozen: another value would move the events of every recipe.
        assert_eq!(one[0], 0xfc3d_460f_dc85_ee8e);
    }

    #[test]
    fn what_is_not_there_is_said() {
        let code = |source: &str, text: &str| gather(source, text).unwrap_err();
        let fault = code(&SOURCE.replace("'mass'", "'masss'"), EVENTS);
        assert_eq!((fault.code, fault.help.as_str()), (Code::D0507, "write for example `mass`"));
        let header = EVENTS.split_once('\n').unwrap().0;
        assert_eq!(code(SOURCE, EVENTS.strip_prefix(header).unwrap()).code, Code::D0507);
        assert_eq!(code(SOURCE, &EVENTS.replace(",q,", ",top,")).code, Code::D0504);
        let fault = code(SOURCE, &EVENTS.replace("30,5", "30,nan"));
        assert_eq!((fault.code, fault.message.as_str()), (Code::D0502, "row 0: `mass` is NaN"));
        assert_eq!(code(SOURCE, &EVENTS.replace(",mass", ",pt")).code, Code::D0507);
        let leaking = code("inputs='a.csv'\nlabels='a.csv:w'\n", EVENTS);
        assert_eq!(leaking.code, Code::C0401);
        assert_eq!(code(&format!("{SOURCE}test=0.95"), EVENTS).code, Code::C0401);
        // The network learns labels, or its inputs: one of both.
        assert_eq!(code(&format!("{SOURCE}targets='inputs'"), EVENTS).code, Code::C0401);
        let without = SOURCE.replace("labels='a.csv:kind'\n", "");
        assert_eq!(code(&without, EVENTS).code, Code::C0401);
        let autoencoder = format!("{without}targets='inputs'");
        assert_eq!(gather(&autoencoder, EVENTS).unwrap().labels, None);
    }
}
