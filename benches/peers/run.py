#!/usr/bin/env python3
"""trigforge beside da4ml and alkaid: the same matrices and networks, in one run.

    cargo build --release --locked --no-default-features
    benches/peers/run.py [--zoo FOLDER] [--large] [--only NAMES] [--output docs/benchmarks/cmvm.md]

Installs the peers from PyPI into a virtual environment under the user's cache on the first run,
needs Yosys and Icarus Verilog. What each binary and the peers return and what Yosys counts for a text is kept in
the cache (`$TRIGFORGE_PEERS_CACHE`), so a second run only does what is new, and a run that was
stopped goes on where it was. The solver alone is timed by `cargo bench --bench cmvm`.

--zoo FOLDER   further trained networks; those that are not there are left out
--large        matrices of more than 1,024 entries from the generated set, too, and larger ones that are only timed
--only NAMES   problems of these names, separated by commas; `*` stands for anything
--trigforge P  the compiler; target/release/trigforge when left out
--networks     synthesize whole networks, too: minutes for each side; else only their estimates are compared
--two-operand  only two-operand adders
--search N     circuits after N seconds of search, too, of matrices of up to 256 entries, and networks at `best`
--lattice      place and route the smallest matrices on an ECP5, too
--output FILE  where the tables go; nowhere when left out
"""

import argparse
import sys
from fnmatch import fnmatch
from pathlib import Path

import environment

environment.enter()

import numpy as np

import models
import ours
import peers
import placement
import problems
import simulate
import synthesis
import table
from design import Design
from environment import TARGET, cache_directory, digest, remembered

# Extra levels of adders beyond the least possible, as the compiler's own default.
EXTRA_DEPTH = 2
# Matrices that are placed and routed.
LATTICE = ("8x8-4b", "8x8-6b", "16x16-2b")
# The most entries of matrices that are searched longer.
SEARCHED = 256
# Cycles of networks beyond those that they need.
SPARE = (0, 1)
# Square matrices on which the solver is only timed, and the bits of their entries.
HUGE = ((64, 8), (128, 6), (256, 6))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zoo", type=Path)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--only", default="*")
    parser.add_argument("--trigforge", type=Path, default=TARGET / "release/trigforge")
    parser.add_argument("--two-operand", action="store_true")
    parser.add_argument("--networks", action="store_true")
    parser.add_argument("--search", type=int)
    parser.add_argument("--lattice", action="store_true")
    parser.add_argument("--output", type=Path)
    return parser.parse_args()


def chosen(options):
    """The problems of this run, small ones first."""
    everything = [*problems.generated(), *models.trained(options.zoo)]
    words = options.only.split(",")
    return [
        problem
        for problem in everything
        if (options.large or not problem.large) and any(fnmatch(problem.name, word) for word in words)
    ]


def measured(problem, design, latency, name, synthesize):
    """What Yosys counts, where it is wanted; a design that differs from the definition ends the run."""
    key = digest(problem.identity(), problem.vectors().tolist(), latency, *design.texts(), simulate.BENCH)
    folder = cache_directory() / "work" / name / "simulation"
    wrong = remembered("simulation", key, lambda: simulate.mismatches(problem, design, latency, folder))
    if wrong:
        sys.exit(f"{name}: {wrong} events differ from the definition")
    counts = synthesis.on_amd(design, name) if synthesize else {}
    print(f"  {name}: {design.adders} adders, estimate {design.cost:.0f}, {counts}", flush=True)
    return {**design.save(), **counts, "latency": latency}


