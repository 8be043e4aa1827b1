"""Makes qonnx_tests.npz: quantizers in every form, computed by the qonnx package.

Made with qonnx 1.0.0 (Apache-2.0), onnx 1.23.2, numpy 2.4.6. Keys as in node_tests.npz.
Values lie on quarters of a step where the step is a power of two, so that ties are met,
and away from ties elsewhere. The name of a case says what it tries; `constant` cases
quantize a weight that is then added to the input.
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from qonnx.custom_op.general.bipolar_quant import binary_quant
from qonnx.custom_op.general.quant import quant
from qonnx.custom_op.general.trunc import trunc_v1, trunc_v2

DOMAIN = "qonnx.custom_op.general"
CHANNELS = 4
rng = np.random.default_rng(7)
packed = {}


def values(step, spread=24):
    """32 events of CHANNELS values, quarters of the step or random."""
    quarters = rng.integers(-4 * spread, 4 * spread + 1, size=(32, CHANNELS)) / 4
    if np.any(np.log2(step) % 1 != 0):
        quarters = np.where(quarters % 0.5 == 0, quarters + 0.125, quarters)
    return (quarters * step).astype(np.float32)


def store(name, operator, x, parameters, attributes, expected, version=1, constant=False):
    names = [f"p{index}" for index in range(len(parameters))]
    initializers = [
        numpy_helper.from_array(np.asarray(value, np.float32), name)
        for name, value in zip(names, parameters)
    ]
    source = "x"
    nodes = []
    if constant:
        initializers.append(numpy_helper.from_array(x[:1], "w"))
        source = "w"
    result = "q" if constant else "y"
    nodes.append(helper.make_node(operator, [source, *names], [result], "q", domain=DOMAIN, **attributes))
    if constant:
        nodes.append(helper.make_node("Add", ["x", "q"], ["y"], "sum"))
        expected = x + expected[:1]
    info = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", CHANNELS])
    graph = helper.make_graph(nodes, "test", [info("x")], [info("y")], initializers)
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid(DOMAIN, version)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    packed[f"{name}/model"] = np.frombuffer(model.SerializeToString(), np.uint8)
    packed[f"{name}/input_0"] = x
    packed[f"{name}/output_0"] = np.asarray(expected, np.float32)


def quant_case(name, step, zero, bits, signed, narrow, mode, constant=False):
    step, zero, bits = (np.asarray(value, np.float32) for value in (step, zero, bits))
    x = values(step)
    # The package takes one number of bits; with several, each channel is quantized by itself.
    by_bits = [quant(x, step, zero, one, bool(signed), bool(narrow), mode) for one in np.ravel(bits)]
    expected = by_bits[0]
    if bits.ndim:
        expected = np.stack([by_bits[i][:, i] for i in range(CHANNELS)], axis=1)
    attributes = dict(signed=signed, narrow=narrow, rounding_mode=mode)
    store(name, "Quant", x, [step, zero, bits], attributes, expected, constant=constant)


STEPS = {
    "binary": 0.125,
    "decimal": 0.3,
    "binary_channels": [0.25, 0.5, 2.0, 0.0625],
    "decimal_channels": [0.3, 0.7, 1.1, 0.05],
}
MODES = ["ROUND", "FLOOR", "CEIL", "UP", "DOWN", "HALF_UP", "HALF_DOWN"]

for mode in MODES:
    for kind, step in STEPS.items():
        for zero in [0, 3, -2]:
            quant_case(f"quant_{mode}_{kind}_zero{zero}", step, zero, 5, 1, 0, mode)
            quant_case(f"quant_{mode}_{kind}_zero{zero}_constant", step, zero, 5, 1, 0, mode, True)
for signed in [0, 1]:
    for narrow in [0, 1]:
        for kind, step in STEPS.items():
            for bits in [1, 2, 4, 16]:
                name = f"quant_signed{signed}_narrow{narrow}_{kind}_bits{bits}"
                if bits == 1 and narrow and not signed:
                    continue  # Only one code: it quantizes everything to zero.
                quant_case(name, step, 0, bits, signed, narrow, "ROUND")
quant_case("quant_zero_channels", 0.5, [0, 1, 2, -3], 4, 1, 0, "FLOOR")
quant_case("quant_zero_channels_unsigned", 0.5, [0, 4, 8, 2], 4, 0, 0, "ROUND")
quant_case("quant_zero_not_whole", 0.5, 0.5, 4, 1, 0, "ROUND")
quant_case("quant_bits_channels", 0.5, 0, [2, 3, 4, 5], 1, 0, "ROUND")
quant_case("quant_one_bit_zero", 0.5, 1, 1, 1, 0, "ROUND")
for kind, scale in {"one": 1.0, **STEPS}.items():
    scale = np.asarray(scale, np.float32)
    for constant in [False, True]:
        x = values(np.float32(1))
        suffix = "_constant" if constant else ""
        expected = binary_quant(x, scale)
        store(f"bipolar_{kind}{suffix}", "BipolarQuant", x, [scale], {}, expected, constant=constant)
for mode in ["FLOOR", "ROUND", "CEIL"]:
    for kind, step in [("binary", 0.125), ("decimal", 0.3)]:
        for zero in [0, 3]:
            step32, zero32 = np.float32(step), np.float32(zero)
            x = (np.round(values(step32) / step32) * step32).astype(np.float32)
            x = np.clip(x, -100 * step32, 100 * step32)
            name = f"{mode}_{kind}_zero{zero}"
            parameters = [step, zero, 8, 5]
            expected = trunc_v1(x, step32, zero32, np.float32(8), np.float32(5), mode)
            store(f"trunc1_{name}", "Trunc", x, parameters, dict(rounding_mode=mode), expected)
            output_step = np.float32(step32 * 8)
            bits = np.float32(4)
            expected = trunc_v2(x, step32, zero32, np.float32(8), 0, 1, output_step, bits, mode)
            store(
                f"trunc2_{name}",
                "Trunc",
                x,
                [step, zero, 8, output_step, bits],
                dict(rounding_mode=mode, narrow=0, signed=1),
                expected,
                version=2,
            )

np.savez_compressed(pathlib.Path(__file__).parent / "qonnx_tests.npz", **packed)
print(sum(key.endswith("/model") for key in packed), "tests")
