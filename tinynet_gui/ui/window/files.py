"""Opening and saving settings and pictures, with the dialogs for it."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from tinynet_gui.core.config import Config, ConfigError, read_config
from tinynet_gui.core.text.shortened import shortened

SETTINGS_FILTER = "Settings of a run (*.json)"


def open_settings(parent: QWidget) -> Config | None:
    """Ask for a file and return the settings in it; None if there are none, which has been said then."""
    name, _ = QFileDialog.getOpenFileName(parent, "Open settings", "", SETTINGS_FILTER)
    if not name:
        return None
    try:
        return read_config(name)
    except (OSError, ConfigError) as error:
        QMessageBox.warning(
            parent, "Open settings", f"{shortened(name)} is not used, everything stays as it was.\n\n{error}"
        )
        return None


def save_settings(parent: QWidget, config: Config) -> None:
    """Ask for a file and write settings to it."""
    name, _ = QFileDialog.getSaveFileName(parent, "Save settings", "run.json", SETTINGS_FILTER)
    if name:
        try:
            Path(name).write_text(config.to_json() + "\n", encoding="utf-8")
        except OSError as error:
            QMessageBox.warning(parent, "Save settings", f"Nothing was saved.\n\n{error}")


def warn_of_settings(parent: QWidget, trouble: str) -> None:
    """Say what is wrong with the settings that are remembered; the window goes on meanwhile."""
    box = QMessageBox(QMessageBox.Icon.Warning, "Settings", trouble, QMessageBox.StandardButton.Ok, parent)
    box.setObjectName("settingsTrouble")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setModal(False)
    box.show()


def save_picture(window: QWidget, name: str) -> bool:
    """Write a window as it looks to a PNG file; return whether that worked."""
    return window.grab().save(name, "PNG")


def save_picture_as(window: QWidget) -> None:
    """Ask for a file and write the window as it looks to it."""
    name, _ = QFileDialog.getSaveFileName(window, "Save picture", "tinynet.png", "PNG picture (*.png)")
    if name and not save_picture(window, name):
        QMessageBox.warning(window, "Save picture", f"{name} could not be written.")
