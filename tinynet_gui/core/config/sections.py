"""The three sections of a configuration (data, network, training) and all of their settings.

Each field declares in its `Setting` its name, its allowed values and whether it acts *live*, on the next step of a
running training, or by *reset*, with new data or a new network.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar, Self, cast

import numpy as np

from tinynet_gui.core.choices import activations, loops, losses, optimizers
from tinynet_gui.core.choices.activations import ACTIVATIONS, Activation, ActivationNames, names_by_layer
from tinynet_gui.core.choices.schedules import CONSTANT, SCHEDULES
from tinynet_gui.core.config import setting
from tinynet_gui.core.config.setting import FIRST_FORMAT, MAX_DRAWN_BEFORE, MAX_SEED, ConfigError, Effect, Setting
from tinynet_gui.core.config.targets import FORMULA, TARGETS
from tinynet_gui.core.data.formula import FormulaError, check_length, parse_formula
from tinynet_gui.core.data.points import STANDARDISE, Points, PointsError, draw_inputs
from tinynet_gui.core.network.initializations import INITIALIZATIONS, ROUNDINGS, FirstWeights, Rounding
from tinynet_gui.core.text.language import N_, NC_, gettext as _, ngettext, with_signs
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import encodable, shortened, written
from tinynet_gui.core.values import as_python, frozen_dataclass


def _setting(
    default: Any, label: str, effect: Effect, bounds: tuple[float, ...] = (), since: int = FIRST_FORMAT, **others: Any
) -> Any:
    declared = Setting(label, effect, bounds, is_whole=type(default) is int, **others)
    return dataclasses.field(default=default, metadata={"setting": declared, "since": since})


class ChangesShown:
    """A dataclass whose repr shows only the fields that differ from their defaults."""

    def __repr__(self) -> str:
        values = {f.name: (getattr(self, f.name), f.default) for f in dataclasses.fields(cast(Any, self))}
        changed = (f"{name}={value!r}" for name, (value, default) in values.items() if value != default)
        return f"{type(self).__name__}({', '.join(changed)})"


@frozen_dataclass(repr=False)
class _Section(ChangesShown):
    """Common to the three sections: validation on construction, and conversion to plain dicts and back."""

    name: ClassVar[str]

    def __post_init__(self) -> None:
        for f in dataclasses.fields(self):
            path, value = f"{self.name}.{f.name}", as_python(getattr(self, f.name))
            declared: Setting = f.metadata["setting"]
            declared.check(path, value)
            object.__setattr__(self, f.name, _coerced(path, f.type, value))

    @classmethod
    def from_dict(cls, values: object) -> Self:
        if not isinstance(values, dict):
            raise ConfigError(cls.name, _("{value} is not an object with named fields").format(value=written(values)))
        for name in values:
            parts_of(f"{cls.name}.{name}")
        return cls(**values)


def _coerced(path: str, kind: Any, value: Any) -> Any:
    """Convert a JSON value to the field's type; raise `ConfigError` if that would change it."""
    if kind is float:
        return float(value)
    if kind is int:
        return setting.as_whole(path, value)
    if kind is bool and not isinstance(value, bool):
        raise ConfigError(path, _("{value} is neither true nor false").format(value=written(value)))
    if kind is str and not isinstance(value, str):
        raise ConfigError(path, _("{value} is not text").format(value=written(value)))
    if kind is str and value != encodable(value):
        raise ConfigError(path, _("{value} has half a character, which no file can hold").format(value=written(value)))
    return value


