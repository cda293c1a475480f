"""A script in the user's place, for the program of the folder: there is no pytest, and no Python but its own."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QComboBox

import tinynet_gui
from tests.e2e.play import Condition, click_in_lesson, label, run_main
from tests.lessons import OWN_LESSON
from tests.not_none import not_none
from tinynet_gui.core.export.script import code_of, script_text
from tinynet_gui.core.export.verification import recorded_losses, unverified, verify
from tinynet_gui.core.lessons.lesson import Goal
from tinynet_gui.core.lessons.reading.reader import bundled_lessons, read_lesson_file
from tinynet_gui.core.network_files.reading import numbers_csv
from tinynet_gui.engine.jobs.exporting import export_page
from tinynet_gui.engine.jobs.jobs import Job
from tinynet_gui.ui.style.colors import DARK, LIGHT
from tinynet_gui.ui.style.style_sheets import css_variables
from tinynet_gui.ui.window.main_window import MainWindow

NOTES = "played.txt"
LESSONS = ("01", "02", "12")


def _set(**changes: object) -> Callable[[MainWindow], None]:
    return lambda window: window.session.edit({name.replace("__", "."): value for name, value in changes.items()})


def _press(action: str) -> Callable[[MainWindow], None]:
    return lambda window: window.actions_[action].trigger()


def _one_step(window: MainWindow) -> None:
    _set(training__learning_rate=0.24)(window)
    window.actions_["actionReset"].trigger()
    window.session.fast_forward(1)


# How what is to be done by hand is done, by the condition that it is to bring about.
ACTS: dict[str, Callable[[MainWindow], None]] = {
    "seed != 2": _press("actionNewSeed"),
    "neurons == 1000": _set(network__hidden=(1000,)),
    "step >= 1, step <= 1": _press("actionStep"),
    "step >= 10000": _press("actionToEnd"),
    "loss < 0.05 and neurons <= 5": _set(
        network__hidden=(5,), training__learning_rate=0.01, training__stop_step=20_000
    ),
    "loss < 0.1 and step == 1 and samples == 1": _one_step,
}


def _play(window: MainWindow, file: Path) -> Iterator[Condition]:
    """Play a lesson to its end, without a guess."""
    player, lesson = window.context.lesson_player, read_lesson_file(file)

    def is_at(*stages: str) -> bool:
        return player.progress is not None and player.progress.lesson == lesson and player.progress.status in stages

    window.features.lessons.open_file(str(file))
    for place, step in enumerate(lesson.steps):
        yield lambda: is_at("ask", "act", "done")
        assert not_none(player.progress).reached == place
        if is_at("ask"):
            yield from click_in_lesson(window, "lessonSkip")
            yield lambda: is_at("act", "done")
        if is_at("act"):
            match step.action:
                case _ if step.acts:
                    ACTS[", ".join(act.until.text for act in step.acts)](window)
                case Goal(condition=condition):
                    ACTS[condition.text](window)
                    yield lambda: not window.session.state.is_running and window.session.state.snapshot is not None
                    yield from click_in_lesson(window, "lessonAction")
                case _:
                    yield from click_in_lesson(window, "lessonAction")
        yield lambda: is_at("done")
        if place + 1 < len(lesson.steps):
            yield from click_in_lesson(window, "lessonNext")
    assert not_none(player.progress).is_finished
    window.actions_["actionLessonLeave"].trigger()


def _user(window: MainWindow) -> Iterator[Condition]:
    def engines() -> tuple[str, str]:
        status = window.session.state.status
        return status.pytorch, status.compiled

    yield lambda: engines() == ("failed", "ready")  # nothing was compiled: "compiling" would have come before
    assert "no PyTorch" in label(window, "phaseLabel")
    assert "PyTorch is not part of this folder" in window.session.state.status.trouble
    window.views.experiments.run_wanted.emit("swarm", 64)
    yield lambda: not_none(window.findChild(QComboBox, "experimentRunList")).count() >= 64
    _note("64 seeds")
    window.session.fast_forward(300)
    yield lambda: window.session.state.run.step >= 300 and not window.session.state.is_running
    run = window.session.state.run
    receipt = verify(run, script_text(code_of(run, recorded_losses(run)), unverified(run, "")))
    assert receipt.is_verified, receipt
    _note("verified")
    state = not_none(window.session.state.snapshot).state
    QGuiApplication.clipboard().setText(numbers_csv(state.parameters))
    window.actions_["actionPasteSetting"].trigger()
    yield lambda: window.session.state.run.id != run.id and window.session.state.snapshot is not None
    opened = not_none(window.session.state.snapshot).state.parameters
    assert all((one == other).all() for one, other in zip(opened, state.parameters, strict=True))
    colors = css_variables(LIGHT), css_variables(DARK)
    page = export_page(run, 20, "run.html", frozenset(["Compiled"]), colors, Job(lambda _: None))
    assert not isinstance(page, str), page
    _note("exchanged")
    window.features.lessons.open_file(str(OWN_LESSON))  # with data, a picture and formulas
    yield lambda: window.views.lesson.page is not None and bool(window.views.lesson.page.pictures)
    window.actions_["actionLessonLeave"].trigger()
    _note("own lesson")
    for file in bundled_lessons():
        if file.name.startswith(LESSONS):
            yield from _play(window, file)
            _note(file.stem)


def _note(line: str) -> None:
    """Add a line to a file in the current folder: on Windows the program has no console to print to."""
    with open(NOTES, "a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def main() -> None:
    """Play in the window; note where the program is, and each lesson when it is over."""
    _note(str(Path(not_none(tinynet_gui.__file__)).parent))
    _ = QApplication(sys.argv[:1])
    sys.exit(run_main(_user))
