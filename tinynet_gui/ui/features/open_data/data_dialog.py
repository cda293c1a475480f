"""A preview of the data read from a file or the clipboard, before any of it is used."""

from dataclasses import replace

from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.data.data_file import SEED, points_of_table
from tinynet_gui.core.data.delimited import DOWN, Ambiguity, DataFileError, ReadAs
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.data.table import Columns, DoubtfulRows, Table, doubtful_rows, question_of
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text, told_apart
from tinynet_gui.core.text.shortened import shortened, written
from tinynet_gui.core.values import Ints
from tinynet_gui.core.wording.table_text import summaries_text, understood_text
from tinynet_gui.ui.features.open_data.previews import ColumnChoosers, FirstRows, PointsPreview, make_chooser
from tinynet_gui.ui.style.theme import fixed_font, small_font, unzoomed_px
from tinynet_gui.ui.widgets import dialogs, guard, touch
from tinynet_gui.ui.widgets.accessibility import caption, in_role, literal_tooltip, named, small, worded
from tinynet_gui.ui.widgets.cards import filled
from tinynet_gui.ui.widgets.fields.number_fields import count_field
from tinynet_gui.ui.widgets.text import ElidedLabel


class RowOptions(QtWidgets.QWidget):
    """Asks whether to omit doubtful rows and summaries, and whether to transpose the table.

    `read_again` asks to parse again with or without the summaries, transposed or not.
    """

    changed = QtCore.Signal()
    read_again = QtCore.Signal(object)

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table, self._was_turned = table, False
        self._asked: list[int] = []
        self._gaps = named(QtWidgets.QCheckBox(), "dataGaps", _("Leave out rows with gaps"))
        self._gaps.setChecked(True)
        words = _("Leave out rows that sum up the others")
        tip = _("Unticked, these rows are samples too.")
        self._summaries = worded(QtWidgets.QCheckBox(), "dataSummaries", words, tip)
        side = QtWidgets.QCheckBox(_("Turn the table: each line is a quantity"))
        self._side = named(side, "dataOnItsSide", _("Turn the table"), _("Unticked, each line is a sample."))
        filled(QtWidgets.QVBoxLayout(self), self._side, self._summaries, self._gaps, margins=(0, 0, 0, 0), spacing=4)
        self._gaps.toggled.connect(self.changed)
        self._summaries.clicked.connect(self._on_summaries_clicked)
        self._side.clicked.connect(self._on_side_clicked)

    def show_table(self, table: Table) -> None:
        self._table, read_as = table, table.read_as
        is_turned = table.extent.on_its_side is not None
        self._was_turned = (is_turned or (self._was_turned and read_as.samples == DOWN)) and not table.question
        self._side.setVisible(self._was_turned)
        self._side.setChecked(is_turned)
        if table.extent.summaries:
            self._summaries.setText(_("Leave out {rows}").format(rows=summaries_text(table)))
        self._summaries.setVisible(bool(table.extent.summaries) or read_as.skip is not None)
        self._summaries.setChecked(read_as.skip is None)

    def show_doubtful(self, doubtful: DoubtfulRows) -> None:
        """Show the doubtful rows of the chosen columns; only gaps are omitted by default."""
        self._gaps.setVisible(len(doubtful.all) > 0)
        *others, rows = doubtful.words() or [""]
        for other in reversed(others):
            rows = _("{one} and\n{other}").format(one=other, other=rows)
        self._gaps.setText(_("Leave out {rows}").format(rows=rows))
        if (asked := doubtful.asked.tolist()) != self._asked:
            self._asked = asked
            with QtCore.QSignalBlocker(self._gaps):
                self._gaps.setChecked(not asked)

    def left_out_of(self, doubtful: DoubtfulRows) -> Ints | None:
        return doubtful.all if self._gaps.isChecked() else None

    def _on_summaries_clicked(self, are_left_out: bool) -> None:
        self.read_again.emit(replace(self._table.read_as, skip=None if are_left_out else ()))

    def _on_side_clicked(self, is_turned: bool) -> None:
        self.read_again.emit(replace(self._table.read_as, samples="" if is_turned else DOWN))


MAX_CHARACTERS = 44  # of a reading's first rows


