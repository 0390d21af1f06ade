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
from spice_models.constants import FLUX_QUANTUM
from spice_models.elements import (
    GROUND,
    Capacitor,
    CurrentSource,
    Inductor,
    Junction,
    Mutual,
    Resistor,
    VoltageSource,
)
from spice_models.engines.native.ldl import fill_reducing_order
from spice_models.errors import DescriptionError, EngineError, unknown_name

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
KAPPA = FLUX_QUANTUM / (2 * np.pi)  # [Wb/rad]


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A symmetric sparse matrix whose entries are arrays over the variants: compressed columns, both triangles."""

    indptr: Ints
    indices: Ints
    values: Floats  # [nonzeros, variants]


Known = tuple[tuple[int, float], ...]
"""Known fluxes of voltage sources that add to an unknown one: (number of the source, sign)."""

Driven = tuple[int, int, Floats]
"""A matrix entry against a known flux: (unknown, number of the voltage source, value [variants])."""


@dataclass(frozen=True)
class _Branch:
    """Where an element sits: unknown at its plus and minus end (-1 for ground), and the known flux across it."""

    plus: int
    minus: int
    known: Known = ()


@dataclass
class _Stamps:
    """Entries of a matrix over the nodes, collected before the pattern is known."""

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    driven: list[Driven] = field(default_factory=list)

    def add(self, first: _Branch, second: _Branch, value: Floats) -> None:
        """Add ``value b1 b2^T``; ground drops out."""
        for i, sign_i in ((first.plus, 1.0), (first.minus, -1.0)):
            if i < 0:
                continue
            for j, sign_j in ((second.plus, 1.0), (second.minus, -1.0)):
                if j >= 0:
                    self.rows.append(i)
                    self.columns.append(j)
                    self.values.append(sign_i * sign_j * value)
            self.driven += [(i, source, sign_i * weight * value) for source, weight in second.known]


@dataclass(frozen=True, kw_only=True)
class System:
    """The assembled equations; node numbers are those of the solver (``order`` maps them to ``names``)."""

    names: tuple[str, ...]
    index: Mapping[str, int]  # node name -> unknown, -1 for ground
    offsets: Mapping[str, Known]
    driven: tuple[tuple[Driven, ...], ...]  # of capacitance, conductance, stiffness
    capacitance: Pattern
    conductance: Pattern
    stiffness: Pattern
    junction_names: tuple[str, ...]
    junction_nodes: Ints  # [junctions, 2]
    junction_known: tuple[Known, ...]
    critical_current: Floats  # [junctions, variants]
    junction_capacitance: Floats  # [junctions, variants], in units of the equations
    junction_conductance: Floats  # the same
    injections: tuple[tuple[int, str, Floats], ...]  # unknown, current source, sign * scale [variants]
    inductor_rows: Mapping[str, tuple[tuple[str, Floats], ...]]  # inductor -> (branch, inverse inductance [variants])
    variants: int

    @property
    def n(self) -> int:
        """Number of unknown node fluxes."""
        return len(self.capacitance.indptr) - 1


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
            if (colon or isinstance(element, Capacitor | Inductor | Resistor)) and np.any(factors <= 0):
                raise DescriptionError(f"scale factors of {key!r} must be positive, got {factors.min():g}")

    def of(self, name: str, value: float, part: str = "") -> Floats:
        """Value times scale, shape (variants,)."""
        factors = self._scales.get(f"{name}:{part}" if part else name)
        return np.full(self.variants, value) if factors is None else value * factors


def assemble(circuit: Circuit, scales: Mapping[str, ArrayLike]) -> System:
    """Assemble a flattened circuit.

    Raises
    ------
    DescriptionError
        For loops of voltage sources and for coupled inductors whose matrix is not positive definite.
    """
    _check_supported(circuit)
    values = Values(circuit, scales)
    index, offsets, names = _number_nodes(circuit)
    c, g, k = _Stamps(), _Stamps(), _Stamps()
    junctions: list[Junction] = []
    ic: list[Floats] = []
    junction_c: list[Floats] = []
    junction_g: list[Floats] = []
    injections: list[tuple[int, str, Floats]] = []

    def branch(e: Junction | Inductor | Resistor | Capacitor | CurrentSource) -> _Branch:
        known = offsets[e.plus] + tuple((source, -weight) for source, weight in offsets[e.minus])
        return _Branch(index[e.plus], index[e.minus], known)

    for e in circuit:
        match e:
            case Junction():
                junctions.append(e)
                ic.append(values.of(e.name, e.critical_current))
                junction_c.append(KAPPA * values.of(e.name, e.capacitance, "capacitance"))
                junction_g.append(KAPPA / values.of(e.name, e.resistance, "resistance"))
                c.add(branch(e), branch(e), junction_c[-1])
                g.add(branch(e), branch(e), junction_g[-1])
            case Resistor():
                g.add(branch(e), branch(e), KAPPA / values.of(e.name, e.resistance))
            case Capacitor():
                c.add(branch(e), branch(e), KAPPA * values.of(e.name, e.capacitance))
            case CurrentSource():
                for node, sign in ((index[e.plus], -1.0), (index[e.minus], 1.0)):
                    if node >= 0:
                        injections.append((node, e.name, values.of(e.name, sign)))
    rows = _stamp_inductors(circuit, values, branch, k)
    n = len(names)
    order = _order(n, (c, g, k))
    position = np.empty(n, dtype=np.int64)
    position[order] = np.arange(n)

    def moved(node: int) -> int:
        return int(position[node]) if node >= 0 else -1

    return System(
        names=tuple(names[i] for i in order),
        index={name: moved(i) for name, i in index.items()},
        offsets=offsets,
        driven=tuple(tuple((moved(i), s, v) for i, s, v in stamps.driven) for stamps in (c, g, k)),
        capacitance=_compress(n, c, position, values.variants),
        conductance=_compress(n, g, position, values.variants),
        stiffness=_compress(n, k, position, values.variants),
        junction_names=tuple(j.name for j in junctions),
        junction_nodes=np.array(
            [[moved(index[j.plus]), moved(index[j.minus])] for j in junctions], dtype=np.int64
        ).reshape(-1, 2),
        junction_known=tuple(branch(j).known for j in junctions),
        critical_current=np.array(ic).reshape(-1, values.variants),
        junction_capacitance=np.array(junction_c).reshape(-1, values.variants),
        junction_conductance=np.array(junction_g).reshape(-1, values.variants),
        injections=tuple((moved(node), source, scale) for node, source, scale in injections),
        inductor_rows=rows,
        variants=values.variants,
    )


def _check_supported(circuit: Circuit) -> None:
    taken = (Junction, Inductor, Mutual, Resistor, Capacitor, CurrentSource, VoltageSource)
    for e in circuit:
        if not isinstance(e, taken):
            raise EngineError(f"the native engine does not simulate a {type(e).__name__} such as {e.name!r} yet")
        if isinstance(e, Junction) and (e.gap is not None or e.phase_shift or e.second_harmonic):
            raise EngineError(
                f"the native engine does not simulate the gap, phase shift or second harmonic of {e.name!r} yet"
            )


def _number_nodes(
    circuit: Circuit,
) -> tuple[dict[str, int], dict[str, Known], list[str]]:
    """Give each node an unknown and the voltage sources that separate it from that unknown's node."""
    leader: dict[str, tuple[str, Known]] = {}

    def find(node: str) -> tuple[str, Known]:
        offset: Known = ()
        while node in leader:
            node, more = leader[node]
            offset += more
        return node, offset

    sources = [e for e in circuit if isinstance(e, VoltageSource)]
    for number, e in enumerate(sources):
        (plus, up), (minus, down) = find(e.plus), find(e.minus)
        if plus == minus:
            raise DescriptionError(f"voltage source {e.name!r} closes a loop of voltage sources: take one out")
        known = ((number, 1.0), *down)
        if plus == GROUND:
            known_back = tuple((s, -w) for s, w in known) + up
            leader[minus] = (plus, known_back)
        else:
            leader[plus] = (minus, known + tuple((s, -w) for s, w in up))
    index: dict[str, int] = {}
    offsets: dict[str, Known] = {}
    names: list[str] = []
    unknown: dict[str, int] = {GROUND: -1}
    for node in (GROUND, *circuit.nodes):
        root, offset = find(node)
        if root not in unknown:
            unknown[root] = len(names)
            names.append(root)
        index[node] = unknown[root]
        offsets[node] = offset
    return index, offsets, names


