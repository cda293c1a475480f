"""Finds an action, view, lesson, setting or word of the glossary by its name, and does it."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial

from PySide6 import QtWidgets
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence

from tinynet_gui.core.config import SETTINGS
from tinynet_gui.core.text.language import ENGLISH, gettext as _, process_language
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.core.wording.glossary import TERMS
from tinynet_gui.ui.style.theme import theme
from tinynet_gui.ui.views.panel.parameter_rows import SECTIONS
from tinynet_gui.ui.widgets import cards, dialogs, pulse, touch
from tinynet_gui.ui.widgets.accessibility import ENTER, OWN_TOOLTIP, PLACE, SCROLLS, announce, named
from tinynet_gui.ui.window.actions import effect_of
from tinynet_gui.ui.window.context import Context, Controller

SIZE = 560, 460
LINES = 4  # of the sentence below the list
NOTHING = _("Nothing here has words that begin so.")
NOT_NOW = _("Not possible now.")
NO_EFFECT = _("It has no effect with the present settings.")
NO_TAB = _("Its tab comes as soon as there is something to show.")


@frozen_dataclass
class Findable:
    """Something to find: name, place, sentence and key as on the screen; `do` is called by Enter.

    `hindrance` is why it cannot be done now, or ""; `aliases` are its names in scripts and in English.
    """

    name: str
    where: str
    tooltip: str
    do: Callable[[], object]
    key: str = ""
    hindrance: str = ""
    aliases: str = ""

    @property
    def words(self) -> str:
        """Its sentence below the list."""
        return " ".join(f"{self.hindrance} {self.tooltip}".split())


@lru_cache(maxsize=4_096)  # each key that is typed asks for those of all entries
def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, in lower case, without accents and apostrophes."""
    plain = unicodedata.normalize("NFKD", re.sub("['’]", "", text.casefold()))
    return (*re.findall(r"[^\W_]+", "".join(sign for sign in plain if not unicodedata.combining(sign))),)


def found(entries: Sequence[Findable], typed: str) -> list[Findable]:
    """Return the entries in which each typed word begins a word.

    First those that have all of them in the name, of these first those whose name begins with the first; then those
    that have some in an alias or the menu's title, or else in the sentence.
    """
    wanted, ranked = words_of(typed), list[tuple[int, Findable]]()
    for entry in entries:
        have, name = list[str](), words_of(entry.name)
        for rank, more in enumerate((name, words_of(f"{entry.aliases} {entry.where}"), words_of(entry.tooltip))):
            have += more
            if all(any(word.startswith(begun) for word in have) for begun in wanted):
                is_first = rank == 0 and (not wanted or name[0].startswith(wanted[0]))
                ranked.append((-1 if is_first else rank, entry))
                break
    return [entry for _, entry in sorted(ranked, key=lambda each: each[0])]


