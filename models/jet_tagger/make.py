"""Trains the tagger and writes what is committed of it: jet_tagger_*.onnx, what is expected of them, and metrics.json.

Usage: make.py     (in this folder)

Networks are chosen by the validation events alone: the best one, and the best ones of at most 3,000, 2,000 and 1,000
look-up tables. Accuracy is that on the 1,000 real jets, which all engines compute, and on 30,000 simulated ones that
neither train nor choose.
"""

import sys

import numpy as np

sys.path.append("..")
from family import make, told_apart

SIZES = {"best": None, "3k": 3_000, "2k": 2_000, "1k": 1_000}


def main():
    real, real_labels = np.load("test.npz")["x"], np.load("test_labels.npy")
    simulated = np.load("test_simulated.npz")
    parts = {"real": (slice(None, len(real)), real_labels), "simulated": (slice(len(real), None), simulated["y"])}

    def measure(scores):
        """The accuracy on both kinds of jets."""
        accuracies = {name: told_apart(scores[rows], labels) for name, (rows, labels) in parts.items()}
        return {f"accuracy_{name}": own["test_accuracy"] for name, own in accuracies.items()}

    x = np.concatenate([real, simulated["x"]])
    make("jet_tagger", SIZES, x, measure, verified_events=len(real), synthesized_lut=10_000)


if __name__ == "__main__":
    main()
