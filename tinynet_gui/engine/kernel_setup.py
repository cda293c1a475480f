"""From the start of the program to a compiled loop that can be used: on the disk first, then in the process."""

import sys

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tinynet_gui.core.run.training_status import KernelPhase
from tinynet_gui.engine.computations import load_compiled_loop
from tinynet_gui.engine.jobs import Jobs
from tinynet_gui.engine.kernel_loader import KernelLoader

DELAY_MS = 100  # until the first network is on screen


class KernelSetup(QObject):
    """Has the compiled loop compiled if it must be, and imported in a thread in which nothing waits for it.

    Signals
    -------
    phase_changed : KernelPhase
        At ``ready`` the compiled loop is in the process.
    """

    phase_changed = Signal(str)

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._loader = KernelLoader(self)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(DELAY_MS)
        self._delay.timeout.connect(self._loader.start)
        self._loader.phase_changed.connect(self._on_loader_phase_changed)

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
            self._jobs.submit("compiled loop", load_compiled_loop, None, on_result=self._on_loaded)
        else:
            self.phase_changed.emit(phase)

    def _on_loaded(self, trouble: str) -> None:
        if trouble:
            words = "the compiled loop cannot be loaded: PyTorch trains, experiments and previews are off"
            print(f"{trouble}tinynet_gui: {words}", file=sys.stderr)
        self.phase_changed.emit("failed" if trouble else "ready")
