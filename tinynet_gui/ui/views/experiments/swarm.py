"""The swarm of seeds: how many failed and why, and a dot plot."""

from collections import Counter

from tinynet_gui.core.experiments.swarm import CAUSES, FAILED_SHARE, DeadShare, Reach, SwarmResult
from tinynet_gui.core.text.language import gettext as _, ngettext, with_signs
from tinynet_gui.core.text.numbers import count_text, loss_text
from tinynet_gui.ui.views.experiments.drawing import SEED_AXES, SEED_HINT, Drawing, ShownExperiment


def explain_swarm(result: SwarmResult) -> str:
    """Say how many failed and why, what counts as failure, and which networks were dead before the first step."""
    failed, seeds = Counter(cause for cause in result.causes if cause), len(result.runs)
    causes = ", ".join(f"{count_text(count)} {_(CAUSES[cause])}" for cause, count in failed.most_common())
    head = ngettext(
        "None of {seeds} seed failed (diverged or ended above a loss of {limit}).",
        "None of {seeds} seeds failed (diverged or ended above a loss of {limit}).",
        seeds,
    )
    if failed:
        # Translators: {causes} is such as "3 diverged, 2 stuck on a plateau".
        head = ngettext(
            "{failed} of {seeds} seed failed (diverged or ended above a loss of {limit}): {causes}.",
            "{failed} of {seeds} seeds failed (diverged or ended above a loss of {limit}): {causes}.",
            seeds,
        )
    limit, spread, dead = loss_text(result.reach.limit), result.spread, result.dead_at_start
    median = _("The median loss is {median}, the middle half {low} to {high}.")
    words = [
        head.format(failed=count_text(failed.total()), seeds=count_text(seeds), limit=limit, causes=causes),
        median.format(median=loss_text(spread.median), low=loss_text(spread.low), high=loss_text(spread.high)),
        _rule(result.reach),
    ]
    if dead.theory is not None and dead.by_chance is not None:
        words.append(_dead_text(dead, dead.theory, dead.by_chance))
    return " ".join(words)


def _rule(reach: Reach) -> str:
    best, constant, kinks = loss_text(reach.best), loss_text(reach.constant), reach.kinks
    if reach.limit != reach.best + FAILED_SHARE * (reach.constant - reach.best):
        return _("The best constant has a loss of {loss}.").format(loss=constant)
    if kinks is None:
        text = _(
            "To have failed is to get less than nine tenths of the way from the best constant ({constant}) to what "
            "this network can reach ({best}, the best seed)."
        )
        return text.format(constant=constant, best=best)
    text = ngettext(
        "To have failed is to get less than nine tenths of the way from the best constant ({constant}) to what this "
        "network can reach ({best}, a line with {count} kink).",
        "To have failed is to get less than nine tenths of the way from the best constant ({constant}) to what this "
        "network can reach ({best}, a line with {count} kinks).",
        kinks,
    )
    return text.format(constant=constant, best=best, count=count_text(kinks))


def _dead_text(dead: DeadShare, theory: float, by_chance: tuple[float, float]) -> str:
    share, (low, high) = dead.dead / dead.neurons, by_chance
    text = _(
        "Before the first step {share}% of the first layer's {neurons} neurons are dead; theory says {theory}%, give "
        "or take chance: {low}% to {high}% in 95 of 100 cases."
    )
    names = {"share": share, "theory": theory, "low": low, "high": high}
    percents = {name: with_signs(f"{100 * number:.1f}") for name, number in names.items()}
    agree = _("So they agree.")
    if not low <= share <= high:
        agree = _("So they do not agree, as in one of twenty cases by chance.")
    return f"{text.format(neurons=count_text(dead.neurons), **percents)} {agree}"


def draw_swarm(drawing: Drawing, result: SwarmResult) -> None:
    drawing.enter("●", "ink", _("a seed, by its final loss"))
    if any(result.causes):
        drawing.enter("●", "error", _("failed"))
    drawing.add_heap(result.runs, [bool(cause) for cause in result.causes], "error")


SWARM = ShownExperiment[SwarmResult](
    _("Swarm of seeds"),
    _("How often does this setting fail, and why?"),
    SEED_HINT,
    explain_swarm,
    draw_swarm,
    SEED_AXES,
    curves=lambda result: result.runs,
)
