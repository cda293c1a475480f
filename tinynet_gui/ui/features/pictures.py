"""Gives every view a menu to copy and save its picture, and its numbers."""

import re
from functools import partial

from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.config import Config
from tinynet_gui.core.text.language import gettext as _, pgettext
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.core.wording.setting_line import SettingLineError, write_any_setting, write_setting
from tinynet_gui.qt import spreadsheet_sign
from tinynet_gui.ui.style.colors import LIGHT
from tinynet_gui.ui.style.theme import theme, unzoomed_px
from tinynet_gui.ui.widgets.accessibility import caption, named, small
from tinynet_gui.ui.widgets.dialogs import Button, Dialog, ask_to_save, ask_to_save_as, write_file
from tinynet_gui.ui.widgets.fields.editors import ChoiceBox
from tinynet_gui.ui.widgets.pictures import SETTING_KEY, drawn, drawn_as_svg, grabbed, png
from tinynet_gui.ui.window.actions import Action
from tinynet_gui.ui.window.context import SAVE_NUMBERS, Context, Controller, Feature, View

COPY, SAVE = _("Copy picture"), _("Save picture")
PICTURES = {"png": _("PNG picture (*.png)"), "svg": _("SVG picture (*.svg)")}
ALL_DIGITS = _("Table with all digits (*.csv)")
TABLE = _("Table (*.csv)")
DIGITS = 4  # as in the loss plot
NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|%]+')  # of files
MAX_CHARACTERS = 80  # of a proposed name

NATIVE = QtGui.QKeySequence.SequenceFormat.NativeText
SCALES = (1, 2, 4)
FORMATS = {"png": _("PNG: dots"), "svg": _("SVG: lines and text")}
COLORS = {True: _("light"), False: _("as on the screen")}
NOTES = {
    "png": _("The setting travels in it: opened here, or dropped onto the window, it becomes the setting again."),
    "svg": _("It can be enlarged without limit, and its words can be edited."),
}


@frozen_dataclass
class PictureChoice:
    """The format, the number of pixels per pixel of the window, and whether to use the light theme in any case."""

    kind: str = "png"
    scale: int = 2
    is_light: bool = True


class PictureDialog(Dialog):
    chosen = QtCore.Signal(object)

    def __init__(self, choice: PictureChoice, size: QtCore.QSize, parent: QtWidgets.QWidget) -> None:
        super().__init__("pictureDialog", _("Save picture"), parent, deleted_when_closed=True)
        width, height = size.toTuple()
        text = _("{scale} × ({width} × {height} pixels)")
        shape = {scale: {"width": count_text(scale * width), "height": count_text(scale * height)} for scale in SCALES}
        sizes = {scale: text.format(scale=scale, **shape[scale]) for scale in SCALES}
        self._kind = named(
            ChoiceBox(FORMATS), "pictureFormat", pgettext("of a file", "Format"), _("The format of the file.")
        )
        self._scale = named(
            ChoiceBox(sizes), "pictureSize", _("Size"), _("How fine it is: for a slide 2, for print 4.")
        )
        self._colors = named(
            ChoiceBox(COLORS), "pictureColours", _("Colours"), _("Light ones suit paper and most slides.")
        )
        self._note = small(named(caption(wraps=True), "pictureNote", _("Notes on this format")))
        lines_px = 3 * self._note.fontMetrics().lineSpacing()
        self._note.setMinimumHeight(unzoomed_px(lines_px))  # so that nothing moves when it changes
        layout = QtWidgets.QFormLayout(self)
        for box, value in ((self._kind, choice.kind), (self._scale, choice.scale), (self._colors, choice.is_light)):
            layout.addRow(box.accessibleName(), box)
            box.set_value(value)
        layout.addRow(self._note)
        layout.addRow(self.make_buttons(Button.Save | Button.Cancel))
        self._kind.value_edited.connect(self._show_kind)
        self._show_kind()

    def _show_kind(self) -> None:
        kind = self._kind.currentData()
        self._scale.setEnabled(kind == "png")
        self._note.setText(NOTES[kind])

    def accept(self) -> None:
        chosen = (box.currentData() for box in (self._kind, self._scale, self._colors))
        self.chosen.emit(PictureChoice(*chosen))
        super().accept()


