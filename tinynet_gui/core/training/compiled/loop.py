"""The compiled training loop: losses, updates, and recovery from a diverged step.

It is compiled twice: in `train_one_hidden` for networks with one hidden ReLU layer, and in `train_layers` for all
others. Both take the same arguments.
"""

import math
from collections import namedtuple
from collections.abc import Callable
from textwrap import indent
from typing import Any

import numpy as np
from numba import types
from numba.extending import register_jitable
from numba.np.unsafe.ndarray import to_fixed_tuple

from tinynet_gui.core.choices.gradient_changes import BEFORE_OPTIMIZER, DECAY
from tinynet_gui.core.choices.optimizers import PLAIN, Rule
from tinynet_gui.core.training.compiled import arguments
from tinynet_gui.core.training.compiled.arguments import LANES, NUMBERS, PLAIN_CODE, RULES, Memory, Setup, padded
from tinynet_gui.core.training.compiled.batches import NO_EPOCH, Batch, error_count, next_batch
from tinynet_gui.core.training.compiled.compile import by_code, compiled, inlined, int64, spliced
from tinynet_gui.core.training.compiled.math import on_vectors
from tinynet_gui.core.training.compiled.products import START
from tinynet_gui.core.training.compiled.vector import Vector, lanes_total, load, muladd, splat, store
from tinynet_gui.core.values import Array, Floats, Ints, Stop

_FLOATS = types.float32[::1]
_KINDS: dict[Any, Any] = {int: types.int64, Ints: types.int64[::1], Floats: types.float64[::1], Array: _FLOATS}
_SETUP = types.NamedTuple([_KINDS[kind] for kind in Setup.__annotations__.values()], Setup)
SIGNATURE = types.UniTuple(types.int64, 2)(  # of a loop by `loop_of`, without its scratch memory
    *(_SETUP, types.int64, types.NamedUniTuple(_FLOATS, 5, Memory)),
    *(_FLOATS, types.uint8[::1], types.int64[::1], types.float32[:, ::1]),
)
CHUNK_STEPS = 1024
NOT_DIVERGED = int64(-1)
CHUNK_COST = 1 << 22  # the most work between two checks of `stop`, in weights times samples


zeros = register_jitable(arguments.aligned_zeros)  # for compiled callers too


@compiled
def _copy(source: Memory, target: Memory) -> None:
    for i in range(source.parameters.size):
        target.parameters[i] = source.parameters[i]
    for i in range(source.first.size):
        target.first[i] = source.first[i]
    for i in range(source.second.size):
        target.second[i] = source.second[i]
    for i in range(source.kept.size):
        target.kept[i] = source.kept[i]


_COUNT = len(NUMBERS)
RATE, DECAY_PLACE = map(NUMBERS.index, ("learning_rate", DECAY.setting))
_Numbers = namedtuple("_Numbers", NUMBERS)  # type: ignore[misc]
_SLOTS = ("first", "second")  # of the `Memory`

_UPDATE = """
{powers}
constants = constants_of(settings, powered)
{splats}
for i in range(0, parameters.size, LANES):
    p, g = load(parameters, i), load(gradients, i)
    if has_decay:
        g = decayed(p, g, decay)
    new = update(p, g, {others})
    {stores}
return
"""


@inlined
def powers_of(live: Floats, step: int) -> Floats:
    """Return the live values to the power t, after t updates, float64 of the same shape."""
    powers = np.empty(_COUNT, dtype=np.float64)
    for k in range(_COUNT):
        powers[k] = live[k] ** step
    return powers


@compiled
def _norm_of(gradients: Array) -> float:
    squares = splat(0.0)
    for i in range(0, gradients.size, LANES):
        g = load(gradients, i)
        squares = muladd(g, g, squares)
    return math.sqrt(lanes_total(squares))


_CHANGE = """
if live[{place}] != 0.0:
    number = splat({number})
    for i in range(0, parameters.size, LANES):
        store(gradients, i, {change}(load(parameters, i), load(gradients, i), number))
"""


_ADD_KEPT = """
for i in range(0, kept.size, LANES):
    store(gradients, i, load(gradients, i) + load(kept, i))
"""
_KEEP = """
for i in range(0, kept.size, LANES):
    store(kept, i, load(gradients, i))
"""


