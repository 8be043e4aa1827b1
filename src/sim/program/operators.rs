//! How each operator becomes instructions.

use crate::graph::NodeId;
use crate::ops::{self, OpKind};

use super::super::kernels::rows::{Binary, RowOp, Shift, Table, Wire};
use super::super::kernels::word::Word;
use super::chain::{Chain, Link, absorb};
use super::compile::Compiler;
use super::{Instruction, Kernel};

impl Compiler<'_> {
    /// Compiles a node if there is a kernel for it that computes it exactly.
    pub(super) fn special(&mut self, node: NodeId) -> bool {
        let graph = self.graph;
        let operands = graph.operands(node);
        match &graph[node].op {
            OpKind::Dense(dense) => self.dense(node, dense).is_some(),
            OpKind::Affine(_) | OpKind::Relu(_) | OpKind::Clip(_) | OpKind::Quantize(_) => {
                self.fold(node).is_some()
            }
            OpKind::Add(_) | OpKind::Subtract(_) | OpKind::Multiply(_) => {
                let narrow = self.binary::<i32>(node);
                let wide = self.binary::<i64>(node);
                self.place(&operands, node, narrow, wide)
            }
            OpKind::LeakyRelu(leaky) => {
                let narrow = self.leaky_relu::<i32>(node, leaky);
                let wide = self.leaky_relu::<i64>(node, leaky);
                self.place(&operands, node, narrow, wide)
            }
            OpKind::Threshold(threshold) => {
                let narrow = self.threshold::<i32>(node, threshold);
                let wide = self.threshold::<i64>(node, threshold);
                self.place(&operands, node, narrow, wide)
            }
            OpKind::Activation(activation) => {
                let narrow = self.activation::<i32>(node, activation);
                let wide = self.activation::<i64>(node, activation);
                self.place(&operands, node, narrow, wide)
            }
            OpKind::ArgMax(arg_max) => {
                let len = arg_max.len;
                let narrow = Some(RowOp::ArgMax { len });
                self.place(&operands, node, narrow, Some(RowOp::ArgMax { len }))
            }
            OpKind::Reshape(_) if graph[node].ty.frac() == graph[operands[0]].ty.frac() => {
                self.alias(node, operands[0]);
                true
            }
            OpKind::Reshape(_) | OpKind::Gather(_) | OpKind::Concat(_) => {
                let wires = self.wires(node);
                self.place(&operands, node, gather::<i32>(&wires), gather::<i64>(&wires))
            }
            OpKind::Softmax(softmax) => {
                let narrow = self.softmax::<i32>(operands[0], softmax);
                let wide = self.softmax::<i64>(operands[0], softmax);
                self.place(&operands, node, narrow, wide)
            }
            OpKind::Input(_) | OpKind::Constant(_) => false,
        }
    }

    /// Emits the 32-bit form where operands and result fit it, else the 64-bit one.
    pub(super) fn place(
        &mut self,
        operands: &[NodeId],
        node: NodeId,
        narrow: Option<RowOp<i32>>,
        wide: Option<RowOp<i64>>,
    ) -> bool {
        let fits = operands.iter().chain([&node]).all(|node| self.fits::<i32>(*node));
        if let Some(op) = narrow.filter(|_| fits) {
            let from = operands.iter().map(|operand| self.narrow(*operand)).collect();
            let to = self.new_narrow(node);
            self.emit(Instruction::Narrow(Kernel { from, to, op }));
        } else if let Some(op) = wide {
            let from = operands.iter().map(|operand| self.wide(*operand)).collect();
            let to = self.new_wide(node);
            self.emit(Instruction::Wide(Kernel { from, to, op }));
        } else {
            return false;
        }
        true
    }

    fn fold(&mut self, node: NodeId) -> Option<()> {
        let x = self.graph.operands(node)[0];
        let mut links = self.links(x);
        if let OpKind::Affine(affine) = &self.graph[node].op {
            let (scale, scale_frac) = affine.scale.raw().ok()?;
            let (offset, offset_frac) = affine.offset.raw().ok()?;
            let product_frac = i32::from(self.graph[x].ty.frac()) + i32::from(scale_frac);
            let frac = product_frac.max(i32::from(offset_frac));
            for ((link, scale), offset) in links.iter_mut().zip(scale).zip(offset) {
                let factor = finer(scale, frac - product_frac)?;
                let bias = finer(offset, frac - i32::from(offset_frac))?;
                *link = Link::affine(link.domain, frac, factor, bias);
            }
        } else {
            absorb(self.graph, node, &mut links)?;
        }
        let chain = Chain::new(self.graph, node, links, self.fuse)?;
        self.place(&[x], chain.end, folds(&chain), folds(&chain)).then_some(())?;
        self.finish(&chain.fused);
        Some(())
    }

    fn binary<T: Word>(&self, node: NodeId) -> Option<RowOp<T>> {
        let operands = self.graph.operands(node);
        let [a, b] = [operands[0], operands[1]];
        let frac = |node: NodeId| i32::from(self.graph[node].ty.frac());
        let function = match &self.graph[node].op {
            OpKind::Add(_) => Binary::Add,
            OpKind::Subtract(_) => Binary::Subtract,
            OpKind::Multiply(_) => Binary::Multiply,
            _ => return None,
        };
        let (a_up, b_up, shift) = if function == Binary::Multiply {
            (0, 0, Shift::between(frac(a) + frac(b), frac(node)))
        } else {
            let up = |operand| u32::try_from(frac(node) - frac(operand)).ok();
            (up(a)?, up(b)?, Shift::Up(0))
        };
        for ((a, b), y) in self.domains(a).into_iter().zip(self.domains(b)).zip(self.domains(node))
        {
            let products = [a.0 * b.0, a.0 * b.1, a.1 * b.0, a.1 * b.1];
            let used: &[i128] = if function == Binary::Multiply { &products } else { &[] };
            for raw in used {
                T::from_wide(*raw)?;
            }
            for (raw, up) in [(a.0, a_up), (a.1, a_up), (b.0, b_up), (b.1, b_up)] {
                T::from_wide(raw.checked_mul(1_i128.checked_shl(up)?)?)?;
            }
            T::from_wide(y.0)?;
            T::from_wide(y.1)?;
        }
        Some(RowOp::Binary { function, a_up, b_up, shift: legal::<T>(shift)? })
    }

    fn leaky_relu<T: Word>(&self, node: NodeId, leaky: &ops::LeakyRelu) -> Option<RowOp<T>> {
        let x = self.graph.operands(node)[0];
        let (alpha, alpha_frac) = leaky.alpha.raw().ok()?;
        let frac = |node: NodeId| i32::from(self.graph[node].ty.frac());
        let above = legal::<T>(Shift::between(frac(x), frac(node)))?;
        let product_frac = frac(x) + i32::from(alpha_frac);
        let below = legal::<T>(Shift::between(product_frac, frac(node)))?;
        for (lo, _) in self.domains(x) {
            T::from_wide(lo * i128::from(alpha[0]))?;
        }
        let alpha = T::from_wide(alpha[0].into())?;
        Some(RowOp::LeakyRelu { alpha, above, below })
    }

    fn threshold<T: Word>(&self, node: NodeId, threshold: &ops::Threshold) -> Option<RowOp<T>> {
        let x = self.graph.operands(node)[0];
        let frac = self.graph[node].ty.frac();
        let (raw, own) = threshold.thresholds.raw().ok()?;
        let points = threshold.base_and_step.points().ok()?;
        let [base, step] = [0, 1].map(|index| {
            let fine = points[index].at_frac(frac).unwrap_or(points[index]);
            i128::from(fine.lo())
        });
        let steps = i128::try_from(threshold.steps).ok()?;
        T::from_wide(base + step * steps)?;
        let coarser = i32::from(own) - i32::from(self.graph[x].ty.frac());
        if coarser.abs() > 62 {
            return None;
        }
        // The least x that reaches a threshold; none where no word does.
        let reached = |raw: i64| {
            let raw = i128::from(raw);
            let least = match u32::try_from(coarser) {
                Ok(down) => -((-raw) >> down),
                Err(_) => raw << coarser.unsigned_abs(),
            };
            let never = least > 0 && T::from_wide(least).is_none();
            (!never).then(|| T::from_wide(least).unwrap_or(T::MIN))
        };
        let rows = raw.chunks(threshold.steps.max(1));
        let mut thresholds: Vec<Vec<T>> =
            rows.map(|row| row.iter().filter_map(|raw| reached(*raw)).collect()).collect();
        thresholds.resize(self.elements(node), Vec::new());
        Some(RowOp::Threshold { thresholds, base: T::from_wide(base)?, step: T::from_wide(step)? })
    }

    fn activation<T: Word>(&self, node: NodeId, activation: &ops::Activation) -> Option<RowOp<T>> {
        let x = &self.graph[self.graph.operands(node)[0]].ty;
        let output = activation.output.as_ref()?;
        let (formats, frac) = (x.formats()?, self.graph[node].ty.frac());
        let distinct = formats.as_slice().len().max(output.as_slice().len());
        let table = |index: usize| {
            let (format, quantizer) = (formats.at(index), output.at(index));
            let apply = |x| activation.function.apply(x);
            let values = ops::activation::table(format.interval(), apply, quantizer).ok()?;
            let up = u32::try_from(frac - quantizer.format.frac()).ok()?;
            let entry = |raw: &i64| T::from_wide(i128::from(*raw).checked_shl(up)?);
            Some(Table {
                first: T::from_wide(format.min_raw().into())?,
                down: u32::try_from(x.frac() - format.frac()).ok()?,
                values: values.iter().map(entry).collect::<Option<Vec<T>>>()?,
            })
        };
        let tables = (0..distinct).map(table).collect::<Option<Vec<_>>>()?;
        tables.iter().all(|table| table.down < T::BITS).then_some(RowOp::Lookup { tables })
    }

    fn wires(&self, node: NodeId) -> Vec<Wire> {
        let operands = self.graph.operands(node);
        let frac = i32::from(self.graph[node].ty.frac());
        let wire = |operand: usize, element: usize| {
            let own = i32::from(self.graph[operands[operand]].ty.frac());
            Wire { operand, element, shift: Shift::between(own, frac) }
        };
        if let OpKind::Gather(gather) = &self.graph[node].op {
            return gather.indices.iter().map(|element| wire(0, *element)).collect();
        }
        let elements = |operand: usize| 0..self.elements(operands[operand]);
        (0..operands.len())
            .flat_map(|operand| elements(operand).map(move |element| (operand, element)))
            .map(|(operand, element)| wire(operand, element))
            .collect()
    }
}

