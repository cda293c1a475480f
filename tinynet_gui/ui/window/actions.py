"""The window's actions, and the menus made of them."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from tinynet_gui.core.text.language import gettext as _, pgettext
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.training.engines import ENGINE_CHOICES, EngineChoice
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.ui.style.theme import make_icon, theme
from tinynet_gui.ui.widgets.accessibility import literal_tooltip, wrapped
from tinynet_gui.ui.window.preferences import SCHEMES


@frozen_dataclass
class Action:
    """One action: its object name, text, effect (a sentence for the tooltip), and key, if it has one.

    `section`: its menu's section, in which entries of earlier records come first. `is_checkable`: it is a switch.
    `repeats`: it repeats while its key is held down. `leaves_typing`: text still being typed into a field stays as it
    is; before all other actions that are no switches it is committed. `hidden_as`: the name by which a teacher or a
    lesson can hide it.
    """

    name: str
    text: str
    tooltip: str
    section: str
    key: str | QKeySequence.StandardKey = ""
    icon: str = ""
    is_checkable: bool = False
    repeats: bool = False
    leaves_typing: bool = False
    hidden_as: str = ""


@frozen_dataclass
class Menu:
    """A menu; a submenu stands in a section of its parent."""

    name: str
    title: str
    sections: tuple[str, ...] = ()
    section: str = ""


START = _("Train until the stop step; from there on, for as many steps again.")
START_TEXTS = pgettext("button", "Start"), pgettext("button", "Pause")
# Translators: {effect} is a sentence such as "Take one step: forward, loss, backward, update."; it stays in front.
TOOLTIP = _("{effect} Key: {key}")
START_TOOLTIP, STOP_TOOLTIP = (
    TOOLTIP.format(effect=effect, key=_("Space")) for effect in (START, _("Stop after the steps under way."))
)
LETTER_KEYS = "actionLetterKeys"
HIGH_CONTRAST = "actionHighContrast"  # placed below the colour schemes
# The preferences that are switches, by their names there.
SWITCHES = {"high_contrast": HIGH_CONTRAST, "letter_keys": LETTER_KEYS, "less_motion": "actionLessMotion"}
# F11 and F5 are the system's own on macOS.
FULL_SCREEN, PRESENTATION = ("Meta+Ctrl+F", "Ctrl+Alt+P") if sys.platform == "darwin" else ("F11", "F5")
TRAINING, VIEW, LESSONS = "trainingMenu", "viewMenu", "lessonsMenu"
MENUS = (
    Menu("fileMenu", _("&File"), ("sessions", "settings", "data", "networks and pictures", "quit")),
    Menu("editMenu", _("&Edit"), ("undo", "setting", "samples", "tutorial")),
    Menu(TRAINING, pgettext("menu", "&Training"), ("steps", "further", "speed")),
    Menu(VIEW, _("&View"), ("plots", "zoom", "screen", "students")),
    Menu(LESSONS, _("&Lessons"), ("lesson", "lesson files", "teachers")),
    Menu("helpMenu", _("&Help"), ("tour", "words", "about")),
)
WINDOW_ACTIONS = (
    Action(
        "actionQuit",
        _("&Quit"),
        _("Quit the program; settings and layout are kept."),
        "quit",
        QKeySequence.StandardKey.Quit,
    ),
    Action(
        "actionZoomIn",
        _("La&rger"),
        _("Show everything larger, up to 300 %."),
        "zoom",
        QKeySequence.StandardKey.ZoomIn,
        repeats=True,
        leaves_typing=True,
    ),
    Action(
        "actionZoomOut",
        _("S&maller"),
        _("Show everything smaller, down to 80 %."),
        "zoom",
        QKeySequence.StandardKey.ZoomOut,
        repeats=True,
        leaves_typing=True,
    ),
    Action(
        "actionZoomReset",
        _("&Usual size"),
        _("Show everything in its usual size."),
        "zoom",
        "Ctrl+0",
        leaves_typing=True,
    ),
    Action(
        "actionFullScreen",
        _("&Full screen"),
        _("Fill the screen with the window."),
        "screen",
        FULL_SCREEN,
        is_checkable=True,
    ),
    Action(
        "actionPresentation",
        _("&Presentation"),
        _("For an audience: one view and its companion fill the screen, large enough for the last row."),
        "screen",
        PRESENTATION,
        is_checkable=True,
    ),
    Action(
        "actionNextRegion", _("Ne&xt region"), _("Go to the next part of the window."), "screen", "F6", repeats=True
    ),
    Action("actionRegionBefore", _("Region &before"), _("Go to the part before."), "screen", "Shift+F6", repeats=True),
    Action(
        LETTER_KEYS,
        _("Si&ngle-letter keys"),
        _(
            "S, R, E and the other keys of one character do something by themselves; keys with Ctrl, Alt or F always "
            "do."
        ),
        "screen",
        is_checkable=True,
    ),
    Action(
        "actionLessMotion",
        _("Less m&otion"),
        _("Nothing pulses, and menus do not slide; what you start goes on moving."),
        "screen",
        is_checkable=True,
    ),
    Action(
        HIGH_CONTRAST,
        _("Hi&gh contrast"),
        _("Stronger colours, such as for a weak projector; where the system asks for them, they are so anyway."),
        "colours",
        is_checkable=True,
    ),
)


ENGINE = _("&Engine")
ENGINE_TOOLTIPS: dict[EngineChoice, str] = {
    "auto": _("PyTorch up to 100 steps a frame, for networks with which it keeps up; compiled above, and to the end."),
    "pytorch": _("The tutorial's loop on autograd takes the steps."),
    "compiled": _(
        "The same arithmetic as one compiled loop takes the steps: thousands of times as fast for ten neurons, "
        "less so for larger networks."
    ),
}


class Actions:
    """All actions by object name, for buttons, menus and keys alike; `entries` are in order within each section."""

    def __init__(self, parent: QObject, entries: Sequence[Action | Menu]) -> None:
        self._entries = entries
        self._by_name: dict[str, QAction] = {}
        self._records = [entry for entry in entries if isinstance(entry, Action)]
        for record in self._records:
            # Holding Space must not start and pause in turn.
            action = QAction(record.text, parent, checkable=record.is_checkable, autoRepeat=record.repeats)
            action.setObjectName(record.name)
            self._by_name[record.name] = action
            _give_key(action, record, QKeySequence(record.key))
        self[LETTER_KEYS].setChecked(True)
        self[LETTER_KEYS].toggled.connect(self._use_letter_keys)
        self.schemes = QActionGroup(parent)
        for scheme in SCHEMES:
            text = {"system": _("As the s&ystem"), "light": _("L&ight"), "dark": _("&Dark")}[scheme]
            action = QAction(text, self.schemes, checkable=True)
            action.setObjectName(f"action{scheme.capitalize()}Colours")
            action.setData(scheme)
        self.engines = QActionGroup(parent)
        for choice, label in ENGINE_CHOICES.items():
            action = QAction(f"&{_(label)}", self.engines, checkable=True, toolTip=wrapped(ENGINE_TOOLTIPS[choice]))
            action.setObjectName(f"actionEngine{label}")
            action.setData(choice)

    def __getitem__(self, name: str) -> QAction:
        return self._by_name[name]

    def connect(self, **slots: Any) -> None:
        """Connect actions, named by keyword, to slots."""
        for name, slot in slots.items():
            self[name].triggered.connect(slot)

    def _use_letter_keys(self, are_used: bool) -> None:
        """Enable or disable shortcuts of one character: dictation and trembling hands trigger them by accident."""
        for record in self._records:
            if len(str(record.key)) == 1:
                _give_key(self[record.name], record, QKeySequence(record.key if are_used else ""))

    @property
    def text_input_actions(self) -> Iterator[QAction]:
        """Yield the actions before which text still being typed into a field is committed."""
        return (self[each.name] for each in self._records if not (each.is_checkable or each.leaves_typing))

    @property
    def checkable_actions(self) -> Iterator[QAction]:
        return (self[record.name] for record in self._records if record.is_checkable)

    @property
    def hideable_actions(self) -> dict[str, QAction]:
        return {record.hidden_as: self[record.name] for record in self._records if record.hidden_as}

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Add the menus to a menu bar; return them by object name."""
        records = [*MENUS, *(entry for entry in self._entries if isinstance(entry, Menu))]
        menus = {record.name: QMenu(record.title, bar) for record in records}
        for record in records:
            menu = menus[record.name]
            menu.setObjectName(record.name)
            menu.setToolTipsVisible(bool(record.section))
            for at, section in enumerate(record.sections):
                if at:
                    menu.addSeparator()
                for entry in self._entries:
                    if entry.section == section and isinstance(entry, Menu):
                        menu.addMenu(menus[entry.name])
                    elif entry.section == section:
                        menu.addAction(self[entry.name])
            if not record.section:
                bar.addMenu(menu)
        self._engines = menus[TRAINING].addMenu(ENGINE)
        self._engines.setToolTipsVisible(True)
        self._engines.addActions(self.engines.actions())
        menus[VIEW].addSection(_("Colours"))
        menus[VIEW].addActions([*self.schemes.actions(), self[HIGH_CONTRAST]])
        return menus

    @property
    def scheme(self) -> str:
        action = self.schemes.checkedAction()
        return str(action.data()) if action is not None else SCHEMES[0]

    def show_engine_in_use(self, name: str) -> None:
        self._engines.setTitle(_("&Engine: {name}").format(name=_(name)))

    def show_theme(self) -> None:
        for record in self._records:
            if record.icon and record.name != "actionStart":
                self[record.name].setIcon(make_icon(record.icon, theme().ink, theme().faint))
        self.show_running(self["actionStart"].text() == START_TEXTS[True])

    def show_running(self, running: bool) -> None:
        start = self["actionStart"]
        start.setText(START_TEXTS[running])
        start.setToolTip(wrapped(STOP_TOOLTIP if running else START_TOOLTIP))
        start.setIcon(make_icon("pause" if running else "play", theme().on_accent, theme().faint))


def _give_key(action: QAction, record: Action, key: QKeySequence) -> None:
    action.setShortcut(key)
    name = key.toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(wrapped(TOOLTIP.format(effect=record.tooltip, key=name) if name else record.tooltip))


def effect_of(tooltip: str) -> str:
    """Return an action's tooltip without the key, on one line."""
    return " ".join(tooltip.split()).partition(TOOLTIP.format(effect="", key=""))[0]


def check(choices: QActionGroup, data: object) -> None:
    """Check the action of a group that has these data."""
    for action in choices.actions():
        action.setChecked(action.data() == data)


def list_recent(menu: QMenu, files: Iterable[tuple[str, Any, str]], nothing: str) -> None:
    """Fill a menu with files: the words, the data and the tooltip of each; `nothing` says that there are none."""
    menu.clear()
    for words, data, tooltip in files:
        action = menu.addAction(shortened(words, 80).replace("&", "&&"))
        action.setData(data)
        action.setToolTip(literal_tooltip(tooltip))
    if menu.isEmpty():
        menu.addAction(nothing).setEnabled(False)
