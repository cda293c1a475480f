"""The results of a run at one of its steps: its losses and its dead neurons."""

import numpy as np

from tinynet_gui.core.network.forward import active_counts, as_layers, where_dead
from tinynet_gui.core.numerics.arrays import Stop
from tinynet_gui.core.run.replay import Replay
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.training.passes import held_out_loss, training_loss
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True)
class RunResults:
    """A run at one of its steps.

    Attributes
    ----------
    train_loss, held_out_loss
        Over all training and all held-out samples; infinite once the run has diverged, None without held-out ones.
    dead
        How many hidden neurons are dead; None where none can be.
    diverged_at
        The step at which the loss was not finite, if these are the results of the run's end.
    """

    step: int
    train_loss: float
    held_out_loss: float | None
    dead: int | None
    diverged_at: int | None = None


def results_at(run: Run, step: int, stop: Stop | None = None) -> RunResults:
    """Compute the results of a run at a step; for its last step no step is repeated.

    `ValueError` or `StoppedError` as `core.run.replay.state_at`; for a large network also between the parts of the
    computation.
    """
    rule, replay = run.rule_at(step), Replay(run, stop)
    config, dataset = rule.config, rule.dataset
    layers, activation = as_layers(replay.state_at(step).parameters), config.network.activation
    replay.check_stop()
    held_out = held_out_loss(config, dataset, layers)
    replay.check_stop()
    can_die = any(each.switches_off for each in config.network.activations)
    dead = where_dead(activation, active_counts(layers, activation, dataset.x_train[:, 0])) if can_die else ()
    replay.check_stop()
    diverged_at = run.diverged_at if step == run.step else None
    return RunResults(
        step,
        np.inf if diverged_at is not None else float(training_loss(config, dataset, layers)),
        None if held_out is None else np.inf if diverged_at is not None else float(held_out),
        sum(int(mask.sum()) for mask in dead) if can_die else None,
        diverged_at,
    )
