"""The results as Markdown."""

import platform
from importlib.metadata import version as installed
from math import exp, log

from environment import version

SIDES = ("trigforge", "da4ml", "alkaid")

INTRODUCTION = """\
# Constant matrices beside da4ml and alkaid

The same integer matrices and networks, solved by trigforge, da4ml and alkaid, synthesized by one Yosys script
(`{amd}`, every adder
mapped to one carry chain before, no DSPs). Every design is simulated in Icarus Verilog on the same inputs and equals
`y = x K` in Python's integers. Made by

```
cargo build --release --locked
{command}
```

with {versions}.

- Matrices are combinational. No path may have more than two adders more than the least depth over signed digits;
  this is what `trigforge compile` keeps to. Each peer takes the cheapest of its results within this depth: of all its
  own limits on depth, and both of its ways to choose a pair where a matrix has up to 1,024 entries.
- LUT counts all look-up tables, shift-register tables and inverters (they take the table before a carry chain),
  carry the blocks of four or eight bits.
- *Cost* is each side's own estimate in LUTs; alkaid's counts in a unit of its own.
- CPU seconds: of the peers the call of the solver, the shortest of as many as fit into half a second, one thread; of
  trigforge the whole command from ONNX to Verilog and report, the shortest of three, one thread{fixed}.
- *Better* is the peer with fewer LUTs. A ratio above 1 says that the peer needs fewer than trigforge.
"""

THREE = """\
On AMD's six-input LUTs a sum of three takes one LUT a bit. The column of trigforge is what it makes for xcvu9p; alkaid
fuses pairs of adders. Yosys does not find sums of three by itself, so alkaid's module is replaced by
`benches/peers/ternary_adder.v`, one LUT a bit with the primitives themselves, as a vendor's tool would make it; da4ml
has two-operand adders only. In brackets the adders of three, where there are any.
"""

NETWORKS = """\
Whole networks with all quantizers, registered for 5 ns on xcvu9p at inputs, outputs and between; the peers in as many
cycles, with the depth limit that needs the fewest LUTs and registers by their own estimates (the cut is theirs).
Outputs of `jet_hlf` equal the stored ones. Estimates are each side's own; the other columns are Yosys' counts, of
networks that were synthesized.
"""

LATTICE = """\
Matrices of two-operand adders between two rows of registers on an ECP5-85F: MHz after place and route by nextpnr, one
seed, and what the delay model of trigforge plans for its own.
"""


def geometric_mean(ratios):
    return exp(sum(map(log, ratios)) / len(ratios)) if ratios else None


