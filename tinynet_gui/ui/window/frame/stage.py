"""The stage: one view takes the space of all, with its companions beside it; later everything is restored."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QSplitter, QWidget
from shiboken6 import isValid

from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.widgets.accessibility.naming import ancestors
from tinynet_gui.ui.widgets.buttons import StageButton
from tinynet_gui.ui.window.frame.rooms import LARGE
from tinynet_gui.ui.window.frame.window_layout import WindowLayout

FIRST, DIAGRAM, PANEL, INSPECTOR = "function_plot", "diagram", "panel", "inspector"
NARROW_DIAGRAM_PX = 286  # beside a larger plot: shows the numbers of ten neurons


class Stage(QObject):
    """Hides everything but a card and its companions, from splitter to splitter outwards; no view knows of it.

    A card has the stage because the user or a lesson's page gave it, or the tabs have it because the open one wants it
    or, in a low window, needs it. Unless the user gave it, the panel stays if it fits or holds a lesson; a hidden view
    that must be seen ends the stage until another tab is chosen.

    In a presentation one view has it, with its companions or with a lesson's page in their place: at first the open tab
    if it is large, else the function plot. An open explanation replaces the view.

    Signals
    -------
    presented_changed
        Another view is presented, or one with a lesson's page, or none any more.
    """

    presented_changed = Signal()

    def __init__(self, layout: WindowLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._layout, self._tabs, self._panel, self._beside = layout, layout.tabs, layout.side, layout.beside
        self._card: QWidget | None = None
        self._large: QWidget | None = None  # enlarged by a lesson's page
        self._wide: QWidget | None = None  # the same in the upper row
        self._narrow: Sizes | None = None
        self._tab = layout.open_name
        self._is_declined = False  # the user has refused the open tab the stage
        self._presented = ""
        self._own: tuple[QWidget | None, bool, str] = None, False, ""  # card, whether declined, and tab before that
        self._focus: QWidget | None = None  # before the presentation
        self._pending_pages: list[QWidget | None] = []  # enlarged by pages since then
        self._has_lesson = self._is_explained = False
        self._hidden: set[QWidget] = set()
        self._before: dict[QSplitter, Sizes] = {}  # to be restored
        self._buttons: list[StageButton] = []
        self.listen_to(layout.main)
        layout.main.installEventFilter(self)
        layout.heroes.splitterMoved.connect(self._on_heroes_dragged)
        self._tabs.currentChanged.connect(self._on_tab_chosen)
        self._tabs.tabBarClicked.connect(self._on_tab_clicked)
        self._tabs.tabBarDoubleClicked.connect(self._on_tab_double_clicked)

    @property
    def card(self) -> QWidget | None:
        """The card to which the user has given the stage, or None."""
        return self._card

    @property
    def shown(self) -> QWidget | None:
        """The card that has the stage: the user's, a lesson's, or the tabs if the open one wants it."""
        if self._card is not None or self._presented:
            return self._card
        wants = self._layout.rooms.wants_stage and not self._is_declined
        return self._large or (self._tabs if wants else None)

    @property
    def presented(self) -> str:
        """The name of the view that is presented; "" outside a presentation."""
        return self._presented

    def listen_to(self, room: QWidget) -> None:
        """Connect the stage buttons of the cards in a widget."""
        for button in room.findChildren(StageButton):
            button.clicked.connect(self._on_clicked)
            self._buttons.append(button)

    def show_theme(self) -> None:
        self._apply()

    def take(self, card: QWidget) -> None:
        """Give a card the whole stage."""
        self._card = card
        self._apply()
        focus = QApplication.focusWidget()
        if focus is None or not card.isAncestorOf(focus):
            card.setFocus()  # for Esc and the arrow keys

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
        """Give most of the room to a view beside a lesson's page; None ends it.

        A view of the upper row gets two thirds of that row, any other the stage; sizes dragged by the user stay.
        """
        if self._presented:
            if view is not self._wide:
                self._narrow_again()
            self._pending_pages = [view]
            self.present("" if view is None else self._layout.name_around(view))
            return
        heroes, self._large = self._layout.heroes, None
        if view is not self._wide or view is None:
            self._narrow_again()
        if view is not None:
            self._layout.show(view)
            is_tab = self._layout.tabs_of(view) is self._tabs and self._tabs.indexOf(view) >= 0
            is_inspector = view is self._layout.pages[INSPECTOR]
            place = self._tabs if is_tab else self._beside if is_inspector else view
            self._large = None if view.parent() is heroes else place
        self._apply()
        if view is not None and self.shown is None and self._wide is not view:
            self._wide, self._narrow = view, Sizes(heroes)
            if view is not (diagram := self._layout.pages[DIAGRAM]):
                diagram.setMinimumWidth(whole_px(NARROW_DIAGRAM_PX))
            third = sum(heroes.sizes()) // 3
            heroes.setSizes([2 * third if heroes.widget(place) is view else third for place in range(heroes.count())])

    def _narrow_again(self) -> None:
        """Restore the upper row, now or once all of it is visible again."""
        narrow, self._narrow, self._wide = self._narrow, None, None
        self._layout.pages[DIAGRAM].setMinimumWidth(0)  # back to its minimumSizeHint
        if narrow is not None and self._layout.heroes in self._before:
            self._before[self._layout.heroes] = narrow
        elif narrow is not None:
            narrow.restore()

    def _on_heroes_dragged(self) -> None:
        self._narrow = None

    def clear(self) -> None:
        """End the stage, whoever has it."""
        while self.give_back():
            pass

    def leave(self, view: QWidget) -> None:
        """End the stage if it shows a view that is about to be hidden."""
        if self._presented and self._layout.pages[self._presented] is view:
            self.present(FIRST)
        elif self._card is not None and view.isVisible() and self._card in ancestors(view, self._layout.main):
            self.give_back()

    def reveal(self, view: QWidget) -> None:
        """End the stage if it hides a view; in a presentation, present the view."""
        while self.shown is not None and self._hides(view):
            self.give_back()
        if self._presented and self._hides(view) and (name := self._layout.name_around(view)):
            self.present(name)

    def begin_presentation(self) -> None:
        """Present the view on the stage, or the open tab if it is large, else the function plot."""
        self._own = self._card, self._is_declined, self._layout.open_name
        self._focus = QApplication.focusWidget()
        large = self.shown or self._wide
        self._pending_pages = []
        self._tabs.show_names(False)
        self._layout.reflow.set_presented(True)
        self.present(self._usual if large is None else self._layout.name_around(large))

    def end_presentation(self) -> None:
        """Restore everything except a tab that a lesson has chosen since then."""
        self._card, self._is_declined, tab = self._own
        if self._layout.has(tab):
            self._tab = tab
            self._layout.show(self._layout.pages[tab])
        self._presented = ""
        self._tabs.show_names(True)
        self._layout.reflow.set_presented(False)
        self._apply()
        for view in self._pending_pages:
            self.enlarge(view)
        focus, self._focus = self._focus, None
        if focus is not None and isValid(focus) and focus.isVisible():
            focus.setFocus()
        self.presented_changed.emit()

    def present(self, name: str) -> None:
        """Present another view, in a presentation; "" for the initial one."""
        layout, name = self._layout, name or self._usual
        if not layout.has(name):
            return
        self._presented, self._card = name, None
        if self._tabs.indexOf(layout.pages[name]) >= 0:
            self._tab = name
        layout.show(layout.pages[name])  # builds it if needed
        if self._has_lesson and name != PANEL:
            self._panel.setCurrentIndex(0)
        self._apply()
        layout.pages[name].setFocus()
        self.presented_changed.emit()

    def show_lesson(self, has_lesson: bool) -> None:
        """Keep the panel visible as long as it holds a lesson."""
        self._has_lesson = has_lesson
        self._apply()
        self.presented_changed.emit()

    def show_explanation(self, is_explained: bool) -> None:
        self._is_explained = is_explained
        if is_explained:
            self.reveal(self._beside)
        self._apply()

    def _apply(self) -> None:
        """Show and hide the cards, and distribute the room."""
        layout, focus = self._layout, QApplication.focusWidget()
        shown, companions = self._in_sight()
        layout.take_back(companions)
        hidden = self._without_place(shown, companions)
        whole = [each for each in layout.kept_splitters if not self._presented and hidden.isdisjoint(_parts_of(each))]
        for splitter in layout.kept_splitters:
            if splitter not in whole and splitter not in self._before:
                self._before[splitter] = Sizes(splitter)
        for widget in self._hidden - hidden:
            widget.show()
        self._hidden = {widget for widget in hidden if widget in self._hidden or not widget.isHidden()}
        for widget in self._hidden:
            widget.hide()
        layout.stand_side_by_side(companions if shown in (self._tabs, self._beside) else [])
        layout.give_lesson_room(bool(self._presented) and self._has_lesson)
        if self._presented:
            layout.share_presented(shown, has_lesson=self._has_lesson)
        layout.rooms.apply()
        for splitter in whole:
            if splitter in self._before:
                self._before.pop(splitter).restore()
        if focus is not None and not self._hidden.isdisjoint(ancestors(focus, layout.main)):
            (
                self._layout.pages.get(self._presented) or self._tabs.currentWidget()
            ).setFocus()  # else Qt moves it elsewhere
        for button in self._buttons:
            button.show_stage(self._is_whole(button.card))

    def _in_sight(self) -> tuple[QWidget | None, list[QWidget]]:
        """Return the card that has the stage, and its companions."""
        layout, shown = self._layout, self.shown
        if shown is not None and shown is self._beside:
            return shown, [layout.pages[FIRST]]  # it shows samples and parameters that pages mention
        if shown is not None or not self._presented:
            return shown, layout.companions_of(layout.open_name, shown is self._large) if shown is self._tabs else []
        name = INSPECTOR if self._is_explained else self._presented
        is_alone = self._has_lesson and name != PANEL
        return layout.place_of(name), [] if is_alone else layout.companions_of(name, needs_one=True)[:1]

    def _is_whole(self, card: QWidget) -> bool:
        """Whether a card already has the whole stage, so that taking it would change nothing."""
        return card is self._card or (card is self.shown and not self._presented and self._panel in self._hidden)

    def _without_place(self, shown: QWidget | None, companions: Sequence[QWidget]) -> set[QWidget]:
        """Return the widgets to hide: all but a card and its companions."""
        if shown is None:
            return set()
        kept = set[QWidget]().union(*(ancestors(each, self._layout.main) for each in (shown, *companions)))
        if self._card is None and (self._has_lesson or (not self._presented and self._fits_beside_panel())):
            kept.add(self._panel)
        return set[QWidget]().union(*(_parts_of(each) for each in kept if isinstance(each, QSplitter))) - kept

    def _fits_beside_panel(self) -> bool:
        beside = self._panel.width() + self._layout.main.handleWidth()
        return self._layout.rooms.fits_beside(self._layout.around().width() - beside)

    def _hides(self, view: QWidget) -> bool:
        return not self._hidden.isdisjoint(ancestors(view, self._layout.main))

    @property
    def _usual(self) -> str:
        """The name of the view presented by default."""
        return self._layout.open_name if self._layout.rooms.usual_of_height > LARGE else FIRST

    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, StageButton) and not self._is_whole(button.card):  # possibly a companion's
            self.take(button.card)
        else:
            self.give_back()

    def _on_tab_chosen(self, _: int) -> None:
        if self._tab == self._layout.open_name:
            return  # children were added or removed
        self._tab, self._is_declined, self._large = self._layout.open_name, False, None
        if self._presented:
            self._own = None, False, self._tab
            self.present("")
        else:
            self._card = self._card if self._card is self._tabs else None
            self._apply()

    def _on_tab_clicked(self, place: int) -> None:
        if self._is_declined and place == self._tabs.currentIndex():
            self._is_declined = False
            self._apply()

    def _on_tab_double_clicked(self, place: int) -> None:
        if place >= 0 and self._card is None:
            self._tabs.setCurrentIndex(place)
            self.take(self._tabs)
        elif place >= 0:
            self.give_back()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """On resize, decide again who has the stage, and whether the panel fits beside it."""
        if event.type() == QEvent.Type.Resize:
            is_taken = self.shown is not None or bool(self._hidden)
            if self._presented or (is_taken and self._card is None):
                self._apply()
        return False


class Sizes(QObject):
    """Sizes of a splitter, to be restored.

    A window gets its old size back only some time after the full screen has ended: then they are restored once more.
    """

    def __init__(self, splitter: QSplitter) -> None:
        super().__init__()
        self._splitter, self._state, self._room = splitter, splitter.saveState(), _room(splitter)

    def restore(self) -> None:
        """Restore the sizes, and cancel other pending ones."""
        for waiting in self._splitter.findChildren(Sizes):
            self._splitter.removeEventFilter(waiting)
            waiting.deleteLater()
        room = _room(self._splitter)
        if room[0] == self._room[0]:  # restoreState restores the orientation, too
            self._splitter.restoreState(self._state)
        if room != self._room and self.parent() is None:
            self.setParent(self._splitter)
            self._splitter.installEventFilter(self)
            self._splitter.splitterMoved.connect(self.deleteLater)  # the user has chosen other sizes

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Restore the sizes once the splitter has its old length and orientation."""
        if event.type() == QEvent.Type.Resize and _room(self._splitter) == self._room:
            self._splitter.removeEventFilter(self)
            self.restore()
        return False


def _room(splitter: QSplitter) -> tuple[Qt.Orientation, int]:
    is_across = splitter.orientation() == Qt.Orientation.Horizontal
    return splitter.orientation(), splitter.width() if is_across else splitter.height()


def _parts_of(splitter: QSplitter) -> list[QWidget]:
    return [splitter.widget(place) or splitter for place in range(splitter.count())]
