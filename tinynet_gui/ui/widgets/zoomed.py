"""Lets the pixel sizes and separate fonts of widgets and layouts follow the zoom."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import ceil

import shiboken6
from PySide6.QtCore import QChildEvent, QEvent, QObject, QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QGridLayout,
    QHeaderView,
    QLabel,
    QLayout,
    QSpacerItem,
    QSplitter,
    QTabBar,
    QWidget,
)

from tinynet_gui.ui.style.zoom import Zoom, whole_px, zoom

BASES = "basesOfZoom"  # a property: for each length its value at a zoom of 1, and the value set
ROWS = "rows"  # of a table, which are hit by a finger as all that can be used
UNLIMITED = 16_777_215  # Qt's QWIDGETSIZE_MAX
SIZE_OF_ITS_OWN = 0x0002  # in QFont's resolve mask
LIMITS = (  # of a widget: each with its name in a style sheet, and what it is where there is none
    ("least width", "minw", 0, QWidget.minimumWidth, QWidget.setMinimumWidth),
    ("least height", "minh", 0, QWidget.minimumHeight, QWidget.setMinimumHeight),
    ("most width", "maxw", UNLIMITED, QWidget.maximumWidth, QWidget.setMaximumWidth),
    ("most height", "maxh", UNLIMITED, QWidget.maximumHeight, QWidget.setMaximumHeight),
)
Length = tuple[str, Callable[[], int], Callable[[int], object]]


class ZoomFollower(QObject):
    """Fits a window to the current zoom, repeatedly, and its dialogs from when they are first shown.

    A length counts as that at a zoom of 1 when it is first seen; so a widget sets it with plain numbers. One changed
    later was measured in the fonts of the previous zoom.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        window.installEventFilter(self)
        self._before, self._is_fitted = zoom(), zoom() == Zoom()

    def follow(self, *others: QWidget) -> None:
        """Fit everything in the window now, and in others that will belong to it."""
        now = zoom()
        if now == self._before and self._is_fitted:
            return
        self._is_fitted = True
        window = self.parent()
        assert isinstance(window, QWidget)
        for other in others:
            other.setFont(QFont())  # the application's: Qt tells no widget of it that has not been shown yet
        for part in (window, *others):
            _fit(part, self._before, now)
        self._before = now

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fit a dialog about to be shown for the first time."""
        if isinstance(event, QChildEvent) and event.type() == QEvent.Type.ChildPolished:
            dialog = event.child()
            if isinstance(dialog, QDialog):
                fit_new(dialog)
        return False


def fit_new(part: QWidget) -> None:
    """Fit what has been made in the fonts of this zoom."""
    if zoom() != Zoom():
        _fit(part, zoom(), zoom())


def give_size(dialog: QWidget, width: int, height: int) -> None:
    """Give a dialog a size, in pixels at a zoom of 1, but not larger than the screen."""
    dialog.resize(QSize(whole_px(width), whole_px(height)).boundedTo(dialog.screen().availableSize()))


def _fit(window: QWidget, before: Zoom, now: Zoom) -> None:
    widgets = (window, *window.findChildren(QWidget))
    layouts = window.findChildren(QLayout)
    things: list[tuple[QObject, list[Length]]] = [(widget, list(_lengths_of_widget(widget))) for widget in widgets]
    things += [(layout, list(_lengths_of_layout(layout))) for layout in layouts]
    fitted = [(thing, lengths, _bases(thing, lengths, before)) for thing, lengths in things]
    fonts = [(widget, _points(widget, before)) for widget in widgets if _has_size_of_its_own(widget)]
    for thing, lengths, bases in fitted:  # all have been read before: a layout may take its gaps from another
        _put(thing, lengths, bases, now)
    for layout in layouts:
        layout.invalidate()
    for widget, points in fonts:  # so, too: a widget may have its font from another
        _put_font(widget, points, now)


def _bases(thing: QObject, lengths: list[Length], before: Zoom) -> dict[str, float]:
    """Return the lengths at a zoom of 1."""
    kept: dict[str, list[float]] = thing.property(BASES) or {}
    bases = {}
    for name, read, _ in lengths:
        here = read()
        base, put = kept.get(name, (float(here), here))
        bases[name] = base if put == here else here / before.scale
    return bases


def _put(thing: QObject, lengths: list[Length], bases: dict[str, float], now: Zoom) -> None:
    kept = {}
    for name, read, write in lengths:
        length = max(ceil(round(bases[name] * now.scale, 3)), round(now.least_row) if name == ROWS else 0)
        if length != read():
            write(length)
        kept[name] = [bases[name], read()]
    thing.setProperty(BASES, kept)


def _has_size_of_its_own(widget: QWidget) -> bool:
    is_own = widget.testAttribute(Qt.WidgetAttribute.WA_SetFont)
    return is_own and bool(widget.font().resolveMask() & SIZE_OF_ITS_OWN)


def _points(widget: QWidget, before: Zoom) -> float:
    """Return the size of a widget's font at a zoom of 1."""
    here = widget.font().pointSizeF()
    base, put = widget.property("pointsOfZoom") or (0.0, 0.0)
    return base if put == here else here / before.scale


