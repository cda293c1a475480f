"""Loss and gradient of a network with any hidden layers and any activation.

The neurons of a layer lie in the lanes, the samples are taken four by four, so that each weight is
loaded once for four samples and no sum goes over the lanes except at the single output. The samples
are taken in blocks, whose values at all layers stay in the cache.

Every array is flat, with a width that is padded to a multiple of 16. The parameters are, for each
hidden layer, its weight transposed, (inputs, padded outputs), and its bias; then the output
layer's weight, (padded inputs,), and its bias in the first of 16.
"""

# ruff: noqa: PLR0917    (compiled code gets plain arrays: to take one out of an object costs time)

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.kernel_batch import NO_EPOCH, Batch, Job, Memory, next_batch
from tinynet_gui.core.kernel_compile import compiled, int64
from tinynet_gui.core.kernel_layout import padded
from tinynet_gui.core.kernel_math import activate, loss_of, loss_slope
from tinynet_gui.core.kernel_update import DECAY, RATE, SGD, beta_powers, update_plain, update_with_memory
from tinynet_gui.core.kernel_vector import (
    LANES,
    Vector,
    first_lanes,
    in_first_lane,
    interleave_high,
    interleave_low,
    lanes_total,
    load,
    muladd,
    pairs_high,
    pairs_low,
    quarter_totals,
    splat,
    spread,
    store,
    store_quarters,
    total_quarters,
    where_positive,
)

BLOCK = int64(32)  # samples
START, NO_BIAS = int64(0), int64(-1)


class Scratch(NamedTuple):
    """Room for what a step computes on its way.

    `values`, `derivatives` and `deltas` are the activations h, dh/du and dL/du of a block at all layers but
    the output, one layer after the other, each (`BLOCK`, padded width); the input is layer 0.
    `transposed` are the weights of the hidden layers but the first as (padded outputs, padded inputs).
    `outputs`, of `BLOCK`, are first ŷ and then dL/dŷ.
    """

    values: Array
    derivatives: Array
    deltas: Array
    transposed: Array
    outputs: Array


@compiled
def _transpose(widths: npt.NDArray[np.int64], parameters: Array, transposed: Array) -> int:
    """Write each hidden layer's weight but the first's transposed, both ways padded; return the end."""
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
                    ab, cd = interleave_low(a, b), interleave_low(c, d)
                    place = t + i * wide_in + j
                    store_quarters(transposed, place, 4 * wide_in, pairs_low(ab, cd))
                    store_quarters(transposed, place + wide_in, 4 * wide_in, pairs_high(ab, cd))
                    ab, cd = interleave_high(a, b), interleave_high(c, d)
                    store_quarters(transposed, place + 2 * wide_in, 4 * wide_in, pairs_low(ab, cd))
                    store_quarters(transposed, place + 3 * wide_in, 4 * wide_in, pairs_high(ab, cd))
            t += wide_out * wide_in
        w += (n_in + 1) * wide_out
    return t