@frozen_dataclass(repr=False)
class DataConfig(_Section):
    """The samples: y = target(x) + noise, x drawn uniformly from [x_min, x_max]; or the user's points.

    `points`, if not None, are the samples, whatever the other fields say. Points without an origin are generated
    samples that were edited: the function they were made from is still their true function.
    """

    name = "data"

    target: str = _setting("square", N_("Target"), "reset", choices=TARGETS)
    formula: str = _setting("sin(3*x) + 0.3*x", N_("Formula"), "reset", short="{}")
    sample_count: int = _setting(
        20, NC_("setting", "Samples"), "reset", (1, 1_000), unit=N_("samples"), key="samples", is_logarithmic=True
    )
    x_min: float = _setting(-3.0, N_("Range from"), "reset", (-100, 100), unit="x", short=N_("x from {}"))
    x_max: float = _setting(3.0, N_("Range to"), "reset", (-100, 100), unit="x", short=N_("x to {}"))
    noise: float = _setting(0.0, N_("Noise σ"), "reset", (0, 100), unit="y", short=N_("noise {}"))
    held_out: float = _setting(0.0, N_("Held out"), "reset", (0, 0.9), unit="%", short=N_("{} held out"))
    seed: int = _setting(2, N_("Data seed"), "reset", (0, MAX_SEED), key="data_seed")
    standardise: str = _setting("none", N_("Standardise"), "reset", choices=STANDARDISE, short=N_("standardised: {}"))
    points: Points | None = _setting(None, N_("Points"), "live")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.points is not None and not isinstance(self.points, Points):
            try:
                object.__setattr__(self, "points", Points.from_dict(self.points))
            except PointsError as error:
                raise ConfigError("data.points", str(error)) from None
        if self.x_max - self.x_min < 1e-3:
            low, high = (with_signs(f"{end:g}") for end in (self.x_min, self.x_max))
            words = _("{high} is not allowed: at least {least} above {low}")
            raise ConfigError("data.x_max", words.format(high=high, least=with_signs("0.001"), low=low))
        self._check_target()

    @property
    def target_formula(self) -> str:
        """The target as a formula of x, in the language of `core.data.formula`."""
        return self.formula if self.target == FORMULA else TARGETS[self.target].formula

    @property
    def true_formula(self) -> str | None:
        """The formula that the samples were made from, or None."""
        return self.target_formula if self.points is None or not self.points.origin else None

    @property
    def holds_out(self) -> bool:
        """Whether samples are held out."""
        return bool(self.held_out) if self.points is None else bool(self.points.held_out.any())

    @property
    def x_range(self) -> tuple[float, float]:
        """The range of x that training samples are drawn from, or that of the points."""
        return (self.x_min, self.x_max) if self.points is None else self.points.x_range

    def _check_target(self) -> None:
        """The target must have a finite value wherever a sample may fall."""
        try:
            check_length(self.formula)  # also while another target is chosen: it is saved too
            function = parse_formula(self.target_formula)
        except FormulaError as error:
            raise ConfigError("data.formula", str(error)) from None
        if self.points is not None:
            return
        x = np.linspace(self.x_min, self.x_max, 1001, dtype=np.float32)
        x = np.concatenate([x, draw_inputs(self.seed, self.sample_count, self.x_min, self.x_max)[0]])
        y = function(x)
        bad = ~np.isfinite(y)
        if bad.any():
            words = _("the formula “{formula}” has no finite value at x = {x}; it needs one on all of [{low}, {high}]")
            at, low, high = (with_signs(text) for text in (f"{x[bad][0]:.3g}", f"{self.x_min:g}", f"{self.x_max:g}"))
            raise ConfigError("data.formula", words.format(formula=self.target_formula, x=at, low=low, high=high))


