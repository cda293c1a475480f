"""The target to learn: one of the functions, or measured data."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel

from tinynet_gui.core.config.targets import TARGETS
from tinynet_gui.core.data.real_data import REAL_DATA
from tinynet_gui.ui.style.theme import small_font
from tinynet_gui.ui.widgets.fields import ChoiceBox
from tinynet_gui.ui.widgets.naming import wrapped

HEADING = "real data"


class TargetBox(ChoiceBox):
    """The functions, and below a heading the real data; the placeholder's text stands for the user's own data.

    `value_edited` emits a name in `TARGETS` or in `REAL_DATA`.
    """

    def __init__(self) -> None:
        super().__init__({name: target.label for name, target in TARGETS.items()})
        self.insertSeparator(self.count())
        self.addItem(HEADING)
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        heading = model.item(self.count() - 1)
        heading.setEnabled(False)
        font = small_font()
        font.setBold(True)
        heading.setFont(font)
        for name, data in REAL_DATA.items():
            self.addItem(data.label, name)
            about = f"{data.about}\nx: {data.x}\ny: {data.y}\nSource: {data.source}"
            self.setItemData(self.count() - 1, wrapped(about), Qt.ItemDataRole.ToolTipRole)
        self.setPlaceholderText("your own data")
        self.setMaxVisibleItems(self.count())
