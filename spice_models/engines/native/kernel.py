"""The time loop: implicit midpoint rule on node fluxes, every variant of a block in one lane of the inner loops.

One step from ``x`` (flux) and ``y`` (its derivative, at nodes with capacitance) solves

``(M + K) z = I(t + h/2) + M x + 2 C y / h - sum_j b_j Ic_j sin(phase_j(t + h/2))``, ``M = 4 C / h^2 + 2 G / h``,

for the flux ``z`` at mid-step, and sets ``x <- 2 z - x``, ``y <- 4 (z - x) / h - y``. The matrix is constant. The
phase at mid-step is extrapolated from earlier mid-steps, then corrected from ``z`` a fixed number of times, or not at
all; a correction contracts the error of the sine term by about ``(plasma frequency h)^2 / 4``. Order 2. Mid-steps are
taken and not ends of steps, as what rings at the step's own frequency is not in them. Nodes with neither capacitance
nor conductance carry no state (their flux is the step mean), so nothing in them can ring.

The loop runs over a stretch of steps and keeps all that lasts in arrays of the caller, so that sources are sampled
stretch by stretch and memory does not grow with the number of steps. Sources that do not change for a while are summed
up once for that while. All lanes see the same operations in the same order: a variant's bits do not depend on how many
others run beside it. There is one compiled loop for each number of lanes and each set of features that a circuit uses;
what is None costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from math import pi
from typing import Any

import numpy as np

from spice_models.constants import SLIP_HYSTERESIS
from spice_models.engines.native.border import Border, begin_rows, hold_rates, note_rows, solve_rows
from spice_models.engines.native.compilation import CODE
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
    subtract,
    subtract_product,
)
from spice_models.engines.native.lines import Lines, receive, send
from spice_models.engines.native.offsets import Offsets, find_offsets
from spice_models.engines.native.sine import sine
from spice_models.engines.native.tables import Ends, Events, Junctions, Matrices, Noise, Record, Sources, State

LARGEST_PHASE = 1e9
"""A phase [rad] beyond it counts as divergence [chosen]."""

SPAN = 64
"""Steps for which the sum of the sources that do not change is kept [chosen]."""

CORRECTED, UNCORRECTED = (2.5, -2.0, 0.5, 0.0), (4.0, -6.0, 4.0, -1.0)
"""Extrapolation by one step from the last mid-steps, the latest first, with corrections and without.

