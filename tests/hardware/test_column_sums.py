"""Sums of binary cells against distributions known in closed form, and wires against the solution of the array."""

import math

import numpy as np
import pytest
from scipy.special import ndtr

from hardware.rram.array.crossbar import Crossbar
from hardware.rram.array.line_loss import corner_resistance, ladder_conductance
from hardware.rram.layers.column_sums import ColumnSums
from hardware.rram.layers.layer import CrossbarLayer
from hardware.rram.layers.single_columns import SingleColumns
from spice_models.errors import DescriptionError


@pytest.mark.parametrize("spread", [0.1, 0.3, 0.5])
def test_one_cell_is_log_normal(spread):
    sums = ColumnSums(ratio=10.0, spread=spread)
    for level in (0.56, 0.9, 1.3):
        assert sums.chance_below(level, on=1) == pytest.approx(ndtr(math.log(level) / spread), abs=1e-4)
        off = ndtr(math.log(10 * level) / spread)
        assert sums.chance_below(level, on=0, off=1) == pytest.approx(off, abs=1e-4)


def test_noise_of_reads_adds_up_to_a_normal_sum():
    sums = ColumnSums(ratio=5.0, noise=0.15)
    for on, off, subtracted, level in ((1, 0, 0, 0.7), (4, 0, 0, 3.6), (3, 5, 0, 3.8), (2, 3, 5, 1.5)):
        mean = on + (off - subtracted) / 5
        deviation = 0.15 * math.sqrt(on + (off + subtracted) / 25)
        expected = ndtr((level - mean) / deviation)
        assert sums.chance_below(level, on=on, off=off, subtracted=subtracted) == pytest.approx(expected, abs=2e-4)


def test_sums_with_both_agree_with_drawn_ones():
    rng, count = np.random.default_rng(0), 200_000
    sums = ColumnSums(ratio=4.0, spread=0.25, noise=0.1)

    def cells(number):
        written = np.exp(0.25 * rng.standard_normal((count, number)))
        return (written * (1 + 0.1 * rng.standard_normal((count, number)))).sum(axis=1)

    drawn = cells(2) + cells(6) / 4 - cells(8) / 4
    for level in (0.9, 1.5, 2.2):
        found = sums.chance_below(level, on=2, off=6, subtracted=8)
        assert found == pytest.approx(np.mean(drawn < level), abs=4e-3)
    assert ColumnSums(ratio=4.0).chance_below(1.5, on=1, off=2) == 0.0
    assert ColumnSums(ratio=4.0).chance_below(1.51, on=1, off=2) == 1.0


def test_single_columns_leak_one_part_of_the_ratio_for_each_driven_line():
    weights = np.array([[6.0, 0.0], [0.0, 6.0], [0.0, 0.0]])
    mapping = SingleColumns(minimum=1e-5, maximum=1e-4)
    layer = CrossbarLayer(weights, mapping=mapping, input_range=(0.0, 1.0))
    np.testing.assert_allclose(layer([1.0, 1.0, 1.0]), [7.2, 7.2], rtol=1e-12)
    assert layer.conductance.shape == (3, 2)
    with pytest.raises(DescriptionError, match="DifferentialPairs"):
        mapping.encode([[-1.0]])
    with pytest.raises(DescriptionError, match="ratio above 1"):
        ColumnSums(ratio=1.0)


def test_ladders_foretell_what_wires_leave():
    rng = np.random.default_rng(4)
    for lines, resistance, agree in ((16, 20.0, 0.05), (64, 2.0, 0.05), (64, 8.0, 0.25)):
        on = rng.random((lines, lines)) < 0.4
        g = np.where(on, 1e-4, 1e-6)
        exact = Crossbar(g, word_resistance=resistance, bit_resistance=resistance).effective_conductance()
        found = ladder_conductance(g, resistance)
        assert np.abs(found / exact - 1)[on].max() < agree
        np.testing.assert_allclose(ladder_conductance(g, 0.0), g)
    uniform = np.full((64, 64), 4e-5)
    r = corner_resistance(64, 4e-5, 0.55)
    solved = Crossbar(uniform, word_resistance=r, bit_resistance=r).effective_conductance()
    assert solved[0, -1] / 4e-5 == pytest.approx(0.55, rel=0.08)
