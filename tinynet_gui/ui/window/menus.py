"""The menus: every action of the window as one record, in its place."""

from dataclasses import dataclass

from PySide6.QtGui import QKeySequence


@dataclass(frozen=True)
class Action:
    """One action: its object name, its text, its key, and its effect, as a sentence for the tooltip.

    `is_checkable`: it is a switch. `repeats`: it repeats while its key is held down. `takes_typing`: it uses text still
    being typed into a field.
    """

    name: str
    text: str
    key: str | QKeySequence.StandardKey
    tooltip: str
    icon: str = ""
    is_checkable: bool = False
    repeats: bool = False
    takes_typing: bool = False


START = "Train until the stop step; from there on, for as many steps again."
START_TEXTS = "Start", "Pause"
START_TOOLTIP = f"{START} Key: Space"
LESSONS = "&Lessons"
RECENT, EXPORT = "recentSessions", "exportMenu"  # menus within the menus, by object name
RECENT_LESSONS, LANGUAGE = "recentLessons", "lessonLanguage"
VIEWS = "views"  # the actions that bring a view into sight
SEPARATOR = ""
Entries = tuple[Action | str, ...]
MENUS: dict[str, Entries] = {
    "&File": (
        Action(
            "actionNew",
            "&New session",
            QKeySequence.StandardKey.New,
            "Begin afresh; this session stays among the recent ones.",
            takes_typing=True,
        ),
        Action("actionOpenSession", "&Open session …", QKeySequence.StandardKey.Open, "Take up a session from a file."),
        RECENT,
        Action(
            "actionSaveSession",
            "&Save session",
            QKeySequence.StandardKey.Save,
            "Write all runs, with their whole history, to a file.",
            takes_typing=True,
        ),
        Action(
            "actionSaveSessionAs",
            "Save session &as …",
            "Ctrl+Shift+S",
            "Write the session to another file.",
            takes_typing=True,
        ),
        SEPARATOR,
        Action(
            "actionOpen",
            "Open s&ettings …",
            "",
            "Load a run's settings from a file, or from a picture that was saved here.",
        ),
        Action(
            "actionSave",
            "Sa&ve settings …",
            "",
            "Write this run's settings to a file, and what students see.",
            takes_typing=True,
        ),
        SEPARATOR,
        Action(
            "actionOpenData",
            "Open &data …",
            "Ctrl+Shift+O",
            "Take samples from a file: two columns of numbers, or more to choose from.",
            takes_typing=True,
        ),
        Action(
            "actionSaveData",
            "Save da&ta …",
            "",
            "Write the samples to a file, with what the network makes of each x.",
            takes_typing=True,
        ),
        SEPARATOR,
        Action(
            "actionOpenNetwork",
            "Open net&work …",
            "",
            "Begin a run with weights from a file: a state_dict, the table exported here, or what PyTorch printed.",
        ),
        EXPORT,
        Action(
            "actionSavePicture", "Save &picture …", "Ctrl+P", "Save the window as a picture, which carries its setting."
        ),
        Action("actionExportFilm", "Export &film …", "", "Show the whole run as a film: GIF, WebP or APNG."),
        SEPARATOR,
        Action("actionQuit", "&Quit", QKeySequence.StandardKey.Quit, "End the program; settings and layout are kept."),
    ),
    "&Edit": (
        Action(
            "actionUndo",
            "&Undo",
            QKeySequence.StandardKey.Undo,
            "Take back the last change of a setting, or of a weight set by hand.",
            repeats=True,
            takes_typing=True,
        ),
        Action(
            "actionRedo",
            "&Redo",
            QKeySequence.StandardKey.Redo,
            "Make the change again that was taken back.",
            repeats=True,
            takes_typing=True,
        ),
        SEPARATOR,
        Action(
            "actionCopySetting",
            "&Copy setting",
            "Ctrl+Shift+C",
            "Copy the setting as one line of text, for a mail: what differs from the tutorial.",
            takes_typing=True,
        ),
        Action(
            "actionPasteSetting",
            "&Paste setting",
            "Ctrl+Shift+V",
            "Begin with the setting that was copied, as text or as a picture.",
            takes_typing=True,
        ),
        SEPARATOR,
        Action(
            "actionPasteData",
            "Paste d&ata",
            QKeySequence.StandardKey.Paste,
            "Take samples from the clipboard: two columns of a spreadsheet. "
            "The key also pastes a setting, if there is one.",
            takes_typing=True,
        ),
        Action(
            "actionEditData",
            "E&dit data",
            "D",
            "Change the samples with the mouse; training continues with them.",
            is_checkable=True,
        ),
        SEPARATOR,
        Action(
            "actionTutorial",
            "Back to the &tutorial",
            "Ctrl+T",
            "Restore the tutorial's settings, and show everything; this can be undone.",
            takes_typing=True,
        ),
    ),
    "&Training": (
        Action("actionStart", "Start", "Space", START, "play", is_checkable=True, takes_typing=True),
        Action(
            "actionStep",
            "Step",
            "S",
            "Take one step: forward, loss, backward, update.",
            "step",
            repeats=True,
            takes_typing=True,
        ),
        Action("actionReset", "Reset", "R", "Back to step 0 and the same initial weights.", "reset", takes_typing=True),
        Action("actionNewSeed", "New seed", "N", "Draw other initial weights and restart.", "seed", takes_typing=True),
        SEPARATOR,
        Action(
            "actionToEnd",
            "To the end",
            "E",
            "Train to the stop step at once, as fast as it goes.",
            "end",
            takes_typing=True,
        ),
        Action("actionGoTo", "&Go to step …", "Ctrl+G", "Train to a step of your choice at once.", takes_typing=True),
        Action(
            "actionKeep", "&Keep this network", "K", "Keep it as it is now, trained or not, and draw it over others."
        ),
        VIEWS,
        SEPARATOR,
        Action("actionFaster", "&Faster", "+", "Take more steps in the same time.", repeats=True),
        Action("actionSlower", "S&lower", "-", "Take fewer steps in the same time.", repeats=True),
    ),
    "&View": (
        Action("actionLogLoss", "&Logarithmic loss", "L", "Draw the loss on a logarithmic axis.", is_checkable=True),
        Action(
            "actionSharpness",
            "&Sharpness",
            "",
            "Draw below the loss how much it curves, and the line up to which gradient descent is stable.",
            is_checkable=True,
        ),
        Action(
            "actionEndInSight",
            "&End in sight",
            "",
            "While a setting is being changed, show where the training would end with it.",
            is_checkable=True,
        ),
        SEPARATOR,
        Action(
            "actionZoomIn",
            "La&rger",
            QKeySequence.StandardKey.ZoomIn,
            "Show everything larger, up to 300 %.",
            repeats=True,
        ),
        Action(
            "actionZoomOut",
            "S&maller",
            QKeySequence.StandardKey.ZoomOut,
            "Show everything smaller, down to 80 %.",
            repeats=True,
        ),
        Action("actionZoomReset", "&Usual size", "Ctrl+0", "Show everything in its usual size."),
        SEPARATOR,
        Action("actionFullScreen", "&Full screen", "F11", "Let the window have all of the screen.", is_checkable=True),
        Action(
            "actionPresentation",
            "&Presentation",
            "F5",
            "For an audience: full screen, large enough for the last row, with no panels.",
            is_checkable=True,
        ),
        SEPARATOR,
        Action(
            "actionVisible", "&What students see …", "", "Hide controls, views and experiments, or show them again."
        ),
    ),
    LESSONS: (
        Action("actionLessonNext", "&Next page", "Alt+Right", "Go on in the lesson, as soon as the page is done."),
        Action("actionLessonBack", "&Back a page", "Alt+Left", "Look at the lesson's page before this one again."),
        Action("actionLessonRestart", "&Restart the lesson", "", "Restart the lesson at its first page."),
        Action(
            "actionLessonLeave", "&Leave the lesson", "", "Go back to your own session; the lesson remembers its page."
        ),
        SEPARATOR,
        Action("actionOpenLesson", "&Open lesson …", "", "Play a lesson from a file: a text with questions and goals."),
        RECENT_LESSONS,
        LANGUAGE,
        Action(
            "actionReloadLesson",
            "Reloa&d the lesson",
            "Ctrl+R",
            "Read the lesson's file again and stay on the page, while you write it.",
        ),
        SEPARATOR,
        Action(
            "actionSaveAnswers",
            "&Save answers …",
            "",
            "Write your guesses and the results to a file to hand in. Nothing is sent.",
        ),
        Action(
            "actionOpenAnswers",
            "Open ans&wers …",
            "",
            "Show what a class has handed in, question by question: choose all the files at once.",
        ),
    ),
    "&Help": (
        Action(
            "actionWhatsThis", "&What's this?", "Shift+F1", "Then click anything in the window: it says what it is for."
        ),
        Action(
            "actionGuide", "G&uide", "", "What there is to do here, subject by subject, and what to do about trouble."
        ),
        Action("actionGlossary", "&Glossary", "", "The words of the field, in two sentences each."),
        Action("actionKeys", "&Keys", "F1", "All keys on one sheet."),
        SEPARATOR,
        Action("actionAbout", "&About tinynet", "", "What this program is."),
    ),
}
SUBMENUS: dict[str, tuple[str, Entries]] = {  # title and entries
    RECENT: ("&Recent sessions", ()),  # filled when they open
    RECENT_LESSONS: ("Re&cent lessons", ()),
    LANGUAGE: ("L&anguage", ()),
    EXPORT: (
        "E&xport",
        (
            Action(
                "actionExportScript",
                "&PyTorch script …",
                "",
                "Write this run as a script for PyTorch, and check that it gives the same losses.",
            ),
            Action(
                "actionExportNotebook",
                "&Notebook …",
                "",
                "Write this run as a Jupyter notebook with plots, and check that it gives the same losses.",
            ),
            Action(
                "actionExportPage",
                "&Web page …",
                "",
                "Write this run as one file to play and explore in any browser, with no network and no program.",
            ),
            SEPARATOR,
            Action(
                "actionExportModel",
                "Network as &state_dict …",
                "",
                "Write the weights and biases shown to a file that PyTorch loads.",
            ),
            Action(
                "actionExportNumbers",
                "Network as n&umbers …",
                "",
                "Write the weights and biases shown as a table to a CSV file.",
            ),
        ),
    ),
}
