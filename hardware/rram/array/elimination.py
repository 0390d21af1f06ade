"""The effective matrix of an array by elimination (see `joining`), its cost independent of how much current is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hardware.rram.array.joining import join_cells, join_resistors, wire_row
from hardware.rram.array.lines import SHORT
from hardware.rram.array.network import CellNetwork
from hardware.rram.array.terminals import LineEnds

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
    # Where both ends of a line are shorts, each takes half.
    starts, none, no_record = np.maximum(network.bit_ends.start, SHORT), np.empty(0), np.empty((0, 0))
    for i in range(m):
        along = wire_row(network.word_segment, i, n)
        down = wire_row(network.bit_segment, i, n) if i < m - 1 else starts
        ends = network.word_ends.start[i], network.word_ends.end[i]
        join_cells(network.conductance[i], none, along, *ends, couplings, sources[i + 1])
        sources[0] += sources[i + 1]
        join_resistors(down, couplings, sources, i + 2, no_record)
        if (i + 1) % _ROWS == 0 or i == m - 1:
            report((i + 1) / m)
    return sources[1 : m + 1]
