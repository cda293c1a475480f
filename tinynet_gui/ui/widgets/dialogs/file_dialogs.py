"""File dialogs, which share the last used folder (at first Documents), and messages."""

import os
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from tinynet_gui.core.storage.atomic import replacing
from tinynet_gui.core.text.files import file_trouble
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.ui.widgets.accessibility.naming import ancestors

MOST_CHARACTERS = 1_000  # of a warning


def warn(parent: QWidget, title: str, trouble: str) -> QMessageBox:
    """Show why something failed, as plain text: parts of it may come from a file."""
    box = warning(parent, title, shortened(trouble, MOST_CHARACTERS), "warning")
    box.addButton(QMessageBox.StandardButton.Ok)
    box.open()
    return box


def tell(parent: QWidget, title: str, name: str, trouble: str) -> None:
    """Show a message, as plain text; not modal."""
    box = warning(parent, title, trouble, name)
    box.addButton(QMessageBox.StandardButton.Ok)
    box.setModal(False)
    box.show()


def warning(parent: QWidget, title: str, text: str, name: str) -> QMessageBox:
    """Return a message box with a plain text that deletes itself when it closes."""
    box = QMessageBox(QMessageBox.Icon.Warning, title, text, parent=parent)
    box.setObjectName(name)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box


FOLDER = "lastFolder"  # the window's property; the preferences remember it


def ask_to_open(parent: QWidget, title: str, kinds: str, beside: str = "") -> str:
    """Ask for a file to open, starting beside another file if there is no last folder; return its name, or ""."""
    places = _last_folder(parent), os.path.dirname(beside), *_users_folders()
    name, _ = QFileDialog.getOpenFileName(parent, title, _first(os.R_OK, places), kinds)
    return _remembered(parent, name)


def ask_to_open_several(parent: QWidget, title: str, kinds: str) -> list[str]:
    """Ask for files to open; return their names."""
    folder = _first(os.R_OK, (_last_folder(parent), *_users_folders()))
    names, _ = QFileDialog.getOpenFileNames(parent, title, folder, kinds)
    return [_remembered(parent, name) for name in names]


def ask_for_folder(parent: QWidget, title: str) -> str:
    """Ask for a folder to open; return its name, or ""."""
    folder = _first(os.R_OK, (_last_folder(parent), *_users_folders()))
    return QFileDialog.getExistingDirectory(parent, title, folder)


def ask_to_save(parent: QWidget, title: str, proposed: str, kinds: str) -> tuple[str, str]:
    """Ask for a file to save to; return its name, or "", and the chosen kind.

    Parameters
    ----------
    proposed
        A name in the last folder, or in the user's documents if that is not writable; or a whole path.
    """
    folder = _first(os.R_OK | os.W_OK, (_last_folder(parent), *_users_folders()))
    name, kind = QFileDialog.getSaveFileName(parent, title, os.path.join(folder, proposed), kinds)
    return _remembered(parent, name), kind


def write_file(parent: QWidget, title: str, name: str, content: str | bytes, what: str) -> str:
    """Write a file and return a message that it was saved; or show the error, and return ""."""
    try:
        with replacing(Path(name)) as file:
            file.write(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        ancestors(parent)[-1].setProperty(FOLDER, "")  # begin elsewhere the next time
        warn(parent, title, f"Nothing was saved.\n\n{shortened(name)}: {file_trouble(error)}.")
        return ""
    return f"saved {what} to {Path(name).name}"


def _last_folder(parent: QWidget) -> str:
    return ancestors(parent)[-1].property(FOLDER) or ""


def _users_folders() -> tuple[str, ...]:
    places = QStandardPaths.StandardLocation.DocumentsLocation, QStandardPaths.StandardLocation.HomeLocation
    return tuple(map(QStandardPaths.writableLocation, places))


def _first(access: int, folders: tuple[str, ...]) -> str:
    """Return the first folder that allows this access; "" lets the system choose."""
    return next((folder for folder in folders if os.path.isdir(folder) and os.access(folder, access)), "")


def _remembered(parent: QWidget, name: str) -> str:
    if name:
        ancestors(parent)[-1].setProperty(FOLDER, os.path.dirname(os.path.abspath(name)))
    return name
