"""Random networks of discrete-time neurons that learn, and spikes to drive them."""

import numpy as np
import scipy.sparse

from neurosim.discrete_neurons import DiscreteLIF
from neurosim.network import Network, Population, Projection
from neurosim.neurons import SpikeSource
from neurosim.plasticity import PairSTDP
from neurosim.stimuli import poisson, pulses

MS, NA = 1e-3, 1e-9


def random_network(seed):
    """Sources into two recurrent populations; two rules, one on sparse synapses; delays of 0 to 6 steps; inhibition.

    Weights that are all the same, and those that spare the own neuron, are a way of their own through the engine.
    """
    rng = np.random.default_rng(seed)
    rule = PairSTDP(
        tau_plus=4 * MS,
        tau_minus=7 * MS,
        amplitude_plus=0.6 * NA,
        amplitude_minus=0.5 * NA,
        low=0.0,
        high=3 * NA,
        post_delay=2 * MS,
    )
    other = PairSTDP(
        tau_plus=20 * MS, tau_minus=5 * MS, amplitude_plus=0.1 * NA, amplitude_minus=0.2 * NA, low=-NA, high=NA
    )
    populations = [
        Population(name="in", size=30, neuron=SpikeSource()),
        Population(name="a", size=40, neuron=DiscreteLIF(refractory=2 * MS, tau_inhibitory=2 * MS)),
        Population(name="b", size=25, neuron=DiscreteLIF(tau=8 * MS, tau_excitatory=3 * MS, reset=-63e-3)),
    ]

    def some(n_pre, n_post, low, high):
        return scipy.sparse.csr_array(
            np.where(rng.random((n_pre, n_post)) < 0.3, rng.uniform(low, high, (n_pre, n_post)), 0)
        )

    projections = [
        Projection(pre="in", post="a", weights=rng.uniform(0, 2 * NA, (30, 40)), delays=2 * MS, plasticity=rule),
        Projection(pre="in", post="b", weights=some(30, 25, 0, 2 * NA), delays=MS * rng.integers(0, 7, (30, 25))),
        Projection(pre="a", post="b", weights=some(40, 25, -NA, NA), delays=4 * MS, plasticity=other),
        Projection(pre="b", post="a", weights=some(25, 40, -2 * NA, 2 * NA), delays=MS * rng.integers(0, 7, (25, 40))),
        Projection(pre="b", post="b", weights=-0.3 * NA, delays=MS),
        Projection(pre="a", post="a", weights=-0.05 * NA * (1 - np.eye(40)), delays=3 * MS),
        Projection(pre="b", post="a", weights=0.2 * NA, plasticity=rule, name="without delay"),
    ]
    return Network(name=f"random_{seed}", populations=populations, projections=projections)


def stimulus_of(seed, duration=0.3):
    """At most one spike of a source in a step."""
    drawn = poisson("in", 30, rate=60, duration=duration, seed=seed).spikes["in"]
    steps = [np.unique(np.floor(drawn.of(i) / MS)) * MS for i in range(drawn.n)]
    return pulses({"in": [list(times) for times in steps]}, duration=duration)
