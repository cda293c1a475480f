"""What is advised helps, and what is warned of goes wrong: trainings say the same; no infinite start is a rate's."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.not_none import not_none
from tests.runs import BIAS, compiled, config_of, run_of, trained
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points, is_better_standardised
from tinynet_gui.core.data.real_data import REAL_DATA, load
from tinynet_gui.core.experiments.base import seeds_of, train_all
from tinynet_gui.core.failures.answers import (
    explain_scale,
    explain_size,
    explain_small_rate,
    explanation_of,
    was_destabilised,
)
from tinynet_gui.core.failures.diagnosis import HELPS, Explanation, Trials, with_tried_advice, with_tried_cure
from tinynet_gui.core.failures.symptoms import dead_neurons
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.run.events import Event, LiveSettingsChanged, ParameterSet, StepRule
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.run.replay import Stepper
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.step.curvature import stable_learning_rate
from tinynet_gui.core.system.background import StoppedError
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.training.snapshot import Snapshot, make_snapshot
from tinynet_gui.core.training.start import TrainerState, initial_state, make_dataset
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.values import Array

STEPS = 10_000
FOUND = Explanation(("It stands still.", "It is so.", "This helps."), {"network.activation": "leaky_relu"}, "Leaky")


def _trained(config: Config, steps: int = STEPS) -> tuple[Run, Snapshot, Array]:
    """Ask why, of a run by the compiled loop; and its losses."""
    done = compiled(config, steps)
    run = run_of(config, [initial_state(config), done.state], engine="Compiled")
    run = replace(run, losses=LossHistory().with_losses(0, done.losses))
    return run, make_snapshot(1, config, make_dataset(config.data), done.state, done.diverged_at), done.losses


def _tail(losses: Array) -> float:
    """The mean of the last tenth."""
    return float(losses[-len(losses) // 10 :].mean())


@pytest.mark.parametrize(("rate", "seed"), [(0.001, 4), (0.1, 3)])  # leaky ReLU would not help, and Adam would not
def test_what_is_advised_comes_to_a_lower_loss(rate: float, seed: int) -> None:
    config = Config().with_changes({"network.hidden": (3,), "training.learning_rate": rate, "network.seed": seed})
    run, snapshot, losses = _trained(config)
    found = not_none(explanation_of(run, snapshot))
    assert found.suggestion
    assert _tail(_trained(config.with_changes(dict(found.suggestion)))[2]) < _tail(losses)


@pytest.mark.parametrize("changes", [{"network.seed": 4}, {"training.learning_rate": 10.0}])  # a plateau, a divergence
def test_a_stop_during_a_trial_explains_nothing(changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    run, snapshot, _ = _trained(Config().with_changes({"network.hidden": (3,), **changes}))
    stop = np.zeros(1, np.uint8)
    tried, take = list[Config](), Stepper.take_with_losses

    def stopped(self: Stepper, rule: StepRule, *args: Any) -> Any:
        tried.append(rule.config)
        stop[0] = 1
        return take(self, rule, *args)

    monkeypatch.setattr(Stepper, "take_with_losses", stopped)
    with pytest.raises(StoppedError):
        explanation_of(run, snapshot, stop=stop)
    assert len(tried) == 1


def test_advice_is_tried_beyond_the_stop_step() -> None:
    """Start goes on from there; what was never tried was advised then."""
    config = Config().with_changes({"network.hidden": (3,), "training.learning_rate": 0.1, "network.seed": 3})
    run, snapshot, losses = _trained(config, 2 * STEPS)
    found = not_none(explanation_of(run, snapshot))
    assert "in 20,000 steps" in found.sentences[2]
    assert _tail(_trained(config.with_changes(dict(found.suggestion)), 2 * STEPS)[2]) < HELPS * _tail(losses)


def test_a_dead_neurons_cure_must_lower_the_loss() -> None:
    """By trainings of the same length, with and without it."""
    suggested = 0
    for seed in range(8):
        config = Config().with_changes({"network.hidden": (3,), "network.seed": seed, "training.learning_rate": 0.01})
        run, snapshot, losses = _trained(config)
        for place in dead_neurons(snapshot)[:1]:
            found = not_none(explanation_of(run, snapshot, place))
            assert "was tried out from the start: in 10,000 steps" in found.sentences[2]
            assert bool(found.suggestion) == ("That is not clearly better." not in found.sentences[2])
            if found.suggestion:
                suggested += 1
                assert _tail(_trained(config.with_changes(dict(found.suggestion)))[2]) < HELPS * _tail(losses)
    assert suggested


def _reaches(by_seed: dict[int, float], leaky: float, wider: float = np.inf) -> Callable[[Config, int], float]:
    def try_out(config: Config, steps: int) -> float:
        assert steps == 500
        if config.network.hidden == (20,):
            return wider
        return leaky if config.network.activation == "leaky_relu" else by_seed.get(config.network.seed, np.inf)

    return try_out


def test_advice_that_does_not_help_is_not_given() -> None:
    kept = with_tried_advice(FOUND, Config(), 2.0, 500, _reaches({}, 1.5))
    assert (kept.suggestion, kept.label) == (FOUND.suggestion, FOUND.label)
    comes = "in 500 steps the loss comes to 1.5 (mean over the last tenth of the steps)"
    assert kept.sentences[2] == f"This helps. “{FOUND.label}” was tried out: {comes}."
    other = with_tried_advice(FOUND, Config(), 2.0, 500, _reaches({3: 2.0, 5: 0.5}, np.inf))
    assert (other.suggestion, other.sentences[:2]) == ({"network.seed": 5}, FOUND.sentences[:2])
    for barely in (2.0, 1.9):  # a little lower is no help
        none = with_tried_advice(FOUND, Config(), 2.0, 500, _reaches({}, barely))
        assert (none.suggestion, none.label) == ({}, "")
        assert "None ends clearly lower" in none.sentences[2]
    nothing = replace(FOUND, suggestion={}, label="")
    assert with_tried_advice(nothing, Config(), 2.0, 500, _reaches({}, 1.0)) is nothing


def test_more_neurons_are_advised_only_if_no_seed_helps() -> None:
    wider = replace(FOUND, suggestion={"network.hidden": (20,)}, label="Wider")
    seed = with_tried_advice(wider, Config(), 2.0, 500, _reaches({4: 1.0}, np.inf, 0.1))
    assert seed.suggestion == {"network.seed": 4}
    more = with_tried_advice(wider, Config(), 2.0, 500, _reaches({4: 1.9}, np.inf, 0.1))
    assert (more.suggestion, more.label) == (wider.suggestion, wider.label)


@pytest.mark.parametrize(("with_it", "without", "helps"), [(1.0, 2.0, True), (1.9, 2.0, False), (np.inf, 2.0, False)])
def test_a_cure_is_given_with_what_came_of_both(with_it: float, without: float, helps: bool) -> None:
    found = with_tried_cure(FOUND, Config(), 500, lambda c, _: without if c == Config() else with_it)
    assert bool(found.suggestion) == bool(found.label) == helps
    for loss in (with_it, without):
        assert (f"the loss comes to {plain(loss)}" if np.isfinite(loss) else "it diverges") in found.sentences[2]
    assert "(mean over the last tenth of the steps)" in found.sentences[2]


def _why(trainer: Trainer, *checkpoints: TrainerState, events: Sequence[Event] = ()) -> Explanation:
    explanation = not_none(explanation_of(run_of(trainer.config, checkpoints, events), trainer.snapshot(0)))
    assert len(explanation.sentences) == 3
    return explanation


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("formula", "scale"), [("1e38*x", "1e38"), ("(-1.2e37)*exp(x)", "1e38")])
def test_samples_that_are_too_large_are_divided(formula: str, scale: str, loss: str) -> None:
    config = config_of(data__formula=formula, data__target="formula", training__loss=loss)
    trainer = Trainer(config)
    explanation = _why(trainer, trainer.state())
    assert trainer.diverged_at == trainer.step == 0
    assert "At step 0" in explanation.sentences[0]
    assert "samples' y" in explanation.sentences[1]
    assert "training.learning_rate" not in explanation.suggestion
    assert scale in explanation.label
    mended = Trainer(config.with_changes(dict(explanation.suggestion)))
    assert 0.5 < np.abs(mended.dataset.y_train).max() < 10
    losses = mended.run(200)
    assert (len(losses), losses[-1] < losses[0]) == (200, True)


def test_a_formula_with_no_room_for_a_division_is_left_alone() -> None:
    formula = "1e30*x + 0." + 188 * "0"
    trainer = Trainer(config_of(data__formula=formula, data__target="formula"))
    explanation = _why(trainer, trainer.state())
    assert (explanation.suggestion, explanation.label) == ({}, "")


@pytest.mark.parametrize(("weight", "size"), [(1e30, "1.000·10³¹"), (3e38, "infinite")])
def test_numbers_set_by_hand_are_named_and_the_rate_is_not(weight: float, size: str) -> None:
    trainer = trained(Config(), 5)
    arrived = trainer.state()
    first, last = ParameterRef(0, "weight", (0, 0)), ParameterRef(1, "weight", (0, 0))
    events = [ParameterSet(5, ref, value) for ref, value in ((first, 0.0), (BIAS, 10.0), (last, weight))]
    for event in events:
        trainer.edit(event.ref, event.value)
    explanation = _why(trainer, initial_state(Config()), arrived, events=events)
    assert trainer.diverged_at == trainer.step == 5
    assert "At step 5" in explanation.sentences[0]
    assert all(words in explanation.sentences[1] for words in ("set by hand", size))
    assert explanation.suggestion == {}


FAR = Points(np.linspace(1990, 2020, 31), np.linspace(-1, 1, 31), origin="years")


def _begun(points: Points | None, **changes: object) -> Trainer:
    return Trainer(config_of(data__points=points, **changes))


def _explained(trainer: Trainer) -> Explanation | None:
    return explain_scale(trainer.config, trainer.dataset, trainer.state(), Trials(np.zeros(1, np.uint8)))


def _goes_well(config: Config) -> bool:
    """Whether a training ends below its first loss, and most of the neurons that were alive at first still are."""
    _, snapshot, losses = _trained(config, config.training.stop_step)
    first = Trainer(config).snapshot(1)
    before, after = (each.active_counts[0] > 0 for each in (first, snapshot))
    is_dead = before.any() and 2 * (before & ~after).sum() >= before.sum()
    return len(losses) == config.training.stop_step and snapshot.train_loss <= first.train_loss and not is_dead


def test_the_tutorials_rate_is_not_too_large_for_its_data() -> None:
    assert _explained(_begun(None)) is None


@pytest.mark.parametrize("points", [FAR, load("motorcycle"), load("copper")], ids=["years", "motorcycle", "copper"])
def test_a_rate_called_too_large_fails_and_the_advice_works(points: Points) -> None:
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
def test_warnings_and_suggestions_are_confirmed_by_training(optimizer: str, factor: float) -> None:
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


def test_a_smaller_rate_is_advised_if_scaling_is_not_enough() -> None:
    trainer = _begun(load("motorcycle"), training__learning_rate=50.0, data__standardise="xy")
    explanation = not_none(_explained(trainer))
    assert explanation.suggestion.keys() == {"training.learning_rate"}
    assert _goes_well(_applied(trainer.config, explanation))


@pytest.mark.parametrize("name", REAL_DATA)
def test_standardised_each_of_the_real_data_can_be_learned(name: str) -> None:
    trainer = _begun(load(name), data__standardise="xy", training__learning_rate=0.02)
    assert _explained(trainer) is None
    _, _, losses = _trained(trainer.config, 2 * STEPS)
    assert losses[-1] < 0.9 * losses[0]


LARGE = Points(np.linspace(1700, 2008, 40), 1e6 * (2 + np.sin(np.linspace(0, 12, 40))), origin="large")


@pytest.mark.parametrize("points", [FAR, LARGE, load("sunspots")], ids=["years", "large", "sunspots"])
def test_failures_from_large_data_are_explained_and_cured(points: Points) -> None:
    """Against trainings of their own: of the run that failed, and of the one that the advice begins."""
    trainer = _begun(points)
    first, (run, snapshot, _) = trainer.snapshot(1), _trained(trainer.config, 2 * STEPS)
    assert was_destabilised(snapshot, first.train_loss)
    dead = int(np.flatnonzero((snapshot.active_counts[0] == 0) & (first.active_counts[0] > 0))[0])
    warned = not_none(_explained(trainer))
    for neuron, words in ((None, "neurons are dead"), ((0, dead), "gives 0 on every sample since step ")):
        found = not_none(explanation_of(run, snapshot, neuron))
        assert found.sentences[0] == warned.sentences[0]
        assert words in found.sentences[1]
        assert (found.suggestion, found.label) == (warned.suggestion, warned.label)
    _, mended, _ = _trained(_applied(trainer.config, warned), 2 * STEPS)
    assert not was_destabilised(mended, Trainer(mended.config).snapshot(1).train_loss)
    assert _error(mended) < 0.99 * _error(snapshot)


def test_what_was_set_later_did_not_lead_there() -> None:
    trainer = _begun(FAR)
    run, snapshot, _ = _trained(trainer.config, 2 * STEPS)
    warned, later = not_none(_explained(trainer)), trainer.config.replace("training.learning_rate", 1e-9)
    event = LiveSettingsChanged(snapshot.step, later)
    run = replace(run, events=(event,), wanted=run.start.after([event]))
    found = not_none(explanation_of(run, make_snapshot(1, later, trainer.dataset, snapshot.state)))
    assert found.sentences[0] == warned.sentences[0]


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


@pytest.mark.parametrize("points", [COFFEE, load("motorcycle"), load("copper")], ids=["coffee", "motorcycle", "copper"])
def test_the_offered_rate_learns_what_a_small_one_does_not(points: Points) -> None:
    config = config_of(data__points=points, data__standardise="xy")
    offer = not_none(_offered(config))
    assert not offer.is_alarm
    assert offer.suggestion.keys() == {"training.learning_rate"}
    better = config.with_changes(dict(offer.suggestion))
    assert better.training.learning_rate >= 10 * config.training.learning_rate
    assert _trained(better)[1].train_loss < 0.5 * _trained(config)[1].train_loss
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


T, X = np.arange(0.0, 42.0, 2.0), np.linspace(-3, 3, 20)
COFFEE = Points(T, 22 + 68 * np.exp(-T / 15))
SCHOOL = {  # and whether training is better with x and y standardised
    "coffee": (COFFEE, True),
    "coffee, by the second": (Points(60 * T, COFFEE.y), True),
    "heights": (Points(150 + 2 * T, 40 + 1.5 * T + 3 * np.sin(9 * T)), True),
    "temperatures of a year": (Points(9 * T, 10 - 9 * np.cos(T / 6.5)), True),
    "years": (Points(1960 + T, 317 + 1.7 * T), True),
    "a spring, in m": (Points(0.04 * np.linspace(0, 5, 11), np.linspace(0, 5, 11)), True),
    "a spring, in cm": (Points(np.linspace(0, 5, 11), 3.9 * np.linspace(0, 5, 11)), False),
    "the tutorial's": (Points(X, X**2), False),
    "a wide parabola": (Points(3 * X, 9 * X**2), False),
    "a sine": (Points(X, np.sin(X)), False),
}


def _shares(points: Points, standardise: str) -> npt.NDArray[np.float64]:
    """The final losses of 32 seeds, as shares of the variance of y as the network should output it."""
    config = Config().with_changes({"data.points": points, "data.standardise": standardise})
    runs = [run for some in train_all(seeds_of(config, 32), np.zeros(1, np.uint8)) for run in some]
    return np.array([run.final_loss for run in runs]) / float(make_dataset(config.data).y_train.var())


@pytest.mark.parametrize("name", SCHOOL)
def test_samples_are_standardised_where_training_is_better_so(name: str) -> None:
    points, is_better = SCHOOL[name]
    assert is_better_standardised(points) == is_better
    as_they_are, standardised = _shares(points, "none"), _shares(points, "xy")
    if is_better:
        assert (standardised < as_they_are).sum() >= 29  # of 32
    else:
        assert np.median(standardised) > np.median(as_they_are)


def test_standardising_is_advised_at_the_start_and_in_a_stall() -> None:
    """By a trial, and it is so: the share of the variance that is left, of trainings of our own."""
    advised = 0
    for seed in range(6):
        config = Config().with_changes({"data.points": COFFEE, "network.seed": seed})
        scaled = _trained(config.replace("data.standardise", "xy"))
        run, snapshot, losses = _trained(config)
        at_first = explain_size(config, Trials(np.zeros(1, np.uint8)))
        for found in filter(None, (at_first, explanation_of(run, snapshot))):
            assert found.suggestion == {"data.standardise": "xy"}
            assert _tail(scaled[2]) < 0.9 * _tail(losses) / COFFEE.y.var()
            advised += 1
        assert at_first is not None
    assert advised > 8
    assert explain_size(config_of(data__points=SCHOOL["a sine"][0]), Trials(np.zeros(1, np.uint8))) is None
