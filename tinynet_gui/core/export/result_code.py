"""What came of a run as code: its progress, its final loss, a plot, and the comparison with the program's losses."""

import math
from collections.abc import Mapping, Sequence

from tinynet_gui.core.data.scaling import Scaling
from tinynet_gui.core.export.data_code import Names
from tinynet_gui.core.export.literals import INDENT, indented, text_code

LINES = 10  # of progress, at least
PROGRESS = ["if step % print_each_step == 0:", f'{INDENT}print(f"step {{step}}: loss = {{loss:.4g}}")']
_COMPARE = '''\
def compare(losses, recorded):
    """Print to how many digits the losses are those that tinynet recorded."""
    steps = [step for step in recorded if step < len(losses)]
    for digits in range(9, 3, -1):  # nine tell float32 numbers apart; four are shown in the window
        if all(f"{losses[step]:.{digits}g}" == f"{recorded[step]:.{digits}g}" for step in steps):
            print(f"Compared with tinynet at {len(steps)} steps: the same to {digits} digits.")
            if digits < 9:
                print("REASON")
            return
    for step in steps:
        if f"{losses[step]:.4g}" != f"{recorded[step]:.4g}":
            print(f"step {step}: {losses[step]:.9g}, recorded {recorded[step]:.9g}: not the same")'''


def print_each_step(steps: int) -> int:
    """Return how far apart the lines of progress are: 1, 2 or 5 times a power of ten."""
    apart = max(1, steps // LINES)
    power = int(10 ** math.floor(math.log10(apart)))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= apart)


def loss_suffix(names: Names) -> str:
    """Say of what the loss is, where it is not of the y of the data."""
    return " of standardised y" if names.y_is_standardised else ""


def loss_code(names: Names) -> str:
    """Return the final loss as an f-string's content."""
    return "loss = {loss:.4g}" + loss_suffix(names)


def result_code(names: Names, is_square: bool) -> list[str]:
    """Return lines that print the final loss, and its root in the data's unit if it is a mean square of another."""
    lines = [
        "outputs = network(torch.tensor(x_train))",
        "loss = criterion(outputs, torch.tensor(y_train))",
        f'print(f"after {{training_steps}} steps: {loss_code(names)}")',
    ]
    if is_square and names.y_is_standardised:
        unit = text_code(f"in the unit of {names.y_title}")
        lines.append(f'print(f"RMS error: {{loss.sqrt() * y_deviation:.4g}}", {unit})')
    return lines


def samples_plot(names: Names) -> list[str]:
    """Return lines that draw the samples, with what they are at the axes."""
    titles = [
        f"plt.{axis}label({text_code(title)}{', parse_math=False' if '$' in title else ''})"
        for axis, title in (("x", names.x_title), ("y", names.y_title))
    ]
    return [f'plt.plot({names.x}, {names.y}, "o")', *titles]


def curve_code(names: Names, scaling: Scaling | None) -> list[str]:
    """Return lines that draw the samples and the network's curve, in the data's own units."""
    seen = "inputs" if scaling is None or names.x == "x_train" else "standardise(inputs, x_mean, x_deviation)"
    lines = [
        f'inputs = np.linspace({names.x}.min(), {names.x}.max(), 300, dtype="float32").reshape(-1, 1)',
        f"outputs = network(torch.tensor({seen})).detach().numpy()",
    ]
    if names.y_is_standardised:
        lines.append("outputs = outputs * y_deviation + y_mean  # in the data's own units")
    return [*lines, *samples_plot(names), "plt.plot(inputs, outputs)"]


def plot_code(curve: Sequence[str], title: str) -> list[str]:
    """Return lines that show the plot at the end of a script, if there is matplotlib."""
    return [
        "try:",
        f"{INDENT}import matplotlib.pyplot as plt",
        "except ImportError:",
        f'{INDENT}print("There is no plot: it needs matplotlib (pip install matplotlib).")',
        "else:",
        *indented([*curve, f'plt.title(f"{title}")', "plt.show()"]),
    ]


def comparison_code(recorded: Mapping[int, float], reason: str) -> list[str]:
    """Return lines that compare some losses with the recorded ones.

    Parameters
    ----------
    reason
        Why the last digits may differ, in one line.
    """
    entries = [f"{INDENT}{step}: {loss:.9g}," for step, loss in recorded.items()]
    compare = _COMPARE.replace("REASON", reason).splitlines()
    return ["recorded = {", *entries, "}", "", "", *compare, "", "", "compare(losses, recorded)"]
