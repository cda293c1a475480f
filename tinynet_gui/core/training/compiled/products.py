"""A network's parameters as one flat array with padded widths, and the matrix products of its layers."""

from numba.extending import register_jitable

from tinynet_gui.core.training.compiled import vector
from tinynet_gui.core.training.compiled.arguments import LANES, padded
from tinynet_gui.core.training.compiled.compile import compiled, int64
from tinynet_gui.core.training.compiled.vector import Vector, load, muladd, splat, splat_at, store
from tinynet_gui.core.values import Array, Ints

START, NO_BIAS = int64(0), int64(-1)
register_jitable(padded)  # for compiled callers too


@compiled
def transpose_weights(widths: Ints, parameters: Array, transposed: Array) -> int:
    """Write the transposed weight of each hidden layer but the first, both ways padded; return the end."""
    nothing = splat(0.0)
    w, t = START, START
    for layer in range(widths.size - 2):
        n_in, wide_in = widths[layer], padded(widths[layer])
        wide_out = padded(widths[layer + 1])
        if layer > 0:
            for j in range(0, n_in, 4):
                for i in range(0, wide_out, LANES):
                    cell = w + j * wide_out + i
                    a = load(parameters, cell)
                    b = load(parameters, cell + wide_out) if j + 1 < n_in else nothing
                    c = load(parameters, cell + 2 * wide_out) if j + 2 < n_in else nothing
                    d = load(parameters, cell + 3 * wide_out) if j + 3 < n_in else nothing
                    ab, cd = vector.interleave_low(a, b), vector.interleave_low(c, d)
                    place = t + i * wide_in + j
                    vector.store_quarters(transposed, place, 4 * wide_in, vector.pairs_low(ab, cd))
                    vector.store_quarters(transposed, place + wide_in, 4 * wide_in, vector.pairs_high(ab, cd))
                    ab, cd = vector.interleave_high(a, b), vector.interleave_high(c, d)
                    vector.store_quarters(transposed, place + 2 * wide_in, 4 * wide_in, vector.pairs_low(ab, cd))
                    vector.store_quarters(transposed, place + 3 * wide_in, 4 * wide_in, vector.pairs_high(ab, cd))
            t += wide_out * wide_in
        w += (n_in + 1) * wide_out
    return t


@compiled
def multiply(
    rows: int,
    inner: int,
    left: Array,
    left_at: int,
    left_wide: int,
    right: Array,
    right_at: int,
    right_wide: int,
    bias_at: int,
    out: Array,
    out_at: int,
) -> None:
    """Write left (rows, inner) · right (inner, padded columns) + bias, without bias if `bias_at` is `NO_BIAS`."""
    zero = splat(0.0)
    for i in range(0, right_wide, LANES):
        bias = load(right, bias_at + i) if bias_at != NO_BIAS else zero
        for s in range(0, rows, 4):
            # Two sums for each of four rows: eight independent ones hide the latency of an addition.
            a, b, c, d = bias, bias, bias, bias
            e, f, g, h = zero, zero, zero, zero
            row0 = left_at + s * left_wide
            row1, row2, row3 = row0 + left_wide, row0 + 2 * left_wide, row0 + 3 * left_wide
            place = right_at + i
            for j in range(0, inner - 1, 2):
                v, w = load(right, place), load(right, place + right_wide)
                a = muladd(splat_at(left, row0 + j), v, a)
                b = muladd(splat_at(left, row1 + j), v, b)
                c = muladd(splat_at(left, row2 + j), v, c)
                d = muladd(splat_at(left, row3 + j), v, d)
                e = muladd(splat_at(left, row0 + j + 1), w, e)
                f = muladd(splat_at(left, row1 + j + 1), w, f)
                g = muladd(splat_at(left, row2 + j + 1), w, g)
                h = muladd(splat_at(left, row3 + j + 1), w, h)
                place += 2 * right_wide
            if inner % 2 == 1:
                v, j = load(right, place), inner - 1
                a = muladd(splat_at(left, row0 + j), v, a)
                b = muladd(splat_at(left, row1 + j), v, b)
                c = muladd(splat_at(left, row2 + j), v, c)
                d = muladd(splat_at(left, row3 + j), v, d)
            cell = out_at + s * right_wide + i
            store(out, cell, a + e)
            store(out, cell + right_wide, b + f)
            store(out, cell + 2 * right_wide, c + g)
            store(out, cell + 3 * right_wide, d + h)


