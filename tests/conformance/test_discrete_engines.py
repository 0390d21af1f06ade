"""The engine for discrete-time networks against Brian2: the same spikes, the same weights after learning."""

import numpy as np
import pytest
import scipy.sparse

from neurosim.discrete_neurons import DiscreteLIF
from neurosim.network import Network, Population, Projection
from neurosim.neurons import LIF, SpikeSource
from neurosim.plasticity import PairSTDP
from neurosim.simulate import simulate
from neurosim.stimuli import poisson, pulses
from spice_models.errors import DescriptionError, EngineError, UnknownNameError

MS, NA = 1e-3, 1e-9


def random_network(seed):
    """Sources into two recurrent populations; two rules, one on sparse synapses; delays of 0 to 6 steps; inhibition."""
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
        Projection(pre="b", post="a", weights=0.2 * NA, plasticity=rule, name="without delay"),
    ]
    return Network(name=f"random_{seed}", populations=populations, projections=projections)


def stimulus_of(seed, duration=0.3):
    """At most one spike of a source in a step."""
    drawn = poisson("in", 30, rate=60, duration=duration, seed=seed).spikes["in"]
    steps = [np.unique(np.floor(drawn.of(i) / MS)) * MS for i in range(drawn.n)]
    return pulses({"in": [list(times) for times in steps]}, duration=duration)


@pytest.mark.parametrize("seed", range(4))
def test_random_networks_spike_and_learn_the_same(seed):
    network, stimulus = random_network(seed), stimulus_of(seed)
    brian2, ours = (simulate(network, stimulus, engine=engine) for engine in ("brian2", "discrete"))
    for name in ("a", "b"):
        assert brian2.of(name).times.size > 200
        np.testing.assert_array_equal(np.rint(brian2.of(name).times / MS), np.rint(ours.of(name).times / MS))
        np.testing.assert_array_equal(brian2.of(name).indices, ours.of(name).indices)
    learned = brian2.details["final_weights"]
    assert learned.keys() == ours.details["final_weights"].keys()
    for projection in network.projections:
        if projection.plasticity is not None:
            weights = learned[projection.name]
            assert np.mean(np.abs(weights - projection.connections.weight) > 0.01 * NA) > 0.5
            np.testing.assert_allclose(ours.details["final_weights"][projection.name], weights, atol=1e-12 * NA)


def test_a_source_may_spike_twice_in_a_step():
    network = Network(
        name="twice",
        populations=[
            Population(name="in", size=1, neuron=SpikeSource()),
            Population(name="cell", size=1, neuron=DiscreteLIF()),
        ],
        projections=[Projection(pre="in", post="cell", weights=0.6 * DiscreteLIF().firing_weight, delays=MS)],
    )
    stimulus = pulses({"in": [3 * MS, 9 * MS, 9.1 * MS]}, duration=15 * MS)
    for engine in ("brian2", "discrete"):
        assert np.rint(simulate(network, stimulus, engine=engine).of("cell").times / MS).tolist() == [10]


def plain(neuron, **options):
    return Network(
        name="plain",
        populations=[
            Population(name="in", size=1, neuron=SpikeSource()),
            Population(name="cell", size=2, neuron=neuron),
        ],
        projections=[Projection(pre="in", post="cell", weights=0.0, **options)],
    )


RULE = PairSTDP(tau_plus=MS, tau_minus=MS, amplitude_plus=NA, amplitude_minus=NA, low=0, high=NA)


@pytest.mark.parametrize(
    ("network", "options", "error", "message"),
    [
        (plain(LIF()), {}, EngineError, "cannot run LIF of population 'cell'; available: DiscreteLIF, SpikeSource"),
        (plain(DiscreteLIF(), plasticity=object()), {}, EngineError, "'in->cell'.*cannot run plasticity object"),
        (
            plain(DiscreteLIF(), plasticity=RULE, delays=np.array([[1, 2]]) * MS),
            {},
            EngineError,
            "needs one delay for all its synapses",
        ),
        (plain(DiscreteLIF(), plasticity=RULE, delays=1.5 * MS), {}, DescriptionError, "delays must be whole steps"),
        (plain(DiscreteLIF(), plasticity=RULE), {}, DescriptionError, "two spikes within one step"),
        (plain(DiscreteLIF()), {"record": "v"}, UnknownNameError, "no variable to record 'v'"),
    ],
)
def test_what_the_engine_cannot_do_is_said(network, options, error, message):
    with pytest.raises(error, match=message):
        simulate(network, pulses({"in": [MS, 1.1 * MS]}, duration=3 * MS), engine="discrete", **options)


def test_weights_outside_the_bounds_of_their_rule_are_refused():
    with pytest.raises(DescriptionError, match=r"from 'a' to 'b': weight 2e-09 lies outside 0 to 1e-09"):
        Projection(pre="a", post="b", weights=2 * NA, plasticity=RULE)