def _gradient_changes() -> tuple[Callable[..., bool], Callable[..., None], Callable[..., None]]:
    """Return functions of the live values: whether a change before the optimiser is on; and two that make them all."""
    names: dict[str, Any] = {"LANES": LANES, "load": load, "store": store, "splat": splat, "norm_of": _norm_of}
    is_on, lines = list[str](), list[str]()
    for change in BEFORE_OPTIMIZER:
        if change.place == "gradient" and _ADD_KEPT not in lines:
            lines.append(_ADD_KEPT)
        place, number = NUMBERS.index(change.setting), f"number_of_{change.setting}"
        is_on.append(f"live[{place}] != 0.0")
        value = f"{number}(live[{place}], norm_of(gradients))" if change.number else f"live[{place}]"
        lines.append(_CHANGE.format(place=place, number=value, change=change.setting))
        names |= {number: on_vectors(change.number), change.setting: on_vectors(change.change)}
    source = f"def are_on(live):\n    return {' or '.join(is_on)}\n"
    without = [part for part in lines if part != _ADD_KEPT]
    source += f"def change(live, parameters, gradients):{indent(''.join(without), '    ')}"
    source += f"def change_kept(live, parameters, gradients, kept):{indent(''.join([*lines, _KEEP]), '    ')}"
    exec(source, names)
    return inlined(names["are_on"]), compiled(names["change"]), compiled(names["change_kept"])


# Whether any of `BEFORE_OPTIMIZER` is on, of live; and what they make of the gradients, in place, of live, parameters
# and gradients; and of those that a loop without a reset has kept, which it then keeps.
changes_are_on, change_gradients, change_kept_gradients = _gradient_changes()


_plain_update, _decayed = on_vectors(PLAIN.update), on_vectors(DECAY.change)


@inlined
def update_plain(rate: Vector, decay: Vector, has_decay: bool, parameters: Array, gradients: Array) -> None:
    """Update in place by plain gradient descent; `rate` is the negative learning rate."""
    for i in range(0, parameters.size, LANES):
        p, g = load(parameters, i), load(gradients, i)
        if has_decay:  # 0 · infinity is NaN: torch leaves the term out
            g = _decayed(p, g, decay)
        store(parameters, i, _plain_update(p, g, rate)[0])


@spliced
def _numbers_of(values: Floats) -> Any:
    return _Numbers(*to_fixed_tuple(values, _COUNT))


def _update_lines(rule: Rule) -> str:
    slots = _SLOTS[: len(rule.slots)]
    if len(slots) < len(rule.slots):
        raise ValueError(f"a rule with the slots {', '.join(rule.slots)}: {len(_SLOTS)} at most are compiled")
    constants = rule.update.__code__.co_argcount - 2 - len(slots)
    others = [*(f"load({slot}, i)" for slot in slots), *(f"constant{k}" for k in range(constants))]
    splats = "; ".join(f"constant{k} = splat(constants[{k}])" for k in range(constants))
    stores = (f"store({array}, i, new[{k}])" for k, array in enumerate(("parameters", *slots)))
    raised = [f"powers[{k}] *= live[{k}]" for k in map(NUMBERS.index, rule.powers)]
    powers = "; ".join([*raised, "powered = numbers_of(powers)"]) if raised else "powered = settings"
    return _UPDATE.format(powers=powers, splats=splats, others=", ".join(others), stores="; ".join(stores))


_by_rule = spliced(
    by_code(
        "by_rule(code, settings, live, powers, decay, has_decay, parameters, gradients, first, second)",
        [_update_lines(rule) for rule in RULES],
        [{"constants_of": on_vectors(rule.constants), "update": on_vectors(rule.update)} for rule in RULES],
        {"LANES": LANES, "load": load, "store": store, "decayed": _decayed, "splat": splat, "numbers_of": _numbers_of},
    )
)


@compiled
def update_by_rule(
    code: int, live: Floats, powers: Floats, parameters: Array, gradients: Array, first: Array, second: Array
) -> None:
    """Update parameters and slots, those of the `Memory`, in place.

    `code` and `live` are from `optimizer_code` and `live_values`; `powers` from `powers_of`, for the t updates made
    before; those that the rule needs are changed to t + 1.
    """
    decay, has_decay = splat(live[DECAY_PLACE]), live[DECAY_PLACE] != 0.0
    _by_rule(code, _numbers_of(live), live, powers, decay, has_decay, parameters, gradients, first, second)


