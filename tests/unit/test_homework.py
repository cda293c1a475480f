"""Homework: a page asks a lesson's questions and has none of its answers; what it hands in is graded by training."""

import html
import json
import math
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tests.runs import config_of, run_of
from tests.unit.test_web_page import COLORS, data_of, inside
from tinynet_gui.core.config import Config
from tinynet_gui.core.export.web_page import page_of
from tinynet_gui.core.lessons.answers import Answers, read_answers, write_answers
from tinynet_gui.core.lessons.homework import graded, homework_of, not_graded
from tinynet_gui.core.lessons.lesson import ChoiceQuestion, Lesson, NumberQuestion
from tinynet_gui.core.lessons.playing.predictions import Skipped
from tinynet_gui.core.lessons.reading.reader import read_lesson
from tinynet_gui.core.run.replay import moments
from tinynet_gui.core.run.train import train
from tinynet_gui.core.training.start import initial_state

HEAD = '+++\ntitle = "A task"\nabout = "b"\nminutes = 5\n+++\n'
TASK = f"""{HEAD}
## Train
Formula $x^2$, {{loss}} and $a = {{loss}}$.

[if loss < 5] The secret condition.

```lesson
ask = "What is the loss?"
number = {{answer = "loss + 0 * weight(1, 1, 1)", low = 0, high = 50, near = 0.01}}
```
The secret reveal, {{loss}}.

## Count
Before it.

```lesson
ask = "How many die?"
choices = [
  {{text = "none", when = "dead + 0 < 1"}},
  {{text = "some", when = "otherwise"}},
]
train_to = 50
```

## Draw
```lesson
ask = "How does it go on?"
curve = {{from = 3, to = 6, of = "target"}}
```

## Say
```lesson
ask = "Why?"
sentence = true
```
"""
LESSON = read_lesson(TASK)
LINE = "target=square&lr=0.05"
CONFIG = config_of(training__learning_rate=0.05)


RUN = run_of(Config(), [initial_state(Config())])
SHOWN = list(moments(RUN, [0]))


def page_with(lesson: Lesson) -> str:
    return page_of(RUN, SHOWN, COLORS, homework=homework_of(lesson, html.escape)).content.decode()


def answered(*guesses: Any, lesson: Lesson = LESSON, **state: Any) -> Answers:
    """What the page's script writes: its blank answers, filled in."""
    plain = data_of(page_with(lesson))["homework"]["answers"]
    for question, guess in zip(plain["questions"], guesses, strict=False):
        question.update({"guess": guess, "mark": "open", "setting": LINE, "step": 20} | state)
    return read_answers(json.dumps(plain | {"name": "Ada", "begun": 5, "saved": 6}).encode())


def test_no_answer_is_in_the_page() -> None:
    page = page_with(LESSON)
    task = page[page.index('id="homework"') : page.index("</section>")]
    for words in ("A task", "Formula $x^2$, … and $a = {\\ldots}$.", "What is the loss?", "some", "Train to step 50"):
        assert html.escape(words) in task
    for secret in ("weight(1", "loss + 0", "dead + 0", "secret", "otherwise", "0.01", "of = "):
        assert secret not in task
        assert secret not in json.dumps(data_of(page)["homework"])
    asked = data_of(page)["homework"]["answers"]["questions"]
    assert [each["kind"] for each in asked] == ["number", "choice", "sentence", "sentence"]
    assert {each["guess"] for each in asked} == {None}
    assert data_of(page)["homework"]["ranges"] == [[0, 50], None, None, None]
    with pytest.raises(ValueError, match="no question"):
        homework_of(read_lesson(f"{HEAD}\n## One\nText.\n"), html.escape)


def test_grading_trains_again_and_trusts_nothing_stored() -> None:
    loss, dead = train(CONFIG, 20).loss, 1
    handed_in = answered(round(loss, 4), dead, "It <b>bends</b>.", "So.")
    lied = replace(handed_in.questions[0], guess=loss + 5, mark="right", came=loss + 5, verdict="Right!")
    [right, count, drawn, sentence] = graded(handed_in, LESSON).questions
    assert right.mark == "right"
    assert right.came == pytest.approx(loss)
    assert right.verdict.endswith(f"Trained again to step 20: {LINE}")
    assert count.verdict.endswith("Trained again to step 50: " + LINE)  # as the lesson's own task says
    assert (drawn.guess, drawn.guess_text, drawn.mark) == ("It <b>bends</b>.",) * 2 + ("open",)
    assert (sentence.guess, sentence.verdict) == ("So.", "You wrote “So.”. A sentence is not graded.")
    [wrong, *_] = graded(replace(handed_in, questions=(lied,)), LESSON).questions
    assert (wrong.mark, wrong.came) == ("wrong", right.came)
    assert read_answers(write_answers(graded(handed_in, LESSON))) == graded(handed_in, LESSON)
    assert read_answers(write_answers(handed_in)) == handed_in


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"setting": ""}, "changed on the way"),
        ({"setting": "nonsense"}, "Not graded."),
        ({"setting": "target=square&nothing=1"}, "nothing"),
        ({"setting": "hidden=1000,1000", "step": 1_000}, "too long"),
        ({"step": 2**40}, "too long"),
        ({"question": "How many live?"}, "not a question of this lesson"),
        ({"page": 2}, "not a question of this lesson"),
    ],
)
def test_what_cannot_be_graded_says_why(state: dict[str, Any], words: str) -> None:
    [number, *_] = answered(1.0).questions
    found = graded(replace(answered(1.0), questions=(replace(number, **state),)), LESSON).questions[0]
    assert words in found.verdict
    assert (found.mark, found.came) == ("open", None)


