"""The Help menu: keys, terms, and the purpose of each control."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMainWindow, QWidget

from tinynet_gui.ui.style.theme import ThemeSource
from tinynet_gui.ui.widgets.pointers.pointer_frame import PointerFrame
from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.dialogs.about import show_about
from tinynet_gui.ui.window.help.glossary import Glossary
from tinynet_gui.ui.window.help.keys_sheet import KeysSheet, Section
from tinynet_gui.ui.window.help.whats_this import WhatsThis


class Help(QObject):
    """Opens help windows beside the window, and points at controls in it."""

    def __init__(
        self, window: QMainWindow, themes: ThemeSource, actions: Actions, keys_of_views: Sequence[Section]
    ) -> None:
        super().__init__(window)
        self._window, self._themes, self._keys_of_views = window, themes, keys_of_views
        self._glossary: Glossary | None = None
        self._keys: KeysSheet | None = None
        self._frame = PointerFrame(window)
        self.whats_this = WhatsThis(window)
        self.whats_this.term_wanted.connect(self.show_term)
        actions.connect(
            actionKeys=self.show_keys,
            actionGlossary=self.show_glossary,
            actionWhatsThis=self.whats_this.ask,
            actionAbout=self._on_about,
        )

    @Slot()
    def show_keys(self) -> None:
        """Show all keys."""
        if self._keys is None:
            self._keys = KeysSheet(self._window.menuBar(), self._keys_of_views, self._window)
        self._keys.show()
        self._keys.activateWindow()

    @Slot()
    def show_glossary(self) -> None:
        """Show the glossary."""
        if self._glossary is None:
            self._glossary = Glossary(self._window)
            self._glossary.place_wanted.connect(self.point_at)
        self._glossary.show()
        self._glossary.activateWindow()

    @Slot()
    def _on_about(self) -> None:
        show_about(self._window)

    @Slot(str)
    def show_term(self, name: str) -> None:
        """Show a term in the glossary."""
        self.show_glossary()
        if self._glossary is not None:
            self._glossary.show_term(name)

    @Slot(str)
    def point_at(self, object_name: str) -> None:
        """Point at a control or a view of the window."""
        found = self._window.findChild(QWidget, object_name)
        if isinstance(found, QWidget):
            self._frame.point_at(found, self._themes.theme.color("accent"))
