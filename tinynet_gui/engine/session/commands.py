"""The user's commands on the runs, the past, edits by hand, and the view."""

import math
from collections.abc import Hashable
from dataclasses import replace
from typing import Any

from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef, Ref, fits_widths
from tinynet_gui.core.run import events, history, replay
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import FinishedExperiment, OwnLosses, Session, with_experiment
from tinynet_gui.core.text.language import N_
from tinynet_gui.core.text.shortened import encodable
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.engine.session.app_state import Playing, phase_at_rest
from tinynet_gui.engine.session.dispatcher import CurrentRun, command, queued, when_exact


class EditingByHand(CurrentRun):
    """Session commands on the run's weights and neurons."""

    @command
    @when_exact
    def set_parameter(self, ref: ParameterRef, value: float, gesture: Hashable | None = None) -> None:
        """Set one weight or bias by hand; a running training continues from there. It can be undone.

        A value beyond float32's range is clamped. Nothing happens if the new value is not finite, or the old one: undo
        could not restore it.
        """
        snapshot = self._state.snapshot
        if snapshot is None or snapshot.run_id != self._state.run.id:
            return
        before = float(snapshot.state.parameters[ref.array][ref.index])
        if not (math.isfinite(before) and math.isfinite(value)):
            return
        value = min(max(value, -events.LARGEST), events.LARGEST)
        self._remember(history.ParameterEdit(ref, before, value), gesture)
        self._training.set_parameter(ref, value)

    @command
    @when_exact
    def freeze(self, ref: Ref, frozen: bool) -> None:
        """Freeze a weight, a neuron or a layer of the current run, or unfreeze it. It can be undone."""
        if not fits_widths(self.config.network.widths, ref):
            return  # it is of the previous network, still on screen
        self._flush_restart()
        before = self._state.session.rule.frozen
        after = before | {ref} if frozen else before - {ref}
        if after != before:
            self._remember(history.FrozenEdit(before, after))
            self._set_frozen(after)

    @command
    def switch_off(self, ref: NeuronRef, off: bool) -> None:
        """Draw the curve without a neuron, or with it again. It can be undone."""
        view, network = self._state.session.view, self.config.network
        if ref.layer >= len(network.hidden) or not fits_widths(network.widths, ref):
            return
        after = view.switched_off | {ref} if off else view.switched_off - {ref}
        if after != view.switched_off:
            self._remember(history.SwitchedOffEdit(view.switched_off, after))
            self._put_session(view=replace(view, switched_off=after))

    def _set_frozen(self, frozen: frozenset[Ref]) -> None:
        self._put_run(wanted=replace(self._state.run.wanted, frozen=frozen))
        self._training.freeze(frozen)


class LookingBack(CurrentRun):
    """Session commands on the current step.

    A past moment is recomputed in the background (`engine.session.past`) and handed in here. A change to a run in its
    past waits until the exact moment is there; then it begins a branch, and the original run stays.
    """

    @command
    def look_at(self, step: int | None) -> None:
        """Pause and show a past step of the run, or its latest with None; nothing is changed."""
        self._put_playing(None)
        self._move_to(step)

    @command
    def play(self, playing: Playing) -> None:
        """Play the recorded steps at the pace of the training; from an end, start at the other one."""
        if not self._state.looks_back and self._state.run.step > 0:
            self.look_at(0 if playing.direction > 0 else self._state.run.step - 1)
        if self._state.looks_back:
            self._put_playing(playing)

    # Callbacks of whatever recomputes the past

    @queued
    def advance(self, step: int | None) -> None:
        self._move_to(step)

    @queued
    def accept_past(self, moment: replay.PastMoment) -> None:
        cursor, snapshot = self._state.session.cursor, moment.snapshot
        if cursor.step is None or snapshot.run_id != cursor.run_id:
            return
        self._put(snapshot=snapshot)
        if moment.asked != cursor.step:
            return  # the user has moved on, and should see the view follow
        if snapshot.step != cursor.step:
            self._put(session=self._state.session.looking_at(snapshot.step))
        if self._state.looks_back:
            self._put(past=moment)
        waiting, self._waiting = self._waiting, ()
        for change in waiting:
            change()

    @queued
    def accept_nearest(self, snapshot: Snapshot) -> None:
        """Show a moment near the current step while the exact one is recomputed."""
        if self._state.looks_back and self._state.past is None and snapshot.run_id == self._state.run.id:
            self._put(snapshot=snapshot)

    def _move_to(self, step: int | None) -> None:
        session = self._state.session.looking_at(step)
        if session is self._state.session:
            return
        if session.looks_back:
            self._pause_training()
        self._waiting = ()
        self._put(session=session, past=None)
        if not session.looks_back:
            self._put(snapshot=self._state.latest)


