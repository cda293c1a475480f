"""Reports recent changes that are not fully visible."""

from PySide6.QtCore import QObject

from tinynet_gui.core.run.history import RunDeleted
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.window.context import Context, Feature


class NewsController(QObject):
    """Reports in the status line that a branch has begun or a run was deleted."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.session)
        self._status = context.frame.status
        context.session.changed.connect(self._follow)

    def _follow(self, old: AppState, new: AppState) -> None:
        if new.session_number != old.session_number:
            return
        run, latest = new.run, new.session.history.next_undo
        is_done = len(new.session.history.undone) == 0 and latest is not old.session.history.next_undo
        if run.id > old.session.last_run_id and run.parent is not None:
            step = count_text(run.parent.step)
            self._status.tell(f"A branch begins at step {step}. The run that was there is in Runs; Undo goes back.")
        elif is_done and isinstance(latest, RunDeleted):
            self._status.tell("The run is deleted; Undo brings it back.")


FEATURE = Feature("news", NewsController)
