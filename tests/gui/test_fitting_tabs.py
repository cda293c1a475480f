"""Tabs that do not fit become a menu; no tab is cut, and no empty scroll button is shown."""

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QSplitter, QTabBar, QTabWidget, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, heard, seen
from tinynet_gui.ui.style.theme import LIGHT, style_sheet
from tinynet_gui.ui.widgets.buttons.fitting_tabs import FittingTabs
from tinynet_gui.ui.window.main_window import MainWindow

NAMES = ("Loss", "Runs", "Experiments", "Microscope")
BARS = ("resultTabs", "inspectorTabs")


@pytest.fixture
def tabs(qtbot: QtBot) -> FittingTabs:
    found = FittingTabs("someTabs", "Some tabs")
    found.setDocumentMode(True)
    for name in NAMES:
        found.addTab(QLabel(name), name)
    return seen(qtbot, found, 600, 200, style_sheet(LIGHT))


def _button(tabs: QTabWidget) -> QToolButton:
    return child(tabs, QToolButton, f"{tabs.objectName()}Menu")


def _assert_all_can_be_read(bar: QTabBar) -> None:
    """The menu's button is the only one there may be, and it is there just where the tabs do not fit."""
    shown = [button for button in bar.findChildren(QToolButton) if button.isVisible()]
    assert len(shown) == (bar.width() < bar.sizeHint().width())
    for button in shown:
        assert button.text() == bar.tabText(bar.currentIndex())
        assert button.width() >= button.minimumSizeHint().width()
        assert button.geometry() == bar.rect()  # over all tabs: none is clicked by chance


def test_they_become_a_menu_exactly_where_they_do_not_fit(tabs: FittingTabs) -> None:
    needed = tabs.tabBar().sizeHint().width()
    for width in (600, needed, needed - 1, needed // 2, needed, 600):
        tabs.resize(width, 200)
        assert _button(tabs).isVisible() == (width < needed)
        _assert_all_can_be_read(tabs.tabBar())
        assert tabs.tabBar().focusPolicy() == (Qt.FocusPolicy.NoFocus if width < needed else Qt.FocusPolicy.TabFocus)
    for place, text in ((1, "A very, very long name " * 4), (1, "Runs")):  # it changes while it is seen
        tabs.setTabText(place, text)
        QApplication.processEvents()
        assert _button(tabs).isVisible() == (len(text) > 4)


def test_the_menu_lists_the_tabs_that_are_there_and_goes_to_one(tabs: FittingTabs) -> None:
    tabs.resize(120, 200)
    tabs.setTabVisible(1, False)
    tabs.setCurrentIndex(2)
    button, clicked = _button(tabs), heard(tabs.tabBarClicked)
    assert button.text() == "Experiments"
    menu = button.menu()
    menu.aboutToShow.emit()
    assert [(action.text(), action.isChecked()) for action in menu.actions()] == [
        ("Loss", False),
        ("Experiments", True),
        ("Microscope", False),
    ]
    menu.actions()[-1].trigger()
    assert tabs.currentIndex() == 3
    assert button.text() == "Microscope"
    assert clicked == [3]  # as a click on the tab


def test_what_a_menu_hides_is_not_drawn(tabs: FittingTabs) -> None:
    tabs.resize(120, 200)
    button = _button(tabs)
    button.setStyleSheet("border: none; background: transparent;")
    button.setText("")
    picture = tabs.tabBar().grab().toImage()
    drawn = {picture.pixel(x, y) for x in range(picture.width() - 20) for y in range(picture.height())}
    assert len(drawn) == 1


@pytest.mark.parametrize("percent", [100, 150, 200])
def test_all_names_can_be_read_in_the_window(window: MainWindow, qtbot: QtBot, percent: int) -> None:
    """However wide each side is."""
    window.resize(1_024, 700)
    window.presentation.set_percent(percent)
    details, became = child(window, QSplitter, "detailsSplitter"), set()
    for sizes in ((420, 560), (100, 5_000), (5_000, 100)):
        details.setSizes(list(sizes))
        for _ in range(3):
            QApplication.processEvents()
        for name in BARS:
            tabs = child(window, QTabWidget, name)
            _assert_all_can_be_read(tabs.tabBar())
            assert not tabs.tabBar().drawBase()  # a line across the window
            became |= {name} if _button(tabs).isVisible() else set()
    assert "resultTabs" in became  # at their narrowest they had scroll buttons


def test_a_presentations_tabs_open_by_the_menu(window: MainWindow, qtbot: QtBot) -> None:
    """The name of the current tab opens them, as a click on it does, and closes them again."""
    tabs = child(window, QTabWidget, "resultTabs")
    window.stage.set_folded(True)
    low = tabs.height()
    menu = _button(tabs).menu()
    for has_come in (lambda: tabs.height() > 2 * low, lambda: tabs.height() <= 2 * low):
        menu.aboutToShow.emit()
        menu.actions()[tabs.currentIndex()].trigger()
        qtbot.waitUntil(has_come)
    window.stage.set_folded(False)


def test_they_fit_or_are_a_menu_at_scale_2() -> None:
    look = """
import sys
from PySide6.QtWidgets import QApplication, QTabWidget, QToolButton
app = QApplication([])
from tinynet_gui.ui.window.main_window import MainWindow
window = MainWindow(remember=False)
window.resize(960, 500)
window.show()
for percent in (100, 150):
    window.presentation.set_percent(percent)
    for _ in range(5):
        app.processEvents()
    for name in ("resultTabs", "inspectorTabs"):
        bar = window.findChild(QTabWidget, name).tabBar()
        shown = [button.objectName() for button in bar.findChildren(QToolButton) if button.isVisible()]
        assert shown == ([name + "Menu"] if bar.width() < bar.sizeHint().width() else []), (percent, name, shown)
window.close()
print("seen")
"""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": "2"}
    found = subprocess.run([sys.executable, "-c", look], env=environment, capture_output=True, text=True, check=False)
    assert "seen" in found.stdout, found.stderr
