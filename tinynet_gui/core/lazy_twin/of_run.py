"""The lazy twin of a run: from where it begins, and by which rates its steps were taken."""

from collections.abc import Hashable, Iterator
from dataclasses import replace
from itertools import groupby

from tinynet_gui.core.lazy_twin.twin import LazyTwin, NoTwinError, Rates, check_config
from tinynet_gui.core.numerics.arrays import Stop
from tinynet_gui.core.run.events import FrozenChanged, LiveSettingsChanged, ParameterSet, StepRule, samples_changed_at
from tinynet_gui.core.run.preview import Preview
from tinynet_gui.core.run.replay import Moment, state_at
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.values import dataclass


def twin_start(run: Run, step: int) -> int:
    """Return the step from which the twin of a run is made for one of its steps.

    It is 0, or that of the last change before it that is no part of the linear model's training: a weight set by hand,
    parameters frozen or let go, other samples.
    """
    return max((at for at in _begun(run) if at <= step), default=0)


def _begun(run: Run) -> Iterator[int]:
    """Yield the steps at which another twin begins."""
    yield from (event.step for event in run.events if isinstance(event, ParameterSet | FrozenChanged))
    yield from samples_changed_at(run.start, run.events)


def twin_end(run: Run, first: int) -> int | None:
    """Return the step at which another twin follows that from step `first`, or none; None if it goes on."""
    samples, end = _samples(run, first), min((at for at in _begun(run) if at > first), default=None)
    for event in _changes(run, first, end):
        try:
            check_config(event.config, samples)
        except NoTwinError:
            return event.step
    return end


def _changes(run: Run, first: int, last: int | None) -> Iterator[LiveSettingsChanged]:
    """Yield the changes of settings between two steps; None is later than all."""
    for event in run.events:
        if isinstance(event, LiveSettingsChanged) and event.step > first and (last is None or event.step < last):
            yield event


def _samples(run: Run, first: int) -> int:
    return len(run.rule_at(first).dataset.x_train)


def twin_at(run: Run, first: int, stop: Stop | None = None) -> LazyTwin:
    """Return the twin from a step of a run on; `NoTwinError` if it has none.

    When another thread makes the element of `stop` nonzero, `StoppedError` is raised soon.
    """
    try:
        state = state_at(run, first, stop=stop)
    except ImportError:  # of a run from elsewhere
        raise NoTwinError("without PyTorch, which took the steps to its start") from None
    return LazyTwin(Moment(state, run.rule_at(first)), stop)


def way_of(run: Run, first: int, last: int) -> tuple[Rates, ...]:
    """Return by which rates a run took its steps from one to another; `NoTwinError` if the twin cannot take them."""
    samples, begun = _samples(run, first), [(first, run.rule_at(first).config)]
    for event in _changes(run, first, last):
        check_config(event.config, samples)
        begun.append((event.step, event.config))
    ends = [*(step for step, _ in begun[1:]), last]
    rates = [
        Rates(config.training.learning_rate, config.training.weight_decay, end - begin)
        for (begin, config), end in zip(begun, ends, strict=True)
    ]
    alike = groupby(rates, lambda each: (each.learning_rate, each.weight_decay))
    return tuple(Rates(*kind, sum(each.steps for each in group)) for kind, group in alike)


def whole_way(run: Run, first: int, stop_at: int) -> tuple[tuple[Rates, ...], Rates]:
    """Return by which rates the twin from step `first` comes to its end, and how it would go on.

    It ends with the run or where the run will stop, unless `twin_end` is before.
    """
    end = twin_end(run, first)
    last = max(run.step, stop_at, first + 1) if end is None else end
    way = way_of(run, first, last)
    return way, way[-1] if end is not None else way_of(run, last, last)[-1]


@dataclass(frozen=True, eq=False)
class TwinPlan:
    """How the twin of a moment is found, and its steps to there.

    Attributes
    ----------
    key
        Equal for moments that have the same twin.
    run, first
        The run, and the step of it from which the twin is made; unless `start` is what it is made from.
    """

    key: Hashable
    way: tuple[Rates, ...]
    run: Run
    first: int
    start: Moment | None = None

    def find(self, stop: Stop | None = None) -> LazyTwin:
        """Return the twin; `NoTwinError` and `StoppedError` as in `twin_at`."""
        return twin_at(self.run, self.first, stop) if self.start is None else LazyTwin(self.start, stop)


def plan_at(run: Run, step: int) -> TwinPlan:
    """Return how the twin of a run at one of its steps is found; `NoTwinError` if there is none."""
    first = twin_start(run, step)
    check_config(run.rule_at(first).config, _samples(run, first))
    done = tuple(event for event in run.events if event.step <= first)
    return TwinPlan((run.id, run.start, first, done), way_of(run, first, step), run, first)


def plan_of(run: Run, preview: Preview) -> TwinPlan:
    """Return how the twin of the end of a run's preview is found; `NoTwinError` if there is none."""
    config, step, started = preview.config, preview.start_step, preview.start
    rule = StepRule(config, scaling=started.dataset.scaling)
    check_config(config, len(rule.dataset.x_train))
    last = Rates(config.training.learning_rate, config.training.weight_decay, preview.end_step - step)
    if step and config.data == run.rule_at(step).config.data:
        plan = plan_at(run, step)
        return replace(plan, way=(*plan.way, last))
    return TwinPlan((config.network, config.data, started.state), (last,), run, step, Moment(started.state, rule))
