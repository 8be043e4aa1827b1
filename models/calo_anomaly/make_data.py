"""Makes the events of this folder in a folder of their own: train.npz and test.npz.

Usage: make_data.py --data FOLDER [--output run]

FOLDER holds calo_regions.npz: transverse energies of 18 x 14 regions in phi and eta, in counts of 0.5 GeV, of zero-bias
events with 50 collisions of pile-up (`zerobias`, 40,000), and of three signals over the same pile-up (`ttbar`,
`vbf_hbb`, `dijet100`, 3,000 each). They were simulated for this project with Pythia 8. An event becomes 42 numbers, the
sums over 3 x 2 regions. The first 32,000 zero-bias events train and validate; test.npz has the others (`zerobias`) and
the signals, which nothing is trained on.
"""

import os
import sys

import numpy as np

sys.path.append("..")
from family import folders

EVENTS = 32_000
SIGNALS = ["ttbar", "vbf_hbb", "dijet100"]


def sums(regions):
    """Sums over 3 x 2 regions, a row for each event."""
    return regions.reshape(-1, 6, 3, 7, 2).sum(axis=(2, 4)).reshape(len(regions), -1).astype(np.float32)


def main():
    options = folders()
    file = np.load(os.path.join(options.data, "calo_regions.npz"))
    zerobias = sums(file["zerobias"])
    np.savez_compressed(os.path.join(options.output, "train.npz"), x=zerobias[:EVENTS])
    signals = {name: sums(file[name]) for name in SIGNALS}
    np.savez_compressed(os.path.join(options.output, "test.npz"), zerobias=zerobias[EVENTS:], **signals)


if __name__ == "__main__":
    main()
