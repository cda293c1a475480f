"""A lesson's question with its input widgets, and the summary page."""

import math
from contextlib import suppress

from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.lessons.lesson import LONGEST_SENTENCE
from tinynet_gui.core.text.language import N_, gettext as _, gettext_in, process_language, speaking
from tinynet_gui.core.text.numbers import count_text, ends_text, in_full, plain
from tinynet_gui.core.text.shortened import on_one_line
from tinynet_gui.core.text.typed_numbers import NoNumberError, typed_real
from tinynet_gui.ui.views.lesson.page import AskedQuestion, Ending
from tinynet_gui.ui.widgets import cards, skin
from tinynet_gui.ui.widgets.accessibility import ENTER, allow, in_role, named, show_words, worded
from tinynet_gui.ui.widgets.fields.number_fields import TypedLine
from tinynet_gui.ui.widgets.fields.refusals import mark_invalid, tie

NUMBER_WIDTH = 90  # px
SENTENCE_LINES = 3  # visible
LACKING = {
    "choice": N_("Choose an answer first."),
    "number": N_("Type a number first."),
    "curve": N_("Draw the curve first, at least half of it."),
    "sentence": N_("Write a sentence first."),
}


class QuestionBox(QtWidgets.QWidget):
    """Asks a question, and keeps the input as long as the question is shown.

    `answered` has the index of a choice, a number, a sentence, or None for the drawn curve.
    """

    answered = QtCore.Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._question: AskedQuestion | None = None
        self._is_asked = False
        self._text = in_role(wrapping(QtWidgets.QLabel()), "title")
        self._choices = QtWidgets.QWidget()
        self._choices.setObjectName("lessonChoices")
        self._rows = cards.make_grid(self._choices, (0, 0, 0, 0), across=0, down=0)
        self._group = QtWidgets.QButtonGroup(self)
        self._number = TypedLine()
        self._number.setFixedWidth(NUMBER_WIDTH)
        self._unit = QtWidgets.QLabel()
        self._limits = wrapping(QtWidgets.QLabel())
        self._sentence = _Sentence(tabChangesFocus=True)
        cards.KeysForParent(self._sentence, ENTER)  # the page's
        for field in (self._number, self._sentence):
            tie(field, self._limits)
        self._typed = QtWidgets.QWidget()
        cards.filled(QtWidgets.QHBoxLayout(self._typed), self._number, self._unit, None, margins=(0, 0, 0, 0))
        self._clear, self._submit, self._skip = QtWidgets.QPushButton(), QtWidgets.QPushButton(), bare_button()
        self._submit.setProperty("primary", True)
        self._buttons = _Buttons(self._submit, self._skip)
        clear = self._clear, QtCore.Qt.AlignmentFlag.AlignLeft
        parts = self._text, self._choices, self._typed, self._sentence, self._limits, clear, self._buttons
        cards.filled(QtWidgets.QVBoxLayout(self), *parts, margins=(0, 0, 0, 0), spacing=8)

        self._group.idToggled.connect(self._on_edited)
        self._number.textEdited.connect(self._on_edited)
        self._sentence.textChanged.connect(self._on_edited)
        self._submit.clicked.connect(self.give_answer)
        self.skipped, self.curve_cleared = self._skip.clicked, self._clear.clicked
        for button in (self._submit, self._skip):
            cards.SingleClick(button)
        self.set_language(process_language())

    def set_language(self, language: str) -> None:
        self._language = language
        named(self._text, "lessonQuestion", _("The question"))
        named(self._number, "lessonNumber", _("Your guess"), _("What do you expect? Enter answers."))
        named(self._sentence, "lessonSentence", _("Your sentence"), _("What do you think? Enter answers."))
        named(self._limits, "lessonLimits", _("What can be answered"))
        worded(self._clear, "lessonClear", _("Clear"), _("Clear the curve and draw it again."))
        worded(self._submit, "lessonAnswer", _("I say so"), _("Answer. What really happens comes after. Key: Enter"))
        worded(self._skip, "lessonSkip", _("Skip"), _("Go on without a guess."))

    def show_question(
        self, question: AskedQuestion, answer: int | float | str | None, *, is_asked: bool, is_new: bool
    ) -> None:
        """Show a question, which can still be answered if it `is_asked`.

        Without an answer the input is kept, unless the question was skipped, or `is_new`: it belongs to another step.
        """
        before, self._question, self._is_asked = self._question, question, is_asked
        self._text.setText(question.text)
        was_skipped = answer is None and not is_asked
        is_chosen = self._group.checkedId() >= 0
        if is_new or (was_skipped and is_chosen) or before is None or before.choices != question.choices:
            self._list_choices(question.choices)
        if is_new or was_skipped:
            self._number.clear()
            self._sentence.clear()
        if answer is not None:
            self._show_answer(question, answer)
        for place, radio in enumerate(self._group.buttons()):
            radio.setEnabled(is_asked or place == self._group.checkedId())
            radio.setAttribute(QtCore.Qt.WidgetAttribute.WA_TransparentForMouseEvents, not is_asked)
            radio.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus if is_asked else QtCore.Qt.FocusPolicy.NoFocus)
        for field in (self._number, self._sentence):
            field.setReadOnly(not is_asked)
        self._unit.setText(question.unit)
        self._choices.setVisible(question.kind == "choice")
        self._typed.setVisible(question.kind == "number")
        self._sentence.setVisible(question.kind == "sentence")
        self._limits.setVisible(question.kind != "choice" and is_asked)
        self._clear.setVisible(question.kind == "curve" and is_asked)
        allow(self._clear, "" if question.is_drawn else gettext_in(self._language, LACKING["curve"]))
        self._buttons.setVisible(is_asked)
        self._on_edited()

    def focus_first(self) -> None:
        if self._question is not None and self._question.kind in ("number", "sentence"):
            (self._number if self._question.kind == "number" else self._sentence).setFocus()
        elif self._group.buttons():
            (self._group.checkedButton() or self._group.buttons()[0]).setFocus()
        else:
            self._skip.setFocus()

    def give_answer(self) -> None:
        question = self._question
        if question is None or not self._is_asked:
            return
        if question.kind == "choice" and self._group.checkedId() >= 0:
            self.answered.emit(self._group.checkedId())
        elif question.kind == "curve" and question.is_drawn:
            self.answered.emit(None)
        elif question.kind in ("number", "sentence"):
            try:
                with speaking(self._language):
                    answer = self._typed_number() if question.kind == "number" else self._typed_sentence()
            except ValueError as error:
                self._show_limits(str(error))
            else:
                self.answered.emit(answer)

    def _list_choices(self, choices: tuple[str, ...]) -> None:
        for radio in self._group.buttons():
            self._group.removeButton(radio)
        cards.clear_layout(self._rows)
        for place, text in enumerate(choices):
            radio = named(QtWidgets.QRadioButton(), f"lessonChoice{place + 1}", text)
            self._group.addButton(radio, place)
            self._rows.addWidget(radio, place, 0, QtCore.Qt.AlignmentFlag.AlignTop)
            self._rows.addWidget(_ChoiceLabel(text, radio), place, 1)

    def _show_answer(self, question: AskedQuestion, answer: int | float | str) -> None:
        if isinstance(answer, str):
            self._sentence.setPlainText(answer)
        elif question.kind == "number":
            with speaking(self._language):
                number = in_full(answer)
            self._number.setText(number)
        elif (radio := self._group.button(int(answer))) is not None:
            radio.setChecked(True)

    def _on_edited(self) -> None:
        question = self._question
        if question is not None:
            can_say = {
                "choice": self._group.checkedId() >= 0,
                "number": bool(self._number.text().strip()),
                "curve": question.is_drawn,
                "sentence": bool(self._sentence.toPlainText().strip()),
            }
            lacking = "" if can_say[question.kind] else gettext_in(self._language, LACKING[question.kind])
            allow(self._submit, lacking)
            self._show_limits()

    def _typed_number(self) -> float:
        """Return the typed number; raise ValueError if it is no valid answer."""
        assert self._question is not None
        number = math.nan
        with suppress(NoNumberError):
            number = typed_real(self._number.text().strip().removesuffix(self._question.unit))
        if not self._question.low <= number <= self._question.high:
            low, high = plain(self._question.low), plain(self._question.high)
            raise ValueError(_("Write a number from {low} to {high}").format(low=low, high=high))
        return number

    def _typed_sentence(self) -> str:
        """Return the sentence on one line; raise ValueError if there is none, or it is too long."""
        sentence = on_one_line(self._sentence.toPlainText())
        if not 0 < len(sentence) <= LONGEST_SENTENCE:
            raise ValueError(_("Write 1 to {most} characters").format(most=count_text(LONGEST_SENTENCE)))
        return sentence

    def _show_limits(self, refusal: str = "") -> None:
        question = self._question
        assert question is not None
        with speaking(self._language):
            if question.kind == "curve":
                low, high = ends_text(question.low, question.high)
                limits = _("Draw it into the plot, from x = {low} to {high}.").format(low=low, high=high)
            elif question.kind == "sentence":
                limits = _("A sentence is not graded.")
            else:
                limits = _("from {low} to {high}").format(low=plain(question.low), high=plain(question.high))
        self._limits.setText(refusal or limits)
        role = "error" if refusal else "caption" if question.kind in ("number", "sentence") else ""
        skin.put_style_property(self._limits, "role", role)
        for field in (self._number, self._sentence):
            mark_invalid(field, refusal)


