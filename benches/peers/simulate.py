"""Every design against the same vectors, in Icarus Verilog, as it is synthesized."""

import shutil
import subprocess
from pathlib import Path

BENCH = """
module bench;
  reg clock = 0;
  reg [{x}:0] stimulus;
  wire [{y}:0] result;
  reg [{x}:0] events [0:{last}];
  integer index;
  {top} under_test (.{input_port}(stimulus), .{output_port}(result){clock});
  initial begin
    $readmemh("events.hex", events);
    for (index = 0; index <= {last} + {latency}; index = index + 1) begin
      stimulus = events[index > {last} ? {last} : index];
      #1;
      if (index >= {latency}) $display("%h", result);
      #1 clock = 1;
      #1 clock = 0;
    end
  end
endmodule
"""


def mismatches(problem, design, latency, folder):
    """How many events come out differently than Python's integers say."""
    x = problem.vectors()
    expected, frac = problem.expected(x)
    if problem.stored is not None:
        assert (expected == problem.stored).all(), "the definition differs from the stored integers"
    folder.mkdir(parents=True, exist_ok=True)
    events = []
    for row in x:
        word = 0
        for (low, width, _, point), value in zip(design.inputs, row, strict=True):
            aligned = (int(value) << 64) >> (64 + problem.frac - point)
            word |= (aligned & ((1 << width) - 1)) << low
        events.append(f"{word:x}")
    (folder / "events.hex").write_text("\n".join(events) + "\n")
    text = BENCH.format(
        x=design.input_width - 1,
        y=design.output_width - 1,
        last=len(x) - 1,
        top=design.top,
        input_port=design.input_port,
        output_port=design.output_port,
        clock=f", .{design.clock}(clock)" if design.clock else "",
        latency=latency or 0,
    )
    (folder / "bench.v").write_text(text)
    sources = [*design.sources, *primitives(design)]
    command = ["iverilog", "-g2012", "-DSYNTHESIS", "-o", "bench.vvp", "-s", "bench", "bench.v", *sources]
    subprocess.run(command, cwd=folder, check=True)
    output = subprocess.run(["vvp", "bench.vvp"], cwd=folder, check=True, capture_output=True, text=True).stdout
    words = [line for line in output.splitlines() if line]
    assert len(words) == len(x), f"{len(words)} results of {len(x)} events"
    return sum(unpacked(design, word, frac) != [int(v) for v in row] for word, row in zip(words, expected))


def unpacked(design, word, frac):
    """The integers of a word of outputs, or nothing where a bit is undefined."""
    if any(digit in "xXzZ" for digit in word):
        return None
    word, values = int(word, 16), []
    for low, width, signed, point in design.outputs:
        value = (word >> low) & ((1 << width) - 1)
        if signed and width and value >> (width - 1):
            value -= 1 << width
        values.append(value * 2 ** (frac - point) if frac >= point else None)
    return values


def primitives(design):
    """Yosys' models of the AMD primitives, where a design names some."""
    if not any("LUT6_2" in text or "CARRY" in text for text in design.texts()):
        return []
    share = Path(shutil.which("yosys")).resolve().parent.parent / "share/yosys"
    return [str(share / "xilinx/cells_sim.v")]
