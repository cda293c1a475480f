"""Answers to hand in: their file, whatever is in it; and what a class of them comes to, counted once more."""

import csv
import io
import json
import math
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.handed_in import LESSON, class_of, hand_in, played
from tests.questions import CHOICES, CURVE, lesson_of, measured_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.config.setting import FORMAT
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.lessons import class_answers
from tinynet_gui.core.lessons.answers import (
    LONGEST_NAME,
    MAX_BYTES,
    MAX_POINTS,
    SUFFIX,
    answers_of,
    are_answers,
    in_words,
    read_answers,
    write_answers,
)
from tinynet_gui.core.lessons.class_answers import as_csv, by_lesson, cell_text, closeness, read_class
from tinynet_gui.core.lessons.lesson import MAX_STEPS, LessonStep, SentenceQuestion, unit_of
from tinynet_gui.core.lessons.playing.course import answer, begin, entered
from tinynet_gui.core.lessons.playing.memory import from_plain, to_plain
from tinynet_gui.core.lessons.playing.predictions import DrawnCurve, Outcome, Skipped, judge

WHOLE = answers_of(played(1, 48.0, DrawnCurve(np.linspace(3, 6, 257), np.linspace(6, 12, 257))), "  Ada\n  L. ", 1_002)

TOO_MANY = "it has too many files to look at all"

# --- the file


def test_what_is_written_is_read_again_and_told_in_words() -> None:
    assert read_answers(write_answers(WHOLE)) == WHOLE
    choice, number, curve = WHOLE.questions
    assert (WHOLE.name, WHOLE.begun, WHOLE.finished, WHOLE.saved) == ("Ada L.", 1_000, 1_001, 1_002)
    assert (choice.guess, choice.came, choice.mark, choice.verdict) == (1, 1, "right", "Right: “a line”.")
    assert (number.guess, number.came, number.mark, number.seconds) == (48.0, 50.0, "right", 4.0)
    assert isinstance(curve.guess, DrawnCurve)
    assert len(curve.guess.x) == MAX_POINTS
    assert (curve.guess.x[0], curve.guess.x[-1], curve.mark) == (3, 6, "open")
    assert curve.true_curve is not None
    words = in_words(WHOLE)
    for said in (
        "Ada L.",
        "begun 1970-01-01 16:40",
        CHOICES.text,
        "Guess: a line (after 4 seconds)",
        WHOLE.fingerprint,
        "Result: 50 %",
    ):
        assert said in words


def test_a_sentence_is_kept_and_handed_in_without_a_mark() -> None:
    lesson = lesson_of(LessonStep("One", "", question=SentenceQuestion("Why?")))
    progress = answer(entered(begin(lesson), measured_of()), "It <b>bends</b>.", measured_of())
    again = from_plain(json.loads(json.dumps(to_plain(progress))), lesson)
    assert (again.status, again.answers) == ("done", {0: "It <b>bends</b>."})
    handed_in = answers_of(progress, "Ada", 5)
    assert read_answers(write_answers(handed_in)) == handed_in
    [found] = by_lesson([handed_in])
    [why] = handed_in.questions
    assert (why.kind, why.mark, cell_text(why)) == ("sentence", "open", "It <b>bends</b>.")
    assert (found.most_points, found.summary(why)) == (0, "sentences are not graded")
    for wrong in ("", "x" * 1_001, 3.0):
        with pytest.raises(ValueError, match="not an answer"):
            answer(entered(begin(lesson), measured_of()), wrong, measured_of())


def test_the_axes_of_a_curve_are_those_of_the_samples() -> None:
    """They are told with it."""
    names = "Heat [°C]", "Heat (°C)", "Heat / °C", "Heat (at 2 m) [°C]", "Heat", "Heat/Time"
    assert [unit_of(name) for name in names] == ["°C"] * 4 + [""] * 2
    points = Points([1, 2], [3, 4], x_name="Time [min]", y_name="Heat [°C]")
    setting = Config().replace("data.points", points)
    steps = LESSON.steps
    lesson = replace(LESSON, steps=(steps[0], replace(steps[1], setting=setting), steps[2]))
    progress = replace(played(1, 48.0, DrawnCurve([3, 6], [6, 13.2])), lesson=lesson)
    named = answers_of(progress, "Ada", 5)
    assert read_answers(write_answers(named)) == named
    curve = named.questions[2]
    assert (curve.x_name, curve.y_name, curve.unit) == ("Time [min]", "Heat [°C]", "°C")
    assert "Axes: Time [min], Heat [°C]" in in_words(named)
    [found] = by_lesson([named])
    assert (cell_text(curve), found.summary(curve)) == ("0.694 °C away", "median: 0.694 °C away")
    head, row = csv.reader(io.StringIO(as_csv(found)))
    assert dict(zip(head, row, strict=True))["3: Draw it. [distance in °C]"] == str(curve.came)
    verdict = judge(CURVE, DrawnCurve([3, 6], [6, 13.2]), measured_of(), "°C")
    assert "your curve is 0.694 °C away from the network’s" in verdict


