"""A claim about many runs: a sentence to fill in, its verdict, and a dot plot with the limit."""

import math
from collections.abc import Sequence
from contextlib import suppress

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout

from tinynet_gui.core.config import MAX_WIDTH, Config
from tinynet_gui.core.experiments.claim import Claim, ClaimResult, Quantifier
from tinynet_gui.core.text.numbers import count_text, counted, loss_text, plain, typed
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.text.typed_numbers import NoNumberError, typed_real
from tinynet_gui.ui.style.theme import small_font
from tinynet_gui.ui.views.experiments.drawing import (
    SEED_AXES,
    SEED_HINT,
    Control,
    Drawing,
    ShownExperiment,
    heaped,
    log_of,
)
from tinynet_gui.ui.widgets.accessibility import caption, in_role, named, show_words
from tinynet_gui.ui.widgets.cards import filled
from tinynet_gui.ui.widgets.fields import editors, number_fields, refusals

QUANTIFIERS: dict[Quantifier, str] = {"always": "always", "mostly": "mostly", "never": "never"}
USUAL_LIMIT = 0.01
LIMIT_CHARACTERS = 7  # visible at least


class ClaimRow(Control):
    """The sentence; below it a note if the settings have other layers, or why the limit is invalid."""

    def __init__(self) -> None:
        super().__init__()
        self._hidden: tuple[int, ...] | None = None
        self._neurons = named(
            number_fields.count_field(),
            "claimNeurons",
            "Neurons of the claim",
            "How many neurons the hidden layer has; it begins with those of the settings.",
        )
        self._neurons.setRange(1, MAX_WIDTH)
        self._neurons.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # narrower than its largest
        self._quantifier = named(
            editors.ChoiceBox(QUANTIFIERS),
            "claimQuantifier",
            "How often",
            "Always: from every seed. Mostly: from more than half of all seeds. Never: from none.",
        )
        self._verb = QLabel()
        self._limit = named(
            QLineEdit(typed(USUAL_LIMIT)),
            "claimLimit",
            "Limit of the loss",
            "The training loss after the last step must be below this. Enter runs the experiment.",
        )
        metrics = self._limit.fontMetrics()
        self._limit.setMinimumWidth((LIMIT_CHARACTERS + 2) * metrics.horizontalAdvance("0"))
        self._meaning = named(caption(), "claimMeaning", "Which network is meant")
        self._refusal = in_role(named(QLabel(), "claimRefusal", "Error in the limit"), "error")
        refusals.tie(self._limit, self._refusal)
        row = filled(QHBoxLayout(), self._neurons, self._quantifier, self._verb, self._limit, None)
        column = filled(QVBoxLayout(self), row, margins=(0, 0, 0, 0), spacing=2)
        for label in (self._meaning, self._refusal):
            label.setFont(small_font(0.92))
            label.setWordWrap(True)
            column.addWidget(label)
        self._neurons.valueChanged.connect(self._on_changed)
        self._quantifier.value_edited.connect(self._on_changed)
        self._limit.textChanged.connect(self._on_changed)
        self._limit.returnPressed.connect(self.entered)
        self._write()

    @property
    def about(self) -> Claim | None:
        """The entered claim; None if its limit is invalid."""
        try:
            limit = _read_limit(self._limit.text())
        except ValueError:
            return None
        return None if self._neurons.refusal() else Claim(self._neurons.count, self._quantifier.currentData(), limit)

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
        self._neurons.setSuffix(" neuron" if count == 1 else " neurons")
        self._verb.setText("gets below" if count == 1 else "get below")
        meaning, refusal = "", ""
        if self._hidden is not None and len(self._hidden) != 1:
            layers = ", ".join(map(str, self._hidden)) or "none"
            meaning = f"One hidden layer of {counted(count, 'neuron')} is meant; the settings have {layers}."
        try:
            _read_limit(self._limit.text())
        except ValueError as error:
            refusal = str(error)
        show_words(self._meaning, meaning)
        show_words(self._refusal, refusal)
        refusals.mark_invalid(self._limit, refusal)


def _read_limit(text: str) -> float:
    """Read a typed limit; raise ValueError if it is invalid."""
    limit = math.nan
    with suppress(NoNumberError):
        limit = typed_real(text)
    if not 0 < limit < math.inf:
        raise ValueError(f"{written(text.strip())} is not a limit: write a number above 0, such as {USUAL_LIMIT}")
    return limit


def explain_claim(result: ClaimResult) -> str:
    """Say whether the claim holds, how sure that is, the seed of the strongest counterexample, and what was claimed."""
    return " ".join([_verdict(result), *_share(result), *_counterexample(result), _meaning(result)])


def limit_text(limit: float) -> str:
    """Format a limit the way a user types it."""
    return plain(limit, 6)


