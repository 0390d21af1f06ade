"""Crossbars of cells whose current is no straight line: Newton's method over the linear array solve."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hardware.rram.arguments import instance, reals
from hardware.rram.array.network import Balance, CellNetwork
from spice_models.errors import DescriptionError, EngineError

Floats = NDArray[np.float64]

TOLERANCE = 1e-11
"""Largest difference between the current of a cell and that of its linearisation, relative to it [chosen]."""

_FLOOR = 1e-2 * TOLERANCE  # of that difference, relative to the largest current of a cell
_NOISE = 16 * np.finfo(float).eps  # of voltages, relative to the largest [chosen]
_MOST_STEPS = 100
_MOST_PARTS = 40
_MOST_MATCHED = 50  # steps in which cells may be taken to a current [chosen]
_OVERSHOOT = 10  # times the change of current that is meant [chosen]
_MATCHED = 0.05  # of a step, to which it is found where that current flows [chosen]
_FLAT = 0.25  # slope of the co-content at which a step ends, as a part of that at its beginning [chosen]


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

    Every step solves the array with the cells' tangents, ``I = I_0 + dI/dV (V - V_0)``, and goes towards that solution
    as far as the co-content of cells and wires falls. That is a convex function, least where their currents agree, and
    its slope along the step needs the law alone; so rising laws with kinks are solved too. At first, cells that would
    carry far more current than their tangents say are taken to where they carry that instead, each by itself: steep
    exponentials are so followed from either side.

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
    W. Millar, Philosophical Magazine 42, 1150 (1951), doi 10.1080/14786445108561361 (content and co-content).
    """
    instance("the wires", wires, CellNetwork, "a CellNetwork, such as the network of a Crossbar")
    if not (hasattr(law, "current") and hasattr(law, "slope")):
        raise DescriptionError(f"a law of cells has the methods current and slope, got {law!r:.60}")
    shape = wires.conductance.shape
    word_voltages = _shaped("word voltages", word_voltages, shape[:1])
    bit_voltages = _shaped("bit voltages", bit_voltages, shape[1:])
    drop = np.zeros(shape) if guess is None else _shaped("the guess", guess, shape)
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

    wanted: Floats | None = None  # what the wires carry at these voltages, once they are those of a solution
    for step in range(_MOST_STEPS):
        found = solve(replace(wires, conductance=slope), drop, current)
        change = found.word_nodes - found.bit_nodes - drop
        through = current + slope * change
        matched = _matched(law, drop, change, current, through) if step < _MOST_MATCHED else None
        if matched is not None:
            drop, wanted = matched, None
            current, slope = _evaluated(law, drop)
            continue
        there, tangent = _evaluated(law, drop + change)
        off = np.abs(there - through)
        noise = _NOISE * max(np.max(np.abs(found.word_nodes)), np.max(np.abs(found.bit_nodes)))
        if np.all(
            off <= tolerance * np.abs(there) + _FLOOR * np.max(np.abs(there)) + noise * np.maximum(slope, tangent)
        ):
            return CellBalance(balance=found, cell_currents=through, steps=step + 1)
        part = 1.0
        if wanted is not None:
            part = _part(law, drop, change, current - wanted, there - through, through - wanted)
            if part < 1.0:
                there, tangent = _evaluated(law, drop + part * change)
        wanted = through if wanted is None or part == 1.0 else wanted + part * (through - wanted)
        drop, current, slope = drop + part * change, there, tangent
    raise EngineError(
        f"the cells of a {shape[0]} x {shape[1]} crossbar and its wires did not come to agree within {_MOST_STEPS} "
        "Newton steps: look for a cell law that is not continuous, or whose slope is not that of its current"
    )


def _matched(law: CellLaw, drop: Floats, change: Floats, current: Floats, through: Floats) -> Floats | None:
    """Voltages after a step on which no cell carries much more than ``through``; None if none would."""

    def gain(part: Floats | float) -> Floats:
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(np.abs(law.current(drop + part * change) - current))

    meant = np.abs(through - current)
    beyond = ~(gain(1.0) <= _OVERSHOOT * meant) & (meant > 0)
    if not np.any(beyond):
        return None
    low, high = np.zeros_like(drop), np.ones_like(drop)
    while np.any(beyond & (high - low > _MATCHED * high)):
        middle = (low + high) / 2
        less = gain(middle) <= meant
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    return np.where(beyond, drop + low * change, drop + change)


def _part(law: CellLaw, drop: Floats, change: Floats, before: Floats, after: Floats, wires: Floats) -> float:
    """Part of a step at which the co-content is nearly least, 1 at most.

    ``before`` and ``after`` are currents of the cells less those of the wires at both ends of the step [A], ``wires``
    is by how much those of the wires change.
    """
    first, last = float(np.vdot(change, before)), float(np.vdot(change, after))
    if first >= 0 or last <= -_FLAT * first:
        return 1.0
    low, high, at_low, at_high = 0.0, 1.0, first, last
    carried = law.current(drop) - before
    part = 1.0
    for _ in range(_MOST_PARTS):
        # Regula falsi, whose ends are weighted so that both move (Illinois).
        part = (low * at_high - high * at_low) / (at_high - at_low)
        slope = float(np.vdot(change, law.current(drop + part * change) - carried - part * wires))
        if abs(slope) <= -_FLAT * first:
            break
        if slope < 0:
            low, at_low, at_high = part, slope, at_high / 2
        else:
            high, at_high, at_low = part, slope, at_low / 2
    return part


def _shaped(what: str, values: Floats, shape: tuple[int, ...]) -> Floats:
    array = reals(what, values)
    if array.shape != shape:
        raise DescriptionError(f"{what} must have the shape {shape}, got {array.shape}")
    return array


def _evaluated(law: CellLaw, drop: Floats) -> tuple[Floats, Floats]:
    with np.errstate(over="ignore"):
        current = _shaped("currents of a law", law.current(drop), drop.shape)
        slope = _shaped("slopes of a law", law.slope(drop), drop.shape)
    if not (np.all(np.isfinite(current)) and np.all(np.isfinite(slope))):
        i, j = (int(k) for k in np.argwhere(~(np.isfinite(current) & np.isfinite(slope)))[0])
        raise DescriptionError(f"cell ({i}, {j}) has no finite current or slope at {drop[i, j]:.4g} V")
    if np.any(slope < 0):
        i, j = (int(k) for k in np.argwhere(slope < 0)[0])
        raise DescriptionError(
            f"the current of cell ({i}, {j}) falls with voltage at {drop[i, j]:.4g} V: such arrays have no one solution"
        )
    return current, slope
