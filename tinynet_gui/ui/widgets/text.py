"""Labels that elide or wrap, scrolled pages, plain tables, and tabs that collapse into a menu."""

import html
from collections.abc import Sequence
from functools import cached_property, partial

from PySide6 import QtGui, QtWidgets
from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.wording.glossary import with_links
from tinynet_gui.ui.style.theme import drawn_font, for_finger, small_font
from tinynet_gui.ui.widgets import accessibility, skin


class LiveLabel(QtWidgets.QLabel):
    """A label that may change in every frame: screen readers can query its text, but are notified throttled."""

    def __init__(self) -> None:
        super().__init__()
        self._throttle = accessibility.AccessibilityThrottle(self, self._notify)

    def setText(self, text: str) -> None:
        if text != self.text():
            with accessibility.accessibility_muted():
                super().setText(text)
            self._throttle.notify_later()

    def showEvent(self, event: QtGui.QShowEvent) -> None:
        super().showEvent(event)
        self._throttle.notify_later()

    def hideEvent(self, event: QtGui.QHideEvent) -> None:
        super().hideEvent(event)
        self._throttle.stop()

    def _notify(self) -> None:
        QtGui.QAccessible.updateAccessibility(QtGui.QAccessibleEvent(self, QtGui.QAccessible.Event.NameChanged))


class ElidedLabel(LiveLabel):
    """One line of plain text, elided; the tooltip has the full text."""

    _hint = ""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Preferred)

    def show_text(self, text: str, hint: str = "") -> None:
        """Show a text; if it is empty, a hint about the mouse, reworded for fingers after a touch."""
        self._hint = "" if text else hint
        self.setText(text or for_finger(hint))
        self.setToolTip(accessibility.literal_tooltip(text or for_finger(hint)))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._hint:
            self.setText(for_finger(self._hint))

    def sizeHint(self) -> QSize:
        return self._as_high_as_any(super().sizeHint())

    def minimumSizeHint(self) -> QSize:
        return self._as_high_as_any(super().minimumSizeHint())

    def _as_high_as_any(self, hint: QSize) -> QSize:
        """Reserve the height of fallback fonts, which may be taller, so that nothing below moves."""
        metrics, text = self.fontMetrics(), self.text()
        own = metrics.size(0, text).height() if text else metrics.lineSpacing()  # as QLabel has it
        return QSize(hint.width(), hint.height() + metrics.size(0, "a").height() - own)

    def drawn_text(self) -> str:
        text, room, metrics = self.text(), self.contentsRect().width(), self.fontMetrics()
        if metrics.horizontalAdvance(text) <= room:  # Qt rounds it, also down, and would then shorten the text
            return text
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        how = self.alignment(), self.palette(), self.isEnabled()
        with QtGui.QPainter(self) as painter:
            role = QtGui.QPalette.ColorRole.WindowText
            self.style().drawItemText(painter, self.contentsRect(), *how, self.drawn_text(), role)


class FittingLabel(ElidedLabel):
    """One line: the first of several texts that fits, else the last."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: Sequence[str] = ("",)

    def show_longest(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._fit()

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width, width_of = self.contentsRect().width(), self.fontMetrics().horizontalAdvance
        self.setText(next((text for text in self._texts if width_of(text) <= width), self._texts[-1]))


def scrolled(page: QtWidgets.QWidget, name: str, says: str, *, takes_focus: bool = True) -> QtWidgets.QScrollArea:
    area = accessibility.named(QtWidgets.QScrollArea(), name, says)
    put_page(area, page)
    if not takes_focus:
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def put_page(area: QtWidgets.QScrollArea, page: QtWidgets.QWidget) -> None:
    """Put a page into a scroll area, both transparent.

    A style sheet could do that only by a rule that is matched against every widget of the window.
    """
    area.setWidgetResizable(True)  # before `setWidget`, which would lay the page out twice
    area.setWidget(page)
    page.setAutoFillBackground(False)  # the scroll area has just set it
    area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


MIN_LINES = 2


class ScrolledText(QtWidgets.QScrollArea):
    """A label of several lines that scrolls rather than take its neighbours' space; its text can be selected.

    Ordinary texts link the first occurrence of each term of the glossary; short bold ones, by their `role`, do not.
    """

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self._text = self._room_for = ""
        self._label = accessibility.LinkedLabel()
        self._label.setProperty("role", role)
        self._label.setContentsMargins(0, accessibility.WIDTH, 0, 0)
        self.term_wanted = self._label.linkActivated
        put_page(self, self._label)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the label is focused, and passes scroll keys on
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Maximum)

    def setFont(self, font: QtGui.QFont | str | Sequence[str]) -> None:
        """Set the label's font, too: a style sheet breaks the inheritance through a scroll area."""
        super().setFont(font)
        self._label.setFont(font)

    def setText(self, text: str, *, room_for: str = "") -> None:
        """Show a text from its beginning, as high as it needs, or as high as the text `room_for` would."""
        self._room_for = room_for or text
        if text != self._text:
            self._text = text
            self._label.setText(html.escape(text) if self._label.property("role") else with_links(text))
            self.verticalScrollBar().setValue(0)
        self.updateGeometry()

    def text(self) -> str:
        return self._text

    def sizeHint(self) -> QSize:
        """The height of the text beside a scroll bar: enough for a visible scroll bar to disappear."""
        room = QRect(0, 0, self.width() - self.verticalScrollBar().sizeHint().width(), 0)
        needed = self._label.fontMetrics().boundingRect(room, int(Qt.TextFlag.TextWordWrap), self._room_for).height()
        return QSize(super().sizeHint().width(), max(self._least(), needed + accessibility.WIDTH))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._least())

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def _least(self) -> int:
        return MIN_LINES * self._label.fontMetrics().lineSpacing()


