"""Where Tab goes: through a window as it is read, from the top down, and from left to right within a row."""

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from tinynet_gui.ui.widgets.path_up import path_up
from tinynet_gui.ui.widgets.telling import PLACE, tell


def pass_focus(window: QWidget, is_onward: bool) -> bool:
    """Give the focus to what follows in a window, or precedes; return whether there is anything else that takes it."""
    here = window.focusWidget() or window
    turn = [here, *in_turn(window)] if here is window else [*in_turn(window, here)]
    there = turn[(turn.index(here) + (1 if is_onward else -1)) % len(turn)]
    if there is here:
        return False
    there.setFocus(Qt.FocusReason.TabFocusReason if is_onward else Qt.FocusReason.BacktabFocusReason)
    for around in path_up(there)[1:]:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(there)
    return True


def pass_region(regions: Sequence[QWidget], is_onward: bool) -> None:
    """Give the focus to the first widget that takes it in the next region, or in the one before, and say its name."""
    there = [region for region in regions if region.isVisible() and next(in_turn(region), None) is not None]
    focus = QApplication.focusWidget()
    here = next((at for at, region in enumerate(there) if focus in (region, *region.findChildren(QWidget))), None)
    if there:
        region = there[(here + (1 if is_onward else -1)) % len(there) if here is not None else 0 if is_onward else -1]
        tell(region, region.accessibleName(), topic=PLACE)
        next(in_turn(region)).setFocus(Qt.FocusReason.TabFocusReason)


def in_turn(part: QWidget, here: QWidget | None = None) -> Iterator[QWidget]:
    """Yield what takes the focus in a part of a window, as it is read.

    `here` is in it even if it is hidden or disabled, but nothing else is that is hidden with it.
    """
    if part is here or _can_be_used(part):
        yield part
    parts = (each for each in part.children() if isinstance(each, QWidget) and not each.isWindow())
    there = [each for each in parts if not each.isHidden() or each is here or (here and each.isAncestorOf(here))]
    for each in _as_read(there):
        yield from [here] if here is not None and each.isHidden() else in_turn(each, here)


def _can_be_used(part: QWidget) -> bool:
    takes_it = part.isEnabled() and part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.focusProxy() is None
    if not takes_it or not isinstance(part, QScrollArea):
        return bool(takes_it)
    return part.verticalScrollBar().maximum() > 0 or part.horizontalScrollBar().maximum() > 0


def _as_read(parts: list[QWidget]) -> list[QWidget]:
    """Sort widgets that share a place: row by row if they stand in rows, else column by column."""
    for start, end in ((QRect.top, QRect.bottom), (QRect.left, QRect.right)):
        bands = _bands(parts, start, end)
        if len(bands) > 1:
            return [each for band in bands for each in _as_read(band)]
    return parts  # one above the other


def _bands(parts: list[QWidget], start: Callable[[QRect], int], end: Callable[[QRect], int]) -> list[list[QWidget]]:
    """Part widgets where a straight cut from edge to edge goes through none of them."""
    bands, reached = list[list[QWidget]](), 0
    for part in sorted(parts, key=lambda each: start(each.geometry())):
        if not bands or start(part.geometry()) > reached:
            bands.append([])
            reached = end(part.geometry())
        bands[-1].append(part)
        reached = max(reached, end(part.geometry()))
    return bands
