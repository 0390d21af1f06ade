"""The circuit level as an engine of networks."""

import numpy as np
import pytest

import neurosim as ns
from neurosim.cases import sfq_xor
from neurosim.engines import circuit
from spice_models.constants import FLUX_QUANTUM
from spice_models.errors import UnknownNameError


@pytest.fixture(scope="module")
def run():
    return ns.simulate(
        sfq_xor.network(), sfq_xor.stimulus("01"), engine="native", record=["phases", "voltage(neuron_o.q)"]
    )


def test_times_count_from_stimulus_time_zero(run):
    (driven,) = run.of("b").times
    assert 3e-12 < driven - sfq_xor.PULSE_TIME < 12e-12
    assert run.duration == sfq_xor.DURATION
    assert driven < run.of("h1").times[0] < run.of("o").times[0]
    assert run.latency == run.of("o").times[0] - driven


def test_traces_are_named_after_neurons_and_in_stimulus_time(run):
    phases = run.traces["phases"]
    assert phases.names == ("a[0]", "b[0]", "h1[0]", "h2[0]", "o[0]")
    assert phases.start == pytest.approx(-circuit.START_UP, abs=1e-13)
    assert phases["o[0]"][-1] - phases["o[0]"][0] == pytest.approx(2 * np.pi, abs=1.0)
    assert run.traces["circuit"].units == ("V",)


def test_energy_is_of_the_order_of_bias_times_flux_quantum(run):
    silent = ns.simulate(sfq_xor.network(), sfq_xor.stimulus("00"), engine="native")
    assert silent.energy < 0.05 * run.energy
    slips = 35
    assert run.energy == pytest.approx(slips * 140e-6 * FLUX_QUANTUM, rel=0.5)
    assert run.details["static_power"] > 0
    assert run.details["cooled_dynamic_energy"] > run.energy
    assert run.details["backward_steps"] == 0


def test_what_cannot_be_recorded_is_named():
    with pytest.raises(UnknownNameError, match="phases"):
        ns.simulate(sfq_xor.network(), sfq_xor.stimulus("01"), engine="native", record="u")


def test_a_threshold_out_of_reach_silences_the_output():
    run = ns.simulate(sfq_xor.network(), sfq_xor.stimulus("01"), engine="native", scale={"neuron_o.IT": 0.2})
    assert run.counts("o").tolist() == [0]
    assert run.counts("h1").tolist() == [1]


def test_a_batch_gives_what_single_runs_give():
    net, stimuli = sfq_xor.network(), [sfq_xor.stimulus(p) for p in ("01", "11")]
    together = circuit.run_native_batch(net, stimuli, seeds=[0, 1])
    for stimulus, run in zip(stimuli, together, strict=True):
        alone = ns.simulate(net, stimulus, engine="native")
        assert alone.to_dict()["spikes"] == run.to_dict()["spikes"]


@pytest.mark.ngspice
def test_ngspice_and_the_native_engine_agree():
    net, stimuli = sfq_xor.network(), [sfq_xor.stimulus(p) for p in ("10", "11")]
    for one, other in zip(
        circuit.run_ngspice_batch(net, stimuli, seeds=[0, 0]),
        circuit.run_native_batch(net, stimuli, seeds=[0, 0]),
        strict=True,
    ):
        compared = ns.compare(one, other)
        assert compared.agreement
        assert compared.spike_time_difference < 0.1e-12
        assert one.energy == pytest.approx(other.energy, rel=0.02)
