"""da4ml and alkaid: a problem traced with their Python interfaces, solved, and written as Verilog.

Both are given every option that changes what they find within the depth, and the best is taken by
their own cost. Two adders in a row that alkaid fuses count as one sum of three.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"

import shutil
import time

import numpy as np

from design import Design, packed
from environment import HERE

ADDERS = {0, 1, 4, 11}
SUM_OF_MANY, NEGATE = 11, -2


def cpu(function):
    start = time.process_time()
    result = function()
    return result, time.process_time() - start


class Da4ml:
    """da4ml 0.6: two-operand adders."""

    name = "da4ml"
    variants = ("two",)

    def __init__(self):
        from da4ml.cmvm import solve
        from da4ml.codegen import RTLModel
        from da4ml.trace import FixedVariableArray, HWConfig, comb_trace
        from da4ml.trace.ops import quantize, relu
        from da4ml.trace.pipeline import to_pipeline

        self.array, self.trace, self.quantize, self.relu = FixedVariableArray, comb_trace, quantize, relu
        self.config, self.solve, self.model, self.pipeline = HWConfig(1, -1, -1), solve, RTLModel, to_pipeline

    def seconds(self, kernel, ranges, options):
        """CPU seconds of the solver alone, the shortest of as many runs as fit into half a second."""
        arguments = dict(qintervals=ranges, adder_size=1, carry_size=-1, **options)
        return shortest(lambda: self.solve(kernel.astype(np.float32), **arguments))

    def operands(self, op):
        return [i for i in (op.id0, op.id1) if i >= 0] if op.opcode != -1 else []

    def negations(self, logic):
        """Adders that only change a sign."""
        return sum(bool(negative) for negative, i in zip(logic.out_negs, logic.out_idxs) if i >= 0)

    def finished(self, logic, variant):
        """What is written for the variant."""
        return logic

    def cut(self, logic, stages):
        """How to cut into at most so many stages, and the bits of all registers."""
        for cutoff in range(1, 1000):
            pipe = self.pipeline(logic, cutoff, verbose=False)
            if len(pipe.solutions) <= stages:
                return {"latency_cutoff": cutoff}, pipe.reg_bits
        raise ValueError("the cut is not found")

    def write(self, logic, folder, cut):
        self.model(logic, "model", folder, flavor="verilog", **cut).write()


class Alkaid:
    """alkaid 0.8: two-operand adders, and on request sums of three fused from them."""

    name = "alkaid"
    variants = ("two", "three")

    def __init__(self):
        from alkaid.cmvm import cmvm_solve
        from alkaid.codegen import RTLModel
        from alkaid.trace import FVArray, HWConfig, to_pipeline, trace
        from alkaid.trace.ops import quantize, relu
        from alkaid.trace.passes import add_surrogate, dead_code_elimin, fuse_ternary_adders

        self.array, self.trace, self.quantize, self.relu = FVArray, trace, quantize, relu
        self.config, self.solve, self.model, self.pipeline = HWConfig(1, -1, -1), cmvm_solve, RTLModel, to_pipeline
        self.fused = lambda logic: add_surrogate(dead_code_elimin(fuse_ternary_adders(logic)))

    def seconds(self, kernel, ranges, options):
        return shortest(lambda: self.solve(kernel.astype(np.float32), qintervals=ranges, **options))

    def operands(self, op):
        return op.addr if op.opcode != -1 else []

    def negations(self, logic):
        negated = sum(bool(negative) for negative, i in zip(logic.out_negs, logic.out_idxs) if i >= 0)
        return negated + sum(op.opcode == NEGATE for op in logic.ops)

    def finished(self, logic, variant):
        return self.fused(logic) if variant == "three" else logic

    def cut(self, logic, stages):
        machine = self.pipeline(logic, n_stages=stages, verbose=False)
        return {"n_stages": stages}, sum(signal.width for signal in machine.signals.values() if signal.reg)

    def write(self, logic, folder, cut):
        self.model(logic, folder, prj_name="model", ternary_fuse=False, **cut).write()


def shortest(function):
    best, spent = None, 0.0
    while best is None or spent < 0.5:
        _, seconds = cpu(function)
        best, spent = min(best or seconds, seconds), spent + seconds
    return best


def traced(peer, problem, options):
    """The problem in the peer's own representation."""
    ones = np.ones(len(problem.layers[0].weights), int)
    signed = int(problem.signed)
    inputs = peer.array.from_kif(
        ones * signed,
        ones * (problem.bits - problem.frac - signed),
        ones * problem.frac,
        hwconf=peer.config,
        latency=0.0,
        solver_options=options,
    )
    x = inputs
    for layer in problem.layers:
        x = x @ (layer.weights * 2.0**-layer.weight_frac)
        if layer.bias is not None:
            x = x + layer.bias * 2.0**-layer.bias_frac
        if layer.bits is not None:
            x = peer.quantize(peer.relu(x), 0, layer.bits - layer.frac, layer.frac, "SAT", "TRN")
    return peer.trace(inputs, x)


