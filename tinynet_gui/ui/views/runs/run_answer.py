"""A question about two runs, and its answer once it is there."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout

from tinynet_gui.core.landscape.valley import Valley
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.runs.valley_plot import ValleyPlot
from tinynet_gui.ui.widgets.buttons import compact_button
from tinynet_gui.ui.widgets.card import CardFrame
from tinynet_gui.ui.widgets.labels import FittingLabel
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import as_it_stands, in_role, named, small
from tinynet_gui.ui.widgets.progress import Progress
from tinynet_gui.ui.widgets.scrolled_text import ScrolledText


class RunAnswer(CardFrame):
    """Hidden until something is asked; as high as its text, or as there is space for its picture.

    Attributes
    ----------
    has_matched
        Whether a line is drawn whose neurons are matched.

    Signals
    -------
    stopped
        Stop: the answer known so far is enough.
    cancelled
        The answer is no longer wanted.
    updates_wanted
        Show the two updates at which the runs diverge.
    one_engine_wanted
        Train both runs again, by one engine, and compare them then.
    term_wanted : str
        Explain a word of the glossary.
    """

    cancelled = Signal()
    updates_wanted = Signal()
    one_engine_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__("runAnswer", "A question about two runs, and its answer")
        self._title = in_role(named(FittingLabel(), "runQuestion", "The question about two runs"), "title")
        self._close = compact_button(
            "close", "runAnswerClose", "Close the answer", "Stop asking, and close this answer. Key: Escape"
        )
        self.progress = Progress("runAnswer")
        self._text = small(named(ScrolledText(), "runAnswerText", "The answer"))
        self.valley = ValleyPlot(theme)
        self.show_theme = self.valley.show_theme
        self.term_wanted = self._text.term_wanted
        self._look = compact_button(
            "Look at both updates",
            "lookAtBothUpdates",
            "Look at both updates",
            "Show the update at which they part in the microscope, of either run. Nothing changes.",
        )
        self._again = compact_button(
            "Train both by one engine",
            "trainByOneEngine",
            "Train both by one engine",
            "Train both again by one engine, with all their changes, and compare those. The runs stay as they are.",
        )
        header = filled(QHBoxLayout(), (self._title, 1), self._close)
        offers = filled(QHBoxLayout(), self._again, self._look, None)
        below = (self.progress, (self._text, 1_000), self.valley.key, offers, None)
        words = filled(QVBoxLayout(), header, *below, spacing=4)
        filled(QHBoxLayout(self), (words, 2), (self.valley, 3), margins=(10, 4, 6, 3))
        self._close.clicked.connect(self.put_away)
        self.stopped = self.progress.cancelled
        self._look.clicked.connect(self.updates_wanted)
        self._again.clicked.connect(self.one_engine_wanted)
        self.show_valley(None)
        for widget in (self, self._look, self._again):
            widget.setVisible(False)

    def show_question(self, text: str, says_meanwhile: str, *, tells_time: bool = True) -> None:
        """Show the question, and what is being done about it; and the time it takes, if that can be told."""
        self.show_valley(None)
        short = text.partition(" “")[0]  # without the names of the runs
        self._title.show_longest((text, short))
        self._title.setMinimumWidth(self._title.fontMetrics().horizontalAdvance(short) + 1)
        self._title.setToolTip(as_it_stands(text))
        self._look.setVisible(False)
        self._again.setVisible(False)
        self._text.setText(says_meanwhile)
        self.progress.begin(tells_time)
        self.setVisible(True)

    def show_answer(self, text: str, has_updates: bool = False, has_two_engines: bool = False) -> None:
        """Show the answer, whether there are two updates to look at, and whether two engines are what differs."""
        self.progress.end()
        self._text.setText(text)
        self._look.setVisible(has_updates)
        self._again.setVisible(has_two_engines)

    def show_valley(
        self, valley: Valley | None, names: tuple[str, str] = ("", ""), *, has_matched: bool = True
    ) -> None:
        """Draw what the answer is about, the loss between the two; or nothing."""
        self.has_matched = valley is not None and has_matched
        self.valley.show_valley(valley, names, has_matched=has_matched)
        height = QSizePolicy.Policy.Maximum if valley is None else QSizePolicy.Policy.Expanding
        self.setSizePolicy(QSizePolicy.Policy.Preferred, height)

    def text(self) -> str:
        """Its text; "" if nothing has been asked."""
        return "" if self.isHidden() else self._text.text()

    def put_away(self) -> None:
        """Close it: what was asked is over, or no longer wanted."""
        self.progress.end()
        self.setVisible(False)
        self.cancelled.emit()
