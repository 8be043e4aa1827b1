"""Matrices, and what da4ml makes of them, for `cargo bench --bench cmvm`.

    python3 -m venv V && V/bin/pip install da4ml==0.6.0
    V/bin/python benches/peers/cmvm.py reference.txt [NAME ...]

Inputs are 8-bit signed integers, costs da4ml's own estimate (one look-up table a
bit), times CPU seconds of one thread. Negations are outputs that da4ml leaves
negated, with their widths: they cost adders too, which its estimate leaves out.
"""

import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from da4ml.cmvm import solve

from problems import matrices


def fastest(kernel, depth, runs):
    best = None
    for _ in range(runs):
        start = time.process_time()
        found = solve(
            kernel.astype(np.float32),
            hard_dc=depth,
            qintervals=[(-128.0, 127.0, 1.0)] * len(kernel),
            adder_size=1,
            carry_size=-1,
        )
        seconds = time.process_time() - start
        best = min(best, seconds) if best else seconds
    assert (found.kernel == kernel).all()
    return found, best


def negations(found):
    """Widths of the outputs left negated by the last stage that adds anything."""
    adding = [stage for stage in found.solutions if any(op.opcode in (0, 1) for op in stage.ops)]
    stage = adding[-1] if adding else found.solutions[-1]
    kifs = np.array(stage.out_kifs)
    widths = kifs.sum(axis=0 if len(kifs) == 3 else 1)
    return [int(w) for w, n, i in zip(widths, stage.out_negs, stage.out_idxs) if n and i >= 0]


def main(path, only):
    with open(path, "w") as out:
        for name, kernel in matrices():
            if only and name not in only:
                continue
            print("matrix", name, *kernel.shape, file=out)
            for row in kernel:
                print(*row, file=out)
            for depth in (-1, 0, 2) if kernel.size < 3000 else (-1,):
                found, seconds = fastest(kernel, depth, 3 if kernel.size <= 300 else 1)
                adders = sum(op.opcode in (0, 1) for stage in found.solutions for op in stage.ops)
                negated = negations(found)
                row = (adders, int(found.cost), int(max(found.latency)), f"{seconds:.4f}")
                print("result", depth, *row, len(negated), sum(negated), file=out, flush=True)


main(sys.argv[1], sys.argv[2:])
