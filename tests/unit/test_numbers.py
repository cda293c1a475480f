"""Numbers as they are written, read back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.written import unit_of, value_of
from tinynet_gui.core.text.numbers import signed


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (12345.678, 4, "+1.23·10⁴"),
        (12345.678, 9, "+1.2345678·10⁴"),
        (-1.2345678e-12, 9, "−1.2345678·10⁻¹²"),
        (0.25, 9, "+0.250000000"),
    ],
)
def test_more_decimals_are_more_digits_of_a_large_number_too(value: float, digits: int, text: str) -> None:
    assert signed(value, digits) == text


@given(value=st.floats(-(2.0**100), 2.0**100, width=32), digits=st.integers(2, 10))
def test_a_weight_is_written_to_within_half_a_unit(value: float, digits: int) -> None:
    text = signed(value, digits).removeprefix("+")
    assert abs(value_of(text) - value) <= 0.5000001 * unit_of(text) + 1e-16 * abs(value)
    if digits == 9 and abs(value) >= 1:
        assert np.float32(value_of(text)) == pytest.approx(value, rel=1e-7)
