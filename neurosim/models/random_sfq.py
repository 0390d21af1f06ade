"""Random feed-forward networks of SFQ neurons, to hold levels against each other where nobody chose the weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from neurosim.network import Network, Population, Projection
from neurosim.neurons import SFQNeuron, SpikeSource
from neurosim.stimuli import Stimulus, pulses
from spice_models.errors import DescriptionError

WEIGHTS = (-1, 0, 1)
"""Default weights. With 2 among them some neurons get two pulses from one synapse, and may answer with two spikes."""

LEAK_TIME = 40e-12  # of the storage branches of the neuron cell
INHIBITION_LEAD = 12e-12
"""Time [s] by which inhibition comes before excitation."""

PULSE_TIME = 20e-12
THRESHOLDS = (0.85, 1.5, 2.5)
"""Pulse equivalents: between 0 and 1, 1 and 2, 2 and 3 pulses, half-way in threshold current of the cell."""


def random_network(sizes: Sequence[int] = (6, 4, 2), seed: int = 0, *, weights: Sequence[int] = WEIGHTS) -> Network:
    """Return layers of SFQ neurons with random weights and thresholds.

    Weights are drawn with equal chances; a neuron that got no positive one has one of its weights set
    to 1. A layer has one threshold: the highest or second highest of `THRESHOLDS` that does not exceed the number of
    excitatory inputs of any of its neurons (a drive far above threshold makes the cell fire more than once).

    Parameters
    ----------
    sizes : sequence of int
        Neurons of each layer; the first are inputs. Populations are called ``x``, ``h1``, ``h2`` ... and ``y``.
    seed : int
        The same seed gives the same network.
    weights : sequence of int
        What to draw from, within the levels of the synapse.
    """
    if len(sizes) < 2 or min(sizes) < 1:
        raise DescriptionError(f"need at least an input and an output layer of one neuron each, got sizes {sizes}")
    generator = np.random.default_rng(seed)
    names = ["x", *(f"h{k}" for k in range(1, len(sizes) - 1)), "y"]
    populations = [Population(name="x", size=sizes[0], neuron=SpikeSource())]
    projections = []
    for before, after, n_pre, n_post in zip(names, names[1:], sizes, sizes[1:], strict=False):
        drawn = _weights(generator, weights, n_pre, n_post)
        inputs = int((drawn > 0).sum(axis=0).min())
        highest = min(inputs, len(THRESHOLDS))
        threshold = float(generator.choice(THRESHOLDS[max(0, highest - 2) : highest]))
        populations.append(
            Population(name=after, size=n_post, neuron=SFQNeuron(threshold=threshold, leak_time=LEAK_TIME))
        )
        delays = np.where(drawn > 0, INHIBITION_LEAD, 0.0)
        projections.append(Projection(pre=before, post=after, weights=drawn, delays=delays))
    return Network(name=f"random-sfq-{seed}", populations=populations, projections=projections)


def random_stimulus(network: Network, seed: int = 0, *, duration: float = 300e-12) -> Stimulus:
    """Return one pulse at 20 ps for each of a random half of the inputs, at least one."""
    size = network.population("x").size
    generator = np.random.default_rng(seed)
    active = generator.random(size) < 0.5
    active[generator.integers(size)] = True
    return pulses({"x": [[PULSE_TIME] if bit else [] for bit in active]}, duration=duration)


def _weights(generator: np.random.Generator, levels: Sequence[int], n_pre: int, n_post: int) -> NDArray[np.float64]:
    weights = generator.choice(np.asarray(levels), size=(n_pre, n_post)).astype(float)
    for j in np.flatnonzero(~(weights > 0).any(axis=0)):
        weights[generator.integers(n_pre), j] = 1.0
    return weights
