"""The samples of a run as code: drawn again from their seed, or written out."""

import dataclasses
from dataclasses import field, replace

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.config import DataConfig
from tinynet_gui.core.data.scaling import Scaling, scaling_of
from tinynet_gui.core.export.formula_code import formula_code
from tinynet_gui.core.export.literals import array_code, float32_code, float_code, printable, text_code
from tinynet_gui.core.run.events import StepRule
from tinynet_gui.core.text.csv_text import csv_text
from tinynet_gui.core.training.dataset import Dataset, make_dataset
from tinynet_gui.core.values import dataclass

MOST_WRITTEN = 200  # samples in the code; more are a table beside it
STANDARDISE = '''\
def standardise(values, mean, deviation):
    """What the network sees of values: how many standard deviations they are from their mean."""
    # The mean, the deviation and the quotient are computed in float64, and rounded to float32 once,
    # as in tinynet: in float32 their last digits would differ, and so would those of all losses.
    return ((values.astype("float64") - mean) / deviation).astype("float32")'''


@dataclass(frozen=True)
class Names:
    """The names of the samples before they are standardised, if they are, and what x and y are.

    Attributes
    ----------
    x, y
        The training samples in the units of the data.
    x_title, y_title
        What they are, for a reader.
    """

    x: str
    y: str
    x_title: str = "x"
    y_title: str = "y"

    @property
    def y_is_standardised(self) -> bool:
        """Whether the loss is of standardised y."""
        return self.y != "y_train"

    @property
    def refreshed(self) -> list[str]:
        """Lines that standardise the samples again after a change."""
        return [
            f"{name}_train = standardise({name}, {name}_mean, {name}_deviation)"
            for name in (self.x, self.y)
            if not name.endswith("_train")
        ]


@dataclasses.dataclass
class SampleFiles:
    """The samples or weights that are too many to be written in the code: tables beside it.

    Attributes
    ----------
    stem
        The beginning of their names.
    is_notebook
        A notebook runs in its folder, and does not know its own name.
    most_written
        How many numbers are written in the code at most.
    texts
        What is in each of them, by its name.
    """

    stem: str = "run_samples"
    is_notebook: bool = False
    most_written: int = MOST_WRITTEN
    texts: dict[str, str] = field(default_factory=dict)

    def samples_code(self, names: Names, samples: Dataset, step: int = 0) -> list[str]:
        """Return lines that give the samples these names; from a table of the step if they are many."""
        if len(samples.x_train) <= self.most_written:
            return [f"{names.x} = {array_code(samples.x_train)}", f"{names.y} = {array_code(samples.y_train)}"]
        table = csv_text(("x", "y"), zip(samples.x_train[:, 0], samples.y_train[:, 0], strict=True))
        return [
            self.named(f"{self.stem}_{step}.csv" if step else f"{self.stem}.csv", table),
            'samples = np.loadtxt(file, delimiter=",", skiprows=1, dtype="float32")',
            f"{names.x}, {names.y} = samples[:, :1], samples[:, 1:]",
        ]

    def weights_code(self, table: str) -> list[str]:
        """Return lines that read the values of a network's numbers from their table."""
        return [
            self.weights_named(table),
            'weights = np.loadtxt(file, delimiter=",", skiprows=1, usecols=3, dtype="float32")',
        ]

    def weights_named(self, table: str) -> str:
        """Add a table of a network's numbers, and return the line that names its file."""
        return self.named(f"{'_weights'.join(self.stem.rsplit('_samples', 1))}.csv", table)

    def named(self, file: str, table: str) -> str:
        """Add a table, and return the line that names its file."""
        self.texts[file] = table
        return f"file = {text_code(file) if self.is_notebook else f'Path(__file__).with_name({text_code(file)})'}"


def names_of(config: DataConfig) -> Names:
    """Return the names of a run's samples in the code."""
    x, y = "x" if config.standardise != "none" else "x_train", "y" if config.standardise == "xy" else "y_train"
    titles = {"x_name": "x", "y_name": "y"} | (config.points.names if config.points else {})
    return Names(x, y, *map(printable, titles.values()))


def data_code(rule: StepRule, files: SampleFiles) -> list[str]:
    """Return lines that make ``x_train`` and ``y_train``, float32 of shape (samples, 1), as at the start of a run.

    If the samples are standardised the lines need `STANDARDISE`.
    """
    names = names_of(rule.config.data)
    lines = _drawn(rule.config.data, names) if rule.config.data.points is None else _written(rule, names, files)
    if rule.scaling is None:
        return lines
    return [*lines, *_measured(rule, rule.scaling, names), *names.refreshed]


