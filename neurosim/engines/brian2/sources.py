"""Spikes of sources as Brian2 takes them: at most one a neuron and step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosim.network import Population
from neurosim.stimuli import Stimulus

Integers = NDArray[np.int64]

# chosen: a run of more steps takes hours and is nearly always a step meant for another kind of neuron
MAX_STEPS = 100_000_000


class SourceEvents(NamedTuple):
    """Spikes of a population of sources in copies side by side, sorted by step.

    Parameters
    ----------
    steps, indices : array of int, shape (n_spikes,)
        Index ``(layer * copies + copy) * size + i`` stands for neuron i of a copy.
    layers : int
        How many Brian2 neurons stand for one source: the second spike of a step comes from a second one, and so on.
    """

    steps: Integers
    indices: Integers
    layers: int


def source_events(population: Population, stimuli: Sequence[Stimulus], dt: float, n_steps: int) -> SourceEvents:
    """Return the spikes of a population under stimuli, one a copy, before step ``n_steps`` of ``dt`` [s]."""
    steps, indices = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for k, stimulus in enumerate(stimuli):
        if population.name in stimulus.spikes:
            trains = stimulus.spikes[population.name]
            steps.append(np.rint(trains.times / dt).astype(np.int64))
            indices.append(trains.indices + k * population.size)
    step, index = np.concatenate(steps), np.concatenate(indices)
    inside = step < n_steps
    step, index = step[inside], index[inside]
    order = np.lexsort((index, step))
    step, index = step[order], index[order]
    n = population.size * len(stimuli)
    _, first, copy_of = np.unique(step * n + index, return_index=True, return_inverse=True)
    layer = np.arange(step.size) - first[copy_of]
    return SourceEvents(steps=step, indices=index + layer * n, layers=1 + int(layer.max(initial=0)))
