"""Writes the tables of figures into the README of each family, from its metrics.json.

Usage: table.py     (in this folder)

A table stands between the lines `<!-- figures -->` and `<!-- end of figures -->`, where a README has them.
"""

import json
from pathlib import Path

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"

# The figures of a network that a table may have, and how they are written.
FIGURES = {
    "test_accuracy": ("accuracy, test", lambda value: f"{100 * value:.2f} %"),
    "test_auc": ("AUC, test", lambda value: f"{value:.4f}"),
    "auc_ttbar": ("AUC, tt", lambda value: f"{value:.3f}"),
    "auc_vbf_hbb": ("AUC, VBF H to bb", lambda value: f"{value:.3f}"),
    "auc_dijet100": ("AUC, dijets", lambda value: f"{value:.3f}"),
    "test_metric": ("error, test", lambda value: f"{-value:.4f}"),
    "metric": (
        "validation",
        lambda value: f"{100 * value:.2f} %" if value > 0 else f"error {-value:.4f}",
    ),
    "lut": ("LUT", lambda value: f"{value:,}"),
    "ff": ("FF", lambda value: f"{value:,}"),
    "yosys_lut": ("LUT, Yosys", lambda value: f"{value:,}"),
    "yosys_ff": ("FF, Yosys", lambda value: f"{value:,}"),
    "latency_ns": ("latency at 200 MHz", lambda value: f"{value:.0f} ns"),
    "mismatches": ("differing integers", str),
}


def table(document):
    """The reference and the networks, a row each."""
    rows = {"16 bits everywhere (not kept)": document["reference"]}
    rows |= {f"`{name}`": figures for name, figures in document["networks"].items()}
    used = [name for name in FIGURES if any(name in figures for figures in rows.values())]
    yield ["network", *(FIGURES[name][0] for name in used)]
    yield ["---"] * (len(used) + 1)
    for name, figures in rows.items():
        yield [name, *(FIGURES[own][1](figures[own]) if own in figures else "–" for own in used)]


def main():
    for path in sorted(Path(__file__).resolve().parent.glob("*/metrics.json")):
        readme = path.with_name("README.md")
        before, mark, rest = readme.read_text().partition(BEGIN)
        if not mark:
            continue
        _, _, after = rest.partition(END)
        lines = "\n".join(f"| {' | '.join(row)} |" for row in table(json.loads(path.read_text())))
        readme.write_text(f"{before}{BEGIN}\n{lines}\n{END}{after}")


if __name__ == "__main__":
    main()
