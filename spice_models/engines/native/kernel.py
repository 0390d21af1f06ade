"""The time loop: implicit midpoint rule on node fluxes, every variant of a block in one lane of the inner loops.

One step from ``x`` (flux) and ``y`` (its derivative, at nodes with capacitance) solves

``(2 C / h^2 + G / h + K / 2) d = I(t + h/2) - K x + 2 C y / h - sum_j b_j Ic_j sin(phase_j(t + h/2))``

for ``d = x(t + h) - x(t)`` and sets ``y <- 2 d / h - y``. The matrix is constant. The phase at mid-step is
extrapolated from the last three ends of steps, then corrected from ``d`` a fixed number of times; a correction
contracts the error of the sine term by about ``(plasma frequency h)^2 / 4``. Order 2. Nodes with neither
capacitance nor conductance carry no state (their flux is the step mean), so nothing in them can ring.

The loop runs over a stretch of steps and keeps all that lasts in arrays of the caller, so that sources are sampled
stretch by stretch and memory does not grow with the number of steps. The last row of every array over the nodes is
ground, which stays at zero. All lanes see the same operations in the same order: a variant's bits do not depend on
how many others run beside it.
"""

from __future__ import annotations

from math import pi

import numpy as np
from numba import njit
from numpy.typing import NDArray

from spice_models.engines.native.sine import sine

# numba keys the cached machine code on this file alone: save it again whenever sine.py has changed.
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LARGEST_PHASE = 1e9
"""A phase [rad] beyond it counts as divergence [chosen]."""

HYSTERESIS = 0.5
"""How far below an odd multiple of pi a phase must fall to count as a slip back [rad; chosen]."""


@njit(cache=True, error_model="numpy")
def crossing(level: float, earlier: float, before: float, now: float) -> float:  # pragma: no cover - compiled
    """Where, from 0 at ``before`` to 1 at ``now``, the parabola through three equidistant values passes ``level``."""
    bend = now - 2.0 * before + earlier
    u = (level - before) / (now - before)
    for _ in range(4):
        u = (level - before + 0.5 * u * (1.0 - u) * bend) / (now - before)
        u = min(max(u, 0.0), 1.0)
    return u


