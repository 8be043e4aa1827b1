//! [`Space`]: the parameters of a search, and recipes with values for them.

use toml::{Table, Value};

use crate::diag::{Code, Diagnostic};

/// What may change in a recipe.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    /// The parameters, in the order of their paths.
    pub parameters: Vec<Parameter>,
}

/// A value of a recipe that may change.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Where it stands: `train.learning_rate`, or `layer.fc1.outputs` for the layer of that name.
    pub path: String,
    /// What it may be.
    pub domain: Domain,
}

/// What a parameter may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Domain {
    /// One of several values.
    Choose(Vec<Value>),
    /// A number between two, both included.
    Range {
        /// The least and the largest.
        bounds: (f64, f64),
        /// Whether equal factors are equally likely, instead of equal differences.
        log: bool,
        /// Whether it is a whole number.
        whole: bool,
    },
}

impl Domain {
    /// How many values a grid of so many steps has.
    pub fn grid(&self, steps: usize) -> usize {
        match self {
            Self::Choose(values) => values.len(),
            Self::Range { .. } => steps,
        }
    }

    /// The value at a place from 0 to 1.
    pub fn value(&self, place: f64) -> Value {
        match self {
            Self::Choose(values) => values[choice(place, values.len())].clone(),
            Self::Range { bounds: (low, _), whole: false, .. } if place <= 0.0 => {
                Value::Float(*low)
            }
            Self::Range { bounds: (_, high), whole: false, .. } if place >= 1.0 => {
                Value::Float(*high)
            }
            Self::Range { bounds: (low, high), log, whole } => {
                // A whole number has as much room as each of the others.
                let half = if *whole { 0.5 } else { 0.0 };
                let (least, most) = (low - half, high + half);
                let number = if *log {
                    let least = least.max(low / 2.0);
                    (least.ln() + place * (most.ln() - least.ln())).exp()
                } else {
                    least + place * (most - least)
                };
                if *whole {
                    Value::Integer(integer(number.round().clamp(*low, *high)))
                } else {
                    Value::Float(number.clamp(*low, *high))
                }
            }
        }
    }
}

/// Which of so many choices a place from 0 to 1 means.
pub fn choice(place: f64, count: usize) -> usize {
    let edge = |index: usize| f64::from(u32::try_from(index + 1).unwrap_or(u32::MAX));
    let count_of = edge(count.saturating_sub(1));
    (0..count).position(|index| place * count_of < edge(index)).unwrap_or(count.saturating_sub(1))
}

#[expect(clippy::cast_possible_truncation, reason = "bounds are whole numbers of 32 bits")]
fn integer(number: f64) -> i64 {
    number as i64
}

impl Space {
    /// The space that a table of domains by their dotted paths says.
    ///
    /// # Errors
    /// C0401 where there is none, or a domain cannot be.
    pub fn of(table: &Table) -> Result<Self, Diagnostic> {
        let mut parameters = Vec::new();
        collect("", table, &mut parameters)?;
        if parameters.is_empty() {
            let help = "write for example `train.learning_rate = { log = [1e-4, 1e-2] }`";
            return Err(Diagnostic::error(Code::C0401, "the space has no parameter", help));
        }
        Ok(Self { parameters })
    }

    /// The values at a point: a place from 0 to 1 for each parameter.
    pub fn values(&self, point: &[f64]) -> Vec<Value> {
        let pairs = self.parameters.iter().zip(point);
        pairs.map(|(parameter, place)| parameter.domain.value(*place)).collect()
    }

    /// The text of a recipe with values for the parameters.
    ///
    /// # Errors
    /// C0401 where the recipe has no such place.
    pub fn recipe(&self, recipe: &Table, values: &[Value]) -> Result<String, Diagnostic> {
        let mut recipe = recipe.clone();
        for (parameter, value) in self.parameters.iter().zip(values) {
            let parts: Vec<&str> = parameter.path.split('.').collect();
            put(&mut recipe, &parts, value).ok_or_else(|| {
                let message = format!("the recipe has no place `{}`", parameter.path);
                let help = "name a key of the recipe: `train.learning_rate`, or `layer.fc1.outputs` \
                            for the layer called fc1";
                Diagnostic::error(Code::C0401, message, help)
            })?;
        }
        Ok(toml::to_string(&recipe).expect("tables become TOML"))
    }
}

