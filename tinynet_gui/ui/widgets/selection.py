"""The selection that links the views: the hovered and the pinned element."""

from PySide6.QtCore import QObject, Signal

from tinynet_gui.core.network.refs import Ref


class Selection(QObject):
    """The element under the mouse or the keyboard focus, and the pinned one; every view may set and show them."""

    hovered_changed = Signal(object)
    pinned_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hovered: Ref | None = None
        self._pinned: Ref | None = None

    @property
    def hovered(self) -> Ref | None:
        return self._hovered

    def hover(self, ref: Ref | None) -> None:
        if ref != self._hovered:
            self._hovered = ref
            self.hovered_changed.emit(ref)

    @property
    def pinned(self) -> Ref | None:
        """The element that stays selected when the mouse moves on, or None."""
        return self._pinned

    def pin(self, ref: Ref | None) -> None:
        if ref != self._pinned:
            self._pinned = ref
            self.pinned_changed.emit(ref)
