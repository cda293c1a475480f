"""A run as a value: what was done to it, its steps taken again, a moment of its past, a branch that begins there."""

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinynet_gui.core as tiny
from tests.not_none import not_none
from tests.runs import ACTS, BIAS, PATIENT, Act, assert_same_state, config_of, run_of, walk
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.refs import LayerRef, NeuronRef
from tinynet_gui.core.run import loss_history, run, run as module
from tinynet_gui.core.run.events import (
    EngineChanged,
    Event,
    FrozenChanged,
    LiveSettingsChanged,
    ParameterSet,
    StepRule,
    with_event,
)
from tinynet_gui.core.run.loss_history import HeldOutLosses, LossHistory, condense
from tinynet_gui.core.run.marks import MAX_MARKS, marks
from tinynet_gui.core.run.replay import Stepper, branch, known_states, moments, nearest_moment, past_moment, state_at
from tinynet_gui.core.run.run import BranchPoint, Run, within_budget
from tinynet_gui.core.training.engines import ENGINE_CHOICES, EngineName, run_compiled
from tinynet_gui.core.training.start import TrainerState, points_of
from tinynet_gui.core.training.trainer import Trainer


def _rate(rate: float) -> Config:
    return Config().replace("training.learning_rate", rate)


def _add(events: tuple[Event, ...], *more: Event) -> tuple[Event, ...]:
    for event in more:
        events = with_event(StepRule(Config()), events, event)
    return events


def test_of_settings_at_one_step_the_last_change_counts() -> None:
    first, second = LiveSettingsChanged(3, _rate(0.1)), LiveSettingsChanged(3, _rate(0.2))
    assert _add((), first, second) == (second,)
    assert _add((), first, LiveSettingsChanged(3, Config())) == ()
    later = LiveSettingsChanged(4, _rate(0.2))
    assert _add((), first, later) == (first, later)


def test_numbers_set_replace_only_those_of_the_same_parameter() -> None:
    other = ParameterSet(3, replace(BIAS, index=(1,)), 5.0)
    events = _add((), ParameterSet(3, BIAS, 1.0), other, ParameterSet(3, BIAS, 2.0))
    assert events == (other, ParameterSet(3, BIAS, 2.0))
    assert len(_add(events, ParameterSet(4, BIAS, 3.0))) == 3


def test_a_steps_rule_is_the_sum_of_all_earlier_events() -> None:
    frozen = frozenset({NeuronRef(0, 1)})
    events = (LiveSettingsChanged(2, _rate(0.1)), EngineChanged(2, "Compiled"), FrozenChanged(5, frozen))
    run = run_of(Config(), [Trainer(Config()).state()], events)
    assert run.rule_at(1) == StepRule(Config())
    assert run.rule_at(2) == run.rule_at(4) == StepRule(_rate(0.1), engine="Compiled")
    assert run.rule_at(5) == StepRule(_rate(0.1), frozen, "Compiled")


def test_the_marks_tell_what_was_done_after_the_first_step() -> None:
    stop = Config().replace("training.stop_step", 77)
    events: tuple[Event, ...] = (
        LiveSettingsChanged(0, _rate(0.1)),
        ParameterSet(0, BIAS, 0.5),
        ParameterSet(4, BIAS, 0.75),
        LiveSettingsChanged(5, stop.replace("training.learning_rate", 0.1)),
        LiveSettingsChanged(7, _rate(0.2)),
        ParameterSet(9, BIAS, 1.0),
        ParameterSet(12, BIAS, 2.0),
        FrozenChanged(13, frozenset({LayerRef(0)})),
        ParameterSet(14, BIAS, 3.0),
    )
    moved = points_of(Config().data)
    for step in range(15, 18):
        moved = Points(moved.x + np.where(np.arange(20) == 3, 0.1, 0.0), moved.y)
        events += (LiveSettingsChanged(step, _rate(0.2).replace("data.points", moved)),)
    events += (LiveSettingsChanged(20, _rate(0.3).replace("data.points", moved)),)
    fewer = moved.at(moved.x > 0)
    events += (LiveSettingsChanged(21, _rate(0.3).replace("data.points", fewer)),)
    held_out = Points(fewer.x, fewer.y, fewer.x > 1)
    events += (EngineChanged(22, "Compiled"), LiveSettingsChanged(22, _rate(0.3).replace("data.points", held_out)))
    shown = Points(fewer.x, fewer.y, fewer.x > 2)
    events += (LiveSettingsChanged(5_000, _rate(0.3).replace("data.points", shown)),)
    told = [(mark.step, mark.text) for mark in marks(run_of(Config(), [Trainer(Config()).state()], events))]
    assert told == [
        (4, "Bias of neuron 1 of layer 1 → 0.75"),  # what was set before the first step is another stroke
        (7, "Learning rate 0.1 → 0.2"),
        (9, "Bias of neuron 1 of layer 1 → 2"),  # a drag is one
        (13, "Froze layer 1"),
        (14, "Bias of neuron 1 of layer 1 → 3"),
        (15, "Moved a sample"),  # likewise
        (20, "Learning rate 0.2 → 0.3"),
        (21, f"Samples: 20 → {len(fewer)}"),
        (22, f"Held out: {np.count_nonzero(fewer.x > 1)} of {len(fewer)} samples"),
        (5_000, f"Held out: {np.count_nonzero(fewer.x > 2)} of {len(fewer)} samples"),
    ]
    many = tuple(LiveSettingsChanged(step, _rate(step * 1e-4)) for step in range(1, 300))
    assert len(marks(run_of(Config(), [Trainer(Config()).state()], many))) == MAX_MARKS


