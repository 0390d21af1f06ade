r"""Word lines and bit lines coupled by cells: conjugate gradients on the bit lines, the word lines eliminated.

With the conductances ``D`` of the cells, ``W = A_w + D`` and ``P = A_b + D`` for the word and bit lines with their
cells held at the other side, the bit-line voltages ``u`` follow

``(P - D W^{-1} D) u = b``,

symmetric and positive definite. ``P``, solved line by line, is the preconditioner. Instead of ``P p`` for a search
direction ``p`` the loop carries ``q = P p`` along (``P z`` is the residual that ``z`` came from), so neither matrix is
ever multiplied with, only solved, and lines without resistance need no special case.

References
----------
M. R. Hestenes and E. Stiefel, J. Res. Natl. Bur. Stand. 49, 409 (1952), doi 10.6028/jres.049.044.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hardware.rram.lines import Lines, solve_bits, solve_words

Floats = NDArray[np.float64]

TOLERANCE = 1e-13
"""Largest unbalanced current of a node, relative to what its cell carries from either side and to what is injected
[chosen]."""


@njit(cache=True, error_model="numpy", nogil=True)
def relax(
    g: Floats,
    words: Lines,
    bits: Lines,
    u: Floats,
    v: Floats,
    w: Floats,
    injected: Floats,
    tolerance: float,
    most: int,
) -> int:  # pragma: no cover - compiled
    """Bring ``u`` and ``v`` ``[m, n]`` into balance, in place, after a sweep of the bit lines with word lines at ``v``.

    ``w`` holds what that sweep added to ``u``, since ``v`` was solved, and is overwritten. Returns the number of
    iterations; ``most + 1`` if they were not enough. ``injected`` is the size of the currents injected into the
    nodes of each cell, ``[m, n]`` or ``[1, 1]`` for one value for all: nodes balance relative to these too.
    """
    m, n = g.shape
    row, column = (1, 1) if injected.size > 1 else (0, 0)
    none_w, none_b = np.zeros(m), np.zeros(n)
    lost_w, lost_b = np.empty(m), np.empty(n)
    r = np.empty((m, n))
    for i in range(m):
        for j in range(n):
            w[i, j] = g[i, j] * w[i, j]
    solve_words(words, none_w, none_w, w, lost_w)
    for i in range(m):
        for j in range(n):
            v[i, j] += w[i, j]
            r[i, j] = g[i, j] * w[i, j]
            w[i, j] = r[i, j]
    solve_bits(bits, none_b, none_b, w, lost_b)
    p, q = w.copy(), r.copy()
    power = _product(r, w)
    for iteration in range(most + 1):
        balanced = True
        for i in range(m):
            for j in range(n):
                size = g[i, j] * (abs(u[i, j]) + abs(v[i, j])) + injected[i * row, j * column]
                balanced &= abs(r[i, j]) <= tolerance * size
        if balanced or not power > 0.0:
            return iteration
        for i in range(m):
            for j in range(n):
                w[i, j] = g[i, j] * p[i, j]
        solve_words(words, none_w, none_w, w, lost_w)
        curvature = 0.0
        for i in range(m):
            part = 0.0
            for j in range(n):
                part += p[i, j] * (q[i, j] - g[i, j] * w[i, j])
            curvature += part
        if not curvature > 0.0:
            return iteration
        step = power / curvature
        for i in range(m):
            for j in range(n):
                u[i, j] += step * p[i, j]
                v[i, j] += step * w[i, j]
                r[i, j] -= step * (q[i, j] - g[i, j] * w[i, j])
                w[i, j] = r[i, j]
        solve_bits(bits, none_b, none_b, w, lost_b)
        before = power
        power = _product(r, w)
        turn = power / before
        for i in range(m):
            for j in range(n):
                p[i, j] = w[i, j] + turn * p[i, j]
                q[i, j] = r[i, j] + turn * q[i, j]
    return most + 1


@njit(cache=True, error_model="numpy", nogil=True)
def _product(a: Floats, b: Floats) -> float:  # pragma: no cover - compiled
    total = 0.0
    for i in range(a.shape[0]):
        part = 0.0
        for j in range(a.shape[1]):
            part += a[i, j] * b[i, j]
        total += part
    return total