def _stamp_inductors(
    circuit: Circuit, values: Values, branch: Callable[[Inductor], _Branch], k: _Stamps
) -> dict[str, tuple[tuple[str, Floats], ...]]:
    inductors = {e.name: e for e in circuit if isinstance(e, Inductor)}
    mutuals = [e for e in circuit if isinstance(e, Mutual)]
    result: dict[str, tuple[tuple[str, Floats], ...]] = {}
    for group in _coupled_groups(list(inductors), mutuals):
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
        if len(group) > 1 and np.any(np.linalg.eigvalsh(matrix) <= 0):
            named = ", ".join(repr(name) for name in group)
            raise DescriptionError(
                f"inductors {named} are coupled more tightly than is possible together (their inductance matrix is not "
                "positive definite): reduce the couplings"
            )
        inverse: Floats = np.asarray(np.linalg.inv(matrix), dtype=np.float64)
        for a, i in place.items():
            result[a] = tuple((b, inverse[:, i, j]) for b, j in place.items())
            for b, j in place.items():
                k.add(branch(inductors[a]), branch(inductors[b]), KAPPA * inverse[:, i, j])
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


def _order(n: int, stamps: Sequence[_Stamps]) -> Ints:
    rows = np.concatenate([np.array(s.rows, dtype=np.int64) for s in stamps] + [np.arange(n)])
    columns = np.concatenate([np.array(s.columns, dtype=np.int64) for s in stamps] + [np.arange(n)])
    return fill_reducing_order(csc_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n)))


