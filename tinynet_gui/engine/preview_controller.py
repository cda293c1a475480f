"""Shows where a training would end, while its settings are being changed."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tinynet_gui.core.config import Config
from tinynet_gui.engine.previewer import Previewer

FADES_MS = 4_000  # after the last change, over a training that goes on


class EndInSight(QObject):
    """Asks for previews and decides how long one stays.

    Signals
    -------
    preview_changed : Preview or None
        Where a training with the settings as just changed would end, from the initial weights; None takes it
        back.
    kernel_loaded
        The compiled loop has been imported into the process.
    kernel_failed : str
        It could not be imported, with the traceback.
    failed : str
        The traceback of an exception.
    """

    preview_changed = Signal(object)
    kernel_loaded = Signal()
    kernel_failed = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted = True
        self._training_goes_on = False
        self._fades = QTimer(self)
        self._fades.setSingleShot(True)
        self._fades.setInterval(FADES_MS)
        self._fades.timeout.connect(self.forget)
        self._previewer = Previewer(self)
        self._previewer.loaded.connect(self.kernel_loaded)
        self._previewer.load_failed.connect(self.kernel_failed)
        self._previewer.preview_ready.connect(self._on_preview_ready)
        self._previewer.failed.connect(self.failed)

    @property
    def is_wanted(self) -> bool:
        """Whether previews are shown at all."""
        return self._wanted

    def set_wanted(self, wanted: bool) -> None:
        """Show previews, or none."""
        self._wanted = wanted
        if not wanted:
            self.forget()

    def load_kernel(self) -> None:
        """Import the compiled loop in the preview thread, where nothing waits for it."""
        self._previewer.load()

    def settings_changed(self, config: Config, training_goes_on: bool) -> None:
        """Ask where a training with these settings would end."""
        self._training_goes_on = training_goes_on
        if self._wanted:
            self._previewer.request(config)

    @Slot()
    def forget(self) -> None:
        """Take the preview back."""
        self._fades.stop()
        self._previewer.cancel()
        self.preview_changed.emit(None)

    def shut_down(self) -> None:
        """End the preview thread."""
        self._fades.stop()
        self._previewer.shut_down()

    @Slot(object)
    def _on_preview_ready(self, preview: object) -> None:
        self.preview_changed.emit(preview)
        if self._training_goes_on:
            self._fades.start()
