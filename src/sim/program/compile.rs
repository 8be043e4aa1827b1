//! Chooses words, buffers and instructions for a graph.

use crate::graph::{Graph, NodeId};
use crate::ops::OpKind;

use super::super::kernels::word::Word;
use super::chain::{Link, domains};
use super::{Home, Instruction, Program, Value};

/// What the compiler knows while it walks the graph.
pub(super) struct Compiler<'a> {
    pub(super) graph: &'a Graph,
    pub(super) program: Program,
    /// Whether values between operators may vanish.
    pub(super) fuse: bool,
    forms: Vec<Forms>,
    /// Nodes that a chain has swallowed or already computed.
    done: Vec<bool>,
}

/// The buffers of one value, as far as they exist.
#[derive(Clone, Copy, Debug, Default)]
struct Forms {
    narrow: Option<usize>,
    wide: Option<usize>,
    /// Packed, in rows of this many elements.
    pairs: Option<(usize, usize)>,
}

impl Program {
    /// Compiles a graph, all of whose types are fixed point.
    ///
    /// Unless `fuse`, every value exists and overflows are counted.
    pub(in crate::sim) fn new(graph: &Graph, fuse: bool) -> Self {
        let order = graph.topological();
        let unfixed = order.iter().find(|node| graph[**node].ty.formats().is_none());
        assert_eq!(unfixed, None, "a simulated graph is fixed point throughout");
        let mut compiler = Compiler {
            graph,
            program: Self::default(),
            fuse,
            forms: vec![Forms::default(); graph.capacity()],
            done: vec![false; graph.capacity()],
        };
        for node in order {
            if !compiler.done[node.index()] {
                compiler.node(node);
            }
        }
        compiler.program.inputs =
            graph.inputs.iter().map(|port| compiler.value(port.node)).collect();
        compiler.program.outputs =
            graph.outputs.iter().map(|port| compiler.value(port.node)).collect();
        compiler.program.values = vec![None; graph.capacity()];
        for node in graph.topological() {
            if compiler.forms[node.index()].home().is_some() {
                compiler.program.values[node.index()] = Some(compiler.value(node));
            }
        }
        compiler.program
    }
}

impl Forms {
    fn home(self) -> Option<Home> {
        self.narrow.map(Home::Narrow).or(self.wide.map(Home::Wide))
    }
}

