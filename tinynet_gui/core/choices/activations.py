"""The activations, by name. To add one, add its record here.

Configuration files store the name; the user reads the label. Nothing here imports torch or numba, so that the window
can list the choices before either is loaded: torch's class is given by name.
"""

from collections.abc import Callable

import numpy as np

from tinynet_gui.core.choices.elementary import (
    ERFC_FIT,
    cosine,
    exponential,
    log1p,
    magnitude,
    muladd,
    normal_cdf,
    normal_pdf,
    relu,
    sigmoid,
    sine,
    tanh,
    where_less,
    where_positive,
)
from tinynet_gui.core.text.language import N_, translated
from tinynet_gui.core.values import AnyFloats, frozen_dataclass

ActivationNames = str | tuple[str, ...]  # of all hidden layers, or of each


@translated("label")
@frozen_dataclass
class Activation:
    """A function applied to each neuron's pre-activation u.

    Attributes
    ----------
    torch_module
        The class in torch.nn, or the one defined by `torch_code`.
    symbol, latex
        Its name in formulas, and in LaTeX; "" for the identity.
    function, derivative, second_derivative
        h, ∂h/∂u and ∂²h/∂u², of functions of `core.choices.elementary`, + − · / and numbers alone: they map an array of
        float32 or float64 to one of the same shape; the first two are compiled into the training loop.
    javascript
        h and ∂h/∂u in a web page, what follows ``(u) =>``: an expression of u, or statements in braces.
    slopes
        Its slopes below and above 0, if it is piecewise linear with its only kink at u = 0 and h = 0 there; else None.
    is_odd
        Whether h(−u) = −h(u), to the bit.
    torch_code
        Lines of Python that define its class, if torch.nn has none.
    by_hand
        h and ∂h/∂u in exported code: expressions of a tensor u, with Python's own operators and `torch`.
    since
        The file format that introduced it (`core.config.setting`).
    """

    label: str
    torch_module: str
    symbol: str
    latex: str
    formula: str
    function: Callable[[AnyFloats], AnyFloats]
    derivative: Callable[[AnyFloats], AnyFloats]
    second_derivative: Callable[[AnyFloats], AnyFloats]
    javascript: tuple[str, str]
    slopes: tuple[float, float] | None = None
    is_odd: bool = False
    torch_code: str = ""
    by_hand: tuple[str, str] = ("", "")
    since: int = 6

    @property
    def torch_call(self) -> str:
        return f"{self.torch_module}()" if self.torch_code else f"nn.{self.torch_module}()"

    @property
    def is_homogeneous(self) -> bool:
        """Whether h(s·u) = s·h(u) for every s > 0."""
        return self.slopes is not None

    @property
    def has_kink(self) -> bool:
        """Whether it bends at u = 0, between two straight pieces."""
        return self.slopes is not None and self.slopes[0] != self.slopes[1]

    @property
    def has_bend(self) -> bool:
        """Whether its second derivative, and no lower one, jumps at u = 0."""
        below, above = self.second_derivative(np.array([-1e-9, 1e-9]))
        return bool(abs(above - below) > 1e-6)

    @property
    def switches_off(self) -> bool:
        """Whether it is 0 with slope 0 for every u ≤ 0, so that a neuron can be off, and dead if it always is."""
        return self.slopes is not None and self.slopes[0] == 0

    @property
    def is_relu(self) -> bool:
        return self.slopes == (0, 1)


LEAKY_SLOPE = 0.01  # torch.nn.LeakyReLU's default


def _tanh_slope(u: AnyFloats) -> AnyFloats:
    h = tanh(u)
    return 1.0 - h * h


def _tanh_bend(u: AnyFloats) -> AnyFloats:
    h = tanh(u)
    return -2.0 * h * (1.0 - h * h)


def _sigmoid_slope(u: AnyFloats) -> AnyFloats:
    h = sigmoid(u)
    return h * (1.0 - h)


def _sigmoid_bend(u: AnyFloats) -> AnyFloats:
    h = sigmoid(u)
    bend: AnyFloats = h * (1.0 - h) * (1.0 - 2.0 * h)
    return bend


