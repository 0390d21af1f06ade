"""A crossbar with terminals at any ends, turned to what is solved: from column 0 on, and from the last row up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hardware.rram.array.network import Balance, CellNetwork
from hardware.rram.array.terminals import LineEnds

if TYPE_CHECKING:
    from hardware.rram.array.crossbar import Crossbar

Floats = NDArray[np.float64]


def directions(crossbar: Crossbar) -> tuple[slice, slice]:
    """Order of rows and of columns in the network; the same slices turn back."""
    back = slice(None, None, -1)
    return (
        back if crossbar.bit_ends == "first" else slice(None),
        back if crossbar.word_ends == "last" else slice(None),
    )


def oriented_network(crossbar: Crossbar) -> CellNetwork:
    """Write the equations of a crossbar."""
    m, n = crossbar.shape
    rows, columns = directions(crossbar)
    word, bit = np.asarray(crossbar.word_resistance), np.asarray(crossbar.bit_resistance)
    driver = np.broadcast_to(np.asarray(crossbar.driver_resistance), (m,))
    terminal = np.broadcast_to(np.asarray(crossbar.terminal_resistance), (n,))
    words, bits = crossbar.word_ends == "both", crossbar.bit_ends == "both"
    near_word = word if word.ndim == 0 else word[:, -1 if crossbar.word_ends == "last" else 0]
    near_bit = bit if bit.ndim == 0 else bit[0 if crossbar.bit_ends == "first" else -1]
    far_word = (word if word.ndim == 0 else word[:, -1]) if words else np.inf
    far_bit = (bit if bit.ndim == 0 else bit[0]) if bits else np.inf

    def segment(r: Floats, inner: tuple[slice, slice]) -> Floats:
        return np.full((1, 1), float(r)) if r.ndim == 0 else np.ascontiguousarray(r[inner][rows, columns])

    return CellNetwork(
        conductance=np.ascontiguousarray(np.asarray(crossbar.conductance)[rows, columns]),
        word_segment=segment(word, (slice(None), slice(0, n))),
        bit_segment=segment(bit, (slice(1, None) if bits else slice(None), slice(None))),
        word_ends=LineEnds(start=(near_word + driver)[rows].copy(), end=(far_word + driver)[rows].copy()),
        bit_ends=LineEnds(start=(near_bit + terminal)[columns].copy(), end=(far_bit + terminal)[columns].copy()),
        backward=(crossbar.bit_ends == "first", crossbar.word_ends == "last"),
    )


def turned_voltages(crossbar: Crossbar, words: Floats, bits: Floats) -> tuple[Floats, Floats]:
    """Line voltages [V] in the order of the network, those of floating lines zero."""
    rows, columns = directions(crossbar)
    return np.ascontiguousarray(np.nan_to_num(words[rows])), np.ascontiguousarray(np.nan_to_num(bits[columns]))


def turned_back(crossbar: Crossbar, found: Balance) -> Balance:
    """Return what was found in the order of the crossbar."""
    rows, columns = directions(crossbar)
    return Balance(
        word_nodes=found.word_nodes[rows, columns],
        bit_nodes=found.bit_nodes[rows, columns],
        word_currents=found.word_currents[rows],
        bit_currents=found.bit_currents[columns],
        iterations=found.iterations,
    )
