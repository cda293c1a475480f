"""Descriptions of the diagram's parts, for the hover card and screen readers; keyboard navigation among them."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from PySide6 import QtCore, QtWidgets

from tinynet_gui.core.function.neurons import is_dead, kink_of
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text, signed
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.wording.network_text import formula_text, layer_lines, summary_lines
from tinynet_gui.core.wording.neurons import listed_parameters, not_listed_text, title_of, values_in
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import theme, whole_px, zoom
from tinynet_gui.ui.views.diagram.layout import DiagramLayout, spoken_of
from tinynet_gui.ui.widgets.accessibility import Key, small
from tinynet_gui.ui.widgets.cards import CardFrame, filled
from tinynet_gui.ui.widgets.drawn_parts import DrawnPart, DrawnParts
from tinynet_gui.ui.widgets.selection import Selection

LISTED = 4  # the largest weights, in the card of a wide layer
LISTED_IN_SHORT = 2
DIGITS = 4  # decimals in the card; a gradient has one more


def describe(snapshot: Snapshot, ref: Ref, note: str = "") -> str:
    """Return the full description as lines of plain text: title first, `note` last."""
    return f"{title_of(snapshot, ref)}\n{details(snapshot, ref, note)}"


def details(snapshot: Snapshot, ref: Ref, note: str = "") -> str:
    lines = [] if isinstance(ref, WeightRef) else [formula_text(snapshot, ref, DIGITS, LISTED)]
    if not isinstance(ref, LayerRef):
        for label, value, gradient in _card_rows(snapshot, ref):
            text = _("{label}: {value}, gradient {gradient}")
            lines.append(text.format(label=label, value=signed(value, DIGITS), gradient=signed(gradient, DIGITS + 1)))
        lines.append(not_listed_text(snapshot, ref, LISTED))
    lines += [*summary_lines(snapshot, ref, DIGITS), note]
    return "\n".join(filter(None, lines))


def in_short(snapshot: Snapshot, ref: Ref, note: str = "") -> str:
    """Return the hover card's rich text: only what the diagram does not show, with `note` as its last line."""
    match ref:
        case WeightRef():
            ((_label, weight, gradient),) = _card_rows(snapshot, ref)
            head = f"<b>{title_of(snapshot, ref)}</b>"
            text = _("{value}, gradient {gradient}")
            lines = [text.format(value=signed(weight, DIGITS), gradient=signed(gradient, DIGITS + 1))]
        case LayerRef():
            head = f"<b>{title_of(snapshot, ref)}</b><br>{formula_text(snapshot, ref, DIGITS, LISTED)}"
            lines = layer_lines(snapshot, ref.layer, DIGITS)[-1:]
        case NeuronRef():
            head = formula_text(snapshot, ref, DIGITS, LISTED_IN_SHORT)
            lines = _summary_in_short(snapshot, ref.layer, ref.index, tells_death=bool(note))
    text = "<br>".join(line.replace(">", "&gt;") for line in (*lines, note) if line)
    return f'<div style="color:{theme().ink}">{head}</div><div style="color:{theme().muted}">{text}</div>'


def _summary_in_short(snapshot: Snapshot, layer: int, index: int, *, tells_death: bool) -> list[str]:
    lines, activations = [], snapshot.config.network.activations
    if (kink := kink_of(snapshot, layer, index)) is not None:
        lines.append(_("kink at x = {kink}").format(kink=signed(kink, DIGITS)))
    if layer < len(activations) and activations[layer].slopes is not None:
        count, samples = snapshot.active_counts[layer][index], len(snapshot.dataset.x_train)
        is_told = is_dead(snapshot, layer, index) and not tells_death
        active, dead = _("active on {count} of {all} samples"), _("active on {count} of {all} samples: dead")
        lines.append((dead if is_told else active).format(count=count_text(count), all=count_text(samples)))
    return lines


def _card_rows(snapshot: Snapshot, ref: NeuronRef | WeightRef) -> list[tuple[str, float, float]]:
    listed = listed_parameters(snapshot, ref, LISTED)
    is_whole = isinstance(ref, WeightRef)
    # Translators: {name} is such as "from x" or "to h₃".
    weight = _("weight {name}")
    labels = [p.label if is_whole or p.group == "bias" else weight.format(name=p.label) for p in listed]
    numbers = (values_in(layers, listed).tolist() for layers in (snapshot.layers, snapshot.gradients))
    return list(zip(labels, *numbers, strict=True))


Seen = Callable[[], tuple[Snapshot | None, DiagramLayout]]


@lru_cache(maxsize=8)
def parts_of(widths: tuple[int, ...]) -> tuple[Ref, ...]:
    """Return the navigable parts of a network of these widths: each layer, input included, followed by its neurons."""
    refs: list[Ref] = []
    for layer, width in enumerate(widths[1:]):
        refs += [LayerRef(layer), *(NeuronRef(layer, index) for index in range(width))]
    return tuple(refs)


