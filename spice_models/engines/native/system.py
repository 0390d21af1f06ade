"""The equations of a circuit as matrices, and where its elements sit in them; see `assemble`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from spice_models.elements import ControlledSource, Junction, TransmissionLine
from spice_models.engines.native.known import Known, KnownSource

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """A symmetric sparse matrix whose entries are arrays over the variants: compressed columns, both triangles."""

    indptr: Ints
    indices: Ints
    values: Floats  # [nonzeros, variants]


Driven = tuple[int, int, Floats]
"""A matrix entry against a known flux: (row, number of the source, value [variants])."""

Matrix = Literal["capacitance", "conductance", "stiffness", "grip"]
MATRICES: tuple[Matrix, ...] = ("capacitance", "conductance", "stiffness", "grip")
"""Those of the equations, and the unit entries by which sources of unknown voltage hold their nodes (see `border`)."""


class Branch(NamedTuple):
    """Where an element sits: unknown at its plus and minus end (-1 for ground), and the known flux across it.

    ``beside`` counts the branch in the current of sources of known flux: (number of the source's equation, sign).
    """

    plus: int
    minus: int
    known: Known = ()
    beside: tuple[tuple[int, float], ...] = ()

    def ends(self) -> list[tuple[int, float]]:
        """Unknowns at its ends, with their sign; ground drops out."""
        return [(node, sign) for node, sign in ((self.plus, 1.0), (self.minus, -1.0)) if node >= 0]


@dataclass(frozen=True, kw_only=True)
class Beside:
    """Equations beside those of the unknowns: the currents of sources of known flux.

    Each is the sum of the node equations that the source took the unknown from; its current is ``sign`` times what that
    sum leaves over.

    Parameters
    ----------
    number : mapping of source -> int
        The sources whose currents are wanted, in the order of the equations.
    signs : tuple of float
        One an equation.
    entries, driven : mapping
        By matrix: (equation, unknown, value [variants]) and (equation, number of the source of known flux, value).
    injections : tuple
        (equation, current source, sign * scale [variants]).
    """

    number: Mapping[str, int]
    signs: tuple[float, ...]
    entries: Mapping[Matrix, tuple[tuple[int, int, Floats], ...]]
    driven: Mapping[Matrix, tuple[Driven, ...]]
    injections: tuple[tuple[int, str, Floats], ...]


@dataclass(frozen=True, kw_only=True)
class Controlled:
    """A controlled source in place: its branch, that of its control if this is a voltage, and its gain [variants]."""

    element: ControlledSource
    branch: Branch
    control: Branch | None
    gain: Floats


@dataclass(frozen=True, kw_only=True)
class Line:
    """A transmission line in place: its two ports and its conductance ``1 / Z`` [S, variants]."""

    element: TransmissionLine
    ports: tuple[Branch, Branch]
    conductance: Floats


@dataclass(frozen=True, kw_only=True)
class System:
    """The assembled equations; node numbers are those of the solver (``order`` maps them to ``names``)."""

    names: tuple[str, ...]
    index: Mapping[str, int]  # node name -> unknown, -1 for ground
    offsets: Mapping[str, Known]
    known_sources: tuple[KnownSource, ...]
    driven: tuple[tuple[Driven, ...], ...]  # of capacitance, conductance, stiffness
    capacitance: Pattern
    conductance: Pattern
    stiffness: Pattern
    grip: Pattern
    junctions: tuple[Junction, ...]
    junction_branches: tuple[Branch, ...]
    junction_nodes: Ints  # [junctions, 2]
    critical_current: Floats  # [junctions, variants]
    junction_capacitance: Floats  # [junctions, variants], in units of the equations
    junction_conductance: Floats  # the same
    injections: tuple[tuple[int, str, Floats], ...]  # unknown, current source, sign * scale [variants]
    inductor_rows: Mapping[str, tuple[tuple[str, Floats], ...]]  # inductor -> (branch, inverse inductance [variants])
    known_scale: Floats  # [sources of known flux, variants]
    gap_factor: Floats  # [junctions, variants] by which the critical current, and with it the gap branch, is scaled
    beside: Beside
    controlled: tuple[Controlled, ...]
    lines: tuple[Line, ...]
    variants: int

    @property
    def junction_names(self) -> tuple[str, ...]:
        """Names of the junctions, in the order of their arrays."""
        return tuple(j.name for j in self.junctions)

    @property
    def n(self) -> int:
        """Number of unknown node fluxes."""
        return len(self.capacitance.indptr) - 1


def combine(patterns: Sequence[tuple[Pattern, float]]) -> Pattern:
    """Weighted sum of matrices of one size."""
    n = len(patterns[0][0].indptr) - 1
    return compress(
        n,
        np.concatenate([p.indices for p, _ in patterns]),
        np.concatenate([np.repeat(np.arange(n), np.diff(p.indptr)) for p, _ in patterns]),
        np.concatenate([weight * p.values for p, weight in patterns]),
    )


def compress(n: int, rows: Ints, columns: Ints, values: Floats) -> Pattern:
    """Sum up the entries that fall on one place, in their order: every variant alike."""
    keys = columns * n + rows
    order = np.argsort(keys, kind="stable")
    firsts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    places = keys[order][firsts]
    if values.shape[1] == 1:  # the same sums with less ado
        place = np.empty(len(keys), dtype=np.int64)
        place[order] = np.repeat(np.arange(len(firsts)), np.diff(firsts, append=len(keys)))
        sums: Floats = np.bincount(place, values[:, 0], minlength=len(places))[:, None].astype(np.float64)
    else:
        collect = csr_matrix((np.ones(len(keys)), order, np.append(firsts, len(keys))), shape=(len(places), len(keys)))
        sums = np.asarray(collect @ values)
    counts = np.bincount(places // n if n else places, minlength=n)
    return Pattern(
        indptr=np.concatenate([[0], np.cumsum(counts)]),
        indices=places % n if n else places,
        values=sums,
    )
