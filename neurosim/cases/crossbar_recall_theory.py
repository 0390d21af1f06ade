"""Chance of a right answer of a memory on crossbars, in closed form: which sums of currents fire which neurons.

A recalled bit, or a found cue, is a neuron that fires if one step brings it its firing weight. What it gets is the sum
of the cells of its column on driven lines: one line in a recall, as many as a query has bits in a search. A search for
at least so many bits takes as many weights, less one, from every cue, exactly. Columns have cells of their own, so that
the chances of all neurons multiply.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from hardware.rram.array.line_loss import ladder_conductance
from hardware.rram.layers.column_sums import ColumnSums
from neurosim.cases.crossbar_recall_memory import StoredMemory
from neurosim.discrete_neurons import DiscreteLIF
from neurosim.models.hippocampal_operations import Operation
from neurosim.models.hippocampal_variants import WEIGHT

Floats = NDArray[np.float64]
Chances = dict[str, tuple[float, float]]

Column = tuple[frozenset[int], bool]
"""Driven lines with an on cell in a column, and whether its neuron should fire."""


def firing_levels(memory: StoredMemory) -> tuple[float, float]:
    """Least sum that fires a recalled bit and a found cue, in units of one weight."""
    neurons = [memory.network.population(name).neuron for name in ("ContCue", "CueCont")]
    bit, cue = (neuron.firing_weight / WEIGHT for neuron in neurons if isinstance(neuron, DiscreteLIF))
    return bit, cue


def expected_success(memory: StoredMemory, sums: ColumnSums, *, pairs: bool) -> Chances:
    """Chance of a right answer, and of a wrong bit or cue in it, by kind of query.

    Parameters
    ----------
    memory : StoredMemory
    sums : ColumnSums
        What one column gives.
    pairs : bool
        Whether as many off cells of a second column are subtracted.
    """

    def wrong(lines: int, level: float, column: Column) -> float:
        on = len(column[0])
        scaled = level * (1 - 1 / sums.ratio) if pairs else level
        silent = sums.chance_below(scaled, on=on, off=lines - on, subtracted=lines if pairs else 0)
        return silent if column[1] else 1 - silent

    return _over_queries(
        memory, lambda operation, level, columns: [wrong(_lines(operation), level, c) for c in columns]
    )


def expected_with_wires(memory: StoredMemory, store: Floats, index: Floats, resistance: float) -> Chances:
    """Give the same for exact cells behind wires, from ladders: every answer is certainly right or wrong.

    Parameters
    ----------
    memory : StoredMemory
    store, index : array
        Conductances of both matrices [S], the largest being one weight.
    resistance : float
        Of every segment [ohm].
    """
    left = [ladder_conductance(g, resistance) / g.max() for g in (store, index)]

    def wrong(operation: Operation, level: float, columns: Sequence[Column]) -> list[float]:
        lines = [operation.cue] if operation.kind == "recall" else sorted(operation.bits)
        sums = left[0 if operation.kind == "recall" else 1][lines].sum(axis=0)
        return [float((total >= level) != fires) for total, (_, fires) in zip(sums, columns, strict=True)]

    return _over_queries(memory, wrong)


def _over_queries(
    memory: StoredMemory, wrong: Callable[[Operation, float, Sequence[Column]], Sequence[float]]
) -> Chances:
    bit, cue = firing_levels(memory)
    found = {}
    for name, operations in memory.queries.items():
        right, errors = [], []
        for operation in operations:
            level = bit if operation.kind == "recall" else cue
            level += operation.least - 1
            chances = wrong(operation, level, list(_columns(memory, operation)))
            right.append(math.prod(1 - p for p in chances))
            errors.append(float(np.mean(chances)))
        found[name] = float(np.mean(right)), float(np.mean(errors))
    return found


def _columns(memory: StoredMemory, operation: Operation) -> Iterator[Column]:
    if operation.cue is not None:
        for bit in range(memory.size):
            held = bit in memory.contents[operation.cue]
            yield frozenset({operation.cue} if held else ()), held
        return
    for content in memory.contents:
        shared = content & operation.bits
        yield shared, len(shared) >= operation.least


def _lines(operation: Operation) -> int:
    return 1 if operation.kind == "recall" else len(operation.bits)
