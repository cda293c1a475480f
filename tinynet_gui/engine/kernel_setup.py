"""From the start of the program to a compiled loop that can be used: on the disk first, then in the process."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tinynet_gui.engine.kernel_loader import KernelLoader, KernelPhase
from tinynet_gui.engine.preview_controller import EndInSight

DELAY_MS = 100  # until the first network is on screen


class KernelSetup(QObject):
    """Has the compiled loop compiled if it must be, and imported in the preview's thread, where nothing waits for it.

    Signals
    -------
    phase_changed : KernelPhase
        At ``ready`` the compiled loop is in the process.
    failed : str
        The traceback of an import that failed.
    """

    phase_changed = Signal(str)
    failed = Signal(str)

    def __init__(self, importer: EndInSight, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._importer = importer
        self._loader = KernelLoader(self)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(DELAY_MS)
        self._delay.timeout.connect(self._loader.start)
        self._loader.phase_changed.connect(self._on_loader_phase_changed)
        importer.kernel_loaded.connect(self._on_imported)
        importer.kernel_failed.connect(self._on_import_failed)

    def begin_soon(self) -> None:
        """Begin when what is under way has been drawn."""
        self._delay.start()

    def stop(self) -> None:
        """Begin nothing any more, and end a compilation."""
        self._delay.stop()
        self._loader.stop()

    @Slot(str)
    def _on_loader_phase_changed(self, phase: KernelPhase) -> None:
        if phase == "ready":
            self._importer.load_kernel()
        else:
            self.phase_changed.emit(phase)

    @Slot()
    def _on_imported(self) -> None:
        self.phase_changed.emit("ready")

    @Slot(str)
    def _on_import_failed(self, text: str) -> None:
        self.phase_changed.emit("failed")
        self.failed.emit(text)
