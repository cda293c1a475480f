"""What lessons 13 to 16, and a page of the tenth, say of networks is so on other seeds, by other trainings."""

import re
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from tests.by_hand import train_by_hand
from tests.lessons import LESSONS, lesson_step
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import make_dataset
from tinynet_gui.core.lessons.lesson import TrainTo
from tinynet_gui.core.training.state import initial_state

SEEDS = range(500, 508)
Floats = npt.NDArray[np.floating[Any]]


def _says(number: str, words: str) -> bool:
    """Whether a lesson's text has these words, however its lines are broken."""
    [file] = LESSONS.glob(f"{number}-*.md")
    return words in re.sub(r"\s+", " ", file.read_text(encoding="utf-8"))


@np.errstate(all="ignore")
def _train(config: Config, rates: Floats, steps: int) -> tuple[Floats, list[Floats]]:
    """Train one hidden layer of ReLU by gradient descent, from the same weights with each of some rates.

    Returns the losses at the end, infinite where it diverged, and the parameters; a first axis for the rates.
    """
    data, each = make_dataset(config.data), rates.astype(np.float32)
    x, y = data.x_train[:, 0], data.y_train[:, 0]
    arrays = [np.repeat(array[None], len(rates), 0) for array in initial_state(config).parameters]
    w, b, v, c = arrays[0][:, :, :1], arrays[1][:, :, None], arrays[2].transpose(0, 2, 1), arrays[3][:, :, None]
    for _ in range(steps):
        u = w * x + b
        h = np.maximum(u, 0)
        error = 2 / len(x) * ((v * h).sum(1, keepdims=True) + c - y)
        back = error * v * (u > 0)
        steps_of = ((back * x).sum(2), back.sum(2), (error * h).sum(2), error.sum(2))
        w, b, v, c = (
            array - (each[:, None] * step)[:, :, None] for array, step in zip((w, b, v, c), steps_of, strict=True)
        )
    loss = np.square((v * np.maximum(w * x + b, 0)).sum(1) + c[:, 0] - y).mean(1)
    return np.where(np.isfinite(loss), loss, np.inf), [w, b, v, c]


# --- 10, x from 0 to 20


@pytest.mark.parametrize(("title", "diverges"), [("x from 0 to 20", True), ("The cure", False)])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_line_through_large_x_diverges_at_a_hundredth_and_standardised_is_there_in_a_step(
    title: str, diverges: bool, seed: int
) -> None:
    step = lesson_step("10", title)
    setting, action = not_none(step.setting), step.action
    assert isinstance(action, TrainTo)
    assert (setting.network.hidden, setting.training.learning_rate) == ((), 0.01 if diverges else 0.5)
    data = make_dataset(setting.data)
    x, y = torch.arange(21.0)[:, None], 2 * torch.arange(21.0)[:, None] + 1
    assert _says("10", f"Here this mean is {x.square().mean():.0f}:")
    assert _says("10", f"= **{1 / x.square().mean():.4f}**")
    if not diverges:
        x = (x - x.mean()) / x.std(correction=0)
    np.testing.assert_allclose(data.x_train, x, rtol=1e-5, atol=1e-6)
    torch.manual_seed(seed)
    line = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(line.parameters(), lr=setting.training.learning_rate)
    losses = train_by_hand(line, x, y, action.step + 1, optimizer)
    assert np.isfinite(losses[-1]) != diverges
    assert diverges or losses[-1] < 1e-6


# --- 13, a map of failure

RATES = np.geomspace(0.02, 2, 64)


@cache
def _row(seed: int, scale: float) -> Floats:
    config = Config().with_changes({"network.seed": seed, "network.weight_scale": scale})
    return _train(config, RATES, 1_000)[0]


def _edge(seed: int, scale: float) -> float:
    return float(RATES[np.argmax(np.isinf(_row(seed, scale)))])


@pytest.mark.parametrize("seed", SEEDS)
def test_lesson_13_is_true_of_each_seed(seed: int) -> None:
    assert not_none(lesson_step("13", "Where does it break?").setting).training.stop_step == 1_000
    assert _says("13", "is 0.001, and training works. With 10 the loss grows beyond all numbers")
    config = Config().replace("network.seed", seed)
    start, (usual, ten) = _train(config, np.zeros(1), 1)[0][0], _train(config, np.array([0.001, 10.0]), 1_000)[0]
    assert (usual < 0.5 * start, ten) == (True, np.inf)
    assert _says("13", "below 0.5. There it is not one clean line.")
    low = [np.isinf(_row(seed, scale)) for scale in (0.1, 0.2, 0.3)]
    assert max(np.count_nonzero(row[1:] != row[:-1]) for row in low) > 1
    assert _says("13", "Beyond it there are islands.")
    assert any((~row[1.05 * _edge(seed, 1.0) < RATES]).any() for row in low)
    assert _edge(seed, 3.0) < 0.9 * _edge(seed, 1.0)


def test_what_lesson_13_says_of_most_seeds_is_so() -> None:
    assert _says("13", "Far below the border, training is slow. Just below it, it does not break, and that is all.")
    best = []
    for seed in SEEDS:
        wanted = np.array([0.001, _edge(seed, 1.0) / 4, 0.9 * _edge(seed, 1.0)])
        best.append(np.argmin(_train(Config().replace("network.seed", seed), wanted, 1_000)[0]))
    assert np.mean(np.equal(best, 1)) >= 0.9
