//! The text form of a [`Graph`]: for dumps, test cases, and the compiled model on disk.
//!
//! ```text
//! graph
//!   %0 = input {"shape":[2],"quantizer":"fixed<8,3,TRN,SAT>"} : fixed<8,3>[2] @ "x" (input)
//!   %1 = relu(%0) {} : ufixed<7,3>[2] @ "/act/Relu" (Relu)
//!   input "x" %0
//!   output "y" %1
//! ```
//!
//! Attributes are JSON. The type after `:` is for the reader: parsing infers it
//! and ignores what is written there. Floats print so that they parse to the
//! same bits.

use std::collections::HashMap;
use std::fmt::Write;

use serde_json::{Map, Value};

use super::{Graph, NodeId, Port};
use crate::diag::{Origin, OriginId};
use crate::ops::{OpKind, TypeError};

/// Writes a graph.
pub fn print(graph: &Graph) -> String {
    let mut text = String::from("graph\n");
    let order = graph.topological();
    let mut numbers = HashMap::new();
    for (number, node) in order.into_iter().enumerate() {
        numbers.insert(node, number);
        let operands: Vec<String> =
            graph.operands(node).iter().map(|operand| format!("%{}", numbers[operand])).collect();
        let op = &graph[node].op;
        let (name, operator) = graph.imported(node);
        let attributes = serde_json::to_value(op).expect("operators are plain data");
        let list =
            if operands.is_empty() { String::new() } else { format!("({})", operands.join(", ")) };
        writeln!(
            text,
            "  %{number} = {}{list} {} : {} @ {} ({operator})",
            op.name(),
            attributes[op.name()],
            graph[node].ty,
            Value::from(name),
        )
        .expect("writing to a string succeeds");
    }
    for (kind, ports) in [("input", &graph.inputs), ("output", &graph.outputs)] {
        for port in ports {
            writeln!(text, "  {kind} {} %{}", Value::from(port.name.as_str()), numbers[&port.node])
                .expect("writing to a string succeeds");
        }
    }
    text
}

/// Why a text is no graph.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// The first line is not `graph`.
    #[error("the first line is not `graph`")]
    Header,
    /// A line has the wrong form.
    #[error("line {line}: expected {expected}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// The attributes do not belong to the operator.
    #[error("line {line}: {source}")]
    Attributes {
        /// Counted from 1.
        line: usize,
        /// What the decoder says.
        source: serde_json::Error,
    },
    /// The operator cannot be given its operands.
    #[error("line {line}: `{op}` {source}")]
    Type {
        /// Counted from 1.
        line: usize,
        /// The operator.
        op: &'static str,
        /// Why.
        source: TypeError,
    },
}

/// Reads a graph.
///
/// # Errors
/// The first line that cannot be read.
pub fn parse(text: &str) -> Result<Graph, ParseError> {
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    if lines.next().map(|(_, line)| line) != Some("graph") {
        return Err(ParseError::Header);
    }
    let mut parser =
        Parser { graph: Graph::default(), nodes: HashMap::new(), origins: HashMap::new() };
    for (line, content) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with("//")) {
        parser.line(line, content)?;
    }
    Ok(parser.graph)
}

struct Parser {
    graph: Graph,
    nodes: HashMap<usize, NodeId>,
    origins: HashMap<(String, String), OriginId>,
}

impl Parser {
    fn line(&mut self, line: usize, content: &str) -> Result<(), ParseError> {
        if let Some(rest) = content.strip_prefix("input ") {
            let port = self.port(line, rest)?;
            self.graph.inputs.push(port);
        } else if let Some(rest) = content.strip_prefix("output ") {
            let port = self.port(line, rest)?;
            self.graph.outputs.push(port);
        } else {
            self.node(line, content)?;
        }
        Ok(())
    }

    fn port(&self, line: usize, text: &str) -> Result<Port, ParseError> {
        let (name, rest) = json_prefix(line, text)?;
        let name = name.as_str().ok_or(ParseError::Syntax { line, expected: "a quoted name" })?;
        Ok(Port { name: name.to_owned(), node: self.operand(line, rest)? })
    }

