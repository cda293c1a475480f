"""The curvature of the loss: its second derivatives, their largest eigenvalues, and the learning rate they allow."""

from collections.abc import Callable

import numpy as np

from tinynet_gui.core.choices import loops, losses, optimizers, schedules
from tinynet_gui.core.choices.gradient_changes import CLIP, L1, active_changes, added_curvature
from tinynet_gui.core.config import Config, TrainingConfig
from tinynet_gui.core.system.background import raise_if_stopped
from tinynet_gui.core.text.language import N_, gettext as _
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.training.start import Dataset, TrainerState
from tinynet_gui.core.values import Floats, Stop, frozen_dataclass


class LossDerivatives:
    """The gradient and the Hessian of the full-batch loss at a state, without weight decay, in float64.

    The parameters, (parameters,), are those of ``TrainerState.parameters``, flattened and joined in that order.
    """

    def __init__(self, config: Config, dataset: Dataset, state: TrainerState, stop: Stop | None = None) -> None:
        activations, training, loss = config.network.activations, config.training, losses.LOSSES[config.training.loss]
        x, y = (samples.astype(np.float64).T for samples in (dataset.x_train, dataset.y_train))  # (1, n)
        self._stop = stop
        self._weights = [array.astype(np.float64) for array in state.parameters[::2]]
        biases = [array.astype(np.float64)[:, None] for array in state.parameters[1::2]]
        self._inputs, self._slopes, self._bends = [x], list[Floats](), list[Floats]()  # of each layer; (width, n)
        self.gradient: Floats = np.empty(sum(array.size for array in state.parameters))
        with np.errstate(all="ignore"):  # a diverged network is a state, not an error
            for weight, bias, activation in zip(self._weights, biases, activations, strict=False):
                raise_if_stopped(self._stop)
                u = weight @ self._inputs[-1] + bias
                self._inputs.append(np.asarray(activation.function(u), np.float64))
                self._slopes.append(np.asarray(activation.derivative(u), np.float64))
                self._bends.append(np.asarray(activation.second_derivative(u), np.float64))
            errors = self._weights[-1] @ self._inputs[-1] + biases[-1] - y
            count = loops.divisor(training, errors.size)
            self._curvatures = losses.of_errors(loss.second_derivative, training, errors, y) / count  # ∂²L/∂ŷ²
            by_pre = losses.of_errors(loss.derivative, training, errors, y) / count  # ∂L/∂u
            self._by_pre = [by_pre]
            for place, (by_weight, by_bias) in reversed(list(enumerate(self._layers(self.gradient[None])))):
                raise_if_stopped(self._stop)
                by_weight[0] = by_pre @ self._inputs[place].T
                by_bias[0, :, 0] = by_pre.sum(axis=1)
                if place > 0:
                    by_activation = self._weights[place].T @ by_pre
                    by_pre = by_activation * self._slopes[place - 1]
                    self._bends[place - 1] *= by_activation  # they are used only together
                    self._by_pre.insert(0, by_pre)

    def product(self, vectors: Floats) -> Floats:
        """Return H·v for each row v of `vectors`, of shape (..., parameters).

        The derivative of both passes along v, at a few times their cost (Pearlmutter, "Fast exact multiplication by the
        Hessian", 1994). In the code `r_` marks that derivative, his R{}.
        """
        images: Floats = np.empty_like(vectors)
        along, into = (self._layers(rows.reshape(-1, rows.shape[-1])) for rows in (vectors, images))
        r_pre, r_inputs = list[Floats](), list[Floats]()
        with np.errstate(all="ignore"):
            for place, (r_weight, r_bias) in enumerate(along):
                raise_if_stopped(self._stop)
                r_pre.append(r_weight @ self._inputs[place])
                r_pre[-1] += r_bias
                if place > 0:
                    r_inputs.append(self._slopes[place - 1] * r_pre[place - 1])
                    r_pre[-1] += self._weights[place] @ r_inputs[-1]
            r_by_pre = self._curvatures * r_pre[-1]
            for place, (r_by_weight, r_by_bias) in reversed(list(enumerate(into))):
                raise_if_stopped(self._stop)
                np.matmul(r_by_pre, self._inputs[place].T, out=r_by_weight)
                np.sum(r_by_pre, axis=-1, keepdims=True, out=r_by_bias)
                if place > 0:
                    np.add(r_by_weight, self._by_pre[place] @ r_inputs[place - 1].swapaxes(1, 2), out=r_by_weight)
                    r_by_activation = self._weights[place].T @ r_by_pre
                    r_by_activation += along[place][0].swapaxes(1, 2) @ self._by_pre[place]
                    r_by_pre = self._slopes[place - 1] * r_by_activation
                    r_by_pre += self._bends[place - 1] * r_pre[place - 1]
        return images

    def _layers(self, rows: Floats) -> list[tuple[Floats, Floats]]:
        """View rows of parameters as weights, (rows, outputs, inputs), and biases, (rows, outputs, 1), by layer."""
        layers, start = [], 0
        for weight in self._weights:
            middle, end = start + weight.size, start + weight.size + len(weight)
            layers.append((rows[:, start:middle].reshape(-1, *weight.shape), rows[:, middle:end, None]))
            start = end
        return layers


