"""A view that is a class and one record in the table is everywhere in the window where views are."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QFileDialog, QFrame, QLabel, QMenu, QTabWidget, QTextBrowser, QTreeWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import WAIT_MS, MakeWindow, child
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.style.theme import DARK, Theme
from tinynet_gui.ui.window import main_window
from tinynet_gui.ui.window.context import Context, SaveTable, View
from tinynet_gui.ui.window.main_window import MainWindow
from tinynet_gui.ui.window.menus import Action
from tinynet_gui.ui.window.views import VIEWS

LESSON = """+++
title = "Without it"
about = "For a test."
minutes = 1
hidden = ["view.made_up"]
+++

## One

Nothing.
"""


class MadeUpView(QFrame):
    term_wanted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("madeUpView")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.theme, self.steps = theme, list[int]()

    def show_theme(self, theme: Theme) -> None:
        self.theme = theme


def _connect(view: MadeUpView, context: Context) -> None:
    def follow(_: AppState, new: AppState) -> None:
        view.steps.append(new.run.step)

    context.session.changed.connect(follow)


def _save_numbers(_: MadeUpView, context: Context, save: SaveTable) -> None:
    save("steps.csv", f"step\n{context.session.state.run.step}\n")


MADE_UP = View(
    "made_up",
    "Made up",
    "tab",
    make=lambda context: MadeUpView(context.themes.theme),
    connect=_connect,
    hidden_as="view.made_up",
    listed_as="What was made up",
    action=Action("actionMadeUp", "Made &up", "U", "Look at what was made up."),
    keys=(("Home", "Back to where it began."),),
    has_picture=True,
    save_numbers=_save_numbers,
)


@pytest.fixture
def window(make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.setattr(main_window, "VIEWS", (*VIEWS, MADE_UP))
    return make_window()


def _view(window: MainWindow) -> MadeUpView:
    return child(window, MadeUpView, "madeUpView")


def _tab(window: MainWindow) -> tuple[QTabWidget, int]:
    tabs = child(window, QTabWidget, "resultTabs")
    return tabs, tabs.indexOf(_view(window))


def test_it_has_a_tab_an_action_in_the_menu_and_a_key(window: MainWindow, qtbot: QtBot) -> None:
    tabs, place = _tab(window)
    assert tabs.tabText(place) == "Made up"
    menus = [menu for action in window.menuBar().actions() if isinstance(menu := action.menu(), QMenu)]
    training = next(menu for menu in menus if menu.title() == "&Training")
    assert [action.text() for action in training.actions()].index("Made &up") > 0
    assert window.actions_["actionMadeUp"].shortcut() == QKeySequence("U")
    window.actions_["actionMadeUp"].trigger()
    assert tabs.currentWidget() is _view(window)
    assert _view(window).hasFocus()
    window.actions_["actionStep"].trigger()
    qtbot.waitUntil(lambda: 1 in _view(window).steps)


def test_it_takes_on_the_colours(window: MainWindow) -> None:
    window.set_scheme("dark")
    assert _view(window).theme == DARK


def test_its_keys_are_on_the_sheet_and_its_words_are_explained(window: MainWindow) -> None:
    window.actions_["actionKeys"].trigger()
    text = child(child(window, QDialog, "keysSheet"), QTextBrowser, "keysText").toPlainText()
    assert "Look at what was made up." in text
    assert text.index("Made up\n") < text.index("Back to where it began.")
    _view(window).term_wanted.emit("gradient")
    assert child(child(window, QDialog, "glossary"), QLabel, "glossaryTitle").text() == "gradient"


def test_it_can_be_hidden_from_students(window: MainWindow) -> None:
    window.actions_["actionVisible"].trigger()
    tree = child(child(window, QDialog, "visibleDialog"), QTreeWidget, "visibleTree")
    (item,) = tree.findItems("What was made up", Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)
    item.setCheckState(0, Qt.CheckState.Unchecked)
    tabs, place = _tab(window)
    assert not tabs.isTabVisible(place)
    assert not window.actions_["actionMadeUp"].isEnabled()


def test_a_lesson_may_hide_it(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "without.md"
    file.write_text(LESSON, encoding="utf-8")
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(file))])
    window.incoming.take(content)
    tabs, place = _tab(window)
    qtbot.waitUntil(lambda: not tabs.isTabVisible(place))
    window.lesson_player.leave()
    qtbot.waitUntil(lambda: tabs.isTabVisible(place))


def test_its_picture_is_copied_and_its_numbers_are_saved(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "steps.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    offered = {action.objectName(): action for action in _view(window).actions()}
    assert sorted(offered) == ["copyPicture", "saveNumbers", "savePicture"]
    offered["saveNumbers"].trigger()
    qtbot.waitUntil(file.exists, timeout=WAIT_MS)
    assert file.read_text(encoding="utf-8").split() == ["step", "0"]
    assert isinstance(offered["copyPicture"], QAction)
    offered["copyPicture"].trigger()
    assert window.status.currentMessage() == "copied the picture"
