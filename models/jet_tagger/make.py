"""Trains the tagger and writes what is committed of it: jet_tagger_*.onnx and metrics.json.

Usage: make.py [TRIGFORGE]

Networks are chosen by the validation events alone: the best one, and the best ones of at most 10,000 and
6,000 look-up tables. Their accuracy on the 1,000 real jets, and the integers in which the engines that are
installed differ, are what `trigforge verify` prints. The reference is the same network with 16 bits
everywhere, trained on the same events.
"""

import csv
import json
import shutil
import subprocess
import sys

TRIGFORGE = sys.argv[1] if len(sys.argv) > 1 else "trigforge"
SIZES = {"best": None, "10k": 10_000, "6k": 6_000}


def trigforge(*words):
    """What a command prints, as JSON."""
    done = subprocess.run([TRIGFORGE, *words, "--format", "json"], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def accuracy(network):
    """The share of the real jets whose class a network finds."""
    trigforge("simulate", network, "--data", "test.npz", "-o", "run/scores.csv")
    with open("run/scores.csv") as file:
        rows = [row for row in csv.reader(file)]
    scores = [[float(score) for score in row] for row in rows[1:]]
    with open("test_labels.npy", "rb") as file:
        labels = file.read()[-len(scores) :]
    return sum(row.index(max(row)) == label for row, label in zip(scores, labels)) / len(scores)


def best(points, most=None):
    """The point of the highest validation accuracy, of at most so many look-up tables."""
    fitting = [point for point in points if most is None or point["lut"] <= most]
    return max(fitting, key=lambda point: point["metric"])


def verified(network):
    """What all engines make of the real jets."""
    report = trigforge("verify", network, "--data", "test.npz", "--labels", "test_labels.npy")
    engines = report["verification"]["engines"]
    return {
        "accuracy_real": report["verification"]["metrics"]["accuracy"]["fixed"],
        "engines": [engine["candidate"] for engine in engines],
        "mismatches": sum(engine["mismatches"] for engine in engines),
    }


def main():
    front = trigforge("train", "recipe.toml", "-o", "run", "--force")["points"]
    for point in front:
        point["accuracy_real"] = accuracy(f"run/{point['file']}")
    wide = best(trigforge("train", "recipe_wide.toml", "-o", "run_wide", "--force")["points"])
    wide["accuracy_real"] = accuracy(f"run_wide/{wide['file']}")
    networks = {}
    for name, most in SIZES.items():
        point = best(front, most)
        target = f"jet_tagger_{name}.onnx"
        shutil.copy(f"run/{point['file']}", target)
        networks[target] = point | verified(target)
    document = {"reference": wide, "networks": networks, "front": front}
    with open("metrics.json", "w") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