@compiled
def _multiply(
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
    """Write left (rows, inner) · right (inner, padded columns) + bias; no bias where its place is `NO_BIAS`."""
    zero = splat(0.0)
    for i in range(0, right_wide, LANES):
        bias = load(right, bias_at + i) if bias_at != NO_BIAS else zero
        for s in range(0, rows, 4):
            # Two sums for each of four rows: eight, so that none waits for its last addition.
            a, b, c, d = bias, bias, bias, bias
            e, f, g, h = zero, zero, zero, zero
            row0 = left_at + s * left_wide
            row1, row2, row3 = row0 + left_wide, row0 + 2 * left_wide, row0 + 3 * left_wide
            place = right_at + i
            for j in range(0, inner - 1, 2):
                v, w = load(right, place), load(right, place + right_wide)
                a = muladd(spread(left, row0 + j), v, a)
                b = muladd(spread(left, row1 + j), v, b)
                c = muladd(spread(left, row2 + j), v, c)
                d = muladd(spread(left, row3 + j), v, d)
                e = muladd(spread(left, row0 + j + 1), w, e)
                f = muladd(spread(left, row1 + j + 1), w, f)
                g = muladd(spread(left, row2 + j + 1), w, g)
                h = muladd(spread(left, row3 + j + 1), w, h)
                place += 2 * right_wide
            if inner % 2 == 1:
                v, j = load(right, place), inner - 1
                a = muladd(spread(left, row0 + j), v, a)
                b = muladd(spread(left, row1 + j), v, b)
                c = muladd(spread(left, row2 + j), v, c)
                d = muladd(spread(left, row3 + j), v, d)
            cell = out_at + s * right_wide + i
            store(out, cell, a + e)
            store(out, cell + right_wide, b + f)
            store(out, cell + 2 * right_wide, c + g)
            store(out, cell + 3 * right_wide, d + h)


@compiled
def _outputs(count: int, values: Array, at: int, parameters: Array, w: int, wide: int, outputs: Array) -> None:
    """Write the output at each sample."""
    bias, nothing = spread(parameters, w + wide), splat(0.0)
    for s in range(0, count, LANES):
        row = at + s * wide
        p = _four_outputs(values, row, parameters, w, wide)
        q = _four_outputs(values, row + 4 * wide, parameters, w, wide) if s + 4 < count else nothing
        r = _four_outputs(values, row + 8 * wide, parameters, w, wide) if s + 8 < count else nothing
        t = _four_outputs(values, row + 12 * wide, parameters, w, wide) if s + 12 < count else nothing
        store(outputs, s, total_quarters(p, q, r, t) + bias)


@compiled
def _four_outputs(values: Array, row: int, parameters: Array, w: int, wide: int) -> Vector:
    a, b, c, d = splat(0.0), splat(0.0), splat(0.0), splat(0.0)
    for i in range(0, wide, LANES):
        v = load(parameters, w + i)
        a = muladd(v, load(values, row + i), a)
        b = muladd(v, load(values, row + wide + i), b)
        c = muladd(v, load(values, row + 2 * wide + i), c)
        d = muladd(v, load(values, row + 3 * wide + i), d)
    return quarter_totals(a, b, c, d)


@compiled
def _accumulate(
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
                a = muladd(spread(values, row), v, a)
                b = muladd(spread(values, row + 1), v, b)
                c = muladd(spread(values, row + 2), v, c)
                d = muladd(spread(values, row + 3), v, d)
                row += wide_in
                e = muladd(spread(values, row), w, e)
                f = muladd(spread(values, row + 1), w, f)
                g = muladd(spread(values, row + 2), w, g)
                h = muladd(spread(values, row + 3), w, h)
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
                a = muladd(spread(values, row), load(deltas, place), a)
                b = muladd(spread(values, row + wide_in), load(deltas, place + wide_out), b)
                c = muladd(spread(values, row + 2 * wide_in), load(deltas, place + 2 * wide_out), c)
                d = muladd(spread(values, row + 3 * wide_in), load(deltas, place + 3 * wide_out), d)
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


@compiled
def layers_gradients(
    kind: int,
    activation: int,
    widths: npt.NDArray[np.int64],
    count: int,
    x: Array,
    y: Array,
    weights: Array,
    parameters: Array,
    gradients: Array,
    values: Array,
    derivatives: Array,
    deltas: Array,
    transposed: Array,
    outputs: Array,
) -> np.float32:
    """Write the gradient of the mean loss over a batch, and return the loss.

    Parameters
    ----------
    kind, activation, widths
        Of the `Job`: loss, activation, widths.
    count, x, y, weights
        How many samples, and the `Batch`.
    parameters, gradients
        Of the `Memory`.
    values, derivatives, deltas, transposed, outputs
        The `Scratch`.
    """
    hidden = widths.size - 2
    all_rows = padded(count)
    zero = splat(0.0)
    for i in range(0, gradients.size, LANES):
        store(gradients, i, zero)
    end = _transpose(widths, parameters, transposed)
    loss_sum = zero
    for start in range(0, all_rows, BLOCK):
        rows = min(BLOCK, all_rows - start)
        loss_rows = -(-min(count - start, BLOCK) // 4) * 4
        # forward: each hidden layer's values stand after those of the layer before
        at, w = START, START
        for s in range(loss_rows):
            values[s * LANES] = x[start + s]
        for layer in range(hidden):
            n_in, wide_in = widths[layer], padded(widths[layer])
            n_out, wide_out = widths[layer + 1], padded(widths[layer + 1])
            after = at + BLOCK * wide_in
            bias = w + n_in * wide_out
            _multiply(loss_rows, n_in, values, at, wide_in, parameters, w, wide_out, bias, values, after)
            activate(activation, values, derivatives, after, after + loss_rows * wide_out)
            at, w = after, bias + wide_out
        wide = padded(widths[hidden])
        _outputs(min(count - start, BLOCK), values, at, parameters, w, wide, outputs)
        # the loss, and dL/dŷ in the outputs' place
        bias_slope = zero
        for s in range(0, rows, LANES):
            weight = load(weights, start + s)
            error = load(outputs, s) - load(y, start + s)
            loss_sum = loss_sum + where_positive(weight, loss_of(kind, error), zero)
            slope = where_positive(weight, weight * loss_slope(kind, error), zero)
            bias_slope = bias_slope + slope
            store(outputs, s, slope)
        g = load(gradients, w + wide) + in_first_lane(lanes_total(bias_slope))
        store(gradients, w + wide, g)
        # backward
        for i in range(0, wide, LANES):
            g, g2, v = load(gradients, w + i), zero, load(parameters, w + i)
            for s in range(0, loss_rows, 2):
                cell = at + s * wide + i
                d, d2 = spread(outputs, s), spread(outputs, s + 1)
                g = muladd(d, load(values, cell), g)
                g2 = muladd(d2, load(values, cell + wide), g2)
                if hidden > 0:
                    store(deltas, cell, d * v * load(derivatives, cell))
                    store(deltas, cell + wide, d2 * v * load(derivatives, cell + wide))
            g = g + g2
            # act(0) need not be 0: without this, the padding would learn
            store(gradients, w + i, first_lanes(g, widths[hidden] - i))
        t = end
        for layer in range(hidden - 1, -1, -1):
            n_in, wide_in = widths[layer], padded(widths[layer])
            n_out, wide_out = widths[layer + 1], padded(widths[layer + 1])
            before = at - BLOCK * wide_in
            w -= (n_in + 1) * wide_out
            _accumulate(loss_rows, n_in, values, before, wide_in, deltas, at, wide_out, gradients, w)
            if layer > 0:
                t -= wide_out * wide_in
                _multiply(loss_rows, n_out, deltas, at, wide_out, transposed, t, wide_in, NO_BIAS, deltas, before)
                for i in range(before, before + loss_rows * wide_in, LANES):
                    store(deltas, i, load(deltas, i) * load(derivatives, i))
            at = before
    return lanes_total(loss_sum) / np.float32(count)


@compiled
def layers_steps(job: Job, batch: Batch, memory: Memory, scratch: Scratch, begin: int, end: int, losses: Array) -> int:
    """Take steps begin to end of a run; return the first whose loss is not finite, else `end`."""
    # Taken out of the tuples here, and not at each step: it counts references.
    x, y, weights, parameters, gradients = batch.x, batch.y, batch.weights, memory.parameters, memory.gradients
    first, second, live, widths, values = memory.first, memory.second, job.live, job.widths, scratch.values
    derivatives, deltas, transposed, outputs = (
        scratch.derivatives,
        scratch.deltas,
        scratch.transposed,
        scratch.outputs,
    )
    kind, activation, optimizer, stride = job.loss, job.activation, job.optimizer, job.stride
    is_whole = job.size == job.x.size
    count, epoch = next_batch(job, batch, job.start + begin, NO_EPOCH)
    rate, decay, has_decay = splat(-live[RATE]), splat(live[DECAY]), live[DECAY] != 0.0
    powers = beta_powers(live, job.start + begin)
    for i in range(begin, end):
        if not is_whole:
            count, epoch = next_batch(job, batch, job.start + i, epoch)
        loss = layers_gradients(
            kind,
            activation,
            widths,
            count,
            x,
            y,
            weights,
            parameters,
            gradients,
            values,
            derivatives,
            deltas,
            transposed,
            outputs,
        )
        if not np.isfinite(loss):
            return i
        if i % stride == 0:
            losses[i // stride] = loss
        if optimizer == SGD:
            update_plain(rate, decay, has_decay, parameters, gradients)
        else:
            update_with_memory(optimizer, live, powers, parameters, gradients, first, second)
    return end