class _Sentence(QtWidgets.QPlainTextEdit):
    """A few lines to write in."""

    def sizeHint(self) -> QtCore.QSize:
        around = 2 * (round(self.document().documentMargin()) + self.frameWidth())
        return QtCore.QSize(NUMBER_WIDTH, SENTENCE_LINES * self.fontMetrics().lineSpacing() + around)

    minimumSizeHint = sizeHint


class _Buttons(QtWidgets.QWidget):
    """Two buttons side by side, or stacked if too wide."""

    def __init__(self, *buttons: QtWidgets.QWidget) -> None:
        super().__init__()
        self._parts = buttons
        self._row = cards.filled(QtWidgets.QHBoxLayout(self), *buttons, None, margins=(0, 2, 0, 0))

    def minimumSizeHint(self) -> QtCore.QSize:
        width = max(button.sizeHint().width() for button in self._parts)
        return QtCore.QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        needed = sum(button.sizeHint().width() for button in self._parts) + self._row.spacing()
        sides = QtWidgets.QHBoxLayout.Direction
        self._row.setDirection(sides.LeftToRight if needed <= self.width() else sides.TopToBottom)


class _ChoiceLabel(QtWidgets.QLabel):
    """A radio button's text that can break lines; a click on it chooses the button."""

    def __init__(self, text: str, radio: QtWidgets.QRadioButton) -> None:
        super().__init__(text)
        self._radio = radio
        wrapping(self)

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        is_closed = self._radio.testAttribute(QtCore.Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        if self.rect().contains(event.position().toPoint()) and not is_closed:
            self._radio.setFocus(QtCore.Qt.FocusReason.MouseFocusReason)
            self._radio.click()


def bare_button() -> QtWidgets.QToolButton:
    """Return a flat button that looks like a word."""
    button = QtWidgets.QToolButton()
    button.setProperty("bare", True)
    button.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
    return button


def wrapping(label: QtWidgets.QLabel) -> QtWidgets.QLabel:
    """Make a plain-text label break lines and shrink as necessary; return it."""
    label.setWordWrap(True)
    label.setTextFormat(QtCore.Qt.TextFormat.PlainText)
    policy = QtWidgets.QSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)
    return label


