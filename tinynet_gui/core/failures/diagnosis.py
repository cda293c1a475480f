"""What went wrong in a training, in three sentences, and what to change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import floor, isfinite, log10
from typing import Any

from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.text.numbers import plain


@dataclass(frozen=True)
class Explanation:
    """What happened, why, and what would help.

    Attributes
    ----------
    sentences
        Three: what is seen, where it comes from, what it means or what would help.
    suggestion
        Changes for `Config.replace`, each of them allowed: dotted path to value. Empty if there is nothing to mend.
    label
        What the changes are, for the button that applies them; "" if there are none.
    update
        Where the run stood before the update that did it, for the microscope; None if no single one did.
    """

    sentences: tuple[str, str, str]
    suggestion: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    update: Moment | None = None


def with_rate(config: Config, sentences: tuple[str, str, str], rate: float) -> Explanation:
    """Suggest another learning rate, if it is one that is allowed."""
    try:
        config.replace("training.learning_rate", rate)
    except ConfigError:
        return Explanation(sentences)
    if rate == 0:  # so small that it rounds to nothing: no suggestion
        return Explanation(sentences)
    return Explanation(sentences, {"training.learning_rate": rate}, f"Set the learning rate to {plain(rate)}")


def round_down(value: float) -> float:
    """Round to two significant digits, downwards, so that a limit stays a limit."""
    if not isfinite(value) or value <= 0:
        return 0.0
    power = floor(log10(value)) - 1
    return float(f"{floor(round(value / 10.0**power, 9))}e{power}")
