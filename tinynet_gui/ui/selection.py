"""What links the views: the neuron, weight or layer under the mouse, and the pinned one."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from tinynet_gui.core.snapshot import Snapshot


@dataclass(frozen=True)
class NeuronRef:
    """A neuron: `layer` counts affine layers from 0, `index` its outputs; the last layer's is the output ŷ."""

    layer: int
    index: int


@dataclass(frozen=True)
class EdgeRef:
    """A weight of affine layer `layer` (0: the one after the input), by its matrix indices."""

    layer: int
    output: int
    input: int


@dataclass(frozen=True)
class LayerRef:
    """All of an affine layer, counted from 0: its weight and its bias; the last one is the output's."""

    layer: int


Ref = NeuronRef | EdgeRef | LayerRef


class Selection(QObject):
    """What is under the mouse or the keyboard focus, and what is pinned; every view may set and show it.

    Signals
    -------
    hovered_changed : Ref or None
    pinned_changed : Ref or None
    """

    hovered_changed = Signal(object)
    pinned_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hovered: Ref | None = None
        self._pinned: Ref | None = None

    @property
    def hovered(self) -> Ref | None:
        """What is pointed at, or None."""
        return self._hovered

    def hover(self, ref: Ref | None) -> None:
        """Point at something, or at nothing."""
        if ref != self._hovered:
            self._hovered = ref
            self.hovered_changed.emit(ref)

    @property
    def pinned(self) -> Ref | None:
        """What stays selected when the mouse moves on, or None."""
        return self._pinned

    def pin(self, ref: Ref | None) -> None:
        """Keep something selected, or let it go."""
        if ref != self._pinned:
            self._pinned = ref
            self.pinned_changed.emit(ref)


def fits(snapshot: Snapshot, ref: Ref | None) -> bool:
    """Whether there is such a neuron, edge or layer in the snapshot's network."""
    if ref is None or not 0 <= ref.layer < len(snapshot.layers):
        return False
    neurons, inputs = snapshot.layers[ref.layer].weight.shape
    match ref:
        case EdgeRef():
            return bool(ref.output < neurons and ref.input < inputs)
        case NeuronRef():
            return bool(ref.index < neurons)
    return True