class Finder(dialogs.Dialog):
    """Lists entries while one types; the focus stays in the field, whose arrow keys walk through the list."""

    def __init__(self, entries: Sequence[Findable], parent: QtWidgets.QWidget) -> None:
        super().__init__("findAction", _("Find an action"), parent, deleted_when_closed=True)
        self._entries, self._shown = entries, list[Findable]()
        field = QtWidgets.QLineEdit(placeholderText=_("begin a word or two of its name"), clearButtonEnabled=True)
        self._field = named(
            field, "findField", _("Find"), _("Words in any order; the arrow keys choose, Enter does it.")
        )
        tree = QtWidgets.QTreeWidget(columnCount=3)
        self._list = named(tree, "findList", _("What there is, where it is, and its key"))
        tree.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        tree.setHeaderHidden(True)
        tree.setRootIsDecorated(False)
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.ResizeToContents)
        tree.header().setSectionResizeMode(0, QtWidgets.QHeaderView.ResizeMode.Stretch)
        label = QtWidgets.QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignTop, textFormat=Qt.TextFormat.PlainText)
        self._words = named(label, "findWords", _("What it does"))
        label.setFixedHeight(LINES * label.fontMetrics().lineSpacing())
        cards.filled(QtWidgets.QVBoxLayout(self), field, (tree, 1), label, self.make_buttons(dialogs.Button.Close))
        touch.give_size(self, *SIZE)
        field.textChanged.connect(self._on_typed)
        field.installEventFilter(self)
        tree.currentItemChanged.connect(self._on_current_changed)
        tree.itemClicked.connect(self.accept)
        self._on_typed("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Pass the keys of the field that move in a list to the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in SCROLLS:
                return QCoreApplication.sendEvent(self._list, event)
            if event.key() in ENTER:
                self.accept()
                return True
        return False

    def accept(self) -> None:
        """Close, and do the current entry; one that cannot be done now says why again."""
        if (entry := self._current) is None or entry.hindrance:
            announce(self, self._words.text())
            return
        super().accept()
        entry.do()

    @property
    def _current(self) -> Findable | None:
        row = self._list.currentIndex().row()
        return self._shown[row] if row >= 0 else None

    def _on_typed(self, typed: str) -> None:
        self._shown = found(self._entries, typed)
        self._list.clear()
        items = [QtWidgets.QTreeWidgetItem([entry.name, entry.where, entry.key]) for entry in self._shown]
        for item, entry in zip(items, self._shown, strict=True):
            for column in (0, 1, 2) if entry.hindrance else (1, 2):
                item.setForeground(column, theme().color("faint" if entry.hindrance else "muted"))
        self._list.addTopLevelItems(items)
        if items:
            self._list.setCurrentItem(items[0])
        else:
            self._words.setText(NOTHING)
            announce(self, NOTHING, topic=PLACE)

    def _on_current_changed(self) -> None:
        if (entry := self._current) is not None:
            self._words.setText(entry.words)
            announce(self, ", ".join(filter(None, (entry.name, entry.where, entry.key, entry.words))), topic=PLACE)


def _plain(text: str) -> str:
    """Return the text of an action or a menu without the ampersand of its mnemonic."""
    return re.sub("&(.)", r"\1", text)


def _menu_entries(context: Context, menu: QtWidgets.QMenu, where: str) -> Iterator[Findable]:
    """Yield what a menu and its submenus offer, as it would be seen now."""
    menu.aboutToShow.emit()  # lists its lessons, builds what is lazy
    heading = where
    for action in menu.actions():
        if action.isSeparator():
            heading = " › ".join(filter(None, (where, action.text())))
        elif isinstance(inner := action.menu(), QtWidgets.QMenu):
            yield from _menu_entries(context, inner, f"{where} › {_plain(action.text())}")
        elif action.isVisible() and (action.isEnabled() or action.objectName()):  # else it says that a list is empty
            yield _action_entry(action, heading)


def _english(name: str) -> str:
    """Return the words of an object name or a record's, as English names to find it by in another language."""
    english = re.sub("([A-Z])", r" \1", name.replace("_", " ").removeprefix("action"))
    return english if process_language() != ENGLISH else ""


def _action_entry(action: QAction, where: str) -> Findable:
    key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    name, tooltip, own = _plain(action.text()), action.toolTip(), action.property(OWN_TOOLTIP)
    hindrance = "" if action.isEnabled() else tooltip if own and own != tooltip else NOT_NOW
    tooltip = "" if tooltip in (hindrance, name) else effect_of(tooltip)
    return Findable(name, where, tooltip, action.trigger, key, hindrance, _english(action.objectName()))


def _view_entries(context: Context) -> Iterator[Findable]:
    hidden, layout = context.session.state.session.view.hidden, context.frame.layout
    for record in context.table:
        if record.action is None and record.hidden_as not in hidden:  # others are found by their action
            hindrance = "" if layout.has(record.name) else NO_TAB
            do = partial(_go_to, context, context.views.__getitem__, record.name)
            yield Findable(record.title, _("View"), "", do, hindrance=hindrance, aliases=_english(record.name))


def _setting_entries(context: Context) -> Iterator[Findable]:
    hidden, panel = context.session.state.session.view.hidden, context.views.panel
    panel.build_rest()
    for title, rows in SECTIONS:
        for row in (row for row in rows if row.path not in hidden):
            hindrance = "" if panel.is_used(row.path) else NO_EFFECT
            do = partial(_go_to, context, context.part, row.object_name)
            aliases, where = f"{row.path} {SETTINGS[row.path].key}", _("Setting › {section}").format(section=title)
            yield Findable(row.title, where, row.tooltip, do, hindrance=hindrance, aliases=aliases)


def _go_to(context: Context, find: Callable[[str], QtWidgets.QWidget | None], name: str) -> None:
    """Bring a view or the field of a setting into sight, and give it the focus; what is typed replaces its text."""
    if (target := find(name)) is not None:
        context.frame.arranger.reveal(target)
        pulse.bring_into_sight(target)
        target.setFocus()
        if isinstance(target, QtWidgets.QLineEdit | QtWidgets.QAbstractSpinBox):
            target.selectAll()


class FindController(Controller):
    """Opens the list, each time with what there is then."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        context.actions.connect(actionFind=lambda: Finder([*self._entries()], context.window).open())

    def _entries(self) -> Iterator[Findable]:
        context = self._context
        for action in context.window.menuBar().actions():
            if isinstance(menu := action.menu(), QtWidgets.QMenu):
                yield from _menu_entries(context, menu, _plain(action.text()))
        yield from _view_entries(context)
        yield from _setting_entries(context)
        for term in TERMS:
            yield Findable(term.name, _("Glossary"), term.text, partial(context.show_term, term.key), aliases=term.key)
