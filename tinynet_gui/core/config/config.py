"""The one description of a run: its data, its network, its training.

Frozen, validated on construction, convertible to plain JSON and back. Not pydantic, whose import would delay the
window by a third of a second.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import sections, targets
from tinynet_gui.core.config.setting import ConfigError, format_of, values_to_write, whole_number
from tinynet_gui.core.network.initializations import rounding_here
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.values import as_python, frozen_dataclass

NOTEBOOK_WIDTHS = (5, 1, 2, 1_000, 10)  # neurons of the networks that the tutorial's notebook draws; it trains the last
NOTEBOOK_DRAWN = tuple(accumulate((3 * width + 1 for width in NOTEBOOK_WIDTHS[:-1]), initial=0))  # before each of them


@frozen_dataclass(repr=False)
class Config(sections.ChangesShown):
    """The settings of a training. The defaults are the tutorial's, with the first weights that PyTorch draws here.

    A setting has a dotted path, such as ``training.learning_rate``; its name alone will do where only one has it: all
    but ``data.seed`` and ``network.seed``.

    Attributes
    ----------
    data
        ``target``, ``formula``, ``sample_count``, ``x_min``, ``x_max``, ``noise``, ``held_out``, ``seed``,
        ``standardise``; or ``points``, your own samples, such as ``{"x": [0, 1, 2], "y": [0, 1, 4]}``: lists, tuples,
        arrays or tensors of shape (n,) or (n, 1).
    network
        ``hidden`` (10, or ``[8, 8]``), ``activation`` (one, or one for each hidden layer: ``["tanh", "relu"]``),
        ``initialization``, ``weight_scale``, ``seed``, ``drawn_before``, ``rounding``, ``first_weights``.
    training
        ``loss``, ``loop``, ``optimizer``, ``learning_rate``, ``weight_decay``, ``l1``, ``max_norm``, ``momentum``,
        ``nesterov``, ``beta1``, ``beta2``, ``alpha``, ``epsilon``, ``schedule``, ``schedule_steps``, ``gamma``,
        ``warm_up``, ``batch_size`` (0 is all samples), ``stop_step``, ``patience``.

    Raises
    ------
    ConfigError
        If there is no such setting, or its value is not allowed; the message names it and what is allowed.

    Examples
    --------
    >>> import tinynet_gui.core as tiny
    >>> config = tiny.Config(hidden=[8, 8], learning_rate=0.01)
    >>> config.replace("target", "sin").data, config.network, config.training
    (DataConfig(target='sin'), NetworkConfig(hidden=(8, 8)), TrainingConfig(learning_rate=0.01))
    >>> config.with_changes({"data.seed": 1, "network.seed": 5}).network
    NetworkConfig(hidden=(8, 8), seed=5)
    """

    data: sections.DataConfig = sections.DataConfig()
    network: sections.NetworkConfig = sections.NetworkConfig()
    training: sections.TrainingConfig = sections.TrainingConfig()

    def __init__(
        self,
        data: sections.DataConfig = data,
        network: sections.NetworkConfig | None = None,
        training: sections.TrainingConfig = training,
        **settings: Any,
    ) -> None:
        network = sections.NetworkConfig(rounding=rounding_here()) if network is None else network
        for section, kind in zip((data, network, training), sections.SECTIONS.values(), strict=True):
            if not isinstance(section, kind):
                words = _("{value} is not a {kind}; from_dict takes dicts")
                raise ConfigError(kind.name, words.format(value=written(section), kind=kind.__name__))
            object.__setattr__(self, kind.name, section)
        if settings:
            vars(self).update(vars(self.with_settings(settings)))

    if not TYPE_CHECKING:  # which knows what is there

        def __getattr__(self, name: str) -> None:
            there = " or ".join(f"config.{path}" for path in sections.SETTINGS if path.partition(".")[2] == name)
            raise AttributeError(f"a Config has no attribute {name!r}{there and f': it is {there}'}")

    @classmethod
    def notebook(cls, number: int = len(NOTEBOOK_WIDTHS)) -> "Config":
        """Return the settings of a network of the tutorial's notebook, run from top to bottom.

        It draws five from one generator: of 5, 1, 2, 1,000 and 10 neurons. The last one is trained.

        Examples
        --------
        >>> import tinynet_gui.core as tiny
        >>> tiny.Config.notebook(3).network
        NetworkConfig(hidden=(2,), drawn_before=20)
        >>> round(tiny.train(tiny.Config.notebook()).loss, 3)
        0.049
        """
        place = whole_number("number", number, 1, len(NOTEBOOK_WIDTHS)) - 1
        return cls(hidden=NOTEBOOK_WIDTHS[place], drawn_before=NOTEBOOK_DRAWN[place])

    def get(self, path: str) -> Any:
        """Return the value at a dotted path such as ``training.learning_rate``."""
        section, name = sections.parts_of(path)
        return getattr(getattr(self, section), name)

    def replace(self, path: str, value: Any) -> "Config":
        """Return a copy with one value changed; raise `ConfigError` if it is not allowed."""
        return self.with_changes({sections.full_path(path): value})  # it may have been anything, even unhashable

    def with_changes(self, changes: Mapping[str, Any]) -> "Config":
        """Return a copy with the values at several dotted paths changed at once; `ConfigError` as in `from_dict`.

        Loaded first weights give way to drawn ones when a change says how to draw them. Added layers repeat the last
        of the activations if there is one for each layer.
        """
        if not isinstance(changes, Mapping):
            words = _('{value} is not a dict such as {{"training.learning_rate": 0.01}}')
            raise ConfigError("changes", words.format(value=written(changes)))
        changes = {sections.full_path(path): value for path, value in changes.items()}
        plain: dict[str, dict[str, Any]] = {}
        redrawn = {} if _REDRAWING.isdisjoint(changes) else {"network.first_weights": None}
        for path, value in (redrawn | self._fitted(changes) | changes).items():
            section, name = sections.parts_of(path)
            plain.setdefault(section, dict(vars(getattr(self, section))))[name] = value
        changed: dict[str, Any] = {name: sections.SECTIONS[name].from_dict(part) for name, part in plain.items()}
        return dataclasses.replace(self, **changed)

    def with_settings(self, settings: Mapping[str, Any]) -> "Config":
        """Return a copy with settings as a caller names them: none without an effect, else a `ConfigError`.

        A formula alone is the target, momentum alone makes SGD the one with momentum, and of points `held_out` are.
        """
        changes = {sections.full_path(path): value for path, value in settings.items()}
        meant = {}
        if "data.formula" in changes:
            meant["data.target"] = targets.FORMULA
        optimizer = OPTIMIZERS.get(str(changes.get("training.optimizer", self.training.optimizer)))
        if "training.momentum" in changes and optimizer is not None and optimizer.torch_class == "SGD":
            changes["training.optimizer"] = "momentum"  # as torch.optim.SGD(momentum=…)
        changed = self.with_changes(meant | changes)
        for path, value in changes.items():
            if message := _without_effect(changed, path):
                raise ConfigError(path, message.format(value=written(value)))
        is_of_points = not {"data.points", "data.held_out"}.isdisjoint(changes)
        return changed.with_points(changed.data.points) if is_of_points else changed

    def with_points(self, points: Any) -> "Config":
        """Return a copy with these samples; if none of them is held out, the share `data.held_out` is."""
        changed = self.replace("data.points", points)
        data, given = changed.data, changed.data.points
        if given is None or given.held_out.any():
            return changed
        return changed.replace("data.points", given.with_share_held_out(data.held_out, data.seed))

    def _fitted(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Fit a list of activations to a changed number of layers."""
        names, hidden = self.network.activation, as_python(changes.get("network.hidden"))
        hidden = [hidden] if isinstance(hidden, int) else hidden
        if isinstance(names, str) or not isinstance(hidden, list | tuple):
            return {}
        return {"network.activation": (*names, *names[-1:] * len(hidden))[: len(hidden)] or names[0]}

    def drawn_here(self) -> "Config":
        """Return a copy for a new run: its first weights, unless loaded, are drawn as PyTorch draws them here."""
        return dataclasses.replace(self, network=dataclasses.replace(self.network, rounding=rounding_here()))

    @property
    def format(self) -> int:
        """The lowest file format that has all of its fields (`core.config.setting`)."""
        return format_of(self.data, self.network, self.training)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Return nested plain values, ready for JSON, without first weights.

        Points, and fields that earlier formats do not know, are included only if they differ from the default.
        """
        plain = {name: values_to_write(getattr(self, name)) for name in sections.SECTIONS}
        plain["network"].pop("first_weights", None)  # up to five million numbers: they are a network, not its settings
        points = plain["data"].pop("points")
        if points is not None:
            plain["data"]["points"] = points.to_dict()
        return plain

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=2)

    @classmethod
    def from_dict(cls, values: object) -> "Config":
        """Build a configuration from nested values; raise `ConfigError` for an unknown name or invalid value.

        Omitted values are what they mean in files and lines of settings: rounded once.
        """
        if not isinstance(values, dict):
            words = _("a JSON object with {names} is expected")
            raise ConfigError("config", words.format(names=", ".join(sections.SECTIONS)))
        for name in values:
            if name not in sections.SECTIONS:
                raise sections.no_such_setting(name)
        parts: dict[str, Any] = {name: sections.SECTIONS[name].from_dict(part) for name, part in values.items()}
        return cls(**{"network": sections.NetworkConfig(), **parts})

    @classmethod
    def from_json(cls, text: str) -> "Config":
        """Build a configuration from JSON text; raise `ConfigError` if it is not valid."""
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
            raise ConfigError("config", _("not valid JSON: {error}").format(error=error)) from None
        return cls.from_dict(values)


DRAWING = frozenset(f"data.{name}" for name in ("target", "formula", "sample_count", "x_min", "x_max", "noise"))
_HOW_DRAWN = ("hidden", "initialization", "weight_scale", "seed", "drawn_before", "rounding")
_REDRAWING = {f"network.{name}" for name in _HOW_DRAWN}  # a change of one draws the first weights again


def _without_effect(config: Config, path: str) -> str:
    """Return the message why a named setting's {value} has no effect; "" if it has one."""
    name, optimizer = path.partition(".")[2], config.training.optimizer
    if path in DRAWING and config.data.points is not None:
        return _("{value} has no effect on samples of your own")
    if path == "data.formula" and config.data.target != targets.FORMULA:
        return _without_effect_in(f'target="{config.data.target}"', f'target="{targets.FORMULA}"')
    if path == "training.patience" and config.training.patience and not (config.data.held_out or config.data.holds_out):
        return _("{value} has no effect where no samples are held out: held_out=0.3 holds some")
    takers = [f'optimizer="{taker}"' for taker, record in OPTIMIZERS.items() if name in record.fields]
    if takers and name not in OPTIMIZERS[optimizer].fields:
        return _without_effect_in(f'optimizer="{optimizer}"', _(" or ").join(takers))
    return ""


def _without_effect_in(chosen: str, takers: str) -> str:
    return _("{{value}} has no effect with {chosen}: {takers} takes it").format(chosen=chosen, takers=takers)


IN_FILES = Config.from_dict({})  # what a file or a line means by what it does not say


def changed_paths(before: Config, after: Config) -> Iterator[str]:
    """Yield the dotted path of every field in which two configurations differ."""
    for section in sections.SECTIONS:
        was, now = getattr(before, section), getattr(after, section)
        if was is not now:
            for field in dataclasses.fields(was):
                if getattr(was, field.name) != getattr(now, field.name):
                    yield f"{section}.{field.name}"


def needs_reset(before: Config, after: Config) -> bool:
    """Return whether a change from one configuration to the other needs new data or a new network."""
    return any(sections.SETTINGS[path].effect == "reset" for path in changed_paths(before, after))
