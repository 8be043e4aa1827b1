//! [`Network`]: a graph as C++ declarations and calls, in the order of the data flow.

use super::call;
use super::constants;
use super::flavor::Flavor;
use super::unrolled::Function;
use super::width::{WIDEST, Wide};
use crate::diag::{Code, Diagnostic};
use crate::emit::Source;
use crate::graph::{Graph, NodeId};
use crate::naming::Namer;
use crate::numeric::format::FixedFormat;
use crate::numeric::interval::Interval;
use crate::ops::{Constants, Formats, OpKind};
use crate::plan::Plan;

/// Words that the templates and kernels use beside those that [`Namer`] knows.
const TAKEN: &[&str] = &["argc", "argv", "in", "kernel", "out", "raw", "result", "testbench"];

/// A network in C++.
#[derive(Debug)]
pub(super) struct Network {
    /// The top function.
    pub(super) top: String,
    /// The named formats.
    pub(super) types: Vec<NamedType>,
    /// Constants and functions, one file for each layer that has some.
    pub(super) layers: Vec<LayerFile>,
    /// The body of the top function.
    pub(super) steps: Vec<Step>,
    /// The end of that body: what comes out.
    pub(super) copies: Vec<String>,
    /// The parameters that go in.
    pub(super) inputs: Vec<Array>,
    /// The parameters that come out.
    pub(super) outputs: Vec<Array>,
}

/// A format with a name.
#[derive(Clone, Debug)]
pub(super) struct NamedType {
    /// What it is the type of.
    pub(super) comment: String,
    /// The name.
    pub(super) name: String,
    /// The type.
    pub(super) spelled: String,
}

/// What a layer brings along.
#[derive(Clone, Debug)]
pub(super) struct LayerFile {
    /// The name of the file, without its extension.
    pub(super) name: String,
    /// The layer.
    pub(super) comment: String,
    /// Its constants, each with a comment.
    pub(super) declarations: Vec<Declaration>,
    /// Its straight-line function, where it has one.
    pub(super) function: Option<Function>,
}

/// A constant array.
#[derive(Clone, Debug)]
pub(super) struct Declaration {
    /// What it holds.
    pub(super) comment: String,
    /// The C++.
    pub(super) text: String,
}

/// The part of the top function that belongs to a node.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// The layer.
    pub(super) comment: String,
    /// The array that is declared.
    pub(super) array: Array,
    /// The calls.
    pub(super) lines: Vec<String>,
}

/// A tensor: an array whose elements have one type.
#[derive(Clone, Debug)]
pub(super) struct Array {
    /// The variable.
    pub(super) name: String,
    /// The name of the elements' type.
    pub(super) ty: String,
    /// The number of elements.
    pub(super) len: usize,
    /// The format of that type, which holds those of all elements.
    pub(super) format: FixedFormat,
    /// The formats of the elements.
    pub(super) formats: Formats,
}

/// Constants in C++.
pub(super) struct NamedConstants {
    /// The array.
    pub(super) array: String,
    /// The type whose raw values it holds.
    pub(super) ty: String,
    /// The format of that type.
    pub(super) format: FixedFormat,
}

/// Writes a network node by node.
pub(super) struct Writer<'a> {
    pub(super) flavor: &'a Flavor,
    pub(super) graph: &'a Graph,
    pub(super) plan: &'a Plan,
    namer: Namer,
    types: Vec<NamedType>,
    declarations: Vec<Declaration>,
    faults: Vec<Diagnostic>,
    /// The node at work, and the name that its array has.
    node: NodeId,
    pub(super) name: String,
}

