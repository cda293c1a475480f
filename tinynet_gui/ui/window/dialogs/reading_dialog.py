"""The progress of reading a long file, with a Cancel button."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.widgets.dialog import ProgressDialog
from tinynet_gui.ui.widgets.text.elided_label import ElidedLabel


class ReadingDialog(ProgressDialog):
    """Says which file is being read."""

    def __init__(self, title: str, origin: str, parent: QWidget) -> None:
        words = ElidedLabel()
        words.show_text(f"Reading {origin} …")
        super().__init__("reading", title, (words,), parent)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setFixedWidth(whole_px(340))
