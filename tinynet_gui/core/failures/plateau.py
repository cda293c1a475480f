"""A loss that no longer moves: how to tell."""

import numpy as np

from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.text.numbers import count_text, plain
from tinynet_gui.core.values import dataclass

PLATEAU_PART = 0.2  # the last part of the losses, which is checked
PLATEAU_MOVE = 1e-3  # it is a plateau if the loss has moved by a smaller share than this
SMALLEST_MOVE = 1e-5  # that is given as a number
PLATEAU_LENGTH = 100  # fewer losses tell nothing


@dataclass(frozen=True)
class Plateau:
    """A loss that does not move.

    Attributes
    ----------
    steps
        The first steps of the two stretches compared, and the last step of the second one.
    loss
        The mean loss of the second stretch.
    move
        How far the mean of the first stretch is above `loss`, as a share of it; negative if below.
    """

    steps: tuple[int, int, int]
    loss: float
    move: float


def find_plateau(history: LossHistory) -> Plateau | None:
    """Return the plateau that a training has reached, or None while its loss still moves.

    About the last fifth of the losses is split into two stretches that begin where the history's buckets do, so their
    means are exact. It is a plateau if the means differ by less than a thousandth. With the noise of mini-batches, up
    to ten times that difference is ignored if it is within four times its standard error. None with fewer than 100
    losses, or if one of the losses compared was not finite.
    """
    starts, means, counts = history.means()
    if len(means) < PLATEAU_LENGTH:
        return None
    half = int(PLATEAU_PART * len(means)) // 2
    first, second = int(starts[-2 * half]), int(starts[-half])
    halves, weights = means[-2 * half :].reshape(2, half), counts[-2 * half :].reshape(2, half)
    if weights.sum() != history.last_step + 1 - first:  # the history leaves out losses that are not finite
        return None
    before, loss = (float(mean) for mean in np.average(halves, axis=1, weights=weights))
    # means of stretches, not single losses: so it also holds where successive losses are correlated
    noise = float(np.sqrt(halves.var(axis=1).sum() / half))
    change = before - loss
    limit = 10 * PLATEAU_MOVE * loss if abs(change) <= 4 * noise else PLATEAU_MOVE * loss
    if abs(change) >= limit and change:  # two means of 0 are a plateau too
        return None
    return Plateau((first, second, history.last_step), loss, change / loss if change else 0.0)


def stretches_compared(plateau: Plateau) -> str:
    """State the finding so that it can be checked: two means, and their steps."""
    first, second, last = plateau.steps
    move = f"{100 * abs(plateau.move):.2g} % {'higher' if plateau.move > 0 else 'lower'}"
    if abs(plateau.move) < SMALLEST_MOVE:
        move = f"the same to {100 * SMALLEST_MOVE:g} %"
    return (
        f"The loss has stayed at {plain(plateau.loss)}, its mean over steps {count_text(second)}–{count_text(last)}: "
        f"over steps {count_text(first)}–{count_text(second - 1)} the mean was {move}."
    )
