"""Which rule made the steps of a recorded training loop, in words, and where the right one would have led."""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from tinynet_gui.core.choices.activations import ACTIVATIONS, ActivationNames
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config import Config, ConfigError, TrainingConfig
from tinynet_gui.core.data import delimited, points
from tinynet_gui.core.loops import rules, search
from tinynet_gui.core.loops.gradients import LoopRecord, LoopSamples, Objective, Steps, stretches_of
from tinynet_gui.core.loops.rules import LoopRule
from tinynet_gui.core.run import replay, session
from tinynet_gui.core.system.background import raise_if_stopped
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text, listed, loss_text
from tinynet_gui.core.training.snapshot import loss_at
from tinynet_gui.core.training.start import initial_state
from tinynet_gui.core.values import Flags, Ints, Stop, frozen_dataclass

FEW = 6  # first steps whose rule is worth naming even if later steps have another
AT_ONCE = 100_000  # steps
MAX_WORK = 20_000_000_000  # parameters x samples x steps of the training as it should have been


@frozen_dataclass(eq=False)
class LoopExplanation:
    """Which rule made the recorded steps; `print` it.

    Attributes
    ----------
    text
        In words.
    rules
        All rules that make the steps, of the simplest kind of which there are any; empty if none is known, or nothing
        can be told.
    mistakes
        What is wrong with the loop, by names: ``never_reset``, ``broadcast``, ``late``, ``twice``, ``ascent``, ``sum``.
        Empty as long as a loop without a mistake makes the same steps.
    told, hidden, unexplained
        How many steps are explained, how many rounding hides, and the numbers from 1 of those that no rule makes.
    left_out
        The parameters that never move though their gradient is not 0, such as ``2.bias``.
    right, right_loss
        The settings of the same training without the mistakes, from the same start, and the loss at its end; None
        where it is right, or is none that can be trained here.
    loss, dead
        The loss at the end of the recording, and how many neurons are dead there.
    """

    text: str
    rules: tuple[LoopRule, ...] = ()
    mistakes: tuple[str, ...] = ()
    told: int = 0
    hidden: int = 0
    unexplained: tuple[int, ...] = ()
    left_out: tuple[str, ...] = ()
    right: Config | None = None
    right_loss: float | None = None
    loss: float = float("nan")
    dead: int = 0

    def __str__(self) -> str:
        return self.text


MAX_CONTRADICTIONS = 0.1  # steps that contradict a mistake, for each that shows it


@frozen_dataclass
class _Checked:
    """A rule, checked against all recorded steps.

    Attributes
    ----------
    told, failed
        The numbers from 1 of the steps that it makes, and of those that it does not.
    hidden, silent
        How many steps rounding hides, and how many need what is not recorded. The first of a later stretch is in none
        of these where it only shows what the loop remembered.
    rates
        Of the steps that are told.
    """

    rule: LoopRule
    told: tuple[int, ...]
    hidden: int
    silent: int
    failed: tuple[int, ...]
    rates: tuple[float, ...]

    @property
    def is_credible(self) -> bool:
        """Whether it claims no mistake, or hardly any step contradicts it: a few steps have many explanations."""
        return not self.rule.mistakes or len(self.failed) <= MAX_CONTRADICTIONS * len(self.told)


def explain(
    record: LoopRecord,
    learning_rate: float | None = None,
    stop: Stop | None = None,
    on_progress: delimited.OnProgress = delimited.ignore_progress,
) -> LoopExplanation:
    """Say which rule made the recorded steps; see `core.loops.recording.Recorder.explain`.

    `StoppedError` soon after `stop` became nonzero; `on_progress` takes the share of the search.
    """

    def report(share: float) -> None:
        raise_if_stopped(stop)
        on_progress(share)

    stretches = stretches_of(record)
    if not stretches:
        return _nothing_moved(record)
    moved = np.any([(steps.moves != 0).any(axis=0) for steps in stretches], axis=0)
    eps = float(np.finfo(record.weights.dtype).eps) / 2
    samples = LoopSamples(record.widths, record.x, record.y, _sampled(np.flatnonzero(moved)), eps)
    activation = record.activation or _by_losses(record, stretches[0])
    found = search.Search(samples, stretches[0], activation, lambda share: report(share / 2)).found()
    if not found:
        found = search.Search(samples, stretches[0].to(FEW), activation, lambda share: report((1 + share) / 2)).found()
    checked = [_checked(rule, samples, stretches) for rule in found]
    best = min((len(each.failed) for each in checked), default=0)
    checked = [each for each in checked if len(each.failed) == best and each.is_credible]
    if not checked:
        return _unknown(samples, stretches)
    return _in_words(record, samples, stretches, checked, learning_rate, moved, stop)