class Showing(LookingBack):
    """Session commands on the view."""

    def pin(self, ref: Ref | None) -> None:
        self.set_view(pinned=ref)

    @command
    def set_view(self, **changes: Any) -> None:
        """Change the view: fields of `core.run.session.ViewState`."""
        self._put_session(view=replace(self._state.session.view, **changes))

    @command
    def show_all(self) -> None:
        """Show everything that is hidden from students. It can be undone."""
        if hidden := self._state.session.view.hidden:
            self._remember(history.AllShown(hidden))
            self.set_view(hidden=frozenset())

    @command
    def set_question_open(self, question_is_open: bool, *, shows_runs: bool = False) -> None:
        """Set whether a question is open: until it is answered nothing may give the answer away, and a training pauses.

        Selected runs are still drawn if the question is about what lies between them.
        """
        if (question_is_open, shows_runs) != (self._state.question_is_open, self._state.shows_runs):
            self._put(question_is_open=question_is_open, shows_runs=shows_runs)
            if question_is_open and self._state.is_moving:
                self._put_playing(None)
                self._pause_training()


class KeepingRuns(CurrentRun):
    """Session commands on runs other than the current one."""

    @command
    def open_run(self, config: Config, engine: EngineName, *, trains: bool = True) -> None:
        """Open a setting as a new run, made with this engine, and train it to its end if `trains`; can be undone."""
        self._open(self._state.session.with_new_run(config, engine, N_("opening a run")), trains=trains)

    @command
    def open_branch(self, branch: Run, *, trains: bool) -> None:
        """Open a run made elsewhere, and train it to its end if `trains`; can be undone."""
        self._open(self._state.session.with_run_opened(branch, N_("opening a run")), trains=trains)

    @command
    def open_training(self, run: Run, beside: Run | None) -> None:
        """Open a training recorded elsewhere, with a run to compare it with; can be undone."""
        self._open(self._state.session.with_run_opened(run, N_("opening a training"), beside), trains=False)

    def _open(self, session: Session, *, trains: bool) -> None:
        self._pause_training()
        self._put(session=session)
        self._put_status(phase=phase_at_rest(self._state), steps_per_second=0.0)
        self._begin()
        if trains:
            self._run_until(self._next_stop(), is_fast_forward=True)

    @command
    def open_kept_run(self, run_id: int) -> None:
        """Pause, and switch to another run at its latest step; can be undone."""
        session = self._state.session
        if run_id == session.cursor.run_id or not session.has(run_id):
            return
        entry = history.RunChosen(session.cursor.run_id, run_id, N_("opening a run"), session.cursor.step)
        self._open(session.at_run(run_id, session.history.with_entry(entry)), trains=False)

    @command
    def keep(self) -> None:
        """Keep the current run, trained or not, and overlay it on others."""
        self._mark_run(self._state.run.id, is_kept=True, is_shown=True)

    def star(self, run_id: int, starred: bool) -> None:
        """Protect a run from automatic removal, or stop doing so."""
        self._mark_run(run_id, is_starred=starred)

    def show_run(self, run_id: int, shown: bool) -> None:
        """Overlay a run on the current one, or stop doing so."""
        self._mark_run(run_id, is_shown=shown)

    def rename(self, run_id: int, name: str) -> None:
        """Name a run; "" restores the name made from its differences from others."""
        self._mark_run(run_id, name=encodable(name.strip()))

    @command
    def delete_run(self, run_id: int) -> None:
        session = self._state.session
        if run_id != session.cursor.run_id and session.has(run_id):
            self._remember(history.RunDeleted(run_id, N_("deleting a run")))
            self._mark_run(run_id, is_deleted=True)

    @command
    def set_baseline(self, run_id: int | None) -> None:
        """Compare with a run; None ends the comparison."""
        self._put_session(baseline=run_id)

    @command
    def keep_experiment(self, asked: FinishedExperiment) -> None:
        self._put_session(experiments=with_experiment(self._state.session.experiments, asked))

    @command
    def keep_own_losses(self, losses: OwnLosses) -> None:
        """Keep the losses of a loop outside the program, in place of earlier ones."""
        self._put_session(own_losses=losses)

    @command
    def _mark_run(self, run_id: int, **changes: Any) -> None:
        if self._state.session.has(run_id):
            self._put(session=self._state.session.with_run_as(run_id, **changes))
