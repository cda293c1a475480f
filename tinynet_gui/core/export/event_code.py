"""Changes made during a run, as code in its loop."""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import field
from itertools import groupby
from typing import Any

from tinynet_gui.core.choices import gradient_changes, optimizers, schedules
from tinynet_gui.core.config import TrainingConfig
from tinynet_gui.core.export.data_code import Names, SampleFiles, changed_code, moved_samples, names_of, plain_samples
from tinynet_gui.core.export.literals import INDENT, array_code, dict_code, float32_code, float_code, indented
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, Ref, WeightRef, parameters_of
from tinynet_gui.core.run.events import LiveSettingsChanged, ParameterSet, StepRule
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.values import frozen_dataclass

FEW = 4  # changes of one kind; more are written as a table


@dataclasses.dataclass
class LoopChanges:
    """The changes made in the loop, besides the step itself.

    Attributes
    ----------
    tables
        Lines before the loop.
    lines
        At the loop's beginning.
    last
        After the loop.
    changes
        The changes of gradients, before the optimiser's, that some step makes; each reads a variable of its setting's
        name.
    has_frozen
        Whether some step freezes parameters; ``frozen`` is then a list of them.
    sample_counts
        The successive numbers of training samples.
    has_schedule
        Whether the learning rate of some step is a schedule's; ``scheduler`` then takes a step after the optimiser's.
    """

    tables: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    changes: tuple[gradient_changes.GradientChange, ...] = ()
    has_frozen: bool = False
    sample_counts: set[int] = field(default_factory=set)
    has_schedule: bool = False


@frozen_dataclass
class _Change:
    """A change at a step: its kind, its line of code, and its entry in a table."""

    step: int
    kind: str
    lines: tuple[str, ...]
    entry: str = ""


def option_code(value: Any) -> str:
    """Write the value of an optimiser's option."""
    match value:
        case tuple():
            return f"({', '.join(map(float_code, value))})"
        case bool():
            return str(value)
    return float_code(value)


def scheduler_code(training: TrainingConfig) -> list[str]:
    """Return lines that make PyTorch's scheduler of the learning rate; one that changes nothing for a constant rate."""
    code = schedules.SCHEDULES[training.schedule].code
    code = code.format(length=training.schedule_steps, gamma=float_code(training.gamma))
    if not training.warm_up:
        return [f"scheduler = {_SCHEDULERS}.{code or 'ConstantLR(optimizer, factor=1)'}"]
    warm_up = f"{_SCHEDULERS}.LinearLR(optimizer, start_factor={schedules.START}, total_iters={training.warm_up})"
    if not code:
        return [f"scheduler = {warm_up}"]
    both = f"{_SCHEDULERS}.SequentialLR(optimizer, [warm_up, then], milestones=[{training.warm_up}])"
    return [f"warm_up = {warm_up}", f"then = {_SCHEDULERS}.{code}", f"scheduler = {both}"]


_SCHEDULERS = "torch.optim.lr_scheduler"


def parameter_code(ref: ParameterRef) -> str:
    """Write a weight or a bias, or a part of one: ``network[0].weight[3, 0]``."""
    return f"network[{2 * ref.layer}].{ref.kind}[{_index_code(ref)}]"


def set_by_hand_code(events: Sequence[Any]) -> list[str]:
    """Return lines for the values that these events set by hand; none if they set nothing."""
    found = [event for event in events if isinstance(event, ParameterSet)]
    lines = [f"{parameter_code(event.ref)} = {float32_code(event.value)}  # set by hand" for event in found]
    return ["with torch.no_grad():", *indented(lines)] if lines else []


def frozen_code(frozen: frozenset[Ref]) -> str:
    """Write the frozen parameters as a list of pairs: a parameter and the index in it."""
    parts = [part for ref in sorted(frozen, key=_sort_key) for part in parameters_of(ref)]
    pairs = [f"(network[{2 * part.layer}].{part.kind}, {_index_code(part, alone=True)})" for part in parts]
    return f"[{', '.join(pairs)}]"