MAX_ROWS_AT_ONCE = 100  # up to this size every entry is computed
MAX_DIRECTIONS = 100  # kept at once
MAX_NUMBERS = 50_000_000  # kept at once: 400 MB
MAX_PRODUCTS = 300
TOLERANCE = 1e-7


def largest_eigenpairs(
    product: Callable[[Floats], Floats], size: int, count: int, tolerance: float = TOLERANCE
) -> tuple[Floats, Floats]:
    """Return the largest eigenvalues, descending, shape (count,), and orthonormal eigenvectors, shape (count, size).

    An eigenvector's largest component is positive. A multiple eigenvalue is returned as often as it occurs.

    A small matrix is decomposed as a whole. For a large one it is a Lanczos iteration (Golub & Van Loan, "Matrix
    computations", chapter 10) on blocks of `count` vectors, so as to find multiple eigenvalues, with full
    orthogonalisation and thick restarts (Wu & Simon, "Thick-restart Lanczos method", 2000). It ends when ‖H·v − λ·v‖
    is small, or, with the best so far, after `MAX_PRODUCTS` products.

    Parameters
    ----------
    product
        The function v → H·v for each row of an array of shape (rows, size). If an image is not finite, or so large that
        its square is not, the results are NaN.
    size, count
        The matrix is (size, size), and `count` is at most `size`.
    tolerance
        Of ‖H·v − λ·v‖, relative to the largest |λ|: it bounds the error of each λ.
    """
    is_small = size <= MAX_ROWS_AT_ONCE
    found = _by_eigh(product, size) if is_small else _by_lanczos(product, size, count, tolerance)
    if found is None:
        return np.full(count, np.nan), np.full((count, size), np.nan)
    values, vectors = (part[: -count - 1 : -1] for part in found)
    largest = np.argmax(np.abs(vectors), axis=1)[:, None]
    return values, vectors * np.where(np.take_along_axis(vectors, largest, axis=1) < 0, -1.0, 1.0)


def _by_eigh(product: Callable[[Floats], Floats], size: int) -> tuple[Floats, Floats] | None:
    matrix = product(np.eye(size))
    if not np.isfinite(matrix).all():
        return None
    values, vectors = np.linalg.eigh(matrix)
    return values, vectors.T


