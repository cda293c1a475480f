"""Homework: a lesson's questions in an exported web page, and grading what comes back from it."""

import html
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Any

from tinynet_gui.core.config import Config
from tinynet_gui.core.config.setting_text import differing_paths, setting_in_short
from tinynet_gui.core.lessons import answers, measurements, template
from tinynet_gui.core.lessons.lesson import LONGEST_SENTENCE, Goal, Lesson, LessonStep, NumberQuestion, TrainOn, TrainTo
from tinynet_gui.core.lessons.playing.predictions import Skipped, is_allowed, judge, mark, outcome
from tinynet_gui.core.lessons.playing.premises import premises, strayed_to
from tinynet_gui.core.run.replay import past_moment
from tinynet_gui.core.run.train import train
from tinynet_gui.core.text.language import N_, gettext as _, speaking
from tinynet_gui.core.text.numbers import count_text, numbers_listed, plain
from tinynet_gui.core.text.shortened import on_one_line
from tinynet_gui.core.training.start import points_of
from tinynet_gui.core.wording.setting_line import read_setting, unknown_words

OF_ONE_RUN = {*measurements.MEASUREMENTS, *measurements.TWINS, *measurements.FUNCTIONS}  # names
MAX_STEPS, MAX_WORK = 2_000_000, 1e9  # of a training again; its steps times samples times weights: about a second


def homework_of(lesson: Lesson, html_of: Callable[[str], str]) -> tuple[str, dict[str, Any]]:
    """Return a lesson as a page's task, without its answers: safe HTML, and values for the page's script.

    `html_of` makes safe HTML of Markdown. `ValueError` if the lesson asks nothing.
    """
    with speaking(lesson.language):
        questions = tuple(_blank(lesson, place) for place, step in enumerate(lesson.steps) if step.question is not None)
        if not questions:
            raise ValueError(_("this lesson has no question"))
        parts = "".join(_part(lesson, place, html_of) for place in range(len(lesson.steps)))
        text = _FRAME.format(
            language=lesson.language,
            title=html.escape(lesson.title),
            parts=parts,
            longest=answers.LONGEST_NAME,
            words=html.escape(_("Nothing is sent anywhere: save your answers, and hand in the file.")),
            name=html.escape(_("Your name")),
            save=html.escape(_("Save answers")),
            copy=html.escape(_("Copy")),
            saved=html.escape(_("Saved as {file}. Hand in this file.")),
            copied=html.escape(_("Copied. Hand in this line.")),
            kept=html.escape(_("Kept in this browser, for when you come back.")),
            lost=html.escape(_("This browser keeps nothing: save your answers before you leave the page.")),
            forget=html.escape(_("Forget")),
            sure=html.escape(_("Forget the answers and the training, and begin anew?")),
        )
    blank = answers.Answers(on_one_line(lesson.title), lesson.fingerprint, "", None, None, 0, questions)
    plain = json.loads(answers.write_answers(replace(blank, language=lesson.language, of_page=True)))
    asked = [lesson.steps[each.page - 1].question for each in questions]
    ranges = [[q.low, q.high] if isinstance(q, NumberQuestion) else None for q in asked]
    return text, {"homework": {"answers": plain, "ranges": ranges}}


_FRAME = """\
<section class="card" id="homework" lang="{language}" aria-labelledby="homeworkTitle">
<h2 id="homeworkTitle">{title}</h2>
{parts}
<label class="learner">{name} <input id="learner" maxlength="{longest}" autocomplete="off"></label>
<p><button id="saveAnswers" type="button" class="main">{save}</button>
<button id="copyAnswers" type="button">{copy}</button></p>
<output id="handedIn" role="status" data-saved="{saved}" data-copied="{copied}"></output>
<p class="quiet">{words}</p>
<output id="kept" class="quiet" data-kept="{kept}" data-lost="{lost}"></output>
<button id="forget" type="button" data-sure="{sure}">{forget}</button>
</section>
"""


def _blank(lesson: Lesson, place: int) -> answers.GivenAnswer:
    """Return a step's question without an answer; for a curve a sentence is asked for."""
    given = answers.skipped_answer(lesson, place)
    return replace(given, kind="sentence", unit="") if given.kind == "curve" else given


def _part(lesson: Lesson, place: int, html_of: Callable[[str], str]) -> str:
    """Write a step: what is read before its question, what to do, and a field for the answer."""
    step = lesson.steps[place]
    tasks = "".join(f"<p><b>{html.escape(task)}</b></p>\n" for task in _tasks(step))
    field = "" if step.question is None else _field(lesson, place)
    return f"<h3>{html.escape(step.title)}</h3>\n{html_of(template.unfilled(step.text))}\n{tasks}{field}"


def _tasks(step: LessonStep) -> Iterator[str]:
    if step.setting is not None and (paths := list(differing_paths(Config(), step.setting))):
        settings = numbers_listed([setting_in_short(step.setting, path) for path in paths])
        yield _("Setting: {settings}").format(settings=settings)
    yield from (act.text for act in step.acts if act.text)
    if isinstance(step.action, Goal):
        yield step.action.text
    elif isinstance(step.action, TrainTo):
        yield _("Train to step {step}").format(step=count_text(step.action.step))


