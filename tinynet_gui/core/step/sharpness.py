"""The sharpness of the loss along a run, and the line below which its optimiser is stable.

Sharpness is λ_max, the largest curvature of the loss. Often it grows until it reaches 2/η and hovers there: the edge of
stability (Cohen et al., "Gradient descent on neural networks typically occurs at the edge of stability", 2021). Under
Adam and RMSprop this holds for the loss preconditioned by their divisor (Cohen et al., "Adaptive gradient methods at
the edge of stability", 2022). On the edge λ_max oscillates between even and odd steps. Most recorded steps are even, so
each state is measured together with the next one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from time import thread_time

import numpy as np

from tinynet_gui.core.choices import gradient_changes, loops, optimizers
from tinynet_gui.core.choices.schedules import at_step, is_scheduled, rates_from
from tinynet_gui.core.config import Config, TrainingConfig
from tinynet_gui.core.network.forward import unflattened
from tinynet_gui.core.network.refs import Ref, frozen_masks
from tinynet_gui.core.run.events import ParameterSet, StepRule
from tinynet_gui.core.run.replay import with_parameters_set
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.step.curvature import LossDerivatives, curvature_limit, largest_of
from tinynet_gui.core.training.start import Dataset, TrainerState
from tinynet_gui.core.values import AnyFloats, Array, Floats, Stop, frozen_dataclass, owned


@frozen_dataclass
class Sharpness:
    """λ_max of the loss on all samples, weight decay's λ added, at a moment and one step later.

    Both are scaled by the optimiser's divisor, if it has one. Either may be NaN, where the loss is too large.
    """

    here: float
    after: float

    @property
    def mean(self) -> float:
        """The mean of both, or the one that is known."""
        known = [value for value in (self.here, self.after) if np.isfinite(value)]
        return float(np.mean(known)) if known else np.nan


@frozen_dataclass(eq=False)
class SharpnessCurve:
    """A run's sharpness, as far as it is known.

    Attributes
    ----------
    steps, values
        Where it is known, and λ_max there and one step later: shapes (moments,) and (moments, 2).
    means
        `Sharpness.mean`, shape (moments,).
    """

    steps: Floats
    values: Floats
    means: Floats
    limits: tuple[tuple[int, float | None], ...]
    training: TrainingConfig


@frozen_dataclass(eq=False)
class Recorded:
    """A recorded moment of a run.

    Attributes
    ----------
    state
        A checkpoint, before changes by hand.
    by_hand
        Those changes.
    rule
        How the following step is taken.
    """

    state: TrainerState
    by_hand: tuple[ParameterSet, ...]
    rule: StepRule

    @property
    def cache_key(self) -> tuple[object, ...]:
        """The cache key besides run and step: what else its sharpness depends on."""
        return self.by_hand, self.rule.config, self.rule.frozen, self.rule.scaling


def recorded_moments(run: Run) -> Iterator[Recorded]:
    """Yield a run's recorded moments, oldest first."""
    events, place, rule = run.events, 0, run.start
    for state in run.checkpoints:
        first = place
        while place < len(events) and events[place].step <= state.step:
            place += 1
        rule = rule.after(events[first:place])
        here = (event for event in events[first:place] if event.step == state.step)
        by_hand = tuple(event for event in here if isinstance(event, ParameterSet))
        yield Recorded(state, by_hand, run.wanted if state is run.checkpoints[-1] else rule)


def sharpness_of(recorded: Recorded, stop: Stop | None = None) -> Sharpness:
    """Return the sharpness at a recorded moment; `StoppedError` as in `sharpness_at`."""
    state, rule = with_parameters_set(recorded.state, recorded.by_hand), recorded.rule
    return sharpness_at(rule.config, rule.dataset, state, rule.frozen, stop)


@frozen_dataclass(eq=False)
class SharpnessFound:
    """The sharpness at some recorded moments of a run, and the processor time it took, in seconds."""

    run: Run
    found: list[tuple[Recorded, Sharpness]]
    seconds: float


def sharpness_within(run: Run, wanted: Sequence[Recorded], budget_s: float, stop: Stop) -> SharpnessFound:
    """Find the sharpness at recorded moments, at least one, while the budget lasts."""
    started, found = thread_time(), []
    for recorded in wanted:
        found.append((recorded, sharpness_of(recorded, stop)))
        if thread_time() - started >= budget_s:
            break
    return SharpnessFound(run, found, thread_time() - started)


def sharpness_at(
    config: Config,
    dataset: Dataset,
    state: TrainerState,
    frozen: frozenset[Ref] = frozenset(),
    stop: Stop | None = None,
) -> Sharpness:
    """Return the sharpness at a state, and one full-batch step later.

    Frozen parameters count in λ_max like all others.
    """
    pull, derivatives = gradient_changes.added_curvature(config.training), LossDerivatives(config, dataset, state, stop)
    after, divisor = _stepped(config, state, derivatives.gradient, frozen)
    here = largest_of(derivatives, pull, divisor)
    derivatives = LossDerivatives(config, dataset, after, stop)
    _, divisor = _stepped(config, after, derivatives.gradient, frozen)
    return Sharpness(here, largest_of(derivatives, pull, divisor))


