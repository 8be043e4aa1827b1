//! The text form of a [`Module`]: for dumps, test cases and bug reports.
//!
//! ```text
//! netlist latency 0
//!   layer0 "ports" (input)
//!   layer1 "/fc1/Gemm" (dense)
//!   t0 = table 0..=3*2^-1: 0 1 5 -3
//!   n0 = input 0.0 : -8..=7*2^-2 @ layer0
//!   n1 = constant : 5..=5*2^0 @ layer1
//!   n2 = subtract n0, n1 << -1 : -21..=9*2^-2 @ layer1
//!   n3 = truncate n2 fixed<3,3> : -4..=3*2^0 @ layer1
//!   n4 = sum n0 + n3 << 1 - n2 << 0 : -23..=34*2^-2 @ layer1
//!   input "x" n0:fixed<4,2>
//!   output "y" n3:fixed<3,3>
//! ```
//!
//! A range is `lo..=hi*2^-frac`. Origins are not printed.

use std::fmt::Write;

use super::{Addend, Cell, Layer, LayerId, Module, Net, NetId, Port, Role, Table, TableId};
use crate::entity::{Arena, EntityId};
use crate::numeric::interval::Interval;

/// Writes a module.
pub fn print(module: &Module) -> String {
    let mut text = format!("netlist latency {}\n", module.latency);
    let mut line = |content: String| {
        writeln!(text, "  {content}").expect("writing to a string succeeds");
    };
    for (id, layer) in module.layers.iter() {
        line(format!("{id} {} ({})", quoted(&layer.name), layer.operator));
    }
    for (id, table) in module.tables.iter() {
        let last = table.first + i64::try_from(table.values.len()).expect("fits memory") - 1;
        let values: Vec<String> = table.values.iter().map(ToString::to_string).collect();
        let range = Interval::new(table.first, last, table.frac);
        line(format!("{id} = table {range:?}: {}", values.join(" ")));
    }
    for (id, net) in module.nets.iter() {
        line(format!("{id} = {} : {:?} @ {}", cell(net.cell), net.range, net.layer));
    }
    for (direction, ports) in [("input", &module.inputs), ("output", &module.outputs)] {
        for port in ports {
            let kind = match port.role {
                Role::Tensor => direction,
                Role::Overflow => "flag",
            };
            let elements = port.nets.iter().zip(&port.formats);
            let elements: Vec<String> =
                elements.map(|(net, format)| format!("{net}:{format}")).collect();
            line(format!("{kind} {} {}", quoted(&port.name), elements.join(" ")));
        }
    }
    text
}

fn quoted(name: &str) -> serde_json::Value {
    serde_json::Value::from(name)
}

fn cell(cell: Cell) -> String {
    let name = cell.name();
    match cell {
        Cell::Input { port, element } => format!("{name} {port}.{element}"),
        Cell::Constant => name.to_owned(),
        Cell::Add { a, b, shift, .. } => format!("{name} {a}, {b} << {shift}"),
        Cell::Sum { a, b, c } => {
            let term = |Addend { subtract, net, shift }: Addend| {
                format!("{} {net} << {shift}", if subtract { '-' } else { '+' })
            };
            format!("{name} {a} {} {}", term(b), term(c))
        }
        Cell::Multiply { a, b } | Cell::Less { a, b } => format!("{name} {a}, {b}"),
        Cell::Select { condition, a, b } => format!("{name} {condition}, {a}, {b}"),
        Cell::Truncate { a, format } => format!("{name} {a} {format}"),
        Cell::Shift { a, exponent } => format!("{name} {a} << {exponent}"),
        Cell::Lookup { table, index } => format!("{name} {table}, {index}"),
        Cell::Register { d } => format!("{name} {d}"),
    }
}

/// Why a text is no module.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: expected {expected}")]
pub struct ParseError {
    /// Counted from 1.
    pub line: usize,
    /// What should stand there.
    pub expected: &'static str,
}

/// Reads a module. Whether it keeps the invariants is for [`verify`](super::verify) to say.
///
/// # Errors
/// The first line that cannot be read.
pub fn parse(text: &str) -> Result<Module, ParseError> {
    let mut module = Module {
        nets: Arena::new(),
        tables: Arena::new(),
        layers: Arena::new(),
        inputs: Vec::new(),
        outputs: Vec::new(),
        latency: 0,
    };
    for (index, content) in text.lines().map(str::trim).enumerate() {
        let read = if index == 0 {
            header(&mut module, content)
        } else if content.is_empty() || content.starts_with("//") {
            Ok(())
        } else {
            line(&mut module, content)
        };
        read.map_err(|expected| ParseError { line: index + 1, expected })?;
    }
    Ok(module)
}

