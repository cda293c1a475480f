"""The glossary: each technical term in two sentences, and where to see it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QListWidget, QPushButton, QVBoxLayout, QWidget

from tinynet_gui.core.wording.glossary import TERMS, with_links
from tinynet_gui.ui.widgets.dialogs.dialog import Button, Dialog
from tinynet_gui.ui.widgets.heard_links import LinkedLabel
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import in_role, named
from tinynet_gui.ui.widgets.telling import PLACE, tell
from tinynet_gui.ui.widgets.zoomed import give_size

SIZE = 560, 380


class Glossary(Dialog):
    """Shows the terms; the window stays usable beside it.

    Signals
    -------
    place_wanted : str
        The object name of the widget to point at.
    """

    place_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("glossary", "Glossary", parent)
        search = QLineEdit(placeholderText="find a word", clearButtonEnabled=True)
        self._search = named(search, "glossarySearch", "Find a word", "Show the words that contain this.")
        self._list = named(QListWidget(), "glossaryTerms", "The words")
        self._list.addItems([term.name for term in TERMS])
        self._title = in_role(named(QLabel(), "glossaryTitle", "The word"), "title")
        text = LinkedLabel(wordWrap=True, textFormat=Qt.TextFormat.RichText)
        self._text = named(text, "glossaryText", "What it means")
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        show = QPushButton("Show me", autoDefault=False)
        self._show = named(show, "glossaryShow", "Show me", "Point at where it is in the window.")
        left = filled(QVBoxLayout(), self._search, (self._list, 1))
        right = filled(QVBoxLayout(), self._title, self._text, (self._show, Qt.AlignmentFlag.AlignLeft), None)
        sides = filled(QHBoxLayout(), (left, 2), (right, 3))
        filled(QVBoxLayout(self), (sides, 1), self.make_buttons(Button.Close))
        give_size(self, *SIZE)
        self._list.currentRowChanged.connect(self._on_row_changed)
        self._search.textChanged.connect(self._on_searched)
        self._text.linkActivated.connect(self._on_link_activated)
        self._show.clicked.connect(self._on_show_clicked)
        self._list.setCurrentRow(0)

    def show_term(self, name: str) -> None:
        """Show one of the terms, whatever the search field says; whoever listens hears what it means."""
        self._search.clear()
        self._list.setCurrentRow([term.name for term in TERMS].index(name))
        if QAccessible.isActive():
            self._text.setFocus()

    def _on_link_activated(self, name: str) -> None:
        self.show_term(name)
        tell(self, f"{name}: {TERMS[self._list.currentRow()].text}", topic=PLACE)  # the focus stays

    def _on_row_changed(self, row: int) -> None:
        if row >= 0:
            term = TERMS[row]
            self._title.setText(term.name)
            self._text.setAccessibleDescription(f"What “{term.name}” means")
            self._text.setText(with_links(term.text, besides=term))

    def _on_searched(self, text: str) -> None:
        found = [text.lower() in f"{term.name} {term.text}".lower() for term in TERMS]
        for row, is_found in enumerate(found):
            self._list.item(row).setHidden(not is_found)
        by_name = [row for row, term in enumerate(TERMS) if text and text.lower() in term.name.lower()]
        if by_name:
            self._list.setCurrentRow(by_name[0])

    def _on_show_clicked(self) -> None:
        self.place_wanted.emit(TERMS[self._list.currentRow()].shown_at)
