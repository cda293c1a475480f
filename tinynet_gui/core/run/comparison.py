"""Comparison of runs: results at a step, the first step after which two differ, and a rerun by another engine."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from tinynet_gui.core.network.forward import active_counts, as_layers, output_curve, where_dead
from tinynet_gui.core.run.events import EngineChanged, Event, ParameterSet, StepRule
from tinynet_gui.core.run.replay import Moment, Replay, state_at
from tinynet_gui.core.run.run import Run, same_bits, same_state
from tinynet_gui.core.system.background import raise_if_stopped
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.snapshot import held_out_loss, training_loss
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.values import Array, Stop, frozen_dataclass


@frozen_dataclass
class RunResults:
    """A run at one of its steps.

    Attributes
    ----------
    train_loss, held_out_loss
        Over all training and all held-out samples; infinite once the run has diverged, None without held-out ones.
    dead
        The number of dead hidden neurons; None where none can be.
    diverged_at
        The step at which the loss was not finite, if these are the run's last results.
    """

    step: int
    train_loss: float
    held_out_loss: float | None
    dead: int | None
    diverged_at: int | None = None


def results_at(run: Run, step: int, stop: Stop | None = None) -> RunResults:
    """Compute the results of a run at a step; for its last step no step is repeated.

    Errors as in `core.run.replay.state_at`.
    """
    rule, replay = run.rule_at(step), Replay(run, stop)
    config, dataset = rule.config, rule.dataset
    layers, activation = as_layers(replay.state_at(step).parameters), config.network.activation
    replay.check_stop()
    held_out = held_out_loss(config, dataset, layers)
    replay.check_stop()
    can_die = any(each.switches_off for each in config.network.activations)
    dead = where_dead(activation, active_counts(layers, activation, dataset.x_train[:, 0])) if can_die else ()
    replay.check_stop()
    diverged_at = run.diverged_at if step == run.step else None
    return RunResults(
        step,
        np.inf if diverged_at is not None else float(training_loss(config, dataset, layers)),
        None if held_out is None else np.inf if diverged_at is not None else float(held_out),
        sum(int(mask.sum()) for mask in dead) if can_die else None,
        diverged_at,
    )


def results_of(runs: Sequence[Run], stop: Stop) -> list[tuple[Run, RunResults]]:
    """Compute the results of runs at their last steps."""
    return [(run, results_at(run, run.step, stop)) for run in runs]


@frozen_dataclass(eq=False)
class RunsAt:
    """Runs, each at one of its steps, and their outputs at x: arrays of shape (points,)."""

    moments: Sequence[tuple[Run, int]]
    x: Array
    outputs: tuple[Array, ...]


def run_curves(moments: Sequence[tuple[Run, int]], x: Array, stop: Stop) -> RunsAt:
    """Recompute runs up to a step and compute their outputs; `StoppedError` if `stop` became nonzero."""
    outputs = []
    for run, step in moments:
        raise_if_stopped(stop)
        rule, state = run.rule_at(step), state_at(run, step, stop=stop)
        layers = rule.dataset.scaling.in_units_of_data(as_layers(state.parameters))
        outputs.append(output_curve(layers, rule.config.network.activation, x))
    raise_if_stopped(stop)
    return RunsAt(moments, x, tuple(outputs))


MAX_BYTES = 2**24  # of the weights compared together


DifferenceKind = Literal["first weights", "by hand", "update"]


@frozen_dataclass
class FirstDivergence:
    """Where two runs diverge.

    Attributes
    ----------
    step
        They are equal up to this step.
    kind
        The cause: the initial weights; values set by hand at this step; or the update after it.
    moments
        Each run at that step, after any changes made there.
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

    Between two events of either run each follows one rule. Equal rules are assumed to take equal steps, as they do on
    one machine (`core.run.run.Provenance`). Otherwise both runs are replayed until they differ, usually after one step.
    Weights are compared after each step; optimisers' slots, if of one kind, after 1, 2, 4, ... steps, and more often
    once they or a weight have differed on the way.

    `ValueError` if one has not begun.
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
        is_alike = rules[0].engine == rules[1].engine and rules[0].acts_like(rules[1])
        if is_alike and _by_hand(one, begin) == _by_hand(other, begin):
            continue
        states = replays[0].state_at(begin), replays[1].state_at(begin)
        if not same_state(*states):
            return divergence(begin, "by hand")
        if not is_alike and (step := _last_equal_step(replays, states, rules, end)) is not None:
            return divergence(step, "update")
    shorter, longer = sorted((one, other), key=lambda run: run.step)
    if shorter.diverged_at is not None and longer.step > shorter.step:
        return divergence(last, "update")
    return None


def other_difference(one: Run, other: Run, since: int) -> int | None:
    """Return the first step after `since` from which more than the engines differs; None if there is none."""
    last = min(one.step, other.step)
    for step in sorted({event.step for run in (one, other) for event in run.events if since < event.step < last}):
        if _by_hand(one, step) != _by_hand(other, step) or not one.rule_at(step).acts_like(other.rule_at(step)):
            return step
    return None


def _by_hand(run: Run, step: int) -> list[Event]:
    return [event for event in run.events_at(step) if isinstance(event, ParameterSet)]


def _last_equal_step(
    replays: tuple[Replay, Replay],
    states: tuple[TrainerState, TrainerState],
    rules: tuple[StepRule, StepRule],
    end: int,
) -> int | None:
    """Return the step after which the updates first differ, from equal states on; None if none does up to `end`."""
    longest, steps = max(1, MAX_BYTES // max(1, states[0].nbytes)), 1
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


def common_engine(*runs: Run) -> EngineName:
    """Return the engine that can take all steps of these runs: only PyTorch where something is frozen."""
    rules = [run.rule_at(step) for run in runs for step in {0, *(event.step for event in run.events)}]
    return "PyTorch" if any(rule.frozen for rule in rules) else "Compiled"


def trained_by(engine: EngineName, run: Run, stop: Stop | None = None) -> Run:
    """Rerun a run with the same start and events, all steps taken by one engine.

    `StoppedError` if `stop` became nonzero, `ValueError` if the run has not begun.
    """
    events = tuple(event for event in run.events if not isinstance(event, EngineChanged))
    start = replace(run.start, engine=engine)
    again = replace(run, start=start, events=events, wanted=replace(run.wanted, engine=engine))
    replay = Replay(again, stop)
    first = last = replay.state_at(0, before_events=True)
    for after, _losses in replay.walk(first, run.step):
        last = after
    diverged_at = None if last.step == run.step else last.step + 1
    return replace(again, checkpoints=(first, last) if last.step else (first,), diverged_at=diverged_at)


@frozen_dataclass(eq=False)
class RunComparison:
    """Two runs, and the first step at which they differ; `engine` if both were trained again by one."""

    runs: tuple[Run, Run]
    divergence: FirstDivergence | None
    engine: EngineName | None = None


def compare_runs(one: Run, other: Run, by_one_engine: bool, stop: Stop) -> RunComparison:
    """Find the first step at which two runs differ, after training both again with one engine if wanted."""
    engine, runs = None, (one, other)
    if by_one_engine:
        engine = common_engine(*runs)
        runs = trained_by(engine, one, stop), trained_by(engine, other, stop)
    return RunComparison(runs, find_first_divergence(*runs, stop), engine)
