"""The functions of which activations, losses and updates are made.

Here they work on arrays of float32, or of float64 where that is asked of them. `core.training.compiled.math` has each
of them on sixteen values at a time. So a formula of these, of + − · / and of numbers stands once, in its record, and
is both: the views call it as it is, and the compiled loop has it compiled.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
Values = Array | float


def relu(u: Array) -> Array:
    """Return max(u, 0); NaN stays NaN."""
    return np.maximum(u, 0.0)


def where_positive(u: Array, a: Values, b: Values) -> Array:
    """Return a where u > 0, else b."""
    return np.where(u > 0, np.asarray(a, u.dtype), np.asarray(b, u.dtype))


def where_less(p: Values, q: Values, a: Values, b: Values) -> Array:
    """Return a where p < q, else b."""
    dtype = np.result_type(p, q)
    return np.where(np.less(p, q), np.asarray(a, dtype), np.asarray(b, dtype))


def magnitude(u: Array) -> Array:
    """Return |u|."""
    return np.abs(u)


def sign(u: Array) -> Array:
    """Return 1 where u > 0, −1 where u < 0, else 0."""
    return where_positive(u, 1.0, where_less(u, 0.0, -1.0, 0.0))


def muladd(a: Values, b: Values, c: Values) -> Any:
    """Return a·b + c; in compiled code in one instruction where there is one."""
    return a * b + c


def root(u: Array) -> Array:
    """Return √u."""
    result: Array = np.sqrt(u)
    return result


def exponential(u: Array) -> Array:
    """Return eᵘ."""
    result: Array = np.exp(u)
    return result


def tanh(u: Array) -> Array:
    """Return tanh u."""
    result: Array = np.tanh(u)
    return result


def sigmoid(u: Array) -> Array:
    """Return 1 / (1 + e⁻ᵘ)."""
    # without overflow: tanh saturates instead
    half: Array = 0.5 * (1.0 + np.tanh(0.5 * u))
    return half


def normal_cdf(u: Array) -> Array:
    """Return Φ(u), the standard normal distribution."""
    import torch  # numpy has no erf, and torch's is the reference

    erf = torch.erf(torch.from_numpy(u / np.float32(np.sqrt(2.0)))).numpy()
    cdf: Array = np.float32(0.5) * (1.0 + erf)
    return cdf


def normal_pdf(u: Array) -> Array:
    """Return the density of the standard normal distribution."""
    density: Array = np.exp(-0.5 * u * u) / np.float32(np.sqrt(2.0 * np.pi))
    return density
