"""The key of the function plot: what its colours, lines and marks mean."""

from PySide6.QtWidgets import QWidget

from tinynet_gui.core.network.activations import ACTIVATIONS
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.text.numbers import count_text, counted
from tinynet_gui.core.timeline.preview import Preview
from tinynet_gui.core.wording.neuron_names import neuron_name
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.plots.curve_parts import CurveParts
from tinynet_gui.ui.views.plots.influence_marks import InfluenceMarks
from tinynet_gui.ui.views.plots.predicted_curve import PredictedCurve
from tinynet_gui.ui.views.plots.run_curves import RunCurves
from tinynet_gui.ui.views.plots.seed_band_item import SeedBandItem
from tinynet_gui.ui.widgets.plots.key_label import KeyLabel

TOOLTIP = (
    "Drag to move the view, wheel to zoom, double-click to see everything again; a right-click offers more.\n"
    "▲ ▼ on the x axis: the kinks, where a neuron switches on or off, in the neuron's colour (the dot at its box "
    "in the diagram), a row for each hidden layer. ▲ the slope grows there, ▼ it falls; faint: the output does not "
    "bend there.\n"
    "▒ at each x, the middle eight in ten of the final curves of many seeds, and their median. ╌ where a training from "
    "step 0 would end.\n"
    "Point at a kink or a curve to see its neuron, click to pin it."
)

WIDEST_NAME = "h₁₀"  # the room that is kept for what the mouse is on


class FunctionKey(KeyLabel):
    """One line for what the plot always shows, a second one while the curve is taken apart."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setToolTip(TOOLTIP)

    def write(
        self,
        theme: Theme,
        snapshot: Snapshot | None,
        parts: CurveParts,
        influence: InfluenceMarks,
        *,
        has_held_out: bool,
        is_in_view: bool,
        swarm_sizes: tuple[int, int],
        without: tuple[str, ...],
        preview: Preview | None,
        has_errors: bool,
        band: SeedBandItem,
        runs: RunCurves,
        guess: PredictedCurve,
        has_truth: bool,
    ) -> None:
        """Say what is drawn now.

        Parameters
        ----------
        swarm_sizes
            How many curves of a swarm are drawn, and how many there are.
        without
            The names of the neurons that are switched off.
        has_errors
            Whether the errors of a step's batch are drawn.
        band
            Of the final curves of many seeds.
        runs
            The curves of other runs.
        guess
            What the user has drawn, or is drawing.
        has_truth
            Whether there is a true function.
        """
        sized = ", as large as their influence" if influence.is_shown else ""
        entries = [f'<span style="color:{theme.data}">●</span> samples{sized}']
        if has_held_out:
            entries.append(f'<span style="color:{theme.data}">◇</span> held out')
        if has_truth:
            entries.append(f'<span style="color:{theme.muted}">┄</span> true function')
        entries.append(f'<b style="color:{theme.ink}">—</b> network{"" if is_in_view else " (off the plot)"}')
        entries += guess.key_entries(theme)
        entries += runs.key_entries(theme)
        if has_errors:
            over, under = (f'<b style="color:{color}">│</b>' for color in (theme.positive, theme.negative))
            entries.append(f"{over}{under} e = ŷ − y")
        if snapshot is not None:
            entries += _kinks(theme, snapshot, parts)
        drawn, seeds = swarm_sizes
        if seeds:
            count = count_text(seeds) if drawn == seeds else f"{drawn} of {count_text(seeds)}"
            entries.append(f'<span style="color:{theme.ghost}">≋</span> {count} seeds')
        if band.band is not None or band.is_late:
            entries.append(f'<b style="color:{theme.ghost}">▒</b> {_band_text(band)}')
        if without:
            entries.append(f'<b style="color:{theme.ghost}">┈</b> without {", ".join(without)}')
        if preview is not None:
            entries.append(f'<b style="color:{theme.ghost}">╌</b> ghost: {_ghost_text(preview)}')
        entries += influence.key_entries(theme)
        selected = _selected(theme, snapshot, parts)
        lines = [entries + selected]
        if parts.is_shown and snapshot is not None:
            lines.append(_parts(theme, snapshot, parts))
        widest = [] if selected or snapshot is None else [f"— w′·{WIDEST_NAME}(x)"]
        widest += influence.passing_entries() + runs.passing_entries()
        self.show_entries(theme.muted, lines, widest)


def _ghost_text(preview: Preview) -> str:
    """Say what the ghost is: the end of a training, or how far it gets."""
    if preview.diverged_at is None:
        return f"trained from step 0 to {count_text(preview.end_step)}"
    return f"trained from step 0, diverges at step {count_text(preview.diverged_at)}"


def _band_text(item: SeedBandItem) -> str:
    band = item.band
    if band is None:
        return "seeds are being trained …"
    diverged = f" ({band.diverged} diverged)" if band.diverged else ""
    return f"{band.seeds} seeds{diverged}{' …' if item.is_late else ''}"


def _ramp(theme: Theme, mark: str, count: int) -> str:
    """A mark in the colours of neurons from the first to the last."""
    return "".join(f'<b style="color:{color.name()}">{mark}</b>' for color in theme.neuron_colors(count))


def _kinks(theme: Theme, snapshot: Snapshot, parts: CurveParts) -> list[str]:
    """The kinks, or that they are not known yet."""
    if not snapshot.activations or not ACTIVATIONS[snapshot.config.network.activation].has_kink:
        return []
    return [f"{_ramp(theme, '▲', 3)} kinks" if parts.regions is not None else "kinks when it stands still"]


def _selected(theme: Theme, snapshot: Snapshot | None, parts: CurveParts) -> list[str]:
    ref = parts.selected_neuron
    if ref is None or snapshot is None:
        return []
    color = theme.neuron_colors(snapshot.config.network.hidden[ref.layer])[ref.index].name()
    name = neuron_name(snapshot, ref)
    is_last = ref.layer == len(snapshot.activations) - 1
    what = f"{name}(x)" if not is_last else f"up to {name}" if parts.is_shown and parts.is_stacked else f"w′·{name}(x)"
    return [f'<b style="color:{color}">—</b> {what}']


def _parts(theme: Theme, snapshot: Snapshot, parts: CurveParts) -> list[str]:
    """What the curve has been taken apart into."""
    if not snapshot.activations:
        return ["no hidden neurons"]
    count = snapshot.config.network.hidden[-1]
    drawn = len(parts.drawn)
    if parts.is_stacked:
        what = "running sums" if drawn == count else f"{count_text(drawn)} of {count_text(count)} sums"
    else:
        what = "w′·h(x)" if drawn == count else f"the {count_text(drawn)} largest of {count_text(count)} w′·h(x)"
    entries = [f"{_ramp(theme, '▪', 5)} {what}, colours as in the diagram"]
    if parts.regions is not None and parts.regions.count:
        entries.append(counted(parts.regions.count, "piece"))
    return entries
