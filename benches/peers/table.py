"""The results as Markdown."""

import platform
from dataclasses import replace
from importlib.metadata import version as installed
from math import exp, log

from environment import version
from ours import PARTS
from problems import least_luts

SIDES = ("trigforge", "da4ml", "alkaid")
# The network whose area is a goal.
TAGGER = "jet_hlf_q6"

INTRODUCTION = """\
# Constant matrices beside da4ml and alkaid

The same integer matrices and networks, solved by trigforge, da4ml and alkaid, synthesized by one Yosys script
(`{amd}`, every adder
mapped to one carry chain before, no DSPs). Every design is simulated in Icarus Verilog on the same inputs and equals
`y = x K` in Python's integers. Made by

```
cargo build --release --locked --no-default-features
{command}
```

with {versions}.

- Matrices are combinational. No path may have more than two adders more than the least depth over signed digits;
  this is what `trigforge compile` keeps to. Each peer takes the cheapest of its results within this depth: of all its
  own limits on depth, and both of its ways to choose a pair where a matrix has up to 1,024 entries.
- LUT counts all look-up tables, shift-register tables and inverters (they take the table before a carry chain),
  carry the blocks of four or eight bits.
- The columns of two-operand adders are what trigforge makes for `{two}`, a device whose adders have two operands.
- *Cost* is each side's own estimate in LUTs: trigforge's is for its device, alkaid's in a unit of its own.
- CPU seconds, one thread: of the peers the call of the solver, the shortest of as many as fit into half a second;
  *tf fast* and *tf default* are the solver alone at these efforts, measured by `cargo bench --bench cmvm`; circuits are
  those of the default;
  *tf* is the whole command from ONNX to Verilog and report, the shortest of three{fixed}.
- *Better* is the peer with fewer LUTs. A ratio above 1 says that the peer needs fewer than trigforge.
"""

THREE = """\
On AMD's six-input LUTs a sum of three takes one LUT a bit. The column of trigforge is what it makes for xcvu9p; alkaid
fuses pairs of adders. Yosys does not find sums of three by itself, so alkaid's module is replaced by
`benches/peers/ternary_adder.v`, one LUT a bit with the primitives themselves, as a vendor's tool would make it; da4ml
has two-operand adders only. In brackets the adders of three, where there are any.
"""

SEARCHED = """\
Those of these matrices that have up to 256 entries, after {seconds} seconds of search each (`effort = {seconds}`), with
two-operand adders and with sums of three. The *bound* is one that no circuit can go below, whatever it is made of: a
look-up table for each bit of each different output that is not a bit of an input. It is far away, and none is known
that is near.

What was tried for sums of three, all of it in these figures: patterns extracted that occur three times, or twice where
they may become a sum of three; shared terms dissolved again where rows are added up by threes; trees by the cheapest
three; sums of two kept where sums of three are dearer; tables of partial sums of inputs of few bits; spanning trees of
columns and rows; local search by dissolving up to four connected terms, weighed by the finished circuit; in the end
a few connected adders taken out at a time and their operands added up anew in the cheapest of all ways, for which terms
that are there anyway cost nothing.
"""

HUGE = """\
The solver of trigforge alone, on one thread at `fast`, with two-operand adders. These were not synthesized, nor given to
the peers.
"""

NETWORKS = """\
Whole networks with all quantizers, registered for 5 ns on xcvu9p at inputs, outputs and between, in the least cycles
that trigforge needs and in one more (`[pipeline] stages`); the peers in as many cycles, with the depth limit that needs
the fewest LUTs and registers by their own estimates (the cut is theirs). Compared with is what the better peer takes in
as many cycles or fewer.
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
    solver = []
    if variant == "two":
        head[-3:-3] = ["CPU s tf fast", "CPU s tf default"]
        solver = ["fast_seconds", "default_seconds"]
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
            + [*each("depth", spaced), *each("cost", spaced)]
            + [seconds(sides[0].get(key)) for key in solver]
            + each("seconds", seconds)
        )
    return markdown(head, lines)


def searched_rows(matrices):
    """Those with circuits of a longer search, with these in the place of trigforge's."""
    found = []
    for problem, rows in matrices:
        longer = {key: row["searched"] for key, row in rows.items() if "searched" in row}
        found += [(problem, rows | longer)] * bool(longer)
    return found


