"""The order in which the keyboard reaches what is made later than its neighbours."""

from typing import Any

from PySide6.QtWidgets import QWidget


def put_in_turn(part: QWidget, before: QWidget) -> QWidget:
    """Let the keyboard reach a part, in the part's own order, right after a widget; return the last that it reaches."""
    turn: list[Any] = [part]
    while part.isAncestorOf(following := turn[-1].nextInFocusChain()):
        turn.append(following)
    for each in turn:
        if each.focusPolicy():  # Qt moves no others
            if each is not before:
                QWidget.setTabOrder(before, each)
            before = each
    return before
