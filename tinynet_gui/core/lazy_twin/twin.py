"""The lazy twin: a network linearised in its weights around its start, whose training is a formula.

Gradient descent of the mean squared error on all samples gives the linear model after t steps, without weight decay,
f₀(x) + k(x) g(K) (y − f₀) with g(λ) = (1 − (1 − 2ηλ/N)ᵗ)/λ, or 2ηt/N at λ = 0, where K is the tangent kernel of the
start on the N samples and k(x) that between x and them (Jacot et al., "Neural tangent kernel", 2018). The wider a
network, or the larger its first weights, the less its kernel moves (Chizat et al., "On lazy training in differentiable
programming", 2019); what the twin cannot do is move its kinks (Williams et al., "Gradient dynamics of shallow
univariate ReLU networks", 2019).

With weight decay δ the parameters after t steps are p·θ₀ + Jᵀa, for the Jacobian J of the start on the samples: a step
multiplies p and a by 1 − ηδ and subtracts 2η/N times the errors from a. The errors are r₀ − u + p·u + K·a with u =
J·θ₀, so in the eigenbasis of K the modes are independent, whatever the rate of each step was.

With piecewise linear activations f₀, its gradient and so the twin are linear in x between two kinks of the start. At a
kink the slope of a neuron's activation jumps, and the twin with it: by that jump, times ∂f₀/∂h of the neuron, times the
distance that the steps have moved its pre-activation there. A network would have moved the kink.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np

from tinynet_gui.core.choices import loops, losses, optimizers, schedules
from tinynet_gui.core.choices.activations import ActivationNames, activations_of
from tinynet_gui.core.choices.gradient_changes import DECAY, active_changes
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Scaling
from tinynet_gui.core.function.linear_regions import find_linear_regions
from tinynet_gui.core.network.forward import as_layers
from tinynet_gui.core.network.refs import Ref, frozen_masks
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.system.background import raise_if_stopped
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.start import batch_length
from tinynet_gui.core.values import AnyFloats, Array, Flags, Floats, Ints, Stop, frozen_dataclass


@frozen_dataclass(eq=False)
class Tangents:
    """A network's output and its gradients by the trainable parameters at some x, in float64.

    Attributes
    ----------
    output
        f(x), shape (points,).
    along
        The scalar product of its gradient and the parameters, shape (points,).
    kernel
        K(x, x′), shape (points, other points).
    """

    output: Floats
    along: Floats
    kernel: Floats


class TangentNetwork:
    """A network and its gradients, in float64; frozen parameters have none.

    K(x, x′) is the scalar product of the gradients at x and at x′. That by a layer's weights is ∂f/∂u · v, the slopes
    at its outputs times its inputs, so a layer's share is the product of two scalar products; with a 1 among the inputs
    the bias is one more weight.

    To bound memory it holds only the pre-activations of all layers, and everything else for one layer at a time.
    `parameters` are as in `TrainerState.parameters`.
    """

    def __init__(self, activation: ActivationNames, parameters: Sequence[Array], frozen: Collection[Ref] = ()) -> None:
        self._activations = activations_of(activation, len(parameters) // 2 - 1)
        self._pairs = list(zip(parameters[::2], parameters[1::2], strict=True))
        masks = frozen_masks(frozen, parameters)
        self._trains: list[Flags | None] = [None] * len(self._pairs)  # (outputs, inputs + 1); None if all train
        if masks is not None:
            self._trains = [~np.column_stack(pair) for pair in zip(masks[::2], masks[1::2], strict=True)]

    def _weight(self, layer: int) -> Floats:
        """Return a layer's weights and biases, (outputs, inputs + 1); built on demand to save memory."""
        weight, bias = self._pairs[layer]
        return np.concatenate([weight, bias[:, None]], axis=1, dtype=np.float64)

    def at(self, x: Floats, others: Floats | None = None, stop: Stop | None = None) -> Tangents:
        """Return the tangents at x, shape (points,), with the kernel between x and `others`, by default x again.

        `StoppedError` soon after another thread sets ``stop[0]``.
        """
        output, along = np.zeros(len(x)), np.zeros(len(x))
        kernel = np.zeros((len(x), len(x if others is None else others)))
        layers = ((here, here) for here in self._layers(x, stop))
        both = layers if others is None else zip(self._layers(x, stop), self._layers(others, stop), strict=True)
        last = len(self._pairs) - 1
        with np.errstate(all="ignore"):  # a diverged network is a state, not an error
            for layer, ((inputs, slopes), (inputs_there, slopes_there)) in zip(range(last, -1, -1), both, strict=True):
                weight, trains = self._weight(layer), self._trains[layer]
                if layer == last:
                    output = (weight @ inputs)[0]
                if trains is not None:
                    weight = np.where(trains, weight, 0.0)
                along += np.sum(slopes * (weight @ inputs), axis=0)
                for outputs, columns in _equal_rows(trains):
                    share = slopes[outputs].T @ slopes_there[outputs]
                    share *= inputs[columns].T @ inputs_there[columns]
                    kernel += share
        return Tangents(output, along, kernel)

    def _layers(self, x: Floats, stop: Stop | None) -> Iterator[tuple[Floats, Floats]]:
        """Yield each layer's inputs, with a row of 1 below, and ∂f/∂u of its outputs, from the last layer back."""
        pre_activations: list[Floats] = []
        with np.errstate(all="ignore"):
            inputs = _with_ones(x[None])
            for layer, activation in enumerate(self._activations):
                raise_if_stopped(stop)
                pre_activations.append(self._weight(layer) @ inputs)
                inputs = _with_ones(activation.function(pre_activations[-1]))
            slopes: Floats = np.ones((1, len(x)))
            while True:
                yield inputs, slopes
                if not pre_activations:
                    return
                raise_if_stopped(stop)
                u, layer = pre_activations.pop(), len(pre_activations)
                slopes = self._weight(layer + 1)[:, :-1].T @ slopes
                slopes *= self._activations[layer].derivative(u)
                before = self._activations[layer - 1].function(pre_activations[-1]) if layer else x[None]
                inputs = _with_ones(before)


