"""Everything follows the zoom: text, lines, boxes, dots, gaps; and it is what it was when the zoom is."""

from functools import partial

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFontInfo, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFocusFrame,
    QGraphicsRectItem,
    QLabel,
    QLayout,
    QScrollArea,
    QTableView,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OFFSCREEN, MakeWindow, child, trained_snapshot
from tests.not_none import not_none
from tests.places import rectangle_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.reading.reader import bundled_lessons
from tinynet_gui.core.network.refs import NeuronRef, WeightRef
from tinynet_gui.ui.style.style_sheets import style_sheet
from tinynet_gui.ui.style.theme import PERCENTS, ThemeSource, Zoom, px, small_font, zoom
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.time_line import track
from tinynet_gui.ui.widgets.pulse import Pulse
from tinynet_gui.ui.widgets.touch import ZoomFollower
from tinynet_gui.ui.window.main_window import MainWindow


def _sizes(window: MainWindow) -> dict[str, tuple[object, ...]]:
    """Font, least size, place, margins and gaps of what is in sight; but the panel's rows share what is left."""
    QApplication.processEvents()
    found: dict[str, tuple[object, ...]] = {}
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.objectName() and not window.views.panel.isAncestorOf(widget):
            at, least = widget.mapTo(window, QPoint()).toTuple(), widget.minimumSize().toTuple()
            found[widget.objectName()] = (round(widget.font().pointSizeF(), 6), least, at, widget.size().toTuple())
            layout = widget.layout()
            if isinstance(layout, QLayout):  # else a stale wrapper of another item at that place
                margins = layout.contentsMargins()
                found[f"{widget.objectName()}'s layout"] = (margins.top(), margins.left(), layout.spacing())
    return found


def _is_drawn(line: object) -> bool:
    return isinstance(line, pg.PlotCurveItem) and line.isVisible() and line.xData is not None and len(line.xData) > 0


def test_zoom_keys_cycle_sizes_that_fit_a_small_screen(window: MainWindow) -> None:
    window.resize(1_280, 760)

    def percent_after(way: str) -> int:
        window.actions_[f"actionZoom{way}"].trigger()
        QApplication.processEvents()
        assert window.size().toTuple() == (1_280, 760), window.frame.presentation.percent
        percent: int = window.frame.presentation.percent
        return percent

    assert [percent_after("In") for _ in range(2)] == list(PERCENTS[3:5])
    window.frame.presentation.set_percent(PERCENTS[-2])
    assert [percent_after("In") for _ in range(2)] == [300, 300]
    assert percent_after("Reset") == 100
    assert [percent_after("Out") for _ in range(3)] == [90, 80, 80]
    keys = [window.actions_[f"actionZoom{way}"].shortcuts() for way in ("In", "Out", "Reset")]
    assert [key[0].toString() for key in keys] == ["Ctrl++", "Ctrl+-", "Ctrl+0"]


def test_fonts_margins_and_marks_scale_and_return(window: MainWindow) -> None:
    def seen() -> list[float]:
        plot, dots = window.views.function_plot, window.views.function_plot.layers.samples
        layout = not_none(window.views.panel.layout())
        margins = layout.contentsMargins()
        return [
            QApplication.font().pointSizeF(),
            window.views.function_plot.title.font().pointSizeF(),
            small_font().pointSizeF(),
            window.views.loss_plot.value.font().pointSizeF(),  # a font of its own
            window.views.function_plot.plot.getAxis("bottom").style["tickFont"].pointSizeF(),
            window.views.function_plot.plot.getAxis("left").width(),
            *[line.opts["pen"].widthF() for line in plot.plot.items() if _is_drawn(line)],
            dots.sizes()[0],
            margins.top(),
            margins.bottom(),
            window.views.panel.minimumWidth(),
            window.views.time_line.minimumSizeHint().height(),
        ]

    QApplication.processEvents()  # everything has its place
    before, sizes = seen(), _sizes(window)
    late = QLabel("late")
    for percent in (80, 300, 150):
        window.frame.presentation.set_percent(percent)
        QApplication.processEvents()
        for now, usual in zip(seen(), before, strict=True):
            assert now == pytest.approx(usual * percent / 100, abs=1.0, rel=0.06)
        if percent == 300:  # what comes now is fitted with the next zoom
            late.setParent(window.centralWidget())
            late.setFont(small_font())
            late.setMinimumWidth(10)  # measured at a zoom of 1
    assert late.minimumWidth() == 15
    assert late.font().pointSizeF() == pytest.approx(small_font().pointSizeF())
    late.deleteLater()
    window.frame.presentation.set_percent(100)
    for _ in range(3):
        QApplication.processEvents()
    assert _sizes(window) == sizes


