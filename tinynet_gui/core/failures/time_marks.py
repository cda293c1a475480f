"""The events of a run and their steps, as marked on the time line."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np

from tinynet_gui.core.failures.dying_relu import Death, DeathBetween
from tinynet_gui.core.failures.plateau import find_plateau, stretches_compared
from tinynet_gui.core.run.events import samples_changed_at
from tinynet_gui.core.run.marks import Mark, marks
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.text.numbers import count_text, loss_text
from tinynet_gui.core.text.words import listed, numbered_layer

MOST_NEURONS = 5  # named in one mark

Deaths = Mapping[tuple[int, int], Death | DeathBetween | None]


def time_marks(run: Run, deaths: Deaths | None = None) -> tuple[Mark, ...]:
    """Return the changes made to a run and the things that happened to it, by step.

    The lowest held-out loss is the lowest recorded one since the samples last changed: losses over other samples
    cannot be compared. Neurons that died at the same step share one mark.

    Parameters
    ----------
    deaths
        How neurons died, by (layer, index); None for one that was dead from the first weights on. If a death is only
        known to lie between two steps, the mark is at the second.
    """
    found = [
        *marks(run),
        *_branch(run),
        *_deaths(deaths or {}),
        *_best_held_out(run),
        *_plateau(run),
        *_divergence(run),
    ]
    return tuple(sorted(found, key=lambda mark: mark.step))


def _branch(run: Run) -> Iterator[Mark]:
    if run.parent is not None:
        yield Mark(run.parent.step, "Branched off here: up to this step the two runs are the same", "branch")


def _deaths(deaths: Deaths) -> Iterator[Mark]:
    alike: defaultdict[tuple[int, str, int], list[int]] = defaultdict(list)
    for (layer, index), death in sorted(deaths.items()):
        alike[(*_step_and_words(death), layer)].append(index)
    for (step, words, layer), indices in alike.items():
        yield Mark(step, f"{_neurons(indices)} of {numbered_layer(layer)} {words}", "death", len(indices))


def _step_and_words(death: Death | DeathBetween | None) -> tuple[int, str]:
    match death:
        case Death():
            cause = "the samples were changed" if death.culprit == "the samples" else "numbers were set by hand"
            return death.step, f"died: {cause}" if death.is_by_hand else "died"
        case DeathBetween(first=None):
            looked = "dead wherever this long run was looked at"
            return death.last, f"{looked}, for good since step {count_text(death.last)} at the latest"
        case DeathBetween(first=int(first)):
            return death.last, f"died between step {count_text(first)} and step {count_text(death.last)}"
    return 0, "dead from the first weights on"


def _neurons(indices: list[int]) -> str:
    if len(indices) == 1:
        return f"Neuron {indices[0] + 1}"
    if len(indices) > MOST_NEURONS:
        return f"{count_text(len(indices))} neurons"
    return f"Neurons {listed([str(index + 1) for index in indices])}"


def _best_held_out(run: Run) -> Iterator[Mark]:
    changes = list(samples_changed_at(run.start, run.events))
    known = run.held_out_losses.steps > max(changes, default=-1)
    steps, losses = run.held_out_losses.steps[known], run.held_out_losses.losses[known]
    if len(steps):
        best = int(np.argmin(losses))
        since = f" since the samples were changed at step {count_text(changes[-1])}" if any(changes) else ""
        yield Mark(
            int(steps[best]), f"Lowest recorded held-out loss{since}: {loss_text(float(losses[best]))}", "best held out"
        )


def _plateau(run: Run) -> Iterator[Mark]:
    plateau = find_plateau(run.losses)
    if plateau is not None:
        yield Mark(plateau.steps[0], f"A plateau, from here on at the latest. {stretches_compared(plateau)}", "plateau")


def _divergence(run: Run) -> Iterator[Mark]:
    if run.diverged_at is not None:
        here = "here" if run.diverged_at == run.step else f"at step {count_text(run.diverged_at)}"
        text = f"Diverged: {here} the loss is not a finite number any more"
        yield Mark(run.step, text, "divergence")  # at the last step whose loss is
