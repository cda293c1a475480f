"""Dates and times in a column, converted to the time since the first of them.

Formats are explicit: nothing is filled in from today's date. A column holds dates if one format reads all of it; where
``03/04/2021`` could be two days, both readings are kept and the user is asked. An axis counts from the first date and
is named as in the CF conventions, ``Date [days since 2021-03-04]``; `Calendar` converts it back to dates.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product
from typing import Any

import numpy as np

from tinynet_gui.core.data.delimited import PORTION, OnProgress, ignore_progress
from tinynet_gui.core.text.language import N_, gettext as _
from tinynet_gui.core.values import AnyArray, Floats, frozen_dataclass

DateTimes = AnyArray  # datetime64[us]

DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
ORDERS = (DAY_FIRST, MONTH_FIRST)
_US = "datetime64[us]"
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_NUMPY_UNITS: dict[str, Any] = {"months": "M", "years": "Y"}
_LAST_DIGITS = {86400.0: 0, 60.0: 5, 1.0: 8, 0.01: 11}  # s, and the characters of a time of day that ends with it
TICK_ERROR = 0.03  # largest error of a tick's text, as a share of the distance between ticks
UNITS = (*_SECONDS, "months", "years")
_SINCE_FIRST = {
    "seconds": N_("seconds since {first}"),
    "minutes": N_("minutes since {first}"),
    "hours": N_("hours since {first}"),
    "days": N_("days since {first}"),
    "months": N_("months since {first}"),
    "years": N_("years since {first}"),
}
_MIN_SPAN = {"seconds": 0, "hours": 2 * 3600, "days": 3 * 86400, "years": 730 * 86400}  # s, for each to be offered

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)?")
_DATES = {
    "": ("%Y-%m", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%b %Y"),
    DAY_FIRST: ("%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y"),
    MONTH_FIRST: ("%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y"),
}
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_TIMES = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M:%S %p", "%I:%M %p")
# A quick check before formats are tried.
_LIKE_DATE = re.compile(r"(?=.*[0-9])(?=.*[^0-9][0-9]|[0-9]{8}|[0-9].* )[A-Za-z0-9./:, +-]{4,40}")
_DATE = re.compile(
    r"(?:[0-9]{1,4}([-./])[0-9]{1,2}\1[0-9]{1,4}|[0-9]{4}-[0-9]{2}|[0-9]{1,2}:[0-9]{2})(?:[T :][0-9T:., ZAPM+-]*)?"
)
_WORD = re.compile("[A-Za-z]+")
_SINCE = re.compile(rf"({'|'.join(UNITS)}) since ([0-9][0-9T:. +-]*Z?)\]$")


@frozen_dataclass(eq=False)
class Dates:
    """The moments of a column, datetime64[us] of shape (rows,), NaT where missing; times alone if `is_of_day`."""

    times: DateTimes
    is_of_day: bool = False
    is_utc: bool = False

    @property
    def first(self) -> datetime:
        moment: datetime = np.nanmin(self.times).astype(_US).item()
        return moment

    @property
    def usual_unit(self) -> str:
        """The unit in which the numbers are neither large nor small."""
        span = (np.nanmax(self.times) - np.nanmin(self.times)) / np.timedelta64(1, "s")
        least_unit = "seconds" if self.is_of_day or not self._are_midnights else "days"
        return [unit for unit, least in _MIN_SPAN.items() if span >= least or unit == least_unit][-1]

    @property
    def units(self) -> tuple[str, ...]:
        """The units that make sense for them."""
        return UNITS[:3] if self.is_of_day else UNITS

    @property
    def _are_midnights(self) -> bool:
        times = self.times[~np.isnat(self.times)]
        return bool((times == times.astype("datetime64[D]")).all())

    @property
    def restart_row(self) -> int | None:
        """The row where ascending times of day start over; None if none does, or they do not mostly ascend."""
        present = np.flatnonzero(~np.isnat(self.times))
        falls = np.flatnonzero(np.diff(self.times[present]) < np.timedelta64(0, "us"))
        return int(present[falls[0] + 1]) if self.is_of_day and 0 < 3 * len(falls) < len(present) else None

    def since_first(self, unit: str) -> Floats:
        """Return the time since the first, float64 of shape (rows,); years and months are those of the calendar."""
        if unit in _SECONDS:
            since: Floats = (self.times - np.datetime64(self.first)) / np.timedelta64(_SECONDS[unit], "s")
            return since
        places = _on_calendar(self.times, unit)
        return np.round(places - np.nanmin(places), 9)

    def name(self, name: str, unit: str) -> str:
        """Name the axis of times since the first."""
        return f"{name} [{unit} since {self._first_text}]".strip()

    def since_text(self, unit: str) -> str:
        return _(_SINCE_FIRST[unit]).format(first=self._first_text)

    @property
    def _first_text(self) -> str:
        first = self.first
        if self.is_of_day:
            return _clock(first)
        if self._are_midnights and not self.is_utc:
            return first.date().isoformat()
        return f"{first.date()} {_clock(first)}{'Z' if self.is_utc else ''}"


def _clock(moment: datetime) -> str:
    text = moment.time().isoformat()
    return text.rstrip("0") if "." in text else text.removesuffix(":00")


def is_like_date(text: str) -> bool:
    """Whether a field could be a date or a time of day."""
    return _DATE.fullmatch(text) is not None


def _ends_of(whole: Any, unit: str) -> tuple[Any, Any]:
    return whole.astype(_US), (whole + np.timedelta64(1, _NUMPY_UNITS[unit])).astype(_US)


def _on_calendar(times: DateTimes, unit: str) -> Floats:
    """Return decimal years or months since 1970: 0.5 is the middle of one."""
    whole = times.astype(f"datetime64[{_NUMPY_UNITS[unit]}]")
    begins, ends = _ends_of(whole, unit)
    count = np.where(np.isnat(times), np.nan, whole.astype(np.int64))
    share: Floats = count + (times - begins) / (ends - begins)
    return share


def read_dates(texts: Sequence[str], on_progress: OnProgress = ignore_progress) -> dict[str, Dates]:
    """Read a column as dates in every possible way: keyed by "", or by `DAY_FIRST` and `MONTH_FIRST`.

    Empty texts are missing. If both orders give the same dates, only one is kept.
    """
    present = [text for text in texts if text]
    if not present or not all(_LIKE_DATE.fullmatch(text) for text in present[:20]):
        return {}
    found: dict[str, Dates] = {}
    for order, formats in _formats().items():
        read = (_read_as(texts, form, on_progress) for form in formats)
        if (dates := next(filter(None, read), None)) is not None:
            found[order] = dates
    if len(found) == 2:
        one, other = (dates.times for dates in found.values())
        if np.array_equal(one, other, equal_nan=True):
            found.popitem()
    return found if len(found) > 1 else dict(zip([""], found.values(), strict=False))


@cache
def _formats() -> dict[str, tuple[str, ...]]:
    times = ("", *(f" {time}" for time in _TIMES))
    found = {order: tuple(f"{date}{time}" for date in dates for time in times) for order, dates in _DATES.items()}
    found[""] = ("iso", *_TIMES, *found[""], "%Y%m%d%H", "%Y%m%d%H%M", "%Y%m%d%H%M%S")
    return found


def _read_as(texts: Sequence[str], form: str, on_progress: OnProgress) -> Dates | None:
    moments: list[datetime | None] = []
    zones = set()
    for place, text in enumerate(texts):
        if place % PORTION == PORTION - 1:
            on_progress(0.0)
        try:
            moment = _moment(text, form) if text else None
        except ValueError:
            return None
        if moment is not None:
            zones.add(moment.tzinfo is not None)
            if moment.tzinfo is not None:
                moment = moment.astimezone(UTC).replace(tzinfo=None)
        moments.append(moment)
    if len(zones) > 1:
        return None
    times = np.array(moments, dtype=_US)
    return Dates(_unwrapped_at_midnight(times) if form in _TIMES else times, form in _TIMES, True in zones)


def _unwrapped_at_midnight(times: DateTimes) -> DateTimes:
    """Add a day at each midnight, a fall of over half a day, if the times of day otherwise ascend."""
    present = np.flatnonzero(~np.isnat(times))
    steps = np.diff(times[present])
    falls = steps < np.timedelta64(-12, "h")
    if not falls.any() or (steps[~falls] < np.timedelta64(0, "us")).any():
        return times
    unfolded = times.copy()
    unfolded[present[1:]] += np.cumsum(falls) * np.timedelta64(1, "D")
    return unfolded


def _moment(text: str, form: str) -> datetime:
    if form == "iso":
        if not _ISO.fullmatch(text):
            raise ValueError(text)
        return datetime.fromisoformat(text.replace(" UTC", "Z").replace(" Z", "Z").replace(" +", "+"))
    if any(text.count(sign) < count for sign, count in _signs_in(form)):
        raise ValueError(text)  # strptime would take ten times as long to say so
    if form.startswith("%Y%m%d") and len(text) != {"%Y%m%d": 8}.get(form, 2 * form.count("%") + 2):
        raise ValueError(text)  # strptime would read 2021112 too
    if "%b" in form:
        text, form = _WORD.sub(_month, text, count=1), form.replace("%b", "month %m")
    if not form.endswith(" %p"):
        return datetime.strptime(text, form)
    moment = datetime.strptime(text[:-2].rstrip(), form.removesuffix(" %p"))
    return moment + timedelta(hours={"AM": 0, "PM": 12}.get(text[-2:].upper(), math.nan))


@cache
def _signs_in(form: str) -> tuple[tuple[str, int], ...]:
    """Return the punctuation of a format, and how often each sign stands in it."""
    return tuple(Counter(re.sub(r"%.|[\w\s]", "", form)).items())


def _month(word: re.Match[str]) -> str:
    """Return an English month as a number: `strptime` expects the names of the user's locale."""
    name = word[0].lower()
    return next((f"month {n}" for n, month in enumerate(_MONTHS, 1) if name in (month, month[:3])), word[0])


