"""Trains the autoencoder and writes what is committed of it: pixel_compression_*.onnx, which are encoders, what is
expected of them, and metrics.json.

Usage: make.py --data FOLDER     (in this folder; FOLDER as make_data.py says)

Networks are chosen by the validation events alone: the best one, and the best ones of at most 3,000 and 2,000 look-up
tables. The error is the mean square on the test events of the run, in units of the power of two nearest to each
pixel's spread, with the decoder that was trained; `error_of_mean` is what giving back the mean cluster would have.
200 clusters go through every engine.
"""

import subprocess
import sys

import numpy as np

sys.path.append("..")
from family import make

SIZES = {"best": None, "3k": 3_000, "2k": 2_000}


def main():
    subprocess.run([sys.executable, "make_data.py", *sys.argv[1:]], check=True)
    x = np.load("run/train.npz")["x"]
    spread = x.std(axis=0, dtype=np.float64)
    of_mean = float(np.mean((spread / 2 ** np.round(np.log2(spread))) ** 2))
    make("pixel_compression", SIZES, x[:200], lambda codes: {}, {"error_of_mean": of_mean})


if __name__ == "__main__":
    main()
