"""Superconducting islands of a resting circuit: what joins them, and what voltage sources lift within them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from spice_models.circuit import Circuit
from spice_models.elements import CurrentSource, Inductor, Junction, PhaseSource, TransmissionLine, VoltageSource
from spice_models.engines.native.drive import VOLTAGE
from spice_models.engines.native.known import KAPPA, Known
from spice_models.engines.native.system import System
from spice_models.errors import EngineError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NO_VOLTAGE = 1e-12
"""A voltage [V] below it is rounding [chosen]."""


@dataclass(frozen=True)
class SourceValues:
    """What the sources of a system give at time zero."""

    currents: Mapping[str, float]
    voltage: Floats  # [sources of known flux] over Phi0 / 2 pi
    flux: Floats  # [rad]
    scale: Floats  # of these

    @classmethod
    def of(cls, circuit: Circuit, system: System, variant: int) -> SourceValues:
        """Ask the sources; currents are those before scaling, which `System.injections` hold."""
        scale = system.known_scale[:, variant]
        volts = [float(s.waveform.at(0.0)) / KAPPA * isinstance(s, VoltageSource) for s in system.known_sources]
        phases = [float(s.waveform.at(0.0)) * isinstance(s, PhaseSource) for s in system.known_sources]
        currents = {e.name: float(e.waveform.at(0.0)) for e in circuit.of_type(CurrentSource)}
        return cls(currents, np.array(volts), np.array(phases), scale)

    def unscaled(self, kind: int) -> Floats:
        """Voltages or fluxes of the sources of known flux before scaling, which `System.driven` holds."""
        return self.voltage if kind == VOLTAGE else self.flux

    def across(self, known: Known, kind: int) -> float:
        """Known voltage or flux of a branch."""
        return float(sum(weight * self.unscaled(kind)[source] * self.scale[source] for source, weight in known))


class Link(NamedTuple):
    """An element that carries current without a voltage."""

    element: Inductor | Junction | TransmissionLine
    plus: int
    minus: int
    known: Known


def links_of(circuit: Circuit, system: System) -> list[Link]:
    """List inductors, junctions and lines; a line joins its plus nodes, its minus nodes being one."""
    links = []
    for e in circuit:
        match e:
            case Inductor() | Junction():
                ends = (e.plus, e.minus)
            case TransmissionLine() if e.minus == e.far_minus:
                ends = (e.plus, e.far_plus)
            case TransmissionLine():
                raise EngineError(
                    f"the operating point knows transmission lines of one common minus node; {e.name!r} has two: "
                    "start from rest"
                )
            case _:
                continue
        plus, minus = ends
        known = system.offsets[plus] + tuple((source, -weight) for source, weight in system.offsets[minus])
        links.append(Link(e, system.index[plus], system.index[minus], known))
    return links


def lift_of(n: int, links: Sequence[Link], values: SourceValues) -> Floats:
    """Voltages over ``Phi0 / 2 pi`` of nodes against their island's, behind voltage sources.

    Raises
    ------
    EngineError
        If voltage sources leave a voltage across what cannot have one.
    """
    beside: list[list[tuple[int, float]]] = [[] for _ in range(n + 1)]
    for link in links:
        volts = values.across(link.known, VOLTAGE)
        a, b = (n if node < 0 else node for node in (link.plus, link.minus))
        beside[a].append((b, volts))
        beside[b].append((a, -volts))
    lift = np.full(n + 1, np.nan)
    for root in (n, *range(n)):
        if not np.isnan(lift[root]):
            continue
        lift[root] = 0.0
        frontier = [root]
        while frontier:
            node = frontier.pop()
            for other, volts in beside[node]:
                if np.isnan(lift[other]):
                    lift[other] = lift[node] + volts
                    frontier.append(other)
    for link in links:
        volts = KAPPA * float(lift[link.plus] - lift[link.minus] + values.across(link.known, VOLTAGE))
        if abs(volts) > _NO_VOLTAGE:
            raise EngineError(
                f"there is no operating point: voltage sources hold {link.element.name!r} at {volts:g} V, where it "
                "cannot rest; start from rest instead"
            )
    return lift[:n]


def islands_of(n: int, links: Sequence[tuple[int, int]]) -> tuple[Ints, int]:
    """Number of each node's island, ground's the last, and how many others there are."""
    ends = np.array([(n if a < 0 else a, n if b < 0 else b) for a, b in links], dtype=np.int64).reshape(-1, 2)
    joined = coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n + 1, n + 1))
    count, label = connected_components(joined, directed=False)
    others = np.cumsum(np.arange(count) != label[n]) - 1
    others[label[n]] = count - 1
    return np.asarray(others[label[:n]], dtype=np.int64), count - 1
