"""I-V curves against closed forms."""

import numpy as np
import pytest

from spice_models.analysis.iv import (
    Squid,
    junction_iv,
    overdamped_voltage,
    squid_critical_current,
)
from spice_models.constants import FLUX_QUANTUM
from spice_models.elements import shunt_for_beta_c
from spice_models.errors import DescriptionError

IC, C = 100e-6, 70e-15


def curve(beta_c, current):
    return junction_iv(
        np.asarray(current) * IC, critical_current=IC, capacitance=C, resistance=shunt_for_beta_c(IC, C, beta_c)
    )


def squid(beta_l, beta_c=0.01):
    resistance = shunt_for_beta_c(IC, C, beta_c)
    return Squid(critical_current=IC, capacitance=C, resistance=resistance, beta_l=beta_l)


def test_overdamped_junction_meets_the_closed_form():
    result = curve(0.001, np.linspace(0, 3, 31))
    exact = overdamped_voltage(result.current, IC, result.junction.resistance)
    np.testing.assert_allclose(result.up, exact, rtol=5e-5)
    np.testing.assert_allclose(result.down, result.up, rtol=1e-6)


def test_hysteresis_of_an_underdamped_junction():
    result = curve(25.0, np.arange(0.2, 1.3, 0.025))
    assert result.switching_current == pytest.approx(IC, rel=0.026)
    # 4 / (pi sqrt(beta_c)) for large beta_c, doi 10.1063/1.1651991
    assert result.retrapping_current == pytest.approx(4 / np.pi / 5 * IC, rel=0.1)
    # on the running branch a heavy junction is ohmic
    running = result.current > 0.6 * IC
    np.testing.assert_allclose(result.down[running], result.junction.resistance * result.current[running], rtol=0.02)


def test_squid_of_small_inductance_meets_the_closed_forms():
    device = squid(0.005, beta_c=0.001)
    flux = np.linspace(-1, 2, 31) * FLUX_QUANTUM
    np.testing.assert_allclose(
        device.maximum_supercurrent(flux), squid_critical_current(flux, IC), atol=0.025 * IC, rtol=1e-3
    )
    bias = np.array([1.0, 2.2, 3.0])[:, None] * IC
    exact = overdamped_voltage(bias, squid_critical_current(flux, IC), device.resistance / 2)
    np.testing.assert_allclose(device.voltage(bias, flux), exact, atol=5e-4 * IC * device.resistance)


def test_squid_modulation_repeats_every_flux_quantum():
    device = squid(1.0, beta_c=0.5)
    flux = np.linspace(0, 0.9, 10) * FLUX_QUANTUM
    voltage = device.voltage(2.2 * IC, flux)
    assert np.ptp(voltage) > 0.1 * IC * device.resistance
    scale = IC * device.resistance
    np.testing.assert_allclose(device.voltage(2.2 * IC, flux + FLUX_QUANTUM), voltage, atol=1e-4 * scale)
    np.testing.assert_allclose(device.voltage(2.2 * IC, -flux), voltage, atol=1e-4 * scale)


def test_inductance_lifts_the_minimum_of_the_critical_current():
    # to first order in beta_l the minimum is pi beta_l Ic / 2, from the second harmonic of the current-phase relation
    minimum = squid(0.1).maximum_supercurrent(FLUX_QUANTUM / 2)
    assert minimum[0] == pytest.approx(np.pi * 0.1 / 2 * IC, rel=0.02)


def test_currents_out_of_range_are_refused():
    for wrong in ([-0.1, 1.0], [4.0], [np.nan]):
        with pytest.raises(DescriptionError, match="between 0 and 3 Ic"):
            curve(1.0, wrong)
