"""The Help menu: the guide, keys, terms, and the purpose of each control."""

from collections.abc import Sequence
from functools import cached_property

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMainWindow, QWidget

from tinynet_gui.resources import resource_path
from tinynet_gui.ui.style.theme import ThemeSource
from tinynet_gui.ui.widgets.dialog import Dialog
from tinynet_gui.ui.widgets.pointers.pointer_frame import PointerFrame
from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.dialogs.about import show_about
from tinynet_gui.ui.window.help.glossary import Glossary
from tinynet_gui.ui.window.help.keys_sheet import HelpSheet, KeysSection, keys_html
from tinynet_gui.ui.window.help.whats_this import WhatsThis


class Help(QObject):
    """Opens help windows beside the window, and points at controls in it."""

    def __init__(
        self, window: QMainWindow, themes: ThemeSource, actions: Actions, keys_of_views: Sequence[KeysSection]
    ) -> None:
        super().__init__(window)
        self._window, self._themes, self._keys_of_views = window, themes, keys_of_views
        self._frame = PointerFrame(window)
        self.whats_this = WhatsThis(window)
        self.whats_this.term_wanted.connect(self.show_term)
        actions.connect(
            actionGuide=lambda: _open(self._guide),
            actionKeys=lambda: _open(self._keys),
            actionGlossary=lambda: _open(self._glossary),
            actionWhatsThis=self.whats_this.ask,
            actionAbout=self._on_about,
        )

    @cached_property
    def _guide(self) -> HelpSheet:
        sheet = HelpSheet("guide", "Guide", self._window)
        sheet.page.setMarkdown(resource_path("guide.md").read_text(encoding="utf-8"))
        return sheet

    @cached_property
    def _keys(self) -> HelpSheet:
        sheet = HelpSheet("keys", "Keys", self._window)
        sheet.page.setHtml(keys_html(self._window.menuBar(), self._keys_of_views))
        return sheet

    @cached_property
    def _glossary(self) -> Glossary:
        glossary = Glossary(self._window)
        glossary.place_wanted.connect(self.point_at)
        return glossary

    @Slot()
    def _on_about(self) -> None:
        show_about(self._window)

    @Slot(str)
    def show_term(self, name: str) -> None:
        """Show a term in the glossary."""
        _open(self._glossary)
        self._glossary.show_term(name)

    @Slot(str)
    def point_at(self, object_name: str) -> None:
        """Point at a control or a view of the window."""
        found = self._window.findChild(QWidget, object_name)
        if isinstance(found, QWidget):
            self._frame.point_at(found, self._themes.theme.color("accent"))


def _open(dialog: Dialog) -> None:
    dialog.show()
    dialog.activateWindow()
