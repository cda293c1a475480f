"""Maps: from the click to the first picture and to the finest one, and to the slice that the time line has moved."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter

import numpy as np
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from tests.benchmarks.effort import SMALL, lasting, repeated, so_many
from tests.benchmarks.opened import PATIENCE_S, GapMeter, close_window, let_run, open_window, train_to, wait_for_kernel
from tests.benchmarks.records import Benchmarks, Record, beside, median, percentile
from tests.benchmarks.window import gap_beside_frame
from tests.benchmarks.yardsticks import ms_of
from tests.not_none import not_none
from tinynet_gui.core.maps.outcome_map import OutcomeMap
from tinynet_gui.core.maps.standpoint import Plane
from tinynet_gui.core.system.machine import core_count
from tinynet_gui.core.training.compiled.kernel import Starts, train_side_by_side
from tinynet_gui.core.values import Floats
from tinynet_gui.ui.window.main_window import MainWindow

SIDE, STEPS, ROUNDS, DRAGS = 512, 1_000, 3, 100
FIRST, SLICE = 32, 64  # pixels along each side of a first picture, and of a slice
LOOP_ALONE = "the compiled loop's own time on all cores"
TOGETHER = 4_096  # runs in one call of the compiled loop


def _open(name: str, steps: int = STEPS) -> MainWindow:
    """A window with a map in sight, finished."""
    window = open_window(10)
    window.session.edit({"training.stop_step": so_many(steps, SMALL)})
    wait_for_kernel(window)
    window.frame.layout.show(window.views.map)
    window.frame.arranger.restore()  # its own size is the smaller one, for which no map would be begun anew
    window.views.map.controls.named_wanted.emit(name)
    side = so_many(SIDE, 200)

    def is_finished(picture: OutcomeMap) -> bool:
        if picture.spacing == 1 and (len(picture.x), len(picture.y)) != (side, side):  # the view's own size came later
            window.views.map.plot.size_changed.emit(side, side)
            return False
        return picture.spacing == 1

    _wait(window, is_finished)
    return window


def _wait(window: MainWindow, is_there: Callable[[OutcomeMap], bool]) -> None:
    started = perf_counter()
    while (picture := window.views.map.picture) is None or not is_there(picture):
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if perf_counter() - started > PATIENCE_S:
            raise TimeoutError("the map has not come")
    window.views.map.repaint()


def _ask_anew(window: MainWindow) -> None:
    """Ask for another map, by another learning rate's end: none of it is known."""
    before = not_none(window.views.map.picture)
    text = window.session.state.session.view.map
    window.session.set_view(map=text.replace(":1/", ":0.999/") if ":1/" in text else text.replace(":0.999/", ":1/"))
    _wait(window, lambda picture: picture is not before and picture.plane is not before.plane)


def _alone(plane: Plane, side: int, steps: int) -> float:
    """Train the same runs by the compiled loop on all cores; return the seconds."""
    rates, scales = (axis.grid(side)[0].astype(np.float32) for axis in plane.axes)
    rates, scales = np.tile(rates, side), np.repeat(scales, side)
    state, samples = plane.here.state, plane.here.dataset
    draws = [array / np.float32(plane.here.config.network.weight_scale) for array in state.parameters]

    def train(first: int) -> None:
        here = slice(first, first + TOGETHER)
        count = len(rates[here])
        starts = Starts(
            [scales[here].reshape(-1, *[1] * array.ndim) * array for array in draws],
            x=np.broadcast_to(samples.x_train.T, (count, len(samples.x_train))),
            y=np.broadcast_to(samples.y_train.T, (count, len(samples.y_train))),
            rates=rates[here],
            decays=np.zeros(count, np.float32),
        )
        train_side_by_side(starts, steps)

    started = perf_counter()
    with ThreadPoolExecutor(core_count()) as pool:
        list(pool.map(train, range(0, len(rates), TOGETHER)))
    return perf_counter() - started


def finest() -> list[Record]:
    """From the click to a picture of 512 x 512 trainings of 1,000 steps; in turns with the compiled loop alone."""
    window = _open("failure")
    ours, alone = [], []
    for _ in range(so_many(ROUNDS)):
        started = perf_counter()
        _ask_anew(window)
        _wait(window, lambda picture: picture.spacing == 1)
        ours.append(perf_counter() - started)
        plane = not_none(window.views.map.picture).plane
        alone.append(_alone(plane, len(not_none(window.views.map.picture).x), so_many(STEPS, SMALL)))
    close_window(window)
    return [beside("map_512", median(ours), "s", LOOP_ALONE, median(alone))]


def first() -> list[Record]:
    """From the click to the first picture, 32 x 32 trainings of 1,000 steps, painted."""
    window, times_ms = _open("failure"), []
    for _ in range(so_many(10)):
        started = perf_counter()
        _ask_anew(window)
        times_ms.append(1e3 * (perf_counter() - started))
        _wait(window, lambda picture: picture.spacing == 1)
    plane = not_none(window.views.map.picture).plane
    alone_ms = median(repeated(lambda: 1e3 * _alone(plane, so_many(FIRST, SMALL), so_many(STEPS, SMALL)), ROUNDS))
    close_window(window)
    return [beside("map_first", median(times_ms), "ms", LOOP_ALONE, alone_ms)]


def moved_slice() -> list[Record]:
    """From a move of the time line to the slice through the moment there, 64 x 64 losses, painted."""
    window, delays_ms = _open("valley", 10_000), []
    train_to(window, so_many(10_000, SMALL))
    let_run(0.5)
    for step in np.linspace(0, window.session.state.run.step - 1, so_many(DRAGS, 6)).astype(int):
        started = perf_counter()
        window.session.look_at(int(step))
        _wait(window, partial(_looks_from, int(step)))
        delays_ms.append(1e3 * (perf_counter() - started))
        let_run(0.01)
    alone_ms = median(repeated(lambda: ms_of(partial(_losses, not_none(window.views.map.picture).plane)), ROUNDS))
    close_window(window)
    what = f"the {SLICE} x {SLICE} losses by NumPy, on one core"
    return [beside("map_slice", percentile(delays_ms[so_many(5, 0) :], 0.95), "ms", what, alone_ms)]


def _losses(plane: Plane) -> Floats:
    """Compute as many losses as a slice has, all in one."""
    samples = plane.here.dataset
    weight, bias, weights_out, bias_out = (np.repeat(a[None], SLICE**2, axis=0) for a in plane.here.state.parameters)
    hidden = np.maximum(weight @ samples.x_train.T + bias[..., None], 0)
    losses: Floats = np.mean((weights_out @ hidden + bias_out[..., None] - samples.y_train.T) ** 2, axis=(1, 2))
    return losses


def _looks_from(step: int, picture: OutcomeMap) -> bool:
    return picture.plane.here.state.step == step


def frame_gap_map() -> list[Record]:
    """The time between turns of the GUI's event loop while a map is computed on all cores."""
    window, meter = _open("failure"), GapMeter()
    meter.start()
    started = perf_counter()
    while perf_counter() - started < lasting(8.0):
        if not_none(window.views.map.picture).spacing == 1:
            _ask_anew(window)
        let_run(0.05)
    meter.stop()
    return gap_beside_frame("frame_gap_p99_map", window, meter)


BENCHMARKS: Benchmarks = {
    "map_512": finest,
    "map_first": first,
    "map_slice": moved_slice,
    "frame_gap_p99_map": frame_gap_map,
}
