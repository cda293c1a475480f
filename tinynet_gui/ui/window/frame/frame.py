"""Everything around the views."""

from collections.abc import Sequence

from PySide6.QtWidgets import QMainWindow, QWidget

from tinynet_gui.ui.style.theme import Theme, ThemeSource
from tinynet_gui.ui.widgets.pulse import Pulse
from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.frame.presentation import Presentation
from tinynet_gui.ui.window.frame.stage import Stage
from tinynet_gui.ui.window.frame.status import StatusLine
from tinynet_gui.ui.window.frame.top_bar import TopBar
from tinynet_gui.ui.window.frame.transport_bar import TransportBar
from tinynet_gui.ui.window.frame.view_names import ViewNames
from tinynet_gui.ui.window.frame.window_layout import Placed, WindowLayout


class WindowFrame:
    """Makes the bars, the menus and the layout of a window, with its views in their places."""

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
        self.status.setMinimumWidth(1)  # in a narrow window it is cut rather than wider than the screen
        self.stage = Stage(self.layout, window)
        self.names = ViewNames(self.layout, self.stage, [record for record, _ in views])
        self.layout.put_above(self.names)
        self.presentation = Presentation(window, themes, self.layout, self.stage, actions)
        self.pulse = Pulse(window, themes.theme)

    @property
    def regions(self) -> tuple[QWidget, ...]:
        """The parts of the window between which F6 goes, as they are read."""
        layout = self.layout
        diagram, plot, time_line = (layout.pages[name] for name in ("diagram", "function_plot", "time_line"))
        side, inspector, tab = (pages.currentWidget() for pages in (layout.side, layout.beside, layout.tabs))
        parts = self.transport, side, diagram, plot, inspector, tab, time_line, self.status
        return tuple(dict.fromkeys(part for part in parts if part is not None))

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours of a theme."""
        self.layout.reflow.fit()
        self.stage.show_theme(theme)
        for part in (self.status, self.top_bar, self.pulse):
            part.show_theme(theme)