def _verdict(result: ClaimResult) -> str:
    claim, seeds = result.claim, result.seeds
    who, below = counted(claim.neurons, "neuron"), f"below {limit_text(claim.limit)}"
    is_one = claim.neurons == 1
    get, do, they = ("gets", "does", "it") if is_one else ("get", "do", "they")
    there, count = _all_seeds(result), count_text(seeds.reached)
    if not result.is_complete and result.verdict != "no":
        return f"So far {who} got {below} in {count} of {there}."
    match claim.quantifier, result.verdict:
        case "always", "yes":
            return f"Yes, {who} always {get} {below}: in all {there}, so in {_confidence_interval(result)} of all."
        case "never", "yes":
            return f"Yes, {who} never {get} {below}: in none of {there}, so in {_confidence_interval(result)} of all."
        case "never", _:
            return f"No, {who} {do} get {below}: in {count} of {there}."
        case _, "cannot tell":
            return f"Cannot tell whether {who} mostly {get} {below}: {they} did in {count} of {there}."
        case _, "yes":
            return f"Yes, {who} mostly {get} {below}: in {count} of {there}."
    seldom = f"only {count}" if seeds.reached else "none"
    return f"No, {who} {do} not {claim.quantifier} get {below}: in {seldom} of {there}."


def _confidence_interval(result: ClaimResult) -> str:
    """Write the confidence interval of the share of all seeds, rounded outwards so that it stays true."""
    seeds = result.seeds
    low, high = (f"{end(1000 * share) / 10:.1f}" for end, share in ((math.floor, seeds.low), (math.ceil, seeds.high)))
    if seeds.reached == len(seeds.runs):
        return f"at least {low} %"
    return f"at most {high} %" if seeds.reached == 0 else f"between {low} and {high} %"


def _share(result: ClaimResult) -> list[str]:
    share = f"{100 * result.seeds.share:.1f} %"
    words = [f"That is {share}; of all possible seeds it is {_confidence_interval(result)} (95 % confidence)."]
    if result.claim.quantifier == "mostly" and not result.is_complete:
        words.append("“Mostly” is decided only when all seeds are done.")
    elif result.verdict == "cannot tell":
        words.append("One half is within that: more seeds could tell.")
    return words


def _counterexample(result: ClaimResult) -> list[str]:
    run = result.counterexample
    if run is None:
        return []
    seed, count = run.config.network.seed, sum(result.contradicts)
    ended = "diverged" if run.diverged_at is not None else f"ended at {loss_text(run.final_loss)}"
    if result.claim.quantifier == "mostly":
        return [f"The worst is seed {seed}: it {ended}."]
    most = "The counterexample is" if count == 1 else f"Of {count_text(count)} counterexamples the clearest is"
    return [f"{most} seed {seed}: it {ended}. It is the first in the list; open it there."]


def _meaning(result: ClaimResult) -> str:
    claim, steps = result.claim, result.config.training.stop_step
    words = (
        f"Meant is one hidden layer of {counted(claim.neurons, 'neuron')}, all else as in the settings, and the loss "
        f"on the training samples after {counted(steps, 'step')}."
    )
    if claim.quantifier == "mostly":
        words += (
            " Mostly is: from more than half of all seeds; where it is just half, at most 5 of 100 such experiments "
            "say yes or no."
        )
    return words


def _all_seeds(result: ClaimResult) -> str:
    count = len(result.seeds.runs)
    if result.is_complete:
        return counted(count, "seed")
    return f"the first {count_text(count)} of {count_text(result.wanted)} seeds"


def draw_claim(drawing: Drawing, result: ClaimResult) -> None:
    """Draw one dot per seed, stacked over its final loss, and the limit; counterexamples stand out by colour."""
    limit, against = result.claim.limit, sum(result.contradicts)
    words = ("below it", "not below it")
    if result.claim.quantifier != "never":
        words = words[::-1]
    drawing.enter("┄", "ghost", f"the limit, {limit_text(limit)}")
    for count, color, word in ((len(result.runs) - against, "ink", words[1]), (against, "guess", words[0])):
        if count:
            drawing.enter("●", color, f"{word}: {count_text(count)}")
    heap = heaped([run.final_loss for run in result.runs], limit)
    drawing.add_heap(result.runs, heap, result.contradicts, "guess")  # a low loss is no error
    drawing.add_limit(float(log_of(limit)), angle=90)


CLAIM = ShownExperiment[ClaimResult](
    "Claim",
    "Is your claim true? It is tested on many seeds.",
    SEED_HINT,
    explain_claim,
    draw_claim,
    SEED_AXES,
    list_name="Runs of the claim, the one that speaks most against it first",
    listed=lambda result: result.ranked,
    control=ClaimRow,
)
