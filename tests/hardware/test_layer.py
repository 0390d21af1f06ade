"""Layers on crossbars: ideal hardware is a product, wires are those of the arrays, and each error does what it says."""

import numpy as np
import pytest

from hardware.rram.array.crossbar import Crossbar
from hardware.rram.device import Faults, GaussianNoise, LinearCell
from hardware.rram.layers.compensation import METHODS
from hardware.rram.layers.converters import ADC, DAC
from hardware.rram.layers.layer import CrossbarHardware, CrossbarLayer
from hardware.rram.layers.weights import BitSlices, OffsetColumn
from spice_models.errors import DescriptionError

RNG = np.random.default_rng(0)
WEIGHTS = RNG.standard_normal((40, 13))
INPUTS = RNG.random((7, 3, 40))
EXACT = INPUTS @ WEIGHTS


def error(layer, x=INPUTS, wanted=EXACT):
    return np.linalg.norm(layer(x) - wanted) / np.linalg.norm(wanted)


@pytest.mark.parametrize("tile", [(128, 128), (16, 16), (7, 5), (1, 1)])
def test_ideal_hardware_is_the_product(tile):
    bias = RNG.standard_normal(13)
    layer = CrossbarLayer(WEIGHTS, bias=bias, tile=tile)
    np.testing.assert_allclose(layer(INPUTS), EXACT + bias, rtol=1e-10, atol=1e-11)
    np.testing.assert_allclose(layer.effective_weights(), WEIGHTS, rtol=1e-10, atol=1e-12)
    assert len(layer.tiles) == -(-40 // tile[0]) * -(-26 // tile[1])


def test_every_mapping_is_exact_on_ideal_hardware():
    low, high = CrossbarHardware().bounds
    assert error(CrossbarLayer(WEIGHTS, mapping=OffsetColumn(minimum=low, maximum=high), tile=(16, 8))) < 1e-12
    sliced = CrossbarLayer(WEIGHTS, mapping=BitSlices(minimum=low, maximum=high, bits=16), tile=(16, 8))
    assert error(sliced) < 1e-4


def test_wires_are_those_of_the_array():
    layer = CrossbarLayer(WEIGHTS, word_resistance=5.0, bit_resistance=3.0, driver_resistance=100.0)
    wired = Crossbar(layer.encoded.conductance, word_resistance=5.0, bit_resistance=3.0, driver_resistance=100.0)
    by_hand = layer.encoded.outputs(wired.currents(0.1 * INPUTS)) / 0.1
    np.testing.assert_allclose(layer(INPUTS), by_hand, rtol=1e-9)
    np.testing.assert_allclose(INPUTS @ layer.effective_weights(), by_hand, rtol=1e-9)


def test_smaller_arrays_lose_less_and_ordered_rows_too():
    lossy = {"word_resistance": 20.0}
    assert error(CrossbarLayer(WEIGHTS, tile=(8, 8), **lossy)) < error(CrossbarLayer(WEIGHTS, **lossy))
    uneven = WEIGHTS * np.linspace(3, 0.1, 40)[:, np.newaxis]
    wanted = INPUTS @ uneven
    plain = CrossbarLayer(uneven, word_resistance=0.0, bit_resistance=50.0)
    ordered = CrossbarLayer(uneven, word_resistance=0.0, bit_resistance=50.0, order_rows=True)
    assert error(ordered, wanted=wanted) < error(plain, wanted=wanted)
    assert sorted(ordered.order) == list(range(40))
    assert ordered.order[-1] < 20
    np.testing.assert_allclose(INPUTS @ ordered.effective_weights(), ordered(INPUTS), rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_compensation_recovers_what_wires_take(method):
    options = {"word_resistance": 20.0, "tile": (32, 17), "calibration": INPUTS}
    plain, better = CrossbarLayer(WEIGHTS, **options), CrossbarLayer(WEIGHTS, compensation=method, **options)
    assert error(better) < 0.2 * error(plain)
    for tile in better.tiles:
        assert tile.compensation.after <= tile.compensation.before


def test_noise_is_drawn_at_each_read_and_its_mean_is_the_layer():
    layer = CrossbarLayer(WEIGHTS, noise=GaussianNoise(sigma=0.05), seed=3)
    x = np.repeat(INPUTS[0, :1], 4000, axis=0)
    reads = layer(x)
    g = layer.encoded.conductance
    spread = 0.05 * np.sqrt((x[0] ** 2) @ (g**2) @ layer.encoded.decode.toarray() ** 2)
    np.testing.assert_allclose(reads.std(axis=0), spread, rtol=0.06)
    assert np.all(np.abs(reads.mean(axis=0) - x[0] @ WEIGHTS) < 5 * spread / np.sqrt(4000))
    wired = CrossbarLayer(WEIGHTS, noise=GaussianNoise(sigma=0.0), word_resistance=2.0)
    np.testing.assert_allclose(wired(INPUTS), CrossbarLayer(WEIGHTS, word_resistance=2.0)(INPUTS), rtol=1e-9)


def test_error_of_converters_falls_by_half_with_each_bit():
    found = [error(CrossbarLayer(WEIGHTS, dac=DAC(bits=b), adc=ADC(bits=b), calibration=INPUTS)) for b in (6, 8, 10)]
    assert found[0] / found[1] == pytest.approx(4, rel=0.3)
    assert found[1] / found[2] == pytest.approx(4, rel=0.3)
    signed = CrossbarLayer(WEIGHTS, dac=DAC(bits=10), adc=ADC(bits=10), input_range=(-1, 1))
    assert error(signed, -INPUTS, -EXACT) < 0.05


def test_what_is_written_has_levels_spread_and_stuck_cells():
    cells = CrossbarLayer(WEIGHTS, cell_bits=2).conductance
    assert np.unique(cells.round(12)).tolist() == pytest.approx([1e-6, 34e-6, 67e-6, 1e-4])
    big = RNG.standard_normal((100, 100))
    ratio = np.log(CrossbarLayer(big, spread=0.1, tile=(64, 64)).conductance / CrossbarLayer(big).conductance)
    assert ratio.std() == pytest.approx(0.1, rel=0.03)
    faulty = CrossbarLayer(big, faults=Faults(stuck_low=0.1, stuck_high=0.05)).conductance
    changed = faulty != CrossbarLayer(big).conductance
    assert np.mean(changed & (faulty == 1e-4)) == pytest.approx(0.05, abs=0.006)
    assert np.mean(CrossbarLayer(big, faults=Faults(stuck_high=1.0)).conductance == 1e-4) == 1.0
    again = CrossbarLayer(big, spread=0.1, tile=(64, 64), seed=1).conductance
    np.testing.assert_array_equal(again, CrossbarLayer(big, spread=0.1, tile=(64, 64), seed=1).conductance)


def test_another_way_of_writing_takes_the_place_of_the_first():
    layer = CrossbarLayer(WEIGHTS, tile=(16, 16), word_resistance=2.0)
    half = layer.rewritten(lambda target: target / 2)
    np.testing.assert_allclose(half.conductance, layer.conductance / 2)
    np.testing.assert_allclose(layer.rewritten(lambda target: target)(INPUTS), layer(INPUTS), rtol=1e-9)
    assert not np.allclose(half(INPUTS), layer(INPUTS), rtol=0.1)


def test_cost_counts_arrays_and_the_power_that_flows():
    layer = CrossbarLayer(WEIGHTS, dac=DAC(bits=1), adc=ADC(bits=8), tile=(16, 16), word_resistance=1.0)
    cost = layer.cost(INPUTS[0])
    assert cost.operations == 2 * 40 * 13
    assert cost.parts["adc"].energy == pytest.approx(3 * 26 * 16e-3 / 8 / 1.2e9)
    lossless = CrossbarLayer(WEIGHTS, dac=DAC(bits=3), adc=ADC(bits=8))
    rows = lossless.conductance.sum(axis=1)
    at_once = lossless.cost(INPUTS[0], serial=False)
    assert at_once.parts["array"].energy == pytest.approx(np.mean((0.1 * INPUTS[0]) ** 2 @ rows) * 100e-9)
    ones = np.array([bin(code).count("1") for code in range(8)])[np.rint(7 * INPUTS[0]).astype(int)]
    in_turns = lossless.cost(INPUTS[0])
    assert in_turns.parts["array"].energy == pytest.approx(0.1**2 * np.mean(ones @ rows) * 100e-9)
    assert in_turns.time == pytest.approx(3 * at_once.time, rel=0.01)
    lossy = CrossbarLayer(WEIGHTS, dac=DAC(bits=3), adc=ADC(bits=8), word_resistance=5.0)
    assert lossy.cost(INPUTS[0]).parts["array"].energy < in_turns.parts["array"].energy
    with pytest.raises(DescriptionError, match="bits"):
        CrossbarLayer(WEIGHTS).cost()


def test_what_makes_no_sense_is_refused():
    with pytest.raises(DescriptionError, match="40"):
        CrossbarLayer(WEIGHTS)(np.ones(39))
    for wrong in (
        {"weights": np.ones(3)},
        {"weights": [[np.nan]]},
        {"weights": WEIGHTS, "bias": [1.0]},
        {"weights": WEIGHTS, "tile": (0, 5)},
        {"weights": WEIGHTS, "word_resistance": -1.0},
        {"weights": WEIGHTS, "cell_bits": 0},
        {"weights": WEIGHTS, "input_range": (0.5, 1)},
        {"weights": WEIGHTS, "cell": LinearCell(minimum=np.array([1e-6, 7e-5]), maximum=np.array([5e-5, 1e-4]))},
    ):
        with pytest.raises(DescriptionError):
            CrossbarLayer(**wrong)
