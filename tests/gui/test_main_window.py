"""The whole window: transport, live and reset fields, failures, shutdown."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QThread
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QSplitter,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.e2e.play import label
from tests.gui.conftest import (
    WAIT_MS,
    FollowSnapshots,
    MakeWindow,
    Paints,
    assert_letters_differ,
    child,
    shown_snapshot,
    train_to,
)
from tests.not_none import not_none
from tinynet_gui import __version__
from tinynet_gui.core.config import IN_FILES, Config, config
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.run.marks import marks
from tinynet_gui.core.run.run import same_bits
from tinynet_gui.core.run.session import new_session
from tinynet_gui.core.training.engines import FULL_SPEED
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.training.training_thread import TrainingThread
from tinynet_gui.ui.views.data_table.sample_rows import SampleRows
from tinynet_gui.ui.widgets.accessibility import wrapped
from tinynet_gui.ui.window.gestures import Gestures
from tinynet_gui.ui.window.main_window import MainWindow


def _field(window: MainWindow, name: str) -> Any:
    field = child(window, QWidget, name)
    return field


def _stands_at(window: MainWindow, qtbot: QtBot) -> set[int]:
    """Talk to the training thread about something else; return the steps at which its answers find it."""

    def answer(momentum: float) -> int:
        window.session.edit({"training.momentum": momentum})  # SGD has none
        qtbot.waitUntil(lambda: shown_snapshot(window).config.training.momentum == momentum)
        return shown_snapshot(window).step

    return {answer(momentum) for momentum in (0.1, 0.2, 0.3)}


def test_every_control_has_a_name_and_a_tooltip(window: MainWindow) -> None:
    for widget in window.findChildren(QWidget):
        if not widget.objectName() or widget.objectName().startswith(("qt_", "Scroll")):  # parts that Qt has made
            continue
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            assert widget.accessibleName() or widget.accessibleDescription(), widget.objectName()
        if isinstance(widget, QAbstractButton | QAbstractSpinBox):
            assert widget.accessibleName(), widget.objectName()
            assert widget.toolTip(), widget.objectName()
    assert all(action.toolTip() == wrapped(action.toolTip()) for action in window.findChildren(QAction))


def test_no_menu_has_a_letter_twice(window: MainWindow) -> None:
    """Of two with the same letter the first would only be marked, and wait for Enter."""
    assert_letters_differ(window.menuBar())
    assert_letters_differ(child(window, SampleRows).menu())
    menus = window.findChildren(QMenu)
    assert {"&File", "E&xport", "&View", "&Lessons", "L&anguage"} <= {menu.title() for menu in menus}
    for menu in menus:
        menu.aboutToShow.emit()  # some are filled then
        assert_letters_differ(menu)


def test_a_live_field_acts_on_a_running_training(window: MainWindow, qtbot: QtBot) -> None:
    window.session.start()
    qtbot.waitUntil(lambda: shown_snapshot(window).step > 100)
    assert window.actions_["actionStart"].text() == "Pause"
    run_id = shown_snapshot(window).run_id
    _field(window, "learningRate").setValue(0.0)
    qtbot.waitUntil(lambda: shown_snapshot(window).config.training.learning_rate == 0)
    frozen = shown_snapshot(window)
    qtbot.waitUntil(lambda: shown_snapshot(window).step > frozen.step + 100)
    assert shown_snapshot(window).run_id == run_id
    assert same_bits(frozen.state.parameters, shown_snapshot(window).state.parameters)
    assert [mark.text for mark in marks(window.session.state.run)] == ["Learning rate 0.001 → 0"]
    window.session.edit({"network.hidden": (4,)})  # a restart goes on running
    qtbot.waitUntil(lambda: len(shown_snapshot(window).layers[0].bias) == 4 and shown_snapshot(window).step > 50)
    assert window.session.state.is_running


def test_a_reset_field_starts_anew_and_a_series_of_edits_once(window: MainWindow, qtbot: QtBot) -> None:
    runs: list[None] = []

    def note(old: AppState, new: AppState) -> None:
        if new.snapshot is None and old.snapshot is not None:
            runs.append(None)

    window.session.changed.connect(note)
    count = _field(window, "sampleCount")
    for value in (30, 40, 50):
        count.setValue(value)
    qtbot.waitUntil(lambda: len(shown_snapshot(window).dataset.x_train) == 50)
    assert len(runs) == 1
    assert shown_snapshot(window).step == 0
    window.session.changed.disconnect(note)


def test_divergence_is_reported_until_another_run_begins(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"training.learning_rate": 10.0})
    for way_back in ("actionReset", "actionTutorial"):
        window.actions_["actionStart"].trigger()
        qtbot.waitUntil(lambda: window.session.state.status.phase == "diverged")
        snapshot = shown_snapshot(window)
        assert f"Diverged at step {not_none(snapshot.diverged_at)}" in label(window, "messageLabel")
        assert window.actions_["actionStart"].text() == "Start"
        assert np.isfinite(snapshot.train_loss)
        window.actions_[way_back].trigger()
        qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
        assert label(window, "messageLabel") == ""
    train_to(window, qtbot, 1_000)
    assert shown_snapshot(window).train_loss < 2


@pytest.mark.parametrize(
    ("broken", "action"), [("trainer.Trainer.run", "actionStart"), ("trainer.initial_state", "actionReset")]
)
def test_after_an_exception_the_window_stays_usable(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, broken: str, action: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(f"tinynet_gui.core.training.{broken}", Mock(side_effect=MemoryError("broken on purpose")))
        window.actions_[action].trigger()
        qtbot.waitUntil(lambda: window.findChild(QPlainTextEdit, "errorText") is not None)
    text = child(window, QPlainTextEdit, "errorText")
    assert "broken on purpose" in text.toPlainText()
    assert window.actions_["actionStart"].text() == "Start"
    text.window().close()
    window.actions_["actionStart"].trigger()
    qtbot.waitUntil(lambda: shown_snapshot(window).step > 0)


def test_back_to_the_tutorial_and_undo(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"network.hidden": (3,), "training.learning_rate": 0.5})
    mine = window.session.config
    for action, expected in (("Tutorial", Config()), ("Undo", mine), ("Undo", Config()), ("Redo", mine)):
        window.actions_[f"action{action}"].trigger()
        assert window.session.config == expected
        assert window.actions_["actionUndo"].isEnabled() == (action != "Undo" or expected == mine)
    assert _field(window, "hiddenLayers").text() == "3"


def test_what_begins_anew_is_drawn_as_pytorch_draws_here(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "rounding_here", lambda: "twice")
    window.session.open_config(IN_FILES)  # from elsewhere
    window.session.new_seed()
    assert window.session.config.network.rounding == "once"
    window.session.restore_tutorial()
    assert window.session.config == Config().replace("network.rounding", "twice")
    assert child(window, QWidget, "tutorialButton").isHidden()


def test_keys_work_and_do_not_disturb_typing(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    window.views.diagram.setFocus()
    QTest.keyClick(window.views.diagram, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: shown_snapshot(window).step == 1)
    formula = _field(window, "formula")
    formula.setFocus()
    formula.clear()
    QTest.keyClicks(formula, "sin(x) + r")
    assert formula.text() == "sin(x) + r"
    count = _type(window, "sampleCount", "many")  # M and N are keys of the window
    assert count.text() == "many"
    assert not window.views.microscope.isVisible()
    assert window.session.config.network.seed == 2
    QTest.keyClick(count, Qt.Key.Key_Escape)
    assert not window.session.state.is_running
    window.views.diagram.setFocus()
    QTest.keyClick(window.views.diagram, Qt.Key.Key_Space)
    assert window.session.state.is_running
    QTest.keyClick(window.views.diagram, Qt.Key.Key_Space)
    assert not window.session.state.is_running
    QTest.keyClick(window.views.diagram, Qt.Key.Key_Return)
    assert not window.session.state.is_running
    start = child(window, QToolButton, "startButton")
    start.setFocus()
    for key, is_running in ((Qt.Key.Key_Return, True), (Qt.Key.Key_Enter, False), (Qt.Key.Key_Space, True)):
        QTest.keyClick(start, key)
        assert window.session.state.is_running == is_running
    window.session.pause()


def test_frames_follow_the_screen_and_one_is_stale_after_pause(
    window: MainWindow, qtbot: QtBot, follow_snapshots: FollowSnapshots
) -> None:
    window.session.edit({"training.stop_step": 100_000_000})
    window.session.set_pace(FULL_SPEED)
    window.session.start()
    qtbot.waitUntil(lambda: window.session.state.status.engine == "Compiled")
    came: list[float] = []
    frames: list[Snapshot] = []
    follow_snapshots(lambda _: came.append(time.perf_counter()))
    qtbot.waitUntil(lambda: len(came) > 15)
    assert came[15] - came[0] > 0.2  # sixty in a second, and a slow machine takes longer
    window.session.pause()
    follow_snapshots(frames.append)
    momentum = window.session.config.training.momentum
    assert len(_stands_at(window, qtbot)) == 1
    stale = [frame for frame in frames if frame.config.training.momentum == momentum]
    assert len(stale) <= 2  # the one in flight, and where it stands


def _type(window: MainWindow, name: str, text: str) -> Any:
    """Type into a field without committing."""
    field = _field(window, name)
    window.activateWindow()
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    return field


def test_what_has_been_typed_counts_when_start_is_pressed(window: MainWindow) -> None:
    _type(window, "hiddenLayers", "3")
    window.actions_["actionStart"].trigger()
    assert window.session.config.network.hidden == (3,)
    _type(window, "hiddenLayers", "4")
    for name, hidden in (("actionZoomReset", (3,)), ("actionKeep", (4,))):  # what is kept is what is seen
        window.actions_[name].trigger()
        assert window.session.config.network.hidden == hidden
    field = _type(window, "learningRate", "0.05")
    window.actions_["actionStep"].trigger()
    assert window.session.config.training.learning_rate == 0.05
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)  # is the window's also there
    assert window.session.config.training.learning_rate == 0.001


REFUSED = [
    ("formula", "sin(3*", "does not parse"),
    ("hiddenLayers", "ten", "“ten” is not a list of neurons in each layer, such as 8, 8, 8"),
    ("hiddenLayers", "ten neurons, and then as many once more", "is not a list of neurons"),
    ("hiddenLayers", "1500", "Neurons: 1,500 is not allowed: 1 to 1,000 neurons in a layer"),
    ("sampleCount", "5.5", "whole number"),
    ("heldOut", "95", "95 % is not allowed: 0 % to 90 %"),
    ("learningRate", "fast", "not a number"),
    ("rangeMin", "abc", "“abc” is not a number: -100 to 100"),
    ("rangeMax", "1e13", "1e+13 is not allowed: -100 to 100"),
]


def _cut_by(error: QLabel) -> Iterator[str]:
    """The rows below a refused field of which the reason covers a part."""
    for row in not_none(error.parentWidget()).findChildren(QLabel, options=Qt.FindChildOption.FindDirectChildrenOnly):
        is_in_sight = row is not error and row.isVisible() and error.geometry().top() < row.geometry().top()
        if (
            is_in_sight
            and error.geometry().intersects(row.geometry())
            and not error.geometry().contains(row.geometry())
        ):
            yield row.text()


def test_typed_nonsense_is_refused_and_training_goes_on(window: MainWindow, qtbot: QtBot) -> None:
    before = window.session.config
    for name, text, reason in REFUSED:
        shown, field = _field(window, name).text(), _type(window, name, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert reason in label(window, f"{name}Error"), text
        assert not list(_cut_by(child(window, QLabel, f"{name}Error"))), text
        assert field.text() != shown, text  # what is refused stays, with the reason beside it
        assert window.session.config == before, text
        window.views.panel.discard_errors()
        assert field.text() == shown, text
        assert child(window, QWidget, f"{name}Error").isHidden(), text
    window.session.start()
    QTest.keyClick(_type(window, "hiddenLayers", "2000"), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown_snapshot(window).step >= 50)
    assert "1 to 1,000" in label(window, "hiddenLayersError")


def test_a_refused_formula_is_retried_when_the_range_changes(window: MainWindow, qtbot: QtBot) -> None:
    field = _type(window, "formula", "log(x)")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert "no finite value" in label(window, "formulaError")
    window.session.edit({"data.x_min": 0.5})
    assert window.session.config.data.target_formula == "log(x)"
    assert child(window, QWidget, "formulaError").isHidden()
    # what is drawn is what is trained: the field tries again while the change of the range is still being told
    qtbot.waitUntil(lambda: shown_snapshot(window).config.data.x_min == 0.5)
    x, y = window.views.function_plot.layers.samples.trained_points()
    trained = shown_snapshot(window).dataset
    np.testing.assert_array_equal(x, trained.x_train[:, 0])
    np.testing.assert_array_equal(y, trained.y_train[:, 0])
    np.testing.assert_allclose(y, np.log(x), rtol=1e-6)
    _field(window, "rangeMin").setValue(-1)  # which the formula does not allow
    assert "no finite value" in label(window, "rangeMinError")
    assert window.session.config.data.x_min == 0.5
    window.session.restore_tutorial()
    for text in ("x***2", "x**2"):  # the target's own formula again changes nothing
        QTest.keyClick(_type(window, "formula", text), Qt.Key.Key_Return)
    assert window.session.config == Config()
    assert child(window, QWidget, "formulaError").isHidden()
    window.session.edit({"data.target": "formula", "data.formula": "1/(x - 0.0225)"})  # a pole between the samples
    low, high = window.views.function_plot.plot.getViewBox().viewRange()[1]
    assert np.isfinite([low, high]).all()


def test_an_old_stop_does_not_stop_a_new_start(window: MainWindow, qtbot: QtBot) -> None:
    """The worker reaches the stop step while the window is busy; meanwhile the stop step is raised."""
    window.session.set_pace(FULL_SPEED)
    window.session.edit({"training.stop_step": 500})
    stands: list[str] = []
    training = window.program.findChildren(TrainingThread)[0].worker
    training.frame_ready.connect(lambda frame: stands.append(frame.status), Qt.ConnectionType.DirectConnection)
    window.session.start()
    patience = time.perf_counter() + WAIT_MS / 1_000
    while "stop step" not in stands:  # the window is busy
        assert time.perf_counter() < patience
        QThread.yieldCurrentThread()
    window.session.edit({"training.stop_step": 100_000_000})
    qtbot.waitUntil(lambda: shown_snapshot(window).step > 1_000)
    assert window.session.state.is_running


def test_a_repeated_error_shows_once_and_a_long_one_fits(window: MainWindow) -> None:
    for _ in range(50):
        window.program.failed.emit("the same traceback")
    text = child(window, QPlainTextEdit, "errorText")
    assert text.toPlainText().count("the same traceback") == 1
    window.program.failed.emit("x" * 1_000_000)
    window.program.failed.emit("y" * 1_000_000)
    assert 10_000 < len(text.toPlainText()) < 50_000
    text.window().close()


def test_about_names_the_version_and_the_keys(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("PySide6.QtWidgets.QMessageBox.about", lambda parent, title, text: said.append(text))
    window.actions_["actionAbout"].trigger()
    assert __version__ in said[0]
    for key in ("Space", "S", "R", "N", "M", "Home"):
        assert key in said[0]


def test_hover_and_keyboard_pointing_end_when_they_leave(window: MainWindow, qtbot: QtBot) -> None:
    selection = window.context.selection
    leaves: tuple[Callable[[], object], ...] = (
        lambda: QApplication.sendEvent(window, QEvent(QEvent.Type.WindowDeactivate)),  # a dialog, another program
        lambda: window.session.take_over(new_session(Config())),  # a lesson begins or ends
    )
    for leave in leaves:
        selection.hover(NeuronRef(0, 1))
        assert child(window, QWidget, "hoverCard").isVisible()
        leave()
        assert selection.hovered is None
        assert not child(window, QWidget, "hoverCard").isVisible()
    window.session.edit({"network.hidden": (3,)})
    button = child(window, QWidget, "tutorialButton")
    window.activateWindow()
    qtbot.waitUntil(button.isVisible)
    button.setFocus()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # which hides it
    qtbot.waitUntil(lambda: not button.isVisible() and shown_snapshot(window).config == Config())
    assert selection.hovered is None


SEEN: list[QEvent.Type] = []


def see(_: Gestures, _watched: QObject, event: QEvent) -> bool:
    """Stay for as long as Qt may call it: it remembers an override beyond the end of a patch."""
    SEEN.append(event.type())
    return False


def test_style_sheets_are_set_once_per_window_and_size(
    make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the dearest part of all; and of the thousands of events that it sends Python looks at none."""
    sheets: list[QWidget] = []
    set_sheet = QWidget.setStyleSheet

    def counted(widget: QWidget, sheet: str) -> None:
        sheets.append(widget)
        set_sheet(widget, sheet)

    monkeypatch.setattr(QWidget, "setStyleSheet", counted)
    monkeypatch.setattr(Gestures, "eventFilter", see)
    window = make_window()
    assert sheets == [window]
    window.set_scheme("dark")
    for percent in (150, 100):
        window.frame.presentation.set_percent(percent)
    assert sheets == 3 * [window]
    assert QEvent.Type.StyleChange not in SEEN
    QCoreApplication.sendEvent(window, QEvent(QEvent.Type.User))
    assert SEEN[-1] == QEvent.Type.User


