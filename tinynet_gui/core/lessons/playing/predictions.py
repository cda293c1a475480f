"""A learner's predictions, and how close they are to the truth."""

import math
from decimal import Decimal
from typing import Literal

import numpy as np

from tinynet_gui.core.lessons import lesson
from tinynet_gui.core.lessons.expression import Scope
from tinynet_gui.core.text.language import N_, gettext as _
from tinynet_gui.core.text.numbers import ends_text, in_full, plain
from tinynet_gui.core.values import ArrayLike, Floats, frozen_dataclass

GRID = 201  # x at which curves are compared
OUTCOME_POINTS = 65  # of the curve that is kept
ROUNDING = 1e-6  # relative: the last digit of a float32 measurement is no error
VERY_CLOSE, CLOSE = 0.1, 0.5  # of the variation of the true curve
BENT = 0.025  # of a curve's variation: bends that differ by more are of another shape; x² from 3 to 4.5 has 0.05
ENDS = 0.02  # of the range that is asked for: a drawing that begins or ends so near its ends is meant to reach them
ALIKE, PARTLY = 0.9, 0.5  # correlations of a drawn curve with the true one
NEARLY = 3.0  # times what counts as right
DIGITS = 3


class DrawnCurve:
    """A drawn curve: straight lines between points. A value: equal to another with the same numbers.

    `ValueError` for fewer than two points, different numbers of x and y, or a number that is not finite.

    Attributes
    ----------
    x, y
        float64 of shape (points,), finite, read-only; sorted by x.
    """

    def __init__(self, x: ArrayLike, y: ArrayLike) -> None:
        columns = [np.asarray(values, dtype=np.float64) for values in (x, y)]
        if columns[0].ndim != 1 or columns[0].shape != columns[1].shape or len(columns[0]) < 2:
            raise ValueError("at least two points, with an x and a y each, are a curve")
        if not np.isfinite(columns).all():
            raise ValueError("a curve has finite x and y")
        order = np.argsort(columns[0], kind="stable")
        self.x, self.y = (column[order] for column in columns)
        self.x.flags.writeable = self.y.flags.writeable = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DrawnCurve) and np.array_equal(self.x, other.x) and np.array_equal(self.y, other.y)

    def __hash__(self) -> int:
        return hash((self.x.tobytes(), self.y.tobytes()))


@frozen_dataclass
class Skipped:
    """The learner did not want to predict."""


Answer = int | float | DrawnCurve | str  # the index of a choice, a number, a curve, a sentence
Grade = Literal["right", "close", "wrong", "skipped", "open"]  # open: neither, as of a curve


@frozen_dataclass
class Outcome:
    """The result after a prediction.

    Attributes
    ----------
    value
        The index of the right choice, the number, or how far the drawn curve was off; NaN if there is none.
    curve
        The right curve, if its values are known.
    """

    value: float
    curve: DrawnCurve | None = None


@frozen_dataclass
class Distance:
    """How far a drawn curve is from the true one.

    Attributes
    ----------
    off
        The root mean square of the difference, in units of y.
    share
        `off` relative to the true curve's standard deviation there; infinite if that is 0.
    low, high
        The range of x where both are known.
    higher
        The mean of the difference, in units of y.
    alike
        The correlation of the two; of flat curves 1 if both are flat, else 0.
    steeper
        The slope of the drawn curve's y over the true one's; NaN if that is flat.
    bent
        1 if the drawn curve bends upwards clearly more than the true one, −1 if clearly less, else 0; both relative to
        each curve's variation and to the larger of the two. The wobbles of a hand hardly count.
    is_bent_more
        Whether it bends more, up or down, relative to its variation.
    """

    off: float
    share: float
    low: float
    high: float
    higher: float
    alike: float
    steeper: float
    bent: int
    is_bent_more: bool


def is_allowed(question: lesson.Question, answer: Answer | Skipped) -> bool:
    """Whether a question allows this answer."""
    match question, answer:
        case _, Skipped():
            return True
        case lesson.ChoiceQuestion(), int():
            return 0 <= answer < len(question.choices)
        case lesson.NumberQuestion(), int() | float():
            return question.low <= answer <= question.high
        case lesson.CurveQuestion(), DrawnCurve():
            return True
        case lesson.SentenceQuestion(), str():
            return 0 < len(answer) <= lesson.LONGEST_SENTENCE
    return False


