"""The state in which a circuit rests under the values that its sources have at time zero.

Nodes joined by inductors, junctions and transmission lines form superconducting islands: one voltage each, that of
ground zero. With the fluxes ``x`` of all nodes, the voltages ``v`` of the other islands and the unknowns ``m`` of
controlled sources, Kirchhoff's law at every node

``K x + sum_j b_j Ic_j sin(b_j^T x) + G P v + B m = currents``

and the fluxes zero of one node an island (only differences matter there) are as many equations as unknowns. The sources
rise together from zero, and Newton's method follows the state without trapped flux; it ends where the stiffness
``K + sum_j b_j b_j^T Ic_j cos(b_j^T x)`` stops being positive definite: there a junction has reached its critical
current, and no resting state follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, diags
from scipy.sparse.linalg import splu

from spice_models.circuit import Circuit
from spice_models.connectivity import check_grounded
from spice_models.elements import GROUND, Inductor, Primitive
from spice_models.engines.native.assemble import assemble
from spice_models.engines.native.drive import FLUX, VOLTAGE
from spice_models.engines.native.islands import SourceValues
from spice_models.engines.native.known import KAPPA
from spice_models.engines.native.resting import Equations
from spice_models.engines.native.system import System
from spice_models.errors import DescriptionError, EngineError, unknown_name

Floats = NDArray[np.float64]

FIRST_RISE, LEAST_RISE = 0.125, 1e-5
"""Part of the sources' values added at first, and the least before giving up [chosen]."""

EASY, LONGEST_TURN = 0.2, 0.5
"""Phases [rad]: a rise that moves all less is doubled; the most that one is moved in an iteration [chosen]."""

MOST_ITERATIONS = 20
NUDGE, NUDGE_AGAIN, MOST_SADDLES = 1e-3, 0.3, 20
"""Phase [rad] by which all junctions are pushed forward before the sources rise, which decides between equals; that by
which junctions are pushed off a saddle that they have come to; and how often that may happen [chosen]."""

MOST_VOLTAGE = 10.0
"""A voltage [V] beyond it is that of a current without a way out [chosen]."""

