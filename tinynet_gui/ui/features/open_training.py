"""Reads the user's own training loops in the background, shows them as runs, and says which rule made their steps."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6 import QtGui, QtWidgets

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.loss_history import HeldOutLosses
from tinynet_gui.core.run.run import LoadPhase
from tinynet_gui.core.run.session import OwnLosses
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.engine.jobs.computations import compare_losses, read_training
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.style.theme import fixed_font
from tinynet_gui.ui.widgets.accessibility import named
from tinynet_gui.ui.widgets.dialogs import READING, JobDialog, ReadingDialog, TextDialog, warn
from tinynet_gui.ui.window.context import Context, Controller

if TYPE_CHECKING:
    from tinynet_gui.core.loops.losses import LikelyLoops, PastedLosses
    from tinynet_gui.core.loops.retracing import RetracedTraining

KEY = "training"
OPEN, PASTE = _("Open training"), _("Paste losses")
FILTER = _("Trainings that tiny.Recorder wrote (*.npz);;All files (*)")
WAITING = _("Waiting for PyTorch to read {file} …")
SIZE = 620, 280


class TrainingDialog(TextDialog):
    """Says which rule made a training's steps, above a text with the details, if any; not modal."""

    def __init__(self, origin: str, words: str, details: str, parent: QtWidgets.QWidget) -> None:
        text = named(QtWidgets.QPlainTextEdit(details), "trainingDetails", _("The loop"))
        text.setFont(fixed_font())
        text.setVisible(bool(details))
        super().__init__("trainingDialog", shortened(origin), words, text, SIZE, parent)


class OpenTrainingController(Controller):
    """Nothing changes until a training has been read; a loop's own losses are part of the session."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._drawn: OwnLosses | None = None
        self._file: Path | None = None
        self._job = JobDialog(self, KEY, context.jobs.submit, context.jobs.cancel)
        self._session.changed.connect(self._follow)
        self._session.watch(self, lambda state: state.status.pytorch, self._read)
        context.open_by("actionOpenTraining", OPEN, FILTER, self.open_file)
        context.actions.connect(actionPasteLosses=lambda: self.open_losses(QtGui.QGuiApplication.clipboard().text()))

    def open_file(self, name: str) -> None:
        """Read it once PyTorch is loaded: where rounding errors grow, only PyTorch reproduces a PyTorch loop."""
        self._file = Path(name)
        is_early = self._session.state.status.pytorch == "absent"
        self._job.begin(ReadingDialog(OPEN, self._file.name, self._window, WAITING if is_early else READING))
        self._read(self._session.state.status.pytorch)

    def _read(self, pytorch: LoadPhase) -> None:
        if self._file is None or pytorch == "absent" or not self._job.is_shown:
            return
        file, self._file = self._file, None
        on_result = partial(self._on_read, file.name)
        self._job.submit(read_training, str(file), file.name, pytorch == "ready", on_result=on_result)

    def open_losses(self, text: str) -> None:
        self._file = None
        self._job.begin(ReadingDialog(PASTE, "", self._window, _("Reading losses …")))
        config = self._session.config
        self._job.submit(compare_losses, text, config, on_result=partial(self._on_compared, config))

    def _on_read(self, origin: str, read: "RetracedTraining | str") -> None:
        if isinstance(read, str):
            trouble = _("{file} was not opened; nothing has changed.\n\n{trouble}")
            warn(self._window, OPEN, trouble.format(file=origin, trouble=f"{read}."))
            return
        self._session.open_training(read.run, read.right)
        self._views.panel.discard_errors()
        self._session.keep_own_losses(OwnLosses.of(read.run.config, read.steps, read.losses))
        self._show_explanation(origin, read.words, read.loop)

    def _on_compared(self, config: Config, found: "tuple[PastedLosses, LikelyLoops] | str") -> None:
        if isinstance(found, str):
            trouble = _("The clipboard has no losses; nothing has changed.\n\n{trouble}.")
            warn(self._window, PASTE, trouble.format(trouble=found))
            return
        pasted, likely = found
        steps = pasted.steps * likely.every
        self._session.keep_own_losses(OwnLosses.of(config, steps, pasted.losses))
        # Translators: {likely} is one or more sentences on which mistakes lead to such losses.
        words = ngettext(
            "The grey line in the loss plot has your {count} loss. {likely}",
            "The grey line in the loss plot has your {count} losses. {likely}",
            len(steps),
        ).format(count=count_text(len(steps)), likely=likely.text)
        self._show_explanation(PASTE, words, "\n".join(likely.ends(pasted)))

    def _show_explanation(self, origin: str, words: str, details: str) -> None:
        for dialog in self._window.findChildren(TrainingDialog):
            dialog.close()
        TrainingDialog(origin, words, details, self._window).show()

    def _follow(self, _old: AppState, new: AppState) -> None:
        """Draw the losses of the user's own loop over runs with the same data and network."""
        given, config = new.session.own_losses, new.config
        if given is not None and (config.data, config.network) != (given.config.data, given.config.network):
            given = None
        if given is not self._drawn:
            self._drawn = given
            self._views.loss_plot.layers.given.show_losses(HeldOutLosses() if given is None else given.losses)
