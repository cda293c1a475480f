"""Dots heaped up: each is where its loss is, on its side of the limit, and none lies on another."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tinynet_gui.ui.views.experiments.drawing import BINS, heaped

LOSSES = st.lists(st.one_of(st.floats(0, 1e13), st.just(math.inf)), min_size=1, max_size=40)


@given(LOSSES, st.one_of(st.none(), st.floats(1e-11, 1e11)))
def test_no_two_dots_are_at_one_place_and_all_are_in_sight(losses: list[float], limit: float | None) -> None:
    heap = heaped(losses, limit)
    places = set(zip(heap.x.round(9).tolist(), heap.heights.tolist(), strict=True))
    assert len(places) == len(losses)
    assert heap.heights.min() == 1
    assert (heap.low <= heap.x).all()
    assert (heap.x <= heap.high).all()
    if limit is not None:
        assert heap.low <= math.log10(limit) <= heap.high


@given(LOSSES, st.floats(1e-11, 1e11))
def test_what_is_below_the_limit_lies_left_of_it(losses: list[float], limit: float) -> None:
    edge = math.log10(limit)
    is_left = heaped([*losses, limit, math.nextafter(limit, 0)], limit).x < edge
    assert is_left.tolist() == [*(loss < limit for loss in losses), False, True]


@pytest.mark.parametrize("limit", [None, 0.03])
def test_a_dot_is_no_farther_from_its_loss_than_a_bin(limit: float | None) -> None:
    losses = np.random.default_rng(0).lognormal(-3, 1, size=256)
    logs = np.log10(losses)
    assert np.abs(heaped(losses, limit).x - logs).max() <= (logs.max() - logs.min()) / BINS
