"""Sessions in files, and settings as text, from the window: new, open, save, recent, dropped, copied, pasted."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QMimeData
from PySide6.QtGui import QAction, QFileOpenEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from tests.gui.conftest import ChooseFile, MakeWindow, child, drop, files, is_at, train_to, warning
from tests.sessions import assert_same, small_session
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.storage.blobs import Budget
from tinynet_gui.core.storage.session_file import read_session, write_session
from tinynet_gui.core.system.machine import HOME
from tinynet_gui.core.wording.setting_line import read_setting
from tinynet_gui.engine import autosave_folders
from tinynet_gui.engine.autosave_folders import SessionSlot
from tinynet_gui.ui.features.sessions import OPENING
from tinynet_gui.ui.widgets import progress
from tinynet_gui.ui.window.main_window import MainWindow


def _left_behind(is_set_aside: bool = False) -> SessionSlot:
    """A small session as a process leaves it that was killed, or as one that was set aside."""
    slot = autosave_folders.new_slot()
    slot.save(small_session())
    if is_set_aside:
        slot.set_aside()
    slot.release()
    return slot


def _recent(window: MainWindow) -> dict[str, QAction]:
    menu = child(window, QMenu, "recentSessions")
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions()}


def test_what_is_saved_is_opened(window: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path) -> None:
    assert window.windowTitle() == "tinynet"
    train_to(window, qtbot, 300)
    window.session.pin(NeuronRef(0, 3))
    window.session.switch_off(NeuronRef(0, 4), True)
    choose_file(str(tmp_path / "mine"))
    window.actions_["actionSaveSession"].trigger()
    path = tmp_path / "mine.tinynet"
    qtbot.waitUntil(path.exists)
    qtbot.waitUntil(lambda: window.windowTitle() == "mine.tinynet[*] – tinynet")
    assert not window.isWindowModified()
    saved = window.session.state.session
    assert_same(saved, read_session(path))

    window.session.edit({"training.learning_rate": 0.01})
    assert window.isWindowModified()
    window.actions_["actionNew"].trigger()
    qtbot.waitUntil(lambda: is_at(window, 0))
    assert (window.windowTitle(), window.isWindowModified()) == ("tinynet", False)
    assert window.session.config == Config()
    assert window.context.selection.pinned is None
    assert not window.actions_["actionUndo"].isEnabled()

    choose_file(str(path))
    window.actions_["actionOpenSession"].trigger()
    qtbot.waitUntil(lambda: is_at(window, 300))
    state = window.session.state
    assert_same(saved.run.checkpoints, state.run.checkpoints)
    assert_same(saved.history, state.session.history)
    assert state.status.phase == "paused"
    assert window.context.selection.pinned == NeuronRef(0, 3)
    assert (window.windowTitle(), window.isWindowModified()) == ("mine.tinynet[*] – tinynet", False)
    train_to(window, qtbot, 400)
    assert window.isWindowModified()
    window.actions_["actionSaveSession"].trigger()  # it knows its name
    qtbot.waitUntil(lambda: not window.isWindowModified())
    assert read_session(path).run.step == 400
    choose_file(str(tmp_path / "other.tinynet"))
    window.actions_["actionSaveSessionAs"].trigger()
    qtbot.waitUntil(lambda: window.windowTitle().startswith("other.tinynet"))
    window.close()
    assert not autosave_folders.sessions_folder().exists()  # it remembers nothing


@pytest.mark.parametrize("is_dropped", [True, False])
def test_a_file_is_dropped_or_opened_by_macos(
    window: MainWindow, qapp: QApplication, qtbot: QtBot, tmp_path: Path, is_dropped: bool
) -> None:
    path = tmp_path / "a.tinynet"
    write_session(path, small_session())
    if is_dropped:
        assert drop(window, window, files(path))
    else:
        assert QCoreApplication.sendEvent(qapp, QFileOpenEvent(str(path)))
    qtbot.waitUntil(lambda: is_at(window, 12))
    assert window.session.state.run.name == "the second"


def test_a_damaged_file_is_refused_and_its_intact_runs_offered(
    window: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path
) -> None:
    path = tmp_path / "a.tinynet"
    write_session(path, small_session())
    path.write_bytes(path.read_bytes()[:-100])
    before = window.session.state.session
    choose_file(str(path))
    window.actions_["actionOpenSession"].trigger()
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "recovery") is not None)
    box = child(window, QMessageBox, "recovery")
    assert "a.tinynet is damaged" in box.text()
    assert "2 runs of it can be opened, the last one up to step 12." in box.text()
    assert window.session.state.run.start is before.run.start
    next(button for button in box.buttons() if button.text() == "Open the intact part").click()
    qtbot.waitUntil(lambda: is_at(window, 12))
    assert window.windowTitle() == "tinynet"  # a name would write over what may still be in the file


def test_what_cannot_be_opened_or_written_is_said(
    window: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path
) -> None:
    before = window.session.state.session
    none, damaged = tmp_path / "a.tinynet", tmp_path / "b.tinynet"
    none.write_text("1,2\n", encoding="utf-8")
    write_session(damaged, small_session())
    damaged.write_bytes(damaged.read_bytes()[:100])
    for path, begin, end in (
        (none, "a.tinynet is not a session of tinynet.", "tinynet.\n\nNothing has changed."),
        (damaged, "b.tinynet is damaged", "; nothing of it could be saved.\n\nNothing has changed."),
    ):
        choose_file(path)
        window.actions_["actionOpenSession"].trigger()
        said = warning(window, qtbot)
        assert said.startswith(begin)
        assert said.endswith(end)
        assert window.session.state.run.start is before.run.start
    slot = _left_behind()
    journal = slot.folder / "journal"
    journal.write_bytes(journal.read_bytes().replace(b"session 6", b"session 7"))
    window.features.sessions.open_kept(str(slot.folder))
    assert warning(window, qtbot).startswith("It is left unchanged: a newer version of tinynet made it")
    choose_file("")  # whoever names no file changes nothing
    for name in ("actionOpenSession", "actionSaveSession", "actionSaveSessionAs"):
        window.actions_[name].trigger()
    assert window.session.state.run.start is before.run.start
    choose_file("/nowhere/a.tinynet")
    window.actions_["actionSaveSession"].trigger()
    assert "Not saved" in warning(window, qtbot)
    assert window.windowTitle() == "tinynet"


def trigger(window: MainWindow, name: str, clipboard: str | None = None) -> None:
    if clipboard is not None:
        QGuiApplication.clipboard().setText(clipboard)
    window.actions_[name].trigger()


def test_the_setting_is_copied_and_pasted_in_another_window(window: MainWindow) -> None:
    window.session.set_config(SETTING)
    trigger(window, "actionCopySetting")
    assert QGuiApplication.clipboard().text() == LINE
    assert window.frame.status.currentMessage() == f"copied {LINE}"
    window.session.undo()
    assert window.session.config == Config()
    trigger(window, "actionPasteSetting")
    assert window.session.config == SETTING
    window.session.undo()
    assert window.session.config == Config()


@pytest.mark.parametrize("line", ["lr=0.01", "target=square"])
def test_a_pasted_setting_begins_a_run_and_keeps_the_old_one(window: MainWindow, qtbot: QtBot, line: str) -> None:
    train_to(window, qtbot, 60)
    window.session.freeze(NeuronRef(0, 1), True)
    old = window.session.state.run
    trigger(window, "actionPasteSetting", line)
    run = window.session.state.run
    assert (run.step, run.events, run.wanted.frozen) == (0, (), frozenset())
    assert run.config == run.start.config == read_setting(line).config
    window.session.undo()
    qtbot.waitUntil(lambda: is_at(window, 60))
    assert window.session.state.run.id == old.id
    window.session.redo()
    assert window.session.state.run.id == run.id


def test_what_is_in_the_clipboard_decides_what_is_pasted(window: MainWindow, qtbot: QtBot) -> None:
    for text in (LINE, f" {LINE}\n", SETTING.to_json()):
        trigger(window, "actionPasteData", text)
        assert window.session.config == SETTING
        window.session.undo()
    trigger(window, "actionPasteData", "1\t2\n3\t4\n")
    qtbot.waitUntil(lambda: window.findChild(QDialog, "dataDialog") is not None)
    child(window, QDialog, "dataDialog").reject()


def test_unknown_parts_are_named_and_what_is_not_allowed_is_said(window: MainWindow, qtbot: QtBot) -> None:
    trigger(window, "actionPasteSetting", f"{LINE}&momentun=0.5")
    assert window.session.config == SETTING
    assert window.frame.status.currentMessage() == "left out, as there is no such setting: “momentun=0.5”"
    window.session.undo()
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
        assert drop(window, window.views.loss_plot, content) == taken
    assert window.session.config == SETTING


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whatever is read has no end until the reading is to stop; what is handed over tells that it began and ended."""
    never, said, ask = threading.Event(), list[str](), Budget.go_on

    def go_on(budget: Budget) -> None:
        said.append("begun")
        try:
            while not never.wait(0.001):
                ask(budget)
        finally:
            said.append("ended")

    monkeypatch.setattr(progress, "APPEARS_MS", 0)
    monkeypatch.setattr(Budget, "go_on", go_on)
    return said


