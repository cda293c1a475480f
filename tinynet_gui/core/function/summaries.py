"""What there is to know of a neuron of a snapshot: where it bends, whether it is dead, how its weights are balanced."""

from tinynet_gui.core.function.weight_balance import balance_of
from tinynet_gui.core.network.forward import where_dead
from tinynet_gui.core.numerics.arrays import Flags
from tinynet_gui.core.training.snapshot import Snapshot


def kink_of(snapshot: Snapshot, layer: int, index: int) -> float | None:
    """Return x = −b/w (for x as the network sees it), where a first-layer neuron bends, or None if it does not."""
    if layer != 0 or len(snapshot.layers) < 2 or not snapshot.config.network.activations[0].has_kink:
        return None
    weight, bias = float(snapshot.layers[0].weight[index, 0]), float(snapshot.layers[0].bias[index])
    return float(snapshot.dataset.scaling.x_of(-bias / weight)) if weight != 0 else None


def is_dead(snapshot: Snapshot, layer: int, index: int) -> bool:
    """Whether a hidden neuron gives 0 on every training sample, as only ReLU can; see `core.failures.dying_relu`."""
    return bool(dead_masks(snapshot)[layer][index])


def dead_masks(snapshot: Snapshot) -> tuple[Flags, ...]:
    """For each hidden layer, which of its neurons are dead; bool of shape (width,)."""
    return where_dead(snapshot.config.network.activation, snapshot.active_counts)


def balance(snapshot: Snapshot, layer: int, index: int) -> float | None:
    """Return the balance of a neuron's weights; None unless it is hidden and its activation homogeneous."""
    activations = snapshot.config.network.activations
    if layer == len(activations) or not activations[layer].is_homogeneous:
        return None
    return balance_of(snapshot.state.parameters, layer, index)