def _steps_of(gradients_of: Callable[..., np.float32]) -> Callable[..., int]:
    @spliced
    def take_steps(
        setup: Setup, batch: Batch, memory: Memory, scratch: Any, begin: int, end: int, losses: Array
    ) -> int:
        """Take steps begin to end of a run; return the first one whose loss is not finite, else `end`."""
        # Unpacked outside the loop: unpacking an array counts a reference, which costs as much as a third of a step.
        x, y, weights, parameters, gradients = batch.x, batch.y, batch.weights, memory.parameters, memory.gradients
        first, second, kept, live, rates = memory.first, memory.second, memory.kept, setup.live, setup.rates
        kind, activations, widths, optimizer = setup.loss, setup.activations, setup.widths, setup.optimizer
        is_whole, is_sum, keeps = setup.size == setup.x.size, setup.sums != 0, kept.size > 0
        is_scheduled = rates.size > 0
        s0, s1, s2, s3, s4 = scratch
        count, epoch = next_batch(setup, batch, setup.start + begin, NO_EPOCH)
        rate, decay, has_decay = splat(-live[RATE]), splat(live[DECAY_PLACE]), live[DECAY_PLACE] != 0.0
        powers, has_changes = powers_of(live, setup.start + begin), changes_are_on(live)
        recorded = -(-begin // setup.stride)
        next_recorded = recorded * setup.stride
        for i in range(begin, end):
            if not is_whole:
                count, epoch = next_batch(setup, batch, setup.start + i, epoch)
            loss = gradients_of(
                kind, activations, widths, count, x, y, weights, parameters, gradients, s0, s1, s2, s3, s4
            )
            if is_sum:
                loss = loss * np.float32(count)
            if not np.isfinite(loss):
                return i
            if i == next_recorded:
                losses[recorded] = loss
                recorded += 1
                next_recorded += setup.stride
            if keeps:
                change_kept_gradients(live, parameters, gradients, kept)
            elif has_changes:
                change_gradients(live, parameters, gradients)
            if is_scheduled:
                live[RATE] = rates[i]
                rate = splat(-live[RATE])
            if optimizer == PLAIN_CODE:
                update_plain(rate, decay, has_decay, parameters, gradients)
            else:
                update_by_rule(optimizer, live, powers, parameters, gradients, first, second)
        return end

    return take_steps


def loop_of(gradients_of: Callable[..., np.float32]) -> Callable[..., tuple[int, int]]:
    """Return the loop around `one_hidden_gradients` or `layers_gradients`, for compiled code to call."""
    steps_of = _steps_of(gradients_of)

    @spliced
    def loop(
        setup: Setup, scratch: Any, steps: int, memory: Memory, losses: Array, stop: Stop, progress: Ints, each: Array
    ) -> tuple[int, int]:
        """Take steps in place until they are done, `stop` is set or the loss is not finite.

        Parameters
        ----------
        scratch
            The five arrays that `gradients_of` takes last, to compute in.
        losses
            Receives the loss before the update at steps start, start + stride, ...
        stop, progress
            One element each, shared with another thread: its request, and the steps taken so far.
        each
            Receives the parameters after each step, float32 of shape (steps, parameters); may have no rows.

        Returns
        -------
        tuple of two int
            The steps taken; and the number of steps to a loss that is not finite, or -1. The state is then that of one
            step earlier, if a step was taken at all and `each` has no rows.
        """
        samples, rows = setup.x.size, padded(error_count(setup, setup.size))
        batch = Batch(zeros(rows), zeros(rows), zeros(rows), np.arange(samples), np.empty(samples, dtype=np.uint64))
        parameters, first, second = memory.parameters, memory.first, memory.second
        # States to roll back to: at the beginning of this chunk and of the one before.
        sizes = first.size, second.size, memory.kept.size
        older = Memory(zeros(parameters.size), memory.gradients, zeros(sizes[0]), zeros(sizes[1]), zeros(sizes[2]))
        newer = Memory(zeros(parameters.size), memory.gradients, zeros(sizes[0]), zeros(sizes[1]), zeros(sizes[2]))
        older_start, newer_start = START, START
        keeps_each = each.shape[0] > 0
        chunk = 1 if keeps_each else max(1, min(CHUNK_STEPS, CHUNK_COST // (parameters.size * rows)))
        done, target, diverged_at = START, steps, NOT_DIVERGED
        while done < target:
            if diverged_at == NOT_DIVERGED:
                if stop[0] != 0:
                    break
                older, newer = newer, older
                older_start, newer_start = newer_start, done
                _copy(memory, newer)
            end = min(target, done + chunk)
            done = steps_of(setup, batch, memory, scratch, done, end, losses)
            if done < end:  # roll back, and take all steps but the last again
                diverged_at = done
                if diverged_at == 0 or keeps_each:
                    break
                target = diverged_at - 1
                if diverged_at > newer_start:
                    _copy(newer, memory)
                    done = newer_start
                else:
                    _copy(older, memory)
                    done = older_start
            elif diverged_at == NOT_DIVERGED:
                progress[0] = done
                if keeps_each:
                    for k in range(parameters.size):  # numba takes seconds to compile the assignment of a row
                        each[done - 1, k] = parameters[k]
        return done, diverged_at

    return loop
