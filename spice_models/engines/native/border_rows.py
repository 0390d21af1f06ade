"""Equations beside those of the nodes: controlled sources, and the currents of sources.

The step matrix ``A`` stays symmetric, positive definite and constant. A controlled source adds an unknown ``m`` (its
current) with a column in the node equations, and a row:

``A z + B m = r``,  ``R z + D m = s``.

With ``W = A^-1 B`` and the small matrix ``S = D - R W``, inverted once a variant, every solution is
``m = S^-1 (s - R A^-1 r)``, ``z = A^-1 r - W m``. A source of unknown voltage (E, H) may be all that holds a node: a
multiple ``b b^T`` of its own branch is added to ``A``, which changes ``m`` by as much as it adds and no solution.

The current of a source of known flux is what the node equations that it replaced leave over. It is an unknown where it
controls others, and otherwise an output, as are the currents of controlled sources and of transmission lines.

References
----------
Bordering: W. Govaerts, Numerical Methods for Bifurcations of Dynamical Equilibria, SIAM (2000), chapter 3,
doi 10.1137/1.9780898719543.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spice_models.elements import (
    CurrentControlledCurrentSource,
    CurrentControlledVoltageSource,
    VoltageControlledCurrentSource,
    VoltageControlledVoltageSource,
)
from spice_models.engines.native.drive import CURRENT, FLUX, SLOPE, VOLTAGE, Drive, Part
from spice_models.engines.native.impedance import products
from spice_models.engines.native.known import KAPPA
from spice_models.engines.native.system import Branch, Matrix, System
from spice_models.errors import EngineError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The equations beside those of the nodes, for all variants."""

    names: tuple[str, ...]  # of the outputs
    unknowns: int
    entries: tuple[tuple[int, int, Floats, Floats, Floats], ...]  # row, column, flux, start, rate
    parts: tuple[tuple[int, Part], ...]
    junctions: tuple[tuple[int, int, float], ...]  # row, junction, sign
    ports: tuple[tuple[int, int, float], ...]  # row, port, sign
    pasts: tuple[tuple[int, Branch, Floats], ...]  # row, branch, factor
    columns: tuple[tuple[tuple[Branch, Floats], ...], ...]  # by unknown: where its current flows, how often
    dense: Floats  # [rows, unknowns, variants]


@dataclass
class _Builder:
    """Collects the rows; ``h`` is the step and ``grip`` the multiple of ``b b^T`` that is in the step matrix."""

    system: System
    drive: Drive
    h: float
    grip: Floats
    entries: list[tuple[int, int, Floats, Floats, Floats]] = field(default_factory=list)
    parts: list[tuple[int, Part]] = field(default_factory=list)
    junctions: list[tuple[int, int, float]] = field(default_factory=list)
    ports: list[tuple[int, int, float]] = field(default_factory=list)
    pasts: list[tuple[int, Branch, Floats]] = field(default_factory=list)

    def change(self, row: int, at: Branch, factor: Floats) -> None:
        """Count ``factor`` times half the step times the voltage over ``Phi0 / 2 pi`` across a branch."""
        nothing = np.zeros(self.system.variants)
        self.entries += [(row, node, sign * factor, sign * factor, nothing) for node, sign in at.ends()]
        self.parts += [(row, part) for part in self.drive.known_parts(at.known, VOLTAGE, -0.5 * self.h * factor)]

    def past_change(self, row: int, at: Branch, factor: Floats) -> None:
        """Count the same of a branch that inductors alone hold, whose flux is right at the middles of steps only.

        The voltage is the second-order difference backward from this middle.
        """
        nothing = np.zeros(self.system.variants)
        self.entries += [(row, node, 0.75 * sign * factor, nothing, nothing) for node, sign in at.ends()]
        self.pasts.append((row, at, factor))
        self.parts += [(row, part) for part in self.drive.known_parts(at.known, VOLTAGE, -0.5 * self.h * factor)]

    def left_over(self, row: int, equation: int, factor: float) -> None:
        """Count ``factor`` times what one of the equations of `Beside` leaves over."""
        s, h = self.system, self.h
        beside = s.beside
        weights: dict[Matrix, Floats | float] = {
            "capacitance": 4 / h**2,
            "conductance": 2 / h,
            "stiffness": 1.0,
            "grip": self.grip,
        }
        for matrix, weight in weights.items():
            for which, column, value in beside.entries[matrix]:
                if which == equation:
                    flux = factor * weight * value
                    start = flux if matrix in ("capacitance", "conductance") else 0.0 * flux
                    rate = factor * (2 / h) * value if matrix == "capacitance" else 0.0 * flux
                    self.entries.append((row, column, flux, start, rate))
        for kind, matrix in ((SLOPE, "capacitance"), (VOLTAGE, "conductance"), (FLUX, "stiffness")):
            for which, source, value in beside.driven[matrix]:
                if which == equation:
                    self.parts.append((row, Part(source, kind, -factor * value)))
        for which, name, scale in beside.injections:
            if which == equation:
                self.parts.append((row, Part(name, CURRENT, factor * scale)))
        for j, at in enumerate(s.junction_branches):
            self.junctions += [(row, j, factor * sign) for which, sign in at.beside if which == equation]
        for number, port in enumerate(port for line in s.lines for port in line.ports):
            self.ports += [(row, number, factor * sign) for which, sign in port.beside if which == equation]