def plain_samples(rule: StepRule) -> Dataset:
    """Return the samples in the units of the data."""
    return make_dataset(replace(rule.config.data, standardise="none"))


def changed_code(before: Dataset, after: Dataset, names: Names, files: SampleFiles, step: int) -> list[str]:
    """Return lines that turn the old samples into the new ones; a few moved ones are written one by one."""
    moved = moved_samples(before, after)
    if moved is None:
        return files.samples_code(names, after, step)
    return [f"{names.x}[{place}], {names.y}[{place}] = {x}, {y}" for place, x, y in moved]


def moved_samples(before: Dataset, after: Dataset) -> list[tuple[int, str, str]] | None:
    """Return the moved training samples and their new places; None if there are many, or the count has changed."""
    if before.x_train.shape != after.x_train.shape:
        return None
    is_same = np.all(_bits(before) == _bits(after), axis=1)
    places = [int(place) for place in np.flatnonzero(~is_same)]
    if len(places) > max(1, len(is_same) // 4):
        return None
    return [(at, float32_code(after.x_train[at, 0]), float32_code(after.y_train[at, 0])) for at in places]


def _bits(dataset: Dataset) -> npt.NDArray[np.int32]:
    """The bits of the samples, which also tell −0 from 0."""
    return np.concatenate([dataset.x_train, dataset.y_train], axis=1).view(np.int32)


def _drawn(config: DataConfig, names: Names) -> list[str]:
    count = config.sample_count
    held_out = min(round(config.held_out * count), count - 1)
    x, y = ("x", "y") if held_out else (names.x, names.y)
    low, high = float_code(config.x_min), float_code(config.x_max)
    target = formula_code(config.target_formula, x)
    lines = [
        f"np.random.seed({config.seed})",
        f"n_samples = {count}",
        f'{x} = np.random.uniform({low}, {high}, size=(n_samples, 1)).astype("float32")',
    ]
    if config.noise or held_out:
        lines.append('noise = np.random.standard_normal(size=(n_samples, 1)).astype("float32")')
        target = f"{target} + {float_code(config.noise)} * noise"
    lines.append(f"{y} = {target}")
    if held_out:
        lines.append(f"held_out = np.random.permutation(n_samples)[:{held_out}]  # not trained on")
        lines.append(f"{names.x}, {names.y} = np.delete(x, held_out, axis=0), np.delete(y, held_out, axis=0)")
    return lines


def _written(rule: StepRule, names: Names, files: SampleFiles) -> list[str]:
    points, samples = rule.config.data.points, plain_samples(rule)
    assert points is not None
    origin = printable(points.origin)
    lines = [f"# {origin}"] if origin else []
    lines += [f"# {axis}: {printable(name)}" for axis, name in (("x", points.x_name), ("y", points.y_name)) if name]
    if held_out := int(points.held_out.sum()):
        lines.append(f"# {held_out:,} more {'is' if held_out == 1 else 'are'} held out")
    return [*lines, *files.samples_code(names, samples)]


def _measured(rule: StepRule, scaling: Scaling, names: Names) -> list[str]:
    """Return lines that print the mean and the deviation: computed, unless those samples have changed since."""
    samples = plain_samples(rule)
    own = scaling_of(rule.config.data.standardise, samples.x_train, samples.y_train)
    lines = []
    for name, title, mean, deviation, values in (
        (names.x, names.x_title, scaling.x_mean, scaling.x_deviation, samples.x_train),
        (names.y, names.y_title, scaling.y_mean, scaling.y_deviation, samples.y_train),
    ):
        if name.endswith("_train"):
            continue
        if own == scaling and float(values.astype(np.float64).std()) == deviation:
            lines.append(f'{name}_mean = {name}.astype("float64").mean()')
            lines.append(f'{name}_deviation = {name}.astype("float64").std()')
        else:
            lines.append(f"{name}_mean, {name}_deviation = {float_code(mean)}, {float_code(deviation)}")
        found = f'f"mean {{{name}_mean:.6g}}, standard deviation {{{name}_deviation:.6g}}"'
        lines.append(f"print({text_code(f'{title}:')}, {found})")
    return lines
