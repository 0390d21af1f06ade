"""Operations on groups of lanes: as many neighbouring numbers as variants that share the instructions of one block.

An array over things (nodes, junctions, matrix entries) holds ``lanes`` numbers for each, one a variant, next to each
other. The compiler cannot know that groups do not overlap, so it would check each time; these say it outright, as
single vector instructions. They multiply and add in the order written, without contraction: a lane's bits do not depend
on how many there are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

_ALIGN = 8  # [bytes]: that of a double, as NumPy promises no more


def _group(context: Any, builder: Any, kind: Any, array: Any, index: Any, lanes: int) -> Any:
    data = context.make_array(kind)(context, builder, array).data
    first = builder.gep(data, [builder.mul(index, ir.Constant(index.type, lanes))])
    return builder.bitcast(first, ir.VectorType(ir.DoubleType(), lanes).as_pointer())


def _in_place(arity: int, operation: Callable[..., Any]) -> Any:
    """Make code for ``target[i] = operation(target[i], first[j], second[k] ...)`` on groups."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        lanes = signature.args[-1].literal_value
        groups = [
            _group(context, builder, signature.args[2 * k], args[2 * k], args[2 * k + 1], lanes)
            for k in range(arity + 1)
        ]
        loaded = [builder.load(g, align=_ALIGN) for g in groups]
        builder.store(operation(builder, *loaded), groups[0], align=_ALIGN)
        return context.get_dummy_value()

    return codegen


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def add(typingctx: Any, target: Any, i: Any, first: Any, j: Any, lanes: Any) -> Any:
    """``target[i] += first[j]`` for groups of ``lanes`` numbers."""
    if not isinstance(lanes, types.IntegerLiteral):
        return None
    code = _in_place(1, lambda b, t, f: b.fadd(t, f))
    return types.void(target, types.int64, first, types.int64, lanes), code


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def subtract(typingctx: Any, target: Any, i: Any, first: Any, j: Any, lanes: Any) -> Any:
    """``target[i] -= first[j]`` for groups of ``lanes`` numbers."""
    if not isinstance(lanes, types.IntegerLiteral):
        return None
    code = _in_place(1, lambda b, t, f: b.fsub(t, f))
    return types.void(target, types.int64, first, types.int64, lanes), code


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def add_product(typingctx: Any, target: Any, i: Any, first: Any, j: Any, second: Any, k: Any, lanes: Any) -> Any:
    """``target[i] += first[j] * second[k]`` for groups of ``lanes`` numbers."""
    if not isinstance(lanes, types.IntegerLiteral):
        return None
    code = _in_place(2, lambda b, t, f, s: b.fadd(t, b.fmul(f, s)))
    return types.void(target, types.int64, first, types.int64, second, types.int64, lanes), code


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def subtract_product(typingctx: Any, target: Any, i: Any, first: Any, j: Any, second: Any, k: Any, lanes: Any) -> Any:
    """``target[i] -= first[j] * second[k]`` for groups of ``lanes`` numbers."""
    if not isinstance(lanes, types.IntegerLiteral):
        return None
    code = _in_place(2, lambda b, t, f, s: b.fsub(t, b.fmul(f, s)))
    return types.void(target, types.int64, first, types.int64, second, types.int64, lanes), code


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def set_difference(typingctx: Any, target: Any, i: Any, first: Any, j: Any, second: Any, k: Any, lanes: Any) -> Any:
    """``target[i] = first[j] - second[k]`` for groups of ``lanes`` numbers."""
    if not isinstance(lanes, types.IntegerLiteral):
        return None
    code = _in_place(2, lambda b, t, f, s: b.fsub(f, s))
    return types.void(target, types.int64, first, types.int64, second, types.int64, lanes), code


@intrinsic  # type: ignore[untyped-decorator, unused-ignore]
def add_scaled(typingctx: Any, target: Any, i: Any, first: Any, j: Any, factor: Any, lanes: Any) -> Any:
    """``target[i] += first[j] * factor`` for groups of ``lanes`` numbers and one factor for all."""
    if not isinstance(lanes, types.IntegerLiteral):
        return None

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        width = signature.args[-1].literal_value
        to = _group(context, builder, signature.args[0], args[0], args[1], width)
        vector = builder.load(_group(context, builder, signature.args[2], args[2], args[3], width), align=_ALIGN)
        spread = ir.Constant(vector.type, ir.Undefined)
        for k in range(width):
            spread = builder.insert_element(spread, args[4], ir.Constant(ir.IntType(32), k))
        value = builder.fadd(builder.load(to, align=_ALIGN), builder.fmul(vector, spread))
        builder.store(value, to, align=_ALIGN)
        return context.get_dummy_value()

    return types.void(target, types.int64, first, types.int64, types.float64, lanes), codegen
