"""Why a training failed, and what would help: in the inspector's place, so that it covers nothing it mentions."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tinynet_gui.core.wording.glossary import with_links
from tinynet_gui.ui.widgets.buttons import SingleClick, StageButton, compact_button
from tinynet_gui.ui.widgets.card import CardFrame
from tinynet_gui.ui.widgets.heard_links import LinkedLabel
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import caption, in_role, named
from tinynet_gui.ui.widgets.scrolled import scrolled

if TYPE_CHECKING:
    from tinynet_gui.core.failures.diagnosis import Explanation

LOOK = "Open the update that did it in the microscope, move by move. The run stays where it is."
ANEW = "Restarts the run from step 0; Undo takes it back."
DONE = "The run has begun anew."


class ExplanationCard(CardFrame):
    """Shows an answer to "why?" as long as it holds; it never closes under the mouse.

    Signals
    -------
    advice_wanted : Mapping of dotted path to value
        Apply the suggestion.
    update_wanted : Moment
        Show the update that caused it.
    opened_changed : bool
    term_wanted : str
        Explain a word of the glossary.
    """

    advice_wanted = Signal(object)
    update_wanted = Signal(object)
    opened_changed = Signal(bool)
    term_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__("explanation", "Why it came to this, and what helped when it was tried")
        self._explanation: Explanation | None = None
        self._is_open = False
        title = in_role(QLabel("Why?"), "title")
        close = compact_button("close", "whyClose", "Close the explanation", "Back to the inspector.")
        self._text = named(LinkedLabel(), "whyText", "The explanation")
        self._advice = named(QLabel(), "adviceText", "What helped when it was tried")
        self._anew = named(caption(ANEW), "adviceNote", "What applying it does to the run")
        for label in (self._text, self._advice, self._anew):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self._text.linkActivated.connect(self.term_wanted)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._apply = named(QPushButton("Apply and restart"), "adviceButton", "Apply and restart", ANEW)
        look = "Look at that update"
        self._look = named(QPushButton(look), "lookAtUpdateButton", look, LOOK)
        header = filled(QHBoxLayout(), (title, 1), close, StageButton("explanation", self, title))
        page = QWidget()
        filled(QVBoxLayout(page), self._text, self._advice, self._anew, None, margins=(0, 4, 6, 0), spacing=10)
        buttons = filled(QHBoxLayout(), self._apply, self._look, None)  # always in sight
        area = scrolled(page, "whyArea", "The explanation")
        filled(QVBoxLayout(self), header, (area, 1), buttons, margins=(12, 8, 8, 8), spacing=4)
        close.clicked.connect(self.close_at_once)
        self._apply.clicked.connect(self._on_apply_clicked)
        self._look.clicked.connect(self._on_look_clicked)
        for button in (self._apply, self._look):
            SingleClick(button)

    @property
    def is_open(self) -> bool:
        """Whether it shows an explanation that still holds."""
        return self._explanation is not None

    def show_explanation(self, explanation: "Explanation") -> None:
        """Show an answer."""
        self._explanation = explanation
        self._text.setText(with_links("\n\n".join(explanation.sentences)))
        self._advice.setText(f"{explanation.label}." if explanation.label else "")
        self._anew.setText(ANEW)
        for widget in (self._advice, self._apply, self._anew):
            widget.setVisible(bool(explanation.label))
        self._look.setVisible(explanation.update is not None)
        self._allow(True)
        self._set_open(True)

    def withdraw(self) -> None:
        """Withdraw the answer; under the mouse it stays until the mouse leaves, but its buttons are off."""
        self._explanation = None
        self._allow(False)
        if not self.underMouse():
            self._set_open(False)

    def close_at_once(self) -> None:
        """Close immediately."""
        self._explanation = None
        self._set_open(False)

    def leaveEvent(self, event: QEvent) -> None:
        """Close if the answer has been withdrawn."""
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
            self._anew.setText(DONE)

    def _on_look_clicked(self) -> None:
        if self._explanation is not None:
            self.update_wanted.emit(self._explanation.update)
