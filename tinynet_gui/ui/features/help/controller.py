"""The Help menu: the guide, keys, terms, and the purpose of each control."""

from functools import cached_property
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox

from tinynet_gui import __version__
from tinynet_gui.resources import resource_path
from tinynet_gui.ui.features.help.glossary import Glossary
from tinynet_gui.ui.features.help.keys import KeysSection, keys_html
from tinynet_gui.ui.features.help.whats_this import WhatsThis
from tinynet_gui.ui.widgets.dialogs.dialog import Dialog
from tinynet_gui.ui.widgets.dialogs.help_sheet import HelpSheet
from tinynet_gui.ui.widgets.pointer_frame import PointerFrame
from tinynet_gui.ui.window.context import Context, Feature, View
from tinynet_gui.ui.window.menus import Action

ABOUT = (
    f"<b>tinynet {__version__}</b><p>A laboratory for the smallest useful neural network: "
    "Linear(1, n), ReLU, Linear(n, 1), learning a function of one variable.</p>"
    "<p>Space starts and pauses, S takes one step, R resets, N takes another seed, + and − change the "
    "speed. Tab reaches the diagram; arrow keys walk through its neurons. M takes the next step apart: "
    "Left and Right go through its four moves, Home and End to the first and the last.</p>"
)


class HelpController(QObject):
    """Opens help windows beside the window, and points at controls in it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.window)
        self._window, self._themes = context.window, context.themes
        presented = sorted((view.presented_as[0], view.title) for view in context.table if view.presented_as)
        self._keys_of_views: list[KeysSection] = [("In a presentation", presented)]
        self._keys_of_views += [(view.keys_title or view.title, view.keys) for view in context.table if view.keys]
        self._frame = PointerFrame(context.window)
        self._part = context.part
        self.whats_this = WhatsThis(context.window)
        self.whats_this.term_wanted.connect(self.show_term)
        context.each_view(self._connect_terms)
        context.actions.connect(
            actionGuide=lambda: _open(self._guide),
            actionKeys=self._show_keys,
            actionGlossary=lambda: _open(self._glossary),
            actionWhatsThis=self.whats_this.ask,
            actionAbout=lambda: QMessageBox.about(self._window, "About tinynet", ABOUT),
        )

    def _connect_terms(self, _: View, view: Any) -> None:
        if hasattr(view, "term_wanted"):
            view.term_wanted.connect(self.show_term)

    @cached_property
    def _guide(self) -> HelpSheet:
        sheet = HelpSheet("guide", "Guide", self._window)
        sheet.page.setMarkdown(resource_path("guide.md").read_text(encoding="utf-8"))
        return sheet

    @cached_property
    def _keys(self) -> HelpSheet:
        return HelpSheet("keys", "Keys", self._window)

    def _show_keys(self) -> None:
        self._keys.page.setHtml(keys_html(self._window.menuBar(), self._keys_of_views))  # some can be switched off
        _open(self._keys)

    @cached_property
    def _glossary(self) -> Glossary:
        glossary = Glossary(self._window)
        glossary.place_wanted.connect(self.point_at)
        return glossary

    def show_term(self, name: str) -> None:
        """Show a term in the glossary."""
        _open(self._glossary)
        self._glossary.show_term(name)

    def point_at(self, object_name: str) -> None:
        """Point at a control or a view of the window."""
        if (found := self._part(object_name)) is not None:
            self._frame.point_at(found, self._themes.theme.color("accent"))


def _open(dialog: Dialog) -> None:
    dialog.show()
    dialog.activateWindow()


FEATURE = Feature(
    "help",
    HelpController,
    Action(
        "actionWhatsThis",
        "&What's this?",
        "Then click anything in the window: it says what it is for.",
        "words",
        "Shift+F1",
    ),
    Action(
        "actionGuide",
        "G&uide",
        "What you can do here, subject by subject, and what to do when something goes wrong.",
        "words",
    ),
    Action("actionGlossary", "&Glossary", "The words of the field, in two sentences each.", "words"),
    Action("actionKeys", "&Keys", "All keys on one sheet.", "words", "F1"),
    Action("actionAbout", "&About tinynet", "What this program is.", "about"),
)
