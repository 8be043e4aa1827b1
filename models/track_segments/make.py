"""Trains the classifier and writes what is committed of it: track_segments_*.onnx, what is expected of them, and
metrics.json.

Usage: make.py --data FOLDER     (in this folder; FOLDER as make_data.py says)

Networks are chosen by the validation events alone: the best one, and the best ones of at most 500 and 250
look-up tables. Accuracy and AUC are those on the test events; 200 segments of them go through every engine.
"""

import subprocess
import sys

import numpy as np

sys.path.append("..")
from family import make, told_apart

SIZES = {"best": None, "500": 500, "250": 250}


def main():
    subprocess.run([sys.executable, "make_data.py", *sys.argv[1:]], check=True)
    file = np.load("run/test.npz")
    make("track_segments", SIZES, file["x"], lambda scores: told_apart(scores, file["y"]))


if __name__ == "__main__":
    main()