def _by_losses(record: LoopRecord, steps: Steps) -> ActivationNames | None:
    """Return the activation that makes the network's losses those that the loop printed; None if none does."""
    known = np.isin(record.loss_steps, steps.numbers)
    rows, losses = record.loss_steps[known][:5] - steps.first, record.losses[known][:5]
    samples = LoopSamples(record.widths, record.x, record.y, np.zeros(0, np.int64), 0.0)
    for activation, loss, is_broadcast in product(ACTIVATIONS if len(rows) else (), LOSSES, (False, True)):
        objective = Objective(activation, loss, is_broadcast)
        if np.allclose(samples.gradients(objective, steps.weights[rows], rows).losses, losses, rtol=1e-4, atol=0):
            return activation
    return None


def _sampled(places: Ints) -> Ints:
    if len(places) <= rules.MAX_PLACES:
        return places
    return np.sort(np.random.default_rng(0).choice(places, rules.MAX_PLACES, replace=False))


def _checked(rule: LoopRule, samples: LoopSamples, stretches: Sequence[Steps]) -> _Checked:
    can_change = rules.changes_direction(stretches[0].to(search.FITTED), samples)
    told, failed, rates, hidden, silent = list[int](), list[int](), list[float](), 0, 0
    for steps in stretches:
        found = samples.gradients(rule.objective, steps.weights, steps.numbers)
        known = steps.first == 0
        added = rules.moves_of(rule, samples, steps, found) if known else rules.later_moves(rule, samples, steps, found)
        if added is None:
            silent += len(steps)
            continue
        own = rules.rates_per_step(added, samples, steps)
        alike = np.full(len(steps), rule.rate)
        fit = rules.fitted(added, samples, steps, found.is_unclear, own if rule.changes else alike)
        excess = fit.excess
        if not rule.changes and can_change:
            # the rate may change later, as long as the direction stays that of the rule
            excess = np.fmin(excess, rules.fitted(added, samples, steps, found.is_unclear, own).excess)
        numbers = steps.numbers + 1
        is_tested = ~np.isnan(added[0]).all(axis=1)
        is_hidden = np.isnan(excess) & is_tested
        told += numbers[is_tested & (excess <= 1)].tolist()
        failed += numbers[is_tested & (excess > 1)].tolist()
        hidden += int(is_hidden.sum())
        rates += np.where(fit.excess > 1, own, fit.rates)[is_tested & (excess <= 1)].tolist()
    return _Checked(rule, tuple(told), hidden, silent, tuple(failed), tuple(rates))


def _nothing_moved(record: LoopRecord) -> LoopExplanation:
    count = max(0, len(record.steps) - 1)
    words = ngettext(
        "None of the {count} recorded step moved a weight, so the rule cannot be told.",
        "None of the {count} recorded steps moved a weight, so the rule cannot be told.",
        count,
    )
    why = _(
        "Either the gradient is 0 (all neurons dead, or the loss at its lowest), or the learning rate is 0, or no "
        "parameter of this network was given to the optimiser, or `optimizer.zero_grad()` comes between "
        "`loss.backward()` and `optimizer.step()`."
    )
    text = f"{words.format(count=count_text(count))} {why}"
    loss = record.loss_at(len(record.weights) - 1, TrainingConfig().loss, record.activation or "relu")
    return LoopExplanation(text, loss=loss)


