"""A moment that a run has had, made again: what is looked at, and what a branch would begin with."""

from dataclasses import dataclass, replace

from tinynet_gui.core.run.held_out import HeldOutLosses
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.run.replay import Replay, known_states
from tinynet_gui.core.run.run import BranchPoint, Run
from tinynet_gui.core.run.snapshot import Snapshot, make_snapshot
from tinynet_gui.core.training.engines import Stop
from tinynet_gui.core.training.state import TrainerState


@dataclass(frozen=True)
class PastMoment:
    """What a run was at a step, to the bit.

    Attributes
    ----------
    snapshot
        After what was done to it there.
    arrived
        The state as the steps came to it, before that.
    losses
        Of the steps before it.
    """

    snapshot: Snapshot
    arrived: TrainerState
    losses: LossHistory


def past_moment(run: Run, step: int, stop: Stop | None = None) -> PastMoment:
    """Return a run's moment at a step that it has been at.

    Raises
    ------
    ValueError
        If it has not been there.
    ReplayStoppedError
        Soon after another thread has made the element of `stop` nonzero.
    """
    replay = Replay(run, stop)
    arrived = replay.state_at(step, before_events=True)
    losses = run.losses.until(step, replay.losses(run.losses.first_shared(step), step))
    return PastMoment(_snapshot(run, replay.after_events(arrived)), arrived, losses)


def nearest_moment(run: Run, step: int) -> Snapshot | None:
    """Return the moment nearest to a step that is known without taking steps again; None if none is."""
    states = known_states(run)
    if not states:
        return None
    distance = min(abs(state.step - step) for state in states)
    return _snapshot(run, [state for state in states if abs(state.step - step) == distance][-1])


def _snapshot(run: Run, state: TrainerState) -> Snapshot:
    rule = run.rule_at(state.step)
    return make_snapshot(run.id, rule.config, rule.dataset, state, by_torch=rule.engine == "PyTorch")


def branch(run: Run, moment: PastMoment, run_id: int) -> Run:
    """Return a run that is the other one up to a moment of it, and knows nothing of what came then."""
    step = moment.arrived.step
    events = tuple(event for event in run.events if event.step <= step)
    known = run.held_out_losses.steps <= step
    return Run(
        id=run_id,
        start=run.start,
        parent=BranchPoint(run.id, step),
        wanted=replace(run.start.after(events), engine=run.wanted.engine),
        events=events,
        checkpoints=(*(state for state in run.checkpoints if state.step < step), moment.arrived),
        losses=moment.losses,
        held_out_losses=HeldOutLosses(run.held_out_losses.steps[known], run.held_out_losses.losses[known]),
        made_by=run.made_by,
    )
