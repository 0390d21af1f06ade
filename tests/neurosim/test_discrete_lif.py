"""Neurons in fixed steps and pair-based plasticity against closed forms."""

import dataclasses

import numpy as np
import pytest

from neurosim.discrete_neurons import DiscreteLIF
from neurosim.mapping.sfq import place
from neurosim.network import Network, Population, Projection
from neurosim.neurons import SFQNeuron, SpikeSource
from neurosim.plasticity import PairSTDP
from neurosim.simulate import simulate
from neurosim.stimuli import pulses
from spice_models.errors import DescriptionError

MS, NA = 1e-3, 1e-9
CELL = DiscreteLIF(capacitance=0.2e-9, tau=4 * MS, tau_excitatory=0.7 * MS, tau_inhibitory=2 * MS, threshold=1.0)
ENGINES = ("brian2", "discrete")


def driven(cell, weights, delays=MS, plasticity=None):
    """Two sources onto one cell."""
    return Network(
        name="driven",
        populations=[
            Population(name="in", size=2, neuron=SpikeSource()),
            Population(name="cell", size=1, neuron=cell),
        ],
        projections=[Projection(pre="in", post="cell", weights=weights, delays=delays, plasticity=plasticity)],
    )


def test_potential_follows_the_recursion_in_closed_form():
    weight, other, network = 0.3 * NA, 0.2 * NA, driven(CELL, np.array([[0.3 * NA], [-0.2 * NA]]))
    trace = simulate(network, pulses({"in": [[2 * MS], [2 * MS]]}, duration=30 * MS), record="cell.v").traces["cell.v"]
    k = np.arange(26)
    kept, (kept_exc, kept_inh), (s_exc, s_inh) = CELL.kept_potential, CELL.kept_currents, CELL.current_scales

    def response(decay):  # the sum over j of kept^(k-j) decay^j, a geometric series
        return CELL.resistance * (1 - kept) * (kept ** (k + 1) - decay ** (k + 1)) / (kept - decay)

    expected = CELL.rest + weight * s_exc * response(kept_exc) - other * s_inh * response(kept_inh)
    # emitted in step 2, in the update of step 3, seen at the start of step 4
    np.testing.assert_allclose(trace["cell[0]"][4:], expected, rtol=1e-12)
    assert np.all(trace["cell[0]"][:4] == CELL.rest)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("factor", "fires"), [(1 - 1e-9, []), (1 + 1e-9, [5])])
def test_firing_weight_is_the_least_that_fires(engine, factor, fires):
    cell = DiscreteLIF(capacitance=0.14e-9, tau=0.5 * MS)
    network = driven(cell, cell.firing_weight * factor, delays=3 * MS)
    run = simulate(network, pulses({"in": [[2 * MS], []]}, duration=12 * MS), engine=engine)
    assert np.rint(run.of("cell").times / MS).tolist() == fires


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("held", [0, 3])
def test_a_cell_driven_hard_fires_once_in_its_refractory_time_and_a_step(engine, held):
    network = driven(DiscreteLIF(refractory=held * MS), 100 * NA)
    run = simulate(network, pulses({"in": [[k * MS for k in range(20)], []]}, duration=20 * MS), engine=engine)
    assert np.rint(run.of("cell").times / MS).tolist() == list(range(1, 20, held + 1))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("delay", "post_delay"), [(1, 0), (1, 1), (3, 2)])
def test_a_pair_of_spikes_changes_the_weight_as_the_rule_says(engine, post_delay, delay):
    rule = PairSTDP(
        tau_plus=3 * MS,
        tau_minus=5 * MS,
        amplitude_plus=0.4 * NA,
        amplitude_minus=0.7 * NA,
        low=-10 * NA,
        high=10 * NA,
        post_delay=post_delay * MS,
    )
    lags = np.arange(-6, 7)
    populations = [
        Population(name="pre", size=lags.size, neuron=SpikeSource()),
        Population(name="teacher", size=1, neuron=SpikeSource()),
        Population(name="cell", size=1, neuron=DiscreteLIF()),
    ]
    projections = [
        Projection(pre="pre", post="cell", weights=0.01 * NA, delays=delay * MS, plasticity=rule, name="learns"),
        Projection(pre="teacher", post="cell", weights=50 * NA, delays=MS),
    ]
    network = Network(name="pairs", populations=populations, projections=projections)
    # the cell fires at 20 ms; a presynaptic spike meets its synapse delay - 1 steps after it was emitted
    times = [[(20 - lag - (delay - 1)) * MS] for lag in lags]
    run = simulate(network, pulses({"pre": times, "teacher": [19 * MS]}, duration=60 * MS), engine=engine)
    assert np.rint(run.of("cell").times / MS).tolist() == [20]
    changes = run.details["final_weights"]["learns"] - 0.01 * NA
    np.testing.assert_allclose(changes, [rule.change(lag * MS) for lag in lags], rtol=1e-9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DiscreteLIF(refractory=1.5 * MS), "refractory must be zero or whole steps of 0.001 s"),
        (lambda: DiscreteLIF(tau=0.0), "tau must be positive"),
        (lambda: DiscreteLIF(reset=-50e-3), "must lie below threshold"),
        (lambda: PairSTDP(tau_plus=0, tau_minus=1, amplitude_plus=1, amplitude_minus=1, low=0, high=1), "constants"),
        (lambda: PairSTDP(tau_plus=1, tau_minus=1, amplitude_plus=1, amplitude_minus=1, low=1, high=1), "below high"),
        (lambda: simulate(driven(CELL, NA), pulses({}, duration=MS), dt=0.5 * MS), "steps of 0.001 s and cannot run"),
    ],
)
def test_what_makes_no_sense_is_refused(make, message):
    with pytest.raises(DescriptionError, match=message):
        make()


def test_a_network_of_discrete_cells_survives_writing():
    network = driven(dataclasses.replace(CELL, refractory=2 * MS), NA)
    again = Network.from_dict(network.to_dict())
    assert again.population("cell").neuron == network.population("cell").neuron


def test_hardware_refuses_a_plastic_projection_by_name():
    rule = PairSTDP(tau_plus=1.0, tau_minus=1.0, amplitude_plus=1.0, amplitude_minus=1.0, low=0.0, high=1.0)
    populations = [
        Population(name="in", size=1, neuron=SpikeSource()),
        Population(name="cell", size=1, neuron=SFQNeuron()),
    ]
    projections = [Projection(pre="in", post="cell", weights=1.0, plasticity=rule, name="learns")]
    with pytest.raises(DescriptionError, match=r"projection 'learns' from in to cell is plastic"):
        place(Network(name="plastic", populations=populations, projections=projections))
