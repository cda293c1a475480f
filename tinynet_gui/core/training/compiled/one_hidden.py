"""Loss and gradient of the tutorial's network, one hidden ReLU layer, sixteen values at a time.

Two ideas make it fast.

*Two layouts.* A sum over the lanes of a vector is slow. The outputs are sums over the neurons, so with few neurons they
are computed with the samples in the lanes; the gradients are sums over the samples, so they are computed with the
neurons in the lanes. The pre-activations are computed in both.

*Two sums for each neuron.* With D = dL/dŷ at a sample, and S₀ = Σ D and S₁ = Σ D·x over the samples at which a neuron
is active, the gradients are ``dL/db₁ = w₂·S₀``, ``dL/dw₁ = w₂·S₁`` and, as h = w₁·x + b₁ there,
``dL/dw₂ = Σ D·h = w₁·S₁ + b₁·S₀``.
"""

from typing import NamedTuple

import numpy as np

from tinynet_gui.core.training.compiled import loop
from tinynet_gui.core.training.compiled.arguments import LANES, PLAIN_CODE, Memory, Setup, padded
from tinynet_gui.core.training.compiled.compile import compiled, entry_point, inlined, spliced
from tinynet_gui.core.training.compiled.math import loss_of, loss_slope
from tinynet_gui.core.training.compiled.vector import (
    Vector,
    in_first_lane,
    lanes_total,
    load,
    magnitude,
    muladd,
    quarter_totals,
    relu,
    splat,
    splat_at,
    store,
    total_quarters,
    where_positive,
)
from tinynet_gui.core.values import Array, Ints, Stop

REDUCTION_COST = 3  # of a sum over the lanes; one neuron at sixteen samples costs 3, too


@inlined
def _outputs_samples_in_lanes(neurons: int, width: int, rows: int, x: Array, parameters: Array, outputs: Array) -> None:
    """Write the outputs: the layout for few neurons."""
    for s in range(0, rows, LANES):
        samples = load(x, s)
        even, odd = splat_at(parameters, 3 * width), splat(0.0)
        for j in range(0, neurons, 2):  # the padding has room for one more
            h = relu(muladd(splat_at(parameters, j), samples, splat_at(parameters, width + j)))
            even = muladd(splat_at(parameters, 2 * width + j), h, even)
            h = relu(muladd(splat_at(parameters, j + 1), samples, splat_at(parameters, width + j + 1)))
            odd = muladd(splat_at(parameters, 2 * width + j + 1), h, odd)
        store(outputs, s, even + odd)


@inlined
def _outputs_neurons_in_lanes(width: int, count: int, x: Array, parameters: Array, outputs: Array) -> None:
    """Write the outputs: the layout for many neurons."""
    b2, nothing = splat_at(parameters, 3 * width), splat(0.0)
    for s in range(0, count, LANES):
        p = _four_outputs(width, s, x, parameters)
        q = _four_outputs(width, s + 4, x, parameters) if s + 4 < count else nothing
        r = _four_outputs(width, s + 8, x, parameters) if s + 8 < count else nothing
        t = _four_outputs(width, s + 12, x, parameters) if s + 12 < count else nothing
        store(outputs, s, total_quarters(p, q, r, t) + b2)


@compiled
def _four_outputs(width: int, s: int, x: Array, parameters: Array) -> Vector:
    x0, x1, x2, x3 = splat_at(x, s), splat_at(x, s + 1), splat_at(x, s + 2), splat_at(x, s + 3)
    y0, y1, y2, y3 = splat(0.0), splat(0.0), splat(0.0), splat(0.0)
    for i in range(0, width, LANES):
        w1, b1, w2 = load(parameters, i), load(parameters, width + i), load(parameters, 2 * width + i)
        y0 = muladd(w2, relu(muladd(w1, x0, b1)), y0)
        y1 = muladd(w2, relu(muladd(w1, x1, b1)), y1)
        y2 = muladd(w2, relu(muladd(w1, x2, b1)), y2)
        y3 = muladd(w2, relu(muladd(w1, x3, b1)), y3)
    return quarter_totals(y0, y1, y2, y3)


