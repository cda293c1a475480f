"""What an experiment's result says, in a sentence or two."""

import math
from collections import Counter

from tinynet_gui.core.analysis.sweep_results import (
    Contestant,
    DepthResult,
    ExperimentResult,
    LadderResult,
    Rung,
    RunOutcome,
    Spread,
    SwarmResult,
)
from tinynet_gui.core.text.numbers import count_text, loss_text

OVERFIT_FACTOR = 1.2  # the validation loss of the widest network against the best one's
CANNOT_FACTOR = 2.0  # the loss of the best fit against the best rung's: below it, kinks are not what is missing

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
    if isinstance(result, LadderResult):
        return _explain_ladder(result)
    return _explain_depth(result)


def run_label(outcome: RunOutcome) -> str:
    """Name one run of an experiment, for a list."""
    hidden = ", ".join(map(str, outcome.config.network.hidden)) or "none"
    loss = "diverged" if outcome.diverged_at is not None else f"loss {loss_text(outcome.final_loss)}"
    return f"seed {outcome.config.network.seed} · hidden {hidden} · {loss}"


def _explain_swarm(result: SwarmResult) -> str:
    runs = len(result.outcomes)
    words = [f"{count_text(runs)} seeds: median loss {_spread_text(result.spread)}."]
    failed = Counter(cause for cause in result.causes if cause)
    if failed:
        parts = ", ".join(f"{count} {CAUSES[cause]}" for cause, count in failed.most_common())
        words.append(f"{count_text(sum(failed.values()))} failed: {parts}.")
    else:
        words.append("None failed.")
    if result.dead_in_theory is not None:
        words.append(
            f"Before the first step {result.dead_at_start:.1%} of the first layer's neurons are dead; "
            f"theory says {result.dead_in_theory:.1%}."
        )
    return " ".join(words)


def _explain_ladder(result: LadderResult) -> str:
    rungs = tuple(rung for rung in result.rungs if math.isfinite(_loss(rung)))
    if not rungs:
        return f"{_diverging(result.rungs)} There is no width to recommend."
    best = min(rungs, key=_loss)
    if best.validation is not None:
        words = f"{_neurons(best)} fit the held-out samples best (median loss {loss_text(_loss(best))})."
        words += _overfitting(rungs[-1], best)
    else:
        words = (
            f"{_neurons(best)} fit the samples best (median loss {loss_text(_loss(best))}). "
            "Hold some samples out to see whether they fit anything else."
        )
    diverging = tuple(rung for rung in result.rungs if rung not in rungs)
    if diverging:
        words += f" {_diverging(diverging)}"
    return words + _cannot_or_did_not(rungs, best)


def _loss(rung: Rung) -> float:
    """What a rung is judged by: the median loss on the held-out samples, or without them on all."""
    return (rung.training if rung.validation is None else rung.validation).median


def _overfitting(widest: Rung, best: Rung) -> str:
    """Say that the widest networks are worse on the held-out samples although they are as good on the others."""
    if _loss(widest) <= OVERFIT_FACTOR * _loss(best) or widest.training.median > best.training.median:
        return ""
    words = (
        f" With {count_text(widest.width)} it is {loss_text(_loss(widest))}, although the loss "
        f"on the samples is {loss_text(widest.training.median)}: they learn "
    )
    has_noise = widest.outcomes[0].config.data.noise > 0
    return words + ("the noise." if has_noise else "the samples, but not what lies between them.")


def _diverging(rungs: tuple[Rung, ...]) -> str:
    """Name the widths whose median is infinite."""
    *most, last = [count_text(rung.width) for rung in rungs]
    widths = f"{', '.join(most)} and {last}" if most else last
    return f"With {widths} neuron{'' if widths == '1' else 's'} half of the runs or more diverge at this learning rate."


def _cannot_or_did_not(rungs: tuple[Rung, ...], best: Rung) -> str:
    """Tell apart networks with too few kinks from networks that did not learn to use them."""
    too_few = [r for r in rungs if r.best_fit is not None and r.best_fit > CANNOT_FACTOR * best.training.median]
    words = ""
    if too_few:
        words += f" Up to {_neurons(too_few[-1])} have too few kinks: even the best line with so many is worse."
    for rung in rungs:
        if rung.within_reach is not None and rung not in too_few and rung.training.median > 2 * rung.within_reach:
            words += (
                f" {_neurons(rung)} could reach {loss_text(rung.within_reach)}, but training got to "
                f"{loss_text(rung.training.median)}: not too few kinks, but not learned."
            )
            break
    return words


def _explain_depth(result: DepthResult) -> str:
    contestants = result.contestants
    sizes = "; ".join(f"{_shape(c)}: {loss_text(c.final.median)}" for c in contestants)
    words = f"Median loss after the last step: {sizes}."
    if len(contestants) < 2:
        return words
    words += " By steps, " + _verdict([(c, c.final) for c in contestants])
    seconds = min(c.seconds_per_step * float(c.steps[-1]) for c in contestants)
    words += f" In the same time ({1e3 * seconds:.3g} ms), " + _verdict(
        [(c, _at_time(c, seconds)) for c in contestants]
    )
    return words


def _verdict(places: list[tuple[Contestant, Spread]]) -> str:
    """Name the winner, unless the middle halves overlap."""
    (first, best), (second, next_best) = sorted(places, key=lambda place: place[1].median)[:2]
    if not math.isfinite(best.median):
        return "none is ahead: half of the runs or more diverge in each."
    if best.high >= next_best.low:
        return f"{_shape(first)} and {_shape(second)} are too close to call: their middle halves overlap."
    return f"{_shape(first)} is ahead."


def _at_time(contestant: Contestant, seconds: float) -> Spread:
    index = int(sum(contestant.steps * contestant.seconds_per_step <= seconds)) - 1
    low, median, high = contestant.curves[:, max(0, index)].tolist()
    return Spread(low, median, high)


def _shape(contestant: Contestant) -> str:
    return ", ".join(map(str, contestant.hidden))


def _neurons(rung: Rung) -> str:
    return f"{count_text(rung.width)} neuron{'s' if rung.width > 1 else ''}"


def _spread_text(spread: Spread) -> str:
    return f"{loss_text(spread.median)}, the middle half {loss_text(spread.low)} to {loss_text(spread.high)}"
