"""The options for saving a picture: format, resolution, colours."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QFormLayout, QWidget

from tinynet_gui.ui.style.zoom import usual_px
from tinynet_gui.ui.widgets.dialog import Button, Dialog
from tinynet_gui.ui.widgets.fields.fields import QuietComboBox
from tinynet_gui.ui.widgets.naming import caption, named, small

SCALES = (1, 2, 4)
FORMATS = {"png": "PNG: dots", "svg": "SVG: lines and text"}
NOTES = {
    "png": "The setting travels in it: opened here, or dropped onto the window, it becomes the setting again.",
    "svg": "It can be enlarged without end, and its words can be edited.",
}


@dataclass(frozen=True)
class PictureChoice:
    """The format, the number of pixels for one of the window's, and whether the colours are light in any case."""

    kind: str = "png"
    scale: int = 2
    is_light: bool = True


class PictureDialog(Dialog):
    """Asks for a `PictureChoice`.

    Signals
    -------
    chosen : PictureChoice
    """

    chosen = Signal(object)

    def __init__(self, choice: PictureChoice, size: QSize, parent: QWidget) -> None:
        super().__init__("pictureDialog", "Save picture", parent)
        self._choice = choice
        self._kind = named(QuietComboBox(), "pictureFormat", "Format", "As what the picture is saved.")
        self._scale = named(QuietComboBox(), "pictureSize", "Size", "How fine it is: for a slide 2, for print 4.")
        self._colors = named(QuietComboBox(), "pictureColours", "Colours", "Light ones suit paper and most slides.")
        for kind, words in FORMATS.items():
            self._kind.addItem(words, kind)
        for scale in SCALES:
            words = f"{scale} × ({scale * size.width():,} × {scale * size.height():,} pixels)"
            self._scale.addItem(words, scale)
        for is_light, words in ((True, "light"), (False, "as on the screen")):
            self._colors.addItem(words, is_light)
        self._note = small(named(caption(), "pictureNote", "Notes on this format"))
        self._note.setWordWrap(True)
        self._note.setMinimumHeight(
            usual_px(3 * self._note.fontMetrics().lineSpacing())
        )  # nothing moves when it changes
        layout = QFormLayout(self)
        for label, box in (("Format", self._kind), ("Size", self._scale), ("Colours", self._colors)):
            layout.addRow(label, box)
        layout.addRow(self._note)
        layout.addRow(self.make_buttons(Button.Save | Button.Cancel))
        for box, value in ((self._kind, choice.kind), (self._scale, choice.scale), (self._colors, choice.is_light)):
            box.setCurrentIndex(box.findData(value))
        self._kind.currentIndexChanged.connect(self._show_kind)
        self._show_kind()

    @Slot()
    def _show_kind(self) -> None:
        kind = self._kind.currentData()
        self._scale.setEnabled(kind == "png")
        self._note.setText(NOTES[kind])

    def accept(self) -> None:
        """Emit the choice."""
        kind, scale, is_light = (box.currentData() for box in (self._kind, self._scale, self._colors))
        self.chosen.emit(replace(self._choice, kind=kind, scale=scale, is_light=is_light))
        super().accept()
