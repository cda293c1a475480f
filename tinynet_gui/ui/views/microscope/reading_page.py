"""A page of words and numbers: it scrolls, and its text can be selected and copied."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QKeyEvent, QResizeEvent, QTextOption
from PySide6.QtWidgets import QApplication, QFrame

from tinynet_gui.ui.style.theme import fixed_font, small_font
from tinynet_gui.ui.views.microscope.phase_bar import KEYS_OF_THE_VIEW
from tinynet_gui.ui.widgets.heard_links import LinkedPage

SIZES = (1.0, 0.9, 0.8, 0.7)  # of the numbers, as shares of the usual size


class ReadingPage(LinkedPage):
    """Shows rich text; a QLabel with the same text takes five times as long to lay it out.

    Signals
    -------
    term_wanted : str
        A link was clicked: explain this word.
    """

    term_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("bare", True)
        self.setFont(fixed_font(small_font().pointSizeF()))
        self.setOpenLinks(False)
        self.anchorClicked.connect(lambda link: self.term_wanted.emit(link.path()))
        self.document().setDocumentMargin(0)

    def show_text(self, words: str, numbers: str) -> None:
        """Show words in the window's font, and below them rich text with numbers in the fixed-width one.

        The scroll position is kept.
        """
        font = QFont(QApplication.font())
        style = f"font-family:'{font.family()}'; font-size:{font.pointSizeF()}pt; margin:0"
        bar = self.verticalScrollBar()
        place = bar.value()
        self.setHtml(f'<p style="{style}">{words}</p>{numbers}')
        self._fit()
        bar.setValue(place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the size of the numbers again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Write the numbers narrower if they do not fit: smaller would be too small."""
        font = fixed_font(small_font().pointSizeF())
        self.setWordWrapMode(QTextOption.WrapMode.WordWrap)  # never break a number
        for share in SIZES:
            font.setStretch(round(100 * share))
            self.document().setDefaultFont(font)
            if self.document().idealWidth() <= self.viewport().width() + 1:
                return
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)  # for very long formulas

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave keys that move and scroll to the view around it."""
        if event.key() in KEYS_OF_THE_VIEW:
            event.ignore()
        else:
            super().keyPressEvent(event)
