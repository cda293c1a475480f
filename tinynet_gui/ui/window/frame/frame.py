"""Builds the bars, the menus and the layout of a window, and the names of the views in a presentation."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QWidget

from tinynet_gui.ui.style.theme import ThemeSource
from tinynet_gui.ui.widgets.accessibility import in_role, named
from tinynet_gui.ui.widgets.cards import filled
from tinynet_gui.ui.widgets.pulse import Pulse
from tinynet_gui.ui.widgets.text import FittingBar, FittingLabel
from tinynet_gui.ui.window.actions import PRESENTATION, Actions
from tinynet_gui.ui.window.frame.arrangement import Placed
from tinynet_gui.ui.window.frame.arranger import Arranger
from tinynet_gui.ui.window.frame.presentation import Presentation
from tinynet_gui.ui.window.frame.status import StatusLine
from tinynet_gui.ui.window.frame.top_bar import TopBar, TransportBar
from tinynet_gui.ui.window.frame.window_layout import WindowLayout

_KEY = QKeySequence(PRESENTATION).toString(QKeySequence.SequenceFormat.NativeText)
ENDS = f"Esc or {_KEY} ends the presentation", "Esc ends it", "Esc"


class ViewNames(QWidget):
    """Switches views in a presentation, by a key or a click on a name; hidden otherwise, with its keys disabled."""

    def __init__(self, layout: WindowLayout, arranger: Arranger, records: Sequence[Placed]) -> None:
        super().__init__()
        self._layout, self._arranger = layout, arranger
        says = "The views, each after its key"
        self.bar = named(FittingBar("presentedViewsMenu", says), "presentedViews", says)
        self.bar.setExpanding(False)
        called = sorted((record.presented_as, record.name) for record in records if record.presented_as is not None)
        self._names = [name for _, name in called]
        for (key, short), name in called:
            QShortcut(QKeySequence(key), self, partial(arranger.present, name))
            self.bar.addTab(f"{key} {short}")
        leave = in_role(named(FittingLabel(), "presentationEnd", "How the presentation ends"), "caption")
        leave.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        leave.show_longest(ENDS)
        filled(QHBoxLayout(self), self.bar, (leave, 1), margins=(10, 6, 10, 0))
        self.hide()
        arranger.presented_changed.connect(self.show_state)
        layout.brought.connect(self.show_state)
        self.bar.currentChanged.connect(self._on_chosen)

    def use_keys(self, are_used: bool) -> None:
        for shortcut in self.findChildren(QShortcut):
            shortcut.setEnabled(are_used)

    def show_state(self) -> None:
        presented, there = self._arranger.presented, self._layout.presentable
        self.setVisible(bool(presented))
        for place, name in enumerate(self._names):
            self.bar.setTabVisible(place, name in there)
            if name == presented:
                self.bar.setCurrentIndex(place)

    def _on_chosen(self, place: int) -> None:
        if self._arranger.presented not in ("", self._names[place]):
            self._arranger.present(self._names[place])


class WindowFrame:
    def __init__(
        self, window: QMainWindow, themes: ThemeSource, actions: Actions, views: Sequence[tuple[Placed, QWidget | None]]
    ) -> None:
        others = [actions[name] for name in ("actionStep", "actionReset", "actionNewSeed", "actionToEnd")]
        self.transport = TransportBar(actions["actionStart"], others)
        self.status = StatusLine()
        self.top_bar = TopBar(self.transport)
        self.menus = actions.fill(window.menuBar())
        self.layout = WindowLayout(self.top_bar, views)
        window.setCentralWidget(self.layout.widget)
        window.setStatusBar(self.status)
        self.status.setMinimumWidth(1)  # so that it never widens the window
        self.arranger = Arranger(self.layout, window)
        self.names = ViewNames(self.layout, self.arranger, [record for record, _ in views])
        self.layout.put_above(self.names)
        self.presentation = Presentation(window, themes, self.layout, self.arranger, actions)
        self.pulse = Pulse(window)

    @property
    def regions(self) -> tuple[QWidget, ...]:
        """The regions between which F6 cycles, in reading order."""
        layout = self.layout
        diagram, plot, time_line = (layout.pages[name] for name in ("diagram", "function_plot", "time_line"))
        side, inspector, tab = (pages.currentWidget() for pages in (layout.side, layout.beside, layout.tabs))
        parts = self.transport, side, diagram, plot, inspector, tab, time_line, self.status
        return tuple(dict.fromkeys(part for part in parts if part is not None))

    def show_theme(self) -> None:
        self.arranger.show_theme()
        self.status.fit()
        self.top_bar.fit()
