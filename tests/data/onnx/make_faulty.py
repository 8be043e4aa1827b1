"""Makes faulty.npz: small models that must be refused. Made with onnx 1.23.2, numpy 2.4.6.

faulty.txt lists what the importer says about each.
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

F = TensorProto.FLOAT
packed = {}


def info(name, shape, element=F):
    return helper.make_tensor_value_info(name, element, shape)


def weights(name, *shape, value=0.5, dtype=np.float32):
    return numpy_helper.from_array(np.full(shape, value, dtype), name)


def model(name, nodes, inputs=None, outputs=None, initializers=(), opset=13, ir=8, change=None):
    inputs = [info("x", ["N", 4])] if inputs is None else inputs
    outputs = [info("y", ["N", 4])] if outputs is None else outputs
    graph = helper.make_graph(nodes, "faulty", inputs, outputs, list(initializers))
    opsets = [helper.make_opsetid("", opset)] if opset else []
    result = helper.make_model(graph, opset_imports=opsets, ir_version=ir)
    if change:
        change(result)
    packed[f"{name}/model"] = np.frombuffer(result.SerializeToString(), np.uint8)


def node(operator, inputs, outputs=("y",), name="", domain=None, **attributes):
    return helper.make_node(operator, list(inputs), list(outputs), name, domain=domain, **attributes)


relu = node("Relu", ["x"], name="relu")
quant = lambda inputs, **attributes: node("Quant", inputs, name="quant", domain="qonnx.custom_op.general", **attributes)
scalar = lambda name, value: weights(name, value=value)

# Versions.
model("opset_6", [relu], opset=6)
model("opset_22", [relu], opset=22)
model("opset_missing", [relu], opset=0)
model("ir_2", [relu], ir=2)
model("ir_11", [relu], ir=11)

# Structure.
model("cycle", [node("Add", ["x", "b"], ["a"], "first"), node("Relu", ["a"], ["b"], "second"), node("Relu", ["b"], name="last")])
model("own_operand", [node("Add", ["x", "y"], name="loop")])
model("missing_initializer", [node("Gemm", ["x", "w"], name="gemm")])
model("missing_twice", [node("Gemm", ["x", "w"], ["a"], "one"), node("Gemm", ["a", "v"], ["b"], "two"), node("Add", ["x", "u"], name="three")])
model("two_outputs_of_one_name", [node("Relu", ["x"], ["y"], "one"), node("Tanh", ["x"], ["y"], "two")])
model("result_named_like_input", [node("Relu", ["x"], ["x"], "one")], outputs=[info("x", ["N", 4])])
model("two_inputs_of_one_name", [relu], inputs=[info("x", ["N", 4]), info("x", ["N", 4])])
model("two_ports_of_one_name", [relu], outputs=[info("y", ["N", 4]), info("y", ["N", 4])])
model("two_initializers_of_one_name", [node("Add", ["x", "w"])], initializers=[weights("w", 4), weights("w", 4)])
model("no_output", [relu], outputs=[])
model("undefined_output", [relu], outputs=[info("z", ["N", 4])])
model("too_many_operands", [node("Relu", ["x", "x"], name="relu")])
model("operand_left_out", [node("Add", ["x", ""], name="add")])

# Operators and attributes.
model("unsupported", [node("Einsum", ["x"], ["a"], "e", equation="ij->ij"), node("Erf", ["x"], ["b"], "f"), node("Add", ["a", "b"], name="add")])
model("followers_are_not_blamed", [node("Erf", ["x"], ["a"], "erf"), node("Relu", ["a"], ["b"]), node("Gemm", ["b", "w"])], initializers=[weights("w", 4, 4)])
model("other_domain", [node("Gelu", ["x"], name="gelu", domain="com.microsoft")])
model("unknown_attributes", [node("Relu", ["x"], name="relu", alpha=1.0, beta=2.0)])
model("attribute_of_older_opset", [node("Clip", ["x"], name="clip", min=0.0)])
model("attribute_of_newer_opset", [node("Reshape", ["x", "s"], name="r", allowzero=1)], initializers=[weights("s", 1, value=-1, dtype=np.int64)])
model("attribute_of_wrong_type", [node("Gemm", ["x", "w"], name="gemm", alpha="one")], initializers=[weights("w", 4, 4)])
model("attribute_is_a_graph", [node("LeakyRelu", ["x"], name="leaky", alpha=helper.make_graph([], "g", [], []))])
model("attribute_twice", [relu], change=lambda m: m.graph.node[0].attribute.extend([helper.make_attribute("a", 1)] * 2))
model("flag_is_two", [node("Gemm", ["x", "w"], name="gemm", transB=2)], initializers=[weights("w", 4, 4)])
model("axis_out_of_range", [node("Softmax", ["x"], name="softmax", axis=2)])
model("training", [node("BatchNormalization", ["x", "s", "s", "s", "s"], name="bn", training_mode=1)], initializers=[weights("s", 4)], opset=14)
model("mask_is_used", [node("Dropout", ["x"], ["a", "mask"], "drop"), node("Identity", ["mask"], name="id")])
model("cast_drops_bits", [node("Cast", ["x"], name="cast", to=TensorProto.INT8)])
model("integers_wrap", [node("Add", ["x", "x"], name="add")], inputs=[info("x", ["N", 4], TensorProto.INT8)])

# Shapes.
model("dynamic_features", [relu], inputs=[info("x", ["N", "M"])])
model("no_features", [relu], inputs=[info("x", ["N", 0])])
model("no_shape", [relu], inputs=[helper.make_tensor_value_info("x", F, None)])
model("huge_input", [relu], inputs=[info("x", ["N", 1 << 40])])
model("huge_constant", [node("ConstantOfShape", ["s"], ["c"], "huge"), node("Add", ["x", "c"])], initializers=[weights("s", 4, value=1 << 20, dtype=np.int64)])
model("gemm_misfit", [node("Gemm", ["x", "w"], name="gemm")], initializers=[weights("w", 5, 3)])
model("add_misfit", [node("Add", ["x", "w"], name="add")], initializers=[weights("w", 3)])
model("reshape_misfit", [node("Reshape", ["x", "s"], name="r")], initializers=[numpy_helper.from_array(np.array([-1, 5]), "s")])
model("split_misfit", [node("Split", ["x", "s"], ["y", "z"], "split", axis=1)], initializers=[numpy_helper.from_array(np.array([1, 2]), "s")])
model("gather_out_of_range", [node("Gather", ["x", "i"], name="gather", axis=1)], initializers=[weights("i", 1, value=4, dtype=np.int64)])

# Events.
model("softmax_over_events", [node("Softmax", ["x"], name="softmax", axis=0)])
model("events_into_features", [node("Reshape", ["x", "s"], name="r")], initializers=[numpy_helper.from_array(np.array([4, -1]), "s")])
model("output_is_transposed", [node("Transpose", ["x"], name="t")])
model("weights_by_event", [node("Add", ["x", "w"], name="add")], initializers=[weights("w", 3, 4)])
model("batch_size_as_number", [node("Shape", ["x"], ["s"]), node("Cast", ["s"], ["f"], to=F), node("Slice", ["f", "b", "e"], ["n"]), node("Mul", ["x", "n"], name="mul")], initializers=[weights("b", 1, value=0, dtype=np.int64), weights("e", 1, value=1, dtype=np.int64)])
model("sum_over_events", [node("MatMul", ["w", "x"], name="m")], initializers=[weights("w", 4, 4)])

# Numbers.
model("weight_is_nan", [node("Gemm", ["x", "w"], name="gemm")], initializers=[weights("w", 4, 4, value=np.nan)])
model("weight_is_infinite", [node("Add", ["x", "w"], name="add")], initializers=[weights("w", 4, value=np.inf)])
model("division_by_zero", [node("Div", ["x", "w"], name="div")], initializers=[weights("w", 4, value=0)])
model("variance_is_negative", [node("BatchNormalization", ["x", "s", "s", "s", "v"], name="bn")], initializers=[weights("s", 4), weights("v", 4, value=-1)])
model("computed_weights", [node("MatMul", ["x", "w"], name="m")], inputs=[info("x", ["N", 4]), info("w", [4, 4])])
model("computed_divisor", [node("Div", ["x", "x"], name="div")])
model("text_input", [relu], inputs=[info("x", ["N", 4], TensorProto.STRING)])
model("integers_of_64_bits", [node("Cast", ["x"], name="cast", to=F)], inputs=[info("x", ["N", 4], TensorProto.INT64)])
model("text_initializer", [relu], initializers=[helper.make_tensor("t", TensorProto.STRING, [1], ["a"])])
model("sequence_input", [relu], inputs=[helper.make_tensor_sequence_value_info("x", F, [4])])

# Quantizers.
model("scale_is_zero", [quant(["x", "s", "z", "b"])], initializers=[scalar("s", 0), scalar("z", 0), scalar("b", 8)])
model("scale_is_negative", [quant(["x", "s", "z", "b"])], initializers=[scalar("s", -1), scalar("z", 0), scalar("b", 8)])
model("no_bits", [quant(["x", "s", "z", "b"])], initializers=[scalar("s", 1), scalar("z", 0), scalar("b", 0)])
model("half_bits", [quant(["x", "s", "z", "b"])], initializers=[scalar("s", 1), scalar("z", 0), scalar("b", 2.5)])
model("unknown_rounding", [quant(["x", "s", "z", "b"], rounding_mode="STOCHASTIC")], initializers=[scalar("s", 1), scalar("z", 0), scalar("b", 8)])
model("scale_by_input", [node("DequantizeLinear", ["q", "s"], ["w"], "dq", axis=0), node("MatMul", ["x", "w"], name="m")], initializers=[weights("q", 4, 3, value=5, dtype=np.int8), numpy_helper.from_array(np.array([0.1, 0.2, 0.3, 0.4], np.float32), "s")])
model("scale_too_small", [quant(["x", "s", "z", "b"])], initializers=[scalar("s", 2.0**-100), scalar("z", 0), scalar("b", 8)])

# Stored tensors.
def external(**entries):
    def change(result):
        tensor = result.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in entries.items():
            tensor.external_data.add(key=key, value=value)
    return change


add = [node("Add", ["x", "w"], name="add")]
model("external_missing", add, initializers=[weights("w", 4)], change=external(location="weights.bin"))
model("external_above", add, initializers=[weights("w", 4)], change=external(location="../weights.bin"))
model("external_absolute", add, initializers=[weights("w", 4)], change=external(location="/etc/passwd"))
model("external_without_location", add, initializers=[weights("w", 4)], change=external(offset="0"))
model("bytes_missing", add, initializers=[weights("w", 4)], change=lambda m: setattr(m.graph.initializer[0], "raw_data", b"1234"))
model("bytes_not_whole", add, initializers=[weights("w", 4)], change=lambda m: setattr(m.graph.initializer[0], "raw_data", b"12345"))
model("negative_dimension", add, initializers=[weights("w", 4)], change=lambda m: m.graph.initializer[0].dims.__setitem__(0, -4))
model("huge_dimension", add, initializers=[weights("w", 4)], change=lambda m: m.graph.initializer[0].dims.extend([1 << 62, 1 << 62]))

np.savez_compressed(pathlib.Path(__file__).parent / "faulty.npz", **packed)
print(len(packed), "models")
