"""Equations beside those of the nodes in the time loop; `border_rows` says what they are and writes them down."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Border(NamedTuple):
    """Rows beside the node equations; arrays are flat, ``lanes`` numbers for each entry.

    The first rows belong to the unknowns ``m``; those after them are outputs, ``s - R z - D m``.
    """

    row: Ints  # [entries] of R
    column: Ints
    flux: Floats  # [entries] R itself, against the flux at mid-step
    start: Floats  # [entries] what adds to s: against the flux at the beginning of the step
    rate: Floats  # [entries] and against the rate there
    target: Ints  # [parts] of sources: row, shape, factor
    shape: Ints
    scale: Floats
    junction_row: Ints  # [crossings] rows that count the current of a junction, the junction, the sign
    junction: Ints
    junction_sign: Floats
    port_row: Ints  # [arrivals] rows that count the wave arriving at a port of a line
    port: Ints
    port_sign: Floats
    past_row: Ints  # [pasts] rows that count a voltage by the change of its flux over past steps: row, ends, factor
    past_plus: Ints
    past_minus: Ints
    past_factor: Floats
    past: Floats  # [pasts, 2] these fluxes at the last two middles of steps
    unknowns: int
    wide: Floats  # [nodes, unknowns] W
    small: Floats  # [unknowns, unknowns] S^-1
    dense: Floats  # [outputs, unknowns] D of the outputs
    held: Ints  # [held] nodes that a source holds to a voltage that may jump
    held_voltage: Floats  # [held] of the last step, over Phi0 / 2 pi
    side: Floats  # [rows] s before the junctions' part
    left: Floats  # [rows] s - R z of the last solution
    value: Floats  # [rows] m and the outputs
    record: Floats  # [outputs, samples, lanes] what is kept of the outputs


@njit(error_model="numpy")
def begin_rows(
    border: Border, step: int, shapes: Floats, x: Floats, y: Floats, arriving: Floats, lanes: int
) -> None:  # pragma: no cover - compiled
    """Find the sides ``s`` of a step, but for the junctions' currents."""
    for q in range(len(border.side)):
        border.side[q] = 0.0
    for p in range(len(border.row)):
        to, node = border.row[p] * lanes, border.column[p] * lanes
        for v in range(lanes):
            border.side[to + v] += border.start[p * lanes + v] * x[node + v] + border.rate[p * lanes + v] * y[node + v]
    for q in range(len(border.target)):
        value = shapes[border.shape[q], step]
        for v in range(lanes):
            border.side[border.target[q] * lanes + v] += value * border.scale[q * lanes + v]
    for q in range(len(border.past_row)):
        for v in range(lanes):
            history = border.past[2 * q * lanes + v] - 0.25 * border.past[(2 * q + 1) * lanes + v]
            border.side[border.past_row[q] * lanes + v] += border.past_factor[q * lanes + v] * history
    for q in range(len(border.port)):
        for v in range(lanes):
            border.side[border.port_row[q] * lanes + v] += border.port_sign[q] * arriving[border.port[q] * lanes + v]


@njit(error_model="numpy")
def solve_rows(border: Border, current: Floats, z: Floats, lanes: int) -> None:  # pragma: no cover - compiled
    """Find the unknowns beside the nodes from ``z = A^-1 r``, correct ``z``, and find the outputs."""
    unknowns, rows = border.unknowns, len(border.side) // lanes
    n = len(z) // lanes - 1
    for q in range(len(border.side)):
        border.left[q] = border.side[q]
    for q in range(len(border.junction)):
        to, j = border.junction_row[q] * lanes, border.junction[q] * lanes
        for v in range(lanes):
            border.left[to + v] -= border.junction_sign[q] * current[j + v]
    if unknowns > 0:
        for p in range(len(border.row)):
            if border.row[p] < unknowns:
                to, node = border.row[p] * lanes, border.column[p] * lanes
                for v in range(lanes):
                    border.left[to + v] -= border.flux[p * lanes + v] * z[node + v]
        for m in range(unknowns):
            for v in range(lanes):
                total = 0.0
                for k in range(unknowns):
                    total += border.small[(m * unknowns + k) * lanes + v] * border.left[k * lanes + v]
                border.value[m * lanes + v] = total
        for i in range(n):
            for m in range(unknowns):
                for v in range(lanes):
                    z[i * lanes + v] -= border.wide[(i * unknowns + m) * lanes + v] * border.value[m * lanes + v]
    for p in range(len(border.row)):
        if border.row[p] >= unknowns:
            to, node = border.row[p] * lanes, border.column[p] * lanes
            for v in range(lanes):
                border.left[to + v] -= border.flux[p * lanes + v] * z[node + v]
    for k in range(unknowns, rows):
        for v in range(lanes):
            total = border.left[k * lanes + v]
            for m in range(unknowns):
                total -= border.dense[((k - unknowns) * unknowns + m) * lanes + v] * border.value[m * lanes + v]
            border.value[k * lanes + v] = total


@njit(error_model="numpy")
def hold_rates(border: Border, h: float, x: Floats, y: Floats, z: Floats, lanes: int) -> None:  # pragma: no cover
    """Set the rates at the end of a step of nodes that a source holds, from their voltages in this step and the last.

    The rule's own, ``2 v - y``, would alternate for ever after a jump. Fluxes that `Border.past` keeps are noted too.
    """
    for q in range(len(border.past_row)):
        a, b = border.past_plus[q] * lanes, border.past_minus[q] * lanes
        for v in range(lanes):
            border.past[(2 * q + 1) * lanes + v] = border.past[2 * q * lanes + v]
            border.past[2 * q * lanes + v] = z[a + v] - z[b + v]
    for k in range(len(border.held)):
        node = border.held[k] * lanes
        for v in range(lanes):
            voltage = (x[node + v] - z[node + v]) * (2.0 / h)
            y[node + v] = 1.5 * voltage - 0.5 * border.held_voltage[k * lanes + v]
            border.held_voltage[k * lanes + v] = voltage


@njit(error_model="numpy")
def note_rows(border: Border, sample: int, lanes: int) -> None:  # pragma: no cover - compiled
    """Keep the outputs of a step."""
    for k in range(border.record.shape[0]):
        for v in range(lanes):
            border.record[k, sample, v] = border.value[(border.unknowns + k) * lanes + v]
