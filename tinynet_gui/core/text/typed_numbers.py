"""Numbers as people type them: one rule for all fields, lists and lines of settings; no ambiguity is guessed.

Spaces or apostrophes may separate thousands. In a whole number a point or a comma there, as in ``10.000``, is ambiguous
and refused with both readings; so is a fraction. In a real number the decimal sign is the language's, and so is the
other of point and comma, unless it could separate thousands: in English ``1,000`` is refused likewise. A quotient,
``1/3``, is a real number. In a list a comma separates, and the rule holds for each part; where it is the decimal sign,
a semicolon does, or a comma before a space.
"""

import math
import re
from contextlib import suppress

from tinynet_gui.core.text.language import decimal_sign, gettext as _, with_signs
from tinynet_gui.core.text.shortened import shortened, written

_TO_PLAIN = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")
_SPACE = "[ '’\u00a0\u2009\u202f]"
_POWER = r"(?:[eE][-+]?[0-9]+)?"
_SPACED = re.compile(rf"[-+]?[1-9][0-9]{{0,2}}(?:{_SPACE}[0-9]{{3}})+(?:[.,][0-9]*)?{_POWER}")
_WHOLE = re.compile(r"[-+]?[0-9]+(?:[eE]\+?[0-9]{1,3})?")
_REAL = re.compile(rf"[-+]?(?:(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+){_POWER}|inf|nan)")
_GROUPED = re.compile(rf"([-+]?)([1-9][0-9]{{0,2}})[.,]([0-9]{{3}})({_POWER})")
_GROUPS = re.compile(r"([-+]?[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+(?![0-9,])|(?:\.[0-9]{3})+(?![0-9.])))((?:[.,][0-9]+)?)")
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen",
    "twenty thirty forty fifty sixty seventy eighty ninety",
)
_ONES, _TENS = (words.split() for words in _SMALL)


class TypedNumberError(ValueError):
    """A text that is not accepted as a number; the message quotes it."""


class NoNumberError(TypedNumberError):
    """A text that is not a number of the required kind."""


class TwoReadingsError(TypedNumberError):
    """A text with possible thousands separators, or too close to 0; the message says what to write instead."""


def typed_whole(text: str) -> int:
    """Parse a whole number that a user typed; raise `TypedNumberError` if it is none, or ambiguous."""
    plain = in_ascii(text)
    if _WHOLE.fullmatch(plain):
        number, _e, power = plain.lower().partition("e")
        with suppress(ValueError):  # Python refuses thousands of digits, for the time that it takes
            return int(number) * int(10 ** int(power or 0))
    _refuse_two_readings(plain, is_whole=True)
    is_finite = _REAL.fullmatch(plain) and plain[-1] not in "fn"
    words = _("{text} is not a whole number") if is_finite else _("{text} is not a number")
    raise NoNumberError(words.format(text=written(text.strip())))


def typed_real(text: str, decimal: str = "") -> float:
    """Parse a real number that a user typed; raise `TypedNumberError` if it is none, or ambiguous.

    `decimal` is the decimal sign, by default that of the current language.
    """
    decimal = decimal or decimal_sign()
    top, slash, bottom = text.partition("/")
    try:
        value = _real(top, decimal) / _real(bottom, decimal) if slash else _real(top, decimal)
    except (NoNumberError, ZeroDivisionError):
        raise NoNumberError(_("{text} is not a number").format(text=written(text.strip()))) from None
    if not value and re.search("[1-9]", in_ascii(top).lower().partition("e")[0]):
        words = _("{text} is so close to 0 that it would count as 0: write 0 or a larger number")
        raise TwoReadingsError(words.format(text=shortened(text.strip(), 40)))
    return value


def why_no_number(text: str, allowed: str, *, is_whole: bool) -> str:
    """Explain why a text is not a number, and what is allowed; if ambiguous, what to write instead."""
    try:
        (typed_whole if is_whole else typed_real)(text)
    except NoNumberError as error:
        return f"{error}: {allowed}"
    except TwoReadingsError as error:
        return str(error)
    return _("{value} is not a number: {allowed}").format(value=written(text), allowed=allowed)


