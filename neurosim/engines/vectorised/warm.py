"""Compile the engine ``discrete`` ahead of its first use: ``python -m neurosim.engines.vectorised.warm``."""

from __future__ import annotations

import logging
import sys

from numba.core import event

from neurosim.discrete_neurons import DiscreteLIF
from neurosim.engines.vectorised.engine import run
from neurosim.engines.vectorised.kept import LOG, mark
from neurosim.network import Network, Population, Projection
from neurosim.neurons import SpikeSource
from neurosim.stimuli import pulses


def warm() -> float:
    """Run one neuron; return the seconds that compiling took."""
    populations = [
        Population(name="in", size=1, neuron=SpikeSource()),
        Population(name="cell", size=1, neuron=DiscreteLIF()),
    ]
    network = Network(
        name="warm", populations=populations, projections=[Projection(pre="in", post="cell", weights=1e-9)]
    )
    with event.install_listener("numba:compile", event.TimingListener()) as compiling:
        run(network, pulses({"in": [1e-3]}, duration=3e-3))
    mark()
    return float(compiling.duration) if compiling.done else 0.0


if __name__ == "__main__":
    LOG.setLevel(logging.ERROR)
    seconds = warm()
    sys.stdout.write(f"engine discrete: {f'compiled in {seconds:.0f} s' if seconds else 'compiled already'}\n")
