"""The results of experiments as plain numbers, and back: each record says how."""

from tinynet_gui.core.experiments.experiment import ExperimentResult
from tinynet_gui.core.experiments.table import EXPERIMENTS
from tinynet_gui.core.run.finished_experiment import FinishedExperiment, Numbers


def numbers_of(result: ExperimentResult) -> Numbers:
    """Return the numbers from which `stored_result` makes a result again; none for experiments about whole curves."""
    stored = EXPERIMENTS[result.experiment].stored_as
    return () if stored is None else stored.numbers_of(result)


def stored_result(asked: FinishedExperiment) -> ExperimentResult | None:
    """Return the result that an experiment's numbers describe; None if there are none, or they are not of such a one.

    They may come from a file: whatever follows from them is computed again.
    """
    stored = EXPERIMENTS[asked.kind].stored_as if asked.kind in EXPERIMENTS else None
    try:
        return stored.result_of(asked) if stored is not None and asked.numbers else None
    except (ValueError, TypeError, IndexError):
        return None
