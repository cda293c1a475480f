"""The colours of a layer's neurons: apart from each other, from the card, and from what blue and orange mean."""

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QColor

from tinynet_gui.ui.style.theme import DARK, LIGHT, Theme

Floats = npt.NDArray[np.float64]

# Machado, Oliveira & Fernandes (2009): what is seen without the L, M or S cones, of linear sRGB.
BLINDNESS: dict[str, Floats] = {
    "none": np.eye(3),
    "protanopia": np.array([[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]),
    "deuteranopia": np.array([[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]),
    "tritanopia": np.array([[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]]),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = TO_XYZ.sum(axis=1)


def _linear(color: QColor) -> Floats:
    values = np.array([color.redF(), color.greenF(), color.blueF()])
    linear: Floats = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return linear


def _luminance(color: QColor) -> float:
    return float(TO_XYZ[1] @ _linear(color))


def _contrast(one: QColor, other: QColor) -> float:
    """WCAG 2: from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _lab(color: QColor, blindness: str = "none") -> Floats:
    """CIE L*a*b*: a distance of 2 is just seen."""
    xyz = TO_XYZ @ np.clip(BLINDNESS[blindness] @ _linear(color), 0, 1) / WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("count", [1, 2, 10, 32, 1_000])
def test_every_neuron_stands_out_from_the_card(theme: Theme, count: int) -> None:
    colors = theme.neuron_colors(count)
    assert len(colors) == count
    assert min(_contrast(color, QColor(theme.card)) for color in colors) >= 2.0
    assert theme.neuron_colors(count) is colors  # made once


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_neighbours_are_told_apart(theme: Theme, blindness: str) -> None:
    seen = [_lab(color, blindness) for color in theme.neuron_colors(10)]
    assert min(np.linalg.norm(a - b) for a, b in itertools.pairwise(seen)) > 4


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_ramp_is_ordered_by_lightness(theme: Theme) -> None:
    assert np.all(np.diff([_luminance(color) for color in theme.neuron_colors(32)]) > 0)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("name", ["positive", "negative", "data", "ink"])
def test_no_neuron_looks_like_a_sign_a_sample_or_the_result(theme: Theme, name: str) -> None:
    meant = _lab(theme.color(name))
    assert min(np.linalg.norm(_lab(color) - meant) for color in theme.neuron_colors(100)) > 15
