"""The colours of runs and of neurons: apart from each other, from the card, and from what other colours mean."""

import itertools

import numpy as np
import pytest
from PySide6.QtGui import QColor

from tests.colors import BLINDNESS, apart, contrast, lab, luminance, over
from tinynet_gui.ui.features.answers.plot import CURVE_OPACITY
from tinynet_gui.ui.style.colors import DARK, LIGHT, RUN_COLORS, THEMES, Theme
from tinynet_gui.ui.style.style_sheets import BRIGHT
from tinynet_gui.ui.views.experiments.drawing import DOT_OPACITY
from tinynet_gui.ui.views.experiments.influence import STEM_OPACITY
from tinynet_gui.ui.views.loss_plot.scene import MAX_MODES
from tinynet_gui.ui.widgets.plots.plot_parts import RUN_DASHES, run_dashes

TEXTS = {  # each with what is behind it
    "ink": ("window", "card", "field", "grid", "no_data"),
    "muted": ("window", "card", "field", "no_data"),
    "on_accent": ("accent",),
    **dict.fromkeys(("accent", "positive", "negative", "data", "error", "ghost"), ("card",)),
}
MARKS = {  # frames, lines and dots, likewise
    "control": ("window", "card", "field"),
    "accent": ("window", "card", "field", "no_data"),
    "ink": ("accent",),  # the frame of a filled button that has the focus
    **dict.fromkeys(("positive", "negative", "data", "error", "ghost", "guess"), ("card", "no_data", "field")),
}
DOTS = [(color, DOT_OPACITY) for color in ("guess", "error", "ink")]
SEEN_THROUGH = [("guess", CURVE_OPACITY), ("data", STEM_OPACITY), *DOTS]
MEANINGS = ("positive", "negative", "data", "ink", "ghost", "error")


def _least(theme: Theme, pairs: dict[str, tuple[str, ...]]) -> tuple[float, str, str]:
    return min(
        (contrast(theme.color(name), theme.color(ground)), name, ground)
        for name, grounds in pairs.items()
        for ground in grounds
    )