@inlined
def one_hidden_gradients(
    loss: int,
    neurons: int,
    count: int,
    x: Array,
    y: Array,
    weights: Array,
    parameters: Array,
    gradients: Array,
    slopes: Array,
    moments: Array,
) -> np.float32:
    """Write the gradient of the mean loss over a batch, and return the loss.

    Parameters
    ----------
    loss
        One of `LOSS_CODES`.
    x, y, weights
        The `Batch`.
    parameters, gradients
        w₁, b₁, w₂, each padded to a multiple of 16 with zeros, then b₂ in the first of 16.
    slopes, moments
        Scratch, as long as the padded batch: dL/dŷ at each sample, and its product with x.
    """
    width, rows = padded(neurons), padded(count)
    cost_samples_in_lanes = 3 * neurons * (rows // LANES)
    cost_neurons_in_lanes = (3 * (width // LANES) + REDUCTION_COST) * count
    if cost_samples_in_lanes <= cost_neurons_in_lanes:
        _outputs_samples_in_lanes(neurons, width, rows, x, parameters, slopes)
    else:
        _outputs_neurons_in_lanes(width, count, x, parameters, slopes)

    zero = splat(0.0)
    loss_sum, slope_sum = zero, zero
    for s in range(0, rows, LANES):
        weight = load(weights, s)
        error = load(slopes, s) - load(y, s)
        loss_sum = loss_sum + where_positive(weight, loss_of(loss, error), zero)
        slope = where_positive(weight, weight * loss_slope(loss, error), zero)
        slope_sum = slope_sum + slope
        store(slopes, s, slope)
        store(moments, s, slope * load(x, s))

    fours = -(-count // 4) * 4  # padding has slope 0
    for i in range(0, width, LANES):
        w1, b1, w2 = load(parameters, i), load(parameters, width + i), load(parameters, 2 * width + i)
        s0a, s0b, s1a, s1b = zero, zero, zero, zero
        for s in range(0, fours, 4):
            u = muladd(w1, splat_at(x, s), b1)
            s0a = s0a + where_positive(u, splat_at(slopes, s), zero)
            s1a = s1a + where_positive(u, splat_at(moments, s), zero)
            u = muladd(w1, splat_at(x, s + 1), b1)
            s0b = s0b + where_positive(u, splat_at(slopes, s + 1), zero)
            s1b = s1b + where_positive(u, splat_at(moments, s + 1), zero)
            u = muladd(w1, splat_at(x, s + 2), b1)
            s0a = s0a + where_positive(u, splat_at(slopes, s + 2), zero)
            s1a = s1a + where_positive(u, splat_at(moments, s + 2), zero)
            u = muladd(w1, splat_at(x, s + 3), b1)
            s0b = s0b + where_positive(u, splat_at(slopes, s + 3), zero)
            s1b = s1b + where_positive(u, splat_at(moments, s + 3), zero)
        s0, s1 = s0a + s0b, s1a + s1b
        store(gradients, i, w2 * s1)
        store(gradients, width + i, w2 * s0)
        # A dead neuron may have infinite weights at a finite loss, and 0 · infinity is NaN.
        size = magnitude(s0) + magnitude(s1)
        store(gradients, 2 * width + i, where_positive(size, muladd(w1, s1, b1 * s0), zero))
    store(gradients, 3 * width, in_first_lane(lanes_total(slope_sum)))
    return lanes_total(loss_sum) / np.float32(count)


class Sums(NamedTuple):
    """Scratch for D and D·x at each sample of a batch, padded."""

    slopes: Array
    moments: Array


@spliced
def one_hidden_steps(
    setup: Setup,
    batch: loop.Batch,
    memory: Memory,
    sums: Sums,
    begin: int,
    end: int,
    losses: Array,
) -> int:
    """Take steps begin to end of a run; return the first one whose loss is not finite, else `end`."""
    # Unpacked outside the loop: unpacking an array counts a reference, which costs as much as a third of a step.
    x, y, weights, parameters, gradients = batch.x, batch.y, batch.weights, memory.parameters, memory.gradients
    first, second, live, kind, optimizer = memory.first, memory.second, setup.live, setup.loss, setup.optimizer
    neurons, slopes, moments = setup.widths[1], sums.slopes, sums.moments
    is_whole, is_sum, kept = setup.size == setup.x.size, setup.sums != 0, memory.kept
    keeps = kept.size > 0
    count, epoch = loop.next_batch(setup, batch, setup.start + begin, loop.NO_EPOCH)
    rate, decay, has_decay = splat(-live[loop.RATE]), splat(live[loop.DECAY_PLACE]), live[loop.DECAY_PLACE] != 0.0
    rates, is_scheduled = setup.rates, setup.rates.size > 0
    powers, has_changes = loop.powers_of(live, setup.start + begin), loop.changes_are_on(live)
    recorded = -(-begin // setup.stride)
    next_recorded = recorded * setup.stride
    for i in range(begin, end):
        if not is_whole:
            count, epoch = loop.next_batch(setup, batch, setup.start + i, epoch)
        loss = one_hidden_gradients(kind, neurons, count, x, y, weights, parameters, gradients, slopes, moments)
        if is_sum:
            loss = loss * np.float32(count)
        if not np.isfinite(loss):
            return i
        if i == next_recorded:
            losses[recorded] = loss
            recorded += 1
            next_recorded += setup.stride
        if keeps:
            loop.change_kept_gradients(live, parameters, gradients, kept)
        elif has_changes:
            loop.change_gradients(live, parameters, gradients)
        if is_scheduled:
            live[loop.RATE] = rates[i]
            rate = splat(-live[loop.RATE])
        if optimizer == PLAIN_CODE:
            loop.update_plain(rate, decay, has_decay, parameters, gradients)
        else:
            loop.update_by_rule(optimizer, live, powers, parameters, gradients, first, second)
    return end


_loop = loop.loop_of(one_hidden_steps)


@entry_point(loop.SIGNATURE)
def train_one_hidden(
    setup: Setup, steps: int, memory: Memory, losses: Array, stop: Stop, progress: Ints, each: Array
) -> tuple[int, int]:
    """Take steps as `loop_of` says, by `one_hidden_steps`."""
    rows = padded(loop.error_count(setup, setup.size))
    sums = Sums(loop.zeros(rows), loop.zeros(rows))
    return _loop(setup, sums, steps, memory, losses, stop, progress, each)
