"""The microscope: one training step in four phases, forward and back, by hand or in slow automatic play."""

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from tinynet_gui.core.network.refs import Ref
from tinynet_gui.core.step.dissection import UPDATE, Dissection, explanation, step_flow
from tinynet_gui.core.step.flow import Flow
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.wording.glossary import with_links
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import small_font
from tinynet_gui.ui.views.microscope import page
from tinynet_gui.ui.views.microscope.text import numbers_text
from tinynet_gui.ui.widgets import dialogs, selection, touch
from tinynet_gui.ui.widgets.accessibility import SCROLLS, caption, in_role, named
from tinynet_gui.ui.widgets.cards import CardFrame, filled
from tinynet_gui.ui.widgets.fields.editors import QuietComboBox
from tinynet_gui.ui.widgets.text import ElidedLabel

HOVER_MS = 90  # text is for reading: it follows the mouse more slowly than the picture does
NOTHING_YET = _("Press “Take apart” to take the next step apart: forward, loss, backward, update.")
HINT = _("Another one: click a line or a neuron in the diagram.")
HINT_ELSEWHERE = _("Another one: click it in the main window.")


class MicroscopeView(CardFrame):
    """Shows a dissected step; offers to take it or dissect the next one if it `stands_alone`.

    `dissection_wanted` is emitted when it becomes visible, too; `step_wanted` asks for this step for real;
    `flow_changed`: the phase or sample, and so `flow`, has changed.
    """

    dissection_wanted = Signal()
    step_wanted = Signal()
    flow_changed = Signal()

    def __init__(self, selection: selection.Selection, *, stands_alone: bool = True) -> None:
        says = _("One training step taken apart: left and right keys go through its four phases")
        super().__init__("microscope", says)
        self._stands_alone = stands_alone
        self._selection = selection
        self.dissection: Dissection | None = None  # the step shown
        self.sample: int | None = None  # its index among the training samples; None for the whole batch
        self.is_past = False  # whether the run has moved on from the step shown
        self._is_stale = False  # something changed while it was hidden
        self._text = ""
        self.phases = page.PhaseBar()
        self.set_phase = self.phases.stop_at
        tooltip = _("Follow one sample of the step's batch, or see all of them. The step is that of the whole batch.")
        self._samples = named(QuietComboBox(), "microscopeSample", _("Sample of the batch"), tooltip)
        tooltip = _("Write every number with all the digits of a float32.")
        self._digits = page.PhaseButton(_("All digits"), "microscopeDigits", _("All digits"), tooltip)
        self._digits.setCheckable(True)
        self._page = named(page.ReadingPage(), "microscopePage", _("What this phase does, and its numbers"))
        self._caption = named(caption(), "microscopeStep", _("Which step this is"))
        tooltip = _("Stop here and take the next step of the run apart. Nothing is trained.")
        self._ask = page.PhaseButton(_("Take apart"), "microscopeDissect", _("Take apart the next step"), tooltip)
        tooltip = _("Take this step for real: the network is then exactly where one ordinary step puts it. Key: S")
        self._take = page.PhaseButton(_("Take this step"), "microscopeTake", _("Take this step"), tooltip)
        self._hover_timer = single_shot(self, HOVER_MS, self._write, "microscopeHoverDelay")

        self._lay_out()

        self.phases.phase_changed.connect(self._on_phase_changed)
        self._samples.currentIndexChanged.connect(self._on_sample_changed)
        self._digits.toggled.connect(self._write)
        self._ask.clicked.connect(self.dissection_wanted)
        self._take.clicked.connect(self._on_take_clicked)
        selection.hovered_changed.connect(self._on_hovered_changed)
        selection.pinned_changed.connect(self._write)
        self.setFocusProxy(self.phases)
        self.show_dissection(None)

    def _lay_out(self) -> None:
        self._samples.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._caption.setFont(small_font())
        self._caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        choices = filled(QHBoxLayout(), (self._samples, 1), self.phases.play_button, spacing=3)
        footer = filled(QHBoxLayout(), (self._caption, 1), self._digits, self._ask, self._take, spacing=3)
        self.term_wanted = self._page.term_wanted
        self._page.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # only to copy: the view has the other keys
        filled(QVBoxLayout(self), self.phases, choices, (self._page, 1), footer, margins=(10, 8, 10, 8), spacing=5)

    def sizeHint(self) -> QSize:
        return QSize(380, 300)

    @property
    def position(self) -> int | None:
        """The chosen sample's position in the step's batch; None for the whole batch."""
        index = self._samples.currentIndex()
        return index - 1 if index > 0 else None

    def show_theme(self) -> None:
        self._text = ""  # its words may have another size
        self._write()

    def show_dissection(self, dissection: Dissection | None) -> None:
        """Show a step from its first phase; the same step of the same run keeps its phase."""
        before, self.dissection = self.dissection, dissection
        is_same = before is not None and _subject(before) == _subject(dissection)
        self._fill_samples(is_first=before is None)
        for widget in (self.phases, self.phases.play_button, self._samples, self._digits):
            widget.setEnabled(dissection is not None)
        if not is_same:
            self.phases.stop_at(0)
        self.show_past(False)
        self._write()

    def show_past(self, is_past: bool) -> None:
        """Mark the step as past, or offer to take it."""
        d = self.dissection
        self.is_past = is_past
        text = _("Step {number}: past") if is_past else _("Step {number}")
        self._caption.setText("" if d is None else text.format(number=count_text(d.before.step + 1)))
        self._ask.setVisible(self._stands_alone and (is_past or d is None))
        self._take.setEnabled(d is not None and d.update is not None and not is_past)
        self._take.setVisible(self._stands_alone and self.phases.index == UPDATE and not is_past)

    def set_sample(self, sample: int | None) -> None:
        """Follow one training sample, or the whole batch if that sample is not in it."""
        found = [] if self.dissection is None or sample is None else (self.dissection.samples == sample).nonzero()[0]
        self._samples.setCurrentIndex(int(found[0]) + 1 if len(found) else 0)

    def flow(self) -> Flow | None:
        return None if self.dissection is None else step_flow(self.dissection, self.phases.index, self.position)

    def text(self) -> str:
        if self._is_stale:
            self._write_now()
        return self._text

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go through the phases, Home to the first, End to the last; up and down scroll."""
        here = self.phases.index
        phases = {Qt.Key.Key_Left: here - 1, Qt.Key.Key_Right: here + 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: UPDATE}
        key = Qt.Key(event.key())
        if self.dissection is not None and key in phases:
            self.set_phase(phases[key])
        elif key in SCROLLS:
            self._page.verticalScrollBar().event(event)
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._write_now()
        if not event.spontaneous():
            self.dissection_wanted.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self.phases.stop()

    def _fill_samples(self, is_first: bool) -> None:
        """List the batch's samples; keep the chosen one if it is still among them, by default the first."""
        d, sample = self.dissection, self.sample
        if d is not None and self._stands_alone and (is_first or sample not in (None, *d.samples)):
            sample = int(d.samples[0])
        with QSignalBlocker(self._samples):
            self._samples.clear()
            self._samples.addItem(page.batch_label(d))
            if d is not None:
                self._samples.addItems([page.sample_label(d, i) for i in range(len(d.samples))])
            self.set_sample(sample)
        self._on_sample_changed()

    def _write(self) -> None:
        """Write the page now if visible, else once shown."""
        self._is_stale = True
        if self.isVisible():
            self._write_now()

    def _write_now(self) -> None:
        self._is_stale = False
        d = self.dissection
        words, numbers = NOTHING_YET, ""
        if d is not None:
            phase, ref = self.phases.index, self._selection.pinned or self._selection.hovered
            write = page.in_float32 if self._digits.isChecked() else page.short
            words, parameter = with_links(explanation(d, phase)), page.parameter_of(d, ref)
            hint = "" if ref is not None else HINT if self._stands_alone else HINT_ELSEWHERE
            numbers = numbers_text(d, phase, parameter, self.position, write, hint)
        if words + numbers != self._text:
            self._text = words + numbers
            self._page.show_text(words, numbers)

    def _on_phase_changed(self, _phase: int) -> None:
        self._page.verticalScrollBar().setValue(0)
        self.show_past(self.is_past)
        self._write()
        self.flow_changed.emit()

    def _on_sample_changed(self) -> None:
        position = self.position
        d = self.dissection
        sample = None if d is None or position is None else int(d.samples[position])
        changed, self.sample = sample != self.sample, sample
        if changed:
            self._write()
            self.flow_changed.emit()

    def _on_hovered_changed(self, _ref: Ref | None) -> None:
        if self._selection.pinned is None and not self._hover_timer.isActive():
            self._hover_timer.start()

    def _on_take_clicked(self) -> None:
        self._take.setEnabled(False)  # until another step is shown: it can only be taken once
        self.step_wanted.emit()


