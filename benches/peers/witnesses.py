#!/usr/bin/env python3
"""Holds trained networks in onnxruntime and the qonnx package against trigforge, and writes docs/benchmarks/witnesses.md.

    cargo build --release --locked
    benches/peers/witnesses.py [--trigforge FILE] [--events N]

Every network that `trigforge train` left in `models` computes the same events three times: by `trigforge simulate`;
by onnxruntime, with each `Quant` of QONNX spelled out in operators of ONNX (division by the step, rounding, clipping); and by
the evaluator of the onnx package, where the quantizer of the qonnx package computes each `Quant`, channel by channel. Files of
`QuantizeLinear`, and the functions that a file defines, run as they are. Every output must be the same number. Events are the test events of the folder; where those are fewer, or not in the repository, events of the
network's `_expected.npz` with noise of a tenth of each input's spread.
"""

import argparse
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from environment import REPOSITORY, TARGET, enter  # noqa: E402

TABLE = REPOSITORY / "docs/benchmarks/witnesses.md"
MODELS = REPOSITORY / "models"

HEAD = """# Witnesses of trained networks

Written by `benches/peers/witnesses.py` with onnxruntime {onnxruntime} and qonnx {qonnx}. *Different* counts outputs
that are not the number that `trigforge simulate` gives. Events are real ones, or real ones with noise, as the script
says. onnxruntime runs each `Quant` as division by the step, rounding and clipping, and `digits_qdq`, a file of
`QuantizeLinear` and `DequantizeLinear`, as it is; the evaluator of the onnx package computes it in the last column.
`digits_wrap` has formats that wrap, or become zero, by functions that its file defines.

| network | events | outputs | onnxruntime: different | qonnx: different |
|---|---:|---:|---:|---:|
"""

ROUNDINGS = {"FLOOR": "Floor", "ROUND": "Round", "CEIL": "Ceil"}


def events(network, count):
    """Rows of inputs, and whether they are real."""
    import numpy

    test = network.parent / "test.npz"
    if test.exists():
        x = numpy.load(test)["x"]
        if len(x) >= count:
            return x[:count].astype(numpy.float32), True
    expected = numpy.load(network.with_name(f"{network.stem}_expected.npz"))["input_0"]
    real = expected[len(expected) // 2 :]
    rng = numpy.random.default_rng(1)
    noise = rng.normal(size=(count, real.shape[1])) * real.std(axis=0) / 10
    return (real[rng.integers(len(real), size=count)] + noise).astype(numpy.float32), False


def spelled_out(model):
    """The model with every `Quant` in operators of ONNX."""
    import numpy
    from onnx import helper, numpy_helper

    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        if node.op_type != "Quant":
            nodes.append(node)
            continue
        own = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
        x, (scale, zero, bits) = node.input[0], (constants[name].astype(numpy.float64) for name in node.input[1:4])
        assert not zero.any(), "trained networks have no zero points"
        codes = 2.0 ** (bits - own["signed"])
        low, high = -codes * own["signed"] + own["narrow"] * own["signed"], codes - 1
        name = node.output[0]
        for part, value in [("step", scale), ("low", low), ("high", high)]:
            tensor = numpy_helper.from_array(value.astype(numpy.float32), f"{name}/{part}")
            model.graph.initializer.append(tensor)
        rounding = ROUNDINGS[own["rounding_mode"].decode()]
        nodes += [
            helper.make_node("Div", [x, f"{name}/step"], [f"{name}/scaled"]),
            helper.make_node("Max", [f"{name}/scaled", f"{name}/low"], [f"{name}/above"]),
            helper.make_node("Min", [f"{name}/above", f"{name}/high"], [f"{name}/inside"]),
            helper.make_node(rounding, [f"{name}/inside"], [f"{name}/code"]),
            helper.make_node("Mul", [f"{name}/code", f"{name}/step"], [name]),
        ]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    # What is called from `trigforge` is defined in the file.
    kept = [own for own in model.opset_import if own.domain in ("", "trigforge")]
    del model.opset_import[:]
    model.opset_import.extend(kept)
    return model


def by_onnxruntime(path, x):
    """What onnxruntime computes, all optimizations off."""
    import onnx
    import onnxruntime

    model = spelled_out(onnx.load(path))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def by_qonnx(path, x):
    """What the quantizer of the qonnx package computes, channel by channel."""
    import onnx
    from onnx.reference import ReferenceEvaluator

    sys.path.insert(0, str(MODELS))
    from make_expected import Quant

    model = onnx.load(path)
    if any(node.op_type == "QuantizeLinear" for node in model.graph.node):
        # The evaluator has it from a later version on, which means the same here.
        model.opset_import[0].version = max(model.opset_import[0].version, 21)
    return ReferenceEvaluator(model, new_ops=[Quant]).run(None, {model.graph.input[0].name: x})[0]


def by_trigforge(trigforge, path, x):
    """What the tensor simulator computes."""
    import numpy

    with tempfile.TemporaryDirectory() as folder:
        numpy.save(f"{folder}/x.npy", x)
        command = [trigforge, "simulate", path, "--data", f"{folder}/x.npy", "-o", f"{folder}/y.npy"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return numpy.load(f"{folder}/y.npy").reshape(len(x), -1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trigforge", type=Path, default=TARGET / "release/trigforge")
    parser.add_argument("--events", type=int, default=1000)
    options = parser.parse_args()
    trained = sorted(path for path in MODELS.glob("*/*.onnx") if (path.parent / "recipe.toml").exists())
    text = HEAD.format(onnxruntime=version("onnxruntime"), qonnx=version("qonnx"))
    for path in trained:
        x, real = events(path, options.events)
        expected = by_trigforge(options.trigforge.resolve(), path, x)
        different = [
            int((found.reshape(expected.shape) != expected).sum()) for found in (by_onnxruntime(path, x), by_qonnx(path, x))
        ]
        kind = f"{len(x):,}" if real else f"{len(x):,} with noise"
        text += f"| {path.stem} | {kind} | {expected.size:,} | {different[0]} | {different[1]} |\n"
        print(text.splitlines()[-1], flush=True)
    TABLE.write_text(text)


if __name__ == "__main__":
    enter("witness", "witness_requirements.txt")
    main()
