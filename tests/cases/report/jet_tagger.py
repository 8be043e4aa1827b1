"""Writes jet_tagger.json, the sample report of the tests: python3 jet_tagger.py MODEL_DIR.

Weights, activations, errors, ROC curves and metrics are those of the five-class jet tagger of
`models/` in floating point and in 6-bit fixed point; figures of hardware are illustrations.
Needs numpy and onnx.
"""

import json
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

folder = Path(sys.argv[1])
constants = {
    c.name: numpy_helper.to_array(c).astype(float)
    for c in onnx.load(folder / "jet_hlf_q6_float.onnx").graph.initializer
}
weights = [constants[f"W{i}"].T for i in range(4)]
biases = [constants[f"b{i}"] for i in range(4)]
events = np.load(folder / "q6_x.npy").astype(float)
labels = np.load(folder / "labels.npy")
classes = ["g", "q", "w", "z", "t"]
n_events = len(events)


def run(quantized):
    """The logits and every tensor before its quantizer, those in `quantized` quantized."""
    x, tensors = events, []
    for layer, (w, b) in enumerate(zip(weights, biases)):
        x = x @ w + b
        tensors.append((f"fc{layer + 1}", x))
        if layer < 3:
            x = np.maximum(x, 0)
            tensors.append((f"relu{layer + 1}", x))
            if layer in quantized:
                x = np.minimum(np.floor(x * 32) / 32, 255 / 32)
    return x, dict(tensors)


def digits(value, n=5):
    return float(f"{value:.{n}g}")


def span(values):
    return {"lo": digits(values.min()), "hi": digits(values.max())}


def magnitudes(values):
    values = np.abs(values[values != 0])
    return [
        {"percent": float(p), "value": digits(np.percentile(values, p))}
        for p in (0, 5, 25, 50, 75, 95, 100)
    ]


def histogram(values, bins, lo=None, hi=None):
    lo, hi = (digits(values.min()), digits(values.max())) if lo is None else (lo, hi)
    counts, _ = np.histogram(values, bins, (lo, hi))
    return {"range": {"lo": lo, "hi": hi}, "counts": counts.tolist()}


def sqnr(signal, noise):
    return digits(10 * np.log10((signal**2).mean() / (noise**2).mean()), 4)


def roc(score, truth):
    order = np.argsort(-score, kind="stable")
    truth = truth[order]
    signal = np.concatenate([[0], np.cumsum(truth) / truth.sum()])
    background = np.concatenate([[0], np.cumsum(~truth) / (~truth).sum()])
    auc = np.trapezoid(signal, background)
    efficiency = signal[np.searchsorted(background, 0.1, side="right") - 1]
    keep = np.unique(np.concatenate([np.linspace(0, len(signal) - 1, 60).astype(int), np.arange(0, 200, 5)]))
    curve = {
        "background": [round(float(v), 4) for v in background[keep]],
        "signal": [round(float(v), 4) for v in signal[keep]],
    }
    return digits(auc, 4), digits(efficiency, 4), curve


exact, float_tensors = run(())
fixed, fixed_tensors = run((0, 1, 2))

#        name     operator    shape format           adders  lut    ff   stages  yosys
layers = [
    ("x", "input", 16, "fixed<8,4>", 0, 0, 128, None, (0, 128)),
    ("fc1", "dense", 64, "fixed<17,8>", 1487, 11203, 2610, (0, 2), (11362, 2610)),
    ("relu1", "relu", 64, "ufixed<8,3>", 0, 577, 512, (2, 2), (569, 512)),
    ("fc2", "dense", 32, "fixed<19,9>", 2711, 20344, 3988, (3, 5), (20187, 3988)),
    ("relu2", "relu", 32, "ufixed<8,3>", 0, 301, 256, (5, 5), (299, 256)),
    ("fc3", "dense", 32, "fixed<18,8>", 1146, 8377, 1764, (5, 7), (8502, 1764)),
    ("relu3", "relu", 32, "ufixed<8,3>", 0, 296, 256, (7, 7), (288, 256)),
    ("fc4", "dense", 5, "fixed<15,5>", 171, 1301, 401, (7, 8), (1287, 401)),
]
delays = [3.91, 4.62, 4.48, 4.02, 4.71, 4.88, 4.31, 4.66, 3.37]
registers = [1210, 1400, 512, 1804, 2184, 948, 816, 960, 75]


