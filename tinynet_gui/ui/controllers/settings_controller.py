"""Settings and samples as files and in the clipboard."""

from PySide6.QtCore import QObject, Slot

from tinynet_gui.core.wording.settings_file import SettingRead
from tinynet_gui.ui.views.panel.parameter_panel import ParameterPanel
from tinynet_gui.ui.window.context import Context
from tinynet_gui.ui.window.files.files import copy_setting, save_data, save_settings


class SettingsController(QObject):
    """Writes those of the current run, and begins a run with those read."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.session)
        self._session, self._window, self._tell = context.session, context.window, context.frame.status.tell
        self._save_session = context.actions["actionSaveSessionAs"]
        self._panel, self._go_to = context.find(ParameterPanel), context.go_to
        context.frame.incoming.setting_chosen.connect(self._take)
        context.actions.connect(
            actionSave=self._on_save, actionSaveData=self._on_save_data, actionCopySetting=self._on_copy
        )

    @Slot(object)
    def _take(self, read: SettingRead) -> None:
        self._session.open_config(read.config)
        self._panel.discard_errors()
        if read.hidden and self._session.state.suspended_session is None:  # a lesson hides what it hides
            self._session.set_view(hidden=read.hidden)
        if read.map:
            self._session.set_view(map=read.map)
            self._go_to("map")

    @Slot()
    def _on_copy(self) -> None:
        state = self._session.state
        self._tell(copy_setting(self._window, state.config, state.session.view.map, self._save_session))

    @Slot()
    def _on_save(self) -> None:
        self._tell(save_settings(self._window, self._session.config, self._session.state.session.view.hidden))

    @Slot()
    def _on_save_data(self) -> None:
        state = self._session.state
        snapshot = state.snapshot
        is_of_now = snapshot is not None and snapshot.run_id == state.run.id
        self._tell(save_data(self._window, state.config, snapshot if is_of_now else None))
