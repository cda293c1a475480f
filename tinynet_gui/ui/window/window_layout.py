"""Where the views stand in the window, and how that is remembered."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QSplitter, QTabWidget, QVBoxLayout, QWidget

from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.window.preferences import SettingsStore

SIZE = (1280, 800)


class WindowLayout:
    """The central part of the window: the bar at the top, the panel at the left, the views in splitters.

    Attributes
    ----------
    tabs
        The views that share a place beside the function plot.
    """

    def __init__(
        self,
        *,
        bar: QWidget,
        panel: QWidget,
        diagram: QWidget,
        inspector: QWidget,
        plot: QWidget,
        tabs: dict[str, QWidget],
    ) -> None:
        self.tabs = named(QTabWidget(), "resultTabs", "Loss, experiments or microscope")
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        for title, view in tabs.items():
            self.tabs.addTab(view, title)
            view.setMinimumSize(240, 190)
        plot.setMinimumSize(300, 190)
        panel.setMinimumWidth(250)
        inspector.setMinimumWidth(240)
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        self._network = _splitter("network", across, (diagram, inspector), (690, 300))
        self._plots = _splitter("plots", across, (plot, self.tabs), (580, 400))
        self.views = _splitter("views", down, (self._network, self._plots), (400, 330))
        self._main = _splitter("main", across, (panel, self.views), (276, 1004))
        self._main.setStretchFactor(0, 0)
        self._main.setStretchFactor(1, 1)
        self._main.setContentsMargins(10, 10, 10, 6)
        self.widget = QWidget()
        layout = QVBoxLayout(self.widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bar)
        layout.addWidget(self._main, 1)

    def restore(self, window: QMainWindow, store: SettingsStore) -> None:
        """Put everything where it was when it was last saved."""
        geometry = store.load_layout("geometry")
        if geometry is not None:
            window.restoreGeometry(geometry)
        for splitter in self._splitters():
            state = store.load_layout(splitter.objectName())
            if state is not None:
                splitter.restoreState(state)

    def save(self, window: QMainWindow, store: SettingsStore) -> None:
        """Remember where everything is."""
        store.save_layout("geometry", window.saveGeometry())
        for splitter in self._splitters():
            store.save_layout(splitter.objectName(), splitter.saveState())

    def _splitters(self) -> tuple[QSplitter, ...]:
        return self._main, self.views, self._network, self._plots


def _splitter(name: str, orientation: Qt.Orientation, views: tuple[QWidget, ...], sizes: tuple[int, ...]) -> QSplitter:
    splitter = named(QSplitter(orientation), f"{name}Splitter", f"Sizes of the {name} area")
    for view in views:
        splitter.addWidget(view)
    splitter.setSizes(list(sizes))
    splitter.setChildrenCollapsible(False)
    splitter.setHandleWidth(10)
    return splitter
