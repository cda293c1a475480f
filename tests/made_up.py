"""What is chosen by name and the program does not have, from activation to map's colour, each added by its record.

As a program it trains with them in both engines: numba compiles what is there when the compiled loop is imported, so
that takes a process of its own.
"""

import gc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from tinynet_gui.core.choices.activations import ACTIVATIONS, Activation
from tinynet_gui.core.choices.elementary import magnitude, root, sign
from tinynet_gui.core.choices.losses import LOSSES, Loss, Written
from tinynet_gui.core.choices.optimizers import OPTIMIZERS, Optimizer, Rule, UpdateTerm
from tinynet_gui.core.config import Config, ConfigError, DataConfig, NetworkConfig, TrainingConfig
from tinynet_gui.core.config.setting import FORMAT
from tinynet_gui.core.config.targets import TARGETS, Target
from tinynet_gui.core.maps.colors import COLORS, Color, Networks
from tinynet_gui.core.network.initializations import INITIALIZATIONS, Draws, Initialization
from tinynet_gui.core.training.start import make_dataset
from tinynet_gui.core.values import AnyFloats, Array


class SmoothSizeLoss(torch.nn.Module):
    """√(1 + e²) − 1, which torch does not have: a loss is sought in torch.nn."""

    def __init__(self, reduction: str) -> None:
        super().__init__()
        self.reduction = reduction

    def forward(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        losses = torch.sqrt(1.0 + (outputs - targets) ** 2) - 1.0
        return losses.mean() if self.reduction == "mean" else losses


def _softsign(u: AnyFloats) -> AnyFloats:
    return u / (1.0 + magnitude(u))


def _softsign_slope(u: AnyFloats) -> AnyFloats:
    size = 1.0 + magnitude(u)
    return 1.0 / (size * size)


def _softsign_bend(u: AnyFloats) -> AnyFloats:
    size = 1.0 + magnitude(u)
    bend: AnyFloats = -2.0 * sign(u) / (size * size * size)
    return bend


def _by_numpy(u: AnyFloats) -> AnyFloats:
    return u / np.hypot(1.0, u)


def _smooth_size(e: AnyFloats) -> AnyFloats:
    return root(1.0 + e * e) - 1.0


def _smooth_size_slope(e: AnyFloats) -> AnyFloats:
    return e / root(1.0 + e * e)


def _smooth_size_bend(e: AnyFloats) -> AnyFloats:
    return 1.0 / root(1.0 + e * e) ** 3


def _adagrad_constants(t: Any, _power: Any) -> tuple[float, ...]:
    return t.learning_rate, t.epsilon


def _adagrad_update(w: Any, g: Any, s: Any, rate: Any, epsilon: Any) -> tuple[Any, ...]:
    s = s + g * g
    return w - rate * g / (root(s) + epsilon), s


ACTIVATION = Activation(
    "soft sign",
    "Softsign",
    "softsign",
    r"\operatorname{softsign}",
    "h = u / (1 + |u|)",
    _softsign,
    _softsign_slope,
    _softsign_bend,
    ("u / (1 + Math.abs(u))", "1 / (1 + Math.abs(u)) ** 2"),
    since=FORMAT + 1,
)
NOT_COMPILED = replace(ACTIVATION, function=_by_numpy)
MEAN, SIZE, SLOPE = "mean of √(1 + (ŷ − y)²) − 1", Written("√(1 + e²) − 1"), Written("e / √(1 + e²) / n")
LOSS = Loss("smooth size", "SmoothSizeLoss", MEAN, SIZE, SLOPE, _smooth_size, _smooth_size_slope, _smooth_size_bend)
OPTIMIZER = Optimizer(
    "Adagrad",
    "Adagrad",
    (
        Rule(
            _adagrad_constants,
            _adagrad_update,
            (
                UpdateTerm("s", "sum of the squared gradients", "{s0} + {gradient}²"),
                UpdateTerm("delta", "step", "−{rate}·{gradient} / (√{s} + {epsilon})"),
            ),
            stable_factor=lambda _: 2.0,
            stable_formula="2/λ",
            numbers=("epsilon",),
            slots=("s",),
            divisor=lambda t, slots, _: np.sqrt(slots[0]) + t.epsilon,
            divisor_formula="√s + ε",
        ),
    ),
    options={"eps": lambda t: t.epsilon},
    fields=("epsilon",),
    slots=("sum",),
    counts_steps=True,
)


def _sum_of_weights(networks: Networks) -> AnyFloats:
    sums: AnyFloats = sum(layer.weight.sum(axis=(1, 2)) + layer.bias.sum(axis=1) for layer in networks.layers)
    return np.where(sums > LARGEST_SUM, np.inf, np.where(sums < -LARGEST_SUM, np.nan, sums))


def _from_0_to_1(draws: Draws, outputs: int, inputs: int) -> tuple[Array, Array]:
    return np.abs(draws.uniform((outputs, inputs), 1.0)), np.zeros(outputs, np.float32)


CODE = ("nn.init.uniform_(layer.weight, -1.0, 1.0)", "layer.weight.data.abs_()", "nn.init.zeros_(layer.bias)")
INITIALIZATION = Initialization("above 0", _from_0_to_1, code=CODE)
TARGET = Target("x⁴", "x**4")
LARGEST_SUM = 5.0
COLOR = Color(
    "sum of the weights",
    "All weights and biases, added up.",
    _sum_of_weights,
    "they add up to {number}",
    lambda number: f"{number:.1f} kg",
    missing="too low",
    infinite="too high",
    in_key=("high", "low"),
    is_trained=False,
    is_log=False,
    least=-np.inf,
)


def add(put: Callable[[dict[str, Any], str, Any], object]) -> None:
    """Add all, by `put(registry, name, record)`, under the name ``made_up``."""
    put(ACTIVATIONS, "made_up", ACTIVATION)
    put(LOSSES, "made_up", LOSS)
    put(OPTIMIZERS, "made_up", OPTIMIZER)
    put(INITIALIZATIONS, "made_up", INITIALIZATION)
    put(TARGETS, "made_up", TARGET)
    put(COLORS, "made_up", COLOR)


def config(activation: str = "made_up", loss: str = "made_up", optimizer: str = "made_up", **training: Any) -> Config:
    """A small run with one, two or all of them."""
    return Config(
        DataConfig(sample_count=23),
        NetworkConfig(hidden=(9, 5), activation=activation),
        TrainingConfig(loss=loss, optimizer=optimizer, learning_rate=0.01, **training),
    )


def _train_in_both_engines(config: Config) -> None:
    from tinynet_gui.core.training.compiled.kernel import run  # without the lanes, which take their own time to compile
    from tinynet_gui.core.training.trainer import Trainer

    trainer, turns = Trainer(config), Trainer(config)
    done = run(config, make_dataset(config.data), trainer.state(), 200)
    losses = trainer.run(200)
    np.testing.assert_allclose(done.losses, losses, rtol=1e-4)
    assert losses[-1] < 0.9 * losses[0]
    for engine in range(4):  # they take turns, on each other's memory of the optimiser
        if engine % 2:
            turns.run(50)
        else:
            turns.load(run(config, turns.dataset, turns.state(), 50).state)
    for mine, theirs in zip(turns.state().parameters, trainer.state().parameters, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-5)


def main() -> None:
    """Add them, and train in both engines with each and with all; but for one, which is refused."""
    gc.freeze()  # while numba compiles, nothing that is loaded is looked through again
    setattr(torch.nn, SmoothSizeLoss.__name__, SmoothSizeLoss)
    add(lambda registry, name, record: registry.__setitem__(name, record))
    ACTIVATIONS["by_numpy"] = NOT_COMPILED
    runs = (
        config(loss="mse", optimizer="sgd"),
        config(activation="relu", optimizer="sgd"),
        config(activation="relu", loss="mse"),
        config(activation="relu").replace("network.hidden", (10,)),
        config(weight_decay=0.01, batch_size=6),
        config(activation="tanh", loss="huber", optimizer="adam"),
    )
    for one in runs:
        _train_in_both_engines(one)
    print(len(runs))
    try:
        _train_in_both_engines(config("by_numpy"))
    except ConfigError as error:
        print(error)


if __name__ == "__main__":
    main()
