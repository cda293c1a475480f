"""Each neuron's share of the curve, its kink, its direction, and the cost of its weights."""

from collections.abc import Iterable, Sequence, Set
from typing import Literal

import numpy as np

from tinynet_gui.core.choices.activations import ActivationNames, activations_of
from tinynet_gui.core.network.forward import Layer, without_neurons
from tinynet_gui.core.network.refs import Ref, frozen_masks
from tinynet_gui.core.training.snapshot import Snapshot, training_loss
from tinynet_gui.core.training.start import points_of
from tinynet_gui.core.values import AnyArray, Array, Floats, Ints, distinct


def loss_without(snapshot: Snapshot, neurons: Iterable[tuple[int, int]]) -> float:
    """Return the loss over all training samples with hidden neurons, (layer, index), switched off."""
    return float(training_loss(snapshot.config, snapshot.dataset, without_neurons(snapshot.layers, neurons)))


def weighted_activations(layers: Sequence[Layer], last: Array) -> Floats:
    """Return what each neuron of the last hidden layer adds to the network's output.

    These are the exact products w'ᵢ·hᵢ(x), float64 of the shape of `last`: a product of two float32 has at most 48
    binary digits. With the output's bias they add up to what `core.network.forward.forward` returns, but for the
    float32 rounding of its sum.

    Parameters
    ----------
    last
        The last hidden layer's output hᵢ(x), or x itself without one: float32 of shape (neurons, points).
    """
    with np.errstate(invalid="ignore"):  # a diverged network is a state, not an error
        products: Floats = layers[-1].weight[0].astype(np.float64)[:, None] * last
    return products


def stacked(parts: Floats, bias: float) -> Floats:
    """Stack the contributions on top of each other, beginning at the output's bias.

    Returns float64 of shape (neurons + 1, points): row i is the bias plus the first i contributions, the last row the
    output.
    """
    first = np.full((1, parts.shape[1]), bias, dtype=np.float64)
    return np.cumsum(np.concatenate((first, parts)), axis=0)


def largest_parts(parts: Floats, most: int) -> Ints:
    """Return the indices of the `most` contributions that reach farthest from 0, ascending.

    `parts` are as from `weighted_activations`; those that are not finite everywhere, and cannot be drawn, come last.
    """
    reach = np.abs(parts).max(axis=1, initial=0.0)
    reach = np.where(np.isfinite(reach), reach, -1.0)
    return np.sort(np.argsort(-reach, kind="stable")[:most])


