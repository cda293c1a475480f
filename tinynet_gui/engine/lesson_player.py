"""Plays a lesson in a separate session, step by step, as the learner completes its tasks."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from time import monotonic, time

from PySide6.QtCore import QObject, Signal, Slot

from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons import expression, measured_names, measurements
from tinynet_gui.core.lessons.lesson import Goal, Lesson, RunExperiment, TrainOn, TrainTo
from tinynet_gui.core.lessons.playing import course, memory, predictions, premises
from tinynet_gui.core.lessons.playing.course import GoalChecked, LessonProgress, PageMoment, Unmet
from tinynet_gui.core.lessons.playing.goal import check_goal
from tinynet_gui.core.text.language import gettext as _, speaking
from tinynet_gui.engine import lesson_session
from tinynet_gui.engine.jobs.jobs import Jobs, with_report
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.session.session_controller import SessionController

GOAL = "goal of a lesson"  # the key of its job


class LessonPlayer(QObject):
    """Owns the learner's progress; it runs at most one training, experiment or check of a goal at a time.

    Attributes
    ----------
    is_busy
        Whether the action of the step's button is in progress.
    unmet
        The result of the last check of the step's goal, if it was not reached.
    has_failed
        Whether a check of the step's goal has failed so far.
    is_reopened
        Whether the lesson was finished when opened, perhaps by somebody else; reset by `go_on` and `restart`.

    Signals
    -------
    beginning
        The user's own session is about to be suspended.
    changed
        Any attribute has changed.
    share_changed : float
        The share done of the check of a goal.
    experiment_wanted : RunExperiment
        The receiver runs it with the current settings, and calls `experiment_ended`.
    """

    beginning = Signal()
    changed = Signal()
    share_changed = Signal(float)
    experiment_wanted = Signal(object)

    def __init__(self, session: SessionController, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self.progress: LessonProgress | None = None
        self.is_busy = False
        self.unmet: Unmet | None = None
        self.has_failed = self.is_reopened = False
        self._seeds: premises.Seeds | None = None
        self._places = lesson_session.LessonPlaces(session, self)
        self._change: Callable[[measurements.Measured], LessonProgress] | None = None  # waits for a measured moment
        self._begun = 0.0  # now minus the time played so far, breaks excluded
        session.changed.connect(self._follow)

    def begin(self, lesson: Lesson, remembered: object = None, seeds: premises.Seeds | None = None) -> None:
        """Play a lesson from where it was left; the user's own session is suspended until `leave`.

        `remembered` is what `to_plain` returned then; without it, or if it is of another lesson, the lesson begins at
        its first step. `seeds`, of the network and the data, are for all settings that do not fix theirs.
        """
        self._seeds = seeds
        progress = memory.from_plain(remembered, lesson)
        self._go_to(progress, is_reopened=progress.is_finished)

    @property
    def is_retraining(self) -> bool:
        """Whether a page's run is being retrained up to the page's moment."""
        return self._places.is_retraining

    def go_on(self) -> None:
        """Revisit a finished lesson."""
        self.is_reopened = False
        self.changed.emit()

    def restart(self) -> None:
        if self.progress is not None:
            self._go_to(course.begin(self.progress.lesson))

    def reload(self, lesson: Lesson) -> None:
        """Continue in another version of the lesson, on the same page if possible."""
        was, now = self.progress, lesson_session.measured_now(self._session.state)
        if was is None:
            return
        progress = memory.reloaded(was, lesson, now or {})
        if (progress.reached, progress.status) == (was.reached, was.status):
            self._session.set_view(hidden=lesson_session.hidden_in(lesson, self._session.state.own_session.view.hidden))
            self._put(progress)
        else:
            self._go_to(progress)

    def leave(self) -> None:
        """End the lesson and restore the user's own session."""
        self._stop()
        if self.progress is not None:
            self._put(self.progress, force=True)  # notes the time played
            self.progress = None
            self._sync_open_question()
            self._session.resume_own()
            self.changed.emit()

    @property
    def strayed(self) -> premises.Strayed | None:
        """Which premises of the page shown, or of a page that it builds on, the learner has changed."""
        return None if self._places.strayed is None else self._places.strayed[1]

    def restore_page(self) -> None:
        """Restore the setting and moment that the page is about."""
        if self.progress is not None and self.strayed is not None:
            self.cancel()
            self._change, self.unmet, self.has_failed = None, None, False
            self._put(self._places.restore_page(self.progress), force=True)
            self._check_progress()
            self._watch()

    def answer(self, given: predictions.Answer | predictions.Skipped) -> None:
        """Answer or skip the question. Without an action, the step is about its page's first moment: that is shown."""
        if (progress := self.progress) is None or progress.status != "ask" or self.is_busy:
            return
        if progress.step.action is None and not (self.is_retraining and self._session.state.is_running):
            self._places.show(progress.reached)
        if self.is_retraining:
            self._set_busy(True)
        self._when_measured(lambda now: course.answer(progress, given, now))

    def go_back(self) -> None:
        if self.progress is not None:
            self._turn_to(course.go_back(self.progress))

    def go_next(self) -> None:
        """Show the next step; a new one begins with its setting."""
        if self.progress is None:
            return
        was = self.progress
        self._turn_to(course.go_next(was))
        if self.progress.reached != was.reached:
            self.unmet, self._change, self.has_failed = None, None, False
            self._places.enter(self.progress.reached)
            self._check_progress()

    def act(self) -> None:
        if self.progress is None or self.progress.status != "act" or self.is_busy:
            return
        match self.progress.step.action:
            case TrainOn():
                self._set_busy(True)
                self._places.show(self.progress.reached - 1, self.progress.reached)
            case TrainTo(step=step):
                self._set_busy(True)
                if not lesson_session.is_at(self._session.state, step):
                    self._session.fast_forward(step)
                self._check_training()
            case RunExperiment() as wanted:
                self._set_busy(True)
                self.experiment_wanted.emit(wanted)
            case Goal(seeds=0):
                self._set_busy(True)
                self._check_goal()
            case Goal() as goal:
                self._check_on_seeds(goal, self.progress)

    def cancel(self) -> None:
        """Cancel the action in progress; the step waits for it again."""
        if self.is_busy and self.progress is not None:
            if self.progress.status == "ask" or isinstance(self.progress.step.action, TrainTo):
                self._places.stop()
                self._session.pause()
            self._change = None
            self._jobs.stop(GOAL)
            self._set_busy(False)

    def begin_experiment(self) -> None:
        """Wait for the step's experiment, which was begun elsewhere."""
        self._set_busy(True)

    def experiment_ended(self, numbers: Mapping[str, float] | None) -> None:
        """Use the result of an experiment; None if it was not completed."""
        if not self.is_busy or self.progress is None or not isinstance(self.progress.step.action, RunExperiment):
            return
        if numbers is None:
            self._set_busy(False)
        else:
            self._complete_action(numbers)

    def _turn_to(self, progress: LessonProgress) -> None:
        was = self.progress
        if was is not None and was.at == was.reached and was.status == "act":
            self._places.note(was.at)
        self._put(progress)
        if was is not None and progress.at != was.at and progress.status != "enter":
            self._places.show(progress.at)
            self._check_progress()
        self._watch()

    # Following the session

    def _go_to(self, progress: LessonProgress, *, is_reopened: bool = False) -> None:
        self._stop()
        if self.progress is None:
            self.beginning.emit()
        self.progress, self.is_reopened = progress, is_reopened
        self._begun = monotonic() - progress.times.played
        session = lesson_session.session_of_page(progress, self._session.state.own_session, self._seeds)
        begins = {} if progress.step.setting is None else {progress.reached: PageMoment(session.run.config, 0)}
        self._places.begin(progress, {**begins, **progress.moments}, self._seeds)
        self._session.suspend_for(session)
        self._sync_open_question()
        self._places.show(progress.at)
        self.changed.emit()
        self._check_progress()

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        if self.progress is None:
            return
        if new.suspended_session is None:  # another session has been opened
            self._stop()
            self.progress = None
            self._sync_open_question()
            self.changed.emit()
            return
        if self.unmet is not None and new.run.id != old.run.id and not self._is_still_unmet(new.config):
            self.unmet = None  # it belonged to another run, or another setting
            self.changed.emit()
        if self._places.has_arrived():
            self.changed.emit()
        self._check_progress()
        self._watch()

    def _watch(self) -> None:
        if self.progress is not None and self._places.watch(self.progress):
            self.changed.emit()

    def _is_still_unmet(self, config: Config) -> bool:
        """Whether the failed check applies to these settings, too: its counterexample, with any seed."""
        example = None if self.unmet is None else self.unmet.counterexample
        return example is not None and example.replace("network.seed", config.network.seed) == config

    def _check_progress(self) -> None:
        progress, now = self.progress, lesson_session.measured_now(self._session.state)
        if progress is None or now is None or self._places.is_applying or progress.at != progress.reached:
            return
        if progress.status == "enter" and not self.is_retraining:
            if progress.step.setting is not None:
                self._places.note(progress.reached)
            self._put(course.entered(progress, now))
            self._check_progress()  # its condition may already hold
        elif progress.status == "act" and progress.step.acts:
            self._put(course.noticed(progress, now))
        elif self._change is not None and not self.is_retraining:
            self._apply_change(now)
        elif progress.status == "act":
            self._check_training()
            self._check_goal()

    def _check_training(self) -> None:
        """Complete the step once the run shows its training step, has passed it, or has diverged before it.

        Training that the learner starts by hand counts, too; it stops at the same step.
        """
        action = None if self.progress is None else self.progress.step.action
        state = self._session.state
        if not isinstance(action, TrainTo) or state.snapshot is None or self.is_retraining:
            return
        if isinstance(action, TrainOn) and not premises.trains_on(action, state.snapshot.config):
            return
        is_on_its_way = state.run.step >= action.step
        if state.is_running and not self.is_busy:
            self._set_busy(True)
        if self.is_busy and state.run.step > action.step and not state.looks_back:  # a chunk may go past the step
            self._session.fast_forward(action.step)
        elif state.is_running:
            return
        elif lesson_session.is_at(state, action.step) or (state.status.phase == "diverged" and not is_on_its_way):
            self._complete_action()
        elif self.is_busy and state.status.phase in ("paused", "finished") and not is_on_its_way:  # paused by the user
            self._set_busy(False)

    def _check_on_seeds(self, goal: Goal, progress: LessonProgress) -> None:
        self._set_busy(True)
        given = self._session.config, goal, progress.known, progress.lesson.language
        then, on_share = self._on_checked, lambda share, _partial: self.share_changed.emit(share)
        self._jobs.submit(GOAL, with_report(check_goal), *given, on_result=then, on_progress=on_share)

    def _check_goal(self) -> None:
        """Check a goal for the current run, once a moment of it has been measured."""
        goal = None if self.progress is None else self.progress.step.action
        now = lesson_session.measured_now(self._session.state)
        if self.progress is None or now is None or not self.is_busy or not isinstance(goal, Goal) or goal.seeds:
            return
        scope = course.scope_of(self.progress, now)
        if goal.condition.holds(scope):
            self._complete_action()
        else:
            with speaking(self.progress.lesson.language):
                unmet = Unmet(_("Not yet. {why}").format(why=expression.unmet_text(goal.condition, scope)))
            self._refuse(unmet)

    def _on_checked(self, checked: GoalChecked | None) -> None:
        if not self.is_busy or self.progress is None:
            return
        if checked is None:
            self._set_busy(False)
        elif checked.is_met:
            self._complete_action(checked.numbers)
        else:
            self._refuse(Unmet(checked.text, checked.counterexample))

    def _complete_action(self, found: Mapping[str, float] | None = None) -> None:
        """Complete the step once the current run has a moment for the reveal to use."""
        if (progress := self.progress) is not None:
            self._when_measured(lambda now: course.acted(progress, now, found))

    def _when_measured(self, change: Callable[[measurements.Measured], LessonProgress]) -> None:
        self._change = change
        self._check_progress()

    def _apply_change(self, now: measurements.Measured) -> None:
        change, self._change = self._change, None
        if change is not None:
            self.is_busy, self.unmet = False, None
            self._put(change(now), force=True)
            self._check_progress()

    def _refuse(self, unmet: Unmet) -> None:
        self.is_busy, self.unmet, self.has_failed = False, unmet, True
        self.changed.emit()

    def _put(self, progress: LessonProgress, *, force: bool = False) -> None:
        if progress is not self.progress or force:
            progress = self._with_moment(progress)
            self.progress = course.at_time(progress, monotonic() - self._begun, int(time() / 60))
            self._sync_open_question()
            self._places.watch(self.progress)
            self.changed.emit()

    def _sync_open_question(self) -> None:
        """Tell the session whether a question is open; the change must not count as progress."""
        was_applying, self._places.is_applying = self._places.is_applying, True
        asked = self.progress.step if self.progress is not None and self.progress.is_asking else None
        is_between = asked is not None and not {measured_names.HILL, measured_names.VALLEY}.isdisjoint(asked.show)
        self._session.set_question_open(asked is not None, shows_runs=is_between)
        self._places.is_applying = was_applying

    def _with_moment(self, progress: LessonProgress) -> LessonProgress:
        """Add the moment of a step that has just been completed, if training can reproduce it."""
        was, place = self.progress, progress.reached
        if progress.status != "done" or (was is not None and (was.status, was.reached) == ("done", place)):
            return progress
        moment, before = self._places.note_done(place), progress.moments.get(place - 1)
        is_kept = lesson_session.is_reproducible(self._session.state.run, moment, progress.step, before)
        return replace(progress, moments={**progress.moments, place: moment}) if is_kept else progress

    def _set_busy(self, is_busy: bool) -> None:
        self.is_busy, self.unmet = is_busy, None
        self.changed.emit()

    def _stop(self) -> None:
        self._jobs.cancel(GOAL)
        self._places.stop()
        self._change, self.is_busy, self.unmet, self.has_failed = None, False, None, False
