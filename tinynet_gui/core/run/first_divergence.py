"""Where two runs diverge: the first step after which they are no longer equal bit for bit."""

from dataclasses import replace
from typing import Literal

from tinynet_gui.core.numerics.arrays import Stop
from tinynet_gui.core.run.equality import same_bits, same_state
from tinynet_gui.core.run.events import Event, ParameterSet, StepRule
from tinynet_gui.core.run.replay import Moment, Replay
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.values import dataclass

MOST_BYTES = 2**24  # of the weights compared together


DifferenceKind = Literal["first weights", "by hand", "update"]


@dataclass(frozen=True)
class FirstDivergence:
    """Where two runs diverge.

    Attributes
    ----------
    step
        They are equal up to this step.
    kind
        The cause: the initial weights; values set by hand at this step; or the update after it.
    moments
        Each run at that step, after any changes made there: the starting points of the two next updates.
    """

    step: int
    kind: DifferenceKind
    moments: tuple[Moment, Moment]

    @property
    def is_of_engines(self) -> bool:
        """Whether the next updates differ only because two engines take them, which round in different ways."""
        one, other = (moment.rule for moment in self.moments)
        return self.kind == "update" and one.engine != other.engine and one.acts_like(other)


def find_first_divergence(one: Run, other: Run, stop: Stop | None = None) -> FirstDivergence | None:
    """Find where two runs diverge; None if they are equal as far as both have come.

    Between two events of either run each of them takes its steps by one rule. Equal rules take equal steps: this is the
    only assumption, and it holds on one machine (`core.run.provenance`). Otherwise the steps of both are repeated and
    compared until they differ, usually after the first. Weights are compared after each step; the memory of optimisers
    of one kind after 1, 2, 4, ... steps, and more often once it, or a weight, has come to differ on the way.

    `ValueError` if one of them has not begun.
    """
    replays = Replay(one, stop), Replay(other, stop)

    def divergence(step: int, kind: DifferenceKind) -> FirstDivergence:
        first, second = (Moment(replay.state_at(step), replay.run.rule_at(step)) for replay in replays)
        return FirstDivergence(step, kind, (first, second))

    if not same_state(*(replay.state_at(0, before_events=True) for replay in replays)):
        return divergence(0, "first weights")
    last = min(one.step, other.step)
    cuts = sorted({0, last, *(event.step for run in (one, other) for event in run.events if event.step < last)})
    for begin, end in zip(cuts, [*cuts[1:], last], strict=True):
        rules = one.rule_at(begin), other.rule_at(begin)
        is_alike = _act_alike(*rules)
        if is_alike and _by_hand(one, begin) == _by_hand(other, begin):
            continue
        states = replays[0].state_at(begin), replays[1].state_at(begin)
        if not same_state(*states):
            return divergence(begin, "by hand")
        if not is_alike and (step := _last_alike(replays, states, rules, end)) is not None:
            return divergence(step, "update")
    shorter, longer = sorted((one, other), key=lambda run: run.step)
    if shorter.diverged_at is not None and longer.step > shorter.step:
        return divergence(last, "update")
    return None


def other_difference(one: Run, other: Run, since: int) -> int | None:
    """Return the first step after `since` from which on more than the engines differs; None if none does."""
    last = min(one.step, other.step)
    for step in sorted({event.step for run in (one, other) for event in run.events if since < event.step < last}):
        if _by_hand(one, step) != _by_hand(other, step) or not one.rule_at(step).acts_like(other.rule_at(step)):
            return step
    return None


def _act_alike(one: StepRule, other: StepRule) -> bool:
    """Whether two rules take the same step from the same state; the stop step makes no difference."""
    stop_step = one.config.training.stop_step
    return one == replace(other, config=other.config.replace("training.stop_step", stop_step))


def _by_hand(run: Run, step: int) -> list[Event]:
    return [event for event in run.events_at(step) if isinstance(event, ParameterSet)]


def _last_alike(
    replays: tuple[Replay, Replay],
    states: tuple[TrainerState, TrainerState],
    rules: tuple[StepRule, StepRule],
    end: int,
) -> int | None:
    """Return the step after which the first update differs, from equal states on; None if none does up to `end`."""
    longest, steps = max(1, MOST_BYTES // max(1, states[0].nbytes)), 1
    while states[0].step < end:
        steps = min(steps, end - states[0].step, longest)
        pairs = zip(replays, states, rules, strict=True)
        (after, each), (other, others) = (r.stepper.take_each(rule, state, steps) for r, state, rule in pairs)
        if after.step == states[0].step + steps and same_state(after, other) and same_bits(each, others):
            states, steps = (after, other), 2 * steps
        elif steps == 1:
            return states[0].step
        else:
            steps = 1
    return None
