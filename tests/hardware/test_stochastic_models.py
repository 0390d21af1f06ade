"""Noise at the behavioral level against circuits, and against closed forms."""

import dataclasses
import math

import numpy as np
import pytest

from hardware.sfq.measure_rate_neuron import START, run_neuron
from hardware.sfq.measure_synapse import decide, measure_law
from hardware.sfq.pulse_circuit import PulseCircuit
from hardware.sfq.pulse_trains import random_train
from hardware.sfq.rate_neuron import RateNeuron
from hardware.sfq.stochastic_data import GrayZones, load_stochastic
from hardware.sfq.stochastic_synapse import StochasticSynapse
from spice_models.errors import DescriptionError

DATA = load_stochastic()


@pytest.fixture(scope="module")
def measured():
    """Laws of the circuit at three temperatures, measured anew with another seed than the shipped ones."""
    temperatures = (1.0, 4.2, 10.0)
    return {
        t: measure_law(t, rate=20e9, pulses=24, copies=4, seed=900 + k, points=9) for k, t in enumerate(temperatures)
    }


def test_midpoint_does_not_depend_on_temperature(measured):
    for fit, _, _ in measured.values():
        error = math.hypot(fit.midpoint_error, 0.1e-6)
        assert abs(fit.law.midpoint - DATA.synapse.law(4.2).midpoint) < 3.5 * error
    assert np.ptp(DATA.synapse.midpoints) < 0.01 * DATA.synapse.midpoints.mean()


def test_gray_zone_grows_with_the_root_of_temperature(measured):
    for temperature, (fit, _, _) in measured.items():
        expected = DATA.synapse.law(4.2).gray_zone * math.sqrt(temperature / 4.2)
        assert fit.law.gray_zone == pytest.approx(expected, rel=0.06 + 3 * fit.gray_zone_error / fit.law.gray_zone)
    np.testing.assert_allclose(
        DATA.synapse.gray_zones / np.sqrt(DATA.synapse.temperatures), DATA.synapse.law(1.0).gray_zone, rtol=0.08
    )


def test_counts_of_the_circuit_are_those_of_the_shipped_law(measured):
    for temperature, (_, counts, _) in measured.items():
        p = DATA.synapse.law(temperature).probability(counts["currents"])
        trials = np.array(counts["trials"])
        z = (np.array(counts["passed"]) - trials * p) / np.sqrt(np.maximum(trials * p * (1 - p), 1.0))
        assert np.abs(z).max() < 4.0


def test_draws_of_the_circuit_are_independent():
    pulses = 400
    done = decide(np.full(8, DATA.synapse.law(4.2).midpoint), np.full(8, 4.2), rate=20e9, pulses=pulses, seed=3)
    spread = done.passed.std(ddof=1) / math.sqrt(pulses / 4)
    # the spread of eight binomial counts, with 99.9 % probability
    assert 0.29 < spread < 1.87


def passing(current, temperature, pulses, seed=0):
    model = StochasticSynapse(
        weight_current=current, law=DATA.synapse.law(temperature), delay=DATA.synapse_delay, seed=seed
    )
    state = model.start()
    left = [pulse for k in range(pulses) for pulse in state.receive("input", k * 50e-12)]
    return state, left


@pytest.mark.parametrize("temperature", [1.0, 4.2, 10.0])
@pytest.mark.parametrize("current", [74e-6, 78e-6, 82e-6])
def test_the_model_passes_as_many_as_the_law_says(current, temperature):
    state, left = passing(current, temperature, 4000)
    p = float(DATA.synapse.law(temperature).probability(current))
    assert state.passed + state.blocked == 4000
    assert len(left) == state.passed
    assert abs(state.passed - 4000 * p) < 4 * math.sqrt(max(4000 * p * (1 - p), 1.0))


def test_a_seed_repeats_a_run_and_a_delay_is_kept():
    first, second, other = (passing(78e-6, 4.2, 100, seed)[1] for seed in (5, 5, 6))
    assert [p.time for p in first] == [p.time for p in second] != [p.time for p in other]
    assert min((p.time - DATA.synapse_delay) / 50e-12 % 1.0 for p in first) == pytest.approx(0.0, abs=1e-6)


