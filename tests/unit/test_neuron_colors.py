"""The colours of a layer's neurons: apart from each other, from the card, and from what blue and orange mean."""

import itertools

import numpy as np
import pytest
from PySide6.QtGui import QColor

from tests.colors import BLINDNESS, contrast, lab, luminance
from tinynet_gui.ui.style.theme import DARK, LIGHT, Theme


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("count", [1, 2, 10, 32, 1_000])
def test_every_neuron_stands_out_from_the_card(theme: Theme, count: int) -> None:
    colors = theme.neuron_colors(count)
    assert len(colors) == count
    assert min(contrast(color, QColor(theme.card)) for color in colors) >= 2.0
    assert theme.neuron_colors(count) is colors  # made once


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_neighbours_are_told_apart(theme: Theme, blindness: str) -> None:
    seen = [lab(color, blindness) for color in theme.neuron_colors(10)]
    assert min(np.linalg.norm(a - b) for a, b in itertools.pairwise(seen)) > 4


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_ramp_is_ordered_by_lightness(theme: Theme) -> None:
    assert np.all(np.diff([luminance(color) for color in theme.neuron_colors(32)]) > 0)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("name", ["positive", "negative", "data", "ink"])
def test_no_neuron_looks_like_a_sign_a_sample_or_the_result(theme: Theme, name: str) -> None:
    meant = lab(theme.color(name))
    assert min(np.linalg.norm(lab(color) - meant) for color in theme.neuron_colors(100)) > 15