    fn node(&mut self, line: usize, content: &str) -> Result<(), ParseError> {
        let syntax = |expected| ParseError::Syntax { line, expected };
        let (number, rest) = content.split_once(" = ").ok_or(syntax("`%N = operator {..}`"))?;
        let number = number.strip_prefix('%').and_then(|number| number.parse().ok());
        let number: usize = number.ok_or(syntax("`%N` before `=`"))?;
        let (head, attributes) = rest.split_at(rest.find('{').ok_or(syntax("attributes"))?);
        let head = head.trim();
        let (name, operands) = match head.split_once('(') {
            Some((name, operands)) => {
                let operands = operands.strip_suffix(')').ok_or(syntax("`)` after operands"))?;
                let operands = operands.split(',').map(|operand| self.operand(line, operand));
                (name, operands.collect::<Result<Vec<_>, _>>()?)
            }
            None => (head, Vec::new()),
        };
        let (attributes, rest) = json_prefix(line, attributes)?;
        let tagged = Map::from_iter([(name.to_owned(), attributes)]);
        let op: OpKind = serde_json::from_value(Value::Object(tagged))
            .map_err(|source| ParseError::Attributes { line, source })?;
        let origin = self.origin(line, rest)?;
        let op_name = op.name();
        let node = self.graph.add(op, &operands, origin).map_err(|source| ParseError::Type {
            line,
            op: op_name,
            source,
        })?;
        self.nodes.insert(number, node);
        Ok(())
    }

    fn operand(&self, line: usize, text: &str) -> Result<NodeId, ParseError> {
        let number = text.trim().strip_prefix('%').and_then(|number| number.parse::<usize>().ok());
        number
            .and_then(|number| self.nodes.get(&number).copied())
            .ok_or(ParseError::Syntax { line, expected: "a value `%N` of an earlier line" })
    }

    /// The origin in `… @ "name" (operator)`; a node without one is its own origin.
    fn origin(&mut self, line: usize, rest: &str) -> Result<OriginId, ParseError> {
        let key = match rest.rsplit_once(" @ ") {
            Some((_, origin)) => {
                let (name, operator) = json_prefix(line, origin)?;
                let name = name.as_str().unwrap_or_default().to_owned();
                let operator = operator.trim().trim_matches(['(', ')']).to_owned();
                (name, operator)
            }
            None => (format!("line {line}"), String::new()),
        };
        if let Some(origin) = self.origins.get(&key) {
            return Ok(*origin);
        }
        let (node, operator) = key.clone();
        let origin = self.graph.origins.push(Origin::Onnx { node, operator });
        self.origins.insert(key, origin);
        Ok(origin)
    }
}

/// The JSON value that `text` begins with, and what follows it.
fn json_prefix(line: usize, text: &str) -> Result<(Value, &str), ParseError> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = values
        .next()
        .ok_or(ParseError::Syntax { line, expected: "a JSON value" })?
        .map_err(|source| ParseError::Attributes { line, source })?;
    Ok((value, &text[values.byte_offset()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TINY: &str = r#"graph
  %0 = input {"shape":[2],"quantizer":"fixed<8,3,TRN,SAT>"} : fixed<8,3>[2] @ "x" (input)
  %1 = dense(%0) {"inputs":2,"outputs":2,"weights":{"values":[1.0,-2.0,3.0,0.1],"grid":60},"bias":{"values":[0.0,1.0],"grid":0}} : fixed<=0,0>[2] @ "/fc1/Gemm" (Gemm)
  %2 = relu(%1) {} : ufixed<7,3>[2] @ "/act/Relu" (Relu)
  input "x" %0
  output "y" %2
"#;

    #[test]
    fn text_round_trips() {
        let text = TINY.replace("0.1", "0.125");
        let graph = parse(&text).unwrap();
        super::super::verify::verify(&graph).unwrap();
        let printed = print(&graph);
        assert_eq!(print(&parse(&printed).unwrap()), printed);
        assert!(printed.contains("relu(%1) {} : ufixed<"), "{printed}");
    }

    #[test]
    fn faults_name_their_line() {
        let error = parse("graph\n  %0 = relu(%7) {}\n").unwrap_err();
        assert!(error.to_string().starts_with("line 2"), "{error}");
        assert!(parse("nothing").is_err());
    }
}
