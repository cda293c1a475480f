"""The session that a page of a lesson begins with, in place of the learner's own."""

from dataclasses import replace

from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.lesson import LessonStep
from tinynet_gui.core.lessons.playing.course import Progress
from tinynet_gui.core.run.session import Session, new_session

Seeds = tuple[int, int]  # of the network and of the data


def session_of_page(progress: Progress, own: Session, seeds: Seeds | None) -> Session:
    """Return a session with the setting of the furthest page, or else the last one before it, in force.

    Preview and sharpness are off: they would show the answer to the question. Pace and engine are the learner's.
    """
    steps = progress.lesson.steps[: progress.reached + 1]
    config = next((found for step in reversed(steps) if (found := setting_of(step, seeds)) is not None), Config())
    wanted = next((step.map for step in reversed(steps) if step.map), "")
    view = replace(own.view, pinned=None, switched_off=frozenset(), hidden=progress.lesson.hidden, map=wanted)
    view = replace(view, shows_preview=False, shows_sharpness=False)
    return replace(new_session(config), pace=own.pace, engine=own.engine, view=view)


def setting_of(step: LessonStep, seeds: Seeds | None) -> Config | None:
    """Return a page's setting, with seeds other than its own if some are given and it does not fix them."""
    if step.setting is None or step.fixed_seeds or seeds is None:
        return step.setting
    network, data = seeds
    return step.setting.replace("network.seed", network).replace("data.seed", data)
