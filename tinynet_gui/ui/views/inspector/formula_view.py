"""A read-only formula that can be selected and copied, by mouse and keyboard."""

from math import ceil

from PySide6 import QtGui
from PySide6.QtCore import QElapsedTimer, QPoint, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFrame, QMenu, QSizePolicy

from tinynet_gui.core.text import formula
from tinynet_gui.ui.style.theme import drawn_at, drawn_font, px, theme, zoom
from tinynet_gui.ui.views.inspector import typeset
from tinynet_gui.ui.widgets.accessibility import copy_text
from tinynet_gui.ui.widgets.cards import add_actions_around, passing_menu

MARKED, SELECTED = 0.09, 0.3  # the opacity of the background colours
IN_SIGHT = 12  # px kept in sight beyond the mouse while it selects
TOOLTIP = (
    "Drag to select; double click for one number, three clicks for all. Ctrl+C copies as LaTeX.\n"
    "While something is selected the formula stands still."
)


class FormulaView(QAbstractScrollArea):
    """Shows one formula, broken into lines to fit; scrolls horizontally if a line is still too wide.

    `hold_changed`: the selection has changed, or begins or ends.
    """

    hold_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.terms: tuple[formula.Term, ...] = ()  # the formula shown
        self._ruler = typeset.FontRuler(drawn_font(QApplication.font()))
        self.page = typeset.TypesetFormula()  # its layout, at a zoom of 1
        self._part: formula.Part | None = None
        self._marked: list[typeset.Area] = []
        self._start: formula.TermPlace | None = None  # the start of a selection with the mouse
        self._pressed_at = QPoint()
        self._is_pressed = self._is_stroke = False
        self._since_double = QElapsedTimer()  # since the last double click

    def show_theme(self) -> None:
        self._ruler = typeset.FontRuler(drawn_font(QApplication.font()))
        self._set()

    def show_terms(self, terms: tuple[formula.Term, ...]) -> None:
        if terms != self.terms:
            self.terms = terms
            self._part = self._start = None
            self._is_pressed = False
            self.setAccessibleDescription(formula.as_plain(terms))
            self._set()

    def sizeHint(self) -> QSize:
        """As high as the formula at the current width, plus the scroll bar if there is one."""
        bar = self.horizontalScrollBar()
        room = bar.sizeHint().height() if bar.maximum() > 0 else 0
        return QSize(ceil(px(self.page.width)), ceil(px(self.page.height)) + room)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def selected(self) -> tuple[formula.Term, ...]:
        """The selection, as terms that can stand alone."""
        return () if self._part is None else formula.selected_terms(self.terms, self._part)

    def is_frozen(self) -> bool:
        """Whether there is a selection, or one is being made: the formula should then not change."""
        return self._part is not None or self._is_pressed

    def clear_selection(self) -> None:
        self._select(None)

    def select_all(self) -> None:
        if self.terms:
            self._select(formula.everything(self.terms))

    def copy_latex(self) -> None:
        """Copy the selection, or else all, as LaTeX."""
        copy_text(self, formula.as_latex(self.selected() or self.terms))

    def copy_plain(self) -> None:
        """Copy the selection, or else all, as a line of text."""
        copy_text(self, formula.as_plain(self.selected() or self.terms))

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        """Begin to select, or with Shift extend the selection; a triple click selects all."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        here, place = event.position().toPoint(), self._place(event.position())
        is_near = (here - self._pressed_at).manhattanLength() < QApplication.startDragDistance()
        is_third = self._since_double.isValid() and self._since_double.elapsed() < QApplication.doubleClickInterval()
        is_going_on = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._since_double.invalidate()
        self._pressed_at = here
        self._is_stroke = False
        if is_third and is_near:
            self.select_all()
            return
        self._is_pressed = True
        if is_going_on and self._start is not None and place is not None:
            self._select(formula.between(self._start, place))
        else:
            self._start = place
            self._select(None)
        self.hold_changed.emit()

    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        here, place = event.position().toPoint(), self._place(event.position())
        self._is_stroke |= (here - self._pressed_at).manhattanLength() >= QApplication.startDragDistance()
        if not (self._is_pressed and self._is_stroke) or self._start is None or place is None:
            return
        self._select(formula.between(self._start, place))
        right = self.viewport().width() - IN_SIGHT
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() + max(here.x() - right, 0) + min(here.x() - IN_SIGHT, 0))

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._is_pressed:
            self._is_pressed = False
            self.hold_changed.emit()

    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:
        """Select the part under the mouse: a number, a symbol, a matrix, the content of two brackets."""
        place = self._place(event.position())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self._since_double.start()
            self._pressed_at = event.position().toPoint()
            self._start = place
            self._select(formula.around(self.terms, place))

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        """Select all, copy, clear; horizontal keys scroll here, vertical ones in the surrounding view."""
        if event.matches(QtGui.QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif event.matches(QtGui.QKeySequence.StandardKey.Copy) and self._part is not None:
            self.copy_latex()
        elif event.key() == Qt.Key.Key_Escape and self._part is not None:
            self.clear_selection()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def contextMenuEvent(self, event: QtGui.QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        menu = passing_menu(self, "formulaMenu")
        what = "the formula" if self._part is None else "the selection"
        for name, text, slot in (
            ("formulaCopyLatex", f"Copy {what} as &LaTeX", self.copy_latex),
            ("formulaCopyText", f"Copy {what} as &text", self.copy_plain),
            ("formulaSelectAll", "Select &all", self.select_all),
        ):
            menu.addAction(text, slot).setObjectName(name)
        add_actions_around(menu, self)
        return menu

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        shift = self.horizontalScrollBar().value()
        seen = QRectF(drawn_at(QPointF(event.rect().topLeft())), QSizeF(event.rect().size()) / zoom().scale)
        with QtGui.QPainter(self.viewport()) as painter:
            painter.translate(-shift, 0)
            painter.scale(zoom().scale, zoom().scale)
            typeset.draw_areas(painter, self._marked, theme().color("ink", MARKED))
            if self._part is not None:
                typeset.draw_areas(painter, typeset.areas(self.page, self._part), theme().color("accent", SELECTED))
            typeset.draw_formula(painter, self.page, self._ruler, theme().color("ink"), seen)

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._set()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Redraw everything: the focus frame does not scroll."""
        self.viewport().update()

    def _place(self, point: QPointF) -> formula.TermPlace | None:
        place = drawn_at(point + QPointF(self.horizontalScrollBar().value(), 0.0))
        return typeset.place_at(self.page, place.x(), place.y())

    def _select(self, part: formula.Part | None) -> None:
        if part != self._part:
            self._part = part
            self.viewport().update()
            self.hold_changed.emit()

    def _set(self) -> None:
        width = self.viewport().width()
        self.page = typeset.set_formula(self._ruler, self.terms, width / zoom().scale)
        self._marked = typeset.marked_areas(self.page, self.terms)
        beyond = max(0, ceil(px(self.page.width)) - width)
        bar = self.horizontalScrollBar()
        bar.setRange(0, beyond)
        bar.setPageStep(width)
        bar.setSingleStep(20)
        self.updateGeometry()
        self.viewport().update()
