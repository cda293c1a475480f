"""What the user can do, as commands on the session, and what each means for the training."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tinynet_gui.core.config import MAX_SEED, Config, changed_paths, needs_reset
from tinynet_gui.core.network.refs import Ref
from tinynet_gui.core.run.events import first_rule
from tinynet_gui.core.run.history import (
    Entry,
    FrozenEdit,
    History,
    LiveSettingsEdit,
    ParameterEdit,
    RunChosen,
    RunDeleted,
    SwitchedOffEdit,
    settings_label,
)
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.run.session import Session, new_session
from tinynet_gui.core.run.training_status import LoadPhase, TrainingStatus
from tinynet_gui.core.training.engines import EngineChoice, EngineName
from tinynet_gui.core.training.pace import PACES, TUTORIAL_PACE
from tinynet_gui.engine.session.app_state import AppState, Playing
from tinynet_gui.engine.session.editing_by_hand import EditingByHand
from tinynet_gui.engine.session.phases import after_frame, can_train, standing, starts_early, stop_beyond, wanted_engine
from tinynet_gui.engine.training.backends import Usable
from tinynet_gui.engine.training.frame import Frame
from tinynet_gui.engine.training.interface import Training

RESTART_DELAY_MS = 150  # a quick series of edits makes one new run
_USABLE: dict[LoadPhase, bool | None] = {"absent": None, "compiling": False, "ready": True, "failed": False}


class SessionController(EditingByHand):
    """Owns the session and drives the training.

    A command that comes while another is applied, or while its change is told, waits its turn: nothing re-enters,
    and what a slot sees does not depend on the order in which slots were connected. What is done to a running
    training is wanted at once (`Run.wanted`); the event joins the run when the worker names its step.

    Signals
    -------
    drawn
        What the latest frame had painted is on screen.
    """

    drawn = Signal()

    def __init__(
        self,
        training: Training,
        config: Config | None = None,
        parent: QObject | None = None,
        session: Session | None = None,
    ) -> None:
        session = session or replace(new_session(config or Config()), pace=TUTORIAL_PACE)
        super().__init__(AppState(session, TrainingStatus(stop_at=stop_beyond(session.run))), parent)
        self._training = training
        self._first_command = 0  # of this session: what answers an earlier one is of another session
        self._is_open = False
        self._drawn_frame_id = 0
        self._restart = QTimer(self)
        self._restart.setSingleShot(True)
        self._restart.setInterval(RESTART_DELAY_MS)
        self._restart.timeout.connect(self._on_restart)
        self._after_drawing = QTimer(self)  # fires when the paints that a frame asked for are done
        self._after_drawing.setSingleShot(True)
        self._after_drawing.setInterval(0)
        self._after_drawing.timeout.connect(self._acknowledge)

    # What the user wants

    def open(self) -> None:
        """Make the first run."""
        self._do(self._open)

    def edit(self, changes: Mapping[str, Any], gesture: Hashable | None = None) -> None:
        """Change fields, named by dotted path; live ones act on the next step, others start anew.

        Parameters
        ----------
        gesture
            The stroke of the hand that it comes from: what follows within one is undone with it.

        Raises
        ------
        ConfigError
            If a value is not allowed; nothing has changed then.
        """
        changed = self.config.with_changes(changes)
        if not self._is_busy:
            self._do(lambda: self._set_config(changed, gesture))
        else:  # what waits before it may change other fields
            self._do(lambda: self._set_config(self.config.with_changes(changes), gesture))

    def set_config(self, config: Config) -> None:
        """Take over a whole configuration; this can be undone."""
        self._do(lambda: self._set_config(config))

    def begin_with(self, changes: Mapping[str, Any]) -> None:
        """Make changes and begin anew with them, at step 0; undo takes them back.

        Raises
        ------
        ConfigError
            If a value is not allowed; nothing has changed then.
        """
        config = self.config.with_changes(changes)
        self._do(lambda: self._begin_anew(config, settings_label(self.config, config)))

    def restore_tutorial(self) -> None:
        """Go back to the tutorial's own settings, at step 0."""
        self._do(lambda: self._begin_anew(Config(), "back to the tutorial"))

    def new_seed(self) -> None:
        """Take other initial weights: the next seed."""
        seed = self.config.network.seed
        self.edit({"network.seed": seed + 1 if seed < MAX_SEED else 0})

    def reset(self) -> None:
        """Go back to step 0 and the same initial weights, and stand still."""
        self._do(lambda: self._begin_anew(self.config, "reset"))

    def open_run(self, config: Config, engine: EngineName) -> None:
        """Train a run to its end by the engine that made it elsewhere; undo brings back the run of now."""
        self._do(lambda: self._open_run(config, engine))

    def take_over(self, session: Session) -> None:
        """Put another session in the place of this one, and stand still where its current run is."""
        self._do(lambda: self._take_over(session))

    def put_aside(self, session: Session) -> None:
        """Put another session in the place of the user's own for a while, until `bring_back`."""
        self._do(lambda: self._take_over(session, aside=self._state.own_session))

    def bring_back(self) -> None:
        """Let the user's own session be as it was when another one took its place."""
        self._do(self._bring_back)

    def undo(self) -> None:
        """Take back what was done last."""
        self._do(self._undo)

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._do(self._redo)

    def pin(self, ref: Ref | None) -> None:
        """Keep something selected, or nothing."""
        self.set_view(pinned=ref)

    def set_view(self, **changes: Any) -> None:
        """Show something else, or in another way: fields of `core.run.session.ViewState`."""
        self._do(lambda: self._put_session(view=replace(self._state.session.view, **changes)))

    def start(self) -> None:
        """Train up to the stop step; from there on, for as many steps again. In the past, go there first."""
        self._do(self._start)

    def run_to(self, step: int) -> None:
        """Train from the latest step up to a given one, at the current pace."""
        self._do(lambda: self._run_to(step))

    def fast_forward(self, step: int | None = None) -> None:
        """Train up to a given step, or to where `start` would stop, as fast as it goes; or look at it in the past."""
        self._do(lambda: self._fast_forward(step))

    def pause(self) -> None:
        """Stop training after the steps under way, within a few milliseconds; or stop playing the past."""
        self._do(self._pause)

    def take_step(self) -> None:
        """Take one step and stand still; in the past, look at the next one."""
        self._do(self._take_step)

    def dissect(self, moment: Moment | None = None) -> None:
        """Stand still, and take the next step of this run apart without taking it; or that after a moment of it."""
        self._do(lambda: self._when_exact(lambda: self._dissect(moment)))

    def set_pace(self, pace: int) -> None:
        """Go at another speed, an index into `PACES`, from the next step on; a fast-forward goes on at that speed."""
        self._do(lambda: self._set_pace(pace))

    def set_engine(self, choice: EngineChoice) -> None:
        """Choose what takes the steps, from the next one on."""
        self._do(lambda: self._set_engine(choice))

    # What is heard from below

    @Slot(str, str)
    def compiled_changed(self, phase: LoadPhase, trouble: str) -> None:
        """The compiled loop can be used, or cannot, or not yet."""
        words = f"The compiled loop, experiments and previews cannot be used ({trouble})." if trouble else ""
        self._do(lambda: self._follow_loading(words, compiled=phase))

    @Slot(str, str)
    def pytorch_changed(self, phase: LoadPhase, trouble: str) -> None:
        """PyTorch can be used, or cannot."""
        words = f"PyTorch cannot be loaded ({trouble}); pip install torch brings it." if trouble else ""
        self._do(lambda: self._follow_loading(words, pytorch=phase))

    @Slot(object)
    def take_in(self, frame: Frame) -> None:
        """A frame has come from the worker."""
        if not self.is_silent:
            self._drawn_frame_id = frame.frame_id
            self._after_drawing.start()
            self._do(lambda: self._take_in(frame))

    @Slot(int, str)
    def training_failed(self, command: int, _text: str) -> None:
        """Training has stopped with an exception; a reset makes a new run."""
        if command == self._training.latest_command:
            self._do(lambda: self._put_status(phase="paused", steps_per_second=0.0))

    def shut_down(self) -> None:
        """Change nothing any more."""
        self.fall_silent()
        self._restart.stop()
        self._after_drawing.stop()

    # How it comes about

    def _open(self) -> None:
        self._is_open = True
        self._training.set_pace(PACES[self._state.session.pace])
        self._choose_first_engine()
        self._begin(self._state.status.stop_at)

    def _bring_back(self) -> None:
        if self._state.aside is not None:
            self._take_over(self._state.aside)

    def _take_over(self, session: Session, aside: Session | None = None) -> None:
        self._training.pause()
        self._training.forget()
        self._training.set_pace(PACES[session.pace])
        self._put(session=session, session_number=self._state.session_number + 1, aside=aside)
        self._choose_first_engine()
        self._put_status(phase=standing(self._state), steps_per_second=0.0, is_fast_forward=False)
        self._begin()
        self._first_command = self._training.latest_command

    def _engine_for_now(self) -> EngineName:
        goes_to_the_end = self._state.is_running and self._state.status.is_fast_forward
        return wanted_engine(self._state, to_the_end=goes_to_the_end)

    def _choose_first_engine(self) -> None:
        run, engine = self._state.run, self._engine_for_now()
        if not run.checkpoints:
            self._put_run(start=replace(run.start, engine=engine), wanted=replace(run.wanted, engine=engine))

    def _set_config(self, config: Config, gesture: Hashable | None = None) -> None:
        before = self.config
        if config == before:
            return
        if needs_reset(before, config):
            self._new_run(config, settings_label(before, config), gesture)
            self._restart.start()
        else:
            self._when_exact(lambda: self._edit_live(config, gesture))

    def _edit_live(self, config: Config, gesture: Hashable | None) -> None:
        self._remember(LiveSettingsEdit(self.config, config), gesture)
        self._apply_live(config)

    def _new_run(self, config: Config, label: str, gesture: Hashable | None = None) -> None:
        session = self._state.session.with_new_run(config, "PyTorch", label, gesture)
        self._put(session=session, past=None, playing=None)
        self._choose_first_engine()  # by the samples, which it has now

    def _apply_live(self, config: Config) -> None:
        run, before = self._state.run, self.config
        if self._restart.isActive():  # it has not begun
            rule = first_rule(config, run.start.engine)
            self._put_run(start=rule, wanted=replace(run.wanted, config=config, scaling=rule.scaling))
            return
        self._put_run(wanted=replace(run.wanted, config=config))
        self._training.apply_live(config)
        if "training.stop_step" in changed_paths(before, config):
            self._move_stop_step()

    def _move_stop_step(self) -> None:
        stop_at, state = self.config.training.stop_step, self._state
        if state.is_running and state.snapshot is not None and stop_at <= state.snapshot.step:
            self._pause()
            self._put_status(phase="finished", stop_at=stop_at)
            return
        self._put_status(stop_at=stop_at)
        if state.is_running:
            self._training.start(stop_at, state.status.is_fast_forward)
        elif state.status.phase == "finished":
            self._put_status(phase="paused")

    def _begin_anew(self, config: Config, label: str) -> None:
        """Stand still at step 0 of a run of a configuration; the one that was is kept, if anything was done to it."""
        self._training.pause()
        run = self._state.run
        self._put_playing(None)
        is_untouched = run.step == 0 and not run.events and run.wanted == run.start and not self._state.is_running
        self._put_status(phase=standing(self._state), steps_per_second=0.0)
        if config != run.config or not is_untouched:
            self._new_run(config, label)
        self._begin()

    def _open_run(self, config: Config, engine: EngineName) -> None:
        self._put(session=self._state.session.with_new_run(config, engine, "opening a run"))
        self._begin()
        self._run_until(self._next_stop(), is_fast_forward=True)

    def _undo(self) -> None:
        self._look_at(None)
        history = self._state.session.history
        if (entry := history.next_undo) is not None:
            self._go_to(entry, history.undo(), undo=True)

    def _redo(self) -> None:
        self._look_at(None)
        history = self._state.session.history
        if (entry := history.next_redo) is not None:
            self._go_to(entry, history.redo(), undo=False)

    def _go_to(self, entry: Entry, history: History, *, undo: bool) -> None:
        """Bring back what was before an entry, or what was after it."""
        self._put_session(history=history)
        match entry:
            case RunChosen():
                run_id, step = (entry.before, entry.before_step) if undo else (entry.after, None)
                self._put(session=self._state.session.at_run(run_id, history, step))
                self._begin()
            case RunDeleted():
                self._put(session=self._state.session.with_run_as(entry.run_id, is_deleted=not undo))
            case LiveSettingsEdit():
                self._apply_live(entry.before if undo else entry.after)
            case ParameterEdit():
                self._training.set_parameter(entry.ref, entry.before if undo else entry.after)
            case FrozenEdit():
                self._set_frozen(entry.before if undo else entry.after)
            case SwitchedOffEdit():
                off = entry.before if undo else entry.after
                self._put_session(view=replace(self._state.session.view, switched_off=off))

    def _next_stop(self) -> int:
        """The stop step; beyond it, as many steps again as often as it takes."""
        every = self.config.training.stop_step
        return (self._state.run.step // every + 1) * every

    def _start(self) -> None:
        if self._state.looks_back:
            self._put_playing(Playing(goes_on=True))
        else:
            self._run_until(self._next_stop())

    def _run_to(self, step: int) -> None:
        self._look_at(None)
        self._run_until(step)

    def _run_until(self, stop_at: int, is_fast_forward: bool = False) -> None:
        self._put_playing(None)
        if not self._prepare_to_train():
            return
        self._put_status(phase="running", stop_at=stop_at, is_fast_forward=is_fast_forward)
        self._training.start(stop_at, is_fast_forward)

    def _fast_forward(self, step: int | None) -> None:
        self._look_at(step)
        if self._state.looks_back:
            return
        self._flush_restart()
        self._want_engine(wanted_engine(self._state, to_the_end=True))
        self._run_until(self._next_stop() if step is None else step, is_fast_forward=True)

    def _pause(self) -> None:
        self._put_playing(None)
        self._stand_still()

    def _stand_still(self) -> None:
        self._training.pause()
        if self._state.is_running:
            self._put_status(phase="paused", steps_per_second=0.0)

    def _take_step(self) -> None:
        if (step := self._state.session.cursor.step) is not None:
            self._look_at(step + 1)
            return
        if not self._prepare_to_train():
            return
        self._put_status(phase="paused", steps_per_second=0.0)
        self._training.take_steps(1)

    def _dissect(self, moment: Moment | None) -> None:
        self._flush_restart()
        if self._state.is_running:
            self._put_status(phase="paused", steps_per_second=0.0)
        if moment is None and (past := self._state.past) is not None:
            moment = Moment(past.snapshot.state, self._state.session.rule)
        self._training.dissect(moment)

    def _set_pace(self, pace: int) -> None:
        self._put_session(pace=pace)
        self._training.set_pace(PACES[pace])
        self._put_status(is_fast_forward=False)
        self._want_engine(self._engine_for_now())

    def _set_engine(self, choice: EngineChoice) -> None:
        self._put_session(engine=choice)
        self._want_engine(self._engine_for_now())

    def _want_engine(self, engine: EngineName) -> None:
        run = self._state.run
        if engine != run.wanted.engine:
            self._put_run(wanted=replace(run.wanted, engine=engine))
            if self._is_open and not self._restart.isActive():
                self._training.set_engine(engine)

    def _flush_restart(self) -> None:
        if self._restart.isActive():
            self._begin()

    @Slot()
    def _on_restart(self) -> None:
        self._do(self._begin)

    def _begin(self, stop_at: int | None = None) -> None:
        """Let the worker take up the current run, of which no moment is there yet."""
        self._waiting = ()  # for a moment of another run
        self._put(snapshot=None, latest=None, past=None, playing=None)
        self._take_up(stop_at)

    def _take_up(self, stop_at: int | None = None) -> None:
        """Let the worker take up the current run; a training that is running goes on with it."""
        self._restart.stop()
        run = self._state.run
        every = run.config.training.stop_step
        stop_at = stop_at or stop_beyond(run)
        self._training.begin(run)
        if self._state.is_running:
            stop_at = stop_at if stop_at > run.step else stop_at + every
            self._put_status(stop_at=stop_at)
            self._training.start(stop_at, self._state.status.is_fast_forward)
        else:
            self._put_status(phase=standing(self._state), stop_at=stop_at)

    def _take_in(self, frame: Frame) -> None:
        session, snapshot = self._state.session, frame.snapshot
        if not session.has(snapshot.run_id) or frame.command < self._first_command:
            return
        run = session.run_of(snapshot.run_id)
        grown = run.extended(snapshot, frame.losses, frame.events, frame.checkpoints, frame.diverged_by, frame.held_out)
        self._put(session=session.with_run(grown))
        if snapshot.run_id == session.cursor.run_id and not self._restart.isActive():
            self._put(latest=snapshot)
            if not self._state.looks_back:
                self._put(snapshot=snapshot)
            self._follow(frame)

    def _follow(self, frame: Frame) -> None:
        """Let the phase follow what the worker says of it, if it has heard the last command."""
        if frame.command == self._training.latest_command:
            self._put(status=after_frame(self._state.status, frame))

    def _follow_loading(self, trouble: str, **phases: LoadPhase) -> None:
        status = self._state.status
        self._put_status(trouble="\n".join(filter(None, (status.trouble, trouble))), **phases)
        status, run = self._state.status, self._state.run
        self._training.set_usable(Usable(_USABLE[status.pytorch], _USABLE[status.compiled]))
        if run.step == 0 and status.compiled != "ready":  # what was to begin with it begins otherwise
            self._want_engine(self._engine_for_now())
        if not can_train(self._state):
            self._put_status(phase="unusable", steps_per_second=0.0)
        elif status.phase in ("loading", "unusable"):
            self._put_status(phase=standing(self._state))

    def _prepare_to_train(self) -> bool:
        """Take up the run of now, and say whether anything can train it.

        The compiled loop takes the steps of one that is begun before PyTorch is there, if Auto may choose.
        """
        self._flush_restart()
        if not can_train(self._state):
            self._put_status(phase="unusable")
            return False
        if starts_early(self._state):
            self._want_engine("Compiled")
        return True

    @Slot()
    def _acknowledge(self) -> None:
        self.drawn.emit()
        self._training.acknowledge(self._drawn_frame_id)
