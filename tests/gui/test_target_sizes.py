"""What can be used is large enough for the mouse, and for a finger once one was seen; and no text is too small."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollBar,
    QTabBar,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, show_result, train_to
from tinynet_gui.ui.style.theme import FINGER, MIN_TEXT, TARGET
from tinynet_gui.ui.window.main_window import MainWindow

USED = QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit, QAbstractSlider, QTabBar


def _targets(window: MainWindow) -> Iterator[tuple[str, QSize]]:
    """Yield the name and the size of all that can be used now; not what is part of something else that can."""
    for widget in window.findChildren(QWidget):
        inside = isinstance(widget.parent(), QAbstractSpinBox | QComboBox | QTableView)
        if not widget.isVisible() or not isinstance(widget, USED) or isinstance(widget, QScrollBar) or inside:
            continue
        if isinstance(widget, QTabBar):
            shown = filter(widget.isTabVisible, range(widget.count()))
            yield from ((widget.tabText(place), widget.tabRect(place).size()) for place in shown)
        else:
            yield widget.objectName(), widget.size()


def _sides_of_menus(window: MainWindow) -> list[int]:
    bar = window.menuBar()
    return [side for action in bar.actions() for side in bar.actionGeometry(action).size().toTuple()]


def _small(window: MainWindow, least: int) -> dict[str, tuple[object, ...]]:
    """Say what is too small, in the tabs one after the other, and with all settings."""
    found: dict[str, tuple[object, ...]] = {}
    for name in ("all settings", *window.views):
        window.views.panel.show_all(name == "all settings")
        if name not in ("all settings", "panel", "lesson"):
            show_result(window, window.views[name])
        QApplication.processEvents()
        sizes = dict(_targets(window))
        found |= {part: (name, *size.toTuple()) for part, size in sizes.items() if min(size.toTuple()) < least}
    return found


def test_targets_are_large_enough_for_mouse_and_finger(window: MainWindow, qtbot: QtBot) -> None:
    train_to(window, qtbot, 5)
    assert _small(window, TARGET) == {}
    window.themes.set_touch()
    try:
        assert _small(window, FINGER) == {}
        assert min(_sides_of_menus(window)) >= FINGER
        assert child(window, QLabel, "dataHint").text().startswith("double-tap: edit")
        for action, name in (("actionVisible", "visibleTree"), ("actionGlossary", "glossaryTerms")):
            window.actions_[action].trigger()
            rows: Any = child(window, QAbstractItemView, name)
            assert rows.visualRect(rows.model().index(0, 0)).height() >= FINGER
            rows.window().close()
        assert {table.verticalHeader().defaultSectionSize() for table in window.findChildren(QTableView)} == {FINGER}
    finally:
        window.themes.set_touch(False)
    window.frame.presentation.set_on(True)
    QApplication.processEvents()
    assert [(name, size) for name, size in _targets(window) if min(size.toTuple()) < FINGER] == []
    assert min(_sides_of_menus(window)) >= FINGER


@pytest.mark.parametrize("percent", [100, 200])
def test_no_text_is_smaller_than_the_least(window: MainWindow, percent: int) -> None:
    window.frame.presentation.set_percent(percent)
    sizes = {
        f"{type(widget).__name__} {widget.objectName()}": QFontInfo(widget.font()).pixelSize()
        for widget in window.findChildren(QWidget)
    }
    assert {name: size for name, size in sizes.items() if size < MIN_TEXT * percent / 100} == {}
