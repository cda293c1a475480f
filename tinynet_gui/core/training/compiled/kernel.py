"""Training in compiled code: the trainer's state in, the state after n steps out.

The same arithmetic as `core.training.trainer`'s, for every configuration, as one call without the GIL. A run can switch
between the two at any step.

Importing this module loads the compiled code from the disk cache, in a hundredth of a second. If it is not there
(`cache.is_compiled` tells, cheaply), it compiles for several seconds with the GIL held. So the window lets `warm_up`
compile in separate processes, and imports this module when that is done.
"""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from tinynet_gui.core.choices import loops, optimizers, schedules
from tinynet_gui.core.config import Config
from tinynet_gui.core.system.background import go_last, yield_to_window
from tinynet_gui.core.system.machine import core_count
from tinynet_gui.core.training.compiled import arguments
from tinynet_gui.core.training.compiled.arguments import LANES, Memory, Setup, aligned_zeros, pack, unpack
from tinynet_gui.core.training.compiled.cache import PARTS, load_part
from tinynet_gui.core.training.start import Dataset, TrainerState, batch_length, goes_side_by_side
from tinynet_gui.core.values import Array, Ints, Stop, frozen_dataclass, owned

train_layers, train_one_hidden, train_lanes = map(load_part, PARTS)


@frozen_dataclass
class KernelRun:
    """The result of `run`.

    Attributes
    ----------
    state
        After the last step; if the loss became NaN or infinite, the last state at which it was finite.
    losses
        The loss of the batch before the update at steps ``start + i * stride``, float32, read-only.
    diverged_at
        The step at which the loss was NaN or infinite, or None.
    """

    state: TrainerState
    losses: Array
    diverged_at: int | None = None


