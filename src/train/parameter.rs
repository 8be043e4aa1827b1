//! [`Parameters`]: the numbers that are trained, as plain vectors, so that a checkpoint holds them
//! bit for bit, and [`Leaves`], the same as tensors of one step.

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

/// A trained tensor among [`Parameters`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParameterId(usize);

/// A tensor that is trained, or could be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// The layer and the part of it, such as `fc1.weights`.
    pub name: String,
    /// Rows and columns.
    pub shape: [usize; 2],
    /// The values, row after row.
    #[serde(with = "bits")]
    pub values: Vec<f32>,
    /// What it means for the optimizer.
    pub role: Role,
}

/// What a parameter means for the optimizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A weight.
    Weight,
    /// A bias, or what scales a neuron: nothing pulls it to zero.
    Bias,
    /// A number of bits that is learned.
    Width,
    /// It stays as it is.
    Fixed,
}

/// Every parameter of a network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Parameters(pub Vec<Parameter>);

impl Parameters {
    /// Adds a parameter; `values` fill its shape.
    pub fn add(
        &mut self,
        name: String,
        shape: [usize; 2],
        values: Vec<f32>,
        role: Role,
    ) -> ParameterId {
        assert_eq!(values.len(), shape[0] * shape[1], "values fill their shape");
        self.0.push(Parameter { name, shape, values, role });
        ParameterId(self.0.len() - 1)
    }

    /// True when every value is a number.
    pub fn are_finite(&self) -> bool {
        self.0.iter().all(|parameter| parameter.values.iter().all(|value| value.is_finite()))
    }

    /// The parameters as tensors; with `device` an autodiff one, those that are trained collect gradients.
    pub fn leaves(&self, device: &Device) -> Leaves {
        let differentiates = device.is_autodiff();
        let tensors = self.0.iter().map(|parameter| {
            let leaf = tensor(parameter.values.clone(), parameter.shape, device);
            if differentiates && parameter.role != Role::Fixed { leaf.require_grad() } else { leaf }
        });
        Leaves { tensors: tensors.collect(), device: device.clone() }
    }
}

impl std::ops::Index<ParameterId> for Parameters {
    type Output = Parameter;
    fn index(&self, id: ParameterId) -> &Parameter {
        &self.0[id.0]
    }
}

impl std::ops::IndexMut<ParameterId> for Parameters {
    fn index_mut(&mut self, id: ParameterId) -> &mut Parameter {
        &mut self.0[id.0]
    }
}

/// The parameters as tensors, in the order of [`Parameters`].
#[derive(Clone, Debug)]
pub struct Leaves {
    /// The tensors.
    pub tensors: Vec<Tensor<2>>,
    /// Where they are.
    pub device: Device,
}

impl std::ops::Index<ParameterId> for Leaves {
    type Output = Tensor<2>;
    fn index(&self, id: ParameterId) -> &Tensor<2> {
        &self.tensors[id.0]
    }
}

/// Values as a tensor.
pub fn tensor(values: Vec<f32>, shape: [usize; 2], device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// The values of a tensor, row after row.
pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("tensors are in single precision")
}

/// The nearest number of single precision, in which training computes.
#[expect(clippy::cast_possible_truncation, reason = "this is the one place that rounds so")]
pub(super) fn single(value: f64) -> f32 {
    value as f32
}

/// `hard`, with the gradient of `soft`.
pub fn straight_through(hard: Tensor<2>, soft: Tensor<2>) -> Tensor<2> {
    // The difference of a number and itself is exactly zero.
    let zero = soft.clone() - soft.detach();
    hard.detach() + zero
}

/// Floats by their bits: decimal digits might not come back to the same float.
pub(super) mod bits {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        values: &[f32],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(|value| value.to_bits()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<f32>, D::Error> {
        let bits = Vec::<u32>::deserialize(deserializer)?;
        Ok(bits.into_iter().map(f32::from_bits).collect())
    }
}
