"""Samples, batches and first weights as code: redrawn from their seed, or written out."""

import ast
import dataclasses
from collections.abc import Callable, Collection, Iterator
from dataclasses import field, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.config import Config, DataConfig, NetworkConfig
from tinynet_gui.core.data.formula import FUNCTIONS, parsed
from tinynet_gui.core.data.points import Scaling, scaling_of
from tinynet_gui.core.export import literals
from tinynet_gui.core.export.literals import array_code, float32_code, float_code, printable, text_code
from tinynet_gui.core.network.initializations import FirstWeights, rounding_here
from tinynet_gui.core.network_files.reading import numbers_csv
from tinynet_gui.core.run.events import StepRule
from tinynet_gui.core.text.arithmetic import Meaning, fold
from tinynet_gui.core.text.csv_text import csv_text
from tinynet_gui.core.training.start import Dataset, initial_parameters, make_dataset, steps_per_epoch
from tinynet_gui.core.values import frozen_dataclass

_LARGEST_WHOLE = 2**20  # written as it stands; beyond, a whole number may have more digits than a float


class _Code(NamedTuple):
    """Numpy code, whether x is in it, and whether its result is float64.

    A Python number adopts the dtype of the array that it meets; numpy's result of numbers alone is float64, and
    promotes the array.
    """

    node: ast.expr
    has_x: bool = False
    is_double: bool = False


def formula_code(text: str, variable: str) -> str:
    """Return numpy code for a formula of x that `core.data.formula.parse_formula` accepts.

    It is an expression: a float32 array of that shape, bit for bit what `parse_formula` gives. `variable` names x in
    the code, a float32 array of shape (samples, 1).
    """
    names = {"x": _Code(ast.Name(variable), has_x=True), "pi": _Code(ast.Name("np.pi")), "e": _Code(ast.Name("np.e"))}
    meaning = Meaning(_number, names.get, _OPERATORS, lambda name, _: partial(_call, name))
    node, has_x, is_double = fold(*parsed(text), meaning)
    code = ast.unparse(node)
    if not has_x:
        return f"np.full_like({variable}, {code})"
    return f"({code}).astype('float32')".replace("'", '"') if is_double else code


def _number(number: float) -> _Code:
    is_whole = abs(number) <= _LARGEST_WHOLE and number == int(number)
    return _Code(ast.Constant(int(number) if is_whole else number))


def _unary(op: ast.unaryop, operand: _Code) -> _Code:
    return operand._replace(node=ast.UnaryOp(op, operand.node))


def _binary(op: ast.operator, one: _Code, other: _Code) -> _Code:
    is_double = one.is_double or other.is_double
    if one.has_x or other.has_x:
        return _Code(ast.BinOp(one.node, op, other.node), True, is_double)
    first, second = _as_floats(one.node), _as_floats(other.node)
    if isinstance(op, ast.Div | ast.Mod):
        code = "np.divide({}, {})" if isinstance(op, ast.Div) else "np.mod({}, {})"
        return _Code(_expression(code, first, second), is_double=True)
    return _Code(ast.BinOp(first, op, second), is_double=is_double)


def _call(name: str, *arguments: _Code) -> _Code:
    function, has_x = FUNCTIONS[name], any(argument.has_x for argument in arguments)
    nodes = [argument.node if has_x else _as_floats(argument.node) for argument in arguments]
    is_single = function.is_single and not has_x
    node = _expression(f"np.float32({function.code})" if is_single else function.code, *nodes)
    return _Code(node, has_x, any(argument.is_double for argument in arguments) if has_x else not is_single)


def _expression(code: str, *nodes: ast.expr) -> ast.expr:
    return ast.parse(code.format(*map(ast.unparse, nodes)), mode="eval").body


def _as_floats(node: ast.expr) -> ast.expr:
    """Turn integers into floats, as the formula does: Python's have arbitrary precision."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, int):
            inner.value = float(inner.value)
    return node


_OPERATORS: dict[type[ast.AST], Callable[..., _Code]] = {
    **{op: partial(_unary, op()) for op in (ast.UAdd, ast.USub)},
    **{op: partial(_binary, op()) for op in (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod, ast.Pow)},
}


MAX_WRITTEN = 200  # samples in the code; more are a table beside it
STANDARDISE = '''\
def standardise(values, mean, deviation):
    """What the network sees of values: how many standard deviations they are from their mean."""
    # The mean, the deviation and the quotient are computed in float64, and rounded to float32 once,
    # as in tinynet: in float32 their last digits would differ, and so would those of all losses.
    return ((values.astype("float64") - mean) / deviation).astype("float32")'''


@frozen_dataclass
class Names:
    """The names of the samples before they are standardised, if they are, and the titles of x and y.

    Attributes
    ----------
    x, y
        The training samples in the units of the data.
    x_title, y_title
        Their titles, for a reader.
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
    def standardise_again(self) -> list[str]:
        """Lines that standardise the samples again after a change."""
        names = [name for name in (self.x, self.y) if not name.endswith("_train")]
        return [f"{name}_train = standardise({name}, {name}_mean, {name}_deviation)" for name in names]


