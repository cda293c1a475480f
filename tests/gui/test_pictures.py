"""Pictures of views: the same as on the screen, finer, in other colours, as SVG; and they carry their setting."""

import os
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPlainTextEdit, QTabWidget, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OFFSCREEN, ChooseFile, child, choose, files, is_at, warning
from tests.gui.pixels import colors_in, difference
from tests.runs import walk
from tests.sessions import session_of
from tests.systems import has_pipes
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.experiments.table import EXPERIMENTS
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.wording.setting_line import write_any_setting
from tinynet_gui.ui.features.pictures import PictureDialog
from tinynet_gui.ui.style.colors import DARK, LIGHT
from tinynet_gui.ui.widgets.pictures import SETTING_KEY, drawn, drawn_as_svg, grabbed, png
from tinynet_gui.ui.window.main_window import MainWindow
from tinynet_gui.ui.window.views import VIEWS

PICTURED = [record.name for record in VIEWS if record.has_picture]
pytestmark = OFFSCREEN


@pytest.fixture(scope="module")
def session() -> Session:
    """Two runs of 60 steps."""
    runs = (
        walk(Config().replace("network.hidden", hidden), [(60, "nothing", 0.0)], 20).run for hidden in ((10,), (5,))
    )
    return session_of(*(replace(run, id=number) for number, run in enumerate(runs, 1)))


@pytest.fixture
def trained(window: MainWindow, session: Session, qtbot: QtBot) -> MainWindow:
    """Two runs, something pinned, and nothing that moves."""
    window.resize(1280, 800)
    window.session.take_over(session)
    qtbot.waitUntil(lambda: is_at(window, 60))
    window.context.selection.pin(NeuronRef(0, 2))
    return window


def shown(window: MainWindow, name: str) -> QWidget:
    """A view that is in sight, with all that was asked for."""
    view: QWidget = window.views[name]
    tabs = child(window, QTabWidget, "resultTabs")
    if tabs.indexOf(view) >= 0:
        tabs.setCurrentWidget(view)
    elif not view.isVisible():  # a large tab has its place
        tabs.setCurrentWidget(window.views.loss_plot)
    for _ in range(3):  # a layout can ask for another one
        QApplication.processEvents()
    return view


def trigger(view: QWidget, action: str) -> None:
    child(view, QAction, action).trigger()


def drawn_from(svg: bytes, view: QWidget, background: QColor) -> QImage:
    """The picture of a view as a program draws it that reads SVG."""
    renderer, image = QSvgRenderer(svg), QImage(view.size(), QImage.Format.Format_RGB32)
    assert renderer.isValid()
    assert renderer.viewBox() == view.rect()
    image.fill(background)
    with QPainter(image) as painter:
        renderer.render(painter)
    return image


def text_in(svg: bytes) -> str:
    return " ".join("".join(element.itertext()) for element in ElementTree.fromstring(svg).iter() if element.text)


def _smaller(image: QImage, view: QWidget) -> QImage:
    return image.scaled(view.size(), mode=Qt.TransformationMode.SmoothTransformation)


def test_a_picture_is_what_is_on_the_screen(trained: MainWindow) -> None:
    """Also where everything is larger."""
    for percent in (100, 150):
        trained.frame.presentation.set_percent(percent)
        for name in PICTURED:
            view = shown(trained, name)
            before = view.grab().toImage()
            copied = grabbed(view)
            assert percent > 100 or drawn(view, LIGHT, 1) == copied, name
            for scale in (4,) if percent == 100 else (2,):
                image = drawn(view, LIGHT, scale)
                assert image.size() == view.size() * scale
                assert difference(_smaller(image, view), copied) < 6, name
            assert view.grab().toImage() == before, name


def test_in_other_colours_it_is_what_the_screen_shows_in_them(trained: MainWindow) -> None:
    here, there, most = LIGHT, DARK, {DARK.is_dark: 1.5, LIGHT.is_dark: 1.6}
    for name in PICTURED:
        view = shown(trained, name)
        before, copied, as_there = view.grab().toImage(), grabbed(view), drawn(view, there, 1)
        assert view.grab().toImage() == before  # nothing of it stays
        trained.set_scheme("dark" if there is DARK else "light")
        after = view.grab().toImage()
        assert difference(as_there, grabbed(view)) < most[there.is_dark], name
        assert difference(drawn(view, here, 1), copied) < most[here.is_dark], name
        assert view.grab().toImage() == after
        here, there = there, here


