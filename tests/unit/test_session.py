"""The session as a value: which runs it keeps, and the history of what the user did."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from tests.runs import WatchedRun, run_of, trained, watched_runs
from tests.sessions import session_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.run.history import (
    MAX_ENTRIES,
    FrozenEdit,
    History,
    LiveSettingsEdit,
    ParameterEdit,
    RunChosen,
    RunDeleted,
    SwitchedOffEdit,
)
from tinynet_gui.core.run.session import MAX_LISTED, Session, new_session


def _config(width: int) -> Config:
    return Config().replace("network.hidden", (width,))


def test_undo_and_redo_walk_through_what_was_done() -> None:
    first, second = RunChosen(1, 2, "reset"), LiveSettingsEdit(Config(), Config())
    history = History().with_entry(first).with_entry(second)
    assert history.next_undo is second
    back = history.undo()
    assert (back.next_undo, back.next_redo) == (first, second)
    assert back.redo().done == history.done
    assert back.with_entry(first).next_redo is None  # what is done now is another future


def test_a_stroke_is_one_entry_from_where_the_hand_took_hold() -> None:
    ref = ParameterRef(0, "bias", (3,))
    history = History()
    for before, after in ((0.0, 0.1), (0.1, 0.2), (0.2, 0.3)):
        history = history.with_entry(ParameterEdit(ref, before, after), gesture=7)
    assert history.done == (ParameterEdit(ref, 0.0, 0.3),)
    history = history.with_entry(ParameterEdit(ref, 0.3, 0.4), gesture=8)
    assert len(history.done) == 2
    other = ParameterEdit(ParameterRef(0, "bias", (4,)), 0.0, 1.0)
    assert len(history.with_entry(other, gesture=8).done) == 3
    assert len(history.with_entry(ParameterEdit(ref, 0.4, 0.5)).done) == 3  # no stroke, no series
    rates = [Config().replace("training.learning_rate", rate) for rate in (0.001, 0.002, 0.003)]
    history = History().with_entry(LiveSettingsEdit(rates[0], rates[1]), 1)
    assert history.with_entry(LiveSettingsEdit(rates[1], rates[2]), 1).done == (LiveSettingsEdit(rates[0], rates[2]),)


def test_the_history_is_bounded() -> None:
    history = History()
    for run_id in range(2 * MAX_ENTRIES):
        history = history.with_entry(RunChosen(run_id, run_id + 1, "reset"))
    assert len(history.done) == MAX_ENTRIES
    assert history.done[-1] == RunChosen(2 * MAX_ENTRIES - 1, 2 * MAX_ENTRIES, "reset")


def test_entries_say_what_was_done() -> None:
    rate = Config().replace("training.learning_rate", 0.1)
    assert LiveSettingsEdit(Config(), rate).label == "learning rate"
    assert LiveSettingsEdit(Config(), rate.replace("training.stop_step", 5)).label == "2 settings"
    assert ParameterEdit(ParameterRef(1, "weight", (0, 2)), 0, 1).label == "weight 3 of neuron 1 of layer 2"
    frozen, off = frozenset({NeuronRef(0, 1)}), frozenset({NeuronRef(0, 2)})
    assert FrozenEdit(frozenset(), frozen).label == "freezing"
    assert FrozenEdit(frozen, frozenset()).label == "letting go"
    assert SwitchedOffEdit(frozenset(), off).label == "switching off"
    assert SwitchedOffEdit(off, frozenset()).label == "switching on"


def test_runs_are_kept_as_long_as_something_leads_to_them() -> None:
    session = new_session(_config(1))
    for width in (2, 3):
        session = session.with_new_run(_config(width), "PyTorch", "hidden layers")
    assert [run.id for run in session.runs] == [1, 2, 3]
    back = session.at_run(2, session.history.undo())
    assert back.config == _config(2)
    assert [run.id for run in back.runs] == [1, 2, 3]  # redo goes there
    other = back.with_new_run(_config(4), "PyTorch", "hidden layers")
    assert [run.id for run in other.runs] == [1, 2, 4]
    assert not other.has(3)


def test_a_drag_keeps_only_the_first_and_the_last_run() -> None:
    session = new_session(_config(1))
    for width in (2, 3, 4):
        session = session.with_new_run(_config(width), "PyTorch", "hidden layers", gesture="drag")
    assert [run.id for run in session.runs] == [1, 4]
    assert session.history.done == (RunChosen(1, 4, "hidden layers"),)


def test_the_same_data_are_the_same_samples() -> None:
    session = new_session(_config(1))
    same = session.with_new_run(_config(2), "PyTorch", "hidden layers")
    assert same.run.dataset is session.run.dataset
    other = same.with_new_run(_config(2).replace("data.seed", 5), "PyTorch", "data seed")
    assert other.run.dataset is not same.run.dataset


def test_the_earliest_run_goes_before_any_loses_its_start() -> None:
    states = [trained(Config(), steps).state() for steps in range(10)]
    size = states[0].nbytes
    session = new_session(Config())
    for _ in range(5):
        session = session.with_new_run(Config(), "PyTorch", "reset")
        grown = replace(run_of(Config(), states), id=session.run.id)
        session = session.with_run(grown, 9 * size)
    assert sum(len(run.checkpoints) for run in session.runs) <= 9
    for run in session.runs:
        assert not run.checkpoints or run.checkpoints[0].step == 0
    assert session.run.step == 9
    assert len(session.history.done) < 5


def _with_trained_runs(session: Session, seeds: Iterable[int], budget: int) -> Session:
    """Begin a run of each seed, give it two states, and let it be taken in with so many states as a budget."""
    for seed in seeds:
        config = Config().replace("network.seed", seed)
        session = session.with_new_run(config, "PyTorch", "new seed")
        states = [trained(config, steps).state() for steps in (0, 1)]
        run = replace(run_of(config, states), id=session.run.id, is_starred=seed == 2)
        session = session.with_run(run, budget * states[0].nbytes)
    return session


def test_the_budget_drops_oldest_runs_and_their_history_only() -> None:
    session = _with_trained_runs(new_session(Config()), range(1, 8), budget=8)
    assert [run.id for run in session.runs] == [3, 6, 7, 8]  # seed 2, which is starred, and the latest
    assert [len(run.checkpoints) for run in session.runs] == [2, 2, 2, 2]
    assert session.history.done == (RunChosen(6, 7, "new seed"), RunChosen(7, 8, "new seed"))


def test_starred_and_viewed_runs_stay_whatever_the_budget() -> None:
    session = _with_trained_runs(new_session(Config()), (1, 2, 3), budget=1)
    assert [run.id for run in session.runs] == [3, 4]
    assert session.history.done == (RunChosen(3, 4, "new seed"),)


def test_what_is_kept_for_undo_alone_goes_before_what_is_listed() -> None:
    session = _with_trained_runs(new_session(Config()), (1, 3, 4), budget=6).with_run_as(3, is_deleted=True)
    session = session.with_entry(RunDeleted(3, "delete"))
    assert [run.id for run in session.runs] == [1, 2, 3, 4]
    session = session.with_run(session.run, 4 * session.run.checkpoint_bytes)
    assert [run.id for run in session.runs] == [2, 4]
    assert session.history.done == ()


def test_redo_too_leads_to_nothing_that_has_gone() -> None:
    session = _with_trained_runs(new_session(Config()), (1, 3, 4), budget=6)
    back = session.at_run(3, session.history.undo()).at_run(3, session.history.undo())
    less = back.with_run(back.run, 4 * back.run.checkpoint_bytes)
    assert [run.id for run in less.runs] == [3, 4]
    assert (less.history.done, less.history.undone) == ((), (RunChosen(3, 4, "new seed"),))


@pytest.mark.parametrize("current", [1, 30, 60])
def test_training_a_run_visits_no_other_runs(current: int) -> None:
    session = session_of(*watched_runs(Config(), 60))
    session = session.at_run(current, session.history)
    session = session.with_run(replace(session.run, events=()))  # what is known of the others is worked out once
    listed = [run.id for run in session.kept_runs]
    for step in (10, 15, None):  # moments of the past, which are played, and the latest
        WatchedRun.looks.clear()
        session = session.looking_at(step)
        session = session.with_run(replace(session.run, events=()))
        assert [run.id for run in session.kept_runs] == listed
        assert session.has(current)
        assert session.run_of(current) is session.run
        assert len(WatchedRun.looks) <= MAX_LISTED + 2  # those that are listed, or would be if one of them were not
    WatchedRun.looks.clear()
    session.with_run(replace(session.run, events=())).looking_at(5).looking_at(None)
    assert WatchedRun.looks.keys() == {current}
