"""Line voltages that select one cell of an array, and leave the others with less."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hardware.rram.arguments import array_shape, one_of, real, whole
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]
Scheme = Literal["half", "third", "ground", "floating"]

SCHEMES: dict[Scheme, tuple[float, float]] = {
    "half": (1 / 2, 1 / 2),
    "third": (1 / 3, 2 / 3),
    "ground": (0.0, 0.0),
    "floating": (np.nan, np.nan),
}
"""Voltage of the unselected word lines and bit lines, in units of the write voltage.

``half`` (V/2) leaves half of it on the cells of the selected lines and none on the others; ``third`` (V/3) a third on
all; ``ground`` the whole on the other cells of the selected word line, where an access transistor must stand in;
``floating`` what the sneak paths give.
"""


def write_voltages(
    shape: tuple[int, int], row: int, column: int, voltage: float, scheme: Scheme = "half"
) -> tuple[Floats, Floats]:
    """Voltages [V] of the word lines ``(m,)`` and bit lines ``(n,)`` that put ``voltage`` [V] on one cell.

    The selected word line is at ``voltage`` and the selected bit line at zero.

    Parameters
    ----------
    shape : (m, n)
        Of the array.
    row, column : int
        The selected cell.
    voltage : float
        Write voltage [V], of either sign.
    scheme : {"half", "third", "ground", "floating"}
        See `SCHEMES`; NaN stands for a line that floats.

    Raises
    ------
    UnknownNameError
        For a scheme that does not exist.
    DescriptionError
        For a cell outside the array.

    References
    ----------
    A. Flocke and T. G. Noll, ESSCIRC 2007, doi 10.1109/ESSCIRC.2007.4430311 (sneak paths in passive arrays).
    """
    word, bit = SCHEMES[one_of("scheme", scheme, SCHEMES)]  # type: ignore[index]
    m, n = array_shape(shape)
    row, column = whole("the row", row, least=0), whole("the column", column, least=0)
    if row >= m or column >= n:
        raise DescriptionError(f"cell ({row}, {column}) lies outside an array of {m} x {n}")
    voltage = real("the write voltage", voltage)
    words, bits = np.full(m, word * voltage), np.full(n, bit * voltage)
    words[row], bits[column] = voltage, 0.0
    return words, bits
