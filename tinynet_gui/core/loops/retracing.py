"""A recorded training as a run: its steps taken again by the rule found, or else its recorded moments alone."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tinynet_gui.core.arrays import AnyFloats, Array, Floats, Ints, Stop, owned
from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.core.loops.explanation import LoopExplanation
from tinynet_gui.core.loops.gradients import LoopRecord, split
from tinynet_gui.core.loops.rules import HABITS
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.run.replay import Stepper
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import new_run
from tinynet_gui.core.run.train import MOST_STEPS, train
from tinynet_gui.core.text.numbers import counted, plain
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.training.state import TrainerState, initial_state
from tinynet_gui.core.values import frozen_dataclass

MOST_MOMENTS = 400  # that a run keeps where its steps cannot be taken
MOST_LOSSES = 2_000
LOOP = (
    "y = y.reshape(-1, 1)",
    "for step in range(steps):",
    "    loss = criterion(network(x), y)",
    "    optimizer.zero_grad()",
    "    loss.backward()",
    "    optimizer.step()",
)
RESHAPE = LOOP[0]
WRONG = {name: habit.line for name, habit in HABITS.items()} | {"broadcast": RESHAPE, "ascent": "loss.backward()"}
MARK = "  # ← yours differs here"


@frozen_dataclass(eq=False)
class RetracedTraining:
    """A recorded training, as the window shows it.

    Attributes
    ----------
    run, right
        The training, and the one as it should have been from the same start; None where there is nothing to mend, or
        it cannot be trained here.
    words
        Which rule made its steps, and how the run agrees with them.
    loop
        The tutorial's loop, its wrong or missing lines marked.
    steps, losses
        What the loop itself said of its losses; float64.
    """

    run: Run
    right: Run | None
    words: str
    loop: str
    steps: Ints
    losses: Floats


def retraced(record: LoopRecord, explanation: LoopExplanation, origin: str, stop: Stop) -> RetracedTraining:
    """Take recorded steps again by the rule that was found; `origin` is the file's name.

    A ValueError if its samples or steps are none that can be trained here; `StoppedError` if `stop` became nonzero.
    """
    place = _moved(record)
    numbers, rows = record.steps[place] - record.steps[place.start], record.weights[place]
    last = int(numbers[-1])
    if last > MOST_STEPS:
        raise ConfigError("steps", f"{last:,} are too many: {MOST_STEPS:,} at most")
    stop_step = {"training.stop_step": max(1, last)}
    config, right, name = _as_it_was(explanation), None, shortened(origin, 30)
    if config is not None:
        run, name = train(config.with_changes(stop_step), last).run, f"{name}, retraced"
        words = (
            f"The run is retraced by the rule found: at {counted(len(numbers), 'recorded moment')} its weights differ "
            f"from yours by at most {plain(_difference(run, numbers, rows, stop), 2)}."
        )
    else:
        start = record.start().with_changes(stop_step)
        for objective in [rule.objective for rule in explanation.rules[:1]]:
            start = start.with_changes({"network.activation": objective.activation, "training.loss": objective.loss})
        run, name = _moments(start, numbers, rows, record), f"{name}, recorded"
        words = (
            "No training here takes such steps, so the run has your recorded moments alone: "
            f"{len(run.checkpoints):,} in {counted(last, 'step')}. Its learning rate of 0 holds each until the next; "
            "with another rate it trains on from any of them."
        )
    if explanation.right is not None and explanation.right_loss is not None:
        right = train(explanation.right.with_changes(stop_step), last).run
        right = replace(right, name="as it should have been", is_shown=True)
        words += " Beside it is the run as it should have been, from the same start."
    chosen = _some(len(record.losses), MOST_LOSSES)
    said = record.loss_steps[chosen], record.losses[chosen]
    text = f"{explanation.text}\n\n{words}"
    return RetracedTraining(replace(run, name=name), right, text, marked_loop(explanation.mistakes), *said)


def marked_loop(mistakes: Sequence[str]) -> str:
    """Return the tutorial's loop, with the lines marked that are wrong or missing by these mistakes."""
    wrong = [WRONG[name] for name in mistakes if name in WRONG]
    lines = [f"{line:<26}{MARK}" if line.strip() in wrong else line for line in LOOP]
    return "\n".join(lines if RESHAPE in wrong else lines[1:])


def _moved(record: LoopRecord) -> slice:
    """Return which recorded rows are of its steps: neither calls before the first, nor beyond float32 at last."""
    with np.errstate(over="ignore"):
        finite = np.asarray(np.isfinite(record.weights.astype(np.float32)).all(axis=1))
    end = len(finite) if finite.all() else int(np.argmin(finite))
    moved = (record.weights[:end] != record.weights[0]).any(axis=1)
    return slice(int(np.argmax(moved)) - 1 if moved.any() else 0, end)


def _as_it_was(explanation: LoopExplanation) -> Config | None:
    """Return the settings by which the recorded steps are taken; None if none here do."""
    mistakes = explanation.mistakes
    if explanation.right is None or len(mistakes) > 1:
        return None
    try:
        return explanation.right.with_changes({"training.loop": mistakes[0]} if mistakes else {})
    except ConfigError:  # no setting makes this mistake
        return None


def _difference(run: Run, numbers: Ints, rows: AnyFloats, stop: Stop) -> float:
    """Return by how much weights differ at most, as far as the run has come."""
    stepper, state, most = Stepper(stop), initial_state(run.start.config), 0.0
    known = numbers <= run.step
    numbers, rows = numbers[known], rows[known]
    for row in np.split(np.arange(len(numbers)), np.flatnonzero(np.diff(numbers) != 1) + 1):
        state = stepper.take(run.start, state, int(numbers[row[0]]) - state.step)
        made = _flat([array[None] for array in state.parameters])
        if len(row) > 1:
            state, each = stepper.take_each(run.start, state, len(row) - 1)
            made = np.concatenate([made, _flat(each)])
        most = max(most, float(np.abs(made - rows[row[: len(made)]]).max()))
    return most


def _flat(arrays: Sequence[Array]) -> Array:
    return owned(np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=1))


def _moments(start: Config, numbers: Ints, rows: AnyFloats, record: LoopRecord) -> Run:
    """Return a run that stands still at each recorded moment until the next."""
    run, states, losses = new_run(1, start.replace("training.learning_rate", 0.0), "Compiled"), [], LossHistory()
    for row in _some(len(numbers), MOST_MOMENTS).tolist():
        parameters = tuple(owned(part) for part in split(rows[row].astype(np.float64), record.widths))
        states.append(TrainerState(int(numbers[row]), parameters, ()))
    for place in _some(len(record.losses), MOST_LOSSES).tolist():
        if 0 <= (step := int(record.loss_steps[place])) < numbers[-1]:
            losses = losses.with_losses(step, owned(record.losses[[place]]))
    return replace(run, checkpoints=tuple(states), losses=losses)


def _some(count: int, most: int) -> Ints:
    """Return at most `most` of `count` places, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64)) if count else np.zeros(0, np.int64)
