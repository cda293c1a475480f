"""Special cells of the table of runs: the editable name, and the line in the plots."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.views.runs.runs_model import RunsModel
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.value_editor import Index, ValueEditor

MOST_CHARACTERS = 60  # of a name
BOX, LINE, AFTER_LINE = 17, 22, 6  # px: of the checkbox, of the run's line beside it, and to its right


class NameEditor(ValueEditor):
    """The field for typing a name."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "runName", str)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Open a field with the name in it."""
        editor = super().createEditor(parent, option, index)
        if isinstance(editor, QLineEdit):
            named(editor, "runName", "New name", "Enter renames it, Escape cancels; leave it empty for the usual name.")
            editor.setMaxLength(MOST_CHARACTERS)
            editor.setAlignment(Qt.AlignmentFlag.AlignLeft)
        return editor


class ShownBox(QStyledItemDelegate):
    """The checkbox for showing a run, and beside it the run's line as in the plots."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a cell."""
        super().paint(painter, option, index)
        model = index.model()
        pen = model.line(model.rows[index.row()]) if isinstance(model, RunsModel) else None
        if pen is not None:
            painter.save()
            painter.setPen(pen)
            right, y = option.rect.right() - whole_px(AFTER_LINE), option.rect.center().y() + 1
            painter.drawLine(right - whole_px(LINE), y, right, y)
            painter.restore()
