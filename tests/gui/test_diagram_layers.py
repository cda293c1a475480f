"""What the diagram keeps from one paint to the next is what it would draw anew."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, recolor, seen, trained_snapshot
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, WeightRef
from tinynet_gui.core.step.dissection import BACKWARD, FORWARD, dissect, step_flow
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.ui.style.colors import DARK, LIGHT, Theme
from tinynet_gui.ui.style.theme import Zoom, set_theme, theme, zoom_application
from tinynet_gui.ui.views.diagram import network_diagram
from tinynet_gui.ui.views.diagram.flow_painter import Notes
from tinynet_gui.ui.views.diagram.layout import choose_edges, make_layout
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.diagram.painter import paint_network
from tinynet_gui.ui.widgets.cards import MaximizeButton, filled
from tinynet_gui.ui.widgets.pictures import REST_MS, Layers, directly
from tinynet_gui.ui.widgets.selection import Selection

State = dict[str, Any]
START: State = {
    "theme": LIGHT,
    "size": (482, 389),
    "deaths": {},
    "frozen": frozenset(),
    "off": frozenset(),
    "flow": None,
    "probe": None,
    "pinned": None,
}


def _of(hidden: tuple[int, ...], activation: str = "relu") -> Config:
    return Config().with_changes({"network.hidden": hidden, "network.activation": activation})


def _with_dead(snapshot: Snapshot) -> Snapshot:
    counts = snapshot.active_counts[0].copy()
    counts[::3] = 0
    return replace(snapshot, active_counts=(counts, *snapshot.active_counts[1:]))


def _show(diagram: NetworkDiagram, selection: Selection, changes: State) -> None:
    for what, value in changes.items():
        match what:
            case "zoom":
                zoom_application(value)
                recolor(diagram, theme())
            case "theme":
                recolor(diagram, value)
            case "size":
                diagram.resize(*value)
            case "deaths":
                diagram.show_deaths(1, value)
            case "off":
                diagram.show_switched_off(value)
            case "pinned":
                selection.pin(value)
            case _:
                getattr(diagram, f"show_{what}")(value)


def _changes() -> list[State]:
    dissection = dissect(Config(), Trainer(Config()).state())
    return [
        {},
        {"snapshot": trained_snapshot(Config(), 50)},
        {"theme": DARK},
        {"snapshot": trained_snapshot(Config(), 100)},
        {"theme": LIGHT, "pinned": NeuronRef(0, 3)},
        {"frozen": frozenset({WeightRef(0, 2, 0), LayerRef(1), NeuronRef(0, 5)})},
        {"size": (700, 430), "pinned": None},
        {"frozen": frozenset()},
        {"snapshot": _with_dead(trained_snapshot(Config(), 100))},
        {"deaths": {(0, 3): None}},
        {"off": frozenset({NeuronRef(0, 3)})},
        {"off": frozenset()},
        {"zoom": Zoom(1.25)},
        {"zoom": Zoom(1.25, 12.0, 2.0)},
        {"zoom": Zoom()},
        {"ratio": 1.5},
        {"flow": step_flow(dissection, FORWARD, None), "snapshot": trained_snapshot(Config(), 0)},
        {"flow": step_flow(dissection, BACKWARD, None)},
        {"flow": None},
        {"probe": -1.25},
        {"snapshot": trained_snapshot(Config(), 100), "probe": 2.0},
        {"probe": None},
        {"snapshot": trained_snapshot(_of((10,), "tanh"), 5)},
        {"size": (404, 200), "ratio": 1.0},
        {"snapshot": trained_snapshot(_of((8, 8)), 5)},
        {"snapshot": trained_snapshot(_of((8, 8, 8)), 5)},
        {"snapshot": trained_snapshot(_of((60,)), 5)},
        {"snapshot": trained_snapshot(_of((300,)), 5)},
        {"snapshot": _with_dead(trained_snapshot(_of((300,)), 5))},
        {},
    ]


def _is_seen(diagram: NetworkDiagram) -> QImage:
    QApplication.processEvents()  # its size
    diagram.repaint()
    screen = diagram.backingStore().paintDevice()
    assert isinstance(screen, QImage)
    return screen.copy(diagram.rect())


def test_after_changes_and_a_rest_it_is_as_drawn_from_nothing(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is at once where it is grabbed, though the screen has a draft."""
    screen = {"ratio": 1.0}
    monkeypatch.setattr(NetworkDiagram, "devicePixelRatioF", lambda _: screen["ratio"])
    monkeypatch.setattr(network_diagram, "QUICK_MS", REST_MS + 1)  # however long a change takes
    state, selection = {"snapshot": trained_snapshot(Config(), 5), **START}, Selection()
    kept = seen(qtbot, NetworkDiagram(selection), *START["size"])
    rest, drafts = child(kept, QTimer, "diagramRests"), 0
    _show(kept, selection, state)
    child(kept, MaximizeButton).hide()  # it is seen under the mouse
    for is_grabbed, change in enumerate(_changes()):
        if "ratio" in change:
            screen["ratio"] = change.pop("ratio")
            kept.redraw()
        _show(kept, selection, change)
        state |= change
        another = Selection()
        new = NetworkDiagram(another)
        _show(new, another, state)
        wanted = new.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        drafts += _is_seen(kept) != wanted
        if is_grabbed % 2:
            assert kept.grab().toImage().convertToFormat(QImage.Format.Format_RGB32) == wanted, change
        rest.timeout.emit()
        assert _is_seen(kept) == wanted, change
        new.deleteLater()
    assert drafts > 5