def search_table(results):
    head = ["matrix"]
    for title in ("two", "three"):
        head += [f"{title}: LUT tf", "LUT peer", "tf / better", "CPU s tf"]
    head += ["bound", "bound / better"]
    lines = []
    for problem, rows in results:
        line = [problem.name]
        for variant in ("two", "three"):
            own, peer = rows["trigforge", variant], better(rows, variant, lut)
            line += [spaced(lut(own)), spaced(peer), f"{lut(own) / peer:.3f}", seconds(own["seconds"])]
        bound = least_luts(problem.layers[0].weights, *problem.range)
        lines.append([*line, spaced(bound), f"{bound / peer:.3f}"])
    return markdown(head, lines)


def network_table(results):
    head = ["network", "side", "estimated LUT", "estimated FF", "sum", "LUT", "FF", "sum"]
    head += ["adders", "cycles", "CPU s", "options"]
    lines = []
    for problem, rows in results:
        sides = [(f"{side}, {variant}-operand", row) for (side, variant), row in rows.items()]
        searched = [(name + ", more search", row["searched"]) for name, row in sides if "searched" in row]
        for name, row in searched + sides:
            counts = [row["cost"], row["registers"], estimated_area(row)]
            counts += [row["lut"], row["ff"], area(row)] if "lut" in row else [None] * 3
            counts += [row["adders"], row["latency"]]
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


def beside(results, variant, measure):
    """For each problem the measure of trigforge by that of the better peer, and its name."""
    each = lambda rows: measure(rows["trigforge", variant]) / better(rows, variant, measure)
    return [(each(rows), problem.name) for problem, rows in results if ("trigforge", variant) in rows]


def two_operand_peers(matrices):
    """The same without what the peers make with sums of three."""
    return [(p, {key: row for key, row in rows.items() if key != ("alkaid", "three")}) for p, rows in matrices]


def in_at_most(networks, measure):
    """The same with what each peer makes best in as many cycles or fewer, under names that say how many."""
    found = []
    for problem, rows in networks:
        cycles, best = rows["trigforge", "two"]["latency"], {}
        for other, others in networks:
            for key, row in others.items():
                if other.name == problem.name and key[0] != "trigforge" and row["latency"] <= cycles:
                    best[key] = min(best.get(key, row), row, key=measure)
        found.append((replace(problem, name=f"{problem.name} in {cycles} cycles"), rows | best))
    return found


def synthesized(networks):
    return [(p, rows) for p, rows in networks if all("lut" in row for row in rows.values())]


def solver_times(matrices, effort):
    """For each matrix the CPU seconds of trigforge's solver and of da4ml's, and its name."""
    timed = [(rows["trigforge", "two"].get(f"{effort}_seconds"), rows, p.name) for p, rows in matrices]
    return [(own, rows["da4ml", "two"]["seconds"], name) for own, rows, name in timed if own is not None]


def fast_bits(matrices):
    """For each matrix the adder bits at the least effort by those at the default, and its name."""
    sides = [(rows["trigforge", "two"], p.name) for p, rows in matrices]
    return [(row["fast_bits"] / row["default_bits"], name) for row, name in sides if row.get("fast_bits")]


def goals(matrices, networks):
    """What was to be reached, and whether it is."""
    lines = []

    def add(goal, measured, reached):
        lines.append([goal, measured or "not measured", "–" if measured is None else ("yes" if reached else "**no**")])

    pairs, threes = beside(matrices, "two", lut), beside(matrices, "three", lut)
    for what, limit, ratios in (("two-operand adders", 0.93, pairs), ("sums of three", 0.75, threes)):
        mean, worse = geometric_mean([ratio for ratio, _ in ratios]), sum(ratio > 1 for ratio, _ in ratios)
        measured = ratios and f"{worse} of {len(ratios)} matrices worse, the worst {max(ratios)[0]:.3f} ({max(ratios)[1]})"
        add(f"{what}: no matrix takes more LUTs than the better peer", measured or None, worse == 0)
        measured = mean and f"{mean:.3f}"
        if mean and ratios is threes:
            pairs_only = geometric_mean([ratio for ratio, _ in beside(two_operand_peers(matrices), "three", lut)])
            measured += f"; {pairs_only:.3f} beside peers with two-operand adders"
        if longer := [ratio for ratio, _ in beside(searched_rows(matrices), "two" if ratios is pairs else "three", lut)]:
            measured += f"; {geometric_mean(longer):.3f} with more search ({len(longer)} rows)"
        add(f"{what}: at most {limit} of its LUTs in the geometric mean", measured, (mean or 0) <= limit)
    tagger = [(p, rows) for p, rows in in_at_most(synthesized(networks), area) if p.name.startswith(f"{TAGGER} ")]
    found = [(ratio, name.removeprefix(f"{TAGGER} ")) for ratio, name in beside(tagger, "three", area)]
    longer = beside(searched_rows(tagger), "three", area)
    found += [(ratio, f"{name.removeprefix(f'{TAGGER} ')} with more search") for ratio, name in longer]
    goal = f"at most 0.7 of its LUT + FF for the pipelined `{TAGGER}` at 5 ns"
    measured = "; ".join(f"{ratio:.3f} {name}" for ratio, name in found)
    add(goal, measured or None, found and min(found)[0] <= 0.7)
    times = solver_times(matrices, "fast")
    slower = [name for own, other, name in times if own > other]
    total = [sum(row[side] for row in times) for side in (0, 1)]
    measured = f"slower in {len(slower)} of {len(times)}; together {total[0]:.2f} s beside {total[1]:.2f} s"
    add("the solver at `fast` takes at most the CPU time of da4ml's for each matrix", measured if times else None, not slower)
    return markdown(["goal", "measured", "reached"], lines)


