"""What a lesson's author writes and the program would not show: told all at once, each with its line."""

import re

import pytest
from hypothesis import given, settings, strategies as st
from ziamath.zmath import Latex

from tests.lessons import FRONT, LESSON_FILES, TRANSLATIONS, WHOLE
from tinynet_gui.core.lessons import markdown
from tinynet_gui.core.lessons.markdown import effort, formulas, holes
from tinynet_gui.core.lessons.reading import reader
from tinynet_gui.core.lessons.reading.mistakes import MAX_MISTAKES, LessonError, Mistake, mistakes_in
from tinynet_gui.core.lessons.reading.reader import LONGEST_STEP, MAX_EFFORT, read_lesson, read_lesson_file
from tinynet_gui.core.lessons.template import errors, fill


def _mistakes(text: str) -> tuple[Mistake, ...]:
    with pytest.raises(LessonError) as caught:
        read_lesson(text)
    return caught.value.mistakes


MISUNDERSTOOD = [  # a text, the line that is told of it, counted from 1, and what is said
    ("[esle] So.", 1, "[esle] is not understood; is [else] meant"),
    ("[If loss < 1] So.", 1, "[If loss < 1] is not understood; is [if …] meant"),
    ("a\n\n[elseif loss < 1] So.", 3, "is [else if …] meant"),
    ("a\n\n[elif loss < 1] So.", 3, "is [else if …] meant"),
    ("[if loss < 1] a\n\n[Else If loss < 2] b", 3, "is [else if …] meant"),
    ("[if loss < 1] a\n[endif]", 2, "[endif] is not understood; a condition ends with its paragraph"),
    ("- [if loss < 1] So.", 1, "is [if …] meant, at the beginning of its line?"),
    (" [else] So.", 1, "is [else] meant, at the beginning of its line?"),
    ("It is [if loss < 1] small.", 1, "stands within a line; a condition begins a line"),
    ("a\n\n[note] So.", 3, "[note] begins a paragraph; [if …], [else if …] or [else] is expected, or \\["),
    ("a\n\n```lessn\ntrain_to = 1\n```", 3, "“lessn” is not a kind of block; is ```lesson meant?"),
    ("a\n\n```Lesson\ntrain_to = 1\n```", 3, "“Lesson” is not a kind of block"),
    ("- ```lesson\n  train_to = 1", 1, "a block within a list or a quotation is not read"),
    ("# The data", 1, "has one #; “## ” begins a step"),
    (" ## The data", 1, "stands after a space; a heading begins its line"),
    ("a\n\n###The data", 3, "has no space behind ###"),
    ("The data\n========", 2, "makes a heading of the line above"),
    ("The data\n---", 2, "makes a heading of the line above"),
    ("a <b>bold</b> word", 1, "“<b>” is HTML, which is not shown; Markdown such as **bold** is expected"),
    ("a\n<!-- a note -->", 2, "is HTML"),
    ('<img src="https://example.org/a.png">', 1, "is HTML"),
    ("see [this][one]", 1, "is a link by reference; [text](https://…) is expected"),
    ("a\n\n[one]: https://example.org", 3, "is a link by reference"),
    ("a word[^1]", 1, "is a footnote, which is not shown"),
    ("[a file](file:///etc/passwd)", 1, "the link leads to “file:///etc/passwd”; an address that begins with https://"),
    ("[a script](javascript:alert(1))", 1, "the link leads to “javascript:alert”"),
    ("[another\nlesson](02.md)", 1, "the link leads to “02.md”"),
    ("<ftp://example.org/a>", 1, "the link leads to “ftp://example.org/a”"),
    ("[bank](https://bank.example@evil.example/)", 1, "has a name before @"),
    (f"[long](https://example.org/{'a' * 500})", 1, "is too long or has odd characters"),
    ("![a cat](cat.png)", 1, "the picture “cat.png” cannot be found, because the lesson is not a file itself"),
    ("a\n\n![a\ncat](../cat.png)", 3, "the picture “../cat.png” is not a plain name"),
    ("![](https://example.org/cat.png)", 1, "is not a plain name; one of a file beside the lesson is expected"),
    ("![a [nested] cat](cat.png)", 1, "brackets within the words of a link or a picture are not read"),
    ("a\n\nis $\\foo{x}$", 3, "\\foo is not known in a formula; known are Greek letters and \\frac \\dfrac"),
    ("is $\\sqr{x}$", 1, "\\sqr is not known in a formula; is \\sqrt meant?"),
    ("is $x^2 $, or", 1, "this looks like a formula; put it between $ and $, with no space just inside them"),
    ("is \\(x_2\\)", 1, "this looks like a formula"),
    ("is $\\frac{1}$", 1, "something is expected behind \\frac"),
    ("is $x_{1$", 1, "do not come in pairs"),
    ("5 $\n\nSo $T = T_0 + a e^{-kt} is\n{loss}", 3, "a $ is not closed; $x^2$ is a formula, and \\$ a sign"),
    ("is\n$$T = 3 is, $x_{1}$, or $y$", 2, "a $ is not closed"),
    ("is $50%$", 1, "% has a meaning in LaTeX that is not understood here; \\% is expected"),
    ("is $\\left( x$", 1, "\\left and \\right come in pairs"),
    ("is $x^2^3$", 1, "the formula “x^2^3” cannot be drawn; a brace or an argument may be missing"),
    ("a\nis $\\text{a < b}$", 2, "cannot be drawn"),
    ("is $L = {los}$", 1, "“los” is not known here; is “loss” meant?"),
    ("{map_edge(1)}\n" * 21, 1, "the text below reads the map 21 times; at most 20 are expected"),
    ("![dots](map_row:one)", 1, "“map_row:one” is no row of the map; map_row: and a number"),
    ("![dots](map_row:1)\n" * 21, 1, "the text below reads the map 21 times; at most 20 are expected"),
    ("is $e^{{{x}}}$", 1, "braces that are filled in stand within others"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "said"), MISUNDERSTOOD)
