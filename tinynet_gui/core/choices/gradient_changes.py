"""What is done to the gradients of a step before the optimiser's rule takes them, in torch's order.

To add one, add its record to `GRADIENT_CHANGES`, and the number that it reads to `core.config.sections.TrainingConfig`:
both trainers, the step taken apart, scripts, maps and the panel go by these. Nothing here imports torch or numba.

What is not a change of a gradient is not here. How the gradients come about and which mean they are of is the loop's
(`core.choices.loops`), which acts before the first record; one that never resets them adds the earlier ones between the
changes of the loss and the others. A learning rate that depends on the step is a schedule's (`core.choices.schedules`).
"""

from collections.abc import Callable, Iterator, Sequence
from math import sqrt
from typing import Any, Literal

import numpy as np

from tinynet_gui.core.choices.elementary import muladd, sign
from tinynet_gui.core.choices.optimizers import UpdateTerm
from tinynet_gui.core.text.language import N_, translated
from tinynet_gui.core.values import AnyFloats, frozen_dataclass

Place = Literal["loss", "gradient", "optimizer"]


@translated("name", "definite", "indefinite", "tooltip")
@frozen_dataclass
class GradientChange:
    """One of the changes; 0 turns it off.

    Attributes
    ----------
    setting
        The field of `TrainingConfig`, a number, and the name of the variable in code.
    place, code
        Where it stands in PyTorch's loop, and what stands there: ``loss``, a term that is added to the loss;
        ``gradient``, a line after ``backward()``; ``optimizer``, an option of the optimiser. They come in this order.
    off, about
        The variable's value in code where the change is off, and a comment on it.
    change
        The gradient from w, the gradient before and a number, made of functions of `core.choices.elementary`;
        compiled into the training loop.
    number
        That number, from the setting and the norm of all gradients before; plain arithmetic, compiled likewise. None
        if it is the setting.
    by_hand
        The same as PyTorch code, of ``gradient``, ``w0``, the setting's name and, if `number` needs it, ``norm``.
    term
        The written form, from the same two numbers.
    derivative
        Of what it adds to the gradient, by w, from the setting; None if it adds nothing.
    name, definite, indefinite
        In words: alone, and with an article where it takes one.
    tooltip
        What it does, for the panel.
    in_torch
        Changes the parameters' ``.grad``; None where the optimiser does it.
    """

    setting: str
    place: Place
    code: str
    off: str
    about: str
    change: Callable[[Any, Any, Any], Any]
    number: Callable[[Any, Any], Any] | None
    by_hand: str
    term: Callable[[float, float], UpdateTerm]
    derivative: Callable[[float], float] | None
    name: str
    definite: str
    indefinite: str
    tooltip: str
    in_torch: Callable[[Sequence[Any], float], None] | None = None

    def value(self, training: Any) -> float:
        return float(getattr(training, self.setting))

    def curvature(self, training: Any) -> float:
        """Return what it adds to the curvature of the loss in every direction."""
        return 0.0 if self.derivative is None else self.derivative(self.value(training))


def _add_signs(parameters: Sequence[Any], factor: float) -> None:
    for parameter in parameters:
        parameter.grad.add_(parameter.detach().sign(), alpha=factor)


def _clip(parameters: Sequence[Any], max_norm: float) -> None:
    from torch.nn.utils import clip_grad_norm_

    clip_grad_norm_(parameters, max_norm)


L1 = GradientChange(
    "l1",
    "loss",
    "l1 * sum(parameter.abs().sum() for parameter in network.parameters())",
    off="0",
    about="times the sum of all |w| and |b|: the L1 penalty",
    change=lambda w, g, number: muladd(number, sign(w), g),
    number=None,
    by_hand="gradient + l1 * w0.sign()",
    term=lambda *_: UpdateTerm(
        "p", N_("with the L1 penalty, which pulls w towards 0, however small it is"), "{gradient} + {l1}·{sign}"
    ),
    derivative=lambda _: 0.0,
    name=N_("L1 penalty"),
    definite=N_("the L1 penalty"),
    indefinite=N_("an L1 penalty"),
    tooltip=N_(
        "Pulls every weight and bias towards 0, large and small alike: this times its sign is added to its gradient. "
        "So a step of plain SGD moves it by learning rate × this. The loss shown is without the penalty, and without "
        "weight decay."
    ),
    in_torch=_add_signs,
)


