"""The TOML block of a step: its setting, action, question and remembered numbers."""

import keyword
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Literal, TypeVar, cast

from tinynet_gui.core.config import IN_FILES, Config, ConfigError
from tinynet_gui.core.data.points import LARGEST_X
from tinynet_gui.core.experiments.table import measured_experiments
from tinynet_gui.core.lessons import lesson
from tinynet_gui.core.lessons.expression import FUNCTIONS, Expression, parse_condition, parse_expression
from tinynet_gui.core.lessons.measured_names import BRINGABLE, CURVE, LARGE, RUN, SHOWABLE
from tinynet_gui.core.lessons.reading.lesson_files import LessonFiles, read_data
from tinynet_gui.core.lessons.reading.mistakes import UNSURE, Known, check_names, known_of_many, known_when_done
from tinynet_gui.core.lessons.reading.table import LONGEST_LINE, TomlTable
from tinynet_gui.core.text.language import N_, gettext as _
from tinynet_gui.core.text.shortened import unbroken, written
from tinynet_gui.core.wording.maps import read_map
from tinynet_gui.core.wording.setting_line import read_setting, unknown_words

OTHERWISE = "otherwise"
DRAWN_ALREADY = N_(
    "“curve” asks for the network's curve, which is drawn already; train_to, until or goal is expected beside it, "
    'or of = "target"'
)
ACTIONS = ("until", "train_to", "train_on", "experiment", "goal")
CHANGING = ("until", "train_to", "train_on", "goal")  # these may change the network
QUESTIONS = ("choices", "number", "curve", "sentence")
VIEWED = "setting", "data", "seeds", "show", "large", "brings"
KEYS = (*VIEWED, *ACTIONS, "do", "point_at", "ask", *QUESTIONS, "remember")
REQUIRES = {"seeds": ("setting", "data"), "do": ("until",), "point_at": ("until",), "ask": QUESTIONS}  # one of these
MAX_TRAINED = 1_000_000  # steps, at once
MIN_SEEDS, MAX_SEEDS = 7, 256  # of a goal
T = TypeVar("T", Expression, Expression | None)
_SAMPLES = re.compile(r"(?:^|&)\s*(x|y|held_out_points|origin|[xy]_name|target|formula|samples|x_m(?:in|ax)|noise)\s*=")
_NAME = re.compile(r"[a-z_]\w{0,39}", re.ASCII | re.IGNORECASE)


def read_block(table: TomlTable, known: Known, files: LessonFiles, before: Config | None) -> lesson.LessonStep:
    """Return a lesson's step without its texts; `before` is the latest setting of the earlier steps."""
    for key, owners in REQUIRES.items():
        if key in table and not any(owner in table for owner in owners):
            words = _("“{key}” stands alone; {names} is expected beside it")
            table.refuse(key, words.format(key=key, names=_(" or ").join(owners)))
    can_change = any(key in table for key in CHANGING)
    setting, map_text = _read_start(table, files)
    is_fixed = table.one_of("seeds", ("free", "fixed"), "free") == "fixed"
    show, action = _read_names(table, "show", SHOWABLE, "view.microscope"), _read_action(table, known)
    large, brings = table.one_of("large", LARGE, ""), _read_names(table, "brings", BRINGABLE, "kinks")
    step = lesson.LessonStep("", "", setting, is_fixed, show, action, map=map_text, large=large, brings=brings)
    step = replace(step, question=_read_question(table, known_when_done(step, known), setting or before))
    if isinstance(step.question, lesson.CurveQuestion) and step.question.of == "network" and not can_change:
        table.refuse("curve", _(DRAWN_ALREADY))
    if "remember" in table:
        step = replace(step, remember=tuple(_read_remember(table, known_when_done(step, known))))
    table.end(KEYS)
    return step


def _read_start(table: TomlTable, files: LessonFiles) -> tuple[Config | None, str]:
    """Return the setting of a new run, with the samples from a file if one is named; and the map."""
    line, map_text = str(table.peek("setting")), ""
    setting: Config | None = None
    if "setting" in table:
        setting, map_text = table.parsed("setting", _read_setting, (IN_FILES, ""), LONGEST_LINE)
    if "data" not in table:
        return setting, map_text
    if own := _SAMPLES.search(line):
        words = _("the samples come from “data”; “{own}” in the setting says other ones")
        table.refuse("setting", words.format(own=own[1]))
    return read_data(table, setting or IN_FILES, files), map_text


