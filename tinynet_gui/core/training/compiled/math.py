"""Activations and losses, sixteen values at a time.

The codes are the positions of the names in the registries, so that a new entry there is noticed here:
a test asks for every one of them.
"""

# ruff: noqa: PLR0912    (one branch for each activation)

import numpy as np

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.network.activations import LEAKY_SLOPE
from tinynet_gui.core.training.compiled.compile import compiled, inlined
from tinynet_gui.core.training.compiled.vector import (
    LANES,
    Vector,
    load,
    magnitude,
    muladd,
    nearest,
    power_of_two,
    relu,
    splat,
    store,
    where_less,
    where_positive,
)

RELU, LEAKY_RELU, TANH, SIGMOID, SILU, GELU, IDENTITY = range(7)
ACTIVATION_CODES = {
    "relu": RELU,
    "leaky_relu": LEAKY_RELU,
    "tanh": TANH,
    "sigmoid": SIGMOID,
    "silu": SILU,
    "gelu": GELU,
    "identity": IDENTITY,
}

MSE, L1, HUBER = range(3)
LOSS_CODES = {"mse": MSE, "l1": L1, "huber": HUBER}

_f = np.float32
_LEAKY = _f(LEAKY_SLOPE)


@inlined
def exponential(u: Vector) -> Vector:
    """Return eᵘ, from −87 to 88 to 2 units in the last place; below it is 0, above e⁸⁸ and from 88.7 on infinite.

    2ⁿ·eʳ with n = round(u / ln 2); the polynomial for eʳ is that of S. Moshier's Cephes, expf.c.
    """
    inside = where_less(splat(88.0), u, splat(88.0), where_less(u, splat(-87.0), splat(-87.0), u))
    n = nearest(inside * splat(1.4426950408889634))
    r = muladd(n, splat(-0.693359375), inside)
    r = muladd(n, splat(2.12194440e-4), r)
    p = muladd(splat(1.9875691500e-4), r, splat(1.3981999507e-3))
    p = muladd(p, r, splat(8.3334519073e-3))
    p = muladd(p, r, splat(4.1665795894e-2))
    p = muladd(p, r, splat(1.6666665459e-1))
    p = muladd(p, r, splat(5.0000001201e-1))
    value = muladd(p, r * r, r + splat(1.0)) * power_of_two(n)
    value = where_less(u, splat(-87.0), splat(0.0), value)
    return where_less(splat(88.7), u, splat(np.inf), value)


@inlined
def sigmoid(u: Vector) -> Vector:
    """Return 1 / (1 + e⁻ᵘ)."""
    return splat(1.0) / (splat(1.0) + exponential(splat(0.0) - u))


@inlined
def tanh(u: Vector) -> Vector:
    """Return tanh u to a few units in the last place: the rational function of Eigen's ptanh_float."""
    limit = splat(7.90531110763549805)
    x = where_less(limit, u, limit, u)
    x = where_less(x, splat(-7.90531110763549805), splat(-7.90531110763549805), x)
    s = x * x
    p = muladd(s, splat(-2.76076847742355e-16), splat(2.00018790482477e-13))
    p = muladd(s, p, splat(-8.60467152213735e-11))
    p = muladd(s, p, splat(5.12229709037114e-08))
    p = muladd(s, p, splat(1.48572235717979e-05))
    p = muladd(s, p, splat(6.37261928875436e-04))
    p = muladd(s, p, splat(4.89352455891786e-03))
    q = muladd(s, splat(1.19825839466702e-06), splat(1.18534705686654e-04))
    q = muladd(s, q, splat(2.26843463243900e-03))
    q = muladd(s, q, splat(4.89352518554385e-03))
    # beyond 9, float32's tanh is 1, and 1 − h² must be 0
    h = where_less(splat(9.0), u, splat(1.0), x * p / q)
    return where_less(u, splat(-9.0), splat(-1.0), h)


@inlined
def normal_cdf(u: Vector) -> Vector:
    """Return Φ(u) = ½·erfc(−u / √2) to a few units in the last place, also where it is small.

    erfc is the Chebyshev fit of Press et al., Numerical Recipes, section 6.2.
    """
    x = magnitude(u) * splat(0.7071067811865476)
    t = splat(1.0) / muladd(splat(0.5), x, splat(1.0))
    p = muladd(t, splat(0.17087277), splat(-0.82215223))
    p = muladd(t, p, splat(1.48851587))
    p = muladd(t, p, splat(-1.13520398))
    p = muladd(t, p, splat(0.27886807))
    p = muladd(t, p, splat(-0.18628806))
    p = muladd(t, p, splat(0.09678418))
    p = muladd(t, p, splat(0.37409196))
    p = muladd(t, p, splat(1.00002368))
    p = muladd(t, p, splat(-1.26551223))
    tail = splat(0.5) * t * exponential(p - x * x)
    return where_less(u, splat(0.0), tail, splat(1.0) - tail)


@compiled
def activate(activation: int, values: Array, slopes: Array, start: int, stop: int) -> None:
    """Replace pre-activations u by activations h in place, and write dh/du beside them.

    Parameters
    ----------
    activation
        One of `ACTIVATION_CODES`.
    values, slopes
        float32, flat; elements start to stop, a multiple of 16 of them.
    """
    one, zero = splat(1.0), splat(0.0)
    if activation == RELU:
        for i in range(start, stop, LANES):
            u = load(values, i)
            store(values, i, relu(u))
            store(slopes, i, where_positive(u, one, zero))
    elif activation == LEAKY_RELU:
        for i in range(start, stop, LANES):
            u = load(values, i)
            store(values, i, where_positive(u, u, u * splat(_LEAKY)))
            store(slopes, i, where_positive(u, one, splat(_LEAKY)))
    elif activation == TANH:
        for i in range(start, stop, LANES):
            h = tanh(load(values, i))
            store(values, i, h)
            store(slopes, i, one - h * h)
    elif activation == SIGMOID:
        for i in range(start, stop, LANES):
            h = sigmoid(load(values, i))
            store(values, i, h)
            store(slopes, i, h * (one - h))
    elif activation == SILU:
        for i in range(start, stop, LANES):
            u = load(values, i)
            s = sigmoid(u)
            store(values, i, u * s)
            store(slopes, i, s * muladd(u, one - s, one))
    elif activation == GELU:
        for i in range(start, stop, LANES):
            u = load(values, i)
            cdf = normal_cdf(u)
            pdf = exponential(splat(-0.5) * u * u) * splat(0.3989422804014327)
            store(values, i, u * cdf)
            store(slopes, i, muladd(u, pdf, cdf))
    else:
        for i in range(start, stop, LANES):
            store(slopes, i, one)


@inlined
def loss_of(loss: int, error: Vector) -> Vector:
    """Return the loss of each sample from its error ŷ − y; `loss` is one of `LOSS_CODES`."""
    if loss == MSE:
        return error * error
    size = magnitude(error)
    if loss == L1:
        return size
    return where_less(size, splat(1.0), splat(0.5) * error * error, size - splat(0.5))


@inlined
def loss_slope(loss: int, error: Vector) -> Vector:
    """Return the derivative of `loss_of` by the error."""
    if loss == MSE:
        return error + error
    sign = where_positive(error, splat(1.0), where_less(error, splat(0.0), splat(-1.0), splat(0.0)))
    if loss == L1:
        return sign
    return where_less(magnitude(error), splat(1.0), error, sign)
