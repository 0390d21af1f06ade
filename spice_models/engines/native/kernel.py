"""The time loop: implicit midpoint rule on node fluxes, every variant of a block in one lane of the inner loops.

One step from ``x`` (flux) and ``y`` (its derivative, at nodes with capacitance) solves

``(2 C / h^2 + G / h + K / 2) d = I(t + h/2) - K x + 2 C y / h - sum_j b_j Ic_j sin(phase_j(t + h/2))``

for ``d = x(t + h) - x(t)`` and sets ``y <- 2 d / h - y``. The matrix is constant. The phase at mid-step is
extrapolated from the last three ends of steps, then corrected from ``d`` a fixed number of times; a correction
contracts the error of the sine term by about ``(plasma frequency h)^2 / 4``. Order 2. Nodes with neither
capacitance nor conductance carry no state (their flux is the step mean), so nothing in them can ring.
"""

from __future__ import annotations

from math import pi

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@njit(cache=True, nogil=True, error_model="numpy")
def march(
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
    inverse: Floats,
    plus: Ints,
    minus: Ints,
    ic: Floats,
    offset: Floats,  # [junctions, steps] known part of each phase at mid-step, or [junctions, 0]
    inj_node: Ints,
    inj_shape: Ints,
    inj_scale: Floats,
    shapes: Floats,  # [shapes, steps]
    corrections: int,
    record: Ints,
    every: int,
    flux: Floats,  # out [recorded, samples, variants]
    rate: Floats,  # out, same shape
    max_events: int,
    event_time: Floats,  # out [junctions, max_events, variants]; negative time: a slip backwards
    event_count: Ints,  # out [junctions, variants]
    slips: Ints,  # out [junctions, variants]
    final: Floats,  # out [n, variants]
) -> int:  # pragma: no cover - compiled
    """Run the loop; returns the step at which a value stopped being finite, or -1."""
    n, lanes = inverse.shape
    junctions = len(plus)
    x = np.zeros((n, lanes))
    y = np.zeros((n, lanes))
    d = np.zeros((n, lanes))
    rhs = np.zeros((n, lanes))
    cy = np.zeros((n, lanes))
    end_phase = np.zeros((3, junctions, lanes))
    mid = np.zeros((junctions, lanes))
    last_mid = np.zeros((junctions, lanes))
    sample = 0
    for step in range(steps):
        # what does not depend on the phase at mid-step
        for i in range(n):
            for v in range(lanes):
                cy[i, v] = 0.0
        for q in range(len(inj_node)):
            level = shapes[inj_shape[q], step]
            if level != 0.0:
                node = inj_node[q]
                for v in range(lanes):
                    cy[node, v] += level * inj_scale[q, v]
        for j in range(n):
            if kind[j] > 0:
                for p in range(k_ptr[j], k_ptr[j + 1]):
                    i = k_idx[p]
                    for v in range(lanes):
                        cy[i, v] -= k_val[p, v] * x[j, v]
            if kind[j] == 2:
                for p in range(c_ptr[j], c_ptr[j + 1]):
                    i = c_idx[p]
                    for v in range(lanes):
                        cy[i, v] += (2.0 / h) * c_val[p, v] * y[j, v]
        known = offset.shape[1] > 0
        for attempt in range(corrections + 1):
            for i in range(n):
                for v in range(lanes):
                    rhs[i, v] = cy[i, v]
            for j in range(junctions):
                a, b = plus[j], minus[j]
                shift = offset[j, step] if known else 0.0
                for v in range(lanes):
                    if attempt == 0:
                        mid[j, v] = (
                            1.875 * end_phase[0, j, v] - 1.25 * end_phase[1, j, v] + 0.375 * end_phase[2, j, v] + shift
                        )
                    else:
                        up = x[a, v] + 0.5 * d[a, v] if a >= 0 else 0.0
                        down = x[b, v] + 0.5 * d[b, v] if b >= 0 else 0.0
                        mid[j, v] = up - down + shift
                for v in range(lanes):
                    current = ic[j, v] * np.sin(mid[j, v])
                    if a >= 0:
                        rhs[a, v] -= current
                    if b >= 0:
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
        # what is recorded stands at mid-step
        if step % every == 0 and sample < flux.shape[1]:
            for r in range(len(record)):
                node = record[r]
                for v in range(lanes):
                    flux[r, sample, v] = x[node, v] + 0.5 * d[node, v]
                    rate[r, sample, v] = d[node, v] / h
            sample += 1
        finite = True
        for j in range(junctions):
            a, b = plus[j], minus[j]
            for v in range(lanes):
                up = x[a, v] + 0.5 * d[a, v] if a >= 0 else 0.0
                down = x[b, v] + 0.5 * d[b, v] if b >= 0 else 0.0
                now = up - down + (offset[j, step] if known else 0.0)
                if not abs(now) < 1e9:
                    finite = False
                before = last_mid[j, v]
                if now >= (2 * slips[j, v] + 1) * pi:
                    level = (2 * slips[j, v] + 1) * pi
                    if event_count[j, v] < max_events:
                        event_time[j, event_count[j, v], v] = (step - 0.5 + (level - before) / (now - before)) * h
                    event_count[j, v] += 1
                    slips[j, v] += 1
                elif now <= (2 * slips[j, v] - 1) * pi - 0.5:
                    level = (2 * slips[j, v] - 1) * pi - 0.5
                    if event_count[j, v] < max_events:
                        event_time[j, event_count[j, v], v] = -(step - 0.5 + (level - before) / (now - before)) * h
                    event_count[j, v] += 1
                    slips[j, v] -= 1
                last_mid[j, v] = now
        if not finite:
            return step
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
                end_phase[0, j, v] = (x[a, v] if a >= 0 else 0.0) - (x[b, v] if b >= 0 else 0.0)
    for i in range(n):
        for v in range(lanes):
            final[i, v] = x[i, v]
    return -1