def asks_to_train(lesson: Lesson) -> bool:
    """Return whether there is more to do in a lesson's page than to look and to answer."""
    return any(chain.from_iterable(map(_tasks, lesson.steps)))


def _field(lesson: Lesson, place: int) -> str:
    given, question, name = _blank(lesson, place), lesson.steps[place].question, f"question{place + 1}"
    legend = html.escape(given.question)
    if given.choices:
        ways = (
            f'<label><input type="radio" name="{name}" value="{k}" autocomplete="off"> {html.escape(choice)}</label>\n'
            for k, choice in enumerate(given.choices)
        )
        return f'<fieldset class="question"><legend>{legend}</legend>\n{"".join(ways)}</fieldset>\n'
    if isinstance(question, NumberQuestion):
        low, high = plain(question.low), plain(question.high)
        words = _("a number from {low} to {high} is expected").format(low=low, high=high)
        field = f'<input inputmode="decimal" autocomplete="off" aria-describedby="{name}" data-refusal="{words}">'
        unit = f" {html.escape(given.unit)}" if given.unit else ""
        field += f'{unit}</label><output id="{name}" role="alert"></output>'
    else:
        field = f'<textarea rows="3" autocomplete="off" maxlength="{LONGEST_SENTENCE}"></textarea></label>'
    return f'<div class="question"><label>{legend} {field}</div>\n'


def graded(handed_in: answers.Answers, lesson: Lesson) -> answers.Answers:
    """Return a page's answers with marks and results, by training again: nothing stored of results is trusted."""
    with speaking(lesson.language):
        questions = tuple(_graded(each, lesson) for each in handed_in.questions)
    return replace(handed_in, lesson=on_one_line(lesson.title), language=lesson.language, questions=questions)


def not_graded(lesson: Lesson) -> list[int]:
    """Return the pages that cannot be graded by training alone, as they need an earlier page's numbers or the like."""
    return [number for number, step in enumerate(lesson.steps, 1) if _takes_more(step)]


def _takes_more(step: LessonStep) -> bool:
    question = step.question
    asked = [*(choice.when for choice in getattr(question, "choices", ())), getattr(question, "answer", None)]
    used = [(*each.names, *(name for name, _ in each.calls)) for each in asked if each is not None]
    return isinstance(step.action, TrainOn) or not OF_ONE_RUN.issuperset(chain(*used))


def _graded(given: answers.GivenAnswer, lesson: Lesson) -> answers.GivenAnswer:
    is_skipped = isinstance(given.guess, Skipped)
    ungraded = replace(given, came=None, true_curve=None, verdict="", mark="skipped" if is_skipped else "open")
    step = lesson.steps[given.page - 1] if given.page <= len(lesson.steps) else None
    if step is None or step.question is None or given.asked != _blank(lesson, given.page - 1).asked:
        return replace(ungraded, verdict=_("It is not a question of this lesson."))
    if isinstance(given.guess, str):
        return replace(ungraded, verdict=judge(step.question, given.guess, {}))
    if is_skipped or not is_allowed(step.question, given.guess):
        return ungraded
    if _takes_more(step):
        return replace(ungraded, verdict=_("Not graded. {reason}").format(reason=_("It takes more than one training.")))
    action = step.action
    at = action.step if isinstance(action, TrainTo) else given.step
    try:
        config = _config(given.setting)
        if any(each.setting is not None for each in lesson.steps[: given.page]):
            strayed = strayed_to(premises(lesson.steps, given.page - 1), config)
            if strayed is not None:
                raise ValueError(strayed.text)
        measured = _measured(config, at)
    except ValueError as error:
        return replace(ungraded, verdict=_("Not graded. {reason}").format(reason=_(str(error))))
    came = outcome(step.question, given.guess, measured).value
    verdict, words = judge(step.question, given.guess, measured), _("{verdict} Trained again to step {step}: {setting}")
    verdict = words.format(verdict=verdict, step=count_text(at), setting=given.setting)
    how = mark(step.question, given.guess, came)
    return replace(ungraded, came=None if math.isnan(came) else came, mark=how, verdict=verdict)


def _config(line: str) -> Config:
    """Read a page's setting; `ValueError` if it is none."""
    if not line:
        raise ValueError(N_("A setting or a weight was changed on the way, so training again does not lead there."))
    read = read_setting(line)
    if read.left_out:
        raise ValueError(unknown_words(read))
    return read.config


@lru_cache(maxsize=64)
def _measured(config: Config, step: int) -> measurements.Measured:
    """Train to a step, and measure; `ValueError` if that would take too long."""
    work = step * len(points_of(config.data)) * config.network.parameter_count
    if step > MAX_STEPS or work > MAX_WORK or config.network.needs_torch:
        raise ValueError(N_("Training again would take too long."))
    result = train(config, step)
    return measurements.Measured(past_moment(result.run, result.steps).snapshot, result.run)