def evenly_chosen(count: int, most: int) -> Ints:
    """Return every k-th index below `count`, including the last, with the smallest k that gives at most `most`."""
    every = max(1, -(-count // most))
    return np.arange(count - 1, -1, -every)[::-1]


TOLERANCE = 0.01  # share of the range of x within which kinks join a group's strongest
SHARE = 0.99
ENDS: tuple[tuple[int, Literal["left", "right"]], ...] = ((-1, "left"), (1, "right"))  # of the kinks within reach


def directions_of(snapshot: Snapshot) -> int | None:
    """Return `directions` between the first and the last training sample; None also if all samples have one x."""
    low, high = points_of(snapshot.config.data).x_range
    return directions(snapshot.curve_layers, snapshot.config.network.activation, low, high) if low < high else None


def directions(layers: Sequence[Layer], activation: ActivationNames, low: float, high: float) -> int | None:
    """Count the different directions that carry 99 % of the curve's bend on [low, high].

    A neuron w'·h(w·x + b) has the direction of (w, b): the place of its kink, −b/w, and the side to which it is active,
    the sign of w. From a small initial scale the neurons of a layer turn into a few directions before they grow
    (Maennel et al., "Gradient descent quantizes ReLU network features", 2018; Boursier & Flammarion, "Early alignment
    in two-layer networks training is a two-edged sword", 2024): a hundred neurons then do the work of two.

    A neuron bends the curve by w'·|w| times the difference of the activation's slopes, if its kink is inside the
    interval. The neuron that bends most forms a group with those of its side whose kinks are within `TOLERANCE`; of the
    rest the one that bends most begins the next group, and so on. A group's bend is its neurons' sum, in which opposite
    ones cancel. The result is the smallest number of groups that together have `SHARE` of the bend of all. It depends
    on neither the units of x and y nor the scale between w and w'. It saturates at about a hundred groups, as with
    1,000 neurons from a scale of 1.

    `ValueError` unless low is below high and both are finite.

    Returns
    -------
    int or None
        0 if nothing bends inside. None unless there is one hidden layer, its activation has a kink, and all parameters
        are finite.
    """
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(f"no interval from {low} to {high}")
    finite = all(np.isfinite(array).all() for layer in layers for array in (layer.weight, layer.bias))
    if len(layers) != 2 or not activations_of(activation, 1)[0].has_kink or not finite:
        return None
    w, b, out = (a.astype(np.float64) for a in (layers[0].weight[:, 0], layers[0].bias, layers[1].weight[0]))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        kinks, bends = -b / w, out * w  # up to a sign, which is the same on one side
    groups: list[float] = []
    for is_of_side in (w > 0, w < 0):
        side = np.flatnonzero(is_of_side & (kinks > low) & (kinks < high))
        side = side[np.argsort(kinks[side])]
        bent, reach = bends[side], TOLERANCE * (high - low)
        first, last = (np.searchsorted(kinks[side], kinks[side] + way * reach, where).tolist() for way, where in ENDS)
        is_free = np.ones(len(side), dtype=bool)
        for strongest in np.argsort(-np.abs(bent), kind="stable").tolist():
            if is_free[strongest]:
                near = slice(first[strongest], last[strongest])
                groups.append(abs(float(bent[near].sum(where=is_free[near]))))
                is_free[near] = False
    carried = np.cumsum(sorted(groups, reverse=True))
    return int(np.searchsorted(carried, SHARE * carried[-1]) + 1) if groups and carried[-1] > 0 else 0


def kink_movement(
    before: Sequence[Layer], after: Sequence[Layer], activation: ActivationNames, low: float, high: float
) -> float | None:
    """Return the median distance that the kinks −b/w which were in (low, high) before have moved, in units of x.

    None if none was, unless there is one hidden layer with a kinked activation, or if a parameter is not finite.
    """
    if len(before) != 2 or not activations_of(activation, 1)[0].has_kink:
        return None
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        old, new = (-layers[0].bias.astype(np.float64) / layers[0].weight[:, 0] for layers in (before, after))
    moved = np.abs(new - old)[(low < old) & (old < high)]
    return float(np.median(moved)) if len(moved) and not np.isnan(moved).any() else None


def balance_of(parameters: Sequence[Array], layer: int, index: int) -> float:
    """Return a hidden neuron's Σa² − Σw² − b², of its outgoing weights, its incoming ones and its bias.

    If its h(s·u) = s·h(u) for every s > 0, scaling w and b by s and a by 1/s changes nothing, so that for any loss and
    batch a·∂L/∂a = w·∂L/∂w + b·∂L/∂b. A step θ − η·g then changes the balance by exactly η² times that of the
    gradients, whatever the other layers are, and gradient flow conserves it (Du, Hu, Lee, "Algorithmic regularization
    in learning deep homogeneous models: layers are automatically balanced", 2018; for linear networks Saxe, McClelland,
    Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks", 2014). With weight
    decay λ the step first multiplies it by (1 − η·λ)². Momentum β moves it about (1 + β)/(1 − β) times as far as plain
    steps of that size; Adam and RMSprop, which scale each gradient differently, have no such law. At small gradients
    the float32 rounding of each step exceeds the η² term.

    `parameters` are weight, bias, weight, bias, ... of the network, or its gradients.
    """
    incoming, bias, outgoing = (values.astype(np.float64) for values in _of_neuron(parameters, layer, index))
    return float(outgoing @ outgoing) - float(incoming @ incoming) - float(bias @ bias)


def frozen_share(parameters: Sequence[Array], layer: int, index: int, frozen: Set[Ref]) -> float:
    """Return the share of a hidden neuron's weights and bias (those in its balance) that are frozen."""
    masks = frozen_masks(frozen, parameters)
    return 0.0 if masks is None else float(np.concatenate(_of_neuron(masks, layer, index)).mean())


def curve_cost(layers: Sequence[Layer], activation: ActivationNames) -> tuple[float, float] | None:
    """Return the least cost of a curve, and that of its weights: Σ |change of slope|·√(1 + kink²), ½ Σ (a² + w² + b²).

    A neuron a·ReLU(w·x + b) bends the curve by a·|w| at −b/w. Its share of the first is at most |a|·√(w² + b²), less
    where kinks of opposite sign meet, or w is 0; and that is never more than ½ (a² + w² + b²). Both are equal if each
    neuron that is not all 0 has w ≠ 0 and a² = w² + b², and no kinks of opposite sign meet. Neither includes the
    output's bias (Boursier, Flammarion, "Penalising the biases in norm regularisation enforces sparsity", 2023).

    In the units of these layers. None unless there is one hidden layer of ReLU, and its parameters are finite.
    """
    if len(layers) != 2 or not activations_of(activation, 1)[0].is_relu:
        return None
    w, b, a = (v.astype(np.float64) for v in (layers[0].weight[:, 0], layers[0].bias, layers[1].weight[0]))
    paid = 0.5 * float(a @ a + w @ w + b @ b)
    if not np.isfinite(paid):
        return None
    bends = w != 0
    w, b, a = w[bends], b[bends], a[bends]
    kinks = -b / w  # in float64, so that only equal quotients of float32 numbers coincide
    together = np.bincount(np.searchsorted(distinct(kinks), kinks), a * np.hypot(w, b))
    return float(np.abs(together).sum()), paid


def _of_neuron(arrays: Sequence[AnyArray], layer: int, index: int) -> tuple[AnyArray, ...]:
    weight, bias, after = arrays[2 * layer : 2 * layer + 3]
    return weight[index], bias[index : index + 1], after[:, index]


def kink_of(snapshot: Snapshot, layer: int, index: int) -> float | None:
    """Return x = −b/w (standardised x), where a first-layer neuron bends, or None if it does not."""
    if layer != 0 or len(snapshot.layers) < 2 or not snapshot.config.network.activations[0].has_kink:
        return None
    weight, bias = float(snapshot.layers[0].weight[index, 0]), float(snapshot.layers[0].bias[index])
    return float(snapshot.dataset.scaling.x_of(-bias / weight)) if weight != 0 else None


def is_dead(snapshot: Snapshot, layer: int, index: int) -> bool:
    """Whether a hidden neuron gives 0 on every training sample, as only ReLU can; see `core.failures.symptoms`."""
    return bool(snapshot.dead[layer][index])


def balance(snapshot: Snapshot, layer: int, index: int) -> float | None:
    """Return the balance of a neuron's weights; None unless it is hidden and its activation homogeneous."""
    activations = snapshot.config.network.activations
    if layer == len(activations) or not activations[layer].is_homogeneous:
        return None
    return balance_of(snapshot.state.parameters, layer, index)