TINY = 1e-6  # as in torch.nn.utils.clip_grad_norm_


def _clip_term(max_norm: float, norm: float) -> UpdateTerm:
    if norm + TINY <= max_norm:
        label = N_("clipped: the norm of all gradients is small enough, so nothing changes")
        return UpdateTerm("c", label, "{gradient}")
    label = N_("clipped: all gradients together are shortened to the clip norm")
    return UpdateTerm("c", label, "{gradient}·{max_norm}/({norm} + 0.000001)")


CLIP = GradientChange(
    "max_norm",
    "gradient",
    "nn.utils.clip_grad_norm_(network.parameters(), max_norm)",
    off='float("inf")',
    about="the longest that all gradients together may be",
    change=lambda w, g, number: number * g,
    number=lambda max_norm, norm: min(1.0, max_norm / (norm + TINY)),
    by_hand="gradient * torch.clamp(max_norm / (norm + 1e-6), max=1)",
    term=_clip_term,
    derivative=None,
    name=N_("gradient clipping"),
    definite=N_("gradient clipping"),
    indefinite=N_("gradient clipping"),
    tooltip=N_(
        "Shortens the gradient of all weights and biases together to this length where it is longer, and keeps its "
        "direction. So a step of plain SGD, without weight decay, goes no farther than learning rate × this. 0: never."
    ),
    in_torch=_clip,
)

DECAY = GradientChange(
    "weight_decay",
    "optimizer",
    "weight_decay",
    off="0",
    about="",
    change=lambda w, g, number: muladd(number, w, g),
    number=None,
    by_hand="gradient + weight_decay * w0",
    term=lambda *_: UpdateTerm(
        "d", N_("with weight decay, which pulls w towards 0"), "{gradient} + {weight_decay}·{w0}"
    ),
    derivative=lambda factor: factor,
    name=N_("weight decay"),
    definite=N_("weight decay"),
    indefinite=N_("weight decay"),
    tooltip=N_(
        "Pulls every weight and bias towards 0: this times its value is added to its gradient. So a step of plain SGD "
        "takes off learning rate × this × its value."
    ),
)

GRADIENT_CHANGES = (L1, CLIP, DECAY)
BEFORE_OPTIMIZER = tuple(change for change in GRADIENT_CHANGES if change.place != "optimizer")


def active_changes(training: Any) -> tuple[GradientChange, ...]:
    """Return the changes that a training configuration turns on, in order."""
    return tuple(change for change in GRADIENT_CHANGES if change.value(training))


def active_pulls(training: Any) -> tuple[GradientChange, ...]:
    """Return those of them that add to the gradient, which pull the weights towards 0."""
    return tuple(change for change in active_changes(training) if change.derivative is not None)


def added_curvature(training: Any) -> float:
    """Return what all of them add to the curvature of the loss in every direction."""
    return sum(change.curvature(training) for change in GRADIENT_CHANGES)


def changed_gradients(
    training: Any, parameters: Sequence[AnyFloats], gradients: Sequence[AnyFloats], kept: Sequence[AnyFloats] = ()
) -> Iterator[tuple[GradientChange | None, float, list[AnyFloats]]]:
    """Yield each active change, the norm of all gradients before it where it needs that, and the gradients after it.

    Where a loop has `kept` the earlier gradients, they are added after the changes of the loss; None stands for that.

    As in torch the numbers are of float32, and a change of float32 gradients is rounded once.
    """
    for change in (*active_changes(training), None):
        if kept and (change is None or change.place != "loss"):
            gradients, kept = [g + more.astype(g.dtype) for g, more in zip(gradients, kept, strict=True)], ()
            yield None, 0.0, gradients
        if change is None:
            return
        number, norm = change.value(training), 0.0
        if change.number is not None:
            norm = norm_of(gradients)
            number = change.number(number, norm)
        number = float(np.float32(number))
        gradients = [
            change.change(w.astype(np.float64), g.astype(np.float64), number).astype(g.dtype)
            for w, g in zip(parameters, gradients, strict=True)
        ]
        yield change, norm, gradients


def norm_of(gradients: Sequence[AnyFloats]) -> float:
    """Return the norm of all gradients together, infinite where its square is beyond float32."""
    square = sum(float(np.sum(np.square(gradient, dtype=np.float64))) for gradient in gradients)
    return sqrt(float(np.float32(square)))