def _read_setting(text: str) -> tuple[Config, str]:
    """Read a setting's line; ValueError lists all its mistakes, each on a line."""
    parts, reasons = text.split("&"), list[str]()
    while True:
        try:
            read = read_setting("&".join(parts))
            break
        except ConfigError as error:  # the next mistake is one of the others
            reasons.append(str(error))
            others = [part for part in parts if part.partition("=")[0].strip() != error.field]
            if len(others) == len(parts):
                raise ValueError("\n".join(reasons)) from None
            parts = others
    if read.left_out:
        reasons.append(unknown_words(read))
    if reasons:
        raise ValueError("\n".join(reasons))
    if read.map:
        read_map(read.map)
    return read.config, read.map


def _read_names(table: TomlTable, key: str, can: Sequence[str], one: str) -> tuple[str, ...]:
    expected = _('a list of names such as ["{one}"]').format(one=one)
    names = table.items(key, str, expected, 1, len(can)) if key in table else []
    for name in (name for name in names if name not in can):
        words = _("{name} cannot be shown; what can is {names}")
        table.refuse(key, words.format(name=written(name), names=", ".join(can)))
    return tuple(name for name in names if name in can)


def _only_one(table: TomlTable, keys: Sequence[str]) -> str | None:
    found = [key for key in keys if key in table]
    if len(found) > 1:
        words = _("{first} and {second} stand in one block; one of {names} is expected")
        table.refuse(found[1], words.format(first=found[0], second=found[1], names=", ".join(keys)))
    return found[0] if found else None


def _read_action(table: TomlTable, known: Known) -> lesson.LessonAction | None:
    match _only_one(table, ACTIONS):
        case "until" if isinstance(table.peek("until"), list):
            return lesson.DoInOrder(tuple(_read_acts(table, known)))
        case "until":
            return _read_act(table, "until", known)
        case "train_to":
            return lesson.TrainTo(table.whole("train_to", 1, MAX_TRAINED))
        case "train_on":
            return _read_train_on(table.table("train_on"))
        case "experiment":
            return _read_experiment(table.table("experiment"))
        case "goal":
            return _read_goal(table.table("goal"), known)
    return None


def _read_act(table: TomlTable, key: str, known: Known) -> lesson.Do:
    until = _read_expression(table, key, known, parse_condition)
    return lesson.Do(unbroken(table.text("do")), until, table.text("point_at", 60, ""))


def _read_acts(table: TomlTable, known: Known) -> Iterator[lesson.Do]:
    for key in (key for key in ("do", "point_at") if key in table):
        table.refuse("until", _("“{key}” stands beside a list of acts; it is expected in each of them").format(key=key))
    words = _('a condition, or a list of 2 to {most_acts} such as {{do = "Press Step.", when = "step >= 1"}}')
    expected = words.format(most_acts=lesson.MAX_ACTS)
    for act in table.tables("until", expected, 2, lesson.MAX_ACTS):
        yield _read_act(act, "when", known)
        act.end(("do", "when", "point_at"))


def _read_train_on(table: TomlTable) -> lesson.TrainOn:
    step, samples = table.whole("to", 1, MAX_TRAINED), table.parsed("samples", _read_samples, IN_FILES, LONGEST_LINE)
    table.end(("samples", "to"))
    return lesson.TrainOn(step, samples)


def _read_samples(text: str) -> Config:
    if other := [part for part in text.split("&") if not _SAMPLES.match(part)]:
        raise ValueError(_("{other} says no samples").format(other=written(other[0])))
    return _read_setting(text)[0]


def _read_experiment(table: TomlTable) -> lesson.RunExperiment:
    allowed = measured_experiments()
    kind = table.one_of("kind", allowed)
    found = allowed.get(kind)
    runs = 0 if found is None else table.whole("runs", found.fewest, found.most, found.usual)
    name = table.parsed("name", _read_name, "") if "name" in table else kind
    table.end(("kind", "runs", "name"))
    return lesson.RunExperiment(kind, runs, name)


