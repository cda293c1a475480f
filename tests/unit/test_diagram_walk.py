"""The keys reach everything in the diagram, and nothing that is not there."""

import pytest
from PySide6.QtCore import Qt

from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.ui.views.diagram.describe import WALKS, walk


@pytest.mark.parametrize("hidden", [(), (1,), (12,), (3, 25), (4,) * 6])
def test_every_neuron_and_every_layer_is_reached(hidden: tuple[int, ...]) -> None:
    widths = (1, *hidden, 1)
    there: set[Ref] = {LayerRef(layer) for layer in range(len(widths) - 1)}
    there |= {NeuronRef(layer, index) for layer in range(len(widths) - 1) for index in range(widths[layer + 1])}
    reached: set[Ref] = set()
    waiting: list[Ref] = [walk(None, WALKS[0], widths)]
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting += [walk(here, key, widths) for key in WALKS]
    assert reached == there


@pytest.mark.parametrize("key", WALKS)
def test_from_a_weight_the_walk_begins_anew(key: Qt.Key) -> None:
    assert walk(WeightRef(1, 0, 2), key, (1, 3, 1)) == NeuronRef(0, 0)
