"""Numbers as they are written, read back."""

import inspect
import math
import re
from functools import partial

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

from tests.written import unit_of, value_of
from tinynet_gui.core.text import numbers
from tinynet_gui.core.text.language import speaking
from tinynet_gui.core.text.numbers import counted, hidden_layer, listed, neuron_symbol, percent_text, signed


def test_the_table_says_what_each_function_writes() -> None:
    examples = re.findall(r"^    ((\w+)\(.*?\)) {2,}(.*?) {2,}\S", numbers.__doc__ or "", re.MULTILINE)
    for call, _, text in examples:
        found = eval(call, vars(numbers))
        assert (found if isinstance(found, str) else ", ".join(found)) == text, call
    writers = [f for name, f in inspect.getmembers(numbers, inspect.isfunction) if f.__module__ == numbers.__name__]
    assert {name for _, name, _ in examples} | {"read_value"} == {f.__name__ for f in writers if f.__name__[0] != "_"}


def test_numbers_have_the_signs_of_the_language() -> None:
    signs = str.maketrans(".,", ",\u202f")
    writers = numbers.plain, numbers.in_full, numbers.loss_text, signed, partial(signed, digits=None), numbers.brief
    for value in (0.0, 0.012, -123.456, 12_345.6, 1.25e-7, -2.5e9):
        for write in (*writers, percent_text, numbers.rate_text):
            english = write(value)
            with speaking("de"):
                assert write(value) == english.translate(signs)
    with speaking("de"):
        assert numbers.briefer(0.123456) == ("0,123", "0,12", "0,1", "0,1")
        assert numbers.briefer(1.2e-5) == ("1,2e−5", "1e−5", "1e−5", "1e−5")
        assert [numbers.step_text(2_500_000), numbers.p_text(0.0123)] == ["2,5 Mio.", "p = 0,012"]
        assert [numbers.power_text(-2), numbers.power_text(4)] == ["0,01", "10\u202f000"]
        assert numbers.exact(1.25e-7) == "1.25e-7"


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


@given(near=st.sampled_from([0.0, 0.5, 1.0]), off=st.floats(1e-9, 0.1), sign=st.sampled_from([-1, 0, 1]))
@example(near=1.0, off=1e-7, sign=-1)
@example(near=0.0, off=1e-9, sign=1)
def test_a_share_near_0_or_a_half_or_1_is_not_written_as_that(near: float, off: float, sign: int) -> None:
    share = near + sign * off
    low, middle, high = (
        value_of(percent_text(share, rounded).removesuffix(" %")) for rounded in (math.floor, round, math.ceil)
    )
    assert (middle == 100 * near) == (sign == 0)
    assert low - 1e-12 <= 100 * share <= high + 1e-12
    assert abs(middle - 100 * share) <= 0.5


def test_a_count_has_its_noun_in_one_or_many() -> None:
    assert [counted(count, "step") for count in (0, 1, 10_000)] == ["0 steps", "1 step", "10,000 steps"]
    assert [counted(count, "loss", "losses") for count in (1, 2)] == ["1 loss", "2 losses"]


def test_names_are_listed_as_in_a_sentence() -> None:
    assert [listed(names) for names in ("", "A", "AB", "ABC")] == ["", "A", "A and B", "A, B and C"]
    assert listed(("A", "B", "C"), "or") == "A, B or C"


def test_a_hidden_layer_has_a_number_only_beside_others() -> None:
    assert [neuron_symbol(0, 11, 1), neuron_symbol(1, 11, 2), neuron_symbol(2, 0, 2)] == ["h₁₂", "h₁₂[2]", "ŷ"]
    assert [neuron_symbol(-1, 0, 2), neuron_symbol(-1, 0, 2, "x̃")] == ["x", "x̃"]
    assert [hidden_layer(1, layers) for layers in (1, 2)] == ["Hidden layer", "Hidden layer 2"]