def test_cold_synapses_decide_without_noise():
    assert passing(77e-6, 0.0, 50)[0].passed == 0
    assert passing(79.5e-6, 0.0, 50)[0].passed == 50
    with pytest.raises(DescriptionError, match="temperature"):
        DATA.synapse.law(-1.0)


def spikes(exciting, inhibiting, current, data=DATA.neuron, temperature=0.0, seed=0):
    neuron = RateNeuron(threshold_current=current, data=data, temperature=temperature, seed=seed)
    circuit = PulseCircuit({"n": (neuron, {"exc_1": "e", "inh_1": "i", "output": "o"})})
    until = max([*exciting, *inhibiting], default=0.0) + 100e-12
    return circuit.run({"e": list(exciting), "i": list(inhibiting)}, until=until).pulses.get("o", ())


@pytest.mark.parametrize("threshold", [6.0, 10.0, 14.0])
def test_many_small_pulses_give_the_rate_of_the_closed_form(threshold):
    from neurosim.stochastic import RateNeuron as Description

    # a hundred pulses in a leak time, so that the sum hardly varies
    law = GrayZones(temperatures=np.array([1.0, 2.0]), midpoints=np.full(2, 0.0), gray_zones=np.full(2, 1e-9))
    data = dataclasses.replace(
        DATA.neuron, threshold=law, unit_current=1e-6, inhibition_current=0.5e-6, leak_time=1e-9, inhibition_time=1e-9
    )
    described = Description(threshold=threshold, leak_time=1e-9, inhibition_time=1e-9, inhibition=0.5, reset=data.reset)
    exciting, inhibiting = (np.arange(0, 20e-9, interval).tolist() for interval in (20e-12, 50e-12))
    found = spikes(exciting, inhibiting, -threshold * 1e-6, data)
    late = np.array(found)[np.array(found) > 5e-9]
    # held at the threshold the sum swings by one pulse, half a pulse on average
    expected = described.rate(50e9, 20e9)
    assert len(late) / 15e-9 == pytest.approx(expected, abs=1.2e9)


@pytest.mark.parametrize(("exciting", "inhibiting"), [(20e9, 0.0), (18e9, 3e9), (18e9, 18e9)])
def test_the_model_of_the_neuron_counts_as_the_circuit_does(exciting, inhibiting):
    generator = np.random.default_rng(77)
    trains = [random_train(rate, 3e-9, 25e-12, generator) for rate in (exciting, inhibiting)]
    currents = np.array([165e-6, 177e-6, 191e-6])
    table, batch = run_neuron(*trains, currents, temperature=4.2, seed=1)
    arriving = [batch.pulses(table.inputs[port]) for port in ("exc_1", "inh_1")]
    for v, current in enumerate(currents):
        counted = len(batch.pulses("cell.BO2", v))
        modelled = np.mean([len(spikes(*arriving, current, temperature=4.2, seed=s)) for s in range(8)])
        assert modelled == pytest.approx(counted, abs=3.0 + 0.03 * counted)
    assert START > 4 * DATA.neuron.leak_time


def test_a_neuron_that_would_fire_by_itself_is_refused():
    with pytest.raises(DescriptionError, match="without input"):
        DATA.neuron.threshold_current(0.05)


@pytest.mark.parametrize(("rate", "dead_time"), [(-1.0, 25e-12), (50e9, 25e-12)])
def test_trains_that_a_driver_cannot_follow_are_refused(rate, dead_time):
    with pytest.raises(DescriptionError, match="apart"):
        random_train(rate, 1e-9, dead_time, np.random.default_rng(0))


def test_a_random_train_has_its_rate_and_its_dead_time():
    train = np.array(random_train(20e9, 1e-6, 25e-12, np.random.default_rng(1)))
    assert len(train) == pytest.approx(20000, abs=4 * 0.5 * math.sqrt(20000))
    assert np.diff(train).min() >= 25e-12 * (1 - 1e-9)
