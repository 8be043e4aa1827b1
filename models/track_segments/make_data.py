"""Makes the events of the classifier: train.npz and test.npz in a folder of their own.

Usage: make_data.py --data FOLDER [--output run]

FOLDER holds heptrkx_plus_2GeV.npz: pixel hits of 100 TrackML events (`hits_r_phi_z`, mm and rad) and candidate segments
between hits of neighboring layers (`edge_index`, inner and outer hit; `edge_true`, 1 where one particle left both;
`edge_event`). A segment becomes 6 numbers: r and z of the inner hit and of the outer one in mm, their difference in phi
in mrad, and the z where their line crosses the beam, clipped at 1,023 mm. Of the first 80 events come the segments to
train and to validate on, of the last 20 those to test on.
"""

import os
import sys

import numpy as np

sys.path.append("..")
from family import folders

TEST = 20
FARTHEST = 1023.0


def segments(file):
    """Inputs."""
    hits = file["hits_r_phi_z"].astype(np.float64)
    inner, outer = (hits[file["edge_index"][:, end]] for end in (0, 1))
    phi = (outer[:, 1] - inner[:, 1] + np.pi) % (2 * np.pi) - np.pi
    r, z = outer[:, 0] - inner[:, 0], outer[:, 2] - inner[:, 2]
    # Both hits of a segment may lie at the same radius; their line then does not reach the beam.
    slope = np.divide(z, r, out=np.full_like(z, np.inf), where=np.abs(r) > 1e-6)
    with np.errstate(invalid="ignore"):
        beam = np.clip(inner[:, 2] - inner[:, 0] * slope, -FARTHEST, FARTHEST)
    x = np.stack([inner[:, 0], inner[:, 2], outer[:, 0], outer[:, 2], 1000 * phi, beam], axis=1)
    return x.astype(np.float32)


def main():
    options = folders()
    file = np.load(os.path.join(options.data, "heptrkx_plus_2GeV.npz"))
    x, y, event = segments(file), file["edge_true"], file["edge_event"]
    names = np.unique(event)
    is_test = np.isin(event, names[-TEST:])
    for chosen, target in [(~is_test, "train"), (is_test, "test")]:
        path = os.path.join(options.output, f"{target}.npz")
        np.savez_compressed(path, x=x[chosen], y=y[chosen], event=event[chosen].astype(np.float32))


if __name__ == "__main__":
    main()
