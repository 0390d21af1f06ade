"""The pulse-level neuron: its rules on made-up measurements, and its spikes against the circuit's."""

from dataclasses import replace

import numpy as np
import pytest

from hardware.sfq.characteristics import Characteristics, MeasuredNeuron, load_characteristics
from hardware.sfq.neuron import Neuron
from hardware.sfq.neuron_bench import run_neuron
from hardware.sfq.neuron_shape import Shape
from hardware.sfq.pulse_circuit import PulseCircuit

PS, UA = 1e-12, 1e-6
LEAK, RECOVERY_TIME, INHIBITION_TIME = 40 * PS, 60 * PS, 50 * PS
INNER_AT_1, INNER_SLOPE, OUTER = 20 * PS, 3 * PS, 8 * PS
TOLERANCE = 2 * PS


def measured(excitatory, inhibitory=0, recovery=0.0):
    """Return a neuron with threshold 100 uA at one pulse and 80 uA less for each more; inhibition adds 50 uA."""
    drives = np.arange(1.0, max(excitatory, 2) + 0.25, 0.5)
    overdrives = np.array([1.0, 10.0, 100.0]) * UA
    inner = INNER_AT_1 - INNER_SLOPE * np.log(overdrives / UA)
    thresholds = 100 * UA - 80 * UA * (drives - 1)
    whole = np.arange(1, excitatory + 1)
    return MeasuredNeuron(
        shape=Shape(excitatory=excitatory, inhibitory=inhibitory),
        leak_time=LEAK,
        self_firing=250 * UA,
        saturation=10.0,
        drives=drives,
        thresholds=thresholds,
        inhibition_time=INHIBITION_TIME,
        recovery_current=recovery,
        recovery_time=RECOVERY_TIME,
        inhibited=100 * UA - 80 * UA * (whole - 1) + 50 * UA if inhibitory else np.zeros(0),
        inhibited_at_one=(150 + 40 * np.arange(inhibitory)) * UA,
        overdrives=overdrives,
        inner_delays=np.tile(inner, (excitatory, 1)),
        outer_delays=np.full((excitatory, 3), OUTER),
        inhibited_inner_delays=np.zeros(0),
        inhibited_outer_delays=np.zeros(0),
    )


def characteristics(neuron):
    none = np.zeros(0)
    return Characteristics(
        driver_delay=0.0,
        line_delay=0.0,
        splitter_delay=0.0,
        merger_delay=0.0,
        merger_dead_time=0.0,
        inhibition_leads=none,
        inhibition_shifts=none,
        synapse_steps=(),
        synapse_currents=(),
        synapse_delays=(),
        synapse_intervals=none,
        synapse_extra_delays=(),
        neurons={neuron.shape: neuron},
    )


def answer(shape, threshold_current, pulses, source, until=2e-9, **energies):
    neuron = Neuron(
        excitatory=shape.excitatory,
        inhibitory=shape.inhibitory,
        refractory=shape.refractory,
        threshold_current=threshold_current,
        characteristics=source,
        **energies,
    )
    ports = {port: port for port in (*neuron.inputs, *neuron.outputs)}
    run = PulseCircuit({"neuron": (neuron, ports)}).run(pulses, until=until)
    return run.pulses.get("output", ()), run.energy["neuron"]


def spikes(neuron, threshold_current, *, exc_1=(), exc_2=(), inh_1=()):
    pulses = {"exc_1": exc_1, "exc_2": exc_2, "inh_1": inh_1}
    pulses = {port: [t * PS for t in times] for port, times in pulses.items() if len(times)}
    return [t / PS for t in answer(neuron.shape, threshold_current * UA, pulses, characteristics(neuron))[0]]


@pytest.mark.parametrize(("current", "one", "two"), [(19.0, 0, 0), (21.0, 0, 1), (99.0, 0, 1), (101.0, 1, 1)])
def test_threshold(current, one, two):
    neuron = measured(2)
    assert len(spikes(neuron, current, exc_1=[100])) == one
    assert len(spikes(neuron, current, exc_1=[100], exc_2=[100])) == two


@pytest.mark.parametrize("current", [30.0, 60.0, 90.0])
def test_a_branch_leaks(current):
    needed = 1 - (current - 100) / 80
    apart = -40 * np.log(needed - 1)
    neuron = measured(2)
    assert len(spikes(neuron, current, exc_1=[100], exc_2=[100 + apart - 0.1])) == 1
    assert len(spikes(neuron, current, exc_1=[100], exc_2=[100 + apart + 0.1])) == 0


def test_delay_falls_with_the_logarithm_of_the_overdrive():
    neuron = measured(1)
    delays = [spikes(neuron, 100 + over, exc_1=[100])[0] - 100 for over in (0.01, 0.5, 1.0, 10.0, 100.0)]
    outer = OUTER / PS
    assert delays[2] == pytest.approx(INNER_AT_1 / PS + outer)
    assert -np.diff(delays)[2:] == pytest.approx(INNER_SLOPE / PS * np.log(10))
    assert delays[0] == delays[1], "below LEAST_OVERDRIVE it grows no further"


def test_a_spike_resets_every_branch():
    neuron = measured(2)
    (first,) = spikes(neuron, 110, exc_1=[100])
    assert first > 100
    assert len(spikes(neuron, 110, exc_1=[100], exc_2=[160])) == 1
    assert len(spikes(neuron, 110, exc_1=[100], exc_2=[500])) == 2
    assert len(spikes(neuron, 40, exc_1=[100, 170], exc_2=[100, 170])) == 2, "a used branch is empty, not in debt"


