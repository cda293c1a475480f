"""The lazy twin of a run: from where it begins, and by which rates its steps were taken."""

from itertools import groupby

from tinynet_gui.core.lazy_twin.twin import LazyTwin, Rates, check_rule
from tinynet_gui.core.numerics.arrays import Stop
from tinynet_gui.core.run.events import FrozenChanged, LiveSettingsChanged, ParameterSet, samples_changed_at
from tinynet_gui.core.run.replay import Moment, state_at
from tinynet_gui.core.run.run import Run


def twin_start(run: Run, step: int) -> int:
    """Return the step from which the twin of a run is made for one of its steps.

    It is 0, or that of the last change before it that is no part of the linear model's training: a weight set by hand,
    parameters frozen or let go, other samples.
    """
    by_hand = (event.step for event in run.events if isinstance(event, ParameterSet | FrozenChanged))
    return max((at for at in (*by_hand, *samples_changed_at(run.start, run.events)) if at <= step), default=0)


def twin_at(run: Run, first: int, stop: Stop | None = None) -> LazyTwin:
    """Return the twin from a step of a run on; `NoTwinError` if it has none.

    When another thread makes the element of `stop` nonzero, `StoppedError` is raised soon.
    """
    return LazyTwin(Moment(state_at(run, first, stop=stop), run.rule_at(first)), stop)


def way_of(run: Run, first: int, last: int) -> tuple[Rates, ...]:
    """Return by which rates a run took its steps from one to another; `NoTwinError` if the twin cannot take them."""
    rule = run.rule_at(first)
    begun, rules = [first], [rule]
    for event in run.events:
        if isinstance(event, LiveSettingsChanged) and first < event.step < last:
            rule = rule.after([event])
            check_rule(rule)
            begun.append(event.step)
            rules.append(rule)
    rates = [
        Rates(rule.config.training.learning_rate, rule.config.training.weight_decay, end - begin)
        for rule, begin, end in zip(rules, begun, [*begun[1:], last], strict=True)
    ]
    alike = groupby(rates, lambda each: (each.learning_rate, each.weight_decay))
    return tuple(Rates(*kind, sum(each.steps for each in group)) for kind, group in alike)
