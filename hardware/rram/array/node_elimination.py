"""Voltages of all bit-line nodes by elimination (see `joining`), for arrays in which conjugate gradients get lost.

The work is ``m n^3`` multiplications. What the voltages follow from would fill ``m n^2`` numbers; only every
k-th row of cells is kept, and the rows between are joined a second time.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hardware.rram.array.joining import join_cells, join_resistors, voltages_before, wire_row
from hardware.rram.array.lines import SHORT, Lines, solve_words

Floats = NDArray[np.float64]


def bit_nodes(
    g: Floats,
    word_shunt: Floats,
    bit_shunt: Floats,
    words: Lines,
    bits: Lines,
    word_ends: Floats,
    bit_ends: Floats,
    word_voltages: Floats,
    bit_voltages: Floats,
    word_injection: Floats,
    bit_injection: Floats,
    report: Callable[[float], None] = lambda done: None,
) -> Floats:
    """Return the voltages [V] of the bit-line nodes, ``[m, n]``.

    Parameters
    ----------
    g : array, shape (m, n)
        Of the cells [S].
    word_shunt, bit_shunt : array, shape (m, n)
        Conductances from the nodes to ground [S]; of no size for none.
    words, bits : Lines
        Factored.
    word_ends, bit_ends : array, shape (m,) and (n,)
        Resistances of the end terminals [ohm].
    word_voltages, bit_voltages : array, shape (m,) and (n,)
        Of the terminals [V].
    word_injection, bit_injection : array, shape (m, n)
        Currents into the nodes [A]; of no size for none.
    report : callable, optional
        Called with the part that is done.
    """
    m, n = g.shape
    driven = np.zeros((m, n)) if word_injection.size == 0 else word_injection.copy()
    solve_words(words, 0, m, word_voltages, word_voltages, driven, np.empty(m))
    driven *= g
    if bit_injection.size:
        driven += bit_injection
    outer = 1 / np.maximum(bit_ends, SHORT)
    couplings, sources = np.zeros((n + n % 2, n)), np.zeros((3, n))
    sources[0], sources[1] = outer, outer * bit_voltages
    stride = math.isqrt(m - 1) + 1
    starts = []
    rest = (g, word_shunt, bit_shunt, words, bits, word_ends, driven)
    for first in range(0, m, stride):
        starts.append((couplings.copy(), sources.copy()))
        last = min(first + stride, m)
        _join(first, last, *rest, couplings, sources, np.empty((0, 0, 0)))
        report(last / (2 * m))
    u, behind = np.empty((m, n)), np.where(np.isinf(bits.start), 0.0, bit_voltages)
    records = np.empty((stride, n, n + 3))
    for first in range(stride * (len(starts) - 1), -1, -stride):
        last = min(first + stride, m)
        _join(first, last, *rest, *starts.pop(), records)
        for i in range(last - 1, first - 1, -1):
            voltages_before(records[i - first], behind)
            u[i] = behind
        report(1 - first / (2 * m))
    return u


def _join(
    first: int,
    last: int,
    g: Floats,
    word_shunt: Floats,
    bit_shunt: Floats,
    words: Lines,
    bits: Lines,
    word_ends: Floats,
    driven: Floats,
    couplings: Floats,
    sources: Floats,
    records: Floats,
) -> None:
    m, n = g.shape
    none, no_record, leak = np.empty(0), np.empty((0, 0)), np.empty(n)
    for i in range(first, last):
        along = wire_row(words.segment, i, n)
        down = wire_row(bits.segment, i, n) if i < m - 1 else bits.start
        shunt = word_shunt[i] if word_shunt.size > 0 else none
        join_cells(g[i], shunt, along, words.start[i], word_ends[i], couplings, leak)
        sources[0] += leak
        sources[1] += driven[i]
        if bit_shunt.size > 0:
            sources[0] += bit_shunt[i]
        join_resistors(down, couplings, sources, 2, records[i - first] if records.size > 0 else no_record)
