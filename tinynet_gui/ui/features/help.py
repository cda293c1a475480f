"""The Help menu: the guide, keys, glossary, and What's This for every control."""

import html
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Protocol, cast, runtime_checkable

from PySide6 import QtWidgets
from PySide6.QtCore import QEvent, QObject, Signal, SignalInstance
from PySide6.QtGui import QAccessible, QAction, QHelpEvent, QKeySequence, Qt, QWhatsThisClickedEvent

from tinynet_gui import __version__
from tinynet_gui.core.config.setting import FIRST_FORMAT, FORMAT
from tinynet_gui.core.text.language import gettext as _, translated_resource
from tinynet_gui.core.wording.glossary import TERMS, terms_in, with_links
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.widgets import dialogs, pulse, touch
from tinynet_gui.ui.widgets.accessibility import PLACE, LinkedLabel, ancestors, announce, in_role, named, worded
from tinynet_gui.ui.widgets.cards import filled
from tinynet_gui.ui.window.actions import Action, effect_of
from tinynet_gui.ui.window.context import Context, Controller, Feature, View

SIZE = 560, 380


class Glossary(dialogs.Dialog):
    """Shows the terms; not modal. `place_wanted` has the object name of the widget to point at."""

    place_wanted = Signal(str)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        from unicodedata import normalize

        super().__init__("glossary", _("Glossary"), parent)
        self._terms = sorted(TERMS, key=lambda term: normalize("NFD", term.name.casefold()))
        search = QtWidgets.QLineEdit(placeholderText=_("find a word"), clearButtonEnabled=True)
        self._search = named(search, "glossarySearch", _("Find a word"), _("Show the words that contain this."))
        self._list = named(QtWidgets.QListWidget(), "glossaryTerms", _("The words"))
        self._list.addItems([term.name for term in self._terms])
        self._title = in_role(named(QtWidgets.QLabel(), "glossaryTitle", _("The word")), "title")
        self._text = named(LinkedLabel(), "glossaryText", _("What it means"))
        show = QtWidgets.QPushButton(autoDefault=False)
        self._show = worded(show, "glossaryShow", _("Show me"), _("Point at where it is in the window."))
        left = filled(QtWidgets.QVBoxLayout(), self._search, (self._list, 1))
        right = filled(QtWidgets.QVBoxLayout(), self._title, self._text, (self._show, Qt.AlignmentFlag.AlignLeft), None)
        sides = filled(QtWidgets.QHBoxLayout(), (left, 2), (right, 3))
        filled(QtWidgets.QVBoxLayout(self), (sides, 1), self.make_buttons(dialogs.Button.Close))
        touch.give_size(self, *SIZE)
        self._list.currentRowChanged.connect(self._on_row_changed)
        self._search.textChanged.connect(self._on_searched)
        self._text.linkActivated.connect(self._on_link_activated)
        self._show.clicked.connect(lambda: self.place_wanted.emit(self._terms[self._list.currentRow()].shown_at))
        self._list.setCurrentRow(0)

    def show_term(self, key: str) -> None:
        self._search.clear()
        self._list.setCurrentRow([term.key for term in self._terms].index(key))
        if QAccessible.isActive():
            self._text.setFocus()

    def _on_link_activated(self, key: str) -> None:
        self.show_term(key)
        term = self._terms[self._list.currentRow()]
        announce(self, f"{term.name}: {term.text}", topic=PLACE)  # the focus stays

    def _on_row_changed(self, row: int) -> None:
        if row >= 0:
            term = self._terms[row]
            self._title.setText(term.name)
            self._text.setAccessibleDescription(_("What “{term}” means").format(term=term.name))
            self._text.setText(with_links(term.text, besides=term))

    def _on_searched(self, text: str) -> None:
        found = [text.lower() in f"{term.name} {term.text}".lower() for term in self._terms]
        for row, is_found in enumerate(found):
            self._list.item(row).setHidden(not is_found)
        by_name = [row for row, term in enumerate(self._terms) if text and text.lower() in term.name.lower()]
        if by_name:
            self._list.setCurrentRow(by_name[0])


