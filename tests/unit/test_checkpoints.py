"""The record of a run: what is kept, what is left out, and that its steps can be taken again from it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinynet_gui.core.config import Config
from tinynet_gui.core.run import checkpoints as module
from tinynet_gui.core.run.checkpoints import MOST_CHECKPOINTS, Checkpoint, Recording
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.training.trainer import Trainer

CONFIG = Config().replace("network.hidden", (2,))
FASTER = CONFIG.replace("training.learning_rate", 0.01)


def _state(step: int) -> TrainerState:
    return TrainerState(step, (np.full(1, step, dtype=np.float32),), ())


def _at(step: int, config: Config = CONFIG, *, is_edited: bool = False) -> Checkpoint:
    return Checkpoint(_state(step), config, None, is_edited)


def _steps(recording: Recording) -> list[int]:
    return [c.state.step for c in recording.checkpoints]


def test_a_long_run_is_kept_evenly_from_its_first_step_to_its_last() -> None:
    recording = Recording(_at(0))
    for step in range(7, 70_000, 7):
        recording.add_state(_state(step))
    steps = _steps(recording)
    assert len(steps) == MOST_CHECKPOINTS
    assert (steps[0], steps[-1]) == (0, 69_993)
    gaps = np.diff(steps)
    assert gaps.max() <= 4 * gaps.min()
    assert gaps.max() < 4 * 70_000 / MOST_CHECKPOINTS


def test_a_state_that_is_there_already_is_not_added() -> None:
    recording = Recording(_at(0))
    for step in (0, 5, 5, 3):
        recording.add_state(_state(step))
    assert _steps(recording) == [0, 5]


def test_changes_stay_while_everything_else_is_thinned() -> None:
    recording = Recording(_at(0))
    recording.add_state(_state(10))
    recording.add(_at(13, FASTER))
    recording.add(_at(17, FASTER, is_edited=True))
    for step in range(20, 60_000, 20):
        recording.add_state(_state(step))
    found = {c.state.step: c for c in recording.checkpoints}
    assert len(found) == MOST_CHECKPOINTS
    assert found[13].config == FASTER
    assert not found[13].is_edited
    assert found[17].is_edited
    assert all(c.config == (CONFIG if step < 13 else FASTER) for step, c in found.items())


def test_of_several_changes_at_one_step_the_last_counts_and_an_edit_is_remembered() -> None:
    recording = Recording(_at(0))
    recording.add_state(_state(5))
    recording.add(_at(5, is_edited=True))
    recording.add(_at(5, FASTER))
    assert [(c.state.step, c.is_edited, c.config) for c in recording.checkpoints[1:]] == [
        (5, False, CONFIG),
        (5, True, FASTER),
    ]


def test_the_step_at_which_to_stop_changes_no_steps() -> None:
    recording = Recording(_at(0))
    recording.add(_at(4, CONFIG.replace("training.stop_step", 77)))
    assert [(c.state.step, c.config) for c in recording.checkpoints] == [(0, CONFIG), (4, CONFIG)]


def test_what_is_frozen_is_a_change_and_what_follows_keeps_it() -> None:
    masks = (np.ones(1, dtype=bool),)
    recording = Recording(_at(0))
    recording.add(replace(_at(4), frozen=masks))
    recording.add(replace(_at(4), frozen=(np.ones(1, dtype=bool),)))
    recording.add_state(_state(9))
    recording.add(replace(_at(12), frozen=None))
    assert [c.frozen is None for c in recording.checkpoints] == [True, False, False, True]


def test_a_run_changed_at_too_many_places_loses_its_beginning() -> None:
    recording = Recording(_at(0))
    for step in range(1, 2_000):
        recording.add(_at(step, is_edited=True))
        recording.add_state(_state(step + 1))
    checkpoints = recording.checkpoints
    assert len(checkpoints) <= MOST_CHECKPOINTS
    assert checkpoints[0].state.step > 1_000
    assert checkpoints[-1].state.step == 2_000


def test_wide_networks_have_fewer_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MEMORY_BUDGET", 40)  # ten float32 numbers
    recording = Recording(_at(0))
    for step in range(1, 100):
        recording.add_state(_state(step))
    assert len(recording.checkpoints) == 10


@given(
    seed=st.integers(0, 1_000),
    optimizer=st.sampled_from(["sgd", "momentum", "adam", "rmsprop"]),
    batch_size=st.sampled_from([0, 6]),
    changes=st.lists(st.tuples(st.integers(1, 12), st.sampled_from(["rate", "edit", "freeze", "none"])), max_size=6),
)
@settings(max_examples=25, deadline=None)
def test_every_stretch_taken_again_leads_to_the_next_checkpoint(
    seed: int, optimizer: str, batch_size: int, changes: list[tuple[int, str]]
) -> None:
    """To the last bit, whatever was changed on the way."""
    config = Config().replace("network.hidden", (4,)).replace("network.seed", seed)
    config = config.replace("training.optimizer", optimizer).replace("training.batch_size", batch_size)
    trainer = Trainer(config)
    frozen = None
    recording = Recording(Checkpoint(trainer.state(), config))
    for steps, change in changes:
        trainer.run(steps)
        recording.add_state(trainer.state())
        if change == "rate":
            trainer.apply_live(trainer.config.replace("training.learning_rate", 0.002 * steps))
        elif change == "edit":
            trainer.edit(0, "bias", (1,), 0.1 * steps)
        elif change == "freeze":
            frozen = tuple(np.full(p.shape, k == 0) for k, p in enumerate(trainer.state().parameters))
            trainer.set_frozen(frozen)
        if change != "none":
            recording.add(Checkpoint(trainer.state(), trainer.config, frozen, change == "edit"))
    for here, following in zip(recording.checkpoints, recording.checkpoints[1:], strict=False):
        again = Trainer(here.config)
        again.set_frozen(here.frozen)
        again.load(here.state)
        again.run(following.state.step - here.state.step)
        if following.is_edited:
            again.edit(0, "bias", (1,), float(following.state.parameters[1][1]))
        for a, b in zip(again.state().parameters, following.state.parameters, strict=True):
            np.testing.assert_array_equal(a, b)
        for slots, expected in zip(again.state().slots, following.state.slots, strict=True):
            for a, b in zip(slots, expected, strict=True):
                np.testing.assert_array_equal(a, b)
