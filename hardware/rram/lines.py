r"""Resistive lines: the voltages that currents injected into the nodes of many parallel lines leave there.

A line is a chain of nodes, counted from its start terminal. Segment ``k`` lies before node ``k`` (segment 0 next to the
start terminal, one more behind the last node), and node ``k`` has a conductance ``d_k`` to where its injected current
``i_k`` comes from. Looking from node ``k`` toward the end, the line is the Norton equivalent

``G_k = d_k + G_{k+1} / (1 + r_{k+1} G_{k+1})``,  ``J_k = i_k + J_{k+1} / (1 + r_{k+1} G_{k+1})``,

and then, from the start on, ``v_k = (v_{k-1} + r_k J_k) / (1 + r_k G_k)``. Nothing is divided by the resistance of a
segment, so wires without resistance are exact, and nothing is subtracted, so small voltages are as accurate as large.

Word lines run along the second axis from column 0 on, bit lines along the first axis from the last row up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHORT = 1e-200
"""Resistance [ohm] that stands for none between a line's last node and its end terminal."""

_CHAINS = 8  # word lines solved side by side, to overlap their chains of dependent operations [chosen]


class Lines(NamedTuple):
    """Parallel lines, factored: all that a solve needs but the injected currents and terminal voltages.

    ``segment`` is ``[m, n]``, or ``[1, 1]`` where all segments are equal.
    """

    segment: Floats  # r_k [ohm]
    decay: Floats  # [m, n]: 1 / (1 + r_k G_k)
    total: Floats  # [lines]: G_0
    start: Floats  # [lines] resistance from node 0 to the start terminal, infinite where the line floats there
    end: Floats  # [lines] conductance from the last node to the end terminal


@njit(cache=True, error_model="numpy")
def factor_words(d: Floats, segment: Floats, start: Floats, end: Floats) -> Lines:  # pragma: no cover - compiled
    """Factor word lines with node conductances ``d[m, n]`` and terminal resistances ``start``, ``end`` ``[m]``."""
    m, n = d.shape
    row, column = (1, 1) if segment.size > 1 else (0, 0)
    decay = np.empty((m, n))
    total, conductance = np.empty(m), np.empty(m)
    for i in range(m):
        conductance[i] = 1.0 / max(end[i], SHORT)
        g = d[i, n - 1] + conductance[i]
        for k in range(n - 1, 0, -1):
            decay[i, k] = 1.0 / (1.0 + segment[i * row, k * column] * g)
            g = d[i, k - 1] + g * decay[i, k]
        decay[i, 0] = 1.0
        total[i] = g
    return Lines(segment, decay, total, start, conductance)


@njit(cache=True, error_model="numpy")
def factor_bits(d: Floats, segment: Floats, start: Floats, end: Floats) -> Lines:  # pragma: no cover - compiled
    """Factor bit lines; ``segment[i, j]`` lies below node ``(i, j)``, ``start`` and ``end`` are ``[n]``."""
    m, n = d.shape
    row, column = (1, 1) if segment.size > 1 else (0, 0)
    decay = np.empty((m, n))
    total, conductance = np.empty(n), np.empty(n)
    for j in range(n):
        conductance[j] = 1.0 / max(end[j], SHORT)
        total[j] = d[0, j] + conductance[j]
    for i in range(m - 1):
        for j in range(n):
            decay[i, j] = 1.0 / (1.0 + segment[i * row, j * column] * total[j])
            total[j] = d[i + 1, j] + total[j] * decay[i, j]
    for j in range(n):
        decay[m - 1, j] = 1.0
    return Lines(segment, decay, total, start, conductance)


@njit(cache=True, error_model="numpy")
def _first(lines: Lines, line: int, voltage: float, arriving: float) -> float:  # pragma: no cover - compiled
    """Voltage of node 0 for a terminal voltage and the current ``J_0``."""
    start: float = lines.start[line]
    total: float = lines.total[line]
    return arriving / total if np.isinf(start) else (voltage + start * arriving) / (1.0 + start * total)


@njit(cache=True, error_model="numpy", nogil=True)
def solve_words(lines: Lines, start: Floats, end: Floats, x: Floats, arriving: Floats) -> None:  # pragma: no cover
    """Turn injected currents ``x[m, n]`` into voltages, in place; ``arriving[m]`` gets ``J_0``.

    ``start`` and ``end`` are the voltages of the terminals ``[m]``.
    """
    m, n = x.shape
    row, column = (1, 1) if lines.segment.size > 1 else (0, 0)
    segment, decay = lines.segment, lines.decay
    carry = np.empty(_CHAINS)
    for first in range(0, m, _CHAINS):
        chains = min(_CHAINS, m - first)
        for q in range(chains):
            i = first + q
            x[i, n - 1] += end[i] * lines.end[i]
            carry[q] = x[i, n - 1]
        for k in range(n - 2, -1, -1):
            for q in range(chains):
                i = first + q
                carry[q] = x[i, k] + carry[q] * decay[i, k + 1]
                x[i, k] = carry[q]
        for q in range(chains):
            i = first + q
            arriving[i] = carry[q]
            carry[q] = _first(lines, i, start[i], carry[q])
            x[i, 0] = carry[q]
        for k in range(1, n):
            for q in range(chains):
                i = first + q
                carry[q] = (carry[q] + segment[i * row, k * column] * x[i, k]) * decay[i, k]
                x[i, k] = carry[q]


@njit(cache=True, error_model="numpy", nogil=True)
def solve_bits(lines: Lines, start: Floats, end: Floats, x: Floats, arriving: Floats) -> None:  # pragma: no cover
    """Turn injected currents ``x[m, n]`` into voltages, in place; ``arriving[n]`` gets ``J_0``.

    ``start`` and ``end`` are the voltages of the terminals ``[n]``.
    """
    m, n = x.shape
    row, column = (1, 1) if lines.segment.size > 1 else (0, 0)
    segment, decay = lines.segment, lines.decay
    for j in range(n):
        x[0, j] += end[j] * lines.end[j]
    for i in range(1, m):
        for j in range(n):
            x[i, j] += x[i - 1, j] * decay[i - 1, j]
    for j in range(n):
        arriving[j] = x[m - 1, j]
        x[m - 1, j] = _first(lines, j, start[j], arriving[j])
    for i in range(m - 2, -1, -1):
        for j in range(n):
            x[i, j] = (x[i + 1, j] + segment[i * row, j * column] * x[i, j]) * decay[i, j]


def terminal_current(lines: Lines, voltage: Floats, arriving: Floats) -> Floats:
    """Currents [A] that leave lines by their start terminals at ``voltage`` ``[..., lines]``; zero where they float."""
    floats = np.isinf(lines.start)
    start = np.where(floats, 0.0, lines.start)
    leaving = (arriving - voltage * lines.total) / (1.0 + start * lines.total)
    return np.asarray(np.where(floats, 0.0, leaving))
