"""A window that is measured: opened, trained, closed; and how long its event loop's turns are."""

from time import perf_counter

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Slot

from tests.benchmarks.effort import SMALL, Effort, lasting, so_many
from tinynet_gui.core.config import Config
from tinynet_gui.core.run.session import new_session
from tinynet_gui.core.training.engines import FULL_SPEED
from tinynet_gui.ui.window.main_window import MainWindow

PATIENCE_S = 60.0
_kept: list[MainWindow] = []


class GapMeter(QObject):
    """Measures the time between turns of the GUI thread's event loop, in ms."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps_ms: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(1)
        self._timer.timeout.connect(self.turn)

    def start(self) -> None:
        """Begin to measure."""
        self._last = perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """Measure no more; the time since the last turn counts too, so that there always is one."""
        self._timer.stop()
        self.turn()

    @Slot()
    def turn(self) -> None:
        """Note how long it took."""
        now = perf_counter()
        self.gaps_ms.append(1e3 * (now - self._last))
        self._last = now


def let_run(seconds: float) -> None:
    """Let the event loop turn for some time."""
    loop = QEventLoop()
    QTimer.singleShot(round(1e3 * lasting(seconds)), loop.quit)
    loop.exec()


def open_window(n_hidden: int) -> MainWindow:
    """Show a window with one hidden layer, at full speed, standing at step 0; when all is quick, one serves for all."""
    hidden = (so_many(n_hidden, SMALL),)
    config = Config().with_changes({"network.hidden": hidden, "training.stop_step": many_steps()})
    if _kept:
        window = _kept[0]
        window.session.take_over(new_session(config))
    else:
        window = MainWindow(config, remember=False)
        window.show()
    if Effort.is_quick and not _kept:
        _kept.append(window)
        window.resize(window.minimumSizeHint())
    window.session.set_pace(FULL_SPEED)
    window.session.set_engine("pytorch")
    while window.session.state.snapshot is None:
        let_run(0.05)
    let_run(1.5)  # what the first sight does not need is made meanwhile
    return window


def many_steps() -> int:
    """Return how many steps are more than are taken meanwhile."""
    return so_many(100_000_000, 100_000)


def close_window(window: MainWindow) -> None:
    """Close a window and let Qt destroy it, or keep it for the next who opens one."""
    if window in _kept:
        window.session.pause()
        window.frame.layout.show(window.views.loss_plot)  # what is out of sight is not computed of the next network
        return
    window.close()
    window.deleteLater()
    let_run(0.05)


def close_all() -> None:
    """Close the window that was kept, if any."""
    while _kept:
        close_window(_kept.pop())


def wait_for_kernel(window: MainWindow) -> None:
    while window.session.state.status.compiled != "ready":
        let_run(0.05)


def train_to(window: MainWindow, step: int) -> None:
    """Let the compiled loop take the steps up to this one."""
    wait_for_kernel(window)
    window.session.set_engine("compiled")
    window.session.fast_forward(step)
    while window.session.state.run.step < step or window.session.state.is_running:
        let_run(0.02)