def _subject(dissection: Dissection | None) -> object:
    """Return the dissection's subject: two of the same one keep the page's position."""
    return None if dissection is None else (dissection.config.network, dissection.config.data, dissection.before.step)


SIZE = 900, 560


class TwoUpdates(dialogs.Dialog):
    """Shows two steps side by side, in the same phase and with the numbers of the same `selection`."""

    term_wanted = Signal(str)

    def __init__(
        self,
        text: str,
        names: tuple[str, str],
        updates: tuple[Dissection, Dissection],
        selection: selection.Selection,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("twoUpdates", _("Where they part"), parent, deleted_when_closed=True)
        said = QLabel(text, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        named(said, "twoUpdatesText", _("Where the two runs part"))
        said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.views = tuple(MicroscopeView(selection, stands_alone=False) for _ in names)
        sides = QHBoxLayout()
        for name, view, update in zip(names, self.views, updates, strict=True):
            view.show_dissection(update)
            view.term_wanted.connect(self.term_wanted)
            title = in_role(named(ElidedLabel(), "twoUpdatesName", _("The run whose update stands below")), "title")
            title.show_text(name)
            sides.addLayout(filled(QVBoxLayout(), title, (view, 1)), 1)
        filled(QVBoxLayout(self), said, (sides, 1), self.make_buttons(dialogs.Button.Close))
        touch.give_size(self, *SIZE)
        first, second = self.views
        for one, other in ((first, second), (second, first)):
            one.phases.phase_changed.connect(other.set_phase)
        if first.text() == second.text():  # they differ only later in the computation
            first.set_phase(UPDATE)
