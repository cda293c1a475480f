"""What can be done is a folder or a module in `ui/features` and a line: added by it alone, and taken away by it."""

import ast
import re
import runpy
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QMenu, QTextBrowser
from pytestqt.qtbot import QtBot

import tinynet_gui.ui.features
from tests.gui.conftest import MakeWindow, child, files, train_to
from tinynet_gui.core.config import Config
from tinynet_gui.ui.window import actions, features as table, main_window
from tinynet_gui.ui.window.actions import MENUS, WINDOW_ACTIONS, Action, Menu
from tinynet_gui.ui.window.context import Context, Feature
from tinynet_gui.ui.window.features import FEATURES
from tinynet_gui.ui.window.incoming import of_kind
from tinynet_gui.ui.window.main_window import MainWindow

WithFeatures = Callable[[Sequence[Feature]], MainWindow]
STANDING = ("errors", "run", "training", "sessions", "editing", "preferences")  # a window is made of these
OTHERS = [feature.name for feature in FEATURES if feature.name not in STANDING]
FOLDER = Path(tinynet_gui.ui.features.__path__[0])


class MadeUpController(QObject):
    """Counts the runs that it has been told of, and takes files of its own."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.session)
        self.opened, self._notify, self._session = list[str](), context.frame.status.notify, context.session
        context.actions.connect(actionMadeUp=self._on_wanted)
        context.incoming.add_file(of_kind(".made"), self.opened.append)

    @Slot()
    def _on_wanted(self) -> None:
        self._notify(f"step {self._session.state.run.step} was looked at")


MADE_UP = Feature(
    "made_up",
    MadeUpController,
    Menu("madeUpMenu", "Made &up", ("made up",), "networks and pictures"),
    Action("actionMadeUp", "&Look at it", "Say which step it is.", "made up", "Ctrl+Alt+U"),
)


@pytest.fixture
def with_features(make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch) -> WithFeatures:
    def make(features: Sequence[Feature]) -> MainWindow:
        monkeypatch.setattr(main_window, "FEATURES", features)
        return make_window(Config())

    return make


def _menus(window: MainWindow) -> dict[str, QMenu]:
    return {menu.objectName(): menu for menu in window.findChildren(QMenu) if menu.objectName()}


def test_a_feature_has_menu_key_sheet_line_and_files(with_features: WithFeatures, qtbot: QtBot, tmp_path: Path) -> None:
    window = with_features((*FEATURES, MADE_UP))
    assert _menus(window)["madeUpMenu"].menuAction() in _menus(window)["fileMenu"].actions()
    action = window.actions_["actionMadeUp"]
    assert (action.shortcut(), action.toolTip()) == (
        QKeySequence("Ctrl+Alt+U"),
        "Say which step it is. Key: Ctrl+Alt+U",
    )
    train_to(window, qtbot, 3)
    action.trigger()
    assert window.frame.status.currentMessage() == "step 3 was looked at"
    file = tmp_path / "a.made"
    file.write_text("anything", encoding="utf-8")
    window.context.incoming.take(files(file))
    assert [Path(name) for name in window.features["made_up"].opened] == [file]
    window.actions_["actionKeys"].trigger()
    assert "Ctrl+Alt+U" in child(child(window, QDialog, "keysSheet"), QTextBrowser, "keysText").toPlainText()


def test_no_key_is_one_of_macos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    there = runpy.run_path(actions.__file__)
    taken = {"F5", "F11"}
    assert {action.key for action in WINDOW_ACTIONS} >= taken
    assert taken.isdisjoint(action.key for action in there["WINDOW_ACTIONS"])


def test_the_window_works_without_optional_features(with_features: WithFeatures, qtbot: QtBot) -> None:
    window = with_features([feature for feature in FEATURES if feature.name in STANDING])
    failed = list[str]()
    window.program.failed.connect(failed.append)
    train_to(window, qtbot, 20)
    window.session.edit({"training.learning_rate": 1e3})
    train_to(window, qtbot, 21)
    window.actions_["actionUndo"].trigger()
    window.actions_["actionNew"].trigger()
    left = {entry.name for feature in FEATURES if feature.name in OTHERS for entry in feature.entries}
    assert left.isdisjoint([*_menus(window), *(action.objectName() for action in window.actions())])
    assert failed == []


def test_no_feature_stands_on_another_that_can_be_left_out() -> None:
    """Whichever is taken away, nothing but its record names its actions, its menus or itself."""
    owner = {entry.name: feature.name for feature in FEATURES for entry in feature.entries}
    found = set()
    for file in FOLDER.parent.rglob("*.py"):
        if file == Path(table.__file__):
            continue
        own = file.relative_to(FOLDER).parts[0].removesuffix(".py") if file.is_relative_to(FOLDER) else ""
        text = file.read_text(encoding="utf-8")
        constants = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
        names = {name for name in constants if isinstance(name, str)}
        found |= {(own, name) for name in names if owner.get(name) in OTHERS and owner[name] != own}
        found |= {(own, name) for name in re.findall(r"self\.features\.(\w+)", text) if name in OTHERS}
    assert found == set()


def test_each_feature_is_a_line_and_each_line_a_feature() -> None:
    modules = {path.stem for path in FOLDER.iterdir() if path.stem[0] != "_"}
    in_run = {"editing", "news"}
    assert modules == {feature.name for feature in FEATURES} - in_run
    entries = [entry for feature in FEATURES for entry in feature.entries]
    menus = (*MENUS, *(entry for entry in entries if isinstance(entry, Menu)))
    sections = [section for menu in menus for section in menu.sections]
    assert len(sections) == len(set(sections))
    assert {entry.section for entry in entries} <= set(sections)
