"""What is shipped is what is measured, and questions that the measurements cannot answer are refused."""

import json

import numpy as np
import pytest

from hardware.sfq import characterise
from hardware.sfq.characterise_cells import (
    converter_delay,
    merger_dead_time,
    passing_delay,
    synapse_self_firing,
    synapse_steps,
)
from hardware.sfq.characterise_neuron import measure_leak, measure_recovery
from hardware.sfq.characterise_rates import Pathway, measure_energy, measure_rates, measure_refractory_time
from hardware.sfq.characterise_strength import LEVELS, measure_strengths
from hardware.sfq.characteristics import data_path, load_characteristics
from hardware.sfq.delay_law import fit_delay
from hardware.sfq.neuron_bench import delays, least_threshold
from hardware.sfq.neuron_shape import Shape
from spice_models.errors import DescriptionError, UnknownNameError

PS, UA, AJ = 1e-12, 1e-6, 1e-18
STALE = "the cells have changed since: run `neurosim characterise sfq-neuron --update`"


@pytest.fixture(scope="module")
def shipped():
    return load_characteristics()


def test_delays_are_as_shipped(shipped):
    stages = characterise.LINE_STAGES
    line = passing_delay("jtl", "input", "output", stages=stages) / stages
    assert line == pytest.approx(shipped.line_delay, abs=0.05 * PS), STALE
    splitter = passing_delay("splitter", "input", "output_1")
    assert splitter == pytest.approx(shipped.splitter_delay, abs=0.05 * PS), STALE
    merger = passing_delay("merger", "input_1", "output")
    assert merger == pytest.approx(shipped.merger_delay, abs=0.05 * PS), STALE
    assert converter_delay() == pytest.approx(shipped.driver_delay, abs=0.05 * PS), STALE
    assert merger_dead_time() == pytest.approx(shipped.merger_dead_time, abs=0.2 * PS), STALE


def test_synapse_steps_are_as_shipped(shipped):
    assert synapse_steps() == pytest.approx(shipped.synapse_steps, abs=1 * UA), STALE


@pytest.mark.parametrize("key", ["2,0", "1,1", "2,0,refractory"])
def test_thresholds_are_as_shipped(shipped, key):
    shape = Shape.from_key(key)
    neuron = shipped.neuron(shape)
    again = [least_threshold(shape.together(k)) for k in range(1, shape.excitatory + 1)]
    expected = [neuron.threshold(k) for k in range(1, shape.excitatory + 1)]
    assert again == pytest.approx(expected, abs=1 * UA), STALE
    if shape.inhibitory:
        assert least_threshold(shape.together(1, 1, 8 * PS)) == pytest.approx(neuron.inhibited[0], abs=1 * UA), STALE


def test_leak_and_recovery_are_as_shipped(shipped):
    shape = Shape(excitatory=2)
    neuron = shipped.neuron(shape)
    assert measure_leak(Shape(excitatory=2)) == pytest.approx(neuron.leak_time, rel=0.02), STALE
    current, time = measure_recovery(shape, neuron.threshold(2))
    assert current == pytest.approx(neuron.recovery_current, rel=0.05), STALE
    assert time == pytest.approx(neuron.recovery_time, rel=0.05), STALE


def test_delays_of_the_neuron_are_as_shipped(shipped):
    shape = Shape(excitatory=2)
    neuron = shipped.neuron(shape)
    rows = slice(2, 6)
    inner, outer = delays(shape.together(2), neuron.threshold(2) + neuron.overdrives[rows])
    assert inner == pytest.approx(neuron.inner_delays[1, rows], abs=0.3 * PS), STALE
    assert outer == pytest.approx(neuron.outer_delays[1, rows], abs=0.3 * PS), STALE


def test_written_measurements_are_read_back(shipped, tmp_path):
    path = tmp_path / "again.json"
    data = json.loads(data_path().read_text())
    assert characterise.write(data, path) == path
    assert json.loads(path.read_text()) == data
    assert load_characteristics(path).synapse_steps == shipped.synapse_steps


def test_a_shape_that_was_not_measured_is_refused(shipped):
    with pytest.raises(UnknownNameError, match=r"no neuron with 9 excitatory and 1 inhibitory inputs.*--fan-in 10"):
        shipped.neuron(Shape(excitatory=9, inhibitory=1))


@pytest.mark.parametrize("weight", [1.5, -0.5, 4, -4])
def test_a_weight_that_is_no_level_is_refused(shipped, weight):
    with pytest.raises(DescriptionError, match=f"whole steps, got {weight}"):
        shipped.weight_current(weight)


@pytest.mark.parametrize("threshold", [-5.0, 2.5])
def test_a_threshold_out_of_range_is_refused(shipped, threshold):
    with pytest.raises(DescriptionError, match=r"2 excitatory and 0 inhibitory inputs takes thresholds from 0\."):
        shipped.threshold_current(excitatory=2, inhibitory=0, threshold=threshold)


def test_a_threshold_is_met_by_its_drive(shipped):
    neuron = shipped.neuron(Shape(excitatory=3))
    for drive in (-1.0, 0.8, 1.0, 1.7, 2.5, 3.0, 4.0):
        assert neuron.drive_at(neuron.threshold(drive)) == pytest.approx(drive)
    assert np.all(np.diff(neuron.thresholds) < 0)


def test_levels_of_the_synapse_are_monotone_and_apart(shipped):
    strengths = measure_strengths(shipped)
    assert [s.level for s in strengths] == list(LEVELS)
    equivalents = np.array([s.equivalents for s in strengths])
    assert np.all(np.diff(equivalents) > 0.2)
    assert equivalents[1] == pytest.approx(0.0, abs=0.02)
    assert equivalents[2] == pytest.approx(1.0, abs=0.1)
    assert [s.pulses for s in strengths] == [abs(level) for level in LEVELS]
    assert synapse_self_firing() > 1.02 * shipped.weight_current(3)


def test_slow_trains_are_answered_one_to_one(shipped):
    for level, threshold in ((1, 0.8), (2, 1.3), (1, 1.5)):
        pathway = Pathway(level=level, threshold=threshold, characteristics=shipped)
        curve = measure_rates(pathway, [1e9, 3e9])
        expected = np.zeros(2) if threshold > level else curve.input_rates
        assert curve.circuit == pytest.approx(expected)
        assert curve.model == pytest.approx(expected)


def test_refractory_time_grows_with_threshold_and_with_the_refractory_branch(shipped):
    plain, held = (
        measure_refractory_time(Shape(excitatory=1, refractory=r), (0.3, 0.6), shipped) for r in (False, True)
    )
    assert held[0].circuit < held[1].circuit
    assert all(18 * PS <= a.circuit < b.circuit < 258 * PS for a, b in zip(plain, held, strict=True))
    for time in (*plain, *held):
        assert time.model == pytest.approx(time.circuit, rel=0.25, abs=20 * PS)


def test_energy_of_the_model_is_that_of_the_circuit(shipped):
    energy = measure_energy(Pathway(level=2, threshold=1.3, characteristics=shipped))
    assert energy.spikes == 1
    assert 0.1 * AJ < energy.neuron < 10 * AJ
    assert energy.synapse == pytest.approx(energy.synapse_model, rel=0.02)
    assert energy.neuron == pytest.approx(energy.neuron_model, rel=0.02)


def test_delay_law_fits_near_and_above_threshold(shipped):
    law = fit_delay(shipped.neuron(Shape(excitatory=2)), 2)
    assert law.b > 0
    assert law.residual < 0.5 * PS
    assert law.at(law.overdrives) == pytest.approx(law.delays, abs=4 * law.residual)