def _by_lanczos(
    product: Callable[[Floats], Floats], size: int, count: int, tolerance: float
) -> tuple[Floats, Floats] | None:
    most = max(4 * count, min(size, MAX_DIRECTIONS, MAX_NUMBERS // size))
    basis, projected = np.empty((most, size)), np.zeros((most, most))  # its lower triangle
    block = np.linalg.qr(np.random.default_rng(0).standard_normal((size, count)))[0].T
    known = 0
    for turn in range(MAX_PRODUCTS):
        end = known + len(block)
        basis[known:end] = block
        rest = product(block)
        if not np.isfinite(np.vdot(rest, rest)):
            return None
        projected[known:end, :end] = shares = rest @ basis[:end].T
        rest -= shares @ basis[:end]
        values, mixes = np.linalg.eigh(projected[:end, :end])
        squares, turned = np.linalg.eigh(rest @ rest.T)
        lengths, limit = np.sqrt(np.maximum(squares, 0.0)), tolerance * np.max(np.abs(values))
        outside = np.linalg.norm(lengths[:, None] * (turned.T @ mixes[known:end, -count:]), axis=0)
        if np.max(outside) <= limit or turn == MAX_PRODUCTS - 1:
            break
        is_new = lengths > limit
        block = (turned[:, is_new] / lengths[is_new]).T @ rest
        block -= (block @ basis[:end].T) @ basis[:end]  # once is not enough, because of rounding
        block = np.linalg.inv(np.linalg.cholesky(block @ block.T)) @ block
        known = end
        if known + len(block) > most:
            known = most // 2
            basis[:known] = mixes[:, -known:].T @ basis[:end]
            projected[:] = 0.0
            projected[:known, :known] = np.diag(values[-known:])
    return values[-count:], mixes[:, -count:].T @ basis[:end]


EXACT_UP_TO = 1_500_000  # parameters; for more of them a product takes a large part of a second
ROUGH = 0.05  # the tolerance then
ADAPTS = N_(
    "The optimiser divides every gradient by its own recent size, so the limit of its learning rate changes with these "
    "sizes: the curvature of the loss alone sets none."
)


@frozen_dataclass
class Stability:
    """The limit that the curvature sets for the learning rate.

    Attributes
    ----------
    curvature
        λ_max, the largest eigenvalue of the Hessian of the full-batch loss with weight decay's λ added, as
        `largest_curvature` finds it; may be infinite or NaN where the loss is.
    rate
        Below it a step shrinks the error along the steepest direction; None if this curvature sets no limit.
    why
        A sentence: where the limit comes from, or why there is none.
    """

    curvature: float
    rate: float | None
    why: str


def stable_learning_rate(config: Config, dataset: Dataset, state: TrainerState, stop: Stop | None = None) -> Stability:
    """Return the learning rate up to which training is stable around a state, by the curvature there.

    It is local: elsewhere on the run the curvature differs. After a divergence, use a state from before the loss rose.
    Mini-batches are ignored: their losses may curve more than the mean.
    """
    curvature = largest_curvature(config, dataset, state, stop) + added_curvature(config.training)
    training = config.training
    if not np.isfinite(curvature):
        return Stability(curvature, None, _("The loss at this point is too large for its curvature to be computed."))
    rule = optimizers.OPTIMIZERS[training.optimizer].rule(training)
    if why := why_no_limit(training) or ("" if rule.divisor is None else _(ADAPTS)):
        return Stability(curvature, None, why)
    if curvature <= 0:
        return Stability(curvature, None, _("The loss curves upwards in no direction here, so it sets no limit."))
    rate = rule.stable_factor(training) / curvature
    is_exact = config.network.parameter_count <= EXACT_UP_TO
    sign, digits = ("=", 4) if is_exact else ("≈", 2)
    said = {"curvature": f"λ {sign} {plain(curvature, digits)}", "momentum": f"μ = {plain(training.momentum)}"}
    said["limit"] = f"{rule.stable_formula} {sign} {plain(rate, digits)}"
    words = _(_LIMIT_WORDS["momentum" in rule.numbers, CLIP in active_changes(training)])
    return Stability(curvature, rate, words.format(**said))


_LIMIT_WORDS = {  # by whether the rule has momentum, and whether gradients are clipped
    (True, True): N_(
        "In its steepest direction the loss curves by {curvature} and momentum {momentum}: at a learning rate above "
        "{limit}, steps overshoot more and more, until clipping bounds them."
    ),
    (True, False): N_(
        "In its steepest direction the loss curves by {curvature} and momentum {momentum}: at a learning rate above "
        "{limit}, steps overshoot more and more."
    ),
    (False, True): N_(
        "In its steepest direction the loss curves by {curvature}: at a learning rate above {limit}, steps overshoot "
        "more and more, until clipping bounds them."
    ),
    (False, False): N_(
        "In its steepest direction the loss curves by {curvature}: at a learning rate above {limit}, steps overshoot "
        "more and more."
    ),
}


def largest_curvature(config: Config, dataset: Dataset, state: TrainerState, stop: Stop | None = None) -> float:
    """Return λ_max of the Hessian of the full-batch loss, without weight decay, in float64; NaN where it is not finite.

    Of more than `EXACT_UP_TO` parameters it is rough: too small, as a rule by less than `ROUGH`.
    """
    return largest_of(LossDerivatives(config, dataset, state, stop))


def largest_of(derivatives: LossDerivatives, pull: float = 0.0, divisor: Floats | float = 1.0) -> float:
    """Return λ_max of D^(−½)·(H + `pull`)·D^(−½), with a divisor, shape (parameters,), on the diagonal of D."""
    size, root = derivatives.gradient.size, np.sqrt(divisor)

    def product(vectors: Floats) -> Floats:
        scaled = vectors / root
        image: Floats = (derivatives.product(scaled) + pull * scaled) / root
        return image

    with np.errstate(all="ignore"):  # a diverged network is a state, not an error
        values, _vectors = largest_eigenpairs(product, size, 1, TOLERANCE if size <= EXACT_UP_TO else ROUGH)
    return float(values[0])


def curvature_limit(training: TrainingConfig, step: int = 0) -> float | None:
    """Return the curvature up to which the step after `step` updates shrinks the error; infinite at a rate of 0.

    It is that of the loss as `core.choices.optimizers.Rule.divisor` scales it. None if there is no such limit:
    `why_no_limit` says why.
    """
    rule = optimizers.OPTIMIZERS[training.optimizer].rule(training)
    if why_no_limit(training):
        return None
    rate = schedules.rate_at(training, step)
    return rule.stable_factor(training) / rate if rate else np.inf


def limit_formula(training: TrainingConfig) -> str:
    """Return the limit as a formula, such as 2/η."""
    return optimizers.OPTIMIZERS[training.optimizer].rule(training).stable_formula.replace("λ", "η")


def why_no_limit(training: TrainingConfig) -> str:
    """Return a sentence saying why the curvature never limits the learning rate; "" if it does."""
    loss = losses.LOSSES[training.loss]
    if loops.training_loop(training).keeps_gradients:
        return _("Gradients that are never reset pile up, so no rate is stable.")
    if not loss.has_corner:
        return ""
    why = _("The {name} loss has a corner at every sample; its slope does not shrink towards it, so no rate is stable.")
    return why.format(name=loss.label)


def at_the_limit(training: TrainingConfig) -> str:
    """Return a sentence on how training behaves once the curvature reaches the limit; "" if that varies."""
    rule = optimizers.OPTIMIZERS[training.optimizer].rule(training)
    if training.batch_size:
        return _("The loss of a batch may curve more than that of all samples, so steps may overshoot below it, too.")
    if rule.divisor is not None and training.weight_decay:
        return _(
            "With weight decay it may lie far above: where a gradient has vanished, hardly more than ε divides it."
        )
    if CLIP in active_changes(training):
        return _("Clipping shortens long steps, so training may stay above it without diverging.")
    if "momentum" in rule.numbers or L1 in active_changes(training):
        return ""
    return _("Training that comes to it mostly hovers there: the edge of stability (Cohen et al. 2021 and 2022).")


def sharpest_directions(
    config: Config, dataset: Dataset, state: TrainerState, count: int = 2, stop: Stop | None = None
) -> tuple[Floats, Floats]:
    """Return the directions of steepest curvature, and the curvature along each, in float64.

    They are eigenvectors of the Hessian of the full-batch loss, without weight decay; NaN where that is not finite.
    `count` is at most the number of parameters.

    Returns
    -------
    values
        The largest eigenvalues, descending; shape (count,).
    vectors
        Their eigenvectors, orthonormal, each with its largest component positive; shape (count, parameters), the
        parameters flattened and joined in the order of ``TrainerState.parameters``.
    """
    derivatives = LossDerivatives(config, dataset, state, stop)
    return largest_eigenpairs(derivatives.product, derivatives.gradient.size, count)


def growth(training: TrainingConfig, curvature: float) -> float:
    """Return the factor by which a step of gradient descent multiplies the error along a direction of this curvature.

    |1 − η·λ| without momentum. With momentum the next error depends on the last two, and in the long run grows by the
    larger root of the rule's `next_error` (Polyak, "Some methods of speeding up the convergence of iteration methods",
    1964). 1 for a rule with a divisor.
    """
    rule = optimizers.OPTIMIZERS[training.optimizer].rule(training)
    if rule.next_error is None:
        return 1.0
    now, before = rule.next_error(training, training.learning_rate * curvature)
    return float(np.max(np.abs(np.roots([1.0, -now, -before]))))