@pytest.mark.parametrize("theme", THEMES.values())
def test_text_can_be_read_and_what_is_drawn_can_be_seen(theme: Theme) -> None:
    """WCAG 2.2, criteria 1.4.3 and 1.4.11; in high contrast 1.4.6, and stronger frames."""
    assert _least(theme, TEXTS) >= (7.0 if theme.is_high else 4.5,)
    assert _least(theme, {**MARKS, "ink": ()} if theme.is_high else MARKS) >= (3.0,)
    card = QColor(theme.card)
    assert min(contrast(over(theme.color(*seen), card), card) for seen in SEEN_THROUGH) >= 3
    assert min(contrast(theme.run_color(number), card) for number in range(RUN_COLORS)) >= 3
    check = "black" if theme.color("accent").lightnessF() > BRIGHT else "white"  # as the style sheet has it
    assert contrast(QColor(check), theme.color("accent")) >= 3
    if theme.is_high:
        assert min(contrast(theme.color(name), card) for name in ("border", "control")) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_runs_differ_in_colour_or_dashes_to_every_eye(theme: Theme) -> None:
    """What has the same dashes is as far apart as the first four are; what has others has their help."""
    kinds = [(theme.run_color(number).name(), run_dashes(number)) for number in range(RUN_COLORS * len(RUN_DASHES))]
    assert len(set(kinds)) == RUN_COLORS * len(RUN_DASHES)
    for one, other in itertools.combinations(range(RUN_COLORS), 2):
        is_far = other < len(RUN_DASHES) or run_dashes(one) == run_dashes(other)
        assert apart(theme.run_color(one), theme.run_color(other)) >= (15 if is_far else 7.5), (one, other)
    solid = [theme.run_color(number) for number in range(RUN_COLORS) if not run_dashes(number)[1]]
    dashed = [theme.run_color(number) for number in range(RUN_COLORS) if run_dashes(number)[1]]
    assert min(apart(color, theme.color("ink")) for color in solid) >= 7.5  # the network's line, which is wider
    assert min(apart(color, theme.color("ghost")) for color in dashed) >= 7.5


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_what_differs_by_colour_alone_differs_to_every_eye(theme: Theme) -> None:
    """Samples are dots, the network a line, the ghost dashes, seeds an area: `test_curve_parts` holds those."""
    for one, other in (("positive", "negative"), ("data", "ink"), ("ghost", "ink"), ("accent", "muted")):
        assert apart(theme.color(one), theme.color(other)) >= 9, (one, other)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_there_are_eight_for_runs_that_stand_out_from_the_card(theme: Theme) -> None:
    colors = [theme.run_color(number) for number in range(RUN_COLORS)]
    assert len({color.name() for color in colors}) == RUN_COLORS
    assert min(contrast(color, QColor(ground)) for color in colors for ground in (theme.card, theme.no_data)) >= 3
    assert theme.run_color(RUN_COLORS) == colors[0]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_run_colours_differ_and_mean_nothing_else(theme: Theme, blindness: str) -> None:
    """A distance of 2 is just seen."""
    seen = [lab(theme.run_color(number), blindness) for number in range(RUN_COLORS)]
    meant = [lab(theme.color(name), blindness) for name in MEANINGS]
    apart = min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))
    away = min(np.linalg.norm(a - b) for a in seen for b in meant)
    assert apart >= (38 if blindness == "none" else 18)
    assert away >= (26 if blindness == "none" else 16)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_first_runs_differ_from_first_neurons_and_ghost(theme: Theme) -> None:
    others = [theme.color("ghost"), *theme.neuron_colors(10)[:4]]
    for number in range(3):
        apart = [np.linalg.norm(lab(theme.run_color(number), "none") - lab(other, "none")) for other in others]
        assert min(apart) >= 37
    ghost = theme.color("ghost").hue()
    hues = [abs((theme.run_color(number).hue() - ghost + 180) % 360 - 180) for number in range(2)]
    assert min(hues) >= 60


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_what_was_guessed_looks_like_nothing_else(theme: Theme, blindness: str) -> None:
    guess = lab(theme.color("guess"), blindness)
    others = [theme.color(name) for name in (*MEANINGS, "muted")] + [theme.run_color(k) for k in range(RUN_COLORS)]
    assert min(np.linalg.norm(guess - lab(other, blindness)) for other in others) >= (22 if blindness == "none" else 16)
    assert contrast(theme.color("guess"), QColor(theme.card)) >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_modes_are_in_the_order_of_lightness_and_told_apart(theme: Theme, blindness: str) -> None:
    colors = theme.mode_colors(MAX_MODES)
    seen = [lab(color, blindness) for color in (*colors, theme.color("ink"))]
    apart = [np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)]
    assert min(apart) >= (16 if blindness == "none" else 7.5)
    assert np.all(np.diff([luminance(color) for color in colors]) > 0)
    assert min(contrast(color, QColor(theme.card)) for color in colors) >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("count", [1, 2, 10, 32, 1_000])
def test_every_neuron_stands_out_from_the_card(theme: Theme, count: int) -> None:
    colors = theme.neuron_colors(count)
    assert len(colors) == count
    assert min(contrast(color, QColor(theme.card)) for color in colors) >= 3.0
    assert theme.neuron_colors(count) is colors  # made once


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_neighbouring_neurons_are_told_apart(theme: Theme, blindness: str) -> None:
    seen = [lab(color, blindness) for color in theme.neuron_colors(10)]
    assert min(np.linalg.norm(a - b) for a, b in itertools.pairwise(seen)) > 4


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_ramp_of_neurons_is_ordered_by_lightness(theme: Theme) -> None:
    assert np.all(np.diff([luminance(color) for color in theme.neuron_colors(32)]) > 0)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("name", ["positive", "negative", "data", "ink"])
def test_no_neuron_looks_like_a_sign_a_sample_or_the_result(theme: Theme, name: str) -> None:
    meant = lab(theme.color(name))
    assert min(np.linalg.norm(lab(color) - meant) for color in theme.neuron_colors(100)) > 15