def outcome(question: lesson.Question, answer: Answer | Skipped, scope: Scope) -> Outcome:
    """Return the result, by the numbers known after the action, of a question with an answer that fits it."""
    match question:
        case lesson.ChoiceQuestion(choices=choices):
            holds = (place for place, one in enumerate(choices) if one.when is None or one.when.holds(scope))
            return Outcome(next(holds, math.nan))
        case lesson.NumberQuestion(answer=expression):
            return Outcome(expression.value(scope))
        case lesson.CurveQuestion(low=low, high=high):
            away = distance(question, answer, scope) if isinstance(answer, DrawnCurve) else None
            x, y = _true_curve(question, low, high, OUTCOME_POINTS, scope)
            return Outcome(math.nan if away is None else away.off, DrawnCurve(x, y) if len(x) > 1 else None)
        case lesson.SentenceQuestion():
            return Outcome(math.nan)


def curve_numbers(question: lesson.CurveQuestion, answer: Answer | Skipped, scope: Scope) -> dict[str, float]:
    """Return the numbers of a drawn curve for a lesson's text, by name; NaN if none was drawn."""
    away = distance(question, answer, scope) if isinstance(answer, DrawnCurve) else None
    off, bent = (math.nan, math.nan) if away is None else (away.off, float(away.bent))
    return {"curve_off": off, "curve_bent": bent}


def mark(question: lesson.Question, answer: Answer | Skipped, came: float) -> Grade:
    """Grade an answer, given the value of its `Outcome`."""
    if isinstance(answer, Skipped):
        return "skipped"
    if isinstance(answer, DrawnCurve | str) or math.isnan(came):
        return "open"
    if not isinstance(question, lesson.NumberQuestion):
        return "right" if answer == came else "wrong"
    off = abs(answer - came)
    if off <= question.near or math.isclose(answer, came, rel_tol=ROUNDING):
        return "right"
    if not math.isfinite(came) or (question.near == 0 and came == round(came)):
        return "wrong"  # of a count nothing is close
    return "close" if off <= max(NEARLY * question.near, VERY_CLOSE * abs(came)) else "wrong"


def judge(question: lesson.Question, answer: Answer | Skipped, scope: Scope, y_unit: str = "") -> str:
    """Say kindly if a prediction was right, or how far off; if it was skipped, what the answer was.

    The answer must fit the question; `scope` are the numbers known after the action; `y_unit` is of a drawn curve's y.
    """
    if isinstance(answer, str):
        return _("You wrote “{said}”. A sentence is not graded.").format(said=answer)
    if isinstance(question, lesson.CurveQuestion):
        return _on_curve(question, distance(question, answer, scope), y_unit) if isinstance(answer, DrawnCurve) else ""
    if isinstance(question, lesson.SentenceQuestion):
        return ""
    came = outcome(question, answer, scope).value
    how = mark(question, answer, came)
    if isinstance(question, lesson.ChoiceQuestion):
        return _on_choice(question, answer, came, how)
    return _on_number(question, answer, came, how)


def distance(question: lesson.CurveQuestion, curve: DrawnCurve, scope: Scope) -> Distance | None:
    """Return how far a curve is from the network's or the true function's; None if they are never both known.

    The drawn curve is linear between its points, and unknown beyond them, but for a small margin at the ends.
    """
    missed, first, last = ENDS * (question.high - question.low), float(curve.x[0]), float(curve.x[-1])
    low = question.low if first <= question.low + missed else first
    high = question.high if last >= question.high - missed else last
    if not low < high:
        return None
    x, truth = _true_curve(question, low, high, GRID, scope)
    if not len(x):
        return None
    drawn = np.interp(x, curve.x, curve.y)
    off, varies, moves = float(np.sqrt(np.mean(np.square(drawn - truth)))), float(truth.std()), float(drawn.std())
    share = off / varies if varies > 0 else 0.0 if off == 0 else math.inf
    together = float(np.mean((drawn - drawn.mean()) * (truth - truth.mean())))
    alike = together / (moves * varies) if moves * varies > 0 else float(moves == varies)
    steeper = together / varies**2 if varies > 0 else math.nan
    bends, sizes = np.array([_bend(x, drawn), _bend(x, truth)]), np.array([moves or 1.0, varies or 1.0])
    own = bends / sizes
    more = own[0] - own[1], (bends[0] - bends[1]) / sizes.max()
    bent, is_bent_more = int(min(more) > BENT) - int(max(more) < -BENT), bool(abs(own[0]) > abs(own[1]))
    higher = float(np.mean(drawn - truth))
    return Distance(off, share, float(x[0]), float(x[-1]), higher, alike, steeper, bent, is_bent_more)


def _true_curve(
    question: lesson.CurveQuestion, low: float, high: float, points: int, scope: Scope
) -> tuple[Floats, Floats]:
    """Return the points of the curve that was to be guessed where it is finite, x and y."""
    function = scope.get("output" if question.of == "network" else "target")
    x = np.linspace(low, high, points)
    y = np.array([function(float(value)) for value in x]) if callable(function) else np.full(points, np.nan)
    known = np.isfinite(y)
    return x[known], y[known]


