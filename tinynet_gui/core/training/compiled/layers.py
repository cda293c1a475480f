"""Loss and gradient of a network with any hidden layers and any activations.

The neurons of a layer are in the lanes, and four samples are taken at a time, so that each weight is loaded once for
them and no sum goes over the lanes except at the single output. The values of a block of samples stay in the cache.

Every array is flat, with widths padded to a multiple of 16, in the layout of `products`.
"""

import numpy as np

from tinynet_gui.core.training.compiled import loop, products, vector
from tinynet_gui.core.training.compiled.arguments import LANES, Memory, Setup, padded
from tinynet_gui.core.training.compiled.compile import compiled, entry_point, int64
from tinynet_gui.core.training.compiled.math import activate, loss_of, loss_slope
from tinynet_gui.core.training.compiled.vector import lanes_total, load, muladd, splat, splat_at, store, where_positive
from tinynet_gui.core.values import Array, Ints, Stop

BLOCK = int64(32)  # samples


@compiled
def layers_gradients(
    kind: int,
    activations: Ints,
    widths: Ints,
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
    kind, activations, widths
        Of the `Setup`.
    count, x, y, weights
        The number of samples, and the `Batch`.
    parameters, gradients
        Of the `Memory`.
    values, derivatives, deltas
        Scratch: the activations h, dh/du and dL/du of a block at all layers but the output, one layer after the other,
        each (`BLOCK`, padded width); the input is layer 0.
    transposed
        Scratch: the weights of the hidden layers but the first as (padded outputs, padded inputs).
    outputs
        Scratch, of `BLOCK`: first ŷ and then dL/dŷ.
    """
    hidden = widths.size - 2
    all_rows = padded(count)
    zero = splat(0.0)
    for i in range(0, gradients.size, LANES):
        store(gradients, i, zero)
    end = products.transpose_weights(widths, parameters, transposed)
    loss_sum = zero
    for start in range(0, all_rows, BLOCK):
        rows = min(BLOCK, all_rows - start)
        loss_rows = -(-min(count - start, BLOCK) // 4) * 4
        # forward: each hidden layer's values follow those of the layer before
        at, w = products.START, products.START
        for s in range(loss_rows):
            values[s * LANES] = x[start + s]
        for layer in range(hidden):
            n_in, wide_in = widths[layer], padded(widths[layer])
            n_out, wide_out = widths[layer + 1], padded(widths[layer + 1])
            after = at + BLOCK * wide_in
            bias = w + n_in * wide_out
            products.multiply(loss_rows, n_in, values, at, wide_in, parameters, w, wide_out, bias, values, after)
            activate(activations[layer], values, derivatives, after, after + loss_rows * wide_out)
            at, w = after, bias + wide_out
        wide = padded(widths[hidden])
        products.write_outputs(min(count - start, BLOCK), values, at, parameters, w, wide, outputs)
        # the loss, and dL/dŷ in place of the outputs
        bias_slope = zero
        for s in range(0, rows, LANES):
            weight = load(weights, start + s)
            error = load(outputs, s) - load(y, start + s)
            loss_sum = loss_sum + where_positive(weight, loss_of(kind, error), zero)
            slope = where_positive(weight, weight * loss_slope(kind, error), zero)
            bias_slope = bias_slope + slope
            store(outputs, s, slope)
        g = load(gradients, w + wide) + vector.in_first_lane(lanes_total(bias_slope))
        store(gradients, w + wide, g)
        # backward
        for i in range(0, wide, LANES):
            g, g2, v = load(gradients, w + i), zero, load(parameters, w + i)
            for s in range(0, loss_rows, 2):
                cell = at + s * wide + i
                d, d2 = splat_at(outputs, s), splat_at(outputs, s + 1)
                g = muladd(d, load(values, cell), g)
                g2 = muladd(d2, load(values, cell + wide), g2)
                if hidden > 0:
                    store(deltas, cell, d * v * load(derivatives, cell))
                    store(deltas, cell + wide, d2 * v * load(derivatives, cell + wide))
            g = g + g2
            # act(0) need not be 0: without this, the padding would learn
            store(gradients, w + i, vector.first_lanes(g, widths[hidden] - i))
        t = end
        for layer in range(hidden - 1, -1, -1):
            n_in, wide_in = widths[layer], padded(widths[layer])
            n_out, wide_out = widths[layer + 1], padded(widths[layer + 1])
            before = at - BLOCK * wide_in
            w -= (n_in + 1) * wide_out
            products.accumulate(loss_rows, n_in, values, before, wide_in, deltas, at, wide_out, gradients, w)
            if layer > 0:
                t -= wide_out * wide_in
                products.multiply(
                    loss_rows, n_out, deltas, at, wide_out, transposed, t, wide_in, products.NO_BIAS, deltas, before
                )
                for i in range(before, before + loss_rows * wide_in, LANES):
                    store(deltas, i, load(deltas, i) * load(derivatives, i))
            at = before
    return lanes_total(loss_sum) / np.float32(count)


@compiled
def _scratch(widths: Ints) -> tuple[Array, ...]:
    values, transposed = products.START, products.START
    for layer in range(widths.size - 1):
        values += BLOCK * padded(widths[layer])
        transposed += padded(widths[layer + 1]) * padded(widths[layer])
    return loop.zeros(values), loop.zeros(values), loop.zeros(values), loop.zeros(transposed), loop.zeros(BLOCK)


_loop = loop.loop_of(layers_gradients)


@entry_point(loop.SIGNATURE)
def train_layers(
    setup: Setup, steps: int, memory: Memory, losses: Array, stop: Stop, progress: Ints, each: Array
) -> tuple[int, int]:
    """Take steps as `loop_of` says, by `layers_gradients`."""
    return _loop(setup, _scratch(setup.widths), steps, memory, losses, stop, progress, each)
