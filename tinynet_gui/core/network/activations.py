"""The activations, by name.

A name is what a configuration file holds; a label is what the user reads. Nothing here imports torch: its classes
are named as text, so that the window can list the choices before torch is loaded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]  # float32 in, float32 out


@dataclass(frozen=True)
class Activation:
    """A function applied to each neuron's pre-activation u.

    `function` and `derivative` map a float32 array to one of the same shape. `torch_module` is the
    class in torch.nn, `symbol` what a formula calls it, `formula` how it is written out.
    `slopes` are the two slopes of a piecewise linear activation with its kink at 0, else None.
    """

    label: str
    torch_module: str
    symbol: str
    formula: str
    function: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    slopes: tuple[float, float] | None = None


LEAKY_SLOPE = 0.01  # torch.nn.LeakyReLU's default


def _sigmoid(u: Array) -> Array:
    # 1 / (1 + exp(-u)) without overflow: tanh saturates instead.
    half: Array = 0.5 * (1.0 + np.tanh(0.5 * u))
    return half


def _normal_cdf(u: Array) -> Array:
    import torch  # numpy has no erf, and torch's is the reference

    erf = torch.erf(torch.from_numpy(u / np.float32(np.sqrt(2.0)))).numpy()
    cdf: Array = np.float32(0.5) * (1.0 + erf)
    return cdf


def _normal_pdf(u: Array) -> Array:
    density: Array = np.exp(-0.5 * u * u) / np.float32(np.sqrt(2.0 * np.pi))
    return density


def _step_between(low: float, high: float) -> Callable[[Array], Array]:
    return lambda u: np.where(u > 0, np.float32(high), np.float32(low))


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(
        "ReLU", "ReLU", "ReLU", "h = max(u, 0)", lambda u: np.maximum(u, 0.0), _step_between(0, 1), (0, 1)
    ),
    "leaky_relu": Activation(
        "leaky ReLU",
        "LeakyReLU",
        "LeakyReLU",
        f"h = max(u, {LEAKY_SLOPE}·u)",
        lambda u: np.where(u > 0, u, np.float32(LEAKY_SLOPE) * u),
        _step_between(LEAKY_SLOPE, 1),
        (LEAKY_SLOPE, 1),
    ),
    "tanh": Activation("tanh", "Tanh", "tanh", "h = tanh(u)", np.tanh, lambda u: 1.0 - np.tanh(u) ** 2),
    "sigmoid": Activation(
        "sigmoid",
        "Sigmoid",
        "σ",
        "h = 1 / (1 + e⁻ᵘ)",
        _sigmoid,
        lambda u: _sigmoid(u) * (1.0 - _sigmoid(u)),
    ),
    "silu": Activation(
        "SiLU",
        "SiLU",
        "SiLU",
        "h = u·σ(u)",
        lambda u: u * _sigmoid(u),
        lambda u: _sigmoid(u) * (1.0 + u * (1.0 - _sigmoid(u))),
    ),
    "gelu": Activation(
        "GELU",
        "GELU",
        "GELU",
        "h = u·Φ(u)",
        lambda u: u * _normal_cdf(u),
        lambda u: _normal_cdf(u) + u * _normal_pdf(u),
    ),
    "identity": Activation("identity", "Identity", "", "h = u", lambda u: u.copy(), np.ones_like, (1, 1)),
}