def _with_ones(values: AnyFloats) -> Floats:
    return np.concatenate([values, np.ones((1, values.shape[1]))])


def _equal_rows(trains: Flags | None) -> Iterator[tuple[Flags | slice, Flags | slice]]:
    """Group outputs whose trainable weights are the same; yield the outputs, and the inputs that train."""
    if trains is None or trains.all():
        yield slice(None), slice(None)
        return
    kinds = {row.tobytes(): row for row in trains}
    for kind in kinds.values():
        yield (trains == kind).all(axis=1), kind


BLOCK = 512  # samples whose pre-activations are held at once, beside those of the curve
INWARDS = np.array([[0.75, 0.25], [0.25, 0.75]])  # from the ends of a straight piece to two x within it
OUTWARDS = np.linalg.inv(INWARDS)


class NoTwinError(ValueError):
    """There is no twin; the message is a phrase saying why, such as “for plain SGD only, not Adam”."""


@frozen_dataclass
class Rates:
    """A number of steps with one learning rate and weight decay."""

    learning_rate: float
    weight_decay: float
    steps: int


@frozen_dataclass(eq=False)
class TwinState:
    """The twin after some steps.

    Attributes
    ----------
    kept
        p: the share of the first parameters that weight decay has left.
    moved
        a in the eigenbasis of the kernel, shape (samples,).
    errors
        Output − y (standardised) of the samples in the eigenbasis, shape (samples,); not finite where it has diverged.
    """

    kept: float
    moved: Floats
    errors: Floats

    @property
    def loss(self) -> float:
        """The mean squared error: the sum of the modes' shares."""
        with np.errstate(over="ignore"):
            return float(np.mean(self.errors**2))


