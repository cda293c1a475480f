"""The warning that data are too large for a learning rate, against what the first steps do."""

from dataclasses import replace

import numpy as np
import pytest

from tests.runs import run_of
from tinynet_gui.core.analysis.data_scale import explain_scale, has_come_true
from tinynet_gui.core.analysis.diagnosis import Explanation
from tinynet_gui.core.analysis.explain import WhyRequest, answer
from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.data.real_data import REAL_DATA, load
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.run.events import LiveSettingsChanged
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.run.snapshot import Snapshot, make_snapshot
from tinynet_gui.core.training.engines import EngineName, Stepper
from tinynet_gui.core.training.trainer import Trainer

ENGINE: EngineName = "Compiled"  # of the trainings, and of what takes their steps again
FAR = Points(np.linspace(1990, 2020, 31), np.linspace(-1, 1, 31), origin="years")


def _begun(points: Points | None, **changes: object) -> Trainer:
    config = Config().replace("data.points", points)
    for path, value in changes.items():
        config = config.replace(path.replace("__", "."), value)
    return Trainer(config)


def _explained(trainer: Trainer) -> Explanation | None:
    return explain_scale(trainer.config, trainer.dataset, trainer.state())


def _grows(trainer: Trainer, rate: float) -> bool:
    """Whether some steps by a learning rate throw the loss far up; it may come back, with all neurons dead."""
    tried = Trainer(trainer.config.replace("training.learning_rate", rate))
    losses = tried.run(60)
    return tried.diverged_at is not None or bool(losses.max() > 2 * losses[0])


def test_the_tutorials_learning_rate_is_stable_on_its_data() -> None:
    assert _explained(_begun(None)) is None


@pytest.mark.parametrize("points", [FAR, load("motorcycle"), load("copper")], ids=["years", "motorcycle", "copper"])
def test_what_it_says_is_unstable_diverges_and_what_it_says_is_stable_does_not(points: Points) -> None:
    trainer = _begun(points, training__learning_rate=0.05)
    explanation = _explained(trainer)
    assert explanation is not None
    assert "0.05 is unstable" in explanation.sentences[0]
    limit = float(explanation.sentences[0].split("up to ")[1].split(" is")[0].replace("·10⁻", "e-").translate(DIGITS))
    assert _grows(trainer, 0.05)
    assert not _grows(trainer, limit)
    assert explanation.suggestion == {"data.standardise": "xy"}
    mended = Trainer(trainer.config.replace("data.standardise", "xy"))
    assert _explained(mended) is None
    losses = mended.run(200)
    assert mended.diverged_at is None
    assert losses[-1] < losses[0]


DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def test_where_standardising_is_not_enough_a_smaller_rate_is_suggested() -> None:
    trainer = _begun(load("motorcycle"), training__learning_rate=50.0, data__standardise="xy")
    explanation = _explained(trainer)
    assert explanation is not None
    rate = explanation.suggestion["training.learning_rate"]
    assert not _grows(trainer, rate)


@pytest.mark.parametrize("name", REAL_DATA)
def test_standardised_each_of_the_real_data_can_be_learned(name: str) -> None:
    trainer = _begun(load(name), data__standardise="xy", training__learning_rate=0.02)
    assert _explained(trainer) is None
    _, losses = _trained(trainer.config)
    assert losses[-1] < 0.9 * losses[0]


LARGE = Points(np.linspace(1700, 2008, 40), 1e6 * (2 + np.sin(np.linspace(0, 12, 40))), origin="large")


@pytest.mark.parametrize("points", [FAR, LARGE, load("sunspots")], ids=["years", "large", "sunspots"])
def test_what_too_large_data_have_led_to_is_explained_by_them_and_the_advice_helps(points: Points) -> None:
    """Against trainings of their own: of the run that failed, and of the one that the advice begins."""
    trainer = _begun(points)
    first = trainer.snapshot(1)
    snapshot, losses = _trained(trainer.config)
    assert has_come_true(snapshot, first.train_loss)
    run = run_of(trainer.config, [first.state, snapshot.state], engine=ENGINE)
    run = replace(run, losses=LossHistory().with_losses(0, losses))
    dead = int(np.flatnonzero((snapshot.active_counts[0] == 0) & (first.active_counts[0] > 0))[0])
    warned = _explained(trainer)
    assert warned is not None
    for neuron, words in ((None, "neurons are dead"), ((0, dead), "gives 0 on every sample since step ")):
        found = answer(WhyRequest(run, snapshot, neuron))
        assert found is not None
        assert found.sentences[0] == warned.sentences[0]
        assert words in found.sentences[1]
        assert (found.suggestion, found.label) == (warned.suggestion, warned.label)
    mended, _ = _trained(_applied(trainer.config, warned))
    assert not has_come_true(mended, Trainer(mended.config).snapshot(1).train_loss)
    assert _error(mended) < 0.99 * _error(snapshot)


def test_what_was_set_later_did_not_lead_there() -> None:
    trainer = _begun(FAR)
    first, (snapshot, losses) = trainer.state(), _trained(trainer.config)
    warned, later = _explained(trainer), trainer.config.replace("training.learning_rate", 1e-9)
    assert warned is not None
    event = LiveSettingsChanged(snapshot.step, later)
    run = run_of(trainer.config, [first, snapshot.state], [event], ENGINE)
    run = replace(run, losses=LossHistory().with_losses(0, losses))
    found = answer(WhyRequest(run, make_snapshot(1, later, trainer.dataset, snapshot.state)))
    assert found is not None
    assert found.sentences[0] == warned.sentences[0]


def _trained(config: Config) -> tuple[Snapshot, Array]:
    """A training of its own, and its losses."""
    trainer = Trainer(config)
    state, losses = Stepper().take_with_losses(ENGINE, config, (), trainer.state(), 20_000)
    return make_snapshot(1, config, trainer.dataset, state), losses


def _applied(config: Config, explanation: Explanation) -> Config:
    for path, value in explanation.suggestion.items():
        config = config.replace(path, value)
    return config


def _error(snapshot: Snapshot) -> float:
    """The mean squared error over the training samples, in the units of the data."""
    points = snapshot.config.data.points
    assert points is not None
    output = output_curve(snapshot.curve_layers, "relu", points.x.astype(np.float32))
    return float(np.mean((output.astype(float) - points.y) ** 2))
