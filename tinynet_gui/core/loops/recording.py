"""A training loop's weights, recorded as it runs, and as a file."""

import io
import math
import zipfile
from array import array
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tinynet_gui.core.choices.activations import ACTIVATIONS, ActivationNames
from tinynet_gui.core.data.points import MAX_POINTS, PointsError
from tinynet_gui.core.loops.gradients import LoopRecord
from tinynet_gui.core.network.forward import parameter_shapes, unflattened
from tinynet_gui.core.network_files.opened import NetworkFileError, network_of
from tinynet_gui.core.storage.atomic import replacing
from tinynet_gui.core.text.files import read_at_most
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.values import AnyArray, AnyFloats, Floats

if TYPE_CHECKING:
    import torch

    from tinynet_gui.core.loops.explanation import LoopExplanation

FIRST_STEPS = 640  # all of these are recorded
STRETCH = 4  # weights in a row, later: three steps
MAX_STRETCHES = 128
MAX_BYTES = 64_000_000  # of recorded weights
MAX_LOSSES = 16_384
FORMAT = 1


class TrainingFileError(ValueError):
    """The training cannot be opened; the message says why."""


class Recording(LoopRecord):
    """Weights and losses of a training loop, as `Recorder` takes them."""

    def explain(self, learning_rate: float | None = None) -> "LoopExplanation":
        """Say which rule made its steps; see `Recorder.explain`."""
        from tinynet_gui.core.loops.explanation import explain

        return explain(self, learning_rate)

    def show(self) -> None:
        """Print what made its steps, and show it in a window; see `Recorder.show`."""
        from tinynet_gui.core.loops.retracing import retraced
        from tinynet_gui.core.run.train import TrainingResult
        from tinynet_gui.core.storage.results import show

        opened = retraced(self, self.explain(), "your loop", np.zeros(1, np.uint8))
        print(opened.words)
        show([TrainingResult(run) for run in (opened.right, opened.run) if run is not None])

    def save(self, path: str | PathLike[str]) -> None:
        """Write a file in NumPy's format, without pickled objects, for `open_training`."""
        names = self.activation if isinstance(self.activation, tuple) else (self.activation,) * bool(self.activation)
        content = io.BytesIO()
        own: dict[str, Any] = {"format": FORMAT, "activation": np.array(names, dtype="U20")}
        np.savez(content, **{name: own[name] if name in own else getattr(self, name) for name in KINDS})
        with replacing(Path(path)) as file:
            file.write(content.getvalue())


