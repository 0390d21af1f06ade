"""A crossbar with cells of any law in place of its conductances, in its own order of lines."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.array.crossbar import Crossbar, Solution
from hardware.rram.array.islands import check_islands
from hardware.rram.array.network import CellNetwork
from hardware.rram.array.nonlinear import TOLERANCE, CellLaw, solve_cells
from hardware.rram.array.orientation import directions
from hardware.rram.array.terminals import LineEnds
from hardware.rram.device.law import check_law
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class TurnedCells:
    """A crossbar as the solver takes it: word lines start at column 0, bit lines past the last row.

    Parameters
    ----------
    network : CellNetwork
        Wires and ends, some of them floating.
    law : CellLaw
        Of the cells, turned likewise.
    rows, columns : slice
        What turns an array ``[m, n]``, and turns it back.
    """

    network: CellNetwork
    law: CellLaw
    rows: slice
    columns: slice

    @classmethod
    def of(cls, crossbar: Crossbar, law: CellLaw, words: Floats, bits: Floats) -> TurnedCells:
        """Turn a crossbar whose lines with a voltage of NaN float."""
        check_law(law, crossbar.shape)
        rows, columns = directions(crossbar)
        network = replace(
            crossbar.network,
            word_ends=crossbar.network.word_ends.floating(np.isnan(words)[rows]),
            bit_ends=crossbar.network.bit_ends.floating(np.isnan(bits)[columns]),
        )
        return cls(network=network, law=_TurnedLaw(law, rows, columns), rows=rows, columns=columns)

    def with_law(self, law: CellLaw) -> TurnedCells:
        """Return it with other cells, given in the order of the crossbar."""
        return replace(self, law=_TurnedLaw(law, self.rows, self.columns))

    def turned(self, values: Floats) -> Floats:
        """Turn an array over the cells, or turn it back."""
        return np.ascontiguousarray(values[self.rows, self.columns])

    def voltages(self, words: Floats, bits: Floats) -> tuple[Floats, Floats]:
        """Turn the voltages of the lines; zero where they float."""
        turned = np.nan_to_num(words[self.rows]), np.nan_to_num(bits[self.columns])
        return np.ascontiguousarray(turned[0]), np.ascontiguousarray(turned[1])


class _TurnedLaw:
    def __init__(self, law: CellLaw, rows: slice, columns: slice) -> None:
        self._law, self._cells = law, (rows, columns)

    def current(self, voltage: Floats) -> Floats:
        return np.ascontiguousarray(self._law.current(voltage[self._cells])[self._cells])

    def slope(self, voltage: Floats) -> Floats:
        return np.ascontiguousarray(self._law.slope(voltage[self._cells])[self._cells])


def solve_law(
    crossbar: Crossbar,
    law: CellLaw,
    voltages: ArrayLike,
    bit_voltages: ArrayLike = 0.0,
    *,
    tolerance: float = TOLERANCE,
) -> Solution:
    """Solve one input; the result has the form of `Crossbar.solve`.

    Parameters
    ----------
    crossbar : Crossbar
        Wires and ends; its conductances are not read.
    law : CellLaw
        Of the cells, such as ``CellLawAt(Filament(), states)``.
    voltages : array, shape (m,)
        Of the word lines [V]; NaN where one floats.
    bit_voltages : float or array, shape (n,)
        Of the bit lines' terminals [V]; NaN where one floats.
    tolerance : float
        As of `solve_cells`.

    Raises
    ------
    DescriptionError
        For shapes that do not fit, and lines that nothing holds.
    EngineError
        If Newton's method stalls.
    """
    words, bits = line_voltages(crossbar, voltages, bit_voltages)
    cells = TurnedCells.of(crossbar, law, words, bits)
    found = solve_cells(cells.network, cells.law, *cells.voltages(words, bits), tolerance=tolerance).balance
    return Solution(
        word_nodes=cells.turned(found.word_nodes),
        bit_nodes=cells.turned(found.bit_nodes),
        word_currents=-found.word_currents[cells.rows],
        bit_currents=found.bit_currents[cells.columns],
    )


def line_voltages(crossbar: Crossbar, voltages: ArrayLike, bit_voltages: ArrayLike) -> tuple[Floats, Floats]:
    """Check the voltages of one input and give every line its own, shapes (m,) and (n,).

    Raises
    ------
    DescriptionError
        For shapes that do not fit, and infinite voltages.
    """
    m, n = crossbar.shape
    words, bits = np.asarray(voltages, dtype=float), np.asarray(bit_voltages, dtype=float)
    if words.shape != (m,):
        raise DescriptionError(f"one input is needed: voltages of shape ({m},), got {words.shape}")
    if bits.shape not in ((), (n,)):
        raise DescriptionError(f"bit voltages are one number or an array of shape ({n},), got {bits.shape}")
    if np.any(np.isinf(words)) or np.any(np.isinf(bits)):
        raise DescriptionError("voltages must be finite, or NaN for a line that floats")
    return words, np.array(np.broadcast_to(bits, (n,)))


def check_held(crossbar: Crossbar, law: CellLaw | None, words: Floats, bits: Floats) -> None:
    """Raise `DescriptionError` if nothing holds the voltage of some line; voltages of NaN stand for floating lines."""
    if law is not None:
        check_law(law, crossbar.shape)
    network = crossbar.network
    rows, columns = directions(crossbar)
    conductance = np.asarray(crossbar.conductance) if law is None else law.slope(np.zeros(crossbar.shape))
    described = replace(
        network,
        conductance=conductance,
        word_ends=_ordered(network.word_ends, rows).floating(np.isnan(words)),
        bit_ends=_ordered(network.bit_ends, columns).floating(np.isnan(bits)),
        backward=(False, False),
    )
    check_islands(described)


def _ordered(ends: LineEnds, lines: slice) -> LineEnds:
    return LineEnds(start=ends.start[lines], end=ends.end[lines])
