"""A sheet with a text to read beside the window, such as the guide."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from tinynet_gui.ui.widgets.dialogs.dialog import Button, Dialog
from tinynet_gui.ui.widgets.heard_links import LinkedPage
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.zoomed import give_size

SIZE = 520, 560


class HelpSheet(Dialog):
    """Shows a long text; the window stays usable beside it."""

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(f"{name}Sheet", title, parent)
        self.page = named(LinkedPage(), f"{name}Text", title)
        self.buttons = self.make_buttons(Button.Close)
        filled(QVBoxLayout(self), (self.page, 1), self.buttons)
        give_size(self, *SIZE)