def test_a_setting_that_the_lesson_gives_is_its_premise() -> None:
    lesson = read_lesson(TASK.replace('ask = "What', 'setting = "hidden=5&lr=0.05"\nask = "What'))
    for line, mark in ((LINE, "open"), (f"{LINE}&hidden=5", "wrong")):
        found = graded(answered(49.0, lesson=lesson, setting=line), lesson).questions[0]
        assert found.mark == mark
        assert ("You changed Neurons" in found.verdict) == (mark == "open")
    assert "<b>Setting: 5 neurons, lr 0.05</b>" in page_with(lesson)


def test_what_takes_more_than_one_training_is_not_graded() -> None:
    """Compared with a number that is not known, a right answer was called wrong."""
    blocks = (
        'remember = {one = "loss"}\ntrain_to = 20',
        'ask = "?"\nchoices = [{text = "a", when = "loss < one"}, {text = "b", when = "otherwise"}]\ntrain_to = 50',
        'ask = "?"\nnumber = {answer = "swarm.failed", low = 0, high = 9, near = 1}\nexperiment = {kind = "swarm"}',
        'ask = "?"\nnumber = {answer = "loss", low = 0, high = 9, near = 1}\ntrain_on = {samples = "x=1&y=4", to = 9}',
        'ask = "?"\nnumber = {answer = "max(output(1), twin_off)", low = 0, high = 9, near = 1}',
    )
    lesson = read_lesson(HEAD + "".join(f"\n## A\n```lesson\n{block}\n```\n" for block in blocks))
    assert not_graded(lesson) == [2, 3, 4]
    *three, last = graded(answered(0, 1, 1, 1, lesson=lesson), lesson).questions
    assert {(each.mark, each.verdict) for each in three} == {("open", "Not graded. It takes more than one training.")}
    assert last.mark != "open"


EVIL = re.split(
    "%",
    """</script><script>alert(1)</script>%<img src=x onerror=alert(1)>%" onfocus="alert(1)%{{run}}%<!--
%\u2028]]>%</legend><svg onload=alert(1)>%'-alert(1)-'%&lt;script&gt;%javascript:alert(1)""",
)
LETTERS = st.text(st.characters(exclude_categories=["C"]), max_size=5)
ALLOWED = {"body", "section", "h2", "h3", "p", "b", "label", "input", "button", "output", "div", "fieldset", "legend"}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_nothing_in_a_task_runs(data: st.DataObject) -> None:
    def text() -> str:
        return data.draw(st.sampled_from(EVIL)) + data.draw(LETTERS)

    number, choice, *_ = LESSON.steps
    assert isinstance(number.question, NumberQuestion)
    assert isinstance(choice.question, ChoiceQuestion)
    asked = replace(number.question, text=text(), unit=text())
    options = tuple(replace(each, text=text()) for each in choice.question.choices)
    chosen = replace(choice.question, text=text(), choices=options)
    steps = replace(number, title=text(), question=asked), replace(choice, title=text(), question=chosen)
    page = page_with(replace(LESSON, title=text(), steps=steps))
    assert len(inside(page, "script")) == len(re.findall("<script", page)) == 2
    task = page[page.index("<body>") : page.index("<header>")]
    assert set(re.findall(r"<([^\s/>]+)", task)) <= ALLOWED
    assert not re.search(r"<[^>]*\son\w+=", re.sub(r'"[^"]*"', '""', task))
    assert data_of(page)["homework"]["answers"]["questions"][0]["unit"] == " ".join(asked.unit.split())


SMALL = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from(EVIL)
LINES = st.sampled_from(["hidden=1&hidden=2", "lr=nan", "target=formula&formula=__import__('os')", "noise=1e300"])
VALUES: st.SearchStrategy[Any] = SMALL | LINES | st.builds(list) | st.builds(dict)


@cache
def _handed_in() -> bytes:
    return write_answers(answered(1.0, 0, "So."))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_changed_answers_of_a_page_are_graded_or_refused(data: st.DataObject) -> None:
    tree: Any = json.loads(_handed_in())
    node = tree["questions"][data.draw(st.integers(0, 2))] if data.draw(st.booleans()) else tree
    key = data.draw(st.sampled_from(sorted(node)))
    node[key] = data.draw(VALUES)
    try:
        read = read_answers(json.dumps(tree).encode("utf-8", "replace"))
    except ValueError:
        return
    for before, found in zip(read.questions, graded(read, LESSON).questions, strict=True):
        assert found.guess == before.guess or (found.guess != found.guess)
        assert (found.mark == "skipped") == isinstance(found.guess, Skipped)
        assert found.came is None or not math.isnan(found.came)
