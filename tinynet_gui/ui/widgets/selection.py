"""The selection that links the views: the hovered and the pinned element."""

from PySide6.QtCore import QObject, Signal

from tinynet_gui.core.network.refs import Ref


class Selection(QObject):
    """The element under the mouse or the keyboard focus, and the pinned one; every view may set and show them."""

    hovered_changed = Signal(object)
    pinned_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hovered: Ref | None = None
        self.pinned: Ref | None = None  # stays selected when the mouse moves on

    def hover(self, ref: Ref | None) -> None:
        if ref != self.hovered:
            self.hovered = ref
            self.hovered_changed.emit(ref)

    def pin(self, ref: Ref | None) -> None:
        if ref != self.pinned:
            self.pinned = ref
            self.pinned_changed.emit(ref)
