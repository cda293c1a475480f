"""The stage: one card takes the whole space of the views, and later everything is restored exactly."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QSplitter, QTabWidget, QWidget

from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.widgets.buttons import StageButton

UNLIMITED = 16_777_215  # Qt's QWIDGETSIZE_MAX


class Stage(QObject):
    """Hides everything beside a card, from splitter to splitter outwards; no view knows of it.

    Parameters
    ----------
    room
        The outermost splitter.
    tabs
        The views that share a place: going to one that is not on the stage ends it.
    panel, beside
        Folded away for a presentation: the panel unless a lesson is played there, the one beside the tabs unless
        something is explained there. Of the tabs their names stay, and a click on one opens them.
    """

    def __init__(self, room: QSplitter, tabs: QTabWidget, panel: QWidget, beside: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._room, self._tabs, self._panel, self._beside = room, tabs, panel, beside
        self._card: QWidget | None = None
        self._is_folded = self._has_lesson = self._is_explained = self._is_opened = self._is_low = False
        self._hidden: set[QWidget] = set()
        self._before_card: Sizes | None = None
        self._before_folding: Sizes | None = None
        self._theme: Theme | None = None
        self._buttons: list[StageButton] = []
        self.listen_to(room)
        tabs.currentChanged.connect(self._on_tab_chosen)
        tabs.tabBarClicked.connect(self._on_tab_clicked)
        tabs.tabBarDoubleClicked.connect(self._on_tab_double_clicked)

    @property
    def card(self) -> QWidget | None:
        """The card that has the whole stage, or None."""
        return self._card

    def listen_to(self, room: QWidget) -> None:
        """Hear the buttons of the cards in a widget."""
        for button in room.findChildren(StageButton):
            button.clicked.connect(self._on_clicked)
            self._buttons.append(button)

    def show_theme(self, theme: Theme) -> None:
        """Draw the buttons in the colours of a theme."""
        self._theme = theme
        for button in self._buttons:
            button.show_stage(self._card is not None, theme)

    def take(self, card: QWidget) -> None:
        """Give a card the whole stage."""
        if self._card is None:
            self._before_card = Sizes(self._room)
        self._card = card
        self._apply()
        focus = QApplication.focusWidget()
        if focus is None or not card.isAncestorOf(focus):
            card.setFocus()  # Esc and the arrow keys go there

    def give_back(self) -> bool:
        """End the stage; return whether it was taken."""
        if self._card is None:
            return False
        self._card = None
        self._apply()
        if self._before_card is not None:
            self._before_card.restore()
        return True

    def leave(self, view: QWidget) -> None:
        """End the stage if it shows a view that is about to be hidden."""
        if self._card is not None and view.isVisible() and self._card in _path(view, self._room):
            self.give_back()

    def reveal(self, view: QWidget) -> None:
        """End the stage if it may hide a view."""
        if not view.isVisible():
            self.give_back()

    def set_folded(self, is_folded: bool) -> None:
        """Fold the sides away, or restore them."""
        if is_folded == self._is_folded:
            return
        self.give_back()
        self._is_folded, self._is_opened = is_folded, False
        if is_folded:
            self._before_folding = Sizes(self._room)
        self._apply()
        if not is_folded and self._before_folding is not None:
            self._before_folding.restore()

    def show_lesson(self, has_lesson: bool) -> None:
        """Leave the panel where it is as long as a lesson is played in it."""
        self._has_lesson = has_lesson
        self._apply()

    def show_explanation(self, is_explained: bool) -> None:
        """Show an explanation that has appeared."""
        self._is_explained = is_explained
        if is_explained:
            self._bring_into_sight(self._beside)
        self._apply()

    def _bring_into_sight(self, view: QWidget) -> None:
        """Bring a view into sight because there is something to read in it."""
        if self._card is not None and view not in _path(self._card, self._room):
            self.give_back()

    def _apply(self) -> None:
        kept = _path(self._card, self._room)
        is_read = {self._panel: self._has_lesson, self._beside: self._is_explained}
        hidden = {widget for widget in is_read if self._is_folded and not is_read[widget]}
        for splitter in kept:
            if isinstance(splitter, QSplitter):
                hidden |= {splitter.widget(place) or splitter for place in range(splitter.count())}
        hidden -= kept
        for widget in self._hidden - hidden:
            widget.show()
        self._hidden = {widget for widget in hidden if widget in self._hidden or not widget.isHidden()}
        for widget in self._hidden:
            widget.hide()
        is_low = self._is_folded and not self._is_opened and not self._is_explained and self._card is None
        self._lower(is_low)
        if self._theme is not None:
            self.show_theme(self._theme)

    def _lower(self, is_low: bool) -> None:
        """Let the tabs have no more room than their names need, or some again."""
        if is_low == self._is_low:
            return
        self._is_low = is_low
        row = self._tabs.parentWidget()
        assert row is not None
        height, around = self._tabs.tabBar().sizeHint().height(), row.parentWidget()
        for widget in (self._tabs, row):
            widget.setMinimumHeight(height if is_low else 0)
            widget.setMaximumHeight(height if is_low else UNLIMITED)
        if isinstance(around, QSplitter):
            around.setSizes([UNLIMITED, height] if is_low else [3 * around.height() // 5, 2 * around.height() // 5])

    def _on_clicked(self) -> None:
        button = self.sender()
        if not self.give_back() and isinstance(button, StageButton):
            self.take(button.card)

    def _on_tab_chosen(self, _: int) -> None:
        self._is_opened = True
        self._bring_into_sight(self._tabs)
        self._apply()

    def _on_tab_clicked(self, place: int) -> None:
        """Open the tabs in a presentation; close them with another click on the same one."""
        self._is_opened = not self._is_opened or place != self._tabs.currentIndex()
        self._apply()

    def _on_tab_double_clicked(self, place: int) -> None:
        if place >= 0 and not self.give_back():
            self._tabs.setCurrentIndex(place)
            self.take(self._tabs)


class Sizes(QObject):
    """The sizes of a space and its splitters, to be restored.

    A window that was on the full screen gets its old size back only after a while: then they are restored once more.
    """

    def __init__(self, room: QSplitter) -> None:
        super().__init__(room)
        self._room, self._size = room, room.size()
        splitters = (room, *room.findChildren(QSplitter))
        self._states = [(splitter, splitter.saveState()) for splitter in splitters]

    def restore(self) -> None:
        """Restore the sizes."""
        for splitter, state in self._states:
            splitter.restoreState(state)
        if self._room.size() == self._size:
            self.deleteLater()
        else:
            self._room.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Restore the sizes as soon as the space has its size again."""
        if event.type() == QEvent.Type.Resize and self._room.size() == self._size:
            self._room.removeEventFilter(self)
            self.restore()
        return False


def _path(card: QWidget | None, room: QWidget) -> set[QWidget]:
    """Return the card and all its parents, up to the outermost splitter."""
    path: set[QWidget] = set()
    while card is not None:
        path.add(card)
        card = None if card is room else card.parentWidget()
    return path
