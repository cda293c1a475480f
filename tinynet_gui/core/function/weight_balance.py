"""What plain training leaves as it is in a neuron's weights, and what the network's curve costs in weights."""

from collections.abc import Sequence, Set
from typing import Any

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.choices.activations import ActivationNames, activations_of
from tinynet_gui.core.network.forward import Layer
from tinynet_gui.core.network.frozen import frozen_masks
from tinynet_gui.core.network.refs import Ref
from tinynet_gui.core.numerics.arrays import Array, distinct


def balance_of(parameters: Sequence[Array], layer: int, index: int) -> float:
    """Return a hidden neuron's Σa² − Σw² − b², of its outgoing weights, its incoming ones and its bias.

    If its h(s·u) = s·h(u) for every s > 0, scaling w and b by s and a by 1/s changes nothing, so that for any loss and
    batch a·∂L/∂a = w·∂L/∂w + b·∂L/∂b. A step θ − η·g then changes the balance by exactly η² times that of the
    gradients, whatever the other layers are, and gradient flow does not change it (Du, Hu, Lee, "Algorithmic
    regularization in learning deep homogeneous models: layers are automatically balanced", 2018; of linear networks
    Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
    2014). With weight decay λ the step multiplies it by (1 − η·λ)² first. Momentum β moves it about (1 + β)/(1 − β)
    times as far as plain steps as large; Adam and RMSprop scale each gradient by another number, and have no such law.
    Float32 rounds each step, which at small gradients moves it further than η² does.

    Parameters
    ----------
    parameters
        Weight, bias, weight, bias, ... of the network, or its gradients.
    """
    incoming, bias, outgoing = (values.astype(np.float64) for values in _of_neuron(parameters, layer, index))
    return float(outgoing @ outgoing) - float(incoming @ incoming) - float(bias @ bias)


def frozen_share(parameters: Sequence[Array], layer: int, index: int, frozen: Set[Ref]) -> float:
    """Return the share of the numbers in a hidden neuron's balance that training leaves unchanged."""
    masks = frozen_masks(frozen, [array.shape for array in parameters])
    return 0.0 if masks is None else float(np.concatenate(_of_neuron(masks, layer, index)).mean())


def curve_cost(layers: Sequence[Layer], activation: ActivationNames) -> tuple[float, float] | None:
    """Return what a curve costs, and what the weights pay: Σ |change of slope|·√(1 + kink²) and ½ Σ (a² + w² + b²).

    A neuron a·ReLU(w·x + b) bends the curve by a·|w| at −b/w. Its share of the cost is |a|·√(w² + b²) at most, less
    where kinks of opposite sign meet, or w is 0; and that is never more than ½ (a² + w² + b²). Both are equal if each
    neuron that is not all 0 has w ≠ 0 and a² = w² + b², and no kinks of opposite sign meet. The output's bias is in
    neither (Boursier, Flammarion, "Penalising the biases in norm regularisation enforces sparsity", 2023).

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
    kinks = -b / w  # in float64 only equal quotients of float32 numbers are one
    together = np.bincount(np.searchsorted(distinct(kinks), kinks), a * np.hypot(w, b))
    return float(np.abs(together).sum()), paid


def _of_neuron(arrays: Sequence[npt.NDArray[Any]], layer: int, index: int) -> tuple[npt.NDArray[Any], ...]:
    weight, bias, after = arrays[2 * layer : 2 * layer + 3]
    return weight[index], bias[index : index + 1], after[:, index]
