"""The warning that data are too large for a learning rate, against what the first steps do."""

import numpy as np
import pytest

from tinynet_gui.core.analysis.data_scale import explain_scale
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.data.real_data import REAL_DATA, load
from tinynet_gui.core.training.trainer import Trainer

FAR = Points(np.linspace(1990, 2020, 31), np.linspace(-1, 1, 31), origin="years")


def _begun(points: Points | None, **changes: object) -> Trainer:
    config = Config().replace("data.points", points)
    for path, value in changes.items():
        config = config.replace(path.replace("__", "."), value)
    return Trainer(config)


def _grows(trainer: Trainer, rate: float) -> bool:
    """Whether some steps by a learning rate throw the loss far up; it may come back, with all neurons dead."""
    tried = Trainer(trainer.config.replace("training.learning_rate", rate))
    losses = tried.run(60)
    return tried.diverged_at is not None or bool(losses.max() > 2 * losses[0])


def test_the_tutorials_learning_rate_is_stable_on_its_data() -> None:
    assert explain_scale(_begun(None).snapshot(1)) is None


@pytest.mark.parametrize("points", [FAR, load("motorcycle"), load("copper")], ids=["years", "motorcycle", "copper"])
def test_what_it_says_is_unstable_diverges_and_what_it_says_is_stable_does_not(points: Points) -> None:
    trainer = _begun(points, training__learning_rate=0.05)
    explanation = explain_scale(trainer.snapshot(1))
    assert explanation is not None
    assert "0.05 is unstable" in explanation.sentences[0]
    limit = float(explanation.sentences[0].split("up to ")[1].split(" is")[0].replace("·10⁻", "e-").translate(DIGITS))
    assert _grows(trainer, 0.05)
    assert not _grows(trainer, limit)
    assert explanation.suggestion == {"data.standardise": "xy"}
    mended = Trainer(trainer.config.replace("data.standardise", "xy"))
    assert explain_scale(mended.snapshot(1)) is None
    losses = mended.run(200)
    assert mended.diverged_at is None
    assert losses[-1] < losses[0]


DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def test_where_standardising_is_not_enough_a_smaller_rate_is_suggested() -> None:
    trainer = _begun(load("motorcycle"), training__learning_rate=50.0, data__standardise="xy")
    explanation = explain_scale(trainer.snapshot(1))
    assert explanation is not None
    rate = explanation.suggestion["training.learning_rate"]
    assert not _grows(trainer, rate)


@pytest.mark.parametrize("name", REAL_DATA)
def test_standardised_each_of_the_real_data_can_be_learned(name: str) -> None:
    trainer = _begun(load(name), data__standardise="xy", training__learning_rate=0.02)
    assert explain_scale(trainer.snapshot(1)) is None
    losses = trainer.run(2_000)
    assert losses[-1] < 0.9 * losses[0]
