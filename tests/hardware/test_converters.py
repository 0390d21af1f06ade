"""Converters: the ideal limit, codes, errors, and the noise of quantisation."""

import numpy as np
import pytest

from hardware.rram.layers.converters import ADC, DAC
from spice_models.errors import DescriptionError

X = np.random.default_rng(0).uniform(-1, 1, 200_000)


@pytest.mark.parametrize("kind", [DAC, ADC])
def test_without_bits_and_errors_it_is_the_identity(kind):
    assert kind().ideal
    np.testing.assert_array_equal(kind().convert(X), X)


@pytest.mark.parametrize("bits", [4, 8, 12])
@pytest.mark.parametrize("limits", [(-1.0, 1.0), (-1.0, 3.0)])
def test_quantisation_error_is_that_of_a_uniform_distribution(bits, limits):
    converter = ADC(bits=bits, limits=limits)
    error = converter.convert(X) - X
    assert np.abs(error).max() <= converter.lsb / 2 * (1 + 1e-9)
    assert error.std() == pytest.approx(converter.lsb / np.sqrt(12), rel=0.01)


def test_codes_are_as_many_as_the_bits_say_and_hold_zero_between_symmetric_limits():
    assert len(np.unique(DAC(bits=3, limits=(0, 1)).convert(np.abs(X)).round(12))) == 8
    symmetric = np.unique(DAC(bits=3, limits=(-1, 1)).convert(X).round(12))
    assert len(symmetric) == 7
    assert 0 in symmetric
    assert DAC(bits=1, limits=(0, 0.2)).convert([0.09, 0.11]).tolist() == [0.0, 0.2]


@pytest.mark.parametrize("kind", [DAC, ADC])
def test_beyond_its_limits_it_clips(kind):
    converter = kind(bits=6, limits=(0.0, 1.0))
    assert converter.convert([-5.0, 7.0]).tolist() == [0.0, 1.0]


def test_errors_of_a_dac_are_a_line_and_a_bow():
    ends = [0.0, 0.5, 1.0]
    dac = DAC(limits=(0.0, 1.0), offset=0.01, gain_error=0.1, nonlinearity=0.02)
    assert dac.convert(ends) == pytest.approx([0.01, 0.01 + 0.55 + 0.02, 0.01 + 1.1])


def test_errors_of_an_adc_come_before_its_codes():
    adc = ADC(bits=2, limits=(0.0, 3.0), offset=0.4)
    assert adc.convert([0.0, 0.2, 1.0, 3.0]).tolist() == [0.0, 1.0, 1.0, 3.0]


def test_what_makes_no_sense_is_refused():
    for wrong in ({"bits": 0}, {"bits": 2.5}, {"limits": (1, 0)}, {"offset": np.nan}, {"nonlinearity": 0.3}):
        with pytest.raises(DescriptionError):
            DAC(**wrong)
    with pytest.raises(DescriptionError, match="one bit has no code for zero"):
        DAC(bits=1, limits=(-1, 1))
    with pytest.raises(DescriptionError, match="needs limits"):
        ADC(bits=8).convert(1.0)
