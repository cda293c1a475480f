"""The optimisers, on flat arrays: the formulas of torch.optim, in its order of operations."""

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import TrainingConfig
from tinynet_gui.core.training.compiled.compile import compiled, inlined
from tinynet_gui.core.training.compiled.vector import LANES, Vector, load, muladd, root, splat, store

SGD, MOMENTUM, NESTEROV, ADAM, RMSPROP = range(5)
OPTIMIZER_CODES = {"sgd": SGD, "momentum": MOMENTUM, "adam": ADAM, "rmsprop": RMSPROP}

RATE, DECAY, _MOMENTUM, _BETA1, _BETA2, _ALPHA, _EPSILON = range(7)


def optimizer_code(training: TrainingConfig) -> int:
    """Return which of the formulas a configuration asks for."""
    code = OPTIMIZER_CODES[training.optimizer]
    if code != MOMENTUM:
        return code
    if training.momentum == 0:  # torch.optim leaves the buffer out, and untouched
        return SGD
    return NESTEROV if training.nesterov else MOMENTUM


def live_values(training: TrainingConfig) -> npt.NDArray[np.float64]:
    """Return the numbers that the formulas need, float64 of shape (7,)."""
    t = training
    values = (t.learning_rate, t.weight_decay, t.momentum, t.beta1, t.beta2, t.alpha, t.epsilon)
    return np.array(values, dtype=np.float64)


@inlined
def beta_powers(live: npt.NDArray[np.float64], step: int) -> npt.NDArray[np.float64]:
    """Return β₁ᵗ and β₂ᵗ for a number t of updates, float64 of shape (2,)."""
    powers = np.empty(2, dtype=np.float64)
    powers[0], powers[1] = live[_BETA1] ** step, live[_BETA2] ** step
    return powers


@inlined
def update_plain(rate: Vector, decay: Vector, has_decay: bool, parameters: Array, gradients: Array) -> None:
    """Make one update by plain gradient descent in place; `rate` is the negative learning rate."""
    for i in range(0, parameters.size, LANES):
        p, g = load(parameters, i), load(gradients, i)
        if has_decay:  # 0 · infinity is NaN: torch leaves the term out
            g = muladd(decay, p, g)
        store(parameters, i, muladd(rate, g, p))


@compiled
def update_with_memory(
    optimizer: int,
    live: npt.NDArray[np.float64],
    powers: npt.NDArray[np.float64],
    parameters: Array,
    gradients: Array,
    first: Array,
    second: Array,
) -> None:
    """Make one update in place, of parameters and slots.

    Parameters
    ----------
    optimizer
        MOMENTUM, NESTEROV, ADAM or RMSPROP.
    live
        From `live_values`.
    powers
        β₁ᵗ and β₂ᵗ, with t the updates made before this one; changed to t + 1.
    parameters, gradients, first, second
        The `Memory`.
    """
    rate, decay = splat(-live[RATE]), splat(live[DECAY])
    has_decay = live[DECAY] != 0.0
    momentum, epsilon = splat(live[_MOMENTUM]), splat(live[_EPSILON])
    keep, gain = splat(live[_ALPHA]), splat(1.0 - live[_ALPHA])
    first_gain, shrink = gain, gain
    if optimizer == ADAM:
        powers[0] *= live[_BETA1]
        powers[1] *= live[_BETA2]
        first_gain = splat(1.0 - live[_BETA1])
        keep, gain = splat(live[_BETA2]), splat(1.0 - live[_BETA2])
        rate = splat(-live[RATE] / (1.0 - powers[0]))
        shrink = splat(1.0 / np.sqrt(1.0 - powers[1]))
    for i in range(0, parameters.size, LANES):
        p, g, m = load(parameters, i), load(gradients, i), load(first, i)
        if has_decay:
            g = muladd(decay, p, g)
        if optimizer == ADAM:
            m = muladd(first_gain, g - m, m)
            v = muladd(gain * g, g, keep * load(second, i))
            store(second, i, v)
            p = muladd(rate, m / muladd(root(v), shrink, epsilon), p)
        elif optimizer == RMSPROP:
            m = muladd(gain * g, g, keep * m)
            p = muladd(rate, g / (root(m) + epsilon), p)
        else:
            m = muladd(momentum, m, g)
            p = muladd(rate, muladd(momentum, m, g) if optimizer == NESTEROV else m, p)
        store(first, i, m)
        store(parameters, i, p)
