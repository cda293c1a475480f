"""Many runs at once, on all cores: small ones of the tutorial's kind sixteen side by side.

Runs that `lanes` supports (one hidden ReLU layer of few neurons, mean squared error, plain gradient descent, full
batches) are trained by it sixteen at a time, whatever runs they are grouped with; all others one by one by `run`. The
two sum in different orders and differ in the last bits: they are two engines by name (`core.training.engines`).
Compiled code holds no lock, so plain threads use all cores.
"""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.numerics.arrays import Array, Ints, Stop, owned
from tinynet_gui.core.system.processor import core_count
from tinynet_gui.core.system.ui_priority import give_way, go_last
from tinynet_gui.core.training.compiled.lane_arrays import Starts, train_side_by_side
from tinynet_gui.core.training.compiled.run import KernelRun, run
from tinynet_gui.core.training.compiled.vector import LANES
from tinynet_gui.core.training.dataset import Dataset
from tinynet_gui.core.training.side_by_side import goes_side_by_side
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.values import dataclass


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
    stop: Stop | None = None,
    progress: Ints | None = None,
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
    with ThreadPoolExecutor(threads or core_count(), initializer=go_last) as pool:
        for places, runs in zip(groups, pool.map(run_group, groups), strict=True):
            results.update(zip(places, runs, strict=True))
    return [results[k] for k in range(len(starts))]


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
    stop: Stop | None = None,
    progress: Ints | None = None,
    places: Sequence[int] = (),
) -> list[KernelRun]:
    """Run networks of one shape that go side by side, on one core.

    A run's result depends only on its start. `progress` is written at `places`; the rest is as for `run_many`.
    """
    ends = train_side_by_side(_as_arrays(starts), steps, stride, stop=stop, progress=progress, places=places)
    give_way()
    runs: list[KernelRun] = []
    for place, start in enumerate(starts):
        taken, finite = int(ends.taken[place]), int(ends.finite[place])
        if finite < taken:
            runs.append(_back_to_last_finite(start, finite, ends.losses[:, place], stride))
        else:
            state = TrainerState(start.state.step + taken, tuple(owned(array[place]) for array in ends.parameters), ())
            runs.append(KernelRun(state, owned(ends.losses[: -(-taken // stride), place])))
    return runs


def _back_to_last_finite(start: Start, finite: int, losses: Array, stride: int) -> KernelRun:
    """Take the steps of a diverged run again, alone, up to its last state with a finite loss."""
    steps = max(0, finite - 1)
    ends = train_side_by_side(_as_arrays([start]), steps)
    state = TrainerState(start.state.step + steps, tuple(owned(array[0]) for array in ends.parameters), ())
    return KernelRun(state, owned(losses[: -(-steps // stride)]), start.state.step + finite)


def _as_arrays(starts: Sequence[Start]) -> Starts:
    training = [start.config.training for start in starts]
    return Starts(
        [np.stack(arrays) for arrays in zip(*(start.state.parameters for start in starts), strict=True)],
        x=np.stack([start.dataset.x_train[:, 0] for start in starts]),
        y=np.stack([start.dataset.y_train[:, 0] for start in starts]),
        rates=np.array([each.learning_rate for each in training], np.float32),
        decays=np.array([each.weight_decay for each in training], np.float32),
    )
