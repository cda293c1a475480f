"""Gets the compiled loop ready without the window noticing."""

import sys
from importlib.metadata import PackageNotFoundError

from PySide6.QtCore import QObject, QProcess, Signal, Slot


class KernelLoader(QObject):
    """Compiles in a process of its own at the first start; later starts find the result on the disk.

    numba compiles with the interpreter lock held, for several seconds: in this process it would freeze
    the window.

    Signals
    -------
    phase_changed : KernelPhase
        At ``ready`` the compiled code is on the disk and can be imported in a moment.
    """

    phase_changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        if sys.platform != "win32":  # Ctrl+C in the terminal is for this process, which ends the other
            apart = QProcess.UnixProcessParameters()
            apart.flags = QProcess.UnixProcessFlag.CreateNewSession
            self._process.setUnixProcessParameters(apart)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)

    def start(self) -> None:
        """Look for the compiled code, and compile it if it is not there."""
        from tinynet_gui.core.training.compiled.cache import is_compiled

        try:
            is_there = is_compiled()
        except PackageNotFoundError as error:
            print(f"tinynet_gui: {error.name} is not installed: PyTorch trains, experiments are off", file=sys.stderr)
            self.phase_changed.emit("failed")
            return
        if is_there:
            self.phase_changed.emit("ready")
            return
        self.phase_changed.emit("compiling")
        self._process.start(sys.executable, ["-m", "tinynet_gui.core.training.compiled.kernel"])

    def stop(self) -> None:
        """End the compiling process, if there is one."""
        self._process.blockSignals(True)
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished()

    @Slot(int)
    def _on_finished(self, status: int) -> None:
        self.phase_changed.emit("ready" if status == 0 else "failed")

    @Slot()
    def _on_error(self) -> None:
        if self._process.error() == QProcess.ProcessError.FailedToStart:
            self.phase_changed.emit("failed")
