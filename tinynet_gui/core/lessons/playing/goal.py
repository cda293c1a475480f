"""Checks a lesson's goal: evaluates its condition at the end of a training from each of many seeds."""

import math
from collections.abc import Mapping

from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.base import Report, TrainedRun
from tinynet_gui.core.experiments.claim import seeds_that
from tinynet_gui.core.lessons import expression, measurements
from tinynet_gui.core.lessons.lesson import Goal
from tinynet_gui.core.lessons.playing.course import GoalChecked
from tinynet_gui.core.text.language import gettext as _, ngettext, speaking
from tinynet_gui.core.values import Stop


def check_goal(
    config: Config, goal: Goal, known: Mapping[str, float], language: str, stop: Stop, report: Report
) -> GoalChecked | None:
    """Train the setting from each of the goal's seeds, and say how many reach it; None if it was stopped.

    `known` are further numbers to use, `language` is the lesson's.
    """

    def scope_of(run: TrainedRun) -> expression.Scope:
        return measurements.scope_with(known, measurements.of_trained_run(run))

    def holds(run: TrainedRun) -> bool:
        return goal.condition.holds(scope_of(run))

    found = seeds_that(config, goal.seeds, holds, stop, lambda share, _ends: report(share, None))
    if found is None or len(found.runs) < goal.seeds:
        return None
    needed = math.ceil(goal.share * goal.seeds - 1e-9)
    failing = [run for run, does in zip(found.runs, found.holds, strict=True) if not does]
    names = ("goal.seeds", "goal.reached", "goal.share", "goal.low", "goal.high")
    values = (goal.seeds, found.reached, found.share, *found.interval)
    numbers = {name: float(value) for name, value in zip(names, values, strict=True)}
    worst = max(failing, key=lambda run: run.final_loss, default=None)
    with speaking(language):
        text = ngettext(
            "It holds for {reached} of {seeds} seed; {needed} is needed.",
            "It holds for {reached} of {seeds} seeds; {needed} are needed.",
            goal.seeds,
        ).format(reached=found.reached, seeds=goal.seeds, needed=needed)
        if worst is not None:
            why = expression.unmet_text(goal.condition, scope_of(worst))
            text += " " + _("With seed {seed} it does not.").format(seed=worst.config.network.seed) + " " + why
    return GoalChecked(found.reached >= needed, text, numbers, None if worst is None else worst.config)