def test_the_diagram_is_the_same_picture_magnified(diagram: NetworkDiagram) -> None:
    """Where things stand, and what is under the mouse, scales with the zoom."""
    diagram.show_snapshot(trained_snapshot(Config(), 20))
    themes = ThemeSource(diagram)
    themes.theme_changed.connect(diagram.show_theme)
    refs = (NeuronRef(0, 2), NeuronRef(1, 0), WeightRef(1, 0, 3))
    before, layout = [rectangle_of(diagram, ref) for ref in refs], diagram.layout_of_network
    themes.set_zoom(Zoom(2.0))
    diagram.resize(diagram.size() * 2)
    QApplication.processEvents()
    assert diagram.layout_of_network.width == layout.width
    assert [column.box for column in diagram.layout_of_network.columns] == [column.box for column in layout.columns]
    for ref, was in zip(refs[:2], before[:2], strict=True):
        here = rectangle_of(diagram, ref)
        assert here.topLeft().toTuple() == pytest.approx([2 * part for part in was.topLeft().toTuple()], abs=2)
        assert here.size().toTuple() == pytest.approx([2 * part for part in was.size().toTuple()], abs=2)
        assert diagram.ref_at(here.center().x(), here.center().y()) == ref
    picture = diagram.grab().toImage()
    edge, empty = rectangle_of(diagram, refs[2]).center(), QPoint(4, diagram.height() // 2)
    assert picture.pixelColor(edge) != picture.pixelColor(empty)  # an edge is drawn there


def test_cached_sizes_fonts_and_style_sheets_follow_the_zoom(qapp: QApplication) -> None:
    window, themes = QWidget(), ThemeSource()
    around = QWidget(window)
    label, follower = QLabel("x", around), ZoomFollower(window)
    around.setFont(small_font())
    label.setMinimumWidth(20)
    for scale, least in ((2.0, 40), (3.0, 90), (1.0, 30)):
        themes.set_zoom(Zoom(scale))
        follower.follow()
        assert label.minimumWidth() == least
        assert around.font().pointSizeF() == pytest.approx(small_font().pointSizeF())
        assert label.font().pointSizeF() == pytest.approx(small_font().pointSizeF())  # scaled once
        assert f"min-height: {round(19 * scale)}px" in style_sheet()
        if scale == 2:
            label.setMinimumWidth(60)  # which is taken for what it is: 30 at a zoom of 1


def test_clicks_hit_what_is_drawn_at_any_zoom(window: MainWindow) -> None:
    window.frame.presentation.set_percent(200)
    QApplication.processEvents()
    place = rectangle_of(window.views.diagram, NeuronRef(0, 4)).center()
    QTest.mouseClick(window.views.diagram, Qt.MouseButton.LeftButton, pos=place)
    assert window.context.selection.pinned == NeuronRef(0, 4)
    track = window.views.time_line.steps.track
    track.show_run(1_000, ())
    there = QPoint(round(px(track.scale.x_of(400))), round(px(21)))
    QTest.mouseClick(track, Qt.MouseButton.LeftButton, pos=there)
    assert track.value() == pytest.approx(400, abs=5)
    assert QFontInfo(QApplication.font()).pixelSize() == 24


def _lengths(dialog: QWidget) -> list[float]:
    """What of a dialog is measured in pixels, each as it is at a zoom of 1."""
    QApplication.processEvents()
    layout = not_none(dialog.layout())
    margins = layout.contentsMargins()
    within = (each for each in dialog.findChildren(QWidget) if not isinstance(each, QFocusFrame))
    widgets = [widget for widget in within if not widget.objectName().startswith("qt_")]
    least = [size for widget in widgets for size in widget.minimumSize().toTuple()]
    rows = [table.verticalHeader().defaultSectionSize() for table in dialog.findChildren(QTableView)]
    fonts = [label.font().pointSizeF() for label in dialog.findChildren(QLabel)]
    lengths = [margins.left(), margins.top(), layout.spacing(), *least, *rows, *fonts]
    return [length / zoom().scale for length in lengths]


def _visible(window: MainWindow) -> list[QDialog]:
    """Return the open dialogs, without the one that a busy machine shows while it reads what was pasted."""
    return [each for each in window.findChildren(QDialog) if each.isVisible() and each.objectName() != "readingDialog"]


def _is_another_open(window: MainWindow, count: int) -> bool:
    return len(_visible(window)) > count


def _opened(window: MainWindow, qtbot: QtBot) -> list[QDialog]:
    """Open some dialogs, one beside the other."""
    QApplication.clipboard().setText("x\ty\n1\t2\n2\t3\n3\t5\n")
    opened: list[QDialog] = []
    for name in ("actionSavePicture", "actionVisible", "actionKeys", "actionGlossary", "actionPasteData"):
        window.actions_[name].trigger()
        qtbot.waitUntil(partial(_is_another_open, window, len(opened)))
        opened += [dialog for dialog in _visible(window) if dialog not in opened]
    return opened


@OFFSCREEN
def test_a_dialog_opened_zoomed_is_the_usual_one_magnified(make_window: MakeWindow, qtbot: QtBot) -> None:
    """But for fonts, whose heights are whole pixels."""
    usual = [_lengths(dialog) for dialog in _opened(make_window(), qtbot)]
    window = make_window()
    window.frame.presentation.set_percent(200)
    dialogs = _opened(window, qtbot)
    for percent in (200, 300):
        window.frame.presentation.set_percent(percent)
        for dialog, lengths in zip(dialogs, usual, strict=True):
            assert _lengths(dialog) == pytest.approx(lengths, abs=1.0, rel=0.09), dialog.objectName()
    for dialog in _visible(window):
        dialog.close()


def test_what_measures_for_itself_follows(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shading's way to the samples, a frame's to what it points at, a tip's above the time line."""
    places: list[QPoint] = []

    class Tips:
        @staticmethod
        def showText(place: QPoint, *_: object) -> None:
            places.append(place)

    monkeypatch.setattr(track, "QToolTip", Tips)
    frame, plot = Pulse(window), window.views.function_plot.plot
    drawn = plot.getViewBox().childGroup

    def measured() -> list[float]:
        QApplication.processEvents()
        shade = next(item for item in drawn.childItems() if isinstance(item, QGraphicsRectItem) and item.isVisible())
        first = window.views.function_plot.layers.samples.trained_points()[0].min()
        frame.stop()
        frame.start(plot)  # scrolls to it
        line, there = window.views.time_line.steps.track, QPoint(50, 30)
        QApplication.sendEvent(line, QHelpEvent(QEvent.Type.ToolTip, there, line.mapToGlobal(there)))
        return [
            float((first - shade.rect().right()) / plot.getViewBox().viewPixelSize()[0]),
            plot.mapTo(window, QPoint()).y() - frame.y(),
            line.mapToGlobal(QPoint()).y() - places[-1].y(),
        ]

    shading, around, above = measured()
    window.frame.presentation.set_percent(200)
    now = measured()
    frame.stop()
    assert now[0] == pytest.approx(2 * shading, rel=0.01)
    assert now[1] == 2 * around
    assert now[2] == pytest.approx(2 * above, rel=0.06)


def test_the_top_bar_has_no_empty_row_and_words_if_they_fit(window: MainWindow) -> None:
    for width, percent in ((1_024, 100), (1_024, 150), (1_024, 200), (1_280, 200), (1_900, 200)):
        window.frame.presentation.set_percent(percent)
        window.resize(width, 800)
        for _ in range(3):
            QApplication.processEvents()
        assert window.frame.top_bar.height() < 1.3 * window.frame.transport.sizeHint().height()
        step = child(window, QToolButton, "actionStepButton")
        assert step.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon, (width, percent)


@pytest.mark.parametrize(("percent", "lines"), [(200, 12), (300, 7)])
def test_a_small_window_scrolls_only_vertically(window: MainWindow, qtbot: QtBot, percent: int, lines: int) -> None:
    """Everything stands in a column, the lesson first and the time line last; nothing empty takes any room."""
    window.resize(1_280, 800)
    window.frame.presentation.set_percent(percent)
    window.features.lessons.open_file(str(bundled_lessons()[0]))
    workspace = child(window, QScrollArea, "workspace")
    qtbot.waitUntil(window.views.lesson.isVisible)
    text = child(window, QWidget, "lessonText")
    qtbot.waitUntil(lambda: workspace.verticalScrollBar().value() > 0)  # the page's title is where it begins

    def read() -> list[float]:
        QApplication.processEvents()
        in_sight = child(window, QScrollArea, "lessonArea").viewport().visibleRegion().boundingRect()
        picture = window.views.function_plot.plot.getViewBox().sceneBoundingRect()
        return [in_sight.height() / text.fontMetrics().lineSpacing(), picture.height() / zoom().scale]

    in_sight, plot = read()
    assert in_sight >= lines
    assert plot >= 120
    assert workspace.horizontalScrollBar().maximum() == 0
    assert workspace.isAncestorOf(window.views.time_line)
    child(window, QToolButton, "lessonLeave").click()
    window.frame.presentation.set_percent(100)
    for _ in range(3):
        QApplication.processEvents()
    assert workspace.verticalScrollBar().maximum() == 0
    assert not workspace.isAncestorOf(window.views.time_line)
