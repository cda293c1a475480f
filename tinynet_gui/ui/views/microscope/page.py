"""Building blocks of the microscope's pages: rich text and tables, phase buttons, the page itself."""

import re
from collections.abc import Callable, Sequence
from typing import SupportsFloat

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, Ref, WeightRef, fits
from tinynet_gui.core.step.dissection import PHASES, TOOLTIPS, UPDATE, Dissection
from tinynet_gui.core.text import formula, numbers
from tinynet_gui.core.text.arithmetic import DIGITS, PLAIN, Digits, Write, digits_needed, in_brackets, worked_value
from tinynet_gui.core.text.language import ENGLISH, gettext as _, ngettext, pgettext, speaking, with_signs
from tinynet_gui.core.values import AnyFloats
from tinynet_gui.ui.style.theme import fixed_font, make_icon, small_font, theme
from tinynet_gui.ui.widgets import accessibility, cards, pictures


def parameter_of(dissection: Dissection, ref: Ref | None) -> ParameterRef:
    """Return the weight of an edge, the bias of a neuron, a layer's first weight; by default the output layer's."""
    match ref if fits(dissection.layers, ref) else None:
        case WeightRef(layer, output, source):
            return ParameterRef(layer, "weight", (output, source))
        case NeuronRef(layer, index):
            return ParameterRef(layer, "bias", (index,))
        case LayerRef(layer):
            return ParameterRef(layer, "weight", (0, 0))
    return ParameterRef(len(dissection.layers) - 1, "weight", (0, 0))


def sample_label(dissection: Dissection, position: int) -> str:
    """Name a sample of the batch by its number among all training samples."""
    x = numbers.plain(float(dissection.x[position]), 3)
    return _("sample {number}: x = {x}").format(number=dissection.samples[position] + 1, x=x)


def batch_label(dissection: Dissection | None) -> str:
    if dissection is None:
        return _("whole batch")
    return _("whole batch ({count})").format(count=numbers.count_text(len(dissection.samples)))


def short(value: float, digits: int = DIGITS) -> str:
    if value == 0:
        return "0"  # no −0
    return re.sub(r"[.,]?0+(?=·10)", "", numbers.plain(value, digits))  # 10⁻⁸ needs no decimals


def in_float32(value: float, digits: int = DIGITS) -> str:
    """Format a number with all the digits of a float32, ignoring `digits`."""
    return with_signs(formula.number(value, None).plain) if value else "0"


LISTED = 20  # the most neurons of a layer, or samples of a batch, to list
Right = Callable[[Write], str]  # formats the right side of a line with a way to write numbers
Evaluate = Callable[[str], float]
IN_FLOAT32 = _("(in float32)")  # after a result that differs from the line computed exactly


