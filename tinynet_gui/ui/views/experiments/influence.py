"""Leave-one-out influence: the result's text, one dot per sample, and the samples' texts in the function plot."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg

from tinynet_gui.core.experiments.influence import ORDERS, InfluenceResult, SampleInfluence
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.text.numbers import count_text, listed, loss_text, neuron_symbol, plain, told_apart
from tinynet_gui.core.training.dataset import plot_grid, steps_per_epoch
from tinynet_gui.core.values import Array, Floats
from tinynet_gui.ui.views.experiments.drawing import Axes, Drawing, ShownExperiment, ShownSamples
from tinynet_gui.ui.widgets.plots.plot_menu import Range
from tinynet_gui.ui.widgets.plots.plot_parts import line_pen

MOST_NAMED = 4  # samples or neurons; more of them are counted
FEWEST_DIGITS, MOST_DIGITS = 3, 9
MOST_LISTED = 200  # samples, the most influential ones
STEM = 0.8  # the opacity of the line below a dot
CHANCE_SEEN = 0.01  # of the height of a picture: less is drawn on the axis


_MOVED = "How far it moves is the RMS (root mean square) of the difference from the leftmost sample to the rightmost."


def explain_influence(result: InfluenceResult) -> str:
    """Name the most influential sample and how far it moves the curve, or say why there is none."""
    if result.sample_count == 1:
        return "With one training sample there is nothing to leave out."
    if result.diverged_at is not None:
        return _explain_divergence(result, result.diverged_at)
    diverged = [one for one in result.samples if one.diverged_at is not None]
    words = [f"Without {_named(result, diverged)} the training diverges."] if diverged else []
    finite = [one for one in result.ranked if one.diverged_at is None]
    if finite and finite[0].influence > result.chance:
        words.append(explain_sample(result, finite[0]))
        if len(finite) > 1:
            words.append(_next(result, finite[0], finite[1]))
    elif finite:
        words.append(
            f"None of {_the_covered(result)} samples is influential: without one the curve moves by "
            f"{plain(finite[0].influence, 3)} at most, no more than chance can do."
        )
    return " ".join([*words, _chance(result), _MOVED])


def explain_sample(result: InfluenceResult, one: SampleInfluence) -> str:
    """Say what changes without a sample: the curve, the loss over the others, the dead neurons."""
    without = f"Without the sample at {sample_name(result, one)}"
    if one.diverged_at is not None:
        as_well = ", as with all" if result.diverged_at is not None else ""
        return f"{without} the training diverges at step {count_text(one.diverged_at)}{as_well}."
    if result.diverged_at is not None:
        return f"{without} the training does not diverge; its loss is then {loss_text(one.loss_without)}."
    return (
        f"{without} the curve moves by {plain(one.influence, 3)}: {_rank(result, one)}. "
        f"{_loss(result, one)}{_neurons(result, one)}"
    )


def _loss(result: InfluenceResult, one: SampleInfluence) -> str:
    others = "one" if result.sample_count == 2 else count_text(result.sample_count - 1)
    then, before = loss_text(one.loss_without), loss_text(one.loss_with)
    if then == before:
        then, before = told_apart(one.loss_without, one.loss_with)
    if then == before:
        return f"The loss over the other {others} stays {then}."
    return f"The loss over the other {others} is then {then} instead of {before}."


def sample_name(result: InfluenceResult, one: SampleInfluence) -> str:
    return _names(result, [one])[0]


def _names(result: InfluenceResult, samples: Sequence[SampleInfluence]) -> list[str]:
    every = np.unique([one.x for one in result.samples])
    names = []
    for one in samples:
        place = int(np.searchsorted(every, one.x))
        near = [float(every[k]) for k in (place - 1, place + 1) if 0 <= k < len(every)]
        digits = FEWEST_DIGITS
        while digits < MOST_DIGITS and any(plain(x, digits) == plain(one.x, digits) for x in near):
            digits += 1
        names.append(f"x = {plain(one.x, digits)}")
    return names


def _explain_divergence(result: InfluenceResult, step: int) -> str:
    finite = [one for one in result.samples if one.diverged_at is None]
    words = f"With all samples the training diverges at step {count_text(step)}: there is no curve to compare with."
    if finite:
        return f"{words} Without {_named(result, finite)} it does not diverge."
    return f"{words} So it does without any one of {_the_covered(result)}."


def _coverage(result: InfluenceResult) -> str:
    done = len(result.samples)
    if done == result.sample_count:
        return count_text(done)
    return f"the first {count_text(done)} of {count_text(result.sample_count)}"


def _the_covered(result: InfluenceResult) -> str:
    count = _coverage(result)
    return count if count.startswith("the") else f"the {count}"


def _named(result: InfluenceResult, samples: Sequence[SampleInfluence]) -> str:
    if len(samples) > MOST_NAMED:
        return f"any one of {count_text(len(samples))} samples"
    return f"the sample at {listed(_names(result, samples), 'or')}"


def _rank(result: InfluenceResult, one: SampleInfluence) -> str:
    if one.influence <= result.chance:
        return "no more than chance can do"
    finite = [other for other in result.ranked if other.diverged_at is None]
    place = next(place for place, other in enumerate(finite) if other.place == one.place)
    if place == 0:
        if len(finite) < len(result.samples):
            return f"the most influential of the {count_text(len(finite))} without which it does not diverge"
        return f"the most influential of {_coverage(result)}"
    return f"number {place + 1} of {_coverage(result)}"


def _next(result: InfluenceResult, first: SampleInfluence, second: SampleInfluence) -> str:
    name = sample_name(result, second)
    if first.influence - second.influence <= result.chance:
        return f"The next, {name}, has as much influence, as far as can be told: {plain(second.influence, 3)}."
    return f"The next is {name}: {plain(second.influence, 3)}."


def _neurons(result: InfluenceResult, one: SampleInfluence) -> str:
    hidden_layers = len(result.config.network.hidden)
    words = ""
    for neurons, what in ((one.died, "dead"), (one.lived, "alive")):
        if len(neurons) > MOST_NAMED:
            words += f" {count_text(len(neurons))} neurons more are then {what}."
        elif neurons:
            names = [neuron_symbol(layer, index, hidden_layers) for layer, index in neurons]
            words += f" {listed(names)} {'is' if len(names) == 1 else 'are'} then {what}."
    return words


def _chance(result: InfluenceResult) -> str:
    moved = f"moves the curve by up to {plain(result.by_order, 3)}" if result.by_order else "does not move the curve"
    if steps_per_epoch(result.config, result.sample_count) > 1:
        return (
            f"With mini-batches another order of the same samples {moved}, in {ORDERS} tries, and leaving one out "
            f"changes the order too: up to {plain(result.chance, 3)} may be chance. A sample without influence moves "
            "the curve further in at most 5 of 100 cases."
        )
    return f"For comparison: the same samples in another order, which is rounded differently, {moved}."


def draw_influence(drawing: Drawing, result: InfluenceResult) -> None:
    """Draw how far the curve moves without each sample, over its x; diverging ones at the top."""
    x, influences = (np.array([getattr(one, name) for one in result.samples]) for name in ("x", "influence"))
    known = np.append(influences, result.chance)
    top = 1.15 * float(known[np.isfinite(known)].max(initial=0.0)) or 1.0
    heights, infinite = np.minimum(influences, top), np.isinf(influences)
    ends = np.column_stack([np.zeros(len(x)), heights]).ravel()
    pen = line_pen("data", 1, alpha=STEM)
    drawing.plot.addItem(pg.PlotCurveItem(np.repeat(x, 2), ends, connect="pairs", pen=pen))
    drawing.enter("●", "data", "without this sample")
    if infinite.any():
        drawing.enter("●", "error", "diverges")
    if CHANCE_SEEN * top < result.chance < np.inf:
        drawing.enter("┄", "ghost", "below it may be chance: so are 95 of 100 samples without influence, or more")
        drawing.add_limit(result.chance, angle=0)
    for chosen, color in ((~infinite, "data"), (infinite, "error")):
        here = np.flatnonzero(chosen)
        drawing.add_samples(x[here], heights[here], [result.samples[k].place for k in here], color=color)
    if len(x):
        margin = 0.05 * float(x.max() - x.min()) or 1.0
        drawing.everything = Range(float(x.min()) - margin, float(x.max()) + margin), Range(0.0, 1.2 * top)


def _influences(result: InfluenceResult) -> Floats:
    """Return the influence of each sample: 0 if it may be chance, NaN if not known yet."""
    influences = np.full(result.sample_count, np.nan)
    for one in result.samples:
        influences[one.place] = one.influence if one.influence > result.chance else 0.0
    return influences


def _explain_place(result: InfluenceResult, place: int) -> str:
    return "".join(explain_sample(result, one) for one in result.samples if one.place == place)


def _labels(result: InfluenceResult) -> list[tuple[str, int]]:
    labels = []
    for name, one in zip(_names(result, result.ranked[:MOST_LISTED]), result.ranked, strict=False):
        what = "diverges" if one.diverged_at is not None else f"moves by {plain(one.influence, 3)}"
        labels.append((f"without {name} · {what}", one.place))
    return labels


def _curves(
    result: InfluenceResult, place: int, x_range: tuple[float, float] | None
) -> tuple[str, Array, Array, Array]:
    one = result.samples[place]
    name, x = sample_name(result, one), plot_grid(result.config.data)
    if x_range is None or not result.layers or not one.layers:
        return name, x, result.output, one.output
    x, activation = np.linspace(*x_range, len(x), dtype=np.float32), result.config.network.activation
    return name, x, output_curve(result.layers, activation, x), output_curve(one.layers, activation, x)


INFLUENCE = ShownExperiment[InfluenceResult](
    "Leave one sample out",
    "Which sample did it? The network is trained without each of them in turn, from the same initial weights.",
    "How far the final curve moves without a sample (RMS, in units of y), over its x. Point at one to see its curve.",
    explain_influence,
    draw_influence,
    Axes(("x", "moved by")),
    list_name="Samples left out, the most influential first",
    open_hint="A run without one sample cannot be opened: the settings cannot describe its samples.",
    tells_time=True,
    samples=ShownSamples(_influences, _labels, _explain_place, _curves),
)