def markdown(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def spaced(number):
    return "–" if number is None else f"{number:,.0f}"


def seconds(value):
    return "–" if value is None else f"{value:.3g}"


def better(rows, variant, measure):
    """The least of a measure among the peers: two-operand results compete with sums of three, too."""
    variants = ("two",) if variant == "two" else ("two", "three")
    return min(measure(rows[side, v]) for side in SIDES[1:] for v in variants if (side, v) in rows)


def lut(row):
    return row["lut"]


def area(row):
    return row["lut"] + row["ff"]


def estimated_area(row):
    return row["cost"] + row["registers"]


def side_row(rows, side, variant):
    """What a side has for a variant; its two-operand result where it knows nothing else."""
    return rows.get((side, variant)) or rows[side, "two"]


def matrix_table(results, variant):
    head = ["matrix"]
    for title in ("LUT", "carry", "adders", "depth", "cost", "CPU s"):
        head += [f"{title} {side}" for side in ("tf", "da4ml", "alkaid")]
    head.insert(4, "tf / better")
    lines = []
    for problem, rows in results:
        sides = [side_row(rows, side, variant) for side in SIDES]
        each = lambda key, form: [form(row[key]) for row in sides]
        ratio = lut(sides[0]) / better(rows, variant, lut)
        adders = [
            f"{row['adders']}" + (f" ({row['three_operand']})" if row["three_operand"] else "") for row in sides
        ]
        lines.append(
            [problem.name, *each("lut", spaced), f"{ratio:.3f}", *each("carry", spaced), *adders]
            + [*each("depth", spaced), *each("cost", spaced), *each("seconds", seconds)]
        )
    return markdown(head, lines)


def network_table(results):
    head = ["network", "side", "estimated LUT", "estimated FF", "sum", "LUT", "FF", "sum"]
    head += ["adders", "cycles", "CPU s", "options"]
    lines = []
    for problem, rows in results:
        for (side, variant), row in rows.items():
            counts = [row["cost"], row["registers"], estimated_area(row)]
            counts += [row["lut"], row["ff"], area(row)] if "lut" in row else [None] * 3
            counts += [row["adders"], row["latency"]]
            name = f"{side}, {variant}-operand"
            lines.append([problem.name, name, *map(spaced, counts), seconds(row["seconds"]), row["options"] or "–"])
    return markdown(head, lines)


def lattice_table(results):
    head = ["matrix"] + [f"{what} {side}" for what in ("MHz", "cells") for side in SIDES] + ["MHz planned"]
    lines = []
    for problem, rows in results:
        sides = [rows[side, "two"] for side in SIDES]
        if all("lattice" in row for row in sides):
            placed = [row["lattice"] for row in sides]
            planned = 1000 / sides[0]["planned_ns"]
            mhz, cells = [f"{p['mhz']:.0f}" for p in placed], [spaced(p["cells"]) for p in placed]
            lines.append([problem.name, *mhz, *cells, f"{planned:.0f}"])
    return markdown(head, lines) if lines else None


def mean_row(name, ratios):
    """A row of the last table from ratios and the names of their problems."""
    worst, where = max(ratios)
    mean = geometric_mean([ratio for ratio, _ in ratios])
    return [name, len(ratios), f"{mean:.3f}", f"{worst:.3f} ({where})", sum(ratio > 1 for ratio, _ in ratios)]


def means(matrices, networks, overhead):
    def beside(results, variant, measure):
        each = lambda rows: measure(rows["trigforge", variant]) / better(rows, variant, measure)
        return [(each(rows), problem.name) for problem, rows in results if ("trigforge", variant) in rows]

    def times(less):
        ours = lambda rows: max(rows["trigforge", "two"]["seconds"] - less, 1e-4)
        timed = matrices if overhead is not None else []
        return [(ours(rows) / rows["da4ml", "two"]["seconds"], problem.name) for problem, rows in timed]

    synthesized = [(p, rows) for p, rows in networks if all("lut" in row for row in rows.values())]
    without = [(p, {key: row for key, row in rows.items() if key != ("alkaid", "three")}) for p, rows in matrices]
    classes = {
        "matrices, two-operand adders, LUT": beside(matrices, "two", lut),
        "matrices, sums of three on xcvu9p, LUT": beside(matrices, "three", lut),
        "the same beside peers with two-operand adders": beside(without, "three", lut),
        "networks at 5 ns, LUT + FF as each side estimates": beside(networks, "three", estimated_area),
        "networks at 5 ns, LUT + FF": beside(synthesized, "three", area),
        "CPU seconds beside da4ml": times(0.0),
        "the same less what a 1x1 matrix takes": times(overhead),
    }
    head = ["class", "rows", "trigforge / better peer", "worst row", "rows worse than the peer"]
    return markdown(head, [mean_row(name, ratios) for name, ratios in classes.items() if ratios])


def document(results, command, amd, overhead, trigforge):
    matrices = [(p, rows) for p, rows in results if not p.is_network]
    networks = [(p, rows) for p, rows in results if p.is_network]
    tools = [trigforge] + [f"{name} {installed(name)}" for name in ("da4ml", "alkaid")] + [version("yosys", "-V")]
    versions = ", ".join([*tools, f"Python {platform.python_version()}"])
    fixed = f"; {1000 * overhead:.0f} ms\n  of it are there for any matrix" if overhead else "; none of a build for debugging"
    parts = [INTRODUCTION.format(versions=versions, command=command, amd=amd, fixed=fixed)]
    if matrices:
        parts += ["## Two-operand adders", matrix_table(matrices, "two")]
    if any(("trigforge", "three") in rows for _, rows in matrices):
        parts += ["## Sums of three", THREE, matrix_table(matrices, "three")]
    if networks:
        parts += ["## Networks", NETWORKS, network_table(networks)]
    placed = lattice_table(matrices)
    if placed:
        parts += ["## Place and route", LATTICE, placed]
    if matrices:
        parts += ["## Geometric means", means(matrices, networks, overhead)]
    return "\n\n".join(part.strip() for part in parts) + "\n"
