"""Makes the events of this folder: train.npz, test_simulated.npz and test.npz.

Usage: make_data.py PYTHIA_FOLDER REAL.csv

PYTHIA_FOLDER holds 80,000 jets that were simulated for this project (Pythia 8, LO gg, qq, WW, ZZ and
tt at 13 TeV near 1 TeV of transverse momentum, anti-kT R=0.4): `hlf.npy` of 16 features, `label.npy`.
The first 50,000 become train.npz, which trains and validates, the other 30,000 test_simulated.npz: `d2_b2`
clipped at 10, and 10 significant bits kept of every number, which compress well and change nothing that a
trigger sees. REAL.csv holds 1,000 rows of the public set `hls4ml_lhc_jets_hlf` in physical units; they become
test.npz, and no number of theirs is trained on.
"""

import csv
import sys

import numpy as np

EVENTS = 50_000
CLASSES = ["g", "q", "w", "z", "t"]


def shortened(x):
    """Numbers of 10 significant bits, rounded to nearest."""
    mantissa, exponent = np.frexp(x.astype(np.float64))
    return np.ldexp(np.round(mantissa * 2**10) / 2**10, exponent).astype(np.float32)


def main(folder, real):
    names = open(f"{folder}/features.txt").read().split()
    x = np.load(f"{folder}/hlf.npy")
    labels = np.load(f"{folder}/label.npy").astype(np.uint8)
    d2_b2 = next(index for index, name in enumerate(names) if name.endswith("d2_b2_mmdt"))
    x[:, d2_b2] = np.minimum(x[:, d2_b2], 10)
    x = shortened(x)
    np.savez_compressed("train.npz", x=x[:EVENTS], y=labels[:EVENTS])
    np.savez_compressed("test_simulated.npz", x=x[EVENTS:], y=labels[EVENTS:])
    rows = list(csv.DictReader(open(real)))
    x = np.array([[float(row[name]) for name in names] for row in rows], dtype=np.float32)
    label = next(name for name in rows[0] if name not in names)
    np.savez_compressed("test.npz", x=x)
    np.save("test_labels.npy", np.array([CLASSES.index(row[label]) for row in rows], dtype=np.uint8))


if __name__ == "__main__":
    main(*sys.argv[1:])
