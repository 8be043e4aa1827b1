"""What the make.py of every family shares: training, choosing, and measuring networks with trigforge.

`TRIGFORGE` in the environment names another binary than the one on the path. Needs numpy, and what
`make_expected.py` needs.
"""

import argparse
import csv
import glob
import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

TRIGFORGE = os.environ.get("TRIGFORGE", "trigforge")
EXPECTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "make_expected.py")

# Test events that go through every engine.
VERIFIED = 200

# Yosys takes many minutes for networks of more look-up tables.
SYNTHESIZED = 2_500


def folders():
    """Where a make_data.py reads (`--data`) and writes (`--output`, which is made)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--output", default="run")
    options = parser.parse_args()
    os.makedirs(options.output, exist_ok=True)
    return options


def trigforge(*words):
    """What a command prints, as JSON."""
    done = subprocess.run([TRIGFORGE, *words, "--format", "json"], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def train(recipe, output="run"):
    """The front of a recipe, with its files as they can be opened from here; a run goes on where it stopped."""
    own = os.path.join(output, os.path.basename(recipe).removesuffix(".toml"))
    started = os.path.exists(os.path.join(own, "checkpoint.json"))
    points = trigforge("train", recipe, "-o", own, "--resume" if started else "--force")["points"]
    return [point | {"file": os.path.join(own, point["file"])} for point in points]


def smaller(points, most=None):
    """The points of at most so many look-up tables."""
    return [point for point in points if most is None or point["lut"] <= most]


def best(points, most=None):
    """The point of the highest validation metric, of at most so many look-up tables."""
    return max(smaller(points, most), key=lambda point: point["metric"])


def outputs(network, events, output="run"):
    """What a network computes of events in a file, as the circuit does, a row each."""
    target = os.path.join(output, "outputs.csv")
    trigforge("simulate", network, "--data", events, "-o", target)
    with open(target) as file:
        rows = list(csv.reader(file))[1:]
    return np.array(rows, dtype=np.float64)


def auc(scores, labels):
    """The probability that an event of label 1 has a higher score than one of label 0; ties count half."""
    values, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    signal = labels > 0.5
    n_signal, n_background = signal.sum(), (~signal).sum()
    total = ranks[places][signal].sum() - n_signal * (n_signal + 1) / 2
    return float(total / (n_signal * n_background))


def told_apart(scores, labels):
    """How well logits tell classes apart: the share of events that are right; of two classes the AUC, too."""
    if scores.shape[1] > 1:
        return {"test_accuracy": float(np.mean(scores.argmax(axis=1) == labels))}
    right = float(np.mean((scores[:, 0] > 0) == (labels > 0.5)))
    return {"test_accuracy": right, "test_auc": auc(scores[:, 0], labels)}


def verified(network, events):
    """Which engines computed the events, and in how many integers any of them differs."""
    engines = trigforge("verify", network, "--data", events)["verification"]["engines"]
    return {
        "engines": [engine["candidate"] for engine in engines],
        "mismatches": sum(engine["mismatches"] for engine in engines),
    }


def synthesized(network):
    """What Yosys counts where the compiler estimates."""
    counts = trigforge("estimate", network, "--synthesize")["resources"]["synthesis"]["usage"]
    return {"yosys_lut": counts["lut"], "yosys_ff": counts["ff"]}


def without_place(point):
    """A point without its file, which stands in the folder of a run."""
    return {key: value for key, value in point.items() if key != "file"}


def write(document, path="metrics.json"):
    """The figures, as the folder has them."""
    with open(path, "w") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


def make(name, sizes, x, measure, more=None, *, verified_events=VERIFIED, synthesized_lut=SYNTHESIZED):
    """Trains the recipes of this folder, and writes what is committed: NAME_*.onnx, the outputs that are expected
    of them, and metrics.json.

    `sizes` names the networks that are kept, with the look-up tables that they may take (one that nothing fits is left
    out); the validation events alone choose them. `x` are the test events, the first of which go through every engine,
    and `measure` makes figures of what a network computes of them; `more` is written with the figures.
    """
    os.makedirs("run", exist_ok=True)
    went_on = bool(glob.glob("run/*/checkpoint.json"))
    started = time.monotonic()
    np.savez("run/x.npz", x=x)
    np.savez("run/verify.npz", x=x[:verified_events])
    reference = best(train("recipe_wide.toml"))
    front = train("recipe.toml")
    trained = time.monotonic()
    for point in [reference, *front]:
        point |= measure(outputs(point["file"], "run/x.npz"))
    kept = {f"{name}_{label}.onnx": best(front, most) for label, most in sizes.items() if smaller(front, most)}

    def figures(target):
        """A kept network with what other tools make of it."""
        point = kept[target]
        shutil.copy(point["file"], target)
        expected = target.replace(".onnx", "_expected.npz")
        subprocess.run([sys.executable, EXPECTED, target, expected, "run/verify.npz"], check=True)
        counts = synthesized(target) if point["lut"] <= synthesized_lut else {}
        return without_place(point) | counts | verified(target, "run/verify.npz")

    with ThreadPoolExecutor() as pool:
        networks = dict(zip(kept, pool.map(figures, kept)))
    document = {
        "test_events": len(x),
        "verified_events": min(len(x), verified_events),
        "reference": without_place(reference),
        "networks": networks,
        "front": [without_place(point) for point in front],
    }
    if not went_on:
        spent = {"training": trained - started, "in_all": time.monotonic() - started}
        document["seconds"] = {name: round(own) for name, own in spent.items()} | {"cores": os.cpu_count()}
    write(document | (more or {}))
    for file in ["outputs.csv", "x.npz", "verify.npz"]:
        os.remove(os.path.join("run", file))
