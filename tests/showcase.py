"""``python -m tests.showcase``: makes what README shows, a film of the window and a web page to train in."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from tinynet_gui.core.config import Config
from tinynet_gui.core.export.film import FilmFrame, encode_film
from tinynet_gui.core.export.web_page import page_of
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.run.session import new_session
from tinynet_gui.core.system.machine import resource_path
from tinynet_gui.core.training.engines import TUTORIAL_PACE
from tinynet_gui.engine.jobs.exporting import make_moments
from tinynet_gui.engine.jobs.garbage_collection import no_collection
from tinynet_gui.engine.jobs.jobs import Job
from tinynet_gui.ui.style.colors import DARK, LIGHT
from tinynet_gui.ui.style.style_sheets import css_variables
from tinynet_gui.ui.window.main_window import MainWindow

if TYPE_CHECKING:
    from tinynet_gui.core.training.engines import EngineName

FOLDER = Path(__file__).parents[1] / "resources" / "readme"
FILM, PAGE = "film.webp", "run.html"
STEPS, FRAMES, FRAME_MS = 10_000, 72, 100
SIZE = 1200, 740
SETTLE_MS = 300  # for texts that refresh more slowly than the curves
PINNED = NeuronRef(0, 7)
ENGINES: "frozenset[EngineName]" = frozenset({"Compiled"})


def main() -> None:
    """Make both in `FOLDER`, in the tutorial's setting; it needs no screen."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    QApplication([]).setApplicationName("tinynet_gui")
    with no_collection():
        window = MainWindow(Config(), remember=False)
        window.set_scheme("light")
        window.resize(*SIZE)
        window.show()
        make_showcase(window, FOLDER)
        window.close()


def make_showcase(window: MainWindow, folder: Path, steps: int = STEPS, frames: int = FRAMES) -> None:
    """Write the page of the untrained network; train for the film: its frames are as far apart as the curve moves."""
    while window.session.state.status.compiled != "ready":
        _wait()
    job, foot = Job(lambda _: None), resource_path("web_page/door.html").read_text(encoding="utf-8")
    run, colors = window.session.state.run_so_far, (css_variables(LIGHT), css_variables(DARK))
    (folder / PAGE).write_bytes(page_of(run, make_moments(run, 1, ENGINES, job), colors, foot).content)
    _train_to(window, steps)
    run = window.session.state.run_so_far
    _, *moments = make_moments(run, frames + 1, ENGINES, job)  # at step 0 no loss has been drawn
    window.session.take_over(new_session(Config()))
    window.session.set_pace(TUTORIAL_PACE)
    window.context.selection.pin(PINNED)
    pictures = _pictures(window, [moment.step for moment in moments])
    (folder / FILM).write_bytes(encode_film(pictures, "webp", FRAME_MS, len(moments)))


def _pictures(window: MainWindow, steps: list[int]) -> Iterator[FilmFrame]:
    for step in steps:
        _train_to(window, step)
        _wait(SETTLE_MS)
        image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        yield rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def _train_to(window: MainWindow, step: int) -> None:
    window.session.set_engine("compiled")
    window.session.fast_forward(step)
    while window.session.state.run_so_far.step < step or window.session.state.is_running:
        _wait()


def _wait(duration_ms: int = 20) -> None:
    loop = QEventLoop()
    QTimer.singleShot(duration_ms, loop.quit)
    loop.exec()


if __name__ == "__main__":
    main()
