r"""How an array settles: lines with capacitance, driven by voltages that change.

A singly diagonally implicit Runge-Kutta method of order 2 with ``gamma = 1 - 1/sqrt(2)``: both stages have the same
matrix, ``C / (gamma h) + G``, so an array of linear cells is factored once, and steps of the drivers do not ring.

References
----------
R. Alexander, SIAM J. Numer. Anal. 14, 1006 (1977), doi 10.1137/0714068.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import instance, real, reals
from hardware.rram.array.crossbar import Crossbar
from hardware.rram.array.network import Balance
from hardware.rram.array.nonlinear import CellLaw, solve_cells
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]

ORDER = 2
_GAMMA = 1 - 1 / np.sqrt(2)


@dataclass(frozen=True, kw_only=True, eq=False)
class LineTransient:
    """Currents of an array over time.

    Parameters
    ----------
    times : array, shape (steps,)
        Ends of the steps [s].
    bit_currents : array, shape (steps, n)
        Currents out of the bit lines [A].
    word_currents : array, shape (steps, m)
        Currents from the drivers into the word lines [A].
    word_nodes, bit_nodes : array, shape (m, n)
        Voltages at the end [V].
    """

    times: Floats
    bit_currents: Floats
    word_currents: Floats
    word_nodes: Floats
    bit_nodes: Floats

    def settling_time(self, tolerance: float = 0.01) -> float:
        """Time [s] after which every bit current stays within ``tolerance`` of the largest final one; inf if never."""
        final = self.bit_currents[-1]
        off = np.max(np.abs(self.bit_currents - final), axis=1) > tolerance * np.max(np.abs(final), initial=0.0)
        late = np.flatnonzero(off)
        if late.size == 0:
            return float(self.times[0])
        return float(self.times[late[-1] + 1]) if late[-1] + 2 < len(self.times) else float("inf")


def line_transient(
    crossbar: Crossbar,
    voltages: ArrayLike,
    *,
    step: float,
    word_capacitance: ArrayLike,
    bit_capacitance: ArrayLike,
    law: CellLaw | None = None,
) -> LineTransient:
    """Simulate an array that starts without charge.

    Parameters
    ----------
    crossbar : Crossbar
        The array; word lines at column 0 and bit lines past the last row (the default ends).
    voltages : array, shape (steps + 1, m)
        Of the drivers [V] at times ``0, step, ...``, straight lines in between.
    step : float
        Time step [s].
    word_capacitance, bit_capacitance : float or array, shape (m, n)
        To ground, of each node [F].
    law : CellLaw, optional
        Nonlinear cells in place of the conductances.

    Raises
    ------
    DescriptionError
        For shapes and values that make no sense.
    """
    instance("the array", crossbar, Crossbar, "a Crossbar")
    v = reals("voltages", voltages)
    m, n = crossbar.shape
    if v.ndim != 2 or v.shape[1] != m or len(v) < 2 or not np.all(np.isfinite(v)):
        raise DescriptionError(f"voltages need the shape (steps + 1, {m}) and finite values, got shape {v.shape}")
    step = real("the step [s]", step, above=0)
    if (crossbar.word_ends, crossbar.bit_ends) != ("first", "last"):
        raise DescriptionError("transients are for arrays driven at column 0 and grounded past the last row")
    charge = [node_capacitance(c, m, n) / (_GAMMA * step) for c in (word_capacitance, bit_capacitance)]
    network = replace(crossbar.network, word_shunt=charge[0], bit_shunt=charge[1])
    grounded = np.zeros(n)
    drop: Floats | None = None

    def stage(drive: Floats, base: tuple[Floats, Floats]) -> Balance:
        nonlocal drop
        held = {"word_injection": charge[0] * base[0], "bit_injection": charge[1] * base[1]}
        if law is None:
            return network.solve(drive, grounded, **held)
        found = solve_cells(network, law, drive, grounded, guess=drop, **held).balance
        drop = found.word_nodes - found.bit_nodes
        return found

    now = (np.zeros((m, n)), np.zeros((m, n)))
    carry = (1 - _GAMMA) / _GAMMA
    into, out = np.empty((len(v) - 1, m)), np.empty((len(v) - 1, n))
    for k in range(len(v) - 1):
        half = stage(v[k] + _GAMMA * (v[k + 1] - v[k]), now)
        inner = (half.word_nodes, half.bit_nodes)
        base = (now[0] + carry * (inner[0] - now[0]), now[1] + carry * (inner[1] - now[1]))
        end = stage(v[k + 1], base)
        now = (end.word_nodes, end.bit_nodes)
        into[k], out[k] = -end.word_currents, end.bit_currents
    return LineTransient(
        times=np.asarray(step * np.arange(1, len(v)), dtype=np.float64),
        bit_currents=out,
        word_currents=into,
        word_nodes=now[0],
        bit_nodes=now[1],
    )


def node_capacitance(value: ArrayLike, m: int, n: int) -> Floats:
    """Check the capacitance of nodes and give every node its own, shape (m, n) [F]."""
    array = reals("capacitances", value)
    if array.ndim and array.shape != (m, n):
        raise DescriptionError(f"a capacitance is one number or an array of shape ({m}, {n}), got {array.shape}")
    if not np.all(np.isfinite(array)) or np.any(array < 0):
        raise DescriptionError("capacitances must be finite and not negative [F]")
    return np.array(np.broadcast_to(array, (m, n)))
