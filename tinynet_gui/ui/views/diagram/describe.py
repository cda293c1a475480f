"""The hover card's text, and the one for screen readers."""

from tinynet_gui.core.function.summaries import is_dead, kink_of
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.text.numbers import signed
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.wording.listed_parameters import listed_parameters, not_listed_text, values_in
from tinynet_gui.core.wording.network_text import formula_text, layer_lines, summary_lines
from tinynet_gui.core.wording.neuron_names import title_of
from tinynet_gui.ui.style.theme import Theme

LISTED = 4  # weights of a wide layer in the card, the largest ones
LISTED_IN_SHORT = 2
DIGITS = 4  # decimals in the card; a gradient has one more


def describe(snapshot: Snapshot, ref: Ref, note: str = "") -> str:
    """Return the full description in lines of plain text, with its title as the first and `note` as the last."""
    return f"{title_of(snapshot, ref)}\n{details(snapshot, ref, note)}"


def details(snapshot: Snapshot, ref: Ref, note: str = "") -> str:
    """Return it without the title: the formula, the numbers, and what is to be said of them."""
    lines = [] if isinstance(ref, WeightRef) else [formula_text(snapshot, ref, DIGITS, LISTED)]
    if not isinstance(ref, LayerRef):
        for label, value, gradient in _card_rows(snapshot, ref):
            lines.append(f"{label}: {signed(value, DIGITS)}, gradient {signed(gradient, DIGITS + 1)}")
        lines.append(not_listed_text(snapshot, ref, LISTED))
    lines += [*summary_lines(snapshot, ref, DIGITS), note]
    return "\n".join(filter(None, lines))


def in_short(snapshot: Snapshot, ref: Ref, theme: Theme, note: str = "") -> str:
    """Return the card's text, as rich text: only what the diagram does not show, with `note` as its last line."""
    match ref:
        case WeightRef():
            ((_, weight, gradient),) = _card_rows(snapshot, ref)
            head = f"<b>{title_of(snapshot, ref)}</b>"
            lines = [f"{signed(weight, DIGITS)}, gradient {signed(gradient, DIGITS + 1)}"]
        case LayerRef():
            head = f"<b>{title_of(snapshot, ref)}</b><br>{formula_text(snapshot, ref, DIGITS, LISTED)}"
            lines = layer_lines(snapshot, ref.layer, DIGITS)[-1:]
        case NeuronRef():
            head, lines = (
                formula_text(snapshot, ref, DIGITS, LISTED_IN_SHORT),
                _summary_in_short(snapshot, ref.layer, ref.index, tells_death=bool(note)),
            )
    text = "<br>".join(line.replace(">", "&gt;") for line in (*lines, note) if line)
    return f'<div style="color:{theme.ink}">{head}</div><div style="color:{theme.muted}">{text}</div>'


def _summary_in_short(snapshot: Snapshot, layer: int, index: int, *, tells_death: bool) -> list[str]:
    lines, activations = [], snapshot.config.network.activations
    if (kink := kink_of(snapshot, layer, index)) is not None:
        lines.append(f"kink at x = {signed(kink, DIGITS)}")
    if layer < len(activations) and activations[layer].slopes is not None:
        count, samples = snapshot.active_counts[layer][index], len(snapshot.dataset.x_train)
        dead = ": dead" if is_dead(snapshot, layer, index) and not tells_death else ""
        lines.append(f"active on {count:,} of {samples:,} samples{dead}")
    return lines


def _card_rows(snapshot: Snapshot, ref: NeuronRef | WeightRef) -> list[tuple[str, float, float]]:
    """Return rows of (label, value, gradient)."""
    listed = listed_parameters(snapshot, ref, LISTED)
    labels = [p.label if p.label.startswith(("weight", "bias")) else f"weight {p.label}" for p in listed]
    numbers = (values_in(layers, listed).tolist() for layers in (snapshot.layers, snapshot.gradients))
    return list(zip(labels, *numbers, strict=True))
