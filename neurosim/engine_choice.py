"""Which engine runs a network at the architecture level when none is named: ``brian2`` or ``discrete``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import scipy.sparse

from neurosim.discrete_neurons import DiscreteLIF
from neurosim.network import Network
from neurosim.neurons import SpikeSource
from neurosim.plasticity import PairSTDP
from neurosim.projection import Projection

LARGE = 10_000
"""Neurons and synapses, together, from which on a network of discrete-time neurons is run by ``discrete`` [chosen].

Measured on networks of 200 to 300,000: Brian2's numpy target takes 0.4 ms a step and half a second a run, almost
whatever the size; ``discrete`` 3 to 40 us a step, and 3 s of compiling if it has never run on a machine. So what is
small and mostly run briefly needs nothing compiled, and what is large does not crawl.
"""


def architecture_engine(network: Network, record: Collection[str] = ("spikes",), options: Collection[str] = ()) -> str:
    """Return ``"brian2"`` or ``"discrete"``; what only Brian2 can record or be told is left to it."""
    if options or set(record) != {"spikes"} or not runs_discrete(network):
        return "brian2"
    return "discrete" if network.n_neurons + sum(map(_synapses, network.projections)) >= LARGE else "brian2"


def runs_discrete(network: Network) -> bool:
    """Whether a network is one for the engine ``discrete``: `DiscreteLIF` of one step, `SpikeSource`, `PairSTDP`."""
    steps = {p.neuron.step for p in network.populations if isinstance(p.neuron, DiscreteLIF)}
    return (
        len(steps) == 1
        and all(isinstance(p.neuron, DiscreteLIF | SpikeSource) for p in network.populations)
        and all(
            p.synapse is None
            and (
                p.plasticity is None
                or (
                    isinstance(p.plasticity, PairSTDP)
                    and (not p.delays.ndim or np.unique(p.connections.delay).size <= 1)
                )
            )
            for p in network.projections
        )
    )


def _synapses(projection: Projection) -> int:
    """Count synapses without listing them."""
    weights: Any = projection.weights
    sparse: bool = scipy.sparse.issparse(weights)
    stored = weights.data if sparse else weights
    return int(np.count_nonzero(stored) if projection.plasticity is None else stored.size)
