"""The base classes of dialogs; questions and messages; file dialogs, which share the last used folder."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QStandardPaths, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from tinynet_gui.core.storage.atomic import replacing
from tinynet_gui.core.text import files, shortened
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import whole_px
from tinynet_gui.ui.widgets import accessibility, cards, progress, touch
from tinynet_gui.ui.widgets.fields.number_fields import count_field
from tinynet_gui.ui.widgets.text import ElidedLabel

MAX_CHARACTERS = 1_000  # of a warning


def warn(parent: QWidget, title: str, trouble: str) -> QMessageBox:
    """Show why something failed, as plain text: parts of it may come from a file."""
    box = message_box(parent, title, shortened.shortened(trouble, MAX_CHARACTERS), "warning")
    box.addButton(QMessageBox.StandardButton.Ok)
    box.open()
    return box


def show_message(parent: QWidget, title: str, name: str, trouble: str) -> None:
    """Show a message, as plain text; not modal."""
    box = message_box(parent, title, trouble, name)
    box.addButton(QMessageBox.StandardButton.Ok)
    box.setModal(False)
    box.show()


def message_box(
    parent: QWidget, title: str, text: str, name: str, icon: QMessageBox.Icon = QMessageBox.Icon.Warning
) -> QMessageBox:
    """Return a message box with a plain text that deletes itself when it closes."""
    box = QMessageBox(icon, title, text, parent=parent)
    box.setObjectName(name)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box


FOLDER = "lastFolder"  # a property of the window, remembered by the preferences


def ask_to_open(parent: QWidget, title: str, kinds: str, beside: str = "") -> str:
    """Ask for a file to open, starting beside another file if there is no last folder; return its name, or ""."""
    folder = _folder(parent, os.R_OK, os.path.dirname(beside))
    name, _kind = QFileDialog.getOpenFileName(parent, title, folder, kinds)
    return _remembered(parent, name)


def ask_to_open_several(parent: QWidget, title: str, kinds: str) -> list[str]:
    names, _kind = QFileDialog.getOpenFileNames(parent, title, _folder(parent, os.R_OK), kinds)
    return [_remembered(parent, name) for name in names]


def ask_for_folder(parent: QWidget, title: str) -> str:
    return QFileDialog.getExistingDirectory(parent, title, _folder(parent, os.R_OK))


def ask_to_save(parent: QWidget, title: str, proposed: str, kinds: str) -> str:
    """Ask for a file to save to; return its name, or "".

    `proposed` is a name in the last folder, or in the user's documents if that is not writable; or a whole path.
    """
    return ask_to_save_as(parent, title, proposed, kinds)[0]


def ask_to_save_as(parent: QWidget, title: str, proposed: str, kinds: str) -> tuple[str, str]:
    """Ask for a file, as `ask_to_save` does; return the chosen kind, too."""
    folder = _folder(parent, os.R_OK | os.W_OK)
    name, kind = QFileDialog.getSaveFileName(parent, title, os.path.join(folder, proposed), kinds)
    return _remembered(parent, name), kind


def write_file(parent: QWidget, title: str, name: str, content: str | bytes, saved: str, **filled: object) -> str:
    """Write a file and return `saved` with its holes filled in, `file` too; or show the error, and return ""."""
    try:
        with replacing(Path(name)) as file:
            file.write(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        accessibility.ancestors(parent)[-1].setProperty(FOLDER, "")  # the next dialog begins elsewhere
        trouble = _("Nothing was saved.\n\n{file}: {trouble}.")
        warn(parent, title, trouble.format(file=shortened.shortened(name), trouble=files.file_trouble(error)))
        return ""
    return saved.format(file=Path(name).name, **filled)


def _folder(parent: QWidget, access: int, beside: str = "") -> str:
    """Return the first usable folder: the last one, `beside`, the user's own; "" lets the system choose."""
    last, places = accessibility.ancestors(parent)[-1].property(FOLDER) or "", QStandardPaths.StandardLocation
    users = map(QStandardPaths.writableLocation, (places.DocumentsLocation, places.HomeLocation))
    return next((each for each in (last, beside, *users) if os.path.isdir(each) and os.access(each, access)), "")


def _remembered(parent: QWidget, name: str) -> str:
    if name:
        accessibility.ancestors(parent)[-1].setProperty(FOLDER, os.path.dirname(os.path.abspath(name)))
    return name


Button = QDialogButtonBox.StandardButton


def ask(name: str, title: str, text: str, yes: str, parent: QWidget, no: str = _("Cancel")) -> QMessageBox:
    """Ask a question whose button `yes` calls a function, and return the message box."""
    box = message_box(parent, title, text, name, QMessageBox.Icon.Question)
    box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    cancel.setText(no)
    box.setDefaultButton(cancel)
    box.open()
    return box


class Dialog(QDialog):
    """A dialog with an object name and a title; Cancel, Close and Escape reject it."""

    def __init__(self, name: str, title: str, parent: QWidget | None, *, deleted_when_closed: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, deleted_when_closed)

    def focusNextPrevChild(self, is_onward: bool) -> bool:
        return accessibility.focus_next(self, is_onward)

    def make_buttons(self, kinds: Button) -> QDialogButtonBox:
        buttons = QDialogButtonBox(kinds)
        for button in buttons.buttons():
            button.setIcon(QIcon())  # the parent's style sheet comes too late to suppress the system's
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons


