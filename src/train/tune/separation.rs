//! [`Separation`]: how well scores tell signal from background, as trials are compared by it.

use std::fmt::{self, Display};
use std::str::FromStr;

use super::objective::Unknown;
use crate::data;
use crate::diag::{Code, Diagnostic};
use crate::train::dataset::{Dataset, Target};
use crate::train::loss::Targets;
use crate::train::recipe::Recipe;
use crate::train::recipe::output::Head;

/// A figure of scores, written `auc`, `auc.NAME`, `rejection@0.5` or `rejection.NAME@0.5`.
///
/// The name is that of an output, or of a class of the only output that has some. Without one, or of an
/// output with several scores, the figure is the mean over the scores, each against all events of others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Separation {
    /// What is measured.
    pub kind: Kind,
    /// The output, or the class.
    pub of: Option<String>,
}

/// What is measured of scores; more is better in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The area under the ROC curve.
    Auc,
    /// One over the part of the background that passes where this part of the signal does.
    Rejection(Efficiency),
}

/// A part of the signal, above 0 and up to 1, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Efficiency(u32);

/// Which scores are measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scores {
    /// The output.
    pub head: usize,
    /// How many scores it has.
    pub columns: usize,
    /// Those that are measured.
    pub elements: Vec<usize>,
}

impl Separation {
    /// Its title in tables.
    pub fn title(&self) -> String {
        let of = self.of.as_ref().map(|name| format!(" of {name}")).unwrap_or_default();
        match self.kind {
            Kind::Auc => format!("AUC{of}"),
            Kind::Rejection(efficiency) => format!("rejection{of} at {efficiency}"),
        }
    }

    /// Checks that a recipe has such an output, or such a class.
    ///
    /// # Errors
    /// C0401 with those that it has.
    pub fn check(&self, recipe: &Recipe) -> Result<(), Diagnostic> {
        self.head(recipe).map(drop)
    }

    /// The scores that it is measured of.
    ///
    /// # Errors
    /// C0401 where a recipe has no such output, or such a class.
    pub fn scores(&self, recipe: &Recipe, events: &Dataset) -> Result<Scores, Diagnostic> {
        let (head, class) = self.head(recipe)?;
        let Target::Values { columns, .. } = events.targets[head] else {
            unreachable!("autoencoders are refused")
        };
        // A single score is that of class 1.
        let first = usize::from(columns == 1);
        let elements = match class {
            None => (0..columns).collect(),
            Some(class) if (first..first + columns).contains(&class) => vec![class - first],
            Some(_) => {
                let message = format!("`{self}` is of no score");
                let last = first + columns - 1;
                let named = self.named(&last.to_string());
                let help = format!("write a class from {first} to {last}, such as `{named}`");
                return Err(Diagnostic::error(Code::C0401, message, help));
            }
        };
        Ok(Scores { head, columns, elements })
    }

    /// The same of an output or a class.
    fn named(&self, name: &str) -> Self {
        Self { of: Some(name.to_owned()), ..*self }
    }

    /// The output, and the class in it.
    fn head(&self, recipe: &Recipe) -> Result<(usize, Option<usize>), Diagnostic> {
        let refuse =
            |message: String, help: String| Err(Diagnostic::error(Code::C0401, message, help));
        let heads = recipe.outputs();
        let own = self.of.as_ref().and_then(|name| heads.iter().position(|head| head.name == name));
        if let Some(own) = own.filter(|own| tells_classes(&heads[*own])) {
            return Ok((own, None));
        }
        let of_classes: Vec<usize> =
            (0..heads.len()).filter(|index| tells_classes(&heads[*index])).collect();
        let (&[head], None) = (of_classes.as_slice(), own) else {
            if of_classes.is_empty() || own.is_some() {
                let what =
                    own.map_or("the recipe".to_owned(), |own| format!("`{}`", heads[own].name));
                let message = format!("`{self}` tells classes apart, which {what} does not learn");
                let help = "leave it out of `objectives`, or train with `loss = \"cross_entropy\"` or \
                            `\"binary_cross_entropy\"`";
                return refuse(message, help.to_owned());
            }
            let each = of_classes.iter().map(|own| self.named(heads[*own].name).to_string());
            let each: Vec<String> = each.collect();
            let message = format!("`{self}` names none of the outputs that tell classes apart");
            return refuse(message, format!("write one of `{}`", each.join("`, `")));
        };
        let Some(name) = &self.of else { return Ok((head, None)) };
        let classes: &[String] =
            if heads[head].labels.is_none() { &recipe.data.classes } else { &[] };
        let class = classes.iter().position(|class| class == name).or_else(|| name.parse().ok());
        if class.is_some() {
            return Ok((head, class));
        }
        let help = match classes {
            [] => format!("write the number of a class, such as `{}`", self.named("1")),
            [first, ..] => {
                let list = classes.join(", ");
                format!("the classes are {list}: write for example `{}`", self.named(first))
            }
        };
        refuse(format!("`{self}` is of no output, and of no class"), help)
    }
}

