"""Names the problem of a run, and explains its time and cause."""

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from tinynet_gui.core.failures.symptoms import dead_neurons, find_plateau
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.text.language import gettext as _, pgettext
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.wording.glossary import with_links
from tinynet_gui.core.wording.neurons import neuron_name
from tinynet_gui.engine.jobs.computations import RunDeaths, explain, search_for_deaths, warn_of_scale
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import small_font, whole_px
from tinynet_gui.ui.widgets import accessibility
from tinynet_gui.ui.widgets.cards import CardFrame, MaximizeButton, SingleClick, compact_button, filled
from tinynet_gui.ui.widgets.skin import put_style_property
from tinynet_gui.ui.widgets.text import scrolled
from tinynet_gui.ui.window.context import Context, Controller, Feature

if TYPE_CHECKING:
    from tinynet_gui.core.failures.diagnosis import Explanation


UPDATE_TOOLTIP = _("Open the update that did it in the microscope, move by move. The run stays where it is.")
RESTART_NOTE = _("Restarts the run from step 0; Undo takes it back.")
RESTARTED = _("The run has begun anew.")


class ExplanationCard(CardFrame):
    """Shows an answer to "why?" as long as it is valid; it never closes under the mouse.

    `advice_wanted` asks to apply the suggestion, `update_wanted` to show the update that caused it.
    """

    advice_wanted = Signal(object)
    update_wanted = Signal(object)
    opened_changed = Signal(bool)
    term_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__("explanation", _("Why it came to this, and what helped when it was tried"))
        self._explanation: Explanation | None = None
        self._is_open = False
        title = accessibility.in_role(QLabel(_("Why?")), "title")
        close = compact_button(
            pgettext("button", "close"), "whyClose", _("Close the explanation"), _("Back to the inspector.")
        )
        self._text = accessibility.named(accessibility.LinkedLabel(), "whyText", _("The explanation"))
        self._text.linkActivated.connect(self.term_wanted)
        advice = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._advice = accessibility.named(advice, "adviceText", _("What helped when it was tried"))
        self._advice_note = accessibility.named(
            accessibility.caption(RESTART_NOTE, wraps=True), "adviceNote", _("What applying it does to the run")
        )
        self._apply = accessibility.worded(QPushButton(), "adviceButton", _("Apply and restart"), RESTART_NOTE)
        self._look = accessibility.worded(QPushButton(), "lookAtUpdateButton", _("Look at that update"), UPDATE_TOOLTIP)
        header = filled(QHBoxLayout(), (title, 1), close, MaximizeButton(_("explanation"), self, title))
        page = QWidget()
        filled(QVBoxLayout(page), self._text, self._advice, self._advice_note, None, margins=(0, 4, 6, 0), spacing=10)
        buttons = filled(QHBoxLayout(), self._apply, self._look, None)  # always visible
        area = scrolled(page, "whyArea", _("The explanation"))
        filled(QVBoxLayout(self), header, (area, 1), buttons, margins=(12, 8, 8, 8), spacing=4)
        close.clicked.connect(self.close_at_once)
        self._apply.clicked.connect(self._on_apply_clicked)
        self._look.clicked.connect(self._on_look_clicked)
        for button in (self._apply, self._look):
            SingleClick(button)

    @property
    def is_open(self) -> bool:
        return self._explanation is not None

    def show_explanation(self, explanation: "Explanation") -> None:
        self._explanation = explanation
        self._text.setText(with_links("\n\n".join(explanation.sentences)))
        self._advice.setText(f"{explanation.label}." if explanation.label else "")
        self._advice_note.setText(RESTART_NOTE)
        for widget in (self._advice, self._apply, self._advice_note):
            widget.setVisible(bool(explanation.label))
        self._look.setVisible(explanation.update is not None)
        self._allow(True)
        self._set_open(True)

    def withdraw(self) -> None:
        """Invalidate the answer: close, but under the mouse only disable the buttons until the mouse leaves."""
        self._explanation = None
        self._allow(False)
        if not self.underMouse():
            self._set_open(False)

    def close_at_once(self) -> None:
        self._explanation = None
        self._set_open(False)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self._explanation is None:
            self._set_open(False)

    def _allow(self, allowed: bool) -> None:
        for button in (self._apply, self._look):
            button.setEnabled(allowed)

    def _set_open(self, is_open: bool) -> None:
        if is_open != self._is_open:
            self._is_open = is_open
            self.opened_changed.emit(is_open)

    def _on_apply_clicked(self) -> None:
        if self._explanation is not None:
            self.advice_wanted.emit(self._explanation.suggestion)
            self._advice_note.setText(RESTARTED)

    def _on_look_clicked(self) -> None:
        if self._explanation is not None:
            self.update_wanted.emit(self._explanation.update)


