"""Sixteen networks side by side, group after group: one hidden ReLU layer, mean squared error, plain gradient descent.

Each lane is a network with its own weights, samples, learning rate and weight decay. No sum goes over the lanes, and no
lane is padding: this makes small networks faster together than alone. The gradients are those of `one_hidden`.
"""

import numpy as np

from tinynet_gui.core.training.compiled import vector
from tinynet_gui.core.training.compiled.arguments import LANES
from tinynet_gui.core.training.compiled.compile import entry_point, inlined
from tinynet_gui.core.training.compiled.vector import Vector, load, muladd, splat, store, where_positive
from tinynet_gui.core.values import Array, Ints, Stop

CHUNK_STEPS = 128  # between checks of `stop`, and of whether all sixteen have diverged


@inlined
def _step(
    neurons: int,
    samples: int,
    rate: Vector,
    decay: Vector,
    has_decay: bool,
    x: Array,
    y: Array,
    slopes: Array,
    moments: Array,
    parameters: Array,
) -> Vector:
    """Update all sixteen networks once; return their losses before."""
    zero = splat(0.0)
    b2 = load(parameters, 3 * neurons * LANES)
    loss, total = zero, zero
    mean, double_mean = splat(1.0 / samples), splat(2.0 / samples)
    rows = -(-samples // 4) * 4
    for row in range(0, rows, 4):
        s = row * LANES
        x0, x1, x2, x3 = load(x, s), load(x, s + 16), load(x, s + 32), load(x, s + 48)
        y0, y1, y2, y3 = b2, b2, b2, b2
        for p in range(0, 3 * neurons * LANES, 3 * LANES):
            w1, b1, w2 = load(parameters, p), load(parameters, p + 16), load(parameters, p + 32)
            y0 = muladd(w2, vector.relu(muladd(w1, x0, b1)), y0)
            y1 = muladd(w2, vector.relu(muladd(w1, x1, b1)), y1)
            y2 = muladd(w2, vector.relu(muladd(w1, x2, b1)), y2)
            y3 = muladd(w2, vector.relu(muladd(w1, x3, b1)), y3)
        store(slopes, s, y0)
        store(slopes, s + 16, y1)
        store(slopes, s + 32, y2)
        store(slopes, s + 48, y3)
    for s in range(0, samples * LANES, LANES):
        error = load(slopes, s) - load(y, s)
        loss = muladd(error, error, loss)
        slope = double_mean * error
        total = total + slope
        store(slopes, s, slope)
        store(moments, s, slope * load(x, s))
    for s in range(samples * LANES, rows * LANES, LANES):  # padding
        store(slopes, s, zero)
        store(moments, s, zero)

    for p in range(0, 3 * neurons * LANES, 3 * LANES):
        w1, b1, w2 = load(parameters, p), load(parameters, p + 16), load(parameters, p + 32)
        s0a, s0b, s1a, s1b = zero, zero, zero, zero
        for s in range(0, rows * LANES, 2 * LANES):
            u = muladd(w1, load(x, s), b1)
            s0a = s0a + where_positive(u, load(slopes, s), zero)
            s1a = s1a + where_positive(u, load(moments, s), zero)
            u = muladd(w1, load(x, s + 16), b1)
            s0b = s0b + where_positive(u, load(slopes, s + 16), zero)
            s1b = s1b + where_positive(u, load(moments, s + 16), zero)
        s0, s1 = s0a + s0b, s1a + s1b
        size = vector.magnitude(s0) + vector.magnitude(s1)
        g1, g2, g3 = w2 * s1, w2 * s0, where_positive(size, muladd(w1, s1, b1 * s0), zero)
        if has_decay:
            g1, g2, g3 = muladd(decay, w1, g1), muladd(decay, b1, g2), muladd(decay, w2, g3)
        store(parameters, p, muladd(rate, g1, w1))
        store(parameters, p + 16, muladd(rate, g2, b1))
        store(parameters, p + 32, muladd(rate, g3, w2))
    if has_decay:
        total = muladd(decay, b2, total)
    store(parameters, 3 * neurons * LANES, muladd(rate, total, b2))
    return loss * mean


@entry_point(
    "void(int64, int64, float32[:, ::1], float32[:, ::1], float32[::1], float32[:, ::1], float32[:, ::1], int64, int64,"
    "float32[:, ::1], float32[:, ::1], int64[:, ::1], int64[:, ::1], int64[::1], uint8[::1], int64[::1], int64[::1])"
)
def train_lanes(
    neurons: int,
    samples: int,
    all_rates: Array,
    all_decays: Array,
    limits: Array,
    all_x: Array,
    all_y: Array,
    steps: int,
    stride: int,
    all_parameters: Array,
    all_losses: Array,
    all_finite: Ints,
    all_above: Ints,
    taken: Ints,
    stop: Stop,
    progress: Ints,
    all_places: Ints,
) -> None:
    """Take steps of groups of sixteen networks in place; a group ends early once `stop` is set, or all have diverged.

    The groups are in the first dimension; what follows of a float32 array is flat, with the sixteen networks last.

    Parameters
    ----------
    neurons, samples
        Of every network.
    all_rates, all_decays, limits
        (groups, 16), limits (16,): learning rate, weight decay, and the limit of the loss for `above`.
    all_x, all_y
        (groups, samples, padded to a multiple of 4 with any finite numbers, 16).
    steps, stride
        How many steps to take, and the distance between recorded losses.
    all_parameters
        (groups, 3 · neurons + 1, 16): w₁, b₁ and w₂ for each neuron, then b₂.
    all_losses
        (groups, records, 16): takes the losses; may be empty.
    all_finite, all_above
        (groups, 16): receive the number of steps before the first loss that is not finite, and before the first below
        its limit; else those taken.
    taken
        (groups,): receives the number of steps taken.
    stop, progress
        One element each, shared with another thread: its request, and the steps taken so far.
    all_places
        Where in `progress` to write them, for each network; may be empty.
    """
    for group in range(len(taken)):
        rates, decays, x, y = all_rates[group], all_decays[group], all_x[group], all_y[group]
        parameters, losses = all_parameters[group], all_losses[group]
        finite, above, places = all_finite[group], all_above[group], all_places[group * LANES : (group + 1) * LANES]
        slopes, moments, counts = np.zeros_like(x), np.zeros_like(x), np.zeros_like(rates)
        rate, decay, limit, has_decay = splat(0.0) - load(rates, 0), load(decays, 0), load(limits, 0), False
        for lane in range(LANES):
            has_decay = has_decay or decays[lane] != 0.0
            finite[lane], above[lane] = 0, 0
        bad, zero, one = splat(0.0), splat(0.0), splat(1.0)
        waits = one  # as long as no loss was below the limit
        done, recorded, next_recorded = 0, 0, 0 if losses.size else steps
        while done < steps and stop[0] == 0:
            end = min(steps, done + CHUNK_STEPS)
            good, high = zero, zero
            for i in range(done, end):
                loss = _step(neurons, samples, rate, decay, has_decay, x, y, slopes, moments, parameters)
                bad = bad + zero * loss
                good = good + where_positive(bad + one, one, zero)
                waits = where_positive(limit - loss, zero, waits)
                high = high + waits
                if i == next_recorded:
                    store(losses, recorded * LANES, loss)
                    recorded += 1
                    next_recorded += stride
            store(counts, 0, good)
            is_over = True
            for lane in range(LANES):
                finite[lane] += int(counts[lane])
                is_over = is_over and counts[lane] < end - done
            store(counts, 0, high)
            for lane in range(LANES):
                above[lane] += int(counts[lane])
            done = end
            for k in range(places.size):
                progress[places[k]] = done
            if is_over:
                break
        taken[group] = done
