"""A moment of the past, and a branch that begins there."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runs import ACTS, Act, assert_same_state, walk
from tinynet_gui.core.config import Config
from tinynet_gui.core.run import loss_history
from tinynet_gui.core.run.held_out import HeldOutLosses
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.run.past import branch, moments, nearest_moment, past_moment
from tinynet_gui.core.run.replay import state_at
from tinynet_gui.core.run.run import BranchPoint
from tinynet_gui.core.training.engines import EngineName, Stepper

CONFIG = Config().replace("training.learning_rate", 0.01)


@settings(max_examples=25, deadline=None)
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


@settings(max_examples=25, deadline=None)
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


def test_where_an_engine_is_missing_it_is_the_nearest_moment_that_is_known() -> None:
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
        steps.append(after[0].step - args[3].step)
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