def means(matrices, networks, overhead):
    def times(less):
        ours = lambda rows: max(rows["trigforge", "two"]["seconds"] - less, 1e-4)
        timed = matrices if overhead is not None else []
        return [(ours(rows) / rows["da4ml", "two"]["seconds"], problem.name) for problem, rows in timed]

    counted = in_at_most(synthesized(networks), area)
    solver = lambda effort: [(own / other, name) for own, other, name in solver_times(matrices, effort)]
    classes = {
        "matrices, two-operand adders, LUT": beside(matrices, "two", lut),
        "matrices, sums of three on xcvu9p, LUT": beside(matrices, "three", lut),
        "matrices, two-operand adders, LUT, with more search": beside(searched_rows(matrices), "two", lut),
        "matrices, sums of three on xcvu9p, LUT, with more search": beside(searched_rows(matrices), "three", lut),
        "sums of three beside peers with two-operand adders": beside(two_operand_peers(matrices), "three", lut),
        "networks at 5 ns, LUT + FF as each side estimates": beside(
            in_at_most(networks, estimated_area), "three", estimated_area
        ),
        "networks at 5 ns, LUT + FF": beside(counted, "three", area),
        "networks at 5 ns, LUT + FF, with more search": beside(searched_rows(counted), "three", area),
        "CPU seconds of the solver at `fast` beside da4ml": solver("fast"),
        "CPU seconds of the solver at `default` beside da4ml": solver("default"),
        "adder bits at `fast` beside `default`": fast_bits(matrices),
        "CPU seconds of the whole command beside da4ml's solver": times(0.0),
        "the same less what a 1x1 matrix takes": times(overhead),
    }
    head = ["class", "rows", "trigforge / better peer", "worst row", "rows worse than the peer"]
    return markdown(head, [mean_row(name, ratios) for name, ratios in classes.items() if ratios])


def document(results, command, amd, overhead, trigforge, search, huge):
    matrices = [(p, rows) for p, rows in results if not p.is_network]
    networks = [(p, rows) for p, rows in results if p.is_network]
    tools = [trigforge] + [f"{name} {installed(name)}" for name in ("da4ml", "alkaid")] + [version("yosys", "-V")]
    versions = ", ".join([*tools, f"Python {platform.python_version()}"])
    fixed = f"; {1000 * overhead:.0f} ms\n  of it are there for any matrix" if overhead else "; none of a build for debugging"
    two = PARTS["two"]
    parts = [INTRODUCTION.format(versions=versions, command=command, amd=amd, two=two, fixed=fixed)]
    parts += ["## Goals", goals(matrices, networks)]
    if matrices:
        parts += ["## Two-operand adders", matrix_table(matrices, "two")]
    if any(("trigforge", "three") in rows for _, rows in matrices):
        parts += ["## Sums of three", THREE, matrix_table(matrices, "three")]
    if searched_rows(matrices):
        parts += ["## With more search", SEARCHED.format(seconds=search), search_table(searched_rows(matrices))]
    if huge:
        rows = [(name, seconds(taken), spaced(bits)) for name, (taken, bits) in huge.items()]
        parts += ["## Large matrices", HUGE, markdown(("matrix", "CPU s tf fast", "adder bits"), rows)]
    if networks:
        parts += ["## Networks", NETWORKS, network_table(networks)]
    placed = lattice_table(matrices)
    if placed:
        parts += ["## Place and route", LATTICE, placed]
    if matrices:
        parts += ["## Geometric means", means(matrices, networks, overhead)]
    return "\n\n".join(part.strip() for part in parts) + "\n"