impl Compiler<'_> {
    fn node(&mut self, node: NodeId) {
        let op = &self.graph[node].op;
        if let OpKind::Input(_) = op {
            self.new_home(node);
        } else if let OpKind::Constant(constant) = op {
            let values = crate::ops::Op::eval(constant, &[], self.graph[node].ty.frac());
            let home = self.new_home(node);
            self.program.constants.push((home, values.data));
        } else {
            if !self.fuse {
                self.count(node);
            }
            if !self.special(node) {
                self.define(node);
            }
        }
    }

    /// The operator's own definition.
    fn define(&mut self, node: NodeId) {
        let operands = self.graph.operands(node);
        let from = operands.iter().map(|node| (self.wide(*node), self.graph[*node].ty.frac()));
        let from = from.collect();
        let to = self.new_wide(node);
        let op = Box::new(self.graph[node].op.clone());
        let frac = self.graph[node].ty.frac();
        self.program.instructions.push(Instruction::Define { op, from, to, frac });
    }

    /// Counts what a quantizer does not let through, if it can get such values.
    fn count(&mut self, node: NodeId) {
        let OpKind::Quantize(quantize) = &self.graph[node].op else { return };
        let input = self.graph.operands(node)[0];
        let frac = self.graph[input].ty.frac();
        let ranges = domains(&self.graph[input].ty).into_iter().map(narrowed);
        let limits: Vec<(i64, i64)> = ranges
            .enumerate()
            .map(|(index, range)| {
                let quantizer = quantize.quantizer.at(index);
                limits(range, |raw| !quantizer.overflows(raw, frac))
            })
            .collect();
        let counter = self.program.counted.len();
        let from = self.wide(input);
        self.program.counted.push(node);
        self.program.instructions.push(Instruction::Count { counter, from, limits });
    }

    pub(super) fn emit(&mut self, instruction: Instruction) {
        self.program.instructions.push(instruction);
    }

    /// The range of each element of a value, in steps of its binary point.
    pub(super) fn domains(&self, node: NodeId) -> Vec<(i128, i128)> {
        domains(&self.graph[node].ty)
    }

    /// The elements of a value, unchanged.
    pub(super) fn links(&self, node: NodeId) -> Vec<Link> {
        let frac = i32::from(self.graph[node].ty.frac());
        self.domains(node).into_iter().map(|domain| Link::new(domain, frac)).collect()
    }

    /// True when every value of a node fits `T`.
    pub(super) fn fits<T: Word>(&self, node: NodeId) -> bool {
        let inside = |raw| T::from_wide(raw).is_some();
        self.domains(node).iter().all(|(lo, hi)| inside(*lo) && inside(*hi))
    }

    pub(super) fn elements(&self, node: NodeId) -> usize {
        self.graph[node].ty.shape.len()
    }

    /// Marks nodes whose values a chain has made superfluous.
    pub(super) fn finish(&mut self, nodes: &[NodeId]) {
        for node in nodes {
            self.done[node.index()] = true;
        }
    }

    /// The buffer of a value in 32-bit words, in which it fits.
    pub(super) fn narrow(&mut self, node: NodeId) -> usize {
        let forms = self.forms[node.index()];
        if let Some(buffer) = forms.narrow {
            return buffer;
        }
        let to = self.new_narrow(node);
        self.emit(match (forms.wide, forms.pairs) {
            (Some(from), _) => Instruction::Shrink { from, to },
            (None, Some((from, len))) => Instruction::Unpack { from, to, len },
            (None, None) => unreachable!("operands come first"),
        });
        to
    }

    /// The buffer of a value in 64-bit words.
    pub(super) fn wide(&mut self, node: NodeId) -> usize {
        let forms = self.forms[node.index()];
        if let Some(buffer) = forms.wide {
            return buffer;
        }
        let from = self.narrow(node);
        let to = self.new_wide(node);
        self.emit(Instruction::Widen { from, to });
        to
    }

    /// The buffer of a value of 16 bits, packed in rows of `len` elements.
    pub(super) fn pairs(&mut self, node: NodeId, len: usize) -> usize {
        if let Some((buffer, _)) = self.forms[node.index()].pairs.filter(|pairs| pairs.1 == len) {
            return buffer;
        }
        let from = self.narrow(node);
        let to = self.new_pairs(node, len);
        self.emit(Instruction::Pack { from, to, len });
        to
    }

    pub(super) fn new_narrow(&mut self, node: NodeId) -> usize {
        let buffer = self.program.narrow.len();
        self.program.narrow.push(self.elements(node));
        self.forms[node.index()].narrow = Some(buffer);
        self.done[node.index()] = true;
        buffer
    }

    pub(super) fn new_wide(&mut self, node: NodeId) -> usize {
        let buffer = self.program.wide.len();
        self.program.wide.push(self.elements(node));
        self.forms[node.index()].wide = Some(buffer);
        self.done[node.index()] = true;
        buffer
    }

    pub(super) fn new_pairs(&mut self, node: NodeId, len: usize) -> usize {
        let buffer = self.program.narrow.len();
        self.program.narrow.push(self.elements(node) / len * len.div_ceil(2));
        self.forms[node.index()].pairs = Some((buffer, len));
        self.done[node.index()] = true;
        buffer
    }

    /// Makes `node` another name for the buffers of `operand`.
    pub(super) fn alias(&mut self, node: NodeId, operand: NodeId) {
        self.forms[node.index()] = self.forms[operand.index()];
        self.done[node.index()] = true;
    }

    fn new_home(&mut self, node: NodeId) -> Home {
        if self.fits::<i32>(node) {
            Home::Narrow(self.new_narrow(node))
        } else {
            Home::Wide(self.new_wide(node))
        }
    }

    fn value(&self, node: NodeId) -> Value {
        let home = self.forms[node.index()].home().expect("outputs are never packed only");
        let ty = &self.graph[node].ty;
        let formats = ty.formats().expect("types are fixed point").clone();
        Value { home, frac: ty.frac(), elements: ty.shape.len(), formats }
    }
}

fn narrowed((lo, hi): (i128, i128)) -> (i64, i64) {
    let word = |raw| i64::try_from(raw).expect("a type has at most 60 bits");
    (word(lo), word(hi))
}

/// The least and the greatest value in `lo..=hi` that `fits`; zero does, and there is no gap.
fn limits((lo, hi): (i64, i64), fits: impl Fn(i64) -> bool) -> (i64, i64) {
    let search = |outer: i64| {
        if fits(outer) {
            return outer;
        }
        let (mut good, mut bad) = (0, outer);
        while i64::abs_diff(good, bad) > 1 {
            let middle = i64::midpoint(good, bad);
            *(if fits(middle) { &mut good } else { &mut bad }) = middle;
        }
        good
    };
    (search(lo), search(hi))
}
