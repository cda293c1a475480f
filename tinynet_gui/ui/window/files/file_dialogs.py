"""The dialogs that ask for a file: each opens in the folder that was used last, by any of them."""

import os

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

FOLDER = "lastFolder"  # the window's property; the preferences remember it


def ask_to_open(parent: QWidget, title: str, kinds: str, beside: str = "") -> str:
    """Ask for a file to read, beside another if there is no last folder; return its name, or ""."""
    name, _ = QFileDialog.getOpenFileName(parent, title, _folder(parent) or os.path.dirname(beside), kinds)
    return _remembered(parent, name)


def ask_to_open_several(parent: QWidget, title: str, kinds: str) -> list[str]:
    """Ask for files to read; return their names."""
    names, _ = QFileDialog.getOpenFileNames(parent, title, _folder(parent), kinds)
    return [_remembered(parent, name) for name in names]


def ask_to_save(parent: QWidget, title: str, proposed: str, kinds: str) -> tuple[str, str]:
    """Ask for a file to write; return its name, or "", and which of the kinds it is.

    Parameters
    ----------
    proposed
        Its name in the last folder, or in the user's documents if nothing can be written there; or a whole path.
    """
    places = QStandardPaths.StandardLocation.DocumentsLocation, QStandardPaths.StandardLocation.HomeLocation
    folders = [_folder(parent), *map(QStandardPaths.writableLocation, places)]
    folder = next((each for each in folders if os.path.isdir(each) and os.access(each, os.W_OK)), "")
    name, kind = QFileDialog.getSaveFileName(parent, title, os.path.join(folder, proposed), kinds)
    return _remembered(parent, name), kind


def forget_folder(parent: QWidget) -> None:
    """Begin elsewhere the next time, as nothing could be written there."""
    _main_window(parent).setProperty(FOLDER, "")


def _folder(parent: QWidget) -> str:
    """Return the folder used last, if it is still there; else "", which leaves it to the system."""
    folder = _main_window(parent).property(FOLDER) or ""
    return folder if os.path.isdir(folder) else ""


def _remembered(parent: QWidget, name: str) -> str:
    if name:
        _main_window(parent).setProperty(FOLDER, os.path.dirname(os.path.abspath(name)))
    return name


def _main_window(widget: QWidget) -> QWidget:
    """Return the window that a dialog of a dialog belongs to."""
    while (owner := widget.parentWidget()) is not None:
        widget = owner
    return widget