The first stands halfway between the straight line and the parabola: with one correction no undamped mode of any
frequency grows, and with more of the parabola some would. The second is the cubic: nothing grows in a passive circuit
whose junctions have ``h 2 pi Ic R / Phi0 < 0.4034``, the least of ``2 tan(a / 2) / -Im P(a)`` over the phase ``a``
that a mode turns by in a step, ``P`` the response of the extrapolation: up to there the resistance of a junction
takes more energy than the extrapolation gives.
"""


@CODE.keep
def crossing(level: float, earlier: float, before: float, now: float) -> float:  # pragma: no cover - compiled
    """Where, from 0 at ``before`` to 1 at ``now``, the parabola through three equidistant values passes ``level``."""
    bend = now - 2.0 * before + earlier
    u = (level - before) / (now - before)
    for _ in range(4):
        u = (level - before + 0.5 * u * (1.0 - u) * bend) / (now - before)
        u = min(max(u, 0.0), 1.0)
    return u


@CODE.keep
def count_slips(number: int, h: float, lanes: int, state: State, events: Events) -> bool:  # pragma: no cover - compiled
    """Note the slips of step ``number``; False if a phase is no finite number.

    A phase that passes an odd multiple of pi slips once it has gone on for `SLIP_HYSTERESIS`; the time is that at which
    it last passed the multiple before.
    """
    junctions = len(events.number)
    most = events.time.shape[1]
    size = junctions * lanes
    now_at, before_at, earlier_at = (number % 4) * size, ((number + 3) % 4) * size, ((number + 2) % 4) * size
    known = len(state.known_phase) > 0
    for j in range(junctions):
        for v in range(lanes):
            q = j * lanes + v
            now, before, earlier = (
                state.mid_phase[now_at + q],
                state.mid_phase[before_at + q],
                state.mid_phase[earlier_at + q],
            )
            if known:
                now += state.known_phase[now_at + q]
                before += state.known_phase[before_at + q]
                earlier += state.known_phase[earlier_at + q]
            if not abs(now) < LARGEST_PHASE:
                return False
            while True:
                rise, fall = (2 * events.slips[j, v] + 1) * pi, (2 * events.slips[j, v] - 1) * pi
                rising, falling = state.upper[q] > rise, state.lower[q] < fall
                committed = (rising and now >= rise + SLIP_HYSTERESIS) or (falling and now <= fall - SLIP_HYSTERESIS)
                if committed:
                    if events.number[j, v] < most:
                        events.time[j, events.number[j, v], v] = state.crossed[q] if rising else -state.crossed[q]
                    events.number[j, v] += 1
                    events.slips[j, v] += 1 if rising else -1
                elif not rising and now >= rise:
                    state.crossed[q] = (number - 0.5 + crossing(rise, earlier, before, now)) * h
                    state.upper[q], state.lower[q] = rise + SLIP_HYSTERESIS, rise
                    continue
                elif not falling and now <= fall:
                    state.crossed[q] = (number - 0.5 + crossing(fall, earlier, before, now)) * h
                    state.upper[q], state.lower[q] = fall, fall - SLIP_HYSTERESIS
                    continue
                elif not ((rising and now < rise) or (falling and now > fall)):
                    break
                # Counted, or fallen back: what comes next is a crossing from the well that the phase is in.
                state.upper[q] = (2 * events.slips[j, v] + 1) * pi
                state.lower[q] = (2 * events.slips[j, v] - 1) * pi
    return True


def build(lanes: int) -> Callable[..., int]:
    """Return the time loop for blocks of so many lanes."""

    @CODE.keep
    def march(
        start: int,  # number of the first step of the stretch that the sources are sampled for
        first: int,  # of the steps of this stretch, the one to begin with
        steps: int,  # and how many to take
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
        inertia_diagonal, momentum_diagonal = matrices.inertia_diagonal, matrices.momentum_diagonal
        row, beside, inertia, momentum = matrices.row, matrices.column, matrices.inertia, matrices.momentum
        rate_factor = matrices.rate_factor
        l_columns, l_rows, lower, inverse = (
            matrices.lower_columns,
            matrices.lower_rows,
            matrices.lower,
            matrices.inverse,
        )
        plus, minus, ic = junctions.plus, junctions.minus, junctions.critical_current
        x, y, mids, known_phase = state.flux, state.rate, state.mid_phase, state.known_phase
        upper, least = state.upper, state.lower
        n = len(momentum_diagonal) // lanes
        count = len(plus)
        size = count * lanes
        c1, c2, c3, c4 = UNCORRECTED if corrections == 0 else CORRECTED
        arriving = np.zeros(0)
        steady = np.zeros((n + 1) * lanes)  # sources that do not change in this span
        fixed = np.zeros((n + 1) * lanes)  # right-hand side but for the sines
        trial = np.zeros((n + 1) * lanes)
        z = np.zeros((n + 1) * lanes)
        guess = np.zeros(size)
        moving = np.zeros(len(sources.node), dtype=np.int64)
        movers = 0
        for step in range(first, first + steps):
            number = start + step
            if step == first or step % SPAN == 0:
                steady[:] = 0.0
                movers = 0
                for q in range(len(sources.node)):
                    value = sources.shapes[sources.shape[q], step]
                    if not sources.steady[sources.shape[q], step // SPAN]:
                        moving[movers] = q
                        movers += 1
                    elif value != 0.0:
                        add_scaled(steady, sources.node[q], sources.scale, q, value, lanes)
            if border is not None or step == first or step % SPAN == 0:
                for q in range(n * lanes):
                    fixed[q] = steady[q] + (inertia_diagonal[q] * x[q] + momentum_diagonal[q] * y[q])
            for p in range(len(row)):
                i, j = row[p], beside[p]
                add_product(fixed, i, inertia, p, x, j, lanes)
                add_product(fixed, i, momentum, p, y, j, lanes)
                add_product(fixed, j, inertia, p, x, i, lanes)
                add_product(fixed, j, momentum, p, y, i, lanes)
            for m in range(movers):
                q = moving[m]
                value = sources.shapes[sources.shape[q], step]
                if value != 0.0:
                    add_scaled(fixed, sources.node[q], sources.scale, q, value, lanes)
            if noise is not None:
                draws = (step - first) * len(noise.plus)
                for q in range(len(noise.plus)):
                    add(fixed, noise.plus[q], noise.current, draws + q, lanes)
                    if noise.minus[q] < n:
                        subtract(fixed, noise.minus[q], noise.current, draws + q, lanes)
            if lines is not None:
                receive(lines, number, fixed, lanes)
                arriving = lines.arriving
            if border is not None:
                begin_rows(border, step, sources.shapes, x, y, arriving, lanes)
            # Slices, as the compiler then sees that it can take several junctions at once.
            now = mids[(number % 4) * size :][:size]
            last = mids[(number + 3) % 4 * size :][:size]
            second = mids[(number + 2) % 4 * size :][:size]
            third = mids[(number + 1) % 4 * size :][:size]
            plain = False
            if offsets is None and relation is None and gap is None:
                plain = True
                for q in range(size):
                    guess[q] = ic[q] * sine(c1 * last[q] + c2 * second[q] + c3 * third[q] + c4 * now[q])
            else:
                for q in range(size):
                    guess[q] = c1 * last[q] + c2 * second[q] + c3 * third[q] + c4 * now[q]
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
                    if attempt > 0 or not plain:
                        for q in range(size):
                            guess[q] = ic[q] * sine(guess[q])
                else:
                    supercurrents(relation, ic, guess, lanes)
                if gap is not None:
                    add_gaps(gap, guess, lanes)
                if attempt < corrections:
                    for q in range(n * lanes):
                        trial[q] = fixed[q]
                rhs = trial if attempt < corrections else fixed
                for p in range(len(junctions.from_plus)):
                    j = junctions.from_plus[p]
                    subtract(rhs, plus[j], guess, j, lanes)
                for p in range(len(junctions.into_minus)):
                    j = junctions.into_minus[p]
                    add(rhs, minus[j], guess, j, lanes)
                for p in range(len(l_rows)):
                    subtract_product(rhs, l_rows[p], lower, p, rhs, l_columns[p], lanes)
                for q in range(n * lanes):
                    z[q] = rhs[q] * inverse[q]
                for back in range(1, len(l_rows) + 1):
                    p = len(l_rows) - back
                    subtract_product(z, l_columns[p], lower, p, z, l_rows[p], lanes)
                if border is not None:
                    solve_rows(border, guess, z, lanes)
                found = guess if attempt < corrections else now
                for j in range(count):
                    set_difference(found, j, z, plus[j], z, minus[j], lanes)
                if offsets is not None and attempt < corrections:
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
            if offsets is None:
                for q in range(size):
                    slipped += not (now[q] < upper[q] and now[q] > least[q])
            else:
                for q in range(size):
                    known_phase[(number % 4) * size + q] = offsets.phase[q]
                    guess[q] = now[q] + offsets.phase[q]
                for q in range(size):
                    slipped += not (guess[q] < upper[q] and guess[q] > least[q])
            if slipped > 0 and not count_slips(number, h, lanes, state, events):
                return number
            if border is None:
                # The right-hand side of the next step begins here, while flux and rate are at hand.
                for q in range(n * lanes):
                    rate = rate_factor[q] * (z[q] - x[q]) - y[q]
                    flux = 2.0 * z[q] - x[q]
                    y[q] = rate
                    x[q] = flux
                    fixed[q] = steady[q] + (inertia_diagonal[q] * flux + momentum_diagonal[q] * rate)
            else:
                for q in range(n * lanes):
                    y[q] = rate_factor[q] * (z[q] - x[q]) - y[q]
                    x[q] = 2.0 * z[q] - x[q]
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
        return -1

    loop: Callable[..., Any] = march
    return loop


LANES = 8
"""Variants that share the instructions of one block [chosen: what fits the widest registers]."""

MARCH: dict[int, Any] = {1: build(1), LANES: build(LANES)}
"""The time loops, by number of lanes."""