/// True when an output says whether an event is of a class.
fn tells_classes(head: &Head<'_>) -> bool {
    let is_labeled = match head.targets {
        data::Targets::Labels => true,
        data::Targets::Inputs => false,
    };
    is_labeled
        && match head.loss.targets() {
            Targets::Class | Targets::Probabilities | Targets::Signal => true,
            Targets::Values => false,
        }
}

impl Efficiency {
    /// As a part of one.
    pub fn value(self) -> f64 {
        f64::from(self.0) / 1e6
    }

    /// A part that is written with at most six digits.
    fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{part:0<6}");
        let is_number = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_digit());
        let whole = match whole {
            "0" => 0,
            "1" => 1_000_000,
            _ => return None,
        };
        let own: u32 = digits.parse().ok().filter(|_| is_number)?;
        Some(Self(whole + own)).filter(|own| (1..=1_000_000).contains(&own.0))
    }
}

impl Display for Efficiency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value())
    }
}

impl Display for Separation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Auc => "auc",
            Kind::Rejection(_) => "rejection",
        })?;
        if let Some(name) = &self.of {
            write!(f, ".{name}")?;
        }
        match self.kind {
            Kind::Auc => Ok(()),
            Kind::Rejection(efficiency) => write!(f, "@{efficiency}"),
        }
    }
}

