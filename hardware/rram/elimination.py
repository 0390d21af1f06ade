r"""The effective matrix of an array by elimination: rows of cells joined one by one to a network of the bit lines.

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

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hardware.rram.lines import SHORT
from hardware.rram.network import CellNetwork, LineEnds

Floats = NDArray[np.float64]

_BLOCK = 8  # resistors put in together; `_add_products` is written for it
_ROWS = 16  # rows of cells between two reports of progress [chosen]


def eliminated(network: CellNetwork, report: Callable[[float], None] = lambda done: None) -> Floats:
    """Return the currents [A] out of the bit lines, ``[m, n]``, for one volt on each word line and the others at zero.

    Parameters
    ----------
    network : CellNetwork
        Without shunts; every line has a terminal.
    report : callable, optional
        Called with the part that is done.
    """
    m, n = network.conductance.shape
    ends = [1 + bool(np.any(np.isfinite(e.end))) for e in (network.word_ends, network.bit_ends)]
    if ends[0] * m < ends[1] * n:
        return eliminated(network.turned, report)[::-1, ::-1].T
    if ends[1] == 1:
        return _out_of_start(network, report)
    half = _out_of_start(network, lambda done: report(done / 2))
    return half + _out_of_start(_upside_down(network), lambda done: report((1 + done) / 2))[::-1]


def _upside_down(network: CellNetwork) -> CellNetwork:
    """Reverse the rows, and with them the ends of the bit lines."""
    down = network.bit_segment
    return replace(
        network,
        conductance=np.ascontiguousarray(network.conductance[::-1]),
        word_segment=np.ascontiguousarray(network.word_segment[::-1]),
        bit_segment=np.ascontiguousarray(np.roll(down[::-1], -1, axis=0)) if down.size > 1 else down,
        word_ends=LineEnds(start=network.word_ends.start[::-1].copy(), end=network.word_ends.end[::-1].copy()),
        bit_ends=LineEnds(start=network.bit_ends.end, end=network.bit_ends.start),
    )


def _out_of_start(network: CellNetwork, report: Callable[[float], None]) -> Floats:
    m, n = network.conductance.shape
    # Rows are updated in pairs: one more row, of zeros, where there is an odd one.
    couplings, sources = np.zeros((n + n % 2, n)), np.zeros((m + 2, n))
    sources[0] = 1 / np.maximum(network.bit_ends.end, SHORT)
    for first in range(0, m, _ROWS):
        last = min(first + _ROWS, m)
        _join_rows(
            first,
            last,
            network.conductance,
            network.word_segment,
            network.bit_segment,
            network.word_ends.start,
            network.word_ends.end,
            network.bit_ends.start,
            couplings,
            sources,
        )
        report(last / m)
    return sources[1 : m + 1]


@njit(cache=True, error_model="numpy", nogil=True)
def _join_rows(
    first: int,
    last: int,
    g: Floats,
    word_segment: Floats,
    bit_segment: Floats,
    word_start: Floats,
    word_end: Floats,
    bit_start: Floats,
    couplings: Floats,
    sources: Floats,
) -> None:  # pragma: no cover - compiled
    m, n = g.shape
    along, down = np.full(n, word_segment[0, 0]), np.full(n, bit_segment[0, 0])
    for i in range(first, last):
        if word_segment.size > 1:
            along[:] = word_segment[i]
        if bit_segment.size > 1:
            down[:] = bit_segment[i]
        _join_cells(g[i], along, word_start[i], word_end[i], couplings, sources, i + 1)
        _join_resistors(bit_start if i == m - 1 else down, couplings, sources, i + 2)


@njit(cache=True, error_model="numpy", nogil=True)
def _join_cells(
    g: Floats, segment: Floats, start: float, end: float, couplings: Floats, sources: Floats, source: int
) -> None:  # pragma: no cover - compiled
    """Add a word line with its cells ``g[n]``, which is row ``source`` of the sources; row 0 is the sum of all."""
    n = g.size
    decay, toward_end = np.ones(n), np.empty(n)
    outer = 1.0 / max(end, SHORT)
    toward_end[n - 1] = g[n - 1] + outer
    for k in range(n - 1, 0, -1):
        decay[k] = 1.0 / (1.0 + segment[k] * toward_end[k])
        toward_end[k - 1] = g[k - 1] + toward_end[k] * decay[k]
    arriving = np.empty(n)
    arriving[n - 1] = outer
    for k in range(n - 1, 0, -1):
        arriving[k - 1] = arriving[k] * decay[k]
    toward_start, voltage = start, 0.0
    for k in range(n):
        if k == 0:
            voltage = (1.0 + start * arriving[0]) / (1.0 + start * toward_end[0])
        else:
            voltage = (voltage + segment[k] * arriving[k]) * decay[k]
            toward_start = segment[k] + toward_start / (1.0 + toward_start * g[k - 1])
        sources[source, k] = g[k] * voltage
        sources[0, k] += g[k] * voltage
        # One ampere into node k gives the voltage toward_start / (1 + toward_start toward_end) there.
        share = g[k] * toward_start / (1.0 + toward_start * toward_end[k])
        for j in range(k + 1, n):
            share *= decay[j]
            couplings[j, k] += share * g[j]


@njit(cache=True, error_model="numpy", nogil=True)
def _join_resistors(r: Floats, couplings: Floats, sources: Floats, count: int) -> None:  # pragma: no cover - compiled
    """Put ``r[n]`` behind the terminals; ``couplings[j, k]`` is read for ``k < j``, the first ``count`` sources are."""
    n = r.size
    panel, before = np.empty((_BLOCK, n)), np.zeros((_BLOCK, n + n % 2))
    kept, factor = np.empty(_BLOCK), np.empty(_BLOCK)
    weights, own = np.zeros((2, _BLOCK)), np.empty((2, _BLOCK))
    for first in range(0, n, _BLOCK):
        size = min(_BLOCK, n - first)
        if not np.any(r[first : first + size] > 0.0):
            continue
        before[size:] = 0.0
        weights[:, size:] = 0.0
        for p in range(size):
            at = first + p
            panel[p, :at] = couplings[at, :at]
            panel[p, at] = 0.0
            panel[p, at + 1 :] = couplings[at + 1 : n, at]
        for p in range(size):
            at = first + p
            before[p, :n] = panel[p]
            kept[p] = 1.0 / (1.0 + r[at] * (sources[0, at] + np.sum(panel[p])))
            factor[p] = r[at] * kept[p]
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
            couplings[at, :at] = panel[p, :at]
            couplings[at + 1 : n, at] = panel[p, at + 1 :]
        for i in range(1, count, 2):
            for h in range(2):
                for p in range(size):
                    own[h, p] = sources[i + h, first + p]
                for p in range(size):
                    weights[h, p] = factor[p] * own[h, p]
                    for k in range(size):
                        own[h, k] += weights[h, p] * before[p, first + k]
                    own[h, p] *= kept[p]
            _add_products(sources, i, weights, before, n)
            for h in range(2):
                for p in range(size):
                    sources[i + h, first + p] = own[h, p]


@njit(cache=True, error_model="numpy", nogil=True)
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
