"""The names a lesson may use at each place: measurements, and those known from its earlier steps."""

from collections.abc import Iterator, Mapping

from tinynet_gui.core.experiments.table import EXPERIMENTS
from tinynet_gui.core.lessons.expression import Expression, ExpressionError
from tinynet_gui.core.lessons.lesson import CurveQuestion, Goal, LessonStep, RunExperiment
from tinynet_gui.core.lessons.measured_names import CURVE, GOAL, REMEMBERED, RUN, TRAINED, Name
from tinynet_gui.core.lessons.reading.mistakes import not_known
from tinynet_gui.core.lessons.template import TemplateError, errors, expressions
from tinynet_gui.core.text.language import gettext as _

Known = Mapping[str, Name]

UNSURE = "*"  # at the end of a name: others that begin so may be known, from what could not be read
ANY_NAME = {UNSURE: Name("")}
NEXT = ">"  # at the end of a name that the step itself remembers


def check_names(expression: Expression, known: Known) -> None:
    """Raise `ExpressionError` if an expression uses unknown names, or some as another kind; each has a line."""
    if wrong := list(_wrong_names(expression, known)):
        raise ExpressionError("\n".join(wrong))


def _wrong_names(expression: Expression, known: Known) -> Iterator[str]:
    for name, given in sorted([*((name, 0) for name in expression.names), *expression.calls]):
        if name not in known:
            if any(name.startswith(one.removesuffix(UNSURE)) for one in known if one.endswith(UNSURE)):
                continue
            if name + NEXT in known:
                yield _("“{name}” is known from the next step on").format(name=name)
            else:
                yield not_known(name, sorted(one for one in known if not one.endswith((UNSURE, NEXT))))
            continue
        parameters = known[name].parameters
        if (name, given) in expression.calls and not parameters:
            yield _("“{name}” is a number and takes nothing in parentheses").format(name=name)
        elif len(parameters) != given:
            words = _("“{name}” is given {given} value(s); {name}({names}) is expected")
            yield words.format(name=name, given=given, names=", ".join(parameters))


def remembered_later(kept: object) -> Known:
    """Return the names of a block's ``remember``, as they are known in its own step: not yet."""
    return {f"{name}{NEXT}": Name("") for name in kept} if isinstance(kept, dict) else {}


def template_errors(text: str, known: Known) -> Iterator[TemplateError]:
    """Yield the reasons why a text cannot be filled in from the known names."""
    yield from errors(text)
    for line, expression in expressions(text):
        yield from (TemplateError(line, reason) for reason in _wrong_names(expression, known))


def known_when_done(step: LessonStep, known: Known) -> Known:
    """Return the names known when a step's action is done."""
    names = dict(known)
    match step.action:
        case RunExperiment(kind=kind, name=own):
            names = {name: about for name, about in known.items() if not name.startswith(f"{own}.")}
            if not (kind and own):  # it could not be read
                return names | {f"{own}.{UNSURE}" if own else UNSURE: Name("")}
            numbers = EXPERIMENTS[kind].numbers.items()
            names |= {f"{own}.{name}": Name(number.about, number.parameters) for name, number in numbers}
        case Goal(seeds=seeds) if seeds:
            names |= GOAL
    return names | CURVE if isinstance(step.question, CurveQuestion) else names


def known_later(step: LessonStep, known: Known) -> Known:
    """Return the names known in the steps after a step."""
    names = {name: about for name, about in known_when_done(step, known).items() if name not in CURVE}
    return names | {name: REMEMBERED for name, _ in step.remember}


def known_of_many(known: Known) -> Known:
    """Return the names known for each of many runs trained to their end."""
    return {name: about for name, about in known.items() if name not in RUN or name in TRAINED}
