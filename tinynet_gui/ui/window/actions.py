"""The window's actions and its menus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from tinynet_gui.core.training.engines import ENGINE_CHOICES, EngineChoice
from tinynet_gui.ui.style.icons import make_icon
from tinynet_gui.ui.style.theme import LIGHT, Theme
from tinynet_gui.ui.window.preferences import SCHEMES


@dataclass(frozen=True)
class Spec:
    """One action: its text, its key and what it does, in a sentence for the tooltip."""

    text: str
    key: str | QKeySequence.StandardKey
    tooltip: str
    icon: str = ""


START = "Train until the stop step; from there on, for as many steps again."
START_TEXTS = "Start", "Pause"
START_TOOLTIP = f"{START} Key: Space"

SPECS: dict[str, Spec] = {
    "actionNew": Spec(
        "&New session", QKeySequence.StandardKey.New, "Begin afresh; this session stays among the recent ones."
    ),
    "actionOpenSession": Spec("&Open session …", QKeySequence.StandardKey.Open, "Take up a session from a file."),
    "actionSaveSession": Spec(
        "&Save session",
        QKeySequence.StandardKey.Save,
        "Write all runs, and what was done to them, to a file.",
    ),
    "actionSaveSessionAs": Spec("Save session &as …", "Ctrl+Shift+S", "Write the session to another file."),
    "actionOpen": Spec(
        "Open s&ettings …", "", "Load a run's settings from a file, or from a picture that was saved here."
    ),
    "actionSave": Spec("Sa&ve settings …", "", "Write this run's settings to a file."),
    "actionOpenData": Spec(
        "Open &data …", "Ctrl+Shift+O", "Take samples from a file: two columns of numbers, or more to choose from."
    ),
    "actionSaveData": Spec("Save da&ta …", "", "Write the samples to a file, with what the network makes of each x."),
    "actionExportScript": Spec(
        "&PyTorch script …", "", "Write this run as a script for PyTorch, and check that it gives the same losses."
    ),
    "actionExportNotebook": Spec(
        "&Notebook …", "", "Write this run as a Jupyter notebook with plots, and check that it gives the same losses."
    ),
    "actionExportModel": Spec(
        "Network as &state_dict …", "", "Write the weights and biases that are in sight to a file that PyTorch loads."
    ),
    "actionExportNumbers": Spec(
        "Network as n&umbers …", "", "Write the weights and biases that are in sight as a table to a CSV file."
    ),
    "actionSavePicture": Spec("Save &picture …", "Ctrl+P", "Save the window as a picture, which carries its setting."),
    "actionExportFilm": Spec("Export &film …", "", "Show the whole run as a film: GIF, WebP or APNG."),
    "actionQuit": Spec("&Quit", QKeySequence.StandardKey.Quit, "End the program; settings and layout are kept."),
    "actionUndo": Spec(
        "&Undo", QKeySequence.StandardKey.Undo, "Take back the last change of a setting, or of a weight set by hand."
    ),
    "actionRedo": Spec("&Redo", QKeySequence.StandardKey.Redo, "Make the change again that was taken back."),
    "actionPasteData": Spec(
        "Paste d&ata",
        QKeySequence.StandardKey.Paste,
        "Take samples from the clipboard: two columns of a spreadsheet. The key takes a setting too, if one is there.",
    ),
    "actionCopySetting": Spec(
        "&Copy setting", "Ctrl+Shift+C", "Copy the setting as one line of text, for a mail: what is not the tutorial's."
    ),
    "actionPasteSetting": Spec(
        "&Paste setting", "Ctrl+Shift+V", "Begin with the setting that was copied, as text or as a picture."
    ),
    "actionTutorial": Spec("Back to the &tutorial", "Ctrl+T", "Restore the tutorial's settings; this can be undone."),
    "actionStart": Spec("Start", "Space", START, "play"),
    "actionStep": Spec("Step", "S", "Take one step: forward, loss, backward, update.", "step"),
    "actionReset": Spec("Reset", "R", "Back to step 0 and the same initial weights.", "reset"),
    "actionNewSeed": Spec("New seed", "N", "Draw other initial weights and begin anew.", "seed"),
    "actionToEnd": Spec("To the end", "E", "Train to the stop step at once, as fast as it goes.", "end"),
    "actionGoTo": Spec("&Go to step …", "Ctrl+G", "Train to a step of your choice at once."),
    "actionKeep": Spec("&Keep this network", "K", "Keep it as it is now, trained or not, and draw it over others."),
    "actionMicroscope": Spec("&Microscope", "M", "Take the next step apart: forward, loss, backward, update."),
    "actionFaster": Spec("&Faster", "+", "Take more steps in the same time."),
    "actionSlower": Spec("S&lower", "-", "Take fewer steps in the same time."),
    "actionEditData": Spec("E&dit data", "D", "Change the samples with the mouse; a training goes on with them."),
    "actionLogLoss": Spec("&Logarithmic loss", "L", "Draw the loss on a logarithmic axis."),
    "actionEndInSight": Spec(
        "&End in sight", "", "While a setting is being changed, show where the training would end with it."
    ),
    "actionZoomIn": Spec("&Larger", QKeySequence.StandardKey.ZoomIn, "Show everything larger, up to 300 %."),
    "actionZoomOut": Spec("S&maller", QKeySequence.StandardKey.ZoomOut, "Show everything smaller, down to 80 %."),
    "actionZoomReset": Spec("&Usual size", "Ctrl+0", "Show everything in its usual size."),
    "actionFullScreen": Spec("&Full screen", "F11", "Let the window have all of the screen."),
    "actionPresentation": Spec(
        "&Presentation", "F5", "For an audience: full screen, large enough for the last row, with no panels."
    ),
    "actionOpenLesson": Spec("&Open lesson …", "", "Play a lesson from a file: a text with questions and goals."),
    "actionLessonNext": Spec("&Next page", "Alt+Right", "Go on in the lesson, as soon as the page is done."),
    "actionLessonBack": Spec("&Back a page", "Alt+Left", "Look at the lesson's page before this one again."),
    "actionLessonRestart": Spec("&Restart the lesson", "", "Begin the lesson anew, at its first page."),
    "actionLessonLeave": Spec("&Leave the lesson", "", "Go back to your own session; the lesson remembers its page."),
    "actionKeys": Spec("&Keys", "F1", "All keys on one sheet."),
    "actionGlossary": Spec("&Glossary", "", "The words of the field, in two sentences each."),
    "actionWhatsThis": Spec("&What's this?", "Shift+F1", "Then click anything in the window: it says what it is for."),
    "actionVisible": Spec("&What students see …", "", "Hide controls, views and experiments, or show them again."),
    "actionAbout": Spec("&About tinynet", "", "What this program is."),
}
RECENT = "recentSessions"
ENGINE_TOOLTIPS: dict[EngineChoice, str] = {
    "auto": "PyTorch up to 100 steps a frame, for networks with which it keeps up; compiled above, and to the end.",
    "pytorch": "The tutorial's loop on autograd takes the steps.",
    "compiled": "The same arithmetic as one compiled loop takes the steps, about a thousand times as fast.",
}
LESSONS = "&Lessons"
EXPORT = "exportMenu"
EXPORTS = ("actionExportScript", "actionExportNotebook", "", "actionExportModel", "actionExportNumbers")
CHECKABLE = (
    *("actionStart", "actionEditData", "actionLogLoss", "actionEndInSight"),
    *("actionFullScreen", "actionPresentation"),
)
REPEATING = (
    *("actionStep", "actionFaster", "actionSlower", "actionUndo", "actionRedo"),
    *("actionZoomIn", "actionZoomOut"),
)
MENUS: dict[str, tuple[str, ...]] = {
    "&File": (
        "actionNew",
        "actionOpenSession",
        RECENT,
        "actionSaveSession",
        "actionSaveSessionAs",
        "",
        "actionOpen",
        "actionSave",
        "",
        "actionOpenData",
        "actionSaveData",
        "",
        EXPORT,
        "actionSavePicture",
        "actionExportFilm",
        "",
        "actionQuit",
    ),
    "&Edit": (
        "actionUndo",
        "actionRedo",
        "",
        "actionCopySetting",
        "actionPasteSetting",
        "",
        "actionPasteData",
        "actionEditData",
        "",
        "actionTutorial",
    ),
    "&Training": (
        "actionStart",
        "actionStep",
        "actionReset",
        "actionNewSeed",
        "",
        "actionToEnd",
        "actionGoTo",
        "actionKeep",
        "actionMicroscope",
        "",
        "actionFaster",
        "actionSlower",
    ),
    "&View": (
        "actionLogLoss",
        "actionEndInSight",
        "",
        "actionZoomIn",
        "actionZoomOut",
        "actionZoomReset",
        "",
        "actionFullScreen",
        "actionPresentation",
        "",
        "actionVisible",
    ),
    LESSONS: (
        "actionLessonNext",
        "actionLessonBack",
        "actionLessonRestart",
        "actionLessonLeave",
        "",
        "actionOpenLesson",
    ),
    "&Help": ("actionWhatsThis", "actionGlossary", "actionKeys", "", "actionAbout"),
}


class Actions:
    """All actions by object name, for buttons, menus and keys alike."""

    def __init__(self, parent: QObject) -> None:
        self._by_name: dict[str, QAction] = {}
        self._on_accent = LIGHT.on_accent
        for name, spec in SPECS.items():
            action = QAction(spec.text, parent)
            action.setObjectName(name)
            action.setShortcut(QKeySequence(spec.key))
            key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{spec.tooltip}{f' Key: {key}' if key else ''}")
            action.setCheckable(name in CHECKABLE)
            action.setAutoRepeat(name in REPEATING)  # Space held down must not start and pause in turn
            self._by_name[name] = action
        self.schemes = QActionGroup(parent)
        for scheme in SCHEMES:
            action = QAction({"system": "As the &system", "light": "L&ight", "dark": "&Dark"}[scheme], parent)
            action.setObjectName(f"action{scheme.capitalize()}Colours")
            action.setCheckable(True)
            action.setData(scheme)
            self.schemes.addAction(action)

        self.engines = QActionGroup(parent)
        for choice, label in ENGINE_CHOICES.items():
            action = QAction(f"&{label}", parent)
            action.setObjectName(f"actionEngine{label}")
            action.setToolTip(ENGINE_TOOLTIPS[choice])
            action.setCheckable(True)
            action.setData(choice)
            self.engines.addAction(action)

    def __getitem__(self, name: str) -> QAction:
        return self._by_name[name]

    def connect(self, **slots: Any) -> None:
        """Connect actions, named by keyword, to slots."""
        for name, slot in slots.items():
            self[name].triggered.connect(slot)

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Make the menus; return those of the recent sessions and of the lessons, for who knows them."""
        recent = QMenu("&Recent sessions", bar)
        recent.setObjectName(RECENT)
        exports = QMenu("E&xport", bar)
        exports.setObjectName(EXPORT)
        self._fill(exports, EXPORTS, {})
        for title, names in MENUS.items():
            menu = bar.addMenu(title)
            self._fill(menu, names, {RECENT: recent, EXPORT: exports})
            if title == "&Training":
                engines = menu.addMenu("&Engine")
                engines.setToolTipsVisible(True)
                engines.addActions(self.engines.actions())
            if title == "&View":
                menu.addSection("Colours")
                menu.addActions(self.schemes.actions())
            if title == LESSONS:
                lessons = menu
        return {RECENT: recent, LESSONS: lessons}

    @property
    def scheme(self) -> str:
        """Which colours are chosen, a name in `SCHEMES`."""
        action = self.schemes.checkedAction()
        return str(action.data()) if action is not None else SCHEMES[0]

    def show_scheme(self, scheme: str) -> None:
        """Mark which colours are chosen."""
        for action in self.schemes.actions():
            action.setChecked(action.data() == scheme)

    def show_engine(self, choice: EngineChoice) -> None:
        """Mark which engine is chosen."""
        for action in self.engines.actions():
            action.setChecked(action.data() == choice)

    def _fill(self, menu: QMenu, names: Sequence[str], menus: Mapping[str, QMenu]) -> None:
        """Add actions and menus by name, and a line for each empty name."""
        for name in names:
            if name in menus:
                menu.addMenu(menus[name])
            elif name:
                menu.addAction(self[name])
            else:
                menu.addSeparator()

    def show_theme(self, theme: Theme) -> None:
        """Draw the icons in the colours of a theme."""
        for name, spec in SPECS.items():
            if spec.icon and name != "actionStart":
                self[name].setIcon(make_icon(spec.icon, theme.ink))
        self._on_accent = theme.on_accent
        self.show_running(self["actionStart"].isChecked())

    def show_running(self, running: bool) -> None:
        """Let the start action say what it will do: start or pause."""
        start = self["actionStart"]
        start.setChecked(running)
        start.setText(START_TEXTS[running])
        start.setToolTip("Stop after the steps under way. Key: Space" if running else START_TOOLTIP)
        start.setIcon(make_icon("pause" if running else "play", self._on_accent))
