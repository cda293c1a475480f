"""The program's own lessons, and what their README says to somebody who writes one."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.lessons import LESSON_FILES, LESSONS, TRANSLATIONS
from tests.not_none import not_none
from tinynet_gui.core.config import SETTINGS
from tinynet_gui.core.experiments.base import Number
from tinynet_gui.core.experiments.table import measured_experiments
from tinynet_gui.core.lessons.expression import FUNCTIONS
from tinynet_gui.core.lessons.lesson import Goal, Lesson, NumberQuestion, RunExperiment
from tinynet_gui.core.lessons.measured_names import BRINGABLE, CURVE, GOAL, LARGE, RUN, SHOWABLE, TRAINED, Name
from tinynet_gui.core.lessons.reading.block import KEYS
from tinynet_gui.core.lessons.reading.reader import read_lesson, read_lesson_file
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.wording.setting_line import LINE_NAMES, NAMES, VIEWS, read_setting
from tinynet_gui.ui.views.panel.parameter_rows import SECTIONS

EDITORS = {field.object_name for _, rows in SECTIONS for row in rows for field in row.fields}
ROOT = Path(__file__).parents[2]
README = (LESSONS / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sources() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "tinynet_gui" / "ui").rglob("*.py"))


def plain_texts(lesson: Lesson) -> Iterator[str]:
    """All that is shown as it stands: neither is Markdown read in it, nor are numbers filled in."""
    yield from (lesson.title, lesson.about)
    for step in lesson.steps:
        yield step.title
        if step.question is not None:
            yield step.question.text
            yield from (choice.text for choice in getattr(step.question, "choices", ()))
        yield from (act.text for act in step.acts)
        if isinstance(step.action, Goal):
            yield step.action.text


@pytest.mark.parametrize("file", LESSON_FILES, ids=lambda file: file.stem)
def test_a_lesson_can_be_played(file: Path, sources: str) -> None:
    lesson = read_lesson_file(file)
    assert 5 <= lesson.minutes <= 10
    for step in lesson.steps:
        assert step.text, f"{step.title}: it begins with nothing to read"
        for name in filter(None, (act.point_at for act in step.acts)):
            assert name in EDITORS or f'"{name}"' in sources, f"{step.title}: nothing is called {name}"
        if step.setting is not None:
            initialization = INITIALIZATIONS[step.setting.network.initialization]
            assert not initialization.needs_torch, f"{step.title}: the folder without PyTorch cannot draw its weights"


@pytest.mark.parametrize("file", [*LESSON_FILES, *TRANSLATIONS], ids=lambda file: file.stem)
def test_literal_text_has_no_markup_and_fills_start_no_list(file: Path) -> None:
    """A sentence that ends in “is {dead}.” and is broken before a whole number would be an entry of a numbered list."""
    lesson = read_lesson_file(file)
    assert not [text for text in plain_texts(lesson) if re.search(r"[{}*_`]", text)]
    lines = (line for step in lesson.steps for line in f"{step.text}\n{step.reveal}".split("\n"))
    assert not [line for line in lines if re.match(r"\s*(\[[^\]]*\]\s*)?\{[^:}]*(:count|:0)?\}[.)](\s|$)", line)]


def test_no_lesson_asks_what_another_one_has_asked() -> None:
    """Of the same setting and the same experiment the same number."""
    asked = []
    for file in LESSON_FILES:
        for step in read_lesson_file(file).steps:
            if isinstance(step.action, RunExperiment) and isinstance(step.question, NumberQuestion):
                answer = step.question.answer.text.replace(f"{step.action.name}.", "")
                asked.append((step.setting, step.action.kind, answer))
    assert len(asked) >= 5
    assert [one for one in asked if asked.count(one) > 1] == []


def test_the_readme_has_a_lesson_that_is_one() -> None:
    example = not_none(re.search(r"^````markdown\n(.*?)^````$", README, re.MULTILINE | re.DOTALL))
    assert len(read_lesson(example[1]).steps) == 2


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Of the run in sight", RUN),
        ("In a step in which a curve is drawn", CURVE),
        ("After a goal on many seeds", GOAL),
        *((f"After a `{kind}`, after its name and a dot", e.numbers) for kind, e in measured_experiments().items()),
    ],
)
def test_the_readme_says_what_can_be_measured(heading: str, names: Mapping[str, Name | Number[Any]]) -> None:
    section = README.partition(f"### {heading}\n")[2].partition("\n### ")[0]
    said = re.findall(r"^\| `(\w[\w.]*)(?:\((.*?)\))?` \| (.*) \|$", section, re.MULTILINE)
    assert said == [(name, ", ".join(known.parameters), known.about) for name, known in names.items()]


def test_the_readme_says_how_many_runs_an_experiment_may_have() -> None:
    for kind, found in measured_experiments().items():
        section = README.partition(f"### After a `{kind}`")[2].partition("\n### ")[0]
        runs = f"{found.fewest:,} to {found.most:,} runs, usually {found.usual:,}"
        assert (runs if found.most > 1 else "has no `runs`") in section


def test_the_readme_lists_views_to_hide_and_to_show() -> None:
    for before, views in (("`hidden`: what is not to be seen", VIEWS), ("\nWhat `show` can bring", SHOWABLE)):
        paragraph = README.partition(before)[2].partition("\n\n")[0]
        assert sorted(re.findall(r"`(view\.\w+)`", paragraph)) == sorted(views), before
    paragraph = README.partition("`large` can be ")[2].partition(" which comes")[0]
    assert tuple(re.findall(r"`(\w+)`", paragraph)) == LARGE
    paragraph = README.partition("`brings` can name ")[2].partition(": the plots")[0]
    assert tuple(re.findall(r"`(\w+)`", paragraph)) == BRINGABLE


def test_the_readme_names_all_keys_settings_views_and_functions() -> None:
    block = README.partition("## The block")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", block, re.MULTILINE)) == sorted(KEYS)
    said = set(re.findall(r"`([\w.]+)`", README))
    assert said >= {*FUNCTIONS, *TRAINED}
    settings = not_none(re.search(r"^A setting is made of ([^.]*)\.", README, re.MULTILINE))[1]
    assert tuple(re.findall(r"`(\w+)`", settings)) == LINE_NAMES
    words = {name: re.findall(r"`(\w+)`", text) for name, text in re.findall(r"^- `(\w+)`: (.*)$", block, re.MULTILINE)}
    by_path = {path: words.pop(NAMES[path]) for path, setting in SETTINGS.items() if setting.choices}
    assert words == {}
    for path, texts in by_path.items():
        assert [read_setting(f"{NAMES[path]}={text}").config.get(path) for text in texts] == [*SETTINGS[path].choices]
