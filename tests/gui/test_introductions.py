"""What the first sight can do without comes to a new user after the first training, or when it is named or used."""

import json
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import MakeWindow, child, is_at, key_text, places, train_to
from tests.lessons import LESSON_FILES
from tests.places import kinks_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.measured_names import BRINGABLE
from tinynet_gui.core.run.run import TrainingStatus
from tinynet_gui.ui.features.introductions import NEW_PARTS
from tinynet_gui.ui.window.frame.status import StatusLine
from tinynet_gui.ui.window.main_window import MainWindow
from tinynet_gui.ui.window.preferences import Preferences, SettingsStore
from tinynet_gui.ui.window.settings_file import settings_path

CONTROLS = {"parts": "curveParts", "probe": "probe", "seeds": "seedBand", "edit": "editData", "log": "lossLog"}
NAMES = {part.name for part in NEW_PARTS}


def _in_sight(window: MainWindow) -> set[str]:
    """Which of it is in sight, by what a user sees of it."""
    found = {name for name, control in CONTROLS.items() if child(window, QToolButton, control).isVisible()}
    marks, key = window.views.function_plot.layers.kinks.marks, key_text(window)
    assert marks.isVisible() == ("kinks" in key)
    if marks.isVisible():
        found.add("kinks")
        assert kinks_of(marks)
    if child(window, QLabel, "plotFoot").text().startswith("RMS"):
        found.add("errors")
    return found


def test_views_arrive_one_by_one_after_the_first_training(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(remember=True)
    window.resize(1024, 700)
    QApplication.processEvents()
    assert _in_sight(window) == set()
    before, status = places(window), window.frame.status
    del before["taskText"]  # the time line comes in place of this sentence
    window.session.start()
    qtbot.waitUntil(lambda: window.session.state.run.step > 0)
    assert _in_sight(window) == set()
    assert status.currentMessage() == ""
    window.session.pause()
    qtbot.waitUntil(lambda: not window.session.state.is_running)
    assert _in_sight(window) == NAMES
    phase = child(window, QLabel, "phaseLabel")
    names = ", ".join(part.label or part.name for part in NEW_PARTS)
    assert phase.text() == f"paused · New in the plots: {names}"  # the state is never hidden
    assert all((part.label or part.name) in phase.toolTip() for part in NEW_PARTS)
    window.session.start()
    qtbot.waitUntil(lambda: "New" not in phase.text())  # it goes with the next act
    window.session.pause()
    qtbot.waitUntil(lambda: not window.session.state.is_running)
    now = places(window)
    assert {name: now[name] for name in before} == before  # nothing has moved
    window.close()
    window = make_window(remember=True)
    window.session.reset()
    qtbot.waitUntil(lambda: is_at(window, 0))
    assert _in_sight(window) == NAMES
    assert child(window, QLabel, "phaseLabel").text() == "ready"


def test_news_is_as_long_as_fits_and_takes_no_empty_room(
    qtbot: QtBot,
) -> None:
    line, entries = StatusLine(), ("epochLabel", "rateLabel", "stepLabel", "lossLabel")
    qtbot.addWidget(line)
    line.show_status(TrainingStatus("finished"))
    line.add(*(news := ("New: seven words that need some room", "New: 7")))
    phase, shown = child(line, QLabel, "phaseLabel"), set()
    line.show()
    for width in range(260, 900, 20):
        line.resize(width, 30)
        QApplication.processEvents()
        shown.add(phase.text())
        assert phase.fontMetrics().horizontalAdvance(phase.text()) <= phase.width()
        assert not any(child(line, QLabel, name).isVisible() for name in entries[:2])  # neither says anything
    assert shown == {"finished; Start continues", *(f"finished; Start continues · {each}" for each in news)}
    assert news[0] in phase.text()
    assert all(child(line, QLabel, name).isVisible() for name in entries[2:])


def test_a_key_or_a_lesson_brings_a_view_unless_hidden(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(remember=True)
    window.session.set_view(hidden=frozenset({"switch.probe"}))
    QTest.keyClick(window, Qt.Key.Key_D)
    assert window.views.function_plot.layers.editor.is_on
    assert _in_sight(window) == {"edit"}
    phase = child(window, QLabel, "phaseLabel")
    assert phase.text().startswith("ready · New above the function plot: “edit” lets you")
    QTest.keyClick(window, Qt.Key.Key_D)
    window.actions_["actionLogLoss"].trigger()
    assert _in_sight(window) == {"edit", "log"}
    window.features.lessons.open_file(str(LESSON_FILES[1]))  # whose first page brings kinks
    qtbot.waitUntil(lambda: _in_sight(window) == {"edit", "log", "kinks"})
    window.actions_["actionLessonLeave"].trigger()
    train_to(window, qtbot, 10)
    assert _in_sight(window) == NAMES - {"probe"}
    assert "New in the plots: RMS error, parts, seeds" in phase.toolTip()
    window.session.set_view(hidden=frozenset())
    assert _in_sight(window) == NAMES


def test_what_comes_is_what_a_lesson_can_bring() -> None:
    assert set(BRINGABLE) == NAMES


@pytest.mark.parametrize(
    "change", [{}, {"introduced": None}, {"introduced": "parts"}, {"introduced": ["kinks", 3, "newer"]}]
)
def test_earlier_users_see_all_and_bad_names_are_ignored(qapp: object, change: dict[str, Any]) -> None:
    SettingsStore().save(Config(), Preferences())
    saved = json.loads(settings_path().read_text())
    settings_path().write_text(json.dumps({**saved, **change}))
    introduced = SettingsStore().introduced
    assert introduced == ({"kinks", "newer"} if isinstance(change.get("introduced"), list) else None)
    assert SettingsStore(in_memory=True).introduced is None
