"""All colours, in light and in dark.

Each colour has one meaning: blue is a positive weight, orange a negative one, green is data, ink is the network's
result, violet its future, indigo the user's guess. Blue and orange (after Okabe & Ito, "Color universal design", 2008)
are distinct for every common kind of colour blindness.

One ramp shows a neuron's position in its layer. It is ordered by lightness, so that it can be read without any sense
of colour, and avoids blue, orange and green; some of its colours are close to the violet. A map has another ramp, and
a dark red outside of it for runs that diverged.

Eight colours distinguish overlaid runs, as far as possible from each other and from the colours with a meaning, for
every kind of colour blindness (`tests/unit/test_colors.py` measures it); the first few are the farthest apart. A run
also has one of four kinds of dashes; when the colours repeat, they come with other dashes.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor, QPalette

from tinynet_gui.core.values import Bytes, frozen_dataclass

RUN_COLORS = 8
NEURON_RAMP = "magma"  # in pyqtgraph; van der Walt & Smith, 2015
MODE_RAMP = "inferno"  # likewise
MAP_RAMP = "viridis"  # likewise; perceptually uniform, also for colour-blind people
ColorRole = QPalette.ColorRole
ROLES = {  # palette role of each colour in the style sheet
    "window": ColorRole.Window,
    "card": ColorRole.Button,
    "field": ColorRole.Base,
    "border": ColorRole.Mid,
    "control": ColorRole.Dark,
    "grid": ColorRole.Midlight,
    "ink": ColorRole.WindowText,
    "muted": ColorRole.PlaceholderText,
    "faint": ColorRole.Shadow,
    "accent": ColorRole.Highlight,
    "on_accent": ColorRole.HighlightedText,
    "error": ColorRole.BrightText,
}
NEURON_RAMP_LIGHT, NEURON_RAMP_DARK = (0.2, 0.68), (0.53, 0.95)  # the parts with a contrast of 3:1 to the card
MODE_RAMP_LIGHT, MODE_RAMP_DARK = (0.13, 0.65), (0.55, 1.0)


@frozen_dataclass
class Theme:
    """The colours of one scheme, as #rrggbb.

    `border` is for cards and decoration; `control` outlines controls, with a contrast of 3:1. `faint` is for what is
    disabled.
    """

    is_dark: bool
    is_high: bool  # high contrast
    window: str
    card: str
    field: str
    border: str
    control: str
    grid: str
    ink: str
    muted: str
    faint: str
    positive: str
    negative: str
    data: str
    accent: str
    on_accent: str
    no_data: str
    error: str
    ghost: str
    guess: str
    diverged: str
    runs: tuple[str, ...]

    def color(self, name: str, alpha: float = 1.0) -> QColor:
        return QColor(_color(getattr(self, name), alpha))

    def run_color(self, number: int) -> QColor:
        """Return the colour of a run by its number, from 0; from the ninth on they repeat."""
        return QColor(self.runs[number % RUN_COLORS])

    def neuron_colors(self, count: int) -> tuple[QColor, ...]:
        return _ramp(NEURON_RAMP, NEURON_RAMP_DARK if self.is_dark else NEURON_RAMP_LIGHT, count)

    def mode_colors(self, count: int) -> tuple[QColor, ...]:
        """Return a colour for each mode of an error, distinct for the few lines of one plot."""
        return _ramp(MODE_RAMP, MODE_RAMP_DARK if self.is_dark else MODE_RAMP_LIGHT, count)


@lru_cache(maxsize=1)
def map_ramp() -> Bytes:
    """Return the colours of a map, from its lowest number to its highest, RGBA of shape (256, 4), read-only."""
    ramp: Bytes = pg.colormap.get(MAP_RAMP).getLookupTable(nPts=256, alpha=True)
    ramp.flags.writeable = False
    return ramp


@lru_cache(maxsize=512)
def _color(code: str, alpha: float) -> QColor:
    color = QColor(code)
    color.setAlphaF(alpha)
    return color


@lru_cache(maxsize=64)
def _ramp(name: str, ends: tuple[float, float], count: int) -> tuple[QColor, ...]:
    share = np.linspace(*ends, count) if count > 1 else np.array([sum(ends) / 2])
    return tuple(pg.colormap.get(name).map(share, mode="qcolor"))


COLORS = {  # in light, dark, light with high contrast, dark with high contrast
    "window": ("#f5f5f2", "#191b1f", "#ffffff", "#000000"),
    "card": ("#ffffff", "#22252a", "#ffffff", "#000000"),
    "field": ("#fafaf8", "#1c1e22", "#ffffff", "#000000"),
    "border": ("#dededa", "#3a3e46", "#5f636b", "#9ba1ab"),
    "control": ("#8a8e95", "#6c727d", "#2b2e34", "#e6e8eb"),
    "grid": ("#e9e9e6", "#33373e", "#e9e9e6", "#33373e"),
    "ink": ("#1c1f24", "#f1f2f4", "#000000", "#ffffff"),
    "muted": ("#5f636b", "#a0a5ae", "#33363c", "#d3d6db"),
    "faint": ("#b9bbc0", "#5c616b", "#767a82", "#868b94"),
    "positive": ("#1f6fb2", "#5aa9e6", "#0a4a80", "#7cc0ff"),
    "negative": ("#b4570a", "#f0963c", "#7a3500", "#ffb066"),
    "data": ("#0a8463", "#3fc79d", "#00573f", "#5fe0b5"),
    "accent": ("#1f6fb2", "#4190d3", "#0a4a80", "#7cc0ff"),
    "on_accent": ("#ffffff", "#0d1117", "#ffffff", "#000000"),
    "no_data": ("#f0efeb", "#1e2025", "#f0efeb", "#1e2025"),
    "error": ("#b3261e", "#ff8a80", "#8c1610", "#ffb3ac"),
    "ghost": ("#8a4f9e", "#c99adb", "#5b2c6c", "#e0bdf0"),
    "guess": ("#875fff", "#9187ff", "#4a22c8", "#b9b3ff"),
    "diverged": ("#780000", "#901800", "#780000", "#901800"),
}
RUNS = (
    ("#5e2416", "#ab7f4b", "#1706f5", "#1c1873", "#7e7996", "#730eb9", "#870652", "#f702d0"),
    ("#00898d", "#05fdb5", "#b122ff", "#e82515", "#a7fa09", "#a6685a", "#b3d56d", "#6f66b5"),
)


def _theme(is_dark: bool, is_high: bool) -> Theme:
    codes: dict[str, Any] = {name: of_schemes[is_dark + 2 * is_high] for name, of_schemes in COLORS.items()}
    return Theme(is_dark, is_high, **codes, runs=RUNS[is_dark])


LIGHT, DARK = _theme(False, False), _theme(True, False)
LIGHT_HIGH, DARK_HIGH = _theme(False, True), _theme(True, True)
THEMES = {(theme.is_dark, theme.is_high): theme for theme in (LIGHT, DARK, LIGHT_HIGH, DARK_HIGH)}
