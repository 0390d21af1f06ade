"""Signed weights as conductances and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.rram.array.crossbar import Crossbar
from hardware.rram.layers.weights import BitSlices, DifferentialPairs, OffsetColumn
from spice_models.errors import DescriptionError

LOW, HIGH = 2e-6, 100e-6
EXACT = [DifferentialPairs(minimum=LOW, maximum=HIGH), OffsetColumn(minimum=LOW, maximum=HIGH)]


@settings(max_examples=60, deadline=None)
@given(m=st.integers(1, 6), n=st.integers(1, 6), seed=st.integers(0, 99), mapping=st.sampled_from(EXACT))
def test_weights_come_back_and_conductances_stay_in_the_window(m, n, seed, mapping):
    w = np.random.default_rng(seed).normal(size=(m, n))
    encoded = mapping.encode(w)
    np.testing.assert_allclose(encoded.weights(), w, atol=1e-12)
    assert encoded.conductance.min() >= LOW * (1 - 1e-12)
    assert encoded.conductance.max() <= HIGH * (1 + 1e-12)


@pytest.mark.parametrize(("bits", "per_cell"), [(8, 2), (7, 3), (4, 4), (5, 1)])
def test_bit_slices_round_to_their_bits(bits, per_cell):
    w = np.random.default_rng(0).normal(size=(9, 5))
    encoded = BitSlices(minimum=LOW, maximum=HIGH, bits=bits, bits_per_cell=per_cell).encode(w)
    step = np.abs(w).max() / (2**bits - 1)
    assert np.max(np.abs(encoded.weights() - w)) <= step / 2 * (1 + 1e-9)
    assert encoded.conductance.shape == (9, 5 * 2 * -(-bits // per_cell))
    levels = np.unique(np.rint((encoded.conductance - LOW) / (HIGH - LOW) * (2**per_cell - 1)))
    assert len(levels) <= 2**per_cell


@pytest.mark.parametrize("mapping", [*EXACT, BitSlices(minimum=LOW, maximum=HIGH, bits=12, bits_per_cell=4)])
def test_a_crossbar_of_encoded_weights_multiplies_by_them(mapping):
    rng = np.random.default_rng(1)
    w, x = rng.normal(size=(8, 3)), rng.normal(size=(4, 8))
    encoded = mapping.encode(w)
    array = Crossbar(encoded.conductance)
    np.testing.assert_allclose(encoded.outputs(array.currents(x)), x @ encoded.weights(), atol=1e-10)
    np.testing.assert_allclose(encoded.weights(array.effective_conductance()), encoded.weights(), atol=1e-10)


def test_no_inputs_give_no_outputs():
    encoded = DifferentialPairs(minimum=LOW, maximum=HIGH).encode([[1.0, -0.5]])
    assert encoded.outputs(np.empty((3, 0, 4))).shape == (3, 0, 2)


def test_a_minimum_that_is_a_whole_number():
    encoded = DifferentialPairs(minimum=0, maximum=HIGH).encode([[1.0, -0.5]])
    np.testing.assert_allclose(encoded.conductance, [[HIGH, 0.0, 0.0, HIGH / 2]])


def test_zero_weights_and_bad_ones():
    with pytest.raises(DescriptionError, match="large enough"):
        EXACT[0].encode([[1e-320]])
    with pytest.raises(DescriptionError, match="axis of 4"):
        DifferentialPairs(minimum=LOW, maximum=HIGH).encode([[1.0, 2.0]]).outputs(np.ones(3))
    assert np.all(EXACT[0].encode(np.zeros((2, 2))).weights() == 0)
    with pytest.raises(DescriptionError, match="two axes"):
        EXACT[0].encode([1.0, 2.0])
    with pytest.raises(DescriptionError, match="minimum < maximum"):
        DifferentialPairs(minimum=1.0, maximum=0.5)
