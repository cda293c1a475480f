"""Where a learner is in a lesson: a random walk against a plain model, the sentences on predictions, and its memory."""

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.course import (
    Progress,
    acted,
    answer,
    begin,
    entered,
    from_plain,
    go_back,
    go_next,
    noticed,
    skip,
    to_plain,
    verdict,
)
from tinynet_gui.core.lessons.expression import Scope, parse_expression
from tinynet_gui.core.lessons.lesson import (
    Choice,
    ChoiceQuestion,
    CurveQuestion,
    Do,
    Lesson,
    LessonStep,
    NumberQuestion,
    Question,
    RunExperiment,
    TrainTo,
)
from tinynet_gui.core.lessons.predictions import Answer, Curve, Skipped
from tinynet_gui.core.text.unbroken import SPACE, unbroken

CHOICES = ChoiceQuestion(
    "What will it draw?",
    (
        Choice("a parabola", parse_expression("within < 0.1")),
        Choice("a line", parse_expression("within < 1")),
        Choice("something else", None),
    ),
)
NUMBER = NumberQuestion("How many?", parse_expression("100 * sweep.failed / sweep.seeds"), "%", 0.0, 100.0, 5.0)
CURVE = CurveQuestion("Draw it.", 3.0, 6.0, "network")
DO = Do("Press Start.", parse_expression("step >= 100"), "startButton")


def _lesson(*steps: LessonStep, title: str = "A lesson") -> Lesson:
    return Lesson(title, "About it.", 5, frozenset({"view.microscope"}), steps)


def _measured(within: float = 0.5, step: float = 0.0) -> dict[str, Any]:
    return {"within": within, "step": step, "output": lambda x: 2 * x, "target": lambda x: x**2}


def _judged(question: Question, given: Answer | Skipped, scope: Scope) -> str:
    progress = answer(entered(begin(_lesson(LessonStep("One", "", question=question))), scope), given, scope)
    assert progress.stage == "done"
    said = verdict(progress, 0)
    assert said == unbroken(said)
    return said.replace(SPACE, " ")


# --- the way through a lesson


def test_the_way_through_a_lesson() -> None:
    lesson = _lesson(
        LessonStep("One", "Now {step}.", reveal="Seen at {step}."),
        LessonStep("Two", "", action=DO, question=CHOICES, remember=(("near", parse_expression("within * 2")),)),
        LessonStep("Three", "It was {near}.", action=RunExperiment("swarm", 64, "sweep"), question=NUMBER),
        LessonStep("Four", "", reveal="{sweep.failed} of {sweep.seeds}, {sweep.loss(5)}, {curve_off}", question=CURVE),
    )
    start = begin(lesson)
    assert (start.stage, start.texts) == ("enter", {})
    first = entered(start, _measured(step=7))
    assert (first.stage, first.texts, first.revealed) == ("done", {0: "Now 7."}, {0: "Seen at 7."})
    waiting = go_next(first)
    assert (waiting.at, waiting.reached, waiting.stage) == (1, 1, "enter")
    asking = entered(waiting, _measured())
    assert asking.stage == "ask"
    assert verdict(asking, 1) == ""
    assert noticed(asking, _measured(step=200)) == asking  # it has not been answered yet
    acting = answer(asking, 1, _measured())
    assert acting.stage == "act"
    assert verdict(acting, 1) == ""  # no answer is shown before it is done
    assert noticed(acting, _measured(step=99)) == acting
    done = noticed(acting, _measured(step=100))
    assert (done.stage, done.known, verdict(done, 1)) == ("done", {"near": 1.0}, "Right: “a line”.")
    third = skip(entered(go_next(done), _measured()), _measured())
    assert third.texts[2] == "It was 1."
    found = {"sweep.failed": 16.0, "sweep.seeds": 64.0, "sweep.loss(5)": 0.25}
    third = acted(third, _measured(), found)
    assert verdict(third, 2) == unbroken("It is 25 %.")
    fourth = answer(entered(go_next(third), _measured()), Curve([3, 6], [6, 12]), _measured())
    assert fourth.revealed[3] == "16 of 64, 0.25, 0"
    assert fourth.known == {"near": 1.0, **found}
    assert fourth.is_finished
    assert go_next(fourth) == fourth


def test_what_was_read_stays_as_it_was() -> None:
    lesson = _lesson(LessonStep("One", "Now {step}."), LessonStep("Two", "Now {step}."))
    second = entered(go_next(entered(begin(lesson), _measured(step=1))), _measured(step=2))
    assert entered(second, _measured(step=3)) == second
    assert second.texts == {0: "Now 1.", 1: "Now 2."}
    assert go_back(second).at == 0
    assert go_next(go_back(second)) == second
    assert go_back(go_back(second)) == go_back(second)


