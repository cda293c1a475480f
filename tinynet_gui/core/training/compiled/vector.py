"""Sixteen float32 side by side, as one value in compiled code.

LLVM vectorises only loops of certain shapes. A vector type states the intent: each operation becomes one instruction on
a processor with 512-bit registers, two with 256, four with 128. Such values exist in compiled functions only.
"""

import math
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

from tinynet_gui.core.training.compiled.arguments import LANES
from tinynet_gui.core.training.compiled.compile import FAST_MATH
from tinynet_gui.core.values import Array

_FLOAT, _INT = ir.FloatType(), ir.IntType(32)
_VECTOR, _INTS = ir.VectorType(_FLOAT, LANES), ir.VectorType(_INT, LANES)
_DOUBLES = ir.VectorType(ir.DoubleType(), LANES)


class _VectorType(types.Type):
    def __init__(self) -> None:
        super().__init__(name="float32x16")


@register_model(_VectorType)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]
    """An LLVM vector, in a register where possible."""

    def __init__(self, manager: Any, numba_type: Any) -> None:
        super().__init__(manager, numba_type, _VECTOR)


_vector = _VectorType()


def _operator(function: Callable[[Any, Any], Any], instruction: str) -> None:
    """Define an operator between two vectors, and between a vector and a number."""
    pairs = [(_vector, _vector), (_vector, types.float64), (types.float64, _vector)]

    @infer_global(function)
    class _Template(ConcreteTemplate):  # type: ignore[misc]
        key = function
        cases = tuple(signature(_vector, *pair) for pair in pairs)

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*_vectors(context, builder, sig, args), flags=FAST_MATH)

    for pair in pairs:
        lower_builtin(function, *pair)(lower)


_operator(operator.add, "fadd")
_operator(operator.sub, "fsub")
_operator(operator.mul, "fmul")
_operator(operator.truediv, "fdiv")


def _constant(value: float, kind: Any = _VECTOR) -> Any:
    return ir.Constant(kind, [value] * LANES)


def _call(builder: Any, name: str, result: Any, *args: Any) -> Any:
    kind = ir.FunctionType(result, [arg.type for arg in args])
    function = cgutils.get_or_insert_function(builder.module, kind, name)
    return builder.call(function, args, fastmath=FAST_MATH)


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), _VECTOR.as_pointer())


def _broadcast(builder: Any, value: Any) -> Any:
    kind = ir.VectorType(value.type, LANES)
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(_INT, 0))
    return builder.shuffle_vector(one, one, ir.Constant(_INTS, [0] * LANES))


def _vectors(context: Any, builder: Any, sig: Any, args: Any) -> list[Any]:
    """Broadcast each scalar argument to all lanes, rounded to float32."""
    return [
        arg if kind == _vector else _broadcast(builder, context.cast(builder, arg, kind, types.float32))
        for kind, arg in zip(sig.args, args, strict=True)
    ]


