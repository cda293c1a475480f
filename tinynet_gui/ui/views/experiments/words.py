"""What an experiment asks, and then says: a headline, and all else on demand."""

from functools import partial

from PySide6.QtCore import QObject

from tinynet_gui.single_shot import single_shot
from tinynet_gui.ui.views.experiments.explain import sentences
from tinynet_gui.ui.widgets.buttons import compact_button
from tinynet_gui.ui.widgets.naming import named, small
from tinynet_gui.ui.widgets.pointer_frame import bring_into_sight
from tinynet_gui.ui.widgets.scrolled_text import ScrolledText


class Words(QObject):
    """The widgets, and their texts.

    Attributes
    ----------
    headline, details, close, answer
        A sentence; the switch for all else; what puts both away; and the text below the picture.
    has_answer
        Whether they say what came of an experiment, not what it asks.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.has_answer = False
        self.headline = named(
            ScrolledText("title"), "experimentHeadline", "What the experiment asks, and then says, in a sentence"
        )
        self.details = compact_button(
            "details",
            "experimentDetails",
            "Details",
            "All that the experiment says, below its picture.",
            checkable=True,
        )
        self.close = compact_button(
            "×",
            "experimentClose",
            "Close the result",
            "Put this result away, here and in the function plot.",
        )
        self.answer = small(named(ScrolledText(), "experimentAnswer", "What the experiment says"), 0.92)
        self.details.toggled.connect(self._show)
        self._scroll = single_shot(self, 0, partial(bring_into_sight, self.answer))  # once it has its place
        self.details.clicked.connect(self._on_details_clicked)

    def text(self) -> str:
        """All of it; before there is an answer, the message or the question in its place."""
        if not self.has_answer:
            return self.answer.text() or self.headline.text()
        return " ".join(text for text in (self.headline.text(), self.answer.text()) if text)

    def ask(self, question: str, message: str) -> None:
        """Show a question, and a message where there is space for it."""
        self.has_answer = False
        self.headline.setText(question)
        self.answer.setText(message)
        self._show()

    def conclude(self, text: str, room_for: str) -> None:
        """Show an answer: its first sentence above the picture, the others below it if wanted."""
        self.has_answer = True
        (head, rest), (head_room, rest_room) = sentences(text), sentences(room_for)
        self.headline.setText(head, room_for=max(head, head_room, key=len))
        self.answer.setText(rest, room_for=rest_room)
        self._show()

    def _on_details_clicked(self, are_wanted: bool) -> None:
        if are_wanted:
            self._scroll.start()

    def _show(self) -> None:
        for button in (self.details, self.close):
            button.setVisible(self.has_answer)
        self.answer.setVisible(self.details.isChecked() if self.has_answer else bool(self.answer.text()))
