"""Crossbars of cells whose current is no straight line: Newton's method over the linear array solve."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hardware.rram.network import Balance, CellNetwork
from spice_models.errors import DescriptionError, EngineError

Floats = NDArray[np.float64]

TOLERANCE = 1e-11
"""Largest difference between the current of a cell and that of its linearisation, relative to it [chosen]."""

_FLOOR = 1e-2 * TOLERANCE  # of that difference, relative to the largest current of a cell
_MOST_STEPS = 100
_SHORTEST = 2.0**-30


class CellLaw(Protocol):
    """What every cell of an array does at the voltage across it; rising or level, never falling."""

    def current(self, voltage: Floats) -> Floats:
        """Current [A] from word line to bit line of every cell, shape (m, n)."""

    def slope(self, voltage: Floats) -> Floats:
        """Differential conductance ``dI/dV`` [S], shape (m, n)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CellBalance:
    """A solved array: its voltages and terminal currents, the current of each cell, and the Newton steps it took."""

    balance: Balance
    cell_currents: Floats
    steps: int


def solve_cells(
    wires: CellNetwork,
    law: CellLaw,
    word_voltages: Floats,
    bit_voltages: Floats,
    *,
    guess: Floats | None = None,
    word_injection: Floats | None = None,
    bit_injection: Floats | None = None,
    tolerance: float = TOLERANCE,
) -> CellBalance:
    """Find voltages at which cells and wires agree.

    Every step solves the array with the cells' tangents, ``I = I_0 + dI/dV (V - V_0)``, and goes as far towards that
    solution as makes the next correction by the same tangents smaller (the natural monotonicity test).

    Parameters
    ----------
    wires : CellNetwork
        The lines and their ends; its conductances are not read.
    law : CellLaw
        Of the cells.
    word_voltages, bit_voltages : array, shape (m,) and (n,)
        Of the terminals [V].
    guess : array, shape (m, n), optional
        Voltages across the cells to start from, such as those of the step before.
    word_injection, bit_injection : array, shape (m, n), optional
        Currents into the nodes [A].

    Raises
    ------
    DescriptionError
        For a law that falls with voltage somewhere, or returns what is no number.
    EngineError
        If Newton's method stalls.

    References
    ----------
    P. Deuflhard, Newton Methods for Nonlinear Problems (2004), doi 10.1007/978-3-642-23899-4.
    """
    shape = wires.conductance.shape
    drop = np.zeros(shape) if guess is None else guess
    current, slope = _evaluated(law, drop)

    def solve(network: CellNetwork, at: Floats, flowing: Floats) -> Balance:
        """Solve with cells that carry ``flowing`` at the voltages ``at``, and the slopes of the network from there."""
        offset = network.conductance * at - flowing
        return network.solve(
            word_voltages,
            bit_voltages,
            word_injection=offset if word_injection is None else word_injection + offset,
            bit_injection=-offset if bit_injection is None else bit_injection - offset,
        )

    for step in range(_MOST_STEPS):
        tangents = replace(wires, conductance=slope)
        found = solve(tangents, drop, current)
        change = found.word_nodes - found.bit_nodes - drop
        part = 1.0
        while True:
            trial = drop + part * change
            there, tangent = _evaluated(law, trial)
            if part == 1.0:
                through = current + slope * change
                off = np.abs(there - through)
                if np.all(off <= tolerance * np.abs(there) + _FLOOR * np.max(np.abs(there), initial=0.0)):
                    return CellBalance(balance=found, cell_currents=through, steps=step + 1)
            next_found = solve(tangents, trial, there)
            remaining = np.max(np.abs(next_found.word_nodes - next_found.bit_nodes - trial))
            if remaining <= (1 - part / 4) * np.max(np.abs(change)):
                break
            part /= 2
            if part < _SHORTEST:
                raise EngineError(
                    f"the cells of a {shape[0]} x {shape[1]} crossbar and its wires did not come to agree: look for a "
                    "cell law that is not continuous, or whose slope is not that of its current"
                )
        drop, current, slope = trial, there, tangent
    raise EngineError(f"a crossbar of nonlinear cells did not settle within {_MOST_STEPS} Newton steps")


def _evaluated(law: CellLaw, drop: Floats) -> tuple[Floats, Floats]:
    with np.errstate(over="ignore"):
        current, slope = law.current(drop), law.slope(drop)
    if not (np.all(np.isfinite(current)) and np.all(np.isfinite(slope))):
        i, j = (int(k) for k in np.argwhere(~(np.isfinite(current) & np.isfinite(slope)))[0])
        raise DescriptionError(f"cell ({i}, {j}) has no finite current or slope at {drop[i, j]:.4g} V")
    if np.any(slope < 0):
        i, j = (int(k) for k in np.argwhere(slope < 0)[0])
        raise DescriptionError(
            f"the current of cell ({i}, {j}) falls with voltage at {drop[i, j]:.4g} V: such arrays have no one solution"
        )
    return current, slope
