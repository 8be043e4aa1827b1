"""What the make.py of every family shares: training, choosing, and measuring networks with trigforge.

`TRIGFORGE` in the environment names another binary than the one on the path.
"""

import csv
import json
import os
import subprocess

import numpy as np

TRIGFORGE = os.environ.get("TRIGFORGE", "trigforge")


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


def best(points, most=None):
    """The point of the highest validation metric, of at most so many look-up tables."""
    fitting = [point for point in points if most is None or point["lut"] <= most]
    return max(fitting, key=lambda point: point["metric"])


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


def verified(network, events):
    """Which engines computed the events, and in how many integers any of them differs."""
    engines = trigforge("verify", network, "--data", events)["verification"]["engines"]
    return {
        "engines": [engine["candidate"] for engine in engines],
        "mismatches": sum(engine["mismatches"] for engine in engines),
    }


def without_place(point):
    """A point without its file, which stands in the folder of a run."""
    return {key: value for key, value in point.items() if key != "file"}


def write(document, path="metrics.json"):
    """The figures, as the folder has them."""
    with open(path, "w") as file:
        json.dump(document, file, indent=1)
        file.write("\n")
