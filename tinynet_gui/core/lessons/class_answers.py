"""The answers of a class, lesson by lesson, as tables and as numbers to plot."""

import math
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from statistics import median
from unicodedata import combining, normalize

from tinynet_gui.core.lessons.answers import SUFFIX, Answers, GivenAnswer, minute_text, read_answers, read_answers_file
from tinynet_gui.core.lessons.playing.predictions import Skipped
from tinynet_gui.core.text.csv_text import Cell, csv_text
from tinynet_gui.core.text.files import file_trouble
from tinynet_gui.core.text.language import N_, gettext as _, speaking
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.values import frozen_dataclass

MARKS = {N_("right"): "✓ ", N_("close"): "≈ ", N_("wrong"): "✗ ", N_("open"): "", N_("skipped"): "– "}  # in order
POINTS = {"right": 1.0, "close": 0.5}
MAX_FILES, MAX_BYTES = 1_000, 100_000_000  # read at once
MAX_PASTED = 10_000_000  # characters
MAX_DEPTH = 4  # of folders within the one that is opened
MAX_ENTRIES = 20_000  # of folders, and lines of a text, looked at in search of answers
LONGEST_PLACE = 40  # characters of a folder's name beside a learner's
Named = tuple[str, Answers]
HandedIn = tuple[Path | bytes, str, str]  # a file, or a line; its name, and a label that distinguishes it


@frozen_dataclass
class LessonAnswers:
    """All answers to one lesson.

    Attributes
    ----------
    title
        Of the lesson.
    learners
        A display name, and what was handed in under it.
    replaced
        Those who handed in again after going on: the latest counts.
    namesakes
        Names shared by answers that do not continue each other.
    """

    title: str
    learners: tuple[Named, ...]
    replaced: tuple[str, ...]
    namesakes: tuple[str, ...]

    @property
    def language(self) -> str:
        return self.learners[0][1].language

    @cached_property
    def questions(self) -> tuple[GivenAnswer, ...]:
        """The questions that at least one learner has reached, in order, each as one of its answers."""
        found = {each.asked: each for _, answers in self.learners for each in answers.questions}
        return tuple(sorted(found.values(), key=lambda each: each.page))

    @cached_property
    def points(self) -> tuple[float, ...]:
        """Each learner's points: 1 for a right answer, a half for a close one; curves and sentences have none."""
        return tuple(sum(POINTS.get(each.mark, 0.0) for each in answers.questions) for _, answers in self.learners)

    @cached_property
    def most_points(self) -> int:
        """The maximal points for the questions reached by at least one learner."""
        return sum(question.kind in ("choice", "number") for question in self.questions)

    @cached_property
    def alias_numbers(self) -> tuple[int, ...]:
        """A number for each learner that reveals no name: the same each time, but not in the order of names."""
        digests = [blake2b(f"{name} {self.title}".encode()).digest() for name, _ in self.learners]
        order = sorted(range(len(digests)), key=digests.__getitem__)
        return tuple(1 + order.index(learner) for learner in range(len(order)))

    def given(self, question: GivenAnswer) -> list[GivenAnswer | None]:
        """Return each learner's answer to a question; None for those who have not reached it."""
        asked = question.asked
        return [next((g for g in answers.questions if g.asked == asked), None) for _, answers in self.learners]

    def guesses(self, question: GivenAnswer) -> list[GivenAnswer]:
        """Return the answers to a question, without skipped ones."""
        return [each for each in self.given(question) if each is not None and not isinstance(each.guess, Skipped)]

    def counts(self, question: GivenAnswer) -> list[int]:
        """Return how often each choice was taken."""
        taken = Counter(each.guess for each in self.guesses(question))
        return [taken[place] for place in range(len(question.choices))]

    def results(self, question: GivenAnswer) -> list[float]:
        """Return the distinct known results, sorted: they may differ, as each learner's own run was measured."""
        found = (each.came for each in self.given(question) if each is not None and question.kind != "curve")
        return sorted({value for value in found if value is not None})

    def summary(self, question: GivenAnswer) -> str:
        """Say how many answers were right, the median guess and the result, in the current language."""
        guesses, came = self.guesses(question), self.results(question)
        scored = [each for each in guesses if each.mark in ("right", "close", "wrong")]
        right, close = (sum(each.mark == how for each in scored) for how in ("right", "close"))
        some = _("{right} right, {close} close of {count}") if close else _("{right} of {count} right")
        parts = [some.format(right=right, close=close, count=len(scored))] if scored else []
        if question.kind == "sentence":
            parts.append(_("sentences are not graded"))
        if question.kind == "curve":
            off = [each.came for each in guesses if each.came is not None]
            return _("median: {value}").format(value=question.distance_text(median(off))) if off else ""
        if question.kind == "number" and guesses:
            middle = question.text_of(median(each.number for each in guesses))
            parts.append(_("median {value}").format(value=middle))
        if came:
            ends = list(dict.fromkeys(question.text_of(end) for end in (came[0], came[-1])))
            if len(ends) > 1:
                words = _("the results vary") if question.kind == "choice" else _("result: {low} to {high}")
            else:
                words = _("result: “{low}”") if question.kind == "choice" else _("result: {low}")
            parts.append(words.format(low=ends[0], high=ends[-1]))
        return "; ".join(parts)


