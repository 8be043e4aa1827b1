"""Writes the tables of figures into the README of each family, from its metrics.json, and that of all into README.md.

Usage: table.py     (in this folder)

A table stands between the lines `<!-- figures -->` and `<!-- end of figures -->`, where a README has them, and below that
of a family how long it took to make.
"""

import json
from pathlib import Path

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"

# The figures of a network that a table may have, and how they are written.
FIGURES = {
    "accuracy_simulated": ("accuracy, simulated jets", lambda value: f"{100 * value:.2f} %"),
    "accuracy_real": ("accuracy, real jets", lambda value: f"{100 * value:.1f} %"),
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

# What a family is told by in README.md: the first of these that its networks have.
MAIN = [["accuracy_simulated"], ["test_accuracy"], ["auc_ttbar", "auc_vbf_hbb", "auc_dijet100"], ["test_metric"]]

# What the table there says of every network beside that.
ALSO = ["lut", "yosys_lut", "ff", "latency_ns", "mismatches"]


def table(document):
    """The reference and the networks, a row each."""
    rows = {"16 bits everywhere (not kept)": document["reference"]}
    rows |= {f"`{name}`": figures for name, figures in document["networks"].items()}
    used = [name for name in FIGURES if any(name in figures for figures in rows.values())]
    yield ["network", *(FIGURES[name][0] for name in used)]
    yield ["---"] * (len(used) + 1)
    for name, figures in rows.items():
        yield [name, *written(figures, used)]


def duration(document):
    """How long `make.py` took, where it ran from the beginning to the end."""
    if "seconds" in document:
        training, in_all, cores = (document["seconds"][name] for name in ["training", "in_all", "cores"])
        yield ""
        yield f"`make.py` trained for {training / 60:.1f} minutes on {cores} cores, and took {in_all / 60:.1f} in all."


def summary(documents):
    """The networks of all families, a row each."""
    yield ["network", "figure", "16 bits", "this network", *(FIGURES[name][0] for name in ALSO)]
    yield ["---"] * (4 + len(ALSO))
    for document in documents:
        reference = document["reference"]
        keys = next(keys for keys in MAIN if keys[0] in reference)
        told = [" / ".join(FIGURES[key][0] for key in keys), " / ".join(written(reference, keys))]
        for name, figures in document["networks"].items():
            name = f"`{name.removesuffix('.onnx')}`"
            yield [name, *told, " / ".join(written(figures, keys)), *written(figures, ALSO)]


def written(figures, keys):
    """Figures of a network as a table has them."""
    return [FIGURES[key][1](figures[key]) if key in figures else "–" for key in keys]


def put(readme, rows, below=()):
    """Writes a table into a README that has a place for one."""
    before, mark, rest = readme.read_text().partition(BEGIN)
    if mark:
        lines = [*(f"| {' | '.join(row)} |" for row in rows), *below]
        readme.write_text("\n".join([before + BEGIN, *lines, END + rest.partition(END)[2]]))


def main():
    folder = Path(__file__).resolve().parent
    documents = {path: json.loads(path.read_text()) for path in sorted(folder.glob("*/metrics.json"))}
    for path, document in documents.items():
        put(path.with_name("README.md"), table(document), duration(document))
    put(folder / "README.md", summary(documents.values()))


if __name__ == "__main__":
    main()
