"""Yosys for all sides alike."""

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
