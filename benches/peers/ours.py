"""trigforge: a problem as a QONNX file, compiled by the user's binary."""

import json
import os
import re
import resource
import shutil
import subprocess
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from design import Design
from environment import REPOSITORY, cache_directory

# A device without sums of three operands, and one with them; other variants are devices.
PARTS = {"two": "agf014", "three": "xcvu9p"}


def write_onnx(problem, path):
    """Input, weights, biases and activations with the quantizers that say their formats."""
    constants, nodes, made = [], [], {}

    def constant(value):
        key = np.asarray(value, np.float32)
        name = made.setdefault((key.shape, key.tobytes()), f"c{len(made)}")
        if len(made) > len(constants):
            constants.append(numpy_helper.from_array(key, name))
        return name

    def quantize(x, y, bits, frac, signed, rounding="ROUND"):
        inputs = [x, constant(2.0**-frac), constant(0), constant(bits)]
        options = dict(domain="qonnx.custom_op.general", signed=int(signed), narrow=0, rounding_mode=rounding)
        nodes.append(helper.make_node("Quant", inputs, [y], name=y, **options))

    quantize("x", "input", problem.bits, problem.frac, problem.signed)
    value = "input"
    for index, layer in enumerate(problem.layers):
        weights = constant(layer.weights * 2.0**-layer.weight_frac)
        quantize(weights, f"w{index}", layer.weight_bits, layer.weight_frac, True)
        name = f"l{index}"
        nodes.append(helper.make_node("MatMul", [value, f"w{index}"], [name], name=name))
        value = name
        if layer.bias is not None:
            bias = constant(layer.bias * 2.0**-layer.bias_frac)
            quantize(bias, f"b{index}", layer.bias_bits, layer.bias_frac, True)
            nodes.append(helper.make_node("Add", [value, f"b{index}"], [name + "b"], name=name + "b"))
            value = name + "b"
        if layer.bits is not None:
            nodes.append(helper.make_node("Relu", [value], [name + "r"], name=name + "r"))
            quantize(name + "r", name + "q", layer.bits, layer.frac, False, "FLOOR")
            value = name + "q"
    n_inputs, n_outputs = len(problem.layers[0].weights), problem.layers[-1].weights.shape[1]
    tensor = lambda name, n: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["events", n])
    graph = helper.make_graph(nodes, "problem", [tensor("x", n_inputs)], [tensor(value, n_outputs)], constants)
    domains = [helper.make_opsetid("", 17), helper.make_opsetid("qonnx.custom_op.general", 1)]
    onnx.save(helper.make_model(graph, opset_imports=domains, ir_version=9), path)


def configuration(problem, variant, clock_ns, effort, cycles):
    """The configuration of the compiler: a matrix has no registers, or those that a clock needs between its ports; a network
    has them at its ports, too, and as many cycles as it needs or is given."""
    lines = ["[solver]", f"effort = {effort}"] if effort else []
    lines += ["[device]", f'part = "{PARTS.get(variant, variant)}"', f"clock_ns = {clock_ns or 5.0}", "[pipeline]"]
    if not problem.is_network:
        lines += ['mode = "combinational"'] * (clock_ns is None)
        lines += ["register_inputs = false", "register_outputs = false"]
    # The registers of the inputs and of the outputs, and those between the stages.
    lines += [f"stages = {cycles - 1}"] if cycles else []
    return "\n".join(lines) + "\n"


# `wire NAME = EXPRESSION;`, `assign NAME = EXPRESSION;` and instances of sums of three.
ASSIGNMENT = re.compile(r"^\s*(?:wire\b[^=;]*?|assign )\s*(\w+) = ([^;]*);", re.M)
NEGATION = re.compile(r"\d+'s?d0 - \S+")
INSTANCE = re.compile(r"^\s*\w*sum_of_three\w* #\((?:[^;]*?)\) \w+ \(([^;]*)\);", re.M)
PORT = re.compile(r"\.(\w+)\(([^()]*)\)")


