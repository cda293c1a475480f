"""The network as a picture that follows the training and responds to mouse and keyboard."""

from collections.abc import Mapping, Sequence, Set

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.config import Config
from tinynet_gui.core.failures.symptoms import Death, DeathBetween
from tinynet_gui.core.network.forward import probe
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef, Ref, WeightRef, fits
from tinynet_gui.core.step.flow import ColumnKind, Flow, probe_flow
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.wording.network_text import death_text, loss_without_text
from tinynet_gui.ui.style.theme import drawn_at, theme, whole_px, zoom
from tinynet_gui.ui.views.diagram import describe, flow_painter, layout, strips
from tinynet_gui.ui.views.diagram.boxes import Draw
from tinynet_gui.ui.views.diagram.painter import paint_network, paint_selection
from tinynet_gui.ui.widgets import accessibility, cards, pictures, selection

CORNER = 4  # px, from the edges to the button that maximizes it
QUICK_MS = 90  # a moment this soon after another is painted as a draft; none is at ten moments a second
WHEEL_SHARE, WHEEL_LEAST = 0.04, 0.1  # a notch changes a weight by this share of the layer's largest, at least of this


class NetworkDiagram(cards.CardFrame):
    """Draws a snapshot; the part under the mouse or the keyboard focus becomes the selection.

    A click pins it, Escape unpins it; a click on a column's heading pins the layer. The wheel over an edge changes its
    weight: `parameter_edited` has a `ParameterRef` and the new value. A right-click, or the Menu key, pins a part and
    emits its menu before it opens, so that listeners can add their actions.

    While moments come in quick succession, frames are drafts: a layer's thick edges are painted in every second frame,
    its hairlines and each column in every fourth, and colours are up to three of 255 off, rare pixels seven. The last
    is painted exactly after a rest, as is what is grabbed.
    """

    parameter_edited = QtCore.Signal(object, float)
    menu_wanted = QtCore.Signal(object)

    def __init__(self, selection: selection.Selection) -> None:
        super().__init__("networkDiagram", _("Diagram of the network: arrow keys walk through its neurons and layers"))
        self.setMouseTracking(True)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self._selection = selection
        self._widths: tuple[int, ...] = (1, 1)
        self._snapshot: Snapshot | None = None
        self._edges: tuple[layout.DrawnEdges, ...] = ()
        self.layout_of_network: layout.DiagramLayout = layout.make_layout(self._widths, self.width(), self.height())
        self._probe_x: float | None = None
        self._deaths: dict[tuple[int, int], Death | DeathBetween | None] = {}
        self._frozen: Set[Ref] = frozenset()
        self._off: frozenset[NeuronRef] = frozenset()
        self.notes = flow_painter.Notes()  # the texts in the input's node and below the output
        self._step_flow: Flow | None = None
        self.flow: Flow | None = None  # the step's or the probe's, drawn in place of weights and curves
        self._pinned_in: ColumnKind | None = None  # the column that was clicked
        self._picture: QtGui.QPixmap | None = None  # the drawn snapshot, without the selection; of a draft the card
        self._layers, self._is_draft = pictures.Layers(1.0), False
        self._follow = pictures.follower(self, self.redraw, "diagramRests", QUICK_MS)
        self.card = describe.HoverCard(self._place_of_card, self)
        self.card.described.connect(self.setAccessibleDescription)
        self._a11y = describe.AccessibleNetwork(self, selection, lambda: (self._snapshot, self.layout_of_network))
        self._maximize = cards.MaximizeButton(_("network"), self)
        selection.hovered_changed.connect(self._on_hovered_changed)
        selection.pinned_changed.connect(self._on_pinned_changed)

    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(whole_px(720), whole_px(430))

    def minimumSizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(whole_px(316), whole_px(188))

    @property
    def death_steps(self) -> dict[tuple[int, int], int]:
        """The steps at which dead neurons, (layer, index), died, as far as known; 0: dead from initialisation."""
        known = {place: death for place, death in self._deaths.items() if not isinstance(death, DeathBetween)}
        return {place: 0 if death is None else death.step for place, death in known.items()}

    def show_config(self, config: Config) -> None:
        """Prepare for another network, which is drawn with the next snapshot."""
        if self._snapshot is None and config.network.widths != self._widths:
            self._widths = config.network.widths
            self._place()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        if snapshot.config.network.widths != self._widths:
            self._widths = snapshot.config.network.widths
            self._selection.hover(None)
            self._selection.pin(None)
            self._snapshot = snapshot
            self._place()
        if self._snapshot is None or self._snapshot.run_id != snapshot.run_id:
            self._deaths = {}
        self._snapshot = snapshot
        self.card.show_snapshot(snapshot)
        self._a11y.notify_later()
        self._choose()

    def redraw(self, is_draft: bool = False) -> None:
        self._maximize.setUpdatesEnabled(not is_draft or self._maximize.is_wanted)  # not repainted while invisible
        if not (is_draft and self._is_draft):
            self._is_draft, self._picture = is_draft, None
            self.setAttribute(QtCore.Qt.WidgetAttribute.WA_OpaquePaintEvent, is_draft)  # then Qt skips the background
        self.update()

    def ref_at(self, x: float, y: float) -> Ref | None:
        if self._snapshot is None:
            return None
        place = drawn_at(QtCore.QPointF(x, y))
        return layout.find_at(self.layout_of_network, self._edges, place.x(), place.y())

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        if self._snapshot is None:
            return
        with QtGui.QPainter(self) as painter:
            if self._is_draft and not pictures.is_on_screen(self, painter):  # the window is grabbed
                self._paint_card(painter)
                self.redraw()
            painter.scale(zoom().scale, zoom().scale)
            if pictures.draws_picture():
                self._paint_snapshot(painter, self._snapshot, pictures.directly)
            else:
                painter.drawPixmap(0, 0, self._kept_picture(self._snapshot))
                if self._is_draft:
                    self._layers.frame += 1
                    self._paint_snapshot(painter, self._snapshot, self._layers.draw)
            for ref in {self._selection.hovered, self._selection.pinned}:
                if ref is not None and fits(self._snapshot.layers, ref):
                    values = [layer.weight for layer in self._snapshot.layers] if self.flow is None else self.flow.edges
                    paint_selection(painter, self.layout_of_network, ref, values)
            if self.flow is not None:  # on top of the selection
                ref = self._selection.pinned or self._selection.hovered
                flow_painter.paint_edge_numbers(painter, self.layout_of_network, self.flow, self.notes, ref)

    def grab(self, *area: QtCore.QRect) -> QtGui.QPixmap:
        self.redraw()
        return super().grab(*area)

    def _paint_card(self, painter: QtGui.QPainter) -> None:
        """Paint the background, as Qt would below a widget that is not opaque: the round corners, and the card."""
        option = QtWidgets.QStyleOption()
        option.initFrom(self)
        painter.fillRect(self.rect(), theme().color("window"))
        self.style().drawPrimitive(QtWidgets.QStyle.PrimitiveElement.PE_Widget, option, painter, self)

    def _kept_picture(self, snapshot: Snapshot) -> QtGui.QPixmap:
        if self._picture is None:
            ratio = self.devicePixelRatioF()
            self._layers = pictures.Layers(ratio * zoom().scale)
            self._picture = QtGui.QPixmap(self.size() * ratio)
            self._picture.setDevicePixelRatio(ratio * zoom().scale)
            self._picture.fill(QtCore.Qt.GlobalColor.transparent)
            with QtGui.QPainter(self._picture) as painter:
                if self._is_draft:
                    painter.scale(1 / zoom().scale, 1 / zoom().scale)
                    self._paint_card(painter)
                else:
                    self._paint_snapshot(painter, snapshot, pictures.directly)
        return self._picture

    def _paint_snapshot(self, painter: QtGui.QPainter, snapshot: Snapshot, draw: Draw) -> None:
        frozen = {ref for ref in self._frozen if fits(snapshot.layers, ref)}
        network = self.layout_of_network, self._edges, snapshot, self.death_steps, frozen
        paint_network(painter, *network, self.flow, off=self._off_here(), notes=self.notes, draw=draw)

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def mouseDoubleClickEvent(self, event: QtGui.QMouseEvent) -> None:
        if self.ref_at(event.position().x(), event.position().y()) is None:
            self._maximize.click()
        else:
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        position = event.position()
        ref = self.ref_at(position.x(), position.y())
        self.setCursor(QtCore.Qt.CursorShape.ArrowCursor if ref is None else QtCore.Qt.CursorShape.PointingHandCursor)
        self._selection.hover(ref)

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        position = event.position()
        if event.button() == QtCore.Qt.MouseButton.LeftButton:
            ref = self.ref_at(position.x(), position.y())
            kind = self.layout_of_network.column_at(drawn_at(position).x()).kind
            is_elsewhere = not isinstance(ref, WeightRef) and self._pinned_in not in (None, kind)
            lets_go = ref == self._selection.pinned and not is_elsewhere
            self._selection.pin(None if lets_go else ref)
            self._pinned_in = None if lets_go else kind
        super().mousePressEvent(event)

    def event(self, event: QtCore.QEvent) -> bool:
        """Open the menu of the part under the mouse or of the selected one; elsewhere that of the card."""
        if isinstance(event, QtGui.QContextMenuEvent):
            is_key = event.reason() == QtGui.QContextMenuEvent.Reason.Keyboard
            chosen = self._selection.pinned or self._selection.hovered
            ref = chosen if is_key else self.ref_at(event.x(), event.y())
            if ref is not None and self._snapshot is not None:
                self._selection.pin(ref)
                menu = cards.passing_menu(self, "partMenu")
                self.menu_wanted.emit(menu)
                menu.addSeparator()
                menu.addActions(self.actions())
                place = self._place_of_card(ref, [menu.sizeHint()])[0] if is_key else event.pos()
                menu.popup(self.mapToGlobal(place))
                return True
        return super().event(event)

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        ref = self._selection.hovered
        if self._snapshot is None or not isinstance(ref, WeightRef):
            super().wheelEvent(event)
            return
        weight = self._snapshot.layers[ref.layer].weight
        notch = WHEEL_SHARE * max(float(np.max(np.abs(weight))), WHEEL_LEAST)
        value = float(weight[ref.output, ref.input]) + notch * event.angleDelta().y() / 120
        self.parameter_edited.emit(ParameterRef(ref.layer, "weight", (ref.output, ref.input)), value)
        event.accept()

    def leaveEvent(self, event: QtCore.QEvent) -> None:
        self._selection.hover(None)
        super().leaveEvent(event)

    def focusInEvent(self, event: QtGui.QFocusEvent) -> None:
        super().focusInEvent(event)
        by_key = event.reason() in (QtCore.Qt.FocusReason.TabFocusReason, QtCore.Qt.FocusReason.BacktabFocusReason)
        if by_key and self._snapshot is not None and self._selection.hovered is None:
            self._selection.hover(NeuronRef(0, 0))
            self._a11y.announce_ref(NeuronRef(0, 0))

    def focusOutEvent(self, event: QtGui.QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() in (QtCore.Qt.FocusReason.TabFocusReason, QtCore.Qt.FocusReason.BacktabFocusReason):
            self._selection.hover(None)

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        """Arrows, Home and End navigate; Enter pins, Escape unpins."""
        is_chosen = (self._selection.pinned, self._selection.hovered) != (None, None)
        if self._snapshot is None:
            super().keyPressEvent(event)
        elif event.key() == QtCore.Qt.Key.Key_Escape and is_chosen:
            self._selection.hover(None)
            self._selection.pin(None)
        elif event.key() in accessibility.ENTER:
            self._selection.pin(self._selection.hovered)
        elif event.key() in describe.WALKS:
            here = self._selection.pinned or self._selection.hovered
            there = describe.walk(here, QtCore.Qt.Key(event.key()), self._widths)
            if self._selection.pinned is not None:
                self._selection.pin(there)
            self._selection.hover(there)
            self._a11y.announce_ref(there)
        else:
            super().keyPressEvent(event)

    def _place(self) -> None:
        self._maximize.adjustSize()
        self._maximize.move(whole_px(CORNER), whole_px(CORNER))  # at the right it would cover a heading
        size = QtCore.QSizeF(self.size()) / zoom().scale
        self.layout_of_network = layout.make_layout(self._widths, size.width(), size.height(), strips.digit_size())
        self.redraw()

    show_theme = _place

    def show_frozen(self, refs: Set[Ref]) -> None:
        self._frozen = refs
        self.redraw()

    def show_switched_off(self, refs: frozenset[NeuronRef]) -> None:
        """Grey these neurons, and show the loss without them below the output."""
        self._off = refs
        self._choose()

    def show_probe(self, x: float | None) -> None:
        """Show the forward pass of an x; None ends that."""
        self._probe_x = x
        self._choose()

    def show_deaths(self, run_id: int, deaths: Mapping[tuple[int, int], Death | DeathBetween | None]) -> None:
        if self._snapshot is not None and self._snapshot.run_id == run_id:
            self._deaths = dict(deaths)
            self.redraw()
            self._show_card()

    def show_flow(self, flow: Flow | None) -> None:
        """Draw a phase of a step while it belongs to the current network; None ends that."""
        self._step_flow = flow
        self._choose()

    def _place_of_card(self, ref: Ref, sizes: Sequence[QtCore.QSize]) -> tuple[QtCore.QPoint, int]:
        drawn = [(QtCore.QSizeF(size) / zoom().scale).toTuple() for size in sizes]
        left, top, best = layout.place_card(self.layout_of_network, ref, *drawn)
        return QtCore.QPoint(whole_px(left), whole_px(top)), best

    def _choose(self) -> None:
        """Choose the edges' values: a step's phase takes precedence over the probe's x, and that over the weights."""
        snapshot = self._snapshot
        if snapshot is None:
            return
        self.flow = None
        if self._step_flow is not None and self._step_flow.fits(snapshot):
            self.flow = self._step_flow
        elif self._probe_x is not None:
            scaling = snapshot.dataset.scaling
            x = float(scaling.x_seen(self._probe_x)) if scaling.has_x else self._probe_x
            self.flow = probe_flow(probe(snapshot.layers, snapshot.config.network.activation, x), self._probe_x)
        self.notes = self._write_notes(snapshot)
        self._edges = layout.choose_edges(snapshot, None if self.flow is None else self.flow.edges)
        self._follow()

    def _off_here(self) -> frozenset[NeuronRef]:
        snapshot = self._snapshot
        return frozenset() if snapshot is None else frozenset(ref for ref in self._off if fits(snapshot.layers, ref))

    def _write_notes(self, snapshot: Snapshot) -> flow_painter.Notes:
        flow, off = self.flow, self._off_here()
        parts = [] if flow is None or not flow.output_note else [flow.output_note]
        if off:
            parts.append(loss_without_text(snapshot, off))
        return flow_painter.Notes("" if flow is None else flow.input_note, "\n".join(parts))

    def _on_pinned_changed(self) -> None:
        self._pinned_in = None
        self._on_hovered_changed()

    def _on_hovered_changed(self) -> None:
        self._show_card()
        self.update()

    def _show_card(self) -> None:
        """Show the hovered part's card, unless it is pinned: the inspector shows it then."""
        ref, snapshot = self._selection.hovered, self._snapshot
        if ref is None or snapshot is None:
            self.card.show_ref(None)
            return
        place = (ref.layer, ref.index) if isinstance(ref, NeuronRef) else None
        note = death_text(self._deaths[place]) if place in self._deaths else ""
        self.card.show_snapshot(snapshot)
        self.card.show_ref(ref, note, is_needed=ref != self._selection.pinned)