def _read_goal(table: TomlTable, known: Known) -> lesson.Goal:
    seeds = table.whole("seeds", 0, MAX_SEEDS, 0)
    if 0 < seeds < MIN_SEEDS:
        words = _("“seeds” is {seeds}; 0 (the run in sight) or {fewest_seeds} to {most_seeds} is expected")
        table.refuse("seeds", words.format(seeds=seeds, fewest_seeds=MIN_SEEDS, most_seeds=MAX_SEEDS))
    condition = _read_expression(table, "condition", known_of_many(known) if seeds else known, parse_condition)
    text, hint = (unbroken(found) for found in (table.text("text"), table.text("hint", default="")))
    goal = lesson.Goal(text, condition, seeds, table.number("share", 0, 1, 1.0), hint)
    table.end(("condition", "seeds", "share", "text", "hint"))
    return goal


def _read_question(table: TomlTable, known: Known, setting: Config | None) -> lesson.Question | None:
    kind = _only_one(table, QUESTIONS)
    if kind is None:
        return None
    text = unbroken(table.text("ask"))
    if kind == "choices":
        return lesson.ChoiceQuestion(text, tuple(_read_choices(table, known)))
    if kind == "sentence":
        table.true(kind)
        return lesson.SentenceQuestion(text)
    inner = table.table(kind)
    question = _read_number(inner, text, known) if kind == "number" else _read_curve(inner, text, setting)
    if question.low >= question.high:
        words = _("{low} to {high} is not a range; a lower number is expected first")
        inner.refuse("", words.format(low=f"{question.low:g}", high=f"{question.high:g}"))
    return question


def _read_choices(table: TomlTable, known: Known) -> Iterator[lesson.Choice]:
    words = _('a list of 2 to {most_choices} such as {{text = "a line", when = "kinks < 1"}}')
    expected = words.format(most_choices=lesson.MAX_CHOICES)
    choices = table.tables("choices", expected, 2, lesson.MAX_CHOICES)
    for choice in choices:
        when = _read_expression(choice, "when", known, _parse_when)
        if when is None and choice is not choices[-1]:
            choice.refuse("when", _("“{otherwise}” is expected at the last choice only").format(otherwise=OTHERWISE))
        yield lesson.Choice(unbroken(choice.text("text")), when)
        choice.end(("text", "when"))


def _parse_when(text: str) -> Expression | None:
    return None if text == OTHERWISE else parse_condition(text)


def _read_number(table: TomlTable, text: str, known: Known) -> lesson.NumberQuestion:
    answer = _read_expression(table, "answer", known, parse_expression)
    low, high = (table.number(key, -lesson.LARGEST, lesson.LARGEST) for key in ("low", "high"))
    unit, near = table.text("unit", 20, ""), table.number("near", 0, lesson.LARGEST)
    table.end(("answer", "unit", "low", "high", "near"))
    return lesson.NumberQuestion(text, answer, unit, low, high, near)


def _read_curve(table: TomlTable, text: str, setting: Config | None) -> lesson.CurveQuestion:
    low, high = (table.number(key, -LARGEST_X, LARGEST_X) for key in ("from", "to"))
    of = cast(Literal["network", "target"], table.one_of("of", ("network", "target"), "network"))
    if of == "target" and setting is not None and setting.data.true_formula is None:
        other = _('of = "network" is expected, or a formula in the setting')
        table.refuse("of", _("the samples of this page have no true function; {other}").format(other=other))
    table.end(("from", "to", "of"))
    return lesson.CurveQuestion(text, low, high, of)


def _read_remember(table: TomlTable, known: Known) -> Iterator[tuple[str, Expression]]:
    kept = table.table("remember")
    for name in kept:
        expression = _read_expression(kept, name, known, parse_expression)
        try:
            _read_name(name)
        except ValueError as error:
            kept.refuse(name, str(error))
            yield UNSURE, expression
            continue
        if name in known:
            words = _("“{name}” is remembered by an earlier step; another name is expected")
            kept.refuse(name, words.format(name=name))
        yield name, expression


def _read_name(name: str) -> str:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise ValueError(_("{name} is not a name; one such as few or first_try is expected").format(name=written(name)))
    if name in {*RUN, *CURVE, *FUNCTIONS, "goal"}:
        raise ValueError(_("“{name}” has a meaning already; another name is expected").format(name=name))
    return name


def _read_expression(table: TomlTable, key: str, known: Known, parse: Callable[[str], T]) -> T:
    def parsed(text: str) -> T:
        expression = parse(text)
        if expression is not None:
            check_names(expression, known)
        return expression

    return table.parsed(key, parsed, parse("0 < 1"))
