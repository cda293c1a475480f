"""Keyboard navigation in the network diagram: from neuron to neuron, and up to their layer."""

from PySide6.QtCore import Qt

from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.ui.widgets.keys import Key

STEPS = {Key.Key_Up: -1, Key.Key_Down: 1, Key.Key_PageUp: -10, Key.Key_PageDown: 10}  # by this many neurons
WALKS = (*STEPS, Key.Key_Home, Key.Key_End, Key.Key_Left, Key.Key_Right)


def walk(here: Ref | None, key: Qt.Key, widths: tuple[int, ...]) -> Ref:
    """Return the target of one of the keys `WALKS` in a network of these widths, input and output included.

    Up and down go through a layer's neurons, with the layer itself above the first; left and right go to another layer.
    From nowhere, and from a weight, every key leads to the first neuron.
    """
    if here is None or isinstance(here, WeightRef):
        return NeuronRef(0, 0)
    index = here.index if isinstance(here, NeuronRef) else -1
    layer = here.layer
    match key:
        case Key.Key_Left | Key.Key_Right:
            layer = min(max(layer + (1 if key == Key.Key_Right else -1), 0), len(widths) - 2)
        case Key.Key_Home:
            index = 0
        case Key.Key_End:
            index = widths[layer + 1] - 1
        case Key.Key_Up | Key.Key_PageUp if index <= 0:
            index = -1
        case _:
            index = max(index + STEPS[key], 0)
    return LayerRef(layer) if index < 0 else NeuronRef(layer, min(index, widths[layer + 1] - 1))
