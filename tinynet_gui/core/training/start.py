"""What a training starts from: its samples, in the order in which its steps take them, and a state."""

from collections.abc import Iterable
from functools import cached_property, lru_cache
from threading import get_ident

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.choices import gradient_changes, loops, losses, optimizers, schedules
from tinynet_gui.core.config import Config, DataConfig, NetworkConfig, TrainingConfig
from tinynet_gui.core.data.formula import parse_formula
from tinynet_gui.core.data.points import AS_THEY_ARE, Points, Scaling, draw_inputs, scaling_of
from tinynet_gui.core.network.forward import Forward, Layer
from tinynet_gui.core.network.initializations import INITIALIZATIONS, Draws, Rounding, TorchDraws, TwisterDraws
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.values import Array, Flags, Ints, frozen_dataclass, owned

GRID_POINTS = 401
MIN_RANGE = 1e-3  # of x, as a share of its size: a narrower range is shown with space around it
SPARE = 0.5  # on each side of a single x
MARGIN = 0.25  # how far the plotted range extends beyond the data's on each side, as a share of it


@frozen_dataclass(eq=False)
class Dataset:
    """The samples as the network sees them: read-only float32 arrays of shape (samples, 1).

    Without a scaling they equal the data.
    """

    x_train: Array
    y_train: Array
    x_held_out: Array
    y_held_out: Array
    scaling: Scaling = AS_THEY_ARE


def make_dataset(config: DataConfig, scaling: Scaling | None = None) -> Dataset:
    """Return the samples of a configuration, given or drawn, as the network sees them; cached.

    By default the scaling is that of the training samples, if the configuration standardises them; pass one for a run
    that began with other samples.

    x is drawn as in the tutorial: ``np.random.seed(seed)`` followed by ``np.random.uniform(x_min, x_max,
    size=(sample_count, 1)).astype('float32')``, on a separate generator. Noise and the held-out samples are drawn after
    it, so that they change neither x nor each other.

    ``round(held_out * sample_count)`` samples are held out, and at least one is trained on.
    """
    return _made(config, scaling)


@lru_cache(maxsize=64)
def _made(config: DataConfig, scaling: Scaling | None) -> Dataset:
    plain = _drawn(config) if config.points is None else _dataset_of(config.points)
    if config.standardise == "none":
        return plain
    s = scaling or scaling_of(config.standardise, plain.x_train, plain.y_train)
    x, y = (plain.x_train, plain.x_held_out), (plain.y_train, plain.y_held_out)
    (x_train, x_held_out), (y_train, y_held_out) = map(s.x_seen, x), map(s.y_seen, y)
    return Dataset(x_train, y_train, x_held_out, y_held_out, s)


def _drawn(config: DataConfig) -> Dataset:
    n = config.sample_count
    inputs, random = draw_inputs(config.seed, n, config.x_min, config.x_max)
    x = inputs[:, None]
    noise = random.standard_normal(size=(n, 1)).astype("float32")
    order = random.permutation(n)

    y: Array = parse_formula(config.target_formula)(x)
    y = np.add(y, np.float32(config.noise) * noise, dtype=np.float32)
    held_out = min(round(config.held_out * n), n - 1)
    is_held_out = np.zeros(n, dtype=bool)
    is_held_out[order[:held_out]] = True
    return _split(x, y, is_held_out)


def _dataset_of(points: Points) -> Dataset:
    x, y = (column.astype(np.float32)[:, None] for column in (points.x, points.y))
    return _split(x, y, points.held_out)


def _split(x: Array, y: Array, is_held_out: Flags) -> Dataset:
    parts = (x[~is_held_out], y[~is_held_out], x[is_held_out], y[is_held_out])
    for part in parts:
        part.flags.writeable = False
    return Dataset(*parts)


