"""The learning rate that the curvature allows, against training itself."""

from typing import Any

import numpy as np
import pytest

from tests.derivatives import derivatives_by_torch
from tests.not_none import not_none
from tests.runs import config_of
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config
from tinynet_gui.core.step.curvature import stable_learning_rate
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.training.trainer import Trainer

STEPS: list[dict[str, Any]] = [
    {"training__optimizer": "sgd"},
    *({"training__optimizer": "momentum", "training__nesterov": nesterov} for nesterov in (False, True)),
]
TWO_LAYERS = ([[1.5], [-0.75]], [0.25, 0.5], [[1.0, -0.5]], [0.125])
SUM = "tanh(1.5*x+0.25) - 0.5*tanh(-0.75*x+0.5) + 0.125"  # the same


@pytest.mark.parametrize(("momentum", "weight_decay"), [(0.9, 0.0), (0.5, 0.3)])
@pytest.mark.parametrize("optimizer", STEPS)
def test_just_below_is_stable_and_just_above_is_not(
    optimizer: dict[str, Any], momentum: float, weight_decay: float
) -> None:
    """With no hidden layer the loss is a quadratic function of w and b: the limit holds everywhere."""
    config = config_of(network__hidden=(), training__momentum=momentum, **optimizer)
    config = config.replace("training.weight_decay", weight_decay)
    trainer = Trainer(config)
    rate = not_none(stable_learning_rate(config, trainer.dataset, trainer.state()).rate)
    x, y = (values[:, 0].astype(float) for values in (trainer.dataset.x_train, trainer.dataset.y_train))
    columns = np.column_stack([x, np.ones_like(x)])
    minimum = np.linalg.solve(2 * columns.T @ columns / len(x) + weight_decay * np.eye(2), 2 * columns.T @ y / len(x))
    distances = []
    for factor in (0.97, 1.03):
        trained = Trainer(config.replace("training.learning_rate", factor * rate))
        ends = []
        for _ in range(2):
            ends.append(np.concatenate([p.ravel() for p in trained.state().parameters]))
            trained.run(400)
        start, end = (float(np.linalg.norm(values - minimum)) for values in ends)
        distances.append(end / start)
    stable, unstable = distances
    assert stable < 0.5
    assert unstable > 3


@pytest.mark.parametrize(
    ("hidden", "parameters", "formula"),
    [
        ((2,), TWO_LAYERS, SUM),
        ((2, 1), (*TWO_LAYERS, [[2.0]], [-0.25]), f"2*tanh({SUM}) - 0.25"),
    ],
)
@pytest.mark.parametrize("optimizer", STEPS)
def test_deep_networks_are_limited_by_the_sharpest_direction(
    optimizer: dict[str, Any], hidden: tuple[int, ...], parameters: tuple[Any, ...], formula: str
) -> None:
    """Beside a minimum, here that of a target which is a network, it shrinks just below the limit and grows above."""
    config = config_of(network__hidden=hidden, network__activation="tanh", data__formula=formula, **optimizer)
    config = config.replace("data.target", "formula")
    minimum = [np.array(p, np.float32) for p in parameters]
    slots = tuple(tuple(np.zeros_like(p) for p in minimum) for _ in OPTIMIZERS[config.training.optimizer].slots)
    trainer = Trainer(config)
    trainer.load(TrainerState(0, tuple(minimum), slots))
    assert trainer.loss() < 1e-12
    limit = not_none(stable_learning_rate(config, trainer.dataset, trainer.state()).rate)
    direction = np.linalg.eigh(derivatives_by_torch(config, trainer.dataset, trainer.state())[1])[1][:, -1]
    parts = np.split(1e-4 * direction, np.cumsum([p.size for p in minimum])[:-1])
    beside = tuple((p + part.reshape(p.shape)).astype(np.float32) for p, part in zip(minimum, parts, strict=True))

    def deviation_after(steps: int, rate: float) -> float:
        run = Trainer(config.replace("training.learning_rate", rate))
        run.load(TrainerState(0, beside, slots))
        run.run(steps)
        away = [(a - b).ravel() for a, b in zip(run.state().parameters, minimum, strict=True)]
        return abs(float(np.concatenate(away) @ direction)) / 1e-4

    assert deviation_after(60, 0.97 * limit) < 0.5
    assert deviation_after(60, 1.03 * limit) > 3


def test_the_learning_rate_of_the_tutorial_is_stable() -> None:
    trainer = Trainer(Config())
    result = stable_learning_rate(trainer.config, trainer.dataset, trainer.state())
    rate = not_none(result.rate)
    assert rate == pytest.approx(2 / result.curvature)
    assert rate > 0.001
    assert f"{rate:.4g}" in result.why


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        *(
            ({"training__optimizer": optimizer}, "divides") for optimizer in ("adam", "rmsprop")
        ),  # by the gradient's size
        ({"training__loss": "l1"}, "corner"),
    ],
)
def test_adaptive_optimizers_and_corners_have_no_such_limit(changes: dict[str, Any], why: str) -> None:
    trainer = Trainer(config_of(**changes))
    result = stable_learning_rate(trainer.config, trainer.dataset, trainer.state())
    assert result.rate is None
    assert result.curvature > 0
    assert why in result.why


@pytest.mark.parametrize("width", [10, 100])  # computed in two ways
def test_a_point_that_is_not_finite(width: int) -> None:
    trainer = Trainer(config_of(network__hidden=(width,)))
    state = TrainerState(0, tuple(np.full_like(p, np.inf) for p in trainer.state().parameters), ())
    result = stable_learning_rate(trainer.config, trainer.dataset, state)
    assert (np.isfinite(result.curvature), result.rate) == (False, None)
