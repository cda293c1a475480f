"""The training thread seen from the GUI thread: commands go in, frames come out."""

from PySide6.QtCore import QObject, Signal, Slot

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.checkpoints import Checkpoint
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.engine.engines import EngineChoice
from tinynet_gui.engine.own_thread import OwnThread
from tinynet_gui.engine.pace import Pace
from tinynet_gui.engine.worker import Place, Worker


class TrainingThread(QObject):
    """Owns one thread with one worker in it. Every command is a queued signal and returns at once.

    Signals
    -------
    ready
        PyTorch is loaded.
    frame_ready : Frame
        To be acknowledged when it is on screen.
    dissected : Dissection
        The next step, taken apart.
    failed : int, str
        The number of the command under way, and the traceback of an exception.
    """

    ready = Signal()
    frame_ready = Signal(object)
    failed = Signal(int, str)
    dissected = Signal(object)

    _load = Signal()
    _begin = Signal(int, int, object, object)
    _apply_live = Signal(object)
    _set_pace = Signal(object)
    _set_engine = Signal(str)
    _load_kernel = Signal()
    _start = Signal(int, object, bool)  # a step may be beyond what Qt's int holds
    _pause = Signal(int)
    _edit = Signal(int, str, object, float)
    _freeze = Signal(object)
    _take_steps = Signal(int, int)
    _acknowledge = Signal(int)
    _dissect = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.latest_command = 0  # frames that answer an older one do not say what the training does now
        self._worker = Worker()
        self._thread = OwnThread("training", self._worker, self)
        self._load.connect(self._worker.load)
        self._begin.connect(self._worker.begin)
        self._apply_live.connect(self._worker.apply_live)
        self._set_pace.connect(self._worker.set_pace)
        self._set_engine.connect(self._worker.set_engine)
        self._load_kernel.connect(self._worker.load_kernel)
        self._start.connect(self._worker.start)
        self._pause.connect(self._worker.pause)
        self._edit.connect(self._worker.edit)
        self._freeze.connect(self._worker.freeze)
        self._take_steps.connect(self._worker.take_steps)
        self._dissect.connect(self._worker.dissect)
        self._worker.dissected.connect(self.dissected)
        self._acknowledge.connect(self._worker.acknowledge)
        self._worker.ready.connect(self.ready)
        self._worker.frame_ready.connect(self.frame_ready)
        self._worker.failed.connect(self.failed)

    def open(self) -> None:
        """Start the thread and load PyTorch there."""
        self._thread.begin()
        self._load.emit()

    def begin(self, run_id: int, config: Config, state: TrainerState | None) -> None:
        """Make a new run, at its first step or at a given state."""
        self._begin.emit(self._next_command(), run_id, config, state)

    def apply_live(self, config: Config) -> None:
        """Change live fields."""
        self._worker.interrupt[0] = 1
        self._apply_live.emit(config)

    def edit(self, layer: int, kind: str, index: tuple[int, ...], value: float) -> None:
        """Set one parameter by hand."""
        self._worker.interrupt[0] = 1
        self._edit.emit(layer, kind, index, value)

    def freeze(self, places: frozenset[Place]) -> None:
        """Hold these parameters at their values, and no others."""
        self._worker.interrupt[0] = 1
        self._freeze.emit(places)

    def set_pace(self, pace: Pace) -> None:
        """Go at another speed."""
        self._set_pace.emit(pace)

    def set_engine(self, choice: EngineChoice) -> None:
        """Choose what takes the steps."""
        self._set_engine.emit(choice)

    def load_kernel(self) -> None:
        """Let the compiled loop be used; it must have been imported in the process already."""
        self._load_kernel.emit()

    def start(self, stop_at: int, at_full_speed: bool) -> None:
        """Train until a step."""
        self._start.emit(self._next_command(), stop_at, at_full_speed)

    def pause(self) -> None:
        """Stop and publish where training stands."""
        self._pause.emit(self._next_command())

    def take_steps(self, steps: int) -> None:
        """Take a few steps, then stand still."""
        self._take_steps.emit(self._next_command(), steps)

    def dissect(self, moment: Checkpoint | None) -> None:
        """Stand still and take the next step apart, or the one that follows a recorded moment."""
        self._dissect.emit(self._next_command(), moment)

    def acknowledge(self, frame_id: int) -> None:
        """A frame has been drawn."""
        self._acknowledge.emit(frame_id)

    def _next_command(self) -> int:
        self.latest_command += 1
        self._worker.interrupt[0] = 1
        return self.latest_command

    @Slot()
    def shut_down(self) -> None:
        """End the thread and wait for it; raise RuntimeError if it does not end. Harmless if it has ended."""
        if self._thread.isRunning():
            self._pause.emit(self._next_command())
        self._thread.shut_down()
