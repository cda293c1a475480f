"""The functions that activations, losses and updates are made of.

Here they work on arrays of float32, or of float64 on request; `core.training.compiled.math` has each for sixteen
values at a time. So a formula made of these, + − · / and numbers is written once: views call it directly, and the
compiled loop compiles it.
"""

import math
from typing import Any

import numpy as np

from tinynet_gui.core.values import AnyFloats

Values = AnyFloats | float

_erfc = np.frompyfunc(math.erfc, 1, 1)
ERFC_FIT = (
    *(0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807),
    *(-0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223),
)


def relu(u: AnyFloats) -> AnyFloats:
    """Return max(u, 0); NaN stays NaN."""
    return np.maximum(u, 0.0)


def where_positive(u: AnyFloats, a: Values, b: Values) -> AnyFloats:
    """Return a where u > 0, else b."""
    return np.where(u > 0, np.asarray(a, u.dtype), np.asarray(b, u.dtype))


def where_less(p: Values, q: Values, a: Values, b: Values) -> AnyFloats:
    """Return a where p < q, else b."""
    dtype = np.result_type(p, q)
    return np.where(np.less(p, q), np.asarray(a, dtype), np.asarray(b, dtype))


def magnitude(u: AnyFloats) -> AnyFloats:
    return np.abs(u)


def sign(u: AnyFloats) -> AnyFloats:
    """Return 1 where u > 0, −1 where u < 0, else 0."""
    return where_positive(u, 1.0, where_less(u, 0.0, -1.0, 0.0))


def muladd(a: Values, b: Values, c: Values) -> Any:
    """Return a·b + c; in compiled code in one instruction where there is one."""
    return a * b + c


def root(u: AnyFloats) -> AnyFloats:
    result: AnyFloats = np.sqrt(u)
    return result


def exponential(u: AnyFloats) -> AnyFloats:
    result: AnyFloats = np.exp(u)
    return result


def log1p(u: AnyFloats) -> AnyFloats:
    """Return ln(1 + u), accurate for tiny u."""
    result: AnyFloats = np.log1p(u)
    return result


def sine(u: AnyFloats) -> AnyFloats:
    result: AnyFloats = np.sin(u)
    return result


def cosine(u: AnyFloats) -> AnyFloats:
    result: AnyFloats = np.cos(u)
    return result


def tanh(u: AnyFloats) -> AnyFloats:
    result: AnyFloats = np.tanh(u)
    return result


def sigmoid(u: AnyFloats) -> AnyFloats:
    """Return 1 / (1 + e⁻ᵘ)."""
    # without overflow: tanh saturates instead
    half: AnyFloats = 0.5 * (1.0 + np.tanh(0.5 * u))
    return half


def normal_cdf(u: AnyFloats) -> AnyFloats:
    """Return Φ(u) = ½·erfc(−u / √2), the standard normal distribution; numpy has no erfc.

    In float32 it is the Chebyshev fit of Press et al., Numerical Recipes, section 6.2, with a relative error of 1.2e-7.
    In float64, used for few numbers at a time, it is `math.erfc`.
    """
    if u.dtype == np.float64:
        return 0.5 * np.asarray(_erfc(u * -(0.5**0.5)), np.float64)
    x = np.abs(u) * 0.7071067811865476
    t = 1.0 / (1.0 + 0.5 * x)
    p: AnyFloats = np.full_like(u, ERFC_FIT[0])
    for coefficient in ERFC_FIT[1:]:
        p = p * t + coefficient
    tail = 0.5 * t * np.exp(p - x * x)
    return where_less(u, 0.0, tail, 1.0 - tail)


def normal_pdf(u: AnyFloats) -> AnyFloats:
    """Return the density of the standard normal distribution."""
    density: AnyFloats = np.exp(-0.5 * u * u) / math.sqrt(2.0 * math.pi)
    return density
