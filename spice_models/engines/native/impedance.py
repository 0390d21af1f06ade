"""Solutions with the factored step matrix before the time loop: columns of its inverse, driving-point impedances."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def solve_columns(starts: Ints, rows: Ints, lower: Floats, inverse: Floats, columns: Floats) -> Floats:
    """Apply ``(L D L^T)^-1`` to ``columns [n, count, variants]``; ``lower`` and ``inverse`` as `ldl.factor` gives."""
    result = np.array(columns)
    for v in range(result.shape[2]):
        part = np.ascontiguousarray(result[:, :, v])
        _solve(starts, rows, np.ascontiguousarray(lower[:, v]), np.ascontiguousarray(inverse[:, v]), part)
        result[:, :, v] = part
    return result


def driving_points(starts: Ints, rows: Ints, lower: Floats, inverse: Floats, ends: Ints) -> Floats:
    """Return ``b^T (L D L^T)^-1 b`` of branches between unknowns ``ends [branches, 2]``, shape (branches, variants).

    Half a solution is enough, and in it only the columns that the branch's ends lead to in the elimination tree.
    """
    result = np.zeros((len(ends), inverse.shape[1]))
    for v in range(inverse.shape[1]):
        _half(starts, rows, np.ascontiguousarray(lower[:, v]), np.ascontiguousarray(inverse[:, v]), ends, result[:, v])
    return result


def products(first: Floats, second: Floats) -> Floats:
    """Return ``first^T second`` of ``[n, k, variants]`` and ``[n, m, variants]``; a variant's bits are its own.

    A library's sums over the first axis depend on how many variants there are.
    """
    result = np.zeros((first.shape[1], second.shape[1], first.shape[2]))
    _multiply(np.ascontiguousarray(first), np.ascontiguousarray(second), result)
    return result


@njit(cache=True)
def _multiply(first: Floats, second: Floats, result: Floats) -> None:  # pragma: no cover - compiled
    for i in range(first.shape[0]):
        for k in range(first.shape[1]):
            for m in range(second.shape[1]):
                for v in range(first.shape[2]):
                    result[k, m, v] += first[i, k, v] * second[i, m, v]


@njit(cache=True)
def _solve(starts: Ints, rows: Ints, lower: Floats, inverse: Floats, x: Floats) -> None:  # pragma: no cover - compiled
    n, count = x.shape
    for j in range(n):
        for p in range(starts[j], starts[j + 1]):
            for k in range(count):
                x[rows[p], k] -= lower[p] * x[j, k]
    for back in range(n):
        j = n - 1 - back
        for k in range(count):
            x[j, k] *= inverse[j]
        for p in range(starts[j], starts[j + 1]):
            for k in range(count):
                x[j, k] -= lower[p] * x[rows[p], k]


@njit(cache=True)
def _half(
    starts: Ints, rows: Ints, lower: Floats, inverse: Floats, ends: Ints, result: Floats
) -> None:  # pragma: no cover - compiled
    n = len(starts) - 1
    x = np.zeros(n)
    for b in range(len(ends)):
        first, second = ends[b, 0], ends[b, 1]
        if first >= 0:
            x[first] += 1.0
        if second >= 0:
            x[second] -= 1.0
        total = 0.0
        # the parent of a column is the first row below its diagonal
        i, j = (first if first >= 0 else n), (second if second >= 0 else n)
        while i < n or j < n:
            here = min(i, j)
            value = x[here]
            total += value * value * inverse[here]
            x[here] = 0.0
            for p in range(starts[here], starts[here + 1]):
                x[rows[p]] -= lower[p] * value
            after = rows[starts[here]] if starts[here] < starts[here + 1] else n
            i, j = (after if i == here else i), (after if j == here else j)
        result[b] = total
