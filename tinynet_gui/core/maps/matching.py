"""Bring two networks of one shape as close together as their symmetries allow, without changing their functions.

The neurons of a hidden layer can be in any order. With a positively homogeneous activation (ReLU, leaky ReLU) a
neuron's incoming weights and bias can be multiplied by any s > 0 and its outgoing weights by 1 / s; with an odd one
(tanh) the signs of all of them can be flipped.
"""

from collections.abc import Callable, Sequence

import numpy as np

from tinynet_gui.core.choices.activations import ActivationNames, activations_of
from tinynet_gui.core.system.background import yield_to_window
from tinynet_gui.core.values import Array, Floats, Ints, Stop, frozen_dataclass

FREE = -1


def assign(costs: Floats) -> Ints:
    """Solve the linear assignment problem: return the column of each row, int64 of shape (n,), at the least total cost.

    By shortest augmenting paths (Jonker & Volgenant, "A shortest augmenting path algorithm for dense and sparse linear
    assignment problems", 1987; as in Crouse, "On implementing 2D rectangular assignment algorithms", 2016). O(n³), the
    innermost loop in NumPy: 0.2 to 0.4 s for the squared distances between two trained layers of 1,000 neurons, 3 s for
    the worst costs.

    `costs` are float64 of shape (n, n). `ValueError` unless they are square and finite.
    """
    if costs.ndim != 2 or costs.shape[0] != costs.shape[1] or not np.isfinite(costs).all():
        raise ValueError(f"costs of shape {costs.shape}: a square of finite numbers is expected")
    size = len(costs)
    column_of, row_of = np.full(size, FREE), np.full(size, FREE)
    column_prices = costs.min(axis=0, initial=np.inf)
    row_prices = (costs - column_prices).min(axis=1, initial=np.inf)
    for row in range(size):  # first assign each row whose cheapest column is free
        cheapest = np.flatnonzero((costs[row] - column_prices <= row_prices[row]) & (row_of == FREE))
        if len(cheapest):
            row_of[cheapest[0]], column_of[row] = row, cheapest[0]
    for new in np.flatnonzero(column_of == FREE):
        lengths, origins = np.full(size, np.inf), np.empty(size, np.int64)  # of the shortest path to each column
        prices = column_prices.copy()  # −∞ once the path to a column is known
        reached: list[int] = []
        known: list[float] = []
        row, length = int(new), 0.0
        while row != FREE:
            yield_to_window()
            candidates = costs[row] - prices
            candidates += length - row_prices[row]
            is_shorter = candidates < lengths
            np.copyto(lengths, candidates, where=is_shorter)
            np.copyto(origins, row, where=is_shorter)
            column = int(lengths.argmin())
            length = float(lengths[column])
            reached.append(column)
            known.append(length)
            lengths[column], prices[column] = np.inf, -np.inf
            row = int(row_of[column])
        spare = length - np.array(known[:-1])
        row_prices[new] += length
        row_prices[row_of[reached[:-1]]] += spare
        column_prices[reached[:-1]] -= spare
        row = FREE
        while row != new:
            row = int(origins[column])
            row_of[column], column_of[row], column = row, column, int(column_of[row])
    return column_of


MAX_SWEEPS = 1_000
BALANCED = 1e-12  # relative


@frozen_dataclass(eq=False)
class Match:
    """Two networks, with the neurons of the second permuted to match the first best.

    Attributes
    ----------
    one, other
        Their parameters in the order of ``TrainerState.parameters``, float64, balanced where the activation is
        homogeneous. Rounded to float32 their functions are unchanged up to rounding.
    places
        For each hidden layer, int64 of shape (neurons,): place i holds the second network's neuron ``places[i]``.
    """

    one: tuple[Floats, ...]
    other: tuple[Floats, ...]
    places: tuple[Ints, ...]