@frozen_dataclass(repr=False)
class NetworkConfig(_Section):
    """The network: Linear and activation for each hidden width, then Linear to one output.

    `drawn_before` is the count of random numbers drawn from its seed before the network's: one for each weight and bias
    of the networks made before it, as in a notebook that runs from top to bottom. All drawn numbers are then multiplied
    by `weight_scale`, in float32. With `first_weights` nothing is drawn: training starts from them.

    `activation` is one name for all hidden layers, or a name for each of them where they differ.

    `rounding` is that of the PyTorch that draws the numbers. Its default is what a file or a line without it means;
    `Config()` has that of PyTorch here.
    """

    name = "network"

    hidden: tuple[int, ...] = _setting((10,), N_("Neurons"), "reset", short="{}")
    activation: ActivationNames = _setting("relu", N_("Activation"), "reset", choices=ACTIVATIONS, by_layer=True)
    initialization: str = _setting("pytorch", N_("Weights"), "reset", choices=INITIALIZATIONS, key="weights")
    weight_scale: float = _setting(
        1.0, N_("Initial scale"), "reset", (0, 100), key="scale", short=N_("scale {}"), is_logarithmic=True
    )
    seed: int = _setting(2, N_("Network seed"), "reset", (0, MAX_SEED), short=N_("seed {}"))
    drawn_before: int = _setting(
        0, N_("Drawn before"), "reset", (0, MAX_DRAWN_BEFORE), unit=N_("numbers"), short=N_("{} drawn before")
    )
    first_weights: FirstWeights | None = _setting(None, N_("First weights"), "reset", short=N_("weights of {}"))
    rounding: Rounding = _setting(
        "once", N_("First weights rounded"), "reset", choices=ROUNDINGS, short=N_("first weights rounded {}")
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.hidden, int) and not isinstance(self.hidden, bool):  # as scripts say it
            object.__setattr__(self, "hidden", (self.hidden,))
        if not isinstance(self.hidden, list | tuple):
            words = _("{value} is not a list of neurons in each layer, such as 8, 8, 8")
            raise ConfigError("network.hidden", words.format(value=written(self.hidden)))
        if len(self.hidden) > setting.MAX_HIDDEN_LAYERS:
            words = _("{count} layers are not allowed: 0 to {most}")
            raise ConfigError("network.hidden", words.format(count=len(self.hidden), most=setting.MAX_HIDDEN_LAYERS))
        object.__setattr__(self, "hidden", tuple(map(as_python, self.hidden)))
        for width in self.hidden:
            if isinstance(width, bool) or not isinstance(width, int) or not 1 <= width <= setting.MAX_WIDTH:
                shown = count_text(width) if isinstance(width, int) and abs(width) < 10**15 else written(width)
                words = _("{value} is not allowed: 1 to {most} neurons in a layer")
                raise ConfigError("network.hidden", words.format(value=shown, most=count_text(setting.MAX_WIDTH)))
        self._check_activation()
        given = self.first_weights
        if given is not None and not (isinstance(given, FirstWeights) and given.hidden == self.hidden):
            words = _("{value} are not those of its layers: {layers}")
            raise ConfigError("network.first_weights", words.format(value=written(given), layers=self.hidden))

    def _check_activation(self) -> None:
        """One name for all layers or one for each; if all are equal, it is stored as one."""
        if isinstance(self.activation, str):
            return
        names, layers = tuple(map(as_python, self.activation)), len(self.hidden)
        if len(names) != layers or not layers:
            words = ngettext(
                "{names} for {count} hidden layer is not allowed: one for all of them, or one for each",
                "{names} for {count} hidden layers is not allowed: one for all of them, or one for each",
                layers,
            )
            given = shortened(", ".join(names), 60) or _("none")
            raise ConfigError("network.activation", words.format(names=given, count=layers))
        object.__setattr__(self, "activation", names if len(set(names)) > 1 else names[0])

    @property
    def activation_names(self) -> tuple[str, ...]:
        """The name of each hidden layer's activation."""
        return names_by_layer(self.activation, len(self.hidden))

    @property
    def activations(self) -> tuple[Activation, ...]:
        return activations.activations_of(self.activation, len(self.hidden))

    @property
    def is_piecewise_linear(self) -> bool:
        """Whether its output consists of straight lines between kinks, whatever its weights."""
        return all(activation.slopes is not None for activation in self.activations)

    @property
    def is_random(self) -> bool:
        """Whether its neurons differ from each other before the first step."""
        if self.first_weights is not None:
            return True
        return INITIALIZATIONS[self.initialization].is_random and bool(np.float32(self.weight_scale))

    @property
    def needs_torch(self) -> bool:
        """Whether only torch can draw its first weights."""
        return self.first_weights is None and INITIALIZATIONS[self.initialization].needs_torch

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths of all layers with the input and the output: (1, *hidden, 1)."""
        return (1, *self.hidden, 1)

    @property
    def parameter_count(self) -> int:
        return sum(n_out * (n_in + 1) for n_in, n_out in zip(self.widths, self.widths[1:], strict=False))


@frozen_dataclass(repr=False)
class TrainingConfig(_Section):
    """Loss, optimiser, batches and the step to stop at."""

    name = "training"

    loss: str = _setting("mse", NC_("setting", "Loss"), "reset", choices=losses.LOSSES)
    loop: str = _setting(loops.TUTORIAL, N_("Loop"), "reset", since=7, choices=loops.LOOPS, short=N_("loop: {}"))
    optimizer: str = _setting("sgd", N_("Optimiser"), "reset", choices=optimizers.OPTIMIZERS)
    learning_rate: float = _setting(
        0.001, N_("Learning rate"), "live", (0, 1_000), key="lr", short=N_("lr {}"), is_logarithmic=True
    )
    schedule: str = _setting(CONSTANT, N_("Schedule"), "live", since=8, choices=SCHEDULES, short=N_("schedule: {}"))
    schedule_steps: int = _setting(
        10_000, N_("Schedule T"), "live", (1, 100_000_000), since=8, unit=N_("steps"), is_logarithmic=True
    )
    gamma: float = _setting(0.1, "γ", "live", (0, 1), since=8)
    warm_up: int = _setting(0, NC_("setting", "Warm-up"), "live", (0, 100_000_000), since=8, unit=N_("steps"))
    weight_decay: float = _setting(0.0, N_("Weight decay"), "live", (0, 100), is_logarithmic=True)
    l1: float = _setting(0.0, N_("L1 penalty"), "live", (0, 100), is_logarithmic=True)
    max_norm: float = _setting(0.0, N_("Clip norm"), "live", (0, 1_000_000), since=7, is_logarithmic=True)
    momentum: float = _setting(0.9, NC_("setting", "Momentum"), "live", (0, 0.9999))
    nesterov: bool = _setting(False, "Nesterov", "reset", choices=(False, True), short="Nesterov: {}")
    beta1: float = _setting(0.9, "β₁", "live", (0, 0.9999))
    beta2: float = _setting(0.999, "β₂", "live", (0, 0.999999))
    alpha: float = _setting(0.99, N_("Smoothing α"), "live", (0, 0.999999))
    epsilon: float = _setting(1e-8, "ε", "live", (1e-12, 1), is_logarithmic=True)
    batch_size: int = _setting(0, NC_("setting", "Batch"), "reset", (0, 1_000), unit=N_("samples a step"), key="batch")
    stop_step: int = _setting(
        10_000, N_("Stop at step"), "live", (1, 100_000_000), unit=N_("steps"), key="stop", is_logarithmic=True
    )
    patience: int = _setting(0, N_("Patience"), "live", (0, 100_000_000), since=8, unit=N_("steps"))


SECTIONS: dict[str, type[DataConfig] | type[NetworkConfig] | type[TrainingConfig]] = {
    section.name: section for section in (DataConfig, NetworkConfig, TrainingConfig)
}

SETTINGS: dict[str, Setting] = {
    f"{section.name}.{f.name}": f.metadata["setting"]
    for section in SECTIONS.values()
    for f in dataclasses.fields(section)
}
_PARTS = {path: (section, name) for path in SETTINGS for section, name in [path.split(".")]}


def full_path(name: object) -> str:
    """Return the path of a setting, given in full or, where that is unique, without its section; else `ConfigError`."""
    if isinstance(name, str) and name in SETTINGS:
        return name
    paths = [path for path in SETTINGS if isinstance(name, str) and path.partition(".")[2] == name]
    if len(paths) != 1:
        raise no_such_setting(name)
    return paths[0]


def parts_of(path: object) -> tuple[str, str]:
    """Return the section and the name of a setting, found as by `full_path`."""
    return _PARTS[full_path(path)]


def no_such_setting(path: object) -> ConfigError:
    """Return the error for an unknown path; it names the likely settings, or else all of them."""
    asked = shortened(str(path), 60)
    everything = (f"{kind.name}: {', '.join(f.name for f in dataclasses.fields(kind))}" for kind in SECTIONS.values())
    hint = did_you_mean(asked, SETTINGS) or _("known are {names}").format(names="; ".join(everything))
    # Translators: {hint} is “did you mean …?” or “known are …”.
    return ConfigError(asked, _("there is no such setting; {hint}").format(hint=hint))


OTHER_WORDS = {  # of SciPy, scikit-learn, PyTorch and Keras
    **dict.fromkeys(("maxiter", "max_iter", "n_iter", "iterations"), "training.stop_step"),
    **dict.fromkeys(("layers", "units", "width", "hidden_size", "hidden_layer_sizes"), "network.hidden"),
    **{"random_state": "network.seed", "rate": "training.learning_rate", "eps": "training.epsilon"},
}


def did_you_mean(asked: str, allowed: Iterable[str]) -> str:
    """Ask which of the allowed names, settings' paths among them, was meant; "" if none is close."""
    from difflib import get_close_matches

    words = defaultdict[str, list[str]](list)
    for known in allowed:
        setting = SETTINGS.get(known)
        for word in {*known.split("."), *((setting.key, setting.label.lower()) if setting else ())} - {""}:
            words[word].append(known)
    name = asked.rpartition(".")[2].lower()
    theirs = OTHER_WORDS.get(name, "")
    close = [theirs] if theirs in words[theirs.rpartition(".")[2]] else []
    close = close or [known for word in get_close_matches(name, words) for known in words[word]]
    return _("did you mean {names}?").format(names=_(" or ").join(dict.fromkeys(close))) if close else ""