def test_a_file_says_whether_the_network_s_curve_was_asked_for() -> None:
    *others, curve = WHOLE.questions
    assert (curve.true_name, curve.of_network) == ("network’s curve", True)
    assert "The points of the network’s curve are included." in in_words(WHOLE)
    other = replace(WHOLE, questions=(*others, replace(curve, of_network=False)))
    for answers in (WHOLE, other):
        assert read_answers(write_answers(answers)) == answers


def test_the_most_that_a_lesson_can_ask_is_read_again() -> None:
    """Forty curves were more than what a file of answers was allowed to have."""
    x = np.sort(np.random.default_rng(0).normal(size=MAX_POINTS))
    long: dict[str, Any] = {
        "question": "é" * 300,
        "verdict": "é" * 1_000,
        "guess": DrawnCurve(x, -x),
        "true_curve": DrawnCurve(x, x / 3),
    }
    curve = replace(WHOLE.questions[2], **long)
    most = replace(WHOLE, questions=tuple(replace(curve, page=page) for page in range(1, MAX_STEPS + 1)))
    assert read_answers(write_answers(most)) == most


def test_what_was_skipped_or_not_reached_is_so() -> None:
    [skipped] = answers_of(played(None), "", 5).questions
    assert (skipped.guess, skipped.mark, skipped.came) == (Skipped(), "skipped", 1)
    before = answers_of(replace(played(1), outcomes={}), "", 5)  # of an older version
    assert (before.questions[0].came, before.questions[0].mark) == (None, "open")
    endless = replace(played(1, 3.0), outcomes={1: Outcome(math.inf)})
    far = answers_of(endless, "", 5)
    assert read_answers(write_answers(far)) == far
    assert far.questions[1].came == math.inf


def test_sixty_curves_fit_into_a_file() -> None:
    curve = DrawnCurve(np.linspace(-1 / 3, 1 / 3, 257), np.random.default_rng(0).normal(size=257) * 1e-3)
    whole = answers_of(played(1, 2.0, curve), "x" * 200, 5)
    most = replace(whole, questions=tuple(replace(whole.questions[2], page=page) for page in range(1, 61)))
    assert len(write_answers(most)) < MAX_BYTES
    assert len(whole.name) == LONGEST_NAME
    assert read_answers(write_answers(most)) == most


def _changed(**changes: Any) -> bytes:
    return json.dumps(json.loads(write_answers(WHOLE)) | changes).encode()


