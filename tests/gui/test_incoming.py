"""A setting as text: copied, pasted, dropped and typed on the command line; and what is in the clipboard decides."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox
from pytestqt.qtbot import QtBot

from tests.gui.conftest import ChooseFile, child, stands_at, train_to, warning
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.wording.setting_line import read_setting
from tinynet_gui.ui.window.main_window import MainWindow

LINE = "target=sin&hidden=8,8&lr=0.01"
SETTING = Config().with_changes({"data.target": "sin", "network.hidden": (8, 8), "training.learning_rate": 0.01})


def trigger(window: MainWindow, name: str, clipboard: str | None = None) -> None:
    if clipboard is not None:
        QGuiApplication.clipboard().setText(clipboard)
    window.actions_[name].trigger()


def test_the_setting_is_copied_and_pasted_in_another_window(window: MainWindow) -> None:
    window.session.set_config(SETTING)
    trigger(window, "actionCopySetting")
    assert QGuiApplication.clipboard().text() == LINE
    assert window.status.currentMessage() == f"copied {LINE}"
    window.session.undo()
    assert window.session.config == Config()
    trigger(window, "actionPasteSetting")
    assert window.session.config == SETTING
    window.session.undo()
    assert window.session.config == Config()


@pytest.mark.parametrize("line", ["lr=0.01", "target=square"])
def test_a_pasted_setting_is_a_new_run_at_step_0_and_the_old_one_is_not_lost(
    window: MainWindow, qtbot: QtBot, line: str
) -> None:
    train_to(window, qtbot, 60)
    window.session.freeze(NeuronRef(0, 1), True)
    old = window.session.state.run
    trigger(window, "actionPasteSetting", line)
    run = window.session.state.run
    assert (run.step, run.events, run.wanted.frozen) == (0, (), frozenset())
    assert run.config == run.start.config == read_setting(line).config
    window.session.undo()
    qtbot.waitUntil(lambda: stands_at(window, 60))
    assert window.session.state.run.id == old.id
    window.session.redo()
    assert window.session.state.run.id == run.id


@pytest.mark.parametrize("text", [LINE, f" {LINE}\n", SETTING.to_json()])
def test_what_is_in_the_clipboard_decides_what_is_pasted(window: MainWindow, qtbot: QtBot, text: str) -> None:
    trigger(window, "actionPasteData", text)
    assert window.session.config == SETTING
    trigger(window, "actionPasteData", "1\t2\n3\t4\n")
    qtbot.waitUntil(lambda: window.findChild(QDialog, "dataDialog") is not None)
    child(window, QDialog, "dataDialog").reject()


def test_unknown_parts_are_named_and_the_rest_is_taken(window: MainWindow) -> None:
    trigger(window, "actionPasteSetting", f"{LINE}&momentun=0.5")
    assert window.session.config == SETTING
    assert window.status.currentMessage() == "left out, as there is no such setting: “momentun=0.5”"


def test_what_is_not_allowed_is_said_and_nothing_changes(window: MainWindow, qtbot: QtBot) -> None:
    trigger(window, "actionPasteSetting", "lr=2000&hidden=3")
    assert "lr: 2,000 is not allowed: 0 to 1,000" in warning(window, qtbot)
    trigger(window, "actionPasteSetting", "hello")
    assert "There is no setting in the clipboard" in warning(window, qtbot)
    assert window.session.config == Config()


def test_too_many_points_are_offered_as_the_sessions_file(
    window: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path
) -> None:
    x = [float(n) for n in range(51)]
    window.session.set_config(Config().replace("data.points", Points(x, x)))
    QGuiApplication.clipboard().setText("before")
    trigger(window, "actionCopySetting")
    box = child(window, QMessageBox, "warning")
    choose_file(tmp_path / "mine.tinynet")
    next(button for button in box.buttons() if button.text() == window.actions_["actionSaveSessionAs"].text()).click()
    qtbot.waitUntil((tmp_path / "mine.tinynet").exists)
    trigger(window, "actionCopySetting")
    said = warning(window, qtbot)
    assert "51 samples of your own are too many for a line of text: at most 50. The session's file has them" in said
    assert QGuiApplication.clipboard().text() == "before"


def test_a_text_is_dropped(window: MainWindow) -> None:
    for text, taken in (("hello", False), (LINE, True)):
        content = QMimeData()
        content.setText(text)
        action, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(QPoint(20, 20), action, content, button, none)
        QApplication.sendEvent(window.loss_plot, enter)
        assert enter.isAccepted() == taken
        QApplication.sendEvent(window, QDropEvent(QPointF(20, 20), action, content, button, none))
    assert window.session.config == SETTING