def _in_words(
    record: LoopRecord,
    samples: LoopSamples,
    stretches: Sequence[Steps],
    checked: Sequence[_Checked],
    learning_rate: float | None,
    moved: Flags,
    stop: Stop | None,
) -> LoopExplanation:
    right = [each for each in checked if not each.rule.mistakes]
    one = (right or checked)[0]
    rule = one.rule
    named = [each.rule.mistakes for each in checked]
    certain = set(named[0]).intersection(*named)
    possible = dict.fromkeys(name for names in named for name in names if name in certain or not certain)
    mistakes = () if right else tuple(possible)
    ratio = abs(rule.rate) / learning_rate if learning_rate else None
    if ratio is not None and not mistakes and rule.is_plain and _is_close(ratio, len(record.x)) and len(record.x) > 2:
        mistakes = ("sum",)
    left_out = rules.left_out(samples, rule, stretches[0], moved)
    sentences = [_head(one, record, stretches), *_equivalents(rule, record, ratio, learning_rate)]
    for other in (each.rule for each in checked if each is not one):
        sentences.append(_("The same steps: {rule}.").format(rule=rules.with_mistakes(other, record, ())))
    sentences += _exceptions(one, left_out)
    end = int(np.flatnonzero(np.isfinite(record.weights).all(axis=1))[-1])
    loss = record.loss_at(end, rule.objective.loss, rule.objective.activation)
    dead, right_loss = record.dead_at(end, rule.objective.activation), None
    result = loss_text(loss)
    if dead:
        words = ngettext("{loss}, with {count} dead neuron", "{loss}, with {count} dead neurons", dead)
        result = words.format(loss=result, count=count_text(dead))
    wanted = None if one.failed or left_out else right_config(record, rule, one.rates)
    if mistakes and mistakes != ("sum",) and wanted is not None and _work(wanted, record) <= MAX_WORK:
        right_loss = _final_loss(wanted, int(record.steps[-1]), stop)
        words = ngettext(
            "Without this mistake, from the same start, the loss would be {loss}; yours ended at {result}.",
            "Without these mistakes, from the same start, the loss would be {loss}; yours ended at {result}.",
            len(rule.mistakes),
        )
        sentences.append(words.format(loss=loss_text(right_loss), result=result))
    else:
        # Translators: {result} is a loss, perhaps “with 3 dead neurons”.
        sentences.append(_("The loss ended at {result}.").format(result=result))
    text, made_by, numbers = " ".join(sentences), tuple(each.rule for each in checked), (len(one.told), one.hidden)
    return LoopExplanation(text, made_by, mistakes, *numbers, one.failed, left_out, wanted, right_loss, loss, dead)


def _final_loss(config: Config, steps: int, stop: Stop | None) -> float:
    """Return the loss after some steps, taken in portions so that Ctrl+C works; infinite if they diverge."""
    run, stepper, state, taken = session.new_run(1, config, "Compiled"), replay.Stepper(stop), initial_state(config), 0
    for taken in [*range(AT_ONCE, steps, AT_ONCE), steps]:
        state = stepper.take(run.start, state, taken - state.step)
        if state.step < taken:
            return float("inf")
    return loss_at(config, run.dataset, state)


def _head(one: _Checked, record: LoopRecord, stretches: Sequence[Steps]) -> str:
    """Say which steps the rule made."""
    rule, count = one.rule, len(one.told) + len(one.failed) + one.hidden + one.silent
    last = stretches[-1].first + len(stretches[-1])
    if one.failed:
        last, words = one.failed[0] - 1, _("Steps 1 to {last}: {rule}")
    elif len(one.told) == count:
        words = _("All {count} recorded steps between 1 and {last}: {rule}")
        words = words if count > 1 else _("The recorded step: {rule}")
    else:
        words = _("{told} of {count} recorded steps between 1 and {last}: {rule}")
    said = rules.with_mistakes(rule, record, one.rates)
    head = words.format(told=count_text(len(one.told)), count=count_text(count), last=count_text(last), rule=said)
    objective = rule.objective
    is_tutorial = rule.is_plain and LOSSES[objective.loss].is_square and not objective.batch
    is_tutorial &= not rule.mistakes and not rules.changes(rule, one.rates)
    return _("{sentence}, as in the tutorial.").format(sentence=head) if is_tutorial else f"{head}."


