"""Header and footer of the function plot: switches, the network as a function, and the samples' tools."""

from collections.abc import Collection
from contextlib import suppress

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QToolButton, QWidget

from tinynet_gui.core.function.extrapolation import ErrorsApart, errors_apart
from tinynet_gui.core.network.forward import evaluate
from tinynet_gui.core.text.language import gettext as _, with_signs
from tinynet_gui.core.text.numbers import MINUS, loss_text, numbers_listed, plain, told_apart
from tinynet_gui.core.text.typed_numbers import InputError, parse_inputs
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import fixed_font, whole_px
from tinynet_gui.ui.views.function_plot.handles import TOOLTIP
from tinynet_gui.ui.views.function_plot.sample_editor import GESTURES, HINT
from tinynet_gui.ui.widgets.accessibility import announce, in_role, named, retain_size, small, wrapped
from tinynet_gui.ui.widgets.cards import Card, MaximizeButton, compact_button, filled
from tinynet_gui.ui.widgets.fields.refusals import mark_invalid, tie
from tinynet_gui.ui.widgets.text import ElidedLabel, FittingLabel

WIDEST_LOSS = _("loss = {loss}").format(loss="9.999·10⁻⁴")
SWITCHES = "edit", "parts", "probe", "seeds"  # those that can be hidden


