"""Trains the classifier and writes what is committed of it: digits_*.onnx, what is expected of them, and metrics.json.

Usage: make.py     (in this folder)

Networks are chosen by the validation events alone: the best one, and the best ones of at most 1,500 and 1,000
look-up tables. Accuracy is that on the 360 test events; 200 of them go through every engine.
"""

import sys

import numpy as np

sys.path.append("..")
from family import make, told_apart

SIZES = {"best": None, "1500": 1_500, "1k": 1_000}


def main():
    file = np.load("test.npz")
    make("digits", SIZES, file["x"], lambda scores: told_apart(scores, file["y"]))


if __name__ == "__main__":
    main()