Lines = Sequence[tuple[str, str]]  # a key, and its effect
KeysSection = tuple[str, Lines]


def keys_html(bar: QtWidgets.QMenuBar, of_views: Sequence[KeysSection]) -> str:
    """Return the keys of a menu bar's actions, menu by menu, and those of views, as HTML."""
    parts = []
    for action in bar.actions():
        lines = [_line(entry) for entry in _entries(action) if not entry.shortcut().isEmpty()]
        if lines:
            parts.append(_section(action.text().replace("&", ""), lines))
    parts += [_section(title, lines) for title, lines in of_views]
    return "".join(parts)


def _entries(action: QAction) -> Iterator[QAction]:
    if isinstance(menu := action.menu(), QtWidgets.QMenu):
        for entry in menu.actions():
            yield entry
            yield from _entries(entry)


def _line(action: QAction) -> tuple[str, str]:
    """Return an action's key and its effect, which is the tooltip without the key."""
    key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    return key, effect_of(action.toolTip())


def _section(title: str, lines: Lines) -> str:
    rows = "".join(
        f"<tr><td><b>{html.escape(key)}</b>&nbsp;&nbsp;&nbsp;</td><td>{html.escape(text)}</td></tr>"
        for key, text in lines
    )
    return f"<h4>{html.escape(title)}</h4><table cellspacing='4'>{rows}</table>"


MAX_TERMS = 3


class WhatsThis(QObject):
    """Answers for every widget of a window that has a tooltip, with the tooltip's current text."""

    term_wanted = Signal(str)

    def __init__(self, window: QtWidgets.QWidget) -> None:
        super().__init__(window)
        self._window = window

    def ask(self) -> None:
        """Enter the mode in which the next click asks about a control; until then no events are filtered."""
        cast(QtWidgets.QApplication, QtWidgets.QApplication.instance()).installEventFilter(self)  # once, as Qt has it
        QtWidgets.QWhatsThis.enterWhatsThisMode()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WhatsThisClicked and isinstance(event, QWhatsThisClickedEvent):
            QtWidgets.QWhatsThis.hideText()
            self.term_wanted.emit(event.href())
            return True
        if event.type() not in (QEvent.Type.QueryWhatsThis, QEvent.Type.WhatsThis):
            return False
        found = self._explained(watched)
        if found is None:
            return False
        if event.type() == QEvent.Type.WhatsThis and isinstance(event, QHelpEvent):
            QtWidgets.QWhatsThis.showText(event.globalPos(), whats_this(found), found)
        else:
            event.accept()
        return True

    def _explained(self, watched: QObject) -> QtWidgets.QWidget | None:
        """Return the innermost enclosing widget that has a tooltip."""
        if not isinstance(watched, QtWidgets.QWidget) or watched.window() is not self._window:
            return None
        return next((widget for widget in ancestors(watched) if widget.toolTip()), None)


def whats_this(widget: QtWidgets.QWidget) -> str:
    name, tooltip = widget.accessibleName() or widget.accessibleDescription(), widget.toolTip()
    is_rich = Qt.mightBeRichText(tooltip)
    words = tooltip if is_rich else html.escape(" ".join(tooltip.split()))
    title = f"<p><b>{html.escape(name)}</b></p>" if name else ""
    terms = terms_in(f"{name}. {'' if is_rich else tooltip}")[:MAX_TERMS]
    entries = [
        f'<p><a href="{html.escape(term.key)}">{html.escape(term.name)}</a>: {html.escape(term.text)}</p>'
        for term in terms
    ]
    return f"{title}<p>{words}</p>{'<hr>' if entries else ''}{''.join(entries)}"


ABOUT = _(
    "<b>tinynet {version}</b><p>A laboratory for the smallest useful neural network: Linear(1, n), ReLU, Linear(n, 1), "
    "learning a function of one variable.</p><p>Space starts and pauses, S takes one step, R resets, N takes another "
    "seed, + and − change the speed. Tab reaches the diagram; arrow keys walk through its neurons. M takes the next "
    "step apart: Left and Right go through its four moves, Home and End to the first and the last.</p>"
).format(version=__version__)


