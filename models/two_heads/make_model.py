"""Makes two_heads.onnx: two inputs, a trunk, and two outputs, with quantizers of every kind.

A classifier head (softmax) and a regression head (clipped), as a trigger that both
identifies and measures an object would have. The weights are random; what matters is
that scales are no powers of two, per tensor and per channel, with zero points, and that
values are transposed, joined and split. Made with onnx 1.23.2, numpy 2.4.6.
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(5)
nodes, initializers = [], []


def constant(name, array):
    initializers.append(numpy_helper.from_array(np.asarray(array), name))
    return name


def node(operator, inputs, outputs, **attributes):
    outputs = [outputs] if isinstance(outputs, str) else outputs
    nodes.append(helper.make_node(operator, inputs, outputs, f"/{outputs[0]}/{operator}", **attributes))
    return outputs[0]


def quantized(x, name, scale, zero):
    scale, zero = constant(f"{name}_scale", scale), constant(f"{name}_zero", zero)
    q = node("QuantizeLinear", [x, scale, zero], f"{name}_codes")
    return node("DequantizeLinear", [q, scale, zero], name)


def dense(x, name, inputs, outputs, scale, axis=None):
    codes = rng.integers(-31, 32, size=(inputs, outputs)).astype(np.int8)
    zeros = np.zeros(np.shape(scale), np.int8)
    operands = [constant(f"{name}_codes", codes), constant(f"{name}_scale", np.asarray(scale, np.float32)), constant(f"{name}_zero", zeros)]
    attributes = {} if axis is None else {"axis": axis}
    w = node("DequantizeLinear", operands, f"{name}_weights", **attributes)
    y = node("MatMul", [x, w], f"{name}_product")
    b = constant(f"{name}_bias", rng.normal(size=outputs).astype(np.float32))
    return node("Add", [y, b], f"{name}_sum")


f32, i8, u8 = np.float32, np.int8, np.uint8
image = quantized("image", "image_q", f32(0.037), u8(128))
image = node("Transpose", [image], "image_t", perm=[0, 2, 1])
image = node("Flatten", [image], "image_flat", axis=1)
track = quantized("track", "track_q", f32(0.0625), i8(0))
joined = node("Concat", [track, image], "joined", axis=1)
x = dense(joined, "trunk1", 18, 16, f32(0.011))
x = node("Relu", [x], "trunk1_relu")
x = quantized(x, "trunk1_q", f32(0.047), u8(0))
x = dense(x, "trunk2", 16, 12, rng.uniform(0.01, 0.03, size=12).astype(f32), axis=1)
scale, bias, mean = (rng.uniform(0.5, 1.5, size=12).astype(f32) for _ in range(3))
variance = rng.uniform(0.5, 2.0, size=12).astype(f32)
operands = [constant(f"norm_{i}", array) for i, array in enumerate([scale, bias, mean, variance])]
x = node("BatchNormalization", [x, *operands], "norm", epsilon=1e-3)
x = node("LeakyRelu", [x], "norm_leaky", alpha=0.125)
x = quantized(x, "norm_q", f32(0.03), i8(-40))
sizes = constant("sizes", np.array([8, 4], np.int64))
node("Split", [x, sizes], ["for_classes", "for_energy"], axis=1)
classes = dense("for_classes", "classes", 8, 4, f32(0.02))
node("Softmax", [classes], "class", axis=-1)
energy = dense("for_energy", "energies", 4, 2, f32(0.015625))
bounds = [constant("lowest", f32(-1.5)), constant("highest", f32(6))]
node("Clip", [energy, *bounds], "energy")

info = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
graph = helper.make_graph(
    nodes,
    "two_heads",
    [info("track", ["events", 6]), info("image", ["events", 3, 4])],
    [info("class", ["events", 4]), info("energy", ["events", 2])],
    initializers,
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
onnx.checker.check_model(model, full_check=True)
onnx.save(model, pathlib.Path(__file__).parent / "two_heads.onnx")
