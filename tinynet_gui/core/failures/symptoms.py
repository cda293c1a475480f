"""The symptoms of a training that fails: dying neurons, a plateau, and their places on the time line."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np

from tinynet_gui.core.choices.gradient_changes import DECAY, active_pulls
from tinynet_gui.core.choices.loops import training_loop
from tinynet_gui.core.choices.optimizers import OPTIMIZERS, PLAIN
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.forward import active_counts, as_layers
from tinynet_gui.core.network.refs import NeuronRef, parameters_of
from tinynet_gui.core.run import events, loss_history, run
from tinynet_gui.core.run.marks import Mark, marks
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.text.language import gettext as _, ngettext, pgettext, with_signs
from tinynet_gui.core.text.numbers import count_text, listed, loss_text, plain
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.values import Array, frozen_dataclass, owned

Culprit = Literal["its own weights", "the layers before", "either", "both together", "the samples"]


@frozen_dataclass
class Death:
    """The update, or the change by hand, after which a ReLU neuron was active on no training sample.

    Attributes
    ----------
    step
        The update's number, from 1; for a change by hand, the step at which it was made.
    weights_before, weights_after, bias_before, bias_after
        Its parameters around that update, float32 of shape (inputs,), read-only.
    samples_before
        On how many training samples it was active before.
    culprit
        The cause: its own new weights and bias, those of the layers before it, either (each was sufficient), or both
        (neither was); or a change of the samples: with the old ones it would be alive.
    before
        The moment before, from which the microscope can look at the update.
    is_by_hand
        Whether a change by hand of parameters or samples caused it.
    """

    step: int
    layer: int
    index: int
    weights_before: Array
    weights_after: Array
    bias_before: float
    bias_after: float
    samples_before: int
    culprit: Culprit
    before: Moment
    is_by_hand: bool = False


@frozen_dataclass
class DeathBetween:
    """A neuron that died somewhere between two steps; finding the exact one would have taken too long.

    Attributes
    ----------
    first
        The last step at which it is known to be active; None if it was dead at every step checked.
    last
        The step from which on it is known to be dead.
    """

    first: int | None
    last: int
    layer: int
    index: int


def dead_neurons(snapshot: Snapshot) -> tuple[tuple[int, int], ...]:
    """Return (layer, index) of every hidden neuron that gives 0 on all training samples, as only ReLU can."""
    return tuple((layer, int(index)) for layer, mask in enumerate(snapshot.dead) for index in np.flatnonzero(mask))


def is_mostly_dead(snapshot: Snapshot) -> bool:
    """Whether at least half of the hidden neurons are dead."""
    neurons = sum(snapshot.config.network.hidden)
    return neurons > 0 and 2 * len(dead_neurons(snapshot)) >= neurons


def stays_dead(config: Config, layer: int) -> bool:
    """Whether a neuron that has died stays dead: its gradient is 0, and nothing else moves it."""
    return not what_moves_dead(config, layer)


def what_moves_dead(config: Config, layer: int) -> tuple[str, ...]:
    """Return, as phrases, what can move a dead neuron although no gradient reaches it.

    Empty in the first layer, whose inputs are fixed, if the rule takes no step for a gradient of 0: plain gradient
    descent and RMSprop without a pull towards 0.
    """
    training = config.training
    movers = [pull.definite for pull in active_pulls(training)]
    movers += [_("the gradients that were never reset")] if training_loop(training).keeps_gradients else []
    movers += filter(None, [OPTIMIZERS[training.optimizer].moves_on(training)])
    if layer > 0:
        movers.append(_("the layers before it") if layer > 1 else _("the layer before it"))
    return tuple(movers)


def revival_clause(config: Config, layer: int) -> str:
    """Return a clause, to end a sentence with: whether a dead neuron can revive.

    Weight decay alone multiplies its weights and bias by 1 − ηδ, which changes no sign if it is above 0.
    """
    training = config.training
    is_plain = OPTIMIZERS[training.optimizer].rule(training) is PLAIN
    keeps_signs = is_plain and training.learning_rate * training.weight_decay < 1
    movers = [name for name in what_moves_dead(config, layer) if not (keeps_signs and name == DECAY.definite)]
    # Translators: {movers} is such as “weight decay and momentum”.
    words = _("only {movers} can still bring it back") if movers else _("by itself it cannot come back")
    return words.format(movers=listed(movers))


def describe_death(before: Moment, after: TrainerState, layer: int, index: int, *, is_by_hand: bool = False) -> Death:
    """Describe the death of a neuron that is active in one state and dead in the next."""
    last, refs = before.state, parameters_of(NeuronRef(layer, index))
    old, new = ([state.parameters[ref.array][ref.index] for ref in refs] for state in (last, after))

    def active_samples(state: TrainerState) -> int:
        activation, x = before.rule.config.network.activation, before.rule.dataset.x_train[:, 0]
        return int(active_counts(as_layers(state.parameters), activation, x)[layer][index])

    by_itself = active_samples(last.with_parameters(zip(refs, new, strict=True))) == 0
    by_others = active_samples(after.with_parameters(zip(refs, old, strict=True))) == 0
    culprits: dict[tuple[bool, bool], Culprit] = {
        (True, False): "its own weights",
        (False, True): "the layers before",
        (True, True): "either",
        (False, False): "both together",
    }
    would_live = active_samples(after) > 0  # on the old samples
    return Death(
        step=after.step,
        layer=layer,
        index=index,
        weights_before=owned(old[0]),
        weights_after=owned(new[0]),
        bias_before=float(old[1]),
        bias_after=float(new[1]),
        samples_before=active_samples(last),
        culprit="the samples" if would_live else culprits[by_itself, by_others],
        before=before,
        is_by_hand=is_by_hand,
    )


PLATEAU_PART = 0.2  # the last part of the losses, which is checked
PLATEAU_MOVE = 1e-3  # the relative change below which it is a plateau
SMALLEST_MOVE = 1e-5  # the least one displayed as a number
PLATEAU_LENGTH = 100  # fewer losses are not judged


@frozen_dataclass
class Plateau:
    """A loss that does not move.

    Attributes
    ----------
    steps
        The first steps of the two stretches compared, and the last step of the second one.
    loss
        The mean loss of the second stretch.
    move
        The excess of the first stretch's mean over `loss`, as a share of it.
    """

    steps: tuple[int, int, int]
    loss: float
    move: float


def find_plateau(history: loss_history.LossHistory) -> Plateau | None:
    """Return the plateau that a training has reached, or None while its loss still moves.

    The last fifth or so of the losses is split into two stretches, aligned to the history's buckets so that their means
    are exact. It is a plateau if the means differ by less than a thousandth, or, for noisy mini-batches, by less than
    ten times that and four standard errors. None with fewer than 100 losses, or if one compared was not finite.
    """
    starts, means, counts = history.means()
    if len(means) < PLATEAU_LENGTH:
        return None
    half = int(PLATEAU_PART * len(means)) // 2
    first, second = int(starts[-2 * half]), int(starts[-half])
    halves, weights = means[-2 * half :].reshape(2, half), counts[-2 * half :].reshape(2, half)
    if weights.sum() != history.last_step + 1 - first:  # some losses, left out of the history, were not finite
        return None
    before, loss = (float(mean) for mean in np.average(halves, axis=1, weights=weights))
    # from means of stretches, not single losses: valid even if successive losses are correlated
    noise = float(np.sqrt(halves.var(axis=1).sum() / half))
    change = before - loss
    limit = 10 * PLATEAU_MOVE * loss if abs(change) <= 4 * noise else PLATEAU_MOVE * loss
    if abs(change) >= limit and change:  # two means of 0 are a plateau too
        return None
    return Plateau((first, second, history.last_step), loss, change / loss if change else 0.0)


def stretches_compared(plateau: Plateau) -> str:
    """State the finding so that it can be checked: two means, and their steps."""
    first, second, last = plateau.steps
    share = with_signs(f"{100 * abs(plateau.move):.2g} %")
    if abs(plateau.move) < SMALLEST_MOVE:
        share = with_signs(f"{100 * SMALLEST_MOVE:g} %")
        words = _(
            "The loss has stayed at {loss}, its mean over steps {second}–{last}: over steps {first}–{end} the mean was "
            "the same to {share}."
        )
    elif plateau.move > 0:
        words = _(
            "The loss has stayed at {loss}, its mean over steps {second}–{last}: over steps {first}–{end} the mean was "
            "{share} higher."
        )
    else:
        words = _(
            "The loss has stayed at {loss}, its mean over steps {second}–{last}: over steps {first}–{end} the mean was "
            "{share} lower."
        )
    holes = {"first": first, "end": second - 1, "second": second, "last": last}
    steps = {name: count_text(step) for name, step in holes.items()}
    return words.format(loss=plain(plateau.loss), share=share, **steps)


MAX_NEURONS = 5  # named in one mark

Deaths = Mapping[tuple[int, int], Death | DeathBetween | None]


def time_marks(run: run.Run, deaths: Deaths | None = None) -> tuple[Mark, ...]:
    """Return the changes made to a run and the things that happened to it, by step.

    The lowest held-out loss is the lowest recorded one since the samples last changed, as losses over different samples
    are not comparable. Neurons that died at the same step share one mark; a death only known to lie between two steps
    is marked at the second.

    `deaths` are by (layer, index); None for a neuron that was dead from the first weights on.
    """
    found = [*marks(run)]
    if run.parent is not None:
        words = _("Branched off here: up to this step the two runs are the same")
        found.append(Mark(run.parent.step, words, "branch"))
    found += _deaths(deaths or {})
    if run.best_held_out is not None:
        step, loss = run.best_held_out
        changed = max(events.samples_changed_at(run.start, run.events), default=0)
        words = _("Lowest recorded held-out loss: {loss}")
        if changed:
            words = _("Lowest recorded held-out loss since the samples were changed at step {step}: {loss}")
        found.append(Mark(step, words.format(step=count_text(changed), loss=loss_text(loss)), "best held out"))
    if (plateau := find_plateau(run.losses)) is not None:
        text = _("A plateau, from here on at the latest. {details}").format(details=stretches_compared(plateau))
        found.append(Mark(plateau.steps[0], text, "plateau"))
    if run.diverged_at is not None:
        text = _("Diverged: at step {step} the loss is not a finite number any more")
        text = _("Diverged: here the loss is not a finite number any more") if run.diverged_at == run.step else text
        text = text.format(step=count_text(run.diverged_at))
        found.append(Mark(run.step, text, "divergence"))  # at the last step whose loss is
    return tuple(sorted(found, key=lambda mark: mark.step))


def _deaths(deaths: Deaths) -> Iterator[Mark]:
    alike: defaultdict[tuple[int, str, int], list[int]] = defaultdict(list)
    for (layer, index), death in sorted(deaths.items()):
        alike[(*_step_and_words(death), layer)].append(index)
    for (step, words, layer), indices in alike.items():
        # Translators: {neurons} is such as “Neurons 1 and 3”, {died} such as “died: numbers were set by hand”.
        text = _("{neurons} of hidden layer {layer} {died}")
        text = text.format(neurons=_neurons(indices), layer=layer + 1, died=words)
        yield Mark(step, text, "death", len(indices))


def _step_and_words(death: Death | DeathBetween | None) -> tuple[int, str]:
    match death:
        case Death():
            if not death.is_by_hand:
                return death.step, _("died")
            is_of_samples = death.culprit == "the samples"
            by_hand = _("died: the samples were changed") if is_of_samples else _("died: numbers were set by hand")
            return death.step, by_hand
        case DeathBetween(first=None):
            words = _("dead wherever this long run was looked at, for good since step {step} at the latest")
            return death.last, words.format(step=count_text(death.last))
        case DeathBetween(first=int(first)):
            words = _("died between step {first} and step {last}")
            return death.last, words.format(first=count_text(first), last=count_text(death.last))
    return 0, _("dead from the first weights on")


def _neurons(indices: list[int]) -> str:
    if len(indices) == 1:
        return pgettext("heading", "Neuron {name}").format(name=indices[0] + 1)
    if len(indices) > MAX_NEURONS:
        return ngettext("{count} neuron", "{count} neurons", len(indices)).format(count=count_text(len(indices)))
    return _("Neurons {names}").format(names=listed([str(index + 1) for index in indices]))