THIS_VERSION = _(
    "This is version {version}. It reads files of the formats {first} to {last}, and writes the earliest that has room "
    "for what is in them."
).format(version=__version__, first=FIRST_FORMAT, last=FORMAT)


@runtime_checkable
class NamingTerms(Protocol):
    """A view that asks for an entry of the glossary."""

    term_wanted: SignalInstance


POINTS_MS = 2 * pulse.TICKS * pulse.TICK_MS  # two pulses


class HelpController(Controller):
    """Opens help windows beside the window, and points at controls in it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        presented = sorted((view.presented_as[0], view.title) for view in context.table if view.presented_as)
        self._keys_of_views: list[KeysSection] = [(_("In a presentation"), presented)]
        self._keys_of_views += [(view.keys_title or view.title, view.keys) for view in context.table if view.keys]
        self._pointer = pulse.Pulse(context.window, "pointerFrame")
        self._points = single_shot(self, POINTS_MS, self._pointer.stop, "pointerEnds")
        self.whats_this = WhatsThis(context.window)
        self.whats_this.term_wanted.connect(self.show_term)
        context.each_view(self._connect_terms)
        context.open_term = self.show_term
        context.actions.connect(
            actionGuide=lambda: self._show_written("guide", _("Guide")),
            actionMistakes=lambda: self._show_written("mistakes", _("Mistakes in your own code")),
            actionChanges=lambda: self._show_written("changes", _("Changes"), THIS_VERSION),
            actionKeys=self._show_keys,
            actionGlossary=lambda: _open(self._glossary),
            actionWhatsThis=self.whats_this.ask,
            actionAbout=lambda: QtWidgets.QMessageBox.about(self._window, _("About tinynet"), ABOUT),
        )

    def _connect_terms(self, _record: View, view: QtWidgets.QWidget) -> None:
        if isinstance(view, NamingTerms):
            view.term_wanted.connect(self.show_term)

    def _sheet(self, name: str, title: str) -> dialogs.HelpSheet:
        return self._window.findChild(dialogs.HelpSheet, f"{name}Sheet") or dialogs.HelpSheet(name, title, self._window)

    def _show_written(self, name: str, title: str, first: str = "") -> None:
        sheet = self._sheet(name, title)
        if sheet.page.document().isEmpty():
            sheet.page.setMarkdown(f"{first}\n\n{translated_resource(f'{name}.md').read_text(encoding='utf-8')}")
        _open(sheet)

    def _show_keys(self) -> None:
        sheet = self._sheet("keys", _("Keys"))
        sheet.page.setHtml(keys_html(self._window.menuBar(), self._keys_of_views))  # keys may be disabled
        _open(sheet)

    @cached_property
    def _glossary(self) -> Glossary:
        glossary = Glossary(self._window)
        glossary.place_wanted.connect(self.point_at)
        return glossary

    def show_term(self, name: str) -> None:
        _open(self._glossary)
        self._glossary.show_term(name)

    def point_at(self, object_name: str) -> None:
        if (found := self._context.part(object_name)) is not None:
            self._pointer.start(found)
            self._points.start()


def _open(dialog: dialogs.Dialog) -> None:
    dialog.show()
    dialog.activateWindow()


FEATURE = Feature(
    "help",
    HelpController,
    Action(
        "actionWhatsThis",
        _("&What's this?"),
        _("Then click anything in the window: it says what it is for."),
        "words",
        "Shift+F1",
    ),
    Action(
        "actionGuide",
        _("G&uide"),
        _("What you can do here, subject by subject, and what to do when something goes wrong."),
        "words",
    ),
    Action(
        "actionMistakes",
        _("&Mistakes in your own code"),
        _("What goes wrong in a training loop of your own: what it looks like, why, and how to see it here."),
        "words",
    ),
    Action("actionGlossary", _("&Glossary"), _("The words of the field, in two sentences each."), "words"),
    Action("actionKeys", _("&Keys"), _("All keys on one sheet."), "words", "F1"),
    Action("actionChanges", _("&Changes"), _("What is new in each version, and which files this one reads."), "about"),
    Action("actionAbout", _("&About tinynet"), _("What this program is."), "about"),
)
