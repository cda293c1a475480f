"""The card about what is pointed at: small, aside, and only where the inspector does not say the same."""

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QTest

from tests.gui.conftest import trained_snapshot
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.ui.views.diagram.card_place import place_card, spoken_of
from tinynet_gui.ui.views.diagram.layout import make_layout
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.widgets.selection import Selection

SHAPES = [(), (1,), (2,), (10,), (60,), (1_000,), (8, 8, 8), (20, 20), (4,) * 6]
SIZES = [(360, 190), (404, 200), (670, 372), (1_200, 620)]


def _some_refs(hidden: tuple[int, ...]) -> list[Ref]:
    refs: list[Ref] = []
    for layer, width in enumerate((*hidden, 1)):
        inputs = (1, *hidden)[layer]
        refs.append(LayerRef(layer))
        refs += [NeuronRef(layer, index) for index in sorted({0, width // 2, width - 1})]
        refs += [WeightRef(layer, index, inputs - 1) for index in sorted({0, width - 1})]
    return refs


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("hidden", SHAPES)
def test_it_stands_inside_and_covers_neither_what_it_is_about_nor_the_input(
    hidden: tuple[int, ...], size: tuple[int, int]
) -> None:
    layout = make_layout((1, *hidden, 1), *size)
    card = (150.0, 52.0)
    for ref in _some_refs(hidden):
        place = QRectF(*place_card(layout, ref, card), *card)
        assert QRectF(0, 0, *size).contains(place)
        covered = [QRectF(*box) for box in spoken_of(layout, ref) if place.intersects(QRectF(*box))]
        assert not covered, (ref, place)


@pytest.mark.parametrize("hidden", [(10,), (8, 8, 8)])
def test_the_drawn_card_is_small_and_aside(
    diagram: NetworkDiagram, selection: Selection, hidden: tuple[int, ...]
) -> None:
    diagram.resize(670, 372)
    diagram.show_snapshot(trained_snapshot(hidden, 2_000))
    for ref in _some_refs(hidden):
        selection.hover(ref)
        card = diagram.card.geometry()
        assert diagram.card.isVisible()
        assert card.width() <= 220
        assert card.width() * card.height() <= 0.08 * diagram.width() * diagram.height()
        for box in spoken_of(diagram.layout_of_network, ref):
            assert not QRectF(card).intersects(QRectF(*box).adjusted(1, 1, -1, -1)), ref


def test_it_goes_when_its_neuron_is_pinned_and_comes_for_another(diagram: NetworkDiagram, selection: Selection) -> None:
    diagram.show_snapshot(trained_snapshot((10,)))
    here = diagram.rectangle_of(NeuronRef(0, 2)).center()
    QTest.mouseMove(diagram, here)
    selection.hover(NeuronRef(0, 2))
    assert diagram.card.isVisible()
    QTest.mouseClick(diagram, Qt.MouseButton.LeftButton, pos=here)
    assert not diagram.card.isVisible()
    assert "h₃" in diagram.accessibleDescription()  # who cannot see it is still told
    diagram.show_snapshot(trained_snapshot((10,), 5))
    assert not diagram.card.isVisible()
    selection.hover(NeuronRef(0, 4))
    assert diagram.card.isVisible()
    assert "h₅" in diagram.card.text()
    selection.pin(None)
    selection.hover(NeuronRef(0, 2))
    assert diagram.card.isVisible()