def _stepped(
    config: Config, state: TrainerState, gradient: Floats, frozen: frozenset[Ref]
) -> tuple[TrainerState, Floats | float]:
    """Return the state one step along a gradient, (parameters,), later, and the optimiser's divisor there."""
    training, t = at_step(config.training, state.step), state.step + 1
    rule = optimizers.OPTIMIZERS[training.optimizer].rule(training)
    slots = zip(*state.slots[: len(rule.slots)], strict=True) if rule.slots else [()] * len(state.parameters)
    masks = frozen_masks(frozen, state.parameters)
    parameters, memories, divisors = [], [], []
    with np.errstate(all="ignore"):  # a diverged network is a state, not an error
        gradients: Sequence[AnyFloats] = unflattened(gradient, config.network.widths)
        keeps, kept = loops.training_loop(training).keeps_gradients, list[tuple[Array, ...]]()
        for change, _, changed in gradient_changes.changed_gradients(
            training, state.parameters, gradients, state.slots[-1] if keeps else ()
        ):
            gradients = changed
            if keeps and (change is None or change.place != "optimizer"):
                kept = [tuple(map(owned, gradients))]
        for place, (w, g, memory) in enumerate(zip(state.parameters, gradients, slots, strict=True)):
            after, *memory_after = rule.update(w, g, *memory, *rule.constants_at(training, t))
            parameters.append(owned(after if masks is None else np.where(masks[place], w, after)))
            memories.append(tuple(map(owned, memory_after)))
            if rule.divisor is not None:
                divisors.append(rule.divisor(training, memory_after, t).ravel())
    stepped = replace(state, step=t, parameters=tuple(parameters), slots=(*zip(*memories, strict=True), *kept))
    return stepped, np.concatenate(divisors) if divisors else 1.0


MAX_LIMITS = 400  # along a schedule, between two changes of settings


def limits_of(run: Run) -> tuple[tuple[int, float | None], ...]:
    """Return (step, limit) at step 0 and wherever `curvature_limit` changes; along a schedule at most `MAX_LIMITS`."""
    changed, rule = {0: run.rule_of_first_step.config.training}, run.start
    for event in run.events:
        rule = rule.after([event])
        if event.step > 0:
            changed[event.step] = rule.config.training  # the latest of several at a step
    changed[run.step] = run.config.training
    found = list[tuple[int, float | None]]()
    for (first, training), last in zip(changed.items(), [*list(changed)[1:], run.step + 1], strict=True):
        steps = np.array([first])
        if is_scheduled(training):
            steps = first + np.append(0, 1 + np.flatnonzero(np.diff(rates_from(training, first, last - first))))
            steps = steps[np.unique(np.linspace(0, len(steps) - 1, MAX_LIMITS).astype(int))]
        found += [(step, curvature_limit(training, step)) for step in steps.tolist()]
    return tuple(found)


class KnownSharpness:
    """A cache of sharpness by run and step; a branch shares the entries of the run it comes from."""

    def __init__(self) -> None:
        self._found: dict[int, dict[int, tuple[tuple[object, ...], Sharpness]]] = {}

    def add(self, run: Run, recorded: Recorded, sharpness: Sharpness) -> None:
        self._of(run)[recorded.state.step] = recorded.cache_key, sharpness

    def find(self, run: Run, recorded: Recorded) -> Sharpness | None:
        """Return the sharpness at a moment of a run, or None."""
        cache_key, sharpness = self._of(run).get(recorded.state.step, (None, None))
        return sharpness if cache_key == recorded.cache_key else None

    def curve(self, run: Run, recorded: Iterable[Recorded]) -> SharpnessCurve:
        """Return the known sharpness at some recorded moments of a run."""
        found = [(each.state.step, known) for each in recorded if (known := self.find(run, each)) is not None]
        values = np.array([(known.here, known.after) for _, known in found]).reshape(-1, 2)
        means = np.array([known.mean for _, known in found])
        steps = np.array([step for step, _ in found], np.float64)
        return SharpnessCurve(steps, values, means, limits_of(run), run.config.training)

    def clear(self) -> None:
        self._found.clear()

    def _of(self, run: Run) -> dict[int, tuple[tuple[object, ...], Sharpness]]:
        if run.id not in self._found:
            parent = run.parent
            shared = {} if parent is None else self._found.get(parent.run_id, {})
            self._found[run.id] = {step: known for step, known in shared.items() if parent and step <= parent.step}
        return self._found[run.id]


def from_coarse_to_fine(recorded: Sequence[Recorded]) -> list[Recorded]:
    """Return recorded moments in the order to examine them: the latest, then evenly, ever finer."""
    back = sorted(range(len(recorded)), key=lambda place: place & -place or len(recorded), reverse=True)
    return [recorded[-1 - place] for place in back]
