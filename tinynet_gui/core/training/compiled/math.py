"""Elementary functions of sixteen values at a time, and functions made of them."""

from typing import Any

import numpy as np

from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.training.compiled import vector
from tinynet_gui.core.training.compiled.arguments import COMPILED, ELEMENTARY, LANES, substitute_calls
from tinynet_gui.core.training.compiled.compile import by_code, compiled, inlined, spliced
from tinynet_gui.core.training.compiled.vector import Vector, magnitude, muladd, splat, where_less


@inlined
def exponential(u: Vector) -> Vector:
    """Return eᵘ to 2 units in the last place from −87 to 88; 0 below, infinite from 88.7 on.

    2ⁿ·eʳ with n = round(u / ln 2); the polynomial for eʳ is that of S. Moshier's Cephes, expf.c.
    """
    inside = where_less(splat(88.0), u, splat(88.0), where_less(u, splat(-87.0), splat(-87.0), u))
    n = vector.nearest(inside * splat(1.4426950408889634))
    r = muladd(n, splat(-0.693359375), inside)
    r = muladd(n, splat(2.12194440e-4), r)
    p = muladd(splat(1.9875691500e-4), r, splat(1.3981999507e-3))
    p = muladd(p, r, splat(8.3334519073e-3))
    p = muladd(p, r, splat(4.1665795894e-2))
    p = muladd(p, r, splat(1.6666665459e-1))
    p = muladd(p, r, splat(5.0000001201e-1))
    value = muladd(p, r * r, r + splat(1.0)) * vector.power_of_two(n)
    value = where_less(u, splat(-87.0), splat(0.0), value)
    return where_less(splat(88.7), u, splat(np.inf), value)


@inlined
def log1p(u: Vector) -> Vector:
    """Return ln(1 + u) to 3 units in the last place; −∞ at −1, NaN below.

    n·ln 2 + ln(1 + f) with 1 + u = 2ⁿ·(1 + f) and 1 + f from √½ to √2; the polynomial is that of Cephes, logf.c.
    """
    half = muladd(splat(0.5), u, splat(0.5))  # (1 + u) / 2, whose power of two cannot overflow
    n = vector.exponent(half)
    m = half * vector.power_of_two(splat(0.0) - n)
    n = where_less(splat(1.41421356), m, n + splat(2.0), n + splat(1.0))
    m = where_less(splat(1.41421356), m, splat(0.5) * m, m)
    f = where_less(magnitude(n), splat(0.5), u, m - splat(1.0))
    p = muladd(splat(7.0376836292e-2), f, splat(-1.1514610310e-1))
    p = muladd(p, f, splat(1.1676998740e-1))
    p = muladd(p, f, splat(-1.2420140846e-1))
    p = muladd(p, f, splat(1.4249322787e-1))
    p = muladd(p, f, splat(-1.6668057665e-1))
    p = muladd(p, f, splat(2.0000714765e-1))
    p = muladd(p, f, splat(-2.4999993993e-1))
    p = muladd(p, f, splat(3.3333331174e-1))
    rest = muladd(p * f, f * f, muladd(n, splat(-2.12194440e-4), splat(-0.5) * f * f))
    value = muladd(n, splat(0.693359375), f + rest)
    outside = where_less(u, splat(-1.0), splat(np.nan), splat(-np.inf))
    return where_less(u, splat(np.inf), where_less(splat(-1.0), u, value, outside), u)


@inlined
def _by_quarters(turns: Vector, even: Vector, odd: Vector) -> Vector:
    """Select even, odd, −even or −odd by the number of quarter turns, −2 to 2: sin(r + n·π/2) from sin r and cos r."""
    size = magnitude(turns)
    is_even = magnitude(size - splat(1.0))
    return where_less(is_even, splat(0.5), odd * turns, even * (splat(1.0) - size))


@inlined
def _angle(u: Vector) -> Vector:
    """Reduce u to −π/4 to π/4, clamped for large u, where neighbouring float32 are whole turns apart."""
    r, limit = vector.within_quarter(u), splat(0.7853981633974483)
    r = where_less(limit, r, limit, r)
    return where_less(r, splat(0.0) - limit, splat(0.0) - limit, r)


@inlined
def _sine_near_0(r: Vector) -> Vector:
    """Return sin r from −π/4 to π/4: the polynomial of Cephes, sinf.c."""
    s = r * r
    p = muladd(splat(-1.9515295891e-4), s, splat(8.3321608736e-3))
    p = muladd(p, s, splat(-1.6666654611e-1))
    return muladd(p * s, r, r)


@inlined
def _cosine_near_0(r: Vector) -> Vector:
    """Return cos r from −π/4 to π/4: the polynomial of Cephes, sinf.c."""
    s = r * r
    p = muladd(splat(2.443315711809948e-5), s, splat(-1.388731625493765e-3))
    p = muladd(p, s, splat(4.166664568298827e-2))
    return muladd(p * s, s, muladd(splat(-0.5), s, splat(1.0)))


@inlined
def sine(u: Vector) -> Vector:
    """Return sin u to 2·10⁻⁷ for |u| up to 10⁹; beyond, where float32 lie turns apart, a number from −1 to 1."""
    r = _angle(u)
    return _by_quarters(vector.quarter_turns(u), _sine_near_0(r), _cosine_near_0(r))


@inlined
def cosine(u: Vector) -> Vector:
    """Return cos u, with the accuracy of `sine`."""
    r = _angle(u)
    return _by_quarters(vector.quarter_turns(u), _cosine_near_0(r), splat(0.0) - _sine_near_0(r))


@inlined
def sigmoid(u: Vector) -> Vector:
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


@inlined
def normal_pdf(u: Vector) -> Vector:
    return exponential(splat(-0.5) * u * u) * splat(0.3989422804014327)


_NAMES = vars(vector) | globals()
_ON_VECTORS: dict[Any, Any] = {f: _NAMES[f.__name__] for f in ELEMENTARY if f.__name__ in _NAMES}


def on_vectors(function: Any) -> Any:
    """Compile a function of `core.choices.elementary`, + − · / and numbers for vectors, inlined into its callers.

    Same code, with our vector functions substituted in it and, recursively, in the functions it calls.
    """
    return substitute_calls(function, _ON_VECTORS, spliced)


_ACTIVATE = """
for i in range(start, stop, LANES):
    u = load(values, i)
    store(values, i, function(u))
    store(slopes, i, derivative(u))
return
"""

# Replaces pre-activations u by activations h in place, and writes dh/du beside them: in values and slopes, float32,
# flat, elements start to stop, a multiple of 16 of them.
activate: Any = compiled(
    by_code(
        "activate(code, values, slopes, start, stop)",
        _ACTIVATE,
        [
            {"function": on_vectors(activation.function), "derivative": on_vectors(activation.derivative)}
            for activation in map(ACTIVATIONS.__getitem__, COMPILED)
        ],
        {"LANES": LANES, "load": vector.load, "store": vector.store},
    )
)


def _by_loss(facet: str) -> Any:
    functions = [{facet: on_vectors(getattr(loss, facet))} for loss in LOSSES.values()]
    return inlined(by_code("by_loss(code, error)", f"return {facet}(error)", functions))


loss_of = _by_loss("function")  # of each sample, from its error ŷ − y
loss_slope = _by_loss("derivative")  # by the error
