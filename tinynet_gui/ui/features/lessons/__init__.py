"""Finds, opens, plays and remembers lessons."""

from collections.abc import Callable
from typing import Any

from tinynet_gui.ui.window.actions import Action, Menu
from tinynet_gui.ui.window.context import Context, Feature, LazyImport
from tinynet_gui.ui.window.incoming import of_kind

RECENT, LANGUAGE = "recentLessonsMenu", "lessonLanguageMenu"  # submenus
SUFFIX = ".md"


def _begin(context: Context, this: Callable[[], Any]) -> None:
    """Offer the tour for first-time users, and register lesson files."""
    transport, is_new = context.frame.transport, context.store.is_new_here
    transport.show_tour(is_new)
    if is_new:
        context.store.remember_new_here(True)
    transport.tour_wanted.connect(context.actions["actionTour"].trigger)
    context.make_at("lessons", transport.tour_put_away)
    context.incoming.add_file(of_kind(SUFFIX), lambda name: this().open_file(name))


FEATURE = Feature(
    "lessons",
    LazyImport("tinynet_gui.ui.features.lessons.controller", "LessonController"),
    Action("actionTour", "&New here?", "Five minutes through the tutorial, step by step.", "tour"),
    Menu("thisLessonMenu", "&This lesson", ("pages", "answers"), "lesson"),
    Action("actionLessonNext", "&Next page", "Go on in the lesson, as soon as the page is done.", "pages", "Alt+Right"),
    Action("actionLessonBack", "&Back a page", "Go back to the lesson's previous page.", "pages", "Alt+Left"),
    Action("actionLessonRestart", "&Restart the lesson", "Restart the lesson at its first page.", "pages"),
    Action(
        "actionLessonLeave", "&Leave the lesson", "Go back to your own session; the lesson remembers its page.", "pages"
    ),
    Action(
        "actionOpenLesson",
        "&Open lesson …",
        "Play a lesson from a file: a text with questions and goals.",
        "lesson files",
    ),
    Menu(RECENT, "Re&cent lessons", section="lesson files"),
    Menu(LANGUAGE, "L&anguage", section="lesson files"),
    Menu("teachersMenu", "&For teachers", ("writing", "of a class", "notes"), "teachers"),
    Action(
        "actionReloadLesson",
        "Reloa&d the lesson",
        "Read the lesson's file again and stay on the page, while you write it.",
        "writing",
        "Ctrl+R",
    ),
    Action(
        "actionTeachersNotes",
        "&Teacher's notes, with the answers",
        "On the program's own lessons: aim, minutes, all answers, what a wrong guess shows, and what to ask next.",
        "notes",
        hidden_as="action.teachers_notes",
    ),
    first=_begin,
)