def build_rows(
    system: System,
    drive: Drive,
    *,
    step: float,
    grip: Floats,
    outputs: Sequence[str],
    loose: Callable[[Branch], bool],
) -> Rows:
    """Write down the equations beside those of the nodes.

    Parameters
    ----------
    grip : array, shape (variants,)
        Multiple of ``b b^T`` of each source of unknown voltage that is in the step matrix.
    outputs : sequence of str
        Sources and transmission lines whose current is wanted.
    loose : callable
        Whether a branch is `held_by_inductors`.
    """
    controls = dict.fromkeys(
        c.element.control
        for c in system.controlled
        if isinstance(c.element, CurrentControlledCurrentSource | CurrentControlledVoltageSource)
    )
    own = [c for c in system.controlled if not isinstance(c.element, CurrentControlledCurrentSource)]
    number = {c.element.name: m for m, c in enumerate(own)} | {name: len(own) + m for m, name in enumerate(controls)}
    unknowns, variants = len(number), system.variants
    one = np.ones(variants)
    build = _Builder(system=system, drive=drive, h=step, grip=grip)
    columns: list[list[tuple[Branch, Floats]]] = [[] for _ in range(unknowns)]
    dense = np.zeros((unknowns + len(outputs), unknowns, variants))
    for c in system.controlled:
        match c.element:
            case CurrentControlledCurrentSource(control=control):
                columns[number[control]].append((c.branch, c.gain))
            case _:
                columns[number[c.element.name]].append((c.branch, one))
    for c in own:
        row = number[c.element.name]
        match c.element:
            case VoltageControlledVoltageSource():
                assert c.control is not None
                build.change(row, c.branch, one)
                count = build.past_change if loose(c.control) else build.change
                count(row, c.control, -c.gain)
            case VoltageControlledCurrentSource():
                assert c.control is not None
                count = build.past_change if loose(c.control) else build.change
                count(row, c.control, -c.gain * (2 * KAPPA / step))
                dense[row, row] = 1.0
            case CurrentControlledVoltageSource(control=control):
                build.change(row, c.branch, one)
                dense[row, number[control]] -= c.gain * (step / (2 * KAPPA))
    leftovers = [(number[name], name, 1.0) for name in controls]
    for k, name in enumerate(outputs):
        row = unknowns + k
        if name in system.beside.number:
            leftovers.append((row, name, system.beside.signs[system.beside.number[name]]))
        else:
            _current(build, row, name, number, dense)
    for row, name, factor in leftovers:
        equation = system.beside.number[name]
        build.left_over(row, equation, factor)
        for m, flows in enumerate(columns):
            for at, gain in flows:
                dense[row, m] += sum(factor * sign * gain for which, sign in at.beside if which == equation)
        if row < unknowns:
            dense[row, number[name]] += system.beside.signs[equation]
    return Rows(
        names=tuple(outputs),
        unknowns=unknowns,
        entries=tuple(build.entries),
        parts=tuple(build.parts),
        junctions=tuple(build.junctions),
        ports=tuple(build.ports),
        pasts=tuple(build.pasts),
        columns=tuple(tuple(flows) for flows in columns),
        dense=dense,
    )