def _exceptions(one: _Checked, left_out: Sequence[str]) -> Iterator[str]:
    if one.failed:
        shown, more = [count_text(step) for step in one.failed[:3]], len(one.failed) - 3
        if more > 0:
            shown.append(ngettext("{count} more other", "{count} more others", more).format(count=count_text(more)))
        words = ngettext(
            "No rule that I know makes step {steps}.", "No rule that I know makes steps {steps}.", len(one.failed)
        )
        yield words.format(steps=listed(shown))
    if one.hidden:
        words = ngettext(
            "Rounding hides what made {count} step.", "Rounding hides what made {count} steps.", one.hidden
        )
        yield words.format(count=count_text(one.hidden))
    if one.silent:
        words = ngettext(
            "{count} later step cannot be told, as the steps before are not recorded.",
            "{count} later steps cannot be told, as the steps before are not recorded.",
            one.silent,
        )
        yield words.format(count=count_text(one.silent))
    if left_out:
        words = ngettext(
            "{names} never moves although the gradient is not 0: it is frozen, or not given to the optimiser.",
            "{names} never move although the gradient is not 0: they are frozen, or not given to the optimiser.",
            len(left_out),
        )
        yield words.format(names=listed(left_out))


def _unknown(samples: LoopSamples, stretches: Sequence[Steps]) -> LoopExplanation:
    steps, count = stretches[0], sum(map(len, stretches))
    lengths, rounding = (np.sqrt((part**2).sum(axis=1)) for part in (steps.moves, steps.rounding))
    if np.median(lengths) < 1_000 * np.median(rounding):
        words = ngettext(
            "Which rule made the {count} recorded step cannot be told: most are so small that the weights' rounding "
            "hides them.",
            "Which rule made the {count} recorded steps cannot be told: most are so small that the weights' rounding "
            "hides them.",
            count,
        )
        return LoopExplanation(words.format(count=count_text(count)), hidden=count)
    words = ngettext(
        "No rule that I know makes the {count} recorded step: none of the optimisers, losses and mistakes here, nor "
        "two of them together.",
        "No rule that I know makes the {count} recorded steps: none of the optimisers, losses and mistakes here, nor "
        "two of them together.",
        count,
    )
    batches = _("Batches in an order of their own are among what I do not find.")
    text = f"{words.format(count=count_text(count))} {batches}"
    return LoopExplanation(text, unexplained=tuple((1 + np.arange(len(steps))).tolist()))


def _equivalents(rule: LoopRule, record: LoopRecord, ratio: float | None, given: float | None) -> list[str]:
    """Say which other loops make exactly the same steps or, if the given rate is known, which one it is."""
    count = rule.objective.batch or len(record.x)
    if not rule.is_plain or rule.changes:
        return []
    rate = abs(rule.rate)
    if ratio is not None and given is not None:
        if _is_close(ratio, 1):
            return []
        if count > 2 and _is_close(ratio, count):
            words = _("That is {count} times the rate you gave: the losses are summed, not averaged.")
            return [words.format(count=count)]
        if _is_close(ratio, 2):
            return [_("That is twice the rate you gave, as if `optimizer.step()` were called twice in each step.")]
        return [_("You gave the rate {rate}.").format(rate=rules.short(given))]
    ways = list[str]()
    if count > 1:
        ways.append(_("the sum of the losses in place of their mean, at {rate}").format(rate=rules.short(rate / count)))
    if rule.habit is rules.TUTORIAL:
        ways.append(_("`optimizer.step()` twice in each step, at {rate}").format(rate=rules.short(rate / 2)))
    if rule.habit.name == "never_reset":
        ways.append(_("momentum of exactly 1"))
    # Translators: {ways} are such as “momentum of exactly 1”, joined with “or”.
    return [_("The same steps would come from {ways}.").format(ways=listed(ways, "or"))] if ways else []


def _is_close(ratio: float, what: float) -> bool:
    return abs(ratio / what - 1) < 1e-3


def right_config(record: LoopRecord, rule: LoopRule, rates: Sequence[float]) -> Config | None:
    """Return the settings of a recorded training without its mistakes, from the same start; None if there are none."""
    if rule.objective.batch or rules.changes(rule, rates):
        return None
    is_nesterov = any("esterov" in term.label for term in rule.rule.terms)
    try:
        return record.start().with_changes(
            {
                "network.activation": rule.objective.activation,
                "training.loss": rule.objective.loss,
                "training.optimizer": rule.optimizer,
                "training.learning_rate": rules.rounded(abs(rule.rate)),
                "training.nesterov": is_nesterov,
                **{f"training.{name}": value for name, value in rule.numbers.items()},
            }
        )
    except (ConfigError, points.PointsError):
        return None


def _work(config: Config, record: LoopRecord) -> int:
    return config.network.parameter_count * len(record.x) * int(record.steps[-1])
