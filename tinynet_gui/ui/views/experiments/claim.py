"""A claim about many runs: a sentence to fill in, its verdict, and a dot plot with the limit."""

import math
from collections.abc import Sequence
from contextlib import suppress

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout

from tinynet_gui.core.config import MAX_WIDTH, Config
from tinynet_gui.core.experiments.claim import Claim, ClaimResult, Quantifier
from tinynet_gui.core.text.language import gettext as _, ngettext, with_signs
from tinynet_gui.core.text.numbers import count_text, loss_text, plain, typed
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.text.typed_numbers import NoNumberError, typed_real
from tinynet_gui.ui.views.experiments.drawing import SEED_AXES, SEED_HINT, Control, Drawing, ShownExperiment
from tinynet_gui.ui.widgets.accessibility import caption, in_role, named, show_words, small
from tinynet_gui.ui.widgets.cards import filled
from tinynet_gui.ui.widgets.fields import editors, number_fields, refusals

QUANTIFIERS: dict[Quantifier, str] = {"always": _("always"), "mostly": _("mostly"), "never": _("never")}
USUAL_LIMIT = 0.01
LIMIT_CHARACTERS = 7  # visible at least


class ClaimRow(Control):
    """The sentence; below it a note if the settings have other layers, or why the limit is invalid."""

    def __init__(self) -> None:
        super().__init__()
        self._hidden: tuple[int, ...] | None = None
        tooltip = _("How many neurons the hidden layer has; it begins with those of the settings.")
        self._neurons = named(number_fields.count_field(), "claimNeurons", _("Neurons of the claim"), tooltip)
        self._neurons.setRange(1, MAX_WIDTH)
        self._neurons.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # narrower than its largest
        tooltip = _("Always: from every seed. Mostly: from more than half of all seeds. Never: from none.")
        self._quantifier = named(editors.ChoiceBox(QUANTIFIERS), "claimQuantifier", _("How often"), tooltip)
        self._verb = QLabel()
        tooltip = _("The training loss after the last step must be below this. Enter runs the experiment.")
        self._limit = named(QLineEdit(typed(USUAL_LIMIT)), "claimLimit", _("Limit of the loss"), tooltip)
        self._limit.setMinimumWidth((LIMIT_CHARACTERS + 2) * self._limit.fontMetrics().horizontalAdvance("0"))
        self._meaning = named(caption(), "claimMeaning", _("Which network is meant"))
        self._refusal = in_role(named(QLabel(), "claimRefusal", _("Error in the limit")), "error")
        refusals.tie(self._limit, self._refusal)
        row = filled(QHBoxLayout(), self._neurons, self._quantifier, self._verb, self._limit, None)
        filled(QVBoxLayout(self), row, self._meaning, self._refusal, margins=(0, 0, 0, 0), spacing=2)
        for label in (self._meaning, self._refusal):
            small(label, 0.92).setWordWrap(True)
        self._neurons.valueChanged.connect(self._on_changed)
        self._quantifier.value_edited.connect(self._on_changed)
        self._limit.textChanged.connect(self._on_changed)
        self._limit.returnPressed.connect(self.entered)
        self._write()

    @property
    def about(self) -> Claim | None:
        """The entered claim; None if its limit is invalid."""
        limit = _read_limit(self._limit.text())
        if isinstance(limit, str) or self._neurons.refusal():
            return None
        return Claim(self._neurons.count, self._quantifier.currentData(), limit)

    def show_about(self, parts: Sequence[int | float | str]) -> None:
        match parts:
            case (int(neurons), str(quantifier), int() | float() as limit):
                if 1 <= neurons <= MAX_WIDTH and quantifier in QUANTIFIERS and 0 < limit < math.inf:
                    self._neurons.setValue(neurons)
                    self._quantifier.setCurrentIndex(self._quantifier.findData(quantifier))
                    self._limit.setText(typed(limit))

    def show_config(self, config: Config) -> None:
        """Claim something about as many neurons as the settings' first hidden layer has, when its width changes."""
        hidden = config.network.hidden
        if hidden == self._hidden:
            return
        self._hidden = hidden
        if hidden:
            self._neurons.setValue(hidden[0])
        self._write()

    def _on_changed(self) -> None:
        self._write()
        self.changed.emit()

    def _write(self) -> None:
        count = self._neurons.count
        self._neurons.setSuffix(" " + ngettext("neuron", "neurons", count))
        self._verb.setText(ngettext("gets below", "get below", count))
        meaning, limit = "", _read_limit(self._limit.text())
        if self._hidden is not None and len(self._hidden) != 1:
            layers = ", ".join(map(str, self._hidden)) or _("none")
            meaning = ngettext(
                "One hidden layer of {count} neuron is meant; the settings have {layers}.",
                "One hidden layer of {count} neurons is meant; the settings have {layers}.",
                count,
            ).format(count=count_text(count), layers=layers)
        refusal = limit if isinstance(limit, str) else ""
        show_words(self._meaning, meaning)
        show_words(self._refusal, refusal)
        refusals.mark_invalid(self._limit, refusal)


