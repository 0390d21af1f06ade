"""Sparse L D L^T of symmetric positive definite matrices that share one pattern, one variant a lane.

References
----------
T. A. Davis, ACM Trans. Math. Softw. 31, 587 (2005), doi 10.1145/1114268.1114277 (up-looking LDL).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import splu

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def fill_reducing_order(pattern: csc_matrix) -> Ints:
    """Minimum-degree order of a symmetric pattern, as SuperLU finds it."""
    n = pattern.shape[0]
    if n <= 2:
        return np.arange(n)
    dominant = csc_matrix((np.full(len(pattern.data), -1.0), pattern.indices, pattern.indptr), shape=pattern.shape)
    dominant.setdiag(np.diff(pattern.indptr) + 1.0)
    factors = splu(dominant.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    return np.argsort(factors.perm_c).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class Symbolic:
    """Elimination tree and column pointers of L for a pattern in compressed columns."""

    n: int
    indptr: Ints
    indices: Ints
    parent: Ints
    column_start: Ints


def analyse(n: int, indptr: Ints, indices: Ints) -> Symbolic:
    """Find the elimination tree and the size of each column of L."""
    parent, counts = _tree(n, indptr, indices)
    starts = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(counts, out=starts[1:])
    return Symbolic(n=n, indptr=indptr, indices=indices, parent=parent, column_start=starts)


def factor(symbolic: Symbolic, values: Floats, *, definite: bool = True) -> tuple[Ints, Floats, Floats, Ints]:
    """Factor every variant.

    Parameters
    ----------
    values : array, shape (nonzeros, variants)
        The matrix entries, both triangles, in the pattern of ``symbolic``.
    definite : bool
        Whether to stop at a pivot that is not positive; otherwise only at one that is next to nothing.

    Returns
    -------
    rows, lower, inverse_diagonal, bad
        Row indices of L, its values ``[nonzeros of L, variants]``, ``1/D [n, variants]``, and for each variant the
        first column at which it stopped (-1 where it did not: with ``definite`` the matrix is positive definite).
    """
    variants = values.shape[1]
    nonzeros = int(symbolic.column_start[-1])
    rows = np.zeros(nonzeros, dtype=np.int64)
    lower = np.zeros((nonzeros, variants))
    inverse = np.zeros((symbolic.n, variants))
    bad = np.full(variants, -1, dtype=np.int64)
    for v in range(variants):
        bad[v] = _factor_one(
            symbolic.n,
            symbolic.indptr,
            symbolic.indices,
            np.ascontiguousarray(values[:, v]),
            symbolic.parent,
            symbolic.column_start,
            rows,
            lower[:, v],
            inverse[:, v],
            definite,
        )
    return rows, lower, inverse, bad


@njit(cache=True)
def _tree(n: int, indptr: Ints, indices: Ints) -> tuple[Ints, Ints]:  # pragma: no cover - compiled
    parent = np.full(n, -1, dtype=np.int64)
    flag = np.full(n, -1, dtype=np.int64)
    counts = np.zeros(n, dtype=np.int64)
    for k in range(n):
        flag[k] = k
        for p in range(indptr[k], indptr[k + 1]):
            i = indices[p]
            if i < k:
                while flag[i] != k:
                    if parent[i] == -1:
                        parent[i] = k
                    counts[i] += 1
                    flag[i] = k
                    i = parent[i]
    return parent, counts


@njit(cache=True)
def _factor_one(
    n: int,
    indptr: Ints,
    indices: Ints,
    values: Floats,
    parent: Ints,
    starts: Ints,
    rows: Ints,
    lower: Floats,
    inverse: Floats,
    definite: bool,
) -> int:  # pragma: no cover - compiled
    work = np.zeros(n)
    pattern = np.zeros(n, dtype=np.int64)
    flag = np.full(n, -1, dtype=np.int64)
    filled = np.zeros(n, dtype=np.int64)
    for k in range(n):
        top = n
        flag[k] = k
        diagonal = 0.0
        for p in range(indptr[k], indptr[k + 1]):
            i = indices[p]
            if i == k:
                diagonal += values[p]
            elif i < k:
                work[i] += values[p]
                length = 0
                while flag[i] != k:
                    pattern[length] = i
                    length += 1
                    flag[i] = k
                    i = parent[i]
                while length > 0:
                    length -= 1
                    top -= 1
                    pattern[top] = pattern[length]
        own = abs(diagonal)
        for q in range(top, n):
            i = pattern[q]
            y = work[i]
            work[i] = 0.0
            end = starts[i] + filled[i]
            for p in range(starts[i], end):
                work[rows[p]] -= lower[p] * y
            entry = y * inverse[i]
            diagonal -= entry * y
            rows[end] = k
            lower[end] = entry
            filled[i] += 1
        if not (diagonal > 0.0 if definite else abs(diagonal) > 1e-13 * own):
            return k
        inverse[k] = 1.0 / diagonal
    return -1
