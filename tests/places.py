"""Where things are drawn: the parts of the network in the diagram, and the kinks below the function."""

from PySide6.QtCore import QRect

from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.ui.style.theme import whole_px
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.function_plot.kinks import KinkMarks


def rectangle_of(diagram: NetworkDiagram, ref: Ref) -> QRect:
    """Return the rectangle of a neuron, the middle of an edge or a layer's heading, in the diagram's coordinates."""
    layout = diagram.layout_of_network
    if isinstance(ref, WeightRef):
        start, end = layout.departures(ref.layer), layout.arrivals(ref.layer)
        x, y = (start.right + end.left) / 2, (start.y[ref.input] + end.y[ref.output]) / 2
        return QRect(whole_px(x) - 2, whole_px(y) - 2, 4, 4)
    column = layout.departures(ref.layer + 1)
    place = layout.heading(column) if isinstance(ref, LayerRef) else column.rectangle(ref.index)
    left, top, width, height = (whole_px(part) for part in place)
    return QRect(left, top, width, max(1, height))


def kinks_of(marks: KinkMarks) -> list[tuple[float, NeuronRef]]:
    """Return what is marked: x, and whose kink it is."""
    places = zip(marks.places.tolist(), marks.layers.tolist(), marks.indices.tolist(), strict=True)
    return [(x, NeuronRef(layer, index)) for x, layer, index in places]