def test_an_experiment_in_other_colours_has_its_plot(trained: MainWindow) -> None:
    view = shown(trained, "experiments")
    for kind, axis in (("swarm", "seeds"), ("influence", "moved by")):
        result = EXPERIMENTS[kind].run(trained.session.config, 50, np.zeros(1, dtype=np.uint8), lambda *_: None)
        trained.views.experiments.finish(result)
        QApplication.processEvents()
        before = view.grab().toImage()
        images = [drawn(view, DARK, scale) for scale in (1, 2)]
        assert axis in text_in(drawn_as_svg(view, DARK))
        assert view.grab().toImage() == before, kind
        trained.set_scheme("dark")
        QApplication.processEvents()
        dark = grabbed(view)
        for image, most in zip(images, (0.5, 3), strict=True):
            assert difference(_smaller(image, view), dark) < most, kind
        trained.set_scheme("light")
        QApplication.processEvents()
        assert view.grab().toImage() == before, kind


def test_as_svg_its_text_is_text(trained: MainWindow, qtbot: QtBot) -> None:
    words_in = {
        "diagram": ("Linear(1, 5)", "ReLU", "positive"),
        "function_plot": ("What it computes", "samples", "−2", "no data here"),
        "loss_plot": ("Loss", "step"),
        "runs": ("5 neurons", "60"),
        "inspector": ("Neuron h₃", "value", "Neuron 3"),
        "microscope": ("Forward", "Backward", "neuron"),
        "time_line": ("step", "60"),
    }
    shown(trained, "microscope")
    qtbot.waitUntil(lambda: trained.views.microscope.dissection is not None)
    trained.views.inspector.numbers.show_all(True)
    for name, words in words_in.items():
        view = shown(trained, name)
        before = view.grab().toImage()
        svg = drawn_as_svg(view, LIGHT)
        assert view.grab().toImage() == before
        text = text_in(svg)
        assert all(word in text for word in words), name
        assert b"vector-effect" not in svg
        assert difference(drawn_from(svg, view, QColor("white")), before) < 12


def test_a_picture_of_a_card_has_no_buttons(trained: MainWindow) -> None:
    """That of the window has them."""
    for name in ("function_plot", "loss_plot", "inspector", "time_line"):
        view = shown(trained, name)
        as_svg = drawn_from(drawn_as_svg(view, LIGHT), view, LIGHT.color("window"))
        buttons = [button for button in view.findChildren(QToolButton) if button.isVisible()]
        assert buttons
        for image in (drawn(view, LIGHT, 1), grabbed(view), as_svg):
            for button in buttons:
                place = button.rect().translated(button.mapTo(view, QPoint())).adjusted(2, 2, -2, -2)
                assert len(colors_in(image.copy(place))) == 1, (name, button.objectName())
    assert grabbed(trained) == trained.grab().toImage()


@pytest.mark.parametrize("name", ["function_plot", "loss_plot"])
def test_axes_and_grid_lines_of_an_svg_are_not_clipped_away(trained: MainWindow, name: str) -> None:
    """Qt lets them have the clip of the text before, the box of a title."""
    root = ElementTree.fromstring(drawn_as_svg(shown(trained, name), LIGHT))
    boxes = {f"url(#{clip.get('id')})": _bounds(clip[0].get("d", "")) for clip in root.iter() if "clipPath" in clip.tag}
    clipped = [group for group in root.iter() if group.get("clip-path")]
    straight = 0
    for group in clipped:
        for line in group.iter():
            if line.tag.endswith("polyline"):
                straight += 1
                left, top, right, bottom = boxes[group.get("clip-path", "")]
                x0, y0, x1, y1 = _bounds(line.get("points", ""))
                assert left - 1 <= x0 <= x1 <= right + 1
                assert top - 1 <= y0 <= y1 <= bottom + 1
    assert straight >= 8


def _bounds(path: str) -> tuple[float, float, float, float]:
    points = [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)]
    x, y = zip(*points, strict=True)
    return min(x), min(y), max(x), max(y)


