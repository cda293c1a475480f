"""Reads external data in the background, previews them, and starts a new run with them if the user agrees."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6 import QtGui

from tinynet_gui.core.config import ConfigError
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.start import points_of
from tinynet_gui.engine.jobs.computations import DataRead, read_data
from tinynet_gui.qt import spreadsheet_sign
from tinynet_gui.ui.widgets import dialogs
from tinynet_gui.ui.window.actions import Action
from tinynet_gui.ui.window.context import Context, Controller, Feature

if TYPE_CHECKING:
    from tinynet_gui.core.data.delimited import ReadAs
    from tinynet_gui.ui.features.open_data.data_dialog import DataDialog

KEY = "data"
OPEN, PASTE, SAVE = _("Open data"), _("Paste data"), _("Save data")
PASTED = "pasted"  # kept with the samples
NO_TEXT = _(
    "There is no text in the clipboard. Copy two columns of numbers, x and y, for instance in a spreadsheet, and paste "
    "again."
)
SAVE_FILTER = _("Data (*.csv *.tsv *.txt *.dat);;All files (*)")
OPEN_FILTER = _("Data (*.csv *.tsv *.txt *.dat *.log *.lvm *.xlsx *.xls *.ods);;All files (*)")


class OpenDataController(Controller):
    """Nothing changes until the user accepts the parsed data; a training continues meanwhile."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._title, self._origin = OPEN, ""
        self._source: tuple[str, str | None] = ("", None)
        self._dialog: DataDialog | None = None
        self._job = dialogs.JobDialog(self, KEY, context.jobs.submit, context.jobs.cancel)
        context.open_by("actionOpenData", OPEN, OPEN_FILTER, self.open_file)
        context.actions.connect(actionPasteData=self.paste, actionSaveData=self._on_save_wanted)
        context.incoming.open_rest = self.open_file

    def open_file(self, name: str) -> None:
        self._begin(OPEN, Path(name).name, name, None)

    def paste(self) -> None:
        """Open the content of the clipboard of any kind: this action has the key of pasting."""
        if self._context.incoming.paste():
            return
        if (text := QtGui.QGuiApplication.clipboard().text()).strip():
            self._begin(PASTE, PASTED, "", text)
        else:
            dialogs.warn(self._window, PASTE, NO_TEXT)

    def _begin(self, title: str, origin: str, name: str, text: str | None) -> None:
        if self._dialog is not None:
            self._dialog.reject()  # it shows other data
        self._title, self._origin, self._source = title, origin, (name, text)
        words = dialogs.READING if name else dialogs.READING_TEXT
        self._job.begin(dialogs.ReadingDialog(title, origin, self._window, words))
        self._read(None)

    def _read(self, read_as: "ReadAs | None") -> None:
        self._job.submit(read_data, *self._source, read_as, on_result=self._on_read)

    def _on_read(self, read: DataRead | str) -> None:
        from tinynet_gui.ui.features.open_data.data_dialog import DataDialog  # lazy, for a quick start

        if isinstance(read, str):
            self._refuse(read)
            return
        if self._dialog is not None:
            self._dialog.show_table(read.table, read.columns)
            return
        is_standardised = self._session.config.data.standardise != "none"
        self._dialog = dialog = DataDialog(
            read.table, read.columns, self._origin, self._window, is_standardised=is_standardised
        )
        dialog.chosen.connect(self._on_points_chosen)
        dialog.read_again.connect(self._read)
        dialog.finished.connect(self._on_finished)
        dialog.open()

    def _refuse(self, trouble: str) -> None:
        if self._dialog is not None:
            self._dialog.show_trouble(trouble)
            return
        text = _("The pasted text is not used; nothing has changed.\n\n{trouble}")
        file = _("{file} is not used; nothing has changed.\n\n{trouble}")
        refusal = text if self._title == PASTE else file
        dialogs.warn(self._window, self._title, refusal.format(file=self._origin, trouble=trouble))

    def _on_finished(self) -> None:
        self._dialog = None
        self._jobs.cancel(KEY)  # a pending read

    def _on_points_chosen(self, points: Points, is_standardised: bool) -> None:
        try:
            changes = {"data.points": points, "data.standardise": "xy" if is_standardised else "none"}
            self._session.begin_with(changes)
        except ConfigError as error:
            self._refuse(str(error))

    def _on_save_wanted(self) -> None:
        """Write the samples to a file: x, y, the held-out flags, and the network's output at each x."""
        from tinynet_gui.core.data.data_file import write_table  # lazy, for a quick start
        from tinynet_gui.core.text.csv_text import for_spreadsheet

        if not (name := dialogs.ask_to_save(self._window, SAVE, "data.csv", SAVE_FILTER)):
            return
        state = self._session.state
        points, snapshot, predicted = points_of(state.config.data), state.snapshot, None
        if snapshot is not None and snapshot.run_id == state.run.id:
            activation = snapshot.config.network.activation
            predicted = output_curve(snapshot.curve_layers, activation, points.x.astype(np.float32))
        content = for_spreadsheet(write_table(points, predicted), spreadsheet_sign())
        saved = ngettext("saved {count} sample to {file}", "saved {count} samples to {file}", len(points))
        self._notify(dialogs.write_file(self._window, SAVE, name, content, saved, count=count_text(len(points))))


FEATURE = Feature(
    "open_data",
    OpenDataController,
    Action(
        "actionOpenData",
        _("Open &data …"),
        _("Take samples from a file: two columns of numbers, or more to choose from."),
        "data",
        "Ctrl+Shift+O",
    ),
    Action(
        "actionSaveData",
        _("Save da&ta …"),
        _("Write the samples to a file, with what the network makes of each x."),
        "data",
    ),
    Action(
        "actionPasteData",
        _("Paste d&ata"),
        _(
            "Take samples from the clipboard: two columns of a spreadsheet. "
            "The key also pastes a setting, if there is one."
        ),
        "samples",
        QtGui.QKeySequence.StandardKey.Paste,
    ),
)
