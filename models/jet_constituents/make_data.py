"""Makes the events of this folder: train.npz and test.npz.

Usage: make_data.py PYTHIA_FOLDER REAL_FOLDER

A jet becomes two numbers for each of its 16 hardest particles of at least 2 GeV, the hardest first: log2(1 + p_T / GeV),
and the distance from the axis of the jet in eta and phi; zeros where there are too few particles. PYTHIA_FOLDER holds
80,000 jets that were simulated for this project (see `../jet_tagger`): `constituents.npz` with the array `const` of 32
leading particles, [p_T, eta and phi from the axis], and `label.npy`. The first 45,000 become train.npz, in steps of 2^-5
and 2^-8, which compress well. REAL_FOLDER holds 3,000 jets of the public set `hls4ml LHC Jet 150p`, cut at 2 GeV by
their source: `const32_pt_deta_dphi.npy` and `label_onehot.npy`. They become test.npz in full precision, and no number of
theirs is trained on.
"""

import sys

import numpy as np

EVENTS = 45_000
CONSTITUENTS = 16
LEAST_PT = 2.0
STEPS = np.array([2.0**-5, 2.0**-8])


def inputs(jets):
    """The two numbers of each of the hardest constituents: [events, constituents, 2]."""
    jets = jets.astype(np.float64)
    jets[jets[:, :, 0] < LEAST_PT] = 0
    order = np.argsort(-jets[:, :, 0], axis=1, kind="stable")[:, :CONSTITUENTS]
    jets = np.take_along_axis(jets, order[:, :, None], axis=1)
    return np.stack([np.log2(1 + jets[:, :, 0]), np.hypot(jets[:, :, 1], jets[:, :, 2])], axis=2)


def flat(jets):
    """One row of numbers for each jet."""
    return jets.reshape(len(jets), -1).astype(np.float32)


def main(folder, real):
    jets = inputs(np.load(f"{folder}/constituents.npz")["const"][:EVENTS])
    labels = np.load(f"{folder}/label.npy")[:EVENTS]
    np.savez_compressed("train.npz", x=flat(np.round(jets / STEPS) * STEPS), y=labels.astype(np.uint8))
    jets = inputs(np.load(f"{real}/const32_pt_deta_dphi.npy"))
    labels = np.load(f"{real}/label_onehot.npy").argmax(axis=1)
    np.savez_compressed("test.npz", x=flat(jets), y=labels.astype(np.uint8))


if __name__ == "__main__":
    main(*sys.argv[1:])
