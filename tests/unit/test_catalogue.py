"""What the program says in a lesson, in the lesson's language: nothing is missing, and nothing said that is no more."""

import ast
import re
import string
import subprocess
import symtable
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.catalogue import FILES, ROOT, SIGNS, read, said, texts
from tests.lessons import TRANSLATIONS
from tests.questions import CHOICES, NUMBER, measured_of
from tinynet_gui.core.lessons.playing.predictions import judge
from tinynet_gui.core.lessons.reading.mistakes import LessonError
from tinynet_gui.core.lessons.reading.reader import read_lesson
from tinynet_gui.core.lessons.template import fill
from tinynet_gui.core.system.machine import resource_path
from tinynet_gui.core.text import language
from tinynet_gui.core.text.language import gettext, speaking
from tinynet_gui.core.text.numbers import count_text, ends_text, in_full, percent_text, plain
from tinynet_gui.core.text.typed_numbers import TypedNumberError, typed_real

TRAINED = {"sweep.failed": 41.6, "sweep.seeds": 100.0}


def _holes(text: str) -> set[str]:
    names = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    return {name for name in names if not name or name.isidentifier()}


def test_each_language_of_a_lesson_has_words() -> None:
    assert {file.parent for file in FILES} == {file.parent for file in TRANSLATIONS}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_a_translation_has_exactly_the_messages_of_the_source(file: Path) -> None:
    """If this fails: python -m tests.catalogue brings in what is new; then translate it."""
    wanted, words = said(), read(file)
    assert {(m.context, m.id) for m in words if m.id} == {(m.context, m.id) for m in wanted if m.id}
    for message in (message for message in words if message.id):
        ids, strings = texts(message.id), texts(message.string)
        assert not message.fuzzy, message.id
        assert len(strings) == (words.num_plurals if len(ids) > 1 else 1), message.id
        for text in strings:
            assert text.strip() or message.context == "sign between thousands", f"{message.id} is not translated"
            assert text not in ids or message.context, f"{message.id} is still English"
            assert _holes(text) <= _holes(ids[-1]), f"{message.id} and {text} are filled in differently"


def test_each_message_of_the_source_is_found() -> None:
    """Also one within an f-string, where Babel finds none."""
    known = {text for message in said() if message.id for text in texts(message.id)}
    marks = {"_": slice(0, 1), "N_": slice(0, 1), "ngettext": slice(0, 2), "pgettext": slice(1, 2), "NC_": slice(1, 2)}
    for file in (ROOT / "tinynet_gui").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in marks:
                for part in node.args[marks[node.func.id]]:
                    assert not isinstance(part, ast.JoinedStr | ast.BinOp), (file.name, node.lineno)
                    assert not isinstance(part, ast.Constant) or part.value in known, (file.name, part.value)


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for inner in table.get_children():
        yield from _scopes(inner)


def test_no_function_that_translates_has_a_variable_of_that_name() -> None:
    found = []
    for file in (ROOT / "tinynet_gui").rglob("*.py"):
        for scope in _scopes(symtable.symtable(file.read_text(encoding="utf-8"), str(file), "exec")):
            if scope.get_type() == "function" and "_" in scope.get_identifiers():
                name = scope.lookup("_")
                if name.is_referenced() and not name.is_global():
                    found.append((file.name, scope.get_name(), scope.get_lineno()))
    assert found == []


