"""The stage: one view takes the space of all, with its companions beside it; later everything is as it was."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QSplitter, QWidget

from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.widgets.buttons import StageButton
from tinynet_gui.ui.window.frame.window_layout import UNLIMITED, WindowLayout


class Stage(QObject):
    """Hides everything but a card and its companions, from splitter to splitter outwards; no view knows of it.

    A card has the stage because the user gave it, or a lesson's page; or the tabs have it, because the open one wants
    it. But for the user's, the panel stays where it is if there is room for it, or a lesson in it; Escape, and what
    must be seen but is hidden, take the stage away until another tab is chosen.

    In a presentation the panel is folded away unless a lesson is played there, what is beside the tabs unless something
    is explained there. Of the tabs their names stay, and a click on one opens them.
    """

    def __init__(self, layout: WindowLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._layout, self._tabs, self._panel, self._beside = layout, layout.tabs, layout.side, layout.beside
        self._card: QWidget | None = None
        self._large: QWidget | None = None  # what a lesson's page is about
        self._wide: QWidget | None = None  # the same in the upper row, which has these sizes without it
        self._narrow: Sizes | None = None
        self._tab = layout.open_name
        self._is_declined = False  # by the user, what the open tab wants
        self._is_folded = self._has_lesson = self._is_explained = self._is_opened = self._is_low = False
        self._hidden: set[QWidget] = set()
        self._before: dict[QSplitter, Sizes] = {}  # while something in them is hidden
        self._theme: Theme | None = None
        self._buttons: list[StageButton] = []
        self.listen_to(layout.main)
        layout.main.installEventFilter(self)
        layout.heroes.splitterMoved.connect(self._on_heroes_dragged)
        self._tabs.currentChanged.connect(self._on_tab_chosen)
        self._tabs.tabBarClicked.connect(self._on_tab_clicked)
        self._tabs.tabBarDoubleClicked.connect(self._on_tab_double_clicked)

    @property
    def card(self) -> QWidget | None:
        """The card that the user has given the whole stage, or None."""
        return self._card

    @property
    def shown(self) -> QWidget | None:
        """The card that has the stage: that one, a lesson's, or the tabs if the open one wants it."""
        is_open = self._is_opened or not self._is_folded
        wants = self._layout.rooms.wants_stage and is_open and not self._is_declined
        return self._card or self._large or (self._tabs if wants else None)

    def listen_to(self, room: QWidget) -> None:
        """Hear the buttons of the cards in a widget."""
        for button in room.findChildren(StageButton):
            button.clicked.connect(self._on_clicked)
            self._buttons.append(button)

    def show_theme(self, theme: Theme) -> None:
        """Draw the buttons in the colours of a theme, and follow its zoom."""
        self._theme = theme
        self._apply()

    def take(self, card: QWidget) -> None:
        """Give a card the whole stage."""
        self._card = card
        self._apply()
        focus = QApplication.focusWidget()
        if focus is None or not card.isAncestorOf(focus):
            card.setFocus()  # Esc and the arrow keys go there

    def give_back(self) -> bool:
        """End the stage; return whether it was taken."""
        if self.shown is None:
            return False
        if self._card is not None:
            self._card = None
        elif self._large is not None:
            self._large = None
        else:
            self._is_declined = True
        self._apply()
        return True

    def enlarge(self, view: QWidget | None) -> None:
        """Give most of the room to the view that a lesson's page is about, beside that page; with None, give it back.

        One of the upper row has two thirds of that, any other the stage; the sizes that the user drags stay.
        """
        heroes, self._large = self._layout.heroes, None
        if view is not self._wide or view is None:
            self._narrow_again()
        if view is not None:
            self._layout.show(view)
            is_tab = self._layout.tabs_of(view) is self._tabs and self._tabs.indexOf(view) >= 0
            self._large = self._tabs if is_tab else None if view.parent() is heroes else view
        self._apply()
        if view is not None and self.shown is None and self._wide is not view:
            self._wide, self._narrow = view, Sizes(heroes)
            third = sum(heroes.sizes()) // 3
            heroes.setSizes([2 * third if heroes.widget(place) is view else third for place in range(heroes.count())])

    def _narrow_again(self) -> None:
        """Restore the upper row, now or once all of it is in sight again."""
        narrow, self._narrow, self._wide = self._narrow, None, None
        if narrow is not None and self._layout.heroes in self._before:
            self._before[self._layout.heroes] = narrow
        elif narrow is not None:
            narrow.restore()

    def _on_heroes_dragged(self) -> None:
        self._narrow = None

    def clear(self) -> None:
        """End it, whoever has it."""
        while self.give_back():
            pass

    def leave(self, view: QWidget) -> None:
        """End the stage if it shows a view that is about to be hidden."""
        if self._card is not None and view.isVisible() and self._card in _path(view, self._layout.main):
            self.give_back()

    def reveal(self, view: QWidget) -> None:
        """End the stage if it hides a view."""
        while self.shown is not None and not self._hidden.isdisjoint(_path(view, self._layout.main)):
            self.give_back()

    def set_folded(self, is_folded: bool) -> None:
        """Fold the sides away, or restore them."""
        if is_folded == self._is_folded:
            return
        self._is_opened = self.shown is self._tabs  # these stay
        self._card, self._is_folded = None, is_folded
        self._apply()

    def show_lesson(self, has_lesson: bool) -> None:
        """Leave the panel where it is as long as a lesson is played in it."""
        self._has_lesson = has_lesson
        self._apply()

    def show_explanation(self, is_explained: bool) -> None:
        """Show an explanation that has appeared."""
        self._is_explained = is_explained
        if is_explained:
            self.reveal(self._beside)
        self._apply()

    def _apply(self) -> None:
        """Hide what has no place now, show the rest, and give all its room."""
        layout, shown, focus = self._layout, self.shown, QApplication.focusWidget()
        companions = [] if shown is None else layout.companions_of(shown, needs_one=shown is self._large)
        layout.take_back(companions)
        hidden = self._without_place(shown, companions)
        whole = [each for each in layout.kept_splitters if hidden.isdisjoint(_parts_of(each))]
        for splitter in layout.kept_splitters:
            if splitter not in whole and splitter not in self._before:
                self._before[splitter] = Sizes(splitter)
        for widget in self._hidden - hidden:
            widget.show()
        self._hidden = {widget for widget in hidden if widget in self._hidden or not widget.isHidden()}
        for widget in self._hidden:
            widget.hide()
        layout.stand_side_by_side(companions)
        self._lower(self._is_folded and not self._is_opened and not self._is_explained and shown is None)
        for splitter in whole:
            if splitter in self._before:
                self._before.pop(splitter).restore()
        if focus is not None and not self._hidden.isdisjoint(_path(focus, layout.main)):
            self._tabs.currentWidget().setFocus()  # Qt would go on to whatever is next
        if self._theme is not None:
            for button in self._buttons:
                button.show_stage(self._card is button.card, self._theme)

    def _without_place(self, shown: QWidget | None, companions: Sequence[QWidget]) -> set[QWidget]:
        """Return what is folded away, and what is beside a card and its companions."""
        is_read = {self._panel: self._has_lesson, self._beside: self._is_explained}
        hidden = {widget for widget in is_read if self._is_folded and not is_read[widget]}
        if shown is None:
            return hidden
        kept = set[QWidget]().union(*(_path(each, self._layout.main) for each in (shown, *companions)))
        if self._card is None and (self._has_lesson or (not self._is_folded and self._fits_beside_panel())):
            kept.add(self._panel)
        return hidden.union(*(_parts_of(each) for each in kept if isinstance(each, QSplitter))) - kept

    def _fits_beside_panel(self) -> bool:
        main = self._layout.main
        return self._layout.rooms.fits_beside(main.width() - self._panel.width() - main.handleWidth())

    def _lower(self, is_low: bool) -> None:
        """Let the tabs have no more room than their names need, or theirs again."""
        rooms, row = self._layout.rooms, self._tabs.parentWidget()
        assert row is not None
        if is_low != self._is_low:
            self._is_low, rooms.is_on = is_low, not is_low
            height = self._tabs.tabBar().sizeHint().height()
            for widget in (self._tabs, row):
                widget.setMinimumHeight(height if is_low else 0)
                widget.setMaximumHeight(height if is_low else UNLIMITED)
            if is_low:
                self._layout.views.setSizes([UNLIMITED, height])
        rooms.apply()

    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, StageButton) and self._card is not button.card:  # or a companion's
            self.take(button.card)
        else:
            self.give_back()

    def _on_tab_chosen(self, _: int) -> None:
        if self._tab != self._layout.open_name:  # else others were added, or taken away
            self._tab, self._is_opened, self._is_declined = self._layout.open_name, True, False
            self._card = self._card if self._card is self._tabs else None
            self._large = None
            self._apply()

    def _on_tab_clicked(self, place: int) -> None:
        """Open the tabs in a presentation, and close them with another click on the same one."""
        self._is_opened = not self._is_opened or place != self._tabs.currentIndex()
        if self._is_folded:
            self._apply()
        elif self._is_declined and place == self._tabs.currentIndex():
            self._is_declined = False
            self._apply()

    def _on_tab_double_clicked(self, place: int) -> None:
        if place >= 0 and self._card is None:
            self._tabs.setCurrentIndex(place)
            self.take(self._tabs)
        elif place >= 0:
            self.give_back()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Find out whether the panel still has room beside the stage."""
        if event.type() == QEvent.Type.Resize and self.shown is not None and self._card is None:
            self._apply()
        return False


class Sizes(QObject):
    """The sizes within a splitter, to be restored.

    A window that was on the full screen gets its old size back only after a while: then they are restored once more.
    """

    def __init__(self, splitter: QSplitter) -> None:
        super().__init__(splitter)
        self._splitter, self._state, self._length = splitter, splitter.saveState(), _length(splitter)

    def restore(self) -> None:
        """Restore the sizes."""
        self._splitter.restoreState(self._state)
        if _length(self._splitter) == self._length:
            self.deleteLater()
        else:
            self._splitter.installEventFilter(self)
            self._splitter.splitterMoved.connect(self.deleteLater)  # the user wants others

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Restore the sizes as soon as the splitter has its length again."""
        if event.type() == QEvent.Type.Resize and _length(self._splitter) == self._length:
            self._splitter.removeEventFilter(self)
            self.restore()
        return False


def _length(splitter: QSplitter) -> int:
    return splitter.width() if splitter.orientation() == Qt.Orientation.Horizontal else splitter.height()


def _parts_of(splitter: QSplitter) -> list[QWidget]:
    return [splitter.widget(place) or splitter for place in range(splitter.count())]


def _path(card: QWidget | None, room: QWidget) -> set[QWidget]:
    """Return the card and all its parents, up to the outermost splitter."""
    path: set[QWidget] = set()
    while card is not None:
        path.add(card)
        card = None if card is room else card.parentWidget()
    return path