def _silu_slope(u: AnyFloats) -> AnyFloats:
    s = sigmoid(u)
    slope: AnyFloats = s * muladd(u, 1.0 - s, 1.0)
    return slope


def _silu_bend(u: AnyFloats) -> AnyFloats:
    s = sigmoid(u)
    bend: AnyFloats = s * (1.0 - s) * muladd(u, 1.0 - 2.0 * s, 2.0)
    return bend


def _softplus(u: AnyFloats) -> AnyFloats:
    # torch's threshold, beyond which it is u itself, changes no float32
    return relu(u) + log1p(exponential(0.0 - magnitude(u)))


def _elu(u: AnyFloats) -> AnyFloats:
    # e⁻ᵛ − 1 = −2t / (1 + t) with t = tanh(v/2), exact also where v is small
    t = tanh(0.5 * relu(0.0 - u))
    return where_positive(u, u, -2.0 * t / (1.0 + t))


def _elu_slope(u: AnyFloats) -> AnyFloats:
    return exponential(0.0 - relu(0.0 - u))


_SINE_MODULE = '''\
class Sine(nn.Module):
    """The sine of each number: torch.nn has no module for it."""

    def forward(self, u):
        return torch.sin(u)'''
_SIGMOID_SCRIPT = "(0.5 + 0.5 * Math.tanh(0.5 * u))"
_NORMAL_CDF_SCRIPT = f"""
  const x = Math.abs(u) * Math.SQRT1_2;
  const t = 1 / (1 + 0.5 * x);
  const tail = 0.5 * t * Math.exp({[*ERFC_FIT]}.reduce((sum, factor) => sum * t + factor) - x * x);
  const below = u < 0 ? tail : 1 - tail;"""


