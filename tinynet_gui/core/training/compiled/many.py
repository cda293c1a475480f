"""Many runs at once, on all cores: small ones of the tutorial's kind sixteen side by side.

Runs that `lanes` supports (one hidden ReLU layer of few neurons, mean squared error, plain gradient descent, full
batches) are trained by it sixteen at a time, whatever runs they are grouped with; all others one by one by `run`. The
two sum in different orders and differ in the last bits: they are two engines by name (`core.training.engines`).
Compiled code holds no lock, so plain threads use all cores.
"""

import os
import sys
import threading
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.arrays import Array, owned
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import Dataset
from tinynet_gui.core.training.compiled.lanes import train_lanes
from tinynet_gui.core.training.compiled.layout import aligned_zeros
from tinynet_gui.core.training.compiled.run import KernelRun, run
from tinynet_gui.core.training.compiled.vector import LANES
from tinynet_gui.core.training.side_by_side import goes_side_by_side
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.ui_priority import give_way

NICENESS = 10  # above that of the thread that starts them
LOWEST = 19
CHUNK_STEPS = 16_384  # for taking a diverged lane's steps again, with all losses


@dataclass(frozen=True)
class Start:
    """The start of a run: the arguments of `core.training.compiled.kernel.run`."""

    config: Config
    dataset: Dataset
    state: TrainerState


def run_many(
    starts: Sequence[Start],
    steps: int,
    stride: int = 1,
    *,
    threads: int | None = None,
    stop: npt.NDArray[np.uint8] | None = None,
    progress: npt.NDArray[np.int64] | None = None,
    side_by_side: bool = True,
) -> list[KernelRun]:
    """Take steps of many runs; return a `core.training.compiled.kernel.run` result for each.

    Parameters
    ----------
    starts
        Of any kinds; those of the same shape are faster together.
    steps, stride
        How many steps to take; every `stride`-th loss is returned.
    threads
        How many cores to use at most; all by default.
    stop
        One element; when another thread makes it nonzero, the results so far are returned.
    progress
        One element for each run: the steps it has taken, to read during the call.
    side_by_side
        Whether `lanes` trains the runs it supports; if not, each goes alone, by the same engine as all others.
    """
    stop = np.zeros(1, dtype=np.uint8) if stop is None else stop
    progress = np.zeros(len(starts), dtype=np.int64) if progress is None else progress

    def run_group(places: list[int]) -> list[KernelRun]:
        give_way()
        if stop[0]:  # with a large network, just to begin takes time
            return [KernelRun(starts[k].state, owned([])) for k in places]
        group = [starts[k] for k in places]
        if side_by_side and goes_side_by_side(group[0].config, len(group[0].dataset.x_train)):
            return run_in_lanes(group, steps, stride, stop=stop, progress=progress, places=places)
        return [
            run(s.config, s.dataset, s.state, steps, stride, stop=stop, progress=progress[k : k + 1])
            for k, s in ((k, starts[k]) for k in places)
        ]

    groups = _groups(starts) if side_by_side else [[place] for place in range(len(starts))]
    results: dict[int, KernelRun] = {}
    with ThreadPoolExecutor(threads or os.cpu_count(), initializer=_go_last) as pool:
        for places, runs in zip(groups, pool.map(run_group, groups), strict=True):
            results.update(zip(places, runs, strict=True))
    return [results[k] for k in range(len(starts))]


def _go_last() -> None:
    """Yield the core to the window's thread when it wants to paint: there may be no other one free."""
    if sys.platform == "linux":  # where each thread has its own niceness, and Qt's priorities do nothing
        thread = threading.get_native_id()
        lower = os.getpriority(os.PRIO_PROCESS, thread) + NICENESS  # a thread cannot go back to a higher priority
        os.setpriority(os.PRIO_PROCESS, thread, min(lower, LOWEST))


def _groups(starts: Sequence[Start]) -> list[list[int]]:
    """Return the indices of the runs in groups: at most sixteen side by side, all others alone."""
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    groups: list[list[int]] = []
    for place, start in enumerate(starts):
        if goes_side_by_side(start.config, len(start.dataset.x_train)):
            alike[start.config.network.hidden[0], len(start.dataset.x_train)].append(place)
        else:
            groups.append([place])
    for places in alike.values():
        groups += [places[k : k + LANES] for k in range(0, len(places), LANES)]
    return groups


