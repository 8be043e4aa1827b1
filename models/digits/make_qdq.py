"""Trains `recipe_qdq.toml` and writes digits_qdq.onnx, a file of `QuantizeLinear`, with what onnxruntime computes of it.

Usage: make_qdq.py     (in this folder)
"""

import os
import shutil
import subprocess
import sys

import numpy as np

sys.path.append("..")
from family import EXPECTED, VERIFIED, best, train


def main():
    os.makedirs("run", exist_ok=True)
    np.savez("run/verify.npz", x=np.load("test.npz")["x"][:VERIFIED])
    shutil.copy(best(train("recipe_qdq.toml"), 5_000)["file"], "digits_qdq.onnx")
    subprocess.run(
        [sys.executable, EXPECTED, "digits_qdq.onnx", "digits_qdq_expected.npz", "run/verify.npz"], check=True
    )


if __name__ == "__main__":
    main()