@frozen_dataclass(eq=False)
class TwinCurve:
    """The twin's output at some x, prepared so that `at` returns it for any step.

    Attributes
    ----------
    x
        In the units of the data, shape (points,). Where two of them are equal, the curve may jump.
    """

    x: AnyFloats
    _first: Floats
    _along: Floats
    _modes: Floats  # (points, samples)
    _scaling: Scaling
    _is_within: bool = False  # computed at two points inside each piece, to be extrapolated to its ends

    def at(self, state: TwinState) -> Floats:
        """Return the output in the units of the data, shape (points,)."""
        with np.errstate(all="ignore"):
            seen = self._first + (state.kept - 1.0) * self._along + self._modes @ state.moved
            if self._is_within:
                seen = (seen.reshape(-1, 2) @ OUTWARDS).ravel()
            return self._scaling.y_of(seen)


class LazyTwin:
    """The twin of a network from a moment on.

    `NoTwinError` if it has none; `StoppedError` soon after another thread sets ``stop[0]``.

    Attributes
    ----------
    eigenvalues, vectors
        Of the kernel on the samples, descending: shapes (samples,) and (samples, samples), a vector in each column.
        Those lost in rounding are 0: such modes keep their error.
    kernel
        Shape (samples, samples).
    """

    def __init__(self, start: Moment, stop: Stop | None = None) -> None:
        check_config(start.rule.config, len(start.rule.dataset.x_train))
        self.start = start
        x, y = (array[:, 0].astype(np.float64) for array in (start.rule.dataset.x_train, start.rule.dataset.y_train))
        self._x, self._network = x, self._network_of(start.state.parameters)
        here = self._network.at(x, stop=stop)
        self.kernel = here.kernel
        if not (np.isfinite(here.kernel).all() and np.isfinite(here.output).all()):
            raise NoTwinError(_("the tangent kernel is not finite at its start"))
        values, vectors = np.linalg.eigh(here.kernel)
        self.eigenvalues, self.vectors = values[::-1], vectors[:, ::-1]
        least = len(x) * np.finfo(np.float64).eps * self.eigenvalues[0]
        self.eigenvalues = np.where(self.eigenvalues > least, self.eigenvalues, 0.0)
        self._errors = self.vectors.T @ (here.output - y)
        self._along = self.vectors.T @ here.along  # of order √λ, so kept even where λ counts as 0

    def _network_of(self, parameters: tuple[Array, ...]) -> TangentNetwork:
        return TangentNetwork(self.start.rule.config.network.activation, parameters, self.start.rule.frozen)

    @property
    def work(self) -> int:
        """About how many multiplications the kernel takes."""
        network, samples = self.start.rule.config.network, len(self._x)
        return samples * (2 * network.parameter_count + samples * sum(network.widths))

    def after(self, way: Iterable[Rates], since: TwinState | None = None, of: Ints | slice = slice(None)) -> TwinState:
        """Return the twin after steps of these rates, from its start or from the state `since`.

        `of` selects modes; `since` has only these.
        """
        values, first, along = self.eigenvalues[of], self._errors[of], self._along[of]
        kept, moved = (1.0, np.zeros(len(values))) if since is None else (since.kept, since.moved)
        with np.errstate(all="ignore"):  # a diverged twin is a state, not an error
            for rates in way:
                share = 2.0 * rates.learning_rate / len(self._x)
                decay = rates.learning_rate * rates.weight_decay
                shrinks = decay + share * values
                sums, mixed, factor, power = _sums(shrinks, decay, rates.steps)
                moved = factor * moved
                moved -= share * ((first - along) * sums + kept * along * mixed)
                kept *= power
            errors = first + (kept - 1.0) * along + values * moved
        return TwinState(kept, moved, errors)

    def curve(self, x: Array, stop: Stop | None = None) -> TwinCurve:
        """Return its output at x, in the units of the data, shape (points,), for any number of steps."""
        return self._curve(x, self.start.rule.dataset.scaling.x_seen(x).astype(np.float64), stop)

    def line(self, x: Array, stop: Stop | None = None) -> TwinCurve:
        """Return its curve from the first x to the last: at both ends of each straight piece, or at x if that is less.

        The ends are extrapolated from two points inside the piece, since at a kink rounding would decide which neurons
        are on.
        """
        state, config, scaling = self.start.state, self.start.rule.config, self.start.rule.dataset.scaling
        first, last = scaling.x_seen(x[[0, -1]]).tolist()
        if first < last and 2 * sum(config.network.hidden) <= len(x):
            regions = find_linear_regions(as_layers(state.parameters), config.network.activation, first, last)
            ends = np.column_stack([regions.breakpoints[:-1], regions.breakpoints[1:]])
            if 0 < 2 * len(regions.slopes) <= len(x):
                return self._curve(scaling.x_of(ends.ravel()), (ends @ INWARDS).ravel(), stop, is_within=True)
        return self.curve(x, stop)

    def _curve(self, x: AnyFloats, seen: Floats, stop: Stop | None, *, is_within: bool = False) -> TwinCurve:
        blocks = [self._x[begin : begin + BLOCK] for begin in range(0, len(self._x), BLOCK)]
        here = [self._network.at(seen, block, stop) for block in blocks]
        modes = np.concatenate([each.kernel for each in here], axis=1) @ self.vectors
        return TwinCurve(x, here[0].output, here[0].along, modes, self.start.rule.dataset.scaling, is_within)

    def kernel_movement(self, parameters: tuple[Array, ...], stop: Stop | None = None) -> float:
        """Return ‖K − K₀‖/‖K₀‖ for the kernel K of the network with other parameters (Frobenius norms)."""
        kernel = self._network_of(parameters).at(self._x, stop=stop).kernel
        with np.errstate(all="ignore"):
            return float(np.linalg.norm(kernel - self.kernel) / np.linalg.norm(self.kernel))

    def largest_rate(self, weight_decay: float) -> float:
        """Return the learning rate above which the twin diverges at this weight decay."""
        with np.errstate(divide="ignore"):
            return float(np.float64(2.0) / (2.0 * self.eigenvalues[0] / len(self._x) + weight_decay))