@compiled
def write_outputs(count: int, values: Array, at: int, parameters: Array, w: int, wide: int, outputs: Array) -> None:
    bias, nothing = splat_at(parameters, w + wide), splat(0.0)
    for s in range(0, count, LANES):
        row = at + s * wide
        p = _four_outputs(values, row, parameters, w, wide)
        q = _four_outputs(values, row + 4 * wide, parameters, w, wide) if s + 4 < count else nothing
        r = _four_outputs(values, row + 8 * wide, parameters, w, wide) if s + 8 < count else nothing
        t = _four_outputs(values, row + 12 * wide, parameters, w, wide) if s + 12 < count else nothing
        store(outputs, s, vector.total_quarters(p, q, r, t) + bias)


@compiled
def _four_outputs(values: Array, row: int, parameters: Array, w: int, wide: int) -> Vector:
    a, b, c, d = splat(0.0), splat(0.0), splat(0.0), splat(0.0)
    for i in range(0, wide, LANES):
        v = load(parameters, w + i)
        a = muladd(v, load(values, row + i), a)
        b = muladd(v, load(values, row + wide + i), b)
        c = muladd(v, load(values, row + 2 * wide + i), c)
        d = muladd(v, load(values, row + 3 * wide + i), d)
    return vector.quarter_totals(a, b, c, d)


@compiled
def accumulate(
    rows: int,
    n_in: int,
    values: Array,
    values_at: int,
    wide_in: int,
    deltas: Array,
    deltas_at: int,
    wide_out: int,
    gradients: Array,
    at: int,
) -> None:
    """Add a layer's gradients over a block: Σ h·δ for the weights, Σ δ for the biases."""
    zero = splat(0.0)
    for i in range(0, wide_out, LANES):
        for j in range(0, n_in - 3, 4):
            cell = at + j * wide_out + i
            a, b, c, d = zero, zero, zero, zero
            e, f, g, h = zero, zero, zero, zero
            for s in range(0, rows, 2):
                place = deltas_at + s * wide_out + i
                row = values_at + s * wide_in + j
                v, w = load(deltas, place), load(deltas, place + wide_out)
                a = muladd(splat_at(values, row), v, a)
                b = muladd(splat_at(values, row + 1), v, b)
                c = muladd(splat_at(values, row + 2), v, c)
                d = muladd(splat_at(values, row + 3), v, d)
                row += wide_in
                e = muladd(splat_at(values, row), w, e)
                f = muladd(splat_at(values, row + 1), w, f)
                g = muladd(splat_at(values, row + 2), w, g)
                h = muladd(splat_at(values, row + 3), w, h)
            store(gradients, cell, load(gradients, cell) + a + e)
            store(gradients, cell + wide_out, load(gradients, cell + wide_out) + b + f)
            store(gradients, cell + 2 * wide_out, load(gradients, cell + 2 * wide_out) + c + g)
            store(gradients, cell + 3 * wide_out, load(gradients, cell + 3 * wide_out) + d + h)
        for j in range(n_in - n_in % 4, n_in):
            cell = at + j * wide_out + i
            a, b, c, d = zero, zero, zero, zero
            for s in range(0, rows, 4):
                place = deltas_at + s * wide_out + i
                row = values_at + s * wide_in + j
                a = muladd(splat_at(values, row), load(deltas, place), a)
                b = muladd(splat_at(values, row + wide_in), load(deltas, place + wide_out), b)
                c = muladd(splat_at(values, row + 2 * wide_in), load(deltas, place + 2 * wide_out), c)
                d = muladd(splat_at(values, row + 3 * wide_in), load(deltas, place + 3 * wide_out), d)
            store(gradients, cell, load(gradients, cell) + (a + b) + (c + d))
        cell = at + n_in * wide_out + i
        a, b, c, d = zero, zero, zero, zero
        for s in range(0, rows, 4):
            place = deltas_at + s * wide_out + i
            a = a + load(deltas, place)
            b = b + load(deltas, place + wide_out)
            c = c + load(deltas, place + 2 * wide_out)
            d = d + load(deltas, place + 3 * wide_out)
        store(gradients, cell, load(gradients, cell) + (a + b) + (c + d))
