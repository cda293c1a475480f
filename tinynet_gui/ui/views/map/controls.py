"""The map's controls: five named maps, and behind "more" the lists to compose one."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from tinynet_gui.core.config import Config, Setting
from tinynet_gui.core.maps import axes, colors
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, Ref, WeightRef, fits_widths
from tinynet_gui.core.text.language import gettext as _, pgettext
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.ui.style.theme import whole_px
from tinynet_gui.ui.widgets.accessibility import caption, named, wrapped
from tinynet_gui.ui.widgets.cards import compact_button, filled, make_grid
from tinynet_gui.ui.widgets.fields.editors import CheckBox, ChoiceBox
from tinynet_gui.ui.widgets.fields.number_fields import NumberField
from tinynet_gui.ui.widgets.fields.refusals import FieldError

MIN_BOX, LISTS_PX = 64, 224
LIMIT_CHARACTERS = 6
LIMIT = Setting("", "live", (axes.SMALLEST, axes.LARGEST))
THROUGH = {False: _("this moment"), True: _("the start")}


class _Lists(QWidget):
    def sizeHint(self) -> QSize:
        return QSize(whole_px(LISTS_PX), super().sizeHint().height())


class MapControls(QWidget):
    """A row of named maps, with room at its right end, and lists for the view to place beside or above the picture.

    Signals
    -------
    edited : dict
        The changed fields of the `MapChoice`, by name.
    along_wanted : str, Along
        ``x`` or ``y``, and what to vary along it; the receiver chooses its ends.
    """

    named_wanted = Signal(str)
    edited = Signal(object)
    along_wanted = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self._choice: axes.MapChoice | None = None  # before the first one nothing can be chosen
        self._alongs: list[axes.Along] = []
        tooltip = _(
            "Many trainings, or many losses, as one picture. Each point was computed; it fills one pixel or more."
        )
        maps = ChoiceBox({name: each.title for name, each in axes.NAMED_MAPS.items()})
        self._named = named(maps, "mapNamed", _("Map"), tooltip)
        self._named.setPlaceholderText(_("Your own axes"))
        tooltip = _("Choose axes and colours yourself.")
        self._more = compact_button(_("more"), "mapMore", _("More about the map"), tooltip, checkable=True)
        of_right = _("What changes to the right"), _("What changes from pixel to pixel to the right.")
        of_up = _("What changes upwards"), _("What changes from pixel to pixel upwards.")
        self._axes = named(ChoiceBox({}), "mapRight", *of_right), named(ChoiceBox({}), "mapUp", *of_up)
        tooltip = _(
            "Where all the other weights are taken from: the moment that is looked at, or the start of its run."
        )
        self._through = named(ChoiceBox(THROUGH), "mapThrough", _("Where the lines along weights cross"), tooltip)
        labels = {name: color.label for name, color in colors.COLORS.items()}
        self._color = named(ChoiceBox(labels), "mapColor", _("What the colour shows"), _("What the colour shows."))
        tooltip = _("The map shows the first step at which the training loss is below this.")
        self._limit = named(NumberField(LIMIT, has_buttons=False), "mapLimit", _("Limit of the loss"), tooltip)
        tooltip = _("Draw lines of equal numbers, about ten of them.")
        self._contours = named(CheckBox(), "mapContours", _("Contours"), tooltip)
        self._contours.setText(_("contours"))
        self.lists = _Lists()
        self._refusal = FieldError("mapLimitError", self._limit, self.lists)
        self._lay_out()

        self._more.toggled.connect(self.lists.setVisible)
        self._named.value_edited.connect(self.named_wanted.emit)
        for side, box in zip("xy", self._axes, strict=True):
            box.value_edited.connect(lambda place, side=side: self._on_along_chosen(side, place))
        self._color.value_edited.connect(lambda name: self.edited.emit({"color": name, "ends": None}))
        self._through.value_edited.connect(lambda from_start: self.edited.emit({"from_start": from_start}))
        self._contours.value_edited.connect(lambda drawn: self.edited.emit({"has_contours": drawn}))
        self._limit.lineEdit().textChanged.connect(lambda: self._refusal.say(""))
        self._limit.value_edited.connect(self._on_limit_edited)
        self.lists.setVisible(False)
        self._named.set_value(None)
        self._more.setEnabled(False)

    def _lay_out(self) -> None:
        for box in (*self._axes, self._through, self._color):
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for box in (self._named, *self._axes, self._through, self._color):
            box.setMinimumWidth(MIN_BOX)
        self._limit.setFixedWidth((LIMIT_CHARACTERS + 3) * self._limit.fontMetrics().horizontalAdvance("0"))
        self.row = filled(QHBoxLayout(self), self._named, self._more, margins=(0, 0, 0, 0))
        self.row.addStretch(0)
        self._grid = make_grid(self.lists, (0, 0, 0, 0), across=4, down=4)
        boxes = *self._axes, self._color, self._limit, self._through
        words = pgettext("direction", "right"), pgettext("direction", "up"), _("colour"), _("below"), _("through")
        self._labels = {box: caption(word, box) for word, box in zip(words, boxes, strict=True)}
        self.arrange(is_beside=True)

    def close_lists(self) -> bool:
        """Hide the lists; return whether they were shown."""
        were_shown = self._more.isChecked()
        self._more.setChecked(False)
        return were_shown

    def arrange(self, is_beside: bool) -> None:
        """Stack the lists for beside the picture, or put them in two rows for above it."""
        right, up = self._axes
        rows: Sequence[Sequence[QWidget]] = ((right, up, self._through), (self._color, self._limit, self._contours))
        if is_beside:
            rows = [[part] for part in (right, up, self._color, self._limit, self._through, self._contours)]
        for row, parts in enumerate(rows):
            for place, part in enumerate(parts):
                if part in self._labels:
                    self._grid.addWidget(self._labels[part], row, 2 * place)
                self._grid.addWidget(part, row, 2 * place + 1)
        for place in range(3):
            self._grid.setColumnStretch(2 * place + 1, int(place < len(rows[0])))
        self._grid.setRowStretch(len(self._labels) + 1, 1)
        policy = QSizePolicy.Policy
        self.lists.setSizePolicy(policy.Fixed if is_beside else policy.Preferred, policy.Preferred)

    def show_choice(self, choice: axes.MapChoice, name: str) -> None:
        self._choice = choice
        self._named.set_value(name or None)
        self._more.setEnabled(True)
        self._show_axes()
        self._color.set_value(choice.color)
        self._color.setToolTip(wrapped(colors.COLORS[choice.color].about))
        self._through.set_value(choice.from_start)
        self._contours.set_value(choice.has_contours)
        if self._limit.value() != choice.limit:
            self._limit.set_value(choice.limit)
        goes_through = not all(isinstance(axis.along, str) for axis in choice.axes)
        for part, is_shown in ((self._limit, colors.COLORS[choice.color].has_limit), (self._through, goes_through)):
            part.setVisible(is_shown)
            self._labels[part].setVisible(is_shown)

    def show_offers(self, alongs: Sequence[tuple[axes.Along, str]]) -> bool:
        """Offer these for both axes, with their names; return whether they have changed."""
        labels = [self._axes[0].itemText(place) for place in range(self._axes[0].count())]
        if list(alongs) == list(zip(self._alongs, labels, strict=True)):
            return False
        self._alongs = [along for along, _ in alongs]
        for box in self._axes:
            box.offer({place: label for place, (_, label) in enumerate(alongs)})
        self._show_axes()
        return True

    def show_colors(self, names: Collection[str]) -> None:
        self._color.show_hidden(set(colors.COLORS) - set(names))

    def label_of(self, along: axes.Along) -> str:
        return self._axes[0].itemText(self._alongs.index(along)) if along in self._alongs else ""

    def _show_axes(self) -> None:
        alongs = () if self._choice is None else (axis.along for axis in self._choice.axes)
        for along, box in zip(alongs, self._axes, strict=False):
            box.set_value(self._alongs.index(along) if along in self._alongs else None)

    def _on_along_chosen(self, side: str, place: int) -> None:
        """Choose another axis; swap both if the other side has it."""
        if self._choice is None:
            return
        along, other = self._alongs[place], "y" if side == "x" else "x"
        if getattr(self._choice, other).along == along:
            self.edited.emit({"x": self._choice.y, "y": self._choice.x})
        else:
            self.along_wanted.emit(side, along)

    def _on_limit_edited(self, limit: float | str) -> None:
        self._refusal.say(refusal := self._limit.refusal())
        if not refusal and self._choice is not None and limit != self._choice.limit:
            self.edited.emit({"limit": limit})


MAX_WEIGHTS = 6  # offered as axes, to a neuron and from it


def is_like(named: axes.MapChoice, choice: axes.MapChoice) -> bool:
    """Whether a map is this named one, whatever its ranges and weights."""
    pairs = ((one.along, other.along) for one, other in zip(named.axes, choice.axes, strict=True))
    alike = all(one == other or None is not _kind(one) == _kind(other) for one, other in pairs)
    return alike and (named.color, named.from_start) == (choice.color, choice.from_start)


def _kind(along: axes.Along) -> str | None:
    """Return the kind that axes along weights, or towards runs, share."""
    return along.kind if isinstance(along, axes.Direction) else "parameter" if isinstance(along, ParameterRef) else None


def axis_around(along: axes.Along, config: Config, state: TrainerState | None) -> axes.Axis:
    """Return an axis with its usual ends around the current value; around 0 if that is missing or unknown."""
    match along:
        case _ if not axes.exists_in(along, config):
            value = 0.0
        case str():
            value = axes.value_of(config, along)
        case ParameterRef() if state is not None:
            value = float(state.parameters[along.array][along.index])
        case _:
            value = 0.0
    return axes.Axis(along, *axes.usual_range(along, value))


def go_together(*axes: axes.Axis) -> bool:
    """Whether axes can be combined: a setting that makes a new network excludes weights and directions."""
    return all(isinstance(axis.along, str) for axis in axes) or not any(axis.needs_reset for axis in axes)


def two_weights(config: Config, pinned: Ref | None) -> tuple[ParameterRef, ParameterRef]:
    """Return the first weight and the bias of the pinned neuron, by default of the first one."""
    if not fits_widths(config.network.widths, pinned):  # it belongs to another network
        pinned = None
    match pinned:
        case NeuronRef():
            return _weight(pinned.layer, pinned.index, 0), ParameterRef(pinned.layer, "bias", (pinned.index,))
        case WeightRef():
            weight = _weight(pinned.layer, pinned.output, pinned.input)
            return weight, ParameterRef(pinned.layer, "bias", (pinned.output,))
        case LayerRef():
            return _weight(pinned.layer, 0, 0), ParameterRef(pinned.layer, "bias", (0,))
    return _weight(0, 0, 0), ParameterRef(0, "bias", (0,))


def weights_near(config: Config, pinned: Ref | None) -> list[ParameterRef]:
    """Return weights to and from the pinned neuron, by default the first one, and its bias."""
    weight, bias = two_weights(config, pinned)
    widths, layer, neuron = config.network.widths, bias.layer, bias.index[0]
    to = [_weight(layer, neuron, k) for k in range(min(widths[layer], MAX_WEIGHTS))]
    last = layer + 1 == len(widths) - 1
    away = [] if last else [_weight(layer + 1, k, neuron) for k in range(min(widths[layer + 2], MAX_WEIGHTS))]
    return list(dict.fromkeys([weight, *to, bias, *away]))


def _weight(layer: int, output: int, source: int) -> ParameterRef:
    return ParameterRef(layer, "weight", (output, source))
