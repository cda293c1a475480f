"""The user's commands on the session, and their effect on the training."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from tinynet_gui.core.config import MAX_SEED, Config, changed_paths, needs_reset
from tinynet_gui.core.run import events, history, replay
from tinynet_gui.core.run.run import LoadPhase, TrainingStatus
from tinynet_gui.core.run.session import Session, new_session
from tinynet_gui.core.system.processes import is_folder
from tinynet_gui.core.text.language import N_, gettext as _
from tinynet_gui.core.training.engines import PACES, TUTORIAL_PACE, EngineChoice
from tinynet_gui.engine.session import app_state, commands, dispatcher
from tinynet_gui.engine.training import frame, step_scheduler, training_thread
from tinynet_gui.qt import single_shot

_USABLE: dict[LoadPhase, bool | None] = {"absent": None, "compiling": False, "ready": True, "failed": False}


class SessionController(commands.EditingByHand, commands.KeepingRuns, commands.Showing):
    """Owns the session and drives the training.

    A change to a running training shows in `Run.wanted` at once; the event joins the run when the worker reports its
    step. `drawn`: the result of the latest frame is on screen.
    """

    drawn = Signal()

    def __init__(
        self,
        training: training_thread.TrainingThread,
        config: Config | None = None,
        parent: QObject | None = None,
        session: Session | None = None,
    ) -> None:
        session = session or replace(new_session(config or Config()), pace=TUTORIAL_PACE)
        super().__init__(
            app_state.AppState(session, TrainingStatus(stop_at=app_state.default_stop(session.run))), training, parent
        )
        self._first_command = 0  # frames that answer an earlier one belong to another session
        self._drawn_frame_id = 0
        self._after_drawing = single_shot(self, 0, self._acknowledge)  # after the paints caused by a frame

    @dispatcher.command
    def open(self) -> None:
        self._is_open = True
        self._training.set_pace(PACES[self._state.session.pace])
        self._choose_first_engine()
        self._begin(self._state.status.stop_at)

    # Settings

    def edit(self, changes: Mapping[str, Any], gesture: Hashable | None = None) -> None:
        """Change fields, named by dotted path; live ones act on the next step, others begin a new run.

        `ConfigError` if a value is not allowed; nothing has changed then. Edits of one `gesture` are undone together.
        """
        changed = self.config.with_changes(changes)
        if self._must_wait:  # an earlier command may change other fields
            self._execute(partial(self.edit, changes, gesture))
        else:
            self.set_config(changed, gesture)

    @dispatcher.command
    def set_config(self, config: Config, gesture: Hashable | None = None, label: str = "") -> None:
        """Replace the whole configuration. It can be undone; `label` replaces the name made from the changes."""
        before = self.config
        if config == before:
            return
        if needs_reset(before, config):
            self._new_run(config, label or history.settings_label(before, config), gesture)
            self._restart.start()
        else:
            self._edit_live(config, gesture)

    def begin_with(self, changes: Mapping[str, Any]) -> None:
        """Make changes and begin a new run with them, at step 0. It can be undone.

        `ConfigError` if a value is not allowed; nothing has changed then.
        """
        self._start_over(self.config.with_changes(changes))

    def open_config(self, config: Config) -> None:
        """Begin a new run of a setting from elsewhere, at step 0, even if it is the current one. It can be undone."""
        self._start_over(config, history.OPENING)

    def open_network(self, config: Config) -> None:
        """Begin a new run of a setting whose first weights come from elsewhere. It can be undone."""
        self._start_over(config, N_("opening a network"))

    @dispatcher.command
    def restore_tutorial(self) -> None:
        """Restore the tutorial's settings, at step 0, and show everything except what a lesson hides."""
        if self._state.suspended_session is None:
            self.show_all()
        self._start_over(Config(), N_("default settings"))

    @dispatcher.command
    def new_seed(self) -> None:
        seed = self.config.network.seed
        self.set_config(self.config.replace("network.seed", seed + 1 if seed < MAX_SEED else 0), label=history.NEW_SEED)

    @dispatcher.command
    def reset(self) -> None:
        """Go back to step 0 and the same initial weights, and pause."""
        self._start_over(self.config, N_("reset"))

    @dispatcher.command
    def _start_over(self, config: Config, label: str = "") -> None:
        """Pause at step 0 of a new run; the previous one is kept, if anything was done to it."""
        self._training.pause()
        run = self._state.run
        label = label or history.settings_label(run.config, config)
        self._put_playing(None)
        is_untouched = run.step == 0 and not run.events and run.wanted == run.start and not self._state.is_running
        self._put_status(phase=app_state.phase_at_rest(self._state), steps_per_second=0.0)
        if config != run.config or not is_untouched:
            self._new_run(config, label)
        self._begin()

    def _new_run(self, config: Config, label: str, gesture: Hashable | None = None) -> None:
        session = self._state.session.with_new_run(config, "PyTorch", label, gesture)
        self._put(session=session, past=None, playing=None)
        self._choose_first_engine()  # it depends on the number of samples, known only now

    @dispatcher.when_exact
    def _edit_live(self, config: Config, gesture: Hashable | None) -> None:
        self._remember(history.LiveSettingsEdit(self.config, config), gesture)
        self._apply_live(config)

    def _apply_live(self, config: Config) -> None:
        run, before = self._state.run, self.config
        if self._restart.isActive():  # it has not begun
            rule = events.first_rule(config, run.start.engine)
            self._put_run(start=rule, wanted=replace(run.wanted, config=config, scaling=rule.scaling))
            return
        self._put_run(wanted=replace(run.wanted, config=config))
        self._training.apply_live(config)
        if "training.stop_step" in changed_paths(before, config):
            self._move_stop_step()
        if self._state.status.phase == "no better":
            self._put_status(phase="paused")

    def _move_stop_step(self) -> None:
        stop_at, state = self.config.training.stop_step, self._state
        if state.is_running and state.snapshot is not None and stop_at <= state.snapshot.step:
            self.pause()
            self._put_status(phase="finished", stop_at=stop_at)
            return
        self._put_status(stop_at=stop_at)
        if state.is_running:
            self._training.start(stop_at, state.status.is_fast_forward)
        elif state.status.phase == "finished":
            self._put_status(phase="paused")

    # Sessions

    @dispatcher.command
    def take_over(self, session: Session, suspended: Session | None = None) -> None:
        """Replace the session by another one, and pause at its current run."""
        self._training.pause()
        self._training.forget()
        self._training.set_pace(PACES[session.pace])
        self._put(session=session, session_number=self._state.session_number + 1, suspended_session=suspended)
        self._choose_first_engine()
        self._put_status(phase=app_state.phase_at_rest(self._state), steps_per_second=0.0, is_fast_forward=False)
        self._begin()
        self._first_command = self._training.latest_command

    @dispatcher.command
    def suspend_for(self, session: Session) -> None:
        """Temporarily replace the user's session by another one, until `resume_own`."""
        self.take_over(session, suspended=self._state.own_session)

    @dispatcher.command
    def resume_own(self) -> None:
        if self._state.suspended_session is not None:
            self.take_over(self._state.suspended_session)

    # Undo

    @dispatcher.command
    def undo(self) -> None:
        self._go_to(undo=True)

    @dispatcher.command
    def redo(self) -> None:
        self._go_to(undo=False)

    def _go_to(self, *, undo: bool) -> None:
        """Restore the state before the next undo entry, or after the next redo entry."""
        self.look_at(None)
        before = self._state.session.history
        if (entry := before.next_undo if undo else before.next_redo) is None:
            return
        after = before.undo() if undo else before.redo()
        self._put_session(history=after)
        match entry:
            case history.RunChosen():
                run_id, step = (entry.before, entry.before_step) if undo else (entry.after, None)
                self._put(session=self._state.session.at_run(run_id, after, step))
                self._begin()
            case history.RunDeleted():
                self._put(session=self._state.session.with_run_as(entry.run_id, is_deleted=not undo))
            case history.LiveSettingsEdit():
                self._apply_live(entry.before if undo else entry.after)
            case history.ParameterEdit():
                self._training.set_parameter(entry.ref, entry.before if undo else entry.after)
            case history.FrozenEdit():
                self._set_frozen(entry.before if undo else entry.after)
            case history.SwitchedOffEdit():
                self.set_view(switched_off=entry.before if undo else entry.after)
            case history.AllShown():
                self.set_view(hidden=entry.hidden if undo else frozenset())

    # Training

    @dispatcher.command
    def start(self) -> None:
        """Train up to the stop step; beyond it, to its next multiple. In the past, play up to the latest step first."""
        if self._state.looks_back:
            self._put_playing(app_state.Playing(goes_on=True))
        else:
            self._run_until(self._next_stop())

    @dispatcher.command
    def fast_forward(self, step: int | None = None) -> None:
        """Train at full speed to a step, by default where `start` would stop; a past step is only shown."""
        self.look_at(step)
        if self._state.looks_back:
            return
        self._flush_restart()
        self._want_engine(app_state.wanted_engine(self._state, to_the_end=True))
        self._run_until(self._next_stop() if step is None else step, is_fast_forward=True)

    @dispatcher.command
    def pause(self) -> None:
        """Stop training after the steps in progress, within a few milliseconds; or stop playback."""
        self._put_playing(None)
        self._pause_training()

    @dispatcher.command
    def take_step(self) -> None:
        """Take one step and pause; in the past, show the next one."""
        if (step := self._state.session.cursor.step) is not None:
            self.look_at(step + 1)
        elif self._prepare_to_train():
            self._put_status(phase="paused", steps_per_second=0.0)
            self._training.take_steps(1)

    @dispatcher.command
    @dispatcher.when_exact
    def dissect(self, moment: replay.Moment | None = None) -> None:
        """Pause, and dissect this run's next step without taking it; or the step after `moment`."""
        self._flush_restart()
        if self._state.is_running:
            self._put_status(phase="paused", steps_per_second=0.0)
        if moment is None and (past := self._state.past) is not None:
            moment = replay.Moment(past.snapshot.state, self._state.session.rule)
        self._training.dissect(moment)

    @dispatcher.command
    def set_pace(self, pace: int) -> None:
        """Change the speed, an index into `PACES`, from the next step on; a fast-forward continues at that speed."""
        self._put_session(pace=pace)
        self._training.set_pace(PACES[pace])
        self._put_status(is_fast_forward=False)
        self._want_engine(self._engine_for_now())

    @dispatcher.command
    def set_engine(self, choice: EngineChoice) -> None:
        self._put_session(engine=choice)
        self._want_engine(self._engine_for_now())

    # Callbacks from the layers below

    @Slot(str, str)
    def compiled_changed(self, phase: LoadPhase, trouble: str) -> None:
        words = _("The compiled loop, experiments and previews cannot be used ({trouble}).").format(trouble=trouble)
        self._follow_loading(words if trouble else "", compiled=phase)

    @Slot(str, str)
    def pytorch_changed(self, phase: LoadPhase, trouble: str) -> None:
        words = _("PyTorch cannot be loaded ({trouble}).").format(trouble=trouble)
        if is_folder():
            words = _("PyTorch is not part of this folder; no lesson needs it, but freezing does.")
        self._follow_loading(words if trouble else "", pytorch=phase)

    @dispatcher.queued
    def _follow_loading(self, trouble: str, **phases: LoadPhase) -> None:
        status = self._state.status
        self._put_status(trouble="\n".join(filter(None, (status.trouble, trouble))), **phases)
        status, run = self._state.status, self._state.run
        self._training.set_usable(step_scheduler.Usable(_USABLE[status.pytorch], _USABLE[status.compiled]))
        if run.step == 0 and status.compiled != "ready":  # a run meant to begin with it begins differently
            self._want_engine(self._engine_for_now())
        if not app_state.can_train(self._state):
            self._put_status(phase="unusable", steps_per_second=0.0)
        elif status.phase in ("loading", "unusable"):
            self._put_status(phase=app_state.phase_at_rest(self._state))

    @Slot(object)
    def accept_frame(self, frame: frame.Frame) -> None:
        """Apply a frame from the worker, which sends the next one once this one is on screen."""
        if not self._is_silent:
            self._drawn_frame_id = frame.frame_id
            self._after_drawing.start()
            self._apply_frame(frame)

    @dispatcher.queued
    def _apply_frame(self, frame: frame.Frame) -> None:
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
            if frame.command == self._training.latest_command:  # no later command is on its way
                self._put(status=app_state.after_frame(self._state.status, frame))
                if frame.status == "no better" and grown.best_held_out is not None:
                    self._move_to(grown.best_held_out[0])

    @Slot()
    def _acknowledge(self) -> None:
        self.drawn.emit()
        self._training.acknowledge(self._drawn_frame_id)

    @Slot(int, str)
    @dispatcher.queued
    def training_failed(self, command: int, _text: str) -> None:
        """Handle an exception in the training; a reset makes a new run."""
        if command == self._training.latest_command:
            self._put_status(phase="paused", steps_per_second=0.0)

    def shut_down(self) -> None:
        """Ignore all further commands."""
        self._is_silent = True
        self._restart.stop()
        self._after_drawing.stop()