def _first(**changes: Any) -> bytes:
    questions = json.loads(write_answers(WHOLE))["questions"]
    return _changed(questions=[questions[0] | changes, *questions[1:]])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is damaged or incomplete"),
        (write_answers(WHOLE)[:-9], "it is damaged or incomplete"),
        (b"[" * 100_000, "it is damaged or incomplete"),
        (b'{"config": 1}', "no answers that this program saved"),
        (b" " * (MAX_BYTES + 1), "more than 1,000,000 bytes"),
        (_changed(version=FORMAT + 1), f"a newer version of tinynet made it (format {FORMAT + 1} is not known here)"),
        (_changed(more=1), "no field “more”"),
        (_changed(name="x" * 81), "name"),
        (_changed(saved=-1), "saved"),
        (_changed(begun=10**20), "begun"),
        (_changed(questions=json.loads(write_answers(WHOLE))["questions"][::-1]), "not in order"),
        (_first(guess=3), "guess: 3 is not a whole number from 0 to 2"),
        (_first(guess=True), "guess"),
        (_first(guess=None), "mark “right” is not that of this guess"),
        (_first(came=7), "came 7 is none of the choices"),
        (_first(mark="best"), "mark"),
        (_first(choices=[1]), "choice"),
        (_first(seconds=-math.inf), "seconds"),
        (_first(true_curve={"x": [1, 2], "y": [1, 1e300]}), "1e+300 is not a number"),
        (_first(true_curve={"x": [1], "y": [1]}), "at least two points"),
    ],
)
def test_what_is_no_file_of_answers_is_refused_with_its_reason(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        read_answers(content)
    assert len(str(error.value)) < 600


@settings(max_examples=300)
@given(st.data())
def test_a_file_that_was_changed_is_read_or_refused(data: st.DataObject) -> None:
    """At any place of the tree, by anything; and byte by byte."""
    tree = json.loads(write_answers(WHOLE))
    if data.draw(st.booleans()):
        content = bytearray(write_answers(WHOLE))
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    else:
        node = tree
        while isinstance(node, dict | list) and node:
            keys = sorted(node) if isinstance(node, dict) else range(len(node))
            parent, key = node, data.draw(st.sampled_from(keys))
            node = parent[key]
            if data.draw(st.booleans()):
                break
        parent[key] = data.draw(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just([]) | st.just({})
        )
        content = bytearray(json.dumps(tree).encode("utf-8", "replace"))
    try:
        read = read_answers(bytes(content))
    except ValueError:
        return
    in_words(read)
    assert read_answers(write_answers(read)) == read


# --- a class


def test_thirty_files_come_to_what_another_count_says(tmp_path: Path) -> None:
    handed_in = class_of(30)
    [lesson] = read_class([tmp_path, *hand_in(tmp_path, *handed_in)]).lessons  # each twice: a copy counts once
    assert len(lesson.learners) == 30
    assert [name for name, _ in lesson.learners][-6:] == [f"no name {number}" for number in range(1, 7)]
    plain = [json.loads(write_answers(each))["questions"] for each in handed_in]
    for question in lesson.questions:
        to_it = [each for questions in plain for each in questions if each["page"] == question.page]
        guessed = [each for each in to_it if each["guess"] is not None]
        assert len(lesson.guesses(question)) == len(guessed)
        right = sum(each["verdict"].startswith("Right") for each in guessed)
        summary = lesson.summary(question)
        if question.kind == "choice":
            taken = Counter(each["guess"] for each in guessed)
            assert lesson.counts(question) == [taken[place] for place in range(3)]
            assert summary == f"{right} of {len(guessed)} right; the results vary"
        elif question.kind == "number":
            middle = median(each["guess"] for each in guessed)
            close = sum(each["mark"] == "close" for each in guessed)
            some = f"{right} right, {close} close of {len(guessed)}"
            assert summary == f"{some}; median {middle:.4g} %; result: 5 % to 50 %"
            assert lesson.results(question) == sorted({each["came"] for each in to_it})
        else:
            assert summary == f"median: {median(each['came'] for each in guessed):.3g} away"
    table = list(csv.reader(io.StringIO(as_csv(lesson))))
    assert len(table) == 31
    assert {len(row) for row in table} == {4 + 4 * 3}
    worth = {"right": 1.0, "close": 0.5}
    for (_, answers), points, row in zip(lesson.learners, lesson.points, table[1:], strict=True):
        assert points == sum(worth.get(each.mark, 0.0) for each in answers.questions) == float(row[3])
    assert (lesson.most_points, sorted(lesson.alias_numbers)) == (2, list(range(1, 31)))
    assert lesson.alias_numbers != tuple(range(1, 31))
    for (name, answers), row in zip(lesson.learners, table[1:], strict=True):
        marks = [row[5 + 4 * place] for place in range(3)]
        assert (row[0], marks) == (
            name,
            [*(each.mark for each in answers.questions), *[""] * (3 - len(answers.questions))],
        )


def test_handing_in_twice_counts_once_in_each_lesson(tmp_path: Path) -> None:
    first, again = answers_of(played(0), "Ada", 5), answers_of(played(0, 3.0), "ADA", 6)
    other = replace(played(1), lesson=replace(LESSON, title="Another"))
    files = hand_in(tmp_path, again, first, answers_of(other, "=HYPERLINK(1)", 7))
    (tmp_path / f"bad{SUFFIX}").write_text("{}", encoding="utf-8")
    found = read_class([tmp_path, tmp_path / "none"])
    bad, none = (
        (f"bad{SUFFIX}", "it has no answers that this program saved"),
        ("none", "there is no such file or folder"),
    )
    assert found.refused == (bad, none)
    assert found.count == len(files) + 2
    lesson, apart = found.lessons
    assert (lesson.learners, lesson.replaced) == ((("ADA", again),), ("ADA",))
    assert as_csv(apart).splitlines()[1].startswith("'=HYPERLINK(1),")


def test_nested_folders_are_read_and_namesakes_have_two_rows(tmp_path: Path) -> None:
    """As a share or Moodle has them; whoever goes on and hands in again has one."""
    one, on, two = (answers_of(played(*guesses), "Ada", k) for k, guesses in enumerate(((0,), (0, 3.0), (1,))))
    for name, each in (("Ada B", one), ("Ada B/again", on), ("Ada C", two)):
        (tmp_path / name).mkdir()
        hand_in(tmp_path / name, each)
    found = read_class([tmp_path])
    [lesson] = found.lessons
    assert (lesson.learners, found.refused) == ((("Ada (Ada B/again)", on), ("Ada (Ada C)", two)), ())
    assert (lesson.replaced, lesson.namesakes) == (("Ada",), ("Ada",))
    assert [row.split(",")[0] for row in as_csv(lesson).splitlines()[1:]] == ["Ada (Ada B/again)", "Ada (Ada C)"]
    [lesson] = read_class([tmp_path / "Ada B", tmp_path / "Ada C"]).lessons
    assert [name for name, _ in lesson.learners] == ["Ada (again)", "Ada (000)"]
    [lesson] = by_lesson([one, two])
    assert [name for name, _ in lesson.learners] == ["Ada (1)", "Ada (2)"]


def test_a_folder_is_read_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = tmp_path.joinpath("a", *"bcd")
    (below / "e").mkdir(parents=True)
    (tmp_path / "f").mkdir()
    hand_in(below, *(answers_of(played(0), name, 5) for name in "AB"))
    hand_in(below / "e", answers_of(played(0), "C", 5))
    hand_in(tmp_path / "f", answers_of(played(0), "F", 5))

    def read() -> tuple[str, tuple[tuple[str, str], ...], int]:
        found = read_class([tmp_path])
        return "".join(name for lesson in found.lessons for name, _ in lesson.learners), found.refused, found.count

    assert read() == ("ABF", (("d", "the folders in it lie too deep"),), 4)
    monkeypatch.setattr(class_answers, "MAX_ENTRIES", 6)
    assert read() == ("AB", (("d", "the folders in it lie too deep"), (tmp_path.name, TOO_MANY)), 4)
    monkeypatch.setattr(class_answers, "MAX_BYTES", 1)
    assert read()[0] == "A"


def test_pasted_lines_are_read_as_files_are(monkeypatch: pytest.MonkeyPatch) -> None:
    handed_in = [answers_of(played(0), name, 5) for name in ("Ada", "ada\u2028b", "Cy")]
    lines = [write_answers(each).decode() for each in handed_in]
    assert all("\n" not in line and are_answers(line) for line in lines)
    hostile = '{"format":"answers to a lesson"', "=cmd|A0", "\ud800", "[" * 9_999, "x" * (MAX_BYTES + 1)
    found = read_class("\r\n\n".join([*lines, lines[0], *hostile]))
    [lesson] = found.lessons
    assert [name for name, _ in lesson.learners] == ["Ada", "ada b", "Cy"]
    assert [name for name, _ in found.refused] == ["#9", "#11", "#13", "#15", "#17"]
    assert found.count == 9
    monkeypatch.setattr(class_answers, "MAX_ENTRIES", 2)
    assert read_class("\n".join(lines)).refused == (("…", "the text is too long to look at all of it"),)
    monkeypatch.setattr(class_answers, "MAX_PASTED", len(lines[0]) + 1)
    assert len(read_class("\n".join(lines)).lessons[0].learners) == 1


def test_a_table_is_what_a_german_spreadsheet_reads() -> None:
    [lesson] = by_lesson([answers_of(played(1, 48.5), "＝cmd; ;=1", 5)])
    head, row = csv.reader(io.StringIO(as_csv(lesson, ",")), delimiter=";")
    named = dict(zip(head, row, strict=True))
    assert (named["name"], named["points of 2"]) == ("'＝cmd; ;=1", "2,0")
    assert named["2: How many? [guess in %]"] == "48,5"


def test_answers_are_sorted_by_how_close_they_come() -> None:
    guesses = (50, 48.0, 40.0, 99.0, None)
    [lesson] = by_lesson([answers_of(played(0, guess), f"L{guess}", 5) for guess in guesses])
    given = lesson.given(lesson.questions[1])
    assert [each.guess for each in sorted(given, key=closeness) if each] == [50, 48.0, 40.0, 99.0, Skipped()]
    assert closeness(None) > max(map(closeness, given))


def test_learners_are_sorted_regardless_of_accents() -> None:
    [lesson] = by_lesson([answers_of(played(0), name, 5) for name in ("Zoë", "Yara", "Çelik", "émile", "Dan", "Emil")])
    assert [name for name, _ in lesson.learners] == ["Çelik", "Dan", "Emil", "émile", "Yara", "Zoë"]
    [question] = lesson.questions
    assert lesson.summary(question) == "0 of 6 right; result: “a line”"


def test_a_question_that_was_tampered_with_stands_apart() -> None:
    """Its choices are not counted among the others."""
    one, two = (answers_of(played(2), name, 5) for name in ("a", "b"))
    lie = replace(two.questions[0], choices=("x", "y"), guess=1)
    [lesson] = by_lesson([one, replace(two, questions=(lie,))])
    assert [lesson.counts(question) for question in lesson.questions] == [[0, 0, 1], [0, 1]]
    assert [cell_text(each) for each in lesson.given(lesson.questions[0])] == ["✗ something else", ""]
