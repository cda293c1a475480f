"""Saves a learner's answers, and shows those of a class."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tinynet_gui.ui.window.actions import Action
from tinynet_gui.ui.window.context import Context, Feature, LazyImport


def _are_answers(names: Sequence[str]) -> bool:
    """Whether files and folders contain answers: a file of answers, or a folder."""
    from tinynet_gui.core.lessons.answers import SUFFIX  # lazy, for a quick start

    return any(Path(name).suffix.lower() == SUFFIX or Path(name).is_dir() for name in names)


def _take_files(context: Context, this: Callable[[], Any]) -> None:
    context.incoming.add_files(_are_answers, lambda names: this().open_files(names))


FEATURE = Feature(
    "answers",
    LazyImport("tinynet_gui.ui.features.answers.controller", "AnswersController"),
    Action(
        "actionSaveAnswers",
        "&Save answers …",
        "Write your guesses and the results to a file to hand in. Nothing is sent.",
        "answers",
    ),
    Action(
        "actionOpenAnswers",
        "Open ans&wers …",
        "Show what a class has handed in, question by question: choose all the files at once.",
        "of a class",
    ),
    Action(
        "actionOpenAnswersFolder",
        "Open a folder of answe&rs …",
        "The same for all files of answers in a folder, and in the folders in it.",
        "of a class",
    ),
    first=_take_files,
    of_view="lesson",
)
