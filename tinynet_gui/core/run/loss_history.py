"""The losses of a run in bounded memory: the lowest, the highest and the mean of each bucket of steps."""

import dataclasses
import math
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import field

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.network.forward import BLOCK_VALUES, as_layers
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.snapshot import held_out_loss
from tinynet_gui.core.training.start import Dataset, TrainerState
from tinynet_gui.core.training.trainer import Trainer, advance
from tinynet_gui.core.values import Array, Floats, Ints, Stop, StructuredArray, frozen_dataclass, owned

CAPACITY = 1024  # buckets; when they are full, neighbours merge and each covers twice as many steps


_BUCKET = np.dtype([("low", np.float32), ("high", np.float32), ("total", np.float64), ("count", np.int64)])
_FOLDS: dict[str, np.ufunc] = {"low": np.minimum, "high": np.maximum, "total": np.add, "count": np.add}
_EMPTY = np.array((np.inf, -np.inf, 0.0, 0), _BUCKET)  # without a finite loss


@frozen_dataclass
class LossChunk:
    """The losses of consecutive steps, condensed to the lowest, the highest and the sum of each `stride` steps.

    Bucket i holds the steps from ``(first_bucket + i) * stride`` on. `stride` is a power of two; a bucket has the
    lowest and the highest loss, infinite where none was finite, and the sum of the finite ones and their number.
    `last_step` is −1 if there were no losses.
    """

    first_bucket: int
    stride: int
    last_step: int
    buckets: StructuredArray


def condense(first_step: int, losses: Array) -> LossChunk:
    """Condense the losses of the steps first_step, first_step + 1, ... to at most about `CAPACITY` buckets.

    So a million losses pass between threads as a few kilobytes; nothing is lost, as a history's buckets are at least
    as wide.
    """
    if not len(losses):
        return LossChunk(0, 1, -1, np.empty(0, _BUCKET))
    stride = 1
    while len(losses) > 2 * CAPACITY * stride:
        stride *= 2
    buckets = np.arange(first_step, first_step + len(losses)) // stride
    starts = _group_starts(buckets)
    finite = np.isfinite(losses)
    condensed = np.empty(len(starts), _BUCKET)
    for name, fold in _FOLDS.items():
        each = np.where(finite, finite if name == "count" else losses, _EMPTY[name])
        condensed[name] = fold.reduceat(each, starts)
    return LossChunk(int(buckets[0]), stride, first_step + len(losses) - 1, condensed)


def _group_starts(buckets: Ints) -> Ints:
    """Return the index at which each run of equal values begins."""
    return np.concatenate(([0], np.flatnonzero(np.diff(buckets)) + 1))


