"""A map's colours, its lines of equal numbers, the pictures over each other and their words; no Qt."""

import itertools
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, strategies as st
from PySide6.QtGui import QColor

from tests.colors import BLINDNESS, lab
from tinynet_gui.core.config import Config
from tinynet_gui.core.maps.axes import NAMED_MAPS, Axis, Direction
from tinynet_gui.core.maps.colors import COLORS
from tinynet_gui.core.maps.outcome_map import blank_map
from tinynet_gui.core.maps.standpoint import Plane, Standpoint
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.wording.maps import along_label, point_text
from tinynet_gui.ui.style.colors import DARK, LIGHT, Theme, map_ramp
from tinynet_gui.ui.views.map.colors import contours, heights_of, levels_in, painted, usual_ends
from tinynet_gui.ui.views.map.map_images import Stack, ends_of, place_of
from tinynet_gui.ui.widgets.plots.plot_menu import Range

REFS = ParameterRef(0, "weight", (2, 0)), ParameterRef(0, "bias", (2,))
FAILURE = NAMED_MAPS["failure"].choice(REFS, None)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_what_diverged_looks_like_no_number_and_not_like_nothing(theme: Theme, blindness: str) -> None:
    diverged, ramp = lab(theme.color("diverged"), blindness), [QColor(*color[:3]) for color in map_ramp()[::8].tolist()]
    numbers = [lab(color, blindness) for color in ramp]
    assert min(np.linalg.norm(diverged - other) for other in [*numbers, lab(QColor(theme.card), blindness)]) >= 30
    assert all(one[0] < other[0] for one, other in itertools.pairwise(numbers))  # ordered by lightness


@given(st.lists(st.one_of(st.floats(-5, 5), st.just(inf), st.just(nan)), min_size=1), st.floats(-2, 0))
def test_a_height_has_the_colour_at_its_share_of_the_scale(heights: list[float], low: float) -> None:
    ramp, outside = np.arange(40, dtype=np.uint8).reshape(10, 4), np.full(4, 99, np.uint8)
    for height, color in zip(heights, painted(np.array([heights]), Range(low, low + 2), ramp, outside)[0], strict=True):
        if np.isnan(height):
            assert color[3] == 0
        elif np.isinf(height):
            assert (color == outside).all()
        else:
            places = [
                int(np.clip(np.floor((height - low) * 5 + off), 0, 9)) for off in (-1e-9, 1e-9)
            ]  # at an edge both
            assert color.tolist() in ramp[places].tolist()


def test_heights_are_logarithmic_and_ends_ignore_outliers() -> None:
    numbers = np.array([[1e-30, 0.0, 0.01, 10.0, inf, nan]])
    assert heights_of(numbers, COLORS["end"])[0, :4] == pytest.approx([-12, -12, -2, 1])
    assert heights_of(numbers, COLORS["reached"])[0, :4] == pytest.approx([0, 0, 0, 1])
    assert heights_of(numbers, COLORS["dead"]) is numbers
    many = np.append(np.linspace(0, 1, 1_000), [1e9, inf, nan])
    assert usual_ends(many, COLORS["end"]) == pytest.approx((0.01, 0.99), abs=2e-3)
    assert usual_ends(np.full(3, nan), COLORS["end"]) is None
    for name, ends in (("dead", (4.0, 5.0)), ("end", (3.95, 4.05))):
        assert usual_ends(np.full(9, 4.0), COLORS[name]) == pytest.approx(ends)


@given(st.floats(-8, 8), st.floats(1e-3, 30), st.booleans())
def test_levels_are_about_ten_round_numbers(low: float, span: float, is_log: bool) -> None:
    levels = levels_in(Range(low, low + span), is_log=is_log)
    assert 3 <= len(levels) <= 16
    assert low - 1e-9 <= levels[0]
    assert levels[-1] <= low + span + 1e-9
    written = [f"{number:.9e}".partition("e")[0].rstrip("0") for number in (10**levels if is_log else levels)]
    assert max(map(len, written)) <= 7 or span < 0.01


def test_contours_lie_where_a_level_is_passed() -> None:
    """Circles, by their distance from the middle."""
    y, x = np.mgrid[-50:51, -50:51] / 10.0
    distance = np.hypot(x, y)
    lines = contours(distance, np.array([2.0, 4.0]))
    away = np.min(np.abs(distance[..., None] - [2.0, 4.0]), axis=-1)
    assert lines.any()
    assert away[lines].max() <= 0.1 * np.sqrt(2)
    assert lines[50][50:].sum() == 2
    assert lines[50][:51].sum() == 2
    distance[x > 0] = inf
    assert not contours(distance, np.array([2.0]))[:, 51:].any()