def match(
    one: Sequence[Array],
    other: Sequence[Array],
    activation: ActivationNames,
    stop: Stop | None = None,
    on_layer: Callable[[], object] = lambda: None,
) -> Match:
    """Bring the second network as close to the first as the order and, if they are free, signs of its neurons allow.

    It minimises the Euclidean distance of all parameters, after `balanced`. For one hidden layer that is an assignment
    problem, as the squared distance is a sum over pairs of neurons, and solved exactly. For deeper networks it is
    NP-hard; coordinate descent (Ainsworth et al., "Git Re-Basin", 2023, section 3.2) finds a local optimum: the best
    order of one layer with the others fixed, until none improves. The initial order matches each layer by its incoming
    weights alone, from the first on, which is exact for a copy.

    Parameters
    ----------
    one, other
        Finite parameters of the same shapes, in the order of ``TrainerState.parameters``.
    activation
        A name in `ACTIVATIONS`, or one for each hidden layer.
    stop
        When another thread sets ``stop[0]``, the match so far is returned. Three layers of 1,000 neurons take half a
        minute.
    on_layer
        Called after each layer's assignment; their number is not known in advance.
    """
    ours, theirs = balanced(one, activation), balanced(other, activation)
    hidden = range(len(ours) // 2 - 1)
    records = activations_of(activation, len(hidden))
    places = [np.arange(len(ours[2 * layer + 1])) for layer in hidden]

    def improve(layer: int, *, looks_ahead: bool = True) -> bool:
        """Move a hidden layer's neurons to their best places; return whether that brought the networks closer."""
        if stop is not None and stop[0]:
            return False
        row, signs, is_closer = _best_order(ours, theirs, layer, looks_ahead, records[layer].is_odd)
        weight, bias, after = theirs[2 * layer : 2 * layer + 3]
        theirs[2 * layer], theirs[2 * layer + 1] = signs[:, None] * weight[row], signs * bias[row]
        theirs[2 * layer + 2], places[layer] = signs * after[:, row], places[layer][row]
        on_layer()
        return is_closer

    if len(hidden) > 1:
        for layer in hidden:
            improve(layer, looks_ahead=False)
    is_closer = True
    while is_closer:
        is_closer = sum(improve(layer) for layer in hidden) > 0 and len(hidden) > 1
    return Match(tuple(ours), tuple(theirs), tuple(places))


def balanced(parameters: Sequence[Array], activation: ActivationNames) -> list[Floats]:
    """Rescale each neuron, without changing the function, so that ‖incoming weights, bias‖ = ‖outgoing weights‖.

    Of all rescaled networks this one has the least sum of squares; sweeps over the layers converge to it (as in Stock
    et al., "Equi-normalization of neural networks", 2019), with one hidden layer in the first sweep. A neuron whose
    incoming or outgoing weights are all 0 contributes nothing: all its numbers become 0. Layers whose activation is not
    homogeneous are unchanged. All arrays are float64.
    """
    arrays = [array.astype(np.float64) for array in parameters]
    records = activations_of(activation, len(arrays) // 2 - 1)
    homogeneous = [2 * layer for layer, record in enumerate(records) if record.is_homogeneous]
    for _ in range(MAX_SWEEPS):
        change = 0.0
        for layer in homogeneous:
            yield_to_window()
            incoming = np.hypot(np.linalg.norm(arrays[layer], axis=1), arrays[layer + 1])
            outgoing = np.linalg.norm(arrays[layer + 2], axis=0)
            length = np.sqrt(incoming) * np.sqrt(outgoing)
            grow, shrink = (
                np.divide(length, old, out=np.zeros_like(old), where=old > 0) for old in (incoming, outgoing)
            )
            arrays[layer] = grow[:, None] * arrays[layer]
            arrays[layer + 1] = grow * arrays[layer + 1]
            arrays[layer + 2] = arrays[layer + 2] * shrink
            change = max(change, float(np.max(np.abs(grow[length > 0] - 1), initial=0.0)))
        if change < BALANCED or len(arrays) <= 4:
            break
    return arrays


def _best_order(
    ours: Sequence[Floats], theirs: Sequence[Floats], layer: int, looks_ahead: bool, may_flip: bool
) -> tuple[Ints, Floats, bool]:
    """Return the best partner of each neuron of a hidden layer, with its sign, and whether that is an improvement."""
    ends = [_neurons(parameters, layer, looks_ahead) for parameters in (ours, theirs)]
    similar = ends[0] @ ends[1].T
    size, other_size = (np.square(end).sum(axis=1) for end in ends)
    gain = np.abs(similar) if may_flip else similar
    row = assign(size[:, None] + other_size - 2 * gain)
    chosen = similar[np.arange(len(row)), row]
    signs = np.where(may_flip & (chosen < 0), -1.0, 1.0)
    now, best = float(np.trace(similar)), float((signs * chosen).sum())
    return row, signs, best - now > BALANCED * float(size.sum() + other_size.sum())


def _neurons(parameters: Sequence[Floats], layer: int, looks_ahead: bool) -> Floats:
    """Return a row for each hidden neuron: incoming weights, bias and, looking ahead, outgoing weights."""
    weight, bias, after = parameters[2 * layer : 2 * layer + 3]
    return np.concatenate([weight, bias[:, None], *([after.T] if looks_ahead else [])], axis=1)
