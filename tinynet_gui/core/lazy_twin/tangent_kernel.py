"""The tangent kernel of a network: how much a small step of its weights for one x moves its output at another.

K(x, x′) is the scalar product of the gradients of the output by all parameters, at x and at x′ (Jacot et al., "Neural
tangent kernel: convergence and generalization in neural networks", 2018). The gradient by a layer's weights is the
product ∂f/∂u · v of the slopes at its outputs and its inputs, so that layer's share is the product of two scalar
products. With a 1 among the inputs, the bias is one more weight.
"""

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from tinynet_gui.core.choices.activations import ActivationNames, activations_of
from tinynet_gui.core.network.frozen import frozen_masks
from tinynet_gui.core.network.refs import Ref
from tinynet_gui.core.numerics.arrays import AnyFloats, Array, Flags, Floats, Stop
from tinynet_gui.core.system.stopping import go_on
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True, eq=False)
class Tangents:
    """What a network and its gradients by the parameters that train are at some x, in float64.

    Attributes
    ----------
    output
        f(x), shape (points,).
    along
        The scalar product of its gradient and the parameters themselves, shape (points,).
    kernel
        K(x, x′), shape (points, other points).
    """

    output: Floats
    along: Floats
    kernel: Floats


class TangentNetwork:
    """A network and its gradients, in float64; frozen parameters have none.

    It holds the pre-activations of the points and of the others, and of one layer all else.

    Parameters
    ----------
    parameters
        As in `TrainerState.parameters`.
    """

    def __init__(self, activation: ActivationNames, parameters: Sequence[Array], frozen: Collection[Ref] = ()) -> None:
        self._activations = activations_of(activation, len(parameters) // 2 - 1)
        self._pairs = list(zip(parameters[::2], parameters[1::2], strict=True))
        masks = frozen_masks(frozen, [array.shape for array in parameters])
        self._trains: list[Flags | None] = [None] * len(self._pairs)  # (outputs, inputs + 1); None where all do
        if masks is not None:
            self._trains = [~np.column_stack(pair) for pair in zip(masks[::2], masks[1::2], strict=True)]

    def _weight(self, layer: int) -> Floats:
        """Return a layer's weights and biases, (outputs, inputs + 1); all layers at once would take much memory."""
        weight, bias = self._pairs[layer]
        return np.concatenate([weight, bias[:, None]], axis=1, dtype=np.float64)

    def at(self, x: Floats, others: Floats | None = None, stop: Stop | None = None) -> Tangents:
        """Return what it is at x, shape (points,), with the kernel between these and others, or themselves.

        When another thread makes the element of `stop` nonzero, `StoppedError` is raised soon.
        """
        output, along = np.zeros(len(x)), np.zeros(len(x))
        kernel = np.zeros((len(x), len(x if others is None else others)))
        layers = ((here, here) for here in self._layers(x, stop))
        both = layers if others is None else zip(self._layers(x, stop), self._layers(others, stop), strict=True)
        last = len(self._pairs) - 1
        with np.errstate(all="ignore"):  # a diverged network is a state, not an error
            for layer, ((inputs, slopes), (inputs_there, slopes_there)) in zip(range(last, -1, -1), both, strict=True):
                weight, trains = self._weight(layer), self._trains[layer]
                if layer == last:
                    output = (weight @ inputs)[0]
                if trains is not None:
                    weight = np.where(trains, weight, 0.0)
                along += np.sum(slopes * (weight @ inputs), axis=0)
                for outputs, columns in _alike(trains):
                    share = slopes[outputs].T @ slopes_there[outputs]
                    share *= inputs[columns].T @ inputs_there[columns]
                    kernel += share
        return Tangents(output, along, kernel)

    def _layers(self, x: Floats, stop: Stop | None) -> Iterator[tuple[Floats, Floats]]:
        """Yield the inputs of each layer with a 1 below them, and ∂f/∂u of its outputs, from the last to the first."""
        pre_activations: list[Floats] = []
        with np.errstate(all="ignore"):
            inputs = _with_ones(x[None])
            for layer, activation in enumerate(self._activations):
                go_on(stop)
                pre_activations.append(self._weight(layer) @ inputs)
                inputs = _with_ones(activation.function(pre_activations[-1]))
            slopes: Floats = np.ones((1, len(x)))
            while True:
                yield inputs, slopes
                if not pre_activations:
                    return
                go_on(stop)
                u, layer = pre_activations.pop(), len(pre_activations)
                slopes = self._weight(layer + 1)[:, :-1].T @ slopes
                slopes *= self._activations[layer].derivative(u)
                before = self._activations[layer - 1].function(pre_activations[-1]) if layer else x[None]
                inputs = _with_ones(before)


def _with_ones(values: AnyFloats) -> Floats:
    return np.concatenate([values, np.ones((1, values.shape[1]))])


def _alike(trains: Flags | None) -> Iterator[tuple[Flags | slice, Flags | slice]]:
    """Yield groups of outputs of which the same weights train, and the inputs of these."""
    if trains is None or trains.all():
        yield slice(None), slice(None)
        return
    kinds = {row.tobytes(): row for row in trains}
    for kind in kinds.values():
        yield (trains == kind).all(axis=1), kind