def chains(sources):
    """The longest chain of adders in the Verilog of a matrix, changes of signs left out, and how many add three."""
    drivers, levels, three = {}, {}, 0
    for text in (path.read_text() for path in sources if "sum_of_three" not in path.name):
        for name, value in ASSIGNMENT.findall(text):
            drivers[name] = (value, bool(re.search(r"\w.* [+-] ", value)) and not NEGATION.fullmatch(value))
        for connections in INSTANCE.findall(text):
            ports = dict(PORT.findall(connections))
            drivers[ports.pop("y").split("[")[0]] = (" ".join(ports.values()), True)
            three += 1

    def level(name):
        if name not in levels:
            levels[name] = 0
            value, adds = drivers.get(name, ("", False))
            levels[name] = adds + max(map(level, re.findall(r"\b[a-z]\w*", value)), default=0)
        return levels[name]

    return max(map(level, drivers), default=0), three


def cpu_seconds(binary, folder):
    """CPU seconds of the whole command, on one thread."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [binary, "compile", "problem.onnx", "-c", "trigforge.toml", "-o", "build", "--force", "--quiet"]
    subprocess.run(command, cwd=folder, check=True, env={**os.environ, "RAYON_NUM_THREADS": "1"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def solver_alone(problems, extra_depth, effort):
    """CPU seconds of the solver alone on one thread, and the bits of its adders, by the name of the problem."""
    lines = []
    for index, problem in enumerate(problems):
        weights = problem.layers[0].weights
        lines.append(f"matrix {index} {weights.shape[0]} {weights.shape[1]} {problem.range[0]} {problem.range[1]}")
        lines += [" ".join(map(str, row)) for row in weights.tolist()]
        # What the bench compares with is of no use here.
        lines.append(f"result {extra_depth} 1 1 1 1 0 0")
    path = cache_directory() / "work/solver.txt"
    path.write_text("\n".join(lines) + "\n")
    command = ["cargo", "bench", "--quiet", "--locked", "--no-default-features", "--bench", "cmvm"]
    output = subprocess.run(
        [*command, "--", path, "--effort", effort], cwd=REPOSITORY, check=True, capture_output=True, text=True
    ).stdout
    found = re.findall(r"^(\d+)@\d+ .* (\d+) d\d+ +([\d.]+) s +[\d.]+(?: worse)?$", output, re.M)
    return {problems[int(index)].name: (float(seconds), int(bits)) for index, bits, seconds in found}


def solved(binary, problem, variant, folder, clock_ns=None, effort=None, cycles=None):
    """The design that the compiler makes of a problem, a matrix for a clock or without one, a network in so many cycles; its
    seconds are those of the whole command, the shortest of three, or the only ones where an effort is given."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_onnx(problem, folder / "problem.onnx")
    (folder / "trigforge.toml").write_text(configuration(problem, variant, clock_ns, effort, cycles))
    times = [cpu_seconds(binary, folder) for _ in range(1 if effort else 3)]
    # A build for debugging says nothing about speed.
    seconds = None if "debug" in Path(binary).parts else min(times)
    interface = json.loads((folder / "build/interface.json").read_text())
    report = json.loads((folder / "build/report.json").read_text())
    sources = sorted((folder / "build/rtl").glob("*.v"))
    depth, three = (None, 0) if problem.is_network else chains(sources)
    elements = lambda port: [[e["low"], e["width"], e["signed"], e["frac"]] for e in port["elements"]]
    (given,), (made,) = interface["inputs"], interface["outputs"]
    layers = report["resources"]["layers"]
    return Design(
        sources=[str(path) for path in sources],
        top=interface["top"],
        input_port=given["port"],
        output_port=made["port"],
        inputs=elements(given),
        outputs=elements(made),
        clock=interface["clock"] if problem.is_network or clock_ns else None,
        adders=sum(layer["adders"] for layer in layers),
        three_operand=three,
        depth=depth,
        cost=sum(layer["estimate"]["lut"] for layer in layers),
        planned_ns=max(stage["delay_ns"] for stage in report["timing"]["stages"]),
        registers=sum(layer["estimate"]["ff"] for layer in layers),
        seconds=seconds,
    ), interface["latency"]
