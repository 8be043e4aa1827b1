"""Counts the resources of the committed networks anew, as today's compiler builds them; table.py then writes them down.

Usage: recount.py     (in this folder)

The front in a metrics.json, and what the reference takes, stay as they were when `make.py` trained. Needs Yosys, and
numpy for `family.py`.
"""

import json
import os
from pathlib import Path

from family import synthesized, trigforge, write


def counted(network, figures):
    """The figures of a network, with what it takes today."""
    report = trigforge("estimate", network)
    total, timing = report["resources"]["total"], report["timing"]
    own = {name: total[name] for name in ("lut", "ff", "dsp")}
    own |= {name: timing[name] for name in ("latency_cycles", "latency_ns")}
    return figures | own | (synthesized(network) if "yosys_lut" in figures else {})


def main():
    for path in sorted(Path(".").resolve().glob("*/metrics.json")):
        os.chdir(path.parent)
        document = json.loads(path.read_text())
        networks = document["networks"]
        document["networks"] = {name: counted(name, figures) for name, figures in networks.items()}
        write(document)


if __name__ == "__main__":
    main()
