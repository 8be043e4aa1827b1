"""Trains the classifier and writes what is committed of it: smart_pixels_*.onnx and metrics.json.

Usage: make.py --data FOLDER     (in this folder; FOLDER as make_data.py says)

Networks are chosen by the validation events alone: the best one, and the best ones of at most 3,000 and 2,000
look-up tables. Accuracy and AUC are those on the test events; 200 of them go through every engine.
"""

import os
import shutil
import subprocess
import sys

import numpy as np

sys.path.append("..")
from family import auc, best, outputs, train, verified, without_place, write

SIZES = {"best": None, "3k": 3_000, "2k": 2_000}
VERIFIED = 200


def measured(network):
    """Accuracy and AUC on the test events."""
    labels = np.load("run/test.npz")["y"]
    scores = outputs(network, "run/x.npy")[:, 0]
    return {"test_accuracy": float(np.mean((scores > 0) == (labels > 0.5))), "test_auc": auc(scores, labels)}


def main():
    subprocess.run([sys.executable, "make_data.py", *sys.argv[1:]], check=True)
    x = np.load("run/test.npz")["x"]
    np.save("run/x.npy", x)
    np.save("run/verify.npy", x[:VERIFIED])
    wide = best(train("recipe_wide.toml"))
    wide |= measured(wide["file"])
    front = train("recipe.toml")
    for point in front:
        point |= measured(point["file"])
    networks = {}
    for name, most in SIZES.items():
        point = best(front, most)
        target = f"smart_pixels_{name}.onnx"
        shutil.copy(point["file"], target)
        networks[target] = without_place(point) | verified(target, "run/verify.npy")
    document = {
        "test_events": len(x),
        "reference": without_place(wide),
        "networks": networks,
        "front": [without_place(point) for point in front],
    }
    write(document)
    for name in os.listdir("run"):
        if name.endswith((".csv", ".npy")):
            os.remove(os.path.join("run", name))


if __name__ == "__main__":
    main()
