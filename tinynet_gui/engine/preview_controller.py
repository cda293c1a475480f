"""Shows where a training would end, while its settings are being changed."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tinynet_gui.core.config import Config
from tinynet_gui.engine.computations import preview
from tinynet_gui.engine.jobs import Jobs

FADES_MS = 4_000  # after the last change, over a training that goes on
PATIENCE_MS = 3_000  # a preview that takes longer than this helps nobody
KEY = "preview"


class PreviewController(QObject):
    """Asks for previews, once the compiled loop is there, and decides how long one stays.

    Signals
    -------
    preview_changed : Preview or None
        Where a training with the settings as just changed would end, from the initial weights; None takes it
        back.
    """

    preview_changed = Signal(object)

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._wanted = True
        self._can_compute = False
        self._asked_before: Config | None = None  # and nothing could be computed yet
        self._training_goes_on = False
        self._fades = QTimer(self)
        self._fades.setSingleShot(True)
        self._fades.setInterval(FADES_MS)
        self._fades.timeout.connect(self.forget)

    @property
    def is_wanted(self) -> bool:
        """Whether previews are shown at all."""
        return self._wanted

    def set_wanted(self, wanted: bool) -> None:
        """Show previews, or none."""
        self._wanted = wanted
        if not wanted:
            self.forget()

    def begin(self) -> None:
        """The compiled loop is in the process: compute what was asked for meanwhile."""
        self._can_compute = True
        if self._asked_before is not None:
            self._submit(self._asked_before)

    def settings_changed(self, config: Config, training_goes_on: bool) -> None:
        """Ask where a training with these settings would end."""
        self._training_goes_on = training_goes_on
        if self._wanted and self._can_compute:
            self._submit(config)
        elif self._wanted:
            self._asked_before = config

    @Slot()
    def forget(self) -> None:
        """Take the preview back."""
        self._asked_before = None
        self._fades.stop()
        self._jobs.cancel(KEY)
        self.preview_changed.emit(None)

    def stop(self) -> None:
        """Change nothing any more."""
        self._fades.stop()

    def _submit(self, config: Config) -> None:
        self._jobs.submit(
            KEY, preview, config, on_result=self._on_preview, patience_ms=PATIENCE_MS, replaces="when slow"
        )

    def _on_preview(self, found: object) -> None:
        self.preview_changed.emit(found)
        if self._training_goes_on:
            self._fades.start()
