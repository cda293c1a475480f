"""Summaries of one neuron or one layer of a snapshot."""

import numpy as np

from tinynet_gui.core.function.weight_balance import balance_of
from tinynet_gui.core.network.forward import where_dead
from tinynet_gui.core.numerics.arrays import Flags, largest
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True)
class NeuronSummary:
    """What one neuron does on the training samples, and how its weights are balanced.

    Attributes
    ----------
    kink
        x = −b/w, where a first-layer neuron of a kinked activation bends; else None.
    active_count
        The number of training samples on which the pre-activation is above 0; None for the output neuron.
    is_dead
        A ReLU neuron that is active on no sample: its gradients are 0. `core.failures.dying_relu.movers_of_the_dead`
        says what can still change it.
    balance
        Of a hidden neuron whose activation is homogeneous (`core.function.weight_balance`), else None.
    """

    kink: float | None
    active_count: int | None
    sample_count: int
    is_dead: bool
    balance: float | None


@dataclass(frozen=True)
class LayerSummary:
    """One affine layer u = W·v + b and its activation.

    Attributes
    ----------
    shape
        Of W: neurons, inputs.
    parameter_count
        Weights and biases.
    largest_weight, largest_at
        The weight with the largest absolute value, and its row and column.
    active_counts
        The number of training samples with u > 0, for its least and its most active neuron; None for the output layer.
    dead_count
        How many of its neurons are dead; None unless the activation is ReLU.
    """

    shape: tuple[int, int]
    parameter_count: int
    largest_weight: float
    largest_at: tuple[int, int]
    active_counts: tuple[int, int] | None
    dead_count: int | None
    sample_count: int


def neuron_summary(snapshot: Snapshot, layer: int, index: int) -> NeuronSummary:
    """Return the summary of neuron `index` of affine layer `layer`; the last layer is the output."""
    is_output = layer == len(snapshot.layers) - 1
    has_balance = not is_output and snapshot.config.network.activations[layer].is_homogeneous
    return NeuronSummary(
        kink=None if is_output else kink_of(snapshot, layer, index),
        active_count=None if is_output else int(snapshot.active_counts[layer][index]),
        sample_count=len(snapshot.dataset.x_train),
        is_dead=not is_output and is_dead(snapshot, layer, index),
        balance=balance_of(snapshot.state.parameters, layer, index) if has_balance else None,
    )


def layer_summary(snapshot: Snapshot, layer: int) -> LayerSummary:
    """Return the summary of an affine layer; the last one is the output's."""
    here = snapshot.layers[layer]
    row, column = np.unravel_index(largest(here.weight.ravel(), 1)[0], here.weight.shape)
    counts = None if layer == len(snapshot.layers) - 1 else snapshot.active_counts[layer]
    can_die = counts is not None and snapshot.config.network.activations[layer].switches_off
    return LayerSummary(
        shape=(here.weight.shape[0], here.weight.shape[1]),
        parameter_count=here.weight.size + here.bias.size,
        largest_weight=float(here.weight[row, column]),
        largest_at=(int(row), int(column)),
        active_counts=None if counts is None else (int(counts.min()), int(counts.max())),
        dead_count=int(dead_masks(snapshot)[layer].sum()) if can_die else None,
        sample_count=len(snapshot.dataset.x_train),
    )


def kink_of(snapshot: Snapshot, layer: int, index: int) -> float | None:
    """Return x = −b/w (for x as the network sees it), where a first-layer neuron bends, or None if it does not."""
    if layer != 0 or len(snapshot.layers) < 2 or not snapshot.config.network.activations[0].has_kink:
        return None
    weight, bias = float(snapshot.layers[0].weight[index, 0]), float(snapshot.layers[0].bias[index])
    return float(snapshot.dataset.scaling.x_of(-bias / weight)) if weight != 0 else None


def is_dead(snapshot: Snapshot, layer: int, index: int) -> bool:
    """Whether a hidden neuron gives 0 on every training sample, as only ReLU can."""
    return bool(dead_masks(snapshot)[layer][index])


def dead_masks(snapshot: Snapshot) -> tuple[Flags, ...]:
    """For each hidden layer, which of its neurons are dead; bool of shape (width,)."""
    return where_dead(snapshot.config.network.activation, snapshot.active_counts)
