"""The session that a lesson's page begins with, in place of the learner's own, and the moments that pages are about."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject

from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.luck import course_of
from tinynet_gui.core.lessons.lesson import Lesson, LessonStep, TrainOn
from tinynet_gui.core.lessons.measurements import Measured
from tinynet_gui.core.lessons.playing import premises
from tinynet_gui.core.lessons.playing.course import LessonProgress, PageMoment, cut_back
from tinynet_gui.core.run.replay import branch_from, known_moment
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import Session, new_session
from tinynet_gui.core.wording.maps import read_map
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.session.session_controller import SessionController
from tinynet_gui.qt import single_shot


def session_of_page(progress: LessonProgress, own: Session, seeds: premises.Seeds | None) -> Session:
    """Return a session with the setting of the furthest page, or else the latest setting before it.

    Preview, sharpness and twin are off, as they would give the answer away. Pace and engine are the learner's.
    """
    steps = progress.lesson.steps[: progress.reached + 1]
    settings = (premises.setting_of_page(step, seeds) for step in reversed(steps))
    config = next((setting for setting in settings if setting is not None), Config())
    wanted = next((step.map for step in reversed(steps) if step.map), "")
    hidden = hidden_in(progress.lesson, own.view.hidden)
    view = replace(own.view, pinned=None, switched_off=frozenset(), hidden=hidden, map=wanted)
    view = replace(view, shows_preview=False, shows_sharpness=False, shows_twin=False, shows_modes=False)
    return replace(new_session(config), pace=own.pace, engine=own.engine, view=view)


def hidden_in(lesson: Lesson, own: frozenset[str]) -> frozenset[str]:
    """Return what the lesson hides, and what the teacher has hidden, except what a page needs."""
    return lesson.hidden | (own - premises.needed_by(lesson.steps))


def measured_now(state: AppState) -> Measured | None:
    """Return the measurements of the current moment; None until the snapshot is of the current run and step."""
    is_recomputed = state.looks_back and state.past is None
    if state.snapshot is None or state.snapshot.run_id != state.run.id or is_recomputed:
        return None
    wanted = state.session.view.map
    return Measured(state.snapshot, state.run, read_map(wanted) if wanted else None, state.session.runs)


def is_reproducible(run: Run, moment: PageMoment, step: LessonStep, before: PageMoment | None) -> bool:
    """Whether retraining would reproduce a page's moment: not after edits by hand, nor from an opened network.

    A page that trains on with other samples only needs that from the moment of the page before.
    """
    if moment.config.network.first_weights is not None:
        return False
    if before is None or not isinstance(step.action, TrainOn) or not premises.trains_on(step.action, moment.config):
        return course_of(run).is_plain
    last = course_of(run).segments[-1]
    return last.step == before.step and not last.by_hand and not last.rule.frozen


def current_moment(state: AppState) -> tuple[int, PageMoment]:
    moment = state.snapshot if state.snapshot is not None else state.run
    lost = state.run.diverged_at  # retraining must go this far to diverge again
    step = lost if lost is not None and moment.step == state.run.step else moment.step
    return state.run.id, PageMoment(state.config, step)


def is_at(state: AppState, step: int) -> bool:
    return state.snapshot is not None and (state.snapshot.run_id, state.snapshot.step) == (state.run.id, step)


class LessonPlaces:
    """Navigates the session to the moments of pages.

    A run that no longer exists is retrained. `is_applying`: a navigation of several changes is in progress. `strayed`:
    the page shown or one that it builds on, and its premises that were changed.
    """

    def __init__(self, session: SessionController, parent: QObject) -> None:
        self._session = session
        self._steps: Sequence[LessonStep] = ()
        # By page: the id of its run, 0 if that no longer exists, and the moment.
        self._places: dict[int, tuple[int, PageMoment]] = {}
        self._target: tuple[int, int] | None = None  # the page being retrained, and its step
        self._ahead: list[int] = []  # the pages after it whose samples the retrained run still has to take
        self._go_on_timer = single_shot(parent, 0, self._go_on, "lessonGoesOn")
        self.is_applying = False
        self._seeds: premises.Seeds | None = None
        self._strayed_at = dict[int, premises.Strayed]()  # the pages that were completed with other settings
        self.strayed: tuple[int, premises.Strayed] | None = None
        self._watched = -1  # the page shown at the last call of `watch`
        self._strayed_cache: tuple[object, premises.Strayed | None] = None, None

    @property
    def is_retraining(self) -> bool:
        return self._target is not None or bool(self._ahead)

    def begin(self, progress: LessonProgress, moments: Mapping[int, PageMoment], seeds: premises.Seeds | None) -> None:
        """Take over the moments of a lesson's pages; their runs no longer exist."""
        self._steps, self._seeds, self.strayed = progress.lesson.steps, seeds, None
        self._places, self._strayed_cache = {at: (0, moment) for at, moment in moments.items()}, (None, None)
        seen = {at: premises.strayed_to(self._premises(at), moment.config) for at, moment in progress.moments.items()}
        self._strayed_at = {at: strays for at, strays in seen.items() if strays is not None}

    def enter(self, at: int) -> None:
        """Begin a run with a page's setting; without one, continue from the moment of the page before."""
        step = self._steps[at]
        if (config := premises.setting_of_page(step, self._seeds)) is not None:
            self.begin_run(config)
        elif at:
            self.show(at - 1)
        if step.map:
            self._session.set_view(map=step.map)

    def note(self, at: int) -> PageMoment:
        """Record the current moment as the one that a page is about, and return it."""
        self._places[at] = _, moment = current_moment(self._session.state)
        return moment

    def note_done(self, at: int) -> PageMoment:
        """Record the current moment as the one at which a page was completed, and return it."""
        if (strays := self._strayed_now(at)) is not None:
            self._strayed_at[at] = strays
        return self.note(at)

    def watch(self, progress: LessonProgress) -> bool:
        """Update `strayed` for the page shown; return whether it changed."""
        was, at = self.strayed, progress.at
        is_arriving = self.is_applying or self.is_retraining or (progress.status == "enter" and at == progress.reached)
        is_there, self._watched = at == self._watched, at
        self.strayed = None if is_arriving or progress.is_at_end or not is_there else self._find_strayed(at)
        return self.strayed != was

    def restore_page(self, progress: LessonProgress) -> LessonProgress:
        """Restore the premises of the page shown; if it was completed without them, it must be completed again.

        A run that strayed from it is retrained: from the page's step on it would take the same steps.
        """
        assert self.strayed is not None
        at = self.strayed[0]
        left = {self._session.state.run.id, self._places[at][0] if at in self._places else 0}
        self._places = {k: (0 if run in left else run, moment) for k, (run, moment) in self._places.items()}
        if at in self._strayed_at:
            self._strayed_at = {k: strays for k, strays in self._strayed_at.items() if k < at}
            self._places = {k: place for k, place in self._places.items() if k < at}
            progress = cut_back(progress, at, "enter" if self._steps[at].action is None else "act")
        if at < progress.reached or progress.status == "done":
            self.show(at)
        else:
            self.enter(at)
        return progress

    def _premises(self, at: int) -> premises.Premises:
        return premises.premises(self._steps, at, self._seeds)

    def _find_strayed(self, at: int) -> tuple[int, premises.Strayed] | None:
        """Return the earliest page it builds on that was completed with other settings, else itself if it strays."""
        first = at
        while first and self._steps[first].setting is None:
            first -= 1
        if (done := min((k for k in self._strayed_at if first <= k <= at), default=None)) is not None:
            return done, self._strayed_at[done]
        strays = self._strayed_now(at)
        return None if strays is None else (at, strays)

    def _strayed_now(self, at: int) -> premises.Strayed | None:
        run, step = self._session.state.run, self._session.state.session.cursor.step
        taken = isinstance(self._steps[at].action, TrainOn) and run.step
        if (key := (at, step, run.id, run.wanted, run.events, taken)) != self._strayed_cache[0]:  # unlike most frames
            self._strayed_cache = key, premises.strayed(self._premises(at), run, step)
        return self._strayed_cache[1]

    def show(self, at: int, *ahead: int) -> None:
        """Go to the moment of a page, then train on through the pages `ahead`.

        A page without a setting continues the run of the page before: it is retrained from there, and shows the moment
        of that page as long as it has none itself.
        """
        step, place = self._steps[at], self._places.get(at)
        goes_on = at > 0 and step.setting is None
        if place is None and goes_on:
            self.show(at - 1, *ahead)
            return
        run_id, moment = place or current_moment(self._session.state)
        has_run, action = self._session.state.session.has(run_id), step.action
        if not has_run and goes_on and isinstance(action, TrainOn) and premises.trains_on(action, moment.config):
            self.show(at - 1, at, *ahead)
            return
        self.stop()
        self._ahead = [*ahead]
        if not has_run:
            self._target = at, moment.step
            self.begin_run(moment.config, moment.step)
            return
        self.is_applying = True
        self._session.open_kept_run(run_id)
        self._session.look_at(moment.step if moment.step < self._session.state.run.step else None)
        self.is_applying = False
        if ahead:
            self._target = at, moment.step
            self.has_arrived()

    def begin_run(self, config: Config, step: int = 0) -> None:
        self.is_applying = True
        self._session.open_config(config)
        if step:
            self._session.fast_forward(step)
        self.is_applying = False

    def has_arrived(self) -> bool:
        """Go on to the next page ahead if the target moment is current; return whether it was the last target."""
        state, target = self._session.state, self._target
        is_recomputed = state.looks_back and state.past is None
        if target is None or self.is_applying or is_recomputed:
            return False
        at, step = target
        if not (is_at(state, step) or state.status.phase == "diverged"):
            return False
        self._target = None
        self.note(at)
        if self._ahead:
            self._go_on_timer.start()
        return not self._ahead

    def stop(self) -> None:
        self._target = None
        self._ahead = []

    def _go_on(self) -> None:
        """Train on with the samples of the next page ahead, in a branch, so that the run so far is kept."""
        state = self._session.state
        if not self._ahead or state.snapshot is None:
            return
        at, *self._ahead = self._ahead
        action = self._steps[at].action
        assert isinstance(action, TrainOn)
        config = state.config.replace("data.points", premises.samples_to_train_on(action, state.config))
        moment = state.past or known_moment(state.run, state.run.step, state.snapshot)
        so_far = state.run, moment, state.run.id
        self._target, self.is_applying = (at, action.step), True
        goes_on = branch_from(*so_far, config, state.snapshot.state.parameters, state.run.wanted.engine)
        self._session.open_branch(goes_on, trains=False)
        self._session.fast_forward(action.step)
        self.is_applying = False