def usage(lut, ff):
    return {"lut": lut, "ff": ff, "dsp": 0, "bram_kbit": 0.0}


total = usage(sum(l[5] for l in layers), sum(l[6] for l in layers))
yosys = usage(sum(l[8][0] for l in layers), sum(l[8][1] for l in layers))


def resource(name, operator, shape, form, adders, lut, ff, stages, synthesis):
    return {
        "name": name,
        "operator": operator,
        "shape": [shape],
        "format": form,
        "adders": adders,
        "estimate": usage(lut, ff),
        "stages": stages and {"first": stages[0], "last": stages[1]},
        "synthesis": usage(*synthesis),
    }


def format_row(node, form, rounding, overflow, source, values, bounds, verdict):
    return {
        "node": node,
        "format": form,
        "rounding": rounding,
        "overflow": overflow,
        "source": source,
        "range": values,
        "bounds": {"lo": bounds[0], "hi": bounds[1]},
        "verdict": verdict,
    }


formats = [
    format_row("x", "fixed<8,4>", "TRN", "SAT", "model", span(events), (-8.0, 7.9375), {"kind": "proved"})
]
for i, bound in enumerate((128.0, 256.0, 128.0, 16.0)):
    name = f"fc{i + 1}"
    lo = float(np.floor(-bound * 0.71))
    step = 2.0**-9 if i == 0 else 2.0**-10
    proved = {"kind": "proved"}
    logits = {"kind": "calibrated", "events": n_events, "margin_bits": round(float(np.log2(16 / np.abs(fixed).max())), 2)}
    observed = {"lo": lo, "hi": -lo * 0.93} if i < 3 else span(fixed)
    formats.append(
        format_row(
            name, layers[2 * i + 1][3], "TRN", "WRAP", "exact" if i < 3 else "calibration",
            observed, (-bound, bound - step), proved if i < 3 else logits,
        )
    )
    if i < 3:
        values = fixed_tensors[f"relu{i + 1}"]
        over = int((values >= 8).any(axis=1).sum())
        margin = round(float(np.log2(8 / values.max())), 2)
        verdict = (
            {"kind": "saturates", "events": over, "of": n_events}
            if over
            else {"kind": "calibrated", "events": n_events, "margin_bits": margin}
        )
        formats.append(
            format_row(f"relu{i + 1}", "ufixed<8,3>", "TRN", "SAT", "model", span(values), (0.0, 7.96875), verdict)
        )

weight_rows = []
for i, (w, b) in enumerate(zip(weights, biases)):
    for what, values, form, bounds in (
        ("weights", w, "fixed<6,1>", (-1.0, 0.96875)),
        ("bias", b, "fixed<8,3>", (-4.0, 3.96875)),
    ):
        weight_rows.append(
            {
                "name": f"fc{i + 1} {what}",
                "count": values.size,
                "zeros": int((values == 0).sum()),
                "range": span(values),
                "format": form,
                "bounds": {"lo": bounds[0], "hi": bounds[1]},
                "step": 0.03125,
                "magnitudes": magnitudes(values),
                "histogram": histogram(values, 32, *((-1.0, 1.0) if what == "weights" else (None, None))),
            }
        )

activations = [
    {
        "name": row["node"],
        "events": n_events,
        "range": span(values),
        "bounds": row["bounds"],
        "step": 2.0 ** -(int(row["format"][:-1].split("<")[1].split(",")[0]) - int(row["format"][:-1].split(",")[1])),
        "magnitudes": magnitudes(values),
    }
    for row, values in zip(formats, [events, *float_tensors.values()])
]

metrics = []
for index, name in enumerate(classes):
    truth = labels == index
    auc, efficiency, curve = zip(roc(exact[:, index], truth), roc(fixed[:, index], truth))
    metrics.append(
        {
            "name": name,
            "auc": {"float": auc[0], "fixed": auc[1]},
            "efficiency": {"background_rate": 0.1, "signal": {"float": efficiency[0], "fixed": efficiency[1]}},
            "roc": {"float": curve[0], "fixed": curve[1]},
        }
    )

