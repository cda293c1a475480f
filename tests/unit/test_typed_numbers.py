"""Numbers as people type them: what is accepted is what Python says of the plain form, and nothing else."""

import re
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.core.text.language import speaking
from tinynet_gui.core.text.numbers import typed
from tinynet_gui.core.text.typed_numbers import (
    InputError,
    TwoReadingsError,
    TypedNumberError,
    parse_inputs,
    typed_real,
    typed_whole,
)
from tinynet_gui.core.wording.setting_line import read_setting

SIGNS = st.sampled_from("0123456789 .,-+eE/'−·⁻¹²³xn_٣")


@pytest.mark.parametrize(
    ("text", "whole", "real"),
    [
        ("10.000", "10.000: ten, or ten thousand? Write 10 or 10000", 10.0),
        ("1,000", *2 * ["1,000: one, or one thousand? Write 1 or 1000"]),
        ("-125,000", *2 * [r"-125,000: minus one hundred and twenty-five, or .* thousand? Write -125 or -125000"]),
        ("12.345", "12.345: a fraction, or thousands? Write a whole number, such as 12345", 12.345),
        ("12,345", r".* such as 12345", "12,345: a fraction, or thousands? Write 12.345 or 12345"),
        ("1,000e3", r".* such as 1000e3", r".* Write 1.000e3 or 1000e3"),
        ("1.000.000", *2 * ["1.000.000: write 1000000, without signs between thousands"]),
        ("1.234,5", "“1.234,5” is not a number", "1.234,5: write 1234.5, without signs between thousands"),
        ("10,5", "“10,5” is not a whole number", 10.5),
        ("0,001", "“0,001” is not a whole number", 0.001),  # no thousands begin with 0
        ("1234,567", "“1234,567” is not a whole number", 1234.567),
        ("1/3", "“1/3” is not a number", 1 / 3),
        ("−1,5 / 2", "“−1,5 / 2” is not a number", -0.75),
        ("1/0", *2 * ["“1/0” is not a number"]),
        ("1/1,000", "“1/1,000” is not a number", "1,000: one, or one thousand? Write 1 or 1000"),
        ("3·10⁻⁴", "“3·10⁻⁴” is not a whole number", 3e-4),
        ("1e4", 10_000, 1e4),
        ("0e-999", "“0e-999” is not a whole number", 0.0),
        (
            "-0,1e-999",
            "“-0,1e-999” is not a whole number",
            "-0,1e-999 is so close to 0 .*: write 0 or a larger number",
        ),
        (
            "1e-200/1e200",
            "“1e-200/1e200” is not a number",
            "1e-200/1e200 is so close to 0 that it would count as 0.*",
        ),
        (" 1 000 ", 1_000, 1_000.0),
        ("1'000'000", 1_000_000, 1_000_000.0),
        ("−10\u202f000,25", "“−10\u202f000,25” is not a whole number", -10_000.25),
        ("1 000e-3 / 2 000", "“1 000e-3 / 2 000” is not a number", 1 / 2_000),
        ("0 500", *2 * ["“0 500” is not a number"]),
        ("10 00", *2 * ["“10 00” is not a number"]),
        ("٣", *2 * ["“٣” is not a number"]),
    ],
)
def test_a_text_is_one_number_or_refused_with_advice(text: str, whole: int | str, real: float | str) -> None:
    for read, expected in ((typed_whole, whole), (typed_real, real)):
        if isinstance(expected, str):
            with pytest.raises(TypedNumberError, match=f"^{expected.replace('?', '[?]')}$"):
                read(text)
        else:
            assert read(text) == expected


@given(st.integers(-(10**20), 10**20))
def test_whole_numbers_may_be_grouped_if_unambiguous(number: int) -> None:
    assert typed_whole(f"{number}") == int(f"{number}")
    assert typed_whole(f"{number:,}".replace(",", "\u202f")) == number
    for grouped in (f"{number:,}", f"{number:,}".replace(",", ".")):
        if grouped != f"{number}":
            with pytest.raises(TwoReadingsError):
                typed_whole(grouped)


@given(st.floats(allow_nan=False))
def test_a_real_number_is_read_as_it_is_with_a_point_or_a_comma(number: float) -> None:
    assert typed_real(repr(number)) == number
    try:
        assert typed_real(repr(number).replace(".", ",")) == number
    except TwoReadingsError:
        assert re.fullmatch(r"-?[1-9]\d{0,2}\.\d{3}(e.*)?", repr(number))


@given(st.text(SIGNS, max_size=9))
def test_accepted_numbers_equal_pythons_plain_form(text: str) -> None:
    plain = text.translate(str.maketrans("−⁻¹²³", "--123", " '")).replace("·10", "e")
    try:
        assert typed_whole(text) == Decimal(plain)
        assert not {",", "."} & set(text)
    except TypedNumberError:
        pass
    try:
        value = typed_real(text)
    except TypedNumberError:
        return
    top, _, bottom = plain.replace(",", ".").partition("/")
    assert value == float(top) / float(bottom or 1)


@given(st.floats(allow_nan=False))
def test_with_decimal_commas_a_point_may_separate_thousands(number: float) -> None:
    with speaking("de"):
        assert typed_real(repr(number).replace(".", ",")) == number == typed_real(typed(number))
        try:
            assert typed_real(repr(number)) == number
        except TwoReadingsError:
            assert re.fullmatch(r"-?[1-9]\d{0,2}\.\d{3}(e.*)?", repr(number))


def test_with_decimal_commas_semicolons_separate_numbers() -> None:
    with speaking("de"):
        for text in ("2,3; 1,7; 3", "2,3, 1,7, 3", "network(torch.tensor([[2.3], [1.7], [3]]))", "2,3;1,7;3"):
            assert parse_inputs(text) == [2.3, 1.7, 3.0]
        assert parse_inputs("1,000") == [1.0]
        assert read_setting("x_max=1.250").config.data.x_max == 1.25


def test_every_setting_and_list_follows_the_rule() -> None:
    for path, text in (("training.stop_step", "1.000"), ("data.sample_count", "1,000"), ("data.noise", "1,000")):
        with pytest.raises(ConfigError, match=f"{path}: {text}: one, or one thousand[?] Write 1 or 1000"):
            Config().replace(path, text)
    with pytest.raises(ConfigError, match="“10,5” is not a whole number: 1 to 1,000"):
        Config().replace("data.sample_count", "10,5")
    assert parse_inputs("1,000") == [1.0, 0.0]
    assert parse_inputs("1/4, 0.5") == [0.25, 0.5]
    with pytest.raises(InputError, match=r"1\.000\.000: write 1000000"):
        parse_inputs("1.000.000")
