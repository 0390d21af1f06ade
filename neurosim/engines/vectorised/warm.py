"""Compile the engine ``discrete`` ahead of its first use: ``python -m neurosim.engines.vectorised.warm``."""

from neurosim.discrete_neurons import DiscreteLIF
from neurosim.engines.vectorised.compilation import CODE
from neurosim.engines.vectorised.engine import run
from neurosim.network import Network, Population, Projection
from neurosim.neurons import SpikeSource
from neurosim.stimuli import pulses


def use() -> None:
    """Run one neuron."""
    populations = [
        Population(name="in", size=1, neuron=SpikeSource()),
        Population(name="cell", size=1, neuron=DiscreteLIF()),
    ]
    network = Network(
        name="warm", populations=populations, projections=[Projection(pre="in", post="cell", weights=1e-9)]
    )
    run(network, pulses({"in": [1e-3]}, duration=3e-3))


if __name__ == "__main__":
    CODE.say_ahead(use)