def test_settings_and_layout_survive_a_restart(make_window: MakeWindow) -> None:
    first = make_window(remember=True)
    first.resize(first.width(), 755)
    first.views.panel.show_all(True)
    first.session.edit({"network.hidden": (6, 5), "data.noise": 0.3})
    first.session.set_pace(3)
    first.session.set_view(log_loss=False)
    views = child(first, QSplitter, "viewsSplitter")
    views.moveSplitter(250, 1)  # as a drag does
    sizes = views.sizes()
    first.frame.presentation.set_percent(110)
    _type(first, "sampleCount", "25")
    first.close()  # what has been typed is not lost
    second = make_window(remember=True)
    assert second.session.config == first.session.config
    assert second.session.config.data.sample_count == 25
    assert second.session.state.session.pace == 3
    assert not second.views.loss_plot.is_log
    assert second.height() == 755
    assert second.views.panel.shows_all
    assert second.frame.presentation.percent == 110
    second.frame.presentation.set_percent(100)
    assert child(second, QSplitter, "viewsSplitter").sizes() == pytest.approx(sizes, abs=2)


def test_a_wide_deep_network_can_be_paused_and_closed(make_window: MakeWindow, qtbot: QtBot) -> None:
    config = Config.from_dict({"network": {"hidden": [300] * 6}, "data": {"sample_count": 200}})
    window = make_window(config)
    window.session.set_engine("pytorch")
    window.session.set_pace(FULL_SPEED)
    window.session.start()
    qtbot.waitUntil(lambda: shown_snapshot(window).step > 0)
    at = shown_snapshot(window).step
    window.session.pause()
    (standing,) = _stands_at(window, qtbot)
    assert standing - at < 50  # a chunk that hung had hundreds
    window.session.start()
    window.close()


def test_a_message_stands_alone_and_still_also_in_another_size(window: MainWindow) -> None:
    """To hide what was hidden requested the next layout, for as long as there was a message."""
    status, phase = window.frame.status, child(window, QLabel, "phaseLabel")
    paints = Paints(status)
    status.notify("told")
    window.frame.presentation.zoom_in()
    for _ in range(100):  # of all that Qt does late
        QApplication.processEvents()
    assert not phase.isVisible()
    assert len(paints.sizes) < 10
    status.clearMessage()
    assert phase.isVisible()