impl Network {
    /// Writes the network of `source`.
    pub(super) fn new(flavor: &Flavor, source: &Source<'_>) -> Result<Self, Vec<Diagnostic>> {
        let graph = source.graph;
        let mut namer = Namer::new();
        for word in TAKEN {
            namer.name(word);
        }
        let top = namer.name(source.design.name);
        let node = graph.inputs.first().or(graph.outputs.first()).expect("it has ports").node;
        let mut writer = Writer {
            flavor,
            graph,
            plan: source.plan,
            namer,
            types: Vec::new(),
            declarations: Vec::new(),
            faults: Vec::new(),
            node,
            name: String::new(),
        };
        let mut arrays: Vec<Option<Array>> = vec![None; graph.capacity()];
        for port in &graph.inputs {
            arrays[port.node.index()] = Some(writer.array(port.node, &port.name));
        }
        let outputs: Vec<Array> =
            graph.outputs.iter().map(|port| writer.array(port.node, &port.name)).collect();
        let (mut layers, mut steps) = (Vec::new(), Vec::new());
        for node in graph.topological() {
            let op = &graph[node].op;
            let operands: Vec<Array> = graph
                .operands(node)
                .iter()
                .map(|operand| arrays[operand.index()].clone().expect("operands come first"))
                .collect();
            match op {
                OpKind::Input(_) => continue,
                OpKind::Reshape(_) => {
                    arrays[node.index()] = operands.into_iter().next();
                    continue;
                }
                OpKind::Constant(_)
                | OpKind::Dense(_)
                | OpKind::Affine(_)
                | OpKind::Add(_)
                | OpKind::Subtract(_)
                | OpKind::Multiply(_)
                | OpKind::Relu(_)
                | OpKind::LeakyRelu(_)
                | OpKind::Clip(_)
                | OpKind::Quantize(_)
                | OpKind::Threshold(_)
                | OpKind::Activation(_)
                | OpKind::Softmax(_)
                | OpKind::ArgMax(_)
                | OpKind::Gather(_)
                | OpKind::Concat(_) => {}
            }
            let (name, operator) = graph.imported(node);
            let comment = format!("{} ({})", line(name), line(operator));
            let array = writer.array(node, name);
            let body = call::call(&mut writer, op, &array, &operands);
            let declarations = std::mem::take(&mut writer.declarations);
            if !declarations.is_empty() || body.function.is_some() {
                layers.push(LayerFile {
                    name: array.name.clone(),
                    comment: comment.clone(),
                    declarations,
                    function: body.function,
                });
            }
            steps.push(Step { comment, array: array.clone(), lines: body.lines });
            arrays[node.index()] = Some(array);
        }
        let ports = graph.outputs.iter().zip(&outputs);
        let copies = ports.map(|(port, array)| {
            let value = arrays[port.node.index()].as_ref().expect("every node was visited");
            format!("trigforge::copy<{}>({}, {});", array.len, value.name, array.name)
        });
        let copies = copies.collect();
        if !writer.faults.is_empty() {
            return Err(writer.faults);
        }
        let inputs = graph.inputs.iter();
        let inputs = inputs.map(|port| arrays[port.node.index()].clone().expect("made above"));
        Ok(Self {
            top,
            types: writer.types,
            layers,
            steps,
            copies,
            inputs: inputs.collect(),
            outputs,
        })
    }
}

