"""The pulse-level synapse: how many pulses leave and when, alone and against the circuit."""

from itertools import pairwise

import numpy as np
import pytest

from hardware.sfq.characterise_cells import synapse_responses
from hardware.sfq.characteristics import HIGHEST_LEVEL, level_current, load_characteristics
from hardware.sfq.pulse_circuit import PulseCircuit
from hardware.sfq.pulse_models import pulse_model
from hardware.sfq.synapse import Synapse

PS = 1e-12
TOLERANCE = 2 * PS
LEVELS = range(HIGHEST_LEVEL + 1)


@pytest.fixture(scope="module")
def measured():
    return load_characteristics()


def leaving(model, times, until=5e-9):
    run = PulseCircuit({"synapse": (model, {"input": "a", "output": "b"})}).run({"a": times}, until=until)
    return np.array(run.pulses.get("b", ())), run.energy["synapse"]


def synapse(measured, level, **energies):
    return Synapse(weight_current=measured.weight_current(level), characteristics=measured, **energies)


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_is_its_number_of_pulses(measured, level):
    out, energy = leaving(synapse(measured, level, energy_in=1.0, energy_out=10.0), [1e-9])
    assert len(out) == level
    assert energy == 1.0 + 10.0 * level
    assert np.all(np.diff([1e-9, *out]) > 0)


def test_energy_comes_from_the_bias_currents(measured):
    def energy(level):
        parameters = {"weight_current": measured.weight_current(level)}
        return leaving(pulse_model("sfq_synapse", parameters, measured), [1e-9])[1]

    per_pulse = np.diff([energy(level) for level in LEVELS])
    assert 1e-20 < energy(0) < 1e-18
    assert np.all((per_pulse > 1e-19) & (per_pulse < 1e-17))


def test_more_current_makes_pulses_earlier(measured):
    low, high = measured.synapse_steps[:2]
    first = [measured.response(current)[0] for current in np.linspace(low + 5e-6, high - 5e-6, 5)]
    assert np.all(np.diff(first) < 0)


def test_counts_and_times_are_those_of_the_circuit(measured):
    steps = measured.synapse_steps
    levels = np.array([level_current(list(steps), n) for n in LEVELS])
    within = [low + part * (high - low) for low, high in pairwise(steps[:3]) for part in (0.3, 0.8)]
    currents = np.concatenate([levels, within])
    first, _ = synapse_responses(currents)
    for current, circuit in zip(currents, first, strict=True):
        model, _ = leaving(Synapse(weight_current=current, characteristics=measured), [0.0])
        assert len(model) == len(circuit)
        assert model == pytest.approx(circuit, abs=TOLERANCE), f"{current} A"


@pytest.mark.parametrize("interval", [110 * PS, 150 * PS, 220 * PS])
def test_a_recent_pulse_delays_as_in_the_circuit(measured, interval):
    levels = np.array([measured.weight_current(n) for n in range(1, HIGHEST_LEVEL + 1)])
    first, second = synapse_responses(levels, interval)
    for level, (one, two) in enumerate(zip(first, second, strict=True), start=1):
        out, _ = leaving(synapse(measured, level), [0.0, interval])
        assert len(out) == len(one) + len(two) == 2 * level
        assert out == pytest.approx(np.concatenate([one, two + interval]), abs=TOLERANCE), f"level {level}"


def test_a_recent_pulse_delays_and_an_old_one_does_not(measured):
    alone, _ = leaving(synapse(measured, 2), [0.0])
    for interval, later in ((80 * PS, True), (400 * PS, False), (2e-9, False)):
        out, _ = leaving(synapse(measured, 2), [0.0, interval])
        if later:
            assert np.all(out[2:] - interval > alone + 1 * PS)
        else:
            assert out[2:] - interval == pytest.approx(alone)
