"""Makes the events of the classifier: train.npz and test.npz in a folder of their own.

Usage: make_data.py --data FOLDER [--output run]

FOLDER holds train.npz and validation.npz: clusters of 13 x 21 pixels (`charge`, electrons; rows are y),
`label_signal` (1 for a particle of the collision, 0 for background of the beam), `y_local` and `z_global`.
An event becomes 15 numbers: for each row of pixels the sum of log2(1 + charge) / 16, then `y_local` and
`z_global`. Of train.npz come the events to train and to validate on, of validation.npz those to test on.
"""

import os
import sys

import numpy as np

sys.path.append("..")
from family import folders


def events(path):
    """Inputs and labels."""
    file = np.load(path)
    profile = (np.log2(1.0 + file["charge"]) / 16).sum(axis=2)
    place = np.stack([file["y_local"], file["z_global"]], axis=1)
    return np.concatenate([profile, place], axis=1).astype(np.float32), file["label_signal"]


def main():
    options = folders()
    for source, target in [("train", "train"), ("validation", "test")]:
        x, y = events(os.path.join(options.data, f"{source}.npz"))
        np.savez_compressed(os.path.join(options.output, f"{target}.npz"), x=x, y=y)


if __name__ == "__main__":
    main()
