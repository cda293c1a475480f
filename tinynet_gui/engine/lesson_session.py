"""The session that a page of a lesson begins with, in place of the learner's own, and what of it the page is about."""

from dataclasses import replace

from tinynet_gui.core.config import Config, tutorial
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.experiments.course import course_of
from tinynet_gui.core.lessons.lesson import LessonStep, TrainOn
from tinynet_gui.core.lessons.measurements import Measured
from tinynet_gui.core.lessons.playing.course import LessonProgress, PageMoment
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import Session, new_session
from tinynet_gui.core.training.dataset import points_of
from tinynet_gui.core.wording.map_line import read_map
from tinynet_gui.engine.session.app_state import AppState

Seeds = tuple[int, int]  # of the network and of the data


def session_of_page(progress: LessonProgress, own: Session, seeds: Seeds | None) -> Session:
    """Return a session with the setting of the furthest page, or else the last one before it, in force.

    Preview, sharpness and twin are off: they would show the answer to the question. Pace and engine are the learner's.
    """
    steps = progress.lesson.steps[: progress.reached + 1]
    config = next((found for step in reversed(steps) if (found := setting_of(step, seeds)) is not None), tutorial())
    wanted = next((step.map for step in reversed(steps) if step.map), "")
    view = replace(own.view, pinned=None, switched_off=frozenset(), hidden=progress.lesson.hidden, map=wanted)
    view = replace(view, shows_preview=False, shows_sharpness=False, shows_twin=False, shows_modes=False)
    return replace(new_session(config), pace=own.pace, engine=own.engine, view=view)


def setting_of(step: LessonStep, seeds: Seeds | None) -> Config | None:
    """Return a page's setting for a new run, with other seeds if some are given and it does not fix its own."""
    if step.setting is None:
        return None
    setting = step.setting.drawn_here()
    if step.fixed_seeds or seeds is None:
        return setting
    network, data = seeds
    return setting.replace("network.seed", network).replace("data.seed", data)


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


def samples_of(action: TrainOn, config: Config) -> Points:
    """Return the samples that a run of a configuration goes on with: those that are drawn are drawn with its seed."""
    return points_of(replace(action.setting.data, seed=config.data.seed))


def trains_on(action: TrainOn, config: Config) -> bool:
    """Whether a configuration is that of a run which has gone on with the samples of an action."""
    return config.data.points == samples_of(action, config)


def place_in_sight(state: AppState) -> tuple[int, PageMoment]:
    """Return the run in sight and its moment."""
    moment = state.snapshot if state.snapshot is not None else state.run
    lost = state.run.diverged_at  # the step that no network came out of: trained to there, a run diverges again
    step = lost if lost is not None and moment.step == state.run.step else moment.step
    return state.run.id, PageMoment(state.config, step)


def stands_at(state: AppState, step: int) -> bool:
    """Whether the moment in sight is this step of the run."""
    return state.snapshot is not None and (state.snapshot.run_id, state.snapshot.step) == (state.run.id, step)
