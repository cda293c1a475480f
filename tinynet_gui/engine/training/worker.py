"""The training thread's one object: runs the trainer in short chunks and publishes frames."""

import traceback
from collections.abc import Callable
from time import perf_counter

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot

from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import ParameterRef, Ref, frozen_masks
from tinynet_gui.core.run import events, replay
from tinynet_gui.core.run.loss_history import HeldOutWatch, advance_watching
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.training.engines import EngineName, Pace
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.values import Stop
from tinynet_gui.engine.training.frame import ENDS, Frame, RunProgress, WorkerStatus
from tinynet_gui.engine.training.step_scheduler import RateMeter, StepScheduler, Usable, dissect_moment
from tinynet_gui.qt import single_shot

MOMENTS = 128  # states recorded up to the stop step, besides those shown
MAX_KEPT_STATES = 4  # states kept of earlier runs, whose last messages may not have arrived yet


class Worker(QObject):
    """Lives in the training thread. Commands arrive by `obey`, a queued slot, and act between two steps.

    A change to a run from outside is an event, which names the step at which it acted and is sent with the next frame.
    One frame is sent at a time, the next after `acknowledge`, but a last state always at once. `dissected` has the next
    step, without taking it; after `failed`, training has stopped, and the next command is obeyed.

    The sender of a command first makes the element of `interrupt`, uint8 of shape (1,), nonzero, so that a chunk of
    slow steps ends with the current step; `obey` resets it.
    """

    frame_ready = Signal(object)
    failed = Signal(int, str)
    dissected = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.interrupt = np.zeros(1, dtype=np.uint8)
        self._command = 0  # the last one received: every message carries its number
        self._trainer: Trainer | None = None
        self._run: Run | None = None
        self._watch = HeldOutWatch()
        self._rule = self._last_rule = events.StepRule(Config())  # the next step's and the last step's
        self._wanted_engine: EngineName = "PyTorch"
        self._usable = Usable()
        self._kept_states: dict[int, tuple[TrainerState, events.StepRule]] = {}
        self._progress = RunProgress(0)
        self._last_edit_step: int | None = None  # the last step at which a parameter was set by hand
        self._record_every = 1
        self._running = False
        self._steps_wanted = 0  # single steps that wait until an engine is usable
        self._dissection_wanted: list[replay.Moment | None] = []  # likewise, at most one
        self._stop_at = 0
        self._frame_id = 0
        self._scheduler = StepScheduler()
        self._rate = RateMeter()
        self._timer = single_shot(self, 0, self._tick)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)

    @Slot(object)
    def obey(self, command: Callable[[], None]) -> None:
        """Carry out a command; its sender has interrupted the chunk in progress."""
        self.interrupt[0] = 0
        self._carry_out(command)

    def _carry_out(self, command: Callable[[], None]) -> None:
        """Stop training and report an exception instead of losing it in Qt's event loop."""
        try:
            command()
        except Exception:
            self.halt()
            self.failed.emit(self._command, traceback.format_exc())

    def begin(self, command: int, run: Run) -> None:
        """Continue a run, or make its first network; keeps running if it was."""
        try:
            self._leave()
        except Exception:  # the old run may be broken; the new one need not be
            self.failed.emit(self._command, traceback.format_exc())
        self._command = command
        self._run, self._trainer = run, None
        self._make_trainer(run)

    def forget(self) -> None:
        """Drop all runs, with the steps that were never reported."""
        self._kept_states.clear()
        self._trainer = self._run = None

    def _leave(self) -> None:
        """Store the state of the current run before another one begins."""
        if self._trainer is None or self._run is None:
            return
        if self._progress:
            self._publish("running" if self._running else "paused")
        self._kept_states[self._run.id] = self._trainer.state(), self._rule
        while len(self._kept_states) > MAX_KEPT_STATES:
            del self._kept_states[next(iter(self._kept_states))]

    def _make_trainer(self, run: Run) -> None:
        if run.config.network.needs_torch and not self._usable.pytorch:
            return  # called again once PyTorch is loaded
        trainer = Trainer(run.config, run.dataset)
        self._rule, self._wanted_engine = run.start.after(run.events), run.wanted.engine
        self._last_edit_step = next((e.step for e in reversed(run.events) if isinstance(e, events.ParameterSet)), None)
        left = self._kept_states.pop(run.id, None)
        if left is not None and left[0].step >= run.step:
            state, self._rule = left
            trainer.load(state)
        elif run.checkpoints:
            trainer.load(replay.with_parameters_set(run.checkpoints[-1], run.events_at(run.step)))
        if trainer.step == run.step:
            trainer.diverged_at = run.diverged_at
        self._trainer, self._last_rule = trainer, run.diverged_by or self._rule
        self._watch = run.watch_held_out()
        self._set_frozen(self._rule.frozen)
        self._progress = RunProgress(trainer.step)
        self._scheduler.begin_run()
        self._steps_wanted, self._dissection_wanted = 0, []
        self._follow_engine()
        self._rate.restart(trainer.step)
        self._publish("restarted")
        if self._running:
            self._timer.start(0)

    def apply_live(self, config: Config) -> None:
        """Change live fields; they act on the next step."""
        if self._trainer is not None:
            before, step = self._trainer.config, self._trainer.step
            self._trainer.apply_live(config)
            if config.data != before.data:
                self._watch = HeldOutWatch()
            if config.training.patience != before.training.patience:
                self._watch.since = max(self._watch.since, step)
            self._note(events.LiveSettingsChanged(self._trainer.step, config))

    def set_parameter(self, ref: ParameterRef, value: float) -> None:
        trainer = self._trainer
        if trainer is not None:
            trainer.settle()
            if self._last_edit_step != trainer.step:
                self._progress.checkpoints.append(trainer.state())  # before the edit
            trainer.edit(ref, value)
            self._last_edit_step = trainer.step
            self._note(events.ParameterSet(trainer.step, ref, value))

    def freeze(self, frozen: frozenset[Ref]) -> None:
        if self._trainer is not None:
            self._set_frozen(frozen)
            self._note(events.FrozenChanged(self._trainer.step, frozen))

    def _set_frozen(self, frozen: frozenset[Ref]) -> None:
        assert self._trainer is not None
        self._trainer.set_frozen(frozen_masks(frozen, self._trainer.state().parameters))

    def _note(self, event: events.Event) -> None:
        self._progress.events.append(event)
        self._rule = self._rule.after([event])
        self._follow_engine()
        self._publish_if_idle()

    def _engine(self) -> EngineName | None:
        """Return the engine for the next step; None while it is still loading."""
        return self._usable.engine(self._wanted_engine, bool(self._rule.frozen))

    def _follow_engine(self) -> None:
        """Record which engine takes the steps from here on, as an event of the run."""
        engine = self._engine()
        if self._trainer is not None and engine is not None and engine != self._rule.engine:
            change = events.EngineChanged(self._trainer.step, engine)
            self._progress.events.append(change)
            self._rule = self._rule.after([change])

    def set_pace(self, pace: Pace) -> None:
        self._scheduler.choose(pace)
        if self._running:
            self._timer.start(0)

    def set_usable(self, usable: Usable) -> None:
        """Set which engines, already imported, can be used from now on."""
        self._usable = usable
        if self._trainer is None and self._run is not None:
            self._make_trainer(self._run)
        else:
            self._follow_engine()
            self._publish_if_idle()
        if self._steps_wanted:
            self._take_by_hand()
        self._dissect_if_possible()
        if self._running:
            self._timer.start(0)

    def set_engine(self, engine: EngineName) -> None:
        self._wanted_engine = engine
        self._follow_engine()
        self._publish_if_idle()

    def start(self, command: int, stop_at: int, at_full_speed: bool) -> None:
        self._command = command
        self._stop_at = stop_at
        self._record_every = max(1, stop_at // MOMENTS)
        self._scheduler.start(at_full_speed)
        if self._trainer is None and self._run is not None:
            self._make_trainer(self._run)  # it failed the first time
        self._running = True
        self._rate.restart(0 if self._trainer is None else self._trainer.step)
        self._timer.start(0)

    def pause(self, command: int) -> None:
        self._command = command
        was_running = self._running
        self.halt()
        if was_running and self._trainer is not None:
            self._publish("paused")

    def take_steps(self, command: int, steps: int) -> None:
        self._command = command
        self.halt()
        self._steps_wanted = steps
        self._take_by_hand()

    def _take_by_hand(self) -> None:
        if self._trainer is not None and self._engine() is not None:
            steps, self._steps_wanted = self._steps_wanted, 0
            self._take(steps, np.zeros(1, dtype=np.uint8))
            self._publish("diverged" if self._trainer.diverged_at is not None else "paused")

    def acknowledge(self, frame_id: int) -> None:
        self._scheduler.acknowledged(frame_id, self._engine())
        if self._running:
            self._timer.start(0)

    def dissect(self, command: int, moment: replay.Moment | None) -> None:
        """Pause and dissect the next step, or the one after `moment`, without taking it."""
        self._command = command
        self.halt()
        self._dissection_wanted = [moment]
        self._dissect_if_possible()

    def _dissect_if_possible(self) -> None:
        if self._trainer is None or self._run is None or not self._dissection_wanted or self._engine() is None:
            return
        moment = self._dissection_wanted.pop()
        self._publish("paused")
        here = moment or replay.Moment(self._trainer.state(), self._rule)
        wanted = here.rule.engine if moment else self._wanted_engine
        engine = self._usable.engine(wanted, bool(here.rule.frozen)) or "PyTorch"
        self.dissected.emit(here, dissect_moment(here, engine))

    @Slot()
    def halt(self) -> None:
        """Stop training silently."""
        self._running = False
        self._timer.stop()

    @Slot()
    def _tick(self) -> None:
        self._carry_out(self._go_on)

    def _go_on(self) -> None:
        """Run one chunk, publish if it is time, and schedule the next tick."""
        trainer = self._trainer
        engine = self._engine()
        if not self._running or trainer is None or engine is None:
            return
        self._take(self._scheduler.chunk(engine, self._stop_at - trainer.step), self.interrupt)
        if trainer.diverged_at is not None:
            self._publish("diverged")
        elif trainer.step >= self._stop_at:
            self._publish("stop step")
        elif self._watch.is_over(trainer.config, trainer.step):
            self._publish("no better")
        else:
            if self._scheduler.is_frame_due():
                self._publish("running")
            if (wait := self._scheduler.wait_s()) is not None:
                self._timer.start(round(wait * 1000))

    def _take(self, steps: int, stop: Stop) -> None:
        trainer, engine = self._trainer, self._engine()
        if steps <= 0 or trainer is None or engine is None:
            return
        first, started, self._last_rule = trainer.step, perf_counter(), self._rule
        losses, states, held_out = advance_watching(trainer, engine, steps, self._watch, stop, self._record_every)
        if trainer.step > first:
            self._scheduler.costs.measure(engine, (perf_counter() - started) / (trainer.step - first))
        self._progress.losses.append(losses)
        self._progress.checkpoints += states
        self._progress.held_out += held_out
        self._scheduler.took(trainer.step - first)
        self._rate.mark(trainer.step)

    def _publish_if_idle(self) -> None:
        """Publish a change made while training is stopped, including which engine would take the next step."""
        if self._trainer is not None and not self._running:
            self._publish("paused")

    def _publish(self, status: WorkerStatus) -> None:
        trainer = self._trainer
        assert trainer is not None
        assert self._run is not None
        started = perf_counter()
        trainer.is_by_torch = self._engine() == "PyTorch"
        snapshot = trainer.snapshot(self._run.id)
        if snapshot.validation_loss is not None:
            self._watch.see([(snapshot.step, snapshot.validation_loss)])
        status = "diverged" if snapshot.diverged_at is not None else status
        if status in ENDS:
            self.halt()
        self._frame_id += 1
        frame = Frame(
            frame_id=self._frame_id,
            command=self._command,
            snapshot=snapshot,
            losses=self._progress.condensed_losses(),
            events=tuple(self._progress.events),
            checkpoints=tuple(self._progress.checkpoints),
            engine=self._rule.engine,
            steps_per_second=self._rate.steps_per_second if status == "running" else 0.0,
            status=status,
            diverged_by=None if snapshot.diverged_at is None else self._last_rule,
            held_out=tuple(self._progress.held_out),
            step_seconds=self._scheduler.costs.lowest(self._rule.engine),
        )
        self._progress = RunProgress(trainer.step)
        self._scheduler.published(self._frame_id, perf_counter() - started)
        self.frame_ready.emit(frame)