def _elementwise(generate: Callable[..., Any], arity: int) -> Any:
    """Make a function of `arity` vectors or numbers from an emitter of its instructions."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return generate(builder, *_vectors(context, builder, sig, args))

    if arity == 1:
        return intrinsic(lambda _typing, a: (_vector(a), emit))
    if arity == 2:
        return intrinsic(lambda _typing, a, b: (_vector(a, b), emit))
    if arity == 3:
        return intrinsic(lambda _typing, a, b, c: (_vector(a, b, c), emit))
    return intrinsic(lambda _typing, a, b, c, d: (_vector(a, b, c, d), emit))


def _where_positive(builder: Any, u: Any, a: Any, b: Any) -> Any:
    return builder.select(builder.fcmp_ordered(">", u, _constant(0.0)), a, b)


def _where_less(builder: Any, p: Any, q: Any, a: Any, b: Any) -> Any:
    return builder.select(builder.fcmp_ordered("<", p, q), a, b)


def _relu(builder: Any, u: Any) -> Any:
    # Not "u where u > 0, else 0": NaN must come through.
    return builder.select(builder.fcmp_ordered("<", u, _constant(0.0)), _constant(0.0), u)


def _power_of_two(builder: Any, n: Any) -> Any:
    # Adding 1.5·2²³ leaves a small integer in the lowest bits; shifted, they are the exponent.
    shifted = builder.bitcast(builder.fadd(n, _constant(12_582_912.0 + 127.0)), _INTS)
    return builder.bitcast(builder.shl(shifted, ir.Constant(_INTS, [23] * LANES)), _VECTOR)


def _exponent(builder: Any, a: Any) -> Any:
    shifted = builder.lshr(builder.bitcast(a, _INTS), ir.Constant(_INTS, [23] * LANES))
    return builder.sitofp(builder.sub(shifted, ir.Constant(_INTS, [127] * LANES)), _VECTOR)


def _in_quarter_turns(builder: Any, u: Any) -> tuple[Any, Any]:
    """Return n = round(u / (π/2)), and u − n·π/2 in float64, for spare digits."""
    wide = builder.fpext(u, _DOUBLES)
    turns = _call(builder, f"llvm.rint.v{LANES}f64", _DOUBLES, builder.fmul(wide, _constant(2 / math.pi, _DOUBLES)))
    return turns, builder.fsub(wide, builder.fmul(turns, _constant(math.pi / 2, _DOUBLES)))


def _quarter_turns(builder: Any, u: Any) -> Any:
    turns, _ = _in_quarter_turns(builder, u)
    whole = _call(builder, f"llvm.rint.v{LANES}f64", _DOUBLES, builder.fmul(turns, _constant(0.25, _DOUBLES)))
    return builder.fptrunc(builder.fsub(turns, builder.fmul(whole, _constant(4.0, _DOUBLES))), _VECTOR)


def _within_quarter(builder: Any, u: Any) -> Any:
    return builder.fptrunc(_in_quarter_turns(builder, u)[1], _VECTOR)


def _shuffle(builder: Any, a: Any, b: Any, mask: list[int]) -> Any:
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(_INT, len(mask)), mask))


_INTERLEAVED_LOW, _INTERLEAVED_HIGH = [0, 16, 1, 17], [2, 18, 3, 19]
_PAIRS_LOW, _PAIRS_HIGH = [0, 1, 16, 17], [2, 3, 18, 19]


def _in_quarters(mask: list[int]) -> Callable[[Any, Any, Any], Any]:
    """Make a shuffle of all lanes from one of the first four lanes of two vectors."""
    lanes = [lane + quarter for quarter in range(0, LANES, 4) for lane in mask]
    return lambda builder, a, b: _shuffle(builder, a, b, lanes)


def _quarter_totals(builder: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    # Two rounds of "interleave and add" within each quarter of four lanes.
    ab, cd = (_folded(builder, p, q, _INTERLEAVED_LOW, _INTERLEAVED_HIGH) for p, q in ((a, b), (c, d)))
    return _folded(builder, ab, cd, _PAIRS_LOW, _PAIRS_HIGH)


def _folded(builder: Any, a: Any, b: Any, low: list[int], high: list[int]) -> Any:
    return builder.fadd(_in_quarters(low)(builder, a, b), _in_quarters(high)(builder, a, b), flags=FAST_MATH)


def _total_quarters(builder: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    # The same with quarters in place of lanes.
    ab, cd = (_folded_quarters(builder, p, q, [0, 4, 1, 5], [2, 6, 3, 7]) for p, q in ((a, b), (c, d)))
    return _folded_quarters(builder, ab, cd, [0, 1, 4, 5], [2, 3, 6, 7])


def _folded_quarters(builder: Any, a: Any, b: Any, low: list[int], high: list[int]) -> Any:
    masks = ([4 * quarter + lane for quarter in part for lane in range(4)] for part in (low, high))
    return builder.fadd(*(_shuffle(builder, a, b, mask) for mask in masks), flags=FAST_MATH)


def _by_llvm(name: str) -> Callable[..., Any]:
    return lambda builder, *args: _call(builder, f"llvm.{name}.v{LANES}f32", _VECTOR, *args)


if TYPE_CHECKING:

    class Vector:
        """Sixteen float32 in compiled code."""

        def __add__(self, other: "Vector") -> "Vector": ...
        def __sub__(self, other: "Vector") -> "Vector": ...
        def __mul__(self, other: "Vector") -> "Vector": ...
        def __truediv__(self, other: "Vector") -> "Vector": ...

    _Unary = Callable[[Vector], Vector]
    _Binary = Callable[[Vector, Vector], Vector]
    _Ternary = Callable[[Vector, Vector, Vector], Vector]
    _Quaternary = Callable[[Vector, Vector, Vector, Vector], Vector]
    _Splat = Callable[[float | np.float32 | np.float64], Vector]

    def load(array: Array, index: int) -> Vector:
        """Return elements index to index + 15."""

    def store(array: Array, index: int, value: Vector) -> None:
        """Write elements index to index + 15."""

    def splat_at(array: Array, index: int) -> Vector:
        """Return one element in all sixteen lanes; the index is not negative."""

    def lanes_total(a: Vector) -> float:
        """Return the sum over the lanes, float32."""

    def store_quarters(array: Array, index: int, stride: int, value: Vector) -> None:
        """Write each quarter of four lanes `stride` elements after the one before."""

    def first_lanes(a: Vector, count: int) -> Vector:
        """Return the first lanes of a, and zero in the others."""

    def in_first_lane(value: Any) -> Vector:
        """Return a number in the first lane, and zeros."""

else:
    Vector = _vector

    @intrinsic
    def load(_typing, array, _index):
        def emit(context, builder, sig, args):
            return builder.load(_pointer(context, builder, sig.args[0], *args), align=4)

        return _vector(array, types.intp), emit

    @intrinsic
    def store(_typing, array, _index, _value):
        def emit(context, builder, sig, args):
            builder.store(args[2], _pointer(context, builder, sig.args[0], *args[:2]), align=4)
            return context.get_dummy_value()

        return types.void(array, types.intp, _vector), emit

    @intrinsic
    def store_quarters(_typing, array, _index, _stride, _value):
        def emit(context, builder, sig, args):
            _, index, stride, value = args
            data = context.make_array(sig.args[0])(context, builder, args[0]).data
            for first in range(0, LANES, 4):
                quarter = _shuffle(builder, value, value, list(range(first, first + 4)))
                place = builder.bitcast(builder.gep(data, [index]), quarter.type.as_pointer())
                builder.store(quarter, place, align=4)
                index = builder.add(index, stride)
            return context.get_dummy_value()

        return types.void(array, types.intp, types.intp, _vector), emit

    @intrinsic
    def splat_at(_typing, array, _index):
        def emit(context, builder, sig, args):
            data = context.make_array(sig.args[0])(context, builder, args[0]).data
            return _broadcast(builder, builder.load(builder.gep(data, [args[1]]), align=4))

        return _vector(array, types.intp), emit

    @intrinsic
    def first_lanes(_typing, _a, _count):
        def emit(_context, builder, _sig, args):
            counts = _broadcast(builder, builder.trunc(args[1], _INT))
            is_kept = builder.icmp_signed("<", ir.Constant(_INTS, list(range(LANES))), counts)
            return builder.select(is_kept, args[0], _constant(0.0))

        return _vector(_vector, types.intp), emit

    @intrinsic
    def in_first_lane(_typing, _value):
        def emit(_context, builder, _sig, args):
            return builder.insert_element(_constant(0.0), args[0], ir.Constant(_INT, 0))

        return _vector(types.float32), emit

    @intrinsic
    def lanes_total(_typing, _a):
        def emit(_context, builder, _sig, args):
            name = f"llvm.vector.reduce.fadd.v{LANES}f32"
            return _call(builder, name, _FLOAT, ir.Constant(_FLOAT, -0.0), args[0])

        return types.float32(_vector), emit


# Functions of vectors alone; what each returns.
splat: "_Splat" = _elementwise(lambda _builder, a: a, 1)  # a number, rounded to float32, in all sixteen lanes
# For each quarter of four lanes its sum in a, in b, in c and in d.
quarter_totals: "_Quaternary" = _elementwise(_quarter_totals, 4)
# The sum of the quarters of a, then those of b, c and d: four lanes each.
total_quarters: "_Quaternary" = _elementwise(_total_quarters, 4)
interleave_low: "_Binary" = _elementwise(_in_quarters(_INTERLEAVED_LOW), 2)  # a₀ b₀ a₁ b₁ of each quarter
interleave_high: "_Binary" = _elementwise(_in_quarters(_INTERLEAVED_HIGH), 2)  # a₂ b₂ a₃ b₃ of each quarter
pairs_low: "_Binary" = _elementwise(_in_quarters(_PAIRS_LOW), 2)  # a₀ a₁ b₀ b₁ of each quarter
pairs_high: "_Binary" = _elementwise(_in_quarters(_PAIRS_HIGH), 2)  # a₂ a₃ b₂ b₃ of each quarter
muladd: "_Ternary" = _elementwise(_by_llvm("fmuladd"), 3)  # a·b + c, in one instruction where there is one
relu: "_Unary" = _elementwise(_relu, 1)  # max(u, 0); NaN stays NaN
where_positive: "_Ternary" = _elementwise(_where_positive, 3)  # a where u > 0, else b
where_less: "_Quaternary" = _elementwise(_where_less, 4)  # a where p < q, else b
power_of_two: "_Unary" = _elementwise(_power_of_two, 1)  # 2ⁿ for whole n from -126 to 127
exponent: "_Unary" = _elementwise(_exponent, 1)  # n with 2ⁿ ≤ a < 2ⁿ⁺¹, for finite a from 2⁻¹²⁶
quarter_turns: "_Unary" = _elementwise(_quarter_turns, 1)  # which quarter of a turn is nearest to the angle u: −2 to 2
# The rest of the angle u beyond its nearest quarter turn, from −π/4 to π/4; exact to 10⁻⁷ up to 10⁹.
within_quarter: "_Unary" = _elementwise(_within_quarter, 1)
nearest: "_Unary" = _elementwise(_by_llvm("rint"), 1)  # the nearest whole number
root: "_Unary" = _elementwise(_by_llvm("sqrt"), 1)  # √a
magnitude: "_Unary" = _elementwise(_by_llvm("fabs"), 1)  # |a|