class Recorder:
    """Records the weights of a training loop of your own, to be explained.

    It keeps the weights of the first 640 steps, and then of ever fewer stretches of three, at most 64 MB in all. It
    reads weights and losses alone: it changes neither the network nor the random numbers, and keeps no graph.

    Parameters
    ----------
    net
        An ``nn.Module`` of Linear layers 1 → hidden layers → 1 on the processor, in float32 or float64.
    x, y
        All samples that it trains on: tensors, arrays or lists of n numbers, in any shape.

    Raises
    ------
    ValueError
        If these are not samples, or this is not such a network; the message says why.

    Examples
    --------
    >>> import torch, tinynet_gui.core as tiny
    >>> _ = torch.manual_seed(2)
    >>> x = torch.linspace(-3, 3, 20)[:, None]
    >>> net = torch.nn.Sequential(torch.nn.Linear(1, 10), torch.nn.ReLU(), torch.nn.Linear(10, 1))
    >>> optimizer = torch.optim.SGD(net.parameters(), lr=0.001)
    >>> seen = tiny.Recorder(net, x, x**2)
    >>> for _ in range(100):
    ...     loss = torch.nn.functional.mse_loss(net(x), x**2)
    ...     loss.backward()
    ...     optimizer.step()
    ...     seen.step(loss)
    >>> seen.explain().mistakes
    ('never_reset',)
    """

    def __init__(self, net: "torch.nn.Module", x: object, y: object) -> None:
        self._x, self._y = (_column(name, values) for name, values in (("x", x), ("y", y)))
        if len(self._x) != len(self._y):
            words, numbers = _("{x} x and {y} y are not samples: their numbers must be equal"), (self._x, self._y)
            x, y = (count_text(len(values)) for values in numbers)
            raise PointsError(words.format(x=x, y=y))
        named = [*net.named_parameters()]
        arrays = [(name, parameter.detach().cpu().numpy()) for name, parameter in named]
        for name, values in arrays:
            if values.dtype not in (np.float32, np.float64):
                words = _("{name} is of {kind}: float32 and float64 are allowed")
                raise NetworkFileError(words.format(name=written(name), kind=values.dtype))
        self._widths = (1, *(len(bias) for bias in network_of(arrays).parameters[1::2]))
        self._activation = _declared(net, len(self._widths) - 2)
        self._parameters = [parameter for _, parameter in named]
        self._dtype = np.result_type(*(values for _, values in arrays))
        size = self._dtype.itemsize * sum(values.size for _, values in arrays)
        most = max(12, MAX_BYTES // size)  # rows
        self._first = min(FIRST_STEPS, most // 2)
        self._most_stretches = min(MAX_STRETCHES, (most - self._first) // STRETCH)
        self._every = 8
        self._taken = 0
        self._rows = {0: self._row()}
        self._losses, self._loss_every = array("d"), 1

    def step(self, loss: "torch.Tensor | float | None" = None) -> None:
        """Record a step: call it once a step, after ``optimizer.step()``, with the loss that was computed before."""
        if loss is not None and self._taken % self._loss_every == 0:
            self._take_loss(loss if isinstance(loss, float) else loss.item())
        self._taken = taken = self._taken + 1
        if taken <= self._first:
            self._rows[taken] = self._row()
        elif taken % self._every < STRETCH:
            self._rows[taken] = self._row()
            self._thin_out()

    def recording(self) -> Recording:
        """Return what was recorded so far, with the weights as they are now."""
        rows, now = dict(self._rows), self._row()
        # where the network had not moved by the first call, calls come before ``optimizer.step()``
        is_ahead = np.array_equal(rows[0], rows.get(1, now)) and not np.array_equal(rows.get(self._taken, now), now)
        rows[self._taken + is_ahead] = now
        weights = np.array([*rows]), np.stack([*rows.values()])
        losses = np.arange(len(self._losses)) * self._loss_every, np.array(self._losses)
        return Recording(self._widths, *weights, self._x, self._y, *losses, self._activation)

    def explain(self, learning_rate: float | None = None) -> "LoopExplanation":
        """Say which rule made the recorded steps; it takes some seconds.

        Parameters
        ----------
        learning_rate
            The one that you gave the optimiser: it tells a sum of the losses from their mean.

        Returns
        -------
        LoopExplanation
            Its text is that of `print`; ``mistakes`` names what is wrong, and ``rules`` are all that fit.
        """
        return self.recording().explain(learning_rate)

    def show(self) -> None:
        """Print what `explain` says, and show the training in a window, as `tiny.show`, with the right one beside it.

        Its steps are taken again by the rule that was found; where that cannot be, it has the recorded moments alone.
        """
        self.recording().show()

    def save(self, path: str | PathLike[str]) -> None:
        """Write what was recorded and the samples, for `open_training` and for *File, Open training* in the window."""
        self.recording().save(path)

    def _row(self) -> AnyFloats:
        flat = [parameter.detach().cpu().numpy().ravel() for parameter in self._parameters]
        return np.concatenate(flat, dtype=self._dtype)

    def _take_loss(self, loss: float) -> None:
        self._losses.append(loss)
        if len(self._losses) > MAX_LOSSES:
            self._losses, self._loss_every = self._losses[::2], 2 * self._loss_every

    def _thin_out(self) -> None:
        """Keep every second of the later stretches once there are too many."""
        if len(self._rows) > self._first + 1 + STRETCH * self._most_stretches:
            self._every *= 2
            self._rows = {k: row for k, row in self._rows.items() if k <= self._first or k % self._every < STRETCH}


def _declared(net: "torch.nn.Module", hidden: int) -> ActivationNames | None:
    """Return the activation of each hidden layer by the names of the modules; None if these do not say."""
    names = {record.torch_module: name for name, record in ACTIVATIONS.items()}
    found = [names[kind] for module in net.modules() if (kind := type(module).__name__) in names]
    if hidden and len(found) == hidden:
        return found[0] if len(set(found)) == 1 else tuple(found)
    return found[0] if hidden and len(found) == 1 else None


def _column(name: str, values: Any) -> Floats:
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    try:
        column = np.array(values, dtype=np.float64).ravel()
    except (ValueError, TypeError, OverflowError):
        raise PointsError(_("{name}: {value} are not numbers").format(name=name, value=written(values))) from None
    if not (1 <= len(column) <= MAX_POINTS and np.isfinite(column).all()):
        words = _("{name}: 1 to {most} finite numbers are needed")
        raise PointsError(words.format(name=name, most=count_text(MAX_POINTS)))
    return column


MAX_FILE_BYTES = 200_000_000
KINDS = {  # of the arrays in a file
    **dict.fromkeys(("format", "widths", "steps", "loss_steps"), "iu"),
    **dict.fromkeys(("weights", "x", "y", "losses"), "f"),
    "activation": "U",
}


def open_training(path: str | PathLike[str]) -> Recording:
    """Read a training that `Recorder.save` wrote. No code in the file is run, and its size is bounded.

    Raises
    ------
    ValueError
        If it is none; the message says why.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> import torch, tinynet_gui.core as tiny
    >>> net, x = torch.nn.Linear(1, 1), torch.linspace(-3, 3, 20)[:, None]
    >>> optimizer, seen = torch.optim.SGD(net.parameters(), lr=0.01), tiny.Recorder(net, x, 2 * x)
    >>> for _ in range(20):
    ...     loss = torch.nn.functional.mse_loss(net(x), 2 * x)
    ...     optimizer.zero_grad()
    ...     loss.backward()
    ...     optimizer.step()
    ...     seen.step(loss)
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     seen.save(f"{folder}/training.npz")
    ...     print(tiny.open_training(f"{folder}/training.npz").explain().mistakes)
    ()
    """
    content = read_at_most(Path(path), MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        words = _("larger than {most} MB: no recorded training is")
        raise TrainingFileError(words.format(most=MAX_FILE_BYTES // 10**6))
    try:
        return _recording_of(_parts(content))
    except TrainingFileError:
        raise
    except (zipfile.BadZipFile, ValueError, TypeError, KeyError, OSError, EOFError, SyntaxError, OverflowError):
        raise TrainingFileError(_("it is damaged, or no training that Recorder.save wrote")) from None


def _parts(content: bytes) -> dict[str, AnyArray]:
    parts = {}
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        for member in file.infolist():
            name = member.filename.removesuffix(".npy")
            if name not in KINDS or member.compress_type != zipfile.ZIP_STORED or member.file_size > len(content):
                words = _("{name} in it is not of a training that Recorder.save wrote")
                raise TrainingFileError(words.format(name=written(name)))
            parts[name] = _array(file.read(member), KINDS[name])
    return parts


def _array(content: bytes, kinds: str) -> AnyArray:
    """Read an array in NumPy's format; refuse a header that claims another size, rather than allocate it."""
    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("not the format of Recorder.save")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(stream, max_header_size=1_000)
    count = math.prod(shape)
    if dtype.kind not in kinds or is_fortran or count * dtype.itemsize != len(content) - stream.tell():
        raise ValueError("not the format of Recorder.save")
    return np.frombuffer(content, dtype, count, stream.tell()).reshape(shape)


def _recording_of(parts: dict[str, AnyArray]) -> Recording:
    if int(parts["format"]) > FORMAT:
        raise TrainingFileError(_("it was saved by a newer version of the program"))
    widths, weights, losses = tuple(map(int, parts["widths"])), parts["weights"], parts["losses"].astype(np.float64)
    steps, loss_steps = (parts[name].astype(np.int64) for name in ("steps", "loss_steps"))
    size = sum(map(math.prod, parameter_shapes(widths)))
    if min(widths) < 1 or weights.shape != (len(steps), size) or weights.dtype not in (np.float32, np.float64):
        raise ValueError("no rows of weights")
    network_of([(f"array {place}", values) for place, values in enumerate(unflattened(weights[0], widths))])
    names = tuple(map(str, parts["activation"]))
    if steps[0] != 0 or (np.diff(steps) <= 0).any() or not set(names) <= set(ACTIVATIONS):
        raise ValueError("no steps in order")
    x, y = _column("x", parts["x"]), _column("y", parts["y"])
    if len(x) != len(y) or len(losses) != len(loss_steps) or len(names) not in (0, 1, len(widths) - 2):
        raise ValueError("parts that do not fit")
    activation = (names[0] if len(names) == 1 else names) if names else None
    return Recording(widths, steps, weights, x, y, loss_steps, losses, activation)
