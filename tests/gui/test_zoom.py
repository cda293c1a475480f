"""Everything follows the zoom: text, lines, boxes, dots, gaps; and it is what it was when the zoom is."""

from collections.abc import Callable

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFontInfo, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLayout, QTableView, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import WAIT_MS, trained_snapshot
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import NeuronRef, WeightRef
from tinynet_gui.ui.style.theme import LIGHT, ThemeSource, small_font, style_sheet
from tinynet_gui.ui.style.zoom import PERCENTS, Zoom, px, zoom
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.time_line import track
from tinynet_gui.ui.widgets.pointer_frame import PointerFrame
from tinynet_gui.ui.widgets.zoomed import ZoomFollower
from tinynet_gui.ui.window.main_window import MainWindow

MakeWindow = Callable[..., MainWindow]


def _sizes(window: MainWindow) -> dict[str, tuple[object, ...]]:
    """Font, least size, place, margins and gaps of what is in sight; but the panel's rows share what is left."""
    QApplication.processEvents()
    found: dict[str, tuple[object, ...]] = {}
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.objectName() and not window.panel.isAncestorOf(widget):
            at, least = widget.mapTo(window, QPoint()).toTuple(), widget.minimumSize().toTuple()
            found[widget.objectName()] = (widget.font().pointSizeF(), least, at, widget.size().toTuple())
            layout = widget.layout()
            if isinstance(layout, QLayout):  # else a stale wrapper of another item at that place
                margins = layout.contentsMargins()
                found[f"{widget.objectName()}'s layout"] = (margins.top(), margins.left(), layout.spacing())
    return found


def _is_drawn(line: object) -> bool:
    return isinstance(line, pg.PlotCurveItem) and line.isVisible() and line.xData is not None and len(line.xData) > 0


def test_the_keys_go_through_the_sizes(window: MainWindow) -> None:
    seen = []
    for _ in PERCENTS:
        window.actions_["actionZoomIn"].trigger()
        seen.append(window.presentation.percent)
    assert seen[:2] == [110, 125]
    assert seen[-2:] == [300, 300]
    window.actions_["actionZoomReset"].trigger()
    assert window.presentation.percent == 100
    for _ in PERCENTS:
        window.actions_["actionZoomOut"].trigger()
    assert window.presentation.percent == 80
    keys = [window.actions_[f"actionZoom{way}"].shortcuts() for way in ("In", "Out", "Reset")]
    assert [key[0].toString() for key in keys] == ["Ctrl++", "Ctrl+-", "Ctrl+0"]


def test_fonts_margins_and_marks_are_larger(window: MainWindow) -> None:
    def seen() -> list[float]:
        plot, dots = window.function_plot, window.function_plot.influence
        layout = window.panel.layout()
        assert layout is not None
        margins = layout.contentsMargins()
        return [
            QApplication.font().pointSizeF(),
            window.function_plot.title.font().pointSizeF(),
            small_font().pointSizeF(),
            window.loss_plot.value.font().pointSizeF(),  # a font of its own
            window.function_plot.plot.getAxis("bottom").style["tickFont"].pointSizeF(),
            window.function_plot.plot.getAxis("left").width(),
            *[line.opts["pen"].widthF() for line in plot.plot.listDataItems() if _is_drawn(line)],
            dots.sizes()[0],
            margins.top(),
            margins.bottom(),
            window.panel.minimumWidth(),
            window.time_line.minimumSizeHint().height(),
        ]

    before = seen()
    for percent in (80, 150, 300):
        window.presentation.set_percent(percent)
        QApplication.processEvents()
        for now, usual in zip(seen(), before, strict=True):
            assert now == pytest.approx(usual * percent / 100, abs=1.0, rel=0.06)


def test_the_usual_size_is_as_before(window: MainWindow) -> None:
    QApplication.processEvents()  # everything has its place
    before = _sizes(window)
    for percent in (150, 80, 300, 110, 100):
        window.presentation.set_percent(percent)
        QApplication.processEvents()
    assert _sizes(window) == before


