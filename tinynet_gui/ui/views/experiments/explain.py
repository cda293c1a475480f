"""The text of an experiment's result; the names of its runs, and the setting it belongs to."""

from collections.abc import Sequence

from tinynet_gui.core.config import Config
from tinynet_gui.core.config.setting_text import setting_label, setting_value, source_text
from tinynet_gui.core.experiments.experiment import ExperimentResult
from tinynet_gui.core.experiments.table import changed_since
from tinynet_gui.core.experiments.trained_runs import TrainedRun
from tinynet_gui.core.run.finished_experiment import FinishedExperiment
from tinynet_gui.core.text.numbers import counted, loss_text
from tinynet_gui.core.text.words import listed
from tinynet_gui.ui.views.experiments.table import SHOWN

MOST_CHANGES = 2  # settings to name before the list gets too long
AGAIN = "This is what it said before; run again, it shows its picture and its runs."


def explain(result: ExperimentResult) -> str:
    """Return the text of a result."""
    return SHOWN[result.experiment].explain(result)


def run_label(run: TrainedRun) -> str:
    """Name one run of an experiment, for a list."""
    hidden = ", ".join(map(str, run.config.network.hidden)) or "none"
    loss = "diverged" if run.diverged_at is not None else f"loss {loss_text(run.final_loss)}"
    return f"seed {run.config.network.seed} · hidden {hidden} · {loss}"


def setting_note(of: Config, changed: Sequence[str], now: Config) -> str:
    """Say which setting a result belongs to, if not the current one: the values that have changed since."""
    if not changed:
        return ""
    named = [_setting_text(of, path, now) for path in changed[:MOST_CHANGES]]
    more = len(changed) - len(named)
    if more:
        named.append(f"{counted(more, 'more setting')} that changed since")
    return f"These results are for a different setting: {listed(named)}."


def note_of(found: ExperimentResult | FinishedExperiment | None, now: Config | None) -> str:
    """Say which setting a result belongs to, if not the current one, and whether its words are all there is of it."""
    if found is None or now is None:
        return ""
    note = setting_note(found.config, changed_since(found, now), now)
    return f"{note} {AGAIN}".lstrip() if isinstance(found, FinishedExperiment) else note


def sentences(text: str) -> tuple[str, str]:
    """Return the first sentence of a text, and the others."""
    head, stop, rest = text.partition(". ")
    return head + stop.rstrip(), rest


def _setting_text(of: Config, path: str, now: Config) -> str:
    if path == "data.points":
        return "other samples" if source_text(of.data) == source_text(now.data) else source_text(of.data)
    return f"{setting_label(path, of)} {setting_value(of, path)}"
