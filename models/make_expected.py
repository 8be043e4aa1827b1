"""Makes the expected outputs of the models in this folder: NAME_expected.npz beside NAME.onnx.

Usage: make_expected.py MODEL.onnx [OUTPUT.npz [EVENTS.npz]]

64 events for each model: zeros, ones, single large elements, and normally distributed
values, all in float32; the second half are the first of EVENTS, where they are given. Plain ONNX is computed by onnxruntime with all optimizations off
(some of them change the integers of quantized models), QONNX by the qonnx package. Its executor takes
one bit width for each node; where a model has one for each channel, onnx's reference evaluator runs the
graph, and the quantizer of the qonnx package each channel.

Made with onnx 1.23.2, onnxruntime 1.32.0, qonnx 1.0.0, numpy 2.4.6.
"""

import sys

import numpy as np
import onnx
import onnxruntime
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.custom_op.general.quant import quant
from qonnx.transformation.infer_shapes import InferShapes

EVENTS = 64
QONNX = "qonnx.custom_op.general"


def events(rng, shape):
    """Zeros, ones, one large element at a time, and normal values of several widths."""
    x = rng.normal(size=(EVENTS, *shape)) * rng.choice([0.25, 1.0, 4.0], size=(EVENTS,) + (1,) * len(shape))
    flat = x.reshape(EVENTS, -1)
    flat[0], flat[1], flat[2] = 0, 1, -1
    for event in range(3, 11):
        flat[event] = 0
        flat[event, rng.integers(flat.shape[1])] = rng.choice([-64.0, 7.9375, 100.0])
    return x.astype(np.float32)


def without_layout_changes(model):
    """Some Keras exports transpose before and after a normalization in a way that no engine runs."""
    if not any(node.op_type == "BatchNormalization" for node in model.graph.node):
        return model
    nodes = [node for node in model.graph.node if node.op_type == "Transpose" and not node.attribute]
    for node in nodes:
        for user in model.graph.node:
            for index, name in enumerate(user.input):
                if name == node.output[0]:
                    user.input[index] = node.input[0]
        model.graph.node.remove(node)
    return model


class Quant(OpRun):
    """The quantizer of the qonnx package, channel by channel."""

    op_domain = QONNX

    def _run(self, x, scale, zero, bits, signed=None, narrow=None, rounding_mode=None):
        if np.size(bits) == 1:
            return (quant(x, scale, zero, bits, signed, narrow, rounding_mode).astype(np.float32),)
        scale, bits = (np.broadcast_to(own, x.shape[1:]) for own in (scale, bits))
        channels = [
            quant(x[:, index], scale[index], zero, bits[index], signed, narrow, rounding_mode)
            for index in range(x.shape[1])
        ]
        return (np.stack(channels, axis=1).astype(np.float32),)


def has_widths_for_channels(model):
    """Whether a quantizer has more than one bit width."""
    sizes = {tensor.name: int(np.prod(tensor.dims)) for tensor in model.graph.initializer}
    quantizers = [node for node in model.graph.node if node.op_type == "Quant"]
    return any(sizes.get(node.input[3], 1) > 1 for node in quantizers)


def main(path, target, given=None):
    model = without_layout_changes(onnx.load(path))
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [info for info in model.graph.input if info.name not in constants]
    rng = np.random.default_rng(1)
    data = {}
    for info in inputs:
        shape = [dim.dim_value for dim in info.type.tensor_type.shape.dim][1:]
        data[info.name] = events(rng, shape)
        if given is not None:
            data[info.name][EVENTS // 2 :] = np.load(given)[info.name][: EVENTS // 2]
    quantized = any(node.domain not in ("", "ai.onnx") for node in model.graph.node)
    names = [info.name for info in model.graph.output]
    if quantized and has_widths_for_channels(model):
        outputs = ReferenceEvaluator(model, new_ops=[Quant]).run(names, data)
    elif quantized:
        for node in model.graph.node:
            if node.domain not in ("", "ai.onnx"):
                node.domain = QONNX
        del model.opset_import[1:]
        model.opset_import.append(onnx.helper.make_opsetid(QONNX, 1))
        for info in list(inputs) + list(model.graph.output):
            info.type.tensor_type.shape.dim[0].dim_value = 1
        wrapper = ModelWrapper(model)
        wrapper = wrapper.transform(InferShapes())
        for name in data:
            if wrapper.get_tensor_datatype(name).name == "BIPOLAR":
                data[name] = np.where(data[name] >= 0, 1, -1).astype(np.float32)
        rows = []
        for event in range(EVENTS):
            one = {name: values[event : event + 1] for name, values in data.items()}
            result = execute_onnx(wrapper, one)
            rows.append([result[name] for name in names])
        outputs = [np.concatenate(column) for column in zip(*rows)]
    else:
        for info in list(model.graph.input) + list(model.graph.output):
            info.type.tensor_type.shape.dim[0].dim_param = "events"
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = onnxruntime.InferenceSession(model.SerializeToString(), options)
        outputs = session.run(names, data)
    arrays = {f"input_{index}": data[info.name] for index, info in enumerate(inputs)}
    arrays |= {f"output_{index}": output for index, output in enumerate(outputs)}
    np.savez_compressed(target, **arrays)


if __name__ == "__main__":
    path, *rest = sys.argv[1:]
    main(path, *(rest or [path.removesuffix(".onnx") + "_expected.npz"]))
