"""Reads training loops of one's own in the background, shows them as runs, and says which rule made their steps."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from tinynet_gui.core.config import Config
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.engine.jobs.computations import read_training
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.style.theme import fixed_font
from tinynet_gui.ui.widgets.accessibility import named
from tinynet_gui.ui.widgets.dialogs import ReadingDialog, TextDialog, Waiting, warn
from tinynet_gui.ui.window.context import Context

if TYPE_CHECKING:
    from tinynet_gui.core.loops.retracing import RetracedTraining

KEY = "training"
OPEN = "Open training"
FILTER = "Trainings that tiny.Recorder wrote (*.npz);;All files (*)"
SIZE = 620, 320
StepsAndLosses = tuple[np.ndarray, np.ndarray]  # steps, and the losses before their updates
NONE: StepsAndLosses = np.empty(0), np.empty(0)


class TrainingDialog(TextDialog):
    """Says which rule made a training's steps, above the tutorial's loop with the line that is wrong; not modal."""

    def __init__(self, origin: str, words: str, loop: str, parent: QWidget) -> None:
        text = named(QPlainTextEdit(loop), "trainingLoop", "The tutorial's loop")
        text.setFont(fixed_font())
        super().__init__("trainingDialog", shortened(origin), words, text, SIZE, parent)


class OpenTrainingController(QObject):
    """Nothing changes until a training has been read; the losses of its own loop are drawn as long as its start is."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.session)
        self._session, self._window = context.session, context.window
        self._panel, self._loss = context.views.panel, context.views.loss_plot
        self._start: tuple[int, Config] | None = None
        self._losses: StepsAndLosses = NONE
        self._drawn: StepsAndLosses = NONE
        self._waiting = Waiting(self, KEY, context.jobs.submit, context.jobs.cancel)
        self._session.changed.connect(self._follow)
        context.open_by("actionOpenTraining", OPEN, FILTER, self.open_file)

    def open_file(self, name: str) -> None:
        origin = Path(name).name
        self._waiting.begin(ReadingDialog(OPEN, origin, self._window))
        self._waiting.submit(read_training, name, origin, on_result=partial(self._on_read, origin))

    def _on_read(self, origin: str, read: "RetracedTraining | str | None") -> None:
        if read is None:
            return
        self._waiting.end()
        if isinstance(read, str):
            warn(self._window, OPEN, f"{origin} was not opened; nothing has changed.\n\n{read}.")
            return
        self._session.open_training(read.run, read.right)
        self._panel.discard_errors()
        self._start, self._losses = (self._session.state.session_number, read.run.config), (read.steps, read.losses)
        self._show(self._session.state)
        TrainingDialog(origin, read.words, read.loop, self._window).show()

    def _follow(self, old: AppState, new: AppState) -> None:
        if self._start is not None and (new.config is not old.config or new.session_number != old.session_number):
            self._show(new)

    def _show(self, state: AppState) -> None:
        """Draw the loop's losses over runs from the same start."""
        is_drawn = False
        if self._start is not None:
            number, config = self._start
            now = state.config.data.points, state.config.network.first_weights
            is_drawn = state.session_number == number and now == (config.data.points, config.network.first_weights)
        losses = self._losses if is_drawn else NONE
        if losses is not self._drawn:
            self._drawn = losses
            self._loss.layers.given.show_losses(*losses)