class PhaseText:
    """Formats text about one dissection and one of its parameters.

    `hint` says how to choose another parameter; empty once one is chosen.
    """

    def __init__(self, dissection: Dissection, parameter: ParameterRef, write: Write, hint: str = "") -> None:
        self.d, self.parameter, self.hint = dissection, parameter, hint
        self._write = write

    def write(self, value: SupportsFloat, digits: int = DIGITS) -> str:
        return self._write(float(value), digits)

    def digits(
        self, right: Right, value: SupportsFloat, evaluate: Evaluate = worked_value, wanted: int = DIGITS
    ) -> Digits:
        """Return how many digits let the reader recompute a line; see `digits_needed`."""
        if self._write is in_float32:  # all digits of each number, and so the rounding of float32 as well
            return PLAIN
        with speaking(ENGLISH):  # `evaluate` parses the line
            return digits_needed(right, float(value), self.write, evaluate, wanted)

    def worked(
        self, right: Right, value: SupportsFloat, evaluate: Evaluate = worked_value, wanted: int = DIGITS
    ) -> tuple[str, str]:
        """Format the right side of a line and its result, with enough digits to recompute it."""
        digits = self.digits(right, value, evaluate, wanted)
        return right(lambda number: self.write(number, digits.operands)), self.result(value, digits)

    def result(self, value: SupportsFloat, digits: Digits) -> str:
        """Format the result of a line; note if exact arithmetic would give another."""
        text = self.write(value, digits.result)
        return text if digits.is_exact else f"{text} {self.muted(IN_FLOAT32)}"

    def sum_of_products(
        self, factors: AnyFloats, values: AnyFloats, chosen: int | None = None, *others: SupportsFloat
    ) -> Right:
        """Return a line's right side: listed products, the sum of the rest, and `others`."""
        listed = self.listed(len(factors), chosen)
        left_out = np.delete(factors.astype(np.float64) * values, listed)

        def right(write: Write) -> str:
            terms = [f"{in_brackets(write(factors[i]))}·{in_brackets(write(values[i]))}" for i in listed]
            if len(left_out):
                more = _("({count} more)").format(count=numbers.count_text(len(left_out)))
                terms.append(f"{in_brackets(write(left_out.sum()))} {more}")
            return " + ".join([*terms, *(in_brackets(write(float(other))) for other in others)])

        return right

    def name(self, layer: int, index: int) -> str:
        return numbers.neuron_symbol(layer, index, len(self.d.layers) - 1)

    def title(self, text: str) -> str:
        return f'<div style="margin-top:6px; color:{theme().ink}"><b>{text}</b></div>'

    def parameter_title(self) -> str:
        p = self.parameter
        text, source = _("Bias b of {neuron}"), ""
        if p.kind == "weight":
            text, source = _("Weight w from {input} to {neuron}"), self.name(p.layer - 1, p.input)
        title = self.title(text.format(neuron=self.name(p.layer, p.neuron), input=source))
        return title + self.note(self.hint) if self.hint else title

    def line(self, text: str) -> str:
        """Return a line with space above it that does not break inside parentheses."""
        text = re.sub(r"\([^()<>]*\)", lambda part: part[0].replace(" ", accessibility.UNBROKEN), text)
        return f'<div style="margin-top:5px">{text}</div>'

    def muted(self, text: str) -> str:
        return f'<span style="color:{theme().muted}; font-weight:400">{text}</span>'

    def note(self, text: str) -> str:
        return f'<div style="color:{theme().muted}">{text}</div>'

    def listed(self, count: int, chosen: int | None = None) -> list[int]:
        first = list(range(min(count, LISTED)))
        return first if chosen is None or chosen < LISTED or chosen >= count else [*first, chosen]

    def more_neurons(self, count: int) -> str:
        text = ngettext("… {count} more neuron", "… {count} more neurons", count - LISTED)
        return self.note(text.format(count=numbers.count_text(count - LISTED))) if count > LISTED else ""

    def more_samples(self, count: int, values: np.ndarray | None = None, digits: int = DIGITS) -> str:
        """Say how many are not listed, and the sum of their values."""
        if count <= LISTED:
            return ""
        more, together = count - LISTED, ""
        text = ngettext("… {count} more sample", "… {count} more samples", more)
        if values is not None:
            together = self.write(values[LISTED:].sum(), digits)
            text = ngettext("… {count} more sample, together {sum}", "… {count} more samples, together {sum}", more)
        return self.note(text.format(count=numbers.count_text(more), sum=together))

    def table(self, head: tuple[str, ...], rows: Sequence[tuple[str, ...]], words: int = 1) -> str:
        """Return a table whose first `words` columns are text, the others numbers."""

        def cell(column: int, text: str) -> str:
            align = "left" if column < words else "right"
            style = f"padding-right:{8 if column < len(head) - 1 else 0}px"
            style += "" if " " in text else "; white-space:nowrap"  # never break a number
            return f'<td align="{align}" style="{style}">{text}</td>'

        lines = [[self.muted(text) for text in head]] if any(head) else []
        lines += [[self.muted(row[0]), *row[1:]] for row in rows]
        body = "".join(f"<tr>{''.join(cell(i, text) for i, text in enumerate(line))}</tr>" for line in lines)
        return f'<table cellspacing="0" cellpadding="0" style="margin-top:5px">{body}</table>'


PLAY_MS = 4_000  # time to read a phase
KEYS_OF_THE_VIEW = (*accessibility.ARROWS, *accessibility.ENDS, *accessibility.SCROLLS)
_PLAY = _("Go through the phases slowly, four seconds each. Nothing is trained.")
PLAY, PAUSE, PLAY_SLOWLY = _("Play"), pgettext("button", "Pause"), _("Play the phases slowly")
NAMES = (
    pgettext("phase", "Forward"),
    pgettext("phase", "Loss"),
    pgettext("phase", "Backward"),
    pgettext("phase", "Update"),
)
_PAUSE = _("Stop at this phase.")


class PhaseButton(cards.SteadyButton):
    """A small button that passes the keys of the phases to its view."""

    def __init__(self, text: str, object_name: str, accessible_name: str, tooltip: str, *texts: str) -> None:
        super().__init__(*texts)
        accessibility.named(self, object_name, accessible_name, tooltip)
        self.setText(text)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setProperty("compact", "more")  # so that all of them fit into 240 pixels
        cards.KeysForParent(self, KEYS_OF_THE_VIEW)


