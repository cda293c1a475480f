"""Tabs that become a menu where their names do not fit."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QTabBar, QTabWidget, QToolButton

from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.style_property import put_style_property


class FittingTabs(QTabWidget):
    """Shows the names of its tabs in full: beside each other, or in a menu if there is too little room."""

    def __init__(self, name: str, says: str) -> None:
        super().__init__()
        named(self, name, says)
        self._names = FittingBar(f"{name}Menu", says)
        self.setTabBar(self._names)

    def show_names(self, are_shown: bool) -> None:
        """Show the names of the tabs, and what is beside them, or only the current tab."""
        for part in (self._names, self.cornerWidget()):
            if part is not None:
                part.setVisible(are_shown)
        put_style_property(self, "names", are_shown)  # without them nothing reaches below the page


class FittingBar(QTabBar):
    """A tab bar under a button with a menu, which is shown where the tabs do not fit.

    Attributes
    ----------
    button
        It has the name of the current tab.
    """

    def __init__(self, name: str, says: str) -> None:
        super().__init__()
        self.setDrawBase(False)
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideRight)  # lets it be narrower than its tabs
        self._says = says
        self.button = named(QToolButton(self), name, says, "Choose another tab")
        self.button.setProperty("compact", True)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setMenu(QMenu(self.button))
        self.button.menu().aboutToShow.connect(self._fill)
        self.button.hide()
        self.currentChanged.connect(self.fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find out whether the tabs still fit."""
        super().resizeEvent(event)
        self.fit()

    def tabLayoutChange(self) -> None:
        """Find out whether other tabs fit."""
        super().tabLayoutChange()
        self.fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tabs, unless there is the menu."""
        if self.button.isHidden():
            super().paintEvent(event)

    def fit(self) -> None:
        """Show the tabs or the menu."""
        is_menu = self.count() > 0 and self.width() < self.sizeHint().width()
        self.button.setText(self.tabText(self.currentIndex()))
        self.button.setAccessibleName(f"{self._says}: {self.button.text()}")
        self.button.setGeometry(self.rect())
        self.button.setVisible(is_menu)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if is_menu else Qt.FocusPolicy.TabFocus)

    def _fill(self) -> None:
        menu = self.button.menu()
        menu.clear()
        for place in filter(self.isTabVisible, range(self.count())):
            action = menu.addAction(self.tabText(place))
            action.setCheckable(True)
            action.setChecked(place == self.currentIndex())
            action.setEnabled(self.isTabEnabled(place))
            action.setToolTip(self.tabToolTip(place))
            action.triggered.connect(partial(self._choose, place))

    def _choose(self, place: int) -> None:
        self.tabBarClicked.emit(place)  # as a click on the tab itself
        self.setCurrentIndex(place)
