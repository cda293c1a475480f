"""A run trained again with all its changes, but all its steps by one engine."""

from dataclasses import replace

from tinynet_gui.core.numerics.arrays import Stop
from tinynet_gui.core.run.events import EngineChanged
from tinynet_gui.core.run.replay import Replay, stretches
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.training.engines import EngineName


def common_engine(*runs: Run) -> EngineName:
    """Return the engine that can take all steps of some runs: only PyTorch can where something is frozen."""
    rules = [run.rule_at(step) for run in runs for step in {0, *(event.step for event in run.events)}]
    return "PyTorch" if any(rule.frozen for rule in rules) else "Compiled"


def trained_by(engine: EngineName, run: Run, stop: Stop | None = None) -> Run:
    """Return a run with the same start and the same changes, all of whose steps one engine has taken.

    Raises
    ------
    StoppedError
        If `stop` became nonzero.
    ValueError
        If the run has not begun.
    """
    events = tuple(event for event in run.events if not isinstance(event, EngineChanged))
    start = replace(run.start, engine=engine)
    again = replace(run, start=start, events=events, wanted=replace(run.wanted, engine=engine), diverged_at=None)
    replay = Replay(again, stop)
    state = first = replay.state_at(0, before_events=True)
    for stretch in stretches(again, 0, run.step):
        after = replay.stepper.take(stretch.rule, replay.after_events(state), stretch.last - stretch.first)
        state = after
        if after.step < stretch.last:
            again = replace(again, diverged_at=after.step + 1)
            break
    return replace(again, checkpoints=(first, state) if state.step else (first,))
