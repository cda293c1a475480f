"""The named choices: target functions, activations, initialisations, losses, optimisers.

To add a target function, add its entry here. An activation, a loss and an optimiser also have their arithmetic
in the compiled loop (`core.compiled.math` and `update`), an initialisation its code in `core.torch_network`, and
the microscope writes out a loss (`ui.microscope_values`) and an optimiser (`core.update_terms`); the tests, which
go through all entries, fail until they are there. The panel and the trainer on PyTorch pick an entry up.

A name is what a configuration file holds; a label is what the user reads. Nothing here imports torch: its classes
are named as text, so that the window can list the choices before torch is loaded.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]  # float32 in, float32 out

FORMULA = "formula"


@dataclass(frozen=True)
class Target:
    """A function to learn; `formula` is in the language of `core.formula`."""

    label: str
    formula: str


TARGETS: dict[str, Target] = {
    "square": Target("x²", "x**2"),
    "cube": Target("x³", "x**3"),
    "sin": Target("sin x", "sin(x)"),
    "cos": Target("cos x", "cos(x)"),
    "abs": Target("|x|", "abs(x)"),
    "step": Target("step", "step(x)"),
    "sawtooth": Target("sawtooth", "sawtooth(x)"),
    "gaussian": Target("exp(−x²)", "exp(-x**2)"),
    "x_sin": Target("x·sin x", "x*sin(x)"),
    "sin3": Target("sin 3x", "sin(3*x)"),
    FORMULA: Target("a formula …", ""),
}


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


# Initialisations and losses need no arithmetic outside torch; their code stands in `core.torch_network`.
INITIALIZATIONS: dict[str, str] = {
    "pytorch": "PyTorch default",
    "kaiming": "Kaiming",
    "xavier": "Xavier",
    "zeros": "zeros",
    "normal": "normal, σ = 0.5",
}
NORMAL_STD = 0.5


@dataclass(frozen=True)
class Loss:
    """A loss between output ŷ and sample y, averaged over the batch; `torch_module` is in torch.nn.

    `slope` is ∂L/∂ŷ of one sample of a batch of n, with e = ŷ − y.
    """

    label: str
    torch_module: str
    formula: str
    slope: str


LOSSES: dict[str, Loss] = {
    "mse": Loss("MSE", "MSELoss", "mean of (ŷ − y)²", "2·e / n"),
    "l1": Loss("L1", "L1Loss", "mean of |ŷ − y|", "sign(e) / n"),
    "huber": Loss(
        "Huber",
        "HuberLoss",
        "mean of ½(ŷ − y)² where |ŷ − y| < 1, else |ŷ − y| − ½",
        "e / n where |e| < 1, else sign(e) / n",
    ),
}


@dataclass(frozen=True)
class Optimizer:
    """A rule that turns gradients into updates.

    `options` maps torch.optim's own option names to a function of the training configuration.
    `fields` are the configuration's fields that belong to this optimiser alone. `slots` are the
    names under which torch.optim keeps an array per parameter, in the order of `TrainerState.slots`.
    """

    label: str
    torch_class: str
    options: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    counts_steps: bool = False


OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer("SGD", "SGD"),
    "momentum": Optimizer(
        "SGD with momentum",
        "SGD",
        {"momentum": lambda t: t.momentum, "nesterov": lambda t: t.nesterov and t.momentum > 0},
        ("momentum", "nesterov"),
        ("momentum_buffer",),
    ),
    "adam": Optimizer(
        "Adam",
        "Adam",
        {"betas": lambda t: (t.beta1, t.beta2), "eps": lambda t: t.epsilon},
        ("beta1", "beta2", "epsilon"),
        ("exp_avg", "exp_avg_sq"),
        counts_steps=True,
    ),
    "rmsprop": Optimizer(
        "RMSprop",
        "RMSprop",
        {"alpha": lambda t: t.alpha, "eps": lambda t: t.epsilon},
        ("alpha", "epsilon"),
        ("square_avg",),
        counts_steps=True,
    ),
}
