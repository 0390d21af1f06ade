"""A circuit made ready for the time loop: assembled, ordered and factored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csc_matrix
from scipy.sparse.csgraph import connected_components

from spice_models.circuit import Circuit
from spice_models.connectivity import check_grounded
from spice_models.elements import PhaseSource, VoltageSource
from spice_models.engines.native.assemble import assemble
from spice_models.engines.native.border_rows import held_by_inductors
from spice_models.engines.native.features import Factored, Features, find_features
from spice_models.engines.native.impedance import solve_columns
from spice_models.engines.native.ldl import analyse, factor
from spice_models.engines.native.negative import check_passive, negative_inductors
from spice_models.engines.native.system import Pattern, System, combine
from spice_models.errors import DescriptionError, EngineError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


MOST_STEPS = 1e10
"""Steps of a run beyond which a unit must be wrong [chosen]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """A circuit ready to run: assembled, ordered and factored."""

    circuit: Circuit
    system: System
    step: float
    steps: int
    inertia: Pattern  # 4 C / h^2 + 2 G / h
    momentum: Pattern  # 2 C / h, in the pattern of ``inertia``
    lower_start: Ints
    lower_rows: Ints
    lower: Floats
    inverse: Floats
    features: Features


def prepare(
    circuit: Circuit,
    *,
    duration: float,
    step: float,
    scales: Mapping[str, ArrayLike] | None = None,
    currents: Sequence[str] = (),
) -> Prepared:
    """Assemble and factor a circuit (flattened on the way) for runs of ``duration`` [s] at ``step`` [s].

    ``currents`` names the sources of voltage or phase, the controlled ones and the transmission lines whose current is
    wanted.

    Raises
    ------
    DescriptionError
        For nodes that do not reach ground, values that make no sense, and a step too long for a junction.
    EngineError
        For equations that are not definite.
    """
    if not (np.isfinite(duration) and np.isfinite(step) and 0 < step <= duration):
        raise DescriptionError(f"need 0 < step <= duration [s], got step {step} and duration {duration}")
    if duration / step > MOST_STEPS:
        raise DescriptionError(
            f"{duration:g} s in steps of {step:g} s are more than {MOST_STEPS:.0e} steps: both are in seconds"
        )
    flat = circuit.flatten()
    check_grounded(flat)
    known = [name for name in currents if isinstance(flat[name], VoltageSource | PhaseSource)]
    system = assemble(flat, scales or {}, known)
    _check_step(system, step)
    c, g, k = system.capacitance, system.conductance, system.stiffness
    matrix = combine([(c, 4.0 / step**2), (g, 2.0 / step), (k, 1.0)])
    grip = _typical_size(matrix)
    if len(system.grip.values):
        held = replace(system.grip, values=system.grip.values * grip)
        matrix = combine([(matrix, 1.0), (held, 1.0)])
    symbolic = analyse(system.n, matrix.indptr, matrix.indices)
    negative = bool(negative_inductors(flat))
    rows, lower, inverse, bad = factor(symbolic, matrix.values, definite=not negative)
    if negative:
        check_passive(flat, system, symbolic, step=step, grip=float(grip.max()))
    if np.any(bad >= 0):
        node = system.names[int(bad[bad >= 0][0])]
        raise EngineError(_not_definite(flat, node))
    factored = Factored(symbolic.column_start, rows, lower, inverse)
    features = find_features(
        flat,
        system,
        step=step,
        grip=grip,
        outputs=tuple(currents),
        loose=lambda branch: held_by_inductors(branch, *held_parts(system)),
        factored=factored,
        solve=lambda columns: solve_columns(*factored, columns),
    )
    return Prepared(
        circuit=flat,
        system=system,
        step=step,
        steps=round(duration / step),
        inertia=combine([(c, 4.0 / step**2), (g, 2.0 / step)]),
        momentum=combine([(c, 2.0 / step), (g, 0.0)]),
        lower_start=symbolic.column_start,
        lower_rows=rows,
        lower=lower,
        inverse=inverse,
        features=features,
    )


def _typical_size(matrix: Pattern) -> Floats:
    """Typical entry of the diagonal, one a variant; 1 for an empty one."""
    columns = np.repeat(np.arange(len(matrix.indptr) - 1), np.diff(matrix.indptr))
    diagonal = matrix.values[matrix.indices == columns]
    return np.array([np.median(own[own > 0]) if np.any(own > 0) else 1.0 for own in diagonal.T])


def _not_definite(circuit: Circuit, node: str) -> str:
    return (
        f"the equations of circuit {circuit.name!r} are not definite at node {node!r}: its elements' values lie too "
        "many orders of magnitude apart"
    )


def floating_parts(system: System) -> NDArray[np.bool_]:
    """Nodes that capacitors, resistors and junctions join to others but not to ground, shape (n,).

    The flux that such nodes have in common follows the inductors without inertia or damping. The rule answers it right
    at mid-step, but not its change over a step, which alternates about the right one.
    """
    return held_parts(system)[1]


def held_parts(system: System) -> tuple[Ints, NDArray[np.bool_]]:
    """Return `parts` of what capacitors, resistors and sources of unknown voltage join."""
    return parts([system.capacitance, system.conductance, system.grip])


def parts(matrices: Sequence[Pattern]) -> tuple[Ints, NDArray[np.bool_]]:
    """Number the parts into which the entries of some matrices join the nodes, and say which do not reach ground.

    Both results have shape (n,): the number of a node's part, and whether that part floats.
    """
    both = combine([(matrix, 1.0) for matrix in matrices])
    n = len(both.indptr) - 1
    size = np.abs(both.values).max(axis=1, initial=0.0)
    entries = csc_matrix((size, both.indices, both.indptr), shape=(n, n))
    count, part = connected_components(entries, directed=False)
    columns = np.repeat(np.arange(n), np.diff(both.indptr))
    to_ground = np.zeros((count, both.values.shape[1]))
    np.add.at(to_ground, part[columns], both.values)
    scale = np.zeros(count)
    np.maximum.at(scale, part[columns], size)
    floats: NDArray[np.bool_] = (np.abs(to_ground).max(axis=1) <= 1e-9 * scale)[part]
    return np.asarray(part, dtype=np.int64), floats


def _check_step(system: System, step: float) -> None:
    """Refuse a step at which correcting the phase of a junction would not bring it nearer."""
    c, g, ic = system.junction_capacitance, system.junction_conductance, np.abs(system.critical_current)
    ic = ic * np.array([[1 + 2 * abs(j.second_harmonic)] for j in system.junctions]).reshape(-1, 1)
    gain = 0.5 * ic / (2 * c / step**2 + g / step)
    if not gain.size or gain.max() < 1.0:
        return
    j, v = (int(k) for k in np.unravel_index(int(np.argmax(gain)), gain.shape))
    limit = 4 * c[j, v] / (np.sqrt(g[j, v] ** 2 + 4 * c[j, v] * ic[j, v]) - g[j, v])
    raise DescriptionError(
        f"a step of {step:g} s is too long for junction {system.junction_names[j]!r}, whose phase moves too far in it: "
        f"use at most {limit / 5:.1g} s"
    )