class TextDialog(Dialog):
    """Shows a long text, selectable, below an introduction."""

    def __init__(
        self, name: str, title: str, about: str, text: QPlainTextEdit, size: tuple[int, int], parent: QWidget | None
    ) -> None:
        super().__init__(name, title, parent, deleted_when_closed=True)
        words = QLabel(about, wordWrap=True)
        self._text = text
        text.setReadOnly(True)
        text.setTabChangesFocus(True)
        self.buttons = self.make_buttons(Button.Close)
        self.buttons.button(Button.Close).setText(_("Close"))
        copy = self.buttons.addButton(_("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        cards.filled(QVBoxLayout(self), words, (text, 1), self.buttons)
        touch.give_size(self, *size)
        copy.clicked.connect(lambda: accessibility.copy_text(copy, text.toPlainText()))


class ProgressDialog(Dialog):
    """Shows widgets above a progress bar, after half a second; Return does not cancel it."""

    def __init__(self, name: str, title: str, words: Sequence[QWidget], parent: QWidget) -> None:
        super().__init__(f"{name}Dialog", title, parent)
        self._bar = progress.ThinBar(f"{name}Bar")
        self._buttons = self.make_buttons(Button.Cancel)
        self._buttons.button(Button.Cancel).setAutoDefault(False)
        self.lines = cards.filled(QVBoxLayout(self), *words, self._bar, self._buttons)
        self._appears = single_shot(self, progress.APPEARS_MS, self.show)
        self._appears.start()

    def show_progress(self, share: float, _partial: object) -> None:
        self._bar.set_share(share)

    def end(self) -> None:
        self._appears.stop()
        self.hide()
        self.deleteLater()


SIZE = 520, 560


class HelpSheet(Dialog):
    """Shows a long text; not modal."""

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(f"{name}Sheet", title, parent)
        self.page = accessibility.named(accessibility.LinkedPage(), f"{name}Text", title)
        self.buttons = self.make_buttons(Button.Close)
        cards.filled(QVBoxLayout(self), (self.page, 1), self.buttons)
        touch.give_size(self, *SIZE)


LAST_STEP = 1_000_000_000
WIDTH, LINE = 360, 18  # px; room for a refusal


class StepDialog(Dialog):
    """Asks for a step; stays open while the input is invalid."""

    chosen = Signal(int)

    def __init__(self, words: str, step: int, parent: QWidget) -> None:
        super().__init__("goToStepDialog", _("Go to step"), parent, deleted_when_closed=True)
        self._step = accessibility.named(count_field(), "goToStep", _("Step"))
        self._step.setRange(0, LAST_STEP)
        self._step.setValue(step)
        buttons = self.make_buttons(Button.Ok | Button.Cancel)
        above = cards.filled(QVBoxLayout(), self._step, margins=(0, 0, 0, LINE))
        cards.filled(QVBoxLayout(self), accessibility.caption(words, wraps=True), above, buttons)
        self.setMinimumWidth(WIDTH)
        self._step.setAccessibleDescription(words)
        self._step.selectAll()

    def accept(self) -> None:
        self._step.commit()
        if not self._step.refusal():
            self.chosen.emit(self._step.count)
            super().accept()


class JobDialog(QObject):
    """A background job with a progress dialog, one at a time; `cancel` is called when the user closes it."""

    def __init__(self, parent: QObject, key: str, submit: Callable[..., None], cancel: Callable[[str], None]) -> None:
        super().__init__(parent)
        self._key, self._submit, self._cancel = key, submit, cancel
        self._dialog: ProgressDialog | None = None

    @property
    def is_shown(self) -> bool:
        return self._dialog is not None

    def begin(self, dialog: ProgressDialog) -> None:
        self.end()
        self._dialog = dialog
        dialog.rejected.connect(self._on_rejected)

    def submit(self, function: Callable[..., Any], *arguments: object, on_result: Callable[[Any], None]) -> None:
        """Submit a job; the dialog shows its progress, and closes when it ends. A result of None is dropped."""

        def end(result: Any) -> None:
            self.end()
            if result is not None:
                on_result(result)

        self._submit(self._key, function, *arguments, on_result=end, on_progress=self._show_progress, on_error=self.end)

    def _show_progress(self, share: float, partial: object) -> None:
        if self._dialog is not None:
            self._dialog.show_progress(share, partial)

    def end(self, _traceback_text: str = "") -> None:
        if self._dialog is not None:
            self._dialog.end()
            self._dialog = None

    def _on_rejected(self) -> None:
        self.end()
        self._cancel(self._key)


READING = _("Reading {file} …")
READING_TEXT = _("Reading a pasted text …")


class ReadingDialog(ProgressDialog):
    """Says what is being read: a file, if `words` do not say it."""

    def __init__(self, title: str, file: str, parent: QWidget, words: str = READING) -> None:
        label = ElidedLabel()
        label.show_text(words.format(file=file))
        super().__init__("reading", title, (label,), parent)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setFixedWidth(whole_px(340))
