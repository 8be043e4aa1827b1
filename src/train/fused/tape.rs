//! [`record`]: an operation of our own on the tape of burn.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::ops::Deref;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::{Autodiff, Flex};
use burn::tensor::{Tensor, TensorData};

/// An operation with `N` operands, with all that its gradients depend on.
pub(in crate::train) trait Operation<const N: usize>:
    Clone + Debug + Send + 'static
{
    /// The gradient of each wanted operand, from that of the result.
    fn gradients(self, gradient: &[f32], wanted: [bool; N]) -> [Option<Gradient>; N];
}

/// The gradient of an operand.
#[derive(Clone, Debug)]
pub(in crate::train) enum Gradient {
    /// That of the result.
    Same,
    /// One of its own, in the shape of the operand.
    Own(Vec<f32>),
}

/// The values of a tensor, row after row, without a copy where they are in that order already.
#[derive(Clone, Debug)]
pub(in crate::train) struct View(FlexTensor);

impl View {
    /// The values of a tensor, as they are now.
    pub(in crate::train) fn of(tensor: &Tensor<2>) -> Self {
        let values = if tensor.device().is_autodiff() {
            tensor.clone().try_into_primitive::<Autodiff<Flex>>().map(|own| own.primitive().clone())
        } else {
            tensor.clone().try_into_primitive::<Flex>()
        };
        Self::new(values.expect("training computes on one back end"))
    }

    fn new(values: FlexTensor) -> Self {
        Self(if values.is_contiguous() { values } else { values.to_contiguous() })
    }
}

impl Deref for View {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        self.0.as_slice().expect("the values are in order and in single precision")
    }
}

/// The result of an operation, whose values are known: on the tape, where an operand is on one.
pub(in crate::train) fn record<const N: usize>(
    operands: [&Tensor<2>; N],
    values: Vec<f32>,
    shape: [usize; 2],
    operation: impl Operation<N>,
) -> Tensor<2> {
    let device = operands[0].device();
    let values = TensorData::new(values, shape);
    if !device.is_autodiff() {
        return Tensor::from_data(values, &device);
    }
    let shapes = operands.map(Tensor::dims);
    let nodes = operands.map(|operand| {
        let primitive = operand.clone().try_into_primitive::<Autodiff<Flex>>();
        primitive.expect("the operands are on one device").node()
    });
    let values = FlexTensor::from_data(values);
    let prepared = Recorded(PhantomData).prepare::<NoCheckpointing>(nodes).compute_bound();
    Tensor::from_primitive::<Autodiff<Flex>>(match prepared.stateful() {
        OpsKind::Tracked(tracked) => tracked.finish((operation, shapes), values),
        OpsKind::UnTracked(untracked) => untracked.finish(values),
    })
}

/// The step of the tape that stands for an operation.
#[derive(Debug)]
struct Recorded<O>(PhantomData<O>);

impl<const N: usize, O: Operation<N>> Backward<Flex, N> for Recorded<O> {
    type State = (O, [[usize; 2]; N]);

    fn backward(
        self,
        ops: Ops<Self::State, N>,
        gradients: &mut Gradients,
        _checkpoints: &mut Checkpointer,
    ) {
        let (operation, shapes) = ops.state;
        let gradient = View::new(gradients.consume::<Flex>(&ops.node));
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let own = operation.gradients(&gradient, wanted);
        for ((parent, own), shape) in ops.parents.into_iter().zip(own).zip(shapes) {
            if let (Some(parent), Some(own)) = (parent, own) {
                let own = match own {
                    Gradient::Same => gradient.0.clone(),
                    Gradient::Own(own) => FlexTensor::from_data(TensorData::new(own, shape)),
                };
                gradients.register::<Flex>(parent.id, own);
            }
        }
    }
}