def depth(peer, logic):
    """The longest chain of adders."""
    levels = []
    for op in logic.ops:
        before = max((levels[i] for i in peer.operands(op)), default=0)
        levels.append(before + (op.opcode in ADDERS))
    return max((levels[i] for i in logic.out_idxs if i >= 0), default=0)


def options(problem):
    """What is tried: every limit of the depth up to the budget, and both ways to choose a pair."""
    small = problem.layers[0].weights.size <= 1024 and not problem.is_network
    for method in ("wmc", "mc") if small else ("wmc",):
        for hard_dc in (-1, 0, 1, 2) if not problem.is_network else (0, 2):
            yield {"hard_dc": hard_dc, "method0": method}


def solved(peer, problem, variant, budget, cycles, folder):
    """The design that the peer makes of a problem.

    A matrix is combinational and stays within the budget of depth. A network is registered at
    inputs and outputs and in between, so that an event takes `cycles` clocks; what needs the
    fewest LUTs and registers by the peer's own figures is taken.
    """
    shutil.rmtree(folder, ignore_errors=True)
    found = []
    for chosen in options(problem):
        logic, seconds = cpu(lambda: traced(peer, problem, chosen))
        if budget is not None and depth(peer, logic) > budget:
            continue
        logic, cut, registers = peer.finished(logic, variant), {}, 0
        if cycles is not None:
            cut, registers = peer.cut(logic, cycles - 1)
        found.append((logic.cost + registers, len(found), registers, logic, chosen, cut, seconds))
    _, _, registers, logic, chosen, cut, seconds = min(found, key=lambda row: row[:2])
    if not problem.is_network:
        low, high = problem.range
        ranges = [(float(low), float(high), 1.0)] * len(problem.layers[0].weights)
        seconds = peer.seconds(problem.layers[0].weights, ranges, chosen)
    peer.write(logic, folder, cut)
    if variant == "three":
        # Yosys finds no adders of three; give the peer the cells that a vendor's tool would find.
        shutil.copy(HERE / "ternary_adder.v", folder / "src/static/ternary_adder.v")
    return Design(
        sources=sorted(str(p) for p in (folder / "src").rglob("*.v") if not p.name.endswith("_wrapper.v")),
        top="model",
        input_port="model_inp",
        output_port="model_out",
        inputs=packed((k + i + f, k, f) for k, i, f in np.array(logic.inp_kifs).T),
        outputs=packed((k + i + f, k, f) for k, i, f in np.array(logic.out_kifs).T),
        clock=None if cycles is None else "clk",
        adders=sum(op.opcode in ADDERS for op in logic.ops) + peer.negations(logic),
        three_operand=sum(op.opcode == SUM_OF_MANY for op in logic.ops),
        depth=depth(peer, logic),
        cost=float(logic.cost),
        registers=int(registers),
        seconds=seconds,
        options=" ".join(f"{key}={value}" for key, value in {**chosen, **cut}.items()),
    )
