"""Films of a run: moments computed in the background, frames painted a few at a time and encoded as they come."""

from collections import deque
from collections.abc import Callable
from contextlib import closing
from functools import partial
from queue import Queue

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QCheckBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from tinynet_gui.core.export.film import FORMATS, FilmChoice, FilmFrame
from tinynet_gui.core.function.linear_regions import find_linear_regions
from tinynet_gui.core.text.language import gettext as _, pgettext, with_signs
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import plot_range
from tinynet_gui.engine.jobs.exporting import AHEAD, encode, estimate, make_moments
from tinynet_gui.engine.session.past import usable_engines
from tinynet_gui.ui.style.style_sheets import style_sheet
from tinynet_gui.ui.style.theme import in_theme, theme, unzoomed_px
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.function_plot.header import PlotFoot
from tinynet_gui.ui.widgets import cards, dialogs, progress
from tinynet_gui.ui.widgets.accessibility import in_role, named, retain_size
from tinynet_gui.ui.widgets.fields.editors import ChoiceBox
from tinynet_gui.ui.widgets.fields.number_fields import count_field
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window.context import Context, Controller

WIDTHS = (480, 640, 960)
RATES = (10, 20, 25)
LONGEST_S = 20


class FilmDialog(dialogs.Dialog):
    """Asks for a `FilmChoice`; it stays open while the film is made, and can be cancelled at any time.

    `changed` is answered by `show_size`, `wanted` by `show_progress`.
    """

    changed = Signal(object)
    wanted = Signal(object)

    def __init__(self, choice: FilmChoice, parent: QWidget) -> None:
        super().__init__("filmDialog", _("Export film"), parent, deleted_when_closed=True)
        widths = {each: _("{count} pixels").format(count=count_text(each)) for each in WIDTHS}
        rates = {each: _("{count} a second").format(count=each) for each in RATES}
        tip = _("GIF works everywhere, WebP is smaller, APNG is exact.")
        self._kind = named(ChoiceBox(FORMATS), "filmFormat", pgettext("of a file", "Format"), tip)
        self._width = named(ChoiceBox(widths), "filmWidth", _("Width"), _("How wide the film is."))
        self._rate = named(ChoiceBox(rates), "filmRate", _("Frames per second"), _("How smoothly it moves."))
        self._seconds = named(
            count_field(" s"), "filmLength", _("Length"), _("How long the whole run takes in the film.")
        )
        diagram = QCheckBox(_("with the diagram"))
        self._diagram = named(diagram, "filmDiagram", _("With the diagram"), _("Show the weights too."))
        self._size = named(QLabel(" "), "filmSize", _("How large the file gets"))
        widest = self._size.fontMetrics().horizontalAdvance(_("200 frames, about 9,999 MB"))
        self._size.setMinimumWidth(unzoomed_px(widest))
        self._bar = retain_size(progress.ThinBar("filmProgress"))
        self._bar.hide()
        buttons = self.make_buttons(dialogs.Button.Save | dialogs.Button.Cancel)
        self._save = buttons.button(dialogs.Button.Save)
        layout = QFormLayout(self)
        layout.addRow(pgettext("of a file", "Format"), self._kind)
        layout.addRow(_("Width"), self._width)
        layout.addRow(_("Length"), self._seconds)
        layout.addRow(_("Frames"), self._rate)
        layout.addRow("", self._diagram)
        layout.addRow(_("File"), self._size)
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
        kind, width, rate = (box.currentData() for box in (self._kind, self._width, self._rate))
        return FilmChoice(kind, width, self._seconds.count, rate, self._diagram.isChecked())

    def show_size(self, count: int, size: int) -> None:
        unit, words = (1e6, "MB") if size >= 1e6 else (1e3, "kB")
        text = _("{count} frames, about {size} {unit}") if size < 1e8 else _("more than 100 MB")
        self._size.setText(text.format(count=count_text(count), size=with_signs(f"{size / unit:.2g}"), unit=words))

    def show_progress(self, share: float, _partial: object) -> None:
        self._bar.set_share(share)

    def _on_changed(self) -> None:
        self._size.setText("…")
        self.changed.emit(self.choice())

    def accept(self) -> None:
        if self._seconds.refusal():
            self._seconds.commit()
            return
        self.wanted.emit(self.choice())

    def set_busy(self, is_busy: bool) -> None:
        for widget in (self._kind, self._width, self._rate, self._seconds, self._diagram, self._save):
            widget.setEnabled(not is_busy)
        self._bar.setVisible(is_busy)


LARGEST = 3_000  # parameters of a network whose kinks are marked
PLOT_SHAPE, DIAGRAM_SHAPE = 0.5, 0.45  # height by width


