r"""Word lines and bit lines coupled by cells: conjugate gradients on the bit lines, the word lines eliminated.

With the conductances ``D`` of the cells, ``W = A_w + D`` and ``P = A_b + D`` for the word and bit lines with their
cells held at the other side, the bit-line voltages ``u`` follow

``(P - D W^{-1} D) u = b``,

symmetric and positive definite. ``P``, solved line by line, is the preconditioner. Instead of ``P p`` for a search
direction ``p`` the loop carries ``q = P p`` along (``P z`` is the residual that ``z`` came from), so neither matrix is
ever multiplied with, only solved, and lines without resistance need no special case.

A `sweep` solves the word lines from the bit lines and these from the word lines, and by how much it changes them says
how far they are from agreeing, with all digits however small the voltages. `relax` starts from there and ends where it
has no more to gain from that difference; the two alternate, as in iterative refinement, until a sweep changes nothing.

References
----------
M. R. Hestenes and E. Stiefel, J. Res. Natl. Bur. Stand. 49, 409 (1952), doi 10.6028/jres.049.044.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hardware.rram.array.compilation import CODE
from hardware.rram.array.lines import GROUP, Lines, collect_bits, solve_words, spread_bits

Floats = NDArray[np.float64]

TOLERANCE = 1e-13
"""Largest unbalanced current of a node, relative to what its cell carries from either side and to what is injected
[chosen]."""

_UNDERFLOW = 1e-250
"""Currents [A] that are nothing: far from the drivers of a lossy array voltages run out of digits [chosen]."""

_GAIN = 1e-24  # of the squared error by one relaxation: what is left is rounding of its start [chosen]


@CODE.keep
def sweep(
    g: Floats,
    words: Lines,
    bits: Lines,
    word_voltages: Floats,
    bit_voltages: Floats,
    word_injection: Floats,
    bit_injection: Floats,
    u: Floats,
    v: Floats,
    w: Floats,
    at_words: Floats,
    at_bits: Floats,
) -> float:  # pragma: no cover - compiled
    """Solve the word lines for ``v`` and then the bit lines for ``u`` ``[m, n]``; ``w`` gets what this adds to ``u``.

    ``at_words[m]`` and ``at_bits[n]`` get what arrives at the start terminals. Injections [A] are ``[m, n]``, or
    ``[0, 0]`` for none. Returns the largest unbalanced current of a node, as of `TOLERANCE`.
    """
    m, n = g.shape
    injected = max(word_injection.size, bit_injection.size) > 0
    for first in range(0, m, GROUP):
        last = min(first + GROUP, m)
        for i in range(first, last):
            for j in range(n):
                v[i, j] = g[i, j] * u[i, j]
            if word_injection.size > 0:
                for j in range(n):
                    v[i, j] += word_injection[i, j]
        solve_words(words, first, last, word_voltages, word_voltages, v, at_words)
        for i in range(first, last):
            for j in range(n):
                w[i, j] = g[i, j] * v[i, j]
            if bit_injection.size > 0:
                for j in range(n):
                    w[i, j] += bit_injection[i, j]
            collect_bits(bits, i, bit_voltages, w, at_bits)
    off: float = 0.0
    for i in range(m - 1, -2, -1):
        if i >= 0:
            spread_bits(bits, i, bit_voltages, w)
        if i + 1 < m:
            off = max(off, _settled(g, u, v, w, i + 1, injected, word_injection, bit_injection))
    return off


@CODE.keep
def relax(
    g: Floats,
    words: Lines,
    bits: Lines,
    word_injection: Floats,
    bit_injection: Floats,
    u: Floats,
    v: Floats,
    w: Floats,
    tolerance: float,
    most: int,
) -> tuple[int, float]:  # pragma: no cover - compiled
    """Bring ``u[m, n]`` nearer to agreement, in place, after a `sweep` that left ``v`` and ``w``; ``w`` is overwritten.

    Returns the number of iterations, at most ``most``, and how many times larger the error of some mode is than what a
    sweep changes of it: ``max_k sum_(j >= k) step_j power_j / power_k``, below one over the smallest eigenvalue.
    """
    m, n = g.shape
    injected = max(word_injection.size, bit_injection.size) > 0
    none_w, none_b = np.zeros(m), np.zeros(n)
    lost_w, lost_b = np.empty(m), np.empty(n)
    r, p, q = np.empty((m, n)), np.zeros((m, n)), np.zeros((m, n))
    for first in range(0, m, GROUP):
        last = min(first + GROUP, m)
        for i in range(first, last):
            for j in range(n):
                w[i, j] = g[i, j] * w[i, j]
        solve_words(words, first, last, none_w, none_w, w, lost_w)
        for i in range(first, last):
            for j in range(n):
                r[i, j] = g[i, j] * w[i, j]
                w[i, j] = r[i, j]
            collect_bits(bits, i, none_b, w, lost_b)
    sums = np.zeros(n)
    for i in range(m - 1, -1, -1):
        spread_bits(bits, i, none_b, w)
        for j in range(n):
            sums[j] += r[i, j] * w[i, j]
    power, turn = np.sum(sums), 0.0
    gains, powers = np.empty(most), np.empty(most)
    enough = _GAIN * power
    for iteration in range(most):
        if not power > enough:
            return iteration, _longest(gains[:iteration], powers)
        sums.fill(0.0)
        for first in range(0, m, GROUP):
            last = min(first + GROUP, m)
            for i in range(first, last):
                for j in range(n):
                    p[i, j] = w[i, j] + turn * p[i, j]
                    q[i, j] = r[i, j] + turn * q[i, j]
                    w[i, j] = g[i, j] * p[i, j]
            solve_words(words, first, last, none_w, none_w, w, lost_w)
            for i in range(first, last):
                for j in range(n):
                    w[i, j] = q[i, j] - g[i, j] * w[i, j]
                    sums[j] += p[i, j] * w[i, j]
        curvature = np.sum(sums)
        if not curvature > 0.0:
            return iteration, _longest(gains[:iteration], powers)
        step = power / curvature
        gains[iteration], powers[iteration] = step * power, power
        for i in range(m):
            for j in range(n):
                u[i, j] += step * p[i, j]
                r[i, j] -= step * w[i, j]
                w[i, j] = r[i, j]
            collect_bits(bits, i, none_b, w, lost_b)
        sums.fill(0.0)
        balanced = True
        for i in range(m - 1, -1, -1):
            spread_bits(bits, i, none_b, w)
            for j in range(n):
                sums[j] += r[i, j] * w[i, j]
            if balanced:
                balanced = _balanced(g, u, v, w, i, tolerance, injected, word_injection, bit_injection)
        if balanced:
            return iteration + 1, _longest(gains[: iteration + 1], powers)
        turn, power = np.sum(sums) / power, np.sum(sums)
    return most, _longest(gains, powers)


@CODE.keep
def _longest(gains: Floats, powers: Floats) -> float:  # pragma: no cover - compiled
    longest, rest = 0.0, 0.0
    for k in range(gains.size - 1, -1, -1):
        rest += gains[k]
        longest = max(longest, rest / powers[k])
    return longest


@CODE.keep
def _settled(
    g: Floats,
    u: Floats,
    v: Floats,
    w: Floats,
    i: int,
    injected: bool,
    word_injection: Floats,
    bit_injection: Floats,
) -> float:  # pragma: no cover - compiled
    """Exchange row i of ``u`` for ``w``, and ``w`` for the change; returns the largest unbalanced current."""
    off = 0.0
    for j in range(g.shape[1]):
        new = w[i, j]
        change = new - u[i, j]
        u[i, j] = new
        w[i, j] = change
        size = _UNDERFLOW + g[i, j] * (abs(new) + abs(v[i, j]))
        if injected:
            size += _injected(word_injection, bit_injection, i, j)
        if g[i, j] * abs(change) > off * size:
            off = g[i, j] * abs(change) / size
    return off


@CODE.keep
def _balanced(
    g: Floats,
    u: Floats,
    v: Floats,
    z: Floats,
    i: int,
    tolerance: float,
    injected: bool,
    word_injection: Floats,
    bit_injection: Floats,
) -> bool:  # pragma: no cover - compiled
    """Whether a change of row i of ``u`` by ``z`` is small enough to be the last."""
    for j in range(g.shape[1]):
        size = _UNDERFLOW + g[i, j] * (abs(u[i, j]) + abs(v[i, j]))
        if injected:
            size += _injected(word_injection, bit_injection, i, j)
        if g[i, j] * abs(z[i, j]) > tolerance * size:
            return False
    return True


@CODE.keep
def _injected(word_injection: Floats, bit_injection: Floats, i: int, j: int) -> float:  # pragma: no cover - compiled
    size = 0.0
    if word_injection.size > 0:
        size += abs(word_injection[i, j])
    if bit_injection.size > 0:
        size += abs(bit_injection[i, j])
    return size
