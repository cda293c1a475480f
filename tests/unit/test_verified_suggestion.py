"""What is advised helps: it was tried, and a training says the same; no rate is blamed for an infinite start."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.not_none import not_none
from tests.runs import BIAS, compiled, config_of, run_of, trained
from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import make_dataset
from tinynet_gui.core.failures.answers import answer
from tinynet_gui.core.failures.diagnosis import Explanation
from tinynet_gui.core.failures.dying_relu import dead_neurons
from tinynet_gui.core.failures.verified_suggestion import HELPS, with_tried_advice, with_tried_cure
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.run.events import Event, ParameterSet
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.snapshot import Snapshot, make_snapshot
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.training.engines import EngineName, Stepper
from tinynet_gui.core.training.losses import LOSSES
from tinynet_gui.core.training.state import TrainerState, initial_state
from tinynet_gui.core.training.trainer import Trainer

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
    found = not_none(answer(run, snapshot))
    assert found.suggestion
    assert _tail(_trained(config.with_changes(dict(found.suggestion)))[2]) < _tail(losses)


@pytest.mark.parametrize("changes", [{"network.seed": 4}, {"training.learning_rate": 10.0}])  # a plateau, a divergence
def test_what_is_stopped_while_something_is_tried_out_explains_nothing(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, snapshot, _ = _trained(Config().with_changes({"network.hidden": (3,), **changes}))
    stop = np.zeros(1, np.uint8)
    tried, take = list[Config](), Stepper.take_with_losses

    def stopped(self: Stepper, engine: EngineName, config: Config, *args: Any, **keywords: Any) -> Any:
        tried.append(config)
        stop[0] = 1
        return take(self, engine, config, *args, **keywords)

    monkeypatch.setattr(Stepper, "take_with_losses", stopped)
    assert answer(run, snapshot, stop=stop) is None
    assert len(tried) == 1


def test_advice_is_tried_in_a_run_that_went_on_beyond_its_stop_step() -> None:
    """Start goes on from there; what was never tried was advised then."""
    config = Config().with_changes({"network.hidden": (3,), "training.learning_rate": 0.1, "network.seed": 3})
    run, snapshot, losses = _trained(config, 2 * STEPS)
    found = not_none(answer(run, snapshot))
    assert "in 20,000 steps" in found.sentences[2]
    assert _tail(_trained(config.with_changes(dict(found.suggestion)), 2 * STEPS)[2]) < HELPS * _tail(losses)


def test_a_cure_of_a_dead_neuron_is_suggested_only_where_it_comes_to_a_lower_loss() -> None:
    """By trainings of the same length, with and without it."""
    suggested = 0
    for seed in range(8):
        config = Config().with_changes({"network.hidden": (3,), "network.seed": seed, "training.learning_rate": 0.01})
        run, snapshot, losses = _trained(config)
        for place in dead_neurons(snapshot)[:1]:
            found = not_none(answer(run, snapshot, place))
            assert "was tried out from the start: in 10,000 steps" in found.sentences[2]
            assert bool(found.suggestion) == ("So nothing is gained by it." not in found.sentences[2])
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
        assert "None comes clearly lower" in none.sentences[2]
    nothing = replace(FOUND, suggestion={}, label="")
    assert with_tried_advice(nothing, Config(), 2.0, 500, _reaches({}, 1.0)) is nothing


def test_more_neurons_are_advised_only_where_no_other_seed_of_as_many_does_better() -> None:
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
    explanation = not_none(answer(run_of(trainer.config, checkpoints, events), trainer.snapshot(0)))
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
