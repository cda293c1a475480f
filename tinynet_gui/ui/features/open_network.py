"""Reads external networks in the background, and starts a new run with their weights."""

from functools import partial
from pathlib import Path

from tinynet_gui.core.network_files.opened import NetworkFileError, OpenedNetwork, setting_of
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.engine.jobs.computations import read_network
from tinynet_gui.ui.widgets.dialogs import READING, READING_TEXT, JobDialog, ReadingDialog, warn
from tinynet_gui.ui.window.context import Context, Controller

KEY = "network"
OPEN = _("Open network")
FILTER = _("Networks: state_dict, table or print (*.pt *.pth *.csv *.txt);;All files (*)")
PASTED = "a pasted text"  # kept with the weights


class OpenNetworkController(Controller):
    """Nothing changes until a network has been read; a training continues meanwhile."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._job = JobDialog(self, KEY, context.jobs.submit, context.jobs.cancel)
        context.open_by("actionOpenNetwork", OPEN, FILTER, self.open_file)

    def open_file(self, name: str) -> None:
        self._read(Path(name).name, name, None)

    def open_text(self, text: str) -> None:
        self._read(PASTED, "", text)

    def _read(self, origin: str, name: str, text: str | None) -> None:
        self._job.begin(ReadingDialog(OPEN, origin, self._window, READING if name else READING_TEXT))
        self._job.submit(read_network, name, text, on_result=partial(self._on_read, origin))

    def _on_read(self, origin: str, read: OpenedNetwork | str) -> None:
        try:
            if isinstance(read, str):
                raise NetworkFileError(read)
            config, words = setting_of(read, origin, self._session.config)
        except NetworkFileError as error:
            text = _("The pasted text was not opened; nothing has changed.\n\n{trouble}")
            file = _("{file} was not opened; nothing has changed.\n\n{trouble}")
            warn(self._window, OPEN, (text if origin == PASTED else file).format(file=origin, trouble=error))
            return
        self._session.open_network(config)
        self._views.panel.discard_errors()
        self._notify(words)
