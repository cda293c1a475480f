"""A run as a value: what was done to it, its checkpoints, its marks, its steps taken again."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runs import ACTS, BIAS, Act, assert_same_state, run_of, walk
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import points_of
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.refs import LayerRef, NeuronRef
from tinynet_gui.core.run import provenance
from tinynet_gui.core.run import run as module
from tinynet_gui.core.run.events import (
    EngineChanged,
    Event,
    FrozenChanged,
    LiveSettingsChanged,
    ParameterSet,
    StepRule,
    with_event,
)
from tinynet_gui.core.run.loss_history import condense
from tinynet_gui.core.run.marks import MOST_MARKS, marks
from tinynet_gui.core.run.replay import known_states, state_at
from tinynet_gui.core.run.run import Run, within_budget
from tinynet_gui.core.training.engines import ENGINE_CHOICES
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.training.trainer import Trainer


def _rate(rate: float) -> Config:
    return Config().replace("training.learning_rate", rate)


def _add(events: tuple[Event, ...], *more: Event) -> tuple[Event, ...]:
    for event in more:
        events = with_event(StepRule(Config()), events, event)
    return events


def test_of_several_settings_at_one_step_the_last_counts_and_none_that_changes_nothing() -> None:
    first, second = LiveSettingsChanged(3, _rate(0.1)), LiveSettingsChanged(3, _rate(0.2))
    assert _add((), first, second) == (second,)
    assert _add((), first, LiveSettingsChanged(3, Config())) == ()
    later = LiveSettingsChanged(4, _rate(0.2))
    assert _add((), first, later) == (first, later)


def test_numbers_set_at_one_step_replace_those_of_the_same_parameter_only() -> None:
    other = ParameterSet(3, replace(BIAS, index=(1,)), 5.0)
    events = _add((), ParameterSet(3, BIAS, 1.0), other, ParameterSet(3, BIAS, 2.0))
    assert events == (other, ParameterSet(3, BIAS, 2.0))
    assert len(_add(events, ParameterSet(4, BIAS, 3.0))) == 3


def test_the_rule_of_a_step_is_what_all_before_it_have_made_of_the_first() -> None:
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
    ]
    many = tuple(LiveSettingsChanged(step, _rate(step * 1e-4)) for step in range(1, 300))
    assert len(marks(run_of(Config(), [Trainer(Config()).state()], many))) == MOST_MARKS


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


def test_checkpoints_are_thinned_where_they_lie_closest_and_the_ends_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CHECKPOINTS", 9)
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


def test_the_budget_thins_the_middle_of_the_largest_run_and_no_beginning() -> None:
    small, large = (_walked(Config(), steps)[1] for steps in (3, 40))
    size = small[0].nbytes
    runs = [run_of(Config(), small), run_of(Config(), large)]
    kept = within_budget(runs, 20 * size)
    assert [len(run.checkpoints) for run in kept] == [4, 16]
    for before, after in zip(runs, kept, strict=True):
        assert after.checkpoints[0] is before.checkpoints[0]
        assert after.checkpoints[-1] is before.checkpoints[-1]
    assert [len(run.checkpoints) for run in within_budget(runs, 0)] == [2, 2]


@settings(max_examples=12, deadline=None)
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
        assert_same_state(state_at(run, step, before_events=True), before[step])
        assert_same_state(state_at(run, step), after[step])
    assert [s.step for s in known_states(run) if s.step == 0][:1] == [0]
    with pytest.raises(ValueError, match="not allowed"):
        state_at(run, len(before))


def test_elsewhere_it_is_said_that_the_last_digits_may_differ() -> None:
    assert provenance.why_it_may_differ(provenance.here()) == ""
    assert provenance.why_it_may_differ(None) == ""
    other = replace(provenance.here(), versions="torch 1.0")
    assert "torch 1.0" in provenance.why_it_may_differ(other)
    assert "m68k" in provenance.why_it_may_differ(replace(provenance.here(), machine="m68k"))


@pytest.mark.parametrize("name", ["ATEN_CPU_CAPABILITY", "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"])
def test_so_it_is_where_other_instructions_are_chosen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made_by = provenance.here()
    monkeypatch.setenv(name, "odd")
    provenance.here.cache_clear()
    try:
        assert f"this is {provenance.here().machine}" in provenance.why_it_may_differ(made_by)
        assert f"{name}=odd" in provenance.here().machine
    finally:
        provenance.here.cache_clear()


def test_every_choice_of_engine_has_a_label() -> None:
    assert list(ENGINE_CHOICES) == ["auto", "pytorch", "compiled"]