def test_opening_can_be_cancelled_and_does_not_delay_closing(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, endless: list[str]
) -> None:
    slot, path = _left_behind(), tmp_path / "a.tinynet"
    write_session(path, small_session())
    window = make_window(Config(), remember=True)
    before = window.session.state.session
    for chosen, place in (
        (window.features.sessions.open_file, path),
        (window.features.sessions.open_kept, slot.folder),
    ):
        endless.clear()
        chosen(str(place))
        qtbot.waitUntil(lambda: any(dialog.isVisible() for dialog in _reading(window)))
        (dialog,) = (dialog for dialog in _reading(window) if dialog.isVisible())
        assert dialog.windowTitle() == "Open session"
        qtbot.waitUntil(lambda: endless == ["begun"])
        dialog.reject()
        assert not window.program.jobs.is_running(OPENING)
        qtbot.waitUntil(lambda: endless == ["begun", "ended"])
        assert window.session.state.session.runs[0].start is before.runs[0].start
        qtbot.waitUntil(lambda: autosave_folders.recent()[0][0] == slot.folder)  # nobody holds it
    window.features.sessions.open_file(str(path))
    qtbot.waitUntil(lambda: any(dialog.isVisible() for dialog in _reading(window)))
    window.close()
    assert not window.program.jobs.is_running(OPENING)


