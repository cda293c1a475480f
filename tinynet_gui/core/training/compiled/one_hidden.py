"""Loss and gradient of the tutorial's network, one hidden ReLU layer, sixteen values at a time.

Two ideas make it fast.

*Two layouts.* A sum over the lanes of a vector is slow. The outputs are sums over the neurons, so with few neurons they
are computed with the samples in the lanes; the gradients are sums over the samples, so they are computed with the
neurons in the lanes. The pre-activations are computed in both.

*Two sums for each neuron.* With D = dL/dŷ at a sample, and S₀ = Σ D and S₁ = Σ D·x over the samples at which a neuron
is active, the gradients are ``dL/db₁ = w₂·S₀``, ``dL/dw₁ = w₂·S₁`` and, as h = w₁·x + b₁ there,
``dL/dw₂ = Σ D·h = w₁·S₁ + b₁·S₀``.
"""

import numpy as np

from tinynet_gui.core.training.compiled import loop, vector
from tinynet_gui.core.training.compiled.arguments import LANES, Memory, Setup, padded
from tinynet_gui.core.training.compiled.batches import error_count
from tinynet_gui.core.training.compiled.compile import compiled, entry_point, inlined
from tinynet_gui.core.training.compiled.math import loss_of, loss_slope
from tinynet_gui.core.training.compiled.vector import Vector, load, muladd, splat, splat_at, store, where_positive
from tinynet_gui.core.values import Array, Ints, Stop

REDUCTION_COST = 3  # of a sum over the lanes; one neuron at sixteen samples costs 3, too


@inlined
def _outputs_samples_in_lanes(neurons: int, width: int, rows: int, x: Array, parameters: Array, outputs: Array) -> None:
    """Write the outputs: the layout for few neurons."""
    for s in range(0, rows, LANES):
        samples = load(x, s)
        even, odd = splat_at(parameters, 3 * width), splat(0.0)
        for j in range(0, neurons, 2):  # the padding has room for one more
            h = vector.relu(muladd(splat_at(parameters, j), samples, splat_at(parameters, width + j)))
            even = muladd(splat_at(parameters, 2 * width + j), h, even)
            h = vector.relu(muladd(splat_at(parameters, j + 1), samples, splat_at(parameters, width + j + 1)))
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
        store(outputs, s, vector.total_quarters(p, q, r, t) + b2)


@compiled
def _four_outputs(width: int, s: int, x: Array, parameters: Array) -> Vector:
    x0, x1, x2, x3 = splat_at(x, s), splat_at(x, s + 1), splat_at(x, s + 2), splat_at(x, s + 3)
    y0, y1, y2, y3 = splat(0.0), splat(0.0), splat(0.0), splat(0.0)
    for i in range(0, width, LANES):
        w1, b1, w2 = load(parameters, i), load(parameters, width + i), load(parameters, 2 * width + i)
        y0 = muladd(w2, vector.relu(muladd(w1, x0, b1)), y0)
        y1 = muladd(w2, vector.relu(muladd(w1, x1, b1)), y1)
        y2 = muladd(w2, vector.relu(muladd(w1, x2, b1)), y2)
        y3 = muladd(w2, vector.relu(muladd(w1, x3, b1)), y3)
    return vector.quarter_totals(y0, y1, y2, y3)


@inlined
def one_hidden_gradients(
    kind: int,
    _activations: Ints,
    widths: Ints,
    count: int,
    x: Array,
    y: Array,
    weights: Array,
    parameters: Array,
    gradients: Array,
    slopes: Array,
    moments: Array,
    *_others: Array,
) -> np.float32:
    """Write the gradient of the mean loss over a batch, and return the loss.

    Parameters
    ----------
    kind, widths
        Of the `Setup`.
    x, y, weights
        The `Batch`.
    parameters, gradients
        w₁, b₁, w₂, each padded to a multiple of 16 with zeros, then b₂ in the first of 16.
    slopes, moments
        Scratch, as long as the padded batch: dL/dŷ at each sample, and its product with x.
    """
    neurons = widths[1]
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
        loss_sum = loss_sum + where_positive(weight, loss_of(kind, error), zero)
        slope = where_positive(weight, weight * loss_slope(kind, error), zero)
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
        size = vector.magnitude(s0) + vector.magnitude(s1)
        store(gradients, 2 * width + i, where_positive(size, muladd(w1, s1, b1 * s0), zero))
    store(gradients, 3 * width, vector.in_first_lane(vector.lanes_total(slope_sum)))
    return vector.lanes_total(loss_sum) / np.float32(count)


_loop = loop.loop_of(one_hidden_gradients)


@entry_point(loop.SIGNATURE)
def train_one_hidden(
    setup: Setup, steps: int, memory: Memory, losses: Array, stop: Stop, progress: Ints, each: Array
) -> tuple[int, int]:
    """Take steps as `loop_of` says, by `one_hidden_gradients`."""
    rows, nothing = padded(error_count(setup, setup.size)), loop.zeros(0)
    scratch = loop.zeros(rows), loop.zeros(rows), nothing, nothing, nothing
    return _loop(setup, scratch, steps, memory, losses, stop, progress, each)
