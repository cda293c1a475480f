"""A network read from elsewhere, checked that it can be trained here; and the reader of printed tensors."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields, replace

import numpy as np

from tinynet_gui.core.config import MAX_HIDDEN_LAYERS, MAX_WIDTH, Config
from tinynet_gui.core.config.setting_text import setting_label, setting_value
from tinynet_gui.core.data.points import AS_THEY_ARE, STANDARDISE, Scaling
from tinynet_gui.core.network.forward import as_layers
from tinynet_gui.core.network.initializations import FirstWeights
from tinynet_gui.core.text.language import gettext as _, ngettext, with_signs
from tinynet_gui.core.text.numbers import count_text, listed
from tinynet_gui.core.text.shortened import shortened, written
from tinynet_gui.core.training.start import make_dataset
from tinynet_gui.core.values import AnyArray, Array, frozen_dataclass

MAX_ARRAYS = 2 * (MAX_HIDDEN_LAYERS + 1)
MAX_NUMBERS = 2 * MAX_WIDTH + 1 + (MAX_HIDDEN_LAYERS - 1) * (MAX_WIDTH + 1) * MAX_WIDTH + MAX_WIDTH  # of a network
SCALES = tuple(field.name for field in fields(Scaling))
AGREES = 1e-9  # of a mean and a deviation, relative to their size: a spreadsheet may have cut their last digits


class NetworkFileError(ValueError):
    """The network cannot be opened; the message says why, and where in the file."""

    def __init__(self, trouble: str) -> None:
        super().__init__(shortened(trouble))


@frozen_dataclass
class OpenedNetwork:
    """A network that was read.

    Attributes
    ----------
    parameters
        As in `core.training.start.TrainerState`.
    scaling
        The standardisation stored with it, if any.
    remark
        What the user should know about the reading, such as missing digits; "" if nothing.
    """

    parameters: tuple[Array, ...]
    scaling: Scaling = AS_THEY_ARE
    remark: str = ""


def network_of(named: Sequence[tuple[str, AnyArray]], remark: str = "") -> OpenedNetwork:
    """Build a network from arrays: weight, bias, weight, bias, ... in order, and μ and σ by name.

    `NetworkFileError` if they do not make a network 1 → hidden layers → 1, or are not finite.
    """
    scales = {name: array for name, array in named if name in SCALES}
    numbered = _("array {number}")
    arrays = [(name or numbered.format(number=place), array) for place, (name, array) in enumerate(named, 1)]
    arrays = [(name, array) for name, array in arrays if name not in SCALES]
    _check_shapes(arrays)
    found = list[Array]()
    for name, array in arrays:
        with np.errstate(over="ignore"):
            single = array.astype(np.float32)
        if len(bad := np.argwhere(~np.isfinite(single))):
            value, place = array[tuple(bad[0])], ", ".join(map(str, bad[0]))
            words = _("{name} has {value} at [{place}]: only finite float32 numbers are allowed")
            raise NetworkFileError(words.format(name=written(name), value=with_signs(f"{value:g}"), place=place))
        found.append(single)
    return OpenedNetwork(tuple(found), _scaling(scales), remark)


def _check_shapes(arrays: Sequence[tuple[str, AnyArray]]) -> None:
    if not arrays:
        raise NetworkFileError(_("there are no weights in it"))
    inputs = 1
    for place, (name, array) in enumerate(arrays):
        shape, what = array.shape, written(name)
        if place % 2:
            if shape != (inputs,):
                words = ngettext(
                    "{name} of shape {shape} is not a bias of {count} neuron",
                    "{name} of shape {shape} is not a bias of {count} neurons",
                    inputs,
                )
                raise NetworkFileError(words.format(name=what, shape=shape, count=count_text(inputs)))
            continue
        if len(shape) != 2:
            words = _("{name} of shape {shape} is not a weight of a Linear layer: (outputs, inputs)")
            raise NetworkFileError(words.format(name=what, shape=shape))
        if place == len(arrays) - 1 or arrays[place + 1][1].ndim != 1:
            words = _("{name} has no bias after it; each layer of networks here has one")
            raise NetworkFileError(words.format(name=what))
        if place == 0 and shape[1] != 1:
            words = _("its first layer takes {count} inputs; networks here have one")
            if len(arrays) > 2:
                words = _(
                    "its first layer takes {count} inputs; networks here have one; layers are taken in the order in "
                    "which they are in the file ({first} first)"
                )
            raise NetworkFileError(words.format(count=count_text(shape[1]), first=what))
        if shape[1] != inputs:
            words = _(
                "the layers do not fit: {name} takes {count} inputs, not {inputs}; layers are taken in the order in "
                "which they are in the file ({first} first)"
            )
            wanted, first = count_text(inputs), written(arrays[0][0])
            raise NetworkFileError(words.format(name=what, count=count_text(shape[1]), inputs=wanted, first=first))
        inputs = shape[0]
        if not 1 <= inputs <= MAX_WIDTH:
            words = ngettext(
                "{name} gives {count} output; a layer here has 1 to {most}",
                "{name} gives {count} outputs; a layer here has 1 to {most}",
                inputs,
            )
            raise NetworkFileError(words.format(name=what, count=count_text(inputs), most=count_text(MAX_WIDTH)))
    if inputs != 1:
        words = _("its last layer gives {count} outputs; networks here have one")
        raise NetworkFileError(words.format(count=count_text(inputs)))
    if len(arrays) > MAX_ARRAYS:
        words = _("{count} hidden layers are not allowed: 0 to {most}")
        raise NetworkFileError(words.format(count=len(arrays) // 2 - 1, most=MAX_HIDDEN_LAYERS))


def _scaling(scales: Mapping[str, AnyArray]) -> Scaling:
    values = {}
    for name, array in scales.items():
        if array.size != 1 or not np.isfinite(array).all() or (name.endswith("deviation") and array.item() <= 0):
            words = _("{name} is not a mean or deviation: a single finite number, a deviation above 0")
            raise NetworkFileError(words.format(name=name))
        values[name] = float(array.item())
    for axis in "xy":
        if (f"{axis}_mean" in values) != (f"{axis}_deviation" in values):
            words = _("{axis}_mean and {axis}_deviation go together: one of them is missing")
            raise NetworkFileError(words.format(axis=axis))
    return Scaling(**values)


def setting_of(opened: OpenedNetwork, origin: str, config: Config) -> tuple[Config, str]:
    """Return the settings of a run that starts from an opened network, and a sentence about it.

    Data and training stay. To keep the network's curve, samples are standardised if they have the network's μ and σ;
    otherwise they are not, and the network is converted to the data's units.

    `NetworkFileError` if its numbers in the data's units exceed float32.
    """
    parameters, scaling = opened.parameters, opened.scaling
    standardise = "xy" if scaling.has_y else "x" if scaling.has_x else "none"
    seen = make_dataset(replace(config.data, standardise=standardise)).scaling
    remarks = [opened.remark] if opened.remark else []
    if not np.allclose(astuple(seen), astuple(scaling), rtol=AGREES, atol=0):
        with np.errstate(over="ignore", invalid="ignore"):
            layers = scaling.in_units_of_data(as_layers(parameters))
        parameters = tuple(array for layer in layers for array in (layer.weight, layer.bias))
        if not all(np.isfinite(array).all() for array in parameters):
            raise NetworkFileError(_("in the data's own units its weights are beyond float32"))
        standardise = "none"
        remarks.append(_("now in the data's own units, as its μ and σ are not those of these samples"))
    if standardise != config.data.standardise:
        remarks.append(f"{setting_label('data.standardise')}: {_(STANDARDISE[standardise])}")
    weights = FirstWeights(parameters, origin)
    changes = {"network.hidden": weights.hidden, "network.first_weights": weights, "data.standardise": standardise}
    new = config.with_changes(changes)
    words = _("Opened {name}: no hidden layer")
    if weights.hidden:
        words = _("Opened {name}: {widths} neurons, activation {activation} kept")
    widths, activation = listed([*map(count_text, weights.hidden)]), setting_value(new, "network.activation")
    opening = words.format(name=shortened(weights.origin, 30), widths=widths, activation=activation)
    return new, f"{'; '.join([opening, *remarks])}."


START = "tensor("
FULL_DIGITS = 8  # after the point: a float32 in full, or nearly
MAX_ROWS = 10_000  # of a tensor in print
_NAME = re.compile(r"(?:^|[\s'\"(\[{])([\w.]{1,80})['\"]?[\s,:]*(?:Parameter containing:\s*)*$", re.ASCII)
_BRACKET = re.compile(r"[\[\]]")
_FOREIGN = re.compile(r"[^\[\]\d\s.,e+\-naif]", re.ASCII)
_NUMBER = re.compile(r"[\d.e+\-naif]{1,80}", re.ASCII)
_WORDS = {"nan": "NaN", "inf": "Infinity", ".": ".0"}
_AS_JSON = re.compile(r"nan|inf|\.(?!\d)")
_OPTION = r"\s*,\s*\w{1,40}=(?:'[^'\n]{0,40}'|<[^>\n]{0,80}>|\([\d, ]{0,40}\)|[\w.]{1,40})"
_END = re.compile(rf"(?:{_OPTION})*\s*,?\s*\)", re.ASCII)


def is_printed(text: str) -> bool:
    """Return whether a text is meant as printed tensors."""
    return START in text


def read_printed(text: str) -> OpenedNetwork:
    """Read a network from the printed tensors in a text, in order; everything between them is skipped.

    `NetworkFileError` if a tensor is incomplete, or PyTorch abbreviated it.
    """
    named, decimals, end = list[tuple[str, AnyArray]](), {"decimals": 0, "digits": 0}, 0
    while (start := text.find(START, end)) >= 0:
        if len(named) == MAX_ARRAYS + len(SCALES):
            words = _("more than {most} tensors are no network that can be trained here")
            raise NetworkFileError(words.format(most=MAX_ARRAYS))
        name = _NAME.search(text, max(end, start - 200), start)
        start += len(START)
        body = _numbers(text, start)
        named.append((name[1] if name is not None and name[1] != "containing" else "", _tensor(text, start, body)))
        unit = "digits" if "e" in body else "decimals"  # one before the point, and a power of ten
        decimals[unit] = max(decimals[unit], *map(len, re.findall(r"\.(\d+)", body[:100_000])), 0)
        closing = _END.match(text, start + len(body))
        if closing is None:
            raise _refused(text, start + len(body))
        end = closing.end()
    return network_of(named, _rounded(*((0 < count < FULL_DIGITS) * count for count in decimals.values())))


def _rounded(decimals: int, digits: int) -> str:
    """Say to how many decimals, or digits besides the first, the numbers are rounded in print; "" if to none."""
    if decimals and digits:
        words = _("rounded to {decimals} decimals or {digits} digits in print: the loss may differ slightly")
    elif decimals:
        words = _("rounded to {decimals} decimals in print: the loss may differ slightly")
    else:
        words = _("rounded to {digits} digits in print: the loss may differ slightly") if digits else ""
    return words.format(decimals=decimals, digits=digits + 1)


def _numbers(text: str, start: int) -> str:
    """Return the part of a text that has a tensor's numbers: nested brackets, or a single number."""
    if text[start : start + 1] != "[":
        number = _NUMBER.match(text, start)
        if number is None:
            raise _refused(text, start)
        return number[0]
    depth = 0
    for count, bracket in enumerate(_BRACKET.finditer(text, start)):
        depth += 1 if bracket[0] == "[" else -1
        if depth > 2 or count > 2 * MAX_ROWS:
            trouble = _("line {line}: this tensor is not a weight or bias of a Linear layer")
            raise NetworkFileError(trouble.format(line=_line(text, bracket.start())))
        if depth == 0:
            return text[start : bracket.end()]
    raise _refused(text, len(text))


