"""The field and the label of a row of the panel, with their tooltips."""

from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QLabel

from tinynet_gui.core.config import SETTINGS
from tinynet_gui.ui.style.theme import fixed_font
from tinynet_gui.ui.views.panel.parameter_rows import WIDTHS, Row
from tinynet_gui.ui.views.panel.text_fields import WidthsField
from tinynet_gui.ui.widgets.fields import ChoiceBox
from tinynet_gui.ui.widgets.naming import in_role, named
from tinynet_gui.ui.widgets.scrub_label import ScrubLabel


def make_editor(row: Row, wheel_filter: QObject) -> Any:
    """Return the field, which the wheel turns only if the filter lets it."""
    setting = SETTINGS[row.path]
    effect = "Acts on the next step." if setting.effect == "live" else "A change restarts the training."
    unit = f"Unit: {setting.unit}. " if setting.unit else ""
    tooltip = f"{row.tooltip}\n{unit}{effect}"
    editor: Any = named(row.make_editor(setting), row.object_name, setting.label, tooltip)
    editor.setAccessibleDescription(tooltip)
    editor.setFont(fixed_font() if not isinstance(editor, ChoiceBox) else editor.font())
    editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    editor.setMinimumWidth(40)
    editor.installEventFilter(wheel_filter)
    return editor


def make_label(row: Row, editor: Any, *, may_be_dragged: bool) -> QLabel:
    """Return the label, which changes a number when it is dragged; that of the neurons may have two lines."""
    text = f"{row.title} ●" if SETTINGS[row.path].effect == "live" else row.title
    tooltip, is_dragged = editor.toolTip(), may_be_dragged and isinstance(editor, QAbstractSpinBox | WidthsField)
    lines = 2 if row.path == WIDTHS else 1
    label = in_role(ScrubLabel(text, editor, lines) if is_dragged else QLabel(text), "caption")
    label.setToolTip(f"{tooltip}\nDrag this label left or right to change the value." if is_dragged else tooltip)
    label.setBuddy(editor)
    return label
