"""A recorded training as a run: its steps taken again by the rule found, or else its recorded moments alone."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.core.data.delimited import OnProgress
from tinynet_gui.core.loops import gradients, rules
from tinynet_gui.core.loops.explanation import MAX_WORK, LoopExplanation
from tinynet_gui.core.network.forward import unflattened
from tinynet_gui.core.run import replay, train
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.run.run import AS_IT_SHOULD_BE, RECORDED, RETRACED, Run
from tinynet_gui.core.run.session import new_run
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text, plain
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.start import TrainerState, initial_state
from tinynet_gui.core.values import AnyFloats, Floats, Ints, Stop, frozen_dataclass, owned

MAX_MOMENTS = 400  # that a run keeps where its steps cannot be taken
MAX_LOSSES = 2_000
MAX_AT_ONCE = 1_000_000  # steps, whose losses are in memory together
NEAR = 1e-4  # largest difference of weights that is taken for rounding
MAX_PYTORCH_STEPS = 20_000  # steps
LOOP = (
    "y = y.reshape(-1, 1)",
    "for step in range(steps):",
    "    loss = criterion(network(x), y)",
    "    optimizer.zero_grad()",
    "    loss.backward()",
    "    optimizer.step()",
)
RESHAPE = LOOP[0]
WRONG = {name: habit.line for name, habit in rules.HABITS.items()} | {"broadcast": RESHAPE, "ascent": "loss.backward()"}
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


def retraced(
    record: gradients.LoopRecord,
    explanation: LoopExplanation,
    origin: str,
    stop: Stop,
    on_progress: OnProgress = lambda _: None,
    *,
    has_pytorch: bool = True,
) -> RetracedTraining:
    """Take recorded steps again by the rule that was found; `origin` is the file's name.

    The compiled loop takes them; if it rounds so differently that the weights diverge, PyTorch does, if there is one.

    `ValueError` if its samples or steps cannot be used for training here; `StoppedError` if `stop` became nonzero.
    """
    place = _retraceable_rows(record)
    numbers, rows = record.steps[place] - record.steps[place.start], record.weights[place]
    last = int(numbers[-1])
    if last > train.MAX_STEPS:
        words = _("{count} are too many: {most} at most")
        raise ConfigError("steps", words.format(count=count_text(last), most=count_text(train.MAX_STEPS)))
    stop_step = {"training.stop_step": max(1, last)}
    config, right, name = _config_as_recorded(explanation), None, shortened(origin, 30)
    is_long = config is not None and config.network.parameter_count * len(record.x) * last > MAX_WORK
    if config is not None and not is_long:
        config, name, count = config.with_changes(stop_step), RETRACED.format(name=name), len(numbers)
        run, off = _by_rule(config, "Compiled", numbers, rows, stop, on_progress)
        if off > NEAR and has_pytorch and last <= MAX_PYTORCH_STEPS:
            run, off = _by_rule(config, "PyTorch", numbers, rows, stop, on_progress)
        words = ngettext(
            "The run is retraced by the rule found: at all {count} moment that were recorded its weights are yours to "
            "the bit.",
            "The run is retraced by the rule found: at all {count} moments that were recorded its weights are yours to "
            "the bit.",
            count,
        )
        if off:
            words = ngettext(
                "The run is retraced by the rule found: at all {count} moment that were recorded its weights differ "
                "from yours by at most {most}.",
                "The run is retraced by the rule found: at all {count} moments that were recorded its weights differ "
                "from yours by at most {most}.",
                count,
            )
        words = words.format(count=count_text(count), most=plain(off, 2))
    else:
        start, name = record.start().with_changes(stop_step), RECORDED.format(name=name)
        for objective in [rule.objective for rule in explanation.rules[:1]]:
            start = start.with_changes({"network.activation": objective.activation, "training.loss": objective.loss})
        run = _moments(start, numbers, rows, record)
        words = _(
            "No training here takes such steps, so the run has your recorded moments alone: {count} in {steps} steps. "
            "Its learning rate of 0 holds each until the next; with another rate it trains on from any of them."
        )
        if is_long:
            words = _(
                "Taking all these steps again would take too long, so the run has your recorded moments alone: {count} "
                "in {steps} steps. Its learning rate of 0 holds each until the next; with another rate it trains on "
                "from any of them."
            )
        words = words.format(count=count_text(len(run.checkpoints)), steps=count_text(last))
    if explanation.right is not None and explanation.right_loss is not None:
        config = explanation.right.with_changes(stop_step)
        right, _off = _by_rule(config, run.start.engine, numbers, rows, stop, on_progress)
        right = replace(right, name=AS_IT_SHOULD_BE, is_shown=True)
        beside = _("Beside it is the run as it should have been, from the same start.")
        words = f"{words} {beside}"
    chosen = np.flatnonzero((record.loss_steps >= 0) & (record.loss_steps <= record.steps[-1]))
    chosen = chosen[_evenly_spaced(len(chosen), MAX_LOSSES)]
    said = record.loss_steps[chosen], record.losses[chosen]
    text = f"{explanation.text}\n\n{words}"
    return RetracedTraining(replace(run, name=name), right, text, marked_loop(explanation.mistakes), *said)


def marked_loop(mistakes: Sequence[str]) -> str:
    """Return the tutorial's loop, with a mark on each line that one of these mistakes gets wrong or omits."""
    wrong = [WRONG[name] for name in mistakes if name in WRONG]
    lines = [f"{line:<26}{MARK}" if line.strip() in wrong else line for line in LOOP]
    return "\n".join(lines if RESHAPE in wrong else lines[1:])


