"""Verilog of one side, and what that side says about it."""

from dataclasses import asdict, dataclass


@dataclass
class Design:
    """Sources and ports; an element of a port is `[lowest bit, width, signed, binary point]`."""

    sources: list[str]
    top: str
    input_port: str
    output_port: str
    inputs: list
    outputs: list
    clock: str | None
    adders: int
    three_operand: int
    depth: int | None
    cost: float
    registers: int
    seconds: float | None
    options: str = ""
    planned_ns: float | None = None

    def save(self):
        return asdict(self)

    @property
    def input_width(self):
        return sum(width for _, width, *_ in self.inputs)

    @property
    def output_width(self):
        return sum(width for _, width, *_ in self.outputs)

    def texts(self):
        """Every source, for a name under which results are kept."""
        return [open(path).read() for path in self.sources]


def packed(widths):
    """Elements side by side, the first in the lowest bits."""
    low, elements = 0, []
    for width, signed, frac in widths:
        elements.append([low, int(width), bool(signed), int(frac)])
        low += int(width)
    return elements