def _zero(u: AnyFloats) -> AnyFloats:
    return where_positive(u, 0.0, 0.0)


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(
        "ReLU",
        "ReLU",
        "ReLU",
        r"\operatorname{ReLU}",
        "h = max(u, 0)",
        relu,
        lambda u: where_positive(u, 1.0, 0.0),
        _zero,
        ("Math.max(u, 0)", "u > 0 ? 1 : 0"),
        slopes=(0, 1),
        by_hand=("torch.where(u > 0, u, 0.0)", "torch.where(u > 0, 1.0, 0.0)"),
    ),
    "leaky_relu": Activation(
        "leaky ReLU",
        "LeakyReLU",
        "LeakyReLU",
        r"\operatorname{LeakyReLU}",
        f"h = max(u, {LEAKY_SLOPE}·u)",
        lambda u: where_positive(u, u, LEAKY_SLOPE * u),
        lambda u: where_positive(u, 1.0, LEAKY_SLOPE),
        _zero,
        (f"Math.max(u, {LEAKY_SLOPE} * u)", f"u > 0 ? 1 : {LEAKY_SLOPE}"),
        slopes=(LEAKY_SLOPE, 1),
        by_hand=(f"torch.where(u > 0, u, {LEAKY_SLOPE} * u)", f"torch.where(u > 0, 1.0, {LEAKY_SLOPE})"),
    ),
    "tanh": Activation(
        "tanh",
        "Tanh",
        "tanh",
        r"\tanh",
        "h = tanh(u)",
        tanh,
        _tanh_slope,
        _tanh_bend,
        ("Math.tanh(u)", "1 - Math.tanh(u) ** 2"),
        is_odd=True,
        by_hand=("torch.tanh(u)", "1 - torch.tanh(u) ** 2"),
    ),
    "sigmoid": Activation(
        N_("sigmoid"),
        "Sigmoid",
        "σ",
        r"\sigma",
        "h = 1 / (1 + e⁻ᵘ)",
        sigmoid,
        _sigmoid_slope,
        _sigmoid_bend,
        (_SIGMOID_SCRIPT, f"{_SIGMOID_SCRIPT} * (1 - {_SIGMOID_SCRIPT})"),
        by_hand=("torch.sigmoid(u)", "torch.sigmoid(u) * (1 - torch.sigmoid(u))"),
    ),
    "silu": Activation(
        "SiLU",
        "SiLU",
        "SiLU",
        r"\operatorname{SiLU}",
        "h = u·σ(u)",
        lambda u: u * sigmoid(u),
        _silu_slope,
        _silu_bend,
        (f"u * {_SIGMOID_SCRIPT}", f"{_SIGMOID_SCRIPT} * (1 + u * (1 - {_SIGMOID_SCRIPT}))"),
        by_hand=("u * torch.sigmoid(u)", "torch.sigmoid(u) * (1 + u * (1 - torch.sigmoid(u)))"),
    ),
    "gelu": Activation(
        "GELU",
        "GELU",
        "GELU",
        r"\operatorname{GELU}",
        "h = u·Φ(u)",
        lambda u: u * normal_cdf(u),
        lambda u: muladd(u, normal_pdf(u), normal_cdf(u)),
        lambda u: normal_pdf(u) * (2.0 - u * u),
        (
            f"{{{_NORMAL_CDF_SCRIPT}\n  return u * below;\n}}",
            f"{{{_NORMAL_CDF_SCRIPT}\n  return below + u * Math.exp(-x * x) / Math.sqrt(2 * Math.PI);\n}}",
        ),
        by_hand=(
            "u * (1 + torch.erf(u / 2**0.5)) / 2",
            "(1 + torch.erf(u / 2**0.5)) / 2 + u * torch.exp(-(u**2) / 2) / (2 * torch.pi) ** 0.5",
        ),
    ),
    "softplus": Activation(
        "softplus",
        "Softplus",
        "softplus",
        r"\operatorname{softplus}",
        "h = ln(1 + eᵘ)",
        _softplus,
        sigmoid,
        _sigmoid_slope,
        ("Math.max(u, 0) + Math.log1p(Math.exp(-Math.abs(u)))", _SIGMOID_SCRIPT),
        by_hand=("torch.where(u > 0, u, 0.0) + torch.log1p(torch.exp(-torch.abs(u)))", "torch.sigmoid(u)"),
    ),
    "elu": Activation(
        "ELU",
        "ELU",
        "ELU",
        r"\operatorname{ELU}",
        "h = max(u, 0) + min(eᵘ − 1, 0)",
        _elu,
        _elu_slope,
        lambda u: where_less(u, 0.0, _elu_slope(u), 0.0),  # at 0, where it jumps, torch's
        ("u > 0 ? u : Math.expm1(u)", "u > 0 ? 1 : Math.exp(u)"),
        by_hand=("torch.where(u > 0, u, torch.expm1(u))", "torch.where(u > 0, 1.0, torch.exp(u))"),
    ),
    "sine": Activation(
        N_("sine"),
        "Sine",
        "sin",
        r"\sin",
        "h = sin(u)",
        sine,
        cosine,
        lambda u: 0.0 - sine(u),
        ("Math.sin(u)", "Math.cos(u)"),
        by_hand=("torch.sin(u)", "torch.cos(u)"),
        is_odd=True,
        torch_code=_SINE_MODULE,
    ),
    "identity": Activation(
        N_("identity"),
        "Identity",
        "",
        "",
        "h = u",
        lambda u: 1.0 * u,  # a new array
        lambda u: where_positive(u, 1.0, 1.0),
        _zero,
        ("u", "1"),
        slopes=(1, 1),
        is_odd=True,
        by_hand=("u", "torch.ones_like(u)"),
    ),
}


def names_by_layer(names: ActivationNames, layers: int) -> tuple[str, ...]:
    """Return one name per hidden layer, given one for all of them or one for each."""
    return (names,) * layers if isinstance(names, str) else names


def activations_of(names: ActivationNames, layers: int) -> tuple[Activation, ...]:
    """Return the activation of each hidden layer, given one name for all of them or one for each."""
    return tuple(ACTIVATIONS[name] for name in names_by_layer(names, layers))