def plot_range(config: DataConfig) -> tuple[float, float]:
    """Return the range of x in the plots: that of all samples, with a margin on both sides."""
    low, high = config.x_range
    if config.points is not None:
        low, high = float(config.points.x.min()), float(config.points.x.max())
        least = MIN_RANGE * max(1.0, abs(low))
        if high - low < least:
            spare = least if high > low else max(SPARE, least)
            low, high = low - spare, high + spare
    margin = MARGIN * (high - low)
    return low - margin, high + margin


def plot_grid(config: DataConfig, points: int = GRID_POINTS) -> Array:
    """Return evenly spaced x over the plotted range, float32 of shape (points,)."""
    return np.linspace(*plot_range(config), points, dtype=np.float32)


@lru_cache(maxsize=64)
def points_of(config: DataConfig) -> Points:
    """Return the samples of a configuration, given or drawn, as editable points in order.

    In float64 they equal the samples exactly, so that training is unaffected.
    """
    if config.points is not None:
        return config.points
    dataset = _drawn(config)
    x = np.concatenate([dataset.x_train, dataset.x_held_out])[:, 0]
    y = np.concatenate([dataset.y_train, dataset.y_held_out])[:, 0]
    return Points(x, y, np.arange(len(x)) >= len(dataset.x_train))


def batch_length(config: Config, sample_count: int) -> int:
    """Return the number of samples in a step; the last one of an epoch may have fewer."""
    size = config.training.batch_size
    return sample_count if size == 0 else min(size, sample_count)


