"""The map: choose one, zoom into it, point at its networks, open one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QVBoxLayout

from tinynet_gui.core.maps.axes import NAMED_MAPS, Along, MapChoice, MapError
from tinynet_gui.core.maps.outcome_map import OutcomeMap
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.wording.maps import point_text
from tinynet_gui.ui.style.theme import is_touched, small_font, whole_px
from tinynet_gui.ui.views.map import controls, map_box, map_plot
from tinynet_gui.ui.views.map.map_images import Point, allowed_ends, alongs_of, ends_of
from tinynet_gui.ui.widgets.accessibility import PLACE, announce, in_role, literal_tooltip, named, retain_size
from tinynet_gui.ui.widgets.cards import CardFrame, filled
from tinynet_gui.ui.widgets.progress import Progress
from tinynet_gui.ui.widgets.text import FittingLabel

MIN_PROGRESS = 72  # fits its button
HINTS = (
    _("Wheel zooms, drag moves, Shift+drag zooms into a box, double-click goes back, click opens that run."),
    _("Wheel zooms, drag moves, double-click goes back, click opens that run."),
    _("Wheel zooms, double-click goes back, click opens."),
    _("Wheel zooms, click opens."),
)
TAP_HINTS = (
    _("Two fingers zoom and move, a tap looks, a second tap there opens that run."),
    _("Two fingers zoom, a second tap opens."),
)
NO_FINER = _("float32 tells no finer points apart.")
SAME = 1e-9  # relative to the width: views that differ by less are the same
AROUND_PX, BESIDE_PX, ABOVE_PX = (190, 130), 230, 62  # what surrounds a picture; the lists beside or above it
MIN_PICTURE_PX = 110  # the least height of a picture below the lists
ANY_WEIGHTS = ParameterRef(0, "bias", (0,)), ParameterRef(0, "bias", (1,))  # a named map's ends depend on none


class MapView(CardFrame):
    """Shows a map; emits the user's requests, as do its controls.

    `choice_wanted`: the user has changed an axis, a colour, or what is in view.
    """

    choice_wanted = Signal(object)
    point_pointed = Signal(object)
    point_chosen = Signal(float, float)

    def __init__(self) -> None:
        super().__init__("mapView", _("A map of many trainings"))
        self._choice: MapChoice | None = None
        self.name = self._hindrance = self.trouble = ""  # trouble: why there is no picture
        self._note_texts: tuple[str, ...] = ()
        self._point: Point | None = None
        self._views: list[map_box.Viewport] = []  # to go back to, the latest last
        self._whole: map_box.Viewport | None = None
        self._is_at_limit = False
        self.controls = controls.MapControls()
        self.plot = map_plot.MapPlot()
        self._caption = named(FittingLabel(), "mapCaption", _("The point under the pointer, or what the map asks"))
        says = _("What is known of the map, or how to use it")
        self._second = in_role(named(FittingLabel(), "mapTold", says), "caption")
        self.progress = Progress("map")
        for label in (self._caption, self._second):
            label.setFont(small_font(0.92))

        self.progress.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.progress.setMinimumWidth(MIN_PROGRESS)
        self.controls.row.addWidget(retain_size(self.progress), 8)
        self._middle = filled(QBoxLayout(QBoxLayout.Direction.LeftToRight), self.controls.lists, (self.plot, 1))
        parts = self.controls, (self._middle, 1), self._caption, self._second
        filled(QVBoxLayout(self), *parts, margins=(12, 8, 12, 6), spacing=2)

        self.controls.edited.connect(self._on_edited)
        self.plot.rested.connect(self._on_view_rested)
        self.plot.pointed.connect(self._on_pointed)
        self.plot.keyed.connect(lambda: announce(self, self._read(), topic=PLACE))
        self.plot.chosen.connect(lambda point: self.point_chosen.emit(point.x, point.y))
        self.plot.back_wanted.connect(self.go_back)
        self.plot.everything_wanted.connect(self.show_everything)
        self.plot.box.limit_reached.connect(self._on_limit_reached)
        self.cancel_wanted = self.progress.cancelled
        self._write()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() != Qt.Key.Key_Escape or not self.controls.close_lists():
            super().keyPressEvent(event)

    def _arrange(self) -> None:
        """Put the lists where they leave the larger picture."""
        width, height = self.width() - whole_px(AROUND_PX[0]), self.height() - whole_px(AROUND_PX[1])
        narrower, lower = width - whole_px(BESIDE_PX), height - whole_px(ABOVE_PX)
        is_low = lower < whole_px(MIN_PICTURE_PX) and narrower > whole_px(MIN_PICTURE_PX)
        is_beside, direction = is_low or narrower * height > width * lower, QBoxLayout.Direction
        self._middle.setDirection(direction.LeftToRight if is_beside else direction.TopToBottom)
        self.controls.arrange(is_beside)

    def show_theme(self) -> None:
        self._arrange()
        self._write()

    def show_choice(self, choice: MapChoice, name: str) -> None:
        """Show a map's axes and colours, and its name, "" if unnamed; a view that the user is moving stays."""
        before, self._choice = self._choice, choice
        is_renamed = name not in ("", self.name)
        is_another = is_renamed or before is None or alongs_of(before.axes) != alongs_of(choice.axes)
        self.name = name
        self.controls.show_choice(choice, name)
        self.plot.box.limit(*map(allowed_ends, choice.axes))
        self.plot.show_choice(choice, self._labels())
        if is_another:
            self.plot.box.limit_widths(choice.x.least_width, choice.y.least_width)  # until a picture is there
            # A named map's range before any zoom; that of an unnamed one is its present range.
            self._views, self._whole = [], ends_of((NAMED_MAPS[name].choice(ANY_WEIGHTS, 0) if name else choice).axes)
        if is_another or not self.plot.is_moving:
            self.plot.box.look(*ends_of(choice.axes))
        self._write()

    def show_offers(self, alongs: Sequence[tuple[Along, str]]) -> None:
        if self.controls.show_offers(alongs) and self._choice is not None:
            self.plot.show_choice(self._choice, self._labels())
            self._write()

    @property
    def picture(self) -> OutcomeMap | None:
        return self.plot.images.picture

    def show_picture(self, picture: OutcomeMap | None) -> None:
        if picture is not None and self.trouble:
            self.show_trouble("")
        self.plot.show_picture(picture)

    def show_trouble(self, text: str) -> None:
        self.trouble = text
        self.plot.show_trouble(text)
        self._write()

    def show_facts(self, text: str, *shorter: str) -> None:
        """Show a note on the second line, such as the run's distance from the map; "" for a hint.

        Of the alternatives, in order of length, the first that fits is shown.
        """
        told = (text, *shorter) if text else ()
        if told != self._note_texts:
            self._note_texts = told
            self._write()

    def show_hindrance(self, reason: str) -> None:
        """Say in its place why this map cannot be drawn, or ""; another one can still be chosen."""
        if reason != self._hindrance or (reason and reason != self.trouble):
            self._hindrance = reason
            self.plot.setEnabled(not reason)
            self.show_trouble(reason)

    def announce_complete(self) -> None:
        """Announce to screen readers that the map is complete."""
        announce(self, (_("The map is drawn.") + " " + self._second.text()).strip())

    def go_back(self) -> None:
        """Return to the previous view, or the whole map if there is none."""
        if self._views:
            self._go_to(self._views.pop())
        else:
            self.show_everything()

    def show_everything(self) -> None:
        if self._whole is not None:
            self._go_to(self._whole)

    def _go_to(self, view: map_box.Viewport) -> None:
        """Show a view without adding it to the history of `go_back`."""
        self.plot.box.look(*view)
        self._want_view()

    def _on_view_rested(self) -> None:
        if self._choice is not None and not _is_same(self.plot.box.view, ends_of(self._choice.axes)):
            self._views.append(ends_of(self._choice.axes))
            self._want_view()

    def _want_view(self) -> None:
        if self._choice is None or _is_same(self.plot.box.view, ends_of(self._choice.axes)):
            return
        try:
            x, y = (axis.part(*ends) for axis, ends in zip(self._choice.axes, self.plot.box.view, strict=True))
        except MapError:  # too narrow for float32 at this position
            self.plot.box.look(*ends_of(self._choice.axes))
            return
        self._choice = replace(self._choice, x=x, y=y)
        self._is_at_limit = self._is_at_limit and self.plot.box.is_narrowest
        self._write()
        self.choice_wanted.emit(self._choice)

    def _on_edited(self, fields: dict[str, Any]) -> None:
        if self._choice is not None:
            self.choice_wanted.emit(replace(self._choice, **fields))

    def _on_limit_reached(self, axis: int) -> None:
        if self._choice is not None and not self._choice.axes[axis].is_whole:
            self._is_at_limit = True
            self._write()

    def _on_pointed(self, point: Point | None) -> None:
        if point == self._point:
            return
        before, moved = self._point, (point and point[:2]) != (self._point and self._point[:2])
        self._point = point
        self._write()
        if self.plot.is_by_keys and (before is None or before.number is None):  # more is known now
            announce(self, self._read(), topic=PLACE)
        if moved:
            self.point_pointed.emit(None if point is None else (point.x, point.y))

    def _labels(self) -> tuple[str, str]:
        assert self._choice is not None
        x, y = map(self.controls.label_of, alongs_of(self._choice.axes))
        return x, y

    def _read(self) -> str:
        if self._choice is None or self._point is None or self.trouble:
            return ""
        return point_text(self._labels(), self._choice, *self._point)

    def _write(self) -> None:
        """Write the lines below the picture; the second is for slices only: they leave out most of a run."""
        choice = self._choice
        texts = _with_hints(NAMED_MAPS[self.name].question if self.name else "")
        if choice is None or self.trouble or self._point is not None:
            texts = [self._read()]
        if self._is_at_limit:
            texts = [f"{texts[-1]} {NO_FINER}", NO_FINER]
        self._caption.show_longest(texts)
        self._second.show_longest(self._note_texts or ("",))
        self._second.setVisible(choice is not None and not all(isinstance(axis.along, str) for axis in choice.axes))
        for label, whole in ((self._caption, texts[0]), (self._second, "".join(self._note_texts[:1]))):
            if label.toolTip() != (tip := literal_tooltip(whole)):
                label.setToolTip(tip)


def _with_hints(question: str) -> list[str]:
    """Return a question with the mouse's hints, in decreasing length, ending with the hints alone."""
    hints = TAP_HINTS if is_touched() else HINTS
    return [*(f"{question} {hint}".strip() for hint in (*hints, "") if question), *hints]


def _is_same(one: map_box.Viewport, other: map_box.Viewport) -> bool:
    pairs = zip(one, other, strict=True)
    return all(max(abs(a.low - b.low), abs(a.high - b.high)) <= SAME * (b.high - b.low) for a, b in pairs)