GAP, BETWEEN = 4, 14  # px, within a question and between two


class EndPage(QtWidgets.QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._ending: Ending | None = None
        self._score = in_role(wrapping(QtWidgets.QLabel()), "title")
        self._found = cards.filled(QtWidgets.QVBoxLayout(), spacing=GAP)
        self._save = QtWidgets.QPushButton()
        self._note = in_role(wrapping(QtWidgets.QLabel()), "caption")
        self._following = in_role(wrapping(QtWidgets.QLabel()), "title")
        self._about = in_role(wrapping(QtWidgets.QLabel()), "caption")
        save = cards.filled(QtWidgets.QVBoxLayout(), (self._save, QtCore.Qt.AlignmentFlag.AlignLeft), self._note)
        save.setContentsMargins(0, BETWEEN, 0, BETWEEN)
        parts = self._score, self._found, save, self._following, self._about
        cards.filled(QtWidgets.QVBoxLayout(self), *parts, margins=(0, 0, 0, 0), spacing=GAP)
        self.save_wanted = self._save.clicked
        cards.SingleClick(self._save)
        self.setFocusProxy(self._save)
        self.set_language(process_language())

    def set_language(self, language: str) -> None:
        self._language, self._ending = language, None
        named(self._score, "lessonScore", _("How many guesses were right"))
        worded(self._save, "lessonSaveAnswers", _("Save answers …"), _("Write them to a file to hand in."))
        self._note.setText(_("To hand in. The file stays on this machine until you pass it on."))
        named(self._following, "lessonFollowing", _("What comes next"))
        named(self._about, "lessonFollowingAbout", _("What that is about"))

    def show_ending(self, ending: Ending) -> None:
        if ending == self._ending:
            return
        self._ending = ending
        score = ending.score if ending.found else gettext_in(self._language, "This lesson asked no questions.")
        show_words(self._score, score)
        cards.clear_layout(self._found)
        asked_as, found_as = gettext_in(self._language, "What was asked"), gettext_in(self._language, "Result")
        for number, (question, verdict) in enumerate(ending.found, 1):
            asked = in_role(wrapping(named(QtWidgets.QLabel(question), f"lessonAsked{number}", asked_as)), "caption")
            asked.setContentsMargins(0, BETWEEN - GAP, 0, 0)
            self._found.addWidget(asked)
            self._found.addWidget(wrapping(named(QtWidgets.QLabel(verdict), f"lessonFound{number}", found_as)))
        for widget in (self._save, self._note):
            widget.setVisible(bool(ending.found))
        following = gettext_in(self._language, "Next: {title}", title=ending.following)
        show_words(self._following, following if ending.following else "")
        self._about.setText(ending.about or gettext_in(self._language, "More lessons are in the Lessons menu."))
