"""What is said of predictions: choices, numbers, and curves that are drawn."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.questions import CHOICES, CURVE, DO, NUMBER, lesson_of, measured_of
from tinynet_gui.core.lessons.expression import Scope, parse_expression
from tinynet_gui.core.lessons.lesson import ChoiceQuestion, CurveQuestion, LessonStep, NumberQuestion, Question
from tinynet_gui.core.lessons.playing.course import answer, begin, entered
from tinynet_gui.core.lessons.playing.predictions import Answer, DrawnCurve, Skipped
from tinynet_gui.core.text.shortened import SPACE, unbroken


def _judged(question: Question, given: Answer | Skipped, scope: Scope) -> str:
    progress = answer(entered(begin(lesson_of(LessonStep("One", "", question=question))), scope), given, scope)
    assert progress.status == "done"
    said = progress.verdicts[0]
    assert said == unbroken(said)
    return said.replace(SPACE, " ")


@pytest.mark.parametrize(
    ("within", "said", "sentence"),
    [
        (0.05, 0, "Right: “a parabola”."),
        (0.05, 1, "You said “a line”; it was “a parabola”."),
        (0.5, 1, "Right: “a line”."),  # the first that holds, and not the last
        (5.0, 2, "Right: “something else”."),
        (math.nan, 0, "You said “a parabola”; it was “something else”."),
        (0.5, Skipped(), "It was “a line”."),
    ],
)
def test_a_choice(within: float, said: Answer | Skipped, sentence: str) -> None:
    assert _judged(CHOICES, said, measured_of(within)) == sentence


def test_a_choice_of_which_none_holds() -> None:
    question = ChoiceQuestion("?", CHOICES.choices[:2])
    assert _judged(question, 0, measured_of(2.0)) == "This time none of the answers is right."


@pytest.mark.parametrize(
    ("failed", "said", "sentence"),
    [
        (16, 25.0, "Right: it is 25 %."),
        (16, 20.0, "Right: you said 20 %, and it is 25 %."),
        (16, 30.01, "Close: you said 30.01 %, and it is 25 %."),
        (16, 90.0, "You said 90 %; it is 25 %."),
        (16, Skipped(), "It is 25 %."),
        (math.inf, 50.0, "You said 50 %; it is ∞ %."),
        (math.nan, 50.0, "This time there is no number to compare with."),
    ],
)
def test_a_number(failed: float, said: Answer | Skipped, sentence: str) -> None:
    assert _judged(NUMBER, said, {"sweep.failed": failed, "sweep.seeds": 64.0}) == sentence


def test_a_number_in_float32_is_not_wrong_in_its_last_digit() -> None:
    question = NumberQuestion("?", parse_expression("loss"), "", 0.0, 100.0, 0.0)
    assert _judged(question, 7.65, {"loss": float(np.float32(7.65))}).startswith("Right")
    assert _judged(question, 7.651, {"loss": 7.65}) == "Close: you said 7.651, and it is 7.65."


@pytest.mark.parametrize(
    ("near", "said", "came", "sentence"),
    [
        (0.02, 0.4505, 0.45013, "Right: you said 0.4505, and it is 0.45."),
        (0.02, 0.4501, 0.45013, "Right: it is 0.4501."),
        (0.5, 9.075, 9.0782, "Right: you said 9.075, and it is 9.08."),
        (0.01, 0.76572, 0.76567, "Right: you said 0.76572, and it is 0.766."),  # of numbers that were printed rounded
        (0.01, 0.7657, 0.76567, "Right: it is 0.7657."),
        (0.01, 0.77, 0.76567, "Right: you said 0.77, and it is 0.766."),
        (1.0, 8.0, 7.65, "Right: you said 8, and it is 7.65."),
        (0.002, 160.3, 160.30123, "Right: you said 160.3, and it is 160.3012."),
        (0.0, 130.5, 131.1, "Close: you said 130.5, and it is 131."),
        (0.0, 15.0, 16.0, "You said 15; it is 16."),  # of a count nothing is close
        (0.0, 1801.0, 1801.0, "Right: it is 1801."),
        (1.0, 123456.25, 5.0, "You said 123456.25; it is 5."),
        (0.0, 31.0, 31.0004, "Close: you said 31, and it is 31.0004."),
        (1e-6, 0.00005, 0.0000503, "Right: you said 5·10⁻⁵, and it is 5.03·10⁻⁵."),
        (0.1, -1.25, 0.0, "You said −1.25; it is 0."),
    ],
)
def test_what_was_typed_is_said_with_all_its_digits(near: float, said: float, came: float, sentence: str) -> None:
    question = NumberQuestion("?", parse_expression("loss"), "", -1e6, 1e6, near)
    assert _judged(question, said, {"loss": came}) == sentence


def _off(curve: DrawnCurve | Skipped, question: CurveQuestion, scope: Scope) -> float:
    """As the text is told, and as can be remembered."""
    step = LessonStep("One", "", question=question, remember=(("kept", parse_expression("curve_off")),))
    return answer(entered(begin(lesson_of(step)), scope), curve, scope).known["kept"]


def test_a_curve_is_compared_where_both_are_known() -> None:
    """Against an integral by hand: of (2x − c)² from 3 to 6 the mean is the variance 3 plus (9 − c)²."""
    flat = DrawnCurve([0, 10], [9, 9])
    assert _off(flat, CURVE, measured_of()) == pytest.approx(math.sqrt(3), rel=0.01)
    assert _judged(CURVE, flat, measured_of()) == (
        "It has another shape. From x = 3 to 6 your curve is 1.74 away from the network’s (RMS error)."
    )
    shifted = DrawnCurve([3, 6], [6.1, 12.1])
    assert _off(shifted, CURVE, measured_of()) == pytest.approx(0.1)
    assert _judged(CURVE, shifted, measured_of()).startswith("Very close. From x = 3 to 6 your curve is 0.1 away")
    short = DrawnCurve([4, 5], [9, 11])
    assert _off(short, CURVE, measured_of()) == pytest.approx(1.0)
    assert "From x = 4 to 5" in _judged(CURVE, short, measured_of())
    assert math.isnan(_off(DrawnCurve([0, 2], [0, 0]), CURVE, measured_of()))
    assert math.isnan(_off(Skipped(), CURVE, measured_of()))
    assert _judged(CURVE, Skipped(), measured_of()) == ""
    assert _judged(CURVE, DrawnCurve([0, 2], [0, 0]), measured_of()).startswith("There is no x")


@pytest.mark.parametrize(("low", "high"), [(2020, 2030), (999_990, 999_991), (1_000, 900_000)])
def test_a_curve_far_from_zero_is_compared_as_one_near_it(low: float, high: float) -> None:
    x = np.linspace(low, high, 201)
    share = (x - low) / (high - low)
    scope = {"output": lambda at: ((at - low) / (high - low)) ** 2}
    said = _judged(CurveQuestion("?", low, high, "network"), DrawnCurve(x, 0.3 * share), scope)
    assert said.startswith(f"It goes the right way, but is too straight. From x = {low} to {high} your curve is 0.28")


def test_a_curve_can_be_compared_with_the_true_function() -> None:
    truth = CurveQuestion("?", -1.0, 1.0, "target")
    x = np.linspace(-1, 1, 2001)
    assert _off(DrawnCurve(x, x**2), truth, measured_of()) == pytest.approx(0, abs=1e-6)
    assert "the true one" in _judged(truth, DrawnCurve(x, x), measured_of())
    known = {"target": lambda x: x if x > 0 else math.nan}
    assert _off(DrawnCurve([-1, 1], [0, 2]), truth, known) == pytest.approx(1.0)  # of x + 1 from x
    assert "From x = 0.01 to 1" in _judged(truth, DrawnCurve([-1, 1], [0, 2]), known)
    assert math.isnan(_off(DrawnCurve([-1, 1], [0, 0]), truth, {"target": lambda x: math.nan}))
    flat = _judged(truth, DrawnCurve([-1, 1], [0, 0]), {"target": lambda x: 1.0})
    assert flat == (
        "The shape is about right, but too low. From x = −1 to 1 your curve is 1 away from the true one (RMS error)."
    )


@pytest.mark.parametrize(("low", "high"), [(2.2, 5.0), (3.0, 4.5)])
def test_a_parabola_beyond_the_data_is_no_straight_line(low: float, high: float) -> None:
    """Also if it is drawn by a hand that wobbles by a pixel or two; a line that wobbles is none that bends."""
    beyond, x = CurveQuestion("?", low, high, "network"), np.linspace(low, high, 41)
    straight, wobbles = {"output": lambda x: 2.3 * x - 1}, 0.1 * np.sin(7 * np.arange(41))

    def bent(y: Any, scope: Scope = straight) -> float:
        step = LessonStep("One", "", question=beyond, remember=(("kept", parse_expression("curve_bent")),))
        return answer(entered(begin(lesson_of(step)), scope), DrawnCurve(x, y + wobbles), scope).known["kept"]

    assert "too bent" in _judged(beyond, DrawnCurve(x, x**2 + wobbles), straight)
    assert "too straight" in _judged(beyond, DrawnCurve(x, 9 * x - 12 + wobbles), {"output": lambda x: x**2})
    assert "The shape is about right, but too high" in _judged(beyond, DrawnCurve(x, 3 * x + 2 + wobbles), straight)
    assert [bent(y) for y in (x**2, 7 * x - 10, 12 * x - x**2, 9 + 0.02 * (x - x.mean()) ** 2)] == [1, 0, -1, 0]
    assert bent(9 * x - 12, {"output": lambda x: x**2}) == -1


def test_a_drawing_may_miss_the_ends_by_two_pixels() -> None:
    beyond = CurveQuestion("?", 3.0, 4.5, "network")
    assert "From x = 3 to 4.5 your" in _judged(beyond, DrawnCurve([3.01, 4.48], [9, 9]), measured_of())
    assert "From x = 3.04 to 4.4 your" in _judged(beyond, DrawnCurve([3.04, 4.4], [9, 9]), measured_of())


@pytest.mark.parametrize(
    ("drawn", "praise"),
    [
        (lambda x: x**2 + 0.01, "Very close"),
        (lambda x: x**2 + 0.1, "Not far off"),
        (lambda x: x**2 + 2, "The shape is about right, but too high"),
        (lambda x: x**2 - 2, "The shape is about right, but too low"),
        (lambda x: 3 * x**2 - 2 / 3, "The shape is about right, but too steep"),  # of the same mean, so 200 % off
        (lambda x: 0.2 * x**2 + 0.8 / 3, "The shape is about right, but too flat"),
        (lambda x: x**2 + 0.4 * x, "Partly the right shape"),
        (lambda x: x, "It has another shape"),
        (lambda x: -(x**2), "It has another shape"),
        (lambda x: 0 * x, "It has another shape"),
    ],
)
def test_what_was_right_about_a_drawn_curve_is_said(drawn: Callable[[Any], Any], praise: str) -> None:
    x = np.linspace(-1, 1, 201)
    said = _judged(CurveQuestion("?", -1.0, 1.0, "target"), DrawnCurve(x, drawn(x)), measured_of())
    assert said.partition(".")[0] == praise
    assert "%" not in said


def test_a_curve_is_put_in_order_and_read_only() -> None:
    curve = DrawnCurve([2, 1], [20, 10])
    assert curve == DrawnCurve([1, 2], [10, 20])
    assert hash(curve) == hash(DrawnCurve([1, 2], [10, 20]))
    assert curve != DrawnCurve([1, 2], [10, 21])
    assert not curve.x.flags.writeable


@pytest.mark.parametrize(("x", "y"), [([1], [1]), ([1, 2], [1]), ([1, math.nan], [1, 2]), ([[1, 2]], [[1, 2]])])
def test_what_is_no_curve(x: Any, y: Any) -> None:
    with pytest.raises(ValueError, match="a curve"):
        DrawnCurve(x, y)


@pytest.mark.parametrize(
    ("question", "said"),
    [(CHOICES, 3), (CHOICES, -1), (CHOICES, 0.5), (NUMBER, 101.0), (NUMBER, math.nan), (CURVE, 1)],
)
def test_what_is_no_answer(question: Question, said: Answer) -> None:
    asking = entered(begin(lesson_of(LessonStep("One", "", question=question, action=DO))), measured_of())
    with pytest.raises(ValueError, match="not an answer"):
        answer(asking, said, measured_of())