def _put_font(widget: QWidget, points: float, now: Zoom) -> None:
    font, there = widget.font(), max(points * now.scale, now.least_points)
    font.setPointSizeF(there)
    widget.setFont(font)
    if isinstance(widget, QLabel):
        widget.setIndent(widget.indent())  # or one without a text would keep its height
    widget.setProperty("pointsOfZoom", [points, there])


def _lengths_of_widget(widget: QWidget) -> Iterator[Length]:
    """Yield the sizes set on a widget, but not by a style sheet, nor by the layout of a window."""
    if widget.isWindow():
        return
    for name, key, none, read, write in LIMITS:
        if read(widget) != none and widget.property(f"_q_stylesheet_{key}") is None:
            yield name, partial(read, widget), partial(write, widget)
    match widget:
        case QAbstractButton() | QTabBar():
            yield "icon", lambda: widget.iconSize().width(), lambda side: widget.setIconSize(QSize(side, side))
        case QSplitter():
            yield "handle", widget.handleWidth, widget.setHandleWidth
        case QHeaderView():
            name = ROWS if widget.orientation() == Qt.Orientation.Vertical else "section"
            yield name, widget.defaultSectionSize, widget.setDefaultSectionSize


def _lengths_of_layout(layout: QLayout) -> Iterator[Length]:
    """Yield the margins and gaps of a layout, its own or the style's, and its spacers."""
    for side in ("left", "top", "right", "bottom"):
        yield f"{side} margin", partial(_margin, layout, side), partial(_set_margin, layout, side)
    if isinstance(layout, QGridLayout):
        yield "gap across", layout.horizontalSpacing, layout.setHorizontalSpacing
        yield "gap down", layout.verticalSpacing, layout.setVerticalSpacing
    else:
        yield "gap", layout.spacing, layout.setSpacing
    for place in range(layout.count()):
        with _spacer(layout, place) as spacer:
            is_spacer = spacer is not None
        if is_spacer:
            yield f"across {place}", partial(_size, layout, place, 0), partial(_resize, layout, place, 0)
            yield f"down {place}", partial(_size, layout, place, 1), partial(_resize, layout, place, 1)


@contextmanager
def _spacer(layout: QLayout, place: int) -> Iterator[QSpacerItem | None]:
    """Yield the spacer at a place, if there is one; Python keeps no reference to it afterwards.

    Python does not notice the end of a layout's item, which is no QObject: it would mistake a later object at the same
    address for that item.
    """
    item = layout.itemAt(place)
    try:
        yield None if item is None else item.spacerItem()
    finally:
        if item is not None and not isinstance(item, QObject):
            shiboken6.invalidate(item)


def _margin(layout: QLayout, side: str) -> int:
    return int(getattr(layout.contentsMargins(), side)())


def _set_margin(layout: QLayout, side: str, to: int) -> None:
    margins = layout.contentsMargins()
    getattr(margins, f"set{side.capitalize()}")(to)
    layout.setContentsMargins(margins)


def _size(layout: QLayout, place: int, side: int) -> int:
    with _spacer(layout, place) as spacer:
        assert spacer is not None
        size = spacer.sizeHint()
    return size.width() if side == 0 else size.height()


def _resize(layout: QLayout, place: int, side: int, to: int) -> None:
    with _spacer(layout, place) as spacer:
        assert spacer is not None
        size, policy = spacer.sizeHint(), spacer.sizePolicy()
        width, height = (to, size.height()) if side == 0 else (size.width(), to)
        spacer.changeSize(width, height, policy.horizontalPolicy(), policy.verticalPolicy())
