"""The question in which of two ways to read a table."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QLabel, QRadioButton, QWidget

from tinynet_gui.core.data.read_as import Ambiguity, ReadAs
from tinynet_gui.core.text.shortened import shortened, written
from tinynet_gui.ui.style.theme import fixed_font, small_font
from tinynet_gui.ui.widgets.naming import in_role, named

MOST_CHARACTERS = 44  # of the first rows


class TwoWays(QWidget):
    """Shows both readings of a field, each with the first rows; hidden where there is nothing to ask.

    Signals
    -------
    answered : ReadAs
        The way to read the table.
    """

    answered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        named(self, "dataQuestion", "How a number or date is meant")
        self._question: Ambiguity | None = None
        plain = Qt.TextFormat.PlainText
        self._text = named(QLabel(textFormat=plain), "dataQuestionText", "What can be read in two ways")
        self._group = QButtonGroup(self)
        self._radios = [named(QRadioButton(), f"dataWay{place}", f"Reading {place}") for place in (1, 2)]
        self._rows = [in_role(QLabel(textFormat=plain), "caption") for _ in self._radios]
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(2)
        layout.setHorizontalSpacing(12)
        layout.setColumnStretch(1, 1)
        layout.addWidget(self._text, 0, 0, 1, 2)
        for place, (radio, rows) in enumerate(zip(self._radios, self._rows, strict=True)):
            self._group.addButton(radio, place)
            rows.setFont(fixed_font(small_font().pointSizeF()))
            layout.addWidget(radio, 1 + place, 0)
            layout.addWidget(rows, 1 + place, 1)
        self._group.idClicked.connect(self._on_clicked)
        self.hide()

    def show_question(self, question: Ambiguity | None, read_as: ReadAs) -> None:
        """Ask, or hide with None, unless what is shown is the answer: it can be changed."""
        before = self._question
        if question is None and before is not None and read_as in [answer.read_as for answer in before.answers]:
            return
        self._question = question
        self.setVisible(question is not None)
        if question is None:
            return
        self._text.setText(f"Line {question.line:,}: {written(question.text)} can be read in two ways:")
        self._group.setExclusive(False)  # or one of them would stay chosen
        for radio, rows, answer in zip(self._radios, self._rows, question.answers, strict=True):
            radio.setChecked(False)
            radio.setText(answer.value)
            rows.setText(shortened(" | ".join(answer.rows), MOST_CHARACTERS))
        self._group.setExclusive(True)

    def _on_clicked(self, place: int) -> None:
        if self._question is not None:
            self.answered.emit(self._question.answers[place].read_as)
