"""A layer that is pinned: by mouse and keyboard, in the inspector, edited and frozen."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, trained_snapshot
from tests.not_none import not_none
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.text.numbers import signed
from tinynet_gui.core.wording.network_text import module_texts
from tinynet_gui.core.wording.neurons import LISTED
from tinynet_gui.ui.views.diagram.layout import find_at, make_layout
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.diagram.painter import heading, title_font
from tinynet_gui.ui.views.inspector.inspector import Inspector
from tinynet_gui.ui.widgets.selection import Selection

SHAPES = [(), (1,), (5,), (10,), (100,), (8, 8, 8), (20, 20), (4,) * 6]
PYTORCH = 1


def _label(inspector: Inspector, name: str) -> str:
    return child(inspector, QLabel, name).text().replace("\N{NO-BREAK SPACE}", " ")


def _freeze(inspector: Inspector) -> QCheckBox:
    return child(inspector, QCheckBox, "inspectorFreeze")


def _rows(inspector: Inspector) -> list[list[str]]:
    model = inspector.numbers.table.model_of_parameters
    return [[model.text(row, heading) for heading in range(4)] for row in model.rows]


@pytest.mark.parametrize("hidden", SHAPES)
def test_a_click_on_a_heading_pins_and_unpins_the_layer(
    diagram: NetworkDiagram, selection: Selection, hidden: tuple[int, ...]
) -> None:
    diagram.show_snapshot(trained_snapshot(hidden, 1))
    layout = diagram.layout_of_network
    for column in layout.columns:
        left, top, width, height = layout.heading(column)
        center = QPoint(round(left + width / 2), round(top + height / 2))
        expected = None if column.kind == "input" else LayerRef(column.layer)
        QTest.mouseMove(diagram, center)
        assert selection.hovered == expected
        assert (diagram.cursor().shape() == Qt.CursorShape.PointingHandCursor) == (expected is not None)
        QTest.mouseClick(diagram, Qt.MouseButton.LeftButton, pos=center)
        assert selection.pinned == expected
        QTest.mouseClick(diagram, Qt.MouseButton.LeftButton, pos=center)
        assert selection.pinned is None


@pytest.mark.parametrize("hidden", [(5,), (20, 20), (100,)])
def test_a_click_on_the_other_column_of_what_is_pinned_keeps_it(
    diagram: NetworkDiagram, selection: Selection, hidden: tuple[int, ...]
) -> None:
    diagram.show_snapshot(trained_snapshot(hidden, 1))
    layout = diagram.layout_of_network
    linear, activation = (c for c in layout.columns if c.layer == 0)
    headings = [layout.heading(column) for column in (linear, activation)]
    titles = [QPoint(round(left + width / 2), round(top + height / 2)) for left, top, width, height in headings]
    boxes = [QPoint(round(column.x), round(column.y[2])) for column in (linear, activation)]
    for first, other in (titles, titles[::-1], boxes, boxes[::-1]):
        ref = not_none(diagram.ref_at(first.x(), first.y()))
        for place, expected in ((first, ref), (other, ref), (other, None), (first, ref), (first, None)):
            QTest.mouseClick(diagram, Qt.MouseButton.LeftButton, pos=place)
            assert selection.pinned == expected


@pytest.mark.parametrize("width", [286, 360, 700, 1_400])
@pytest.mark.parametrize("hidden", [*SHAPES, (1_000,), (10,) * 6])
def test_headings_are_above_their_neurons_without_overlap(qtbot: QtBot, hidden: tuple[int, ...], width: int) -> None:
    snapshot, metrics = trained_snapshot(hidden, 0), QFontMetricsF(title_font())
    layout = make_layout((1, *hidden, 1), width, 300)
    places = [layout.heading(column) for column in layout.columns]
    for (left, _, room, _), (following, *_) in pairwise(places):
        assert left + room <= following
    for column, (_, top, _, height) in zip(layout.columns, places, strict=True):
        assert 0 <= top < top + height < column.top
        if column.kind != "input":
            assert find_at(layout, (), column.x, column.top) == NeuronRef(column.layer, 0)
        room = layout.heading(column)[2]
        title, _ = heading(column, snapshot.config.network, room)
        assert metrics.horizontalAdvance(title) <= room
        if column.kind not in ("input", "activation"):
            rows, columns = snapshot.layers[column.layer].weight.shape
            forms = f"Linear({columns}, {rows})", f"{columns} → {rows}", f"{columns}→{rows}", f"{rows}"
            assert title in forms
            if metrics.horizontalAdvance(forms[2]) <= room - 4:
                assert title != forms[3]


def test_a_pinned_layer_is_outlined(diagram: NetworkDiagram, selection: Selection) -> None:
    diagram.show_snapshot(trained_snapshot((10,)))
    plain = diagram.grab().toImage()
    for layer in range(2):
        selection.pin(LayerRef(layer))
        image = diagram.grab().toImage()
        for column in diagram.layout_of_network.columns:
            left, top, _, height = (round(part) for part in diagram.layout_of_network.heading(column))
            changed = any(
                image.pixelColor(x, top + height // 2) != plain.pixelColor(x, top + height // 2)
                for x in range(left - 2, left + 3)
            )
            assert changed == (column.layer == layer)
    selection.pin(None)
    assert diagram.grab().toImage() == plain


def test_the_card_sums_a_layer_up(diagram: NetworkDiagram, selection: Selection) -> None:
    snapshot = trained_snapshot((10, 4), 2_000)
    diagram.show_snapshot(snapshot)
    selection.hover(LayerRef(1))
    text = diagram.accessibleDescription()  # the card itself is short
    largest = max(snapshot.layers[1].weight.ravel().tolist(), key=abs)
    dead = f"dead: {np.count_nonzero(snapshot.active_counts[1] == 0) or 'none'} of 4 neurons"
    assert "Hidden layer 2 · Linear(10,\N{NO-BREAK SPACE}4)" in text
    assert "u = W·h[1] + b, h[2] = ReLU(u)" in text
    assert "weight (4, 10) and bias (4,): 44 parameters" in text
    assert f"largest weight {signed(largest)}, from" in text
    assert dead in text
    assert "Hidden layer 2 · Linear(10,\N{NO-BREAK SPACE}4)" in diagram.card.text()
    assert "u = W·h[1] + b, h[2] = ReLU(u)" in diagram.card.text()
    assert dead in diagram.card.text()
    selection.hover(LayerRef(2))
    assert "Output layer · Linear(4,\N{NO-BREAK SPACE}1)" in diagram.card.text()
    assert "ŷ = W·h[2] + b" in diagram.card.text()
    assert "dead" not in diagram.card.text()


def test_the_keyboard_walks_to_layers(diagram: NetworkDiagram, selection: Selection) -> None:
    diagram.show_snapshot(trained_snapshot((3, 2)))
    walk: list[tuple[Qt.Key, Ref]] = [
        (Qt.Key.Key_Down, NeuronRef(0, 0)),
        (Qt.Key.Key_Up, LayerRef(0)),
        (Qt.Key.Key_Up, LayerRef(0)),
        (Qt.Key.Key_Left, LayerRef(0)),
        (Qt.Key.Key_Right, LayerRef(1)),
        (Qt.Key.Key_Right, LayerRef(2)),
        (Qt.Key.Key_Right, LayerRef(2)),
        (Qt.Key.Key_Down, NeuronRef(2, 0)),
        (Qt.Key.Key_Up, LayerRef(2)),
        (Qt.Key.Key_Left, LayerRef(1)),
        (Qt.Key.Key_End, NeuronRef(1, 1)),
        (Qt.Key.Key_Up, NeuronRef(1, 0)),
        (Qt.Key.Key_Up, LayerRef(1)),
        (Qt.Key.Key_Home, NeuronRef(1, 0)),
        (Qt.Key.Key_PageUp, LayerRef(1)),
    ]
    for key, expected in walk:
        QTest.keyClick(diagram, key)
        assert selection.hovered == expected
    QTest.keyClick(diagram, Qt.Key.Key_Return)
    assert selection.pinned == LayerRef(1)
    QTest.keyClick(diagram, Qt.Key.Key_Left)
    assert (selection.pinned, selection.hovered) == (LayerRef(0), LayerRef(0))
    QTest.keyClick(diagram, Qt.Key.Key_Escape)
    assert selection.pinned is None
    assert not diagram.card.isVisible()


@pytest.mark.parametrize("hidden", SHAPES)
def test_the_inspector_lists_the_layers_largest_numbers(
    inspector: Inspector, selection: Selection, hidden: tuple[int, ...]
) -> None:
    later = trained_snapshot(hidden, 50)
    inspector.show_snapshot(later)
    for layer, here in enumerate(later.layers):
        selection.pin(LayerRef(layer))
        shown = inspector.numbers.table.model_of_parameters.rows
        for kind in ("weight", "bias"):
            values = getattr(here, kind)
            places = [row.parameter.ref.index for row in shown if row.parameter.ref.kind == kind]
            assert len(set(places)) == len(places) == min(values.size, LISTED)
            assert places == sorted(places)  # by row
            least = min(abs(values[place]) for place in places)
            assert sum(np.abs(values.ravel()) > least) < len(places)
        facts = _label(inspector, "inspectorFacts")
        assert f"{here.weight.size + here.bias.size:,} parameters" in facts
        assert (f"{here.weight.size - LISTED:,} more weights" in facts) == (here.weight.size > LISTED)
        assert (f"{here.bias.size - LISTED:,} more biases" in facts) == (here.bias.size > LISTED)


def test_the_rows_say_whose_they_are(inspector: Inspector, selection: Selection) -> None:
    inspector.show_snapshot(trained_snapshot((2,)))
    selection.pin(LayerRef(0))
    assert [row[0] for row in _rows(inspector)] == ["x → h₁", "x → h₂", "bias h₁", "bias h₂"]
    assert _label(inspector, "inspectorTitle") == "Hidden layer · Linear(1, 2)"
    assert _label(inspector, "inspectorFormulaText") == "u = W·x + b, h = ReLU(u)"
    selection.pin(LayerRef(1))
    assert [row[0] for row in _rows(inspector)] == ["h₁ → ŷ", "h₂ → ŷ", "bias ŷ"]
    assert _label(inspector, "inspectorTitle") == "Output layer · Linear(2, 1)"
    assert _label(inspector, "inspectorFormulaText") == "ŷ = W·h + b"


def test_pytorch_prints_only_the_layer_and_its_activation(inspector: Inspector, selection: Selection) -> None:
    snapshot = trained_snapshot((8, 8, 8))
    inspector.show_snapshot(snapshot)
    inspector.tabs.setCurrentIndex(PYTORCH)
    for layer in (1, 3):
        selection.pin(LayerRef(layer))
        modules = [module for module in module_texts(snapshot.layers, "relu") if module.layer == layer]
        expected: list[str] = []
        for module in modules:
            expected += [module.title, *(f"# {shape}" for shape in module.shapes)]
            expected += module.parameters or ["[]"]
        assert inspector.torch_text.text() == "\n".join(expected)
        assert inspector.torch_text.marked() == []
    selection.pin(NeuronRef(1, 3))
    assert inspector.torch_text.text().count("Linear(") == 4
    assert len(inspector.torch_text.marked()) == 2


def test_what_lies_within_a_frozen_layer_is_shown_as_held(inspector: Inspector, selection: Selection) -> None:
    inspector.show_snapshot(trained_snapshot((3, 2)))
    selection.pin(LayerRef(1))
    inspector.show_frozen(frozenset({LayerRef(1)}))
    held = [row.is_frozen for row in inspector.numbers.table.model_of_parameters.rows]
    assert held == [True] * 8
    assert (_freeze(inspector).checkState(), _freeze(inspector).isEnabled()) == (Qt.CheckState.Checked, True)
    for ref in (NeuronRef(1, 1), WeightRef(1, 0, 2)):
        selection.pin(ref)
        assert (_freeze(inspector).checkState(), _freeze(inspector).isEnabled()) == (Qt.CheckState.Checked, False)
        assert "Hidden layer 2" in _freeze(inspector).toolTip()
    selection.pin(NeuronRef(0, 0))  # its weights out lie in the frozen layer
    held = [row.is_frozen for row in inspector.numbers.table.model_of_parameters.rows]
    assert held == [False, False, True, True]
    assert _freeze(inspector).checkState() == Qt.CheckState.Unchecked


def test_a_frozen_part_is_shown_as_a_part_and_a_click_holds_all(
    inspector: Inspector, selection: Selection, qtbot: QtBot
) -> None:
    inspector.show_snapshot(trained_snapshot((3, 2)))
    inspector.show_frozen(frozenset({WeightRef(1, 0, 2)}))
    refs: tuple[tuple[Ref, int], ...] = ((NeuronRef(1, 0), 1), (LayerRef(1), 1), (NeuronRef(0, 2), 1))
    for ref, held in refs:
        selection.pin(ref)
        assert sum(row.is_frozen for row in inspector.numbers.table.model_of_parameters.rows) == held
        is_within = ref != NeuronRef(0, 2)
        assert (_freeze(inspector).checkState() == Qt.CheckState.PartiallyChecked) == is_within
    selection.pin(NeuronRef(1, 0))
    with qtbot.waitSignal(inspector.frozen_toggled) as told:
        _freeze(inspector).click()
    assert told.args == [NeuronRef(1, 0), True]
    inspector.show_frozen(frozenset())
    with qtbot.waitSignal(inspector.frozen_toggled) as told:
        _freeze(inspector).click()
    assert told.args == [NeuronRef(1, 0), True]  # unchecked, and not half: one click holds it
    model = inspector.numbers.table.model_of_parameters
    label, bias = model.index(0, 0), model.index(3, 0)
    for frozen in ((), (WeightRef(1, 0, 0),)):  # a held row says so
        inspector.show_frozen(frozenset(frozen))
        assert ("frozen" in label.data(Qt.ItemDataRole.ToolTipRole)) == bool(frozen)
        assert (label.data(Qt.ItemDataRole.DecorationRole) is not None) == bool(frozen)
        assert bias.data(Qt.ItemDataRole.DecorationRole) is None
        assert ("frozen" in inspector.numbers.table.text()) == bool(frozen)


def test_what_is_frozen_has_a_lock_in_the_diagram(diagram: NetworkDiagram) -> None:
    diagram.show_snapshot(trained_snapshot((10,)))
    plain = diagram.grab().toImage()
    pictures = [plain]
    for ref in (LayerRef(0), NeuronRef(0, 3), WeightRef(1, 0, 5)):
        diagram.show_frozen(frozenset({ref}))
        pictures.append(diagram.grab().toImage())
    assert all(a != b for place, a in enumerate(pictures) for b in pictures[:place])
    diagram.show_frozen(frozenset({NeuronRef(0, 70)}))  # of another network
    assert diagram.grab().toImage() == plain
    diagram.show_frozen(frozenset())
    assert diagram.grab().toImage() == plain
