"""The first and second derivatives of the loss by all parameters, exact to float64's rounding."""

import numpy as np

from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config import Config
from tinynet_gui.core.numerics.arrays import Floats, Stop
from tinynet_gui.core.system.stopping import go_on
from tinynet_gui.core.training.dataset import Dataset
from tinynet_gui.core.training.state import TrainerState


class LossDerivatives:
    """The gradient and the Hessian of the full-batch loss at a state, without weight decay, in float64.

    The parameters are those of ``TrainerState.parameters``, flattened and joined in that order.

    Attributes
    ----------
    gradient
        Shape (parameters,).
    """

    def __init__(self, config: Config, dataset: Dataset, state: TrainerState, stop: Stop | None = None) -> None:
        activations, loss = config.network.activations, LOSSES[config.training.loss]
        x, y = (samples.astype(np.float64).T for samples in (dataset.x_train, dataset.y_train))  # (1, n)
        self._stop = stop
        self._weights = [array.astype(np.float64) for array in state.parameters[::2]]
        biases = [array.astype(np.float64)[:, None] for array in state.parameters[1::2]]
        self._inputs, self._slopes, self._bends = [x], list[Floats](), list[Floats]()  # of each layer; (width, n)
        self.gradient: Floats = np.empty(sum(array.size for array in state.parameters))
        with np.errstate(all="ignore"):  # a diverged network is a state, not an error
            for weight, bias, activation in zip(self._weights, biases, activations, strict=False):
                go_on(self._stop)
                u = weight @ self._inputs[-1] + bias
                self._inputs.append(np.asarray(activation.function(u), np.float64))
                self._slopes.append(np.asarray(activation.derivative(u), np.float64))
                self._bends.append(np.asarray(activation.second_derivative(u), np.float64))
            errors = self._weights[-1] @ self._inputs[-1] + biases[-1] - y
            self._curvatures = np.asarray(loss.second_derivative(errors), np.float64) / errors.size  # ∂²L/∂ŷ²
            by_pre = np.asarray(loss.derivative(errors), np.float64) / errors.size  # ∂L/∂u
            self._by_pre = [by_pre]
            for place, (by_weight, by_bias) in reversed(list(enumerate(self._layers(self.gradient[None])))):
                go_on(self._stop)
                by_weight[0] = by_pre @ self._inputs[place].T
                by_bias[0, :, 0] = by_pre.sum(axis=1)
                if place > 0:
                    by_activation = self._weights[place].T @ by_pre
                    by_pre = by_activation * self._slopes[place - 1]
                    self._bends[place - 1] *= by_activation  # they are used only together
                    self._by_pre.insert(0, by_pre)

    def product(self, vectors: Floats) -> Floats:
        """Return H·v for each row v of `vectors`, of shape (..., parameters).

        It is the derivative of the whole pass, forward and back, along v, at a few times its cost (Pearlmutter, "Fast
        exact multiplication by the Hessian", 1994). In the code `r_` is that derivative, his R{}.
        """
        images: Floats = np.empty_like(vectors)
        along, into = (self._layers(rows.reshape(-1, rows.shape[-1])) for rows in (vectors, images))
        r_pre, r_inputs = list[Floats](), list[Floats]()
        with np.errstate(all="ignore"):
            for place, (r_weight, r_bias) in enumerate(along):
                go_on(self._stop)
                r_pre.append(r_weight @ self._inputs[place])
                r_pre[-1] += r_bias
                if place > 0:
                    r_inputs.append(self._slopes[place - 1] * r_pre[place - 1])
                    r_pre[-1] += self._weights[place] @ r_inputs[-1]
            r_by_pre = self._curvatures * r_pre[-1]
            for place, (r_by_weight, r_by_bias) in reversed(list(enumerate(into))):
                go_on(self._stop)
                np.matmul(r_by_pre, self._inputs[place].T, out=r_by_weight)
                np.sum(r_by_pre, axis=-1, keepdims=True, out=r_by_bias)
                if place > 0:
                    np.add(r_by_weight, self._by_pre[place] @ r_inputs[place - 1].swapaxes(1, 2), out=r_by_weight)
                    r_by_activation = self._weights[place].T @ r_by_pre
                    r_by_activation += along[place][0].swapaxes(1, 2) @ self._by_pre[place]
                    r_by_pre = self._slopes[place - 1] * r_by_activation
                    r_by_pre += self._bends[place - 1] * r_pre[place - 1]
        return images

    def _layers(self, rows: Floats) -> list[tuple[Floats, Floats]]:
        """View rows of parameters as each layer's weights, (rows, outputs, inputs), and biases, (rows, outputs, 1)."""
        layers, start = [], 0
        for weight in self._weights:
            middle, end = start + weight.size, start + weight.size + len(weight)
            layers.append((rows[:, start:middle].reshape(-1, *weight.shape), rows[:, middle:end, None]))
            start = end
        return layers
