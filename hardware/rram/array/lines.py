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
from numpy.typing import NDArray

from hardware.rram.array.compilation import CODE

Floats = NDArray[np.float64]

SHORT = 1e-200
"""Resistance [ohm] that stands for none between a line's last node and its end terminal."""

GROUP = 4
"""Word lines solved side by side, so that one need not wait for another's chain of operations [chosen: measured]."""


class Lines(NamedTuple):
    """Parallel lines, factored: all that a solve needs but the injected currents and terminal voltages.

    ``segment`` is ``[m, n]``, or ``[1, 1]`` where all segments are equal.
    """

    segment: Floats  # r_k [ohm]
    decay: Floats  # [m, n]: 1 / (1 + r_k G_k)
    total: Floats  # [lines]: G_0
    start: Floats  # [lines] resistance from node 0 to the start terminal, infinite where the line floats there
    end: Floats  # [lines] conductance from the last node to the end terminal


@CODE.keep
def factor_words(d: Floats, segment: Floats, start: Floats, end: Floats) -> Lines:  # pragma: no cover - compiled
    """Factor word lines with node conductances ``d[m, n]`` and terminal resistances ``start``, ``end`` ``[m]``."""
    m, n = d.shape
    row, column = (1, 1) if segment.size > 1 else (0, 0)
    decay = np.empty((m, n))
    total, conductance = np.empty(m), np.empty(m)
    for i in range(m):
        conductance[i] = 1.0 / max(end[i], SHORT)
        total[i] = d[i, n - 1] + conductance[i]
        decay[i, 0] = 1.0
    for first in range(0, m, GROUP):
        last = min(first + GROUP, m)
        for k in range(n - 1, 0, -1):
            for i in range(first, last):
                decay[i, k] = 1.0 / (1.0 + segment[i * row, k * column] * total[i])
                total[i] = d[i, k - 1] + total[i] * decay[i, k]
    return Lines(segment, decay, total, start, conductance)


@CODE.keep
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


@CODE.keep
def _first(lines: Lines, line: int, voltage: float, arriving: float) -> float:  # pragma: no cover - compiled
    """Voltage of node 0 for a terminal voltage and the current ``J_0``."""
    start: float = lines.start[line]
    total: float = lines.total[line]
    return arriving / total if np.isinf(start) else (voltage + start * arriving) / (1.0 + start * total)


@CODE.keep
def solve_words(
    lines: Lines, first: int, last: int, start: Floats, end: Floats, x: Floats, arriving: Floats
) -> None:  # pragma: no cover - compiled
    """Turn injected currents ``x[m, n]`` of lines ``first`` to ``last - 1`` into voltages, in place.

    ``arriving[m]`` gets ``J_0``; ``start`` and ``end`` are the voltages of the terminals ``[m]``.
    """
    i = first
    while i + GROUP <= last:
        _solve_four(lines, i, start, end, x, arriving)
        i += GROUP
    for k in range(i, last):
        _solve_one(lines, k, start, end, x, arriving)


@CODE.keep
def _solve_one(
    lines: Lines, i: int, start: Floats, end: Floats, all_x: Floats, arriving: Floats
) -> None:  # pragma: no cover - compiled
    x, decay = all_x[i], lines.decay[i]
    n = x.size
    carry = x[n - 1] + end[i] * lines.end[i]
    x[n - 1] = carry
    for k in range(n - 2, -1, -1):
        carry = x[k] + carry * decay[k + 1]
        x[k] = carry
    arriving[i] = carry
    carry = _first(lines, i, start[i], carry)
    x[0] = carry
    for k in range(1, n):
        r = lines.segment[i, k] if lines.segment.size > 1 else lines.segment[0, 0]
        carry = (carry + r * x[k]) * decay[k]
        x[k] = carry


