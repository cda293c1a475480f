"""Reads training loops of one's own in the background, shows them as runs, and says which rule made their steps."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from tinynet_gui.core.config import Config
from tinynet_gui.core.text.numbers import counted
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.engine.jobs.computations import compare_losses, read_training
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.style.theme import fixed_font
from tinynet_gui.ui.widgets.accessibility import named
from tinynet_gui.ui.widgets.dialogs import ReadingDialog, TextDialog, Waiting, warn
from tinynet_gui.ui.window.context import Context

if TYPE_CHECKING:
    from tinynet_gui.core.loops.losses import LikelyLoops, PastedLosses
    from tinynet_gui.core.loops.retracing import RetracedTraining

KEY = "training"
OPEN, PASTE = "Open training", "Paste losses"
FILTER = "Trainings that tiny.Recorder wrote (*.npz);;All files (*)"
SIZE = 620, 280
StepsAndLosses = tuple[np.ndarray, np.ndarray]  # steps, and the losses before their updates
NONE: StepsAndLosses = np.empty(0), np.empty(0)


class TrainingDialog(TextDialog):
    """Says which rule made a training's steps, above a text with the details, if any; not modal."""

    def __init__(self, origin: str, words: str, details: str, parent: QWidget) -> None:
        text = named(QPlainTextEdit(details), "trainingDetails", "The loop")
        text.setFont(fixed_font())
        text.setVisible(bool(details))
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
        context.actions.connect(actionPasteLosses=lambda: self.open_losses(QGuiApplication.clipboard().text()))

    def open_file(self, name: str) -> None:
        origin = Path(name).name
        self._waiting.begin(ReadingDialog(OPEN, origin, self._window))
        has_pytorch = self._session.state.status.pytorch == "ready"
        self._waiting.submit(read_training, name, origin, has_pytorch, on_result=partial(self._on_read, origin))

    def open_losses(self, text: str) -> None:
        self._waiting.begin(ReadingDialog(PASTE, "losses", self._window))
        config = self._session.config
        self._waiting.submit(compare_losses, text, config, on_result=partial(self._on_compared, config))

    def _on_read(self, origin: str, read: "RetracedTraining | str | None") -> None:
        if read is None:
            return
        self._waiting.end()
        if isinstance(read, str):
            warn(self._window, OPEN, f"{origin} was not opened; nothing has changed.\n\n{read}.")
            return
        self._session.open_training(read.run, read.right)
        self._panel.discard_errors()
        self._draw(read.run.config, (read.steps, read.losses))
        self._tell(origin, read.words, read.loop)

    def _on_compared(self, config: Config, found: "tuple[PastedLosses, LikelyLoops] | str | None") -> None:
        if found is None:
            return
        self._waiting.end()
        if isinstance(found, str):
            warn(self._window, PASTE, f"The clipboard has no losses; nothing has changed.\n\n{found}.")
            return
        pasted, likely = found
        steps = pasted.steps * likely.every
        self._draw(config, (steps, pasted.losses))
        words = f"The grey line in the loss plot has your {counted(len(steps), 'loss', 'losses')}. {likely.text}"
        self._tell(PASTE, words, "\n".join(likely.ends(pasted)))

    def _tell(self, origin: str, words: str, details: str) -> None:
        for dialog in self._window.findChildren(TrainingDialog):
            dialog.close()
        TrainingDialog(origin, words, details, self._window).show()

    def _draw(self, config: Config, losses: StepsAndLosses) -> None:
        self._start, self._losses = (self._session.state.session_number, config), losses
        self._show(self._session.state)

    def _follow(self, old: AppState, new: AppState) -> None:
        if self._start is not None and (new.config is not old.config or new.session_number != old.session_number):
            self._show(new)

    def _show(self, state: AppState) -> None:
        """Draw the loop's losses over runs from the same start."""
        is_drawn = False
        if self._start is not None:
            number, config = self._start
            same_start = (state.config.data, state.config.network) == (config.data, config.network)
            is_drawn = state.session_number == number and same_start
        losses = self._losses if is_drawn else NONE
        if losses is not self._drawn:
            self._drawn = losses
            self._loss.layers.given.show_losses(*losses)
