"""Loads the compiled loop and PyTorch in the background."""

import importlib
import os
import signal
import sys

from PySide6.QtCore import QObject, QProcess, QTimer, Signal, Slot

from tinynet_gui.core.system.libraries import load_torch_without_compiler
from tinynet_gui.core.system.processes import python_command
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.engine.jobs.jobs import Job, Jobs
from tinynet_gui.qt import single_shot

COMPILE = "from tinynet_gui.core.training.compiled.warm_up import main; sys.exit(main())"
MAX_CHARACTERS = 200  # characters of an error's last line


def load_compiled_loop(job: Job) -> str | None:
    """Import the compiled loop if it is in the disk cache.

    Returns "" or the reason why it cannot be used (much works without it); None if it must be compiled first.
    """
    from importlib.metadata import PackageNotFoundError

    try:
        from tinynet_gui.core.training.compiled.cache import is_compiled, prepare_cache_directory

        prepare_cache_directory()
        if not is_compiled():
            return None
        importlib.import_module("tinynet_gui.core.training.compiled.kernel")
    except PackageNotFoundError as error:
        words = _("{name} is not installed; install it with {command}")
        return words.format(name=error.name, command=f"pip install {error.name}")
    except Exception as error:
        return _may_fix(error, "pip install --force-reinstall numba")
    return ""


def load_pytorch(job: Job) -> str:
    """Import PyTorch, without its compiler; return "" or the reason why it cannot be used."""
    from tinynet_gui.core.network.initializations import try_rounding
    from tinynet_gui.core.system.libraries import load_libraries_of
    from tinynet_gui.core.text.numbers import listed
    from tinynet_gui.cpp_runtime import missing_libraries

    try:
        load_libraries_of("torch")
        torch = load_torch_without_compiler()
        if job.stop[0]:  # the window has been closed, and waits for this thread
            return ""
        importlib.import_module("tinynet_gui.core.training.torch_loop")
        torch.set_num_threads(1)  # more slow networks of this size down
        try_rounding()
    except (ImportError, OSError, AttributeError) as error:  # it is missing, wholly or in part
        trouble = f"{type(error).__name__}: {error}"
        if isinstance(error, ModuleNotFoundError):
            return _("{trouble}; install it with {command}").format(trouble=trouble, command="pip install torch")
        if missing := missing_libraries():
            words = _("{trouble}; Windows lacks {names}, which {command} brings")
            return words.format(trouble=trouble, names=listed(missing), command="pip install msvc-runtime")
        return _may_fix(error, "pip install --force-reinstall torch")
    return ""


def _may_fix(error: Exception, command: str) -> str:
    return _("{trouble}; {command} may fix it").format(trouble=f"{type(error).__name__}: {error}", command=command)


class KernelCompiler(QObject):
    """Compiles everything into the disk cache in a subprocess; later starts find it there.

    In this process numba would freeze the window: it holds the GIL for seconds while it compiles.
    `ended` carries "" if the compiled code can now be imported quickly, else the reason.
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
        program, *arguments = python_command(COMPILE)
        self._process.start(program, arguments)

    def stop(self) -> None:
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
        last_line = said.splitlines()[-1][:MAX_CHARACTERS] if said else _("exit status {status}").format(status=status)
        self.ended.emit("" if status == 0 else last_line)

    @Slot()
    def _on_error(self) -> None:
        if self._process.error() == QProcess.ProcessError.FailedToStart:
            self.ended.emit(self._process.errorString())


FIRST_DELAY_MS = 20  # lets the platform paint the first network
DELAY_MS = 100  # after the compiled loop is ready, PyTorch waits this long: the first steps are drawn first


class Loading(QObject):
    """Loads one engine after the other, each in a thread of its own.

    The compiled loop comes first: it loads in a third of the time. If it must be compiled first, in a subprocess,
    PyTorch is loaded meanwhile. The signals have the engine's phase and, at ``failed``, the reason; after `ended`
    nothing more is imported.
    """

    compiled_changed = Signal(str, str)
    pytorch_changed = Signal(str, str)
    ended = Signal()

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._has_begun = False
        self._is_pytorch_requested = self._is_compiled_requested = False
        self._pending_count = 2
        self._compiler = KernelCompiler(self)
        self._compiler.ended.connect(self._on_compiled)
        self._delay = single_shot(self, DELAY_MS, self.load_pytorch)

    def begin(self, pytorch_first: bool) -> None:
        """Load both soon, in this order; calling it twice is harmless."""
        if not self._has_begun:
            self._has_begun = True
            QTimer.singleShot(FIRST_DELAY_MS, self, self.load_pytorch if pytorch_first else self._load_compiled)

    def load_pytorch(self) -> None:
        """Load PyTorch now; calling it twice is harmless."""
        self._delay.stop()
        if not self._is_pytorch_requested:
            self._is_pytorch_requested = True
            self._jobs.submit("PyTorch", load_pytorch, on_result=self._on_pytorch_loaded)

    def stop(self) -> None:
        """Begin nothing more, and kill a compilation in progress."""
        self._is_pytorch_requested = self._is_compiled_requested = True
        self._delay.stop()
        self._compiler.stop()

    def _load_compiled(self) -> None:
        if not self._is_compiled_requested:
            self._is_compiled_requested = True
            self._jobs.submit("compiled loop", load_compiled_loop, on_result=self._on_compiled_loaded)

    def _on_pytorch_loaded(self, trouble: str) -> None:
        self.pytorch_changed.emit("failed" if trouble else "ready", trouble)
        self._load_compiled()
        self._count_down()

    def _on_compiled_loaded(self, trouble: str | None) -> None:
        if trouble is None:
            self.compiled_changed.emit("compiling", "")
            self._compiler.start()
            self.load_pytorch()
            return
        if trouble:
            print(f"tinynet_gui: the compiled loop cannot be used: {trouble}", file=sys.stderr)
        self.compiled_changed.emit("failed" if trouble else "ready", trouble)
        if not self._is_pytorch_requested:
            self._delay.start()
        self._count_down()

    def _on_compiled(self, trouble: str) -> None:
        if trouble:
            self.compiled_changed.emit("failed", _("it could not be compiled: {trouble}").format(trouble=trouble))
            self._count_down()
        else:
            self._jobs.submit("compiled loop", load_compiled_loop, on_result=self._on_compiled_loaded)

    def _count_down(self) -> None:
        self._pending_count -= 1
        if self._pending_count == 0:
            self.ended.emit()
