"""The equations of a resting circuit; see `operating_point`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import bmat, coo_matrix, csc_matrix, diags
from scipy.sparse.csgraph import connected_components

from spice_models.circuit import Circuit
from spice_models.elements import (
    CurrentControlledCurrentSource,
    CurrentControlledVoltageSource,
    CurrentSource,
    Inductor,
    PhaseSource,
    VoltageControlledCurrentSource,
    VoltageControlledVoltageSource,
    VoltageSource,
)
from spice_models.engines.native.drive import FLUX, VOLTAGE
from spice_models.engines.native.known import KAPPA, Known
from spice_models.engines.native.system import Branch, Controlled, Line, Pattern, System
from spice_models.errors import EngineError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAK = 1e-9
"""Conductance [S] to ground of nodes that only capacitors hold, whose voltage is then zero [chosen]."""


@dataclass(frozen=True)
class SourceValues:
    """What the sources of a system give at time zero."""

    currents: Mapping[str, float]
    voltage: Floats  # [sources of known flux] over Phi0 / 2 pi
    flux: Floats  # [rad]

    @classmethod
    def of(cls, circuit: Circuit, system: System) -> SourceValues:
        """Ask the sources."""
        volts = [float(s.waveform.at(0.0)) / KAPPA * isinstance(s, VoltageSource) for s in system.known_sources]
        phases = [float(s.waveform.at(0.0)) * isinstance(s, PhaseSource) for s in system.known_sources]
        currents = {e.name: float(e.waveform.at(0.0)) for e in circuit.of_type(CurrentSource)}
        return cls(currents, np.array(volts), np.array(phases))

    def by_kind(self, kind: int) -> Floats:
        """Voltages or fluxes of the sources of known flux."""
        return self.voltage if kind == VOLTAGE else self.flux

    def across(self, known: Known, kind: int) -> float:
        """Known voltage or flux of a branch."""
        return float(sum(weight * self.by_kind(kind)[source] for source, weight in known))


class Equations:
    """``linear u + currents of the junctions = part * drive`` of a first variant.

    The unknowns ``u`` are the fluxes of the nodes, the voltages of the superconducting islands that do not reach
    ground, and the currents of controlled sources and of their controls.
    """

    def __init__(self, circuit: Circuit, system: System, values: SourceValues) -> None:
        self.system, self._values = system, values
        n = system.n
        lines = [_line_ends(line) for line in system.lines]
        links = [(b.plus, b.minus) for b in system.junction_branches] + lines
        links += [(system.index[e.plus], system.index[e.minus]) for e in circuit.of_type(Inductor)]
        self.island, self.islands = _islands(n, links)
        self.first = np.array([np.flatnonzero(self.island == k)[0] for k in range(self.islands)], dtype=np.int64)
        self._line_incidence = _incidence(n, [Branch(a, b) for a, b in lines])
        self._line_pull = np.array([KAPPA * float(line.conductance[0]) / line.element.delay for line in system.lines])
        ports = [line.ports for line in system.lines]
        self._line_known = np.array([values.across(a.known, FLUX) - values.across(b.known, FLUX) for a, b in ports])
        self.stiffness = _square(system.stiffness) + self._line_incidence @ _diagonal(self._line_pull) @ (
            self._line_incidence.T
        )
        where = (np.arange(n), self.island)
        self.spread = csc_matrix(csc_matrix((np.ones(n), where), shape=(n, self.islands + 1))[:, : self.islands])
        self.incidence = _incidence(n, system.junction_branches)
        self.known_phase = np.array([values.across(b.known, FLUX) for b in system.junction_branches])
        self._controls = _controls(system)
        below = csc_matrix((self.islands + len(self._controls), len(system.junctions)))
        self.padded_incidence = csc_matrix(bmat([[self.incidence], [below]]))
        self.linear, self.drive, self.junction_rows = self._write()

    def line_currents(self, flux: Floats) -> Floats:
        """Currents into the near ports of the lines [A]: at rest a line is an inductor of impedance times delay."""
        currents: Floats = self._line_pull * (self._line_incidence.T @ flux + self._line_known)
        return currents

    def stiffness_at(self, slope: Floats) -> csc_matrix:
        """Stiffness with junctions of slope dI/dphase [A], one node of each island held."""
        held = np.zeros(self.system.n)
        held[self.first] = np.abs(self.stiffness.data).max(initial=0.0) + np.abs(slope).max(initial=0.0) or 1.0
        return csc_matrix(self.stiffness + self.incidence @ _diagonal(slope) @ self.incidence.T + _diagonal(held))

    def _write(self) -> tuple[csc_matrix, Floats, csc_matrix]:
        s = self.system
        n, m, number = s.n, self.islands, self._controls
        k = len(number)
        drive, columns, rows = np.zeros(n + m + k), np.zeros((n, k)), np.zeros((k, n + m + k))
        for node, name, scale in s.injections:
            drive[node] += float(scale[0]) * self._values.currents[name]
        for kind, driven in ((VOLTAGE, s.driven[1]), (FLUX, s.driven[2])):
            for node, source, value in driven:
                drive[node] -= float(value[0]) * self._values.by_kind(kind)[source]
        drive[:n] -= self._line_incidence @ (self._line_pull * self._line_known)
        for line in s.lines:
            for port in line.ports:
                # a line's conductance at its ports, which `driven` counts, is no part of its resting state
                counted = KAPPA * float(line.conductance[0]) * self._values.across(port.known, VOLTAGE)
                for node, sign in port.ends():
                    drive[node] += sign * counted
        for c in s.controlled:
            column, times = _column(c, number)
            for node, sign in c.branch.ends():
                columns[node, column] += sign * times
            if not isinstance(c.element, CurrentControlledCurrentSource):
                self._write_source(c, rows, drive)
        crossings = self._write_controls(rows, drive)
        gauge = csc_matrix((np.ones(m), (np.arange(m), self.first)), shape=(m, n))
        flow = self._conductance() @ self.spread
        linear = bmat(
            [
                [bmat([[self.stiffness, flow, csc_matrix(columns)]])],
                [bmat([[gauge, csc_matrix((m, m)), csc_matrix((m, k))]])],
                [csc_matrix(rows)],
            ]
        )
        junction_rows = _scattered(crossings, (n + m + k, len(s.junctions)))
        return csc_matrix(linear), drive, csc_matrix(self.padded_incidence + junction_rows)

    def _write_source(self, c: Controlled, rows: Floats, drive: Floats) -> None:
        first = self.system.n + self.islands
        row, gain = self._controls[c.element.name], float(c.gain[0])
        match c.element:
            case VoltageControlledVoltageSource():
                assert c.control is not None
                self._count_voltage(rows, drive, row, c.branch, 1.0)
                self._count_voltage(rows, drive, row, c.control, -gain)
            case VoltageControlledCurrentSource():
                assert c.control is not None
                self._count_voltage(rows, drive, row, c.control, -gain * KAPPA)
                rows[row, first + row] = 1.0
            case CurrentControlledVoltageSource(control=control):
                self._count_voltage(rows, drive, row, c.branch, 1.0)
                rows[row, first + self._controls[control]] -= gain / KAPPA

    def _count_voltage(self, rows: Floats, drive: Floats, row: int, at: Branch, factor: float) -> None:
        n, m = self.system.n, self.islands
        for node, sign in at.ends():
            if self.island[node] < m:
                rows[row, n + self.island[node]] += sign * factor
        drive[n + m + row] -= factor * self._values.across(at.known, VOLTAGE)

    def _write_controls(self, rows: Floats, drive: Floats) -> list[tuple[int, int, float]]:
        """Write the rows of controlling currents; return where they count currents of junctions."""
        s = self.system
        n, first, beside = s.n, s.n + self.islands, s.beside
        crossings: list[tuple[int, int, float]] = []
        for name, equation in beside.number.items():
            row = self._controls[name]
            if any(which == equation for line in s.lines for port in line.ports for which, _ in port.beside):
                raise EngineError(
                    f"the operating point does not know the current of {name!r}, which a transmission line joins "
                    "without a resistor or an inductor between: start from rest"
                )
            for which, node, value in beside.entries["stiffness"]:
                if which == equation:
                    rows[row, node] += float(value[0])
            for which, node, value in beside.entries["conductance"]:
                if which == equation and self.island[node] < self.islands:
                    rows[row, n + self.island[node]] += float(value[0])
            for kind, driven in ((VOLTAGE, beside.driven["conductance"]), (FLUX, beside.driven["stiffness"])):
                for which, source, value in driven:
                    if which == equation:
                        drive[first + row] -= float(value[0]) * self._values.by_kind(kind)[source]
            for which, current, scale in beside.injections:
                if which == equation:
                    drive[first + row] += float(scale[0]) * self._values.currents[current]
            for j, at in enumerate(s.junction_branches):
                crossings += [(first + row, j, sign) for which, sign in at.beside if which == equation]
            for c in s.controlled:
                column, times = _column(c, self._controls)
                rows[row, first + column] += sum(sign * times for which, sign in c.branch.beside if which == equation)
            rows[row, first + row] += beside.signs[equation]
        return crossings

    def _conductance(self) -> csc_matrix:
        """Conductances without those of the lines, and with a leak where only capacitors hold a node."""
        system = self.system
        ports = _incidence(system.n, [port for line in system.lines for port in line.ports])
        shunts = np.repeat([KAPPA * float(line.conductance[0]) for line in system.lines], 2)
        matrix = _square(system.conductance) - ports @ _diagonal(shunts) @ ports.T
        between = csc_matrix(self.spread.T @ matrix @ self.spread)
        held = np.abs(np.asarray(between.sum(axis=1)).ravel()) > 1e-9 * np.abs(between.diagonal())
        for c in system.controlled:
            for node, _ in c.branch.ends():
                if self.island[node] < self.islands:
                    held[self.island[node]] = True
        count, part = connected_components(between, directed=False)
        reaches = np.zeros(count, dtype=bool)
        np.logical_or.at(reaches, part, held)
        leak = np.zeros(system.n)
        leak[self.first] = np.where(reaches[part], 0.0, KAPPA * LEAK)
        return csc_matrix(matrix + _diagonal(leak))


def _controls(system: System) -> dict[str, int]:
    """Number the unknowns of controlled sources and the controlling currents."""
    own = [c.element.name for c in system.controlled if not isinstance(c.element, CurrentControlledCurrentSource)]
    return {name: k for k, name in enumerate([*own, *system.beside.number])}


def _column(c: Controlled, number: Mapping[str, int]) -> tuple[int, float]:
    """Which unknown flows through a controlled source, and how often."""
    if isinstance(c.element, CurrentControlledCurrentSource):
        return number[c.element.control], float(c.gain[0])
    return number[c.element.name], 1.0


def _line_ends(line: Line) -> tuple[int, int]:
    if line.element.minus != line.element.far_minus:
        raise EngineError(
            f"the operating point knows transmission lines of one common minus node; {line.element.name!r} has two: "
            "start from rest"
        )
    return line.ports[0].plus, line.ports[1].plus


def _square(pattern: Pattern) -> csc_matrix:
    n = len(pattern.indptr) - 1
    return csc_matrix((pattern.values[:, 0], pattern.indices, pattern.indptr), shape=(n, n))


def _diagonal(values: Floats) -> csc_matrix:
    return csc_matrix(diags(values, shape=(len(values), len(values))))


def _scattered(entries: Sequence[tuple[int, int, float]], shape: tuple[int, int]) -> csc_matrix:
    rows = np.array([e[0] for e in entries], dtype=np.int64)
    columns = np.array([e[1] for e in entries], dtype=np.int64)
    return csc_matrix((np.array([e[2] for e in entries], dtype=float), (rows, columns)), shape=shape)


def _incidence(n: int, branches: Sequence[Branch]) -> csc_matrix:
    """Columns ``b`` of branches between unknowns."""
    return _scattered(
        [(node, k, sign) for k, at in enumerate(branches) for node, sign in at.ends()], (n, len(branches))
    )


def _islands(n: int, links: Sequence[tuple[int, int]]) -> tuple[Ints, int]:
    """Number of each node's island, ground's the last, and how many others there are."""
    ends = np.array([(n if a < 0 else a, n if b < 0 else b) for a, b in links], dtype=np.int64).reshape(-1, 2)
    joined = coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n + 1, n + 1))
    count, label = connected_components(joined, directed=False)
    others = np.cumsum(np.arange(count) != label[n]) - 1
    others[label[n]] = count - 1
    return np.asarray(others[label[:n]], dtype=np.int64), count - 1