def _bend(x: Floats, y: Floats) -> float:
    """Return the root mean square distance of y's best parabola from its best line, negative if it bends down."""
    x = (x - x.mean()) / (np.ptp(x) or 1.0)  # far from 0 a parabola could not be told from a line
    best = np.polyfit(x, y, 2)
    return math.copysign(float(np.std(np.polyval(best, x) - np.polyval(np.polyfit(x, y, 1), x))), best[0])


def _on_choice(question: lesson.ChoiceQuestion, answer: object, came: float, how: Grade) -> str:
    if math.isnan(came):
        return _("This time none of the answers is right.")
    so = question.choices[int(came)].text
    if not isinstance(answer, int):
        return _("It was “{so}”.").format(so=so)
    if how == "right":
        return _("Right: “{so}”.").format(so=so)
    return _("You said “{said}”; it was “{so}”.").format(said=question.choices[answer].text, so=so)


def _on_number(question: lesson.NumberQuestion, answer: object, came: float, how: Grade) -> str:
    def written(text: str) -> str:
        return f"{text} {question.unit}".rstrip()

    if math.isnan(came):
        return _("This time there is no number to compare with.")
    if not isinstance(answer, int | float):
        return _("It is {so}.").format(so=written(_result_text(came, question.near)))
    said, so = map(written, _answer_and_result(answer, came, question.near, is_right=how == "right"))
    if how == "right" and said == so:
        return _("Right: it is {so}.").format(so=so)
    if how == "right":
        return _("Right: you said {said}, and it is {so}.").format(said=said, so=so)
    if how == "close":
        return _("Close: you said {said}, and it is {so}.").format(said=said, so=so)
    return _("You said {said}; it is {so}.").format(said=said, so=so)


def _answer_and_result(said: float, came: float, near: float, is_right: bool) -> tuple[str, str]:
    """Write an answer as typed, and the result: both alike if the answer is right and the result rounds to it."""
    typed = in_full(said)
    decimals = max(0, -int(Decimal(repr(float(said))).normalize().as_tuple().exponent))
    if is_right and math.isfinite(came) and round(came, decimals) == said and decimals >= _decimals(came, near):
        return typed, typed
    texts = (_result_text(came, near, more) for more in range(7))
    return typed, next((text for text in texts if text != typed), typed)


def _result_text(came: float, near: float, more: int = 0) -> str:
    """Write the result: whole numbers in full, others with three digits or as many as show what counts as right."""
    if not math.isfinite(came) or came == 0:
        return plain(came)
    return plain(came, max(1, _decimals(came, near) + more + 1 + math.floor(math.log10(abs(came)))))


def _decimals(came: float, near: float) -> int:
    if came == round(came):
        return 0
    of_digits = DIGITS - 1 - math.floor(math.log10(abs(came)))
    return max(of_digits, math.ceil(-math.log10(near / 10)) if near > 0 else of_digits)


def _on_curve(question: lesson.CurveQuestion, found: Distance | None, y_unit: str) -> str:
    is_network = question.of == "network"
    if found is None and is_network:
        return _("There is no x at which both your curve and the network’s are known.")
    if found is None:
        return _("There is no x at which both your curve and the true one are known.")
    low, high = ends_text(found.low, found.high, DIGITS)
    away = _("From x = {low} to {high} your curve is {off} away from the true one (RMS error).")
    if is_network:
        away = _("From x = {low} to {high} your curve is {off} away from the network’s (RMS error).")
    return f"{_praise(found)} {away.format(low=low, high=high, off=f'{plain(found.off, DIGITS)} {y_unit}'.rstrip())}"


def _praise(found: Distance) -> str:
    is_shifted = found.higher**2 >= found.off**2 / 2  # that is most of the distance
    said = (
        (found.share <= VERY_CLOSE, N_("Very close.")),
        (found.share <= CLOSE, N_("Not far off.")),
        (found.alike < PARTLY, N_("It has another shape.")),
        (found.alike < ALIKE, N_("Partly the right shape.")),
        (found.bent and found.is_bent_more, N_("It goes the right way, but is too bent.")),
        (found.bent, N_("It goes the right way, but is too straight.")),
        (is_shifted and found.higher > 0, N_("The shape is about right, but too high.")),
        (is_shifted, N_("The shape is about right, but too low.")),
        (found.steeper > 1, N_("The shape is about right, but too steep.")),
        (True, N_("The shape is about right, but too flat.")),
    )
    return _(next(words for holds, words in said if holds))
