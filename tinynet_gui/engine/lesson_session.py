"""The session that a page of a lesson begins with, in place of the learner's own, and what of it the page is about."""

from dataclasses import replace

from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.course import course_of
from tinynet_gui.core.lessons.lesson import Lesson, LessonStep, TrainOn
from tinynet_gui.core.lessons.measurements import Measured
from tinynet_gui.core.lessons.playing.course import LessonProgress, PageMoment
from tinynet_gui.core.lessons.playing.premises import Seeds, needed_by, setting_of_page, trains_on
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import Session, new_session
from tinynet_gui.core.wording.map_line import read_map
from tinynet_gui.engine.session.app_state import AppState


def session_of_page(progress: LessonProgress, own: Session, seeds: Seeds | None) -> Session:
    """Return a session with the setting of the furthest page, or else the last one before it, in force.

    Preview, sharpness and twin are off: they would show the answer to the question. Pace and engine are the learner's.
    """
    steps = progress.lesson.steps[: progress.reached + 1]
    config = next((found for step in reversed(steps) if (found := setting_of_page(step, seeds)) is not None), Config())
    wanted = next((step.map for step in reversed(steps) if step.map), "")
    hidden = hidden_in(progress.lesson, own.view.hidden)
    view = replace(own.view, pinned=None, switched_off=frozenset(), hidden=hidden, map=wanted)
    view = replace(view, shows_preview=False, shows_sharpness=False, shows_twin=False, shows_modes=False)
    return replace(new_session(config), pace=own.pace, engine=own.engine, view=view)


def hidden_in(lesson: Lesson, own: frozenset[str]) -> frozenset[str]:
    """Return what is hidden in a lesson: what it hides, and what a teacher has hidden that no page of it needs."""
    return lesson.hidden | (own - needed_by(lesson.steps))


def measured_in_sight(state: AppState) -> Measured | None:
    """Return the measurements of the moment in sight; None while it is not yet that of the intended run and step."""
    is_recomputed = state.looks_back and state.past is None
    if state.snapshot is None or state.snapshot.run_id != state.run.id or is_recomputed:
        return None
    wanted = state.session.view.map
    return Measured(state.snapshot, state.run, read_map(wanted) if wanted else None, state.session.runs)


def is_reached_again(run: Run, moment: PageMoment, step: LessonStep, before: PageMoment | None) -> bool:
    """Whether training leads to the moment of a page again: not if the network was changed on its way, or opened.

    A page that goes on with other samples is reached from the moment of the page before.
    """
    if moment.config.network.first_weights is not None:
        return False
    if before is None or not isinstance(step.action, TrainOn) or not trains_on(step.action, moment.config):
        return course_of(run).is_plain
    last = course_of(run).segments[-1]
    return last.step == before.step and not last.by_hand and not last.rule.frozen


def place_in_sight(state: AppState) -> tuple[int, PageMoment]:
    """Return the run in sight and its moment."""
    moment = state.snapshot if state.snapshot is not None else state.run
    lost = state.run.diverged_at  # the step that no network came out of: trained to there, a run diverges again
    step = lost if lost is not None and moment.step == state.run.step else moment.step
    return state.run.id, PageMoment(state.config, step)


def stands_at(state: AppState, step: int) -> bool:
    """Whether the moment in sight is this step of the run."""
    return state.snapshot is not None and (state.snapshot.run_id, state.snapshot.step) == (state.run.id, step)