class FilmStage(QWidget):
    """The fit, with the step and the loss above it and optionally the diagram below.

    `plot` and `diagram` are used by nothing else, and in the colours of the film.
    """

    def __init__(self, width: int, plot: FunctionPlot, diagram: NetworkDiagram | None) -> None:
        super().__init__()
        self.setObjectName("filmStage")
        self.setStyleSheet(style_sheet())
        self._words = in_role(QLabel(), "title")
        self._words.setContentsMargins(14, 8, 14, 4)
        self.plot, self.diagram, self._theme = plot, diagram, theme()
        for switch in (*self.plot.switches.all(), self.plot.switches.seeds):
            switch.hide()
        for foot in self.plot.findChildren(PlotFoot):
            foot.hide()
        self.plot.linear_regions_wanted.connect(self._find_regions)
        layout = cards.filled(QVBoxLayout(self), self._words, (self.plot, 1), margins=(0, 0, 0, 0), spacing=0)
        height = width * PLOT_SHAPE
        if self.diagram is not None:
            self.diagram.setFixedHeight(round(width * DIAGRAM_SHAPE))
            layout.addWidget(self.diagram)
            height += width * DIAGRAM_SHAPE
        self.resize(width, round(height))
        self.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self.show()

    def frame(self, snapshot: Snapshot) -> FilmFrame:
        """Paint a moment in the theme of the first; red, green and blue of shape (height, width, 3)."""
        with in_theme(self._theme):
            self._words.setText(_("step {step}").format(step=count_text(snapshot.step)))
            self.plot.show_config(snapshot.config)
            self.plot.show_snapshot(snapshot)
            self.plot.show_loss(snapshot)
            if self.diagram is not None:
                self.diagram.show_config(snapshot.config)
                self.diagram.show_snapshot(snapshot)
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # make room for a longer number
            image = QImage(self.size(), QImage.Format.Format_RGB888)
            self.render(image)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()

    def _find_regions(self, snapshot: Snapshot) -> None:
        """Find the kinks, in a network small enough to do so between two frames."""
        config = snapshot.config
        if config.network.parameter_count <= LARGEST:
            x_range = plot_range(config.data)
            regions = find_linear_regions(snapshot.curve_layers, config.network.activation, *x_range)
            self.plot.show_linear_regions(snapshot, regions)


MOMENTS, ENCODING, ESTIMATE = "film moments", "film encoding", "film estimate"
TITLE = _("Export film")
PAUSE_MS = 2  # between two frames, to keep the window responsive
SAMPLES = 3  # pairs of frames for the estimate of the size


class FilmController(Controller):
    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._choice = FilmChoice()
        self._dialog: FilmDialog | None = None
        self._stage: FilmStage | None = None
        self._moments, self._file = deque[Snapshot](), ""  # still to be painted
        self._frames: Queue[FilmFrame] | None = None
        self._brush = QTimer(self, interval=PAUSE_MS)
        self._brush.timeout.connect(self._paint_next)
        context.actions.connect(actionExportFilm=self.ask)

    def ask(self) -> None:
        run = self._session.state.run_so_far
        if run.step == 0:
            dialogs.warn(self._window, TITLE, _("There is nothing to show yet: the run has taken no step."))
            return
        self._dialog = FilmDialog(self._choice, self._window)
        self._dialog.changed.connect(lambda choice: self._submit_moments(choice, self._estimate))
        self._dialog.wanted.connect(self._begin)
        self._dialog.finished.connect(self._end)
        self._dialog.open()
        self._submit_moments(self._choice, self._estimate)

    def _submit_moments(self, choice: FilmChoice, then: Callable[[list[Snapshot] | None], None]) -> None:
        self._choice = choice
        state = self._session.state
        run, usable = state.run_so_far, usable_engines(state.status)
        self._jobs.submit(MOMENTS, make_moments, run, choice.frame_count, usable, on_result=then, on_error=self._fail)

    def _make_stage(self) -> FilmStage:
        selection = Selection()
        diagram = NetworkDiagram(selection) if self._choice.has_diagram else None
        plot = FunctionPlot(selection)
        return FilmStage(self._choice.width, plot, diagram)

    def _estimate(self, found: list[Snapshot] | None) -> None:
        if found is None or self._dialog is None:
            return
        with closing(self._make_stage()) as stage:
            places = [round(share * (len(found) - 2) / (SAMPLES - 1)) for share in range(SAMPLES)]
            pairs = [(stage.frame(found[place]), stage.frame(found[place + 1])) for place in places]
        count, show = len(found), partial(self._dialog.show_size, len(found))
        self._jobs.submit(ESTIMATE, estimate, pairs, self._choice.kind, count, on_result=show, on_error=self._fail)

    def _begin(self, choice: FilmChoice) -> None:
        kinds = [f"{FORMATS[kind]} (*.{kind})" for kind in sorted(FORMATS, key=choice.kind.__ne__)]
        name = dialogs.ask_to_save(self._window, TITLE, f"film.{choice.kind}", ";;".join(kinds))
        if name and self._dialog is not None:
            choice, self._file = choice.saved_as(name)
            self._jobs.cancel(ESTIMATE)
            self._dialog.set_busy(True)
            self._submit_moments(choice, self._paint)

    def _paint(self, found: list[Snapshot] | None) -> None:
        if found is None or self._dialog is None:
            return
        self._moments = deque(found)
        self._stage = self._make_stage()
        frame_ms = round(1_000 * self._choice.seconds / len(found))
        self._frames = Queue(AHEAD)
        given, show = (self._frames, self._choice.kind, frame_ms, len(found)), self._dialog.show_progress
        self._jobs.submit(ENCODING, encode, *given, on_result=self._save, on_progress=show, on_error=self._fail)
        self._brush.start()

    def _paint_next(self) -> None:
        if self._frames is None or self._stage is None or not self._moments:
            self._brush.stop()
            return
        if not self._frames.full():
            self._frames.put_nowait(self._stage.frame(self._moments.popleft()))

    def _save(self, content: bytes | None) -> None:
        if content is not None and self._dialog is not None:
            self._notify(dialogs.write_file(self._window, TITLE, self._file, content, _("saved the film to {file}")))
            self._dialog.done(FilmDialog.DialogCode.Accepted)  # `accept` would start another film

    def _fail(self, _traceback_text: str) -> None:
        if self._dialog is not None:
            self._dialog.reject()

    def _end(self) -> None:
        self._brush.stop()
        for key in (MOMENTS, ENCODING, ESTIMATE):
            self._jobs.cancel(key)
        if self._stage is not None:
            self._stage.close()
        self._stage = self._dialog = self._frames = None
        self._moments.clear()