errors = []
for i in range(3):
    alone, _ = run((i,))
    values = float_tensors[f"relu{i + 1}"]
    quantized = np.minimum(np.floor(fixed_tensors[f"relu{i + 1}"] * 32) / 32, 255 / 32)
    errors.append(
        {
            "name": f"relu{i + 1}",
            "sqnr_db": sqnr(values, quantized - values),
            "output_error": digits(np.abs(alone - exact).mean(), 4),
        }
    )
errors.append({"name": "fc4", "sqnr_db": sqnr(exact, fixed - exact), "output_error": 0.0})


def comparison(reference, candidate):
    return {"reference": reference, "candidate": candidate, "events": n_events, "mismatches": 0, "first_difference": None}


report = {
    "schema": 1,
    "design": {
        "name": "jet_tagger",
        "model": "models/jet_hlf_q6_qonnx.onnx",
        "hash": "5e0c6a2f0b7d4f3f9b1a7be2f6f2a9d0c4c8f1e29d7b3a6580417cd2ef93b61a",
        "version": "0.1.0",
        "device": {"part": "xcvu13p", "family": "Virtex UltraScale+"},
        "clock_ns": 5.0,
        "inputs": [{"name": "x", "shape": [16], "format": "fixed<8,4>"}],
        "outputs": [{"name": "y", "shape": [5], "format": "fixed<15,5>"}],
    },
    "resources": {
        "layers": [resource(*layer) for layer in layers],
        "total": total,
        "capacity": {"lut": 1728000, "ff": 3456000, "dsp": 12288, "bram_kbit": 96768.0},
        "synthesis": {"tool": "Yosys 0.23 synth_xilinx", "usage": yosys, "carry": 5214},
    },
    "timing": {
        "latency_cycles": 9,
        "latency_ns": 45.0,
        "latency_bx": 1.8,
        "initiation_interval": 1,
        "stages": [{"delay_ns": d, "registers": r} for d, r in zip(delays, registers)],
    },
    "formats": formats,
    "scales": [
        {"node": "relu2", "method": {"kind": "rescaled", "multiplier_bits": 12, "error_steps": 0.04, "same_results": False}},
        {"node": "batch_norm1", "method": {"kind": "thresholds", "count": 15}},
    ],
    "weights": weight_rows,
    "activations": activations,
    "verification": {
        "events": n_events,
        "data": "models/jet_hlf_x.npy",
        "outputs": [
            {
                "name": "y",
                "max_abs_error": digits(np.abs(fixed - exact).max(), 4),
                "mean_abs_error": digits(np.abs(fixed - exact).mean(), 4),
                "sqnr_db": sqnr(exact, fixed - exact),
                "histogram": histogram((fixed - exact).ravel(), 41),
            }
        ],
        "metrics": {
            "labels": "models/jet_hlf_labels.npy",
            "accuracy": {
                "float": digits((exact.argmax(1) == labels).mean(), 4),
                "fixed": digits((fixed.argmax(1) == labels).mean(), 4),
            },
            "classes": metrics,
        },
        "layers": errors,
        "engines": [comparison("definition", "tensors")]
        + [comparison("tensors", e) for e in ("netlist", "verilator", "icarus")],
    },
    "diagnostics": [
        {
            "code": "Q0205",
            "severity": "warning",
            "message": "the scale 0.0291 of `relu2` became 3814/2^17",
            "place": "node `relu2` (Quant) of models/jet_hlf_q6_qonnx.onnx",
            "notes": ["the result differs from the model's own arithmetic by at most one part in 10,700"],
            "help": "train with power-of-two scales to have it exact",
        }
    ],
    "gates": [],
}


def layout(value, indent=""):
    """Objects are indented, one field a line; arrays add no lines of their own."""
    if isinstance(value, dict):
        inner = indent + "  "
        fields = (f"{inner}{json.dumps(k)}: {layout(v, inner)}" for k, v in value.items())
        return "{\n" + ",\n".join(fields) + f"\n{indent}}}"
    if isinstance(value, list):
        return "[" + ", ".join(layout(v, indent) for v in value) + "]"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return json.dumps(value, ensure_ascii=False)


Path(__file__).with_suffix(".json").write_text(layout(report) + "\n")