def _read_limit(text: str) -> float | str:
    """Read a typed limit, or say why it is invalid."""
    limit = math.nan
    with suppress(NoNumberError):
        limit = typed_real(text)
    words = _("{text} is not a limit: write a number above 0, such as {example}")
    refusal = words.format(text=written(text.strip()), example=plain(USUAL_LIMIT))
    return limit if 0 < limit < math.inf else refusal


def explain_claim(result: ClaimResult) -> str:
    """Say whether the claim holds, how sure that is, the seed of the strongest counterexample, and what was claimed."""
    return " ".join([_verdict(result), *_share(result), *_counterexample(result), _meaning(result)])


def limit_text(limit: float) -> str:
    """Format a limit the way a user types it."""
    return plain(limit, 6)


def _verdict(result: ClaimResult) -> str:
    claim, seeds, neurons = result.claim, result.seeds, result.claim.neurons
    # Translators: in all of these {there} is such as "256 seeds" or "the first 20 of 256 seeds".
    if not result.is_complete and result.verdict != "no":
        text = ngettext(
            "So far {neurons} neuron got below {limit} in {count} of {there}.",
            "So far {neurons} neurons got below {limit} in {count} of {there}.",
            neurons,
        )
    elif claim.quantifier == "always" and result.verdict == "yes":
        # Translators: {share} is such as "at least 98.6 %".
        text = ngettext(
            "Yes, {neurons} neuron always gets below {limit}: in all {there}, so in {share} of all.",
            "Yes, {neurons} neurons always get below {limit}: in all {there}, so in {share} of all.",
            neurons,
        )
    elif claim.quantifier == "never" and result.verdict == "yes":
        # Translators: {share} is such as "at most 1.4 %".
        text = ngettext(
            "Yes, {neurons} neuron never gets below {limit}: in none of {there}, so in {share} of all.",
            "Yes, {neurons} neurons never get below {limit}: in none of {there}, so in {share} of all.",
            neurons,
        )
    elif claim.quantifier == "never":
        text = ngettext(
            "No, {neurons} neuron does get below {limit}: in {count} of {there}.",
            "No, {neurons} neurons do get below {limit}: in {count} of {there}.",
            neurons,
        )
    elif result.verdict == "cannot tell":
        text = ngettext(
            "Cannot tell whether {neurons} neuron mostly gets below {limit}: it did in {count} of {there}.",
            "Cannot tell whether {neurons} neurons mostly get below {limit}: they did in {count} of {there}.",
            neurons,
        )
    elif result.verdict == "yes":
        text = ngettext(
            "Yes, {neurons} neuron mostly gets below {limit}: in {count} of {there}.",
            "Yes, {neurons} neurons mostly get below {limit}: in {count} of {there}.",
            neurons,
        )
    elif claim.quantifier == "always" and seeds.reached:
        text = ngettext(
            "No, {neurons} neuron does not always get below {limit}: in only {count} of {there}.",
            "No, {neurons} neurons do not always get below {limit}: in only {count} of {there}.",
            neurons,
        )
    elif claim.quantifier == "always":
        text = ngettext(
            "No, {neurons} neuron does not always get below {limit}: in none of {there}.",
            "No, {neurons} neurons do not always get below {limit}: in none of {there}.",
            neurons,
        )
    elif seeds.reached:
        text = ngettext(
            "No, {neurons} neuron does not mostly get below {limit}: in only {count} of {there}.",
            "No, {neurons} neurons do not mostly get below {limit}: in only {count} of {there}.",
            neurons,
        )
    else:
        text = ngettext(
            "No, {neurons} neuron does not mostly get below {limit}: in none of {there}.",
            "No, {neurons} neurons do not mostly get below {limit}: in none of {there}.",
            neurons,
        )
    holes = {"limit": limit_text(claim.limit), "there": _all_seeds(result), "share": _confidence_interval(result)}
    return text.format(neurons=count_text(neurons), count=count_text(seeds.reached), **holes)


