"""Makes the events of the autoencoder: train.npz in a folder of its own.

Usage: make_data.py --data FOLDER [--output run]

FOLDER holds train.npz and validation.npz: clusters of 13 x 21 pixels (`charge`, electrons; rows are y). The 9 x 7 pixels
where nearly all charge is are kept, rows 2 to 10 and columns 7 to 13, counted from 0. A pixel becomes
log2(1 + charge / 256), and 0 below 256 electrons. Both files together train, validate and test, by a hash of the cluster.
"""

import os
import sys

import numpy as np

sys.path.append("..")
from family import folders

UNIT = 256.0
ROWS, COLUMNS = slice(2, 11), slice(7, 14)


def main():
    options = folders()
    charge = [np.load(os.path.join(options.data, f"{part}.npz"))["charge"] for part in ["train", "validation"]]
    charge = np.concatenate(charge).astype(np.float64)
    kept = charge[:, ROWS, COLUMNS]
    print(f"{kept.sum() / charge.sum():.4f} of the charge is kept")
    charge = np.where(kept < UNIT, 0, kept)
    pixels = np.log2(1.0 + charge / UNIT).reshape(len(charge), -1)
    np.savez_compressed(os.path.join(options.output, "train.npz"), x=pixels.astype(np.float32))


if __name__ == "__main__":
    main()