type Read<T> = Result<T, &'static str>;

fn header(module: &mut Module, content: &str) -> Read<()> {
    let latency = content.strip_prefix("netlist latency ").and_then(|latency| latency.parse().ok());
    module.latency = latency.ok_or("`netlist latency N`")?;
    Ok(())
}

fn line(module: &mut Module, content: &str) -> Read<()> {
    if let Some(rest) = content.strip_prefix("input ") {
        module.inputs.push(port(rest)?);
    } else if let Some(rest) = content.strip_prefix("output ") {
        module.outputs.push(port(rest)?);
    } else if let Some(rest) = content.strip_prefix("flag ") {
        module.outputs.push(Port { role: Role::Overflow, ..port(rest)? });
    } else if content.starts_with("layer") {
        let (id, rest) = content.split_once(' ').ok_or("`layerN \"name\" (operator)`")?;
        let (name, rest) = string(rest)?;
        let operator = rest.trim().trim_matches(['(', ')']).to_owned();
        in_order(id, "layer", module.layers.len())?;
        module.layers.push(Layer { name, operator, origin: None });
    } else {
        let (id, rest) = content.split_once(" = ").ok_or("`nN = cell`")?;
        if let Some(rest) = rest.strip_prefix("table ") {
            in_order(id, "t", module.tables.len())?;
            let table = table(rest)?;
            module.tables.push(table);
        } else {
            in_order(id, "n", module.nets.len())?;
            let net = net(rest)?;
            module.nets.push(net);
        }
    }
    Ok(())
}

fn table(text: &str) -> Read<Table> {
    let (indices, values) = text.split_once(": ").ok_or("`:` and values")?;
    let indices = range(indices)?;
    let values: Result<Vec<i64>, _> = values.split_whitespace().map(str::parse).collect();
    let values = values.map_err(|_| "integers")?;
    Ok(Table { first: indices.lo(), values, frac: indices.frac() })
}

fn net(text: &str) -> Read<Net> {
    let (text, layer) = text.split_once(" @ ").ok_or("`@ layerN`")?;
    let (text, interval) = text.split_once(" : ").ok_or("`: range`")?;
    let (name, operands) = text.split_once(' ').unwrap_or((text, ""));
    let mut words =
        operands.split([' ', ',', '.']).filter(|word| !word.is_empty() && *word != "<<");
    let cell = match name {
        "input" => Cell::Input { port: number(words.next())?, element: number(words.next())? },
        "constant" => Cell::Constant,
        "add" | "subtract" => Cell::Add {
            a: id(words.next(), "n")?,
            b: id(words.next(), "n")?,
            shift: number(words.next())?,
            subtract: name == "subtract",
        },
        "sum" => {
            Cell::Sum { a: id(words.next(), "n")?, b: addend(&mut words)?, c: addend(&mut words)? }
        }
        "multiply" => Cell::Multiply { a: id(words.next(), "n")?, b: id(words.next(), "n")? },
        "less" => Cell::Less { a: id(words.next(), "n")?, b: id(words.next(), "n")? },
        "select" => Cell::Select {
            condition: id(words.next(), "n")?,
            a: id(words.next(), "n")?,
            b: id(words.next(), "n")?,
        },
        "truncate" => {
            let (a, format) = operands.split_once(' ').ok_or("a net and a format")?;
            let format = format.parse().map_err(|_| "`fixed<W,I>`")?;
            return Ok(Net {
                cell: Cell::Truncate { a: id(Some(a), "n")?, format },
                range: range(interval)?,
                layer: id::<LayerId>(Some(layer), "layer")?,
            });
        }
        "shift" => Cell::Shift { a: id(words.next(), "n")?, exponent: number(words.next())? },
        "lookup" => {
            Cell::Lookup { table: id::<TableId>(words.next(), "t")?, index: id(words.next(), "n")? }
        }
        "register" => Cell::Register { d: id(words.next(), "n")? },
        _ => return Err("the name of a cell"),
    };
    match words.next() {
        Some(_) => Err("fewer operands"),
        None => Ok(Net { cell, range: range(interval)?, layer: id(Some(layer), "layer")? }),
    }
}

