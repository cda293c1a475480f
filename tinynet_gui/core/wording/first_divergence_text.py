"""Where two runs part, in sentences."""

from tinynet_gui.core.config.active_settings import differing_paths
from tinynet_gui.core.config.setting_text import setting_label, setting_value
from tinynet_gui.core.run.first_divergence import FirstDivergence, other_difference
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.words import first_few
from tinynet_gui.core.training.engines import EngineName

MOST_REASONS = 3


def first_divergence_text(divergence: FirstDivergence | None, runs: tuple[Run, Run], names: tuple[str, str]) -> str:
    """Say where two runs part, and why."""
    both = f"“{names[0]}” and “{names[1]}”"
    if divergence is None:
        last = count_text(min(run.step for run in runs))
        shorter = "" if runs[0].step == runs[1].step else ", where the shorter one ends"
        return f"{both} are the same to the last bit up to step {last}{shorter}."
    step = count_text(divergence.step)
    if divergence.is_of_engines:
        one, other = (engine_name(moment.rule.engine) for moment in divergence.moments)
        return (
            f"{both} are the same to the last bit up to step {step}. What parts them there is rounding, not a setting: "
            f"{one} takes the next step of “{names[0]}”, {other} that of “{names[1]}”. Both compute the same, but add "
            "the numbers up in a different order, and the last digits of the sums differ. Later steps can make more "
            f"of that.{_more_later(runs, divergence.step)}"
        )
    match divergence.kind:
        case "first weights":
            return f"{both} differ from the beginning: their first weights are different.{_reasons(divergence, names)}"
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
        f"{setting_label(path, one.config, other.config)} ({setting_value(one.config, path)} in “{names[0]}”, "
        f"{setting_value(other.config, path)} in “{names[1]}”)"
        for path in differing_paths(one.config, other.config)
        if path != "training.stop_step"
    ]
    if one.frozen != other.frozen:
        reasons.append("what is frozen")
    if one.engine != other.engine:
        engines = f"{engine_name(one.engine)} in “{names[0]}”, {engine_name(other.engine)} in “{names[1]}”"
        reasons.append(f"the engine ({engines}), which rounds in its own way")
    return f" What differs there: {', '.join(first_few(reasons, MOST_REASONS, 'setting'))}." if reasons else ""


def _more_later(runs: tuple[Run, Run], step: int) -> str:
    since = other_difference(*runs, step)
    return "" if since is None else f" From step {count_text(since)} on, more than that differs."


def engine_name(engine: EngineName) -> str:
    """Name an engine within a sentence."""
    names = {"PyTorch": "PyTorch", "Compiled": "the compiled engine"}
    return names.get(engine, "the compiled engine (16 runs at a time)")


def by_one_engine_text(
    engine: EngineName, divergence: FirstDivergence | None, runs: tuple[Run, Run], names: tuple[str, str]
) -> str:
    """Say where two runs part once one engine has trained both of them again."""
    found = first_divergence_text(divergence, runs, names)
    return f"Trained again, both by {engine_name(engine)}: {found}"