def _confidence_interval(result: ClaimResult) -> str:
    """Write the confidence interval of the share of all seeds, rounded outwards so that it stays true."""
    seeds = result.seeds
    ends = zip((math.floor, math.ceil), seeds.interval, strict=True)
    low, high = (with_signs(f"{end(1000 * share) / 10:.1f}") for end, share in ends)
    text = _("at most {high} %") if seeds.reached == 0 else _("between {low} and {high} %")
    return (_("at least {low} %") if seeds.reached == len(seeds.runs) else text).format(low=low, high=high)


def _share(result: ClaimResult) -> list[str]:
    # Translators: {bounds} is such as "between 1.2 and 3.4 %".
    text = _("That is {share} %; of all possible seeds it is {bounds} (95 % confidence).")
    share = with_signs(f"{100 * result.seeds.share:.1f}")
    words = [text.format(share=share, bounds=_confidence_interval(result))]
    if result.claim.quantifier == "mostly" and not result.is_complete:
        words.append(_("“Mostly” is decided only when all seeds are done."))
    elif result.verdict == "cannot tell":
        words.append(_("One half is within that: more seeds could tell."))
    return words


def _counterexample(result: ClaimResult) -> list[str]:
    run = result.counterexample
    if run is None:
        return []
    count = sum(result.contradicts)
    if result.claim.quantifier == "mostly":
        ended = _("The worst is seed {seed}: it ended at {loss}.")
        diverged = _("The worst is seed {seed}: it diverged.")
    elif count == 1:
        ended = _("The counterexample is seed {seed}: it ended at {loss}.")
        diverged = _("The counterexample is seed {seed}: it diverged.")
    else:
        ended = _("Of {count} counterexamples the clearest is seed {seed}: it ended at {loss}.")
        diverged = _("Of {count} counterexamples the clearest is seed {seed}: it diverged.")
    holes = {"seed": run.config.network.seed, "loss": loss_text(run.final_loss), "count": count_text(count)}
    words = (ended if run.diverged_at is None else diverged).format(**holes)
    where = _("It is the first in the list; open it there.")
    return [words] if result.claim.quantifier == "mostly" else [words, where]


def _meaning(result: ClaimResult) -> str:
    claim, steps = result.claim, result.config.training.stop_step
    # Translators: {neurons} is such as "10 neurons".
    words = ngettext(
        "Meant is one hidden layer of {neurons}, all else as in the settings, and the loss on the training samples "
        "after {steps} step.",
        "Meant is one hidden layer of {neurons}, all else as in the settings, and the loss on the training samples "
        "after {steps} steps.",
        steps,
    )
    neurons = ngettext("{count} neuron", "{count} neurons", claim.neurons).format(count=count_text(claim.neurons))
    words = words.format(neurons=neurons, steps=count_text(steps))
    mostly = _(
        "Mostly is: from more than half of all seeds; where it is just half, at most 5 of 100 such experiments say yes "
        "or no."
    )
    return f"{words} {mostly}" if claim.quantifier == "mostly" else words


def _all_seeds(result: ClaimResult) -> str:
    count = len(result.seeds.runs)
    if result.is_complete:
        return ngettext("{count} seed", "{count} seeds", count).format(count=count_text(count))
    # Translators: it follows "of": "in 3 of the first 20 of 256 seeds".
    return _("the first {count} of {wanted} seeds").format(count=count_text(count), wanted=count_text(result.wanted))


def draw_claim(drawing: Drawing, result: ClaimResult) -> None:
    """Draw one dot per seed, stacked over its final loss, and the limit; counterexamples stand out by colour."""
    limit, against = result.claim.limit, sum(result.contradicts)
    words = (_("below it"), _("not below it"))
    if result.claim.quantifier != "never":
        words = words[::-1]
    drawing.enter("┄", "ghost", _("the limit, {limit}").format(limit=limit_text(limit)))
    for count, color, word in ((len(result.runs) - against, "ink", words[1]), (against, "guess", words[0])):
        if count:
            drawing.enter("●", color, f"{word}: {count_text(count)}")
    drawing.add_heap(result.runs, result.contradicts, "guess", limit)  # a low loss is no error


CLAIM = ShownExperiment[ClaimResult](
    _("Claim"),
    _("Is your claim true? It is tested on many seeds."),
    SEED_HINT,
    explain_claim,
    draw_claim,
    SEED_AXES,
    list_name=_("Runs of the claim, the one that speaks most against it first"),
    listed=lambda result: result.ranked,
    control=ClaimRow,
)
