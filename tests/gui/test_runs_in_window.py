"""The runs in the window, as they come, go, and belong to another session."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, show_result, stands_at, train_to
from tests.runs import WatchedRun, walk, watched_runs
from tests.sessions import session_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.run.listed_runs import MOST_RUNS
from tinynet_gui.core.run.run import Run
from tinynet_gui.ui.window.main_window import MainWindow


@pytest.fixture
def shown(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window with two runs of 300 steps, and their table in sight."""
    train_to(window, qtbot, 300)
    window.session.edit({"network.hidden": (3,)})
    train_to(window, qtbot, 300)
    show_result(window, window.runs)
    assert window.runs.isVisible()
    return window


def _rows(window: MainWindow) -> list[tuple[int, str]]:
    """Which runs are listed, and the loss of each."""
    return [(row.run_id, row.results[1]) for row in window.runs.table.runs.rows]


def _run(run_id: int, rate: float) -> Run:
    run = walk(Config().replace("training.learning_rate", rate), [(300, "nothing", 0.0)], 100).run
    return replace(run, id=run_id)


def test_runs_that_were_alike_are_two_as_soon_as_they_are_not(shown: MainWindow, qtbot: QtBot) -> None:
    shown.session.keep()
    shown.session.reset()
    train_to(shown, qtbot, 300)  # the same as before: listed once
    assert [run_id for run_id, _ in _rows(shown)] == [1, 3]
    train_to(shown, qtbot, 400)
    qtbot.waitUntil(lambda: [run_id for run_id, _ in _rows(shown)] == [1, 2, 3])


def test_another_session_has_its_own_results_and_tells_no_news(shown: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: all(loss for _, loss in _rows(shown)))
    before = _rows(shown)
    shown.status.clearMessage()
    shown.session.take_over(session_of(_run(1, 0.02), _run(2, 0.03)))
    qtbot.waitUntil(lambda: stands_at(shown, 300))
    qtbot.waitUntil(lambda: all(loss for _, loss in _rows(shown)))
    after = _rows(shown)
    assert [run_id for run_id, _ in after] == [run_id for run_id, _ in before] == [1, 2]
    assert all(now != then for (_, now), (_, then) in zip(after, before, strict=True))
    assert shown.status.currentMessage() == ""


def test_a_training_goes_through_no_run_that_is_kept_for_undo_alone(window: MainWindow, qtbot: QtBot) -> None:
    """However many there are, a frame and what is shown of the runs meanwhile cost the same."""
    config = window.session.config.replace("training.stop_step", 1_000_000)
    window.session.take_over(session_of(*watched_runs(config, 60)))
    train_to(window, qtbot, 100)
    window.session.fast_forward(100_000_000)
    refreshed = QSignalSpy(child(window, QTimer, "runsRefresh").timeout)
    qtbot.waitUntil(lambda: window.session.state.run.step > 200)
    WatchedRun.looks.clear()
    frames = QSignalSpy(window.session.changed)
    before = refreshed.count()
    qtbot.waitUntil(lambda: refreshed.count() > before and frames.count() > 3)
    assert len(WatchedRun.looks) <= MOST_RUNS + 2  # those that are listed, or would be if one of them were not
    window.session.pause()
