#!/usr/bin/env python3
"""Times training of the quantized jet tagger beside HGQ2, and writes docs/benchmarks/training.md.

    cargo build --release --locked
    benches/peers/training.py [--trigforge FILE] [--rounds N]

The tagger 16-64-32-32-5 of `models/jet_tagger` learns a bit width for every weight and every activation on the same
45,000 jets in batches of 1,024; after each epoch both sides evaluate the same 5,000. HGQ2 runs on Keras with JAX, in a
virtual environment of its own. Sides alternate. Of trigforge the time of a longer run less that of a shorter one counts,
so that starting and compiling the network do not; of HGQ2, whose compilation of kernels takes longer than that, the time
between the ends of its epochs, the first ones left out. Medians over the rounds.
"""

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from environment import REPOSITORY, TARGET, enter  # noqa: E402

TABLE = REPOSITORY / "docs/benchmarks/training.md"
FOLDER = REPOSITORY / "models/jet_tagger"
BATCH = 1024
VALIDATION = 5_000
EPOCHS = (4, 44)
# Of HGQ2, in all and left out.
PEER_EPOCHS, FIRST_EPOCHS = 24, 4

HEAD = """# Training the quantized jet tagger

Written by `benches/peers/training.py`: 16-64-32-32-5 with learned widths for every weight and activation, batches of
{batch}, {events} training jets and an evaluation of {validation} after each epoch, on {machine}, {cores} cores. HGQ2 {hgq}
on Keras {keras} with JAX {jax}; medians of {rounds} rounds in which both sides alternate. Processor seconds are those of
all threads, which depend less on what else the machine does.

| | samples/s | samples per processor second |
|---|---:|---:|
"""


def peer():
    """Trains with HGQ2, and prints samples per second and per processor second."""
    os.environ["KERAS_BACKEND"] = "jax"
    import keras
    import numpy
    from hgq.config import LayerConfigScope, QuantizerConfigScope
    from hgq.layers import QDense

    file = numpy.load(FOLDER / "train.npz")
    x, y = file["x"].astype(numpy.float32), file["y"]
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    keras.utils.set_random_seed(1)
    with (
        QuantizerConfigScope(place="all", heterogeneous_axis=None, homogeneous_axis=()),
        QuantizerConfigScope(place="datalane", homogeneous_axis=(0,)),
        LayerConfigScope(enable_ebops=True, beta0=1e-6),
    ):
        widths = [(64, "relu"), (32, "relu"), (32, "relu"), (5, None)]
        model = keras.Sequential([keras.layers.Input((16,)), *(QDense(n, activation=f) for n, f in widths)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(5e-3), loss, metrics=["accuracy"])
    held = (x[:VALIDATION], y[:VALIDATION])
    ends = []
    at_end = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append((time.perf_counter(), time.process_time()))
    )
    model.fit(
        x[VALIDATION:],
        y[VALIDATION:],
        batch_size=BATCH,
        epochs=PEER_EPOCHS,
        validation_data=held,
        callbacks=[at_end],
        verbose=0,
    )
    first, last = ends[FIRST_EPOCHS - 1], ends[-1]
    samples = (len(y) - VALIDATION) * (PEER_EPOCHS - FIRST_EPOCHS)
    print(json.dumps([samples / (b - a) for a, b in zip(first, last)]))


def recipe(folder, epochs):
    """The committed recipe for so many epochs, with the price and the events of the other side and one network at the end,
    which is not peeled."""
    text = (FOLDER / "recipe.toml").read_text()
    for name in ("train.npz:x", "train.npz:y"):
        text = text.replace(f'"{name}"', f'"{FOLDER / name}"')
    settings = {"epochs": epochs, "batch_size": BATCH, "validation": 0.1, "points": 1, "surrogate": '"ebops"'}
    for key, value in settings.items():
        text, found = re.subn(rf"(?m)^{key} = [^#\n]*", f"{key} = {value} ", text)
        assert found == 1, key
    text = re.sub(r"(?m)^(\[peel\]|loss = 0|refit = ).*\n", "", text)
    path = folder / f"recipe_{epochs}.toml"
    path.write_text(text)
    return path


def seconds(*command):
    """The wall and processor seconds of a command."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime


def machine():
    """The name of the processor."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "a machine without a name"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trigforge", type=Path, default=TARGET / "release/trigforge")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        return peer()
    import numpy

    events = len(numpy.load(FOLDER / "train.npz")["y"]) - VALIDATION
    samples = events * (EPOCHS[1] - EPOCHS[0])
    rates = {"trigforge": [], "HGQ2": []}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        trigforge = options.trigforge.resolve()
        ours = lambda n: (trigforge, "train", recipe(folder, n), "-o", folder / f"run_{n}", "--force", "--quiet")
        for _ in range(options.rounds):
            short, long = (seconds(*ours(n)) for n in EPOCHS)
            rates["trigforge"].append([samples / (b - a) for a, b in zip(short, long)])
            output = subprocess.run([sys.executable, __file__, "--peer"], check=True, stdout=subprocess.PIPE).stdout
            rates["HGQ2"].append(json.loads(output.splitlines()[-1]))
            print({name: [f"{rate:,.0f}" for rate in rows[-1]] for name, rows in rates.items()}, flush=True)
    text = HEAD.format(
        batch=BATCH, events=f"{events:,}", validation=f"{VALIDATION:,}", machine=machine(), cores=os.cpu_count(),
        hgq=version("HGQ2"), keras=version("keras"), jax=version("jax"), rounds=options.rounds,
    )
    for name, rows in rates.items():
        wall, processor = (statistics.median(column) for column in zip(*rows))
        text += f"| {name} | {wall:,.0f} | {processor:,.0f} |\n"
    TABLE.write_text(text)


if __name__ == "__main__":
    enter("training", "training_requirements.txt")
    main()
