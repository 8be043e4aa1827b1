"""Trains the classifier and writes what is committed of it: digits_*.onnx, what is expected of them, and metrics.json.

Usage: make.py     (in this folder)

Networks are chosen by the validation events alone: the best one, and the best ones of at most 4,000 and 2,500
look-up tables. Accuracy is that on the 360 test events; 200 of them go through every engine.
"""

import sys

import numpy as np

sys.path.append("..")
from family import make, told_apart

SIZES = {"best": None, "4k": 4_000, "2500": 2_500}


def main():
    file = np.load("test.npz")
    make("digits", SIZES, file["x"], lambda scores: told_apart(scores, file["y"]))


if __name__ == "__main__":
    main()
