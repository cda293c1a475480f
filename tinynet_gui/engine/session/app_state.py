"""The state of the whole window, as one value."""

from dataclasses import replace
from functools import cached_property
from typing import Literal

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.replay import PastMoment, branch
from tinynet_gui.core.run.run import Phase, Run, TrainingStatus
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.training.engines import PACES, EngineName
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.engine.training.frame import ENDS, Frame
from tinynet_gui.engine.training.step_scheduler import engine_for


@frozen_dataclass
class Playing:
    """Playback of the past: forwards (1) or backwards (−1), in a loop between two steps, or on into training."""

    direction: Literal[1, -1] = 1
    loop: tuple[int, int] | None = None
    goes_on: bool = False


@frozen_dataclass(eq=False)
class AppState:
    """The state of the window.

    Attributes
    ----------
    session
        Everything that can change and is worth keeping.
    snapshot
        The current moment; None until a run's first one arrives. While a setting is being dragged it may still belong
        to the previous run. For a past step it may be a nearby one, until `past` is there.
    latest
        The latest moment of the run.
    past
        The past step in view, exact to the bit; None until it has been recomputed, and at the latest step.
    session_number
        Counts the sessions since the program began: another session reuses the same run numbers.
    suspended_session
        The user's own session while another one temporarily takes its place, such as a lesson's; else None.
    question_is_open, shows_runs
        Whether a lesson waits for a guess: nothing on the screen may give the answer away. Whether the selected runs
        may be drawn nevertheless, as the question is about what lies between them.
    """

    session: Session
    status: TrainingStatus
    snapshot: Snapshot | None = None
    latest: Snapshot | None = None
    past: PastMoment | None = None
    playing: Playing | None = None
    session_number: int = 0
    suspended_session: Session | None = None
    question_is_open: bool = False
    shows_runs: bool = False

    @property
    def own_session(self) -> Session:
        """The user's own session, current or suspended: the one worth keeping."""
        return self.suspended_session or self.session

    @property
    def run(self) -> Run:
        return self.session.run

    @property
    def config(self) -> Config:
        return self.session.config

    @property
    def shows_preview(self) -> bool:
        """Whether the end of the training may be shown while settings change."""
        return self.session.view.shows_preview and not self.question_is_open

    @property
    def shows_twin(self) -> bool:
        return self.session.view.shows_twin and not self.question_is_open

    @property
    def shows_modes(self) -> bool:
        """Whether the modes of the twin's error may be shown."""
        return self.session.view.shows_modes and not self.question_is_open

    @property
    def looks_back(self) -> bool:
        return self.session.looks_back

    @cached_property
    def run_so_far(self) -> Run:
        """The run truncated at the current moment."""
        return self.run if self.past is None else branch(self.run, self.past, self.run.id)

    @property
    def is_moving(self) -> bool:
        """Whether the view changes continuously: in training, or during playback."""
        return self.is_running or self.playing is not None

    @property
    def is_running(self) -> bool:
        """Whether steps are being taken, or will be as soon as PyTorch is loaded."""
        return self.status.phase == "running"

    @property
    def awaits_pytorch(self) -> bool:
        """Whether requested steps wait until PyTorch is loaded."""
        status = self.status
        is_by_pytorch = self.run.wanted.engine == "PyTorch" or self.run.wanted.frozen or status.compiled == "compiling"
        return self.is_running and status.pytorch == "absent" and bool(is_by_pytorch)


def wanted_engine(state: AppState, *, to_the_end: bool) -> EngineName:
    """Return the engine for the next steps, by the user's choice and the speed."""
    session = state.session
    samples = len(session.run.dataset.x_train)
    return engine_for(session.engine, PACES[session.pace], session.config, samples, to_the_end=to_the_end)


def needs_pytorch(state: AppState) -> bool:
    by_choice = state.session.engine != "auto" and wanted_engine(state, to_the_end=False) == "PyTorch"
    return by_choice or state.config.network.needs_torch


def can_train(state: AppState) -> bool:
    """Return whether an engine can train the run, now or once it is loaded."""
    is_drawn = state.run.step > 0 or not state.config.network.needs_torch
    by_compiled = is_drawn and not state.run.wanted.frozen and state.status.compiled != "failed"
    return state.status.pytorch != "failed" or by_compiled


def starts_early(state: AppState) -> bool:
    """Return whether the compiled loop takes the steps because PyTorch is not there yet and Auto may choose."""
    status, run = state.status, state.run
    is_early = status.pytorch == "absent" and status.compiled in ("absent", "ready")
    return is_early and state.session.engine == "auto" and run.step == 0 and not run.wanted.frozen


def phase_at_rest(state: AppState) -> Phase:
    """Return the phase of a run that is not being trained, before its first moment has arrived."""
    if not can_train(state):
        return "unusable"
    is_waiting = state.config.network.needs_torch and state.run.step == 0 and state.status.pytorch != "ready"
    return "loading" if is_waiting else "ready"


def default_stop(run: Run) -> int:
    """Return where a run stops by default: at its stop step or, beyond it, its next multiple."""
    every = run.config.training.stop_step
    return max(every, -(-run.step // every) * every)


def after_frame(status: TrainingStatus, frame: Frame) -> TrainingStatus:
    """Return the status after a frame that answers the last command."""
    status, snapshot = replace(status, engine=frame.engine, step_seconds=frame.step_seconds), frame.snapshot
    at_rest: Phase = "paused" if snapshot.step > 0 else "ready"
    if (phase := ENDS.get(frame.status)) is not None:
        return replace(status, phase=phase, steps_per_second=0.0)
    match frame.status:
        case _ if status.phase == "running":
            return replace(status, steps_per_second=frame.steps_per_second)
        case "restarted":
            return replace(status, phase="finished" if 0 < snapshot.step == status.stop_at else at_rest)
        case "paused" if status.phase == "diverged":  # since edits by hand the loss is finite again
            return replace(status, phase=at_rest)
        case _:
            return status