impl Writer<'_> {
    /// The array for the value of `node`, with its type.
    fn array(&mut self, node: NodeId, wanted: &str) -> Array {
        let ty = &self.graph[node].ty;
        let formats = ty.formats().expect("a compiled graph is fixed point").clone();
        let format = common(&formats);
        self.node = node;
        self.name = self.namer.name(wanted);
        let spelled = match quantizer(&self.graph[node].op) {
            Some(quantizer) => self.flavor.quantized(quantizer),
            None => self.flavor.exact(format),
        };
        let (node, operator) = self.graph.imported(node);
        let comment = format!("{} ({})", line(node), line(operator));
        let wanted = format!("{}_t", self.name);
        let ty = self.named_type(&wanted, spelled, comment);
        let len = self.graph[self.node].ty.shape.len();
        Array { name: self.name.clone(), ty, len, format, formats }
    }

    /// Names a type.
    pub(super) fn named_type(&mut self, wanted: &str, spelled: String, comment: String) -> String {
        let name = self.namer.name(wanted);
        self.types.push(NamedType { comment, name: name.clone(), spelled });
        name
    }

    /// A new name that begins with that of the node at work.
    pub(super) fn part(&mut self, suffix: &str) -> String {
        self.namer.name(&format!("{}_{suffix}", self.name))
    }

    /// Declares constants of the node at work; `what` names them in words, `suffix` in names.
    pub(super) fn constants(
        &mut self,
        suffix: &str,
        constants: &Constants,
        dimensions: &[usize],
    ) -> NamedConstants {
        let (raw, _) = constants.raw().expect("infer saw exact constants");
        let (ty, format) = self.constant_type(suffix, constants);
        let array = self.integers(suffix, &format!("raw values of {ty}"), dimensions, &raw);
        NamedConstants { array, ty, format }
    }

    /// Names the narrowest type for constants of the node at work.
    pub(super) fn constant_type(
        &mut self,
        suffix: &str,
        constants: &Constants,
    ) -> (String, FixedFormat) {
        let format = constants.format().expect("exact constants have a format");
        let (node, operator) = self.graph.imported(self.node);
        let comment = format!("{} ({}), {suffix}", line(node), line(operator));
        let wanted = format!("{}_{suffix}_t", self.name);
        let spelled = self.flavor.exact(format);
        (self.named_type(&wanted, spelled, comment), format)
    }

    /// Declares an array of integers of the node at work.
    pub(super) fn integers(
        &mut self,
        suffix: &str,
        comment: &str,
        dimensions: &[usize],
        values: &[i64],
    ) -> String {
        let name = self.part(suffix);
        let text = constants::array(&name, dimensions, values);
        self.declarations.push(Declaration { comment: comment.to_owned(), text });
        name
    }

    /// Refuses an intermediate value that the C simulation could not carry.
    pub(super) fn carry(&mut self, wide: Wide) {
        if wide.bits() <= WIDEST {
            return;
        }
        let (name, operator) = self.graph.imported(self.node);
        let message = format!(
            "an intermediate value would need {} bits in C++, which carries {WIDEST}",
            wide.bits()
        );
        let help = "give the layer before it a format whose binary point is nearer to that of this \
                    layer, or use `--backend verilog`";
        let fault = Diagnostic::error(Code::P0306, message, help).at_node(name, operator);
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// The ranges that the types of the operands of the node at work give.
    pub(super) fn operand_ranges(&self) -> Vec<Vec<Interval>> {
        let operands = self.graph.operands(self.node);
        operands.iter().map(|operand| self.graph[*operand].ty.intervals()).collect()
    }
}

/// The format that holds every value of all of them.
pub(super) fn common(formats: &Formats) -> FixedFormat {
    let all = formats.as_slice();
    let signed = all.iter().any(|format| format.signed());
    let sign = |format: &FixedFormat| i32::from(signed && !format.signed());
    let integer = all.iter().map(|format| format.integer_bits() + sign(format)).max().unwrap_or(1);
    let width = integer + i32::from(formats.frac());
    let width = u8::try_from(width).expect("a tensor's common grid is at most 61 bits wide");
    FixedFormat::new(signed, width, formats.frac()).expect("the tensor's type was checked")
}

/// How values get into the array of an operator, where the whole array rounds alike.
fn quantizer(op: &OpKind) -> Option<crate::numeric::quantizer::Quantizer> {
    use crate::ops::PerElement::Uniform;
    match op {
        OpKind::Input(op) => match op.quantizer {
            Some(Uniform(quantizer)) => Some(quantizer),
            Some(crate::ops::PerElement::Each(_)) | None => None,
        },
        OpKind::Quantize(op) => match op.quantizer {
            Uniform(quantizer) => Some(quantizer),
            crate::ops::PerElement::Each(_) => None,
        },
        OpKind::Softmax(op) => op.formats.map(|formats| formats.output),
        OpKind::Constant(_)
        | OpKind::Dense(_)
        | OpKind::Affine(_)
        | OpKind::Add(_)
        | OpKind::Subtract(_)
        | OpKind::Multiply(_)
        | OpKind::Relu(_)
        | OpKind::LeakyRelu(_)
        | OpKind::Clip(_)
        | OpKind::Threshold(_)
        | OpKind::Activation(_)
        | OpKind::ArgMax(_)
        | OpKind::Reshape(_)
        | OpKind::Gather(_)
        | OpKind::Concat(_) => None,
    }
}

/// Any text as a part of a comment: one line that ends no comment and continues none.
pub(super) fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || c == '\\' { ' ' } else { c }).collect()
}
