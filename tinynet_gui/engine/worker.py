"""The training thread's one object: runs the trainer in short chunks and publishes frames."""

import functools
import importlib
import traceback
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Concatenate, Literal, ParamSpec, cast

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config
from tinynet_gui.core.run.checkpoints import Checkpoint, Masks
from tinynet_gui.core.run.held_out import held_out_losses
from tinynet_gui.core.run.loss_history import condense
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.engine.clock import TRAINING_SHARE, FrameClock, RateMeter
from tinynet_gui.engine.engines import EngineChoice, Engines
from tinynet_gui.engine.frame import Event, Frame
from tinynet_gui.engine.pace import BY_HAND, FULL_SPEED, PACES, TUTORIAL_PACE, Pace

if TYPE_CHECKING:
    from tinynet_gui.core.training.trainer import Trainer

Place = tuple[int, str, tuple[int, ...]]  # affine layer, "weight" or "bias", index; a shorter one: all within it
CHUNK_S = 0.008  # a chunk of steps takes about this long, so that a pause is heard within it
MOMENTS = 128  # recorded between the first step and the one to stop at, besides those that are shown
P = ParamSpec("P")


WorkerMethod = Callable[Concatenate["Worker", P], None]


def _reporting(method: WorkerMethod[P]) -> WorkerMethod[P]:
    """Stop training and report an exception instead of losing it in Qt's event loop."""

    @functools.wraps(method)
    def wrapper(self: "Worker", *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            method(self, *args, **kwargs)
        except Exception:
            self.halt()
            self.failed.emit(self._command, traceback.format_exc())

    return cast(WorkerMethod[P], wrapper)


class Worker(QObject):
    """Lives in the training thread. The lab's commands arrive as queued signals.

    Signals
    -------
    ready
        PyTorch is loaded.
    frame_ready : Frame
        One at a time: the next comes after `acknowledge`, but a last state always comes at once.
    dissected : Dissection
        The next step of the current run, taken apart; the run has not moved.
    failed : int, str
        The command under way and the traceback of an exception; training has stopped, the next command is
        obeyed.

    Attributes
    ----------
    interrupt
        One element, uint8. Whoever sends a command makes it nonzero first, so that a chunk of slow steps ends
        with the step under way; the command's slot takes it back.
    """

    ready = Signal()
    frame_ready = Signal(object)
    failed = Signal(int, str)
    dissected = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.interrupt = np.zeros(1, dtype=np.uint8)
        self._command = 0
        self._trainer: Trainer | None = None
        self._wanted: tuple[int, Config, TrainerState | None] | None = None
        self._run_id = 0
        self._frozen: Masks | None = None
        self._checkpoints: list[Checkpoint] = []  # since the last frame
        self._held_out: list[tuple[int, float]] = []  # likewise
        self._record_every = 1
        self._chosen_pace: Pace = PACES[TUTORIAL_PACE]
        self._pace = self._chosen_pace  # another one only for fast-forward
        self._running = False
        self._stop_at = 0
        self._frame_id = 0
        self._frame_steps = 0  # taken since the last frame
        self._losses: list[Array] = []
        self._losses_from = 0
        self._engines = Engines()
        self._next_step_at = 0.0
        self._clock = FrameClock()
        self._rate = RateMeter()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    @Slot()
    @_reporting
    def load(self) -> None:
        """Import PyTorch, which takes longer than everything else at start-up."""
        import torch

        importlib.import_module("tinynet_gui.core.training.trainer")
        torch.set_num_threads(1)  # more of them make networks of this size slower
        self.ready.emit()

    @Slot(int, int, object, object)
    @_reporting
    def begin(self, command: int, run_id: int, config: Config, state: TrainerState | None) -> None:
        """Make a new run, at its first step or at a given state; goes on running if it was."""
        self._hear(command)
        self._wanted = (run_id, config, state)
        self._make_run(run_id, config, state)

    def _make_run(self, run_id: int, config: Config, state: TrainerState | None) -> None:
        from tinynet_gui.core.training.trainer import Trainer

        self._trainer = None
        trainer = Trainer(config)
        if state is not None:
            trainer.load(state)
        self._trainer, self._run_id = trainer, run_id
        self._losses, self._losses_from, self._frame_steps = [], trainer.step, 0
        self._engines.forget_speeds()
        self._engines.needs_pytorch = False
        self._frozen, self._checkpoints, self._held_out = None, [], []
        self._rate.restart(trainer.step)
        self._publish("started anew")
        if self._running:
            self._timer.start(0)
        else:
            QTimer.singleShot(0, self._prepare)

    @Slot()
    @_reporting
    def _prepare(self) -> None:
        """Do what the first step would have to do, while nobody waits for it."""
        if self._trainer is not None:
            self._trainer.prepare()

    @Slot(object)
    @_reporting
    def apply_live(self, config: Config) -> None:
        """Change live fields; they act on the next step."""
        self.interrupt[0] = 0
        if self._trainer is not None:
            self._trainer.apply_live(config)
            self._record()
            self._publish_if_still()

    @Slot(int, str, object, float)
    @_reporting
    def edit(self, layer: int, kind: Literal["weight", "bias"], index: tuple[int, ...], value: float) -> None:
        """Set one parameter by hand; training goes on from there."""
        self.interrupt[0] = 0
        if self._trainer is not None:
            self._trainer.edit(layer, kind, index, value)
            self._record(is_edited=True)
            self._publish_if_still()

    @Slot(object)
    @_reporting
    def freeze(self, places: frozenset[Place]) -> None:
        """Hold these parameters at their values, and no others."""
        self.interrupt[0] = 0
        if self._trainer is None:
            return
        masks = tuple(np.zeros(p.shape, dtype=bool) for p in self._trainer.state().parameters)
        for layer, kind, index in places:
            masks[2 * layer + (kind == "bias")][index] = True
        self._frozen = masks if places else None
        self._trainer.set_frozen(self._frozen)
        self._engines.needs_pytorch = bool(places)
        self._record()
        self._publish_if_still()

    def _record(self, is_edited: bool = False) -> None:
        trainer = self._trainer
        if trainer is not None:
            self._checkpoints.append(Checkpoint(trainer.state(), trainer.config, self._frozen, is_edited))

    @Slot(object)
    @_reporting
    def set_pace(self, pace: Pace) -> None:
        """Go at another speed from now on."""
        self._chosen_pace = self._pace = pace
        self._next_step_at = 0.0
        if self._running:
            self._timer.start(0)

    @Slot()
    @_reporting
    def load_kernel(self) -> None:
        """From now on the compiled loop can be used."""
        self._engines.load_kernel()
        self._publish_if_still()

    @Slot(str)
    @_reporting
    def set_engine(self, choice: EngineChoice) -> None:
        """Train by the engine of the user's choice, from the next step on."""
        self._engines.choice = choice
        self._publish_if_still()

    @Slot(int, int, bool)
    @_reporting
    def start(self, command: int, stop_at: int, at_full_speed: bool) -> None:
        """Train until a step, at the current pace or as fast as it goes."""
        self._hear(command)
        self._stop_at = stop_at
        self._record_every = max(1, stop_at // MOMENTS)
        self._pace = PACES[FULL_SPEED] if at_full_speed else self._chosen_pace
        if self._trainer is None and self._wanted is not None:
            self._make_run(*self._wanted)  # it failed the first time
        if self._trainer is not None:
            self._running = True
            self._next_step_at = 0.0
            self._rate.restart(self._trainer.step)
            self._timer.start(0)

    @Slot(int)
    @_reporting
    def pause(self, command: int) -> None:
        """Stop and publish where training stands."""
        self._hear(command)
        was_running = self._running
        self.halt()
        if was_running and self._trainer is not None:
            self._publish("paused")

    @Slot(int, int)
    @_reporting
    def take_steps(self, command: int, steps: int) -> None:
        """Take a few steps, then stand still."""
        self._hear(command)
        self.halt()
        if self._trainer is not None:
            self._pace = BY_HAND
            self._run(steps, np.zeros(1, dtype=np.uint8))  # a step that was asked for is taken
            self._publish("diverged" if self._trainer.diverged_at is not None else "paused")

    @Slot(int)
    @_reporting
    def acknowledge(self, frame_id: int) -> None:
        """A frame has been drawn; the next may come."""
        # The compiled loop holds no lock, and a training at some pace waits for the frame anyway.
        at_full_speed = self._pace.steps_per_frame is None and self._pace.steps_per_second is None
        is_starved = at_full_speed and self._engines.engine_for(self._pace) == "PyTorch"
        self._clock.acknowledged(frame_id, TRAINING_SHARE if is_starved else 0.0)
        if self._running:
            self._timer.start(0)

    @Slot(int, object)
    @_reporting
    def dissect(self, command: int, moment: Checkpoint | None) -> None:
        """Stand still and take the next step apart, or the one that follows a recorded moment; none is taken."""
        from tinynet_gui.core.analysis.dissection import dissect

        self._hear(command)
        self.halt()
        if self._trainer is not None:
            self._publish("paused")
            here = moment or Checkpoint(self._trainer.state(), self._trainer.config, self._frozen)
            self.dissected.emit(dissect(here.config, here.state, here.frozen, self._take_by_hand))

    def _take_by_hand(self, trainer: "Trainer") -> None:
        """Take a step as `take_steps` takes it, in a trainer that is not the run's."""
        if trainer.has_frozen:  # as it was at that moment: the compiled loop cannot do it
            trainer.run(1)
        else:
            self._engines.run(trainer, 1, BY_HAND, np.zeros(1, dtype=np.uint8))

    def _hear(self, command: int) -> None:
        """A command has arrived; what comes from here on answers it."""
        self._command = command
        self.interrupt[0] = 0

    @Slot()
    def halt(self) -> None:
        """Stop training without a word."""
        self._running = False
        self._timer.stop()

    @Slot()
    @_reporting
    def _tick(self) -> None:
        """Run one chunk, publish if it is time, and arrange the next tick."""
        trainer = self._trainer
        if not self._running or trainer is None:
            return
        self._run(self._chunk_steps(trainer.step), self.interrupt)
        if trainer.diverged_at is not None:
            self.halt()
            self._publish("diverged")
        elif trainer.step >= self._stop_at:
            self.halt()
            self._publish("stop step")
        else:
            if self._frame_complete() and not self._clock.is_in_flight and self._clock.seconds_until_due() <= 0:
                self._publish("running")
            self._arrange_next_tick()

    def _chunk_steps(self, step: int) -> int:
        """How many steps to take in this tick, at least 0."""
        steps = self._engines.steps_within(CHUNK_S, self._pace)
        if self._pace.steps_per_second is not None:
            now = perf_counter()
            if now < self._next_step_at:
                return 0
            steps = 1
            self._next_step_at = max(self._next_step_at, now - 1.0) + 1 / self._pace.steps_per_second
            if self._next_step_at < now:  # the first step, or the thread was held up
                self._next_step_at = now + 1 / self._pace.steps_per_second
        elif self._pace.steps_per_frame is not None:
            steps = min(steps, self._pace.steps_per_frame - self._frame_steps)
        return max(0, min(steps, self._stop_at - step))

    def _frame_complete(self) -> bool:
        if self._pace.steps_per_frame is not None:
            return self._frame_steps >= self._pace.steps_per_frame
        return self._frame_steps > 0

    def _arrange_next_tick(self) -> None:
        """Tick again at once while there are steps to take; else when a frame or a step is due."""
        if self._pace.steps_per_second is not None:
            wait = self._next_step_at - perf_counter()
        elif self._pace.steps_per_frame is not None and self._frame_complete():
            if self._clock.is_in_flight:
                return  # the acknowledgement ticks
            wait = self._clock.seconds_until_due()
        else:
            wait = 0.0
        self._timer.start(max(0, round(wait * 1000)))

    def _run(self, steps: int, stop: npt.NDArray[np.uint8]) -> None:
        trainer = self._trainer
        if steps <= 0 or trainer is None:
            return
        first = trainer.step
        losses, states = self._engines.run(trainer, steps, self._pace, stop, self._record_every)
        self._losses.append(losses)
        self._checkpoints += [Checkpoint(state, trainer.config, self._frozen) for state in states]
        self._held_out += held_out_losses(trainer.config, trainer.dataset, states)
        self._frame_steps += trainer.step - first
        self._rate.mark(trainer.step)

    def _publish_if_still(self) -> None:
        """Say what has changed, if no step is going to: also which engine would take it."""
        if self._trainer is not None and not self._running:
            self._publish("paused")

    def _publish(self, event: Event) -> None:
        trainer = self._trainer
        assert trainer is not None
        started = perf_counter()
        snapshot = trainer.snapshot(self._run_id)
        if snapshot.diverged_at is not None and event != "diverged":
            self.halt()
            event = "diverged"
        losses = np.concatenate(self._losses) if self._losses else np.empty(0, dtype=np.float32)
        self._frame_id += 1
        frame = Frame(
            frame_id=self._frame_id,
            command=self._command,
            snapshot=snapshot,
            losses=condense(self._losses_from, losses),
            checkpoints=tuple(self._checkpoints),
            engine=self._engines.engine_for(self._pace),
            steps_per_second=self._rate.steps_per_second if event == "running" else 0.0,
            event=event,
            held_out=tuple(self._held_out),
        )
        self._losses, self._losses_from, self._frame_steps = [], trainer.step, 0
        self._checkpoints, self._held_out = [], []
        self._clock.published(self._frame_id, perf_counter() - started)
        self.frame_ready.emit(frame)
