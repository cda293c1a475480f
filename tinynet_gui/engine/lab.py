"""The one owner of a run: what the user wants goes in, what the views show comes out."""

import atexit
import dataclasses
import math
import sys
import weakref
from collections.abc import Mapping
from typing import Any

import numpy as np
import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal, Slot

from tinynet_gui.core.analysis.question import Question
from tinynet_gui.core.config import MAX_SEED, Config, changed_paths, needs_reset
from tinynet_gui.core.run.checkpoints import Checkpoint
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.engine.advisor import Advisor
from tinynet_gui.engine.engines import EngineChoice
from tinynet_gui.engine.experimenter import Experimenter
from tinynet_gui.engine.frame import Frame
from tinynet_gui.engine.gui_collector import GuiCollector
from tinynet_gui.engine.kernel_loader import KernelPhase
from tinynet_gui.engine.kernel_setup import KernelSetup
from tinynet_gui.engine.pace import PACES, TUTORIAL_PACE, Pace
from tinynet_gui.engine.piece_finder import PieceFinder
from tinynet_gui.engine.preview_controller import EndInSight
from tinynet_gui.engine.run_record import RunRecord
from tinynet_gui.engine.run_state import RunState
from tinynet_gui.engine.training_thread import TrainingThread
from tinynet_gui.engine.undo import Edit, ParameterEdit, SettingsEdit, UndoStack
from tinynet_gui.engine.worker import Place

RESTART_DELAY_MS = 150  # a quick series of edits makes one new run
LARGEST = float(np.finfo(np.float32).max)


