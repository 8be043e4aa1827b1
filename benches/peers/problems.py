"""What all sides are given: dense layers with integer weights, one or several in a row."""

from dataclasses import dataclass, field
from math import ceil, log2

import numpy as np


@dataclass
class Layer:
    """`x @ weights * 2^-weight_frac + bias * 2^-bias_frac`; then, where `bits` says so, ReLU and
    a saturating unsigned format of `bits` bits, `frac` of them after the point, rounded down."""

    weights: np.ndarray
    weight_bits: int
    weight_frac: int = 0
    bias: np.ndarray | None = None
    bias_bits: int = 8
    bias_frac: int = 0
    bits: int | None = None
    frac: int = 0


@dataclass
class Problem:
    """Layers behind an input format; a single layer is a matrix."""

    name: str
    layers: list[Layer]
    bits: int = 8
    frac: int = 0
    signed: bool = True
    large: bool = False
    events: np.ndarray | None = field(default=None, repr=False)
    stored: np.ndarray | None = field(default=None, repr=False)

    @property
    def is_network(self):
        return len(self.layers) > 1

    @property
    def range(self):
        """The least and the greatest input."""
        return (-(2 ** (self.bits - 1)), 2 ** (self.bits - 1) - 1) if self.signed else (0, 2**self.bits - 1)

    def identity(self):
        """Everything that decides a solution."""
        weights = [(l.weights.tolist(), l.weight_frac, l.bits, l.frac) for l in self.layers]
        biases = [(l.bias.tolist(), l.bias_frac) for l in self.layers if l.bias is not None]
        return repr((self.bits, self.frac, self.signed, weights, biases))

    def vectors(self):
        """Inputs: the stored events, or extremes and random ones."""
        if self.events is not None:
            return self.events
        low, high = self.range
        n_inputs = len(self.layers[0].weights)
        x = np.random.default_rng(n_inputs).integers(low, high + 1, (64, n_inputs))
        x[0], x[1], x[2], x[3], x[4, ::2], x[4, 1::2] = low, high, 0, 1, low, high
        return x

    def expected(self, x):
        """The outputs in Python's integers, and their binary point."""
        x, frac = x.astype(object), self.frac
        for layer in self.layers:
            x, frac = x @ layer.weights.astype(object), frac + layer.weight_frac
            if layer.bias is not None:
                x = x + layer.bias.astype(object) * 2 ** (frac - layer.bias_frac)
            if layer.bits is not None:
                x = np.clip(x // 2 ** (frac - layer.frac), 0, 2**layer.bits - 1)
                frac = layer.frac
        return x, frac


def digits(value):
    """How many non-zero digits the canonical signed form of an integer has."""
    value, count = abs(int(value)), 0
    while value:
        if value & 1:
            count += 1
            value -= 2 - (value & 3)
        value >>= 1
    return count


def least_depth(weights):
    """The depth below which no graph of two-operand adders over signed digits can stay."""
    columns = [sum(map(digits, column)) for column in weights.T]
    return max((ceil(log2(terms)) for terms in columns if terms), default=0)


def least_luts(weights, low, high):
    """Below so many look-up tables no circuit can stay: each bit of a different output that is not one of an input has one.

    Columns that are the same up to their sign and a power of two count once; of each the bits from the second lowest place
    of its weights on up to the top of its range.
    """
    columns = {}
    for column in weights.T.tolist():
        places = sorted((w & -w).bit_length() - 1 for w in column if w)
        if len(places) < 2:
            continue
        odd = [w >> places[0] for w in column]
        sign = next(w for w in odd if w)
        least, most = (sum(min(w * low, w * high) for w in column), sum(max(w * low, w * high) for w in column))
        width = max((-least - 1).bit_length(), most.bit_length()) + (least < 0)
        columns[tuple(w if sign > 0 else -w for w in odd)] = width - places[1]
    return sum(columns.values())


def dense(rows, columns, bits):
    rng = np.random.default_rng(1000 * rows + 100 * columns + bits)
    return rng.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (rows, columns))


def sparse(rows, columns, bits, zeros):
    rng = np.random.default_rng(7000 * rows + 100 * columns + bits)
    full = rng.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (rows, columns))
    return full * (rng.random((rows, columns)) > zeros)


def signs(rows, columns):
    return 2 * np.random.default_rng(rows * columns).integers(0, 2, (rows, columns)) - 1


def gauss(rows, columns, bits):
    normal = np.random.default_rng(rows * columns + bits).normal(0, 2 ** (bits - 3), (rows, columns))
    return np.clip(np.round(normal), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1).astype(int)


def low_rank(rows, columns):
    rng = np.random.default_rng(rows + columns)
    return rng.integers(-2, 3, (rows, 3)) @ rng.integers(-3, 4, (3, columns))


def matrices():
    """Names and matrices, the same in each run."""
    for size in (8, 16, 32):
        for bits in (2, 4, 6, 8):
            yield f"{size}x{size}-{bits}b", dense(size, size, bits)
    yield "16x16-sign", signs(16, 16)
    yield "16x16-gauss6", gauss(16, 16, 6)
    yield "16x16-rank3", low_rank(16, 16)
    yield "16x64-4b", dense(16, 64, 4)
    yield "16x64-6b", dense(16, 64, 6)
    yield "64x5-6b", dense(64, 5, 6)
    yield "64x32-sparse6", sparse(64, 32, 6, 0.7)
    yield "64x32-6b", dense(64, 32, 6)
    yield "32x32-sign", signs(32, 32)
    for bits in (2, 4, 6, 8):
        yield f"64x64-{bits}b", dense(64, 64, bits)


def matrix_problem(name, weights, **inputs):
    """A matrix behind 8-bit signed inputs, or others."""
    bits = int(np.abs(weights).max()).bit_length() + 1
    return Problem(name, [Layer(weights, bits)], large=weights.size > 1024, **inputs)


def generated():
    """Matrices behind inputs of 8 bits, and of one."""
    for name, matrix in matrices():
        yield matrix_problem(name, matrix)
    for size, bits in ((16, 4), (16, 6), (32, 6)):
        yield matrix_problem(f"{size}x{size}-{bits}b-binary", dense(size, size, bits), bits=1, signed=False)
