r"""Rows of cells joined one by one to a network of the bit lines, without any subtraction.

What lies above a row of cells is a network with one terminal for each bit line: conductances ``c_jk >= 0`` between
terminals, and for each driven line ``s`` the current ``a_sj >= 0`` that one volt on it sends out of terminal ``j``
when all are grounded. By Kirchhoff ``S_jj = sum_s a_sj + sum_k c_jk``. A row of cells adds to both; then each bit line
goes on through a segment. A resistor ``r`` behind terminal ``p`` changes it by rank one: with ``t = 1 / (1 + r S_pp)``,

``c_jk += r t c_jp c_pk``,  ``a_sk += r t a_sp c_pk``,  ``c_jp *= t``,  ``a_sp *= t``   (j, k not p).

Nothing is subtracted and nothing is divided by the resistance of a wire (the elimination of W. K. Grassmann, M. I.
Taksar and D. P. Heyman), so every entry keeps nearly all of its digits, whatever the conductances and wires. The work
is ``m n^2 (m + n) / 2`` multiplications for ``m >= n``, however much current is lost.

References
----------
W. K. Grassmann, M. I. Taksar and D. P. Heyman, Oper. Res. 33, 1107 (1985), doi 10.1287/opre.33.5.1107.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hardware.rram.array.compilation import CODE
from hardware.rram.array.lines import SHORT

Floats = NDArray[np.float64]

_BLOCK = 8  # resistors put in together; `_add_products` is written for it


def wire_row(segment: Floats, i: int, n: int) -> Floats:
    """Resistances [ohm] of the n segments of row i, where ``segment`` is ``[m, n]`` or ``[1, 1]``."""
    return segment[i] if segment.size > 1 else np.full(n, segment[0, 0])


@CODE.keep
def join_cells(
    g: Floats, shunt: Floats, segment: Floats, start: float, end: float, couplings: Floats, leak: Floats
) -> None:  # pragma: no cover - compiled
    """Add a word line with its cells ``g[n]`` to ``couplings``; ``leak[n]`` gets its currents for one volt at its ends.

    ``shunt[n]`` are conductances from its nodes to ground, which one volt drives as well; of no size for none.
    """
    n = g.size
    decay, toward_end, arriving = np.ones(n), g.copy(), np.zeros(n)
    if shunt.size > 0:
        toward_end += shunt
        arriving += shunt
    toward_end[n - 1] += 1.0 / max(end, SHORT)
    arriving[n - 1] += 1.0 / max(end, SHORT)
    for k in range(n - 1, 0, -1):
        decay[k] = 1.0 / (1.0 + segment[k] * toward_end[k])
        toward_end[k - 1] += toward_end[k] * decay[k]
        arriving[k - 1] += arriving[k] * decay[k]
    # Resistance from a node toward the start, its own cell left out.
    toward_start, voltage = start, 0.0
    for k in range(n):
        if k > 0:
            beside = g[k - 1] + (shunt[k - 1] if shunt.size > 0 else 0.0)
            toward_start = segment[k] + 1.0 / (1.0 / toward_start + beside)
            voltage = (voltage + segment[k] * arriving[k]) * decay[k]
        elif np.isinf(start):
            voltage = arriving[0] / toward_end[0]
        else:
            voltage = (1.0 + start * arriving[0]) / (1.0 + start * toward_end[0])
        if g[k] == 0.0:
            leak[k] = 0.0
            continue
        leak[k] = g[k] * voltage
        share = g[k] / (1.0 / toward_start + toward_end[k])
        for j in range(k + 1, n):
            share *= decay[j]
            couplings[j, k] += share * g[j]


@CODE.keep
def join_resistors(
    r: Floats, couplings: Floats, sources: Floats, count: int, record: Floats
) -> None:  # pragma: no cover - compiled
    """Put ``r[n]`` behind the terminals; ``couplings[j, k]`` is read for ``k < j``, the first ``count`` sources are.

    ``record[n, n + 3]``, if it has a size, gets what the voltage of each terminal follows from (`voltages_before`): its
    couplings when it was eliminated, the current of source 1 there, and the weights of these and of what lies behind.
    """
    n = r.size
    panel, before = np.empty((_BLOCK, n)), np.zeros((_BLOCK, n + n % 2))
    kept, factor = np.empty(_BLOCK), np.empty(_BLOCK)
    weights, own = np.zeros((2, _BLOCK)), np.empty((2, _BLOCK))
    for first in range(0, n, _BLOCK):
        size = min(_BLOCK, n - first)
        if not np.any(r[first : first + size] > 0.0):
            if record.size > 0:
                record[first : first + size] = 0.0
                record[first : first + size, n + 2] = 1.0
            continue
        before[size:] = 0.0
        weights[:, size:] = 0.0
        for p in range(size):
            at = first + p
            for j in range(at):
                panel[p, j] = couplings[at, j]
            panel[p, at] = 0.0
            for j in range(at + 1, n):
                panel[p, j] = couplings[j, at]
        for p in range(size):
            at = first + p
            for j in range(n):
                before[p, j] = panel[p, j]
            total = sources[0, at] + np.sum(panel[p])
            kept[p] = 1.0 / (1.0 + r[at] * total)
            factor[p] = r[at] * kept[p] if r[at] < np.inf else 1.0 / total
            for k in range(size):
                if k != p:
                    share = factor[p] * panel[k, at]
                    for j in range(n):
                        panel[k, j] += share * before[p, j]
                    panel[k, first + k] = 0.0
                panel[k, at] *= kept[p]
            for j in range(n):
                panel[p, j] = before[p, j] * kept[p]
            share = factor[p] * sources[0, at]
            for j in range(n):
                sources[0, j] += share * before[p, j]
            sources[0, at] *= kept[p]
        for i in range(0, n, 2):
            for p in range(size):
                weights[0, p] = factor[p] * before[p, i]
                weights[1, p] = factor[p] * before[p, i + 1]
            _add_products(couplings, i, weights, before, i + 1)
        for p in range(size):
            at = first + p
            for j in range(at):
                couplings[at, j] = panel[p, j]
            for j in range(at + 1, n):
                couplings[j, at] = panel[p, j]
        for i in range(1, count, 2):
            for h in range(2):
                for p in range(size):
                    own[h, p] = sources[i + h, first + p]
                for p in range(size):
                    if record.size > 0 and i + h == 1:
                        for j in range(n):
                            record[first + p, j] = before[p, j]
                        record[first + p, n] = own[h, p]
                        record[first + p, n + 1] = factor[p]
                        record[first + p, n + 2] = kept[p]
                    weights[h, p] = factor[p] * own[h, p]
                    for k in range(size):
                        own[h, k] += weights[h, p] * before[p, first + k]
                    own[h, p] *= kept[p]
            _add_products(sources, i, weights, before, n)
            for h in range(2):
                for p in range(size):
                    sources[i + h, first + p] = own[h, p]


@CODE.keep
def _add_products(
    rows: Floats, i: int, weights: Floats, added: Floats, length: int
) -> None:  # pragma: no cover - compiled
    """Add eight weighted rows to row i, and with other weights to the next: each number is fetched once for both."""
    x, y = rows[i], rows[i + 1]
    p0, p1, p2, p3 = added[0], added[1], added[2], added[3]
    p4, p5, p6, p7 = added[4], added[5], added[6], added[7]
    a, b = weights[0], weights[1]
    a0, a1, a2, a3, a4, a5, a6, a7 = a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]
    b0, b1, b2, b3, b4, b5, b6, b7 = b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]
    for j in range(length):
        v0, v1, v2, v3, v4, v5, v6, v7 = p0[j], p1[j], p2[j], p3[j], p4[j], p5[j], p6[j], p7[j]
        x[j] += a0 * v0 + a1 * v1 + a2 * v2 + a3 * v3 + a4 * v4 + a5 * v5 + a6 * v6 + a7 * v7
        y[j] += b0 * v0 + b1 * v1 + b2 * v2 + b3 * v3 + b4 * v4 + b5 * v5 + b6 * v6 + b7 * v7


@CODE.keep
def voltages_before(record: Floats, voltages: Floats) -> None:  # pragma: no cover - compiled
    """Turn the voltages behind the resistors ``[n]`` into those before them, in place."""
    n = voltages.size
    for p in range(n - 1, -1, -1):
        if record[p, n + 1] > 0.0:
            arriving = record[p, n]
            for k in range(n):
                arriving += record[p, k] * voltages[k]
            voltages[p] = record[p, n + 1] * arriving + record[p, n + 2] * voltages[p]
