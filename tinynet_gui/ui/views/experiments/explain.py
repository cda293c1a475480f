"""What an experiment's result says, in a sentence or two."""

import math
from collections import Counter
from collections.abc import Sequence

from tinynet_gui.core.config import SETTINGS, Config
from tinynet_gui.core.experiments.claim_result import ClaimResult
from tinynet_gui.core.experiments.experiment_result import ExperimentResult
from tinynet_gui.core.experiments.results import (
    FAILED_SHARE,
    FEWEST_SEEDS,
    FEWEST_SEEDS_OF_WIDTHS,
    MEASUREMENTS,
    DeadShare,
    DepthResult,
    InfluenceResult,
    Reach,
    ShapeResult,
    Spread,
    SwarmResult,
    TrainedRun,
    Verdict,
    WidthResult,
    WidthsResult,
)
from tinynet_gui.core.text.numbers import count_text, loss_text, plain
from tinynet_gui.core.wording.neuron_names import source_text
from tinynet_gui.ui.views.experiments.explain_claim import explain_claim
from tinynet_gui.ui.views.experiments.explain_influence import explain_influence

OVERFIT_FACTOR = 1.2  # the validation loss of the widest network against the best one's
CANNOT_FACTOR = 2.0  # the loss that no line can go below against the best width's: below it, kinks are not missing
MOST_CHANGES = 2  # settings that are named before it becomes a list to read

CAUSES = {
    "diverged": "diverged",
    "dead neurons": "with at least half of a layer's neurons dead",
    "plateau": "stuck on a plateau",
    "slow": "still on their way",
}


def explain(result: ExperimentResult) -> str:
    """Return what a result says."""
    if isinstance(result, SwarmResult):
        return _explain_swarm(result)
    if isinstance(result, WidthsResult):
        return _explain_widths(result)
    if isinstance(result, InfluenceResult):
        return explain_influence(result)
    if isinstance(result, ClaimResult):
        return explain_claim(result)
    return _explain_depth(result)


def run_label(run: TrainedRun) -> str:
    """Name one run of an experiment, for a list."""
    hidden = ", ".join(map(str, run.config.network.hidden)) or "none"
    loss = "diverged" if run.diverged_at is not None else f"loss {loss_text(run.final_loss)}"
    return f"seed {run.config.network.seed} · hidden {hidden} · {loss}"


def setting_note(of: Config, changed: Sequence[str], now: Config) -> str:
    """Say of which setting a result is, if it is not of the present one: the values of what has changed since."""
    if not changed:
        return ""
    named = [_setting_text(of, path, now) for path in changed[:MOST_CHANGES]]
    more = len(changed) - len(named)
    if more:
        named.append(f"{more} more {'settings' if more > 1 else 'setting'} that changed since")
    together = " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
    return f"Not of the present setting: this was with {together}."


def _setting_text(of: Config, path: str, now: Config) -> str:
    if path == "data.points":
        return "other samples" if source_text(of.data) == source_text(now.data) else source_text(of.data)
    return f"{SETTINGS[path].label} {_value_text(of.get(path))}"


def _value_text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _explain_swarm(result: SwarmResult) -> str:
    words = [f"{count_text(len(result.runs))} seeds: median loss {_spread_text(result.spread)}."]
    failed = Counter(cause for cause in result.causes if cause)
    if failed:
        parts = ", ".join(f"{count} {CAUSES[cause]}" for cause, count in failed.most_common())
        words.append(f"{count_text(sum(failed.values()))} failed: {parts}.")
    else:
        words.append("None failed.")
    words.append(_rule(result.reach))
    if result.dead_at_start.theory is not None and result.dead_at_start.by_chance is not None:
        words.append(_dead_text(result.dead_at_start, result.dead_at_start.theory, result.dead_at_start.by_chance))
    return " ".join(words)


