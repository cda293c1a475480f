"""A learning rate that is too large for the data, or too small: what is said of it, against trainings."""

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.not_none import not_none
from tests.runs import config_of, run_of
from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.data.real_data import REAL_DATA, load
from tinynet_gui.core.failures.answers import answer
from tinynet_gui.core.failures.data_scale import explain_scale, has_come_true
from tinynet_gui.core.failures.diagnosis import Explanation
from tinynet_gui.core.failures.small_rate import explain_small_rate
from tinynet_gui.core.failures.trials import Trials
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.run.events import LiveSettingsChanged
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.run.snapshot import Snapshot, make_snapshot
from tinynet_gui.core.step.curvature import stable_learning_rate
from tinynet_gui.core.training.engines import EngineName, Stepper, run_compiled
from tinynet_gui.core.training.trainer import Trainer

ENGINE: EngineName = "Compiled"  # of the trainings, and of what takes their steps again
FAR = Points(np.linspace(1990, 2020, 31), np.linspace(-1, 1, 31), origin="years")


def _begun(points: Points | None, **changes: object) -> Trainer:
    return Trainer(config_of(data__points=points, **changes))


def _explained(trainer: Trainer) -> Explanation | None:
    return explain_scale(trainer.config, trainer.dataset, trainer.state(), Trials(np.zeros(1, np.uint8)))


def _goes_well(config: Config) -> bool:
    """Whether a training ends below its first loss, and most of the neurons that were alive at first still are."""
    snapshot, losses = _trained(config, config.training.stop_step)
    first = Trainer(config).snapshot(1)
    before, after = (each.active_counts[0] > 0 for each in (first, snapshot))
    is_dead = before.any() and 2 * (before & ~after).sum() >= before.sum()
    return len(losses) == config.training.stop_step and snapshot.train_loss <= first.train_loss and not is_dead


def test_the_tutorials_learning_rate_is_not_too_large_for_its_data() -> None:
    assert _explained(_begun(None)) is None


@pytest.mark.parametrize("points", [FAR, load("motorcycle"), load("copper")], ids=["years", "motorcycle", "copper"])
def test_what_it_says_is_too_large_goes_wrong_and_what_it_suggests_goes_well(points: Points) -> None:
    trainer = _begun(points, training__learning_rate=0.05)
    explanation = not_none(_explained(trainer))
    assert "0.05 is too large" in explanation.sentences[0]
    assert not _goes_well(trainer.config)
    assert explanation.suggestion == {"data.standardise": "xy"}
    mended = trainer.config.replace("data.standardise", "xy")
    assert _explained(Trainer(mended)) is None
    assert _goes_well(mended)


SCATTERED = np.random.default_rng(3).uniform(-8, 8, 25)
WIDE = Points(SCATTERED, 1.5 * SCATTERED + 2 * np.sin(5 * SCATTERED), origin="wide")


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
@pytest.mark.parametrize("factor", [0.5, 1.02, 1.5])
def test_it_warns_only_of_what_goes_wrong_and_suggests_only_what_goes_well(optimizer: str, factor: float) -> None:
    """The limit by curvature promises nothing in either direction: with momentum half of it mostly diverges."""
    said = []
    for seed in range(4):
        trainer = _begun(WIDE, network__seed=seed, training__optimizer=optimizer)
        limit = not_none(stable_learning_rate(trainer.config, trainer.dataset, trainer.state()).rate)
        trainer = Trainer(trainer.config.replace("training.learning_rate", factor * limit))
        explanation = _explained(trainer)
        if factor > 1:
            assert (explanation is None) == _goes_well(trainer.config)
        if explanation is not None:
            said.append(explanation)
            if found := re.search(r"no longer finite at step ([\d,]+)\.", explanation.sentences[1]):
                trainer.run(20_000)
                assert trainer.diverged_at == int(found[1].replace(",", ""))
            assert explanation.suggestion
            assert _goes_well(_applied(trainer.config, explanation))
    assert bool(said) == (factor == 1.5 or (factor, optimizer) == (1.02, "momentum"))


def test_where_standardising_is_not_enough_a_smaller_rate_is_suggested() -> None:
    trainer = _begun(load("motorcycle"), training__learning_rate=50.0, data__standardise="xy")
    explanation = not_none(_explained(trainer))
    assert explanation.suggestion.keys() == {"training.learning_rate"}
    assert _goes_well(_applied(trainer.config, explanation))


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
    warned = not_none(_explained(trainer))
    for neuron, words in ((None, "neurons are dead"), ((0, dead), "gives 0 on every sample since step ")):
        found = not_none(answer(run, snapshot, neuron))
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
    found = not_none(answer(run, make_snapshot(1, later, trainer.dataset, snapshot.state)))
    assert found.sentences[0] == warned.sentences[0]


def _trained(config: Config, steps: int = 20_000) -> tuple[Snapshot, Array]:
    """A training of its own, and its losses."""
    trainer = Trainer(config)
    state, losses = Stepper().take_with_losses(ENGINE, config, (), trainer.state(), steps)
    return make_snapshot(1, config, trainer.dataset, state), losses


def _applied(config: Config, explanation: Explanation) -> Config:
    return config.with_changes(dict(explanation.suggestion))


def _error(snapshot: Snapshot) -> float:
    """The mean squared error over the training samples, in the units of the data."""
    points = not_none(snapshot.config.data.points)
    output = output_curve(snapshot.curve_layers, "relu", points.x.astype(np.float32))
    return float(np.mean((output.astype(float) - points.y) ** 2))


MINUTES = np.linspace(0, 90, 40)
COFFEE = Points(MINUTES, 20 + 70 * np.exp(-MINUTES / 30), origin="coffee")


def _offered(config: Config) -> Explanation | None:
    trainer = Trainer(config)
    return explain_small_rate(config, trainer.dataset, trainer.state(), Trials(np.zeros(1, np.uint8)))


def _final_loss(config: Config) -> float:
    trainer = Trainer(config)
    trainer.load(run_compiled("Compiled", config, trainer.dataset, trainer.state(), config.training.stop_step).state)
    return trainer.snapshot(1).train_loss


@pytest.mark.parametrize("points", [COFFEE, load("motorcycle"), load("copper")], ids=["coffee", "motorcycle", "copper"])
def test_the_rate_that_is_offered_learns_what_the_small_one_does_not(points: Points) -> None:
    config = config_of(data__points=points, data__standardise="xy")
    offer = not_none(_offered(config))
    assert not offer.is_alarm
    assert offer.suggestion.keys() == {"training.learning_rate"}
    better = config.with_changes(dict(offer.suggestion))
    assert better.training.learning_rate >= 10 * config.training.learning_rate
    assert _final_loss(better) < 0.5 * _final_loss(config)
    assert _offered(better) is None


@pytest.mark.parametrize(
    "config",
    [
        config_of(data__points=load("sunspots"), data__standardise="xy"),  # which no rate learns
        config_of(data__points=COFFEE, data__standardise="xy", training__learning_rate=0.1),
        config_of(data__points=COFFEE, data__standardise="xy", training__learning_rate=0.0),
        config_of(data__points=COFFEE),
    ],
    ids=["sunspots", "large", "zero", "plain"],
)
def test_where_none_clearly_helps_none_is_offered(config: Config) -> None:
    assert _offered(config) is None
