"""Input from outside (opened, dropped or pasted), dispatched to the features that accept it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.ui.widgets.guard import guarded
from tinynet_gui.ui.widgets.pictures import SETTING_KEY

FileNames = Sequence[str]  # of files or folders
How = Literal["pasted", "dropped"]


@guarded
class Application(QtWidgets.QApplication):
    """On macOS files come as events: by a double-click, *Open with*, or a drop onto the Dock."""

    file_opened = QtCore.Signal(str)

    def event(self, event: QtCore.QEvent) -> bool:
        if isinstance(event, QtGui.QFileOpenEvent):
            self.file_opened.emit(event.file())
            return True
        return super().event(event)


class Incoming:
    """Passes files and texts to the first feature that accepts them, in order of registration, else to `open_rest`."""

    open_rest: Callable[[str], None] | None = None

    def __init__(self) -> None:
        self._files: list[tuple[Callable[[FileNames], bool], Callable[[FileNames], None]]] = []
        self._texts: list[tuple[Callable[[str], bool], Callable[[str, How], None]]] = []

    def add_files(self, takes: Callable[[FileNames], bool], open_them: Callable[[FileNames], None]) -> None:
        self._files.append((takes, open_them))

    def add_file(self, takes: Callable[[str], bool], open_it: Callable[[str], None]) -> None:
        self.add_files(lambda names: len(names) == 1 and takes(names[0]), lambda names: open_it(names[0]))

    def add_texts(self, takes: Callable[[str], bool], open_it: Callable[[str, How], None]) -> None:
        self._texts.append((takes, open_it))

    def takes(self, content: QtCore.QMimeData) -> bool:
        return bool(self._opens_files(_names(content)) or self._opens_text(content.text()))

    def take(self, content: QtCore.QMimeData, how: How = "dropped") -> bool:
        """Open dropped content; return whether a feature accepts it."""
        return self.open_files(_names(content)) or self._take_text(content, how)

    def open_files(self, names: FileNames) -> bool:
        if open_files := self._opens_files(names):
            open_files(names)
        return open_files is not None

    def paste(self) -> bool:
        return self.take(_clipboard(), "pasted")

    def paste_text(self) -> bool:
        """Open the text in the clipboard, or in a picture there; return whether a feature accepts it."""
        return self._take_text(_clipboard(), "pasted")

    def _take_text(self, content: QtCore.QMimeData, how: How) -> bool:
        text = content.text()
        if content.hasImage():
            text = QtGui.QImage(content.imageData()).text(SETTING_KEY) or text
        if open_text := self._opens_text(text):
            open_text(text, how)
        return open_text is not None

    def _opens_files(self, names: FileNames) -> Callable[[FileNames], None] | None:
        found = next((open_them for takes, open_them in self._files if names and takes(names)), None)
        if found is None and len(names) == 1 and Path(names[0]).is_file() and (open_rest := self.open_rest) is not None:
            return lambda names: open_rest(names[0])
        return found

    def _opens_text(self, text: str) -> Callable[[str, How], None] | None:
        return next((open_it for takes, open_it in self._texts if takes(text)), None)


def of_kind(*suffixes: str) -> Callable[[str], bool]:
    """Return a predicate: whether a file's name has one of these endings."""
    return lambda name: Path(name).suffix.lower() in suffixes


def _names(content: QtCore.QMimeData) -> list[str]:
    """Return the names of dragged or copied local files and folders; none if any is remote."""
    names = [url.toLocalFile() for url in content.urls()]
    return names if all(name and Path(name).exists() for name in names) else []


def _clipboard() -> QtCore.QMimeData:
    return QtGui.QGuiApplication.clipboard().mimeData() or QtCore.QMimeData()
