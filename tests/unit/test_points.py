"""Samples of one's own: a value, checked."""

import copy
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tinynet_gui.core.data.points import LARGEST_X, LARGEST_Y, MAX_POINTS, Points, PointsError

X, Y = (st.floats(-most, most) for most in (LARGEST_X, LARGEST_Y))


@given(st.lists(st.tuples(X, Y, st.booleans()), min_size=1, max_size=30), st.text(max_size=60))
def test_it_is_read_back_from_json(rows: list[tuple[float, float, bool]], origin: str) -> None:
    x, y, held_out = (list(column) for column in zip(*rows, strict=True))
    held_out[0] = False
    points = Points(x, y, held_out, origin)
    again = Points.from_dict(json.loads(json.dumps(points.to_dict())))
    assert again == points
    assert hash(again) == hash(points)
    assert again.x.tobytes() == points.x.tobytes()
    assert again.held_out.tolist() == held_out
    assert again.origin == origin


def test_it_is_a_value() -> None:
    points = Points([1, 2], [3, 4])
    assert points == Points(np.array([1.0, 2.0]), (3, 4), [False, False])
    for other in (Points([1, 2], [3, 5]), Points([1, 2], [3, 4], [True, False]), Points([1, 2], [3, 4], origin="a")):
        assert points != other
    assert points != "points"
    assert copy.deepcopy(points) is points
    for array in (points.x, points.y, points.held_out):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (([], []), "0 points are not allowed"),
        (([1.0], []), "1 x and 0 y: there must be as many of each"),
        (([1.0], [1.0], [True]), "all points are held out"),
        (([0.0, np.nan], [0.0, 0.0]), "x of point 2: nan"),
        (([1e7], [0.0]), "x of point 1: 1e+07 is not allowed: -1,000,000 to 1,000,000"),
        (([0.0], [1e39]), "y of point 1: 1e+39 is not allowed: -3.402823e+38 to 3.402823e+38"),
        ((["a"], [1.0]), "x of point 1: “a” is not a number"),
        (([True], [1.0]), "x of point 1: True is not a number"),
        (([10**400], [1.0]), "not numbers"),
        (([[1.0, 2.0]], [1.0]), "x of point 1: [1.0, 2.0] is not a number"),
        ((np.zeros((1, 2)), [1.0]), "x has the shape (1, 2): (n,) or (n, 1) is allowed"),
        ((3, [1.0]), "x: 3 is not a list of numbers"),
        ((np.zeros(MAX_POINTS + 1), np.zeros(MAX_POINTS + 1)), "10,001 points are not allowed: 1 to 10,000"),
    ],
)
def test_what_cannot_be_samples_is_named(values: tuple[Any, ...], words: str) -> None:
    with pytest.raises(PointsError) as error:
        Points(*values)
    assert words in str(error.value)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize(
    "values",
    [
        None,
        [],
        {"x": 1, "y": [1]},
        {"x": [1], "y": [1], "z": 1},
        *({"x": [1, 2], "y": [1, 2], "held_out": held_out} for held_out in ([2], [True], [0, 1], [[0], [1, 0]], "0")),
    ],
)
def test_what_is_no_description_of_points_is_refused(values: object) -> None:
    with pytest.raises(PointsError):
        Points.from_dict(values)


def test_the_range_is_that_of_what_is_trained_on() -> None:
    assert Points([5, 1, 9], [0, 0, 0], [False, False, True]).x_range == (1.0, 5.0)
    assert Points([4.0, 4.0], [0, 1]).x_range == (4.0, 4.0)


def test_some_of_them() -> None:
    points = Points([1, 2, 3], [4, 5, 6], [False, True, False], "a")
    assert points.at(np.array([2, 1])) == Points([3, 2], [6, 5], [False, True], "a")
    assert points.at(points.x < 3) == Points([1, 2], [4, 5], [False, True], "a")
