"""The engine that can train a run, and the status of the training: functions of the state alone."""

from dataclasses import replace

from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.training_status import Phase, TrainingStatus
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.pace import PACES
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.training.backends import engine_for
from tinynet_gui.engine.training.frame import Frame


def wanted_engine(state: AppState, *, to_the_end: bool) -> EngineName:
    """Return the engine for the next steps, by the user's choice and the speed."""
    session = state.session
    samples = len(session.run.dataset.x_train)
    return engine_for(session.engine, PACES[session.pace], session.config, samples, to_the_end=to_the_end)


def needs_pytorch(state: AppState) -> bool:
    """Return whether only PyTorch can train the run in its present state."""
    by_choice = state.session.engine != "auto" and wanted_engine(state, to_the_end=False) == "PyTorch"
    return by_choice or _draws_by_pytorch(state)


def can_train(state: AppState) -> bool:
    """Return whether an engine can train the run, now or once it is loaded."""
    is_drawn = state.run.step > 0 or not _draws_by_pytorch(state)
    by_compiled = is_drawn and not state.run.wanted.frozen and state.status.compiled != "failed"
    return state.status.pytorch != "failed" or by_compiled


def starts_early(state: AppState) -> bool:
    """Return whether the compiled loop takes the steps because PyTorch is not there yet and Auto may choose."""
    status, run = state.status, state.run
    is_early = status.pytorch == "absent" and status.compiled in ("absent", "ready")
    return is_early and state.session.engine == "auto" and run.step == 0 and not run.wanted.frozen


def standing(state: AppState) -> Phase:
    """Return the phase of a run that is not being trained, before its first moment has come."""
    if not can_train(state):
        return "unusable"
    is_waiting = _draws_by_pytorch(state) and state.run.step == 0 and state.status.pytorch != "ready"
    return "loading" if is_waiting else "ready"


def stop_beyond(run: Run) -> int:
    """Return where a run stops by itself unless told otherwise: at its stop step, or a multiple of it."""
    every = run.config.training.stop_step
    return max(every, -(-run.step // every) * every)


def after_frame(status: TrainingStatus, frame: Frame) -> TrainingStatus:
    """Return the status after a frame that answers the last command."""
    status, snapshot = replace(status, engine=frame.engine), frame.snapshot
    at_rest: Phase = "paused" if snapshot.step > 0 else "ready"
    match frame.stand:
        case "diverged":
            return replace(status, phase="diverged", steps_per_second=0.0)
        case "stop step":
            return replace(status, phase="finished", steps_per_second=0.0)
        case _ if status.phase == "running":
            return replace(status, steps_per_second=frame.steps_per_second)
        case "started anew":
            return replace(status, phase="finished" if 0 < snapshot.step == status.stop_at else at_rest)
        case "paused" if status.phase == "diverged":  # values were set by hand, and the loss is finite again
            return replace(status, phase=at_rest)
        case _:
            return status


def _draws_by_pytorch(state: AppState) -> bool:
    return state.config.network.needs_torch