LINES, MAX_LINES = 2, 3  # usual, and in a narrow window
AROUND = 24  # px: margins, and the gap between words and button


class Banner(QFrame):
    """Keeps its place when it is empty; its button opens and closes the explanation card.

    Where the message does not fit, as at 300 %, only the button is shown; the tooltip has the message.
    """

    why_wanted = Signal()
    card_made = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        accessibility.named(self, "banner", _("What has happened to the training, and why"))
        self.setProperty("role", "banner")
        label = accessibility.named(QLabel(wordWrap=True), "messageLabel", _("What has happened to the training"))
        self._words = accessibility.small(accessibility.in_role(label, "error"))
        self.text = self._words.text
        self._why = compact_button(
            _("Why?"), "whyButton", _("Why?"), _("Explain it, in the inspector's place."), checkable=True
        )
        filled(QHBoxLayout(self), (self._words, 1), self._why, margins=(10, 1, 8, 1))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        accessibility.retain_size(self)
        SingleClick(self._why)
        self._why.clicked.connect(self._on_why_clicked)
        self._fit()
        self.hide()

    @cached_property
    def card(self) -> ExplanationCard:
        card = ExplanationCard()
        card.update_wanted.connect(self.fold)
        card.opened_changed.connect(lambda: self._why.setChecked(card.is_open))
        self.card_made.emit(card)
        return card

    @property
    def is_explained(self) -> bool:
        return "card" in vars(self) and self.card.is_open

    def say(self, text: str, *, is_alarm: bool = True) -> None:
        if text and text == self._words.text() and not self.isHidden():
            return
        put_style_property(self, "role", "banner" if is_alarm else "note")
        put_style_property(self._words, "role", "error" if is_alarm else "")
        self._words.setText(text)
        self.setToolTip(accessibility.wrapped(text))
        self._fit()
        self.show_explanation(None)
        self.setVisible(bool(text))

    def show_explanation(self, explanation: "Explanation | None") -> None:
        if explanation is None:
            if "card" in vars(self):
                self.card.withdraw()
        elif not self.isHidden():
            self.card.show_explanation(explanation)
            label = f"{explanation.label}." if explanation.label else ""
            accessibility.announce(self, " ".join((*explanation.sentences, label)).strip())
        self._why.setChecked(self.is_explained)

    def ask(self) -> None:
        if not self._why.isChecked():
            self._why.click()

    def fold(self) -> None:
        self.show_explanation(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.contentsRect().width() - self._why.sizeHint().width() - whole_px(AROUND)
        needed, line = self._words.heightForWidth(max(1, room)), QFontMetrics(small_font()).lineSpacing()
        lines = LINES if needed <= LINES * line else MAX_LINES
        self._words.setVisible(needed <= lines * line)
        self.setFixedHeight(lines * line + whole_px(6))

    def _on_why_clicked(self, wanted: bool) -> None:
        if wanted:
            self.why_wanted.emit()
        else:
            self.card.close_at_once()


SCALE_DELAY_MS = 200  # after the last change of data
DEATHS_DELAY_MS = 200


class DiagnosisController(Controller):
    """Updates the banner: the run has diverged or will, the pinned neuron is dead, or the loss stands still."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.banner = banner = Banner()
        self._frame.top_bar.add_banner(banner)
        context.ends.append(self.end)
        banner.card_made.connect(self._on_card_made)
        self._diagram = context.views.diagram
        self._diagram.menu_wanted.connect(self._on_menu_wanted)
        context.selection.pinned_changed.connect(banner.fold)  # show the inspector instead
        self._dead_neuron: tuple[int, int] | None = None
        self._warned: tuple[Snapshot, Explanation | None] | None = None  # a first moment, and its warning
        self._is_scale_checked = True  # or need not be; a check waits for an engine to try rates with
        # Debounced: samples and moments can be dragged.
        self._scale_delay = single_shot(self, SCALE_DELAY_MS, self._ask_for_scale, "scaleDelay")
        self._deaths_delay = single_shot(self, DEATHS_DELAY_MS, self._search_for_deaths, "deathsDelay")
        self._asked: object = None  # moment of the last request for dead neurons
        self._session.changed.connect(self._follow)
        banner.why_wanted.connect(self._on_why_wanted)
        self._say(self._session.state)

    def _follow(self, old: AppState, new: AppState) -> None:
        """Update whenever the training has stopped, also after a single step or a manual change."""
        if new.session_number != old.session_number:  # run numbers may repeat
            self._forget_deaths(new)
        self._look_at_scale(new)
        is_other = (new.session.view.pinned, new.question_is_open) != (old.session.view.pinned, old.question_is_open)
        if is_other or not (new.is_moving and self.banner.isHidden()):
            self._say(new)
        self._deaths_delay.stop()
        if new.question_is_open:
            self._forget_deaths(new)
            return
        if new.is_moving or new.status.compiled != "ready" or (snapshot := _current(new)) is None:
            return
        if new.run.id != old.run.id or old.snapshot is None:
            self._asked = None  # the diagram has dropped them
        dead = dead_neurons(snapshot)
        moment = (snapshot.run_id, snapshot.step, dead)
        if dead and moment != self._asked:
            if new.looks_back:
                self._deaths_delay.start()
            else:
                self._search_for_deaths()

    def end(self) -> bool:
        """Close the explanation; return False if none is open."""
        if was_open := self.banner.is_explained:
            self.banner.card.close_at_once()
        return was_open

    def _forget_deaths(self, state: AppState) -> None:
        self._asked = None
        self._jobs.cancel("deaths")
        self._diagram.show_deaths(state.run.id, {})

    def _search_for_deaths(self) -> None:
        state, snapshot = self._session.state, _current(self._session.state)
        if snapshot is not None and (state.past is not None or not state.looks_back):
            self._asked = snapshot.run_id, snapshot.step, dead_neurons(snapshot)
            run = state.run_so_far
            self._jobs.submit("deaths", search_for_deaths, run, snapshot, on_result=self._show_deaths)

    def _say(self, state: AppState) -> None:
        snapshot, phase, pinned = _current(state), state.status.phase, state.session.view.pinned
        self._dead_neuron = None
        message, is_alarm = "", True
        if snapshot is None or state.question_is_open:
            pass
        elif phase == "diverged" and not state.looks_back and snapshot.diverged_at is not None:
            message = _("Diverged at step {diverged}: loss not finite. Shown: step {step}.")
            if snapshot.diverged_at == snapshot.step:  # no step caused it, so no learning rate helps
                message = _("The loss is not finite at step {step}, where it begins.")
            message = message.format(diverged=count_text(snapshot.diverged_at), step=count_text(snapshot.step))
        elif isinstance(pinned, NeuronRef) and (pinned.layer, pinned.index) in dead_neurons(snapshot):
            self._dead_neuron = pinned.layer, pinned.index
            message = _("{neuron} is dead: it gives 0 on every sample.").format(neuron=neuron_name(snapshot, pinned))
        elif (phase in ("paused", "finished") or state.past) and (plateau := find_plateau(state.run_so_far.losses)):
            from tinynet_gui.core.failures.plateau_explained import is_failure, plateau_words

            message, is_alarm = plateau_words(snapshot, plateau), is_failure(snapshot, plateau)
        elif (warning := self._warning(snapshot)) is not None:
            message, is_alarm = warning.sentences[0], warning.is_alarm
        if message != self.banner.text() and phase != "diverged":  # announced elsewhere
            accessibility.announce(self.banner, message, topic="banner")
        self.banner.say(message, is_alarm=is_alarm)

    def _on_why_wanted(self) -> None:
        state = self._session.state
        warning = self._warning(_current(state))
        if warning is not None and warning.sentences[0] == self.banner.text():
            self.banner.show_explanation(warning)
        elif (snapshot := _current(state)) is not None:
            run, neuron, show = state.run_so_far, self._dead_neuron, self.banner.show_explanation
            self._jobs.submit("explanation", explain, run, snapshot, neuron, on_result=show)

    def _on_menu_wanted(self, menu: QMenu) -> None:
        if self._dead_neuron is not None:
            menu.addAction(_("What killed it?"), self.banner.ask)

    def _on_update_wanted(self, moment: Moment) -> None:
        self._context.controllers.microscope.look_at(moment)

    def _on_card_made(self, card: ExplanationCard) -> None:
        self._frame.layout.beside.addWidget(card)
        self._context.fit_lazy_part(card)
        card.opened_changed.connect(self._on_card_opened)
        card.term_wanted.connect(self._context.show_term)
        card.advice_wanted.connect(self._session.begin_with)
        card.update_wanted.connect(self._on_update_wanted)

    def _on_card_opened(self, is_open: bool) -> None:
        self._frame.layout.show_beside(self.banner.card if is_open else None)
        self._frame.arranger.show_explanation(is_open)

    def _look_at_scale(self, state: AppState) -> None:
        """Before the first step on the user's data, check if they make the learning rate too large."""
        snapshot = _current(state)
        is_own = snapshot is not None and snapshot.step == 0 and snapshot.config.data.points is not None
        if snapshot is not None and is_own and (self._warned is None or self._warned[0] is not snapshot):
            self._warned, self._is_scale_checked = (snapshot, None), False
        if not self._is_scale_checked and "ready" in (state.status.compiled, state.status.pytorch):
            self._is_scale_checked = True
            self._scale_delay.start()

    def _ask_for_scale(self) -> None:
        if self._warned is not None:
            self._jobs.submit("scale", warn_of_scale, self._warned[0], on_result=self._on_warning)

    def _on_warning(self, warning: "Explanation | None") -> None:
        if self._warned is not None:
            self._warned = self._warned[0], warning
            self._say(self._session.state)

    def _warning(self, snapshot: Snapshot | None) -> "Explanation | None":
        """Return the warning about the scale of the data while it applies: to this run, before its first step.

        Later an alarm applies only if the training was destabilised, a mere suggestion only at its end.
        """
        if self._warned is None or snapshot is None:
            return None
        first, warning = self._warned
        if warning is None:
            return None
        from tinynet_gui.core.failures.answers import was_destabilised

        is_of_it = snapshot.run_id == first.run_id and snapshot.config == first.config
        is_over = self._session.state.status.phase == "finished"
        holds = was_destabilised(snapshot, first.train_loss) if warning.is_alarm else is_over
        return warning if is_of_it and (snapshot.step == 0 or holds) else None

    def _show_deaths(self, deaths: RunDeaths) -> None:
        self._diagram.show_deaths(deaths.run_id, deaths.by_neuron)
        if not self._session.state.looks_back:
            self._context.controllers.time_line.show_deaths(deaths)


def _current(state: AppState) -> Snapshot | None:
    return state.snapshot if state.snapshot is not None and state.snapshot.run_id == state.run.id else None


FEATURE = Feature("why", DiagnosisController)