class PicturesController(Controller):
    """Adds its actions to the context menu of every view, which needs no code for it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._choice = PictureChoice()
        context.each_view(self._offer)
        context.actions.connect(actionSavePicture=self._on_save_wanted)

    def _offer(self, record: View, view: QtWidgets.QWidget) -> None:
        """Add actions to a view. Slots find it as the sender's parent: a partial would keep it alive forever."""
        if not record.has_picture:
            return
        key = QtGui.QKeySequence(QtGui.QKeySequence.StandardKey.Copy).toString(NATIVE)
        offers = [
            ("copyPicture", f"{COPY}\t{key}", self._on_copy_wanted),
            ("savePicture", _("Save picture …"), self._on_save_wanted),
        ]
        if record.save_numbers is not None:
            offers.append(("saveNumbers", _("Save numbers …"), self._on_numbers_wanted))
        for name, text, slot in offers:
            action = QtGui.QAction(text, view)
            action.setObjectName(name)
            action.triggered.connect(slot)
            view.addAction(action)
        view.setContextMenuPolicy(QtCore.Qt.ContextMenuPolicy.ActionsContextMenu)
        takes_focus = view
        while (proxy := takes_focus.focusProxy()) is not None:
            takes_focus = proxy
        if view.focusPolicy() == QtCore.Qt.FocusPolicy.NoFocus:  # of a focus proxy its policy: Qt sets that, too
            is_own = takes_focus is view
            view.setFocusPolicy(QtCore.Qt.FocusPolicy.ClickFocus if is_own else takes_focus.focusPolicy())
        for widget in (view, *view.findChildren(QtWidgets.QTextEdit), *view.findChildren(QtWidgets.QPlainTextEdit)):
            widget.installEventFilter(self)

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """Copy the picture of the focused view, unless it has handled the key itself."""
        if not (isinstance(event, QtGui.QKeyEvent) and event.type() == QtCore.QEvent.Type.KeyPress):
            return False
        if not event.matches(QtGui.QKeySequence.StandardKey.Copy):
            return False
        if isinstance(watched, QtWidgets.QTextEdit | QtWidgets.QPlainTextEdit):
            if not watched.textCursor().hasSelection():
                event.ignore()  # pass it on to the view
                return True
            return False
        assert isinstance(watched, QtWidgets.QWidget)
        self.copy(watched)
        return True

    def _view_meant(self) -> QtWidgets.QWidget:
        view = self.sender().parent()
        assert isinstance(view, QtWidgets.QWidget)
        return view

    def _on_copy_wanted(self) -> None:
        self.copy(self._view_meant())

    def _on_save_wanted(self) -> None:
        self.ask(self._view_meant())

    def _on_numbers_wanted(self) -> None:
        view = self._view_meant()
        record = next(record for record in self._context.table if self._context.views.get(record.name) is view)
        if record.save_numbers is not None:
            record.save_numbers(view, self._context, partial(self._save_table, view))

    def copy(self, view: QtWidgets.QWidget) -> None:
        """Copy a view as shown on screen to the clipboard, together with its setting."""
        image = grabbed(view)
        image.setText(SETTING_KEY, self._setting())
        QtGui.QGuiApplication.clipboard().setImage(image)
        self._notify(_("copied the picture"))

    def ask(self, view: QtWidgets.QWidget) -> None:
        dialog = PictureDialog(self._choice, view.size(), view.window())
        dialog.chosen.connect(partial(self._save, view))
        dialog.open()

    def _save(self, view: QtWidgets.QWidget, choice: PictureChoice) -> None:
        self._choice = choice
        if not (name := ask_to_save(view.window(), SAVE, self._name(view, choice), PICTURES[choice.kind])):
            return
        wanted = LIGHT if choice.is_light else theme()
        if choice.kind == "svg":
            content = drawn_as_svg(view, wanted)
        else:
            content = png(drawn(view, wanted, choice.scale), self._setting())
        self._notify(write_file(view.window(), SAVE, name, content, _("saved the picture to {file}")))

    def _name(self, view: QtWidgets.QWidget, choice: PictureChoice) -> str:
        """Propose a file name made of the view and the setting."""
        of_view = (each.name for each in self._context.table if self._context.views.get(each.name) is view)
        config = self._session.state.config
        try:
            setting = write_setting(config) if config != Config() else "tutorial"
        except SettingLineError:
            setting = "own samples"
        parts = [next(of_view, "tinynet"), *setting.split("&")]
        return f"{NOT_IN_NAMES.sub('_', ', '.join(parts))[:MAX_CHARACTERS]}.{choice.kind}"

    def _setting(self) -> str:
        state = self._session.state
        return write_any_setting(state.config, state.session.view.map)

    def _save_table(self, view: QtWidgets.QWidget, proposed: str, text: str) -> None:
        name, kind = ask_to_save_as(view.window(), SAVE_NUMBERS, proposed, f"{TABLE};;{ALL_DIGITS}")
        if name:
            from tinynet_gui.core.text.csv_text import for_spreadsheet  # lazy, for a quick start

            text = for_spreadsheet(text, spreadsheet_sign(), 0 if kind == ALL_DIGITS else DIGITS)
            self._notify(write_file(view.window(), SAVE_NUMBERS, name, text, _("saved the numbers to {file}")))


FEATURE = Feature(
    "pictures",
    PicturesController,
    Action(
        "actionSavePicture",
        _("Save &picture …"),
        _("Save the window as a picture, which carries its setting."),
        "networks and pictures",
        "Ctrl+P",
    ),
)