def _compress(n: int, stamps: _Stamps, position: Ints, variants: int) -> Pattern:
    rows = position[np.array(stamps.rows, dtype=np.int64)] if stamps.rows else np.zeros(0, dtype=np.int64)
    columns = position[np.array(stamps.columns, dtype=np.int64)] if stamps.rows else np.zeros(0, dtype=np.int64)
    keys, inverse = np.unique(columns * n + rows, return_inverse=True)
    data = np.zeros((len(keys), variants))
    if stamps.values:
        np.add.at(data, inverse, np.array(stamps.values))
    indptr = np.zeros(n + 1, dtype=np.int64)
    np.add.at(indptr, keys // n + 1 if n else keys, 1)
    return Pattern(indptr=np.cumsum(indptr), indices=keys % n if n else keys, values=data)


def combine(patterns: Sequence[tuple[Pattern, float]]) -> Pattern:
    """Weighted sum of matrices of one size."""
    n = len(patterns[0][0].indptr) - 1
    keys = np.concatenate([np.repeat(np.arange(n), np.diff(p.indptr)) * n + p.indices for p, _ in patterns])
    values = np.concatenate([weight * p.values for p, weight in patterns])
    unique, inverse = np.unique(keys, return_inverse=True)
    data = np.zeros((len(unique), values.shape[1]))
    np.add.at(data, inverse, values)
    indptr = np.zeros(n + 1, dtype=np.int64)
    np.add.at(indptr, unique // n + 1, 1)
    return Pattern(indptr=np.cumsum(indptr), indices=unique % n, values=data)