def test_an_experiment_takes_the_place_of_an_earlier_one_of_its_name() -> None:
    """Of a function, too, none of the old values stays."""
    run = RunExperiment("ladder", 8, "sweep")
    progress = begin(_lesson(*(LessonStep(name, "", action=run) for name in ("One", "Two"))))
    progress = acted(entered(progress, {}), {}, {"sweep.held_out(3)": 1.0, "sweep.seeds": 8.0, "other.seeds": 7.0})
    progress = acted(entered(go_next(progress), {}), {}, {"sweep.seeds": 9.0})
    assert progress.known == {"sweep.seeds": 9.0, "other.seeds": 7.0}


# --- predictions


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
    assert _judged(CHOICES, said, _measured(within)) == sentence


def test_a_choice_of_which_none_holds() -> None:
    question = ChoiceQuestion("?", CHOICES.choices[:2])
    assert _judged(question, 0, _measured(2.0)) == "This time none of the answers holds."


@pytest.mark.parametrize(
    ("failed", "said", "sentence"),
    [
        (16, 25.0, "Right: it is 25 %."),
        (16, 20.0, "Right: you said 20 %, and it is 25 %."),
        (16, 30.01, "Close: you said 30 %, and it is 25 %."),
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


def _off(curve: Curve | Skipped, question: CurveQuestion, scope: Scope) -> float:
    """As the text is told, and as can be remembered."""
    step = LessonStep("One", "", question=question, remember=(("kept", parse_expression("curve_off")),))
    return answer(entered(begin(_lesson(step)), scope), curve, scope).known["kept"]


def test_a_curve_is_compared_where_both_are_known() -> None:
    """Against an integral by hand: of (2x − c)² from 3 to 6 the mean is the variance 3 plus (9 − c)²."""
    flat = Curve([0, 10], [9, 9])
    assert _off(flat, CURVE, _measured()) == pytest.approx(math.sqrt(3), rel=0.01)
    assert _judged(CURVE, flat, _measured()) == (
        "It has another shape: from x = 3 to 6 your curve is 1.74 away from the network’s (root mean square)."
    )
    shifted = Curve([3, 6], [6.1, 12.1])
    assert _off(shifted, CURVE, _measured()) == pytest.approx(0.1)
    assert _judged(CURVE, shifted, _measured()).startswith("Very close: from x = 3 to 6 your curve is 0.1 away")
    short = Curve([4, 5], [9, 11])
    assert _off(short, CURVE, _measured()) == pytest.approx(1.0)
    assert "from x = 4 to 5" in _judged(CURVE, short, _measured())
    assert math.isnan(_off(Curve([0, 2], [0, 0]), CURVE, _measured()))
    assert math.isnan(_off(Skipped(), CURVE, _measured()))
    assert _judged(CURVE, Skipped(), _measured()) == ""
    assert _judged(CURVE, Curve([0, 2], [0, 0]), _measured()).startswith("There is no x")


def test_a_curve_can_be_compared_with_the_true_function() -> None:
    truth = CurveQuestion("?", -1.0, 1.0, "target")
    x = np.linspace(-1, 1, 2001)
    assert _off(Curve(x, x**2), truth, _measured()) == pytest.approx(0, abs=1e-6)
    assert "the true one" in _judged(truth, Curve(x, x), _measured())
    known = {"target": lambda x: x if x > 0 else math.nan}
    assert _off(Curve([-1, 1], [0, 2]), truth, known) == pytest.approx(1.0)  # of x + 1 from x
    assert "from x = 0.01 to 1" in _judged(truth, Curve([-1, 1], [0, 2]), known)
    assert math.isnan(_off(Curve([-1, 1], [0, 0]), truth, {"target": lambda x: math.nan}))
    flat = _judged(truth, Curve([-1, 1], [0, 0]), {"target": lambda x: 1.0})
    assert flat == (
        "The shape is about right, but too low: "
        "from x = −1 to 1 your curve is 1 away from the true one (root mean square)."
    )


@pytest.mark.parametrize(("low", "high"), [(2.2, 5.0), (3.0, 4.5)])
def test_a_parabola_beyond_the_data_is_no_straight_line(low: float, high: float) -> None:
    """Also if it is drawn by a hand that wobbles by a pixel or two; a line that wobbles is none that bends."""
    beyond, x = CurveQuestion("?", low, high, "network"), np.linspace(low, high, 41)
    straight, wobbles = {"output": lambda x: 2.3 * x - 1}, 0.1 * np.sin(7 * np.arange(41))

    def bent(y: Any, scope: Scope = straight) -> float:
        step = LessonStep("One", "", question=beyond, remember=(("kept", parse_expression("curve_bent")),))
        return answer(entered(begin(_lesson(step)), scope), Curve(x, y + wobbles), scope).known["kept"]

    assert "too bent" in _judged(beyond, Curve(x, x**2 + wobbles), straight)
    assert "too straight" in _judged(beyond, Curve(x, 9 * x - 12 + wobbles), {"output": lambda x: x**2})
    assert "The shape is about right, but too high" in _judged(beyond, Curve(x, 3 * x + 2 + wobbles), straight)
    assert [bent(y) for y in (x**2, 7 * x - 10, 12 * x - x**2, 9 + 0.02 * (x - x.mean()) ** 2)] == [1, 0, -1, 0]
    assert bent(9 * x - 12, {"output": lambda x: x**2}) == -1


def test_a_drawing_that_misses_the_ends_by_a_pixel_or_two_is_one_of_all_that_was_asked() -> None:
    beyond = CurveQuestion("?", 3.0, 4.5, "network")
    assert "from x = 3 to 4.5 your" in _judged(beyond, Curve([3.01, 4.48], [9, 9]), _measured())
    assert "from x = 3.04 to 4.4 your" in _judged(beyond, Curve([3.04, 4.4], [9, 9]), _measured())


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
    said = _judged(CurveQuestion("?", -1.0, 1.0, "target"), Curve(x, drawn(x)), _measured())
    assert said.partition(":")[0] == praise
    assert "%" not in said


def test_a_curve_is_put_in_order_and_read_only() -> None:
    curve = Curve([2, 1], [20, 10])
    assert curve == Curve([1, 2], [10, 20])
    assert hash(curve) == hash(Curve([1, 2], [10, 20]))
    assert curve != Curve([1, 2], [10, 21])
    assert not curve.x.flags.writeable


@pytest.mark.parametrize(("x", "y"), [([1], [1]), ([1, 2], [1]), ([1, math.nan], [1, 2]), ([[1, 2]], [[1, 2]])])
def test_what_is_no_curve(x: Any, y: Any) -> None:
    with pytest.raises(ValueError, match="a curve"):
        Curve(x, y)


@pytest.mark.parametrize(
    ("question", "said"),
    [(CHOICES, 3), (CHOICES, -1), (CHOICES, 0.5), (NUMBER, 101.0), (NUMBER, math.nan), (CURVE, 1)],
)
def test_what_is_no_answer(question: Question, said: Answer) -> None:
    asking = entered(begin(_lesson(LessonStep("One", "", question=question, action=DO))), _measured())
    with pytest.raises(ValueError, match="no answer"):
        answer(asking, said, _measured())


# --- a random walk against a plain model

STEPS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=5)  # asks, acts
WALK = st.lists(
    st.sampled_from(["enter", "answer", "skip", "act", "notice", "notice not", "back", "next", "save"]), max_size=40
)


class Model:
    """Lists of what is left to do in each step, and nothing else."""

    def __init__(self, steps: list[tuple[bool, bool]]) -> None:
        self.left = [["enter"] + ["answer"] * asks + ["act"] * acts for asks, acts in steps]
        self.at = self.reached = 0
        self.skipped: set[int] = set()

    def do(self, what: str) -> None:
        left = self.left[self.reached]
        asked = {"skip": "answer", "notice": "act"}.get(what, what)
        if what == "back":
            self.at = max(self.at - 1, 0)
        elif what == "next":
            if self.at < self.reached or (not left and self.reached + 1 < len(self.left)):
                self.at += 1
                self.reached = max(self.at, self.reached)
        elif left and left[0] == asked:
            del left[0]
            if what == "skip":
                self.skipped.add(self.reached)


@settings(max_examples=200, deadline=None)
@given(STEPS, WALK)
def test_a_random_walk(kinds: list[tuple[bool, bool]], walk: list[str]) -> None:
    lesson = _lesson(
        *(
            LessonStep(
                f"Step {place}",
                f"Before {place}",
                question=CHOICES if asks else None,
                action=DO if acts else None,
                remember=((f"step_{place}", parse_expression("step")),),
                reveal=f"After {place}",
            )
            for place, (asks, acts) in enumerate(kinds)
        )
    )
    met, unmet = _measured(step=100), _measured()
    does: dict[str, Callable[[Progress], Progress]] = {
        "enter": lambda p: entered(p, met),
        "answer": lambda p: answer(p, 1, met),
        "skip": lambda p: skip(p, met),
        "act": lambda p: acted(p, met),
        "notice": lambda p: noticed(p, met),
        "notice not": lambda p: noticed(p, unmet),
        "back": go_back,
        "next": go_next,
        "save": lambda p: from_plain(json.loads(json.dumps(to_plain(p), allow_nan=False)), lesson),
    }
    model, progress = Model(kinds), begin(lesson)
    for what in walk:
        progress = does[what](progress)
        model.do(what)
        left = model.left[model.reached]
        done = [place for place in range(model.reached + 1) if not model.left[place]]
        assert (progress.at, progress.reached) == (model.at, model.reached)
        assert progress.stage == {"enter": "enter", "answer": "ask", "act": "act"}[left[0]] if left else "done"
        assert dict(progress.revealed) == {place: f"After {place}" for place in done}
        assert dict(progress.known) == {f"step_{place}": 100.0 for place in done}
        asked = [place for place in done if kinds[place][0]]
        said = {place: "It was “a line”." if place in model.skipped else "Right: “a line”." for place in asked}
        assert dict(progress.verdicts) == said
        was_entered = [place for place in range(model.reached + 1) if model.left[place][:1] != ["enter"]]
        assert dict(progress.texts) == {place: f"Before {place}" for place in was_entered}
        assert progress.is_finished == (not any(model.left))


# --- its memory


def _far() -> Progress:
    """A learner who has done all there is."""
    lesson = _lesson(
        LessonStep("One", "", question=CURVE, action=TrainTo(10)),
        LessonStep("Two", "", setting=Config(), question=NUMBER, action=RunExperiment("swarm", 64, "sweep")),
        LessonStep("Three", "", question=CHOICES, remember=(("far", parse_expression("1 / 0")),)),
    )
    progress = answer(entered(begin(lesson), _measured()), Curve([3, 6], [0.1, 1 / 3]), _measured())
    progress = go_next(acted(progress, _measured()))
    progress = skip(entered(progress, _measured()), _measured())
    progress = acted(progress, _measured(), {"sweep.failed": 3.0, "sweep.seeds": 64.0, "sweep.worst": math.inf})
    return answer(entered(go_next(progress), _measured()), 0, _measured())


def test_it_is_remembered_to_the_bit_as_strict_json() -> None:
    progress = _far()
    again = from_plain(json.loads(json.dumps(to_plain(progress), allow_nan=False)), progress.lesson)
    assert again.answers == progress.answers
    assert again.known["sweep.worst"] == math.inf
    assert math.isnan(again.known["far"])
    assert to_plain(again) == to_plain(progress)


def test_of_another_lesson_it_begins_anew() -> None:
    progress, lesson = _far(), _far().lesson
    other = Lesson("Another", lesson.about, lesson.minutes, lesson.hidden, lesson.steps)
    assert from_plain(to_plain(progress), other) == begin(other)
    changed = NumberQuestion(NUMBER.text, parse_expression("sweep.failed"), "%", 0.0, 100.0, 5.0)
    steps = (lesson.steps[0], LessonStep("Two", "", setting=Config(), question=changed), lesson.steps[2])
    other = Lesson(lesson.title, lesson.about, lesson.minutes, lesson.hidden, steps)
    assert from_plain(to_plain(progress), other) == begin(other)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["0", "1", "x", "y"]), inner),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_nonsense_begins_anew(data: st.DataObject) -> None:
    plain = to_plain(_far())
    lesson = _far().lesson
    assert from_plain(data.draw(JSON), lesson) == begin(lesson)
    key = data.draw(st.sampled_from(sorted(plain)))
    plain[key] = data.draw(JSON)
    progress = from_plain(plain, lesson)
    if progress != begin(lesson):  # then one can go on from there, and look at all of it
        for _ in lesson.steps:
            progress = go_back(progress)
        for _ in lesson.steps:
            progress = go_next(acted(skip(entered(progress, _measured()), _measured()), _measured()))
        assert progress.is_finished
        assert all(isinstance(text, str) for text in (*progress.texts.values(), *progress.revealed.values()))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("reached", 3),
        ("at", 3),
        ("at", -1),
        ("stage", "act"),
        ("stage", "sleep"),
        ("answers", {}),
        ("answers", {"0": 1, "1": None, "2": 0}),
        ("answers", {"0": None, "1": None, "2": True}),
        ("answers", {"0": None, "1": 1000, "2": 0}),
        ("revealed", {}),
        ("known", {"sweep.loss(a)": 1.0}),
        ("known", {"far": "much"}),
    ],
)
def test_where_no_learner_can_be_it_begins_anew(key: str, value: object) -> None:
    progress = _far()
    assert from_plain({**to_plain(progress), key: value}, progress.lesson) == begin(progress.lesson)
