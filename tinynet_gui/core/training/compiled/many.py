"""Many runs at once, on all cores: small ones of the tutorial's kind sixteen side by side.

Every run gives what `core.training.compiled.kernel.run` gives. Runs that `lanes` knows (one hidden ReLU layer of few
neurons, mean squared error, plain gradient descent, all samples at each step) go sixteen at a time
through that; all others one by one. Compiled code holds no lock, so plain threads use all cores.
"""

import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.arrays import Array, owned
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import Dataset
from tinynet_gui.core.network.activations import ACTIVATIONS
from tinynet_gui.core.training.compiled.lanes import train_lanes
from tinynet_gui.core.training.compiled.layout import aligned_zeros
from tinynet_gui.core.training.compiled.run import KernelRun, run
from tinynet_gui.core.training.compiled.vector import LANES
from tinynet_gui.core.training.losses import LOSSES
from tinynet_gui.core.training.optimizers import OPTIMIZERS, PLAIN
from tinynet_gui.core.training.state import TrainerState

WIDEST_IN_LANES = 48  # with more neurons, one network alone fills the lanes as well
FEWEST_IN_LANES = 4  # fewer networks are faster one by one


@dataclass(frozen=True)
class Start:
    """Where a run starts: what `core.training.compiled.kernel.run` takes."""

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
) -> list[KernelRun]:
    """Take steps of many runs, and return for each what `core.training.compiled.kernel.run` returns.

    Parameters
    ----------
    starts
        Of any kinds; those of the same shape are faster together.
    steps, stride
        How many steps to take, and every which of the losses to return.
    threads
        How many cores to use at most; all by default.
    stop
        One element; when another thread makes it nonzero, what was done so far is returned.
    progress
        One element for each run: the steps it has taken, to read during the call.
    """
    stop = np.zeros(1, dtype=np.uint8) if stop is None else stop
    progress = np.zeros(len(starts), dtype=np.int64) if progress is None else progress

    def run_group(places: list[int]) -> list[KernelRun]:
        if stop[0]:  # even to begin takes time in a large network
            return [KernelRun(starts[k].state, owned([])) for k in places]
        if len(places) >= FEWEST_IN_LANES:
            group = [starts[k] for k in places]
            return _run_in_lanes(group, steps, stride, stop=stop, progress=progress, places=places)
        return [
            run(s.config, s.dataset, s.state, steps, stride, stop=stop, progress=progress[k : k + 1])
            for k, s in ((k, starts[k]) for k in places)
        ]

    groups = _groups(starts)
    results: dict[int, KernelRun] = {}
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        for places, runs in zip(groups, pool.map(run_group, groups), strict=True):
            results.update(zip(places, runs, strict=True))
    return [results[k] for k in range(len(starts))]


def _groups(starts: Sequence[Start]) -> list[list[int]]:
    """Return the places of the runs that go side by side, sixteen at most, and of all others alone."""
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    groups: list[list[int]] = []
    for place, start in enumerate(starts):
        if _fits_a_lane(start.config, start.dataset):
            alike[start.config.network.hidden[0], len(start.dataset.x_train)].append(place)
        else:
            groups.append([place])
    for places in alike.values():
        together = [places[k : k + LANES] for k in range(0, len(places), LANES)]
        if len(together[-1]) < FEWEST_IN_LANES:
            groups += [[place] for place in together.pop()]
        groups += together
    return groups


def _fits_a_lane(config: Config, dataset: Dataset) -> bool:
    network, training = config.network, config.training
    return (
        len(network.hidden) == 1
        and network.hidden[0] <= WIDEST_IN_LANES
        and ACTIVATIONS[network.activation].is_relu
        and LOSSES[training.loss].is_square
        and OPTIMIZERS[training.optimizer].rules == (PLAIN,)
        and (training.batch_size == 0 or training.batch_size >= len(dataset.x_train))
    )


def _run_in_lanes(
    starts: Sequence[Start],
    steps: int,
    stride: int,
    *,
    stop: npt.NDArray[np.uint8],
    progress: npt.NDArray[np.int64],
    places: Sequence[int],
) -> list[KernelRun]:
    """Run up to sixteen networks of one shape; lanes that are left over train copies of the first."""
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
    taken = train_lanes(
        neurons,
        samples,
        rates,
        decays,
        x,
        y,
        steps,
        stride,
        parameters,
        losses,
        trouble,
        stop,
        progress,
        np.array(places, dtype=np.int64),
    )
    curves = losses.reshape(-1, LANES)[: -(-taken // stride)]
    runs: list[KernelRun] = []
    for lane, start in enumerate(starts):
        if np.isfinite(trouble[lane]):
            arrays = tuple(owned(view) for view in _lane_views(parameters, neurons, lane))
            after = TrainerState(start.state.step + taken, arrays, ())
            runs.append(KernelRun(after, owned(curves[:, lane])))
        else:  # alone it finds its way back to the last finite step
            runs.append(run(start.config, start.dataset, start.state, taken, stride))
    return runs


def _lane_views(parameters: Array, neurons: int, lane: int) -> list[Array]:
    """Return the places of one network's weight, bias, weight and bias, in their own shapes."""
    lanes = parameters.reshape(-1, LANES)[:, lane]
    hidden = lanes[:-1].reshape(neurons, 3)
    return [hidden[:, :1], hidden[:, 1], hidden[:, 2:].T, lanes[-1:]]
