"""Compensation of wire loss: what each method recovers, within the bounds."""

import numpy as np
import pytest

from hardware.rram.array.crossbar import Crossbar
from hardware.rram.layers.compensation import METHODS, compensate
from spice_models.errors import DescriptionError, UnknownNameError

BOUNDS = (1e-6, 1e-4)
RNG = np.random.default_rng(0)
WEIGHTS = RNG.standard_normal((24, 12))
SCALE = (BOUNDS[1] - BOUNDS[0]) / np.abs(WEIGHTS).max()
TARGET = np.empty((24, 24))
TARGET[:, 0::2] = BOUNDS[0] + SCALE * np.maximum(WEIGHTS, 0)
TARGET[:, 1::2] = BOUNDS[0] + SCALE * np.maximum(-WEIGHTS, 0)
PAIRS = np.kron(np.eye(12), [[1.0], [-1.0]])
INPUTS = 0.1 * RNG.random((60, 24))


def outputs(array, gain):
    return (array.currents(INPUTS) * gain) @ PAIRS


@pytest.mark.parametrize("resistance", [0.0, 20.0, 100.0])
@pytest.mark.parametrize(("method", "most"), [("gain", 0.5), ("fixed-point", 0.1), ("gradient", 0.005)])
def test_each_method_takes_away_the_error_it_is_meant_for(resistance, method, most):
    array = Crossbar(TARGET, word_resistance=resistance, bit_resistance=resistance)
    told = []
    found = compensate(array, bounds=BOUNDS, inputs=INPUTS, decode=PAIRS, method=method, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    wanted = INPUTS @ TARGET @ PAIRS
    got = outputs(Crossbar(found.conductance, word_resistance=resistance, bit_resistance=resistance), found.gain)
    assert np.linalg.norm(got - wanted) / np.linalg.norm(wanted) == pytest.approx(found.after, rel=1e-6, abs=1e-9)
    assert found.conductance.min() >= BOUNDS[0]
    assert found.conductance.max() <= BOUNDS[1] * (1 + 1e-12)
    assert found.after <= most * found.before + 1e-9
    if resistance == 0:
        assert found.before == 0


def test_without_inputs_all_lines_matter_alike():
    array = Crossbar(TARGET, word_resistance=10.0, bit_resistance=10.0)
    found = compensate(array, bounds=BOUNDS)
    effective = Crossbar(found.conductance, word_resistance=10.0, bit_resistance=10.0).effective_conductance()
    assert np.abs(effective * found.gain / TARGET - 1).max() < 0.1
    assert found.after < 0.01 * found.before


def test_cells_that_are_not_there_stay_away():
    target = np.where(RNG.random((8, 6)) < 0.5, 0.0, 5e-5)
    target[:, 2] = 0.0
    array = Crossbar(target, word_resistance=50.0, bit_resistance=50.0)
    for method in METHODS:
        found = compensate(array, bounds=BOUNDS, method=method, iterations=5)
        assert np.all(found.conductance[target == 0] == 0)
        assert np.all(np.isfinite(found.gain))


def test_what_cannot_be_is_refused():
    array = Crossbar(TARGET, word_resistance=1.0)
    with pytest.raises(UnknownNameError, match="gradient"):
        compensate(array, bounds=BOUNDS, method="gradent")
    with pytest.raises(DescriptionError, match="largest conductance"):
        compensate(array, bounds=(1e-6, 5e-5))
    with pytest.raises(DescriptionError, match="shape"):
        compensate(array, bounds=BOUNDS, inputs=np.ones((3, 5)))
    with pytest.raises(DescriptionError, match="bit lines"):
        compensate(array, bounds=BOUNDS, decode=np.eye(3))
