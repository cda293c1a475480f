"""Makes the view of a lesson, which the feature of lessons connects."""

from tinynet_gui.ui.views.lesson.lesson_view import LessonView
from tinynet_gui.ui.window.context import Context


def make(context: Context) -> LessonView:
    """Return the view."""
    return LessonView(context.themes.theme)
