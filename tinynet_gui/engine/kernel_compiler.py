"""Compiles the compiled loop, once, in a separate process."""

import os
import signal
import sys

from PySide6.QtCore import QObject, QProcess, Signal, Slot

from tinynet_gui.core.system.python_process import python_command

COMPILE = "from tinynet_gui.core.training.compiled.warm_up import main; sys.exit(main())"
MOST_SAID = 200  # characters of an error's last line


class KernelCompiler(QObject):
    """Compiles everything into the disk cache; later starts find it there.

    numba compiles with the interpreter lock held, for several seconds: in this process it would freeze the window.

    Signals
    -------
    ended : str
        "": the compiled code is on the disk and can be imported quickly; else why it is not.
    """

    ended = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        if sys.platform != "win32":  # Ctrl+C in the terminal is for this process, which ends the other
            apart = QProcess.UnixProcessParameters()
            apart.flags = QProcess.UnixProcessFlag.CreateNewSession
            self._process.setUnixProcessParameters(apart)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)

    def start(self) -> None:
        """Begin."""
        program, *arguments = python_command(COMPILE)
        self._process.start(program, arguments)

    def stop(self) -> None:
        """End the process, if there is one."""
        self._process.blockSignals(True)
        if self._process.state() != QProcess.ProcessState.NotRunning:
            if sys.platform != "win32":
                os.killpg(self._process.processId(), signal.SIGKILL)  # including its own children
            self._process.kill()
            self._process.waitForFinished()

    @Slot(int)
    def _on_finished(self, status: int) -> None:
        output = self._process.readAllStandardError().data() if self._process.isOpen() else b""
        said = bytes(output).decode(errors="replace").strip()
        if said:
            print(said, file=sys.stderr)
        last_line = said.splitlines()[-1][:MOST_SAID] if said else f"exit status {status}"
        self.ended.emit("" if status == 0 else last_line)

    @Slot()
    def _on_error(self) -> None:
        if self._process.error() == QProcess.ProcessError.FailedToStart:
            self.ended.emit(self._process.errorString())