def test_what_would_not_be_shown_is_told_with_its_line(text: str, line: int, said: str) -> None:
    [mistake] = _mistakes(f"{FRONT}## A\n{text}\n\nEnd.")
    assert said in mistake.reason
    assert mistake.line == FRONT.count("\n") + 1 + line


def test_a_step_that_begins_with_one_sign_is_read_as_one() -> None:
    text = f"{FRONT}# A\nSee {{loss}}.\n\n```lesson\ntrain_to = 1\n```\n\n# B\n\n```lesson\ntrain_to = 2\n```\n"
    assert [mistake.reason[:8] for mistake in _mistakes(text)] == ["“# A” ha", "“# B” ha"]


HONEST = [
    "The range [0, 1] and so [sic] it is, a[0][1] or M[i][j].",
    "It goes on in a line\n[sic] that begins so.",
    "\\[note] and [a link](https://example.org/a_(b)) and <https://example.org>",
    "and\n[one wrapped\nover lines](http://a.b/c?d=1#e).",
    "- [ ] to do\n- [x] done\n1. one\n\n> quoted",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n\n### Within\n\n#3 of 4, and x < b and c > d, a <- b",
    "`<b>`, `[a][b]`, `$x$` and\n```html\n<b>[esle]</b>\n[one]: x\n```\n\n```python\n# no heading\n```",
    "It costs 5 $ or 6 $, \\$x_1\\$, from $5 to $6 or so, 7 $/kg (in $), $, “$”, or `$a`.",
    "$x^2$, $w_1$, $\\frac{1}{n}\\sum (y - \\hat{y})^2$, $\\sqrt[3]{x}$ and $$\\left\\{ \\eta \\right\\}$$",
    "[if loss < 1] a\n[else if loss < 2] b\n\n[else] c",
]


@pytest.mark.parametrize("text", HONEST)
def test_honest_texts_are_read(text: str) -> None:
    assert read_lesson(f"{FRONT}## A\n{text}").steps[0].text == text


