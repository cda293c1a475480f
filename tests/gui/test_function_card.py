"""What stands around the function plot: title, switches, a typed number's result, how wrong the network is."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, seen, train_to, trained_snapshot
from tinynet_gui.core.config import Config
from tinynet_gui.core.function.extrapolation import ErrorsApart
from tinynet_gui.ui.style.colors import LIGHT
from tinynet_gui.ui.views.function_plot import header
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.widgets.text import ElidedLabel
from tinynet_gui.ui.window.frame.arrangement import NARROW_COMPANION_PX
from tinynet_gui.ui.window.main_window import MainWindow

SWITCHES = ("editData", "curveParts", "probe", "curveStacked")
SIZES = [(1_024, 700, 100), (1_024, 700, 150), (960, 500, 100)]  # a small screen at scale 2


@pytest.fixture
def plot(qtbot: QtBot, selection: Selection) -> FunctionPlot:
    plot = seen(qtbot, FunctionPlot(selection), 480, 400, LIGHT)
    plot.show_config(Config())
    return plot


def _is_whole(card: QWidget, widget: QWidget) -> bool:
    """Whether all of a widget is in sight within a card."""
    at = card.rect().contains(widget.rect().translated(widget.mapTo(card, QPoint())))
    return at and widget.isVisible() and widget.width() >= widget.sizeHint().width()


@pytest.mark.parametrize(("width", "height", "percent"), SIZES)
def test_title_switches_and_result_are_always_whole(
    window: MainWindow, qtbot: QtBot, width: int, height: int, percent: int
) -> None:
    window.resize(width, height)
    window.frame.presentation.set_percent(percent)
    card = window.views.function_plot
    train_to(window, qtbot, 20)
    child(card, QToolButton, "curveParts").click()
    output = child(card, ElidedLabel, "functionOutput")
    for text in ("4", "-2.3333"):
        child(card, QLineEdit, "functionInput").setText(text)
        for _ in range(3):  # one layout asks for another
            QApplication.processEvents()
        assert output.text()
        assert _is_whole(card, output), output.width()
        assert output.drawn_text() == output.text()
    for widget in (card.title, *(child(card, QToolButton, name) for name in SWITCHES)):
        assert _is_whole(card, widget), widget.objectName()


def test_the_loss_is_beside_the_title_where_there_is_room(plot: FunctionPlot) -> None:
    plot.show_loss(trained_snapshot(Config()))
    for width, is_there in ((300, True), (480, False), (700, True), (480, False)):  # then the switches are below
        plot.resize(width, 400)
        QApplication.processEvents()
        assert plot.value.isVisible() == is_there, width
        assert not is_there or _is_whole(plot, plot.value)


def test_stacked_comes_with_the_parts_and_moves_nothing(plot: FunctionPlot) -> None:
    parts, stacked = child(plot, QToolButton, "curveParts"), child(plot, QToolButton, "curveStacked")
    for width in (480, 346):
        plot.resize(width, 400)
        places = []
        for is_on in (False, True, False):
            parts.setChecked(is_on)
            QApplication.processEvents()
            assert stacked.isVisible() == is_on
            places.append([child(plot, QToolButton, name).geometry() for name in SWITCHES[:3]] + [plot.plot.geometry()])
        assert places[0] == places[1] == places[2]


def test_how_wrong_it_is_loses_no_number(plot: FunctionPlot, monkeypatch: pytest.MonkeyPatch) -> None:
    words = child(plot, QLabel, "plotFoot")
    said = {
        (0.041, 0.51): ["RMS error 0.041 where there are samples, 0.51 beyond", "RMS 0.041 / 0.51"],
        (0.41, 5.1): ["RMS error 0.41 where there are samples, 5.1 beyond", "RMS error 0.41, 5.1 beyond"],
        (0.41, None): ["RMS error 0.41 where there are samples", "RMS error 0.41"],
        (None, 5.1): ["RMS error 5.1 beyond the samples", "RMS 5.1 beyond"],
    }
    for (within, outside), (longest, shorter) in said.items():
        errors = ErrorsApart(within, outside, True, (-3.0, 3.0), (-4.5, 4.5))
        monkeypatch.setattr(header, "errors_apart", lambda _, errors=errors: errors)
        plot.show_loss(trained_snapshot(Config()))
        shown = set()
        for width in (NARROW_COMPANION_PX, *range(260, 1_000, 30)):
            plot.resize(width, 400)
            QApplication.processEvents()
            shown.add(words.text())
            assert words.fontMetrics().horizontalAdvance(words.text()) <= words.width()
            numbers = [f"{number:g}" for number in (within, outside) if number is not None]
            assert not words.text() or all(number in words.text() for number in numbers)
            assert words.text() or width < NARROW_COMPANION_PX, width  # it keeps its place also beside the map
        assert {longest, shorter} <= shown
        assert words.text() == longest
