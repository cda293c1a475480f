"""The status bar: the training's state, step and loss; epoch and speed where they are informative."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar

from tinynet_gui.core.run.run import TrainingStatus
from tinynet_gui.core.text.language import gettext as _, pgettext
from tinynet_gui.core.text.numbers import count_text, loss_text, rate_text
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import fixed_font, whole_px
from tinynet_gui.ui.widgets.accessibility import announce, literal_tooltip, named
from tinynet_gui.ui.widgets.cards import compact_button
from tinynet_gui.ui.widgets.progress import Progress
from tinynet_gui.ui.widgets.text import LiveLabel

MESSAGE_MS = 6_000  # how long a message is shown
REFRESH_MS = 90  # slower than the curves, so that numbers are readable

PADDING = 12  # px: above and below a line of text, together
PHASE_PADDING = 24  # px: added by the style around a word
PHASES = {
    "unusable": _("nothing can train"),
    "loading": _("loading PyTorch …"),
    "ready": _("ready"),
    "running": pgettext("state", "training"),
    "paused": _("paused"),
    "finished": _("finished; Start continues"),
    "no better": _("no better; raise Patience"),
    "diverged": _("diverged"),
}
RATE = _("Steps per second, as measured")
PAST = _("looking at the past")
COMPILING = _("compiling the fast engine"), _("compiling the fast engine, once; PyTorch is used meanwhile")  # tooltip
NO_COMPILED = _("no fast engine"), _("no fast engine; PyTorch serves")
NO_PYTORCH = _("no PyTorch"), _("no PyTorch; the compiled loop is used: nothing can be frozen")
WAITING = (_("its engine is being loaded"),) * 2


def _words(status: TrainingStatus) -> tuple[str, str]:
    """Describe unusual states of the engines."""
    if status.compiled == "compiling":
        return COMPILING
    if status.phase == "running" and (status.pytorch if status.engine == "PyTorch" else status.compiled) == "absent":
        return WAITING
    if status.phase != "unusable" and "failed" in (status.compiled, status.pytorch):
        return NO_PYTORCH if status.pytorch == "failed" else NO_COMPILED
    return "", ""


def _losses(snapshot: Snapshot) -> str:
    loss, held_out = loss_text(snapshot.train_loss), snapshot.validation_loss
    if held_out is None:
        return _("loss {loss}").format(loss=loss)
    return _("loss {loss}  held out {held_out}").format(loss=loss, held_out=loss_text(held_out))


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))


class StatusLine(QStatusBar):
    """Shows the numbers of the latest snapshot and the state of the training.

    `moment_shown`: the numbers of this moment are now shown, or held back: other views that write them wait for this.
    """

    GAP = 6  # px: between two entries

    cancelled = Signal()
    moment_shown = Signal(object)
    show_all_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(sizeGripEnabled=False)
        self.setObjectName("statusLine")
        self._snapshot: Snapshot | None = None
        self._steps: dict[str, str] = {}
        self._status = TrainingStatus()
        self._past_of: int | None = None
        self._is_withheld = False
        self._news: tuple[str, ...] = ()
        self._no_news = single_shot(self, MESSAGE_MS, self.add)
        self._phase = self._label("phaseLabel", _("What the training is doing"), 0)
        self._epoch = self._label("epochLabel", _("Passes over the training samples"), 17)
        self._step = self._label("stepLabel", _("Steps taken, and where the training stops"), 24)
        self._loss = self._label("lossLabel", _("Loss over the training samples, and over the held-out ones"), 16)
        self._rate = self._label("rateLabel", RATE, 18)
        self._progress = Progress("fastForward")
        self._progress.setMaximumWidth(200)
        self._progress.cancelled.connect(self.cancelled)
        self._phase.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # may be long
        tip = _("Show all controls, views and experiments again.")
        self._hidden = compact_button("", "hiddenNote", _("How much is hidden"), tip)
        self._hidden.setVisible(False)
        self._hidden.clicked.connect(self.show_all_wanted)
        self.addWidget(self._phase, 1)
        self.addPermanentWidget(self._hidden)
        self.addWidget(self._progress)
        for label in (self._rate, self._epoch, self._step, self._loss):
            self.addPermanentWidget(label)
        self.messageChanged.connect(lambda message: self.setToolTip(literal_tooltip(message) if message else ""))
        self._refresh = single_shot(self, REFRESH_MS, self._write)
        self._write()

    def show_hidden(self, count: int) -> None:
        self._hidden.setText(_("{count} hidden, show all").format(count=count))
        self._hidden.setAccessibleName(self._hidden.text())
        self._hidden.setVisible(count > 0)
        self.fit()

    def notify(self, what: str) -> None:
        """Show a message for some seconds in place of the training's state, and announce it; "" does nothing.

        If it does not fit, the tooltip has all of it.
        """
        if what:
            self.showMessage(what, MESSAGE_MS)
            announce(self, what, topic="status")

    def announce_state(self) -> None:
        step = _("step {step} of {last}").format(**self._steps)
        entries = step, self._loss.text(), self._epoch.text(), self._phase_now()
        self.notify(_joined(*(" ".join(entry.split()) for entry in entries)))

    def add(self, *news: str) -> None:
        """Show news for some seconds after the training's state: the first wording that fits, and in the tooltip."""
        if news != self._news:
            self._news = news
            self._no_news.start() if news else self._no_news.stop()
            self._write()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the numbers of a moment: throttled during training, else at once."""
        self._snapshot = snapshot
        if self._status.phase != "running":
            self._write()
        elif not self._refresh.isActive():
            self._refresh.start()

    def show_status(self, state: TrainingStatus, past_of: int | None = None) -> None:
        """Show the state of the training; or that the view is in the past of a run with `past_of` steps."""
        was = self._phase_now(), _words(self._status), self._status.engine
        self._status, self._past_of = state, past_of
        is_news = (self._phase_now(), _words(state), state.engine) != was
        if state.phase == "running" and state.is_fast_forward:
            self._progress.begin()
        else:
            self._progress.end()
        if is_news:
            self._write()
        elif not self._refresh.isActive():
            self._refresh.start()

    def set_withheld(self, is_withheld: bool) -> None:
        """Hide the loss while a question is open whose answer it may be."""
        self._is_withheld = is_withheld
        self._write()

    def _phase_now(self) -> str:
        return PHASES[self._status.phase] if self._past_of is None else PAST

    def _write(self) -> None:
        state, snapshot = self._status, self._snapshot
        last = state.stop_at if self._past_of is None else self._past_of
        rate = _("{rate} steps/s").format(rate=rate_text(state.steps_per_second))
        self._rate.setText(rate if state.phase == "running" else "")
        by = _("Steps per second, as measured, computed by {engine}").format(engine=_(state.engine))
        self._rate.setToolTip(by)
        self._steps = {"step": count_text(0 if snapshot is None else snapshot.step), "last": count_text(last)}
        self._step.setText(_("step {step} / {last}").format(**self._steps))
        if snapshot is None:
            self._epoch.setText("")
            self._loss.setText(_("loss –"))
            self.fit()
            return
        self._progress.set_share(snapshot.step / max(1, state.stop_at))
        epoch = _("epoch {epoch}").format(epoch=count_text(snapshot.epoch))
        self._epoch.setText("" if snapshot.epoch == snapshot.step else epoch)
        self._loss.setText(_("loss –") if self._is_withheld else _losses(snapshot))
        self.fit()
        self.moment_shown.emit(None if self._is_withheld else snapshot)

    def event(self, event: QEvent) -> bool:
        """Keep entries hidden under a message: Qt shows them again when its height changes.

        To hide one that is hidden would request the next layout, and so on, for as long as there is a message.
        """
        is_done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.currentMessage() and not self._phase.isHidden():
            self._phase.hide()
            self._phase.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)  # else it stays hidden
        return is_done

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Drop whole entries, the least important first, rather than elide; the tooltip has them."""
        phase, (words, more) = self._phase_now(), _words(self._status)
        both = _joined(phase, words)
        width_of_text = self._phase.fontMetrics().horizontalAdvance
        wanted = max(width_of_text(text) for text in (*PHASES.values(), both)) + whole_px(PHASE_PADDING)
        entries = [self._epoch, self._rate, self._step, self._loss]
        width_of = {
            label: max(label.minimumWidth(), label.sizeHint().width()) + whole_px(self.GAP)
            for label in entries
            if label.text()
        }
        self.setFixedHeight(self._phase.fontMetrics().height() + whole_px(PADDING))  # with or without a button
        room = self.width() - wanted - sum(width_of.values())
        room -= 0 if self._hidden.isHidden() else self._hidden.sizeHint().width() + whole_px(self.GAP)
        for label in entries:
            label.setVisible(room >= 0 and label in width_of)
            room += 0 if room >= 0 else width_of.get(label, 0)
        text = both if room >= 0 else phase
        width = max(room, 0) + wanted - whole_px(PHASE_PADDING)
        texts = (f"{text} · {news}" for news in self._news)
        self._phase.setText(next((longer for longer in texts if width_of_text(longer) <= width), text))
        # Translators: {state} is such as "training · no fast engine; PyTorch serves".
        said = _("{state}. Steps are computed by {engine}.")
        said = said.format(state=_joined(phase, more), engine=_(self._status.engine))
        self._phase.setToolTip(literal_tooltip("\n".join(filter(None, (said, self._status.trouble, *self._news[:1])))))

    def _label(self, object_name: str, accessible_name: str, characters: int) -> QLabel:
        label = named(LiveLabel(), object_name, accessible_name, accessible_name)
        if characters:
            label.setFont(fixed_font())
            label.setMinimumWidth(label.fontMetrics().horizontalAdvance("0" * characters) + 16)
        return label
