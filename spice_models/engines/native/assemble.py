"""A circuit as the matrices of its node-flux equations, for many variants of its values at once.

With node fluxes ``x`` in radians (``2 pi / Phi0`` times the time integral of the node voltage) a circuit of
junctions, coupled inductors, resistors, capacitors and sources is

``C x'' + G x' + K x + sum_j b_j Ic_j sin(b_j^T x) = currents``

with ``C``, ``G`` and ``K`` symmetric. A voltage source joins two nodes up to a known flux.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csc_matrix

from spice_models.circuit import Circuit
from spice_models.elements import (
    Capacitor,
    ControlledSource,
    CurrentControlledCurrentSource,
    CurrentControlledVoltageSource,
    CurrentSource,
    Inductor,
    Junction,
    Mutual,
    Resistor,
    TransmissionLine,
    VoltageControlledCurrentSource,
    VoltageControlledVoltageSource,
)
from spice_models.engines.native.known import KAPPA, number_nodes
from spice_models.engines.native.ldl import fill_reducing_order
from spice_models.engines.native.system import (
    MATRICES,
    Beside,
    Branch,
    Controlled,
    Driven,
    Line,
    Matrix,
    Pattern,
    System,
    combine,
    compress,
)
from spice_models.errors import DescriptionError, unknown_name

__all__ = ["KAPPA", "Pattern", "System", "Values", "assemble", "combine", "variant_count"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass
class _Stamps:
    """Entries of a matrix over the nodes, collected before the pattern is known."""

    entries: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)
    driven: list[Driven] = field(default_factory=list)
    beside: list[tuple[int, int, Floats]] = field(default_factory=list)
    beside_driven: list[Driven] = field(default_factory=list)

    def add(self, first: Sequence[Branch], second: Sequence[Branch], values: Floats) -> None:
        """Add ``value b1 b2^T`` for pairs of branches and ``values [pairs, variants]``; ground drops out."""
        if not first:
            return
        ends = [np.array([(at.plus, at.minus) for at in branches], dtype=np.int64) for branches in (first, second)]
        for i, sign_i in ((0, 1.0), (1, -1.0)):
            for j, sign_j in ((0, 1.0), (1, -1.0)):
                row, column = ends[0][:, i], ends[1][:, j]
                there = (row >= 0) & (column >= 0)
                self.entries.append((row[there], column[there], sign_i * sign_j * values[there]))
        for one, other, value in zip(first, second, values, strict=True):
            if other.known or one.beside:
                self._add_known(one, other, value)

    def _add_known(self, first: Branch, second: Branch, value: Floats) -> None:
        for i, sign in first.ends():
            self.driven += [(i, source, sign * weight * value) for source, weight in second.known]
        for row, sign in first.beside:
            self.beside += [(row, j, sign * sign_j * value) for j, sign_j in second.ends()]
            self.beside_driven += [(row, source, sign * weight * value) for source, weight in second.known]

    def joined(self, variants: int) -> tuple[Ints, Ints, Floats]:
        """Rows, columns and values of all entries."""
        nothing = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros((0, variants)))
        rows, columns, values = zip(nothing, *self.entries, strict=True)
        return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)


def variant_count(scales: Mapping[str, ArrayLike]) -> int:
    """Return how many variants a set of scale factors describes: their common length, 1 where all are scalars."""
    lengths: dict[int, str] = {}
    for key, factors in scales.items():
        if np.ndim(factors) > 1 or np.size(factors) == 0:
            raise DescriptionError(
                f"scale factors of {key!r} must be one number or one a variant, got shape {np.shape(factors)}"
            )
        if np.ndim(factors) == 1:
            lengths.setdefault(np.size(factors), key)
    if len(lengths) > 1:
        listed = ", ".join(f"{length} of {key!r}" for length, key in lengths.items())
        raise DescriptionError(f"all scale factors need one length, one factor a variant; got {listed}")
    return next(iter(lengths), 1)


class Values:
    """Element values of every variant: the circuit's own times the scale factors.

    A key of ``scales`` is an element's name (its main value: Ic, L, k, R, C, the waveform's height) or
    ``name:capacitance`` / ``name:resistance`` for the other values of a junction.
    """

    def __init__(self, circuit: Circuit, scales: Mapping[str, ArrayLike]) -> None:
        self.variants = variant_count(scales)
        self._scales = {k: np.broadcast_to(np.asarray(v, dtype=float), (self.variants,)) for k, v in scales.items()}
        for key, factors in self._scales.items():
            name, colon, part = key.partition(":")
            element = circuit[name]
            if colon and not isinstance(element, Junction):
                raise DescriptionError(
                    f"scale factors of {key!r}: {name!r} is no junction and has one value only, scaled by {name!r}"
                )
            if colon and part not in ("capacitance", "resistance"):
                raise unknown_name("value", part, ("capacitance", "resistance"), f" of junction {name!r}")
            if not np.all(np.isfinite(factors)):
                raise DescriptionError(f"scale factors of {key!r} must be finite")
            fixed_sign = isinstance(element, Junction | Capacitor | Inductor | Resistor | TransmissionLine)
            if (colon or fixed_sign) and np.any(factors <= 0):
                raise DescriptionError(f"scale factors of {key!r} must be positive, got {factors.min():g}")

    def of(self, name: str, value: float, part: str = "") -> Floats:
        """Value times scale, shape (variants,)."""
        factors = self._scales.get(f"{name}:{part}" if part else name)
        return np.full(self.variants, value) if factors is None else value * factors

    def table(self, names: Sequence[str], values: Sequence[float], part: str = "") -> Floats:
        """Values times scales, shape (names, variants)."""
        result = np.repeat(np.array(values, dtype=np.float64).reshape(-1, 1), self.variants, axis=1)
        if self._scales:
            for row, name in enumerate(names):
                factors = self._scales.get(f"{name}:{part}" if part else name)
                if factors is not None:
                    result[row] *= factors
        return result


def assemble(circuit: Circuit, scales: Mapping[str, ArrayLike], currents: Sequence[str] = ()) -> System:
    """Assemble a flattened circuit; ``currents`` names the voltage and phase sources whose current is wanted.

    Raises
    ------
    DescriptionError
        For loops of voltage or phase sources and for coupled inductors whose matrix is not definite.
    """
    values = Values(circuit, scales)
    nodes = number_nodes(circuit)
    index, offsets = nodes.index, nodes.offsets
    stamps: dict[Matrix, _Stamps] = {name: _Stamps() for name in MATRICES}
    c, g, k = stamps["capacitance"], stamps["conductance"], stamps["stiffness"]
    junctions = [e for e in circuit if isinstance(e, Junction)]
    resistors = [e for e in circuit if isinstance(e, Resistor)]
    capacitors = [e for e in circuit if isinstance(e, Capacitor)]
    injections: list[tuple[int, str, Floats]] = []
    beside_injections: list[tuple[int, str, Floats]] = []
    controls = [e.control for e in circuit if isinstance(e, _CURRENT_CONTROLLED)]
    wanted = list(dict.fromkeys([*controls, *currents]))
    cuts = [nodes.beyond(name) for name in wanted]
    scale_of_source = [values.of(s.name, 1.0) for s in nodes.sources]

    def branch(plus: str, minus: str) -> Branch:
        known = offsets[plus] + tuple((source, -weight) for source, weight in offsets[minus])
        if not cuts:
            return Branch(index[plus], index[minus], known)
        beside = ((row, float((plus in side) - (minus in side))) for row, (side, _) in enumerate(cuts))
        return Branch(index[plus], index[minus], known, tuple((row, sign) for row, sign in beside if sign))

    def branches_of(elements: Sequence[Junction | Resistor | Capacitor]) -> list[Branch]:
        return [branch(e.plus, e.minus) for e in elements]

    names = [e.name for e in junctions]
    critical_current = values.table(names, [e.critical_current for e in junctions])
    junction_c = KAPPA * values.table(names, [e.capacitance for e in junctions], "capacitance")
    junction_g = KAPPA / values.table(names, [e.resistance for e in junctions], "resistance")
    at_junctions, at_resistors, at_capacitors = branches_of(junctions), branches_of(resistors), branches_of(capacitors)
    c.add(at_junctions, at_junctions, junction_c)
    g.add(at_junctions, at_junctions, junction_g)
    resistance = values.table([e.name for e in resistors], [e.resistance for e in resistors])
    g.add(at_resistors, at_resistors, KAPPA / resistance)
    capacitance = values.table([e.name for e in capacitors], [e.capacitance for e in capacitors])
    c.add(at_capacitors, at_capacitors, KAPPA * capacitance)
    controlled: list[Controlled] = []
    lines: list[Line] = []
    for e in circuit:
        match e:
            case CurrentSource():
                at = branch(e.plus, e.minus)
                injections += [(node, e.name, values.of(e.name, -sign)) for node, sign in at.ends()]
                beside_injections += [(row, e.name, values.of(e.name, -sign)) for row, sign in at.beside]
            case TransmissionLine():
                ports = (branch(e.plus, e.minus), branch(e.far_plus, e.far_minus))
                conductance = 1.0 / values.of(e.name, e.impedance)
                g.add(ports, ports, np.array([KAPPA * conductance] * 2))
                lines.append(Line(element=e, ports=ports, conductance=conductance))
            case VoltageControlledVoltageSource() | VoltageControlledCurrentSource():
                control = branch(e.control_plus, e.control_minus)
                controlled.append(
                    Controlled(
                        element=e, branch=branch(e.plus, e.minus), control=control, gain=values.of(e.name, _gain(e))
                    )
                )
            case CurrentControlledCurrentSource() | CurrentControlledVoltageSource():
                controlled.append(
                    Controlled(element=e, branch=branch(*e.nodes), control=None, gain=values.of(e.name, _gain(e)))
                )
    for source in controlled:
        if isinstance(source.element, _VOLTAGE_DEFINED):
            stamps["grip"].add([source.branch], [source.branch], np.ones((1, values.variants)))
    rows = _stamp_inductors(circuit, values, branch, k)
    n = len(nodes.names)
    entries = {name: found.joined(values.variants) for name, found in stamps.items()}
    order = _order(n, list(entries.values()))
    position = np.empty(n, dtype=np.int64)
    position[order] = np.arange(n)

    def moved(node: int) -> int:
        return int(position[node]) if node >= 0 else -1

    def placed(at: Branch) -> Branch:
        return Branch(moved(at.plus), moved(at.minus), at.known, at.beside)

    branches = [placed(at) for at in at_junctions]
    patterns = {name: compress(n, position[i], position[j], found) for name, (i, j, found) in entries.items()}
    return System(
        names=tuple(nodes.names[i] for i in order),
        index={name: moved(i) for name, i in index.items()},
        offsets=offsets,
        known_sources=nodes.sources,
        driven=tuple(tuple((moved(i), s, v * scale_of_source[s]) for i, s, v in found.driven) for found in (c, g, k)),
        capacitance=patterns["capacitance"],
        conductance=patterns["conductance"],
        stiffness=patterns["stiffness"],
        grip=patterns["grip"],
        junctions=tuple(junctions),
        junction_branches=tuple(branches),
        junction_nodes=np.array([[b.plus, b.minus] for b in branches], dtype=np.int64).reshape(-1, 2),
        critical_current=critical_current,
        junction_capacitance=junction_c,
        junction_conductance=junction_g,
        gap_factor=values.table(names, [1.0] * len(names)),
        injections=tuple((moved(node), source, scale) for node, source, scale in injections),
        inductor_rows=rows,
        known_scale=np.array(scale_of_source).reshape(-1, values.variants),
        beside=Beside(
            number={name: row for row, name in enumerate(wanted)},
            signs=tuple(sign for _, sign in cuts),
            entries={name: tuple((r, moved(j), v) for r, j, v in found.beside) for name, found in stamps.items()},
            driven={
                name: tuple((r, s, v * scale_of_source[s]) for r, s, v in found.beside_driven)
                for name, found in stamps.items()
            },
            injections=tuple(beside_injections),
        ),
        controlled=tuple(
            Controlled(
                element=s.element,
                branch=placed(s.branch),
                control=None if s.control is None else placed(s.control),
                gain=s.gain,
            )
            for s in controlled
        ),
        lines=tuple(
            Line(element=e.element, ports=(placed(e.ports[0]), placed(e.ports[1])), conductance=e.conductance)
            for e in lines
        ),
        variants=values.variants,
    )


_CURRENT_CONTROLLED = (CurrentControlledCurrentSource, CurrentControlledVoltageSource)
_VOLTAGE_DEFINED = (VoltageControlledVoltageSource, CurrentControlledVoltageSource)


def _gain(element: ControlledSource) -> float:
    match element:
        case VoltageControlledCurrentSource(transconductance=gain):
            return gain
        case CurrentControlledVoltageSource(transresistance=gain):
            return gain
        case VoltageControlledVoltageSource(gain=gain) | CurrentControlledCurrentSource(gain=gain):
            return gain


def _stamp_inductors(
    circuit: Circuit, values: Values, branch: Callable[[str, str], Branch], k: _Stamps
) -> dict[str, tuple[tuple[str, Floats], ...]]:
    inductors = {e.name: e for e in circuit if isinstance(e, Inductor)}
    mutuals = [e for e in circuit if isinstance(e, Mutual)]
    result: dict[str, tuple[tuple[str, Floats], ...]] = {}
    groups = _coupled_groups(list(inductors), mutuals) if mutuals else [[name] for name in inductors]
    single = [group[0] for group in groups if len(group) == 1]
    inverses = 1.0 / values.table(single, [inductors[name].inductance for name in single])
    for name, value in zip(single, inverses, strict=True):
        result[name] = ((name, value),)
    alone = [branch(inductors[name].plus, inductors[name].minus) for name in single]
    k.add(alone, alone, KAPPA * inverses)
    coupled = [group for group in groups if len(group) > 1]
    at = {name: branch(inductors[name].plus, inductors[name].minus) for group in coupled for name in group}
    pairs: list[tuple[Branch, Branch]] = []
    inverse_values: list[Floats] = []
    for group in coupled:
        place = {name: i for i, name in enumerate(group)}
        matrix = np.zeros((values.variants, len(group), len(group)))
        for name, i in place.items():
            matrix[:, i, i] = values.of(name, inductors[name].inductance)
        for m in mutuals:
            if m.first in place:
                i, j = place[m.first], place[m.second]
                if np.any(matrix[:, i, j]):
                    raise DescriptionError(f"mutual {m.name!r}: {m.first!r} and {m.second!r} are coupled already")
                value = values.of(m.name, m.coupling) * np.sqrt(matrix[:, i, i] * matrix[:, j, j])
                matrix[:, i, j] = matrix[:, j, i] = value
        sign = np.sign(inductors[group[0]].inductance)
        if np.any(np.linalg.eigvalsh(sign * matrix) <= 0):
            named = ", ".join(repr(name) for name in group)
            raise DescriptionError(
                f"inductors {named} are coupled more tightly than is possible together (their inductance matrix is not "
                "definite): reduce the couplings"
            )
        inverse: Floats = np.asarray(np.linalg.inv(matrix), dtype=np.float64)
        for a, i in place.items():
            result[a] = tuple((b, inverse[:, i, j]) for b, j in place.items())
            for b, j in place.items():
                pairs.append((at[a], at[b]))
                inverse_values.append(inverse[:, i, j])
    k.add([first for first, _ in pairs], [second for _, second in pairs], KAPPA * np.array(inverse_values))
    return result


def _coupled_groups(names: Sequence[str], mutuals: Sequence[Mutual]) -> list[list[str]]:
    group = {name: [name] for name in names}
    for m in mutuals:
        first, second = group[m.first], group[m.second]
        if first is not second:
            first += second
            for name in second:
                group[name] = first
    return list({id(g): g for g in group.values()}.values())


def _order(n: int, entries: Sequence[tuple[Ints, Ints, Floats]]) -> Ints:
    rows = np.concatenate([found[0] for found in entries] + [np.arange(n)])
    columns = np.concatenate([found[1] for found in entries] + [np.arange(n)])
    return fill_reducing_order(csc_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n)))