def _walked(config: Config, steps: int) -> tuple[Trainer, list[TrainerState]]:
    trainer = Trainer(config)
    states = [trainer.state()]
    for _ in range(steps):
        trainer.run(1)
        states.append(trainer.state())
    return trainer, states


def _grown(run: Run, trainer: Trainer, steps: int) -> Run:
    losses = trainer.run(steps)
    return run.extended(trainer.snapshot(run.id), condense(trainer.step - len(losses), losses))


def test_checkpoints_are_thinned_where_dense_but_not_at_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CHECKPOINTS", 9)
    trainer = Trainer(Config())
    run = run_of(Config(), [trainer.state()])
    for steps in (1, 1, 1, 100, 1, 1, 50, 50, 50, 50, 1, 200, 3, 3, 3):
        before = run
        run = _grown(run, trainer, steps)
        assert len(run.checkpoints) <= 9
        assert run.checkpoints[0] is before.checkpoints[0]
        assert run.step == trainer.step
    steps_kept = [state.step for state in run.checkpoints]
    assert steps_kept == sorted(set(steps_kept))
    assert max(np.diff(steps_kept)) <= 200


def test_the_budget_thins_the_middle_of_the_largest_run() -> None:
    small, large = (_walked(Config(), steps)[1] for steps in (3, 40))
    size = small[0].nbytes
    runs = [run_of(Config(), small), run_of(Config(), large)]
    kept = within_budget(runs, 20 * size)
    assert [len(run.checkpoints) for run in kept] == [4, 16]
    for before, after in zip(runs, kept, strict=True):
        assert after.checkpoints[0] is before.checkpoints[0]
        assert after.checkpoints[-1] is before.checkpoints[-1]
    assert [len(run.checkpoints) for run in within_budget(runs, 0)] == [2, 2]


@pytest.mark.parametrize("optimizer", list(OPTIMIZERS))
@pytest.mark.parametrize("rate", [0.01, 1_000.0])  # the last diverges
def test_stepping_on_equals_beginning_there(optimizer: str, rate: float) -> None:
    config = config_of(training__optimizer=optimizer, training__batch_size=6, training__learning_rate=rate)
    goes_on, state = Stepper(), Trainer(config).state()
    for place in range(16):
        frozen = frozenset({NeuronRef(0, 3)} if place % 4 == 3 else ())
        begins = Stepper().take(StepRule(config, frozen), state, 1)
        state = goes_on.take(StepRule(config, frozen), state, 1)
        assert_same_state(state, begins)


@settings(max_examples=12)
@given(
    acts=ACTS,
    optimizer=st.sampled_from(["sgd", "momentum", "adam", "rmsprop"]),
    batch_size=st.sampled_from([0, 6]),
    kept=st.integers(1, 30),
    standardise=st.sampled_from(["none", "x", "xy"]),
)
def test_any_step_is_taken_again_to_the_bit(
    acts: list[Act], optimizer: str, batch_size: int, kept: int, standardise: str
) -> None:
    """Against a run that is walked step by step by each step's own engine; only every so many states are kept."""
    config = _rate(0.01).replace("training.optimizer", optimizer).replace("training.batch_size", batch_size)
    walked = walk(config.replace("data.standardise", standardise), acts, kept)
    run, before, after = walked.run, walked.before, walked.after
    for step in range(len(before)):
        assert_same_state(state_at(run, step), after[step])
        if run.events_at(step):
            assert_same_state(state_at(run, step, before_events=True), before[step])
    assert [s.step for s in known_states(run) if s.step == 0][:1] == [0]
    with pytest.raises(ValueError, match="not allowed"):
        state_at(run, len(before))


