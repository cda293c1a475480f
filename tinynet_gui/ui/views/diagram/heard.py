"""The neurons and layers of the diagram for screen readers, which read them, and pin one."""

from collections.abc import Callable
from functools import lru_cache, partial

from PySide6.QtCore import QRectF

from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.wording.neuron_names import title_of
from tinynet_gui.ui.style.zoom import zoom
from tinynet_gui.ui.views.diagram.card_place import spoken_of
from tinynet_gui.ui.views.diagram.describe import details
from tinynet_gui.ui.views.diagram.layout import DiagramLayout
from tinynet_gui.ui.widgets.card import CardFrame
from tinynet_gui.ui.widgets.drawn_parts import DrawnPart, DrawnParts
from tinynet_gui.ui.widgets.selection import Selection

Seen = Callable[[], tuple[Snapshot | None, DiagramLayout]]


@lru_cache(maxsize=8)
def parts_of(widths: tuple[int, ...]) -> tuple[Ref, ...]:
    """Return each layer of a network of these widths, its input's included, and after it its neurons."""
    refs: list[Ref] = []
    for layer, width in enumerate(widths[1:]):
        refs += [LayerRef(layer), *(NeuronRef(layer, index) for index in range(width))]
    return tuple(refs)


class HeardNetwork(DrawnParts):
    """Lists what the keyboard walks through.

    Parameters
    ----------
    seen
        Returns the moment that the diagram shows, and where it draws what.
    """

    def __init__(self, diagram: CardFrame, selection: Selection, seen: Seen) -> None:
        super().__init__(diagram, "diagramParts", "Layers and neurons", lambda: len(self._refs()), self._part)
        self._selection, self._seen = selection, seen
        selection.pinned_changed.connect(self.tell_change)

    def _refs(self) -> tuple[Ref, ...]:
        snapshot, _ = self._seen()
        return () if snapshot is None else parts_of(snapshot.config.network.widths)

    def _part(self, place: int) -> DrawnPart:
        (snapshot, layout), ref = self._seen(), self._refs()[place]
        assert snapshot is not None
        left, top, width, height = (zoom().scale * length for length in spoken_of(layout, ref)[0])
        name, says = title_of(snapshot, ref), details(snapshot, ref)
        where = QRectF(left, top, width, height).toRect()
        return DrawnPart(name, says, where, ref == self._selection.pinned, partial(self._selection.pin, ref))

    def tell_walked_to(self, ref: Ref | None) -> None:
        """Let a reader read what the keyboard has come to."""
        if ref in (refs := self._refs()):
            self.tell_focus(refs.index(ref))