@dataclasses.dataclass
class SampleFiles:
    """Samples or weights that are too many to write in the code: tables beside it.

    Attributes
    ----------
    stem
        The beginning of their names.
    is_notebook
        A notebook runs in its folder, and does not know its own name.
    most_written
        The maximal count of numbers to write in the code.
    texts
        Their content, by name.
    """

    stem: str = "run_samples"
    is_notebook: bool = False
    most_written: int = MAX_WRITTEN
    texts: dict[str, str] = field(default_factory=dict)

    def samples_code(self, names: Names, samples: Dataset, step: int = 0) -> list[str]:
        """Return lines that give the samples these names; from a table of the step if they are many."""
        if len(samples.x_train) <= self.most_written:
            return [f"{names.x} = {array_code(samples.x_train)}", f"{names.y} = {array_code(samples.y_train)}"]
        table = csv_text(("x", "y"), zip(samples.x_train[:, 0], samples.y_train[:, 0], strict=True))
        return [
            self.add_table(f"{self.stem}_{step}.csv" if step else f"{self.stem}.csv", table),
            'samples = np.loadtxt(file, delimiter=",", skiprows=1, dtype="float32")',
            f"{names.x}, {names.y} = samples[:, :1], samples[:, 1:]",
        ]

    def add_weights(self, table: str) -> str:
        """Add a table of a network's parameters, and return the line that names its file."""
        return self.add_table(f"{'_weights'.join(self.stem.rsplit('_samples', 1))}.csv", table)

    def add_table(self, file: str, table: str) -> str:
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
    return [*lines, *_scale_lines(rule, rule.scaling, names), *names.standardise_again]


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
    """The bits of the samples, which distinguish −0 from 0."""
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


def _scale_lines(rule: StepRule, scaling: Scaling, names: Names) -> Iterator[str]:
    """Yield lines that set and print mean and deviation: computed, or written out if the samples changed since."""
    samples = plain_samples(rule)
    own = scaling_of(rule.config.data.standardise, samples.x_train, samples.y_train)
    for name, title, mean, deviation, values in (
        (names.x, names.x_title, scaling.x_mean, scaling.x_deviation, samples.x_train),
        (names.y, names.y_title, scaling.y_mean, scaling.y_deviation, samples.y_train),
    ):
        if name.endswith("_train"):
            continue
        if own == scaling and float(values.astype(np.float64).std()) == deviation:
            yield f'{name}_mean = {name}.astype("float64").mean()'
            yield f'{name}_deviation = {name}.astype("float64").std()'
        else:
            yield f"{name}_mean, {name}_deviation = {float_code(mean)}, {float_code(deviation)}"
        found = f'f"mean {{{name}_mean:.6g}}, standard deviation {{{name}_deviation:.6g}}"'
        yield f"print({text_code(f'{title}:')}, {found})"


_COPY = """\
with torch.no_grad():
    counts = [parameter.numel() for parameter in network.parameters()]
    for parameter, values in zip(network.parameters(), torch.tensor(weights).split(counts)):
        parameter[...] = values.reshape(parameter.shape)""".splitlines()


def weights_to_write(config: NetworkConfig) -> FirstWeights | None:
    """Return the first weights that PyTorch would not draw here: from elsewhere, or rounded differently."""
    rounding = rounding_here()
    if config.first_weights is not None or config.needs_torch or not config.is_random or config.rounding == rounding:
        return config.first_weights
    origin = f"seed {config.seed}, rounded {config.rounding} (PyTorch rounds {rounding} here)"
    return FirstWeights(initial_parameters(config), origin)


def weights_code(weights: FirstWeights, files: SampleFiles) -> list[str]:
    """Return lines that give a network these weights and biases; from a table if they are many."""
    lines = [f"# its weights and biases, in their order in network.parameters(), from {printable(weights.origin)}"]
    if sum(array.size for array in weights.parameters) <= files.most_written:
        numbers = [float32_code(value) for array in weights.parameters for value in array.ravel().tolist()]
        return [*lines, "weights = np.array([", literals.wrapped(numbers), '], dtype="float32")', *_COPY]
    read = 'weights = np.loadtxt(file, delimiter=",", skiprows=1, usecols=3, dtype="float32")'
    return [*lines, files.add_weights(numbers_csv(weights.parameters)), read, *_COPY]


SHUFFLED = '''\
def mixed(z):
    """Whole numbers with their bits mixed well: a small generator of random numbers, SplitMix64."""
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def shuffled(epoch, n_samples, seed):
    """The order in which an epoch takes the samples: each draws a number, and the smallest comes first."""
    stream = mixed(mixed(np.array([seed], dtype="uint64")) + np.uint64(epoch))
    places = np.arange(n_samples, dtype="uint64")
    return np.argsort(mixed(stream + places * np.uint64(0x9E3779B97F4A7C15)), kind="stable")'''


def has_batches(config: Config, counts: Collection[int]) -> bool:
    """Whether some step uses only part of the samples; `counts` are the numbers of samples during the run."""
    return any(steps_per_epoch(config, count) > 1 for count in counts)


def batch_code(config: Config, counts: Collection[int]) -> list[str]:
    """Return lines that compute the samples of a step, ``chosen``, by `SHUFFLED`; `counts` as in `has_batches`."""
    order = f"shuffled(epoch, len(x_train), seed={config.data.seed})"
    if any(steps_per_epoch(config, count) == 1 for count in counts):
        order = f"{order} if n_batches > 1 else np.arange(len(x_train))"
    return [
        "n_batches = -(-len(x_train) // batch_size)  # rounded up: the last one may be smaller",
        "epoch, batch = divmod(step, n_batches)",
        f"order = {order}",
        "chosen = order[batch * batch_size : (batch + 1) * batch_size]",
    ]
