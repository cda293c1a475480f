"""The menus and their sections, the record of an action, and the actions that are the window's own."""

import sys

from PySide6.QtGui import QKeySequence

from tinynet_gui.core.values import dataclass


@dataclass(frozen=True)
class Action:
    """One action: its object name, its text, its effect, as a sentence for the tooltip, and its key, if it has one.

    `section`: where it stands, in one of the menus' sections, after the entries of records before its own.
    `is_checkable`: it is a switch. `repeats`: it repeats while its key is held down. `takes_typing`: it uses text still
    being typed into a field. `hidden_as`: what a teacher or a lesson calls it who hides it, if they can.
    """

    name: str
    text: str
    tooltip: str
    section: str
    key: str | QKeySequence.StandardKey = ""
    icon: str = ""
    is_checkable: bool = False
    repeats: bool = False
    takes_typing: bool = False
    hidden_as: str = ""


@dataclass(frozen=True)
class Menu:
    """A menu: its object name, its title, its sections, and the section of another menu if it is within that one."""

    name: str
    title: str
    sections: tuple[str, ...] = ()
    section: str = ""


START = "Train until the stop step; from there on, for as many steps again."
START_TEXTS = "Start", "Pause"
START_TOOLTIP = f"{START} Key: Space"
LETTER_KEYS = "actionLetterKeys"
HIGH_CONTRAST = "actionHighContrast"  # stands below the colours
# F11 and F5 are the system's own on macOS.
FULL_SCREEN, PRESENTATION = ("Meta+Ctrl+F", "Ctrl+Alt+P") if sys.platform == "darwin" else ("F11", "F5")
TRAINING, VIEW, LESSONS = "trainingMenu", "viewMenu", "lessonsMenu"
MENUS = (
    Menu("fileMenu", "&File", ("sessions", "settings", "data", "networks and pictures", "quit")),
    Menu("editMenu", "&Edit", ("undo", "setting", "samples", "tutorial")),
    Menu(TRAINING, "&Training", ("steps", "further", "speed")),
    Menu(VIEW, "&View", ("plots", "zoom", "screen", "students")),
    Menu(LESSONS, "&Lessons", ("lesson", "lesson files", "teachers")),
    Menu("helpMenu", "&Help", ("tour", "words", "about")),
)
OF_WINDOW = (
    Action(
        "actionQuit", "&Quit", "Quit the program; settings and layout are kept.", "quit", QKeySequence.StandardKey.Quit
    ),
    Action(
        "actionZoomIn",
        "La&rger",
        "Show everything larger, up to 300 %.",
        "zoom",
        QKeySequence.StandardKey.ZoomIn,
        repeats=True,
    ),
    Action(
        "actionZoomOut",
        "S&maller",
        "Show everything smaller, down to 80 %.",
        "zoom",
        QKeySequence.StandardKey.ZoomOut,
        repeats=True,
    ),
    Action("actionZoomReset", "&Usual size", "Show everything in its usual size.", "zoom", "Ctrl+0"),
    Action(
        "actionFullScreen", "&Full screen", "Fill the screen with the window.", "screen", FULL_SCREEN, is_checkable=True
    ),
    Action(
        "actionPresentation",
        "&Presentation",
        "For an audience: one view and its companion fill the screen, large enough for the last row.",
        "screen",
        PRESENTATION,
        is_checkable=True,
    ),
    Action("actionNextRegion", "Ne&xt region", "Go to the next part of the window.", "screen", "F6", repeats=True),
    Action("actionRegionBefore", "Region &before", "Go to the part before.", "screen", "Shift+F6", repeats=True),
    Action(
        LETTER_KEYS,
        "Si&ngle-letter keys",
        "S, R, E and the other keys of one character do something by themselves; keys with Ctrl, Alt or F always do.",
        "screen",
        is_checkable=True,
    ),
    Action(
        "actionLessMotion",
        "Less m&otion",
        "Nothing pulses, and menus do not slide; what you start goes on moving.",
        "screen",
        is_checkable=True,
    ),
    Action(
        HIGH_CONTRAST,
        "Hi&gh contrast",
        "Stronger colours, such as for a weak projector; where the system asks for them, they are so anyway.",
        "colours",
        is_checkable=True,
    ),
)