/// A sign, a net and a shift.
fn addend<'a>(words: &mut impl Iterator<Item = &'a str>) -> Read<Addend> {
    let subtract = match words.next() {
        Some("+") => false,
        Some("-") => true,
        Some(_) | None => return Err("`+` or `-`"),
    };
    Ok(Addend { subtract, net: id(words.next(), "n")?, shift: number(words.next())? })
}

fn port(text: &str) -> Read<Port> {
    let (name, rest) = string(text)?;
    let mut port = Port { name, nets: Vec::new(), formats: Vec::new(), role: Role::Tensor };
    for element in rest.split_whitespace() {
        let (net, format) = element.split_once(':').ok_or("`nN:format`")?;
        port.nets.push(id::<NetId>(Some(net), "n")?);
        port.formats.push(format.parse().map_err(|_| "`fixed<W,I>`")?);
    }
    Ok(port)
}

/// The interval in `lo..=hi*2^-frac`.
fn range(text: &str) -> Read<Interval> {
    let expected = "`lo..=hi*2^-frac`";
    let (bounds, exponent) = text.trim().split_once("*2^").ok_or(expected)?;
    let (lo, hi) = bounds.split_once("..=").ok_or(expected)?;
    let parse = |text: &str| text.parse::<i64>().map_err(|_| expected);
    let (lo, hi, exponent) = (parse(lo)?, parse(hi)?, parse(exponent)?);
    let frac = i8::try_from(-exponent).map_err(|_| expected)?;
    if lo > hi { Err("a range that runs upward") } else { Ok(Interval::new(lo, hi, frac)) }
}

fn string(text: &str) -> Read<(String, &str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
    let value = values.next().and_then(Result::ok).ok_or("a quoted name")?;
    Ok((value, &text[values.byte_offset()..]))
}

fn number<T: std::str::FromStr>(word: Option<&str>) -> Read<T> {
    word.and_then(|word| word.parse().ok()).ok_or("a number")
}

fn id<K: EntityId>(word: Option<&str>, prefix: &str) -> Read<K> {
    let number = word.and_then(|word| word.trim().strip_prefix(prefix));
    let index: Option<u32> = number.and_then(|number| number.parse().ok());
    index.map(|index| K::from_index(index as usize)).ok_or("an id")
}

fn in_order(text: &str, prefix: &str, expected: usize) -> Read<()> {
    let number = text.strip_prefix(prefix).and_then(|number| number.parse().ok());
    if number == Some(expected) { Ok(()) } else { Err("the next id in order") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TINY: &str = r#"netlist latency 1
  layer0 "ports" (input)
  layer1 "/fc1/Gemm \"odd\"" (dense)
  t0 = table 0..=3*2^-1: 0 1 5 -3
  n0 = input 0.0 : -8..=7*2^-2 @ layer0
  n1 = constant : 5..=5*2^0 @ layer1
  n2 = subtract n0, n1 << -1 : -18..=-3*2^-2 @ layer1
  n3 = truncate n2 ufixed<2,2> : 0..=3*2^0 @ layer1
  n4 = lookup t0, n3 : -3..=5*2^-1 @ layer1
  n5 = multiply n4, n4 : -15..=25*2^-2 @ layer1
  n6 = less n5, n4 : 0..=1*2^0 @ layer1
  n7 = select n6, n5, n0 : -15..=25*2^-2 @ layer1
  n8 = shift n7 << 3 : -15..=25*2^1 @ layer1
  n9 = register n8 : -15..=25*2^1 @ layer1
  n10 = sum n9 + n9 << -1 - n9 << 2 : -135..=115*2^0 @ layer1
  input "x" n0:fixed<4,2>
  output "y" n9:fixed<6,7> n10:fixed<9,9>
"#;

    #[test]
    fn text_round_trips() {
        let module = parse(TINY).unwrap();
        super::super::verify::verify(&module).unwrap();
        assert_eq!(print(&module), TINY);
    }

    #[test]
    fn faults_name_their_line() {
        assert_eq!(parse("graph").unwrap_err().line, 1);
        let error = parse(&TINY.replace("n5 = multiply n4, n4", "n5 = multiply n4")).unwrap_err();
        assert_eq!(error.line, 10);
        let error = parse(&TINY.replace("n6 = less", "n7 = less")).unwrap_err();
        assert_eq!(error.expected, "the next id in order");
    }
}