def check_config(config: Config, samples: int) -> None:
    """Raise `NoTwinError`, naming the setting, unless training on this many samples has a closed form."""
    training = config.training
    if not losses.LOSSES[training.loss].is_square:
        why = _("for the MSE only, not the {name} loss").format(name=losses.LOSSES[training.loss].label)
    elif optimizers.OPTIMIZERS[training.optimizer].rule(training) is not optimizers.PLAIN:
        why = _("for plain SGD only, not {name}").format(name=optimizers.OPTIMIZERS[training.optimizer].label)
    elif (batch := batch_length(config, samples)) < samples:
        why = _("for steps on all {count} samples only, not {batch}")
        why = why.format(count=count_text(samples), batch=count_text(batch))
    elif schedules.is_scheduled(training):
        why = _("for a constant learning rate only")
    elif training.loop != loops.TUTORIAL:
        why = _("for a loop as in the tutorial only")
    elif others := [change for change in active_changes(training) if change is not DECAY]:
        why = _("for steps without {name} only").format(name=others[0].indefinite)
    else:
        return
    raise NoTwinError(why)


def _sums(shrinks: Floats, decay: float, steps: int) -> tuple[Floats, Floats, Floats, float]:
    """Return Σ qᵏ, Σ q^(t−1−k)·pᵏ over k < t, qᵗ and pᵗ, for q = 1 − `shrinks` and p = 1 − `decay`.

    By doubling t, without division: valid at q = 1 and q = p, and for q < −1. Near 1, qᵗ is 1 − `shrinks`·Σ qᵏ, and
    squared from there on: where it is small, that difference would be noise.
    """
    sums, mixed, factor, power = np.zeros(len(shrinks)), np.zeros(len(shrinks)), np.ones(len(shrinks)), 1.0
    for bit in f"{steps:b}":
        sums, mixed = sums * (1.0 + factor), mixed * (power + factor)
        factor, power = factor * factor, power * power
        if bit == "1":
            sums, mixed = 1.0 + (1.0 - shrinks) * sums, power + (1.0 - shrinks) * mixed
            factor, power = (1.0 - shrinks) * factor, (1.0 - decay) * power
        near = 1.0 - shrinks * sums
        factor = np.where(np.abs(near) > 0.5, near, factor)
    return sums, mixed, factor, power