def loop_changes(run: Run, files: SampleFiles) -> LoopChanges:
    """Return the changes made to a run after its first step, up to those after its last."""
    rule, changes, found = run.rule_at(0), list[_Change](), LoopChanges()
    made, found.has_frozen = {*gradient_changes.active_changes(rule.config.training)}, bool(rule.frozen)
    found.sample_counts.add(len(rule.dataset.x_train))
    events = [event for event in run.events if 0 < event.step < run.step]
    trainings = [rule.config.training, *(e.config.training for e in events if isinstance(e, LiveSettingsChanged))]
    found.has_schedule = any(map(schedules.is_scheduled, trainings))
    for step, group in groupby(events, key=lambda event: event.step):
        done = list(group)
        after = rule.after(done)
        made |= {*gradient_changes.active_changes(after.config.training)}
        found.has_frozen |= bool(after.frozen)
        found.sample_counts.add(len(after.dataset.x_train))
        changes += [*_option_changes(step, rule, after, found.has_schedule), *_sets(step, done)]
        changes += _sample_changes(step, rule, after, files)
        if after.frozen != rule.frozen:
            changes.append(_Change(step, "frozen", (f"frozen = {frozen_code(after.frozen)}",)))
        rule = after
    found.changes = tuple(change for change in gradient_changes.BEFORE_OPTIMIZER if change in made)
    if run.step:
        done = list(run.events_at(run.step))
        moved = _sample_changes(run.step, rule, rule.after(done), files)
        found.last = [*set_by_hand_code(done), *(line for change in moved for line in change.lines)]
    names = names_of(rule.config.data)
    kinds = Counter(kind for kind, _step in {(change.kind, change.step) for change in changes if change.entry})
    tabled = {kind for kind, count in kinds.items() if count > FEW}
    for kind in sorted(tabled):
        entries = [(change.step, change.entry) for change in changes if change.kind == kind and change.entry]
        table, lines = _table(kind, entries, names)
        found.tables += table
        found.lines += lines
    single = [change for change in changes if change.kind not in tabled or not change.entry]
    for step, group_of_step in groupby(sorted(single, key=lambda change: change.step), key=lambda change: change.step):
        lines = [line for change in group_of_step for line in change.lines]
        found.lines += [f"if step == {step}:", *indented(lines)]
    return found


def _option_changes(step: int, before: StepRule, after: StepRule, has_schedule: bool) -> Iterator[_Change]:
    trainings = before.config.training, after.config.training
    old, new = map(_numbers, trainings)
    if has_schedule:
        rate = new.pop("lr")
        ways = [(training.learning_rate, *scheduler_code(training)) for training in trainings]
        if ways[0] != ways[1]:
            begin = f"optimizer.param_groups[0].update(lr={rate}, initial_lr={rate})"
            catch_up = ["for _ in range(step):  # as if from the first step", *indented(["scheduler.step()"])]
            yield _Change(step, "schedule", (begin, *scheduler_code(after.config.training), *catch_up))
    for name, code in new.items():
        if code != old[name]:
            yield _Change(step, name, (f"{_option(name)} = {code}",), code)


def _numbers(training: TrainingConfig) -> dict[str, str]:
    """Write an optimiser's options, and the variables that changes of the gradients read."""
    options = {name: option_code(value) for name, value in optimizers.optimizer_options(training).items()}
    return options | {change.setting: variable_code(change, training) for change in gradient_changes.BEFORE_OPTIMIZER}


def variable_code(change: gradient_changes.GradientChange, training: TrainingConfig) -> str:
    """Write the value of the variable that a change of the gradients reads."""
    value = change.value(training)
    return float_code(value) if value else change.off


def _option(name: str) -> str:
    is_variable = any(change.setting == name for change in gradient_changes.BEFORE_OPTIMIZER)
    return name if is_variable else f'optimizer.param_groups[0]["{name}"]'


def _sets(step: int, events: Sequence[Any]) -> Iterator[_Change]:
    if lines := set_by_hand_code(events):
        entries = [
            f"(network[{2 * e.ref.layer}].{e.ref.kind}, {_index_code(e.ref, alone=True)}, {float32_code(e.value)})"
            for e in events
            if isinstance(e, ParameterSet)
        ]
        yield _Change(step, "by_hand", tuple(lines), f"[{', '.join(entries)}]")


