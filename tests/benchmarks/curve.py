"""The curve taken apart: the search for its kinks, and drawing what it is made of."""

from collections.abc import Callable
from time import perf_counter

from PySide6.QtWidgets import QToolButton

from tests.benchmarks.effort import SMALL, layers, so_many
from tests.benchmarks.records import Record, median, record
from tests.benchmarks.window import let_run
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import plot_range
from tinynet_gui.core.function.linear_regions import LinearRegions, find_linear_regions
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.engine.jobs.linear_regions_finder import AT_ONCE_S
from tinynet_gui.ui.style.theme import LIGHT
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.widgets.selection import Selection

DRAW_GOAL_MS = 4.0
MOMENTS, STEPS_BETWEEN = 20, 30
PLOT_SIZE = (560, 300)


def _moments(*hidden: int) -> list[tuple[Snapshot, LinearRegions]]:
    """A network at several steps of its training, with its pieces."""
    config = Config().replace("network.hidden", layers(hidden))
    trainer, moments = Trainer(config), []
    for _ in range(so_many(MOMENTS, 2)):
        trainer.run(STEPS_BETWEEN)
        snapshot = trainer.snapshot(1)
        moments.append((snapshot, _pieces(snapshot)))
    return moments


def _pieces(snapshot: Snapshot) -> LinearRegions:
    return find_linear_regions(snapshot.layers, snapshot.config.network.activation, *plot_range(snapshot.config.data))


def search(*hidden: int) -> list[Record]:
    """One search for all kinks."""
    times_ms = []
    for snapshot, _ in _moments(*hidden)[:5]:
        started = perf_counter()
        _pieces(snapshot)
        times_ms.append(1e3 * (perf_counter() - started))
    name, value = "find_pieces_" + "_".join(map(str, hidden)), median(times_ms)
    limit = 1e3 * AT_ONCE_S
    return [record(name, value, "ms", f"the {limit:g} ms up to which each frame is searched", value / limit)]


def draw(hidden: int, *, is_stacked: bool) -> list[Record]:
    """A new moment taken apart, its paint, and a move of the mouse from neuron to neuron."""
    moments, selection = _moments(hidden), Selection()
    plot = FunctionPlot(selection, LIGHT)
    plot.resize(*PLOT_SIZE)
    plot.show()
    plot.show_config(moments[0][0].config)
    for name, is_on in (("curveParts", True), ("curveStacked", is_stacked)):
        switch = plot.findChild(QToolButton, name)
        assert isinstance(switch, QToolButton)
        switch.setChecked(is_on)
    let_run(0.1)
    shown_ms, painted_ms, hovered_ms = [], [], []
    for number, (snapshot, pieces) in enumerate(moments):
        plot.show_snapshot(snapshot)
        started = perf_counter()
        plot.layers.parts.show_scene(plot.scene.of_moment(snapshot, pieces))
        shown = perf_counter()
        plot.plot.viewport().repaint()
        painted = perf_counter()
        selection.hover(NeuronRef(0, number % SMALL))
        hovered_ms.append(1e3 * (perf_counter() - painted))
        shown_ms.append(1e3 * (shown - started))
        painted_ms.append(1e3 * (painted - shown))
    plot.close()
    plot.deleteLater()
    name, goal = f"{hidden}_stacked" if is_stacked else str(hidden), f"the goal of {DRAW_GOAL_MS:g} ms"
    return [
        record(f"curve_parts_show_{name}", median(shown_ms), "ms", goal, median(shown_ms) / DRAW_GOAL_MS),
        record(f"curve_parts_paint_{name}", median(painted_ms), "ms", goal, median(painted_ms) / DRAW_GOAL_MS),
        record(f"curve_parts_hover_{name}", median(hovered_ms), "ms", goal, median(hovered_ms) / DRAW_GOAL_MS),
    ]


BENCHMARKS: dict[str, Callable[[], list[Record]]] = {
    "find_pieces_100": lambda: search(100),
    "find_pieces_1000": lambda: search(1_000),
    "find_pieces_32_32_32": lambda: search(32, 32, 32),
    "find_pieces_100_100": lambda: search(100, 100),
    "find_pieces_300_300": lambda: search(300, 300),
    "find_pieces_1000_1000_1000": lambda: search(1_000, 1_000, 1_000),
    "curve_parts_10": lambda: draw(10, is_stacked=False),
    "curve_parts_100": lambda: draw(100, is_stacked=False),
    "curve_parts_100_stacked": lambda: draw(100, is_stacked=True),
    "curve_parts_1000": lambda: draw(1_000, is_stacked=False),
    "curve_parts_1000_stacked": lambda: draw(1_000, is_stacked=True),
}
