"""Words for who listens to a screen reader, and events that come seldom enough for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QWidget

from tinynet_gui.single_shot import single_shot
from tinynet_gui.ui.widgets.path_up import path_up

PLACE = "place"  # the topic of what keys come to, one after another
SETTLED_MS, GOES_ON_MS = 1_000, 10_000  # of changes that a reader is told of


def tell(widget: QWidget, words: str, is_error: bool = False, topic: str = "") -> None:
    """Tell what has happened in a widget: to the nearest one around it that has a signal `told`, as the window has.

    Newer words of the same topic replace them, as long as they wait; without a topic they are heard in any case.
    """
    for around in path_up(widget):
        if hasattr(around, "told"):
            around.told.emit(words, is_error, topic)
            return


def copy_text(widget: QWidget, text: str) -> None:
    """Put a text of a widget on the clipboard, and say so."""
    QGuiApplication.clipboard().setText(text)
    tell(widget, "Copied.")


@contextmanager
def unheard() -> Iterator[None]:
    """Keep from readers the event that Qt sends for each change: for what every frame of a training changes."""
    is_active = QAccessible.isActive()
    if is_active:
        QAccessible.setActive(False)
    try:
        yield
    finally:
        if is_active:
            QAccessible.setActive(True)


class HeardLater:
    """Tells readers of a widget's changes once they have settled, and now and then while they go on.

    Nothing is told of what is hidden: whoever shows it again tells.

    Parameters
    ----------
    send
        Sends the events.
    """

    def __init__(self, widget: QWidget, send: Callable[[], object]) -> None:
        self._widget, self._send_events = widget, send
        self._settled = single_shot(widget, SETTLED_MS, self._send, "heardLater")
        self._goes_on = single_shot(widget, GOES_ON_MS, self._send)

    def tell_change(self) -> None:
        """Let readers know of a change soon."""
        if QAccessible.isActive() and self._widget.isVisible():
            self._settled.start()
            if not self._goes_on.isActive():
                self._goes_on.start()

    def stop(self) -> None:
        """Tell nothing: it is hidden."""
        self._settled.stop()
        self._goes_on.stop()

    def _send(self) -> None:
        self.stop()
        if self._widget.isVisible():
            self._send_events()
