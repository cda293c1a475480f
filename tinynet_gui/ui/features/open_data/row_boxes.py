"""Boxes on what is left out of a table, and on its side: each appears only with a table that has such rows."""

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from tinynet_gui.core.data.doubtful_rows import DoubtfulRows
from tinynet_gui.core.data.read_as import DOWN
from tinynet_gui.core.data.table import Table
from tinynet_gui.core.numerics.arrays import Ints
from tinynet_gui.core.wording.table_text import summaries_text
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import named


class RowBoxes(QWidget):
    """Asks whether doubtful rows and summaries are left out, and whether a table on its side is turned.

    Signals
    -------
    changed
        The doubtful rows are left out, or no longer.
    read_again : ReadAs
        Read the same with the summaries, or without; turned, or not.
    """

    changed = Signal()
    read_again = Signal(object)

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table, self._was_turned = table, False
        self._asked: list[int] = []
        self._gaps = named(QCheckBox(), "dataGaps", "Leave out rows with gaps")
        self._gaps.setChecked(True)
        words = "Leave out rows that sum up the others"
        self._summaries = named(QCheckBox(), "dataSummaries", words, "Unticked, these rows are samples too.")
        side = QCheckBox("Turn the table: each line is a quantity")
        self._side = named(side, "dataOnItsSide", "Turn the table", "Unticked, each line is a sample.")
        filled(QVBoxLayout(self), self._side, self._summaries, self._gaps, margins=(0, 0, 0, 0), spacing=4)
        self._gaps.toggled.connect(self.changed)
        self._summaries.clicked.connect(self._on_summaries_clicked)
        self._side.clicked.connect(self._on_side_clicked)

    def show_table(self, table: Table) -> None:
        """Take a table: what was left out of it, and whether it was turned."""
        self._table, read_as = table, table.read_as
        is_turned = table.extent.on_its_side is not None
        self._was_turned = (is_turned or (self._was_turned and read_as.samples == DOWN)) and not table.question
        self._side.setVisible(self._was_turned)
        self._side.setChecked(is_turned)
        if table.extent.summaries:
            self._summaries.setText(f"Leave out {summaries_text(table)}")
        self._summaries.setVisible(bool(table.extent.summaries) or read_as.skip is not None)
        self._summaries.setChecked(read_as.skip is None)

    def show_doubtful(self, doubtful: DoubtfulRows) -> None:
        """Name the doubtful rows of the chosen columns; only gaps are left out unasked."""
        self._gaps.setVisible(len(doubtful.all) > 0)
        self._gaps.setText("Leave out " + " and\n".join(doubtful.words()))
        if (asked := doubtful.asked.tolist()) != self._asked:
            self._asked = asked
            with QSignalBlocker(self._gaps):
                self._gaps.setChecked(not asked)

    def left_out_of(self, doubtful: DoubtfulRows) -> Ints | None:
        """Return which of the doubtful rows are left out."""
        return doubtful.all if self._gaps.isChecked() else None

    def _on_summaries_clicked(self, are_left_out: bool) -> None:
        self.read_again.emit(replace(self._table.read_as, skip=None if are_left_out else ()))

    def _on_side_clicked(self, is_turned: bool) -> None:
        self.read_again.emit(replace(self._table.read_as, samples="" if is_turned else DOWN))
