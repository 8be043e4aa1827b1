"""Makes the faulty models, data and labels of the error cases: one file per fault.

Needs onnx==1.23.2 and numpy==2.4.6 (any recent pair gives the same faults):
    python3 make_models.py
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent / "models"
FLOAT = TensorProto.FLOAT


def tensor(name, values, dtype=np.float32):
    return numpy_helper.from_array(np.asarray(values, dtype=dtype), name)


def value(name, shape, element=FLOAT):
    return helper.make_tensor_value_info(name, element, shape)


def save(name, nodes, initializers=(), inputs=None, outputs=None, opset=13, ir=8, check=False,
         functions=()):
    graph = helper.make_graph(
        nodes,
        "fault",
        inputs or [value("x", ["batch", 2])],
        outputs or [value("y", ["batch", 2])],
        list(initializers),
    )
    domains = [("", opset), *((own.domain, 1) for own in functions if own.domain)]
    opsets = [helper.make_opsetid(*own) for own in domains]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=ir, functions=functions)
    if check:
        onnx.checker.check_model(model)
    (HERE / name).write_bytes(model.SerializeToString())


def gemm(name="/fc1/Gemm", x="x", w="w", y="y", **attributes):
    return helper.make_node("Gemm", [x, w], [y], name=name, **attributes)


WEIGHTS = tensor("w", [[0.5, -1.25], [2.0, 0.75]])


def quantizer(name):
    """A quantizer of the domain `trigforge`, which rounds upward whatever its name says."""
    nodes = [("Div", "x step", "v0"), ("Ceil", "v0", "v1"), ("Less", "v1 low", "v2"),
             ("Greater", "v1 high", "v3"), ("Or", "v2 v3", "v4"), ("Sub", "step step", "v5"),
             ("Where", "v4 v5 v1", "v6"), ("Mul", "v6 step", "y")]
    nodes = [helper.make_node(kind, inputs.split(), [out]) for kind, inputs, out in nodes]
    inputs = ["x", "step", "low", "high"]
    return helper.make_function(
        "trigforge", name, inputs, ["y"], nodes, [helper.make_opsetid("", 13)])


def outside(name, location):
    """A weight whose data lies in another file."""
    external = tensor(name, [[1.0, 2.0], [3.0, 4.0]])
    onnx.external_data_helper.set_external_data(external, location)
    external.ClearField("raw_data")
    external.data_location = TensorProto.EXTERNAL
    return external


def short(name):
    """A weight with fewer bytes than its shape needs."""
    weight = tensor(name, [[1.0, 2.0], [3.0, 4.0]])
    weight.raw_data = weight.raw_data[:12]
    return weight


def lying_header():
    """An array file that promises more values than any memory holds."""
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 2), }"
    header = header.ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


def main():
    HERE.mkdir(exist_ok=True)
    relu = helper.make_node("Relu", ["h"], ["y"], name="/act/Relu")
    save("good.onnx", [gemm(y="h"), relu], [WEIGHTS], check=True)
    (HERE / "text.onnx").write_text("this is not a model\n")
    good = (HERE / "good.onnx").read_bytes()
    (HERE / "truncated.onnx").write_bytes(good[: len(good) // 2])
    save("clash.onnx", [gemm(name="/shell/fc", y="h"), relu], [WEIGHTS], check=True)
    (HERE / "empty.onnx").write_bytes(b"")
    save("old_opset.onnx", [gemm()], [WEIGHTS], opset=5)
    save("unsupported.onnx",
         [helper.make_node("Erf", ["x"], ["h"], name="/act/Erf"),
          helper.make_node("Det", ["h"], ["y"], name="/odd/Det")])
    save("attribute.onnx",
         [helper.make_node("ArgMax", ["x"], ["y"], name="/head/ArgMax", axis=1,
                           select_last_index=1)],
         outputs=[value("y", ["batch", 1], TensorProto.INT64)])
    save("missing_value.onnx", [gemm(x="nowhere")], [WEIGHTS])
    save("cycle.onnx",
         [helper.make_node("Relu", ["b"], ["a"], name="first"),
          helper.make_node("Relu", ["a"], ["b"], name="second"),
          gemm()], [WEIGHTS])
    save("nan_weight.onnx", [gemm()], [tensor("w", [[0.5, np.nan], [2.0, np.inf]])])
    save("dynamic.onnx", [helper.make_node("Relu", ["x"], ["y"], name="/act/Relu")],
         inputs=[value("x", ["batch", "time"])], outputs=[value("y", ["batch", "time"])])
    save("zero_size.onnx", [helper.make_node("Relu", ["x"], ["y"], name="/act/Relu")],
         inputs=[value("x", ["batch", 0])], outputs=[value("y", ["batch", 0])])
    save("computed_weight.onnx",
         [helper.make_node("MatMul", ["x", "v"], ["y"], name="/att/MatMul")],
         inputs=[value("x", ["batch", 3, 2]), value("v", ["batch", 2, 2])],
         outputs=[value("y", ["batch", 3, 2])])
    save("external.onnx", [gemm()], [outside("w", "missing.bin")])
    save("shapes.onnx", [gemm()], [tensor("w", [[1.0, 2.0]] * 3)])
    save("strings.onnx", [helper.make_node("Identity", ["x"], ["y"], name="/id")],
         inputs=[value("x", ["batch", 2], TensorProto.STRING)],
         outputs=[value("y", ["batch", 2], TensorProto.STRING)])
    quantize = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"], name="/q/QuantizeLinear"),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"], name="/q/DequantizeLinear"),
        gemm(x="d", y="h"),
        helper.make_node("QuantizeLinear", ["h", "t", "z"], ["r"], name="/r/QuantizeLinear"),
        helper.make_node("DequantizeLinear", ["r", "t", "z"], ["y"], name="/r/DequantizeLinear"),
    ]
    save("scale.onnx", quantize,
         [WEIGHTS, tensor("s", 0.1), tensor("t", 0.37), tensor("z", 0, np.int8)])
    save("sigmoid.onnx",
         [gemm(y="h"), helper.make_node("Sigmoid", ["h"], ["y"], name="/head/Sigmoid")], [WEIGHTS])
    save("duplicate.onnx",
         [gemm(y="h"), helper.make_node("Relu", ["x"], ["h"], name="/act/Relu"),
          helper.make_node("Add", ["h", "x"], ["y"], name="/add/Add")], [WEIGHTS])
    save("twice.onnx", [gemm()], [WEIGHTS, tensor("w", [[1.0, 0.0], [0.0, 1.0]])])
    save("no_output.onnx", [gemm()], [WEIGHTS], outputs=[value("nowhere", ["batch", 2])])
    save("operands.onnx",
         [helper.make_node("Relu", ["x", "w"], ["y"], name="/act/Relu")], [WEIGHTS])
    save("names.onnx",
         [gemm(name="module", x="always", y="1 wire"),
          helper.make_node("Relu", ["1 wire"], ["\u00e9tage/2"], name="end module"),
          gemm(name="MODULE", x="\u00e9tage/2", w="w", y="begin"),
          helper.make_node("Relu", ["begin"], ["reg"], name="$display(\"*/\")\\")],
         [WEIGHTS], inputs=[value("always", ["batch", 2])], outputs=[value("reg", ["batch", 2])])
    call = helper.make_node("Quantize_TRN_SAT_ZERO", ["x", "step", "low", "high"], ["y"],
                            name="/act/Quant", domain="trigforge")
    codes = [tensor("step", 0.25), tensor("low", -8.0), tensor("high", 7.0)]
    save("changed_function.onnx", [call], codes, functions=[quantizer(call.op_type)], check=True)
    save("missing_function.onnx", [call], codes, functions=[quantizer("Other")])
    relu = helper.make_function("", "Relu", ["x"], ["y"], [helper.make_node("Abs", ["x"], ["y"])],
                                [helper.make_opsetid("", 13)])
    save("known_function.onnx", [helper.make_node("Relu", ["x"], ["y"], name="/act/Relu")],
         functions=[relu])
    save("large.onnx", [helper.make_node("Relu", ["x"], ["y"], name="/act/Relu")],
         inputs=[value("x", ["batch", 2_000_000])], outputs=[value("y", ["batch", 2_000_000])])
    save("mixed_events.onnx",
         [helper.make_node("Softmax", ["x"], ["y"], name="/head/Softmax", axis=0)])
    save("cube.onnx",
         [helper.make_node("Mul", ["x", "x"], ["h"], name="/square/Mul"),
          helper.make_node("Mul", ["h", "x"], ["y"], name="/cube/Mul")])
    far = [2**-4 + 2**-27, *((-1) ** i * (1 - i / 2**10) for i in range(63))]
    save("wide_sum.onnx",
         [helper.make_node("Clip", ["x", "lo", "hi"], ["h"], name="/far/Clip"),
          gemm(x="h")],
         [tensor("lo", 2**20), tensor("hi", 2**20 + 1), tensor("w", [[w] for w in far])],
         inputs=[value("x", ["batch", 64])], outputs=[value("y", ["batch", 1])])
    save("vanished.onnx", [gemm()], [tensor("w", [[1e-12, 0], [0, -3e-13]])])
    save("zero.onnx", [gemm()], [tensor("w", np.zeros((2, 2)))])
    save("one_row.onnx", [gemm()], [tensor("w", [[0.5, -1.25]])],
         inputs=[value("x", ["batch", 1])])
    save("one_column.onnx", [gemm()], [tensor("w", [[0.5], [-1.25]])],
         outputs=[value("y", ["batch", 1])])
    weights = np.random.default_rng(1).normal(size=(40, 40))
    save("dense.onnx", [gemm()], [tensor("w", weights)],
         inputs=[value("x", ["batch", 40])], outputs=[value("y", ["batch", 40])])
    save("several.onnx",
         [gemm(y="h"), helper.make_node("Erf", ["h"], ["e"], name="/act/Erf"),
          gemm(name="/fc2/Gemm", x="e", w="v", y="y", transC=1)],
         [tensor("w", [[0.5, np.nan], [2.0, 1.0]])])
    save("two_inputs.onnx",
         [helper.make_node("Add", ["x", "v"], ["y"], name="/add/Add")],
         inputs=[value("x", ["batch", 2]), value("v", ["batch", 2])])
    save("external_outside.onnx", [gemm()], [outside("w", "../secret.bin")])
    save("short_weight.onnx", [gemm()], [short("w")])
    np.save(HERE / "x_many.npy", np.zeros((2, 3), dtype=np.float32))
    np.save(HERE / "x_none.npy", np.zeros((0, 2), dtype=np.float32))
    np.save(HERE / "x_words.npy", np.array([["a", "b"]]))
    (HERE / "x_truncated.npy").write_bytes(lying_header())
    (HERE / "x.csv").write_text("a,b\n0.5,-1.0\n3.0,two\n")
    np.save(HERE / "labels_other.npy", np.array([0, 7, 0]))
    np.save(HERE / "x.npy", np.array([[0.5, -1.0], [3.0, 2.0], [-4.0, 1.5]], dtype=np.float32))
    np.save(HERE / "x_wrong_shape.npy", np.zeros((3, 5), dtype=np.float32))
    np.save(HERE / "x_nan.npy", np.array([[0.5, 1.0], [np.nan, 2.0]], dtype=np.float32))
    (HERE / "x.txt").write_text("not data\n")
    np.save(HERE / "labels.npy", np.array([0, 1, 0]))
    np.save(HERE / "labels_short.npy", np.array([0, 1]))


if __name__ == "__main__":
    main()