def _sample_changes(step: int, before: StepRule, after: StepRule, files: SampleFiles) -> Iterator[_Change]:
    if before.config.data == after.config.data:
        return
    one, other, names = plain_samples(before), plain_samples(after), names_of(after.config.data)
    lines = changed_code(one, other, names, files, step)
    if lines:
        moved = moved_samples(one, other)
        entry = "" if moved is None else f"[{', '.join(f'({place}, {x}, {y})' for place, x, y in moved)}]"
        yield _Change(step, "moved", (*lines, *names.standardise_again), entry)


def _table(kind: str, entries: Sequence[tuple[int, str]], names: Names) -> tuple[list[str], list[str]]:
    """Write changes of a kind as a table by step, and the lines of the loop that apply them."""
    name, about, does = f"new_{kind}", f"the new {kind}", [f"{_option(kind)} = new_{kind}[step]"]
    begins = f"if step in {name}:"
    match kind:
        case "by_hand":
            name, about = kind, "the parameter, the place in it, its new value"
            begins = f"for parameter, place, value in {name}.get(step, []):"
            does = ["with torch.no_grad():", *indented(["parameter[place] = value"])]
        case "moved":
            name, about = kind, "the sample, its new x and y"
            begins = f"for sample, new_x, new_y in {name}.get(step, []):"
            does = [f"{names.x}[sample], {names.y}[sample] = new_x, new_y", *names.standardise_again]
    return dict_code(name, entries, f"at which step: {about}"), [begins, *indented(does)]


def _index_code(ref: ParameterRef, alone: bool = False) -> str:
    if not ref.index:
        return "..."
    text = ", ".join(map(str, ref.index))
    return f"({text})" if alone and len(ref.index) > 1 else text


def _sort_key(ref: Ref) -> tuple[int, ...]:
    match ref:
        case WeightRef():
            return ref.layer, 2, ref.output, ref.input
        case NeuronRef():
            return ref.layer, 1, ref.index, 0
        case LayerRef():
            return ref.layer, 0, 0, 0


_KEEP_BEST = "best = {name: value.clone() for name, value in network.state_dict().items()}"
_CHECK_PATIENCE = [
    "",
    "held_out_loss = loss_of_held_out()",
    "if held_out_loss < best_loss:",
    f"{INDENT}best_loss, best_step = held_out_loss, step + 1",
    f"{INDENT}{_KEEP_BEST}",
    "elif step + 1 - best_step >= patience:",
    f"{INDENT}break  # it has not got better for so many steps",
]
RESTORE_BEST = [
    "",
    "network.load_state_dict(best)  # the held-out samples chose it: their loss is lower than that on new ones",
    "training_steps = best_step",
    'print(f"the lowest held-out loss, {best_loss:.4g}, is that after {best_step} steps")',
]


def patience_code(run: Run, loss_of_outputs: str) -> tuple[list[str], list[str]]:
    """Return lines before the loop and in it that end it by patience; none unless the run ended so."""
    configs = [run.rule_at(0).config, *(e.config for e in run.events if isinstance(e, LiveSettingsChanged) and e.step)]
    is_same = all(each.training.patience == run.config.training.patience for each in configs)
    is_over, samples, patience = run.has_lost_patience or not run.step, run.dataset, run.config.training.patience
    if not (patience and len(samples.x_held_out) and is_over and is_same and configs[0].data == run.config.data):
        return [], []
    function = ["outputs = network(torch.tensor(x_held_out))", loss_of_outputs]
    return [
        f"x_held_out = {array_code(samples.x_held_out)}",
        f"y_held_out = {array_code(samples.y_held_out)}",
        "",
        "",
        "def loss_of_held_out():",
        *indented(["with torch.no_grad():", *indented([*function, "return loss.item()"])]),
        "",
        "",
        f"patience = {patience}",
        "best_loss, best_step = loss_of_held_out(), 0",
        _KEEP_BEST,
    ], _CHECK_PATIENCE
