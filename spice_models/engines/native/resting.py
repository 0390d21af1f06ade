"""The equations of a resting circuit; see `operating_point`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import bmat, csc_matrix, diags
from scipy.sparse.csgraph import connected_components

from spice_models.circuit import Circuit
from spice_models.elements import (
    CurrentControlledCurrentSource,
    CurrentControlledVoltageSource,
    TransmissionLine,
    VoltageControlledCurrentSource,
    VoltageControlledVoltageSource,
)
from spice_models.engines.native.drive import FLUX, VOLTAGE
from spice_models.engines.native.islands import SourceValues, islands_of, lift_of, links_of
from spice_models.engines.native.known import KAPPA
from spice_models.engines.native.system import Branch, Controlled, Pattern, System
from spice_models.errors import EngineError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAK = 1e-9
"""Conductance [S] to ground of nodes that only capacitors hold, whose voltage is then zero [chosen]."""


class Equations:
    """``linear u + currents of the junctions = part * drive`` of one variant.

    The unknowns ``u`` are the fluxes of the nodes, the voltages of the superconducting islands that do not reach
    ground, and the currents of controlled sources and of their controls.
    """

    def __init__(self, circuit: Circuit, system: System, values: SourceValues, variant: int) -> None:
        self.system, self._values, self._variant = system, values, variant
        self.critical_current = system.critical_current[:, variant]
        n = system.n
        links = links_of(circuit, system)
        lines = [(link.plus, link.minus) for link in links if isinstance(link.element, TransmissionLine)]
        self.island, self.islands = islands_of(n, [(link.plus, link.minus) for link in links])
        self.first = np.array([np.flatnonzero(self.island == k)[0] for k in range(self.islands)], dtype=np.int64)
        self._line_incidence = _incidence(n, [Branch(a, b) for a, b in lines])
        self._line_pull = np.array(
            [KAPPA * float(line.conductance[self._variant]) / line.element.delay for line in system.lines]
        )
        ports = [line.ports for line in system.lines]
        self._line_known = np.array([values.across(a.known, FLUX) - values.across(b.known, FLUX) for a, b in ports])
        self.stiffness = _square(system.stiffness, variant) + self._line_incidence @ _diagonal(self._line_pull) @ (
            self._line_incidence.T
        )
        where = (np.arange(n), self.island)
        self.spread = csc_matrix(csc_matrix((np.ones(n), where), shape=(n, self.islands + 1))[:, : self.islands])
        self.incidence = _incidence(n, system.junction_branches)
        self.known_phase = np.array([values.across(b.known, FLUX) for b in system.junction_branches])
        self.lift = lift_of(n, links, values)
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
            drive[node] += float(scale[self._variant]) * self._values.currents[name]
        for kind, driven in ((VOLTAGE, s.driven[1]), (FLUX, s.driven[2])):
            for node, source, value in driven:
                drive[node] -= float(value[self._variant]) * self._values.unscaled(kind)[source]
        drive[:n] -= self._line_incidence @ (self._line_pull * self._line_known)
        for line in s.lines:
            for port in line.ports:
                # a line's conductance at its ports, which `driven` counts, is no part of its resting state
                counted = KAPPA * float(line.conductance[self._variant]) * self._values.across(port.known, VOLTAGE)
                for node, sign in port.ends():
                    drive[node] += sign * counted
        for c in s.controlled:
            column, times = _column(c, number, self._variant)
            for node, sign in c.branch.ends():
                columns[node, column] += sign * times
            if not isinstance(c.element, CurrentControlledCurrentSource):
                self._write_source(c, rows, drive)
        crossings = self._write_controls(rows, drive)
        gauge = csc_matrix((np.ones(m), (np.arange(m), self.first)), shape=(m, n))
        conductance = self._conductance()
        drive[:n] -= conductance @ self.lift
        flow = conductance @ self.spread
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
        row, gain = self._controls[c.element.name], float(c.gain[self._variant])
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
            drive[n + m + row] -= sign * factor * self.lift[node]
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
                    rows[row, node] += float(value[self._variant])
            for which, node, value in beside.entries["conductance"]:
                if which != equation:
                    continue
                drive[first + row] -= float(value[self._variant]) * self.lift[node]
                if self.island[node] < self.islands:
                    rows[row, n + self.island[node]] += float(value[self._variant])
            for kind, driven in ((VOLTAGE, beside.driven["conductance"]), (FLUX, beside.driven["stiffness"])):
                for which, source, value in driven:
                    if which == equation:
                        drive[first + row] -= float(value[self._variant]) * self._values.unscaled(kind)[source]
            for which, current, scale in beside.injections:
                if which == equation:
                    drive[first + row] += float(scale[self._variant]) * self._values.currents[current]
            for j, at in enumerate(s.junction_branches):
                crossings += [(first + row, j, sign) for which, sign in at.beside if which == equation]
            for c in s.controlled:
                column, times = _column(c, self._controls, self._variant)
                rows[row, first + column] += sum(sign * times for which, sign in c.branch.beside if which == equation)
            rows[row, first + row] += beside.signs[equation]
        return crossings

    def _conductance(self) -> csc_matrix:
        """Conductances without those of the lines, and with a leak where only capacitors hold a node."""
        system = self.system
        ports = _incidence(system.n, [port for line in system.lines for port in line.ports])
        shunts = np.repeat([KAPPA * float(line.conductance[self._variant]) for line in system.lines], 2)
        matrix = _square(system.conductance, self._variant) - ports @ _diagonal(shunts) @ ports.T
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


def _column(c: Controlled, number: Mapping[str, int], variant: int) -> tuple[int, float]:
    """Which unknown flows through a controlled source, and how often."""
    if isinstance(c.element, CurrentControlledCurrentSource):
        return number[c.element.control], float(c.gain[variant])
    return number[c.element.name], 1.0


def _square(pattern: Pattern, variant: int) -> csc_matrix:
    n = len(pattern.indptr) - 1
    return csc_matrix((pattern.values[:, variant], pattern.indices, pattern.indptr), shape=(n, n))


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