class AccessibleNetwork(DrawnParts):
    """The diagram's parts as accessible children, in the order of keyboard navigation.

    `seen` returns the snapshot shown and the layout it is drawn in.
    """

    def __init__(self, diagram: CardFrame, selection: Selection, seen: Seen) -> None:
        super().__init__(diagram, "diagramParts", _("Layers and neurons"), lambda: len(self._refs()), self._part)
        self._selection, self._seen = selection, seen
        selection.pinned_changed.connect(self.notify_later)

    def _refs(self) -> tuple[Ref, ...]:
        snapshot, _layout = self._seen()
        return () if snapshot is None else parts_of(snapshot.config.network.widths)

    def _part(self, place: int) -> DrawnPart:
        (snapshot, layout), ref = self._seen(), self._refs()[place]
        assert snapshot is not None
        left, top, width, height = (zoom().scale * length for length in spoken_of(layout, ref)[0])
        name, says = title_of(snapshot, ref), details(snapshot, ref)
        where = QtCore.QRectF(left, top, width, height).toRect()
        return DrawnPart(name, says, where, ref == self._selection.pinned, partial(self._selection.pin, ref))

    def announce_ref(self, ref: Ref | None) -> None:
        if ref in (refs := self._refs()):
            self.notify_focus(refs.index(ref))


WIDTHS = 176, 120  # the most of its text; the narrow card fits where the wide one would cover headings
Placing = Callable[[Ref, Sequence[QtCore.QSize]], tuple[QtCore.QPoint, int]]
REFRESH_MS = 90  # text is for reading: it changes more slowly than the curves


class HoverCard(CardFrame):
    """Describes one part of the latest snapshot; transparent for the mouse.

    `place` returns the position in the parent for a card about a part, and the index of the possible size that fits
    there; `described` has the full text for screen readers.
    """

    described = QtCore.Signal(str)

    def __init__(self, place: Placing, parent: QtWidgets.QWidget) -> None:
        super().__init__("hoverCard", _("The neuron or weight under the mouse"), parent)
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._place = place
        self._snapshot: Snapshot | None = None
        self._ref: Ref | None = None
        self._note = ""
        self._is_needed = True
        self._text = small(QtWidgets.QLabel(textFormat=QtCore.Qt.TextFormat.RichText), 0.84)
        self._text.setObjectName("hoverText")
        self.text = self._text.text
        filled(QtWidgets.QVBoxLayout(self), self._text, margins=(8, 5, 8, 5))
        self._refresh = single_shot(self, REFRESH_MS, self._write)
        self.setVisible(False)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show another moment, throttled."""
        self._snapshot = snapshot
        if self._ref is not None and not self._refresh.isActive():
            self._refresh.start()

    def show_ref(self, ref: Ref | None, note: str = "", *, is_needed: bool = True) -> None:
        """Show the card, with `note` as its last line; unless needed, only emit the text for screen readers."""
        self._ref, self._note, self._is_needed = ref, note, is_needed
        if ref is None:  # the next network may have no such neuron
            self._refresh.stop()
            self.described.emit("")
        self._write()
        self.setVisible(ref is not None and is_needed)
        self.raise_()

    def _write(self) -> None:
        if self._snapshot is None or self._ref is None:
            return
        self.described.emit(describe(self._snapshot, self._ref, self._note))
        if self._is_needed:
            self._text.setText(in_short(self._snapshot, self._ref, self._note))
            self._text.setWordWrap(False)
            widths = [min(self._text.sizeHint().width(), whole_px(widest)) for widest in WIDTHS]
            self._text.setWordWrap(True)
            sizes = [self._sized(width) for width in widths]
            place, best = self._place(self._ref, sizes)
            self.resize(self._sized(widths[best]))
            self.move(place)

    show_theme = _write

    def _sized(self, text_width: int) -> QtCore.QSize:
        """Set the text's width, and return the card's resulting size."""
        self._text.setMinimumSize(0, 0)  # reset: it is for the previous width
        self._text.setFixedSize(text_width, self._text.heightForWidth(text_width))
        return self.sizeHint()


STEPS = {Key.Key_Up: -1, Key.Key_Down: 1, Key.Key_PageUp: -10, Key.Key_PageDown: 10}  # by this many neurons
WALKS = (*STEPS, Key.Key_Home, Key.Key_End, Key.Key_Left, Key.Key_Right)


def walk(here: Ref | None, key: QtCore.Qt.Key, widths: tuple[int, ...]) -> Ref:
    """Return the part reached by one of the keys `WALKS` in a network of these widths, input and output included.

    Up and down go through a layer's neurons, with the layer itself above the first; left and right go to another layer.
    From nowhere, and from a weight, every key leads to the first neuron.
    """
    if here is None or isinstance(here, WeightRef):
        return NeuronRef(0, 0)
    index = here.index if isinstance(here, NeuronRef) else -1
    layer = here.layer
    match key:
        case Key.Key_Left | Key.Key_Right:
            layer = min(max(layer + (1 if key == Key.Key_Right else -1), 0), len(widths) - 2)
        case Key.Key_Home:
            index = 0
        case Key.Key_End:
            index = widths[layer + 1] - 1
        case Key.Key_Up | Key.Key_PageUp if index <= 0:
            index = -1
        case _:
            index = max(index + STEPS[key], 0)
    return LayerRef(layer) if index < 0 else NeuronRef(layer, min(index, widths[layer + 1] - 1))