@given(st.integers(0, 3), st.integers(0, 19), st.integers(0, 59), st.integers(0, 39))
def test_the_point_at_the_pointer_has_the_drawn_number(power: int, half: int, column: int, row: int) -> None:
    picture = blank_map(Plane(Standpoint.of(Config()), FAILURE.x, FAILURE.y), "end", (60, 40))
    numbers = np.arange(2400.0).reshape(40, 60)
    finer = half * 2 ** (power - 1) + 1 if power else 0
    finer_rows = min(finer, 40) * (half > 0)
    picture = replace(picture, numbers=numbers, spacing=2**power, is_whole=True, finer_rows=finer_rows)
    (left, right), (bottom, top) = ends_of(picture.plane.axes)
    x, y = left + (right - left) * (column + 0.5) / 60, bottom + (top - bottom) * (row + 0.5) / 40
    point = Stack(picture).point_at(x, y)
    assert point is not None
    assert point.number == (drawn := picture.pixels()[row, column])
    assert (point.x, point.y) == (picture.x[int(drawn) % 60], picture.y[int(drawn) // 60])
    assert Stack(picture).point_at(0.1, 0.0) is None


def test_what_is_not_computed_yet_has_no_number() -> None:
    picture = blank_map(Plane(Standpoint.of(Config()), FAILURE.x, FAILURE.y), "end", (60, 40))
    for known, number in ((picture, None), (replace(picture, spacing=1, is_whole=True), nan)):
        point = Stack(known).point_at(-1.0, 0.0)
        assert point is not None
        assert point.number is number or (number is not None and np.isnan(point.number or 0))
    assert place_of(FAILURE.x, 0.0) == -inf


def test_an_unfinished_map_shows_until_the_larger_is_whole() -> None:
    plane = Plane(Standpoint.of(Config()), FAILURE.x, FAILURE.y)
    small = replace(blank_map(plane, "end", (60, 40)), numbers=np.ones((40, 60)), spacing=4, is_whole=True)
    stack, large = Stack(small), blank_map(plane, "end", (90, 60), earlier=small)
    for rows in (0, 8, 16, 32):
        stack = stack.with_picture(replace(large, numbers=np.full((60, 90), 2.0), finer_rows=rows))
        below, above = (stack.point_at(-2.0, float(place)) for place in (large.plane.axes[1].scaled(0.11), 0.9))
        assert (below and below.number, above and above.number) == (2.0 if rows else 1.0, 1.0)
    whole = stack.with_picture(replace(large, numbers=np.full((60, 90), 2.0), spacing=2, is_whole=True))
    assert whole.older is None


def test_axes_and_points_are_named() -> None:
    config = Config()
    deep = config.replace("network.hidden", (4, 4)).replace("data.standardise", "xy")
    for along, of, name in (
        ("training.learning_rate", config, "Learning rate"),
        ("network.hidden", config, "Neurons"),
        (REFS[0], config, "Weight from x to h₃"),
        (REFS[1], config, "Bias of h₃"),
        (REFS[0], deep, "Weight from x̃ to h₃[1]"),
        (ParameterRef(1, "weight", (1, 2)), deep, "Weight from h₃[1] to h₂[2]"),
        (ParameterRef(1, "bias", (0,)), config, "Bias of ŷ"),
        (Direction("second"), config, "Second sharpest direction"),
        (Direction("towards", 4), config, "Towards run 4"),
        (Direction("towards", 5), config, "Towards lr 0.01"),
    ):
        assert along_label(along, of, {5: "lr 0.01"}) == name
    points = (
        ("end", 0.0345, "loss 0.03450"),
        ("end", inf, "diverged"),
        ("end", nan, "not allowed"),
        ("loss", inf, "loss not finite"),
        ("diverged", 1234.0, "diverged at step 1,234"),
        ("diverged", nan, "never diverged"),
        ("reached", 1234.0, "below 0.1 at step 1,234"),
        ("reached", nan, "never below 0.1"),
        ("dead", 1.0, "1 dead neuron"),
        ("held_out", 0.5, "held-out loss 0.5000"),
        ("held_out", nan, "no held-out samples"),
    )
    assert {color for color, _, _ in points} == set(COLORS)
    for color, number, said in points:
        choice, names = replace(FAILURE, color=color), ("Learning rate", "Initial scale")
        assert point_text(names, choice, 0.0123, 2.5, number) == f"learning rate 0.0123, initial scale 2.5: {said}"
    wide = replace(FAILURE, y=Axis("network.hidden", 1, 64))
    assert point_text(("Learning rate", "Neurons"), wide, 0.1, 8.0, None) == "learning rate 0.1, neurons 8"
    assert COLORS["reached"].title(0.02) == "first step below a loss of 0.02"
