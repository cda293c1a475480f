"""The frozen state of the loss plot, the base class of its layers, and the twin's error modes."""

from collections.abc import Sequence
from dataclasses import field
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt

from tinynet_gui.core.run.loss_history import HeldOutLosses, LossHistory
from tinynet_gui.core.run.marks import Mark
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import Floats, frozen_dataclass
from tinynet_gui.ui.style.theme import theme
from tinynet_gui.ui.widgets.plots.layer import PlotLayer, legend_entry
from tinynet_gui.ui.widgets.plots.plot_parts import DashedCurve, curve_pen

if TYPE_CHECKING:
    from tinynet_gui.core.lazy_twin.of_run import Mode, TwinModes


SMALLEST = 1e-12  # a loss of 0 is drawn here on the logarithmic axis


@frozen_dataclass(eq=False)
class LossScene:
    """A run's losses, and how they are shown; `steps` and `losses` are thinned to the plot's resolution.

    `marks` tell where live fields were changed; `everything` has the ranges of x and y, in axis units, that contain
    all.
    """

    history: LossHistory | None = None
    steps: np.ndarray = field(default_factory=lambda: np.empty(0))
    losses: np.ndarray = field(default_factory=lambda: np.empty(0))
    held_out: HeldOutLosses = field(default_factory=HeldOutLosses)
    marks: Sequence[Mark] = ()
    snapshot: Snapshot | None = None
    stop_at: int = 1
    is_log: bool = True
    everything: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 1.0)

    @property
    def is_of_batches(self) -> bool:
        """Whether steps use batches, so that a step's loss is not the loss over all samples."""
        return self.snapshot is not None and self.snapshot.config.training.batch_size > 0

    def scaled(self, losses: np.ndarray) -> np.ndarray:
        return np.log10(np.maximum(losses, SMALLEST)) if self.is_log else losses


def most_points(plot: pg.PlotWidget) -> int:
    return 2 * max(200, round(float(plot.getViewBox().width())))


class LossLayer(PlotLayer):
    _scene = LossScene()  # until the first one is shown

    def show_scene(self, scene: LossScene) -> None:
        before, self._scene = self._scene, scene
        self._follow(scene, before)

    def _follow(self, scene: LossScene, before: LossScene) -> None:
        """Redraw what has changed since the scene before."""


MAX_MODES = 6  # those with a line of their own; all others share one
MODES_Z, DOTS_Z = 2.5, 2.6
WIDTH, DOT_PX, EVERY_PX = 1.6, 6, 4  # of lines; of dots; between two candidate positions of a label
FARTHEST = 100  # modes beyond the other losses by more than this factor do not extend the view
HINT = _(
    "The lazy twin's error is a sum of parts, its modes, and its loss is the sum of theirs. It learns each at its own "
    "pace. Six lines are the modes with the largest errors at the start; the grey one is all others together, the "
    "dotted one what the twin can never learn.\n"
    "“2: 349” beside a line: it changes sign twice along x, and its error has halved by about step 349. Once the fast "
    "modes are learned, the training seems to stop: the others take longer and longer.\n"
    "Point at a line to see which mode it is:"
)


@frozen_dataclass(eq=False)
class ModeLine:
    """A mode's line: item, mark, name in the legend, `short` name beside it; steps and losses, shape (points,)."""

    item: pg.PlotCurveItem
    mark: str
    name: str
    short: str
    steps: Floats
    losses: Floats

    def at(self, step: int) -> float:
        """Return the loss at a step, in units of the logarithmic axis."""
        return float(np.exp(np.interp(step, self.steps, np.log(np.maximum(self.losses, SMALLEST)))))