class PlainTable(QtWidgets.QTableView):
    """A table with headers in a small font; Tab leaves it, and its keys trigger no shortcuts of the window.

    Rows have the given padding in pixels; `has_numbers` shows row numbers.
    """

    def __init__(self, name: str, says: str, padding_px: int, *, has_numbers: bool = False) -> None:
        super().__init__(showGrid=False, wordWrap=False, cornerButtonEnabled=False)
        accessibility.named(self, name, says)
        self.setProperty("bare", True)
        self.setFont(small_font())
        self.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setFont(small_font())
            header.setHighlightSections(False)
            header.setSectionsClickable(False)
            header.setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.Fixed)
        line_px = QtGui.QFontMetrics(drawn_font(small_font())).height()  # at a zoom of 1: the zoom scales it
        self.horizontalHeader().setFixedHeight(line_px + padding_px)
        self.verticalHeader().setVisible(has_numbers)
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(line_px + padding_px)
        self._throttle = accessibility.AccessibilityThrottle(self, self._notify_numbers)

    def is_editing(self) -> bool:
        return self.state() == QtWidgets.QAbstractItemView.State.EditingState

    def fit(self) -> None:
        """Distribute the width among the columns."""

    def show_theme(self) -> None:
        self.fit()

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def dataChanged(
        self,
        first: QModelIndex | QPersistentModelIndex,
        last: QModelIndex | QPersistentModelIndex,
        roles: Sequence[int] = (),
    ) -> None:
        """Mute accessibility events: numbers may change in every frame."""
        with accessibility.accessibility_muted():
            super().dataChanged(first, last, roles)
        self._throttle.notify_later()

    def _notify_numbers(self) -> None:
        change = QtGui.QAccessibleTableModelChangeEvent.ModelChangeType.DataChanged
        QtGui.QAccessible.updateAccessibility(QtGui.QAccessibleTableModelChangeEvent(self, change))

    def event(self, event: QEvent) -> bool:
        return accessibility.keep_key(event, self._is_own_key) or super().event(event)

    def _is_own_key(self, _event: QtGui.QKeyEvent) -> bool:
        return False


class FittingTabs(QtWidgets.QTabWidget):
    """Tabs whose names are never elided: side by side, or in a menu if there is too little room."""

    def __init__(self, name: str, says: str) -> None:
        super().__init__()
        accessibility.named(self, name, says)
        self._names = FittingBar(f"{name}Menu", says)
        self.setTabBar(self._names)

    def show_names(self, are_shown: bool) -> None:
        """Show the tab bar and its corner widgets, or only the current page."""
        for part in (self._names, self.cornerWidget()):
            if part is not None:
                part.setVisible(are_shown)
        skin.put_style_property(self, "names", are_shown)  # without them nothing reaches below the page


class FittingBar(QtWidgets.QTabBar):
    """A tab bar under a menu button, with the current tab's name, that replaces the tabs where they do not fit."""

    def __init__(self, name: str, says: str) -> None:
        elides = Qt.TextElideMode.ElideRight  # allows a width below that of its tabs
        super().__init__(drawBase=False, usesScrollButtons=False, elideMode=elides)
        self._name, self._says, self._is_menu = name, says, False
        self.currentChanged.connect(self.fit)

    @cached_property
    def button(self) -> QtWidgets.QToolButton:
        at_once = QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup
        button = QtWidgets.QToolButton(self, popupMode=at_once)
        accessibility.named(button, self._name, self._says, _("Choose another tab")).setProperty("compact", True)
        button.setMenu(QtWidgets.QMenu(button))
        button.menu().aboutToShow.connect(self._fill)
        return button

    def tabLayoutChange(self) -> None:
        super().tabLayoutChange()
        self.fit()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        if not self._is_menu:
            super().paintEvent(event)

    def fit(self) -> None:
        is_unknown = self.testAttribute(Qt.WidgetAttribute.WA_PendingResizeEvent)  # its width, before it is shown
        self._is_menu = not is_unknown and self.count() > 0 and self.width() < self.sizeHint().width()
        if self._is_menu or "button" in vars(self):
            self.button.setText(self.tabText(self.currentIndex()))
            self.button.setAccessibleName(f"{self._says}: {self.button.text()}")
            self.button.setGeometry(self.rect())
            self.button.setVisible(self._is_menu)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if self._is_menu else Qt.FocusPolicy.TabFocus)

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