class AmbiguityBox(QtWidgets.QWidget):
    """Shows both readings of an ambiguous field, each with the first rows; hidden if there is none."""

    answered = QtCore.Signal(object)

    def __init__(self) -> None:
        super().__init__()
        named(self, "dataQuestion", _("How a number or date is meant"))
        self._question: Ambiguity | None = None
        plain = QtCore.Qt.TextFormat.PlainText
        self._text = named(QtWidgets.QLabel(textFormat=plain), "dataQuestionText", _("What can be read in two ways"))
        self._group = QtWidgets.QButtonGroup(self)
        self._radios = [
            named(QtWidgets.QRadioButton(), f"dataWay{place}", _("Reading {number}").format(number=place))
            for place in (1, 2)
        ]
        self._rows = [in_role(QtWidgets.QLabel(textFormat=plain), "caption") for _ in self._radios]
        layout = QtWidgets.QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(2)
        layout.setHorizontalSpacing(12)
        layout.setColumnStretch(1, 1)
        layout.addWidget(self._text, 0, 0, 1, 2)
        for place, (radio, rows) in enumerate(zip(self._radios, self._rows, strict=True)):
            self._group.addButton(radio, place)
            rows.setFont(fixed_font(small_font().pointSizeF()))
            layout.addWidget(radio, 1 + place, 0)
            layout.addWidget(rows, 1 + place, 1)
        self._group.idClicked.connect(self._on_clicked)
        self.hide()

    def show_question(self, question: Ambiguity | None, read_as: ReadAs) -> None:
        """Show a question, None to hide; an answered one stays, so that the answer can be changed."""
        before = self._question
        if question is None and before is not None and read_as in [answer.read_as for answer in before.answers]:
            return
        self._question = question
        self.setVisible(question is not None)
        if question is None:
            return
        words = _("Line {number}: {text} can be read in two ways:")
        self._text.setText(words.format(number=count_text(question.line), text=written(question.text)))
        self._group.setExclusive(False)  # else one of them would stay checked
        for radio, rows, answer in zip(self._radios, self._rows, question.answers, strict=True):
            radio.setChecked(False)
            radio.setText(answer.value)
            rows.setText(shortened(" | ".join(answer.rows), MAX_CHARACTERS))
        self._group.setExclusive(True)

    def _on_clicked(self, place: int) -> None:
        if self._question is not None:
            self.answered.emit(self._question.answers[place].read_as)


LINES = 3  # reserved for the summary, and for an error


