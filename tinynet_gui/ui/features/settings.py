"""Settings as files, as lines of text in the clipboard, and in saved pictures."""

from collections.abc import Callable
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.config import ConfigError
from tinynet_gui.core.text.files import file_trouble, read_at_most
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.wording import setting_line
from tinynet_gui.ui.widgets.dialogs import ask_to_save, warn, write_file
from tinynet_gui.ui.widgets.pictures import SETTING_KEY
from tinynet_gui.ui.window import actions, context, incoming

OPEN, SAVE, COPY, PASTE = _("Open settings"), _("Save settings"), _("Copy setting"), _("Paste setting")
FILTER = _("Settings of a run (*.json)")
OPEN_FILTER = _("Settings of a run, or a picture with them (*.json *.png)")
PICTURE, MAX_BYTES = ".png", 50_000_000  # the rest of a file is not read
NO_SETTING = _("There is no setting in the clipboard. Copy setting makes one, such as target=sin&hidden=8,8&lr=0.01.")
TITLES: dict[incoming.How, str] = {"pasted": PASTE, "dropped": _("Drop setting")}
REFUSALS: dict[incoming.How, str] = {
    "pasted": _("The pasted text is not used; nothing has changed.\n\n{trouble}"),
    "dropped": _("The dropped text is not used; nothing has changed.\n\n{trouble}"),
}


class SettingsController(context.Controller):
    def __init__(self, context: context.Context) -> None:
        super().__init__(context)
        self._incoming = context.incoming
        context.incoming.add_file(incoming.of_kind(".json", PICTURE), self._open)
        context.incoming.add_texts(setting_line.is_setting, self._open_text)
        context.open_by("actionOpen", OPEN, OPEN_FILTER, self._open)
        context.actions.connect(
            actionSave=self._on_save, actionCopySetting=self._on_copy, actionPasteSetting=self._on_paste
        )

    def _on_paste(self) -> None:
        if not self._incoming.paste_text():
            warn(self._window, PASTE, NO_SETTING)

    def _open(self, name: str) -> None:
        is_picture = Path(name).suffix.lower() == PICTURE
        refusal = _("{file} is not used; nothing has changed.\n\n{trouble}")
        reader = _read_picture if is_picture else setting_line.read_settings_file
        self._read(OPEN, refusal, lambda: reader(name), shortened(name))

    def _open_text(self, text: str, how: incoming.How) -> None:
        self._read(TITLES[how], REFUSALS[how], lambda: setting_line.read_any_setting(text))

    def _read(self, title: str, refusal: str, reader: Callable[[], setting_line.SettingRead], file: str = "") -> None:
        try:
            read = reader()
            if read.map:
                from tinynet_gui.core.wording.maps import read_map

                read_map(read.map)
        except (OSError, ValueError) as error:
            warn(self._window, title, refusal.format(file=file, trouble=file_trouble(error)))
            return
        self._session.open_config(read.config)
        self._views.panel.discard_errors()
        if read.hidden and self._session.state.suspended_session is None:  # a lesson decides what it hides
            self._session.set_view(hidden=read.hidden)
        if read.map:
            self._session.set_view(map=read.map)
            self._context.go_to("map")
        if read.left_out:
            self._notify(setting_line.left_out_words(read))

    def _on_copy(self) -> None:
        """Copy the setting as a line of text; with too many samples for a line, offer the session file instead."""
        state = self._session.state
        try:
            line = setting_line.write_setting(state.config, state.session.view.map)
        except setting_line.SettingLineError as error:
            box = warn(self._window, COPY, _("Nothing was copied.\n\n{trouble}").format(trouble=error))
            save = self._context.actions["actionSaveSessionAs"]
            box.addButton(save.text(), QtWidgets.QMessageBox.ButtonRole.ActionRole).clicked.connect(save.trigger)
            return
        QtGui.QGuiApplication.clipboard().setText(line)
        weights = state.config.network.first_weights
        words = _("copied {setting} without the weights of {origin}") if weights is not None else _("copied {setting}")
        self._notify(words.format(setting=shortened(line, 80), origin=weights and weights.origin))

    def _on_save(self) -> None:
        config = self._session.config
        if name := ask_to_save(self._window, SAVE, "run.json", FILTER):
            content = setting_line.write_settings(config, self._session.state.session.view.hidden)
            weights, saved = config.network.first_weights, _("saved the settings to {file}")
            if weights is not None:
                saved = _("saved the settings without the weights of {origin} to {file}")
            origin = weights and weights.origin
            self._notify(write_file(self._window, SAVE, name, content, saved, origin=origin))


def _read_picture(name: str) -> setting_line.SettingRead:
    buffer = QtCore.QBuffer()
    buffer.setData(read_at_most(name, MAX_BYTES))
    buffer.open(QtCore.QIODevice.OpenModeFlag.ReadOnly)
    text = QtGui.QImageReader(buffer).text(SETTING_KEY)
    if not text:
        raise ConfigError("picture", _("there is no setting in it: only pictures that were saved here carry one"))
    return setting_line.read_any_setting(text)


FEATURE = context.Feature(
    "settings",
    SettingsController,
    actions.Action(
        "actionOpen",
        _("Open s&ettings …"),
        _("Load a run's settings from a file, or from a picture that was saved here."),
        "settings",
    ),
    actions.Action(
        "actionSave",
        _("Sa&ve settings …"),
        _("Write this run's settings to a file, and what students see."),
        "settings",
    ),
    actions.Action(
        "actionCopySetting",
        _("&Copy setting"),
        _("Copy the setting as one line of text, for a mail: what differs from the tutorial."),
        "setting",
        "Ctrl+Shift+C",
    ),
    actions.Action(
        "actionPasteSetting",
        _("&Paste setting"),
        _("Begin with the setting that was copied, as text or as a picture."),
        "setting",
        "Ctrl+Shift+V",
    ),
)