@CODE.keep
def _solve_four(
    lines: Lines, i: int, start: Floats, end: Floats, x: Floats, arriving: Floats
) -> None:  # pragma: no cover - compiled
    """Do what `_solve_one` does to four lines, written out so that the four carries stay in registers."""
    n = x.shape[1]
    x0, x1, x2, x3 = x[i], x[i + 1], x[i + 2], x[i + 3]
    decay = lines.decay
    d0, d1, d2, d3 = decay[i], decay[i + 1], decay[i + 2], decay[i + 3]
    for line in range(i, i + 4):
        x[line, n - 1] += end[line] * lines.end[line]
    c0, c1, c2, c3 = x0[n - 1], x1[n - 1], x2[n - 1], x3[n - 1]
    for k in range(n - 2, -1, -1):
        c0 = x0[k] + c0 * d0[k + 1]
        c1 = x1[k] + c1 * d1[k + 1]
        c2 = x2[k] + c2 * d2[k + 1]
        c3 = x3[k] + c3 * d3[k + 1]
        x0[k], x1[k], x2[k], x3[k] = c0, c1, c2, c3
    arriving[i], arriving[i + 1], arriving[i + 2], arriving[i + 3] = c0, c1, c2, c3
    for line in range(i, i + 4):
        x[line, 0] = _first(lines, line, start[line], arriving[line])
    c0, c1, c2, c3 = x0[0], x1[0], x2[0], x3[0]
    if lines.segment.size == 1:
        r = lines.segment[0, 0]
        for k in range(1, n):
            c0 = (c0 + r * x0[k]) * d0[k]
            c1 = (c1 + r * x1[k]) * d1[k]
            c2 = (c2 + r * x2[k]) * d2[k]
            c3 = (c3 + r * x3[k]) * d3[k]
            x0[k], x1[k], x2[k], x3[k] = c0, c1, c2, c3
    else:
        r0, r1, r2, r3 = lines.segment[i], lines.segment[i + 1], lines.segment[i + 2], lines.segment[i + 3]
        for k in range(1, n):
            c0 = (c0 + r0[k] * x0[k]) * d0[k]
            c1 = (c1 + r1[k] * x1[k]) * d1[k]
            c2 = (c2 + r2[k] * x2[k]) * d2[k]
            c3 = (c3 + r3[k] * x3[k]) * d3[k]
            x0[k], x1[k], x2[k], x3[k] = c0, c1, c2, c3


@CODE.keep
def collect_bits(lines: Lines, i: int, end: Floats, x: Floats, arriving: Floats) -> None:  # pragma: no cover - compiled
    """First half of a solve of the bit lines, row by row from ``i = 0`` on; injected currents ``x[m, n]``, in place.

    ``end`` are the voltages of the end terminals ``[n]``; with the last row ``arriving[n]`` gets ``J_0``.
    """
    m, n = x.shape
    here = x[i]
    if i == 0:
        for j in range(n):
            here[j] += end[j] * lines.end[j]
    else:
        above, decay = x[i - 1], lines.decay[i - 1]
        for j in range(n):
            here[j] += above[j] * decay[j]
    if i == m - 1:
        for j in range(n):
            arriving[j] = here[j]


@CODE.keep
def spread_bits(lines: Lines, i: int, start: Floats, x: Floats) -> None:  # pragma: no cover - compiled
    """Second half, row by row from ``i = m - 1`` to 0: ``x`` becomes voltages; ``start`` are those of the terminals."""
    m, n = x.shape
    here, decay = x[i], lines.decay[i]
    if i == m - 1:
        for j in range(n):
            here[j] = _first(lines, j, start[j], here[j])
    elif lines.segment.size == 1:
        below, r = x[i + 1], lines.segment[0, 0]
        for j in range(n):
            here[j] = (below[j] + r * here[j]) * decay[j]
    else:
        below, each = x[i + 1], lines.segment[i]
        for j in range(n):
            here[j] = (below[j] + each[j] * here[j]) * decay[j]


def terminal_current(lines: Lines, voltage: Floats, arriving: Floats) -> Floats:
    """Currents [A] that leave lines by their start terminals at ``voltage`` ``[..., lines]``; zero where they float."""
    floats = np.isinf(lines.start)
    start = np.where(floats, 0.0, lines.start)
    leaving = (arriving - voltage * lines.total) / (1.0 + start * lines.total)
    return np.asarray(np.where(floats, 0.0, leaving))
