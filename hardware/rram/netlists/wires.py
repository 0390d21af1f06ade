"""Segments of wire along the lines of a crossbar, terminal to terminal, as it was described."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hardware.rram.array.crossbar import Crossbar

Floats = NDArray[np.float64]


def wires(crossbar: Crossbar, kind: Literal["word", "bit"], line: int) -> Floats:
    """Resistances [ohm] along one line: one more than it has cells.

    Word lines are counted from column 0, bit lines from row 0; infinite where there is no terminal, the driver's or
    terminal's resistance included.
    """
    m, n = crossbar.shape
    word = kind == "word"
    given = np.asarray(crossbar.word_resistance if word else crossbar.bit_resistance)
    outer = np.asarray(crossbar.driver_resistance if word else crossbar.terminal_resistance)
    ends = crossbar.word_ends if word else crossbar.bit_ends
    cells = n if word else m
    along = np.full(cells + 1, np.inf)
    kept = {"first": slice(0, cells), "last": slice(1, None), "both": slice(None)}[ends]
    along[kept] = given if given.ndim == 0 else (given[line] if word else given[:, line])
    along[[0, -1]] += outer if outer.ndim == 0 else outer[line]
    return along
