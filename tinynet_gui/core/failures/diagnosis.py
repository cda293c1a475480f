"""A diagnosis: what went wrong in a training, in three sentences, and what to change."""

from collections.abc import Mapping
from dataclasses import field
from math import floor, isfinite, log10
from typing import Any

from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True)
class Explanation:
    """What happened, why, and what would help.

    Attributes
    ----------
    sentences
        Three: the symptom, its cause, and its meaning or a remedy.
    suggestion
        Valid changes for `Config.replace`: dotted path to value. Empty if there is nothing to fix.
    label
        Names the changes, for the button that applies them; "" if there are none.
    update
        The moment before the update that caused it, for the microscope; None if no single update did.
    is_alarm
        Whether something is wrong, and not only better done differently.
    """

    sentences: tuple[str, str, str]
    suggestion: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    update: Moment | None = None
    is_alarm: bool = True


def with_rate(config: Config, sentences: tuple[str, str, str], rate: float) -> Explanation:
    """Suggest another learning rate, if it is a valid one."""
    try:
        config.replace("training.learning_rate", rate)
    except ConfigError:
        return Explanation(sentences)
    if rate == 0:  # too small: it rounds to 0
        return Explanation(sentences)
    return Explanation(sentences, {"training.learning_rate": rate}, f"Set the learning rate to {plain(rate)}")


def round_down(value: float) -> float:
    """Round down to two significant digits, so that a limit stays a limit."""
    if not isfinite(value) or value <= 0:
        return 0.0
    power = floor(log10(value)) - 1
    return float(f"{floor(round(value / 10.0**power, 9))}e{power}")
