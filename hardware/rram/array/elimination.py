"""The effective matrix of an array by elimination (see `joining`), its cost independent of how much current is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hardware.rram.array.joining import join_cells, join_resistors
from hardware.rram.array.lines import SHORT
from hardware.rram.array.network import CellNetwork, LineEnds

Floats = NDArray[np.float64]

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
            # Where both ends of a line are shorts, each takes half.
            np.maximum(network.bit_ends.start, SHORT),
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
    none, no_record = np.empty(0), np.empty((0, 0))
    along, down = np.full(n, word_segment[0, 0]), np.full(n, bit_segment[0, 0])
    for i in range(first, last):
        if word_segment.size > 1:
            along[:] = word_segment[i]
        if bit_segment.size > 1:
            down[:] = bit_segment[i]
        join_cells(g[i], none, along, word_start[i], word_end[i], couplings, sources[i + 1])
        sources[0] += sources[i + 1]
        join_resistors(bit_start if i == m - 1 else down, couplings, sources, i + 2, no_record)
