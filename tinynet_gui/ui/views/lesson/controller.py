"""Makes the lesson view; the lessons feature connects it."""

from tinynet_gui.ui.views.lesson.lesson_view import LessonView
from tinynet_gui.ui.window.context import Context


def make(context: Context) -> LessonView:
    return LessonView()
