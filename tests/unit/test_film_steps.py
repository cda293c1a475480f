"""The frames of a film: the curve moves about as far from each to the next."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinynet_gui.core.timeline.film_steps import STANDS, film_steps, looked_at_steps


@given(st.integers(0, 10**9), st.integers(2, 400))
def test_the_steps_that_are_looked_at_go_from_first_to_last(last: int, count: int) -> None:
    steps = looked_at_steps(last, count)
    assert (steps[0], steps[-1]) == (0, last)
    assert list(steps) == sorted(set(steps))
    assert len(steps) <= count + 2


def test_where_the_curve_moves_there_are_frames_and_where_it_stands_there_are_few() -> None:
    steps = list(range(0, 1001, 10))
    height = np.where(np.array(steps) <= 200, 0.0, np.where(np.array(steps) <= 300, np.array(steps) - 200.0, 100.0))
    chosen = np.array(film_steps(steps, [np.full(5, h) for h in height], frames=50))
    moving = ((chosen >= 200) & (chosen <= 300)).sum()
    assert moving >= 0.95 * len(chosen)
    assert (chosen[0], chosen[-1]) == (0, 1000)


def test_the_curve_moves_as_far_from_each_frame_to_the_next() -> None:
    steps = np.arange(0, 5001)
    height = np.exp(-steps / 300)
    chosen = np.array(film_steps(steps.tolist(), [np.full(3, h) for h in height], frames=40))
    moved = np.abs(np.diff(height[chosen]))
    assert moved.max() <= 1.1 * (1 - STANDS) ** -1 / 39 + 1 / 300  # rounding to whole steps


@given(
    st.lists(st.lists(st.floats(-1e3, 1e3) | st.just(float("nan")), min_size=4, max_size=4), min_size=1, max_size=20),
    st.integers(2, 60),
    st.integers(1, 500),
)
def test_whatever_the_curves_are_the_steps_grow_from_first_to_last(
    curves: list[list[float]], frames: int, pace: int
) -> None:
    steps = [place * pace for place in range(len(curves))]
    chosen = film_steps(steps, [np.array(curve, dtype=np.float32) for curve in curves], frames)
    assert (chosen[0], chosen[-1]) == (steps[0], steps[-1])
    assert list(chosen) == sorted(set(chosen))
    assert len(chosen) <= frames + 2


def test_a_curve_that_stands_is_shown_evenly() -> None:
    chosen = film_steps([0, 100], [np.zeros(3, dtype=np.float32)] * 2, frames=5)
    assert chosen == pytest.approx((0, 25, 50, 75, 100))
