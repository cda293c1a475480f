"""Links that are heard when a key comes to them: Qt tells a screen reader of the text, but not of the link."""

from PySide6.QtWidgets import QLabel, QTextBrowser

from tinynet_gui.ui.widgets.telling import PLACE, tell


def _tell_link(text: QLabel | QTextBrowser, has_moved: bool) -> bool:
    selected = text.selectedText() if isinstance(text, QLabel) else text.textCursor().selectedText()
    if has_moved and selected:
        tell(text, selected, topic=PLACE)
    return has_moved


class LinkedLabel(QLabel):
    """A label whose links are heard."""

    def focusNextPrevChild(self, is_forwards: bool) -> bool:
        """Go to the next link, and say it."""
        return _tell_link(self, super().focusNextPrevChild(is_forwards))


class LinkedPage(QTextBrowser):
    """A page whose links are heard."""

    def focusNextPrevChild(self, is_forwards: bool) -> bool:
        """Go to the next link, and say it."""
        return _tell_link(self, super().focusNextPrevChild(is_forwards))
