"""What links the views: the neuron, weight or layer under the mouse, and the pinned one."""

from PySide6.QtCore import QObject, Signal

from tinynet_gui.core.network.refs import Ref


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
