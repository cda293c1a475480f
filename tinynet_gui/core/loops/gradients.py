"""Recorded steps, and gradients in float64 at their weights: how far can those of the loop itself be off?"""

from dataclasses import field, replace
from itertools import pairwise

import numpy as np

from tinynet_gui.core.choices.activations import ActivationNames, activations_of
from tinynet_gui.core.choices.losses import LOSSES, mean_loss
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.forward import Layer, active_counts, as_layers, forward, unflattened, where_dead
from tinynet_gui.core.network.initializations import FirstWeights
from tinynet_gui.core.values import AnyFloats, Flags, Floats, Ints, frozen_dataclass, owned

ORIGIN = "a recorded training"
MAX_AT_ONCE = 1_000_000  # numbers of one array of a block of steps
EXPLODED = 1e4  # times the size of the first weights; what follows is mostly rounding
MAX_PAIRS = 4_000_000  # outputs times targets of a step, where all are compared with all


@frozen_dataclass
class Objective:
    """What the gradient is taken of: the function of each hidden layer, the loss, and the pairs that it compares.

    Attributes
    ----------
    is_broadcast
        Whether each output is compared with all targets: shapes (n, 1) and (n,).
    batch, drops_last
        Samples a step, in order; 0 is all. Whether the rest of an epoch, fewer than these, is left out.
    """

    activation: ActivationNames
    loss: str
    is_broadcast: bool = False
    batch: int = 0
    drops_last: bool = False

    def samples_of(self, step: int, count: int) -> Ints:
        """Return the samples of the step after `step` updates."""
        if self.batch == 0:
            return np.arange(count)
        blocks = count // self.batch if self.drops_last else -(-count // self.batch)
        start = step % blocks * self.batch
        return np.arange(start, min(start + self.batch, count))


@frozen_dataclass
class Gradients:
    """Gradients of K steps.

    Attributes
    ----------
    values
        float64 of shape (K, places).
    doubt
        The error that float arithmetic makes for a unit roundoff of 1, to first order; multiply by the actual one.
    is_unclear
        Steps at which a value is so near a kink that rounding decides on which side it is.
    losses
        The mean loss before each step.
    """

    values: Floats
    doubt: Floats
    is_unclear: Flags
    losses: Floats