def test_recovery_holds_the_next_spike_back():
    train = {"exc_1": [100, 140]}
    assert len(spikes(measured(1), 115, **train)) == 2
    assert len(spikes(measured(1, recovery=30 * UA), 115, **train)) == 1
    assert len(spikes(measured(1, recovery=30 * UA), 115, exc_1=[100, 400])) == 2


def test_inhibition_raises_the_threshold_and_leaks():
    neuron = measured(1, 1)
    assert spikes(neuron, 148, exc_1=[100], inh_1=[92]) == []
    assert len(spikes(neuron, 152, exc_1=[100], inh_1=[92])) == 1
    half_gone = 8 + 50 * np.log(2)
    assert spikes(neuron, 124, exc_1=[200], inh_1=[200 - half_gone]) == []
    assert len(spikes(neuron, 126, exc_1=[200], inh_1=[200 - half_gone])) == 1


def test_inhibition_cancels_a_slip_that_is_pending_and_none_that_was():
    neuron = measured(1, 1)
    (free,) = spikes(neuron, 101, exc_1=[100])
    slip = free - OUTER / PS
    assert spikes(neuron, 101, exc_1=[100], inh_1=[slip - 5]) == []
    assert spikes(neuron, 101, exc_1=[100], inh_1=[slip + 1]) == [pytest.approx(free)]


def test_more_excitation_brings_a_pending_slip_forward():
    neuron = measured(2)
    (alone,) = spikes(neuron, 101, exc_1=[100])
    (both,) = spikes(neuron, 101, exc_1=[100], exc_2=[105])
    assert both < alone - 1


def test_energy_counts_pulses_and_spikes():
    neuron = measured(2, 1)
    energies = {"energy_excitation": 1.0, "energy_inhibition": 10.0, "energy_spike": 100.0}
    pulses = {"exc_1": [100 * PS], "exc_2": [100 * PS], "inh_1": [900 * PS]}
    assert answer(neuron.shape, 60 * UA, pulses, characteristics(neuron), **energies)[1] == 112.0
    assert answer(neuron.shape, 10 * UA, pulses, characteristics(neuron), **energies)[1] == 12.0


def test_saturation_limits_one_branch():
    free = measured(2)
    held = replace(free, saturation=0.1)
    train = {"exc_1": [100, 105]}
    assert len(spikes(free, 60, **train)) == 1
    assert spikes(held, 60, **train) == []
    assert len(spikes(held, 60, exc_1=[100], exc_2=[100])) == 1


def against_circuit(drive, currents):
    """Spikes of circuit and model on the same bench, for each threshold current."""
    table, batch = run_neuron(drive, np.array(currents))
    for v, current in enumerate(currents):
        entered = {port: batch.pulses(junction, v).tolist() for port, junction in table.inputs.items()}
        circuit = batch.pulses("cell.neuron.BO2", v)
        yield circuit, np.array(answer(drive.shape, current, entered, load_characteristics(), batch.duration)[0])


def currents_for(shape, pulses, overdrives=(1.2, 1.5, 2.0)):
    """Threshold currents [A] whose threshold, in pulses, so many pulses exceed by each factor."""
    neuron = load_characteristics().neuron(shape)
    currents = [neuron.threshold(pulses / over) for over in overdrives]
    return [current for current in currents if current < neuron.self_firing - 5 * UA]


SHAPES = ["1,0", "2,0", "2,1", "2,2", "3,0", "4,0", "1,0,refractory", "2,0,refractory", "3,0,refractory"]


@pytest.mark.parametrize("key", SHAPES)
def test_spikes_are_those_of_the_circuit(key):
    shape = Shape.from_key(key)
    for pulses in range(1, shape.excitatory + 1):
        for circuit, model in against_circuit(shape.together(pulses), currents_for(shape, pulses)):
            assert len(circuit) == len(model) == 1
            assert model == pytest.approx(circuit, abs=TOLERANCE), f"{pulses} pulses"


@pytest.mark.parametrize("key", ["2,0", "2,1", "3,0", "2,0,refractory"])
def test_spikes_are_those_of_the_circuit_for_pulses_2_ps_apart(key):
    shape = Shape.from_key(key)
    drive = shape.driven([(0.0,), (2 * PS,)])
    for circuit, model in against_circuit(drive, currents_for(shape, 2)):
        assert len(circuit) == len(model) == 1
        assert model == pytest.approx(circuit, abs=TOLERANCE)


@pytest.mark.parametrize("key", ["1,1", "2,1", "2,2", "3,1"])
def test_inhibition_decides_as_in_the_circuit(key):
    shape = Shape.from_key(key)
    neuron = load_characteristics().neuron(shape)
    pulses = shape.excitatory
    free, inhibited = neuron.threshold(pulses), neuron.inhibited[pulses - 1]
    between = [free + 0.25 * (inhibited - free), free + 0.75 * (inhibited - free)]
    for circuit, model in against_circuit(shape.together(pulses, 1, 8 * PS), between):
        assert len(circuit) == len(model) == 0
    for circuit, model in against_circuit(shape.together(pulses), between):
        assert len(circuit) == len(model) == 1
    above = [inhibited + 0.25 * (inhibited - free)]
    for circuit, model in against_circuit(shape.together(pulses, 1, 8 * PS), above):
        assert len(circuit) == len(model) == 1
        assert model == pytest.approx(circuit, abs=4 * TOLERANCE)
