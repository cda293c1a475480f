"""What the diagram keeps from one paint to the next is what it would draw anew."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.conftest import recolor, seen, trained_snapshot
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, WeightRef
from tinynet_gui.core.step.dissection import BACKWARD, FORWARD, dissect, step_flow
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.ui.style.colors import DARK, LIGHT, Theme
from tinynet_gui.ui.style.theme import Zoom, set_theme, theme, zoom_application
from tinynet_gui.ui.views.diagram.flow_painter import Notes
from tinynet_gui.ui.views.diagram.layout import choose_edges, make_layout
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.diagram.painter import Layers, directly, paint_network
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


def test_after_every_change_it_is_the_picture_drawn_from_nothing(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = {"ratio": 1.0}
    monkeypatch.setattr(NetworkDiagram, "devicePixelRatioF", lambda _: screen["ratio"])
    state, selection = {"snapshot": trained_snapshot(Config(), 5), **START}, Selection()
    kept = seen(qtbot, NetworkDiagram(selection), *START["size"])
    _show(kept, selection, state)
    for change in _changes():
        screen["ratio"] = change.pop("ratio", screen["ratio"])
        _show(kept, selection, change)
        state |= change
        another = Selection()
        new = NetworkDiagram(another)
        _show(new, another, state)
        kept.redraw()
        assert kept.grab().toImage() == new.grab().toImage(), change
        new.deleteLater()


def test_a_layer_is_drawn_anew_only_if_it_would_differ(qapp: QApplication) -> None:
    drawn: list[tuple[object, ...]] = []

    def paint(painter: QPainter, *arguments: object) -> None:
        drawn.append(arguments)
        painter.fillRect(1, 1, 3, 3, LIGHT.color("ink"))

    layers = Layers()
    for percent, size, ratio, arguments, is_new in (
        (100, 8, 1.0, (1, "a"), True),
        (100, 8, 1.0, (1, "a"), False),
        (100, 8, 1.0, (2, "a"), True),
        (100, 9, 1.0, (2, "a"), True),
        (100, 9, 2.0, (2, "a"), True),
        (125, 9, 2.0, (2, "a"), True),
        (125, 9, 2.0, (2, "a"), False),
        (125, 9, 2.0, (2,), True),
    ):
        zoom_application(Zoom(percent / 100))
        drawn.clear()
        layered, direct = QPixmap(size, size), QPixmap(size, size)
        for picture, draw in ((layered, layers.draw), (direct, lambda painter, paint, *rest: paint(painter, *rest))):
            picture.setDevicePixelRatio(ratio)
            picture.fill(LIGHT.color("card"))
            with QPainter(picture) as painter:
                draw(painter, paint, *arguments)
        assert len(drawn) == 1 + is_new
        assert layered.toImage() == direct.toImage()


@pytest.mark.parametrize("wanted", [LIGHT, DARK])
@pytest.mark.parametrize("hidden", [(), (3,), (10,), (12,), (20,), (60,), (8, 8, 8)])
def test_the_layers_give_to_the_bit_what_is_drawn_directly(
    qapp: QApplication, hidden: tuple[int, ...], wanted: Theme
) -> None:
    """Above all where thick edges end under the outline of a box."""
    set_theme(wanted)
    snapshot = trained_snapshot(_of(hidden), 40)
    for width, height, ratio in ((482, 389, 1.0), (482, 389, 1.25), (700, 430, 0.8), (404, 200, 1.0), (360, 190, 2.0)):
        pictures = [QPixmap(round(width * ratio), round(height * ratio)) for _ in range(2)]
        layout = make_layout((1, *hidden, 1), width, height)
        for picture, draw in zip(pictures, (Layers().draw, directly), strict=True):
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            with QPainter(picture) as painter:
                edges = choose_edges(snapshot)
                paint_network(painter, layout, edges, snapshot, {}, frozenset(), notes=Notes(), draw=draw)
        assert pictures[0].toImage() == pictures[1].toImage(), (width, height, ratio)
