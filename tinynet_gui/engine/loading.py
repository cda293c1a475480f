"""Loads the engines without disturbing the window: the compiled loop, and PyTorch."""

import sys

from PySide6.QtCore import QObject, QTimer, Signal

from tinynet_gui.engine.jobs.computations import load_compiled_loop, load_pytorch
from tinynet_gui.engine.jobs.jobs import Jobs
from tinynet_gui.engine.kernel_compiler import KernelCompiler
from tinynet_gui.single_shot import single_shot

FIRST_DELAY_MS = 20  # to paint the first network, which takes the platform some time
DELAY_MS = 100  # from a usable compiled loop to the import of PyTorch: the first steps are drawn before


class Loading(QObject):
    """Loads one engine after the other, each in a thread that nothing else waits for.

    The compiled loop comes first: it takes a third of the time. If it must be compiled, that happens in a separate
    process, and PyTorch is loaded at once.

    Signals
    -------
    compiled_changed, pytorch_changed : LoadPhase, str
        The phase of each of them; and at ``failed``, the reason.
    ended
        Nothing more is imported.
    """

    compiled_changed = Signal(str, str)
    pytorch_changed = Signal(str, str)
    ended = Signal()

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._has_begun = False
        self._pytorch_comes = self._compiled_comes = False
        self._awaited = 2
        self._compiler = KernelCompiler(self)
        self._compiler.ended.connect(self._on_compiled)
        self._delay = single_shot(self, DELAY_MS, self.load_pytorch)

    def begin(self, pytorch_first: bool) -> None:
        """Load both soon, in one order or the other; calling it twice is harmless."""
        if not self._has_begun:
            self._has_begun = True
            QTimer.singleShot(FIRST_DELAY_MS, self, self.load_pytorch if pytorch_first else self._load_compiled)

    def load_pytorch(self) -> None:
        """Load PyTorch now; calling it twice is harmless."""
        self._delay.stop()
        if not self._pytorch_comes:
            self._pytorch_comes = True
            self._jobs.submit("PyTorch", load_pytorch, on_result=self._on_pytorch_loaded)

    def stop(self) -> None:
        """Begin nothing more, and end a compilation."""
        self._pytorch_comes = self._compiled_comes = True
        self._delay.stop()
        self._compiler.stop()

    def _load_compiled(self) -> None:
        if not self._compiled_comes:
            self._compiled_comes = True
            self._jobs.submit("compiled loop", load_compiled_loop, on_result=self._on_compiled_loaded)

    def _on_pytorch_loaded(self, trouble: str) -> None:
        self.pytorch_changed.emit("failed" if trouble else "ready", trouble)
        self._load_compiled()
        self._count_one()

    def _on_compiled_loaded(self, trouble: str | None) -> None:
        if trouble is None:
            self.compiled_changed.emit("compiling", "")
            self._compiler.start()
            self.load_pytorch()
            return
        if trouble:
            print(f"tinynet_gui: the compiled loop cannot be used: {trouble}", file=sys.stderr)
        self.compiled_changed.emit("failed" if trouble else "ready", trouble)
        if not self._pytorch_comes:
            self._delay.start()
        self._count_one()

    def _on_compiled(self, trouble: str) -> None:
        if trouble:
            self.compiled_changed.emit("failed", f"it could not be compiled: {trouble}")
            self._count_one()
        else:
            self._jobs.submit("compiled loop", load_compiled_loop, on_result=self._on_compiled_loaded)

    def _count_one(self) -> None:
        self._awaited -= 1
        if self._awaited == 0:
            self.ended.emit()