def test_numbers_and_verdicts_follow_the_language_in_its_context() -> None:
    scope = {**measured_of(), **TRAINED}
    with speaking("de"):
        assert [plain(-0.0123456), in_full(1.25e-7), percent_text(0.4996)] == ["−0,01235", "1,25·10⁻⁷", "49,96 %"]
        assert (count_text(12_345), ends_text(1000.01, 1000.02)) == ("12\u202f345", ("1000,01", "1000,02"))
        assert judge(NUMBER, 12.5, scope) == "Du hast 12,5 % gesagt; es ist 41,6 %."
        assert judge(CHOICES, 0, scope) == "Du hast „a parabola“ gesagt; es war „a line“."
        assert fill("{1.5:3}, {0.25:percent}, {0 / 0}", {}) == "1,500, 25\xa0%, unbekannt"
        for typed, refusal in (
            ("1.000", "1.000: 1 oder 1000? Schreibe 1 oder 1000"),
            ("1.250", "1.250: ein Bruch oder Tausender? Schreibe 1,250 oder 1250"),
            ("1.250,5", "1.250,5: Schreibe 1250,5, ohne Zeichen zwischen den Tausendern"),
        ):
            with pytest.raises(TypedNumberError, match=f"^{re.escape(refusal)}$"):
                typed_real(typed)
        with speaking("en"):
            assert judge(NUMBER, 12.5, scope) == "You said 12.5 %; it is 41.6 %."
    assert (plain(0.5), count_text(12_345), gettext("Next")) == ("0.5", "12,345", "Next")


def test_mistakes_are_reported_in_the_language_of_the_file() -> None:
    text = '+++\ntitle = "T"\nabout = "A"\nminutes = 99\nlanguage = "{}"\n+++\n## One\n{{loss:x}}\n<b>x</b>\n'
    text += '```lesson\nask = "Why?"\ndata = "none.csv"\n```\n'
    told = []
    for code in ("en", "de", "en"):
        with pytest.raises(LessonError) as caught:
            read_lesson(text.format(code))
        assert caught.value.language == code
        told.append(str(caught.value).split("\n"))
    assert told[0] == told[2]
    assert told[0][0] == "line 4: “minutes” is 99; a whole number from 1 to 60 is expected"
    assert told[1] == [
        "Zeile 4: „minutes“ ist 99; erwartet wird eine ganze Zahl von 1 bis 60",
        "Zeile 8: so wie „x“ lässt sich keine Zahl schreiben; erwartet wird percent, count oder eine Zahl von "
        "Nachkommastellen von 0 bis 9",
        "Zeile 9: „<b>“ ist HTML, das nicht gezeigt wird; erwartet wird Markdown wie **fett**",
        "Zeile 11: „ask“ steht allein; daneben wird choices oder number oder curve oder sentence erwartet",
        "Zeile 12: „data“: „none.csv“ ist nicht zu finden, weil die Lektion selbst keine Datei ist",
    ]


def test_a_process_has_a_language_and_a_lesson_another() -> None:
    try:
        language.use("de")
        assert language.process_language() == language.current_language() == "de"
        assert (gettext("Next"), plain(0.5)) == ("Weiter", "0,5")
        assert gettext("") == ""
        with speaking("en"):
            assert (language.process_language(), language.current_language()) == ("de", "en")
            assert (gettext("Next"), plain(0.5)) == ("Next", "0.5")
    finally:
        language.use("xx")
    assert (language.process_language(), gettext("Next"), plain(0.5)) == ("en", "Next", "0.5")


@pytest.mark.parametrize("code", ["fr", "xx", "../de", "de/../de", ""])
def test_a_language_that_is_not_there_is_english(code: str) -> None:
    with speaking(code):
        assert (gettext("Next"), plain(0.5)) == ("Next", "0.5")


def test_a_language_whose_words_are_damaged_is_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = resource_path("lessons/de/words.mo").read_bytes()
    monkeypatch.setattr("tinynet_gui.core.text.language.resource_path", lambda _: tmp_path / "words.mo")
    for number, length in enumerate((0, 3, 19, 999, len(words) // 2, len(words) - 9)):
        (tmp_path / "words.mo").write_bytes(words[:length])
        with speaking(f"q{'abcdef'[number]}"):  # what is read of a language is kept
            assert gettext("Next") == "Next"


def test_gettext_is_loaded_with_the_first_language_that_needs_it() -> None:
    code = """
import sys
from tinynet_gui.core.text.language import gettext, speaking
with speaking("en"):
    print(gettext("Next"), "gettext" in sys.modules)
with speaking("de"):
    print(gettext("Next"), "gettext" in sys.modules)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["Next", "False", "Weiter", "True"]


def test_the_signs_are_those_that_numbers_are_written_with() -> None:
    assert set(SIGNS.values()) == set(re.findall(r"\D", f"{1234.5:,.1f}"))
