"""In a presentation everything can be read from the last row, and everything is given back at its end."""

import math
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyqtgraph import PlotWidget
from PySide6.QtCore import QBuffer, QByteArray, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFontInfo, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QGraphicsView,
    QLabel,
    QScrollArea,
    QSplitter,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.conftest import MakeWindow, Paints, child, drag, places, train_to
from tests.gui.test_first_sight import is_at_work
from tests.places import rectangle_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.reading.reader import bundled_lessons
from tinynet_gui.core.maps.axes import NAMED_MAPS
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.wording.maps import map_text
from tinynet_gui.ui.style.theme import Zoom, theme, zoom
from tinynet_gui.ui.views.diagram import network_diagram, painter as painter_of_the_diagram
from tinynet_gui.ui.views.diagram.layout import make_layout
from tinynet_gui.ui.views.diagram.pens import hairline_offsets
from tinynet_gui.ui.views.lesson.question_box import QuestionBox
from tinynet_gui.ui.views.map.map_view import ANY_WEIGHTS
from tinynet_gui.ui.widgets.pictures import directly
from tinynet_gui.ui.widgets.plots.plot_parts import FRAMES
from tinynet_gui.ui.widgets.text import ElidedLabel
from tinynet_gui.ui.window.main_window import MainWindow
from tinynet_gui.ui.window.preferences import Preferences, SettingsStore

TEXT, LINE = 22.0, 3.0  # px, on a screen of 1920 x 1080
SCREENS = {"1920 x 1080": TEXT, "1024 x 768": 18.0}  # those of the tests, with the least height of text
NEARLY = 0.02
LESSON = bundled_lessons()[0]
CHOICES = ("to less than half", "by a twentieth or more", "by less than a twentieth", "not at all")


@dataclass(frozen=True)
class Mark:
    """What a picture has: a text or a line, how large it is in pixels, its colour or its words."""

    kind: str
    size: float
    what: str


def _marks(draw: Callable[[QPainter], object], size: QSize, scale: float = 1.0) -> list[Mark]:
    """Draw into an SVG picture, and read from it all texts and lines with the sizes that they have there."""
    data, generator = QByteArray(), QSvgGenerator()
    buffer = QBuffer(data)
    generator.setOutputDevice(buffer)
    generator.setResolution(96)
    generator.setSize(size)
    with QPainter(generator) as painter:
        draw(painter)
    picture = ET.fromstring(bytes(data.data()))
    return [Mark(kind, scale * length, what) for kind, length, what in _read(picture, 1.0, {})]


def _marks_of(widget: QWidget) -> list[Mark]:
    def draw(painter: QPainter) -> None:
        if isinstance(widget, QGraphicsView):
            widget.render(painter)
        else:
            widget.render(painter, QPoint())

    return _marks(draw, widget.size())


def _read(element: ET.Element, scale: float, style: dict[str, str]) -> Iterator[tuple[str, float, str]]:
    tag = element.tag.rpartition("}")[2]
    style = style | element.attrib
    if "transform" in element.attrib:
        a, b, c, d, *_ = (float(part) for part in element.attrib["transform"][7:-1].split(","))
        scale *= math.sqrt(abs(a * d - b * c))
    if tag == "text":
        yield "text", scale * float(style["font-size"].removesuffix("px")), "".join(element.itertext()).strip()
    elif tag in ("path", "polyline", "line", "rect", "ellipse", "circle") and style.get("stroke", "none") != "none":
        is_cosmetic = style.get("vector-effect") == "non-scaling-stroke"
        opacity = float(style.get("stroke-opacity", "1"))
        if opacity > 0:
            kind = "hairline" if is_cosmetic and float(style["stroke-width"]) == 1 else "line"
            yield kind, float(style["stroke-width"]) * (1.0 if is_cosmetic else scale), style["stroke"]
    for each in element:
        yield from _read(each, scale, style)


