"""The effective matrix of a crossbar, by whichever way takes less time, and whether inputs are better served by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hardware.rram.array import effort
from hardware.rram.array.batch import solve_each
from hardware.rram.array.elimination import eliminated
from hardware.rram.array.orientation import directions, turned_voltages
from hardware.rram.progress import Progress, reporting

if TYPE_CHECKING:
    from hardware.rram.array.crossbar import Crossbar

Floats = NDArray[np.float64]

_ELIMINATED_ALWAYS = 400  # word and bit lines together up to which nothing takes less time [chosen: measured]
_MANY_ITERATIONS = 50  # more than most arrays take, to see whether counting them is worth it [chosen]


def effective_matrix(crossbar: Crossbar, *, workers: int | None = None, progress: Progress = True) -> Floats:
    """Return ``E[m, n]`` [S]; see `Crossbar.effective_conductance`."""
    m, n = crossbar.shape
    if m + n > _ELIMINATED_ALWAYS:
        solves = effort.solves(crossbar.shape, _iterations(crossbar, np.ones(m)), min(m, n))
        if solves < effort.elimination(crossbar.shape, _ends(crossbar)):
            return _by_solves(crossbar, workers, progress)
    with reporting(progress, f"effective matrix of {m} x {n} cells") as report:
        found = eliminated(crossbar.network, report)
    rows, columns = directions(crossbar)
    return np.ascontiguousarray(found[rows, columns])


def matrix_pays(crossbar: Crossbar, voltages: Floats) -> bool:
    """Whether inputs ``[k, m]`` without lines that float take less time by way of the effective matrix."""
    inputs, shape, ends = len(voltages), crossbar.shape, _ends(crossbar)
    if inputs < 2 or effort.elimination(shape, ends) > effort.solves(shape, _MANY_ITERATIONS, inputs):
        return False
    largest = np.abs(voltages).max() or 1.0
    return effort.matrix_pays(shape, _iterations(crossbar, np.abs(voltages / largest).mean(axis=0)), inputs, ends)


def _by_solves(crossbar: Crossbar, workers: int | None, progress: Progress) -> Floats:
    m, n = crossbar.shape
    if m <= n:
        return solve_each(crossbar, np.eye(m), 0.0, lambda b: b.bit_currents, workers=workers, progress=progress)
    return solve_each(
        crossbar, np.zeros((n, m)), np.eye(n), lambda b: b.word_currents, workers=workers, progress=progress
    ).T


def _iterations(crossbar: Crossbar, voltages: Floats) -> int:
    return crossbar.network.iterations(*turned_voltages(crossbar, voltages, np.zeros(crossbar.shape[1])))


def _ends(crossbar: Crossbar) -> tuple[int, int]:
    return 1 + (crossbar.word_ends == "both"), 1 + (crossbar.bit_ends == "both")