def _reading(window: MainWindow) -> list[QDialog]:
    return window.findChildren(QDialog, "readingDialog")


def test_a_session_returns_and_a_new_one_makes_it_recent(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, choose_file: ChooseFile
) -> None:
    first = make_window(remember=True)
    assert list(_recent(first)) == ["no other session yet"]
    train_to(first, qtbot, 200)
    first.session.pin(NeuronRef(0, 3))
    first.session.freeze(NeuronRef(0, 2), True)
    kept = first.session.state.session
    first.close()
    second = make_window(remember=True)
    qtbot.waitUntil(lambda: is_at(second, 200))
    assert second.context.selection.pinned == NeuronRef(0, 3)
    assert second.session.state.run.wanted.frozen == {NeuronRef(0, 2)}
    assert second.frame.status.currentMessage() == ""
    second.actions_["actionNew"].trigger()
    qtbot.waitUntil(lambda: is_at(second, 0))
    qtbot.waitUntil(lambda: any(words.startswith("x², step 200 (") for words in _recent(second)))
    choose_file(str(tmp_path / "a.tinynet"))
    second.actions_["actionSaveSession"].trigger()
    qtbot.waitUntil(lambda: "a.tinynet" in second.windowTitle())
    second.close()
    third = make_window(remember=True)  # the one that was there last
    qtbot.waitUntil(lambda: is_at(third, 0))
    assert "a.tinynet" in third.windowTitle()
    entries = _recent(third)
    assert "a.tinynet" not in entries  # it is open
    next(action for words, action in entries.items() if words.startswith("x², step 200")).trigger()
    qtbot.waitUntil(lambda: is_at(third, 200))
    assert third.windowTitle() == "tinynet"
    assert_same(kept.run.checkpoints, third.session.state.run.checkpoints)
    assert "a.tinynet" in _recent(third)
    _recent(third)["a.tinynet"].trigger()
    qtbot.waitUntil(lambda: "a.tinynet" in third.windowTitle())
    third.close()
    config = Config().replace("network.hidden", (3,))
    fourth = make_window(config, remember=True)  # settings that are given begin a new one
    assert fourth.session.config == config
    assert "a.tinynet" in _recent(fourth)


def test_after_a_crash_a_line_says_what_was_restored(make_window: MakeWindow, qtbot: QtBot) -> None:
    _left_behind(is_set_aside=True)
    _left_behind()
    window = make_window(remember=True)
    qtbot.waitUntil(lambda: is_at(window, 12))
    assert window.frame.status.currentMessage() == "Recovered up to step 12."
    window.actions_["actionStart"].trigger()
    assert window.frame.status.currentMessage() == ""  # there is something else to be seen
    next(action for words, action in _recent(window).items() if words.startswith("set aside (")).trigger()
    qtbot.waitUntil(lambda: is_at(window, 12))
    assert window.windowTitle() == "tinynet"  # a name would write over it


def test_where_nothing_can_be_kept_the_window_says_so(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(HOME, str(tmp_path / "file"))
    window = make_window(remember=True)
    qtbot.waitUntil(lambda: "The session is not kept" in window.frame.status.currentMessage())
    assert "a part of its name is not a folder" in window.frame.status.currentMessage()
    assert "Errno" not in window.frame.status.currentMessage()
    assert window.findChild(QMessageBox, "sessionTrouble") is None  # nothing lies over the diagram
    train_to(window, qtbot, 100)


LINE = "target=sin&hidden=8,8&lr=0.01"
SETTING = Config().with_changes({"data.target": "sin", "network.hidden": (8, 8), "training.learning_rate": 0.01})
