"""Makes the events of this folder: train.npz and test.npz.

Usage: make_data.py DIGITS.csv.gz

DIGITS.csv.gz is a file of scikit-learn (`sklearn/datasets/data/digits.csv.gz`): 1,797 digits written by hand,
8 x 8 pixels from 0 to 16, and the digit. Every fifth row becomes test.npz; the rest trains and validates.
"""

import gzip
import sys

import numpy as np

EVERY = 5


def main(path):
    with gzip.open(path, "rt") as file:
        rows = np.loadtxt(file, delimiter=",")
    x, y = rows[:, :-1].astype(np.float32), rows[:, -1].astype(np.uint8)
    is_test = np.arange(len(rows)) % EVERY == 0
    np.savez_compressed("train.npz", x=x[~is_test], y=y[~is_test])
    np.savez_compressed("test.npz", x=x[is_test], y=y[is_test])


if __name__ == "__main__":
    main(*sys.argv[1:])
