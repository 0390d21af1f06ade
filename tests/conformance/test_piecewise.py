"""Networks that are advanced piece by piece: pieces add up to one run, and a state put back gives the same spikes."""

from itertools import pairwise

import numpy as np
import pytest

from neurosim.engines.brian2.piecewise import Brian2Simulation
from neurosim.engines.vectorised.engine import DiscreteSimulation
from neurosim.network import Network, Population
from neurosim.neurons import LIF
from neurosim.simulate import simulate
from neurosim.stimuli import pulses
from spice_models.errors import DescriptionError, EngineError
from tests.conformance.discrete_networks import MS, NA, random_network, stimulus_of

ENGINES = {"discrete": DiscreteSimulation, "brian2": Brian2Simulation}
CUTS = (0, 37, 38, 120, 121, 300)


def piece(stimulus, first, last):
    trains = stimulus.spikes["in"]
    steps = np.rint(trains.times / MS)
    mine = (steps >= first) & (steps < last)
    times = [[] for _ in range(trains.n)]
    for step, i in zip(steps[mine], trains.indices[mine], strict=True):
        times[i].append((step - first) * MS)
    return pulses({"in": times}, duration=(last - first) * MS)


def spikes_of(simulation, first):
    return {
        (name, first + int(step), int(i))
        for name in ("a", "b")
        for step, i in zip(np.rint(simulation.spikes(name).times / MS), simulation.spikes(name).indices, strict=True)
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_pieces_add_up_and_a_state_in_the_middle_goes_on_the_same(engine):
    network, stimulus = random_network(2), stimulus_of(2)
    whole = simulate(network, stimulus, engine=engine)
    wanted = {
        (name, round(t / MS), int(i))
        for name in ("a", "b")
        for t, i in zip(whole.of(name).times, whole.of(name).indices, strict=True)
    }
    simulation, states, found = ENGINES[engine](network), {}, set()
    for first, last in pairwise(CUTS):
        states[first] = simulation.state()
        simulation.advance(piece(stimulus, first, last))
        found |= spikes_of(simulation, first)
    assert len(wanted) > 1000
    assert found == wanted
    ended = simulation.weights
    for name, weights in whole.details["final_weights"].items():
        np.testing.assert_allclose(ended[name], weights, atol=1e-12 * NA)
    fresh = ENGINES[engine](network)
    for start in (121, 38):
        for other in (fresh, simulation):
            other.restore(states[start])
            for name, array in other.state().items():
                np.testing.assert_allclose(array, states[start][name], rtol=1e-9, atol=1e-18)
            other.advance(piece(stimulus, start, 300))
            assert spikes_of(other, start) == {spike for spike in wanted if spike[1] >= start}
            for name, weights in other.weights.items():
                np.testing.assert_allclose(weights, ended[name], atol=1e-12 * NA)


def damaged(state, name, value):
    return {**state, name: value}


@pytest.mark.parametrize(
    ("engine", "name", "change", "message"),
    [
        ("discrete", "v", lambda a: a[:-1], "needs 'v' of shape .95,., got shape .94,."),
        ("discrete", "v", lambda a: np.full_like(a, np.nan), "holds 'v' with values that are not finite"),
        ("discrete", "hold", lambda a: a.astype(float), "needs 'hold' of type int64, got float64"),
        ("discrete", "weights", lambda a: a.astype(object), "needs 'weights' of type float64, got object"),
        ("discrete", "emitted", lambda a: a + 1000, "holds 'emitted' with 10.., outside 0 to 94"),
        ("discrete", "emitted", lambda a: a[:, :5], "needs 'emitted' of at least 95 columns, got 5"),
        ("discrete", "counts", lambda a: a - 1000, "holds 'counts' with -.*, outside 0 to"),
        ("discrete", "next", lambda a: a - 10**6, "holds 'next' with -.*, outside 0"),
        ("discrete", "stranger", lambda a: np.zeros(3), "has no 'stranger': it is that of another network or engine"),
        ("discrete", "v", None, "needs 'v' of shape .95,., got nothing"),
        ("brian2", "a.v", lambda a: a[:-1], "needs 'a.v' of shape .40,., got shape .39,."),
        ("brian2", "in->a.w", lambda a: np.full_like(a, np.inf), "holds 'in->a.w' with values that are not finite"),
        ("brian2", "recent_neurons", lambda a: a + 40, "holds 'recent_neurons' with .*, which its population"),
        ("brian2", "recent_steps", lambda a: a * 0, "holds 'recent_steps' with 0, outside 1 to 7"),
        ("brian2", "recent_populations", lambda a: a[1:], "of different lengths"),
    ],
)
def test_what_is_no_state_is_refused_and_changes_nothing(engine, name, change, message, begun):
    simulation = begun[engine]
    before = simulation.state()
    state = dict(before)
    given = state.pop(name, None)
    if change is not None:
        state[name] = change(given)
    with pytest.raises(DescriptionError, match=message):
        simulation.restore(state)
    for key, array in simulation.state().items():
        np.testing.assert_array_equal(array, before[key])


@pytest.fixture(scope="module")
def begun():
    simulations = {name: make(random_network(0)) for name, make in ENGINES.items()}
    for simulation in simulations.values():
        simulation.advance(piece(stimulus_of(0), 0, 50))
    return simulations


def test_brian2_goes_on_with_discrete_neurons_and_single_spikes_only(begun):
    with pytest.raises(DescriptionError, match="no neuron of 'in' may have two spikes within one step"):
        begun["brian2"].advance(pulses({"in": [[MS, 1.1 * MS]] + [[]] * 29}, duration=3 * MS))
    other = Network(name="other", populations=[Population(name="cell", size=1, neuron=LIF())])
    with pytest.raises(EngineError, match="cannot go on piece by piece with LIF of population 'cell'"):
        Brian2Simulation(other)