@njit(cache=True, nogil=True, error_model="numpy")
def march(
    start: int,  # number of the first step of this stretch
    steps: int,
    h: float,
    kind: Ints,  # [n] 2: capacitance, 1: conductance only, 0: neither
    c_ptr: Ints,
    c_idx: Ints,
    c_val: Floats,
    k_ptr: Ints,
    k_idx: Ints,
    k_val: Floats,
    l_ptr: Ints,
    l_idx: Ints,
    l_val: Floats,
    inverse: Floats,  # [n, variants]
    plus: Ints,  # [junctions], n for ground
    minus: Ints,
    ic: Floats,
    offset: Floats,  # [junctions, steps] known part of each phase at mid-step, or [junctions, 0]
    inj_node: Ints,
    inj_shape: Ints,
    inj_scale: Floats,
    shapes: Floats,  # [shapes, steps]
    corrections: int,
    x: Floats,  # state [n + 1, variants]
    y: Floats,  # state [n + 1, variants]
    end_phase: Floats,  # state [3, junctions, variants]: unknown part of the phase at the last three ends of steps
    last_mid: Floats,  # state [2, junctions, variants]: the phase at the last two mid-steps
    record: Ints,
    every: int,
    flux: Floats,  # out [recorded, samples, variants]
    rate: Floats,  # out, same shape
    event_time: Floats,  # out [junctions, most events, variants]; negative time: a slip backwards
    event_count: Ints,  # out [junctions, variants]
    slips: Ints,  # out [junctions, variants]
) -> int:  # pragma: no cover - compiled
    """Run one stretch; returns the step at which a value stopped being finite, or -1."""
    n, lanes = inverse.shape
    junctions = len(plus)
    most = event_time.shape[1]
    known = offset.shape[1] > 0
    d = np.zeros((n + 1, lanes))
    rhs = np.zeros((n + 1, lanes))
    fixed = np.zeros((n + 1, lanes))  # right-hand side but for the sines
    mid = np.zeros((junctions, lanes))
    for step in range(steps):
        for i in range(n):
            for v in range(lanes):
                fixed[i, v] = 0.0
        for q in range(len(inj_node)):
            level = shapes[inj_shape[q], step]
            if level != 0.0:
                node = inj_node[q]
                for v in range(lanes):
                    fixed[node, v] += level * inj_scale[q, v]
        for j in range(n):
            if kind[j] > 0:
                for p in range(k_ptr[j], k_ptr[j + 1]):
                    i = k_idx[p]
                    for v in range(lanes):
                        fixed[i, v] -= k_val[p, v] * x[j, v]
            if kind[j] == 2:
                for p in range(c_ptr[j], c_ptr[j + 1]):
                    i = c_idx[p]
                    for v in range(lanes):
                        fixed[i, v] += (2.0 / h) * c_val[p, v] * y[j, v]
        for attempt in range(corrections + 1):
            for i in range(n + 1):
                for v in range(lanes):
                    rhs[i, v] = fixed[i, v]
            for j in range(junctions):
                a, b = plus[j], minus[j]
                shift = offset[j, step] if known else 0.0
                if attempt == 0:
                    for v in range(lanes):
                        mid[j, v] = (
                            1.875 * end_phase[0, j, v] - 1.25 * end_phase[1, j, v] + 0.375 * end_phase[2, j, v] + shift
                        )
                else:
                    for v in range(lanes):
                        mid[j, v] = (x[a, v] + 0.5 * d[a, v]) - (x[b, v] + 0.5 * d[b, v]) + shift
                for v in range(lanes):
                    current = ic[j, v] * sine(mid[j, v])
                    rhs[a, v] -= current
                    rhs[b, v] += current
            for j in range(n):
                for p in range(l_ptr[j], l_ptr[j + 1]):
                    i = l_idx[p]
                    for v in range(lanes):
                        rhs[i, v] -= l_val[p, v] * rhs[j, v]
            for jj in range(n):
                j = n - 1 - jj
                for v in range(lanes):
                    d[j, v] = rhs[j, v] * inverse[j, v]
                for p in range(l_ptr[j], l_ptr[j + 1]):
                    i = l_idx[p]
                    for v in range(lanes):
                        d[j, v] -= l_val[p, v] * d[i, v]
        number = start + step
        if number % every == 0 and number // every < flux.shape[1]:
            sample = number // every
            for r in range(len(record)):
                node = record[r]
                for v in range(lanes):
                    flux[r, sample, v] = x[node, v] + 0.5 * d[node, v]
                    rate[r, sample, v] = d[node, v] / h
        finite = True
        for j in range(junctions):
            a, b = plus[j], minus[j]
            shift = offset[j, step] if known else 0.0
            for v in range(lanes):
                now = (x[a, v] + 0.5 * d[a, v]) - (x[b, v] + 0.5 * d[b, v]) + shift
                before, earlier = last_mid[0, j, v], last_mid[1, j, v]
                last_mid[1, j, v] = before
                last_mid[0, j, v] = now
                if abs(now) < LARGEST_PHASE:
                    while now >= (2 * slips[j, v] + 1) * pi:
                        level = (2 * slips[j, v] + 1) * pi
                        if event_count[j, v] < most:
                            event_time[j, event_count[j, v], v] = (
                                number - 0.5 + crossing(level, earlier, before, now)
                            ) * h
                        event_count[j, v] += 1
                        slips[j, v] += 1
                    while now <= (2 * slips[j, v] - 1) * pi - HYSTERESIS:
                        level = (2 * slips[j, v] - 1) * pi - HYSTERESIS
                        if event_count[j, v] < most:
                            event_time[j, event_count[j, v], v] = (
                                -(number - 0.5 + crossing(level, earlier, before, now)) * h
                            )
                        event_count[j, v] += 1
                        slips[j, v] -= 1
                else:
                    finite = False
        if not finite:
            return number
        for i in range(n):
            if kind[i] == 2:
                for v in range(lanes):
                    x[i, v] += d[i, v]
                    y[i, v] = 2.0 * d[i, v] / h - y[i, v]
            elif kind[i] == 1:
                for v in range(lanes):
                    x[i, v] += d[i, v]
        for j in range(junctions):
            a, b = plus[j], minus[j]
            for v in range(lanes):
                end_phase[2, j, v] = end_phase[1, j, v]
                end_phase[1, j, v] = end_phase[0, j, v]
                end_phase[0, j, v] = x[a, v] - x[b, v]
    return -1