def test_elsewhere_it_is_said_that_the_last_digits_may_differ() -> None:
    assert run.why_it_may_differ(run.here()) == ""
    assert run.why_it_may_differ(None) == ""
    other = replace(run.here(), versions="torch 1.0")
    assert "torch 1.0" in run.why_it_may_differ(other)
    assert "m68k" in run.why_it_may_differ(replace(run.here(), machine="m68k"))


@pytest.mark.parametrize("name", ["ATEN_CPU_CAPABILITY", "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"])
def test_so_it_is_where_other_instructions_are_chosen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made_by = run.here()
    monkeypatch.setenv(name, "odd")
    run.here.cache_clear()
    try:
        assert f"this is {run.here().machine}" in run.why_it_may_differ(made_by)
        assert f"{name}=odd" in run.here().machine
    finally:
        run.here.cache_clear()


def test_every_choice_of_engine_has_a_label() -> None:
    assert list(ENGINE_CHOICES) == ["auto", "pytorch", "compiled"]


CONFIG = Config().replace("training.learning_rate", 0.01)


@settings(max_examples=25)
@given(acts=ACTS, kept=st.integers(1, 30), batch_size=st.sampled_from([0, 6]), share=st.floats(0, 1))
def test_a_moment_is_what_was(acts: list[Act], kept: int, batch_size: int, share: float) -> None:
    walked = walk(CONFIG.replace("training.batch_size", batch_size), acts, kept)
    step = round(share * walked.run.step)
    moment = past_moment(walked.run, step)
    assert_same_state(moment.arrived, walked.before[step])
    assert_same_state(moment.snapshot.state, walked.after[step])
    rule = walked.run.rule_at(step)
    assert (moment.snapshot.config, moment.snapshot.dataset) == (rule.config, rule.dataset)
    expected = LossHistory().with_losses(0, np.array(walked.losses[:step], dtype=np.float32))
    assert [a.tolist() for a in moment.losses.curve()] == [a.tolist() for a in expected.curve()]
    assert moment.losses.last_step == expected.last_step


@settings(max_examples=25)
@given(acts=ACTS, kept=st.integers(1, 30), share=st.floats(0, 1))
def test_a_branch_has_the_same_past_and_no_future(acts: list[Act], kept: int, share: float) -> None:
    walked = walk(CONFIG, acts, kept)
    steps = np.arange(walked.run.step + 1)
    run = replace(walked.run, held_out_losses=HeldOutLosses(steps, steps.astype(np.float32)))
    step = round(share * run.step)
    new = branch(run, past_moment(run, step), 7)
    assert (new.id, new.parent, new.step) == (7, BranchPoint(1, step), step)
    for place in range(step + 1):
        assert_same_state(state_at(new, place), walked.after[place])
        if run.events_at(place):
            assert_same_state(state_at(new, place, before_events=True), walked.before[place])
    assert new.wanted.config == new.rule_at(step).config == run.rule_at(step).config
    assert new.wanted.frozen == run.rule_at(step).frozen
    assert new.held_out_losses.steps.tolist() == list(range(step + 1))


def test_the_losses_of_a_long_run_are_cut_within_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    losses = np.random.default_rng(1).random(5_000).astype(np.float32)
    whole = LossHistory().with_losses(0, losses)
    assert whole.stride == 8
    for step in (0, 1, 7, 8, 1_234, 4_096, 5_000):
        first = whole.bucket_start(step)
        assert first <= step < first + 8
        cut = whole.until(step, losses[first:step])
        means = cut.means()
        starts = np.arange(0, step, 8)
        np.testing.assert_array_equal(means[0], starts)
        np.testing.assert_allclose(means[1], [losses[s : min(s + 8, step)].mean() for s in starts], rtol=1e-6)
        np.testing.assert_array_equal(means[2], np.minimum(starts + 8, step) - starts)
        grown = cut.with_losses(step, losses[step:])
        assert [a.tolist() for a in grown.curve()] == [a.tolist() for a in whole.curve()]
    assert loss_history.CAPACITY == 1_024


