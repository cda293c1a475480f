"""Layouts that are filled in one call."""

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QLayout, QWidget

L = TypeVar("L", bound=QBoxLayout)
Item = QWidget | QLayout | int | None
Alignment = int | Qt.AlignmentFlag
Margins = tuple[int, int, int, int]


def filled(
    layout: L, *items: Item | tuple[Item, Alignment], margins: Margins | None = None, spacing: int | None = None
) -> L:
    """Put items into a layout, one after the other, and return it.

    A number leaves that many pixels free, None takes the room that is left; in a pair, an item has its stretch, or a
    widget its alignment.
    """
    if margins is not None:
        layout.setContentsMargins(*margins)
    if spacing is not None:
        layout.setSpacing(spacing)
    for each in items:
        item, place = each if isinstance(each, tuple) else (each, 0)
        # An alignment is an int, too.
        stretch, alignment = (0, place) if isinstance(place, Qt.AlignmentFlag) else (place, Qt.AlignmentFlag(0))
        match item:
            case QWidget():
                layout.addWidget(item, stretch, alignment)
            case QLayout():
                layout.addLayout(item, stretch)
            case None:
                layout.addStretch(1)
            case _:
                layout.addSpacing(item)
    return layout


def empty(layout: QLayout) -> None:
    """Take all widgets out of a layout, and delete them soon."""
    while (item := layout.takeAt(0)) is not None:
        if (old := item.widget()) is not None:
            old.hide()
            old.deleteLater()