@guard.guarded
class DataDialog(dialogs.Dialog):
    """Shows the parsed rows, and lets the user choose x, y and, with more than two columns, the held-out flags.

    Other questions appear only if the table needs them: the sheet, the unit of dates, which of two ways a number is
    meant, doubtful rows, transposing. `chosen` has the samples, and whether to standardise them; `read_again` asks to
    parse in another way, with `show_table` or `show_trouble` as the answer.
    """

    chosen = QtCore.Signal(object, bool)
    read_again = QtCore.Signal(object)

    def __init__(
        self,
        table: Table,
        columns: Columns,
        origin: str,
        parent: QtWidgets.QWidget | None = None,
        *,
        is_standardised: bool = False,
    ) -> None:
        super().__init__("dataDialog", _("Data"), parent, deleted_when_closed=True)
        self._table, self._origin = table, origin
        self._points: Points | None = None
        self._choosers = ColumnChoosers(self)
        self._choosers.changed.connect(self._understand)
        self._sheet = make_chooser("dataSheet", _("The sheet that has the table"), self)
        self._sheet.textActivated.connect(
            lambda name: self._read_again(replace(self._table.read_as, sheet=name, first_line=0, samples="", skip=None))
        )
        tip = _("The line with the columns' names, or the first numbers.")
        self._begins = named(count_field(), "dataBegins", _("Table begins in line"), tip)
        self._begins.valueChanged.connect(lambda line: self._read_again(replace(self._table.read_as, first_line=line)))
        self._rows = named(QtWidgets.QLabel(), "dataRows", _("How many rows there are, and how many of them are used"))
        self._ranges = [
            named(ElidedLabel(), f"data{name}Range", _("Range of {axis}").format(axis=name)) for name in "XY"
        ]
        self._held_out_count = named(QtWidgets.QLabel(self), "dataHeldOutCount", _("How many samples are held out"))
        self._understood = named(caption(wraps=True), "dataUnderstood", _("How the text was understood"))
        self._question = AmbiguityBox()
        self._question.answered.connect(self._read_again)
        self._boxes = RowOptions(table)
        self._boxes.changed.connect(self._understand)
        self._boxes.read_again.connect(self._read_again)
        self._first_rows = FirstRows(table)
        error = QtWidgets.QLabel(wordWrap=True, textFormat=QtCore.Qt.TextFormat.PlainText)
        self._error = in_role(named(error, "dataError", _("Why these data cannot be used")), "error")
        self.preview = PointsPreview(is_standardised=is_standardised)
        self._lay_out()
        self.show_table(table, columns)

    def show_table(self, table: Table, columns: Columns) -> None:
        """Show a table; the columns chosen before stay if it has the same ones."""
        self._table = table
        has_choice = len(table.columns) > 2
        for widget in (*self._held_out_label, self._choosers.flag, self._held_out_count):
            widget.setVisible(has_choice)
        self._choosers.show_table(table, columns)
        for widget in (*self._sheet_label, self._sheet):
            widget.setVisible(len(table.sheets) > 1)
        with QtCore.QSignalBlocker(self._sheet), QtCore.QSignalBlocker(self._begins):
            self._sheet.clear()
            self._sheet.addItems(table.sheets)
            self._sheet.setCurrentText(table.sheet)
            around = table.extent.on_its_side or table.extent
            self._begins.setRange(1, max((*around.reading.lines, *around.below)))
            self._begins.setValue(table.extent.begins)
        self._boxes.show_table(table)
        self._first_rows.show_table(table)
        self._understand()

    def show_trouble(self, trouble: str) -> None:
        self._error.show()
        self._show_result(None, f"{trouble[0].upper()}{trouble[1:]}.")

    def accept(self) -> None:
        if self._points is not None:
            self.chosen.emit(self._points, self.preview.is_standardised)
            super().accept()

    def _read_again(self, read_as: ReadAs) -> None:
        self._buttons.button(dialogs.Button.Ok).setEnabled(False)  # until there is a table
        self._points = None
        self.read_again.emit(read_as)

    def _lay_out(self) -> None:
        title = in_role(named(ElidedLabel(), "dataOrigin", _("Where the data are from")), "title")
        title.show_text(_("pasted") if self._origin == "pasted" else self._origin)
        room = unzoomed_px(LINES * QtGui.QFontMetrics(small_font()).lineSpacing())
        self._error.setFixedHeight(room)
        self._understood.setMinimumHeight(room)
        for label in (small(self._understood), small(self._error)):
            label.setAlignment(QtCore.Qt.AlignmentFlag.AlignTop)
        note = small(
            caption(_("OK begins a new run with these samples; Undo brings the present one back."), wraps=True)
        )
        self._buttons = self.make_buttons(dialogs.Button.Ok | dialogs.Button.Cancel)
        facts = self._make_facts()
        above = title, self._understood, self._question, facts
        left = filled(QtWidgets.QVBoxLayout(), *above, self._boxes, (self._first_rows, 1), self._error)
        sides = filled(QtWidgets.QHBoxLayout(), (left, 5), (self.preview, 4), spacing=14)
        foot = filled(QtWidgets.QHBoxLayout(), (note, 1), self._buttons)
        filled(QtWidgets.QVBoxLayout(self), (sides, 1), foot)
        touch.give_size(self, 820, 480)

    def _make_facts(self) -> QtWidgets.QGridLayout:
        grid = QtWidgets.QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)  # the combo boxes keep their width
        grid.setColumnStretch(2, 1)
        begins = caption(_("table begins in line"), self._begins)
        rows = filled(QtWidgets.QHBoxLayout(), (self._rows, 1), begins, self._begins, spacing=10)
        self._rows.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Preferred)
        for label in (*self._ranges, self._held_out_count):
            label.setAlignment(QtCore.Qt.AlignmentFlag.AlignRight | QtCore.Qt.AlignmentFlag.AlignVCenter)
        captions = []
        for line, (word, field, beside) in enumerate(
            (
                (_("sheet"), self._sheet, None),
                (_("Rows"), self._rows, rows),
                ("x", self._choosers.x, self._ranges[0]),
                ("", self._choosers.unit, None),
                ("y", self._choosers.y, self._ranges[1]),
                (_("held out"), self._choosers.flag, self._held_out_count),
            )
        ):
            captions.append(caption(word, field))
            grid.addWidget(captions[-1], line, 0)
            if isinstance(beside, QtWidgets.QHBoxLayout):
                grid.addLayout(beside, line, 1, 1, 2)
                continue
            grid.addWidget(field, line, 1)
            if beside is not None:
                grid.addWidget(beside, line, 2)
        self._sheet_label, self._unit_label, self._held_out_label = ([captions[line]] for line in (0, 3, 5))
        return grid

    def _understand(self) -> None:
        """Show the chosen columns, or why they cannot be the samples."""
        columns, points, trouble = self._choosers.columns, None, ""
        for widget in (*self._unit_label, self._choosers.unit):
            widget.setVisible(bool(self._table.columns[columns.x].dates))
        self._understood.setText(understood_text(self._table, columns))
        doubtful = doubtful_rows(self._table, columns)
        self._boxes.show_doubtful(doubtful)
        question = question_of(self._table, columns)
        self._question.show_question(question, self._table.read_as)
        self._error.setVisible(question is None)  # there is room for the question or the error
        if question is None:
            try:
                points, self._used = points_of_table(
                    self._table, columns, origin=self._origin, without=self._boxes.left_out_of(doubtful)
                )
            except DataFileError as error:
                trouble = f"{str(error)[0].upper()}{str(error)[1:]}."
        self._first_rows.show_columns(columns)
        self._show_result(points, trouble)

    def _show_result(self, points: Points | None, trouble: str) -> None:
        self._points = points
        self._error.setText(trouble)
        self._error.setToolTip(literal_tooltip(trouble))
        self._buttons.button(dialogs.Button.Ok).setEnabled(points is not None)
        self.preview.show_points(points)
        rows = count_text(len(self._table))
        if points is None:
            self._rows.setText(rows)
            for label in (*self._ranges, self._held_out_count):
                label.setText("")
            return
        is_part = len(points) < self._used
        part = _("{count} of {rows}, drawn from seed {seed}")
        count = count_text(len(points))
        self._rows.setText(part.format(count=count, rows=rows, seed=SEED) if is_part else rows)
        for label, values in zip(self._ranges, (points.x, points.y), strict=True):
            label.show_text(" … ".join(told_apart(float(values.min()), float(values.max()))))
        self._held_out_count.setText(_("{some} of {count}").format(some=count_text(points.held_out.sum()), count=count))