def steps_per_epoch(config: Config, sample_count: int) -> int:
    """Return how many batches make one pass over the training samples."""
    return -(-sample_count // batch_length(config, sample_count))


def batch_samples(config: Config, step: int, sample_count: int) -> Ints:
    """Return the training samples used by the step after `step` updates: all of them, or the epoch's next few."""
    per_epoch = steps_per_epoch(config, sample_count)
    if per_epoch == 1:
        return np.arange(sample_count)
    epoch, position = divmod(step, per_epoch)
    size = config.training.batch_size
    return epoch_order(config.data.seed, epoch, sample_count)[position * size : (position + 1) * size]


def epoch_order(seed: int, epoch: int, count: int) -> Ints:
    """Return the order in which an epoch goes through the samples, a permutation of range(count).

    A pure function, so that a run can continue from any step: sample i gets the key splitmix64(splitmix64(seed) +
    epoch, i), and the keys are sorted. The finaliser is that of Steele, Lea & Flood, "Fast splittable pseudorandom
    number generators" (2014).
    """
    with np.errstate(over="ignore"):
        stream = _splitmix64(_splitmix64(np.uint64(seed)) + np.uint64(epoch))
        keys = _splitmix64(stream + np.arange(count, dtype=np.uint64) * _GOLDEN_GAMMA)
    return np.argsort(keys, kind="stable")


_GOLDEN_GAMMA = np.uint64(0x9E3779B97F4A7C15)


def _splitmix64(z: npt.NDArray[np.uint64] | np.uint64) -> npt.NDArray[np.uint64]:
    z = z + _GOLDEN_GAMMA
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


WIDEST_SIDE_BY_SIDE = 48  # neurons; with more, one network alone fills the processor's vectors as well


def goes_side_by_side(config: Config, sample_count: int) -> bool:
    """Whether the sixteenfold loop supports this run: the tutorial's kind, with few neurons."""
    network, training = config.network, config.training
    return (
        len(network.hidden) == 1
        and network.hidden[0] <= WIDEST_SIDE_BY_SIDE
        and network.activations[0].is_relu
        and losses.LOSSES[training.loss].is_square
        and optimizers.OPTIMIZERS[training.optimizer].rules == (optimizers.PLAIN,)
        and set(gradient_changes.active_changes(training)) <= {gradient_changes.DECAY}
        and training.loop == loops.TUTORIAL
        and not schedules.is_scheduled(training)
        and batch_length(config, sample_count) == sample_count
    )


@lru_cache(maxsize=16)
def _generator(_thread: int, needs_torch: bool, rounding: Rounding) -> Draws:
    """Return a thread's generator: to make one takes twice as long as to draw a small network."""
    return TorchDraws() if needs_torch else TwisterDraws(rounding=rounding)


def initial_parameters(config: NetworkConfig) -> tuple[Array, ...]:
    """Return the initial weights and biases, as in `TrainerState.parameters`; read-only.

    They are the configuration's `first_weights`, if it has any. Else they equal the result of
    ``torch.manual_seed(seed)``, ``torch.rand(drawn_before)`` and the tutorial's
    ``nn.Sequential(nn.Linear(1, n), nn.ReLU(), nn.Linear(n, 1))``, each tensor times ``weight_scale``, where torch
    rounds as ``rounding`` says.
    """
    if config.first_weights is not None:
        return config.first_weights.parameters
    way = INITIALIZATIONS[config.initialization]
    draws = _generator(get_ident(), config.needs_torch, config.rounding)
    draws.seed(config.seed)
    draws.skip(config.drawn_before)
    arrays: list[Array] = []
    for inputs, outputs in zip(config.widths, config.widths[1:], strict=False):
        arrays += way.draw(draws, outputs, inputs)
    for array in arrays:
        if config.weight_scale != 1:
            array[...] *= config.weight_scale  # in float32, as in torch
        array.flags.writeable = False
    return tuple(arrays)


@frozen_dataclass(eq=False)
class TrainerState:
    """Everything that changes during a run, shared by all engines. Compared by identity.

    The order of the mini-batches is a function of the seed and the step (see `epoch_order`), so
    there is no generator to keep.

    Attributes
    ----------
    step
        The number of updates made.
    parameters
        weight, bias, weight, bias, ... in the order of ``network.parameters()``; float32, owned, read-only.
    slots
        For each name of `slots_of`, one array per parameter; zeros before the first step.
    """

    step: int
    parameters: tuple[Array, ...]
    slots: tuple[tuple[Array, ...], ...]

    @cached_property
    def nbytes(self) -> int:
        """The size of all arrays in bytes."""
        return sum(array.nbytes for arrays in (self.parameters, *self.slots) for array in arrays)

    def with_parameters(self, values: Iterable[tuple[ParameterRef, float | Array]]) -> "TrainerState":
        """Return the state with some parameters, or whole rows of them, set by hand."""
        arrays = list(self.parameters)
        for ref, value in values:
            array = arrays[ref.array].copy()
            array[ref.index] = value
            arrays[ref.array] = owned(array)
        return TrainerState(self.step, tuple(arrays), self.slots)


def initial_state(config: Config) -> TrainerState:
    """Return the state before the first step, its weights drawn by `draws` if given."""
    parameters = initial_parameters(config.network)
    slots = tuple(tuple(owned(np.zeros(array.shape)) for array in parameters) for _ in slots_of(config.training))
    return TrainerState(0, parameters, slots)


def slots_of(training: TrainingConfig) -> tuple[str, ...]:
    """Return the names of a state's slots: the optimiser's, and ``grad`` where the loop never resets its gradients."""
    slots = optimizers.OPTIMIZERS[training.optimizer].slots
    return (*slots, "grad") if loops.training_loop(training).keeps_gradients else slots


@frozen_dataclass
class Pass:
    """A forward and a backward pass of n samples. Every array is float32.

    Attributes
    ----------
    values
        Every value on the way forward, a column for each sample.
    errors, sample_losses, loss
        ŷ − y and each sample's own loss, shape (n,); their mean.
    output_gradients
        ∂L/∂ŷ for each sample, shape (n,); including the mean's 1/n.
    gradients
        ∂L/∂w of each layer, without weight decay and L1 penalty.
    """

    values: Forward
    errors: Array
    sample_losses: Array
    loss: float
    output_gradients: Array
    gradients: tuple[Layer, ...]
