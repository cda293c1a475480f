"""What was asked of an experiment, and what it said: as much of it as a session keeps."""

from collections.abc import Sequence
from dataclasses import replace

from tinynet_gui.core.config import Config
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.values import dataclass

MOST_EXPERIMENTS = 8  # experiments of a session, the latest of each kind
MOST_RUNS = 1_000
MOST_COLUMNS, MOST_NUMBERS = 12, 10_000  # of its result
MOST_PARTS, MOST_CHARACTERS = 8, 6_000  # of the user's input, and of the answer

Numbers = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class FinishedExperiment:
    """A finished experiment.

    Attributes
    ----------
    kind, config, runs
        Its name in `core.experiments.table`, its settings, and the number of runs.
    about
        The parts of the user's further input, such as a claim.
    answer
        What it said, in plain text.
    numbers
        Columns of numbers, none of them NaN, from which `core.experiments.stored_results` makes its result again.
    """

    kind: str
    config: Config
    runs: int
    about: tuple[int | float | str, ...] = ()
    answer: str = ""
    numbers: Numbers = ()


def with_experiment(known: Sequence[FinishedExperiment], asked: FinishedExperiment) -> tuple[FinishedExperiment, ...]:
    """Return the experiments asked for with one more, the latest; it replaces the one of its kind."""
    others = [other for other in known if other.kind != asked.kind]
    is_short = sum(map(len, asked.numbers)) <= MOST_NUMBERS
    numbers = asked.numbers if is_short else ()
    answer = shortened(asked.answer, MOST_CHARACTERS)
    return (*others, replace(asked, answer=answer, numbers=numbers))[-MOST_EXPERIMENTS:]
