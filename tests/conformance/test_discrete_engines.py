"""The engine for discrete-time networks against Brian2: the same spikes, the same weights after learning."""

import numpy as np
import pytest

from neurosim.discrete_neurons import DiscreteLIF
from neurosim.network import Network, Population, Projection
from neurosim.neurons import LIF, SpikeSource
from neurosim.plasticity import PairSTDP
from neurosim.simulate import simulate
from neurosim.stimuli import pulses
from spice_models.errors import DescriptionError, EngineError, UnknownNameError
from tests.conformance.discrete_networks import MS, NA, random_network, stimulus_of


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