fn collect(path: &str, table: &Table, found: &mut Vec<Parameter>) -> Result<(), Diagnostic> {
    for (key, value) in table {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let inner = value.as_table().ok_or_else(|| impossible(&path))?;
        let is_domain = |key: &str| matches!(key, "choose" | "log" | "uniform");
        if let (1, Some((kind, Value::Array(values)))) = (inner.len(), inner.iter().next())
            && is_domain(kind)
        {
            let domain = domain(kind, values).ok_or_else(|| impossible(&path))?;
            found.push(Parameter { path, domain });
        } else if inner.keys().any(|key| is_domain(key)) {
            return Err(impossible(&path));
        } else {
            collect(&path, inner, found)?;
        }
    }
    Ok(())
}

fn domain(kind: &str, values: &[Value]) -> Option<Domain> {
    if kind == "choose" {
        return (!values.is_empty()).then(|| Domain::Choose(values.to_vec()));
    }
    let number = |value: &Value| match value {
        Value::Integer(number) => i32::try_from(*number).ok().map(f64::from),
        Value::Float(number) => Some(*number).filter(|number| number.is_finite()),
        _ => None,
    };
    let [low, high] = values else { return None };
    let bounds = (number(low)?, number(high)?);
    let log = kind == "log";
    let whole = low.is_integer() && high.is_integer();
    let fits = bounds.0 < bounds.1 && !(log && bounds.0 <= 0.0);
    fits.then_some(Domain::Range { bounds, log, whole })
}

fn impossible(path: &str) -> Diagnostic {
    let message = format!("`{path}` has no values to choose from");
    let help = format!(
        "write `{path} = {{ uniform = [1, 8] }}`, `{{ log = [1e-4, 1e-2] }}` or `{{ choose = [16, 32] }}`"
    );
    Diagnostic::error(Code::C0401, message, help)
}

/// Puts a value where a path leads; arrays of tables are entered by the name of an element. The last
/// part may be a key that the recipe leaves out.
fn put(table: &mut Table, path: &[&str], value: &Value) -> Option<()> {
    let (first, rest) = path.split_first()?;
    let Some((second, below)) = rest.split_first() else {
        table.insert((*first).to_owned(), value.clone());
        return Some(());
    };
    match table.get_mut(*first)? {
        Value::Table(inner) => put(inner, rest, value),
        Value::Array(elements) => {
            let named =
                |element: &&mut Value| element.get("name").and_then(Value::as_str) == Some(*second);
            put(elements.iter_mut().find(named)?.as_table_mut()?, below, value)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_become_values_and_values_a_recipe() {
        let table: Table =
            "train.rate = { log = [1e-4, 1e-2] }\ntrain.epochs = { uniform = [2, 4] }\n\
                            layer.b.outputs = { choose = [16, 32] }"
                .parse()
                .unwrap();
        let space = Space::of(&table).unwrap();
        let recipe: Table =
            "[train]\nrate = 1\n[[layer]]\nname = 'a'\n[[layer]]\nname = 'b'\n".parse().unwrap();
        let paths: Vec<&str> = space.parameters.iter().map(|own| own.path.as_str()).collect();
        let at = |path: &str, place: f64| {
            let own = paths.iter().position(|own| *own == path).unwrap();
            space.parameters[own].domain.value(place)
        };
        assert_eq!(at("train.epochs", 0.0), Value::Integer(2));
        assert_eq!(at("train.epochs", 0.5), Value::Integer(3));
        assert_eq!(at("train.epochs", 1.0), Value::Integer(4));
        assert_eq!(at("layer.b.outputs", 0.49), Value::Integer(16));
        assert_eq!(at("layer.b.outputs", 1.0), Value::Integer(32));
        assert!((at("train.rate", 0.5).as_float().unwrap() - 1e-3).abs() < 1e-12);
        let text = space.recipe(&recipe, &space.values(&[0.9; 3])).unwrap();
        let made: Table = text.parse().unwrap();
        assert_eq!(made["layer"][1]["outputs"], Value::Integer(32));
        assert!(made["layer"][0].get("outputs").is_none());
        let other: Table = "layer.c.outputs = { choose = [1] }".parse().unwrap();
        let other = Space::of(&other).unwrap();
        assert_eq!(other.recipe(&recipe, &other.values(&[0.0])).unwrap_err().code, Code::C0401);
    }

    #[test]
    fn domains_without_values_are_refused() {
        for wrong in [
            "a = 3",
            "a.b = { log = [0, 1] }",
            "a.b = { uniform = [2, 1] }",
            "a.b = { choose = [] }",
            "a.b = { log = [1, 2], choose = [1] }",
            "a.b = { uniform = [1] }",
            "a.b = { uniform = [1, nan] }",
        ] {
            let table: Table = wrong.parse().unwrap();
            assert_eq!(Space::of(&table).unwrap_err().code, Code::C0401, "{wrong}");
        }
    }
}
