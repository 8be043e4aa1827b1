"""Packs ONNX's own node tests of the supported operators into node_tests.npz.

Usage: pack_node_tests.py FOLDER, where FOLDER is onnx/backend/test/data/node of the
onnx 1.20.0 wheel (Apache-2.0). Needs onnx and numpy.

The tests pass every operand as an input of the graph. Operands that a trigger network
has as weights become initializers here (column 2 of OPERATORS); where both forms are
common, both are packed, the second as NAME/constant. The opset is lowered to 21 where a
test says more: later versions of these operators only added element types.

Keys of the archive: NAME/model (bytes), NAME/input_I, NAME/output_O.
"""

import pathlib
import sys

import numpy as np
import onnx
from onnx import numpy_helper

# Operator: which operands become initializers, for each packed form.
OPERATORS = {
    "Add": [[], [1]],
    "ArgMax": [[]],
    "BatchNormalization": [[1, 2, 3, 4]],
    "Cast": [[]],
    "Clip": [[1, 2]],
    "Concat": [[], [1]],
    "Constant": [[]],
    "ConstantOfShape": [[0]],
    "DequantizeLinear": [[1, 2]],
    "Div": [[1]],
    "Dropout": [[1, 2]],
    "Flatten": [[]],
    "Gather": [[1]],
    "Gemm": [[1, 2], [0, 2]],
    "Identity": [[]],
    "LeakyRelu": [[]],
    "MatMul": [[1], [0]],
    "Mul": [[], [1]],
    "Neg": [[]],
    "Pow": [[0, 1]],
    "QuantizeLinear": [[1, 2]],
    "Relu": [[]],
    "Reshape": [[1]],
    "Shape": [[]],
    "Sigmoid": [[]],
    "Slice": [[1, 2, 3, 4]],
    "Softmax": [[]],
    "Split": [[1]],
    "Sqrt": [[0]],
    "Squeeze": [[1]],
    "Sub": [[], [0], [1]],
    "Tanh": [[]],
    "Transpose": [[]],
    "Unsqueeze": [[1]],
}

LARGEST_OPSET, LARGEST_IR = 21, 10


def tensor(path):
    proto = onnx.TensorProto()
    proto.ParseFromString(path.read_bytes())
    return proto


def widened(array):
    """numpy's own types only; booleans and small floats become float32."""
    if array.dtype.kind in "iu" and array.dtype.isbuiltin == 1:
        return array
    return array if array.dtype == np.float64 else array.astype(np.float32)


def pack(folder, baked, suffix, packed):
    model = onnx.load(folder / "model.onnx")
    data = folder / "test_data_set_0"
    graph = model.graph
    names = [info.name for info in graph.input]
    operands = list(graph.node[0].input)
    inputs = []
    for index, name in enumerate(names):
        try:
            proto = tensor(data / f"input_{index}.pb")
            array = numpy_helper.to_array(proto)
        except Exception:
            return "no tensor"
        if name in operands and operands.index(name) in baked:
            proto.name = name
            graph.initializer.append(proto)
        else:
            inputs.append((graph.input[index], array))
    del graph.input[:]
    graph.input.extend(info for info, _ in inputs)
    for opset in model.opset_import:
        opset.version = min(opset.version, LARGEST_OPSET)
    model.ir_version = min(model.ir_version, LARGEST_IR)
    key = folder.name.removeprefix("test_") + suffix
    packed[f"{key}/model"] = np.frombuffer(model.SerializeToString(), np.uint8)
    for index, (_, array) in enumerate(inputs):
        packed[f"{key}/input_{index}"] = widened(array)
    for index in range(len(graph.output)):
        array = numpy_helper.to_array(tensor(data / f"output_{index}.pb"))
        packed[f"{key}/output_{index}"] = widened(array)
    return None


def main():
    packed = {}
    for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
        # Tests of other operators, written out in these.
        if "_expanded" in folder.name:
            continue
        model = onnx.load(folder / "model.onnx")
        if len(model.graph.node) != 1 or model.graph.node[0].op_type not in OPERATORS:
            continue
        if model.graph.node[0].domain not in ("", "ai.onnx"):
            continue
        node = model.graph.node[0]
        forms = OPERATORS[node.op_type]
        for baked in forms:
            present = [index for index in baked if index < len(node.input)]
            suffix = "" if baked == forms[0] else "/constant" + "".join(map(str, baked))
            fault = pack(folder, present, suffix, packed)
            if fault:
                print("left out:", folder.name, fault)
                break
    here = pathlib.Path(__file__).parent
    np.savez_compressed(here / "node_tests.npz", **packed)
    print(len({key.rsplit("/", 1)[0] for key in packed}), "tests")


main()