@frozen_dataclass
class LoopSamples:
    """What gradients are taken with: widths, samples, the parameters that are asked for, and the loop's unit roundoff.

    Attributes
    ----------
    x, y
        Samples of shape (n,).
    places
        Indices of these parameters in a row of weights.
    eps
        The unit roundoff of the loop's own arithmetic.
    """

    widths: tuple[int, ...]
    x: Floats
    y: Floats
    places: Ints
    eps: float

    def gradients(self, objective: Objective, weights: Floats, steps: Ints) -> Gradients:
        """Return the mean loss's gradient at each row of weights, shape (K, parameters).

        `steps` are the updates before each row, which choose the batch.
        """
        count = len(self.x)
        each = max(weights.shape[1], count * max(self.widths), count**2 if _compares_all(objective) else 0)
        size = max(1, MAX_AT_ONCE // each)
        starts = range(0, len(weights), size)
        parts = [_block(objective, self, weights[at : at + size], steps[at : at + size]) for at in starts]
        columns = zip(*((part.values, part.doubt, part.is_unclear, part.losses) for part in parts), strict=True)
        return Gradients(*map(np.concatenate, columns))


def _compares_all(objective: Objective) -> bool:
    return objective.is_broadcast and not LOSSES[objective.loss].is_square


def _block(objective: Objective, samples: LoopSamples, weights: Floats, steps: Ints) -> Gradients:
    x, eps = samples.x, samples.eps
    layers = unflattened(weights, samples.widths)
    pairs = [*zip(layers[::2], layers[1::2], strict=True)]
    records = activations_of(objective.activation, len(pairs) - 1)
    value, doubt = np.broadcast_to(x, (len(weights), 1, len(x))), np.zeros((len(weights), 1, len(x)))
    inputs, doubts, us, reaches = [value], [doubt], list[Floats](), list[Floats]()
    unclear = np.zeros(len(weights), dtype=np.bool_)
    for place, (weight, bias) in enumerate(pairs):
        u = weight @ value + bias[..., None]
        reach = np.abs(weight) @ (doubt + np.abs(value)) + np.abs(bias)[..., None]
        if place == len(records):
            break
        record = records[place]
        if record.has_kink:
            unclear |= ((np.abs(u) <= 4 * eps * reach) & (u != 0)).any(axis=(1, 2))
        value = np.asarray(record.function(u), np.float64)
        doubt = np.abs(record.derivative(u)) * reach + np.abs(value)
        us, reaches = [*us, u], [*reaches, reach]
        inputs, doubts = [*inputs, value], [*doubts, doubt]
    by_output, off, is_near, losses = _by_output(objective, samples, u[:, 0], reach[:, 0], steps)
    unclear |= is_near
    back, off = by_output[:, None], off[:, None]
    found, found_off = list[Floats](), list[Floats]()
    for place in reversed(range(len(pairs))):
        before, doubt = inputs[place], doubts[place]
        found += [back.sum(axis=2), (back @ before.swapaxes(1, 2)).reshape(len(weights), -1)]
        size = np.abs(back)
        of_weight = (off + size) @ np.abs(before).swapaxes(1, 2) + size @ doubt.swapaxes(1, 2)
        found_off += [(off + size).sum(axis=2), of_weight.reshape(len(weights), -1)]
        if place:
            weight, record, u = pairs[place][0].swapaxes(1, 2), records[place - 1], us[place - 1]
            slope, pull = record.derivative(u), weight @ back
            bend = np.abs(record.second_derivative(u)) * reaches[place - 1] + (record.slopes is None)  # 1 − h² rounds
            off = np.abs(weight) @ (off + size) * np.abs(slope) + np.abs(pull) * (bend + np.abs(slope))
            back = pull * slope
    values, doubts_of = (np.concatenate(parts[::-1], axis=1)[:, samples.places] for parts in (found, found_off))
    return Gradients(values, doubts_of, unclear, losses)


def _by_output(
    objective: Objective, samples: LoopSamples, output: Floats, reach: Floats, steps: Ints
) -> tuple[Floats, Floats, Flags, Floats]:
    """Return ∂L/∂ŷ of each sample, its doubt, whether an error is next to a corner of the loss, and the loss."""
    loss, count, y = LOSSES[objective.loss], output.shape[1], samples.y
    mask = np.zeros(output.shape)
    for row, step in enumerate(steps if objective.batch else ()):
        mask[row, objective.samples_of(int(step), count)] = 1
    mask = mask if objective.batch else np.ones(output.shape)
    share = mask / mask.sum(axis=1, keepdims=True)
    if _compares_all(objective):
        errors, shares = output[:, :, None] - y, share[:, None, :]
        slopes = (loss.derivative(errors) * shares).sum(axis=2)
        bends = (loss.second_derivative(errors) * shares).sum(axis=2)
        nearest, losses = np.abs(errors).min(axis=2), (loss.function(errors) * shares).sum(axis=2)
    else:
        target = (share @ y)[:, None] if objective.is_broadcast else y
        error = output - target
        slopes, bends, nearest = loss.derivative(error), loss.second_derivative(error), np.abs(error)
        losses = loss.function(error)
        if objective.is_broadcast:  # a square's mean over all targets: that of the mean target, and their variance
            losses = losses + (share @ (y * y) - (share @ y) ** 2)[:, None]
    off = reach + np.abs(output) + np.abs(y).max()
    is_near = (nearest <= 4 * samples.eps * off) & (mask > 0) & loss.has_corner
    doubt = (bends * off + np.abs(slopes)) * share
    return slopes * share, doubt, is_near.any(axis=1), (losses * share).sum(axis=1)


@frozen_dataclass(eq=False)
class LoopRecord:
    """Weights and losses of a training loop.

    Attributes
    ----------
    widths
        Of all layers with the input and the output.
    steps, weights
        The number of updates before each recorded row of weights, ascending, from 0; the rows, float32 or float64 of
        shape (rows, parameters), each weight, bias, weight, bias, ... in C order.
    x, y
        The samples, float64 of shape (n,).
    loss_steps, losses
        What the loop said its loss was, and the number of updates before; float64, perhaps empty.
    activation
        As the network's modules say, if they do.
    """

    widths: tuple[int, ...]
    steps: Ints
    weights: AnyFloats
    x: Floats
    y: Floats
    loss_steps: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    losses: Floats = field(default_factory=lambda: np.zeros(0))
    activation: ActivationNames | None = None

    def start(self) -> Config:
        """Return the tutorial's settings with its samples and first weights; ValueError if these are not allowed."""
        weights = FirstWeights([owned(part) for part in unflattened(self.weights[0], self.widths)], ORIGIN)
        points = Points(self.x, self.y, origin=ORIGIN)
        changes = {"data.points": points, "network.hidden": weights.hidden, "network.first_weights": weights}
        return Config().with_changes({**changes, "network.activation": self.activation or "relu"})

    def loss_at(self, row: int, loss: str, activation: ActivationNames) -> float:
        return float(mean_loss(loss, forward(self._layers(row), activation, owned(self.x)).output - owned(self.y)))

    def dead_at(self, row: int, activation: ActivationNames) -> int:
        """Return the number of dead neurons."""
        counts = active_counts(self._layers(row), activation, owned(self.x))
        return int(sum(flags.sum() for flags in where_dead(activation, counts)))

    def _layers(self, row: int) -> tuple[Layer, ...]:
        with np.errstate(over="ignore"):  # the last rows may exceed float32
            return as_layers([owned(part) for part in unflattened(self.weights[row], self.widths)])


@frozen_dataclass
class Steps:
    """Consecutive recorded steps.

    Attributes
    ----------
    first
        Updates before the first of them; what an optimiser remembers is known if it is 0.
    weights, moves
        The weights before each step and what the step adds, float64 of shape (K, parameters).
    rounding
        How far each move can be off as the weights are rounded.
    """

    first: int
    weights: Floats
    moves: Floats
    rounding: Floats

    def __len__(self) -> int:
        return len(self.moves)

    @property
    def numbers(self) -> Ints:
        """The number of updates before each step."""
        return self.first + np.arange(len(self))

    def to(self, end: int) -> "Steps":
        return replace(self, weights=self.weights[:end], moves=self.moves[:end], rounding=self.rounding[:end])


def stretches_of(record: LoopRecord) -> list[Steps]:
    """Return the stretches of consecutive recorded steps, in float64, up to where the weights explode.

    Calls before the first move are left out: updates are counted from there.
    """
    sizes = np.abs(record.weights).max(axis=1)
    finite = sizes < EXPLODED * max(1.0, sizes[0])  # also where it is NaN
    end = len(record.steps) if finite.all() else int(np.argmin(finite))
    rows, numbers = record.weights[:end], record.steps[:end]
    with np.errstate(over="ignore"):
        half = np.spacing(np.abs(rows)).astype(np.float64) / 2
    weights = rows.astype(np.float64)
    is_same = (weights == weights[:1]).all(axis=1)
    still = end if is_same.all() else int(np.argmin(is_same)) - 1
    starts = [*(np.flatnonzero(np.diff(numbers) != 1) + 1).tolist()]
    found = []
    for start, stop in pairwise([0, *starts, end]):
        first = max(start, still)
        if stop - first > 1:
            moves = np.diff(weights[first:stop], axis=0)
            updates = int(numbers[first] - numbers[min(still, end - 1)])
            found.append(Steps(updates, weights[first : stop - 1], moves, half[first + 1 : stop]))
    return found