def _of_the_diagram(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> list[Mark]:
    """What is in the diagram, which is kept as a picture of pixels."""
    drawn: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    original = painter_of_the_diagram.paint_network

    def remember(painter: QPainter, *args: Any, **named: Any) -> None:
        drawn.append((args, named | {"draw": directly}))
        original(painter, *args, **named)

    monkeypatch.setattr(network_diagram, "paint_network", remember)
    window.views.diagram.redraw()
    window.views.diagram.grab()
    args, named = drawn[-1]
    return _marks(lambda painter: original(painter, *args, **named), window.views.diagram.size(), zoom().scale)


def _present(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_["actionPresentation"].trigger()
    qtbot.waitUntil(lambda: window.size() == window.screen().size())
    qtbot.waitUntil(window.updatesEnabled)
    QApplication.processEvents()


def _press(window: MainWindow, key: Qt.Key) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, key)


def test_no_text_is_small_and_no_line_is_thin(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_to(window, qtbot, 150)
    _present(window, qtbot)
    window.views.function_plot.switches.probe.setChecked(True)
    for hidden, scheme in (((10,), "light"), ((1_000,), "dark"), ((8, 8, 8), "light")):
        window.session.edit({"network.hidden": hidden})
        window.set_scheme(scheme)
        train_to(window, qtbot, 150)
        QApplication.processEvents()
        for widget in window.findChildren(QWidget):
            if widget.isVisible():
                assert QFontInfo(widget.font()).pixelSize() >= TEXT, (hidden, widget, widget.objectName())
        everything = _marks_of(window)
        diagram = _of_the_diagram(window, monkeypatch)
        assert len([mark for mark in everything if mark.kind == "text"]) > 30
        assert len([mark for mark in diagram if mark.kind == "text"]) >= 8
        for mark in (*everything, *diagram):
            assert mark.kind != "text" or mark.size >= TEXT - NEARLY, (hidden, mark)
        quiet = {theme().color(name).name() for name in (*FRAMES, "window", "field")}  # frames and grids
        plots = [mark for view in (window.views.function_plot, window.views.loss_plot) for mark in _marks_of(view.plot)]
        for mark in (*diagram, *_marks_of(window.views.time_line.steps.track), *plots):
            if mark.kind == "line" and mark.what not in quiet:
                assert mark.size >= LINE - NEARLY, (hidden, mark)
    picture = QPixmap(100, 100)
    picture.setDevicePixelRatio(zoom().scale)
    with QPainter(picture) as painter:
        assert len(hairline_offsets(painter)) >= LINE  # beside each other


def _cut(window: MainWindow) -> Iterator[tuple[str, str]]:
    """The words in sight that do not fit where they stand."""
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        width_of = widget.fontMetrics().horizontalAdvance
        match widget:
            case ElidedLabel():
                text, is_cut = widget.text(), widget.drawn_text() != widget.text()
            case QLabel() if widget.wordWrap():
                text, is_cut = widget.text(), widget.heightForWidth(widget.width()) > widget.height()
            case QLabel():
                text, is_cut = widget.text(), widget.sizeHint().width() > widget.width()
            case QAbstractButton():
                text, is_cut = widget.text(), widget.sizeHint().width() > widget.width()
            case QComboBox():
                option, part = QStyleOptionComboBox(), QStyle.SubControl.SC_ComboBoxEditField
                widget.initStyleOption(option)
                room = widget.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, widget)
                text, is_cut = option.currentText, width_of(option.currentText) > room.width()
            case _:
                continue
        if is_cut:
            yield widget.objectName(), text


def _scrolls(window: MainWindow) -> bool:
    areas = (child(window, QScrollArea, name) for name in ("workspace", "viewsArea"))
    return any(bar.maximum() for area in areas for bar in (area.horizontalScrollBar(), area.verticalScrollBar()))


@pytest.fixture(params=SCREENS)
def on_screen(window: MainWindow, request: pytest.FixtureRequest) -> Iterator[tuple[MainWindow, float]]:
    """The window on one of the screens, and the least height of text there."""
    place = list(SCREENS).index(request.param)
    screen = QApplication.screens()[place]
    assert request.param == f"{screen.size().width()} x {screen.size().height()}"
    before = window.pos(), window.size()
    window.setScreen(screen)
    window.move(screen.geometry().topLeft())
    yield window, SCREENS[request.param]
    window.frame.presentation.set_on(False)
    window.setScreen(QApplication.screens()[0])
    window.move(before[0])
    window.resize(before[1])


def test_each_view_is_a_key_away_large_and_whole(on_screen: tuple[MainWindow, float], qtbot: QtBot) -> None:
    """At its zoom and after three times larger, where that fits."""
    window, least = on_screen
    window.session.edit({"training.stop_step": 20})
    train_to(window, qtbot, 20)
    window.session.keep()
    window.session.new_seed()
    train_to(window, qtbot, 20)
    with qtbot.waitSignal(window.views.experiments.finished):
        window.views.experiments.run("ladder", 2)
    child(window, QAbstractButton, "experimentDetails").setChecked(True)
    before = _state(window)
    _present(window, qtbot)
    bar = window.frame.names.bar
    assert [bar.tabText(place)[0] for place in range(bar.count())] == list("123456789")
    for times in range(2):
        for name, (key, called) in window.frame.layout.presentable.items():
            QTest.keyClick(window.frame.transport, Qt.Key(ord(key)))
            QApplication.processEvents()
            assert window.frame.arranger.presented == name
            assert bar.tabText(bar.currentIndex()) == f"{key} {called}"
            assert times or not bar.button.isVisible()  # all names are there with their keys
            says = child(window, ElidedLabel, "presentationEnd")
            assert times or (says.drawn_text().startswith("Esc") and says.drawn_text() == says.text())
            view, others = window.views[name], {"diagram", "function_plot", "loss_plot", "map"} - {name}
            assert view.isVisible()
            assert sum(window.views[other].isVisible() for other in others) == 1  # its companion
            assert view.height() > window.height() / 2
            assert view.visibleRegion().boundingRect().bottom() == view.rect().bottom()
            assert not _scrolls(window)
            if name == "experiments":  # its details do not squeeze its picture
                picture = child(view.plot, PlotWidget).getViewBox()
                assert picture.height() >= 110
                answer, headline = (child(view, QWidget, f"experiment{part}") for part in ("Answer", "Headline"))
                assert child(answer, QLabel).font().pointSizeF() <= child(headline, QLabel).font().pointSizeF()
            child(window.views.map, QWidget, "mapProgress").show()
            for _ in range(3):  # a layout can ask for another one
                QApplication.processEvents()
            assert not list(_cut(window)), name
            for mark in () if times else _marks_of(window):
                assert mark.kind != "text" or mark.size >= least - NEARLY, (name, mark)
            for widget in window.findChildren(QWidget):
                if widget.isVisible():
                    assert QFontInfo(widget.font()).pixelSize() >= least, (name, widget, widget.objectName())
        for _ in range(0 if times else 3):
            window.actions_["actionZoomIn"].trigger()
    child(window.views.map, QWidget, "mapProgress").hide()
    QTest.keyClick(window.frame.transport, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: _state(window) == before)


@pytest.mark.parametrize("name", ["experiments", "microscope", "map"])
def test_afterwards_the_window_is_what_it_was_pixel_by_pixel(window: MainWindow, qtbot: QtBot, name: str) -> None:
    """Also with the details of an experiment, and with the offer for newcomers put away before."""
    window.resize(1_280, 800)
    window.session.edit({"training.stop_step": 20})
    qtbot.waitUntil(lambda: window.session.state.status.compiled == "ready")
    transport, experiments, controller = window.frame.transport, window.views.experiments, window.context.controllers
    transport.show_tour(True)
    transport.show_tour(False)
    window.views.function_plot.plot.setXRange(-2, 2, padding=0)  # words beside the data stay where they moved to
    window.session.set_view(map=map_text(NAMED_MAPS["valley"].choice(ANY_WEIGHTS, None)))
    window.frame.layout.show(window.views[name])
    if name == "experiments":
        experiments.run("swarm", 16)
        qtbot.waitUntil(lambda: not experiments.is_running)
        child(experiments, QAbstractButton, "experimentDetails").click()
    train_to(window, qtbot, 20)

    def picture() -> QImage:
        if name == "map":
            qtbot.waitUntil(lambda: controller["map"].is_up_to_date)
        pictures = [window.grab().toImage()]
        while len(pictures) < 2 or pictures[-1] != pictures[-2]:  # one layout can ask for another one
            qtbot.waitUntil(lambda: not is_at_work(window))  # on a busy machine a picture stays while more is to come
            QTest.qWait(50)
            pictures.append(window.grab().toImage())
        grabbed = pictures[-1]
        if name == "map":  # which afterwards has more points
            plot = window.views.map.plot.plot
            at = plot.mapTo(window, plot.mapFromScene(plot.getViewBox().sceneBoundingRect()).boundingRect().topLeft())
            with QPainter(grabbed) as painter:
                painter.fillRect(QRect(at, plot.getViewBox().sceneBoundingRect().size().toSize()), Qt.GlobalColor.gray)
        return grabbed

    before = picture()
    _present(window, qtbot)
    window.actions_["actionPresentation"].trigger()
    qtbot.waitUntil(window.updatesEnabled)
    after = picture()
    assert after == before
    _press(window, Qt.Key.Key_Escape)  # one too many
    assert picture() == before


def test_a_lessons_page_has_one_view_beside_it(on_screen: tuple[MainWindow, float], qtbot: QtBot) -> None:
    """What it speaks of; neither is pushed off the edge."""
    window, _ = on_screen
    train_to(window, qtbot, 20)
    before = _state(window)
    window.features.lessons.open_file(str(LESSON))
    qtbot.waitUntil(window.views.lesson.isVisible)
    _present(window, qtbot)
    views = window.views

    def beside() -> set[str]:
        QApplication.processEvents()
        assert not _scrolls(window)
        assert not list(_cut(window))
        return {name for name in window.frame.layout.presentable if views[name].isVisible()}

    assert beside() == {"diagram"}  # which the page has large
    for _ in range(3):
        window.actions_["actionZoomIn"].trigger()
    assert beside() == {"diagram"}
    window.frame.arranger.reveal(views.function_plot)
    assert beside() == {"function_plot"}
    window.frame.layout.show(views.experiments)  # as a page does whose experiment begins
    assert beside() == {"experiments"}
    assert views.lesson.isVisible()
    QTest.keyClick(window.frame.transport, Qt.Key.Key_9)
    assert beside() == {"panel", "function_plot"}
    QTest.keyClick(window.frame.transport, Qt.Key.Key_2)
    assert beside() == {"function_plot"}
    assert views.lesson.isVisible()
    window.context.lesson_player.leave()
    assert beside() == {"diagram", "function_plot"}
    window.actions_["actionPresentation"].trigger()
    qtbot.waitUntil(lambda: _state(window) == before)


def test_a_question_and_its_choices_are_visible_together(
    on_screen: tuple[MainWindow, float], qtbot: QtBot, tmp_path: Path
) -> None:
    window, file = on_screen[0], tmp_path / "asks.md"
    choices = "".join(f'  {{text = "{text}", when = "step < 9"}},\n' for text in CHOICES)
    block = f'```lesson\nask = "Take one single step. By how much will the loss fall?"\nchoices = [\n{choices}]\n```\n'
    head = '+++\ntitle = "Asks"\nabout = "For tests."\nminutes = 1\n+++\n\n## What a loss is\n\n'
    file.write_text(head + "How wrong is it? " * 99 + "\n\n" + block, encoding="utf-8")
    window.features.lessons.open_file(str(file))
    qtbot.waitUntil(window.views.lesson.isVisible)
    _present(window, qtbot)
    question, area = child(window, QuestionBox), child(window, QScrollArea, "lessonArea")
    assert question.height() <= area.viewport().height()
    window.frame.presentation.set_percent(200)
    QApplication.processEvents()
    following = child(window, QWidget, "lessonNext")
    assert following.visibleRegion().boundingRect() == following.rect()
    window.actions_["actionPresentation"].trigger()
    assert child(window, QWidget, "lessonLeave").isVisible()


def test_nothing_is_painted_halfway(window: MainWindow, qtbot: QtBot) -> None:
    """From one layout to the other, with none in between."""
    paints = Paints(window.views.function_plot)
    for _ in range(2):
        window.actions_["actionPresentation"].trigger()
        qtbot.waitUntil(window.updatesEnabled)
        QTest.qWait(100)
        assert {*paints.sizes} <= {window.views.function_plot.size().toTuple()}
        paints.sizes.clear()
    window.views.function_plot.removeEventFilter(paints)


def _state(window: MainWindow) -> dict[str, object]:
    return places(window) | {"window": window.size().toTuple(), "zoom": zoom(), "full": window.isFullScreen()}


def test_a_presentation_keeps_full_screen_and_the_users_zoom(
    window: MainWindow,
) -> None:
    window.frame.presentation.set_percent(110)
    window.actions_["actionFullScreen"].trigger()
    assert window.isFullScreen()
    window.actions_["actionPresentation"].trigger()
    usual = zoom()
    window.actions_["actionZoomIn"].trigger()
    assert zoom().scale > usual.scale
    assert zoom().least_points == pytest.approx(usual.least_points)
    window.actions_["actionZoomReset"].trigger()
    assert zoom().scale == pytest.approx(usual.scale, abs=0.01)
    window.actions_["actionPresentation"].trigger()
    assert window.frame.presentation.percent == 110
    assert zoom() == Zoom(1.1)
    assert window.isFullScreen()
    window.actions_["actionFullScreen"].trigger()
    assert not window.isFullScreen()


def test_the_entries_of_the_status_line_keep_clear_of_each_other(window: MainWindow, qtbot: QtBot) -> None:
    train_to(window, qtbot, 400)
    for name in ("actionPresentation", "actionZoomIn", "actionZoomReset", "actionPresentation", "actionZoomReset"):
        window.actions_[name].trigger()
        for _ in range(9):  # late layouts
            QApplication.processEvents()
        seen = [label for label in window.frame.status.findChildren(QLabel) if label.isVisible() and label.text()]
        assert len(seen) > 2
        for place, label in enumerate(seen):
            assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width(), (name, label.text())
            assert not any(label.geometry().intersects(other.geometry()) for other in seen[:place]), name


def test_what_is_done_in_a_presentation(window: MainWindow) -> None:
    """A neuron is pinned, an explanation seen, a card takes the stage."""
    window.actions_["actionPresentation"].trigger()
    QApplication.processEvents()
    place = rectangle_of(window.views.diagram, NeuronRef(0, 4)).center()
    QTest.mouseClick(window.views.diagram, Qt.MouseButton.LeftButton, pos=place)
    assert window.context.selection.pinned == NeuronRef(0, 4)
    window.context.selection.pin(None)
    window.features["why"].banner.card.opened_changed.emit(True)
    assert window.features["why"].banner.card.isVisible()
    window.features["why"].banner.card.opened_changed.emit(False)
    assert not window.views.inspector.isVisible()
    window.frame.arranger.maximize(window.views.inspector)
    assert window.views.inspector.isVisible()
    assert not window.views.diagram.isVisible()
    QTest.keyClick(window.views.inspector, Qt.Key.Key_Escape)
    assert window.frame.presentation.is_on
    assert window.views.diagram.isVisible()
    assert not window.views.inspector.isVisible()
    QTest.keyClick(window.views.diagram, Qt.Key.Key_Escape)
    assert not window.frame.presentation.is_on
    assert window.views.inspector.isVisible()


def test_zoom_and_presentations_keep_the_panels_width(make_window: MakeWindow, qtbot: QtBot) -> None:
    """Also after 200 %, where it stands above the views."""

    def width(window: MainWindow, percent: int) -> int:
        window.frame.presentation.set_percent(percent)
        QApplication.processEvents()
        return child(window, QWidget, "sideTabs").width()

    window = make_window(remember=True)
    assert (width(window, 150), width(window, 200) > 0, width(window, 100)) == (414, True, 276)
    handle = child(window, QSplitter, "mainSplitter").handle(1)
    drag(handle, handle.rect().center(), handle.rect().center() + QPoint(24, 0))
    assert width(window, 150) == 450
    _present(window, qtbot)
    window.actions_["actionPresentation"].trigger()
    qtbot.waitUntil(window.updatesEnabled)
    assert width(window, 150) == 450
    window.close()
    again = make_window(remember=True)
    assert (width(again, 150), width(again, 100)) == (450, 300)


def test_a_window_closed_in_a_presentation_reopens_as_it_was(make_window: MakeWindow) -> None:
    SettingsStore().save(Config(), Preferences())  # whoever is new here is offered a lesson, in a place of its own
    first = make_window(remember=True)
    before = _state(first)
    first.actions_["actionPresentation"].trigger()
    first.frame.arranger.maximize(first.views.inspector)
    first.close()
    assert _state(make_window(remember=True)) == before


@pytest.mark.parametrize("hidden", [(1,), (3,), (5,), (10,), (4, 4), (3, 3, 3, 3)])
def test_the_boxes_fill_the_room_that_they_have(hidden: tuple[int, ...]) -> None:
    """They grow with the diagram, in both directions, and never come too close for their edges."""
    small, large = (make_layout((1, *hidden, 1), *size) for size in ((690.0, 340.0), (1_380.0, 680.0)))
    for before, after in zip(small.columns, large.columns, strict=True):
        assert after.box[0] > 1.2 * before.box[0]
        assert after.box[1] > 1.2 * before.box[1] or before.kind == "input"
        assert after.bottom <= large.height
        assert after.top >= 0
    for layout in (small, large):
        for one, other in zip(layout.columns, layout.columns[1:], strict=False):
            assert other.left - one.right >= 0.35 * (other.x - one.x)