def test_the_nearest_known_moment() -> None:
    walked = walk(CONFIG, [(10, "nothing", 0.0), (10, "set", 0.5)], 8)  # known: 0, 8, 16, 20
    found = {step: nearest_moment(walked.run, step) for step in range(21)}
    steps = [moment.step for moment in found.values() if moment is not None]
    assert steps == [0] * 5 + [8] * 8 + [16] * 6 + [20] * 2
    assert nearest_moment(replace(walked.run, checkpoints=()), 3) is None


def test_a_missing_engine_gives_the_nearest_known_moment() -> None:
    walked = walk(CONFIG, [(10, "nothing", 0.0), (10, "engine", 0.5)], 8)  # PyTorch, from step 10 on Compiled
    compiled: list[EngineName] = ["Compiled"]
    pytorch: list[EngineName] = ["PyTorch"]
    none: list[EngineName] = []
    cases = (compiled, 9, 8), (pytorch, 9, 9), (pytorch, 13, 16), (compiled, 13, 16), (compiled, 19, 19), (none, 19, 20)
    for usable, step, expected in cases:
        moment = past_moment(walked.run, step, usable)
        assert (moment.asked, moment.snapshot.step) == (step, expected)
        assert_same_state(moment.snapshot.state, walked.after[expected])
        assert moment.losses.last_step == expected - 1


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many steps are taken, each time that some are."""
    steps: list[int] = []
    take = Stepper.take_with_losses

    def counted(self: Stepper, *args: Any, **keywords: Any) -> Any:
        after = take(self, *args, **keywords)
        steps.append(after[0].step - args[1].step)
        return after

    monkeypatch.setattr(Stepper, "take_with_losses", counted)
    return steps


def test_no_step_is_taken_twice(taken: list[int]) -> None:
    walked = walk(CONFIG, [(30, "nothing", 0.0), (20, "set", 0.5)], 100)  # known: its first and its last state
    taken.clear()
    assert_same_state(past_moment(walked.run, 40).arrived, walked.before[40])
    assert sum(taken) == 40
    taken.clear()
    steps = [10, 10, 25, 30, 49, 20]  # back again from the first
    for step, moment in zip(steps, moments(walked.run, steps), strict=True):
        assert_same_state(moment.state, walked.after[step])
    assert sum(taken) == 49 + 20


@pytest.mark.parametrize("engine", ["compiled", "pytorch"])
def test_patience_ends_a_training_whose_best_is_exact(engine: Literal["compiled", "pytorch"]) -> None:
    result = tiny.train(PATIENT, engine=engine)
    states = [state_at(result.run, step) for step in range(result.steps + 1)]
    x, y = (values[:, 0].astype(np.float64) for values in (result.dataset.x_held_out, result.dataset.y_held_out))
    w, b, v, c = (np.stack([s.parameters[k] for s in states]).astype(np.float64) for k in range(4))
    hidden = np.maximum(w * x + b[:, :, None], 0)  # (states, neurons, samples)
    losses = np.mean(((v @ hidden)[:, 0] + c - y) ** 2, axis=1)
    best = int(np.argmin(losses))
    assert (best, result.steps) == (58, 98)
    assert all(losses[:step].min() > losses[best] for step in range(1, best))
    at_best = not_none(result.best)
    assert at_best.steps == best
    assert at_best.held_out_loss == pytest.approx(losses[best], rel=1e-5)
    alone = PATIENT.replace("training.patience", 0)
    assert_same_state(at_best.state, tiny.train(alone, best, engine=engine).state)
    assert tiny.train(result, 500, engine=engine).steps == 98  # it is over
    assert tiny.train(result, 500, patience=50, engine=engine).steps == 98 + 50  # from the change on
    assert tiny.train(alone, 98, engine=engine).steps == 98
    assert tiny.train(at_best, 500, engine=engine).steps == 98


def test_patience_ends_a_long_training_as_step_by_step() -> None:
    config = PATIENT.with_changes({"training.learning_rate": 0.001, "training.patience": 1_000})
    result = tiny.train(config, 3_000, engine="compiled")
    state, losses = Trainer(config).state(), list[float]()
    for step in range(3_001):
        losses += [loss for _, loss in loss_history.held_out_losses(config, result.dataset, [state])]
        if np.argmin(losses) == step - 1_000:
            break
        state = run_compiled("Compiled", config, result.dataset, state, 1).state
    best = not_none(result.best)
    assert (best.steps, result.steps) == (step - 1_000, step)
    assert best.held_out_loss == min(losses)
    assert step < 3_000


def test_without_held_out_samples_there_is_no_best() -> None:
    assert tiny.train(steps=10).best is None
    with pytest.raises(tiny.ConfigError, match="patience"):
        tiny.train(steps=10, patience=5)