impl FromStr for Separation {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        let read = || {
            let (kind, rest) = if let Some(rest) = text.strip_prefix("auc") {
                (Kind::Auc, rest)
            } else {
                let (rest, at) = text.strip_prefix("rejection")?.rsplit_once('@')?;
                (Kind::Rejection(Efficiency::parse(at)?), rest)
            };
            let of = match rest {
                "" => None,
                rest => Some(rest.strip_prefix('.').filter(|name| !name.is_empty())?.to_owned()),
            };
            Some(Self { kind, of })
        };
        read().ok_or_else(|| Unknown(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in
            ["auc", "auc.mass", "auc.a.b@c", "rejection@0.5", "rejection.t@q@0.999", "rejection@1"]
        {
            assert_eq!(name.parse::<Separation>().unwrap().to_string(), name);
        }
        assert_eq!("rejection@0.50".parse(), "rejection@0.5".parse::<Separation>());
        let wrong =
            ["auc.", "aucs", "AUC", "rejection", "rejection.t", "rejection@", "rejection.@0.5"];
        let no_part = ["50", "0", "0.0", "1.1", ".5", "0.+5", "-0.5", "0.1234567", "nan", "5e-1"];
        let no_part = no_part.map(|part| format!("rejection@{part}"));
        for wrong in wrong.map(str::to_owned).into_iter().chain(no_part) {
            assert_eq!(wrong.parse::<Separation>(), Err(Unknown(wrong.clone())));
        }
    }

    fn scores(name: &str, recipe: &str, columns: usize) -> Result<Scores, String> {
        let recipe = Recipe::parse(recipe, "recipe.toml").unwrap();
        let heads = recipe.outputs().len();
        let target = Target::Values { columns, values: Vec::new() };
        let events = Dataset {
            columns: 1,
            inputs: Vec::new(),
            targets: vec![target; heads],
            weights: Vec::new(),
            nuisance: None,
            keys: Vec::new(),
        };
        let own: Separation = name.parse().unwrap();
        own.check(&recipe).and_then(|()| own.scores(&recipe, &events)).map_err(|fault| {
            assert_eq!(fault.code, Code::C0401);
            fault.message
        })
    }

    fn recipe(data: &str, train: &str) -> String {
        format!(
            "name = 'small'\n[data]\ninputs = 'x.csv'\nlabels = 'y.csv'\n{data}\n[input]\nwidth = 8\n\
             [[layer]]\nkind = 'dense'\nname = 'a'\noutputs = 3\n\
             weights = {{ format = 'fixed<6,2,RND,SAT>' }}\nbias = {{ format = 'fixed<8,3,RND,SAT>' }}\n\
             {train}\n"
        ) + "[train]\nepochs = 1\nbatch_size = 16\nlearning_rate = 0.05\n"
    }

    #[test]
    fn scores_are_those_of_the_output_or_class_that_is_named() {
        let one = recipe("classes = ['q', 'g', 't']", "")
            .replace("[train]", "[train]\nloss = 'cross_entropy'");
        let scored =
            |elements: &[usize]| Ok(Scores { head: 0, columns: 3, elements: elements.to_vec() });
        assert_eq!(scores("auc", &one, 3), scored(&[0, 1, 2]));
        assert_eq!(scores("auc.y", &one, 3), scored(&[0, 1, 2]));
        assert_eq!(scores("rejection.t@0.5", &one, 3), scored(&[2]));
        assert_eq!(scores("auc.1", &one, 3), scored(&[1]));
        assert_eq!(scores("auc.7", &one, 3), Err("`auc.7` is of no score".to_owned()));
        let unknown = "`auc.w` is of no output, and of no class".to_owned();
        assert_eq!(scores("auc.w", &one, 3), Err(unknown));

        let binary = one.replace("'cross_entropy'", "'binary_cross_entropy'");
        let scored = Ok(Scores { head: 0, columns: 1, elements: vec![0] });
        assert_eq!(scores("auc", &binary, 1), scored);
        assert_eq!(scores("rejection.g@0.3", &binary, 1), scored);
        assert_eq!(scores("auc.q", &binary, 1), Err("`auc.q` is of no score".to_owned()));

        let regression = one.replace("'cross_entropy'", "'mean_squared_error'");
        let refused = |name: &str| {
            Err(format!("`{name}` tells classes apart, which the recipe does not learn"))
        };
        assert_eq!(scores("auc", &regression, 3), refused("auc"));
        assert_eq!(scores("auc.t", &regression, 3), refused("auc.t"));
    }

    #[test]
    fn one_of_several_outputs_is_named() {
        let output = |name: &str, loss: &str| {
            format!(
                "[[output]]\nname = '{name}'\nlayer = 'a'\nloss = '{loss}'\nlabels = '{name}.csv'\n"
            )
        };
        let heads = |heads: &[(&str, &str)]| {
            recipe("", &heads.iter().map(|(name, loss)| output(name, loss)).collect::<String>())
        };
        let mixed = heads(&[("mass", "mean_squared_error"), ("kind", "cross_entropy")]);
        let scored = Ok(Scores { head: 1, columns: 3, elements: vec![0, 1, 2] });
        assert_eq!(scores("auc", &mixed, 3), scored);
        assert_eq!(scores("auc.kind", &mixed, 3), scored);
        let refused = "`auc.mass` tells classes apart, which `mass` does not learn".to_owned();
        assert_eq!(scores("auc.mass", &mixed, 3), Err(refused));
        let two = heads(&[("kind", "cross_entropy"), ("sign", "binary_cross_entropy")]);
        assert_eq!(
            scores("auc", &two, 3),
            Err("`auc` names none of the outputs that tell classes apart".to_owned())
        );
        assert_eq!(scores("auc.sign", &two, 3).map(|own| own.head), Ok(1));
    }
}
