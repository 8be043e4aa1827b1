"""Trains the autoencoder and writes what is committed of it: calo_anomaly_*.onnx, what is expected of them, and
metrics.json.

Usage: make.py --data FOLDER     (in this folder; FOLDER as make_data.py says)

Networks are chosen by how well they give validation events of zero bias back, and by nothing about signals: the best
one, and the best ones of at most 8,000 and 6,000 look-up tables. AUC is that of the score, each signal against the
8,000 zero-bias events of the test; 200 of them go through every engine.
"""

import subprocess
import sys

import numpy as np

sys.path.append("..")
from family import auc, make

SIZES = {"best": None, "8k": 8_000, "6k": 6_000}


def figures(scores, kinds):
    """The AUC of each signal against zero bias."""
    against = lambda kind: auc(scores[(kinds == 0) | (kinds == kind)], kinds[(kinds == 0) | (kinds == kind)])
    return {f"auc_{name}": against(kind) for kind, name in enumerate(["ttbar", "vbf_hbb", "dijet100"], 1)}


def main():
    subprocess.run([sys.executable, "make_data.py", *sys.argv[1:]], check=True)
    file = np.load("run/test.npz")
    parts = [file[name] for name in ["zerobias", "ttbar", "vbf_hbb", "dijet100"]]
    x = np.concatenate(parts)
    kinds = np.repeat(np.arange(4), [len(part) for part in parts])
    simple = {"sum": x.sum(axis=1), "sum_of_squares": (x.astype(np.float64) ** 2).sum(axis=1)}
    simple = {name: figures(scores, kinds) for name, scores in simple.items()}
    make("calo_anomaly", SIZES, x, lambda scores: figures(scores[:, 0], kinds), {"simple_scores": simple})


if __name__ == "__main__":
    main()