def test_a_proposed_name_says_the_view_and_the_setting(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    proposed: list[str] = []

    def remember(_parent: QWidget, _title: str, name: str, _kinds: str) -> tuple[str, str]:
        proposed.append(os.path.basename(name))
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", remember)
    changes: dict[str, dict[str, object]] = {
        "tutorial": {},
        "hidden=8,8, lr=0.01": {"network.hidden": (8, 8), "training.learning_rate": 0.01},
        "target=formula, formula=x_20_202": {"data.target": "formula", "data.formula": "x / 2"},
        "own samples": {"data.points": Points(range(60), range(60))},
    }
    for change in changes.values():
        window.session.set_config(Config().with_changes(change))
        ask(window.views.loss_plot, window, pictureFormat="png")
    assert proposed == [f"loss_plot, {said}.png" for said in changes]


def test_a_curve_in_svg_has_its_place_and_its_width(trained: MainWindow) -> None:
    """The network's curve stands in the picture's own coordinates where the plot draws it."""
    plot = trained.views.function_plot
    root = ElementTree.fromstring(drawn_as_svg(plot, LIGHT))
    groups = [group for group in root.iter() if group.get("stroke") == LIGHT.ink and len(group) and len(group[0]) == 0]
    texts = {
        width: " ".join(
            shape.get("d", "") + shape.get("points", "") for g in groups if _width(g) == width for shape in g
        )
        for width in map(_width, groups)
    }
    found = [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", texts[max(texts)])]
    assert len(found) >= 3
    curve_x, curve_y = plot.layers.network.curve()
    box = plot.plot.getViewBox()
    corner = plot.plot.mapTo(plot, QPoint(0, 0))
    for x, y in found:
        place = box.mapSceneToView(QPointF(x - corner.x(), y - corner.y()))
        assert place.y() == pytest.approx(float(np.interp(place.x(), curve_x, curve_y)), abs=0.05)


def _width(group: ElementTree.Element) -> float:
    return float(group.get("stroke-width", "0"))


def test_a_png_carries_its_setting(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    x = [float(n) for n in range(60)]
    of_points = Config().replace("data.points", Points(x, x, origin="“mine”"))
    file = tmp_path / "a.png"
    for config in (Config().replace("network.hidden", (8, 8)), of_points):  # as a line, and as JSON
        file.write_bytes(png(window.grab().toImage(), write_any_setting(config)))
        window.context.incoming.take(files(file))
        assert window.session.config == config
        window.session.undo()
        window.context.incoming.take(files(file))
        assert window.session.config == config
        window.session.undo()
    window.grab().save(str(file))  # without one
    window.context.incoming.take(files(file))
    assert "there is no setting in it" in warning(window, qtbot)
    assert window.session.config == Config()


@has_pipes
def test_no_pipe_is_opened_as_a_picture(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.png")
    window.context.incoming.take(files(tmp_path / "x.png"))
    assert "it is not a plain file, but a pipe or a device" in warning(window, qtbot)


def test_every_view_copies_its_picture_with_its_setting(trained: MainWindow) -> None:
    clipboard, control = QGuiApplication.clipboard(), Qt.KeyboardModifier.ControlModifier
    for name in PICTURED:
        view = shown(trained, name)
        trigger(view, "copyPicture")
        image = clipboard.image()
        assert image.size() == view.size()
        assert image.text(SETTING_KEY) == "hidden=5"
    clipboard.clear()
    trained.views.diagram.setFocus()
    QTest.keyClick(trained.views.diagram, Qt.Key.Key_C, control)  # which copies what is selected, or else the picture
    assert clipboard.image().size() == trained.views.diagram.size()
    trained.session.set_config(Config())
    trained.actions_["actionPasteData"].trigger()
    assert trained.session.config == Config().replace("network.hidden", (5,))
    for text in trained.views.inspector.findChildren(QPlainTextEdit):
        text.selectAll()
        if text.textCursor().hasSelection():
            QTest.keyClick(text, Qt.Key.Key_C, control)
            assert clipboard.text()


def ask(view: QWidget, window: MainWindow, **choices: object) -> None:
    trigger(view, "savePicture")
    dialog = child(window, PictureDialog)
    for name, value in choices.items():
        choose(dialog, name, value)
    dialog.accept()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_picture_is_saved_as_chosen(
    trained: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path
) -> None:
    view = shown(trained, "function_plot")
    choose_file(tmp_path / "a.png")
    ask(view, trained, pictureFormat="png", pictureSize=2, pictureColours=True)
    image = QImage(str(tmp_path / "a.png"))
    assert image.size() == view.size() * 2
    assert image.text(SETTING_KEY) == "hidden=5"
    assert trained.frame.status.currentMessage() == "saved the picture to a.png"
    choose_file(tmp_path / "a.svg")
    ask(view, trained, pictureFormat="svg")
    assert "What it computes" in text_in((tmp_path / "a.svg").read_bytes())
    choose_file(tmp_path / "no folder" / "a.png")
    ask(view, trained, pictureFormat="png")
    assert "Nothing was saved" in warning(trained, qtbot)


def test_the_numbers_are_saved(trained: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path) -> None:
    for name, heading, count in (
        ("loss_plot", "step,training loss", 61),
        ("runs", "run,hidden,step,training loss", 3),
    ):
        file = tmp_path / f"{name}.csv"
        choose_file(file)
        trigger(shown(trained, name), "saveNumbers")
        qtbot.waitUntil(file.exists)
        lines = file.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith(heading)
        assert len(lines) == count
    trigger(shown(trained, "experiments"), "saveNumbers")
    assert "run an experiment first" in warning(trained, qtbot)
