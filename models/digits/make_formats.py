"""Trains the recipes of unusual formats, and writes their networks with what other engines compute of them:
digits_qdq.onnx, a file of `QuantizeLinear`, and digits_wrap.onnx, whose formats do not saturate.

Usage: make_formats.py     (in this folder)
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
    for name, most in {"qdq": 5_000, "wrap": None}.items():
        network = f"digits_{name}.onnx"
        shutil.copy(best(train(f"recipe_{name}.toml"), most)["file"], network)
        expected = [sys.executable, EXPECTED, network, f"digits_{name}_expected.npz", "run/verify.npz"]
        subprocess.run(expected, check=True)


if __name__ == "__main__":
    main()