class Lab(QObject):
    """Owns the current configuration, the run's state and its history, and the training thread.

    Signals
    -------
    config_changed : Config
    snapshot_changed : Snapshot
        A new moment of the current run; moments of older runs are dropped.
    run_state_changed : RunState
    run_began
        A new run: the history is empty again.
    undo_changed
        What can be undone or redone is another now.
    dissected : Dissection
        The next step of the current run, or one that was asked for, taken apart.
    failed : str
        The traceback of an exception in training. The lab goes on; a reset makes a new run.
    """

    config_changed = Signal(object)
    snapshot_changed = Signal(object)
    run_state_changed = Signal(object)
    run_began = Signal()
    undo_changed = Signal()
    dissected = Signal(object)
    failed = Signal(str)

    def __init__(self, config: Config | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._config = config or Config()
        self._pace = PACES[TUTORIAL_PACE]
        self._run_id = 0
        self._run_state = RunState(stop_at=self._config.training.stop_step)
        self._snapshot: Snapshot | None = None
        self._edits = UndoStack()
        self._drawn_frame_id = 0
        self._is_loaded = False
        self._is_over = False
        self.record = RunRecord()

        self._restart = QTimer(self)
        self._restart.setSingleShot(True)
        self._restart.setInterval(RESTART_DELAY_MS)
        self._restart.timeout.connect(self._begin)
        self._after_drawing = QTimer(self)  # fires when the paints that a frame asked for are done
        self._after_drawing.setSingleShot(True)
        self._after_drawing.setInterval(0)
        self._after_drawing.timeout.connect(self._acknowledge)

        self.end_in_sight = EndInSight(self)
        self.end_in_sight.failed.connect(self.report)
        self.advisor = Advisor(self)
        self.advisor.failed.connect(self.report)
        self.piece_finder = PieceFinder(self)
        self.piece_finder.failed.connect(self.report)
        self.experimenter = Experimenter(self)
        self.experimenter.failed.connect(self.report)
        self._kernel = KernelSetup(self.end_in_sight, self)
        self._kernel.phase_changed.connect(self._on_kernel_phase_changed)
        self._kernel.failed.connect(self.report)
        self._collector = GuiCollector(self)
        self._training = TrainingThread(self)
        self._training.ready.connect(self._on_loaded)
        self._training.frame_ready.connect(self._on_frame_ready)
        self._training.failed.connect(self._on_failed)
        self._training.dissected.connect(self.dissected)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.shut_down)

    # What is so now

    @property
    def config(self) -> Config:
        """The current configuration, as last set."""
        return self._config

    @property
    def run_state(self) -> RunState:
        """What the training is doing."""
        return self._run_state

    @property
    def snapshot(self) -> Snapshot | None:
        """The latest moment of the current run, or None before the first."""
        return self._snapshot

    @property
    def is_running(self) -> bool:
        """Whether steps are being taken, or will be as soon as PyTorch is loaded."""
        return self._run_state.phase == "running"

    @property
    def next_undo(self) -> Edit | None:
        """The edit that `undo` would take back, or None."""
        return self._edits.next_undo

    @property
    def next_redo(self) -> Edit | None:
        """The edit that `redo` would make again, or None."""
        return self._edits.next_redo

    def question(self, neuron: tuple[int, int] | None = None) -> Question | None:
        """Return what to ask the advisor of this moment, or of a neuron in it, (layer, index)."""
        if self._snapshot is None or self.record.recording is None:
            return None
        losses, counts = self.record.losses.means()
        return Question(self._snapshot, losses, self.record.recording.checkpoints, neuron, counts)

    # What the user wants

    def open(self) -> None:
        """Start the training thread, load PyTorch there and make the first run."""
        atexit.register(_shut_down_if_alive, weakref.ref(self))
        self._training.open()
        self._training.set_pace(self._pace)
        self._begin(stop_at=self._run_state.stop_at)

    def edit(self, changes: Mapping[str, Any]) -> None:
        """Change fields, named by dotted path; live ones act on the next step, others start anew.

        Raises
        ------
        ConfigError
            If a value is not allowed; nothing has changed then.
        """
        plain = self._config.to_dict()
        for path, value in changes.items():
            section, name = path.split(".")
            plain[section][name] = value
        self.set_config(Config.from_dict(plain))

    def set_config(self, config: Config) -> None:
        """Take over a whole configuration; this can be undone."""
        if config == self._config:
            return
        self._edits.push(SettingsEdit(self._config, config))
        self._change_config(config)

    def undo(self) -> None:
        """Take the last edit back."""
        match self._edits.undo():
            case SettingsEdit(before=config):
                self._change_config(config)
            case ParameterEdit() as edit:
                self._set_parameter(edit, edit.before)

    def redo(self) -> None:
        """Make the edit again that was taken back last."""
        match self._edits.redo():
            case SettingsEdit(after=config):
                self._change_config(config)
            case ParameterEdit() as edit:
                self._set_parameter(edit, edit.after)

    def set_pace(self, pace: Pace) -> None:
        """Go at another speed, from the next step on; a fast-forward goes on at that speed."""
        self._pace = pace
        self._training.set_pace(pace)
        self._set_run_state(is_fast_forward=False)

    def start(self) -> None:
        """Train up to the stop step; from there on, for as many steps again."""
        self._run_until(self._next_stop())

    def run_to(self, step: int) -> None:
        """Train up to a given step, at the current pace."""
        self._run_until(step)

    def follow_advice(self, changes: Mapping[str, Any]) -> None:
        """Make the changes that were suggested, and begin anew with them; undo takes them back."""
        self.edit(changes)
        self.reset()

    def dissect(self, moment: Checkpoint | None = None) -> None:
        """Stand still, and take the next step of this run apart without taking it; or that after a moment of it."""
        self._flush_restart()
        if self._run_state.phase == "running":
            self._set_run_state(phase="paused", steps_per_second=0.0)
        self._training.dissect(moment)

    def edit_parameter(self, layer: int, kind: str, index: tuple[int, ...], value: float) -> None:
        """Set one weight or bias by hand; a training that is running goes on from there. It can be undone.

        A value beyond float32 is its largest; one that is not finite changes nothing.
        """
        if self._snapshot is None or not math.isfinite(value):
            return
        value = min(max(value, -LARGEST), LARGEST)
        here = self._snapshot.layers[layer]
        before = here.bias[index] if kind == "bias" else here.weight[index]
        edit = ParameterEdit(layer, kind, index, float(before), value)
        self._set_parameter(edit, value, goes_on=self._edits.push(edit))

    def freeze(self, places: frozenset[Place]) -> None:
        """Hold these parameters of the current run at their values, and no others."""
        self._training.freeze(places)

    def fast_forward(self, step: int | None = None) -> None:
        """Train up to a given step, or to where `start` would stop, as fast as it goes."""
        self._run_until(self._next_stop() if step is None else step, is_fast_forward=True)

    def set_engine(self, choice: EngineChoice) -> None:
        """Choose what takes the steps, from the next one on."""
        self._training.set_engine(choice)

    def open_run(self, config: Config) -> None:
        """Make this the current run and train it to its end; undo brings the settings of now back."""
        self.set_config(config)
        self._begin()
        self.fast_forward()

    def pause(self) -> None:
        """Stop training after the steps under way; within a few milliseconds."""
        self._training.pause()
        if self._run_state.phase == "running":
            self._set_run_state(phase="paused", steps_per_second=0.0)

    def take_step(self) -> None:
        """Take one step and stand still."""
        self._flush_restart()
        self.end_in_sight.forget()
        self._set_run_state(phase="paused", steps_per_second=0.0)
        self._training.take_steps(1)

    def reset(self) -> None:
        """Go back to step 0 and the same initial weights, and stand still."""
        self._training.pause()
        self.end_in_sight.forget()
        self._set_run_state(phase="ready" if self._is_loaded else "loading", steps_per_second=0.0)
        self._begin()

    def new_seed(self) -> None:
        """Take other initial weights: the next seed."""
        seed = self._config.network.seed
        self.edit({"network.seed": seed + 1 if seed < MAX_SEED else 0})

    def restore_tutorial(self) -> None:
        """Go back to the tutorial's own settings, at step 0; the settings can be undone."""
        self.set_config(Config())
        self.reset()

    @Slot()
    def shut_down(self) -> None:
        """End all threads and wait for them; what they have sent does not arrive any more. Twice is harmless.

        Raises
        ------
        RuntimeError
            If one of them does not end; the others have.
        """
        self._is_over = True
        self._restart.stop()
        self._after_drawing.stop()
        self._kernel.stop()
        troubles: list[str] = []
        for owner in (self.experimenter, self.advisor, self.piece_finder, self.end_in_sight, self._training):
            try:
                owner.shut_down()
            except RuntimeError as error:
                troubles.append(str(error))
        self._collector.stop()
        if troubles:
            raise RuntimeError("; ".join(troubles))

    # How it comes about

    def _next_stop(self) -> int:
        """The stop step; beyond it, as many steps again as often as it takes."""
        every = self._config.training.stop_step
        step = self._snapshot.step if self._snapshot is not None and not self._restart.isActive() else 0
        return (step // every + 1) * every

    def _run_until(self, stop_at: int, is_fast_forward: bool = False) -> None:
        self._flush_restart()
        self.end_in_sight.forget()
        self._set_run_state(phase="running", stop_at=stop_at, is_fast_forward=is_fast_forward)
        self._training.start(stop_at, is_fast_forward)

    def _change_config(self, config: Config) -> None:
        before, self._config = self._config, config
        self.config_changed.emit(config)
        self.undo_changed.emit()
        self.end_in_sight.settings_changed(config, training_goes_on=self.is_running)
        if needs_reset(before, config):
            self._restart.start()
        elif not self._restart.isActive():
            self._apply_live(before, config)

    def _apply_live(self, before: Config, config: Config) -> None:
        self._training.apply_live(config)
        if "training.stop_step" in changed_paths(before, config):
            self._move_stop_step()
        if self._snapshot is not None:
            self.record.mark_settings(self._snapshot.step, before, config)

    def _set_parameter(self, edit: ParameterEdit, value: float, goes_on: bool = False) -> None:
        self._training.edit(edit.layer, edit.kind, edit.index, value)
        if self._snapshot is not None:
            self.record.mark_parameter(self._snapshot.step, edit.label, value, goes_on=goes_on)
        self.undo_changed.emit()

    def _move_stop_step(self) -> None:
        stop_at = self._config.training.stop_step
        if self.is_running and self._snapshot is not None and stop_at <= self._snapshot.step:
            self.pause()
            self._set_run_state(phase="finished", stop_at=stop_at)
            return
        self._set_run_state(stop_at=stop_at)
        if self.is_running:
            self._training.start(stop_at, self._run_state.is_fast_forward)
        elif self._run_state.phase == "finished":
            self._set_run_state(phase="paused")

    def _flush_restart(self) -> None:
        if self._restart.isActive():
            self._begin()

    @Slot()
    def _begin(self, state: TrainerState | None = None, stop_at: int | None = None) -> None:
        """Make a new run of the current configuration; a training that is running goes on with it."""
        self._restart.stop()
        self._run_id += 1
        self._snapshot = None
        self.record = RunRecord()
        self._edits.forget_run()
        self.undo_changed.emit()
        stop_at = stop_at or self._config.training.stop_step
        self._training.begin(self._run_id, self._config, state)
        self.run_began.emit()
        if self.is_running:
            self._set_run_state(stop_at=stop_at)
            self._training.start(stop_at, self._run_state.is_fast_forward)
        else:
            self._set_run_state(phase="ready" if self._is_loaded else "loading", stop_at=stop_at)

    def _set_run_state(self, **changes: Any) -> None:
        state = dataclasses.replace(self._run_state, **changes)
        if state != self._run_state:
            self._run_state = state
            self.run_state_changed.emit(state)

    @Slot(object)
    def _on_frame_ready(self, frame: Frame) -> None:
        if self._is_over:
            return
        self._drawn_frame_id = frame.frame_id
        self._after_drawing.start()
        snapshot = frame.snapshot
        if snapshot.run_id != self._run_id:
            return
        self._snapshot = snapshot
        self.record.add(frame)
        self.snapshot_changed.emit(snapshot)
        self._follow(frame)

    def _follow(self, frame: Frame) -> None:
        """Let the run's phase follow what the worker says of it, if it has heard the last command."""
        if frame.command != self._training.latest_command:
            return
        self._set_run_state(engine=frame.engine)
        if frame.event == "diverged":
            self._set_run_state(phase="diverged", steps_per_second=0.0)
        elif frame.event == "stop step":
            self._set_run_state(phase="finished", steps_per_second=0.0)
        elif frame.event == "started anew":
            if not self.is_running:
                self._set_run_state(phase="ready")
        elif self.is_running:
            self._set_run_state(steps_per_second=frame.steps_per_second)
        elif frame.event == "paused" and self._run_state.phase == "diverged":
            # numbers were set by hand, and the loss is finite again
            self._set_run_state(phase="paused" if frame.snapshot.step > 0 else "ready")

    @Slot(int, str)
    def _on_failed(self, command: int, text: str) -> None:
        if command == self._training.latest_command:
            self._set_run_state(phase="paused", steps_per_second=0.0)
        self.report(text)

    @Slot(str)
    def report(self, text: str) -> None:
        """Tell of an unexpected exception: on stderr, and by `failed`."""
        sys.stderr.write(text)
        self.failed.emit(text)

    @Slot()
    def _on_loaded(self) -> None:
        self._is_loaded = True
        self._kernel.begin_soon()

    @Slot(str)
    def _on_kernel_phase_changed(self, phase: KernelPhase) -> None:
        if phase == "ready":
            self._training.load_kernel()
            self._collector.leave_out_what_is_loaded()
        self._set_run_state(kernel=phase)

    @Slot()
    def _acknowledge(self) -> None:
        self._training.acknowledge(self._drawn_frame_id)


def _shut_down_if_alive(lab: weakref.ref[Lab]) -> None:
    """End a lab's threads where the program ends without closing it: Qt aborts if it destroys a running one."""
    alive = lab()
    if alive is not None and shiboken6.isValid(alive):
        alive.shut_down()
