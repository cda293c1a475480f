"""In a presentation the names of the views with the keys that show them, in place of the tabs' names."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tinynet_gui.ui.widgets.fitting_tabs import FittingBar
from tinynet_gui.ui.widgets.labels import FittingLabel
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import in_role, named
from tinynet_gui.ui.window.frame.stage import Stage
from tinynet_gui.ui.window.frame.window_layout import Placed, WindowLayout
from tinynet_gui.ui.window.menus import PRESENTATION

_KEY = QKeySequence(PRESENTATION).toString(QKeySequence.SequenceFormat.NativeText)
ENDS = f"Esc or {_KEY} ends the presentation", "Esc ends it", "Esc"


class ViewNames(QWidget):
    """Presents a view by a key, or by a click on its name; seen in a presentation only, and so are its keys."""

    def __init__(self, layout: WindowLayout, stage: Stage, records: Sequence[Placed]) -> None:
        super().__init__()
        self._layout, self._stage = layout, stage
        says = "The views, each after its key"
        self.bar = named(FittingBar("presentedViewsMenu", says), "presentedViews", says)
        self.bar.setExpanding(False)
        called = sorted((record.presented_as, record.name) for record in records if record.presented_as is not None)
        self._names = [name for _, name in called]
        for (key, short), name in called:
            QShortcut(QKeySequence(key), self, partial(stage.present, name))
            self.bar.addTab(f"{key} {short}")
        leave = in_role(named(FittingLabel(), "presentationEnd", "How the presentation ends"), "caption")
        leave.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        leave.show_longest(ENDS)
        filled(QHBoxLayout(self), self.bar, (leave, 1), margins=(10, 6, 10, 0))
        self.hide()
        stage.presented_changed.connect(self.show_state)
        layout.brought.connect(self.show_state)
        self.bar.currentChanged.connect(self._on_chosen)

    def use_keys(self, are_used: bool) -> None:
        """Let the keys present views, or not."""
        for shortcut in self.findChildren(QShortcut):
            shortcut.setEnabled(are_used)

    def show_state(self) -> None:
        """Show the names of the views that are there, and mark the one that is presented."""
        presented, there = self._stage.presented, self._layout.presentable
        self.setVisible(bool(presented))
        for place, name in enumerate(self._names):
            self.bar.setTabVisible(place, name in there)
            if name == presented:
                self.bar.setCurrentIndex(place)

    def _on_chosen(self, place: int) -> None:
        if self._stage.presented not in ("", self._names[place]):
            self._stage.present(self._names[place])
