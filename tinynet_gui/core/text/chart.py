"""A result as a notebook shows it: small charts in one SVG above its numbers, in the page's own colours, light or dark.

Text, axes and main lines have the colour of the page's text; the others are legible on white and on black.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from html import escape
from io import BytesIO

import numpy as np

from tinynet_gui.core.text.numbers import plain, power_text
from tinynet_gui.core.values import ArrayLike, Floats

BLUE, ORANGE = "#3b82c4", "#c8641b"
INK = "currentColor"
WIDTH, HEIGHT = 320, 190
LEFT, RIGHT, TOP, BOTTOM = 48, 302, 20, 154  # of the axes
RAMP = np.array([(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)])  # viridis
GRAY = 128  # of what is infinite
TICKS = 5


class Scale:
    """Maps finite values between two places, linearly or by their logarithm; infinite ones to the ends."""

    def __init__(self, values: ArrayLike, places: tuple[float, float], is_log: bool) -> None:
        self.is_log, self._places = is_log, places
        scaled = self._scaled(values)
        fitted = scaled[np.isfinite(scaled)]
        low, high = (float(fitted.min()), float(fitted.max())) if len(fitted) else (0.0, 1.0)
        self._low, self._high = (low, high) if low < high else (low - 0.5, high + 0.5)

    def _scaled(self, values: ArrayLike) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            numbers = np.asarray(values, np.float64).ravel()
            return np.log10(numbers) if self.is_log else numbers

    def __call__(self, values: ArrayLike) -> Floats:
        return np.interp(np.clip(self._scaled(values), self._low, self._high), (self._low, self._high), self._places)

    def ticks(self) -> list[tuple[float, str]]:
        """Return places and texts: multiples of 1, 2 or 5 times a power of ten, or powers of ten."""
        whole = range(int(np.ceil(self._low)), int(np.floor(self._high)) + 1)
        if self.is_log and len(whole) > 1:
            return [(self(10.0**k)[0], power_text(k)) for k in whole[:: -(-len(whole) // TICKS)]]
        low, high = (10**self._low, 10**self._high) if self.is_log else (self._low, self._high)
        decade = 10.0 ** np.floor(np.log10((high - low) / TICKS))
        step = next(decade * m for m in (1, 2, 5, 10) if (high - low) / (decade * m) <= TICKS)
        values = step * np.arange(np.ceil(low / step), np.floor(high / step) + 1) + 0.0  # no −0
        return [(self(value)[0], plain(value, 4 if abs(value) < 1e5 else 2)) for value in values.tolist()]


class Panel:
    """One chart; x and y are all values that its axes have to hold, `log` names those that are logarithmic."""

    def __init__(self, x_label: str, y_label: str, x: ArrayLike, y: ArrayLike, log: str = "") -> None:
        self._x, self._y = Scale(x, (LEFT, RIGHT), "x" in log), Scale(y, (BOTTOM, TOP), "y" in log)
        self._parts = [f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" fill="none" stroke="{INK}" opacity=".5"/>']
        self._parts += [self._text(x, BOTTOM + 13, text) for x, text in self._x.ticks()]
        self._parts += [self._text(LEFT - 4, y + 3, text, "end") for y, text in self._y.ticks()]
        self._parts += [self._text((LEFT + RIGHT) / 2, HEIGHT - 8, x_label), self._text(4, 11, y_label, "start")]

    @staticmethod
    def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}">{escape(text)}</text>'

    def _points(self, x: ArrayLike, y: ArrayLike) -> Iterable[tuple[float, float]]:
        places = np.column_stack(np.broadcast_arrays(self._x(x), self._y(y)))
        return map(tuple, places[np.isfinite(places).all(axis=1)].round(1).tolist())

    def line(self, x: ArrayLike, y: ArrayLike, color: str = INK, dash: str = "") -> None:
        points = " ".join(f"{a:g},{b:g}" for a, b in self._points(x, y))
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.5"{dashes}/>')

    def dots(self, x: ArrayLike, y: ArrayLike, color: str = BLUE, radius: float = 2.5) -> None:
        circles = (f'<circle cx="{a:g}" cy="{b:g}" r="{radius:g}"/>' for a, b in self._points(x, y))
        self._parts.append(f'<g fill="{color}">{"".join(circles)}</g>')

    def image(self, shares: Floats) -> None:
        """Fill the panel with colours, `shares` of their scale, lowest row first; infinite ones gray, NaN left out."""
        from PIL import Image  # lazy: only a map has colours

        stops = np.linspace(0, 1, len(RAMP))
        known = np.nan_to_num(shares[::-1], nan=0.0, posinf=0.0)
        pixels = np.stack([np.interp(known, stops, channel) for channel in RAMP.T], axis=-1)
        pixels[np.isinf(shares[::-1])] = GRAY
        opaque = 255 * ~np.isnan(shares[::-1])[..., None]
        file = BytesIO()
        Image.fromarray(np.concatenate([pixels, opaque], axis=-1).astype(np.uint8)).save(file, "PNG")
        data = b64encode(file.getvalue()).decode()
        place = f'x="{LEFT}" y="{TOP}" width="{RIGHT - LEFT}" height="{BOTTOM - TOP}" preserveAspectRatio="none"'
        self._parts.append(f'<image {place} style="image-rendering:pixelated" href="data:image/png;base64,{data}"/>')

    def __str__(self) -> str:
        return "".join(self._parts)


def as_html(title: str, numbers: Mapping[str, str], *panels: Panel) -> str:
    """Return the charts side by side, and below them the numbers with their names."""
    width = WIDTH * len(panels)
    groups = (f'<g transform="translate({place * WIDTH} 0)">{panel}</g>' for place, panel in enumerate(panels))
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in numbers.items())
    return (
        f'<div><svg role="img" aria-label="{escape(title)}" viewBox="0 0 {width} {HEIGHT}" width="{width}" '
        f'style="max-width:100%;font:10px sans-serif">{"".join(groups)}</svg><table>{cells}</table></div>'
    )
