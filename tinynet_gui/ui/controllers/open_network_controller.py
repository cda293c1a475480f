"""Reads networks from outside in the background, and begins a new run with their weights."""

from functools import partial

from PySide6.QtCore import QObject, Slot

from tinynet_gui.core.network_files.opened import NetworkFileError, OpenedNetwork, setting_of
from tinynet_gui.engine.jobs.reading import read_network
from tinynet_gui.ui.views.panel.parameter_panel import ParameterPanel
from tinynet_gui.ui.window.context import Context

KEY = "network"


class OpenNetworkController(QObject):
    """Nothing changes until a network has been read; a training continues meanwhile."""

    def __init__(self, context: Context) -> None:
        session, networks = context.session, context.frame.open_network
        super().__init__(session)
        self._session, self._jobs, self._networks = session, context.jobs, networks
        self._panel, self._tell = context.find(ParameterPanel), context.frame.status.tell
        networks.wanted.connect(self._on_wanted)
        networks.waiting.cancelled.connect(self._on_cancelled)

    @Slot(str, str, object)
    def _on_wanted(self, origin: str, name: str, text: str | None) -> None:
        self._jobs.submit(
            KEY,
            read_network,
            name,
            text,
            on_result=partial(self._on_read, origin),
            on_progress=self._networks.waiting.show_progress,
            on_error=self._networks.waiting.end,
        )

    def _on_read(self, origin: str, read: OpenedNetwork | str | None) -> None:
        if read is None:
            return
        try:
            if isinstance(read, str):
                raise NetworkFileError(read)
            config, words = setting_of(read, origin, self._session.config)
        except NetworkFileError as error:
            self._networks.refuse(str(error))
            return
        self._networks.waiting.end()
        self._session.open_network(config)
        self._panel.discard_errors()
        self._tell(words)

    @Slot()
    def _on_cancelled(self) -> None:
        self._jobs.cancel(KEY)
