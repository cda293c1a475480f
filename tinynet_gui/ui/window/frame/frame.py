"""Everything around the views, and the window's dialogs."""

from collections.abc import Sequence

from PySide6.QtWidgets import QMainWindow, QWidget

from tinynet_gui.ui.style.theme import Theme, ThemeSource
from tinynet_gui.ui.widgets.pointers.pulse import Pulse
from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.files.export import Export
from tinynet_gui.ui.window.files.incoming import Incoming
from tinynet_gui.ui.window.files.open_data import OpenData
from tinynet_gui.ui.window.files.open_network import OpenNetwork
from tinynet_gui.ui.window.files.session_files import SessionFiles
from tinynet_gui.ui.window.frame.banner import Banner
from tinynet_gui.ui.window.frame.presentation import Presentation
from tinynet_gui.ui.window.frame.status import StatusLine
from tinynet_gui.ui.window.frame.top_bar import TopBar
from tinynet_gui.ui.window.frame.transport_bar import TransportBar
from tinynet_gui.ui.window.frame.window_layout import Placed, WindowLayout
from tinynet_gui.ui.window.help.help import Help
from tinynet_gui.ui.window.help.keys_sheet import KeysSection
from tinynet_gui.ui.window.lesson_menu import LessonMenu
from tinynet_gui.ui.window.menus import LANGUAGE, LESSONS, RECENT, RECENT_LESSONS


class WindowFrame:
    """Makes the bars, the menus and the layout of a window, with its views in their places."""

    def __init__(
        self,
        window: QMainWindow,
        themes: ThemeSource,
        actions: Actions,
        views: Sequence[tuple[Placed, QWidget]],
        keys_of_views: Sequence[KeysSection],
    ) -> None:
        others = [actions[name] for name in ("actionStep", "actionReset", "actionNewSeed", "actionToEnd")]
        self.transport = TransportBar(actions["actionStart"], others)
        self.status = StatusLine()
        self.banner = Banner()
        self.top_bar = TopBar(self.transport, self.banner)
        self.open_data = OpenData(window, themes, actions)
        self.open_network = OpenNetwork(window, actions)
        self.help = Help(window, themes, actions, keys_of_views)
        self.export = Export(window, actions)
        menus = actions.fill(window.menuBar())
        self.session_files = SessionFiles(window, actions, menus[RECENT])
        self.lesson_menu = LessonMenu(window, actions, menus[LESSONS], menus[LANGUAGE], menus[RECENT_LESSONS])
        self.incoming = Incoming(
            window, actions, self.open_data, self.open_network, self.session_files, self.lesson_menu
        )
        self.layout = WindowLayout(self.top_bar, self.banner.card, views)
        window.setCentralWidget(self.layout.widget)
        window.setStatusBar(self.status)
        self.status.setMinimumWidth(1)  # in a narrow window it is cut rather than wider than the screen
        self.stage = self.layout.make_stage(window)
        self.presentation = Presentation(window, themes, self.stage, actions)
        self.pulse = Pulse(window, themes.theme)
        self.incoming.told.connect(self.status.tell)

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self.stage.show_theme(theme)
        for part in (self.status, self.top_bar, self.pulse):
            part.show_theme(theme)
