"""Normal draws for every variant of a block, with vector instructions: xoshiro256++ and the Box-Muller transform.

Each variant has eight generators of its own, seeded from its stream, which take turns: the first eight of sixteen draws
are the cosines, the others the sines. As in `sine`, the functions are polynomials of our own and every lane sees the
same operations, so that a variant's draws do not depend on what else is drawn.

References
----------
D. Blackman, S. Vigna, ACM Trans. Math. Softw. 47, 36 (2021), doi 10.1145/3460772;
G. E. P. Box, M. E. Muller, Ann. Math. Statist. 29, 610 (1958), doi 10.1214/aoms/1177706645.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial, log, pi

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bits = NDArray[np.uint64]

TURN = 8
"""Generators of a variant [chosen: what fits the widest registers]."""

_TILE = 1024  # [chosen] pairs worked on at a time, which stay in the nearest cache
_17, _23, _41, _45, _19 = (np.uint64(k) for k in (17, 23, 41, 45, 19))
_12, _52 = np.uint64(12), np.uint64(52)
_ONE = np.uint64(0x3FF0000000000000)  # bits of 1.0
_FRACTION = np.uint64(0x000FFFFFFFFFFFFF)
_BIG = np.uint64(0x4330000000000000)  # bits of 2^52, whose last bits count ones
_BIAS = 2.0**52 + 1023.0
_LOG2, _ROOT2 = log(2.0), 2.0**0.5
_S3, _S5, _S7, _S9, _S11, _S13 = (
    -1.0 / factorial(3),
    1.0 / factorial(5),
    -1.0 / factorial(7),
    1.0 / factorial(9),
    -1.0 / factorial(11),
    1.0 / factorial(13),
)
_C2, _C4, _C6, _C8, _C10, _C12 = (
    -1.0 / factorial(2),
    1.0 / factorial(4),
    -1.0 / factorial(6),
    1.0 / factorial(8),
    -1.0 / factorial(10),
    1.0 / factorial(12),
)
_QUARTER = pi / 2


def states(streams: Sequence[np.random.SeedSequence], lanes: int) -> Bits:
    """Return the state of the generators, shape (4, TURN * lanes); lanes without a stream draw zeros."""
    state = np.zeros((4, TURN, lanes), dtype=np.uint64)
    for lane, stream in enumerate(streams):
        state[:, :, lane] = stream.generate_state(4 * TURN, np.uint64).reshape(4, TURN)
    return state.reshape(4, TURN * lanes)


@njit(cache=True, nogil=True, error_model="numpy")
def _uniform(state: Bits, first: Bits, second: Bits, rounds: int) -> None:  # pragma: no cover - compiled
    """Write bits of numbers from 1 to 2, one of each generator a round."""
    width = state.shape[1]
    s0, s1, s2, s3 = state[0], state[1], state[2], state[3]
    for r in range(rounds):
        for half in range(2):
            out = first[r * width : (r + 1) * width] if half == 0 else second[r * width : (r + 1) * width]
            for q in range(width):
                a, b, c, d = s0[q], s1[q], s2[q], s3[q]
                total = a + d
                out[q] = ((((total << _23) | (total >> _41)) + a) >> _12) | _ONE
                shifted = b << _17
                c ^= a
                d ^= b
                s1[q] = b ^ c
                s0[q] = a ^ d
                s2[q] = c ^ shifted
                s3[q] = (d << _45) | (d >> _19)


@njit(cache=True, nogil=True, error_model="numpy")
def _split(bits: Bits, exponent: Bits, fraction: Bits, size: int) -> None:  # pragma: no cover - compiled
    """Write exponents as last bits of 2^52, and fractions as bits of numbers from 1 to 2."""
    for q in range(size):
        exponent[q] = (bits[q] >> _52) | _BIG
        fraction[q] = (bits[q] & _FRACTION) | _ONE


@njit(cache=True, nogil=True, error_model="numpy")
def _radius(exponent: Floats, fraction: Floats, radius: Floats, size: int) -> None:  # pragma: no cover - compiled
    """``sqrt(-2 log u)`` of numbers ``u`` in parts."""
    for q in range(size):
        large = fraction[q] > _ROOT2
        m = 0.5 * fraction[q] if large else fraction[q]
        e = exponent[q] - (_BIAS - 1.0 if large else _BIAS)
        s = (m - 1.0) / (m + 1.0)
        w = s * s
        series = 1 / 11 + w * (1 / 13 + w * (1 / 15 + w * (1 / 17)))
        series = 1.0 + w * (1 / 3 + w * (1 / 5 + w * (1 / 7 + w * (1 / 9 + w * series))))
        radius[q] = np.sqrt(-2.0 * (e * _LOG2 + 2.0 * s * series))


@njit(cache=True, nogil=True, error_model="numpy")
def _turn(radius: Floats, angle: Floats, out: Floats, rounds: int, width: int) -> None:  # pragma: no cover - compiled
    """Cosines and sines times radius, of the full turn by doubling a quarter twice; ``angle`` from 1 to 2 is a turn."""
    for r in range(rounds):
        size, around = radius[r * width : (r + 1) * width], angle[r * width : (r + 1) * width]
        cosines, sines = out[2 * r * width : (2 * r + 1) * width], out[(2 * r + 1) * width : (2 * r + 2) * width]
        for q in range(width):
            x = (around[q] - 1.5) * _QUARTER
            w = x * x
            s = x + x * w * (_S3 + w * (_S5 + w * (_S7 + w * (_S9 + w * (_S11 + w * _S13)))))
            c = 1.0 + w * (_C2 + w * (_C4 + w * (_C6 + w * (_C8 + w * (_C10 + w * _C12)))))
            s, c = 2.0 * s * c, c * c - s * s
            cosines[q] = size[q] * (c * c - s * s)
            sines[q] = size[q] * (2.0 * s * c)


@njit(cache=True, nogil=True, error_model="numpy")
def fill(state: Bits, out: Floats, rounds: int) -> None:  # pragma: no cover - compiled
    """Write ``2 TURN`` draws a round and lane: ``out`` has the lanes of each draw side by side."""
    width = state.shape[1]
    most = max(1, _TILE // width)
    first, second = np.empty(most * width, dtype=np.uint64), np.empty(most * width, dtype=np.uint64)
    exponent, fraction = np.empty(most * width, dtype=np.uint64), np.empty(most * width, dtype=np.uint64)
    size = np.empty(most * width)
    for start in range(0, rounds, most):
        count = min(most, rounds - start)
        _uniform(state, first, second, count)
        numbers = first.view(np.float64)
        for q in range(count * width):
            numbers[q] = 2.0 - numbers[q]
        _split(first, exponent, fraction, count * width)
        _radius(exponent.view(np.float64), fraction.view(np.float64), size, count * width)
        part = out[2 * start * width : 2 * (start + count) * width]
        _turn(size, second.view(np.float64), part, count, width)


@njit(cache=True, nogil=True, error_model="numpy")
def scale(values: Floats, factors: Floats, rows: int) -> None:  # pragma: no cover - compiled
    """Multiply each of some rows of numbers by ``factors``."""
    width = len(factors)
    for r in range(rows):
        row = values[r * width : (r + 1) * width]
        for q in range(width):
            row[q] *= factors[q]