def in_ascii(text: str) -> str:
    """Rewrite a typographic number, such as −0.25, 10 000 or 3·10⁻⁴, in Python's syntax."""
    plain = text.strip().translate(_TO_PLAIN).replace("·10", "e")
    return re.sub(_SPACE, "", plain) if _SPACED.fullmatch(plain) else plain


def _real(text: str, decimal: str) -> float:
    plain = in_ascii(text)
    if (set(".,") - {decimal}) & set(plain) or not _REAL.fullmatch(plain):
        _refuse_two_readings(plain, is_whole=False)
    if not _REAL.fullmatch(plain):
        raise NoNumberError
    return float(plain.replace(",", "."))


def _refuse_two_readings(plain: str, *, is_whole: bool) -> None:
    text = shortened(plain, 40)
    if found := _GROUPED.fullmatch(plain):
        sign, high, low, power = found.groups()
        one, other = with_signs(f"{sign}{high}.{low}"), f"{sign}{high}{low}"
        if not low.strip("0") and not power:
            count = f"{'minus ' if sign == '-' else ''}{_spelled(int(high))}"
            words = _("{text}: {count}, or {count} thousand? Write {one} or {other}")
            raise TwoReadingsError(words.format(text=text, count=count, one=f"{sign}{high}", other=other))
        if is_whole:
            words = _("{text}: a fraction, or thousands? Write a whole number, such as {number}")
            raise TwoReadingsError(words.format(text=text, number=other + power))
        words = _("{text}: a fraction, or thousands? Write {one} or {other}")
        raise TwoReadingsError(words.format(text=text, one=one + power, other=other + power))
    if (found := _GROUPS.fullmatch(plain)) and not (is_whole and found[2]):
        number = re.sub("[.,]", "", found[1]) + with_signs(found[2].replace(",", "."))
        words = _("{text}: write {number}, without signs between thousands")
        raise TwoReadingsError(words.format(text=text, number=shortened(number, 40)))


def _spelled(count: int) -> str:
    if count >= 100:
        rest = f" and {_spelled(count % 100)}" if count % 100 else ""
        return f"{_ONES[count // 100]} hundred{rest}"
    if count < 20:
        return _ONES[count]
    return _TENS[count // 10 - 2] + (f"-{_ONES[count % 10]}" if count % 10 else "")


MAX_INPUT = 1e6
MAX_INPUTS = 100
_CALLS = re.compile(r"^x\s*=\s*|^(network\s*\()?\s*(torch\.)?tensor\s*\(|^network\s*\(")
_BRACKETS = "[]() \t"


class InputError(ValueError):
    """A text that is not a list of numbers; the message names the part at fault and what is allowed."""


def parse_inputs(text: str) -> list[float]:
    """Read one number or several with commas between them, such as ``2.3, 1.7, 3.6``.

    They may be in brackets, after ``x =``, and in ``network(torch.tensor(...))``, as in the tutorial:
    ``[[2.3], [1.7]]``. A typographic minus sign, as the window writes it, is read too.

    `InputError` if there is none, or a part is not a number or too large.
    """
    text = _CALLS.sub("(", text.strip())
    if not text.strip(_BRACKETS):
        raise InputError(_("nothing to compute: write a number or several, such as 2.3 or 2.3, 1.7, 3.6"))
    parts = text.split(",") if decimal_sign() == "." else re.split(r";|,\s", text)
    if len(parts) > MAX_INPUTS:
        words = _("{count} numbers are not allowed: 1 to {most}")
        raise InputError(words.format(count=with_signs(f"{len(parts):,}"), most=MAX_INPUTS))
    return [_number(part.strip(_BRACKETS), place) for place, part in enumerate(parts, start=1)]


def _number(part: str, place: int) -> float:
    if not part:
        raise InputError(_("number {place} is missing: write 2.3 or 2.3, 1.7, 3.6").format(place=place))
    try:
        value = typed_real(part)
    except ValueError:
        raise InputError(why_no_number(part, _("write 2.3 or 2.3, 1.7, 3.6"), is_whole=False)) from None
    if not math.isfinite(value) or abs(value) > MAX_INPUT:
        words, most = _("{value} is not allowed: −{most} to {most}"), with_signs(f"{MAX_INPUT:,.0f}")
        raise InputError(words.format(value=shortened(part, 40), most=most))
    return value
