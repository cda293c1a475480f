"""The network as mathematics, to be copied: each layer's map at the probe's x, and the whole network as one formula."""

from math import ceil

from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.data.points import scaling_texts
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.text import formula
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import hidden_layer, plain
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.core.wording.network_formula import NOWHERE, ROUNDED, Spot, activation_map, affine_map, whole_network
from tinynet_gui.ui.style.theme import drawn_at, drawn_font, px, theme, zoom
from tinynet_gui.ui.views.inspector import typeset
from tinynet_gui.ui.widgets.accessibility import caption, copy_text, named, show_words, small
from tinynet_gui.ui.widgets.cards import add_actions_around, copy_button, filled, passing_menu
from tinynet_gui.ui.widgets.text import scrolled

MARKED, SELECTED = 0.09, 0.3  # the opacity of the background colours
IN_SIGHT = 12  # px beyond the mouse that selecting scrolls into view
TOOLTIP = _(
    "Drag to select; double click for one number, three clicks for all. Ctrl+C copies as LaTeX.\n"
    "While something is selected the formula stands still."
)


class FormulaView(QtWidgets.QAbstractScrollArea):
    """Shows one formula, broken into lines to fit; scrolls horizontally if a line is still too wide.

    `hold_changed`: the selection has changed, or begins or ends.
    """

    hold_changed = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setCursor(QtCore.Qt.CursorShape.IBeamCursor)
        self.terms: tuple[formula.Term, ...] = ()  # the formula shown
        self._ruler = typeset.FontRuler(drawn_font(QtWidgets.QApplication.font()))
        self.page = typeset.TypesetFormula()  # its layout, at a zoom of 1
        self._part: formula.Part | None = None
        self._marked: list[typeset.Area] = []
        self._start: formula.TermPlace | None = None  # the start of a selection with the mouse
        self._pressed_at = QtCore.QPoint()
        self._is_pressed = self._is_stroke = False
        self._since_double = QtCore.QElapsedTimer()  # since the last double click

    def show_theme(self) -> None:
        self._ruler = typeset.FontRuler(drawn_font(QtWidgets.QApplication.font()))
        self._set()

    def show_terms(self, terms: tuple[formula.Term, ...]) -> None:
        if terms != self.terms:
            self.terms = terms
            self._part = self._start = None
            self._is_pressed = False
            self.setAccessibleDescription(formula.as_plain(terms))
            self._set()

    def sizeHint(self) -> QtCore.QSize:
        """As high as the formula at the current width, plus the scroll bar if there is one."""
        bar = self.horizontalScrollBar()
        room = bar.sizeHint().height() if bar.maximum() > 0 else 0
        return QtCore.QSize(ceil(px(self.page.width)), ceil(px(self.page.height)) + room)

    minimumSizeHint = sizeHint

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
        copy_text(self, formula.as_latex(self.selected() or self.terms))

    def copy_plain(self) -> None:
        copy_text(self, formula.as_plain(self.selected() or self.terms))

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        if event.button() != QtCore.Qt.MouseButton.LeftButton:
            return
        here, place = event.position().toPoint(), self._place(event.position())
        is_near = (here - self._pressed_at).manhattanLength() < QtWidgets.QApplication.startDragDistance()
        interval = QtWidgets.QApplication.doubleClickInterval()
        is_third = self._since_double.isValid() and self._since_double.elapsed() < interval
        is_going_on = bool(event.modifiers() & QtCore.Qt.KeyboardModifier.ShiftModifier)
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
        self._is_stroke |= (here - self._pressed_at).manhattanLength() >= QtWidgets.QApplication.startDragDistance()
        if not (self._is_pressed and self._is_stroke) or self._start is None or place is None:
            return
        self._select(formula.between(self._start, place))
        right = self.viewport().width() - IN_SIGHT
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() + max(here.x() - right, 0) + min(here.x() - IN_SIGHT, 0))

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        if event.button() == QtCore.Qt.MouseButton.LeftButton and self._is_pressed:
            self._is_pressed = False
            self.hold_changed.emit()

    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:
        place = self._place(event.position())
        if event.button() == QtCore.Qt.MouseButton.LeftButton and place is not None:
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
        elif event.key() == QtCore.Qt.Key.Key_Escape and self._part is not None:
            self.clear_selection()
        elif event.key() in (QtCore.Qt.Key.Key_Left, QtCore.Qt.Key.Key_Right):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def contextMenuEvent(self, event: QtGui.QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    def menu(self) -> QtWidgets.QMenu:
        menu = passing_menu(self, "formulaMenu")
        latex, text = _("Copy the formula as &LaTeX"), _("Copy the formula as &text")
        if self._part is not None:
            latex, text = _("Copy the selection as &LaTeX"), _("Copy the selection as &text")
        for name, words, slot in (
            ("formulaCopyLatex", latex, self.copy_latex),
            ("formulaCopyText", text, self.copy_plain),
            ("formulaSelectAll", _("Select &all"), self.select_all),
        ):
            menu.addAction(words, slot).setObjectName(name)
        add_actions_around(menu, self)
        return menu

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        shift = self.horizontalScrollBar().value()
        place = QtCore.QRectF(event.rect())
        seen = QtCore.QRectF(drawn_at(place.topLeft()), place.size() / zoom().scale)
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

    def _place(self, point: QtCore.QPointF) -> formula.TermPlace | None:
        place = drawn_at(point + QtCore.QPointF(self.horizontalScrollBar().value(), 0.0))
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


MAX_NESTED = 10  # a wider network of several hidden layers is not written as one formula


@frozen_dataclass
class FormulaSection:
    """A caption and a formula; either can be empty. Another moment of the same subject has other numbers."""

    subject: tuple[object, ...]
    caption: str
    terms: tuple[formula.Term, ...] = ()


NOTHING = FormulaSection((), "")


class MathematicsView(QtWidgets.QWidget):
    """Shows captions and formulas in a column, and copies them as LaTeX or as text.

    A part of one formula can be selected; that formula is not updated meanwhile.
    """

    def __init__(self) -> None:
        super().__init__()
        self._wanted: list[FormulaSection] = []
        self._shown: list[FormulaSection] = []
        self._rows: list[tuple[QtWidgets.QLabel, FormulaView]] = []  # captions and formulas
        page = QtWidgets.QWidget()
        self._list = filled(QtWidgets.QVBoxLayout(page), None, margins=(0, 0, 4, 0), spacing=2)
        self._area = scrolled(page, "inspectorFormulas", _("The network as mathematics"))
        tooltip = _("Copy all of these formulas as LaTeX (amsmath), each as a displayed equation.")
        words = _("Copy LaTeX"), "inspectorCopyLatex", _("Copy LaTeX of the formulas"), tooltip
        copy_latex = copy_button(*words, lambda: "\n".join(rf"\[ {formula.as_latex(t)} \]" for t in self.formulas()))
        tooltip = _("Copy all of these formulas as lines of text.")
        words = _("Copy text"), "inspectorCopyFormulas", _("Copy text of the formulas"), tooltip
        copy_text = copy_button(*words, lambda: "\n".join(map(formula.as_plain, self.formulas())))
        buttons = filled(QtWidgets.QHBoxLayout(), None, copy_latex, copy_text, margins=(0, 0, 0, 0))
        filled(QtWidgets.QVBoxLayout(self), (self._area, 1), buttons, margins=(0, 4, 0, 0), spacing=4)

    def show_snapshot(self, snapshot: Snapshot, x: float, digits: int | None, ref: Ref | None = None) -> None:
        """Write the formulas of a moment at an x; a neuron or weight is highlighted, a layer is shown alone."""
        self._show(sections(snapshot, x, digits, ref))

    def clear(self) -> None:
        self._show([])

    def formulas(self) -> list[tuple[formula.Term, ...]]:
        return [section.terms for section in self._shown if section.terms]

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        super().mousePressEvent(event)
        for _caption, view in self._rows:
            view.clear_selection()

    def _show(self, wanted: list[FormulaSection]) -> None:
        """Show sections, but leave a formula with a selection, and its caption, unchanged."""
        self._wanted = wanted
        while len(self._rows) < len(wanted):
            self._add_formula(len(self._rows))
        before, self._shown = self._shown, list(wanted)
        for place, (one, other, (_label, view)) in enumerate(zip(before, wanted, self._rows, strict=False)):
            if view.is_frozen() and one.subject == other.subject:
                self._shown[place] = one
        for place, (label, view) in enumerate(self._rows):
            section = self._shown[place] if place < len(wanted) else NOTHING
            show_words(label, section.caption)
            view.show_terms(section.terms)
            view.setVisible(bool(section.terms))

    def _add_formula(self, place: int) -> None:
        label = small(caption(wraps=True))
        view = named(FormulaView(), f"inspectorFormula{place}", _("A formula with its numbers in"), TOOLTIP)
        view.hold_changed.connect(self._on_hold_changed)
        self._list.insertWidget(2 * place, label)
        self._list.insertWidget(2 * place + 1, view)
        self._rows.append((label, view))

    def _on_hold_changed(self) -> None:
        """Allow a selection in one formula only; update the others."""
        changed = self.sender()
        if isinstance(changed, FormulaView) and changed.is_frozen():
            for _caption, view in self._rows:
                if view is not changed:
                    view.clear_selection()
        self._show(self._wanted)


def sections(snapshot: Snapshot, x: float, digits: int | None, ref: Ref | None = None) -> list[FormulaSection]:
    """Return the sections, in order: every layer and the whole network, or one layer alone."""
    layers, activation = snapshot.layers, snapshot.config.network.activation
    scaling = snapshot.dataset.scaling
    seen, meant = scaling_texts(scaling)
    x_seen = float(scaling.x_seen(x)) if seen else x
    spots = _spots(ref)
    points = snapshot.config.data.points
    x_name = f"x ({_(points.x_name)})" if points and points.x_name else "x"
    parts: list[FormulaSection] = []
    for index in range(len(layers)) if not isinstance(ref, LayerRef) else (ref.layer,):
        is_output = index == len(layers) - 1
        name = _("Output") if is_output else hidden_layer(index, len(layers) - 1)
        text = _("{layer}: u = W·v + b, at {x} = {value}")
        if seen:
            text = _("{layer}: u = W·v + b, at {x} = {value}, which the network sees as {seen} = {value_seen}")
        text = "{layer}: u = W·v + b" if parts else text
        caption = text.format(layer=name, x=x_name, value=plain(x), seen=seen, value_seen=plain(x_seen))
        spot = spots.get(index, NOWHERE)
        affine = affine_map(layers, activation, index, x_seen, digits=digits, spot=spot)
        parts.append(FormulaSection((snapshot.run_id, ref, index, "u"), caption + _rounded(affine), affine))
        if not is_output:
            label = snapshot.config.network.activations[index].label
            caption = _("then {activation}, number by number").format(activation=label)
            activated = activation_map(layers, activation, index, x_seen, digits=digits, spot=spot)
            parts.append(FormulaSection((snapshot.run_id, ref, index, "h"), caption + _rounded(activated), activated))
    if isinstance(ref, LayerRef):
        return parts
    whole = (snapshot.run_id, ref, "whole")
    if len(layers) <= 2 or max(len(layer.bias) for layer in layers) <= MAX_NESTED:
        terms = whole_network(layers, activation, digits=digits, spots=spots, scaling=scaling)
        parts.append(FormulaSection(whole, _("The whole network as one formula of x"), terms))
    else:
        text = _("As one formula it would be too long to read: it is the layers above, one inside the other.")
        parts.append(FormulaSection(whole, text))
    if meant:
        text = _("ŷ is standardised: {meant}").format(meant=meant)
        parts.append(FormulaSection((snapshot.run_id, ref, "meant"), text))
    return parts


def _rounded(terms: tuple[formula.Term, ...]) -> str:
    """Explain why a result differs slightly from the numbers before it."""
    why = _("(≈: the numbers are rounded, and the result is of the numbers before that)")
    return f" {why}" if ROUNDED in terms else ""


def _spots(ref: Ref | None) -> dict[int, Spot]:
    """Return the highlights by layer: a neuron's row, and its column in the next layer; or the weight itself."""
    match ref:
        case NeuronRef(layer, index):
            return {layer: Spot(row=index), layer + 1: Spot(column=index)}
        case WeightRef(layer, output, input):
            return {layer: Spot(output, input)}
        case _:
            return {}


def make(_context: object) -> MathematicsView:
    return MathematicsView()