def test_all_mistakes_are_reported_but_not_their_consequences() -> None:
    text = WHOLE
    for part, instead in (
        ("minutes = 7", "minutes = 700"),
        ('"view.microscope"', '"view.microscop"'),
        ("Only a text", "Only a {tex} text"),
        ('setting = "hidden=1', "setting = “hidden=1"),  # whose `remember` is not read, but later steps use it
        ("[else] So little", "[esle] So little"),
        ('experiment = {kind = "swarm"', 'experiment = {kind = "warm"'),  # whose numbers are used below
        ('answer = "100 * many', 'answer = "100 ** * many'),
        ("By {curve_off}", "By {curve_off and <i>so</i>"),
        ("seeds = 64", "seeds = 640"),
    ):
        assert text.count(part) == 1, part
        text = text.replace(part, instead)
    with pytest.raises(LessonError) as caught:
        read_lesson(text, views=("view.microscope",))
    places = ["minutes", "hidden =", "{tex}", "“hidden", "[esle]", '"warm"', "100 ** *", "<i>", "<i>", "640"]
    lines = text.split("\n")
    expected = [next(n for n, line in enumerate(lines, 1) if place in line) for place in places]
    assert [mistake.line for mistake in caught.value.mistakes] == sorted(expected)
    assert str(caught.value).split("\n") == [f"line {line}: {reason}" for line, reason in caught.value.mistakes]


def test_there_is_an_end_to_the_mistakes_that_are_told() -> None:
    with pytest.raises(LessonError) as caught:
        read_lesson(FRONT + "## A\n" + "{nobody} <b>\n\n" * 500)
    assert len(caught.value.mistakes) == MAX_MISTAKES
    assert str(caught.value).endswith("There may be more.")


@pytest.mark.parametrize(
    ("part", "instead", "said"),
    [
        ("minutes = 7", "minutes = “7”", "“ is a typographic quotation mark, as Word writes it; \" is expected"),
        ('title = "How many neurons?"', "title = „How many neurons?“", "„ is a typographic quotation mark"),
        ('title = "How many neurons?"', 'title = "How many neurons?”', "” is a typographic quotation mark"),
        ('title = "How many neurons?"', "title = ‘How many neurons?’", "‘ is a typographic quotation mark, as Word"),
        ("minutes = 7", "minutes = \u00a07", "a special space stands here, U+00A0; a plain one is expected"),
        ("minutes = 7", "minutes = –7", "– is a dash or a minus sign, as Word writes it; the hyphen - is expected"),
        ('seeds = "fixed"', 'seeds = "“fixed”"', "“fixed” is expected; “ is a typographic quotation mark"),
    ],
)  # fmt: skip
def test_a_word_processors_signs_are_named_in_place(part: str, instead: str, said: str) -> None:
    text = WHOLE.replace(part, instead)
    [mistake] = _mistakes(text)
    assert said in mistake.reason
    assert instead in text.split("\n")[mistake.line - 1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$x^2$ and $$y$$.", ["x^2", "y"]),
        ("`$a$` $b$\n```\n$c$\n```\n$d$", ["b", "d"]),
        ("5 $ and 6 $", []),
        ("$5 and $6, or\n7 $", []),
        ("\\$a$ b$", []),
        ("$a\nb$ and $c\n\nd$", ["a\nb"]),
        ("costs \\$5, $n = 5$.", ["n = 5"]),
        ("$\\$$", ["\\$"]),
    ],
)
def test_formulas_stand_where_pandoc_has_them(text: str, found: list[str]) -> None:
    assert [one.latex for one in formulas(text)] == found
    for one in formulas(text):
        assert text[one.start : one.end].strip("$") in (one.latex, "\\")


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("$L = {loss:3}$ of {loss:1}", "$L = \\text{0.250}$ of 0.2"),
        ("$\\frac{1}{n} x_{i}^{2}$", "$\\frac{1}{n} x_{i}^{2}$"),
        ("$\\frac{1}{{step}}$", "$\\frac{1}{\\text{100}}$"),
        ("$\\hat y = {loss:percent}$", "$\\hat y = \\text{25 \\%}$"),
        ("[if loss < 1] $x_{1}$\n[else] $x_{2}$", "$x_{1}$"),
        ("5 $ {loss}", "5 $ 0.25"),
    ],
)
def test_numbers_are_filled_into_formulas(text: str, filled: str) -> None:
    assert fill(text, {"loss": 0.25, "step": 100.0}).replace("\u00a0=\u00a0", " = ") == filled


