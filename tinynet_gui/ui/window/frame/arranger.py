from dataclasses import replace
from functools import partial
from typing import Any

from PySide6 import QtCore, QtWidgets
from shiboken6 import isValid

from tinynet_gui.ui.widgets.accessibility import ancestors
from tinynet_gui.ui.widgets.cards import MaximizeButton
from tinynet_gui.ui.window.frame import arrangement, window_layout
from tinynet_gui.ui.window.preferences import SettingsStore

KEPT, KEPT_SIDE = "shares", "sideWidth"  # in the user's settings
MAX_SIDE_PX = 10_000.0


class Arranger(QtCore.QObject):
    """Owns the layout's state, and applies the arrangement that follows from it and from the window's size.

    A part is maximized because the user or a lesson's page wants it, or the tabs because the open one wants it or, in a
    low window, needs it. Unless the user did it, the panel stays if it fits or holds a lesson; a hidden view that must
    be seen restores the others until another tab is chosen.

    In a presentation one view is, with a companion or with a lesson's page in its place: at first the open tab if it is
    large, else the function plot. An open explanation replaces the view.
    """

    presented_changed = QtCore.Signal()

    def __init__(self, layout: window_layout.WindowLayout, parent: QtCore.QObject) -> None:
        super().__init__(parent)
        self._layout, self._tabs = layout, layout.tabs
        self._state, self._arrangement = arrangement.LayoutState(tab=layout.open_name), arrangement.Arrangement()
        self._before = self._state  # the state before a presentation
        self._focus: QtWidgets.QWidget | None = None  # likewise
        self._is_applying = False
        self._buttons: list[MaximizeButton] = []
        self.connect_buttons(layout.main)
        layout.resized.connect(self._apply)
        for name, splitter in layout.splitters.items():
            splitter.splitterMoved.connect(partial(self._on_dragged, name))
        self._tabs.currentChanged.connect(self._on_tab_chosen)
        self._tabs.tabBarClicked.connect(self._on_tab_clicked)
        self._tabs.tabBarDoubleClicked.connect(self._on_tab_double_clicked)

    @property
    def maximized(self) -> QtWidgets.QWidget | None:
        part = self._layout.parts.get(self._state.maximized)
        pages = part if isinstance(part, QtWidgets.QStackedWidget) else self._layout.side
        return pages.currentWidget() if part is pages else part

    @property
    def presented(self) -> str:
        return self._state.presented

    def connect_buttons(self, room: QtWidgets.QWidget) -> None:
        for button in room.findChildren(MaximizeButton):
            button.clicked.connect(self._on_clicked)
            self._buttons.append(button)

    def show_theme(self) -> None:
        self._layout.follow_zoom()
        self._apply()
        self._show_buttons()

    def maximize(self, card: QtWidgets.QWidget) -> None:
        self._change(maximized=self._part_of(card))
        focus = QtWidgets.QApplication.focusWidget()
        if focus is None or not card.isAncestorOf(focus):
            card.setFocus()  # for Esc and the arrow keys

    def restore(self) -> bool:
        """End the innermost enlargement; return whether there was one."""
        if not self._state.maximized and (self._state.presented or not self._arrangement.large):
            return False
        self._put(self._state.restore())
        return True

    def enlarge(self, view: QtWidgets.QWidget | None) -> None:
        """Give most of the space to a view beside a lesson's page; None ends it.

        A view of the upper row gets two thirds of that row; any other is maximized. What the user has dragged stays.
        """
        name = next((name for name, page in self._layout.pages.items() if page is view), "")
        state = self._state
        is_other = name != state.enlarged
        self._state = replace(
            state, enlarged=name, is_widened=name in arrangement.UPPER and (is_other or state.is_widened)
        )
        if state.presented:
            if view is not None and self._tabs.indexOf(view) >= 0:
                self._before = replace(self._before, tab=name)
            self.present("" if view is None else self._layout.name_around(view))
        elif view is not None:
            self._layout.show(view)
        self._apply()

    def leave(self, view: QtWidgets.QWidget) -> None:
        """Restore the others before a view that is maximized or presented gets hidden."""
        if self._state.presented and self._layout.pages[self._state.presented] is view:
            self.present(arrangement.PLOT)
        elif self._state.maximized and view.isVisible() and self._part_of(view) == self._state.maximized:
            self.restore()

    def reveal(self, view: QtWidgets.QWidget) -> None:
        """End enlargements until a view is no longer hidden by them; in a presentation, present the view."""
        while self._hides(view) and self.restore():
            pass
        if self._state.presented and self._hides(view) and (name := self._layout.name_around(view)):
            self.present(name)

    def begin_presentation(self) -> None:
        """Present the view that is large, or the open tab if it has much space, else the function plot."""
        state, name = self._state, self._state.enlarged if self._state.enlarged in self._layout.presentable else ""
        if self.maximized is not None:
            name = self._layout.name_around(self.maximized)
        elif self._arrangement.large == "tabs":
            name = state.tab
        self._before, self._focus = state, QtWidgets.QApplication.focusWidget()
        self._tabs.show_names(False)
        self.present(name)

    def end_presentation(self) -> None:
        """Restore everything except a tab that a lesson has chosen since then."""
        tab, before = self._before.tab, self._before
        if self._layout.has(tab):
            self._state = replace(self._state, tab=tab)
            self._layout.show(self._layout.pages[tab])
        self._tabs.show_names(True)
        self._change(presented="", maximized=before.maximized, is_restored=before.is_restored)
        focus, self._focus = self._focus, None
        if focus is not None and isValid(focus) and focus.isVisible():
            focus.setFocus()
        self.presented_changed.emit()

    def present(self, name: str) -> None:
        """Present another view, in a presentation; "" for the initial one."""
        layout, name = self._layout, name or arrangement.usual_presented(self._state, self._layout.records)
        if not layout.has(name):
            return
        is_tab = self._tabs.indexOf(layout.pages[name]) >= 0
        self._state = replace(self._state, presented=name, maximized="", tab=name if is_tab else self._state.tab)
        layout.show(layout.pages[name])  # builds it if needed
        if self._state.has_lesson and name != arrangement.PANEL:
            layout.side.setCurrentIndex(0)
        self._apply()
        layout.pages[name].setFocus()
        self.presented_changed.emit()

    def show_lesson(self, has_lesson: bool) -> None:
        """Keep the panel visible as long as it holds a lesson."""
        if has_lesson != self._state.has_lesson:
            self._change(has_lesson=has_lesson)
            self.presented_changed.emit()

    def show_explanation(self, is_explained: bool) -> None:
        if is_explained:
            self._state = replace(self._state, is_explained=True)
            self.reveal(self._layout.beside)
        self._change(is_explained=is_explained)

    def need(self, name: str, share: float | None, *, is_modest: bool = False) -> None:
        """Give a view another share of the height while it shows more; None restores that of its record.

        `is_modest`: the upper row keeps a readable height.
        """
        needs = {other: need for other, need in self._state.needs.items() if other != name}
        self._change(
            needs=needs if share is None else needs | {name: (share, arrangement.MODEST_UPPER_PX if is_modest else 0)}
        )

    def load(self, store: SettingsStore) -> None:
        """Load the dragged sizes, skipping invalid ones."""
        kept, side = store.value(KEPT), store.value(KEPT_SIDE)
        shares = kept.items() if isinstance(kept, dict) else ()
        self._change(
            shares={name: share for name, share in shares if isinstance(share, float) and 0 < share < 1},
            side_px=side if isinstance(side, float) and 0 < side < MAX_SIDE_PX else arrangement.SIDE_PX,
        )

    def save(self, store: SettingsStore) -> None:
        store.put({KEPT: {**self._state.shares}, KEPT_SIDE: self._state.side_px})

    def _change(self, **changes: Any) -> None:
        self._put(replace(self._state, **changes))

    def _put(self, state: arrangement.LayoutState) -> None:
        self._state = state
        self._apply()
        self._show_buttons()

    def _apply(self) -> None:
        """Arrange the views, once the space is known."""
        layout, focus = self._layout, QtWidgets.QApplication.focusWidget()
        if self._is_applying or not layout.space.window:
            return
        self._is_applying = True
        while (wanted := arrangement.arrange(self._state, layout.space, layout.records)) != self._arrangement:
            self._arrangement = wanted
            layout.apply(wanted)
            self._show_buttons()
        layout.split_views(wanted.sizes["views"])
        self._is_applying = False
        if focus is not None and self._hides(focus):  # else Qt moves it elsewhere
            (layout.pages.get(self._state.presented) or self._tabs.currentWidget()).setFocus()

    def _show_buttons(self) -> None:
        for button in self._buttons:
            button.show_state(self._is_maximized(button.card))

    def _is_maximized(self, card: QtWidgets.QWidget) -> bool:
        """Whether a card is maximized already, by whatever, so that its button would change nothing."""
        part, to = self._part_of(card), self._arrangement
        return part == self._state.maximized or (part == to.large and not self._state.presented and "side" in to.hidden)

    def _part_of(self, view: QtWidgets.QWidget) -> str:
        around = ancestors(view, self._layout.main)
        return next((name for each in around for name, part in self._layout.parts.items() if part is each), "")

    def _hides(self, view: QtWidgets.QWidget) -> bool:
        around = ancestors(view, self._layout.main)
        return any(self._layout.parts[name] in around for name in self._arrangement.hidden)

    def _on_dragged(self, splitter: str, *_: int) -> None:
        sizes = self._layout.splitters[splitter].sizes()
        self._put(arrangement.drag(self._state, self._arrangement, self._layout.space, splitter, sizes))

    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, MaximizeButton) and not self._is_maximized(button.card):  # possibly a companion's
            self.maximize(button.card)
        else:
            self.restore()

    def _on_tab_chosen(self, _: int) -> None:
        name = self._layout.open_name
        if self._state.tab == name:
            return  # children were added or removed
        state = self._state.choose_tab(name)
        if state.presented:
            self._before, self._state = replace(self._before, tab=name, maximized="", is_restored=False), state
            self.present("")
        else:
            self._put(state)

    def _on_tab_clicked(self, place: int) -> None:
        if self._state.is_restored and place == self._tabs.currentIndex():
            self._change(is_restored=False)

    def _on_tab_double_clicked(self, place: int) -> None:
        if place >= 0 and not self._state.maximized:
            self._tabs.setCurrentIndex(place)
            self.maximize(self._tabs)
        elif place >= 0:
            self.restore()