def _current(build: _Builder, row: int, name: str, number: dict[str, int], dense: Floats) -> None:
    """Write the row of an output: the current of a controlled source, or into the near port of a line."""
    system = build.system
    for k, line in enumerate(system.lines):
        if line.element.name == name:
            build.change(row, line.ports[0], -line.conductance * (2 * KAPPA / build.h))
            build.ports.append((row, 2 * k, -1.0))
            return
    c = next(c for c in system.controlled if c.element.name == name)
    if isinstance(c.element, CurrentControlledCurrentSource):
        dense[row, number[c.element.control]] = -c.gain
        return
    dense[row, number[name]] = -1.0
    if isinstance(c.element, VoltageControlledVoltageSource | CurrentControlledVoltageSource):
        nothing = np.zeros(system.variants)
        build.entries += [(row, node, -sign * build.grip, nothing, nothing) for node, sign in c.branch.ends()]


def held_nodes(system: System, rates: NDArray[np.bool_]) -> list[int]:
    """Nodes whose voltage against ground a controlled source gives, and not as a multiple of rates at other nodes.

    ``rates`` says which nodes have a rate: those with capacitance.
    """
    held = []
    for c in system.controlled:
        ends = [node for node, _ in c.branch.ends()]
        if len(ends) != 1 or not isinstance(c.element, VoltageControlledVoltageSource | CurrentControlledVoltageSource):
            continue
        follows = c.control is not None and not c.control.known
        if not (follows and c.control is not None and all(rates[node] for node, _ in c.control.ends())):
            held += [node for node in ends if rates[node]]
    return held


def eliminate(system: System, rows: Rows, solve: Callable[[Floats], Floats]) -> tuple[Floats, Floats, Floats]:
    """Return ``W [nodes, unknowns, variants]``, ``S^-1`` and ``A^-1 R^T``; ``solve`` applies ``A^-1`` to columns.

    Raises
    ------
    EngineError
        If the controlled sources contradict each other.
    """
    k, variants = rows.unknowns, system.variants
    wide = np.zeros((system.n, k, variants))
    across = np.zeros((system.n, k, variants))
    for m, flows in enumerate(rows.columns):
        for at, gain in flows:
            for node, sign in at.ends():
                wide[node, m] += sign * gain
    for row, column, flux, _, _ in rows.entries:
        if row < k:
            across[column, row] += flux
    solved = solve(wide)
    small = np.moveaxis(rows.dense[:k] - products(across, solved), 2, 0)
    if k and np.any(np.linalg.cond(small) > _WORST):
        named = ", ".join(repr(c.element.name) for c in system.controlled)
        raise EngineError(
            f"the controlled sources {named} leave the circuit without a solution, or with many: look for gains that "
            "make a loop of exactly one, and for outputs joined in parallel"
        )
    inverse = np.moveaxis(np.linalg.inv(small), 0, 2) if k else small.reshape(0, 0, variants)
    return solved, np.ascontiguousarray(inverse), solve(across)


_WORST = 1e14
"""Condition number of the small matrix at which the sources are said to contradict each other [chosen]."""


def held_by_inductors(at: Branch, part: Ints, floating: NDArray[np.bool_]) -> bool:
    """Whether no capacitors, resistors and sources hold the voltage of a branch.

    Parameters
    ----------
    part, floating
        Of each node: number of the part that these elements join it to, and whether that part floats.
    """
    return len({int(part[node]) if node >= 0 and floating[node] else -1 for node in (at.plus, at.minus)}) > 1
