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

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor, QPalette

from tinynet_gui.core.values import Bytes, frozen_dataclass

RUN_COLORS = 8
NEURON_RAMP = "magma"  # in pyqtgraph; van der Walt & Smith, 2015
MODE_RAMP = "inferno"  # likewise
MAP_RAMP = "viridis"  # likewise; evenly spaced to the eye, also to a colour-blind one
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
NEURON_RAMP_LIGHT, NEURON_RAMP_DARK = (0.2, 0.68), (0.53, 0.95)  # the parts that stand out 3:1 from the card
MODE_RAMP_LIGHT, MODE_RAMP_DARK = (0.13, 0.65), (0.55, 1.0)


@frozen_dataclass
class Theme:
    """The colours of one scheme, as #rrggbb; those of the light one by default.

    `border` is for cards and decoration; `control` outlines controls, with a contrast of 3:1. `faint` is for what is
    disabled.
    """

    is_dark: bool = False
    is_high: bool = False  # in contrast
    window: str = "#f5f5f2"
    card: str = "#ffffff"
    field: str = "#fafaf8"
    border: str = "#dededa"
    control: str = "#8a8e95"
    grid: str = "#e9e9e6"
    ink: str = "#1c1f24"
    muted: str = "#5f636b"
    faint: str = "#b9bbc0"
    positive: str = "#1f6fb2"
    negative: str = "#b4570a"
    data: str = "#0a8463"
    accent: str = "#1f6fb2"
    on_accent: str = "#ffffff"
    no_data: str = "#f0efeb"
    error: str = "#b3261e"
    ghost: str = "#8a4f9e"
    guess: str = "#875fff"
    diverged: str = "#780000"
    runs: tuple[str, ...] = ("#5e2416", "#ab7f4b", "#1706f5", "#1c1873", "#7e7996", "#730eb9", "#870652", "#f702d0")

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


def map_ramp() -> Bytes:
    """Return the colours of a map, from its lowest number to its highest, RGBA of shape (256, 4)."""
    ramp: Bytes = pg.colormap.get(MAP_RAMP).getLookupTable(nPts=256, alpha=True)
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


LIGHT = Theme()
DARK = Theme(
    is_dark=True,
    window="#191b1f",
    card="#22252a",
    field="#1c1e22",
    border="#3a3e46",
    control="#6c727d",
    grid="#33373e",
    ink="#f1f2f4",
    muted="#a0a5ae",
    faint="#5c616b",
    positive="#5aa9e6",
    negative="#f0963c",
    data="#3fc79d",
    accent="#4190d3",
    on_accent="#0d1117",
    no_data="#1e2025",
    error="#ff8a80",
    ghost="#c99adb",
    guess="#9187ff",
    diverged="#901800",
    runs=("#00898d", "#05fdb5", "#b122ff", "#e82515", "#a7fa09", "#a6685a", "#b3d56d", "#6f66b5"),
)


LIGHT_HIGH = replace(
    LIGHT,
    is_high=True,
    window="#ffffff",
    field="#ffffff",
    border="#5f636b",
    control="#2b2e34",
    ink="#000000",
    muted="#33363c",
    faint="#767a82",
    positive="#0a4a80",
    negative="#7a3500",
    data="#00573f",
    accent="#0a4a80",
    error="#8c1610",
    ghost="#5b2c6c",
    guess="#4a22c8",
)
DARK_HIGH = replace(
    DARK,
    is_high=True,
    window="#000000",
    card="#000000",
    field="#000000",
    border="#9ba1ab",
    control="#e6e8eb",
    ink="#ffffff",
    muted="#d3d6db",
    faint="#868b94",
    positive="#7cc0ff",
    negative="#ffb066",
    data="#5fe0b5",
    accent="#7cc0ff",
    on_accent="#000000",
    error="#ffb3ac",
    ghost="#e0bdf0",
    guess="#b9b3ff",
)
THEMES = {(theme.is_dark, theme.is_high): theme for theme in (LIGHT, DARK, LIGHT_HIGH, DARK_HIGH)}
