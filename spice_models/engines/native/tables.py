"""What the compiled time loop works on, as named tuples of arrays.

Arrays over nodes, junctions or matrix entries are flat, with ``lanes`` neighbouring numbers for each (see `lanes`);
nodes have one more group at the end, ground.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Matrices(NamedTuple):
    """``4 C / h^2 + 2 G / h`` and ``2 C / h`` split into diagonal and lower triangle, and the factored step matrix."""

    inertia_diagonal: Floats  # [nodes] 4 C / h^2 + 2 G / h
    momentum_diagonal: Floats  # [nodes] 2 C / h
    row: Ints  # [entries] of the lower triangle
    column: Ints
    inertia: Floats  # [entries]
    momentum: Floats  # [entries]
    rate_factor: Floats  # [nodes] 4 / h where there is capacitance, else 0
    lower_columns: Ints  # of the entries of L, column by column
    lower_rows: Ints
    lower: Floats
    inverse: Floats  # [nodes] of D


class Junctions(NamedTuple):
    """Where junctions sit and how much they carry."""

    plus: Ints  # [junctions], the number of nodes for ground
    minus: Ints
    from_plus: Ints  # junctions whose plus end is not ground
    into_minus: Ints  # those whose minus end is not
    critical_current: Floats  # [junctions]


class Sources(NamedTuple):
    """Currents into nodes: shapes over the steps, each at some nodes with a factor."""

    node: Ints  # [injections]
    shape: Ints
    scale: Floats  # [injections]
    shapes: Floats  # [shapes, steps]; no lanes
    steady: Flags  # [shapes, spans] whether a shape stays the same over a span of steps


class State(NamedTuple):
    """Where a block stands; kept from stretch to stretch. Rings of four are indexed by step number modulo four."""

    flux: Floats  # [nodes + 1]
    rate: Floats  # [nodes + 1] derivative of the flux where there is capacitance
    mid_phase: Floats  # [4, junctions] unknown part of the phase at mid-step
    known_phase: Floats  # [4, junctions] its known part, or nothing where there is none
    upper: Floats  # [junctions] phases between which a junction neither begins a slip nor ends one
    lower: Floats
    crossed: Floats  # [junctions] when the phase last passed an odd multiple of pi


class Ends(NamedTuple):
    """What stands for the part of a recorded node's flux and rate that has no value at the end of a step.

    Nodes joined by capacitors have such a part in their rates, nodes joined by capacitors and resistors one in their
    fluxes, unless they reach ground: that of a node of theirs at mid-step is taken. The ground itself has none.
    """

    flux: Ints  # [recorded]
    rate: Ints


class Record(NamedTuple):
    """Nodes to record, one sample in ``every`` steps."""

    nodes: Ints
    every: int
    flux: Floats  # [recorded, samples, lanes]
    rate: Floats


class Events(NamedTuple):
    """Slips of each junction; a negative time is a slip backward."""

    time: Floats  # [junctions, most, lanes]
    number: Ints  # [junctions, lanes] of slips either way
    slips: Ints  # [junctions, lanes]


class Noise(NamedTuple):
    """Random currents from ``minus`` to ``plus`` nodes, held over each step."""

    plus: Ints  # [sources], the number of nodes for ground
    minus: Ints
    current: Floats  # [steps, sources, lanes]
