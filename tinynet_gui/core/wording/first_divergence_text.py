"""Where two runs part, in sentences."""

from tinynet_gui.core.config import SETTINGS
from tinynet_gui.core.config.active_settings import differing_paths
from tinynet_gui.core.run.first_divergence import FirstDivergence
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.wording.setting_text import setting_value

MOST_REASONS = 3


def first_divergence_text(divergence: FirstDivergence | None, runs: tuple[Run, Run], names: tuple[str, str]) -> str:
    """Say where two runs part, and why."""
    both = f"“{names[0]}” and “{names[1]}”"
    if divergence is None:
        last = count_text(min(run.step for run in runs))
        shorter = "" if runs[0].step == runs[1].step else ", where the shorter one ends"
        return f"{both} are the same to the last bit up to step {last}{shorter}."
    step = count_text(divergence.step)
    match divergence.kind:
        case "first weights":
            return f"{both} differ from the beginning: their first weights are others.{_reasons(divergence, names)}"
        case "by hand":
            return (
                f"{both} are the same to the last bit up to step {step}, where weights were set by hand: "
                "there they part, before the next update."
            )
    return (
        f"{both} are the same to the last bit up to step {step}; the next update is the first that differs."
        f"{_reasons(divergence, names)}"
    )


def _reasons(divergence: FirstDivergence, names: tuple[str, str]) -> str:
    """How the two rules differ by which the updates there are taken."""
    one, other = (moment.rule for moment in divergence.moments)
    reasons = [
        f"{SETTINGS[path].label} ({setting_value(one.config, path)} in “{names[0]}”, "
        f"{setting_value(other.config, path)} in “{names[1]}”)"
        for path in differing_paths(one.config, other.config)
        if path != "training.stop_step"
    ]
    if one.frozen != other.frozen:
        reasons.append("what is frozen")
    if one.engine != other.engine:
        reasons.append(f"the engine ({one.engine}, {other.engine}: they sum in another order)")
    more = [f"{len(reasons) - MOST_REASONS} more settings"] * (len(reasons) > MOST_REASONS)
    return f" What differs there: {', '.join(reasons[:MOST_REASONS] + more)}." if reasons else ""
