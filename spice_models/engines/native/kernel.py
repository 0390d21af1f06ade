"""The time loop: implicit midpoint rule on node fluxes, every variant of a block in one lane of the inner loops.

One step from ``x`` (flux) and ``y`` (its derivative, at nodes with capacitance) solves

``(M + K) z = I(t + h/2) + M x + 2 C y / h - sum_j b_j Ic_j sin(phase_j(t + h/2))``, ``M = 4 C / h^2 + 2 G / h``,

for the flux ``z`` at mid-step, and sets ``x <- 2 z - x``, ``y <- 4 (z - x) / h - y``. The matrix is constant. The phase
at mid-step is extrapolated from the last three ends of steps, then corrected from ``z`` a fixed number of times; a
correction contracts the error of the sine term by about ``(plasma frequency h)^2 / 4``. Order 2. Nodes with neither
capacitance nor conductance carry no state (their flux is the step mean), so nothing in them can ring.

The loop runs over a stretch of steps and keeps all that lasts in arrays of the caller, so that sources are sampled
stretch by stretch and memory does not grow with the number of steps. All lanes see the same operations in the same
order: a variant's bits do not depend on how many others run beside it. There is one compiled loop for each number of
lanes and each set of features that a circuit uses; what is None costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from math import pi
from typing import Any

import numpy as np
from numba import njit

from spice_models.engines.native.border import Border, begin_rows, hold_rates, note_rows, solve_rows
from spice_models.engines.native.compilation import source_stamp
from spice_models.engines.native.junction_current import (
    Gap,
    Relation,
    add_gaps,
    begin_gaps,
    correct_gaps,
    supercurrents,
)
from spice_models.engines.native.lanes import (
    add,
    add_product,
    add_scaled,
    set_difference,
    set_product,
    subtract,
    subtract_product,
)
from spice_models.engines.native.lines import Lines, receive, send
from spice_models.engines.native.offsets import Offsets, find_offsets
from spice_models.engines.native.sine import sine
from spice_models.engines.native.tables import Ends, Events, Junctions, Matrices, Noise, Record, Sources, State

LARGEST_PHASE = 1e9
"""A phase [rad] beyond it counts as divergence [chosen]."""

COMPILED_IN = ("border", "junction_current", "known", "lanes", "lines", "offsets", "sine", "tables")
"""Modules of this package whose code becomes part of the time loop."""

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
def count_slips(number: int, h: float, lanes: int, state: State, events: Events) -> bool:  # pragma: no cover - compiled
    """Note the slips of step ``number``; False if a phase is no finite number."""
    junctions = len(events.number)
    most = events.time.shape[1]
    size = junctions * lanes
    now_at, before_at, earlier_at = (number % 3) * size, ((number + 2) % 3) * size, ((number + 1) % 3) * size
    for j in range(junctions):
        for v in range(lanes):
            q = j * lanes + v
            now, before, earlier = (
                state.mid_phase[now_at + q],
                state.mid_phase[before_at + q],
                state.mid_phase[earlier_at + q],
            )
            if not abs(now) < LARGEST_PHASE:
                return False
            while now >= state.upper[q] or now <= state.lower[q]:
                forward = now >= state.upper[q]
                level = state.upper[q] if forward else state.lower[q]
                time = (number - 0.5 + crossing(level, earlier, before, now)) * h
                if events.number[j, v] < most:
                    events.time[j, events.number[j, v], v] = time if forward else -time
                events.number[j, v] += 1
                events.slips[j, v] += 1 if forward else -1
                state.upper[q] = (2 * events.slips[j, v] + 1) * pi
                state.lower[q] = (2 * events.slips[j, v] - 1) * pi - HYSTERESIS
    return True


def build(lanes: int) -> Callable[..., int]:
    """Return the time loop for blocks of so many lanes."""
    stamp = source_stamp(*COMPILED_IN)

    @njit(cache=True, nogil=True, error_model="numpy")
    def march(
        start: int,  # number of the first step of this stretch
        steps: int,
        h: float,
        matrices: Matrices,
        junctions: Junctions,
        sources: Sources,
        corrections: int,
        state: State,
        record: Record,
        events: Events,
        noise: Noise | None,
        at_ends: Ends | None,  # record at the ends of steps instead of their middles
        offsets: Offsets | None,
        relation: Relation | None,
        gap: Gap | None,
        lines: Lines | None,
        border: Border | None,
    ) -> int:  # pragma: no cover - compiled
        """Run one stretch; returns the step at which a value stopped being finite, or -1."""
        assert stamp >= 0  # so that it is closed over: an edit of those modules then makes kept code stale
        inertia_diagonal, momentum_diagonal = matrices.inertia_diagonal, matrices.momentum_diagonal
        row, column, inertia, momentum = matrices.row, matrices.column, matrices.inertia, matrices.momentum
        rate_factor = matrices.rate_factor
        l_start, l_rows, lower, inverse = (
            matrices.lower_start,
            matrices.lower_rows,
            matrices.lower,
            matrices.inverse,
        )
        plus, minus, ic = junctions.plus, junctions.minus, junctions.critical_current
        x, y, ends, mids = state.flux, state.rate, state.end_phase, state.mid_phase
        n = len(l_start) - 1
        count = len(plus)
        size = count * lanes
        arriving = np.zeros(0)
        fixed = np.zeros((n + 1) * lanes)  # right-hand side but for the sines
        rhs = np.zeros((n + 1) * lanes)
        z = np.zeros((n + 1) * lanes)
        guess = np.zeros(size)
        for step in range(steps):
            number = start + step
            now, before, earlier = (number % 3) * size, ((number + 2) % 3) * size, ((number + 1) % 3) * size
            for q in range(n * lanes):
                fixed[q] = inertia_diagonal[q] * x[q] + momentum_diagonal[q] * y[q]
            for p in range(len(row)):
                i, j = row[p], column[p]
                add_product(fixed, i, inertia, p, x, j, lanes)
                add_product(fixed, i, momentum, p, y, j, lanes)
                add_product(fixed, j, inertia, p, x, i, lanes)
                add_product(fixed, j, momentum, p, y, i, lanes)
            for q in range(len(sources.node)):
                value = sources.shapes[sources.shape[q], step]
                if value != 0.0:
                    add_scaled(fixed, sources.node[q], sources.scale, q, value, lanes)
            if noise is not None:
                first = step * len(noise.plus)
                for q in range(len(noise.plus)):
                    add(fixed, noise.plus[q], noise.current, first + q, lanes)
                    subtract(fixed, noise.minus[q], noise.current, first + q, lanes)
            if lines is not None:
                receive(lines, number, fixed, lanes)
                arriving = lines.arriving
            if border is not None:
                begin_rows(border, step, sources.shapes, x, y, arriving, lanes)
            for q in range(size):
                guess[q] = 1.875 * ends[now + q] - 1.25 * ends[before + q] + 0.375 * ends[earlier + q]
            if offsets is not None:
                find_offsets(offsets, step, sources.shapes, lanes)
                for q in range(size):
                    guess[q] += offsets.phase[q]
            if gap is not None:
                begin_gaps(gap, h, step, sources.shapes, x, guess, lanes)
            for attempt in range(corrections + 1):
                if gap is not None and attempt > 0:
                    correct_gaps(gap, h, guess, lanes)
                if relation is None:
                    for q in range(size):
                        guess[q] = ic[q] * sine(guess[q])
                else:
                    supercurrents(relation, ic, guess, lanes)
                if gap is not None:
                    add_gaps(gap, guess, lanes)
                for q in range((n + 1) * lanes):
                    rhs[q] = fixed[q]
                for j in range(count):
                    subtract(rhs, plus[j], guess, j, lanes)
                    add(rhs, minus[j], guess, j, lanes)
                for j in range(n):
                    for p in range(l_start[j], l_start[j + 1]):
                        subtract_product(rhs, l_rows[p], lower, p, rhs, j, lanes)
                for back in range(n):
                    j = n - 1 - back
                    set_product(z, j, rhs, j, inverse, j, lanes)
                    for p in range(l_start[j], l_start[j + 1]):
                        subtract_product(z, j, lower, p, z, l_rows[p], lanes)
                if border is not None:
                    solve_rows(border, guess, z, lanes)
                for j in range(count):
                    set_difference(guess, j, z, plus[j], z, minus[j], lanes)
                if offsets is not None:
                    for q in range(size):
                        guess[q] += offsets.phase[q]
            if lines is not None:
                send(lines, number, step, sources.shapes, x, z, lanes)
            if at_ends is None and number % record.every == 0 and number // record.every < record.flux.shape[1]:
                sample = number // record.every
                for r in range(len(record.nodes)):
                    node = record.nodes[r] * lanes
                    for v in range(lanes):
                        record.flux[r, sample, v] = z[node + v]
                        record.rate[r, sample, v] = 2.0 * (z[node + v] - x[node + v]) / h
                if border is not None:
                    note_rows(border, sample, lanes)
            slipped = 0
            for q in range(size):
                mids[now + q] = guess[q]
                slipped += not (guess[q] < state.upper[q] and guess[q] > state.lower[q])
            if slipped > 0 and not count_slips(number, h, lanes, state, events):
                return number
            for q in range(n * lanes):
                y[q] = rate_factor[q] * (z[q] - x[q]) - y[q]
                x[q] = 2.0 * z[q] - x[q]
            if border is not None:
                hold_rates(border, h, x, y, z, lanes)
            if at_ends is not None:
                if number % record.every == 0 and number // record.every < record.flux.shape[1]:
                    sample = number // record.every
                    for r in range(len(record.nodes)):
                        node = record.nodes[r] * lanes
                        middle, drift = at_ends.flux[r] * lanes, at_ends.rate[r] * lanes
                        for v in range(lanes):
                            record.flux[r, sample, v] = x[node + v] - x[middle + v] + z[middle + v]
                            change = 2.0 * (x[drift + v] - z[drift + v]) / h
                            record.rate[r, sample, v] = y[node + v] - y[drift + v] + change
            if offsets is not None:
                for q in range(size):
                    guess[q] -= offsets.phase[q]
            # The end of this step takes the place of the oldest end, where the next step looks for it.
            for q in range(size):
                ends[earlier + q] = 2.0 * guess[q] - ends[now + q]
        return -1

    loop: Callable[..., Any] = march
    return loop


LANES = 8
"""Variants that share the instructions of one block [chosen: what fits the widest registers]."""

MARCH = {1: build(1), LANES: build(LANES)}
"""The time loops, by number of lanes."""
