"""The marks of the time line, each kind against what is computed here without them."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runs import BIAS, run_of
from tests.unit.test_dying_relu import RecordedRun
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import points_of
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.failures.answers import find_deaths
from tinynet_gui.core.failures.dying_relu import DeathBetween, dead_neurons
from tinynet_gui.core.network.refs import LayerRef
from tinynet_gui.core.run.events import Event, FrozenChanged, LiveSettingsChanged, ParameterSet
from tinynet_gui.core.run.held_out import HeldOutLosses, held_out_losses
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.run.marks import Mark
from tinynet_gui.core.run.run import BranchPoint, Run
from tinynet_gui.core.timeline.time_marks import Deaths, time_marks
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.training.trainer import Trainer


def _marks(run: Run, kind: str, deaths: Deaths | None = None) -> list[Mark]:
    return [mark for mark in time_marks(run, deaths) if mark.kind == kind]


def test_what_was_done_has_its_kind() -> None:
    rate = Config().replace("training.learning_rate", 0.1)
    samples = points_of(Config().data)
    moved = rate.replace("data.points", Points(samples.x, samples.y + 1))
    by_hand, frozen = ParameterSet(5, BIAS, 1.0), FrozenChanged(9, frozenset({LayerRef(0)}))
    events = LiveSettingsChanged(3, rate), by_hand, LiveSettingsChanged(7, moved), frozen
    told = [(mark.step, mark.kind) for mark in time_marks(run_of(Config(), [Trainer(Config()).state()], events))]
    assert told == [(3, "setting"), (5, "by hand"), (7, "samples"), (9, "freezing")]


def _mse(state: TrainerState, points: Points, which: npt.NDArray[np.bool_]) -> float:
    """The loss over some of the samples, in float64."""
    w1, b1, w2, b2 = (p.astype(np.float64) for p in state.parameters)
    x, y = points.x[which], points.y[which]
    hidden = np.maximum(0.0, w1 @ x[None, :] + b1[:, None])
    return float(np.mean((w2 @ hidden + b2[:, None] - y) ** 2))


@given(seed=st.integers(0, 1_000), data_seed=st.integers(0, 1_000), changes=st.booleans())
@settings(max_examples=15)
def test_the_lowest_held_out_loss_is_the_lowest_of_the_states_that_were_recorded(
    seed: int, data_seed: int, changes: bool
) -> None:
    config = Config().replace("data.held_out", 0.3).replace("data.noise", 2.0).replace("data.seed", data_seed)
    config = config.replace("network.seed", seed).replace("training.learning_rate", 0.02)
    trainer, random = Trainer(config), np.random.default_rng(seed)
    points, recorded = points_of(config.data), [trainer.state()]
    events, own = list[Event](), dict[int, float]()
    known = HeldOutLosses().with_losses(held_out_losses(config, trainer.dataset, recorded))
    own[0] = _mse(recorded[0], points, points.held_out)
    for count in random.integers(1, 60, size=12):
        if changes and trainer.step > 200 and not events:
            points = Points(points.x, points.y + 3, points.held_out)
            trainer.apply_live(trainer.config.replace("data.points", points))
            events.append(LiveSettingsChanged(trainer.step, trainer.config))
            own.clear()
        trainer.run(int(count))
        recorded.append(trainer.state())
        known = known.with_losses(held_out_losses(trainer.config, trainer.dataset, recorded[-1:]))
        own[trainer.step] = _mse(recorded[-1], points, points.held_out)
    run = replace(run_of(config, recorded, events), held_out_losses=known)
    (mark,) = _marks(run, "best held out")
    lowest = min(own.values())
    assert own[mark.step] == pytest.approx(lowest, rel=1e-5)
    assert float(mark.text.rsplit(" ", 1)[1]) == pytest.approx(lowest, rel=1e-3)
    assert mark.text.startswith("Lowest known held-out loss")
    assert ("since the samples were changed" in mark.text) == bool(events)


def test_samples_chosen_before_the_first_step_are_those_it_began_with() -> None:
    points = Points([0.0, 1.0, 2.0], [0.0, 1.0, 4.0], [False, False, True])
    events = [LiveSettingsChanged(0, Config().replace("data.points", points))]
    run = run_of(Config(), [Trainer(Config()).state()], events)
    (mark,) = _marks(replace(run, held_out_losses=HeldOutLosses().with_losses([(5, 0.5)])), "best held out")
    assert mark.text == "Lowest known held-out loss: 0.5000"


def test_without_held_out_samples_none_is_the_lowest() -> None:
    assert _marks(run_of(Config(), [Trainer(Config()).state()]), "best held out") == []


@given(seed=st.integers(0, 10_000), by_hand=st.integers(0, 5))
@settings(max_examples=15)
def test_a_neuron_died_after_the_last_state_in_which_a_sample_made_it_active(seed: int, by_hand: int) -> None:
    config = Config().replace("network.hidden", (6,)).replace("network.seed", seed)
    run = RecordedRun(config.replace("training.learning_rate", 0.05))
    run.walk(8)
    run.set_bias(0, by_hand, -50.0)
    run.walk(9)
    snapshot = run.trainer.snapshot(1)
    if snapshot.diverged_at is not None:
        return
    own: dict[int, set[str]] = {}
    for layer, index in dead_neurons(snapshot):
        last = run.last_alive(layer, index)
        step = 0 if last is None else run.moments[last + 1].step
        cause = "dead from the first" if last is None else "by hand" if last + 1 in run.by_hand else "died"
        own.setdefault(step, set()).add(cause)
    marks = _marks(run.run(), "death", find_deaths(*run.moment()))
    assert {mark.step for mark in marks} == set(own)
    for step, causes in own.items():
        texts = [mark.text for mark in marks if mark.step == step]
        assert len(texts) == len(causes)
        assert all(any(cause in text for text in texts) for cause in causes)


def test_neurons_that_die_together_have_one_mark() -> None:
    run = run_of(Config(), [Trainer(Config()).state()])
    between: Deaths = {(0, index): DeathBetween(10, 20, 0, index) for index in (4, 1, 2)}
    (mark,) = _marks(run, "death", between)
    assert (mark.step, mark.text.partition(" died ")[0]) == (20, "Neurons 2, 3 and 5 of hidden layer 1")
    assert mark.text.endswith(" died between step 10 and step 20")
    many: Deaths = {(1, index): None for index in range(1_000)}
    (mark,) = _marks(run, "death", many)
    assert mark.count == len(many)
    assert (mark.step, mark.text) == (0, "1,000 neurons of hidden layer 2 dead from the first weights on")
    (mark,) = _marks(run, "death", {(0, 0): DeathBetween(None, 30, 0, 0)})
    assert (mark.step, "wherever" in mark.text) == (30, True)


def test_the_step_of_divergence_is_the_first_whose_loss_is_not_finite() -> None:
    config = Config().replace("training.learning_rate", 10.0)
    trainer, walked = Trainer(config), Trainer(config)
    start, points = trainer.state(), points_of(config.data)
    while _mse(walked.state(), points, ~points.held_out) < float(np.finfo(np.float32).max):
        walked.run(1)
    trainer.run(500)
    run = replace(run_of(config, [start, trainer.state()]), diverged_at=trainer.snapshot(1).diverged_at)
    (mark,) = _marks(run, "divergence")
    assert mark.step == walked.step


def test_a_plateau_begins_where_its_sentence_says() -> None:
    losses = np.concatenate([np.geomspace(10, 0.5, 300), np.full(700, 0.5)]).astype(np.float32)
    run = run_of(Config(), [Trainer(Config()).state()])
    (mark,) = _marks(replace(run, losses=LossHistory().with_losses(0, losses)), "plateau")
    assert np.ptp(losses[mark.step :]) < 1e-3 * losses[-1]
    assert f"over steps {mark.step:,}–" in mark.text
    assert _marks(replace(run, losses=LossHistory().with_losses(0, losses[:300])), "plateau") == []


def test_a_branch_begins_at_the_step_of_its_parent() -> None:
    run = replace(run_of(Config(), [Trainer(Config()).state()]), parent=BranchPoint(7, 1_234))
    assert [(mark.step, mark.kind) for mark in time_marks(run)] == [(1_234, "branch")]


def test_marks_are_in_the_order_of_the_steps() -> None:
    events = [LiveSettingsChanged(step, Config().replace("training.learning_rate", step / 1e4)) for step in (20, 40)]
    run = replace(run_of(Config(), [Trainer(Config()).state()], events), parent=BranchPoint(1, 30), diverged_at=50)
    marks = time_marks(run, {(0, 1): None})
    assert [mark.step for mark in marks] == [0, 20, 30, 40, 50]
