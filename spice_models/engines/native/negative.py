"""Negative inductances: taken where what they belong to is passive as a whole, and named where it is not.

Extraction writes coupled inductances as stars with a negative leg. The matrix of the node equations is then indefinite
at the middle of a star, which has neither capacitance nor conductance and follows the other nodes at once. What counts
is the stiffness that is left when such nodes are eliminated: where it is negative, currents grow without bounds.

By Sylvester's law of inertia a matrix has as many negative pivots as negative eigenvalues, in any order of elimination,
and by Haynsworth's formula those of a block plus those of what its elimination leaves.

References
----------
E. V. Haynsworth, Linear Algebra Appl. 1, 73 (1968), doi 10.1016/0024-3795(68)90050-5.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix

from spice_models.circuit import Circuit
from spice_models.elements import Inductor
from spice_models.engines.native.assemble import Pattern, System, combine
from spice_models.engines.native.ldl import Symbolic, analyse, factor
from spice_models.errors import EngineError

SLOWEST = 1e6
"""Steps in which currents must not grow by a factor e [chosen: ten times the longest runs]."""

_MOST_NAMED = 4


def negative_inductors(circuit: Circuit) -> list[str]:
    """Names of the inductors with a negative inductance."""
    return [e.name for e in circuit.of_type(Inductor) if e.inductance < 0]


def check_passive(circuit: Circuit, system: System, symbolic: Symbolic, *, step: float, grip: float) -> None:
    """Raise unless the inductances of a circuit are passive but for nodes that follow others at once.

    Parameters
    ----------
    symbolic : Symbolic
        Of the pattern that capacitances, conductances and stiffnesses have together.
    step : float
        Time step [s].
    grip : float
        Weight of what holds the nodes of sources.
    """
    slow = SLOWEST * step
    c, g, k, held = system.capacitance, system.conductance, system.stiffness, system.grip
    soft = combine([(c, 4.0 / slow**2), (g, 2.0 / slow), (k, 1.0), (held, grip)])
    *_, inverse, bad = factor(symbolic, soft.values, definite=False)
    follow = np.flatnonzero((_diagonal(c) == 0) & (_diagonal(g) == 0) & (_diagonal(held) == 0))
    block = _block(k, follow)
    *_, inner, singular = factor(analyse(len(follow), block.indptr, block.indices), block.values, definite=False)
    grows = np.sum(inverse < 0, axis=0) != np.sum(inner < 0, axis=0)
    if np.any(grows) or np.any(bad >= 0) or np.any(singular >= 0):
        names = negative_inductors(circuit)
        listed = ", ".join(repr(name) for name in names[:_MOST_NAMED])
        raise EngineError(
            f"the negative inductance of {listed} outweighs the inductances around: their matrix is not definite, and "
            "currents would grow without bounds; make it smaller, or merge it with what it stands in series with"
        )


def _diagonal(pattern: Pattern) -> NDArray[np.float64]:
    columns = np.repeat(np.arange(len(pattern.indptr) - 1), np.diff(pattern.indptr))
    result = np.zeros(len(pattern.indptr) - 1)
    on = pattern.indices == columns
    result[columns[on]] = np.abs(pattern.values[on]).max(axis=1)
    return result


def _block(pattern: Pattern, nodes: NDArray[np.int64]) -> Pattern:
    """Rows and columns of some nodes."""
    n = len(pattern.indptr) - 1
    places = csc_matrix((np.arange(1.0, len(pattern.indices) + 1), pattern.indices, pattern.indptr), shape=(n, n))
    chosen = places[nodes][:, nodes].tocsc()
    chosen.sort_indices()
    return Pattern(
        indptr=chosen.indptr.astype(np.int64),
        indices=chosen.indices.astype(np.int64),
        values=pattern.values[chosen.data.astype(np.int64) - 1],
    )