def _rule(reach: Reach) -> str:
    """Say what counts as a failure."""
    limit = f"Failed: diverged, or ended above {loss_text(reach.limit)}"
    if reach.limit != reach.best + FAILED_SHARE * (reach.constant - reach.best):
        return f"{limit} (the best constant has {loss_text(reach.constant)})."
    by = "the best seed" if reach.kinks is None else f"a line with {_kinks(reach.kinks)}"
    return (
        f"{limit}, less than nine tenths of the way from the best constant ({loss_text(reach.constant)}) to what "
        f"this network can reach ({loss_text(reach.best)}, {by})."
    )


def _kinks(count: int) -> str:
    return "1 kink" if count == 1 else f"{count} kinks"


def _dead_text(dead: DeadShare, theory: float, by_chance: tuple[float, float]) -> str:
    share, (low, high) = dead.dead / dead.neurons, by_chance
    agree = "they agree" if low <= share <= high else "they do not agree, as in one of twenty cases by chance"
    return (
        f"Before the first step {share:.1%} of the first layer's {count_text(dead.neurons)} neurons are dead; theory "
        f"says {theory:.1%}, give or take chance: {low:.1%} to {high:.1%} in 95 of 100 cases. So {agree}."
    )


def _explain_widths(result: WidthsResult) -> str:
    widths = tuple(one for one in result.widths if math.isfinite(_loss(one)))
    if not widths:
        return f"{_diverging(result.widths)} There is no width to recommend."
    best = min(widths, key=_loss)
    words = _best_width(result, widths, best)
    words += " Hold some samples out to see whether they fit anything else." if best.validation is None else ""
    words += "" if best.validation is None else _overfitting(widths[-1], best)
    diverging = tuple(one for one in result.widths if one not in widths)
    if diverging:
        words += f" {_diverging(diverging)}"
    return words + _cannot_or_did_not(widths, best)


def _best_width(result: WidthsResult, widths: Sequence[WidthResult], best: WidthResult) -> str:
    """Name the smallest width that cannot be told apart from the best, and say how sure that is."""
    samples = "the samples" if best.validation is None else "the held-out samples"
    choice = result.choice
    if choice is None:
        return (
            f"{_neurons(best)} fit {samples} best here (median loss {loss_text(_loss(best))}), but with fewer than "
            f"{FEWEST_SEEDS_OF_WIDTHS} seeds another number may do so by chance."
        )
    test = f"paired permutation test, {len(best.runs)} seeds: at most 5 of 100 ladders pass over a width as good as any"
    if choice.smallest == choice.best:
        words = f"{_neurons(best)} fit {samples} best (median loss {loss_text(_loss(best))})"
        return f"{words}; no narrower network is as good ({test})." if best is not result.widths[0] else f"{words}."
    smallest = next(one for one in widths if one.width == choice.smallest)
    return (
        f"{_neurons(smallest)} are the fewest that fit {samples} as well as any, as far as can be told: median "
        f"loss {loss_text(_loss(smallest))}. {_neurons(best)} have the lowest, {loss_text(_loss(best))}, but chance "
        f"could do that (p = {choice.p:.2g}; {test})."
    )


def _loss(one: WidthResult) -> float:
    return one.judged.median


def _overfitting(widest: WidthResult, best: WidthResult) -> str:
    """Say that the widest networks are worse on the held-out samples although they are as good on the others."""
    if _loss(widest) <= OVERFIT_FACTOR * _loss(best) or widest.training.median > best.training.median:
        return ""
    words = (
        f" With {count_text(widest.width)} it is {loss_text(_loss(widest))}, although the loss "
        f"on the samples is {loss_text(widest.training.median)}: they learn "
    )
    has_noise = widest.runs[0].config.data.noise > 0
    return words + ("the noise." if has_noise else "the samples, but not what lies between them.")


def _diverging(widths: tuple[WidthResult, ...]) -> str:
    """Name the widths whose median is infinite."""
    *most, last = [count_text(one.width) for one in widths]
    names = f"{', '.join(most)} and {last}" if most else last
    return f"With {names} neuron{'' if names == '1' else 's'} half of the runs or more diverge at this learning rate."