def run(
    config: Config,
    dataset: Dataset,
    state: TrainerState,
    steps: int,
    stride: int = 1,
    *,
    stop: Stop | None = None,
    progress: Ints | None = None,
) -> KernelRun:
    """Take steps from a state, up to the first loss that is not finite.

    `ValueError` if `steps` is negative, or `stride` below 1.

    Parameters
    ----------
    config, dataset, state
        As for `core.training.trainer.Trainer`. The state is not modified.
    stride
        Every `stride`-th loss is returned.
    stop
        When another thread sets ``stop[0]``, the result so far is returned.
    progress
        One element: the steps taken so far, to be read during the call.
    """
    if steps < 0 or stride < 1:
        raise ValueError(f"{steps} steps at a stride of {stride}: at least 0 and 1 are allowed")
    losses = np.empty(-(-steps // stride), dtype=np.float32)
    after, diverged, _ = _advanced(config, dataset, state, steps, stride, losses, stop, progress)
    losses = losses[: -(-(after.step - state.step) // stride)]
    losses.flags.writeable = False
    return KernelRun(after, losses, None if diverged < 0 else state.step + diverged)


def run_each(
    config: Config, dataset: Dataset, state: TrainerState, steps: int, stop: Stop | None = None
) -> tuple[TrainerState, tuple[Array, ...]]:
    """Take steps like `run`, and keep the parameters after each.

    Returns the state after the last step, and each parameter, float32, with a new first axis for the steps taken.
    """
    losses = np.empty(steps, dtype=np.float32)
    after, _, each = _advanced(config, dataset, state, steps, 1, losses, stop, keeps_each=True)
    return after, unpack(config.network.widths, each[: after.step - state.step])


def _advanced(
    config: Config,
    dataset: Dataset,
    state: TrainerState,
    steps: int,
    stride: int,
    losses: Array,
    stop: Stop | None,
    progress: Ints | None = None,
    keeps_each: bool = False,
) -> tuple[TrainerState, int, Array]:
    """Take steps with the loop compiled for this kind of network; return the state, then as the loop does."""
    network, training = config.network, config.training
    setup = Setup(
        arguments.LOSS_CODES[training.loss],
        arguments.optimizer_code(training),
        arguments.activation_codes(network),
        np.array(network.widths, dtype=np.int64),
        arguments.live_values(training),
        dataset.x_train[:, 0].copy(),
        dataset.y_train[:, 0].copy(),
        batch_length(config, len(dataset.x_train)),
        config.data.seed,
        state.step,
        stride,
        int(loops.training_loop(training).sums),
        int(loops.training_loop(training).broadcasts),
        schedules.rates_from(training, state.step, steps).copy() if schedules.is_scheduled(training) else np.empty(0),
    )
    parameters, *slots = (pack(network.widths, arrays) for arrays in (state.parameters, *state.slots))
    nothing = np.empty(0, np.float32)
    kept = slots[-1] if loops.training_loop(training).keeps_gradients else nothing
    first, second, *_ = (*slots[: len(optimizers.OPTIMIZERS[training.optimizer].slots)], nothing, nothing)
    memory = Memory(parameters, aligned_zeros(parameters.size), first, second, kept)
    each = np.empty((steps if keeps_each else 0, parameters.size), dtype=np.float32)
    stop = np.zeros(1, dtype=np.uint8) if stop is None else stop
    progress = np.zeros(1, dtype=np.int64) if progress is None else progress
    is_tutorials = len(network.hidden) == 1 and network.activations[0].is_relu
    train = train_one_hidden if is_tutorials else train_layers
    taken, diverged = train(setup, steps, memory, losses, stop, progress, each)
    unpacked, *memories = (unpack(network.widths, flat) for flat in (parameters, *slots))
    return TrainerState(state.step + taken, unpacked, tuple(memories)), diverged, each


NO_LIMIT = -np.inf


@frozen_dataclass(eq=False)
class Starts:
    """The starts of many runs of one shape that go side by side (`core.training.start.goes_side_by_side`); float32.

    Attributes
    ----------
    parameters
        Weight, bias, weight and bias of the networks, with a first axis for the runs.
    x, y
        The training samples, (runs, samples).
    rates, decays
        Learning rates and weight decays, (runs,).
    """

    parameters: Sequence[Array]
    x: Array
    y: Array
    rates: Array
    decays: Array


@frozen_dataclass(eq=False)
class Ends:
    """The ends of many runs.

    Attributes
    ----------
    parameters
        As in `Starts`; meaningless for a run that diverged.
    losses
        The recorded losses, float32 of shape (records, runs).
    taken, finite, above
        int64 of shape (runs,): the steps taken; those before the first loss that was not finite, and before the first
        below the limit, or all if there was none.
    """

    parameters: list[Array]
    losses: Array
    taken: Ints
    finite: Ints
    above: Ints


def train_side_by_side(
    starts: Starts,
    steps: int,
    stride: int = 0,
    limit: float = NO_LIMIT,
    *,
    stop: Stop | None = None,
    progress: Ints | None = None,
    places: Sequence[int] = (),
) -> Ends:
    """Take steps of many runs, sixteen at a time, on one core. A run's result depends on its own start alone.

    Parameters
    ----------
    stride
        Every `stride`-th loss is recorded; none if it is 0.
    limit
        Of the loss, for `Ends.above`.
    stop
        When another thread sets ``stop[0]``, the runs end where they are.
    progress, places
        The steps taken so far are written to `progress` at `places`, one for each run, to be read during the call.
    """
    w1, b1, w2, b2 = starts.parameters
    runs, neurons, samples = len(b1), b1.shape[1], starts.x.shape[1]
    groups = -(-runs // LANES)
    x, y = (_in_lanes(values, groups) for values in (starts.x, starts.y))
    parameters = aligned_zeros(groups * (3 * neurons + 1) * LANES).reshape(groups, -1)
    views = _views(parameters, groups, neurons)
    for view, array in zip(views, (w1[..., 0], b1, w2[:, 0], b2), strict=True):
        view[:] = _grouped(array, groups)
    rates, decays = (_grouped(values[:, None], groups)[:, 0].copy() for values in (starts.rates, starts.decays))
    limits = np.full(LANES, limit, np.float32)
    losses = aligned_zeros(groups * (-(-steps // stride) if stride else 0) * LANES).reshape(groups, -1)
    finite, above = np.zeros((groups, LANES), np.int64), np.zeros((groups, LANES), np.int64)
    taken = np.zeros(groups, np.int64)
    stop = np.zeros(1, np.uint8) if stop is None else stop
    progress = np.zeros(1, np.int64) if progress is None else progress
    where = np.array(places, dtype=np.int64)
    train_lanes(
        *(neurons, samples, rates, decays, limits, x, y, steps, max(stride, 1)),
        *(parameters, losses, finite, above, taken, stop, progress, where),
    )
    first, *others = (view.transpose(0, 2, 1).reshape(-1, view.shape[1])[:runs] for view in views)
    return Ends(
        [first[..., None], others[0], others[1][:, None], others[2]],
        losses.reshape(groups, -1, LANES).swapaxes(0, 1).reshape(-1, groups * LANES)[:, :runs],
        np.repeat(taken, LANES)[:runs],
        finite.ravel()[:runs],
        above.ravel()[:runs],
    )


def _in_lanes(values: Array, groups: int) -> Array:
    """Pack samples, (runs, samples), as (groups, rows · 16), with rows rounded up to a multiple of 4."""
    rows = -(-values.shape[1] // 4) * 4
    lanes = aligned_zeros(groups * rows * LANES).reshape(groups, rows, LANES)
    lanes[:, : values.shape[1]] = _grouped(values, groups)
    return lanes.reshape(groups, -1)


def _grouped(values: Array, groups: int) -> Array:
    """Pack values, (runs, n), as (groups, n, 16); spare lanes are copies of the first run."""
    missing = groups * LANES - len(values)
    if missing:
        values = np.concatenate([values, np.broadcast_to(values[:1], (missing, values.shape[1]))])
    return values.reshape(groups, LANES, -1).swapaxes(1, 2)


def _views(parameters: Array, groups: int, neurons: int) -> list[Array]:
    """View w₁, b₁, w₂ and b₂ in the layout of `lanes`, each (groups, n, 16)."""
    lanes = parameters.reshape(groups, -1, LANES)
    hidden = lanes[:, :-1].reshape(groups, neurons, 3, LANES)
    return [hidden[:, :, 0], hidden[:, :, 1], hidden[:, :, 2], lanes[:, -1:]]


@frozen_dataclass
class Start:
    """The start of a run: the arguments of `run`."""

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
    """Take steps of many runs; return a result of `run` for each.

    Parameters
    ----------
    starts
        Of any kinds; those of the same shape are faster together.
    stride, stop
        As for `run`.
    threads
        The most cores to use; all by default.
    progress
        One element for each run: the steps taken so far, to be read during the call.
    side_by_side
        Whether `lanes` trains the runs it supports; if not, all go alone, by the same engine.
    """
    stop = np.zeros(1, dtype=np.uint8) if stop is None else stop
    progress = np.zeros(len(starts), dtype=np.int64) if progress is None else progress

    def run_group(places: list[int]) -> list[KernelRun]:
        yield_to_window()
        if stop[0]:  # a large network takes time just to set up
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
    """Group the indices of the runs: up to sixteen side by side, all others alone."""
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
    yield_to_window()
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
    """Retrain a diverged run, alone, up to its last state with a finite loss."""
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
