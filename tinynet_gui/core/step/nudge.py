"""The loss along one weight or bias, which shows what a gradient is.

By Taylor's theorem (L(w + ε) − L(w − ε)) / 2ε = L′(w) + ε²·L‴(ξ)/6 for some ξ between, where the loss has three
derivatives: the central difference, with an error of O(ε²) (Press et al., Numerical Recipes, section 5.7). Where only
L″ jumps, as where an ELU passes 0, or an error ±1 in Huber's loss, the error is O(ε). Where the network is piecewise
linear and no kink lies between, L is a parabola in w, or a line, and the two are equal.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from tinynet_gui.core.choices import activations, loops, losses
from tinynet_gui.core.config import Config, Setting
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.system.background import raise_if_stopped
from tinynet_gui.core.training.start import Dataset, TrainerState
from tinynet_gui.core.values import Flags, Floats, Ints, Stop, distinct, frozen_dataclass

EPSILON = Setting("ε", "live", (1e-6, 100))
POINTS = 33  # of the curve, from w − ε to w + ε
MAX_WORK = 2_000_000_000  # products for the curve; for more of them there are three points
BLOCK_VALUES = 500_000  # values of a layer held at once
MAX_PLACES = 2 * POINTS  # kinks and points per block of samples; with more, later layers are not searched for kinks
MAX_KINKS = 10_000


@frozen_dataclass
class Kink:
    """A kink of the loss between w − ε and w + ε, or a change of ELU's or Huber's curvature.

    Attributes
    ----------
    layer, neuron
        The hidden neuron whose pre-activation passes 0; or the output, whose error passes a corner of the loss.
    sample
        The index of the training sample at which it does.
    at
        Its offset from w.
    """

    layer: int
    neuron: int
    sample: int
    at: float


@frozen_dataclass
class Nudge:
    """The loss at w − ε, at w, at w + ε and in between; float64, over all training samples, without any penalty.

    Attributes
    ----------
    parameter, value, epsilon
        The weight or bias, w and ε.
    offsets, losses
        What is added to w, ascending from −ε to ε with 0 in the middle, and the loss there; shape (points,).
    kinks
        By their distance from w.
    is_straight
        Whether the network is piecewise linear along this weight. If so, `kinks` are exact, and complete unless
        `has_more`; else those behind its neuron are interpolated where a sign changes between neighbouring points, and
        two in one gap are missed.
    has_more
        Whether kinks may be missing.
    """

    parameter: ParameterRef
    value: float
    epsilon: float
    offsets: Floats
    losses: Floats
    kinks: tuple[Kink, ...]
    is_straight: bool
    has_more: bool

    @property
    def three(self) -> tuple[float, float, float]:
        below, here, above = self.losses[[0, len(self.losses) // 2, -1]].tolist()
        return below, here, above

    @property
    def slope(self) -> float:
        """The central difference."""
        below, _, above = self.three
        return (above - below) / (2 * self.epsilon)


def nudge(
    config: Config,
    dataset: Dataset,
    state: TrainerState,
    parameter: ParameterRef,
    epsilon: float,
    stop: Stop | None = None,
) -> Nudge:
    """Compute the loss along one weight or bias, and the kinks between.

    Only what depends on it is recomputed, in blocks of samples. `StoppedError` soon after another thread sets
    ``stop[0]``.
    """
    EPSILON.check("epsilon", epsilon)
    x, y = (samples[:, 0].astype(np.float64) for samples in (dataset.x_train, dataset.y_train))
    line = _Line(config, state, parameter)
    points = POINTS if line.work * len(x) * POINTS <= MAX_WORK else 3
    offsets = epsilon * np.linspace(-1, 1, points)
    total, kinks, size = np.zeros(points), list[Kink](), max(1, BLOCK_VALUES // (MAX_PLACES * line.widest))
    with np.errstate(all="ignore"):  # a diverged network is a state, not an error
        for start in range(0, len(x), size):
            raise_if_stopped(stop)
            part = slice(start, start + size)
            losses, found = line.losses(x[part], y[part], offsets, y, stop)
            total += losses
            kinks += (Kink(k.layer, k.neuron, k.sample + start, k.at) for k in found[: MAX_KINKS - len(kinks)])
    return Nudge(
        parameter,
        float(state.parameters[parameter.array][parameter.index]),
        epsilon,
        offsets,
        total / loops.divisor(config.training, len(x)),
        tuple(sorted(kinks, key=lambda kink: abs(kink.at))),
        line.is_straight,
        line.has_more or len(kinks) == MAX_KINKS,
    )


class _Line:
    """The network along one of its weights.

    Attributes
    ----------
    work
        Multiplications per sample and point.
    widest
        The width of the widest layer behind the weight.
    is_straight, has_more
        As in `Nudge`.
    """

    def __init__(self, config: Config, state: TrainerState, parameter: ParameterRef) -> None:
        self._activations = config.network.activations
        self._loss, self._training = losses.LOSSES[config.training.loss], config.training
        self._weights, self._biases = state.parameters[::2], state.parameters[1::2]
        self._layer, self._row = parameter.layer, parameter.index[0]
        self._column = parameter.index[1] if parameter.kind == "weight" else None
        behind = self._weights[self._layer + 1 :]
        self.work = sum(weight.size for weight in behind[1:]) + sum(map(len, behind))
        self.widest = max([1, *map(len, behind)])
        self.is_straight = all(activation.slopes is not None for activation in self._activations[self._layer :])
        self._corners = (0.0,) if self._loss.has_corner else (-1.0, 1.0) if self._loss.written.elsewhere else ()
        is_mixed = loops.training_loop(config.training).broadcasts  # a corner at each y of each sample
        bent = self._corners or any(map(_is_bent, self._activations[self._layer + 1 :]))
        self.has_more = (bool(bent) and not self.is_straight) or bool(is_mixed and self._corners)
        self._corners = () if is_mixed else self._corners

    def losses(
        self, x: Floats, y: Floats, offsets: Floats, targets: Floats, stop: Stop | None
    ) -> tuple[Floats, list[Kink]]:
        """Return the sum of some samples' losses at each offset, and the kinks between the first and the last.

        `targets` are those of all samples.
        """
        inputs = x[None, :]
        for layer in range(self._layer):
            inputs = np.asarray(self._activations[layer].function(self._affine(layer, inputs)), np.float64)
        before = self._affine(self._layer, inputs)
        moved = np.ones(len(x)) if self._column is None else inputs[self._column]
        rows, places, kinks, has_room = np.array([self._row]), offsets, list[Kink](), True
        values = (before[self._row] + places[:, None] * moved)[None]  # (rows, places, samples)
        for layer in range(self._layer, len(self._activations)):
            raise_if_stopped(stop)
            activation = self._activations[layer]
            if _is_bent(activation) and has_room:
                new = list(_crossings(layer, rows, values, places, 0.0))
                kinks += new
                if new and self.is_straight and (has_room := len(new) + len(places) <= MAX_PLACES):
                    places, values = self._with_places(places, values, new)
            h = np.asarray(activation.function(values), np.float64)
            if layer == self._layer:  # the weight affects no other neuron of its layer
                at_rest = np.asarray(activation.function(before), np.float64)
                column = self._weights[layer + 1][:, self._row].astype(np.float64)
                change = column[:, None, None] * (h - at_rest[self._row])
                values = self._affine(layer + 1, at_rest)[:, None, :] + change
            else:
                values = self._affine(layer + 1, h.reshape(len(h), -1)).reshape(-1, len(places), len(x))
            rows = np.arange(len(values))
        errors = values - y
        self.has_more |= not has_room
        for corner in self._corners if has_room else ():
            kinks += _crossings(len(self._activations), rows, errors, places, corner)
        at_offsets = errors[0][np.searchsorted(places, offsets)]
        return losses.of_errors(self._loss.function, self._training, at_offsets, y, targets).sum(axis=1), kinks

    def _affine(self, layer: int, inputs: Floats) -> Floats:
        return self._weights[layer].astype(np.float64) @ inputs + self._biases[layer].astype(np.float64)[:, None]

    def _with_places(self, places: Floats, values: Floats, kinks: Sequence[Kink]) -> tuple[Floats, Floats]:
        """Insert the kinks as points, so that everything behind them is straight between neighbouring points, too."""
        every = distinct(places, [kink.at for kink in kinks])
        left = np.clip(np.searchsorted(places, every, side="right") - 1, 0, len(places) - 2)
        share = ((every - places[left]) / (places[left + 1] - places[left]))[:, None]
        return every, values[:, left] * (1 - share) + values[:, left + 1] * share


def _is_bent(activation: activations.Activation) -> bool:
    return activation.has_kink or activation.has_bend


def _crossings(layer: int, rows: Ints, values: Floats, places: Floats, corner: float) -> Iterator[Kink]:
    """Yield where values, (rows, places, samples), cross `corner`."""
    side: Flags = values > corner
    for row, place, sample in np.argwhere(side[:, 1:] != side[:, :-1]).tolist():
        a, b = values[row, place : place + 2, sample] - corner
        at = places[place] + (places[place + 1] - places[place]) * a / (a - b)
        if places[0] < at < places[-1]:
            yield Kink(layer, int(rows[row]), sample, float(at))
