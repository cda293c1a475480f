"""Where a learner is in a lesson: a random walk against a plain model, and its memory."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.lesson_progress import played_through
from tests.lessons import LESSON_FILES
from tests.not_none import not_none
from tests.questions import CHOICES, CURVE, DO, NUMBER, lesson_of, measured_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.config.setting_text import paths_in_effect
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.lessons.expression import parse_expression
from tinynet_gui.core.lessons.lesson import Do, DoInOrder, Lesson, LessonStep, NumberQuestion, RunExperiment
from tinynet_gui.core.lessons.playing import memory
from tinynet_gui.core.lessons.playing.course import (
    LessonProgress,
    PageMoment,
    acted,
    answer,
    at_time,
    begin,
    entered,
    go_back,
    go_next,
    noticed,
)
from tinynet_gui.core.lessons.playing.memory import from_plain, reloaded, to_plain
from tinynet_gui.core.lessons.playing.predictions import DrawnCurve, Skipped
from tinynet_gui.core.lessons.playing.premises import ANYTHING, needed_by, premises, strayed, strayed_to
from tinynet_gui.core.lessons.reading.reader import read_lesson_file
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.run.events import LiveSettingsChanged, ParameterSet, first_rule
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import new_session
from tinynet_gui.core.text.shortened import unbroken
from tinynet_gui.core.training.start import initial_state
from tinynet_gui.core.wording.setting_line import VIEWS, hideable

# --- the way through a lesson


def test_the_way_through_a_lesson() -> None:
    lesson = lesson_of(
        LessonStep("One", "Now {step}.", reveal="Seen at {step}."),
        LessonStep("Two", "", action=DO, question=CHOICES, remember=(("near", parse_expression("within * 2")),)),
        LessonStep("Three", "It was {near}.", action=RunExperiment("swarm", 64, "sweep"), question=NUMBER),
        LessonStep("Four", "", reveal="{sweep.failed} of {sweep.seeds}, {sweep.loss(5)}, {curve_off}", question=CURVE),
    )
    start = begin(lesson)
    assert (start.status, start.texts) == ("enter", {})
    first = entered(start, measured_of(step=7))
    assert (first.status, first.texts, first.revealed) == ("done", {0: "Now 7."}, {0: "Seen at 7."})
    waiting = go_next(first)
    assert (waiting.at, waiting.reached, waiting.status) == (1, 1, "enter")
    asking = entered(waiting, measured_of())
    assert asking.status == "ask"
    assert asking.verdicts == {}
    assert noticed(asking, measured_of(step=200)) == asking  # it has not been answered yet
    acting = answer(asking, 1, measured_of())
    assert acting.status == "act"
    assert 1 not in acting.verdicts  # no answer is shown before it is done
    assert noticed(acting, measured_of(step=99)) == acting
    done = noticed(acting, measured_of(step=100))
    assert (done.status, done.known, done.verdicts[1]) == ("done", {"near": 1.0}, "Right: “a line”.")
    third = answer(entered(go_next(done), measured_of()), Skipped(), measured_of())
    assert third.texts[2] == "It was 1."
    found = {"sweep.failed": 16.0, "sweep.seeds": 64.0, "sweep.loss(5)": 0.25}
    third = acted(third, measured_of(), found)
    assert third.verdicts[2] == unbroken("It is 25 %.")
    fourth = answer(entered(go_next(third), measured_of()), DrawnCurve([3, 6], [6, 12]), measured_of())
    assert fourth.revealed[3] == "16 of 64, 0.25, 0"
    assert fourth.known == {"near": 1.0, **found}
    assert fourth.is_finished
    end = go_next(fourth)
    assert (end.at, end.is_at_end, go_next(end), go_back(end)) == (3, True, end, fourth)
    came = {place: each.value for place, each in fourth.outcomes.items()}
    assert came == {1: 1.0, 2: 25.0, 3: 0.0}  # a choice, a number, how far the curve was off
    curve = not_none(fourth.outcomes[3].curve)
    np.testing.assert_allclose(curve.y, 2 * curve.x)


def test_acts_in_order_are_done_when_all_hold_at_once() -> None:
    """Also when what was so is so no more."""
    acts = tuple(Do("Do.", parse_expression(text)) for text in ("within < 0.1", "step >= 100"))
    was = entered(begin(lesson_of(LessonStep("One", "", action=DoInOrder(acts)))), measured_of())
    for within, step, act in ((0.5, 100, 0), (0.05, 0, 1), (0.5, 0, 0), (0.05, 99, 1)):
        now = noticed(was, measured_of(within, step))
        assert (now.status, now.act) == ("act", act)
        assert noticed(now, measured_of(within, step)) is now
        was = now
    done = noticed(was, measured_of(0.05, 100))
    assert (done.status, done.act) == ("done", 0)


def test_what_was_read_stays_as_it_was() -> None:
    lesson = lesson_of(LessonStep("One", "Now {step}."), LessonStep("Two", "Now {step}."))
    second = entered(go_next(entered(begin(lesson), measured_of(step=1))), measured_of(step=2))
    assert entered(second, measured_of(step=3)) == second
    assert second.texts == {0: "Now 1.", 1: "Now 2."}
    assert go_back(second).at == 0
    assert go_next(go_back(second)) == second
    assert go_back(go_back(second)) == go_back(second)


def test_an_experiment_replaces_an_earlier_one_of_its_name() -> None:
    """Of a function, too, none of the old values stays."""
    run = RunExperiment("ladder", 8, "sweep")
    progress = begin(lesson_of(*(LessonStep(name, "", action=run) for name in ("One", "Two"))))
    progress = acted(entered(progress, {}), {}, {"sweep.held_out(3)": 1.0, "sweep.seeds": 8.0, "other.seeds": 7.0})
    progress = acted(entered(go_next(progress), {}), {}, {"sweep.seeds": 9.0})
    assert progress.known == {"sweep.seeds": 9.0, "other.seeds": 7.0}


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
        self.is_at_end = False
        self.skipped: set[int] = set()

    def do(self, what: str) -> None:
        left = self.left[self.reached]
        asked = {"skip": "answer", "notice": "act"}.get(what, what)
        if what == "back":
            self.at = max(self.at - (not self.is_at_end), 0)
            self.is_at_end = False
        elif what == "next":
            self.is_at_end = self.at == len(self.left) - 1 and not left
            if self.at < self.reached or (not left and self.reached + 1 < len(self.left)):
                self.at += 1
                self.reached = max(self.at, self.reached)
        elif left and left[0] == asked:
            del left[0]
            if what == "skip":
                self.skipped.add(self.reached)


@settings(max_examples=200)
@given(STEPS, WALK)
def test_a_random_walk(kinds: list[tuple[bool, bool]], walk: list[str]) -> None:
    lesson = lesson_of(
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
    met, unmet = measured_of(step=100), measured_of()
    does: dict[str, Callable[[LessonProgress], LessonProgress]] = {
        "enter": lambda p: entered(p, met),
        "answer": lambda p: answer(p, 1, met),
        "skip": lambda p: answer(p, Skipped(), met),
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
        assert (progress.at, progress.reached, progress.is_at_end) == (model.at, model.reached, model.is_at_end)
        assert progress.status == {"enter": "enter", "answer": "ask", "act": "act"}[left[0]] if left else "done"
        assert dict(progress.revealed) == {place: f"After {place}" for place in done}
        assert dict(progress.known) == {f"step_{place}": 100.0 for place in done}
        asked = [place for place in done if kinds[place][0]]
        said = {place: "It was “a line”." if place in model.skipped else "Right: “a line”." for place in asked}
        assert dict(progress.verdicts) == said
        was_entered = [place for place in range(model.reached + 1) if model.left[place][:1] != ["enter"]]
        assert dict(progress.texts) == {place: f"Before {place}" for place in was_entered}
        assert progress.is_finished == (not any(model.left))


# --- its memory


def test_it_is_remembered_to_the_bit_as_strict_json() -> None:
    progress = played_through()
    again = from_plain(json.loads(json.dumps(to_plain(progress), allow_nan=False)), progress.lesson)
    assert again.answers == progress.answers
    assert again.known["sweep.worst"] == math.inf
    assert math.isnan(again.known["far"])
    assert to_plain(again) == to_plain(progress)


def test_of_another_lesson_it_begins_anew() -> None:
    progress, lesson = played_through(), played_through().lesson
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


@settings(max_examples=150)
@given(st.data())
def test_nonsense_begins_anew(data: st.DataObject) -> None:
    plain = to_plain(played_through())
    lesson = played_through().lesson
    assert from_plain(data.draw(JSON), lesson) == begin(lesson)
    key = data.draw(st.sampled_from(sorted(plain)))
    plain[key] = data.draw(JSON)
    progress = from_plain(plain, lesson)
    if progress != begin(lesson):  # then one can go on from there, and look at all of it
        for _ in lesson.steps:
            progress = go_back(progress)
        for _ in lesson.steps:
            progress = go_next(acted(answer(entered(progress, measured_of()), Skipped(), measured_of()), measured_of()))
        assert progress.is_finished
        assert all(isinstance(text, str) for text in (*progress.texts.values(), *progress.revealed.values()))


class TooMany(dict[str, Any]):
    """Moments that are counted before they are made: who makes them finds none, and no fault."""

    def __len__(self) -> int:
        return 1_000_000


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("reached", 3), ("at", 3), ("at", -1), ("status", "act"), ("status", "sleep")),
        *(
            ("answers", dict(zip("012", said, strict=True)))
            for said in ((1, None, 0), (None, None, True), (None, 1000, 0))
        ),
        ("moments", TooMany()),
        *(("answers", {}), ("revealed", {}), ("known", {"sweep.loss(a)": 1.0}), ("known", {"far": "much"})),
    ],
)
def test_where_no_learner_can_be_it_begins_anew(key: str, value: object) -> None:
    progress = played_through()
    assert from_plain({**to_plain(progress), key: value}, progress.lesson) == begin(progress.lesson)


# --- its times, and a lesson that is written anew


def test_the_time_until_an_answer_is_that_of_playing() -> None:
    progress = at_time(begin(played_through().lesson), 3.0, 100)
    progress = at_time(entered(progress, measured_of()), 4.0, 100)
    progress = at_time(progress, 6.0, 101)  # something else
    again = from_plain(json.loads(json.dumps(to_plain(progress))), progress.lesson)  # a week later
    answered = at_time(answer(again, DrawnCurve([3, 6], [0, 1]), measured_of()), 9.0, 10_181)
    assert (answered.times.took, answered.times.begun, answered.times.finished) == ({0: 5.0}, 100, None)
    far = at_time(played_through(), 9.0, 7)
    assert (far.times.took, far.times.begun, far.times.finished) == ({}, None, None)


@given(st.lists(st.sampled_from(range(6)), min_size=1, max_size=6))
def test_moments_are_kept_as_differences_within_bounds(kinds: list[int]) -> None:
    samples = [Points(np.linspace(-3, 3, 200), np.full(200, 1 / (3 + kind)), origin="own.csv") for kind in range(2)]
    configs = [Config(), Config().with_changes({"network.hidden": (3, 2), "training.nesterov": True})]
    configs += [config.replace("data.points", points) for config in configs[:2] for points in samples]
    lesson = lesson_of(*(LessonStep(f"Page {place}", "") for place in range(6)))
    texts: dict[str, Any] = {name: dict.fromkeys(range(6), "") for name in ("texts", "revealed")}
    moments = {place: PageMoment(configs[kind], place) for place, kind in enumerate(kinds)}
    progress = LessonProgress(lesson, 5, 5, "done", moments=moments, **texts)
    text = json.dumps(to_plain(progress))
    assert from_plain(json.loads(text), lesson) == progress
    whole = max(len(json.dumps(config.to_dict())) for config in configs)
    changes = 1 + sum(a.config.data.points != b.config.data.points for a, b in pairwise(moments.values()))
    assert len(text) < 3_000 + changes * whole  # not once for each page
    with patch.object(memory, "MAX_MOMENTS", 1.5 * whole):
        kept = from_plain(json.loads(json.dumps(to_plain(progress))), lesson).moments
    assert kept == {place: moments[place] for place in sorted(moments)[-len(kept) :]}
    assert len(kept) >= 1


def _with(lesson: Lesson, place: int, **changes: Any) -> Lesson:
    steps = list(lesson.steps)
    steps[place] = replace(steps[place], **changes)
    return replace(lesson, steps=tuple(steps))


@pytest.mark.parametrize(
    ("at", "change", "stands"),
    [
        (2, {"text": "Now {step}.", "title": "Another"}, (2, 2, "done")),
        (0, {"text": "Now {step}."}, (0, 2, "done")),
        (2, {"question": CHOICES}, (1, 1, "enter")),
        (0, {"question": CHOICES}, (0, 0, "done")),
        (1, {"setting": Config().replace("data.noise", 1.0)}, (1, 1, "enter")),
    ],
)
def test_a_reloaded_lesson_stays_unless_pages_so_far_changed(
    at: int, change: dict[str, object], stands: tuple[int, int, str]
) -> None:
    was = replace(played_through(), at=at)
    lesson = _with(was.lesson, 1, **change)
    now = reloaded(was, lesson, measured_of(step=7))
    assert (now.at, now.reached, now.status) == stands
    assert now.lesson is lesson
    kept = now.reached + (now.status == "done")
    assert now.answers == {place: given for place, given in was.answers.items() if place < kept}
    if kept > 1:
        assert now.texts == {**was.texts, 1: "Now 7."}
        assert from_plain(to_plain(now), lesson).texts == now.texts


def test_drawn_curves_keep_their_numbers_when_words_change() -> None:
    lesson = lesson_of(LessonStep("One", "", question=CURVE, reveal="Off {curve_off:3}, bent {curve_bent}."))
    was = answer(entered(begin(lesson), measured_of()), DrawnCurve([3, 6], [0.1, 1 / 3]), measured_of())
    elsewhere = {**measured_of(), "output": lambda x: -5.0, "target": lambda x: -5.0}
    now = reloaded(was, _with(lesson, 0, reveal="Now off {curve_off:3}, bent {curve_bent}."), elsewhere)
    assert now.revealed[0] == f"Now {was.revealed[0].replace('Off', 'off')}"
    assert "NaN" not in now.revealed[0]


def test_pages_can_go_and_come_at_the_end_of_a_reloaded_lesson() -> None:
    end = go_next(played_through())
    longer = replace(end.lesson, steps=(*end.lesson.steps, LessonStep("Four", "More.")))
    assert (longer_now := reloaded(end, longer, {})).is_at_end is False
    assert go_next(longer_now).at == 3
    shorter = reloaded(end, replace(end.lesson, steps=end.lesson.steps[:2]), {})
    assert (shorter.at, shorter.status, shorter.is_finished) == (1, "done", True)


# --- what a page stands on

FREE = {  # by lesson and page, what may differ there: it is asked for, or belongs to an experiment or a map
    **dict.fromkeys(((2, 8), (3, 8), (4, 7), (5, 11), (6, 8), (7, 10), (8, 10)), "everything"),
    **dict.fromkeys(((9, 9), (10, 10), (11, 2), (11, 3), (11, 4), (11, 6)), "everything"),
    **dict.fromkeys(((11, 7), (12, 10), (13, 7), (14, 7), (15, 10), (16, 5)), "everything"),
    **dict.fromkeys(((17, 8), (18, 5), (19, 8), (20, 9)), "everything"),
    **{(13, page): "network.weight_scale training.learning_rate" for page in range(1, 7)},
    **{(number, 6): "network.hidden network.seed" for number in (2, 4)},
    **{(16, page): "network.drawn_before network.seed" for page in (2, 3, 4)},
    **dict.fromkeys(((1, 5), (3, 1)), "network.drawn_before network.seed"),
    (1, 7): "network.activation network.hidden",
    (6, 7): "",  # that trains without each sample in turn, from the same seed
    (4, 5): "network.hidden network.seed",
    **dict.fromkeys(((14, 6), (20, 4)), "training.learning_rate"),
}
CHANGES = {"network.hidden": (7,), "network.seed": 77, "data.seed": 78, "training.learning_rate": 0.077}


@pytest.mark.parametrize("file", LESSON_FILES, ids=lambda file: file.stem)
def test_a_page_is_about_settings_it_does_not_ask_to_change(file: Path) -> None:
    number, steps = int(file.stem[:2]), read_lesson_file(file).steps
    for at, step in enumerate(steps):
        stands_on = premises(steps, at, (3, 4))
        usual = "network.seed" if isinstance(step.action, RunExperiment) else ""
        wanted = FREE.get((number, at + 1), usual)
        if (number, at + 1) not in FREE and step.setting is None and at:  # it goes on from the page before
            wanted = " ".join(sorted(premises(steps, at - 1).free | set(usual.split())))
        free = "everything" if stands_on.free >= ANYTHING else " ".join(sorted(stands_on.free))
        assert free == wanted, (file.stem, at + 1)
        for config in stands_on.configs:
            run = new_session(config).run
            assert strayed(stands_on, run) is None
            for path, value in CHANGES.items():
                changed = replace(run, wanted=replace(run.wanted, config=config.replace(path, value)))
                found = strayed(stands_on, changed)
                is_free = free == "everything" or path in free.split() or path not in paths_in_effect(config)
                assert (found is None) is is_free, (file.stem, at + 1, path)
                assert found is None or found.paths == (path,)


def test_the_line_names_the_change_and_the_pages_setting() -> None:
    steps = read_lesson_file(LESSON_FILES[17]).steps
    stands_on = premises(steps, 2)
    [config] = stands_on.configs
    for changes, line in (
        ({"network.hidden": (3,)}, "You changed Neurons; this page is about 100."),
        ({"training.batch_size": 5}, "You changed Batch; this page is about all."),
        (
            {"network.seed": 8, "training.learning_rate": 0.1},
            "You changed Network seed, Learning rate; this page is about 7, 0.001.",
        ),
        ({"training.stop_step": 20}, ""),
    ):
        found = strayed_to(stands_on, config.with_changes(changes))
        assert ("" if found is None else found.text) == line


def test_a_change_undone_too_late_still_strays_from_the_page() -> None:
    """Steps with another learning rate, or a weight set by hand, stay in the run; not in what was seen before them."""
    steps = read_lesson_file(LESSON_FILES[1]).steps
    stands_on = premises(steps, 0)
    rule = first_rule(stands_on.configs[0], "Compiled")
    quick = rule.config.replace("training.learning_rate", 0.01)
    there_and_back = LiveSettingsChanged(5, quick), LiveSettingsChanged(8, rule.config)
    state = replace(initial_state(rule.config), step=20)
    run = Run(1, rule, wanted=rule, events=there_and_back, checkpoints=(state,))
    assert not_none(strayed(stands_on, run)).paths == ("training.learning_rate",)
    assert strayed(stands_on, run, until=5) is None
    untouched = replace(run, events=(LiveSettingsChanged(20, quick), LiveSettingsChanged(20, rule.config)))
    assert strayed(stands_on, untouched) is None
    by_hand = replace(run, events=(ParameterSet(7, ParameterRef(0, "bias", (0,)), 1.0),))
    text = "You changed weights by hand; this page is about the network without that."
    assert not_none(strayed(stands_on, by_hand)).text == text
    assert strayed(stands_on, by_hand, until=7) is None


def test_a_lesson_needs_what_its_pages_bring_run_or_use() -> None:
    def of(number: int) -> set[str]:
        return {name for name in needed_by(read_lesson_file(LESSON_FILES[number - 1]).steps) if name in known}

    known = {*hideable(), *VIEWS}
    drawn = {"network.activation", "network.drawn_before", "network.hidden", "network.seed"} & known
    assert of(1) == drawn | {"view.numbers", "action.new_seed"}
    assert of(10) == {"network.hidden", "network.activation", "data.sample_count", "data.points", "data.held_out"}
    assert of(11) == {"experiment.swarm", "view.experiments", "view.numbers", "network.hidden", "network.activation"}
    assert {"view.map", "training.learning_rate"} <= of(13)