def _retraceable_rows(record: gradients.LoopRecord) -> slice:
    """Return the rows from the last one before the weights move to the last one within float32."""
    with np.errstate(over="ignore"):
        finite = np.asarray(np.isfinite(record.weights.astype(np.float32)).all(axis=1))
    end = len(finite) if finite.all() else int(np.argmin(finite))
    moved = (record.weights[:end] != record.weights[0]).any(axis=1)
    return slice(int(np.argmax(moved)) - 1 if moved.any() else 0, end)


def _config_as_recorded(explanation: LoopExplanation) -> Config | None:
    """Return the settings that make the recorded steps, mistake included; None if there are none."""
    mistakes = explanation.mistakes
    if explanation.right is None or len(mistakes) > 1:
        return None
    try:
        return explanation.right.with_changes({"training.loop": mistakes[0]} if mistakes else {})
    except ConfigError:  # no setting makes this mistake
        return None


def _by_rule(
    config: Config, engine: EngineName, numbers: Ints, rows: AnyFloats, stop: Stop, on_progress: OnProgress
) -> tuple[Run, float]:
    """Take all steps; also return the largest difference of a weight from the recorded one."""
    run, stepper, state, most = new_run(1, config, engine), replay.Stepper(stop), initial_state(config), 0.0
    states, losses = list[TrainerState](), LossHistory()
    for number, row in zip(numbers.tolist(), rows, strict=True):
        before = -1
        while before < state.step < number:
            before = state.step
            state, taken = stepper.take_with_losses(run.start, state, min(number - before, MAX_AT_ONCE))
            losses = losses.with_losses(before, taken)
        states.append(state)
        if state.step < number:
            run = replace(run, diverged_at=state.step + 1, diverged_by=run.start)
            break
        most = max(most, float(np.abs(np.concatenate([part.ravel() for part in state.parameters]) - row).max()))
        on_progress(number / max(1, numbers[-1]))
    kept = tuple(states[place] for place in _evenly_spaced(len(states), MAX_MOMENTS).tolist())
    return replace(run, checkpoints=kept, losses=losses), most


def _moments(start: Config, numbers: Ints, rows: AnyFloats, record: gradients.LoopRecord) -> Run:
    """Return a run of the recorded moments alone: at a rate of 0 each holds until the next."""
    run, states, losses = new_run(1, start.replace("training.learning_rate", 0.0), "Compiled"), [], LossHistory()
    for row in _evenly_spaced(len(numbers), MAX_MOMENTS).tolist():
        parameters = tuple(owned(part) for part in unflattened(rows[row], record.widths))
        states.append(TrainerState(int(numbers[row]), parameters, ()))
    for place in _evenly_spaced(len(record.losses), MAX_LOSSES).tolist():
        if 0 <= (step := int(record.loss_steps[place])) < numbers[-1]:
            losses = losses.with_losses(step, owned(record.losses[[place]]))
    return replace(run, checkpoints=tuple(states), losses=losses)


def _evenly_spaced(count: int, most: int) -> Ints:
    """Return at most `most` of `count` places, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64)) if count else np.zeros(0, np.int64)