class LossHistory:
    """Loss by step, as the lowest, the highest and the mean value in each of at most `CAPACITY` equal buckets.

    While a run is shorter than `CAPACITY` steps every value is kept exactly. Values may be added in any order and for
    some steps only; non-finite ones are left out. Immutable: methods return a new history.

    Attributes
    ----------
    last_step
        The last step added, whether or not its loss was finite.
    """

    def __init__(self) -> None:
        self.stride = 1
        self.last_step = 0
        self._buckets = np.full(CAPACITY, _EMPTY)

    def with_losses(self, first_step: int, losses: Array) -> "LossHistory":
        """Add the losses of the steps first_step, first_step + 1, ...; float32 of shape (steps,)."""
        return self.with_chunk(condense(first_step, losses))

    def with_chunk(self, chunk: LossChunk) -> "LossHistory":
        if chunk.last_step < 0:
            return self
        longer = deepcopy(self)
        while chunk.last_step // longer.stride >= CAPACITY or longer.stride < chunk.stride:
            longer._merge_neighbours()
        longer.last_step = max(longer.last_step, chunk.last_step)
        buckets = (chunk.first_bucket + np.arange(len(chunk.buckets))) * chunk.stride // longer.stride
        starts = _group_starts(buckets)
        places = buckets[starts]
        for name, fold in _FOLDS.items():
            column = longer._buckets[name]
            column[places] = fold(column[places], fold.reduceat(chunk.buckets[name], starts))
        return longer

    def until(self, step: int, latest: Array) -> "LossHistory":
        """Return the history as it was when its run reached a step, if the losses were added in order.

        `latest` are the losses of the steps from ``bucket_start(step)`` to the one before `step`, float32.
        """
        shorter, known = deepcopy(self), self.bucket_start(step) // self.stride
        shorter._buckets[known:] = _EMPTY
        shorter.last_step = max(0, step - 1)
        return shorter.with_losses(known * self.stride, latest)

    def bucket_start(self, step: int) -> int:
        """Return the first step of the bucket that contains a step."""
        return step // self.stride * self.stride

    def columns(self) -> tuple[Array, Array, Floats, Ints]:
        """Return the lowest and highest loss, the sum and the count of each bucket, through the last step's."""
        known = self._buckets[: self.last_step // self.stride + 1]
        return known["low"], known["high"], known["total"], known["count"]

    @classmethod
    def of_columns(
        cls, stride: int, last_step: int, low: Array, high: Array, total: Floats, count: Ints
    ) -> "LossHistory":
        """Build a history from such `columns`; ValueError if they are invalid."""
        length = last_step // stride + 1
        if stride & (stride - 1) or not 1 <= length <= CAPACITY or not len(low) == len(count) == length:
            raise ValueError(f"{len(low):,} buckets of {stride:,} steps are no losses of {last_step:,} steps")
        is_empty = (count == 0) & (low == np.inf) & (high == -np.inf) & (total == 0)
        is_filled = (count > 0) & np.isfinite(low) & (low <= high) & (high < np.inf) & np.isfinite(total)
        if not (is_empty | is_filled).all():
            raise ValueError("losses that are not finite")
        history = cls()
        history.stride, history.last_step = stride, last_step
        for name, column in zip(_FOLDS, (low, high, total, count), strict=True):
            history._buckets[name][:length] = column
        return history

    def means(self) -> tuple[Ints, Floats, Ints]:
        """Return the first step, mean and count of each bucket that has losses, in order of the steps."""
        filled = np.flatnonzero(self._buckets["count"])
        total, count = self._buckets["total"][filled], self._buckets["count"][filled]
        return filled * self.stride, total / count, count

    def curve(self, max_points: int = 2 * CAPACITY) -> tuple[Floats, Array]:
        """Return steps and losses to draw, at most `max_points` of each.

        A bucket of several steps becomes two points, at its first and last step: its highest and lowest loss, in the
        order that follows the trend.
        """
        stride, low, high = self.stride, self._buckets["low"], self._buckets["high"]
        while 2 * np.count_nonzero(np.isfinite(low)) > max_points:
            stride, low, high = 2 * stride, np.minimum(low[::2], low[1::2]), np.maximum(high[::2], high[1::2])
        filled = np.flatnonzero(np.isfinite(low))
        if stride == 1:
            return filled.astype(np.float64), low[filled]
        steps = np.repeat(filled * float(stride), 2)
        steps[1::2] = np.minimum(steps[1::2] + stride - 1, self.last_step)
        pairs = np.column_stack((high[filled], low[filled]))
        rising = np.diff(pairs.sum(axis=1), prepend=np.inf) > 0
        pairs[rising] = pairs[rising, ::-1]
        return steps, pairs.ravel()

    def at(self, step: float) -> tuple[int, int, float, float] | None:
        """Return the first and last step of a step's bucket, and its lowest and highest loss; None if none is known."""
        bucket = int(step // self.stride)
        if not 0 <= bucket < CAPACITY or not self._buckets["count"][bucket]:
            return None
        first, last = bucket * self.stride, min((bucket + 1) * self.stride - 1, self.last_step)
        return first, last, float(self._buckets["low"][bucket]), float(self._buckets["high"][bucket])

    def _merge_neighbours(self) -> None:
        merged = np.full(CAPACITY, _EMPTY)
        for name, fold in _FOLDS.items():
            merged[name][: CAPACITY // 2] = fold(self._buckets[name][::2], self._buckets[name][1::2])
        self._buckets = merged
        self.stride *= 2


MAX_BYTES = 1 << 23  # of the states that are evaluated at once
MAX_HELD_OUT = 1024  # losses; if there are more, they are kept at greater intervals


@frozen_dataclass(eq=False)
class HeldOutLosses:
    """A run's known held-out losses; between these steps they are unknown.

    `steps` and `losses`, int64 and float32 of shape (losses,), are in order, at most `CAPACITY`.
    """

    steps: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    losses: Array = field(default_factory=lambda: np.empty(0, dtype=np.float32))

    def lowest(self, after: int = -1) -> int | None:
        """Return the place of the lowest loss after a step, the first of equal ones; None if there is none."""
        known = np.flatnonzero(self.steps > after)
        return int(known[np.argmin(self.losses[known])]) if len(known) else None

    def with_losses(self, found: Iterable[tuple[int, float]], after: int = -1) -> "HeldOutLosses":
        """Add or replace the losses of some steps; non-finite ones are left out.

        However many there are, the lowest after the step `after` is kept.
        """
        finite = [(step, loss) for step, loss in found if math.isfinite(loss)]
        if not finite:
            return self
        steps = np.append(self.steps, [step for step, _ in finite])
        losses = np.append(self.losses, np.array([loss for _, loss in finite], dtype=np.float32))
        order = np.argsort(steps, kind="stable")
        steps, losses, stride, kept = steps[order], losses[order], 1, self
        while True:  # the latest of each step; if that is too many, of every two steps, four, ... after step 0
            is_kept = np.append(np.diff(-(-steps // stride)) > 0, True)
            if stride > 1 and (lowest := kept.lowest(after)) is not None:
                is_kept[lowest] = True
            steps, losses, stride = steps[is_kept], losses[is_kept], 2 * stride
            if len((kept := HeldOutLosses(steps, losses)).steps) <= MAX_HELD_OUT:
                return kept


def held_out_losses(config: Config, dataset: Dataset, states: Iterable[TrainerState]) -> list[tuple[int, float]]:
    """Return step and held-out loss of each state; empty if no samples are held out."""
    losses = ((state.step, held_out_loss(config, dataset, as_layers(state.parameters))) for state in states)
    return [(step, float(loss)) for step, loss in losses if loss is not None]


@dataclasses.dataclass
class HeldOutWatch:
    """Watches the held-out loss of a training: the lowest yet, and the step from which patience counts."""

    lowest: float = math.inf
    since: int = 0

    def see(self, found: Iterable[tuple[int, float]]) -> None:
        for step, loss in found:
            if loss < self.lowest:
                self.lowest, self.since = loss, step

    def is_over(self, config: Config, step: int) -> bool:
        return math.isfinite(self.lowest) and 0 < config.training.patience <= step - self.since


def advance_watching(
    trainer: Trainer,
    engine: EngineName,
    steps: int,
    watch: HeldOutWatch,
    stop: Stop | None = None,
    record_every: int = 10**9,
) -> tuple[Array, list[TrainerState], list[tuple[int, float]]]:
    """Like `advance`, also return held-out losses: of the recorded states, or with patience of each step.

    With patience, take no further step once it is over. Of many losses only some are returned, with the lowest.
    """
    config, taken, states, found = trainer.config, [owned([])], list[TrainerState](), list[tuple[int, float]]()
    is_watching, end = config.training.patience > 0 and len(trainer.dataset.x_held_out) > 0, trainer.step + steps
    while trainer.step < end and not (is_watching and watch.is_over(config, trainer.step)):
        count = end - trainer.step
        if is_watching:
            before, most = trainer.state(), _states_at_once(trainer) if engine == "Compiled" else 1
            count = max(1, min(count, most, watch.since + config.training.patience - before.step))  # not past its end
        losses, recorded = advance(trainer, engine, count, stop, record_every)
        taken.append(losses)
        states += recorded
        if is_watching and len(losses) > 1:
            now = _held_out_losses_of_each(trainer, before, len(losses))
        else:
            now = held_out_losses(config, trainer.dataset, [trainer.state()] if is_watching else recorded)
        watch.see(now)
        found += now
        if len(found) > 4 * MAX_HELD_OUT:
            kept = HeldOutLosses().with_losses(found)
            found = list(zip(kept.steps.tolist(), kept.losses.tolist(), strict=True))
        if len(losses) < count:
            break
    return np.concatenate(taken), states, found


def _states_at_once(trainer: Trainer) -> int:
    """Return how many states' losses to compute at once, with the same bits as one by one.

    So few that `output_curve` does not divide the samples, and calls BLAS as for a single state.
    """
    values = len(trainer.dataset.x_held_out) * max(trainer.config.network.widths)
    return min(256, BLOCK_VALUES // values, MAX_BYTES // trainer.state().nbytes)


def _held_out_losses_of_each(trainer: Trainer, before: TrainerState, steps: int) -> list[tuple[int, float]]:
    """Like `held_out_losses`, of the states after each of the compiled steps that the trainer has just taken."""
    from tinynet_gui.core.training.compiled import kernel

    _, parameters = kernel.run_each(trainer.config, trainer.dataset, before, steps)
    losses = held_out_loss(trainer.config, trainer.dataset, as_layers(parameters))
    return [] if losses is None else list(enumerate(losses.tolist(), before.step + 1))