TOLERANCE = 1e-10
"""Change of the phases [rad] in the last iteration of Newton's method [chosen]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class OperatingPoint:
    """Where a circuit rests.

    Parameters
    ----------
    phases : mapping of junction -> float
        [rad].
    voltages : mapping of node -> float
        [V].
    fluxes : mapping of node -> float
        Of nodes that reach ground by inductors and junctions, those of `phases` [rad]; of other nodes, differences
        within one superconducting part are all that counts.
    flux, rate : array, shape (unknowns,)
        The same in the order of the solver: fluxes [rad], and voltages over ``Phi0 / 2 pi``.
    line_currents : array, shape (lines,)
        Into the near port of each transmission line [A].
    """

    phases: Mapping[str, float]
    voltages: Mapping[str, float]
    fluxes: Mapping[str, float]
    flux: Floats
    rate: Floats
    line_currents: Floats


def operating_point(circuit: Circuit, initial_flux: Mapping[str, int] | None = None) -> OperatingPoint:
    """Find where a circuit rests under the values of its sources at time zero.

    Parameters
    ----------
    circuit : Circuit
        Flattened on the way.
    initial_flux : mapping of inductor -> int, optional
        Flux quanta trapped in the loop of an inductor, as `with_trapped_flux`; none if not given.

    Raises
    ------
    EngineError
        If there is no such state, with the junction or the element that will not rest.
    DescriptionError
        For nodes that do not reach ground.

    Examples
    --------
    >>> circuit = Circuit("biased")
    >>> circuit.junction("q", "a", "0", critical_current=1e-4, capacitance=7e-14, resistance=7.0)
    >>> circuit.current("bias", "0", "a", 5e-5)
    >>> round(operating_point(circuit).phases["q"], 6)
    0.523599
    """
    flat = with_trapped_flux(circuit, initial_flux or {}).flatten()
    check_grounded(flat)
    return rest(flat, assemble(flat, {}))


def with_trapped_flux(circuit: Circuit, initial_flux: Mapping[str, int]) -> Circuit:
    """Return a circuit with flux quanta in the loops of some inductors, as sources of phase in series with them.

    ``n`` quanta alone in the loop of an inductance ``L`` make a current ``n Phi0 / L`` from its plus to its minus node.
    The circuit itself is returned if there are none; otherwise it is flattened.

    Raises
    ------
    DescriptionError
        For what is no inductor or no whole number.
    """
    if not initial_flux:
        return circuit
    flat = circuit.flatten()
    for name, quanta in initial_flux.items():
        if name not in flat or not isinstance(flat[name], Inductor):
            raise unknown_name("inductor", name, [e.name for e in flat.of_type(Inductor)], f" in {flat.name!r}")
        if isinstance(quanta, bool) or int(quanta) != quanta:
            raise DescriptionError(f"the initial flux of {name!r} must be a whole number of flux quanta, got {quanta}")

    def opened(element: Primitive) -> Primitive:
        if isinstance(element, Inductor) and element.name in initial_flux:
            return replace(element, minus=_flux_node(element.name))
        return element

    result = flat.mapped(opened)
    for name, quanta in initial_flux.items():
        coil = flat[name]
        assert isinstance(coil, Inductor)
        result.phase_source(f"{name}_initial_flux", coil.minus, _flux_node(name), 2 * np.pi * quanta)
    return result


def _flux_node(name: str) -> str:
    return f"{name}_initial_flux"


def rest(circuit: Circuit, system: System, variant: int = 0) -> OperatingPoint:
    """Find the operating point of one variant of an assembled, flattened circuit."""
    values = SourceValues.of(circuit, system, variant)
    equations = Equations(circuit, system, values, variant)
    flux, rate = _Continuation(circuit.name, equations).solve()

    def at_node(name: str, unknown: Floats, kind: int) -> float:
        node = system.index[name]
        return (float(unknown[node]) if node >= 0 else 0.0) + values.across(system.offsets[name], kind)

    fluxes = {name: at_node(name, flux, FLUX) for name in (GROUND, *circuit.nodes)}
    voltages = {name: KAPPA * at_node(name, rate, VOLTAGE) for name in circuit.nodes}
    for name, volts in voltages.items():
        if abs(volts) > MOST_VOLTAGE:
            raise EngineError(
                f"circuit {circuit.name!r} has no operating point: the current into node {name!r} finds no way out of "
                "it but through capacitors"
            )
    return OperatingPoint(
        phases={j.name: fluxes[j.plus] - fluxes[j.minus] for j in system.junctions},
        voltages=voltages,
        fluxes={name: fluxes[name] for name in circuit.nodes},
        flux=flux,
        rate=rate,
        line_currents=equations.line_currents(flux),
    )


class _Continuation:
    """Newton's method along the rise of the sources."""

    def __init__(self, name: str, equations: Equations) -> None:
        self._name, self._equations = name, equations
        junctions = equations.system.junctions
        self._critical = equations.critical_current
        self._shift = np.array([j.phase_shift for j in junctions])
        self._harmonic = np.array([j.second_harmonic for j in junctions])
        self._negative = 0

    def solve(self) -> tuple[Floats, Floats]:
        """Return the fluxes of the nodes and their voltages over ``Phi0 / 2 pi``."""
        eq = self._equations
        n = eq.system.n
        state = self._settled()
        part, rise = 0.0, FIRST_RISE
        while part < 1.0:
            trial = min(1.0, part + rise)
            found = self._newton(state, trial, settle=False)
            if found is not None and self._stable(found, trial):
                moved = self._largest(found - state)
                state, part = found, trial
                rise *= 2.0 if moved < EASY else 1.0
            else:
                rise /= 2.0
            if rise < LEAST_RISE:
                raise EngineError(self._no_rest(state, part))
        return state[:n], np.asarray(eq.spread @ state[n : n + eq.islands]) + eq.lift

    def _settled(self) -> Floats:
        """Return where the circuit rests without its sources; pi junctions may have to fall there from a saddle.

        Raises
        ------
        EngineError
            If it does not come to rest.
        """
        eq = self._equations
        state = np.zeros(len(eq.drive))
        pushed = np.ones(len(self._critical))
        for _ in range(MOST_SADDLES):
            state[: eq.system.n] += NUDGE * (eq.incidence @ pushed)
            found = self._newton(state, 0.0, settle=True)
            if found is None:
                break
            slope = self._slope(found, 0.0)
            self._negative = self._negative_pivots(np.abs(slope))
            if self._negative_pivots(slope) == self._negative:
                return found
            state, pushed = found, np.where(slope < 0, NUDGE_AGAIN / NUDGE, 0.0)
        raise EngineError(f"circuit {self._name!r} does not come to rest even without its sources")

    def _largest(self, change: Floats) -> float:
        """Largest change of a junction's phase [rad]."""
        eq = self._equations
        return float(np.abs(eq.incidence.T @ change[: eq.system.n]).max(initial=0.0))

    def _phase(self, state: Floats, part: float) -> Floats:
        eq = self._equations
        phase: Floats = eq.incidence.T @ state[: eq.system.n] + part * eq.known_phase + self._shift
        return phase

    def _slope(self, state: Floats, part: float) -> Floats:
        u = self._phase(state, part)
        slope: Floats = self._critical * (np.cos(u) + 2 * self._harmonic * np.cos(2 * u))
        return slope

    def _newton(self, state: Floats, part: float, *, settle: bool) -> Floats | None:
        """Newton's method, or, to settle, with the slope of every junction positive, which leads downhill."""
        eq = self._equations
        state = state.copy()
        for _ in range(20 * MOST_ITERATIONS if settle else MOST_ITERATIONS):
            u = self._phase(state, part)
            current = self._critical * (np.sin(u) + self._harmonic * np.sin(2 * u))
            excess = eq.linear @ state - part * eq.drive + eq.junction_rows @ current
            slope = self._slope(state, part)
            if settle:
                slope = np.maximum(slope, 0.1 * np.abs(slope))
            curved = eq.junction_rows @ diags(slope, shape=(len(slope),) * 2) @ eq.padded_incidence.T
            try:
                change = splu(csc_matrix(eq.linear + curved)).solve(-excess)
            except RuntimeError:
                change = np.full(len(excess), np.nan)
            if not np.all(np.isfinite(change)):
                return None
            turned = self._largest(change)
            state += change * min(1.0, LONGEST_TURN / turned) if turned > 0 else change
            if turned < TOLERANCE:
                return state
        return None

    def _stable(self, state: Floats, part: float) -> bool:
        """Whether the stiffness is as definite as without sources."""
        return self._negative_pivots(self._slope(state, part)) == self._negative

    def _negative_pivots(self, slope: Floats) -> int:
        """Number of directions in which the stiffness is negative, or -1 if it is singular.

        None of a circuit at rest, but for nodes between inductors one of which is negative.
        """
        matrix = self._equations.stiffness_at(slope)
        try:
            factors = splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
        except RuntimeError:
            return -1
        return int(np.count_nonzero(factors.U.diagonal() <= 0))

    def _no_rest(self, state: Floats, part: float) -> str:
        eq = self._equations
        where = f"circuit {self._name!r} has no operating point: "
        junctions = eq.system.junction_names
        if not junctions:
            return where + "its sources and resistors contradict each other"
        way = splu(eq.stiffness_at(self._slope(state, part))).solve(eq.drive[: eq.system.n])
        name = junctions[int(np.argmax(np.abs(eq.incidence.T @ way + eq.known_phase)))]
        return (
            f"{where}at {part:.1%} of the sources' values junction {name!r} carries the largest current that it can "
            "at rest; reduce the bias, or start from rest"
        )