@frozen_dataclass
class Calendar:
    """An axis of dates: the time since a first moment."""

    unit: str
    first: datetime
    is_of_day: bool = False

    def moment(self, value: float) -> datetime | None:
        """Return the date at a number on the axis; None outside the calendar."""
        try:
            if self.unit in _SECONDS:
                return self.first + timedelta(seconds=value * _SECONDS[self.unit])
            place = float(_on_calendar(np.array([self.first], dtype=_US), self.unit)[0]) + value
            whole = np.array(int(np.floor(place))).astype(f"datetime64[{_NUMPY_UNITS[self.unit]}]")
            begins, ends = _ends_of(whole, self.unit)
            moment = (begins + np.rint((place % 1) * (ends - begins).astype(np.int64)).astype("timedelta64[us]")).item()
        except (OverflowError, ValueError):
            return None
        return moment if isinstance(moment, datetime) else None

    def text(self, value: float, step: float) -> str:
        """Write a number on the axis as a date, as precisely as ticks `step` apart need; "" outside the calendar."""
        moment, following = self.moment(value), self.moment(value + step)
        if moment is None:
            return ""
        days = step * {"months": 30.4, "years": 365.2}.get(self.unit, _SECONDS.get(self.unit, 0) / 86400)
        digits = list(_LAST_DIGITS)[self.is_of_day :]  # the largest in which all ticks can be written is taken
        for digit, share in product(digits, (0.0, 0.5)):
            rounded = _rounded(moment, digit, share)
            written = [(at, _rounded(at, digit, share)) for at in (moment, following) if at is not None]
            errors = [abs(text - at).total_seconds() for at, text in written]
            if max(errors) <= TICK_ERROR * days * 86400:
                break
        if digit == 86400:
            parts = 3 if days < 27 or rounded.day > 1 else 2 if days < 364 or rounded.month > 1 else 1
            return "-".join(f"{part:02}" for part in (rounded.year, rounded.month, rounded.day)[:parts])
        time = f"{rounded:%H:%M:%S.%f}"[: _LAST_DIGITS[digit]]
        return time if self.is_of_day or days < 0.01 else f"{rounded:%m-%d} {time}"


def _rounded(moment: datetime, seconds: float, share: float) -> datetime:
    """Round down to a whole day, minute …, after adding `share` of one: 0.5 rounds to the nearest."""
    midnight = datetime.combine(moment, datetime.min.time())
    count = math.floor((moment - midnight).total_seconds() / seconds + share + 1e-6)
    try:
        return midnight + timedelta(seconds=count * seconds)
    except OverflowError:
        return moment  # the calendar's last day


@cache
def calendar_of(name: str) -> Calendar | None:
    """Return the calendar of an axis whose name says ``days since …``, as `Dates.name` writes it; else None."""
    match = _SINCE.search(name)
    if match is None:
        return None
    is_of_day = ":" in match[2][:3]
    try:
        first = datetime.fromisoformat(f"1900-01-01 {match[2]}" if is_of_day else match[2])
    except ValueError:
        return None
    return Calendar(match[1], first.replace(tzinfo=None), is_of_day)