def _cannot_or_did_not(widths: tuple[WidthResult, ...], best: WidthResult) -> str:
    """Tell apart networks with too few kinks from networks that did not learn to use them."""
    too_few = [r for r in widths if r.at_least is not None and r.at_least > CANNOT_FACTOR * best.training.median]
    words = ""
    if too_few:
        words += f" Up to {_neurons(too_few[-1])} have too few kinks: even the best line with so many is worse."
    for one in widths:
        if one.within_reach is not None and one not in too_few and one.training.median > 2 * one.within_reach:
            words += (
                f" {_neurons(one)} could reach {loss_text(one.within_reach)}, but training got to "
                f"{loss_text(one.training.median)}: not too few kinks, but not learned."
            )
            break
    return words


def _explain_depth(result: DepthResult) -> str:
    shapes = result.shapes
    words = []
    if result.by_steps is not None and result.by_time is not None:
        seeds = shapes[0].finals.shape[1]
        words += [
            f"By steps, {_verdict(shapes, result.by_steps, result.constant, seeds)}",
            f"In the same time ({1e3 * result.seconds:.3g} ms), "
            f"{_verdict(shapes, result.by_time, result.constant, seeds)}",
        ]
    sizes = "; ".join(
        f"{_shape(s)} ({count_text(s.parameters)} parameters, best at a learning rate of {_rate_text(s)}) "
        f"{loss_text(s.final.median)}"
        for s in shapes
    )
    times = "; ".join(f"{_shape(s)} {_time_text(s.seconds_per_step)}" for s in shapes)
    words += [
        f"Median loss at the end: {sizes}.",
        f"µs a step (middle half of {MEASUREMENTS} measurements): {times}.",
        f"Paired permutation test, each shape at its best of {len(shapes[0].rates)} learning rates: were the shapes "
        "alike, at most 5 of 100 such experiments would put one ahead. Twenty seeds show a factor e in 6 of 10 cases, "
        "where the losses of one shape themselves scatter by a factor e.",
    ]
    return " ".join(words)


def _verdict(shapes: tuple[ShapeResult, ...], verdict: Verdict, constant: float, seeds: int) -> str:
    """Name the winner, or say that chance could have made it."""
    best, second = _shape(shapes[verdict.best]), _shape(shapes[verdict.second])
    if min(verdict.typical) >= 0.999 * constant:
        return "none is ahead: at no learning rate is the mean loss (geometric) below that of the best constant."
    times = verdict.typical[verdict.second] / verdict.typical[verdict.best]
    if verdict.is_sure:
        words = f"{best} is ahead: its mean loss (geometric) is {times:.2g} times below that of {second}, the next"
        return f"{words} ({_p(verdict)})."
    if seeds < FEWEST_SEEDS:
        return f"nothing can be said: with fewer than {FEWEST_SEEDS} seeds chance can do anything."
    return (
        f"no winner is certain: {best} has the lowest mean loss (geometric), but chance could do that ({_p(verdict)})."
    )


def _p(verdict: Verdict) -> str:
    return "p < 0.001" if verdict.p < 0.001 else f"p = {verdict.p:.2g}"


def _rate_text(shape: ShapeResult) -> str:
    edge = ""
    if len(shape.rates) > 1 and shape.rate in (shape.rates[0], shape.rates[-1]):
        edge = ", the smallest tried" if shape.rate == shape.rates[0] else ", the largest tried"
    return plain(shape.rate) + edge


def _time_text(seconds: Spread) -> str:
    low, middle, high = (f"{1e6 * s:.3g}" for s in (seconds.low, seconds.median, seconds.high))
    return f"{middle} ({low} to {high})"


def _shape(shape: ShapeResult) -> str:
    return ", ".join(map(str, shape.hidden))


def _neurons(one: WidthResult) -> str:
    return f"{count_text(one.width)} neuron{'s' if one.width > 1 else ''}"


def _spread_text(spread: Spread) -> str:
    return f"{loss_text(spread.median)}, the middle half {loss_text(spread.low)} to {loss_text(spread.high)}"