fn folds<T: Word>(chain: &Chain) -> Option<RowOp<T>> {
    let folds = chain.elements.iter().map(|link| link.fold.narrow(link.domain));
    Some(RowOp::Fold(folds.collect::<Option<Vec<_>>>()?))
}

fn gather<T: Word>(wires: &[Wire]) -> Option<RowOp<T>> {
    let legal = |wire: &Wire| Some(Wire { shift: legal::<T>(wire.shift)?, ..*wire });
    Some(RowOp::Gather(wires.iter().map(legal).collect::<Option<Vec<_>>>()?))
}

/// The shift, if a word of `T` can do it.
fn legal<T: Word>(shift: Shift) -> Option<Shift> {
    match shift {
        Shift::Up(bits) if bits < T::BITS => Some(shift),
        Shift::Down(bits) => Some(Shift::Down(bits.min(T::BITS - 1))),
        Shift::Up(_) => None,
    }
}

/// A constant in steps that are finer by `2^bits`, if it stays a word.
pub(super) fn finer(raw: i64, bits: i32) -> Option<i128> {
    let bits = u32::try_from(bits).ok()?;
    if raw == 0 {
        return Some(0);
    }
    (bits < 64).then(|| i128::from(raw) << bits).filter(|raw| i64::try_from(*raw).is_ok())
}
