"""Reads data from outside in the background, and begins a new run with them if the user agrees."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from tinynet_gui.core.config import ConfigError
from tinynet_gui.core.data.points import Points
from tinynet_gui.engine.jobs.reading import DataRead, read_data
from tinynet_gui.ui.window.context import Context

if TYPE_CHECKING:
    from tinynet_gui.core.data.read_as import ReadAs

KEY = "data"


class OpenDataController(QObject):
    """Nothing changes until the user accepts the parsed data; a training continues meanwhile."""

    def __init__(self, context: Context) -> None:
        session, data = context.session, context.frame.open_data
        super().__init__(session)
        self._session, self._jobs, self._data = session, context.jobs, data
        data.wanted.connect(self._on_wanted)
        data.cancelled.connect(self._on_cancelled)
        data.points_chosen.connect(self._on_points_chosen)

    @Slot(str, object, object)
    def _on_wanted(self, name: str, text: str | None, read_as: "ReadAs | None") -> None:
        self._jobs.submit(
            KEY,
            read_data,
            name,
            text,
            read_as,
            on_result=self._on_read,
            on_progress=self._data.waiting.show_progress,
            on_error=self._data.waiting.end,
        )

    def _on_read(self, result: DataRead | str | None) -> None:
        if isinstance(result, DataRead):
            is_standardised = self._session.config.data.standardise != "none"
            self._data.show_table(result.table, result.columns, is_standardised=is_standardised)
        elif result is not None:
            self._data.refuse(result)

    @Slot()
    def _on_cancelled(self) -> None:
        self._jobs.cancel(KEY)

    @Slot(object, bool)
    def _on_points_chosen(self, points: Points, is_standardised: bool) -> None:
        try:
            changes = {"data.points": points, "data.standardise": "xy" if is_standardised else "none"}
            self._session.begin_with(changes)
        except ConfigError as error:
            self._data.refuse(str(error))
