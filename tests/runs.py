"""Runs as values, made without a worker."""

from collections.abc import Sequence

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.events import Event, first_rule
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.state import TrainerState


def run_of(
    config: Config, checkpoints: Sequence[TrainerState], events: Sequence[Event] = (), engine: EngineName = "PyTorch"
) -> Run:
    """Return a run that began with the first of these states and has come to the last."""
    start = first_rule(config, engine)
    return Run(
        1,
        start,
        wanted=start.after(events),
        events=tuple(events),
        checkpoints=tuple(checkpoints),
    )