def test_the_diagram_is_the_same_picture_magnified(diagram: NetworkDiagram) -> None:
    """Where things stand, and what is under the mouse, scales with the zoom."""
    diagram.show_snapshot(trained_snapshot(Config(), 20))
    themes = ThemeSource(diagram)
    themes.theme_changed.connect(diagram.show_theme)
    refs = (NeuronRef(0, 2), NeuronRef(1, 0), WeightRef(1, 0, 3))
    before, layout = [diagram.rectangle_of(ref) for ref in refs], diagram.layout_of_network
    themes.set_zoom(Zoom(2.0))
    diagram.resize(diagram.size() * 2)
    QApplication.processEvents()
    assert diagram.layout_of_network.width == layout.width
    assert [column.box for column in diagram.layout_of_network.columns] == [column.box for column in layout.columns]
    for ref, was in zip(refs[:2], before[:2], strict=True):
        here = diagram.rectangle_of(ref)
        assert here.topLeft().toTuple() == pytest.approx([2 * part for part in was.topLeft().toTuple()], abs=2)
        assert here.size().toTuple() == pytest.approx([2 * part for part in was.size().toTuple()], abs=2)
        assert diagram.ref_at(here.center().x(), here.center().y()) == ref
    picture = diagram.grab().toImage()
    edge, empty = diagram.rectangle_of(refs[2]).center(), QPoint(4, diagram.height() // 2)
    assert picture.pixelColor(edge) != picture.pixelColor(empty)  # an edge is drawn there


def test_it_is_remembered_and_not_part_of_the_session(make_window: MakeWindow) -> None:
    first = make_window(remember=True)
    first.presentation.set_percent(150)
    first.close()
    second = make_window(remember=True)
    assert second.presentation.percent == 150
    assert zoom().scale == 1.5
    second.presentation.set_percent(100)
    second.close()
    assert make_window(remember=True).presentation.percent == 100


def test_a_widget_that_comes_later_is_fitted_with_the_next_zoom(window: MainWindow) -> None:
    window.presentation.set_percent(200)
    late = QLabel("late", window.centralWidget())
    late.setFont(small_font())
    late.setMinimumWidth(10)  # measured at a zoom of 1
    window.presentation.set_percent(300)
    assert late.minimumWidth() == 30
    assert late.font().pointSizeF() == pytest.approx(small_font().pointSizeF())


def test_a_size_that_was_measured_meanwhile_is_taken_for_what_it_is() -> None:
    window = QWidget()
    label = QLabel("x", window)
    label.setMinimumWidth(20)
    follower, themes = ZoomFollower(window), ThemeSource()
    themes.set_zoom(Zoom(2.0))
    follower.follow()
    assert label.minimumWidth() == 40
    label.setMinimumWidth(60)  # at a zoom of 2: 30 at 1
    themes.set_zoom(Zoom(3.0))
    follower.follow()
    assert label.minimumWidth() == 90


def test_a_font_that_comes_from_around_is_scaled_once(qapp: QApplication) -> None:
    window = QWidget()
    around = QWidget(window)
    around.setFont(small_font())
    label = QLabel("x", around)
    follower, themes = ZoomFollower(window), ThemeSource()
    for scale in (2.0, 3.0, 1.0):
        themes.set_zoom(Zoom(scale))
        follower.follow()
        assert around.font().pointSizeF() == pytest.approx(small_font().pointSizeF())
        assert label.font().pointSizeF() == pytest.approx(small_font().pointSizeF())


def test_a_style_sheet_is_scaled_as_well() -> None:
    themes = ThemeSource()
    assert "min-height: 19px" in style_sheet(themes.theme)
    themes.set_zoom(Zoom(2.0))
    assert "min-height: 38px" in style_sheet(themes.theme)


def test_no_size_makes_the_window_larger_than_a_small_screen(window: MainWindow) -> None:
    window.resize(1_280, 760)
    for percent in PERCENTS:
        window.presentation.set_percent(percent)
        QApplication.processEvents()
        assert window.size().toTuple() == (1_280, 760), percent


def test_clicks_on_the_time_line_and_the_diagram_meet_what_is_drawn(window: MainWindow) -> None:
    window.presentation.set_percent(200)
    QApplication.processEvents()
    place = window.diagram.rectangle_of(NeuronRef(0, 4)).center()
    QTest.mouseClick(window.diagram, Qt.MouseButton.LeftButton, pos=place)
    assert window.selection.pinned == NeuronRef(0, 4)
    track = window.time_line.track
    track.show_run(1_000, ())
    there = QPoint(round(px(track.scale.x_of(400))), round(px(21)))
    QTest.mouseClick(track, Qt.MouseButton.LeftButton, pos=there)
    assert track.value() == pytest.approx(400, abs=5)
    assert QFontInfo(QApplication.font()).pixelSize() == 24


def _lengths(dialog: QWidget) -> list[float]:
    """What of a dialog is measured in pixels, each as it is at a zoom of 1."""
    QApplication.processEvents()
    layout = dialog.layout()
    assert layout is not None
    margins = layout.contentsMargins()
    widgets = [widget for widget in dialog.findChildren(QWidget) if not widget.objectName().startswith("qt_")]
    least = [size for widget in widgets for size in widget.minimumSize().toTuple()]
    rows = [table.verticalHeader().defaultSectionSize() for table in dialog.findChildren(QTableView)]
    fonts = [label.font().pointSizeF() for label in dialog.findChildren(QLabel)]
    lengths = [margins.left(), margins.top(), layout.spacing(), *least, *rows, *fonts]
    return [length / zoom().scale for length in lengths]


def _opened(window: MainWindow, qtbot: QtBot, name: str) -> QDialog:
    QApplication.clipboard().setText("x\ty\n1\t2\n2\t3\n3\t5\n")
    window.actions_[name].trigger()
    qtbot.waitUntil(lambda: any(dialog.isVisible() for dialog in window.findChildren(QDialog)), timeout=WAIT_MS)
    (dialog,) = (dialog for dialog in window.findChildren(QDialog) if dialog.isVisible())
    return dialog


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_a_dialog_that_is_opened_with_a_zoom_is_the_usual_one_magnified(make_window: MakeWindow, qtbot: QtBot) -> None:
    """But for fonts, whose heights are whole pixels."""
    names = ("actionSavePicture", "actionVisible", "actionKeys", "actionGlossary", "actionPasteData")
    window, usual = make_window(), {}
    for name in names:
        dialog = _opened(window, qtbot, name)
        usual[name] = _lengths(dialog)
        dialog.close()
    window = make_window()
    for name in names:
        window.presentation.set_percent(200)
        dialog = _opened(window, qtbot, name)
        assert _lengths(dialog) == pytest.approx(usual[name], abs=1.0, rel=0.09)
        window.presentation.set_percent(300)
        assert _lengths(dialog) == pytest.approx(usual[name], abs=1.0, rel=0.09)
        dialog.close()


def test_the_shading_keeps_clear_of_a_sample_of_every_size(window: MainWindow) -> None:
    def beside() -> float:
        QApplication.processEvents()
        plot = window.function_plot.plot
        shade = next(item for item in plot.getPlotItem().items if isinstance(item, pg.LinearRegionItem))
        first = window.function_plot.sample_points()[0].min()
        return float((first - shade.getRegion()[1]) / plot.getViewBox().viewPixelSize()[0])

    usual = beside()
    window.presentation.set_percent(200)
    assert beside() == pytest.approx(2 * usual, rel=0.01)


def test_a_frame_that_points_stands_around_what_is_meant(window: MainWindow) -> None:
    def around() -> int:
        QApplication.processEvents()
        frame.point_at(window.function_plot.plot, LIGHT.color("accent"))
        return int(window.function_plot.plot.mapTo(window, QPoint()).y()) - frame.y()

    frame = PointerFrame(window)
    usual = around()
    window.presentation.set_percent(200)
    assert around() == 2 * usual
    frame.stop()


def test_a_tip_stands_as_far_above_the_time_line_as_its_text_is_high(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    places: list[QPoint] = []

    class Tips:
        @staticmethod
        def showText(place: QPoint, *_: object) -> None:
            places.append(place)

    monkeypatch.setattr(track, "QToolTip", Tips)
    heights = []
    for percent in (100, 200):
        window.presentation.set_percent(percent)
        QApplication.processEvents()
        line, there = window.time_line.track, QPoint(50, 30)
        QApplication.sendEvent(line, QHelpEvent(QEvent.Type.ToolTip, there, line.mapToGlobal(there)))
        heights.append(line.mapToGlobal(QPoint()).y() - places[-1].y())
    assert heights[1] == pytest.approx(2 * heights[0], rel=0.06)
