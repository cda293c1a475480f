"""The options of a film, the size of its file, and the progress of making it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLabel, QWidget

from tinynet_gui.core.export.film import FORMATS, FilmChoice
from tinynet_gui.ui.style.zoom import usual_px
from tinynet_gui.ui.widgets.count_box import CountBox
from tinynet_gui.ui.widgets.dialogs.dialog import Button, Dialog
from tinynet_gui.ui.widgets.fields import ChoiceBox
from tinynet_gui.ui.widgets.naming import keep_place, named
from tinynet_gui.ui.widgets.progress import ThinBar

WIDTHS = (480, 640, 960)
RATES = (10, 20, 25)
LONGEST_S = 20


class FilmDialog(Dialog):
    """Asks for a `FilmChoice`; it stays open while the film is made, and can be cancelled at any time.

    Signals
    -------
    changed : FilmChoice
        The choice has changed: `show_size` is the answer.
    wanted : FilmChoice
        Make this film: `show_progress` reports the progress.
    """

    changed = Signal(object)
    wanted = Signal(object)

    def __init__(self, choice: FilmChoice, parent: QWidget) -> None:
        super().__init__("filmDialog", "Export film", parent, deleted_when_closed=True)
        widths, rates = {each: f"{each:,} pixels" for each in WIDTHS}, {each: f"{each} a second" for each in RATES}
        tip = "GIF works everywhere, WebP is smaller, APNG is exact."
        self._kind = named(ChoiceBox(FORMATS), "filmFormat", "Format", tip)
        self._width = named(ChoiceBox(widths), "filmWidth", "Width", "How wide the film is.")
        self._rate = named(ChoiceBox(rates), "filmRate", "Frames per second", "How smoothly it moves.")
        self._seconds = named(CountBox(" s"), "filmLength", "Length", "How long the whole run takes in the film.")
        self._diagram = named(QCheckBox("with the diagram"), "filmDiagram", "With the diagram", "Show the weights too.")
        self._size = named(QLabel(" "), "filmSize", "How large the file gets")
        widest = self._size.fontMetrics().horizontalAdvance("200 frames, about 9,999 MB")
        self._size.setMinimumWidth(usual_px(widest))
        self._bar = keep_place(ThinBar("filmProgress"))
        self._bar.hide()
        buttons = self.make_buttons(Button.Save | Button.Cancel)
        self._save = buttons.button(Button.Save)
        layout = QFormLayout(self)
        layout.addRow("Format", self._kind)
        layout.addRow("Width", self._width)
        layout.addRow("Length", self._seconds)
        layout.addRow("Frames", self._rate)
        layout.addRow("", self._diagram)
        layout.addRow("File", self._size)
        layout.addRow(self._bar)
        layout.addRow(buttons)
        for box, value in ((self._kind, choice.kind), (self._width, choice.width), (self._rate, choice.rate)):
            box.set_value(value)
            box.value_edited.connect(self._on_changed)
        self._diagram.setChecked(choice.has_diagram)
        self._seconds.setRange(1, LONGEST_S)
        self._seconds.setValue(choice.seconds)
        self._seconds.valueChanged.connect(self._on_changed)
        self._diagram.toggled.connect(self._on_changed)

    def choice(self) -> FilmChoice:
        """The current choice."""
        kind, width, rate = (box.currentData() for box in (self._kind, self._width, self._rate))
        return FilmChoice(kind, width, self._seconds.count, rate, self._diagram.isChecked())

    def show_size(self, count: int, size: int) -> None:
        """Show the number of frames, and the estimated size."""
        unit, words = (1e6, "MB") if size >= 1e6 else (1e3, "kB")
        self._size.setText(f"{count:,} frames, about {size / unit:.2g} {words}" if size < 1e8 else "more than 100 MB")

    def show_progress(self, share: float, _partial: object) -> None:
        """Show the share made, from 0 to 1."""
        self._bar.show()
        self._bar.set_share(share)

    def _on_changed(self) -> None:
        self._size.setText("…")
        self.changed.emit(self.choice())

    def accept(self) -> None:
        """Have the film made; the dialog stays open meanwhile."""
        if self._seconds.refusal():
            self._seconds.commit()
            return
        self.wanted.emit(self.choice())

    def set_busy(self, is_busy: bool) -> None:
        """Disable the choices while the film is made."""
        for widget in (self._kind, self._width, self._rate, self._seconds, self._diagram, self._save):
            widget.setEnabled(not is_busy)
        self._bar.setVisible(is_busy)
