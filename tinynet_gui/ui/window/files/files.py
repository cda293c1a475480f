"""Opening and saving settings, data and pictures, with the dialogs for it."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from tinynet_gui.core.config import Config
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.storage.atomic import replacing
from tinynet_gui.core.text.file_trouble import file_trouble
from tinynet_gui.core.text.numbers import counted
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.training.dataset import points_of
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.wording.setting_line import SettingLineError, without_weights, write_setting
from tinynet_gui.core.wording.settings_file import write_settings
from tinynet_gui.ui.window.files.file_dialogs import ask_to_save, forget_folder

SAVE_NUMBERS = "Save numbers"
SETTINGS_FILTER = "Settings of a run (*.json)"
WITH_SETTINGS_FILTER = "Settings of a run, or a picture with them (*.json *.png)"
MOST_CHARACTERS = 1_000  # of a warning
DATA_FILTER = "Data (*.csv *.tsv *.txt *.dat);;All files (*)"
OPEN_FILTER = "Data (*.csv *.tsv *.txt *.dat *.log *.lvm *.xlsx *.xls *.ods);;All files (*)"


def save_settings(parent: QWidget, config: Config, hidden: frozenset[str]) -> str:
    """Ask for a file and write settings to it, with what is hidden; return a message for the status line, or ""."""
    name, _ = ask_to_save(parent, "Save settings", "run.json", SETTINGS_FILTER)
    what = f"the settings{without_weights(config)}"
    return write_file(parent, "Save settings", name, write_settings(config, hidden), what) if name else ""


def copy_setting(parent: QWidget, config: Config, map_text: str, save_session: QAction) -> str:
    """Copy the setting to the clipboard as a line of text; return a message for the status line, or "".

    Too many samples for a line are offered as the session's file instead.
    """
    try:
        line = write_setting(config, map_text)
    except SettingLineError as error:
        box = warn(parent, "Copy setting", f"Nothing was copied.\n\n{error}")
        box.addButton(save_session.text(), QMessageBox.ButtonRole.ActionRole).clicked.connect(save_session.trigger)
        return ""
    QGuiApplication.clipboard().setText(line)
    return f"copied {shortened(line, 80)}{without_weights(config)}"


def save_data(parent: QWidget, config: Config, snapshot: Snapshot | None) -> str:
    """Ask for a file and write the samples to it: x, y, the held-out flags, and the network's output for each x.

    Returns a message for the status line, or "".

    Parameters
    ----------
    snapshot
        A moment of the network; without one there is no column for it.
    """
    from tinynet_gui.core.data.data_file import write_table  # imported late, so that the window need not wait for it

    name, _ = ask_to_save(parent, "Save data", "data.csv", DATA_FILTER)
    if not name:
        return ""
    points = points_of(config.data)
    predicted = None
    if snapshot is not None:
        x = points.x.astype(np.float32)
        predicted = output_curve(snapshot.curve_layers, snapshot.config.network.activation, x)
    return write_file(parent, "Save data", name, write_table(points, predicted), counted(len(points), "sample"))


def write_file(parent: QWidget, title: str, name: str, content: str | bytes, what: str) -> str:
    """Write a file and return a message that it was saved; or show the error, and return ""."""
    try:
        with replacing(Path(name)) as file:
            file.write(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        forget_folder(parent)
        warn(parent, title, f"Nothing was saved.\n\n{shortened(name)}: {file_trouble(error)}.")
        return ""
    return f"saved {what} to {Path(name).name}"


def warn(parent: QWidget, title: str, trouble: str) -> QMessageBox:
    """Show why something failed, as plain text: parts of it come from outside."""
    box = warning(parent, title, shortened(trouble, MOST_CHARACTERS), "warning")
    box.addButton(QMessageBox.StandardButton.Ok)
    box.open()
    return box


def tell(parent: QWidget, title: str, name: str, trouble: str) -> None:
    """Show a message to the user, as plain text; the window stays usable meanwhile."""
    box = warning(parent, title, trouble, name)
    box.addButton(QMessageBox.StandardButton.Ok)
    box.setModal(False)
    box.show()


def warning(parent: QWidget, title: str, text: str, name: str) -> QMessageBox:
    """Return a box with a plain text, which is deleted when it closes."""
    box = QMessageBox(QMessageBox.Icon.Warning, title, text, parent=parent)
    box.setObjectName(name)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box


def save_picture(window: QWidget, name: str) -> bool:
    """Write a window as it looks to a PNG file; return whether that worked."""
    return window.grab().save(name, "PNG")
