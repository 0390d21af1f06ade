"""What junctions carry beyond ``Ic sin(phase)``: other current-phase relations, and the quasiparticle branch.

The conductance of a gap's transition is as large as that of the junction's capacitance over a step, so that putting the
last guess of its current on the right-hand side would not converge. Each junction's piecewise linear equation is solved
instead against its driving-point impedance: with ``I`` the excess current of the last solution and ``V`` the voltage
found with it, ``V* + Z Iq(V*) = V + Z I``. For one junction that is the answer, for several it leaves what they feel of
each other within one step. Below the gap nothing changes, not even by rounding.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from spice_models.engines.native.drive import FLUX, VOLTAGE, Drive
from spice_models.engines.native.known import KAPPA
from spice_models.engines.native.sine import sine
from spice_models.engines.native.system import System

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Relation(NamedTuple):
    """Current-phase relations ``sin(u) + a sin(2 u)``, ``u = phase + shift``; one entry a junction, no lanes."""

    plain: bool  # all shifts and second harmonics are zero
    shift: Floats
    harmonic: Floats


class Gap(NamedTuple):
    """Junctions with a gap; arrays are flat, ``lanes`` numbers for each."""

    junction: Ints  # [gaps]
    plus: Ints
    minus: Ints
    lower: Floats  # [gaps] beginning of the transition [V]; no lanes
    width: Floats  # [gaps] [V]; no lanes
    transition: Floats  # conductance beyond 1 / R in the transition [S]
    above: Floats  # and above it
    impedance: Floats  # driving-point impedance in a step [ohm]
    target: Ints  # [parts] of known voltages less those of known fluxes at rest: gap, shape, factor
    shape: Ints
    scale: Floats
    current: Floats  # excess current [A]
    level: Floats  # voltage at a phase of zero at mid-step [V]


def relation_of(system: System) -> Relation:
    """Return the current-phase relations of a circuit."""
    shift = np.array([j.phase_shift for j in system.junctions])
    harmonic = np.array([j.second_harmonic for j in system.junctions])
    return Relation(plain=not (np.any(shift) or np.any(harmonic)), shift=shift, harmonic=harmonic)


def tabulate_gaps(system: System, drive: Drive, step: float, impedances: Floats) -> dict[str, Any]:
    """Return the fields of `Gap` for all variants, but for the state; ``impedances`` [gaps, variants] in ohms."""
    numbers = [j for j, junction in enumerate(system.junctions) if junction.gap is not None]
    gaps = [gap for junction in system.junctions if (gap := junction.gap) is not None]
    factor = system.gap_factor[numbers]
    linear = system.junction_conductance[numbers] / KAPPA
    parts = []
    for row, j in enumerate(numbers):
        known = system.junction_branches[j].known
        parts += [(row, part) for part in drive.known_parts(known, VOLTAGE, KAPPA)]
        parts += [(row, part) for part in drive.known_parts(known, FLUX, -2.0 * KAPPA / step)]
    table = drive.table(parts)
    nodes = np.where(system.junction_nodes < 0, system.n, system.junction_nodes)[numbers]
    return {
        "junction": np.array(numbers, dtype=np.int64),
        "plus": np.ascontiguousarray(nodes[:, 0]),
        "minus": np.ascontiguousarray(nodes[:, 1]),
        "lower": np.array([gap.voltage - gap.width / 2 for gap in gaps]),
        "width": np.array([gap.width for gap in gaps]),
        "transition": factor * np.array([gap.current_step / gap.width for gap in gaps]).reshape(-1, 1) - linear,
        "above": factor / np.array([gap.normal_resistance for gap in gaps]).reshape(-1, 1) - linear,
        "impedance": impedances,
        "target": table.target,
        "shape": table.shape,
        "scale": table.scale,
    }


@njit(error_model="numpy")
def supercurrents(relation: Relation, ic: Floats, phase: Floats, lanes: int) -> None:  # pragma: no cover - compiled
    """Replace phases by supercurrents."""
    if relation.plain:
        for q in range(len(phase)):
            phase[q] = ic[q] * sine(phase[q])
        return
    for j in range(len(relation.shift)):
        shift, harmonic = relation.shift[j], relation.harmonic[j]
        for v in range(lanes):
            q = j * lanes + v
            u = phase[q] + shift
            phase[q] = ic[q] * (sine(u) + harmonic * sine(2.0 * u)) if harmonic != 0.0 else ic[q] * sine(u)


@njit(error_model="numpy")
def begin_gaps(
    gap: Gap, h: float, step: int, shapes: Floats, x: Floats, guess: Floats, lanes: int
) -> None:  # pragma: no cover - compiled
    """Find which voltages go with phases in this step, and the excess currents of the extrapolated phases."""
    for g in range(len(gap.junction)):
        a, b = gap.plus[g] * lanes, gap.minus[g] * lanes
        for v in range(lanes):
            gap.level[g * lanes + v] = -(2.0 * KAPPA / h) * (x[a + v] - x[b + v])
    for q in range(len(gap.target)):
        value = shapes[gap.shape[q], step]
        for v in range(lanes):
            gap.level[gap.target[q] * lanes + v] += value * gap.scale[q * lanes + v]
    for g in range(len(gap.junction)):
        for v in range(lanes):
            q = g * lanes + v
            volts = (2.0 * KAPPA / h) * guess[gap.junction[g] * lanes + v] + gap.level[q]
            size = abs(volts) - gap.lower[g]
            current = 0.0
            if size > 0.0:
                current = gap.transition[q] * min(size, gap.width[g]) + gap.above[q] * max(size - gap.width[g], 0.0)
            gap.current[q] = current if volts > 0.0 else -current


@njit(error_model="numpy")
def correct_gaps(gap: Gap, h: float, guess: Floats, lanes: int) -> None:  # pragma: no cover - compiled
    """Solve each junction's own equation, from its phase of the last solution; correct phase and excess current."""
    for g in range(len(gap.junction)):
        lower, width = gap.lower[g], gap.width[g]
        for v in range(lanes):
            q, j = g * lanes + v, gap.junction[g] * lanes + v
            impedance = gap.impedance[q]
            free = (2.0 * KAPPA / h) * guess[j] + gap.level[q] + impedance * gap.current[q]
            size = abs(free) - lower
            current = 0.0
            if size > 0.0:
                full = width * (1.0 + impedance * gap.transition[q])
                if size < full:
                    current = gap.transition[q] * (size / (1.0 + impedance * gap.transition[q]))
                else:
                    current = gap.transition[q] * width + gap.above[q] * (
                        (size - full) / (1.0 + impedance * gap.above[q])
                    )
            if free < 0.0:
                current = -current
            guess[j] += impedance * (gap.current[q] - current) * (h / (2.0 * KAPPA))
            gap.current[q] = current


@njit(error_model="numpy")
def add_gaps(gap: Gap, current: Floats, lanes: int) -> None:  # pragma: no cover - compiled
    """Add the excess currents to those of the junctions."""
    for g in range(len(gap.junction)):
        for v in range(lanes):
            current[gap.junction[g] * lanes + v] += gap.current[g * lanes + v]
