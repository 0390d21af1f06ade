"""The compiled loop over steps of a network of discrete-time neurons; work goes to neurons that spike.

Arrays stand in named tuples of `neurosim.engines.vectorised.tables`; `State` holds what changes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosim.engines.vectorised.compilation import CODE

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NEGLIGIBLE = 1e-18
"""Traces below this are taken as zero [chosen]: what they add to a weight of the size of the amplitude is lost in the
last bit of a double."""


class State(NamedTuple):
    """All that changes: one entry a neuron, ring buffers of ``slots`` steps, and the plastic synapses.

    ``arriving_exc`` and ``arriving_inh`` hold what arrives in step k in row ``k % slots``; ``emitted`` and ``counts``
    the neurons that spiked in step k. ``x`` and ``y`` are the traces of each plastic projection for all neurons.
    """

    v: Floats
    i_exc: Floats
    i_inh: Floats
    hold: Integers
    arriving_exc: Floats
    arriving_inh: Floats
    emitted: Integers
    counts: Integers
    x: Floats
    y: Floats
    weights: Floats


@CODE.keep
def advance(
    first_step: int,
    last_step: int,
    input_first: Any,
    input_neuron: Any,
    cells: Any,
    fixed: Any,
    uniform: Any,
    plastic: Any,
    state: Any,
    out_step: Any,
    out_neuron: Any,
) -> tuple[int, int]:
    """Run steps ``first_step`` to before ``last_step``, or until the next step's spikes might not fit.

    ``input_neuron[input_first[k]:input_first[k + 1]]`` spike in step ``first_step + k``. Returns the step that comes
    next and the number of spikes of neurons, sources apart, in ``out_step`` and ``out_neuron``.
    """
    n, slots, n_plastic, n_uniform = state.v.size, state.counts.size, plastic.plus.size, uniform.weight.size
    fired = np.zeros(n, dtype=np.bool_)
    written, k = 0, first_step
    while k < last_step and out_step.size - written >= n:
        slot = k % slots
        arrived_exc, arrived_inh, emitted = state.arriving_exc[slot], state.arriving_inh[slot], state.emitted[slot]
        count = 0
        for i in range(input_first[k - first_step], input_first[k - first_step + 1]):
            emitted[count] = input_neuron[i]
            count += 1
        for i in range(n):
            i_exc = state.i_exc[i] + cells.s_exc[i] * arrived_exc[i]
            i_inh = state.i_inh[i] + cells.s_inh[i] * arrived_inh[i]
            arrived_exc[i] = 0.0
            arrived_inh[i] = 0.0
            if state.hold[i] > 0:
                state.hold[i] -= 1
            else:
                v_inf = cells.rest[i] + cells.resistance[i] * (i_exc - i_inh)
                state.v[i] = v_inf - cells.kept_v[i] * (v_inf - state.v[i])
            if state.v[i] >= cells.threshold[i]:
                state.v[i] = cells.reset[i]
                state.hold[i] = cells.held[i]
                emitted[count] = i
                count += 1
                out_step[written] = k
                out_neuron[written] = i
                written += 1
            # a current far below the last bit of any other would become denormal, and slow
            state.i_exc[i] = i_exc * cells.kept_exc[i] if i_exc > 1e-200 else 0.0
            state.i_inh[i] = i_inh * cells.kept_inh[i] if i_inh > 1e-200 else 0.0
        state.counts[slot] = count
        for s in range(count):
            pre = emitted[s]
            for place in range(fixed.first[pre], fixed.first[pre + 1]):
                weight = fixed.weight[place]
                row = (k + fixed.delay[place]) % slots
                if weight > 0:
                    state.arriving_exc[row, fixed.post[place]] += weight
                else:
                    state.arriving_inh[row, fixed.post[place]] -= weight
        for b in range(n_uniform if count else 0):
            _send(b, k, uniform, state, emitted[:count])
        for p in range(n_plastic):
            _learn(p, k, plastic, state, fired)
        k += 1
    return k, written


@CODE.keep
def _send(b: int, k: int, uniform: Any, state: Any, emitted: Any) -> None:
    """Let the spikes of step ``k`` act through uniform projection ``b``."""
    weight, (pre_from, pre_to), (post_from, post_to) = uniform.weight[b], uniform.pre_range[b], uniform.post_range[b]
    row = (k + uniform.delay[b]) % state.counts.size
    sums = state.arriving_exc[row, post_from:post_to] if weight > 0 else state.arriving_inh[row, post_from:post_to]
    size = abs(weight)
    for s in range(emitted.size):
        own = emitted[s] - pre_from
        if 0 <= own < pre_to - pre_from:
            spared = sums[own] if uniform.spares_own[b] else 0.0
            for c in range(sums.size):
                sums[c] += size
            if uniform.spares_own[b]:
                sums[own] = spared


@CODE.keep
def _learn(p: int, k: int, plastic: Any, state: Any, fired: Any) -> None:
    """Let the spikes that meet the synapses of plastic projection ``p`` after step ``k`` act, postsynaptic first."""
    slots = state.counts.size
    x, y, weights = state.x[p], state.y[p], state.weights
    pre_from, pre_to = plastic.pre_range[p]
    post_from, post_to = plastic.post_range[p]
    for i in range(pre_from, pre_to):
        x[i] = x[i] * plastic.kept_pre[p] if x[i] > NEGLIGIBLE else 0.0
    for j in range(post_from, post_to):
        y[j] = y[j] * plastic.kept_post[p] if y[j] > NEGLIGIBLE else 0.0
    low, high, rows, columns = plastic.low[p], plastic.high[p], plastic.row_start[p], plastic.column_start[p]

    slot = (k - plastic.post_lag[p]) % slots
    known = state.counts[slot] if k >= plastic.post_lag[p] else 0
    by_column = by_row = 0
    for s in range(known):
        j = state.emitted[slot, s]
        if post_from <= j < post_to:
            column = columns + j - post_from
            by_column += 4 * (plastic.column_first[column + 1] - plastic.column_first[column])
    if by_column > 0:
        for i in range(pre_from, pre_to):
            if x[i] > 0:
                row = rows + i - pre_from
                by_row += plastic.first[row + 1] - plastic.first[row]
        # few spikes: their columns, scattered in memory; many: one pass over the rows whose neuron was active
        if by_column < by_row:
            for s in range(known):
                j = state.emitted[slot, s]
                if post_from <= j < post_to:
                    column = columns + j - post_from
                    for c in range(plastic.column_first[column], plastic.column_first[column + 1]):
                        place = plastic.column_place[c]
                        weight = weights[place] + plastic.plus[p] * x[pre_from + plastic.column_row[c]]
                        weights[place] = min(max(weight, low), high)
                    y[j] += 1.0
        else:
            for s in range(known):
                j = state.emitted[slot, s]
                if post_from <= j < post_to:
                    fired[j] = True
                    y[j] += 1.0
            for i in range(pre_from, pre_to):
                if x[i] > 0:
                    row = rows + i - pre_from
                    change = plastic.plus[p] * x[i]
                    for place in range(plastic.first[row], plastic.first[row + 1]):
                        if fired[plastic.post[place]]:
                            weights[place] = min(max(weights[place] + change, low), high)
            for s in range(known):
                fired[state.emitted[slot, s]] = False

    slot = (k - plastic.pre_lag[p]) % slots
    known = state.counts[slot] if k >= plastic.pre_lag[p] else 0
    arrival = (k + 1) % slots
    for s in range(known):
        i = state.emitted[slot, s]
        if pre_from <= i < pre_to:
            row = rows + i - pre_from
            begin, end = plastic.first[row], plastic.first[row + 1]
            if end - begin == post_to - post_from and low >= 0:
                # a full row of excitatory weights lies as its neurons do, so that the loop becomes vector instructions
                own, traces = weights[begin:end], y[post_from:post_to]
                sums = state.arriving_exc[arrival, post_from:post_to]
                for c in range(own.size):
                    changed = min(max(own[c] - plastic.minus[p] * traces[c], low), high)
                    own[c] = changed
                    sums[c] += changed
                x[i] += 1.0
                continue
            for place in range(begin, end):
                j = plastic.post[place]
                weight = min(max(weights[place] - plastic.minus[p] * y[j], low), high)
                weights[place] = weight
                if weight > 0:
                    state.arriving_exc[arrival, j] += weight
                else:
                    state.arriving_inh[arrival, j] -= weight
            x[i] += 1.0