def compare(problem, options, spare=0):
    """One row for each side and variant; networks in so many cycles more than they need."""
    print(problem.name, flush=True)
    rows, work = {}, cache_directory() / "work"
    budget = None
    synthesize = options.networks or not problem.is_network
    variants = ("two",) if options.two_operand else ("two", "three")
    own = environment.content(options.trigforge)

    def solved(name, variant, **settings):
        """What this binary makes, now or in an earlier run."""

        def make():
            design, latency = ours.solved(options.trigforge, problem, variant, work / name, **settings)
            return design.save(), latency

        design, latency = remembered("own", name, make)
        return Design(**design), latency

    for variant in variants:
        name = f"{digest(problem.identity(), own)}-trigforge-{variant}"
        design, latency = solved(name, variant)
        cycles = latency + spare if problem.is_network else None
        settings = {"cycles": cycles} if spare else {}
        if spare:
            name = f"{name}-{cycles}"
            design, latency = solved(name, variant, **settings)
        rows["trigforge", variant] = measured(problem, design, latency, name, synthesize)
        if options.lattice and problem.name in LATTICE and variant == "two":
            planned, _ = solved(f"{name}-ecp5", "ecp5-85f")
            rows["trigforge", variant]["lattice"] = placement.placed(planned, f"{name}-ecp5", placement.ECP5)
            rows["trigforge", variant]["planned_ns"] = planned.planned_ns
        if options.search and is_searched(problem, variant):
            effort = '"best"' if problem.is_network else options.search
            name = f"{name}-best" if problem.is_network else f"{name}-{effort}"
            searched, latency = solved(name, variant, effort=effort, **settings)
            rows["trigforge", variant]["searched"] = measured(problem, searched, latency, name, synthesize)
    if not problem.is_network:
        budget = problems.least_depth(problem.layers[0].weights) + EXTRA_DEPTH
    texts = [(environment.HERE / name).read_text() for name in ("requirements.txt", "peers.py", "ternary_adder.v")]
    for kind in (peers.Da4ml, peers.Alkaid):
        for variant in (v for v in kind.variants if v in variants):
            key = digest(problem.identity(), kind.name, variant, budget, cycles, *texts)
            name = f"{key}-{kind.name}-{variant}"
            make = lambda: peers.solved(kind(), problem, variant, budget, cycles, work / name).save()
            design = Design(**remembered("design", name, make))
            rows[kind.name, variant] = measured(problem, design, cycles, name, synthesize)
            if options.lattice and problem.name in LATTICE and variant == "two":
                rows[kind.name, variant]["lattice"] = placement.placed(design, name, placement.ECP5)
    return rows


def is_searched(problem, variant):
    """Small matrices, and networks with sums of three."""
    return variant == "three" if problem.is_network else problem.layers[0].weights.size <= SEARCHED


def command(options):
    """What to type for the same tables."""
    words = ["benches/peers/run.py"]
    words += ["--zoo FOLDER"] * bool(options.zoo)
    words += [f"--{flag.replace('_', '-')}" for flag in ("large", "two_operand", "networks", "lattice") if getattr(options, flag)]
    words += [f"--search {options.search}"] * bool(options.search)
    words += [f"--only '{options.only}'"] * (options.only != "*") + [f"--output {options.output}"]
    return " ".join(words)


def main():
    options = arguments()
    results = []
    single = problems.matrix_problem("1x1", np.ones((1, 1), int))
    trigforge = environment.version(options.trigforge, "--version")
    overhead = ours.solved(options.trigforge, single, "two", cache_directory() / "work/single")[0].seconds
    for problem in chosen(options):
        for spare in SPARE if problem.is_network else (0,):
            results.append((problem, compare(problem, options, spare)))
    if options.output:
        matrices = [p for p, _ in results if not p.is_network]
        for effort in ("fast", "default"):
            alone = ours.solver_alone(matrices, EXTRA_DEPTH, effort)
            for problem, rows in results:
                seconds, bits = alone.get(problem.name, (None, None))
                rows["trigforge", "two"] |= {f"{effort}_seconds": seconds, f"{effort}_bits": bits}
        huge = [problems.matrix_problem(f"{n}x{n}-{bits}b", problems.dense(n, n, bits)) for n, bits in HUGE]
        huge = ours.solver_alone(huge, EXTRA_DEPTH, "fast") if options.large else {}
        options.output.parent.mkdir(parents=True, exist_ok=True)
        text = table.document(results, command(options), synthesis.AMD, overhead, trigforge, options.search, huge)
        options.output.write_text(text)


if __name__ == "__main__":
    main()