class ErrorModes(LossLayer):
    """The twin's loss, dashed, and its components: a line for each of the largest modes, one for all others.

    `found` are the modes drawn; or why there are none, "" if not wanted. The items are made with the first modes.
    """

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.found: TwinModes | str = ""
        self._lines: list[ModeLine] = []  # in the order of the legend
        self._drawn: tuple[TwinModes | str, bool] = "", False  # `found`, and whether the axis is logarithmic
        self._modes: list[pg.PlotCurveItem] = []

    def _make_items(self) -> None:
        self._total, self._fixed = (DashedCurve(antialias=True, connect="finite") for _ in range(2))
        self._modes = [pg.PlotCurveItem(antialias=True, connect="finite") for _ in range(MAX_MODES)]
        self._rest = pg.PlotCurveItem(antialias=True, connect="finite")
        self._dots = pg.ScatterPlotItem(pxMode=True)
        self.put(self._total, MODES_Z, "accent", WIDTH, Qt.PenStyle.DashLine)
        for item in self._modes:
            self.put(item, MODES_Z)
        self.put(self._rest, MODES_Z, "muted", WIDTH)
        self.put(self._fixed, MODES_Z, "muted", WIDTH, Qt.PenStyle.DotLine)
        self.put(self._dots, DOTS_Z, "card", 1, size=DOT_PX, visible=True)
        self._words = [pg.TextItem(anchor=(0, 1)) for _ in range(MAX_MODES + 2)]
        for words in self._words:
            words.textItem.document().setDocumentMargin(1)
            self.put(words, DOTS_Z, words="ink")
        for moved in (self._plot.getViewBox().sigRangeChanged, self._plot.getViewBox().sigResized):
            moved.connect(self._name_lines)
        self.show_theme()

    def show_modes(self, found: "TwinModes | str") -> None:
        """Draw modes, or say why there are none; "" for nothing."""
        if found != self.found:
            if not isinstance(found, str) and not self._modes:
                self._make_items()
            self.found, self._lines = found, [] if isinstance(found, str) else self._lines_of(found)
            self.changed.emit()

    def _lines_of(self, found: "TwinModes") -> list[ModeLine]:
        steps, grow = found.steps, [mode.grows for mode in found.modes]
        self.named_there = 2 + (grow.index(False) if False in grow else 0)  # the others are read like the last of these
        lines = [ModeLine(self._total, "╍", _("its lazy twin"), "", steps, found.total)]
        for item, mode in zip(self._modes, found.modes, strict=False):
            short = f"{count_text(mode.sign_changes)}: {_end(mode)}"
            lines.append(ModeLine(item, "—", _name(mode), short, steps, mode.losses))
        if found.rest[0] > 0:
            lines.append(ModeLine(self._rest, "—", _("other modes"), _("other modes"), steps, found.rest))
        if found.fixed:
            fixed = np.full(len(steps), found.fixed)
            lines.append(ModeLine(self._fixed, "┈", _("never learned"), _("never learned"), steps, fixed))
        return lines

    def show_theme(self) -> None:
        super().show_theme()
        if self._modes:
            for item, color in zip(self._modes, theme().mode_colors(MAX_MODES), strict=True):
                item.setPen(curve_pen(color, WIDTH))
            self._draw_dots()

    def _follow(self, scene: LossScene, before: LossScene) -> None:
        if not self._modes:
            return
        drawn, self._drawn = self._drawn, (self.found, scene.is_log)
        if drawn[0] is not self.found or drawn[1] != scene.is_log:
            for item in (self._total, *self._modes, self._rest, self._fixed):
                item.hide()
            for line in self._lines:
                line.item.show()
                line.item.setData(line.steps, scene.scaled(line.losses))
            self._name_lines()
        self._draw_dots()

    def legend_entries(self) -> Sequence[str]:
        if isinstance(self.found, str):
            return [legend_entry("╍", theme().muted, self.found)] if self.found else ()
        return [legend_entry(line.mark, line.item.opts["pen"].color().name(), line.name) for line in self._lines]

    def name_at(self, position: QPointF) -> str:
        """Name the line at a scene position, the nearest of several; else ""."""
        found = list[tuple[float, str]]()
        for line in self._lines:
            here = line.item.mapFromScene(position)
            if line.item.mouseShape().contains(here):
                steps, losses = line.item.getData()
                found.append((abs(np.interp(here.x(), steps, losses) - here.y()), line.name))
        return min(found, default=(0.0, ""))[1]

    def hint(self) -> str:
        """Explain the lines, and name all modes; "" if there are none."""
        modes = () if isinstance(self.found, str) else self.found.modes
        return "\n".join([HINT, *map(_name, modes)]) if self.found else ""

    def in_view(self, low: float, high: float) -> tuple[float, float]:
        """Extend a range of losses in view to contain the modes."""
        if isinstance(self.found, str):
            return low, high
        total = self.found.total
        total = total[np.isfinite(total)]
        if not len(total):
            return low, high
        starts = [mode.losses[0] for mode in self.found.modes]
        least = min(low, float(total.min()))
        seen = min([least, *starts, self.found.fixed or least])
        return max(seen, least / FARTHEST, SMALLEST), max(high, min(float(total.max()), FARTHEST * high))

    def _name_lines(self, *_: object) -> None:
        """Label each line where the fewest lines and no other label are in the way."""
        box = self._plot.getViewBox()
        (left, right), (bottom, top) = box.viewRange()
        x = np.linspace(left, right, round(max(2.0, box.width() / EVERY_PX)))
        drawn = [(line.steps, line.losses) for line in self._lines] + [(self._scene.steps, self._scene.losses)]
        courses = [np.interp(x, steps, self._scene.scaled(y), right=np.nan) for steps, y in drawn if len(steps)]
        across, down = (x - left) * box.width() / (right - left), box.height() / (top - bottom)
        heights, taken = [(top - y) * down for y in courses], list[QRectF]()
        named = [(line, own) for line, own in zip(self._lines, heights, strict=False) if line.short]
        for words in self._words[len(named) :]:
            words.hide()
        for words, (line, own) in zip(self._words, named, strict=False):
            words.setText(line.short)
            size = words.boundingRect().size()
            above, below = ([(at, y - up) for at, y in zip(across, own, strict=True)] for up in (size.height(), 0))
            places = [QRectF(QPointF(*corner), size) for corner in (*above, *below) if np.isfinite(corner[1])]
            free = [rect for rect in places if box.rect().contains(rect) and not any(map(rect.intersects, taken))]
            words.setVisible(bool(free))
            if free:
                best = min(free, key=lambda rect: (_in_the_way(rect, across, heights), abs(rect.x() - across[-1] / 2)))
                taken.append(best)
                words.setPos(left + best.left() * (right - left) / box.width(), top - best.bottom() / down)

    def _draw_dots(self) -> None:
        moment = self._scene.snapshot
        step = -1 if moment is None else moment.step
        there = [(line, line.at(step)) for line in self._lines if line.steps[0] <= step <= line.steps[-1]]
        marked = [(line.item.opts["pen"].color(), loss) for line, loss in there if np.isfinite(loss)]
        losses = self._scene.scaled(np.array([loss for _, loss in marked]))
        self._dots.setData([step] * len(marked), losses, brush=[pg.mkBrush(color) for color, _ in marked])


def _in_the_way(rect: QRectF, across: Floats, heights: Sequence[Floats]) -> int:
    """Count the points of lines inside a rectangle, in pixels."""
    inside = (rect.left() < across) & (across < rect.right())
    return sum(int(((rect.top() < y) & (y < rect.bottom() - 1) & inside).sum()) for y in heights)


def _name(mode: "Mode") -> str:
    """Describe a mode by its shape over the samples, and when its error has halved."""
    changes = mode.sign_changes
    if mode.grows:
        text = ngettext("{count} sign change: error grows", "{count} sign changes: error grows", changes)
    else:
        text = ngettext(
            "{count} sign change: error halved at step {step}",
            "{count} sign changes: error halved at step {step}",
            changes,
        )
    return text.format(count=count_text(changes), step=_end(mode))


def _end(mode: "Mode") -> str:
    if mode.grows:
        return _("grows")
    return "> 10⁹" if np.isinf(mode.halved_at) else count_text(max(1, round(mode.halved_at)))
