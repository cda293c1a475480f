"""What lies between two runs, in sentences."""

import math

from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.landscape.valley import LOW, Valley, has_no_hill, is_downhill
from tinynet_gui.core.text.numbers import counted, loss_text, plain


def valley_text(valley: Valley, names: tuple[str, str], loss: str) -> str:
    """Say what lies between two runs, if they are not one; then the numbers; then what they mean, and what they do not.

    Parameters
    ----------
    loss
        The first run's, by its name in `LOSSES`: the one that was measured.
    """
    return "\n\n".join((_verdict(valley, names), _numbers(valley, names, loss), _limits(valley, names)))


def hill_text(valley: Valley, names: tuple[str, str]) -> str:
    """Say how high the loss is between two runs as they are, and no more."""
    line, (one, other) = valley.as_they_are, (f"“{name}”" for name in names)
    ends = [loss_text(end) for end in line.ends]
    return (
        f"On the straight line between them the loss rises to {loss_text(line.highest)}. "
        f"{one} has {ends[0]}, {other} {ends[1]}."
    )


def _verdict(valley: Valley, names: tuple[str, str]) -> str:
    one, other = (f"“{name}”" for name in names)
    if valley.as_they_are.distance == 0:
        return f"One solution: {one} and {other} are the same network, number for number."
    if valley.same_network:
        return f"One solution: {one} and {other} are the same network, with another order or scale of its neurons."
    line = valley.lowest
    way = "on the straight line between them"
    if line is valley.matched:
        way += f", the neurons of {other} put in order,"
    (low, better), (high, worse) = sorted(zip(line.ends, (one, other), strict=True))
    if has_no_hill(line) and valley.are_as_good:
        return f"One solution: {way} there is no hill."
    if is_downhill(line):
        return (
            f"Downhill all the way: {way} the loss falls from {loss_text(high)} to {loss_text(low)}, that of {better}."
        )
    if has_no_hill(line):
        return f"No hill: {way} the loss is nowhere above that of {worse}, {loss_text(high)}; {better} is better."
    rise = loss_text(line.barrier)
    if valley.constant > 0 and math.isfinite(line.barrier):
        rise += f", {plain(100 * line.barrier / valley.constant, 2)} % of the best constant’s loss"
    if valley.verdict == "one valley" and valley.are_as_good:
        return f"One solution, but for a low hill: {way} the loss rises by {rise}."
    if valley.verdict == "one valley":
        return f"A low hill: {way} the loss rises by {rise}; {better} is better."
    return f"A hill: {way} the loss rises by {rise}."


def _numbers(valley: Valley, names: tuple[str, str], loss: str) -> str:
    as_they_are, matched = (loss_text(line.highest) for line in (valley.as_they_are, valley.matched))
    ends = " and ".join(map(loss_text, valley.as_they_are.ends))
    neurons = sum(map(len, valley.places))
    text = f"On the straight line from one to the other, the loss is at most {as_they_are}, "
    text += f"or {matched} with matched neurons; at the ends it is {ends}. "
    if neurons:
        moved = f"{valley.moved:,}" if valley.moved else "none"
        text += f"Matching moves {moved} of the {counted(neurons, 'neuron')} of “{names[1]}”. "
    return (
        f"{text}The best constant’s loss is {loss_text(valley.constant)}. All of them are training losses, "
        f"by {LOSSES[loss].label}, the loss of “{names[0]}”."
    )


def _limits(valley: Valley, names: tuple[str, str]) -> str:
    match len(valley.places):
        case 0:
            how = "Without hidden neurons there is nothing to match."
        case 1:
            how = f"Matched: the neurons of “{names[1]}” in the order closest to “{names[0]}”; it computes the same."
        case _:
            how = (
                f"Matched: the neurons of “{names[1]}” in an order close to “{names[0]}”, perhaps not the closest; it "
                "computes the same."
            )
    return (
        f"{how} A hill of at most {100 * LOW:g} % of the best constant’s loss counts as low, and so does a difference "
        "between the two. A curved way may go around a hill. Other seeds can end otherwise."
    )
