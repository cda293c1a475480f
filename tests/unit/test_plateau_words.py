"""What is said of a plateau is true of the losses themselves, step by step, however they swing and jump."""

import math
import re

import numpy as np
import numpy.typing as npt
import pytest

from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.failures.plateau_explained import explain_plateau
from tinynet_gui.core.failures.symptoms import find_plateau
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.training.trainer import Trainer

RUNS = 400
SAID = re.compile(
    r"The loss has stayed at (?P<loss>[\d.]+), its mean over steps (?P<second>[\d,]+)–(?P<last>[\d,]+): "
    r"over steps (?P<first>[\d,]+)–(?P<before>[\d,]+) the mean was "
    r"(?:(?P<move>[\d.]+) % (?P<way>higher|lower)|the same to 0\.001 %)\."
)


def _losses(random: np.random.Generator) -> npt.NDArray[np.float32]:
    """The losses of a run that falls, more or less, and oscillates or has spikes of up to fifty times its level."""
    steps = int(random.integers(200, 40_000))
    t = np.arange(steps)
    level = 1 + random.choice([0, 0, 10]) * np.exp(-t / (steps * random.uniform(0.01, 0.2)))
    level -= random.choice([0, 0.005, 0.05, 0.2]) * t / steps
    period = int(random.integers(2, 400))
    phase = (t + random.integers(period)) % period
    shape = random.integers(4)
    if shape == 0:
        level *= np.where(phase == 0, random.uniform(1, 50), 1.0)
    elif shape == 1:
        level *= 1 + random.uniform(0, 0.9) * np.sin(2 * math.pi * t / random.uniform(2, 400))
    elif shape == 2:
        level *= np.where(random.random(steps) < random.uniform(0, 0.01), random.uniform(1, 50), 1.0)
    else:
        level *= np.exp(random.uniform(0, 0.5) * random.standard_normal(steps))
    return np.asarray(level, dtype=np.float32)


def _as_recorded(losses: npt.NDArray[np.float32], random: np.random.Generator) -> LossHistory:
    history, first = LossHistory(), 0
    while first < len(losses):
        taken = int(random.integers(1, 1 + len(losses)))
        history = history.with_losses(first, losses[first : first + taken])
        first += taken
    return history


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def test_what_is_said_of_a_plateau_is_true_step_by_step() -> None:
    random, snapshot, said = np.random.default_rng(0), Trainer(Config()).snapshot(0), 0
    for _ in range(RUNS):
        losses = _losses(random)
        plateau = find_plateau(_as_recorded(losses, random))
        if plateau is None:
            continue
        found = not_none(SAID.fullmatch(explain_plateau(snapshot, plateau).sentences[0]))
        said += 1
        first, before, second, last = (_number(found[name]) for name in ("first", "before", "second", "last"))
        assert (before + 1, last + 1) == (second, len(losses))
        assert first == pytest.approx(0.8 * len(losses), abs=0.01 * len(losses) + 2)
        assert second == pytest.approx(0.9 * len(losses), abs=0.01 * len(losses) + 2)
        one, two = (math.fsum(part) / len(part) for part in (losses[first:second].tolist(), losses[second:].tolist()))
        assert float(found["loss"]) == float(f"{two:.4g}")
        move = 100 * (one - two) / two
        assert abs(move) < 1
        if found["move"] is None:
            assert abs(move) < 0.001
        else:
            assert found["move"] == f"{abs(move):.2g}"
            assert found["way"] == ("higher" if move > 0 else "lower")
    assert RUNS / 4 < said < RUNS