def _tensor(text: str, start: int, body: str) -> AnyArray:
    if (left_out := body.find("...")) >= 0:
        words = _(
            "line {line}: PyTorch has left numbers out (…); torch.set_printoptions(threshold=10_000_000, precision=9) "
            "has it print all of them in full"
        )
        raise NetworkFileError(words.format(line=_line(text, start + left_out)))
    if (foreign := _FOREIGN.search(body)) is not None:
        raise _refused(text, start + foreign.start())
    if body.count(",") > MAX_NUMBERS:
        raise NetworkFileError(_("line {line}: more numbers than any network here has").format(line=_line(text, start)))
    try:
        values = json.loads(_AS_JSON.sub(lambda found: _WORDS[found[0]], body), parse_int=float)
        return np.array(values, dtype=np.float64)
    except json.JSONDecodeError:
        raise _refused(text, start) from None
    except ValueError:
        words = _("line {line}: the rows of this tensor have different lengths")
        raise NetworkFileError(words.format(line=_line(text, start))) from None


def _refused(text: str, at: int) -> NetworkFileError:
    if text.find(")", at) < 0:
        return NetworkFileError(_("the text ends within a tensor: copy all of it"))
    words = _("line {line}: {text} is not what PyTorch prints in a tensor")
    return NetworkFileError(words.format(line=_line(text, at), text=written(text[at : at + 30].strip())))


def _line(text: str, at: int) -> str:
    return count_text(text.count("\n", 0, at) + 1)