def run_in_lanes(
    starts: Sequence[Start],
    steps: int,
    stride: int = 1,
    *,
    stop: npt.NDArray[np.uint8] | None = None,
    progress: npt.NDArray[np.int64] | None = None,
    places: Sequence[int] = (),
) -> list[KernelRun]:
    """Run one to sixteen networks of one shape that fit a lane; unused lanes train copies of the first.

    A lane's result depends only on its start. `progress` is written at `places`; the rest is as for `run_many`.
    """
    stop = np.zeros(1, dtype=np.uint8) if stop is None else stop
    progress = np.zeros(1, dtype=np.int64) if progress is None else progress
    parameters, losses, trouble, taken = _train_lanes(starts, steps, stride, stop, progress, places)
    give_way()
    neurons = starts[0].config.network.hidden[0]
    curves = losses.reshape(-1, LANES)[: -(-taken // stride)]
    runs: list[KernelRun] = []
    for lane, start in enumerate(starts):
        if np.isfinite(trouble[lane]):
            arrays = tuple(owned(view) for view in _lane_views(parameters, neurons, lane))
            runs.append(KernelRun(TrainerState(start.state.step + taken, arrays, ()), owned(curves[:, lane])))
        else:
            runs.append(_back_to_last_finite(start, taken, stride))
    return runs


def _back_to_last_finite(start: Start, taken: int, stride: int) -> KernelRun:
    """Take a lane's steps again, alone, up to the last one with a finite loss."""
    curves: list[Array] = []
    before = state = start.state
    while True:
        done = state.step - start.state.step
        after, curve = _take_in_lane(start, state, min(CHUNK_STEPS, taken - done))
        finite = int(np.argmin(np.append(np.isfinite(curve), False)))
        curves.append(curve[:finite])
        if finite < len(curve):
            break
        if done + finite == taken:  # only the loss after the last step is not finite
            return KernelRun(after, owned(np.concatenate(curves)[::stride]))
        before, state = state, after
    diverged_at = state.step + finite
    origin = state if finite else before  # the update before that was the fatal one
    last, _ = _take_in_lane(start, origin, max(0, diverged_at - 1 - origin.step))
    return KernelRun(last, owned(np.concatenate(curves)[: last.step - start.state.step : stride]), diverged_at)


def _take_in_lane(start: Start, state: TrainerState, steps: int) -> tuple[TrainerState, Array]:
    """Take steps of one network from one of its states; return the new state and all losses."""
    stop, progress = np.zeros(1, dtype=np.uint8), np.zeros(1, dtype=np.int64)
    here = Start(start.config, start.dataset, state)
    parameters, losses, _, _ = _train_lanes([here], steps, 1, stop, progress, ())
    arrays = tuple(owned(view) for view in _lane_views(parameters, start.config.network.hidden[0], 0))
    return TrainerState(state.step + steps, arrays, ()), losses.reshape(-1, LANES)[:steps, 0]


def _train_lanes(
    starts: Sequence[Start],
    steps: int,
    stride: int,
    stop: npt.NDArray[np.uint8],
    progress: npt.NDArray[np.int64],
    places: Sequence[int],
) -> tuple[Array, Array, Array, int]:
    """Return parameters, losses and trouble from `train_lanes`, and the number of steps taken."""
    lanes = [*starts, *[starts[0]] * (LANES - len(starts))]
    neurons, samples = starts[0].config.network.hidden[0], len(starts[0].dataset.x_train)
    rows = -(-samples // 4) * 4
    x, y = aligned_zeros(rows * LANES), aligned_zeros(rows * LANES)
    parameters = aligned_zeros((3 * neurons + 1) * LANES)
    for lane, start in enumerate(lanes):
        x.reshape(rows, LANES)[:samples, lane] = start.dataset.x_train[:, 0]
        y.reshape(rows, LANES)[:samples, lane] = start.dataset.y_train[:, 0]
        for view, array in zip(_lane_views(parameters, neurons, lane), start.state.parameters, strict=True):
            view[:] = array
    rates = np.array([start.config.training.learning_rate for start in lanes], dtype=np.float32)
    decays = np.array([start.config.training.weight_decay for start in lanes], dtype=np.float32)
    losses, trouble = aligned_zeros(-(-steps // stride) * LANES), aligned_zeros(LANES)
    where = np.array(places, dtype=np.int64)
    taken = train_lanes(
        neurons, samples, rates, decays, x, y, steps, stride, parameters, losses, trouble, stop, progress, where
    )
    return parameters, losses, trouble, taken


def _lane_views(parameters: Array, neurons: int, lane: int) -> list[Array]:
    """Return views of one network's weight, bias, weight and bias, in their shapes."""
    lanes = parameters.reshape(-1, LANES)[:, lane]
    hidden = lanes[:-1].reshape(neurons, 3)
    return [hidden[:, :1], hidden[:, 1], hidden[:, 2:].T, lanes[-1:]]
