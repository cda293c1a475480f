"""Pauses the training by itself once its loss no longer moves, if the user wants that."""

from PySide6.QtCore import QObject, Slot

from tinynet_gui.core.failures.plateau import find_plateau
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.session.session_controller import SessionController


class PlateauWatch(QObject):
    """Pauses once at each plateau: starting again from there is deliberate."""

    def __init__(self, session: SessionController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._is_known = False
        session.changed.connect(self._follow)

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        if not new.is_running or not new.session.view.pauses_at_plateau or new.run.losses is old.run.losses:
            return
        is_there = find_plateau(new.run.losses) is not None
        if is_there and not self._is_known:
            self._session.pause()
        self._is_known = is_there