class FunctionSwitches(QObject):
    """The switches *edit*, *parts*, *probe* and, with parts, *stacked*; and *seeds*, which is placed elsewhere."""

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        self._card = card
        tooltip = _(
            "Change the samples with the mouse: drag one, click to add one, drag a box to select, Delete, scatter "
            "with Shift held. Training continues with them. Key: D"
        )
        self.edit = _switch(_("edit"), "editData", tooltip)
        tooltip = _(
            "Draw each neuron's contribution w′·h(x) to the curve, in the colour that it has in the diagram: "
            "with the output's bias b′ they add up to the network's output."
        )
        self.parts = _switch(_("parts"), "curveParts", tooltip)
        tooltip = _("Draw the parts on top of each other: the last one is the output.")
        self.stacked = _switch(_("stacked"), "curveStacked", tooltip)
        self.stacked.hide()
        tooltip = _("Look into the network at one x, the line's, and read the values in the diagram.")
        self.probe = _switch(_("probe"), "probe", f"{tooltip}\n{TOOLTIP}")
        tooltip = _(
            "Train other seeds, too, while data or settings change: at each x the band holds the middle eight in "
            "ten of their final curves, and the line is their median. Is it the seed, or the data?"
        )
        self.seeds = _switch(_("seeds"), "seedBand", tooltip)
        self._hidden, self._unlocked = set[str](), frozenset(SWITCHES)
        for name in SWITCHES:
            retain_size(getattr(self, name))
        self._button = MaximizeButton(_("function plot"), card, card.title)
        card.header.addWidget(self._button)
        self._beside, self._below = QHBoxLayout(), QHBoxLayout()  # the title: one of them has the switches
        self._is_below = False
        card.header.insertLayout(1, self._beside)
        card.body.insertLayout(1, self._below)
        card.body.setAlignment(self._below, Qt.AlignmentFlag.AlignLeft)
        for switch in self.all():
            self._beside.addWidget(switch)
        self.parts.toggled.connect(self.stacked.setVisible)
        card.installEventFilter(self)

    def all(self) -> tuple[QToolButton, ...]:
        return self.edit, self.parts, self.probe, self.stacked

    def offer(self, name: str, is_offered: bool) -> None:
        """Show a switch, or turn it off and hide it; it keeps its place."""
        if not is_offered:
            getattr(self, name).setChecked(False)
        self._hidden = self._hidden - {name} if is_offered else self._hidden | {name}
        self._show()

    def show_introduced(self, names: Collection[str]) -> None:
        """Show only these switches, if offered; the others keep their place."""
        self._unlocked = frozenset(names)
        self._show()

    def _show(self) -> None:
        for name in SWITCHES:
            getattr(self, name).setVisible(name in self._unlocked - self._hidden)

    def show_loss(self, snapshot: Snapshot | None) -> None:
        text = "" if snapshot is None else _("loss = {loss}").format(loss=loss_text(snapshot.train_loss))
        self._card.value.setText(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.fit()
        return False

    def fit(self) -> None:
        """Put the switches below the title if they do not fit beside it; show the loss if it fits."""
        card, header = self._card, self._card.header
        card.title.setContentsMargins(0, 0, whole_px(8), 0)  # room before the switches
        margins, gap = header.contentsMargins(), header.spacing()
        needed = margins.left() + margins.right() + sum(w.sizeHint().width() + gap for w in (card.title, self._button))
        switches = sum(switch.sizeHint().width() + gap for switch in self.all())
        self._put(is_below=needed + switches > card.width())
        needed += 0 if self._is_below else switches
        loss = card.value.fontMetrics().horizontalAdvance(WIDEST_LOSS)
        card.value.setVisible(needed + loss <= card.width())

    def _put(self, *, is_below: bool) -> None:
        if is_below != self._is_below:
            self._is_below = is_below
            for switch in self.all():
                (self._below if is_below else self._beside).addWidget(switch)
        self._below.setContentsMargins(self._card.header.contentsMargins().left() if is_below else 0, 0, 0, 0)


def _switch(text: str, name: str, tooltip: str) -> QToolButton:
    return compact_button(text, name, text, tooltip, checkable=True)


DIGITS = 4  # of the network's output
PADDING, NARROW_PX = 12, 360  # the field's; in a narrower card the field is short, so that the errors fit
LONG, SHORT = _("network(2.3) ="), _("ŷ(2.3) =")
TYPED_MS = 800  # after the last key the output is announced
MAX_CHARACTERS = 32  # characters of the output for which other words make room
WAITS = _("waits for your guess")


class PlotFoot(QWidget):
    """Shows the network's errors; while samples are edited, what the mouse does."""

    def __init__(self, seeds: QWidget) -> None:
        super().__init__()
        self.field = FunctionField()
        self._words = small(in_role(FittingLabel(), "caption"))
        named(self._words, "plotFoot", _("The RMS error, or what the mouse does to samples"))
        self._errors: ErrorsApart | None = None
        self._is_editing, self._says_errors = False, True
        self._row = filled(QHBoxLayout(self), self.field, (self._words, 1), seeds, margins=(0, 0, 14, 0))

    def show_moment(self, snapshot: Snapshot | None) -> None:
        self._errors = None if snapshot is None else errors_apart(snapshot)
        self._write()

    def show_editing(self, is_editing: bool) -> None:
        self._is_editing = is_editing
        self._write()

    def show_introduced(self, says_errors: bool) -> None:
        self._says_errors = says_errors
        self._write()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.field.show_short(self.width() < whole_px(NARROW_PX))
        self._row.activate()  # now, else the text fits the previous width

    def _write(self) -> None:
        errors = self._errors if self._says_errors else None
        self._words.show_longest([HINT] if self._is_editing else _errors_texts(errors))
        self._words.setToolTip(wrapped(GESTURES if self._is_editing else _errors_meant(errors)))


def _errors_texts(errors: ErrorsApart | None) -> list[str]:
    """Describe the errors at decreasing length, finally "": no number is ever cut."""
    within, beyond = (None, None) if errors is None else (_written(errors.within), _written(errors.outside))
    if within and beyond:
        longest = _("RMS error {within} where there are samples, {beyond} beyond")
        forms = [longest, _("RMS error {within}, {beyond} beyond"), "RMS {within} / {beyond}", ""]
    elif within:
        forms = [_("RMS error {within} where there are samples"), _("RMS error {within}"), ""]
    else:
        forms = [_("RMS error {beyond} beyond the samples"), _("RMS {beyond} beyond"), ""] if beyond else [""]
    return [form.format(within=within, beyond=beyond) for form in forms]


def _written(error: float | None) -> str | None:
    return None if error is None else plain(error, 2)


def _errors_meant(errors: ErrorsApart | None) -> str:
    """Explain over which samples or range each error is measured."""
    if errors is None:
        return ""
    trained = _range(errors.trained)
    if not errors.is_of_truth:
        return _(
            "Can it extrapolate? The RMS error, the root of the mean of the squares of network − y of the held-out "
            "samples:\n"
            "Where there are samples: from the first training sample to the last, {range}.\n"
            "Beyond: those outside, where it is grey."
        ).format(range=trained)
    return _(
        "Can it extrapolate? The RMS error, the root of the mean of the squares of network − true function:\n"
        "Where there are samples: from the first training sample to the last, {range}.\n"
        "Beyond: outside that, where it is grey, as far as the usual view shows: {usual}."
    ).format(range=trained, usual=_range(errors.looked_at))


def _range(ends: tuple[float, float]) -> str:
    return f"x = {' … '.join(told_apart(*ends, digits=3))}"


class FunctionField(QWidget):
    """The network as a function: a field for one or several x, and the live output.

    `number_typed` is emitted when exactly one x has been typed.
    """

    number_typed = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._snapshot: Snapshot | None = None
        self._is_withheld = False
        tooltip = _(
            "Use the network as a function: type a number such as 2.3, or several: [2.3, 1.7, 3.6].\n"
            "The probe goes to a single number."
        )
        self._input = named(_Input(), "functionInput", _("Inputs of the network"), tooltip)
        self._input.setPlaceholderText(LONG)
        self._input.setFont(fixed_font())
        self._output = named(_Output(), "functionOutput", _("What the network gives for them"))
        self._output.setFont(fixed_font())
        self._error = small(in_role(named(ElidedLabel(), "functionInputError", _("Error in the inputs")), "error"))
        self._error.setVisible(False)
        tie(self._input, self._error)
        self._row = filled(QHBoxLayout(self), margins=(14, 0, 6, 0))
        for widget, policy in ((self._input, "Fixed"), (self._output, "Preferred"), (self._error, "Preferred")):
            widget.setSizePolicy(QSizePolicy.Policy[policy], QSizePolicy.Policy.Preferred)
            self._row.addWidget(widget)
        self._error.setMinimumWidth(1)
        self._typed = single_shot(self, TYPED_MS, self._announce_output, "functionTyped")
        self._input.textChanged.connect(self._on_text_changed)
        self._input.textEdited.connect(lambda _text: self._typed.start())
        self._input.returnPressed.connect(self._announce_output)

    def show_short(self, is_short: bool) -> None:
        if (text := SHORT if is_short else LONG) != self._input.placeholderText():
            self._input.setPlaceholderText(text)
            self._input.updateGeometry()
            self._row.activate()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        if self._input.text():
            self._write()

    def set_withheld(self, is_withheld: bool) -> None:
        if is_withheld != self._is_withheld:
            self._is_withheld = is_withheld
            self._write()

    def _on_text_changed(self, text: str) -> None:
        self._write()
        with suppress(InputError):
            if len(values := parse_inputs(text)) == 1:
                self.number_typed.emit(values[0])

    def _announce_output(self) -> None:
        self._typed.stop()
        if output := self._output.text():
            text = _("network({input}) = {output}").format(input=self._input.text().strip(), output=output)
            announce(self, text, topic="network")

    def _write(self) -> None:
        text = self._input.text().strip()
        output, error = "", ""
        if text and self._snapshot is not None:
            try:
                values = parse_inputs(text)
            except InputError as refusal:
                error = str(refusal)
            else:
                activation = self._snapshot.config.network.activation
                outputs = evaluate(self._snapshot.curve_layers, activation, values)
                texts = [with_signs(f"{value:.{DIGITS}f}".replace("-", MINUS)) for value in outputs.ravel().tolist()]
                output = WAITS if self._is_withheld else numbers_listed(texts)
        self._output.show_text(output)
        self._output.setVisible(not error)
        self._error.show_text(error)
        self._error.setVisible(bool(error))
        mark_invalid(self._input, error)


class _Input(QLineEdit):
    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.placeholderText()) + 2 * whole_px(PADDING)
        return QSize(width, super().sizeHint().height())


class _Output(ElidedLabel):
    """Always shows its first number, and a few more if there is room."""

    _least = ""

    def show_text(self, text: str, hint: str = "") -> None:
        super().show_text(text, hint)
        first, comma, _ = text.partition(",")
        self._least = first + ("…" if comma else "")
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(self._width_of(self.text()[:MAX_CHARACTERS]), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width_of(self._least), super().minimumSizeHint().height())

    def _width_of(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text)
