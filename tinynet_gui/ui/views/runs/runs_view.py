"""The kept runs: their table, their differences, and a question about two of them with its answer."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.maps.valley import Valley
from tinynet_gui.core.text.language import gettext as _, pgettext
from tinynet_gui.core.wording.runs import Difference, short_names
from tinynet_gui.ui.style.theme import theme, whole_px
from tinynet_gui.ui.views.runs import runs_model, runs_table
from tinynet_gui.ui.widgets import progress
from tinynet_gui.ui.widgets.accessibility import caption, in_role, literal_tooltip, named, small
from tinynet_gui.ui.widgets.cards import CardFrame, SeenFrame, compact_button, filled
from tinynet_gui.ui.widgets.fields.editors import Index, RowsModel
from tinynet_gui.ui.widgets.plots import layer, plot_menu, plot_parts
from tinynet_gui.ui.widgets.text import ElidedLabel, FittingLabel, PlainTable, ScrolledText

WIDTH, HEIGHT, MIN_WIDTH, MIN_HEIGHT = 280, 320, 128, 40  # px
LEFT_WIDTH, MARGIN, MAX_CHARACTERS = 58, 0.04, 12
DESCRIPTION = _("The training loss, from 0 up, along the straight line from the first run to the second")


class ValleyPlot(QtWidgets.QWidget):
    """The loss between two runs: a dashed curve for the networks as they are, a solid one with neurons matched.

    The y axis begins at 0; non-finite losses leave a gap.
    """

    def __init__(self) -> None:
        super().__init__()
        how = _("{description}: as they are, and with the neurons of the second matched.")
        named(self, "valleyPlot", DESCRIPTION, how.format(description=DESCRIPTION))
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Expanding)
        self.key = layer.LegendLabel()
        self.plot = plot_parts.make_plot(plot_parts.NumberAxis("bottom"), left_width=LEFT_WIDTH, names=("", _("loss")))
        self._top = 1.0
        axes = _("between the runs"), _("loss")
        self._view = plot_menu.StillView(self.plot, axes, _("Loss between the two runs"))
        self._view.changed.connect(self._look)
        self._lines = [pg.PlotCurveItem(antialias=True, connect="finite") for _ in range(2)]
        self._drawn = layer.PlotLayer(self.plot)
        self._drawn.put(self._lines[0], 0, "muted", 2.4, QtCore.Qt.PenStyle.DashLine, visible=True)
        self._drawn.put(self._lines[1], 1, "accent", 2.4, visible=True)
        filled(QtWidgets.QVBoxLayout(self), self.plot, margins=(0, 0, 0, 0))

    def show_theme(self) -> None:
        plot_parts.style_plot(self.plot)
        self._drawn.show_theme()
        as_they_are = layer.legend_entry("╌", theme().muted, _("as they are"))
        self.key.show_entries([(as_they_are, layer.legend_entry("—", theme().accent, _("matched")))])
        self.updateGeometry()

    def show_valley(self, valley: Valley | None, names: Sequence[str] = ("", ""), *, has_matched: bool = True) -> None:
        """Draw the loss between two runs, with or without the matched curve; or nothing."""
        self.setVisible(valley is not None)
        self.key.setVisible(valley is not None and has_matched)
        if valley is None:
            return
        losses = np.array([valley.as_they_are.losses, valley.matched.losses], np.float64)
        losses[1] = losses[1] if has_matched else np.nan
        losses[~np.isfinite(losses)] = np.nan
        for line, row in zip(self._lines, losses, strict=True):
            line.setData(valley.t, row)
        self._top = max(float(np.nanmax(losses, initial=0.0)), float(np.finfo(np.float32).tiny))
        self._view.show_everything()
        ends = [(float(place), name) for place, name in enumerate(short_names(names, MAX_CHARACTERS))]
        self.plot.getAxis("bottom").setTicks([ends])

    def _look(self) -> None:
        ends = plot_menu.Range(-MARGIN, 1 + MARGIN), plot_menu.Range(0, (1 + MARGIN) * self._top)
        self._view.show(ends)

    def curves(self) -> list[tuple[list[float], list[float]]]:
        """The curves as drawn, t and losses of each: as they are, and matched."""
        return [tuple(part.tolist() for part in line.getData()) for line in self._lines]

    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(whole_px(WIDTH), whole_px(HEIGHT))

    def minimumSizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(whole_px(MIN_WIDTH), whole_px(MIN_HEIGHT))


class RunAnswer(CardFrame):
    """Hidden until something is asked; as high as its text, or with a picture as there is space.

    `stopped` asks to stop computing and keep the answer so far, `updates_wanted` for the two updates at which the runs
    diverge, `one_engine_wanted` to train both again with one engine and then compare them.
    """

    cancelled = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__("runAnswer", _("A question about two runs, and its answer"))
        self._title = in_role(named(FittingLabel(), "runQuestion", _("The question about two runs")), "title")
        tooltip = _("Stop asking, and close this answer. Key: Escape")
        self._close = compact_button(pgettext("button", "close"), "runAnswerClose", _("Close the answer"), tooltip)
        self.progress = progress.Progress("runAnswer")
        self._text = small(named(ScrolledText(), "runAnswerText", _("The answer")))
        self.valley = ValleyPlot()
        self.term_wanted = self._text.term_wanted
        tooltip = _("Show the update at which they part in the microscope, of either run. Nothing changes.")
        text = _("Look at both updates")
        self._look = compact_button(text, "lookAtBothUpdates", text, tooltip)
        tooltip = _(
            "Train both again by one engine, with all their changes, and compare those. The runs stay as they are."
        )
        text = _("Train both by one engine")
        self._again = compact_button(text, "trainByOneEngine", text, tooltip)
        header = filled(QtWidgets.QHBoxLayout(), (self._title, 1), self._close)
        offers = filled(QtWidgets.QHBoxLayout(), self._again, self._look, None)
        below = (self.progress, (self._text, 1_000), self.valley.key, offers, None)
        words = filled(QtWidgets.QVBoxLayout(), header, *below, spacing=4)
        filled(QtWidgets.QHBoxLayout(self), (words, 2), (self.valley, 3), margins=(10, 4, 6, 3))
        self._close.clicked.connect(self.dismiss)
        self.stopped = self.progress.cancelled
        self.updates_wanted, self.one_engine_wanted = self._look.clicked, self._again.clicked
        self.show_valley(None)
        self.show_answer("")
        self.setVisible(False)

    def show_question(self, text: str, status: str, *, shows_time_left: bool = True) -> None:
        """Show the question, a status message, and the remaining time if `shows_time_left`."""
        self.show_valley(None)
        short = "".join(text.partition("?")[:2])  # without the names of the runs
        self._title.show_longest((text, short))
        self._title.setMinimumWidth(self._title.fontMetrics().horizontalAdvance(short) + 1)
        self._title.setToolTip(literal_tooltip(text))
        self.show_answer(status)
        self.progress.begin(shows_time_left)
        self.setVisible(True)

    def show_answer(self, text: str, has_updates: bool = False, has_two_engines: bool = False) -> None:
        """Show the answer, whether there are two updates to show, and whether the runs differ by their engine."""
        self.progress.end()
        self._text.setText(text)
        self._look.setVisible(has_updates)
        self._again.setVisible(has_two_engines)

    def show_valley(self, valley: Valley | None, names: Sequence[str] = ("", ""), *, has_matched: bool = True) -> None:
        self.has_matched = valley is not None and has_matched
        self.valley.show_valley(valley, names, has_matched=has_matched)
        height = QtWidgets.QSizePolicy.Policy.Maximum if valley is None else QtWidgets.QSizePolicy.Policy.Expanding
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, height)

    def text(self) -> str:
        return "" if self.isHidden() else self._text.text()

    def dismiss(self) -> None:
        self.progress.end()
        self.setVisible(False)
        self.cancelled.emit()


WIDEST = 170  # px of a column in a narrow table


class DifferencesModel(RowsModel):
    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self.names: Sequence[str] = ()
        self.rows: Sequence[Difference] = ()

    def show_differences(self, names: Sequence[str], rows: Sequence[Difference]) -> None:
        if (list(names), list(rows)) != (list(self.names), list(self.rows)):
            with self.changing(True):
                self.names, self.rows = names, rows

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.names)

    def data(self, index: Index, role: int = QtCore.Qt.ItemDataRole.DisplayRole) -> Any:
        match role:
            case QtCore.Qt.ItemDataRole.DisplayRole:
                return self.rows[index.row()].texts[index.column()]
            case QtCore.Qt.ItemDataRole.ToolTipRole:
                return literal_tooltip(f"{self.names[index.column()]}: {self.rows[index.row()].texts[index.column()]}")
        return None

    def headerData(
        self, section: int, orientation: QtCore.Qt.Orientation, role: int = QtCore.Qt.ItemDataRole.DisplayRole
    ) -> Any:
        is_name = orientation == QtCore.Qt.Orientation.Horizontal
        text = self.names[section] if is_name else self.rows[section].label
        match role:
            case QtCore.Qt.ItemDataRole.DisplayRole:
                return text
            case QtCore.Qt.ItemDataRole.ToolTipRole:
                return literal_tooltip(text)
        return None


class DifferencesTable(PlainTable):
    def __init__(self) -> None:
        says = _("The settings and results in which the runs differ, side by side")
        super().__init__("runDifferences", says, padding_px=6, has_numbers=True)
        self.differences = DifferencesModel(self)
        self.setModel(self.differences)
        self.setShowGrid(True)
        self.setHorizontalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        left = QtCore.Qt.AlignmentFlag.AlignLeft | QtCore.Qt.AlignmentFlag.AlignVCenter
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setDefaultAlignment(left)
        self.fit()

    def show_differences(self, names: Sequence[str], rows: Sequence[Difference]) -> None:
        self.differences.show_differences(names, rows)
        self.fit()

    def fit(self) -> None:
        """Fit the columns to their content, limiting a long text to its share."""
        count = len(self.differences.names)
        share = self.viewport().width() // count if count else 0
        self.horizontalHeader().setMaximumSectionSize(max(whole_px(WIDEST), share))
        self.resizeColumnsToContents()


EMPTY = _(
    "Each run that takes a step is kept here, to be compared with others.\n\n"
    "Train this one, change a setting and train again; or Keep the network as it is now, before its first step."
)
ONE = _("Nothing to compare yet: there is one run.")
ALIKE = _("These runs do not differ.")
HINT = _("Double-click: open (name: rename) · Space: show")
ENDS = _("Results: each run after its own last step")
GESTURES = _(
    "Double-click a run, or press Enter, to open it; double-click its name, or press F2, to rename it. Space draws it "
    "over the current run, or hides it. Delete deletes the selection; Undo brings it back. Tick two, or "
    "select them, to compare them; a right-click offers more."
)


class RunsView(SeenFrame):
    """Compares runs; `table` and `answer` emit the user's requests about them.

    `hill_asked` asks for the loss between two runs, by their ids, without matching neurons.
    """

    hill_asked = QtCore.Signal(int, int)

    def __init__(self) -> None:
        super().__init__("runsView", _("Runs, side by side"))
        self._differences: Sequence[Difference] = ()
        self.table = runs_table.RunsTable()
        self.side_by_side = DifferencesTable()
        self.answer = RunAnswer()
        self._empty = named(caption(EMPTY, wraps=True), "runsEmpty", _("What will be shown here"))
        tooltip = _("Keep the current run as it is now, even before its first step, and draw it over later ones.")
        self._keep = compact_button(_("Keep"), "runsKeep", _("Keep this run"), tooltip)
        tooltip = _("Show the runs side by side: the settings and results in which they differ, and no others.")
        self._only = compact_button(
            _("only what differs"), "runsOnlyDifferences", _("Only what differs"), tooltip, checkable=True
        )
        tooltip = _(
            "What can be done with the selected runs; and of the two that are ticked or selected: setting or luck? "
            "Where do they part? One valley or two?"
        )
        self._more = compact_button(_("more …"), "runsMore", _("What can be done with the selected runs"), tooltip)
        says = _("How runs are chosen, or what they are compared with")
        self._hint = small(in_role(named(ElidedLabel(), "runsHint", says), "caption"))
        self._lay_out()
        for signal in (self.answer.shown, self.answer.cancelled):
            signal.connect(self._show_hint)
        self.keep_pressed = self._keep.clicked
        self._only.toggled.connect(self._choose_page)
        self._more.clicked.connect(self._on_more_clicked)
        self.term_wanted = self.answer.term_wanted
        self.show_runs(())

    def ask_for_valley(self, one: int, other: int, *, is_matched: bool) -> None:
        (self.table.valley_asked if is_matched else self.hill_asked).emit(one, other)

    def _lay_out(self) -> None:
        self._empty.setAlignment(QtCore.Qt.AlignmentFlag.AlignTop | QtCore.Qt.AlignmentFlag.AlignLeft)
        row = filled(QtWidgets.QHBoxLayout(), self._keep, self._only, self._more, None, margins=(6, 0, 6, 0))
        self._pages = QtWidgets.QStackedWidget()
        for page in (self._empty, self.table, self.side_by_side):
            self._pages.addWidget(page)
        parts = row, (self._pages, 1), (self.answer, 4), self._hint
        filled(QtWidgets.QVBoxLayout(self), *parts, margins=(0, 1, 0, 0), spacing=2)

    def show_theme(self) -> None:
        self._empty.setContentsMargins(whole_px(14), whole_px(8), whole_px(14), 0)
        self._hint.setContentsMargins(whole_px(8), 0, whole_px(8), 0)

    def show_runs(self, rows: Sequence[runs_model.RunRow], differences: Sequence[Difference] = ()) -> None:
        """Show runs and their differences, each with its texts in the order of the rows."""
        self.table.show_rows(rows)
        self.side_by_side.show_differences([row.name for row in rows], differences)
        self._differences = differences
        self._more.setEnabled(bool(rows))
        self._choose_page()

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_room()

    def event(self, event: QtCore.QEvent) -> bool:
        if event.type() == QtCore.QEvent.Type.LayoutRequest:
            self._keep_room()
        return super().event(event)

    def _show_hint(self) -> None:
        self._hint.setVisible(bool(self.table.runs.rows) and self.answer.isHidden())

    def _keep_room(self) -> None:
        """Keep space for three runs, if possible; an answer shrinks first."""
        beside = self.minimumSizeHint().height() - self._pages.minimumHeight()
        if self.answer.isHidden():
            beside += self.answer.minimumSizeHint().height()
        self._pages.setMinimumHeight(max(0, min(self.table.least_height(), self.height() - beside)))

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        if event.key() == QtCore.Qt.Key.Key_Escape and not self.answer.isHidden():
            self.answer.dismiss()
        else:
            super().keyPressEvent(event)

    def _choose_page(self) -> None:
        rows = self.table.runs.rows
        self._show_hint()
        baseline = next((row.name for row in rows if row.is_baseline), "")
        if self._only.isChecked():
            of_baseline = _("Δ: differences from “{name}”").format(name=baseline) if baseline else ""
            self._hint.show_text(" · ".join(filter(None, (ENDS, of_baseline))))
        elif baseline:
            self._hint.show_text(_("Δ: differences from “{name}”, the baseline").format(name=baseline))
        else:
            self._hint.show_text("", HINT)
            self._hint.setToolTip(literal_tooltip(GESTURES))
        if rows and not self._only.isChecked():
            self._pages.setCurrentWidget(self.table)
        elif self._differences:
            self._pages.setCurrentWidget(self.side_by_side)
        else:
            self._empty.setText(ALIKE if len(rows) > 1 else ONE if rows else EMPTY)
            self._pages.setCurrentWidget(self._empty)

    def _on_more_clicked(self) -> None:
        self.table.menu().popup(self._more.mapToGlobal(QtCore.QPoint(0, self._more.height())))
