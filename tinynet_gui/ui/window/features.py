"""The list of the window's features: a new one is a module or a folder in `ui/features` and a line here.

A feature that the first sight does without is `LazyImport`, and so has its whole record here.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.ui.features import (
    announcements,
    errors,
    help as help_,
    introductions,
    lazy_twin,
    lessons,
    pictures,
    preferences,
    preview,
    run,
    sessions,
    settings,
    training,
    visible,
    why,
)
from tinynet_gui.ui.features.open_data import controller as open_data
from tinynet_gui.ui.window.actions import Action, Menu
from tinynet_gui.ui.window.context import Context, Feature, LazyImport, Parts
from tinynet_gui.ui.window.incoming import of_kind

if TYPE_CHECKING:
    from tinynet_gui.ui.features.answers.controller import AnswersController
    from tinynet_gui.ui.features.lessons.controller import LessonController
    from tinynet_gui.ui.features.nudge import NudgeController
    from tinynet_gui.ui.features.open_network import OpenNetworkController
    from tinynet_gui.ui.features.open_training import OpenTrainingController
    from tinynet_gui.ui.features.two_runs import TwoRunsController
    from tinynet_gui.ui.views.runs.runs_view import RunsView

FOLDER = "tinynet_gui.ui.features"
READING = "tinynet_gui.core.network_files.reading"
LOSSES = "tinynet_gui.core.loops.losses"
ANSWERS = "tinynet_gui.core.lessons.answers"


class Features(Parts):
    """The features of a window; those that the window or the program itself uses are declared."""

    lessons: "LessonController"
    sessions: sessions.SessionsController
    preferences: preferences.PreferencesController


def _connect_two_runs(context: Context, two_runs: "Callable[[], TwoRunsController]") -> None:
    def connect(view: "RunsView") -> None:
        view.table.luck_asked.connect(lambda one, other: two_runs().ask_luck(one, other))
        view.table.first_divergence_asked.connect(lambda one, other: two_runs().ask_first_divergence(one, other))
        view.table.valley_asked.connect(lambda one, other: two_runs().ask_valley(one, other))
        view.hill_asked.connect(lambda one, other: two_runs().ask_hill(one, other))

    context.when_built("runs", connect)


def _connect_lessons(context: Context, this: "Callable[[], LessonController]") -> None:
    """Offer the tour to first-time users, and open lesson files."""
    transport, is_new = context.frame.transport, context.store.offers_tour
    transport.show_tour(is_new)
    if is_new:
        context.store.remember_tour_offer(True)
    transport.tour_wanted.connect(context.actions["actionTour"].trigger)
    transport.tour_put_away.connect(lambda: this().forget_tour())
    context.incoming.add_file(of_kind(lessons.SUFFIX), lambda name: this().open_file(name))


def _are_answers(names: Sequence[str]) -> bool:
    """Whether files and folders contain answers: a file of answers, or a folder."""
    from tinynet_gui.core.lessons.answers import SUFFIX  # lazy, for a quick start

    return any(Path(name).suffix.lower() == SUFFIX or Path(name).is_dir() for name in names)


def _connect_answers(context: Context, answers: "Callable[[], AnswersController]") -> None:
    context.incoming.add_files(_are_answers, lambda names: answers().open_files(names))
    context.incoming.add_texts(LazyImport(ANSWERS, "are_answers"), lambda text, _how: answers().open_text(text))
    context.when_built("lesson", lambda view: view.save_wanted.connect(lambda: answers().save()))


def _connect_open_network(context: Context, this: "Callable[[], OpenNetworkController]") -> None:
    context.incoming.add_file(LazyImport(READING, "is_network_file"), lambda name: this().open_file(name))
    context.incoming.add_texts(LazyImport(READING, "is_network_text"), lambda text, _how: this().open_text(text))


def _connect_open_training(context: Context, this: "Callable[[], OpenTrainingController]") -> None:
    context.incoming.add_file(of_kind(".npz"), lambda name: this().open_file(name))
    context.incoming.add_texts(LazyImport(LOSSES, "is_losses"), lambda text, _how: this().open_losses(text))


def _connect_export(context: Context, _this: Callable[[], Any]) -> None:
    context.when_built("microscope", lambda view: view.addAction(context.actions["actionExportStep"]))


def _connect_nudge(context: Context, nudge: "Callable[[], NudgeController]") -> None:
    context.views.inspector.nudge_wanted.connect(lambda parameter: nudge().open_for(parameter))


# In the order in which they receive a change (the controllers of single views follow), and appear in shared menus.
FEATURES: tuple[Feature, ...] = (
    errors.FEATURE,  # first, as others can fail
    training.FEATURE,
    preview.FEATURE,  # computed while the rest is built
    lazy_twin.FEATURE,
    run.FEATURE,
    why.FEATURE,
    visible.FEATURE,
    introductions.FEATURE,
    Feature("two_runs", LazyImport(f"{FOLDER}.two_runs", "connect"), connect=_connect_two_runs),
    Feature(
        "lessons",
        LazyImport(f"{FOLDER}.lessons.controller", "LessonController"),
        Action("actionTour", _("&New here?"), _("Five minutes through the tutorial, step by step."), "tour"),
        Menu("thisLessonMenu", _("&This lesson"), ("pages", "answers"), "lesson"),
        Action(
            "actionLessonNext",
            _("&Next page"),
            _("Go on in the lesson, as soon as the page is done."),
            "pages",
            "Alt+Right",
        ),
        Action("actionLessonBack", _("&Back a page"), _("Go back to the lesson's previous page."), "pages", "Alt+Left"),
        Action("actionLessonRestart", _("&Restart the lesson"), _("Restart the lesson at its first page."), "pages"),
        Action(
            "actionLessonLeave",
            _("&Leave the lesson"),
            _("Go back to your own session; the lesson remembers its page."),
            "pages",
        ),
        Action(
            "actionOpenLesson",
            _("&Open lesson …"),
            _("Play a lesson from a file: a text with questions and goals."),
            "lesson files",
        ),
        Menu(lessons.RECENT, _("Re&cent lessons"), section="lesson files"),
        Menu(lessons.LANGUAGE, _("L&anguage"), section="lesson files"),
        Menu("teachersMenu", _("&For teachers"), ("writing", "of a class", "notes"), "teachers"),
        Action(
            "actionReloadLesson",
            _("Reloa&d the lesson"),
            _("Read the lesson's file again and stay on the page, while you write it."),
            "writing",
            "Ctrl+R",
        ),
        Action(
            "actionTeachersNotes",
            _("&Teacher's notes, with the answers"),
            _(
                "On the program's own lessons: aim, minutes, all answers, what a wrong guess shows, and what to ask "
                "next."
            ),
            "notes",
            hidden_as="action.teachers_notes",
        ),
        connect=_connect_lessons,
    ),
    Feature(
        "answers",
        LazyImport(f"{FOLDER}.answers.controller", "AnswersController"),
        Action(
            "actionSaveAnswers",
            _("&Save answers …"),
            _("Write your guesses and the results to a file to hand in. Nothing is sent."),
            "answers",
        ),
        Action(
            "actionOpenAnswers",
            _("Open ans&wers …"),
            _("Show what a class has handed in, question by question: choose all the files at once."),
            "of a class",
        ),
        Action(
            "actionOpenAnswersFolder",
            _("Open a folder of answe&rs …"),
            _("The same for all files of answers in a folder, and in the folders in it."),
            "of a class",
        ),
        Action(
            "actionPasteAnswers",
            _("&Paste answers"),
            _("The same for lines that learners copied in a web page, one learner's on a line, from the clipboard."),
            "of a class",
        ),
        connect=_connect_answers,
    ),
    settings.FEATURE,
    sessions.FEATURE,
    open_data.FEATURE,
    Feature(
        "open_network",
        LazyImport(f"{FOLDER}.open_network", "OpenNetworkController"),
        Action(
            "actionOpenNetwork",
            _("Open net&work …"),
            _("Begin a run with weights from a file: a state_dict, the table exported here, or what PyTorch printed."),
            "networks and pictures",
        ),
        connect=_connect_open_network,
    ),
    Feature(
        "open_training",
        LazyImport(f"{FOLDER}.open_training", "OpenTrainingController"),
        Action(
            "actionOpenTraining",
            _("Open trainin&g …"),
            _("Replay a training loop of your own from a file that tiny.Recorder wrote: which rule made its steps?"),
            "networks and pictures",
        ),
        Action(
            "actionPasteLosses",
            _("Paste l&osses"),
            _("Draw what a loop of your own printed as its losses, from the clipboard: which mistakes have them, too?"),
            "samples",
        ),
        connect=_connect_open_training,
    ),
    Feature(
        "export",
        LazyImport(f"{FOLDER}.export", "ExportController"),
        Menu("exportMenu", _("E&xport"), ("code", "network"), "networks and pictures"),
        Action(
            "actionExportScript",
            _("&PyTorch script …"),
            _("Write this run as a script for PyTorch, and check that it gives the same losses."),
            "code",
        ),
        Action(
            "actionExportNotebook",
            _("&Notebook …"),
            _("Write this run as a Jupyter notebook with plots, and check that it gives the same losses."),
            "code",
        ),
        Action(
            "actionExportStep",
            _("This step as &code …"),
            _(
                "Write the step that the microscope shows, or else the next one, as a script or a notebook: each line "
                "by hand, and checked against PyTorch."
            ),
            "code",
        ),
        Action(
            "actionExportPage",
            _("&Web page …"),
            _("Write this run as one file to play and explore in any browser, with no network and no program."),
            "code",
        ),
        Action(
            "actionExportModel",
            _("Network as &state_dict …"),
            _("Write the weights and biases shown to a file that PyTorch loads."),
            "network",
        ),
        Action(
            "actionExportNumbers",
            _("Network as n&umbers …"),
            _("Write the weights and biases shown as a table to a CSV file."),
            "network",
        ),
        connect=_connect_export,
    ),
    pictures.FEATURE,
    Feature(
        "film",
        LazyImport(f"{FOLDER}.film", "FilmController"),
        Action(
            "actionExportFilm",
            _("Export &film …"),
            _("Show the whole run as a film: GIF, WebP or APNG."),
            "networks and pictures",
        ),
    ),
    run.EDITING,
    Feature("nudge", LazyImport(f"{FOLDER}.nudge", "NudgeController"), connect=_connect_nudge),
    Feature(
        "find_action",
        LazyImport(f"{FOLDER}.find_action", "FindController"),
        Action(
            "actionFind",
            _("&Find an action …"),
            _("Find any action, view, lesson, setting or word by its name, and do it."),
            "tour",
            "Ctrl+Shift+P",
        ),
    ),
    help_.FEATURE,
    announcements.FEATURE,
    preferences.FEATURE,
)