@frozen_dataclass
class ClassAnswers:
    """All that was handed in, by lesson.

    Attributes
    ----------
    refused
        Files or lines, and why they could not be read.
    ungraded
        The fingerprints of the lessons that the answers of web pages could not be graded by, as they were not found.
    """

    lessons: tuple[LessonAnswers, ...]
    refused: tuple[tuple[str, str], ...]
    count: int
    ungraded: frozenset[str] = frozenset()


def read_class(
    source: Sequence[Path] | str,
    report: Callable[[float], object] = lambda share: None,
    grade: Callable[[Answers], Answers | None] = lambda answers: None,
) -> ClassAnswers:
    """Read a class's answers from files and folders, or from the lines of a text; report the share done.

    `grade` returns a web page's answers with their marks, or None if their lesson is not known.
    """
    read, refused, size = dict[Answers, str](), list[tuple[str, str]](), 0
    ungraded = set[str]()

    def refuse(name: str, reason: str) -> None:
        refused.append((shortened(name, 80), reason))

    found = list(_lines(source, refuse) if isinstance(source, str) else _found(source, refuse))
    count = len(found) + len(refused)
    for number, (part, name, place) in enumerate(found):
        report(number / len(found))
        if number >= MAX_FILES or size >= MAX_BYTES:
            words, most = _("only {files} files and {size} MB are read at once"), count_text(MAX_FILES)
            refuse(name, words.format(files=most, size=MAX_BYTES // 1_000_000))
            continue
        try:
            answers = read_answers(part) if isinstance(part, bytes) else read_answers_file(part)
            size += len(part) if isinstance(part, bytes) else part.stat().st_size
            if answers.of_page and (graded := grade(answers)) is not None:
                answers = graded
            elif answers.of_page:
                ungraded.add(answers.fingerprint)
            read.setdefault(answers, place)
        except (ValueError, OSError) as error:
            refuse(name, file_trouble(error))
    return ClassAnswers(tuple(by_lesson(read)), tuple(refused), count, frozenset(ungraded))


def _lines(text: str, refuse: Callable[[str, str], None]) -> Iterator[HandedIn]:
    lines = text[:MAX_PASTED].split("\n")
    for number, line in enumerate(lines[:MAX_ENTRIES], 1):
        if line.strip():
            yield line.encode("utf-8", "replace"), f"#{number}", f"#{number}"
    if len(lines) > MAX_ENTRIES or len(text) > MAX_PASTED:
        refuse("…", N_("the text is too long to look at all of it"))


def _found(paths: Iterable[Path], refuse: Callable[[str, str], None]) -> Iterator[HandedIn]:
    for top in paths:
        if not top.is_dir():
            yield top, top.name, top.stem
            continue
        seen = 0
        walk = os.walk(top, onerror=lambda error: refuse(Path(error.filename).name, file_trouble(error)))
        for name, folders, files in walk:
            if seen > MAX_ENTRIES:
                refuse(top.name, N_("it has too many files to look at all"))
                break
            folder, inner = Path(name), Path(name).relative_to(top)
            for file in sorted(folder / each for each in files if each.lower().endswith(SUFFIX)):
                yield file, file.name, inner.as_posix() if inner.parts else file.stem
            folders.sort()
            if folders and len(inner.parts) == MAX_DEPTH:
                refuse(folder.name, N_("the folders in it lie too deep"))
                folders.clear()
            seen += len(folders) + len(files)


def by_lesson(read: Iterable[Answers]) -> Iterator[LessonAnswers]:
    """Yield the answers to each lesson, the one with the most learners first.

    A mapping gives the place of each, which distinguishes namesakes.
    """
    found = defaultdict[str, dict[Answers, str]](dict)  # a copy of a file counts once
    for answers, place in (read if isinstance(read, Mapping) else dict.fromkeys(read, "")).items():
        found[answers.fingerprint][answers] = place
    for group in sorted(found.values(), key=len, reverse=True):
        yield _lesson(group)


def _lesson(handed_in: Mapping[Answers, str]) -> LessonAnswers:
    groups, replaced = defaultdict[str, list[Answers]](list), dict[str, None]()
    nameless = [answers for answers in handed_in if not answers.name]
    for answers in sorted((answers for answers in handed_in if answers.name), key=lambda each: each.saved):
        group = groups[answers.name.casefold()]
        if before := next((each for each in group if _continues(answers, each)), None):
            replaced[answers.name] = None
            group.remove(before)
        group.append(answers)
    rows = [row for who in sorted(groups, key=_in_order) for row in _disambiguated(groups[who], handed_in)]
    namesakes = tuple(group[-1].name for group in groups.values() if len(group) > 1)
    first = next(iter(handed_in))
    with speaking(first.language):
        rows += [(_("no name {number}").format(number=number), each) for number, each in enumerate(nameless, 1)]
    return LessonAnswers(first.lesson, tuple(rows), tuple(replaced), namesakes)


def _continues(answers: Answers, earlier: Answers) -> bool:
    """Whether one learner handed in both: these answers contain all guesses of the earlier ones."""
    given, before = ({(each.asked, each.guess, each.seconds) for each in a.questions} for a in (answers, earlier))
    return answers.begun == earlier.begun and before <= given


def _disambiguated(group: Sequence[Answers], places: Mapping[Answers, str]) -> Iterator[Named]:
    """Yield the answers under one name; of several each gets its place, or a number."""
    marks = [shortened(places[answers], LONGEST_PLACE) for answers in group]
    if len({*marks} - {""}) < len(group):
        marks = [str(number) for number in range(1, len(group) + 1)]
    for answers, mark in zip(group, marks, strict=True):
        yield answers.name if len(group) == 1 else f"{answers.name} ({mark})", answers


def _in_order(name: str) -> tuple[str, str]:
    """Return the sort key of a name: letters with and without accents are neighbours."""
    return "".join(letter for letter in normalize("NFKD", name) if not combining(letter)), name


def cell_text(given: GivenAnswer | None) -> str:
    """Write an answer in a few words, with a sign for its mark; "" if there is none."""
    if given is None:
        return ""
    if given.kind == "curve" and given.mark != "skipped":
        return _("a curve") if given.came is None else given.distance_text(given.came)
    return f"{MARKS[given.mark]}{given.guess_text}"


def closeness(given: GivenAnswer | None) -> tuple[int, float]:
    """Return the sort key of an answer: the best first, unreached questions last."""
    if given is None:
        return len(MARKS), 0.0
    off = given.came if given.kind == "curve" else None if given.came is None else abs(given.number - given.came)
    return list(MARKS).index(given.mark), math.inf if off is None or math.isnan(off) else off


def as_csv(lesson: LessonAnswers, decimal: str = ".") -> str:
    """Write all of a lesson's answers as CSV; with a decimal comma, semicolons separate the columns, as in Excel."""
    heads = [f"{each.page}: {each.question} [{what}]" for each in lesson.questions for what in _headings(each)]
    names = _("name"), _("begun (UTC)"), _("saved (UTC)"), _("points of {count}").format(count=lesson.most_points)
    columns, rows = [lesson.given(question) for question in lesson.questions], list[list[Cell]]()
    for row, (name, answers) in enumerate(lesson.learners):
        begun = "" if answers.begun is None else minute_text(answers.begun)
        cells = [cell for column in columns for cell in _csv_cells(column[row])]
        rows.append([name, begun, minute_text(answers.saved), lesson.points[row], *cells])
    return csv_text([*names, *heads], rows, ";" if decimal == "," else ",", decimal)


def _headings(question: GivenAnswer) -> tuple[str, str, str, str]:
    """Return the column headings of a question, with its unit."""
    guess = _("guess in {unit}") if question.kind == "number" and question.unit else _("guess")
    if question.kind == "curve":
        result = _("distance in {unit}") if question.unit else _("distance")
    else:
        result = _("result in {unit}") if question.unit else _("result")
    return guess.format(unit=question.unit), _("mark"), result.format(unit=question.unit), _("seconds")


def _csv_cells(given: GivenAnswer | None) -> list[Cell]:
    if given is None:
        return [None] * 4
    guess = given.number if given.kind == "number" and given.mark != "skipped" else given.guess_text
    came = given.text_of(given.came) if given.kind == "choice" and given.came is not None else given.came
    return [guess, _(given.mark), came, None if given.seconds is None else round(given.seconds)]
