"""The network as PyTorch prints it, with the shapes explained."""

from PySide6.QtCore import Slot
from PySide6.QtGui import QFont, QGuiApplication, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QTextEdit, QVBoxLayout, QWidget

from tinynet_gui.core.snapshot import Snapshot
from tinynet_gui.core.torch_text import ModuleText, module_texts
from tinynet_gui.ui.naming import named
from tinynet_gui.ui.theme import Theme, fixed_font, small_font


class TorchView(QWidget):
    """Shows each module's parameters in print, and sentences on their shapes as comments."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._modules: tuple[ModuleText, ...] = ()
        self._text = named(
            QTextEdit(),
            "inspectorTorchText",
            "The network as PyTorch prints it",
            "What print(parameter) prints for each layer.\nWhile something is selected the text stands still.",
        )
        self._text.setReadOnly(True)
        self._text.setFrameShape(QFrame.Shape.NoFrame)
        self._text.setStyleSheet("QAbstractScrollArea::corner { background: transparent; border: none; }")
        self._copy = named(
            QPushButton("Copy"), "inspectorCopyTorch", "Copy the text", "Copy all of this text; the training goes on."
        )
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.addStretch(1)
        buttons.addWidget(self._copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._text, 1)
        layout.addLayout(buttons)
        self._copy.clicked.connect(self._on_copy_clicked)

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self._theme = theme
        self._write()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Print another moment, unless something is selected."""
        if self._text.textCursor().hasSelection():
            return
        modules = module_texts(snapshot.layers, snapshot.config.network.activation)
        if modules != self._modules:
            self._modules = modules
            self._write()

    def clear(self) -> None:
        """Show nothing."""
        self._modules = ()
        self._write()

    def text(self) -> str:
        """What is shown, as plain text."""
        return self._text.toPlainText()

    def _write(self) -> None:
        code, title, comment = (QTextCharFormat() for _ in range(3))
        code.setFont(fixed_font(small_font().pointSizeF()))
        code.setForeground(self._theme.color("ink"))
        title.setFont(fixed_font(small_font().pointSizeF()))
        title.setFontWeight(QFont.Weight.DemiBold)
        title.setForeground(self._theme.color("ink"))
        comment.setFont(small_font())
        comment.setForeground(self._theme.color("muted"))
        unbroken, first_unbroken, flowing, heading = (QTextBlockFormat() for _ in range(4))
        unbroken.setNonBreakableLines(True)
        first_unbroken.setNonBreakableLines(True)
        first_unbroken.setTopMargin(3)
        heading.setTopMargin(8)
        across, down = (bar.value() for bar in (self._text.horizontalScrollBar(), self._text.verticalScrollBar()))
        self._text.setUpdatesEnabled(False)
        self._text.clear()
        cursor = QTextCursor(self._text.document())
        is_first = True
        for module in self._modules:
            parts = [(module.title, title, QTextBlockFormat() if is_first else heading)]
            parts += [(f"# {sentence}", comment, flowing) for sentence in module.shapes]
            parts += [(text, code, first_unbroken) for text in module.parameters or (module.printed,)]
            for text, letters, block in parts:
                for place, line in enumerate(text.split("\n")):
                    shape = unbroken if place and block is first_unbroken else block
                    if is_first:
                        cursor.setBlockFormat(shape)
                    else:
                        cursor.insertBlock(shape, letters)
                    cursor.insertText(line, letters)
                    is_first = False
        self._text.setUpdatesEnabled(True)
        self._text.horizontalScrollBar().setValue(across)
        self._text.verticalScrollBar().setValue(down)

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
