"""A frame painted, colours changed, a window made."""

from collections.abc import Callable
from functools import partial
from itertools import cycle
from operator import attrgetter
from time import perf_counter

from PySide6.QtWidgets import QApplication

from tests.benchmarks.bare_frame import BARE_FRAME, BARE_SCENE, BareFrame, Painted
from tests.benchmarks.effort import layers, repeated, so_many
from tests.benchmarks.opened import close_window, let_run, many_steps, open_window, wait_for_kernel
from tests.benchmarks.records import Benchmarks, Record, beside, median
from tests.benchmarks.yardsticks import THREADS_TIME, Clock, ms_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.ui.window.main_window import MainWindow

MOMENTS, STEPS_BETWEEN, ROUNDS = 30, 10, 2
SHEET = "setting its style sheet once more"


def paint_beside_bare(
    name: str, n_hidden: int, what: str, part: Callable[[Painted], float], clock: Clock
) -> list[Record]:
    """A frame of diagram and plots, or a part: another moment of a training is painted each time, as in a bare frame.

    That the diagram takes the moment in counts too: some hundredths of a millisecond, which the figure `idle_paint` did
    not have at 4e5ec15. There the same moment was painted again, with nothing kept.
    """
    window = open_window(n_hidden)
    moments = [_moment_later(window) for _ in range(so_many(MOMENTS))]
    let_run(1.5)
    bare_frame, ours, bare = BareFrame(window), list[float](), list[float]()
    for moment in moments * so_many(ROUNDS):
        for found, paint in (ours, partial(_paint, window)), (bare, bare_frame.paint):
            let_run(0.01)  # as frames come: some time after what was done before
            found.append(part(paint(moment, clock)))
    bare_frame.close()
    close_window(window)
    return [beside(name, median(ours), "ms", what, median(bare))]


def _moment_later(window: MainWindow) -> Snapshot:
    """Train on for some steps; return the moment there."""
    at = window.session.state.run.step + STEPS_BETWEEN
    window.session.fast_forward(at)
    while (moment := window.session.state.snapshot) is None or moment.step < at:
        let_run(0.01)
    return moment


def _paint(window: MainWindow, moment: Snapshot, clock: Clock) -> Painted:
    diagram, function, loss = (window.views[name] for name in ("diagram", "function_plot", "loss_plot"))
    function.show_snapshot(moment)

    def show_and_paint() -> None:
        diagram.show_snapshot(moment)
        diagram.repaint()

    acts = (show_and_paint, *(view.plot.viewport().repaint for view in (function, loss)))
    return Painted(*(ms_of(act, clock) for act in acts))


def theme_change(is_training: bool) -> list[Record]:
    """From the choice of other colours to the painted window; also beside a large training."""
    window = open_window(1_000 if is_training else 10)
    if is_training:
        large = {"network.hidden": layers((1_000, 1_000)), "data.sample_count": 200}
        window.session.set_config(Config().with_changes(large))
        wait_for_kernel(window)
        window.session.fast_forward(many_steps())
    let_run(2.0)
    schemes = cycle(("dark", "light"))
    pairs = repeated(lambda: (_scheme_ms(window, next(schemes)), _sheet_ms(window)), 10)
    close_window(window)
    change_ms, sheet_ms = map(median, zip(*pairs, strict=True))
    return [beside("theme_change_beside" if is_training else "theme_change", change_ms, "ms", SHEET, sheet_ms)]


def window_make() -> list[Record]:
    """The making of a window where there is no other, beside what its style sheet alone takes once all of it is there.

    Both by processor time: nothing waits there.
    """
    close_window(open_window(10))  # what the first one loads and compiles
    makes_ms, sheets_ms, windows = [], [], list[MainWindow]()
    for _ in range(so_many(11)):
        makes_ms.append(ms_of(lambda: windows.append(MainWindow(remember=False)), THREADS_TIME))
        windows[-1].show()
        let_run(0.5)
        windows[-1].idle.finish()
        sheets_ms.append(_sheet_ms(windows[-1], THREADS_TIME))
        close_window(windows.pop())
    return [beside("window_make", median(makes_ms), "ms", SHEET, median(sheets_ms))]


def _sheet_ms(window: MainWindow, clock: Clock = perf_counter) -> float:
    sheet = window.styleSheet()
    return ms_of(lambda: window.setStyleSheet(sheet), clock)


def _scheme_ms(window: MainWindow, scheme: str) -> float:
    started = perf_counter()
    window.set_scheme(scheme)
    QApplication.processEvents()
    taken_ms = 1e3 * (perf_counter() - started)
    let_run(0.1)
    return taken_ms


PARTS: dict[str, tuple[str, Callable[[Painted], float], Clock]] = {
    "idle_paint": (BARE_FRAME, sum, perf_counter),
    "diagram_paint": (BARE_SCENE, attrgetter("diagram"), THREADS_TIME),
}
BENCHMARKS: Benchmarks = {
    **{
        f"{name}_{n}": partial(paint_beside_bare, f"{name}_{n}", n, *PARTS[name]) for name in PARTS for n in (10, 1_000)
    },
    "theme_change": lambda: theme_change(is_training=False),
    "theme_change_beside": lambda: theme_change(is_training=True),
    "window_make": window_make,
}
