"""Trains the tagger and writes what is committed of it: jet_constituents_*.onnx, what is expected of them, and
metrics.json.

Usage: make.py     (in this folder)

Networks are chosen by the validation events alone: the best one, and the best ones of at most 5,000 and 3,000
look-up tables. Accuracy is that on the 3,000 public jets; 200 of them go through every engine.
"""

import sys

import numpy as np

sys.path.append("..")
from family import make, told_apart

SIZES = {"best": None, "5k": 5_000, "3k": 3_000}


def main():
    file = np.load("test.npz")
    make("jet_constituents", SIZES, file["x"], lambda scores: told_apart(scores, file["y"]))


if __name__ == "__main__":
    main()
