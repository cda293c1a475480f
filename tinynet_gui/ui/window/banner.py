"""A word that must not be overlooked, on top of a view: nothing moves when it comes or goes."""

from PySide6.QtCore import QEvent, QObject, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from tinynet_gui.core.analysis.diagnosis import Explanation
from tinynet_gui.ui.widgets.guard import guarded
from tinynet_gui.ui.widgets.naming import named

MARGIN = 8
WIDEST = 0.94  # of the view


@guarded
class Banner(QFrame):
    """Lies at the lower edge of a view while there is something to say, and explains it when asked.

    Signals
    -------
    why_wanted
    advice_wanted : Mapping of dotted path to value
        The suggestion is to be applied.
    update_wanted : Checkpoint
        The update that did it is to be looked at.
    """

    why_wanted = Signal()
    advice_wanted = Signal(object)
    update_wanted = Signal(object)

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        named(self, "banner", "What has happened to the training, and why")
        self.setProperty("role", "banner")
        self._view = view
        self._explanation: Explanation | None = None
        self._words = named(QLabel(), "messageLabel", "What has happened to the training")
        self._words.setProperty("role", "error")
        self._words.setWordWrap(True)
        self._why = named(QToolButton(), "whyButton", "Why?", "Explain how it came to this, and what would help.")
        self._why.setText("Why?")
        self._why.setProperty("compact", True)
        self._reasons = named(QLabel(), "whyText", "The explanation")
        self._reasons.setWordWrap(True)
        self._apply = named(QPushButton(), "adviceButton", "Apply the suggestion", "Make this change and begin anew.")
        self._look = named(
            QPushButton("Look at that update"),
            "lookAtUpdateButton",
            "Look at that update",
            "Open the update that did it in the microscope, move by move. The run stays where it is.",
        )
        self._buttons = QWidget()  # hidden with its row: an empty row would be a gap
        top, buttons = QHBoxLayout(), QHBoxLayout(self._buttons)
        buttons.setContentsMargins(0, 0, 0, 0)
        top.addWidget(self._words, 1)
        top.addWidget(self._why)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 5, 8, 5)
        layout.addLayout(top)
        layout.addWidget(self._reasons)
        buttons.addWidget(self._apply, 1)
        buttons.addWidget(self._look)
        layout.addWidget(self._buttons)
        self._why.clicked.connect(self.why_wanted)
        self._apply.clicked.connect(self._on_apply_clicked)
        self._look.clicked.connect(self._on_look_clicked)
        view.installEventFilter(self)
        self.say("")

    def text(self) -> str:
        """What is said."""
        return self._words.text()

    def say(self, text: str) -> None:
        """Show a text; an empty one takes it back."""
        if text and text == self._words.text() and not self.isHidden():
            return
        self._words.setText(text)
        self._explain(None)
        self.setVisible(bool(text))
        self._place()

    @Slot(object)
    def show_explanation(self, explanation: Explanation | None) -> None:
        """Show the answer to "why?"."""
        if not self.isHidden():
            self._explain(explanation)
            self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the edge when the view changes its size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _explain(self, explanation: Explanation | None) -> None:
        self._explanation = explanation
        self._why.setVisible(explanation is None)
        self._reasons.setVisible(explanation is not None)
        self._buttons.setVisible(explanation is not None)
        self._reasons.setText("" if explanation is None else " ".join(explanation.sentences))
        self._apply.setVisible(explanation is not None and bool(explanation.label))
        self._apply.setText("" if explanation is None else explanation.label)
        self._look.setVisible(explanation is not None and explanation.update is not None)

    def _place(self) -> None:
        self.ensurePolished()
        width = min(self._words.fontMetrics().horizontalAdvance(self._words.text()) + 110, self._room())
        if self._explanation is not None:
            width = self._room()
        layout = self.layout()
        height = layout.totalHeightForWidth(width) if layout is not None else self.sizeHint().height()
        self.setGeometry((self._view.width() - width) // 2, self._view.height() - height - MARGIN, width, height)
        self.raise_()

    def _room(self) -> int:
        return round(WIDEST * self._view.width())

    @Slot()
    def _on_apply_clicked(self) -> None:
        if self._explanation is not None:
            self.advice_wanted.emit(self._explanation.suggestion)

    @Slot()
    def _on_look_clicked(self) -> None:
        """Fold the explanation: the view beneath is going to show the update."""
        if self._explanation is not None:
            update = self._explanation.update
            self.show_explanation(None)
            self.update_wanted.emit(update)