@pytest.mark.parametrize("name", [*markdown.ARGUMENTS])
def test_every_known_command_is_drawn(name: str) -> None:
    latex = rf"\{name}" + "{x}" * markdown.ARGUMENTS[name]
    if name in markdown.SIZED:
        latex = r"\left( \frac{x}{y} \right]"
    assert holes(latex) == []
    drawn, plain = (Latex(text, size=20).getsize() for text in (f"a {latex} b", "a b"))
    assert drawn[0] > plain[0] + 1
    assert holes("x + {loss}") == [(5, 9)]


def test_formulas_that_would_take_long_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    nested = r"\left(" * 30 + "x" + r"\right)" * 30  # takes hours: each level doubles it
    [mistake] = _mistakes(f"{FRONT}## A\n${nested}$")
    assert mistake.reason == "the formula is nested more than 8 deep"
    assert [effort("x"), effort("x^2_i"), effort("x^{x^{x}}"), effort(r"\left(x\right)")] == [9, 15, 18, 13]
    monkeypatch.setattr(reader, "MAX_EFFORT", 4 * effort("x_{0}"))
    [mistake] = _mistakes(f"{FRONT}## A\n" + "\n".join(f"$x_{{{k}}}$ $x_{{0}}$" for k in range(9)))
    assert "with this one the lesson's formulas take too long to draw" in mistake.reason
    assert mistake.line == FRONT.count("\n") + 1 + 5  # each counts once


HANGING = ["a" + " " * 65_536 + "b", "a" * 190_000, "[a](https://b.c) " * 9_000, "> " * 90_000, "$x$ " * 9_000,
           f"|{'a|' * 3_000}\n|{'-|' * 3_000}", "~" * 190_000 + "`"]  # fmt: skip


@pytest.mark.parametrize("long", HANGING)
def test_a_text_that_would_hang_is_refused_unread(long: str) -> None:
    [mistake] = _mistakes(f"{FRONT}## A\na\n## B\nis\n{long}\n\n## C\na")
    assert mistake.line == FRONT.count("\n") + 3
    assert re.match(r"the step “B” has \d+,\d+ characters; at most 12,000 are expected", mistake.reason)


def test_the_programs_own_lessons_are_far_from_all_limits() -> None:
    for file in (*LESSON_FILES, *TRANSLATIONS):
        steps = re.split(r"^## .*$", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert max(map(len, steps)) * 5 < LONGEST_STEP
        texts = [step.text + step.reveal for step in read_lesson_file(file).steps]
        latex = {formula.latex for text in texts for formula in formulas(text)}
        assert sum(map(effort, latex)) * 5 < MAX_EFFORT


signs = st.lists(
    st.sampled_from([*"[]()!<>$#`\\{}^_ \n-=", "\n\n", "](", "$$", "```", "[if loss < 1]", "[esle]", "\\frac", "{loss}",
                     "\\left", "https://", "<b>", "a", "x^2", "&", "%"]),
    max_size=40,
).map("".join)  # fmt: skip


@given(signs)
@settings(max_examples=200)
def test_any_text_is_understood_or_a_mistake_in_one_of_its_lines(text: str) -> None:
    lines = text.split("\n")
    for line in (*(line for line, _ in mistakes_in(lines)), *(error.line for error in errors(text))):
        assert 0 <= line < len(lines)
    for one in formulas(text):
        assert 0 <= one.start < one.end <= len(text)


@pytest.mark.parametrize(
    "piece",
    ["$x$$y", "[", "[a](", "![", "<b", "$", "$a", "$$", "$x^", "\\(", "[a][", "`", "``a", "[^", "<a:", "[if ", "- ",
     "> ", "{$", "\\", "(", "a<", " [if a<b", "```lesson\n## a\n", "$\\frac{", "=\n", "![a](b\n"],
)  # fmt: skip
def test_a_long_text_takes_no_longer_than_its_length(piece: str) -> None:
    text = FRONT + "## A\n" + piece * (60_000 // len(piece))
    with pytest.raises(LessonError) as caught:
        read_lesson(text + "\n{")
    assert re.match(r"line \d+: ", str(caught.value))
