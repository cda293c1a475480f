"""The swarm of seeds: how many failed and why, and a dot plot."""

from collections import Counter

from tinynet_gui.core.experiments.base import Spread
from tinynet_gui.core.experiments.swarm import CAUSES, FAILED_SHARE, DeadShare, Reach, SwarmResult
from tinynet_gui.core.text.numbers import count_text, counted, loss_text
from tinynet_gui.ui.views.experiments.drawing import SEED_AXES, SEED_HINT, Drawing, ShownExperiment, heaped


def explain_swarm(result: SwarmResult) -> str:
    """Say how many failed and why, what counts as failure, and which networks were dead before the first step."""
    failed = Counter(cause for cause in result.causes if cause)
    head = f"{count_text(failed.total()) if failed else 'None'} of {counted(len(result.runs), 'seed')} failed"
    causes = ", ".join(f"{count_text(count)} {CAUSES[cause]}" for cause, count in failed.most_common())
    words = [f"{head} (diverged or ended above a loss of {loss_text(result.reach.limit)}){causes and ': '}{causes}."]
    words += [f"The median loss is {_spread_text(result.spread)}.", _rule(result.reach)]
    if result.dead_at_start.theory is not None and result.dead_at_start.by_chance is not None:
        words.append(_dead_text(result.dead_at_start, result.dead_at_start.theory, result.dead_at_start.by_chance))
    return " ".join(words)


def _rule(reach: Reach) -> str:
    if reach.limit != reach.best + FAILED_SHARE * (reach.constant - reach.best):
        return f"The best constant has a loss of {loss_text(reach.constant)}."
    by = "the best seed" if reach.kinks is None else f"a line with {counted(reach.kinks, 'kink')}"
    return (
        f"To have failed is to get less than nine tenths of the way from the best constant "
        f"({loss_text(reach.constant)}) to what this network can reach ({loss_text(reach.best)}, {by})."
    )


def _dead_text(dead: DeadShare, theory: float, by_chance: tuple[float, float]) -> str:
    share, (low, high) = dead.dead / dead.neurons, by_chance
    agree = "they agree" if low <= share <= high else "they do not agree, as in one of twenty cases by chance"
    return (
        f"Before the first step {share:.1%} of the first layer's {count_text(dead.neurons)} neurons are dead; theory "
        f"says {theory:.1%}, give or take chance: {low:.1%} to {high:.1%} in 95 of 100 cases. So {agree}."
    )


def _spread_text(spread: Spread) -> str:
    return f"{loss_text(spread.median)}, the middle half {loss_text(spread.low)} to {loss_text(spread.high)}"


def draw_swarm(drawing: Drawing, result: SwarmResult) -> None:
    """Draw one dot per seed, stacked over its final loss; failed ones in the error colour."""
    drawing.enter("●", "ink", "a seed, by its final loss")
    if any(result.causes):
        drawing.enter("●", "error", "failed")
    failed = [bool(cause) for cause in result.causes]
    drawing.add_heap(result.runs, heaped([run.final_loss for run in result.runs]), failed, "error")


SWARM = ShownExperiment[SwarmResult](
    "Swarm of seeds",
    "How often does this setting fail, and why?",
    SEED_HINT,
    explain_swarm,
    draw_swarm,
    SEED_AXES,
    curves=lambda result: result.runs,
)