@pytest.mark.parametrize("scale", [1.0, 1.25])
@pytest.mark.parametrize("wanted", [LIGHT, DARK])
def test_the_card_of_a_draft_is_the_one_at_rest(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, wanted: Theme, scale: float
) -> None:
    """Qt paints nothing below a draft: neither on the screen nor where it is grabbed, alone or with what is around."""
    monkeypatch.setattr(network_diagram, "QUICK_MS", REST_MS + 1)
    zoom_application(Zoom(scale))
    diagram, window = NetworkDiagram(Selection()), QWidget()
    filled(QVBoxLayout(window), diagram, margins=(9, 9, 9, 9))
    seen(qtbot, window, 500, 400, wanted)
    child(diagram, MaximizeButton).hide()
    for _ in range(2):
        diagram.show_snapshot(trained_snapshot(Config(), 40))
        QApplication.processEvents()
    screen = window.backingStore().paintDevice()
    assert isinstance(screen, QImage)
    draft, grabs = screen.copy(), []
    for view in 2 * (diagram, window):
        grabs.append(view.grab().toImage())
        if len(grabs) == 1:
            diagram.show_snapshot(trained_snapshot(Config(), 40))
    assert grabs[:2] == grabs[2:]
    QApplication.processEvents()
    apart = np.array(draft.constBits(), np.int16) - np.array(screen.constBits(), np.int16)
    assert 0 < np.abs(apart).max() <= 3
    for is_under_mouse in (False, True):
        diagram.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, is_under_mouse)
        diagram.show_snapshot(trained_snapshot(Config(), 40))
        assert child(diagram, MaximizeButton).updatesEnabled() == is_under_mouse


def test_a_layer_is_drawn_anew_only_if_it_differs_or_in_turn(qapp: QApplication) -> None:
    drawn: list[tuple[object, ...]] = []

    def paint(painter: QPainter, *arguments: object) -> int:
        drawn.append(arguments)
        painter.fillRect(1, 1, 3, 3, LIGHT.color("ink"))
        return len(arguments)

    layers = Layers(2.0)
    for arguments, moment, is_new in (
        ((1, "a"), (), True),
        ((1, "a"), (), False),
        ((2, "a"), (), True),
        ((2,), (), True),
        ((2,), (3,), True),
        ((2,), (4,), False),
        ((2,), (5,), False),
        ((2,), (6,), False),
        ((2,), (7,), True),
        ((3,), (8,), True),
    ):
        drawn.clear()
        layers.frame += 1
        layered, direct = QPixmap(9, 9), QPixmap(9, 9)
        results = []
        for picture, draw in (layered, layers.draw), (direct, directly):
            picture.setDevicePixelRatio(2.0)
            picture.fill(LIGHT.color("card"))
            with QPainter(picture) as painter:
                results.append(draw(painter, (0, 0, 4.5, 4.5), paint, *arguments, moment=moment, turn=3))
        assert len(drawn) == 1 + is_new
        assert layered.toImage() == direct.toImage()
        assert results == [len(arguments) + len(moment)] * 2


@pytest.mark.parametrize("wanted", [LIGHT, DARK])
@pytest.mark.parametrize("hidden", [(), (3,), (10,), (12,), (20,), (60,), (8, 8, 8)])
def test_a_draft_of_a_moment_differs_by_at_most_three_of_255(
    qapp: QApplication, hidden: tuple[int, ...], wanted: Theme
) -> None:
    """Above all where thick edges end under the outline of a box."""
    set_theme(wanted)
    snapshot = trained_snapshot(_of(hidden), 40)
    for width, height, ratio in ((482, 389, 1.0), (482, 389, 1.25), (700, 430, 0.8), (404, 200, 1.0), (360, 190, 2.0)):
        layout, colors = make_layout((1, *hidden, 1), width, height), []
        layers = Layers(ratio)
        for draw in layers.draw, directly:
            pixmap = QPixmap(round(width * ratio), round(height * ratio))
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            with QPainter(pixmap) as painter:
                edges = choose_edges(snapshot)
                paint_network(painter, layout, edges, snapshot, {}, frozenset(), notes=Notes(), draw=draw)
            colors.append(np.array(pixmap.toImage().constBits(), np.int16))
        assert np.abs(colors[0] - colors[1]).max() <= 3, (width, height, ratio)
