"""What's this? on every control: its name, its effect, and the terms used."""

import html

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QHelpEvent, Qt, QWhatsThisClickedEvent
from PySide6.QtWidgets import QApplication, QWhatsThis, QWidget

from tinynet_gui.core.wording.glossary import terms_in
from tinynet_gui.ui.widgets.path_up import path_up

MOST_TERMS = 3


class WhatsThis(QObject):
    """Answers for every widget of a window that has a tooltip, with the tooltip's current text.

    Signals
    -------
    term_wanted : str
        A word in an answer has been clicked.
    """

    term_wanted = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window

    def ask(self) -> None:
        """Let the next click ask about a control; until then events are not filtered."""
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)  # once, however often this is called
        QWhatsThis.enterWhatsThisMode()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Answer questions in the window, and pass all other events on."""
        if event.type() == QEvent.Type.WhatsThisClicked and isinstance(event, QWhatsThisClickedEvent):
            QWhatsThis.hideText()
            self.term_wanted.emit(event.href())
            return True
        if event.type() not in (QEvent.Type.QueryWhatsThis, QEvent.Type.WhatsThis):
            return False
        found = self._explained(watched)
        if found is None:
            return False
        if event.type() == QEvent.Type.WhatsThis and isinstance(event, QHelpEvent):
            QWhatsThis.showText(event.globalPos(), whats_this(found), found)
        else:
            event.accept()
        return True

    def _explained(self, watched: QObject) -> QWidget | None:
        """Return the innermost enclosing widget that has a tooltip."""
        if not isinstance(watched, QWidget) or watched.window() is not self._window:
            return None
        return next((widget for widget in path_up(watched) if widget.toolTip()), None)


def whats_this(widget: QWidget) -> str:
    """Describe a widget and its effect, as rich text, with its terms below."""
    name, tooltip = widget.accessibleName() or widget.accessibleDescription(), widget.toolTip()
    is_rich = Qt.mightBeRichText(tooltip)
    words = tooltip if is_rich else html.escape(" ".join(tooltip.split()))
    title = f"<p><b>{html.escape(name)}</b></p>" if name else ""
    terms = terms_in(f"{name}. {'' if is_rich else tooltip}")[:MOST_TERMS]
    entries = [
        f'<p><a href="{html.escape(term.name)}">{html.escape(term.name)}</a>: {html.escape(term.text)}</p>'
        for term in terms
    ]
    return f"{title}<p>{words}</p>{'<hr>' if entries else ''}{''.join(entries)}"
