"""Trained networks read from ONNX: whole, and layer by layer."""

from math import log2

import numpy as np
import onnx
from onnx import numpy_helper

from environment import REPOSITORY
from problems import Layer, Problem, matrix_problem

# Under the folder given with `--zoo`, where they exist.
JET_TAGGING = "qonnx_model_zoo/models/JetTagging/QKeras_hls4ml_3layer/qkeras_jettagging.onnx"
INTRUSION = "qonnx_model_zoo/models/UNSW_NB15/unsw_nb15_mlp_w2a2/unsw_nb15-mlp-w2a2.onnx"
DIGITS = "onnx-models/mnist/model.onnx"
# As many as Icarus Verilog gets through in a minute.
EVENTS = 64


class Reader:
    """The nodes and constants of an ONNX file."""

    def __init__(self, path):
        self.graph = onnx.load(path).graph
        self.constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in self.graph.initializer}
        for node in self.graph.node:
            if node.op_type == "Constant":
                self.constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        self.quantizers = {node.output[0]: node for node in self.graph.node if node.op_type == "Quant"}

    def nodes(self, *kinds):
        return [node for node in self.graph.node if node.op_type in kinds]

    def quantized(self, name):
        """The integers of a quantized constant, its bits and its scale."""
        values, scale, _, bits = (self.constants[name] for name in self.quantizers[name].input)
        bits, scale = int(bits), float(scale)
        integers = np.clip(np.round(values / scale), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        return integers.astype(int), bits, scale


def frac(scale):
    """The binary point of a scale that is a power of two."""
    places = -log2(scale)
    assert places == int(places), f"{scale} is no power of two"
    return int(places)


def network(name, path, bits, input_frac):
    """A chain of MatMul, Add, Relu and Quant, all scales powers of two; its activations are rounded down."""
    reader, layers = Reader(path), []
    rectified = {node.output[0] for node in reader.nodes("Relu")}
    activations = [node for node in reader.nodes("Quant") if node.input[0] in rectified]
    for matmul, add in zip(reader.nodes("MatMul"), reader.nodes("Add"), strict=True):
        weights, weight_bits, weight_scale = reader.quantized(matmul.input[1])
        bias, bias_bits, bias_scale = reader.quantized(add.input[1])
        layers.append(Layer(weights, weight_bits, frac(weight_scale), bias, bias_bits, frac(bias_scale)))
    for layer, node in zip(layers, activations):
        layer.bits = int(reader.constants[node.input[3]])
        layer.frac = frac(float(reader.constants[node.input[1]]))
    return Problem(name, layers, bits, input_frac)


def layers_of(problem):
    """Each layer alone, behind the format that it has in the network."""
    bits, signed = problem.bits, problem.signed
    for index, layer in enumerate(problem.layers):
        rows, columns = layer.weights.shape
        name = f"{problem.name}.{index} {rows}x{columns}"
        yield Problem(name, [Layer(layer.weights, layer.weight_bits)], bits, signed=signed)
        bits, signed = layer.bits, False


def jet_hlf(bits):
    """Our jet tagger, with some events and the outputs that are stored beside it."""
    folder = REPOSITORY / "models/jet_hlf"
    problem = network(f"jet_hlf_q{bits}", folder / f"jet_hlf_q{bits}_qonnx.onnx", 8, 4)
    problem.events = np.round(np.load(folder / f"q{bits}_x.npy")[:EVENTS] * 16).astype(int)
    problem.stored = np.load(folder / f"q{bits}_y_int_floor.npy")[:EVENTS]
    return problem


def trained(zoo):
    """Networks, then layers and convolutions of networks."""
    yield jet_hlf(6)
    yield from layers_of(jet_hlf(6))
    if zoo and (zoo / JET_TAGGING).exists():
        tagger = network("qkeras_jet", zoo / JET_TAGGING, 8, 4)
        yield tagger
        yield from layers_of(tagger)
    if zoo and (zoo / INTRUSION).exists():
        reader = Reader(zoo / INTRUSION)
        for index, node in enumerate(reader.nodes("Gemm")[1:], 1):
            weights, bits, _ = reader.quantized(node.input[1])
            name = f"unsw_nb15.{index} {weights.shape[1]}x{weights.shape[0]}"
            yield Problem(name, [Layer(weights.T, bits)], 2, signed=False)
    if zoo and (zoo / DIGITS).exists():
        reader = Reader(zoo / DIGITS)
        for index, node in enumerate(reader.nodes("Conv")):
            # One position: what is under the window, times the kernel of each output channel.
            kernel = reader.constants[node.input[1]]
            kernel = kernel.reshape(len(kernel), -1).T
            weights = np.round(kernel / np.abs(kernel).max() * 31).astype(int)
            rows, columns = weights.shape
            problem = matrix_problem(f"mnist_conv.{index} {rows}x{columns}", weights)
            problem.signed = False
            yield problem