class PhaseBar(QtWidgets.QWidget):
    """Switches between the phases, from 0 forward to 3 update, and plays them; the view places `play_button`."""

    phase_changed = QtCore.Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.index = 0  # the phase shown
        phase, keys = _("Phase {number}: {name}"), _("Keys: Left, Right, Home, End")
        self.buttons = [
            PhaseButton(name, f"microscope{key}", phase.format(number=i + 1, name=name), f"{TOOLTIPS[i]}\n{keys}")
            for i, (key, name) in enumerate(zip(PHASES, NAMES, strict=True))
        ]
        self.play_button = PhaseButton(PLAY, "microscopePlay", PLAY_SLOWLY, _PLAY, PLAY, PAUSE)
        self._group = QtWidgets.QButtonGroup(self)
        self.timer = QtCore.QTimer(self, interval=PLAY_MS)

        for place, button in enumerate(self.buttons):
            button.setCheckable(True)
            button.setSizePolicy(QtWidgets.QSizePolicy.Policy.MinimumExpanding, QtWidgets.QSizePolicy.Policy.Fixed)
            self._group.addButton(button, place)
            button.setProperty(pictures.KEPT_IN_PICTURES, True)
        cards.filled(QtWidgets.QHBoxLayout(self), *self.buttons, margins=(0, 0, 0, 0), spacing=3)
        self.play_button.setCheckable(True)
        self.play_button.setIconSize(QtCore.QSize(10, 10))
        self.play_button.setToolButtonStyle(QtCore.Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

        self._group.idClicked.connect(self.stop_at)
        self.play_button.toggled.connect(self._on_play_toggled)
        self.timer.timeout.connect(self._on_timeout)
        self.buttons[0].setChecked(True)
        self.setFocusProxy(self.buttons[0])
        self.show_theme()

    def show_theme(self) -> None:
        playing = self.play_button.isChecked()
        self.play_button.setText(PAUSE if playing else PLAY)
        icon = ("pause", theme().on_accent) if playing else ("play", theme().ink)
        self.play_button.setIcon(make_icon(*icon))

    def stop(self) -> None:
        self.play_button.setChecked(False)

    def stop_at(self, phase: int) -> None:
        """Go to a phase, or the nearest available one, and stop playing."""
        self.stop()
        self.go_to(min(max(phase, 0), UPDATE))

    def go_to(self, phase: int) -> None:
        """Show a phase; a focused button passes the focus on to its button."""
        changed, self.index = phase != self.index, phase
        had_focus = self.focusWidget() in self.buttons
        self.buttons[phase].setChecked(True)
        self.setFocusProxy(self.buttons[phase])
        if had_focus:
            self.buttons[phase].setFocus()
        if changed:
            self.phase_changed.emit(phase)

    def _on_play_toggled(self, on: bool) -> None:
        self.show_theme()
        self.play_button.setToolTip(_PAUSE if on else _PLAY)
        self.play_button.setAccessibleName(PAUSE if on else PLAY_SLOWLY)
        if not on:
            self.timer.stop()
            return
        if self.index == UPDATE:
            self.go_to(0)
        self.timer.start()

    def _on_timeout(self) -> None:
        self.go_to(min(self.index + 1, UPDATE))
        if self.index == UPDATE:
            self.stop()


SIZES = (1.0, 0.9, 0.8, 0.7)  # of the numbers, as shares of the usual size


class ReadingPage(accessibility.LinkedPage):
    """Shows rich text; a QLabel takes five times as long to lay it out."""

    term_wanted = QtCore.Signal(str)

    def __init__(self) -> None:
        super().__init__(openLinks=False)
        self.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.setProperty("bare", True)
        self.setFont(fixed_font(small_font().pointSizeF()))
        self.anchorClicked.connect(lambda link: self.term_wanted.emit(link.path()))
        self.document().setDocumentMargin(0)
        cards.KeysForParent(self, KEYS_OF_THE_VIEW)

    def show_text(self, words: str, numbers: str) -> None:
        """Show words in the window's font, above numbers in the fixed-width one; the scroll position is kept."""
        font = QtGui.QFont(QtWidgets.QApplication.font())
        style = f"font-family:'{font.family()}'; font-size:{font.pointSizeF()}pt; margin:0"
        bar = self.verticalScrollBar()
        place = bar.value()
        self.setHtml(f'<p style="{style}">{words}</p>{numbers}')
        self._fit()
        bar.setValue(place)

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Condense the numbers if they do not fit; a smaller font would be illegible."""
        font = fixed_font(small_font().pointSizeF())
        self.setWordWrapMode(QtGui.QTextOption.WrapMode.WordWrap)  # never break a number
        for share in SIZES:
            font.setStretch(round(100 * share))
            self.document().setDefaultFont(font)
            if self.document().idealWidth() <= self.viewport().width() + 1:
                return
        self.setWordWrapMode(QtGui.QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)  # for very long formulas
