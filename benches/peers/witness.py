#!/usr/bin/env python3
"""Holds the C simulation of hls4ml against trigforge, and writes docs/benchmarks/hls4ml.md.

    cargo build --release --locked --no-default-features
    benches/peers/witness.py [--trigforge FILE] [--events N]

hls4ml, in a virtual environment of its own, turns the same QONNX models into C++ with AMD's
number types, compiles it and computes the same real jets. Every output must be the number that
`trigforge simulate` gives. Needs g++.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from environment import REPOSITORY, TARGET, enter  # noqa: E402

TABLE = REPOSITORY / "docs/benchmarks/hls4ml.md"
MODELS = REPOSITORY / "models/jet_hlf"
ROWS = [("jet_hlf_q6_qonnx", "q6_x.npy"), ("jet_hlf_q8_qonnx", "q8_x.npy")]

HEAD = """# A third witness: hls4ml

Written by `benches/peers/witness.py` with hls4ml {version}: its C simulation of the QONNX models
of `models/jet_hlf` (back end Vitis, strategy latency, formats of the model), beside `trigforge
simulate`, on the same real jets. *Different* counts outputs that are not the same number. Seconds are
processor seconds of converting, writing and compiling there, and of `make csim` of `compile --backend
vitis` here, C++ compiler included.

| model | events | outputs | different | hls4ml, s | trigforge, s |
|---|---:|---:|---:|---:|---:|
"""


def processor_seconds():
    """Of this process and of those that it waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def theirs(model, folder, events):
    """What hls4ml computes, and the seconds that its simulation took to be there."""
    import hls4ml
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.transformation.gemm_to_matmul import GemmToMatMul
    from qonnx.util.cleanup import cleanup_model

    start = processor_seconds()
    wrapped = ModelWrapper(str(model))
    # The shape inference of qonnx wants to know the number of events.
    for tensor in [*wrapped.model.graph.input, *wrapped.model.graph.output]:
        tensor.type.tensor_type.shape.dim[0].dim_value = 1
    wrapped = cleanup_model(cleanup_model(wrapped).transform(GemmToMatMul()))
    settings = hls4ml.utils.config_from_onnx_model(wrapped, granularity="name", backend="Vitis")
    settings["Model"].update(ReuseFactor=1, Strategy="Latency")
    project = hls4ml.converters.convert_from_onnx_model(
        wrapped, hls_config=settings, output_dir=str(folder), backend="Vitis", io_type="io_parallel"
    )
    project.compile()
    seconds = processor_seconds() - start
    return project.predict(events).reshape(len(events), -1), seconds


def ours(trigforge, model, folder, events):
    """What trigforge computes, and the seconds that its C++ took to be there."""
    import numpy

    numpy.save(folder / "x.npy", events)
    call = lambda *command: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    call(trigforge, "simulate", model, "--data", folder / "x.npy", "-o", folder / "y.npy")
    start = processor_seconds()
    call(trigforge, "compile", model, "--backend", "vitis", "-o", folder / "build", "--quiet")
    call("make", "-s", "-C", folder / "build", "csim")
    return numpy.load(folder / "y.npy").reshape(len(events), -1), processor_seconds() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trigforge", type=Path, default=TARGET / "release/trigforge")
    parser.add_argument("--events", type=int, default=1000)
    options = parser.parse_args()
    import numpy

    lines = []
    for name, data in ROWS:
        events = numpy.ascontiguousarray(numpy.load(MODELS / data)[: options.events], dtype=numpy.float32)
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            model = MODELS / f"{name}.onnx"
            found, seconds = theirs(model, folder / "hls4ml", events)
            expected, own = ours(options.trigforge.resolve(), model, folder, events)
        different = int((found != expected).sum())
        lines.append(f"| {name} | {len(events):,} | {found.size:,} | {different} | {seconds:.1f} | {own:.1f} |\n")
        print(lines[-1], end="", flush=True)
    TABLE.write_text(HEAD.format(version=version("hls4ml")) + "".join(lines))


if __name__ == "__main__":
    enter("witness", "witness_requirements.txt")
    main()
