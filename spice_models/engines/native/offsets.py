"""Known parts of the phases of junctions: what voltage and phase sources add to the unknown fluxes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Offsets(NamedTuple):
    """Parts of sources in the phases of junctions; arrays are flat, ``lanes`` numbers for each entry."""

    target: Ints  # [parts] junction, shape, factor
    shape: Ints
    scale: Floats
    phase: Floats  # [junctions] known phase at mid-step [rad]


@njit(error_model="numpy")
def find_offsets(offsets: Offsets, step: int, shapes: Floats, lanes: int) -> None:  # pragma: no cover - compiled
    """Find the known parts of the phases in a step."""
    for q in range(len(offsets.phase)):
        offsets.phase[q] = 0.0
    for p in range(len(offsets.target)):
        value = shapes[offsets.shape[p], step]
        for v in range(lanes):
            offsets.phase[offsets.target[p] * lanes + v] += value * offsets.scale[p * lanes + v]
