"""The error-function law and its fit."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.sfq.decision_law import DecisionLaw, fit_law
from spice_models.errors import DescriptionError

LAW = DecisionLaw(midpoint=78e-6, gray_zone=9e-6)


def test_slope_at_the_midpoint_is_one_over_the_gray_zone():
    low, high = LAW.probability([78e-6 - 1e-9, 78e-6 + 1e-9])
    assert (high - low) / 2e-9 == pytest.approx(1 / 9e-6, rel=1e-6)


def test_it_is_a_normal_distribution_of_currents():
    spread = 9e-6 / math.sqrt(2 * math.pi)
    assert LAW.probability(78e-6 + spread) == pytest.approx(0.8413447460685429, rel=1e-12)


def test_zero_gray_zone_is_a_step():
    step = DecisionLaw(midpoint=78e-6, gray_zone=0.0)
    np.testing.assert_array_equal(step.probability([77.9e-6, 78e-6, 78.1e-6]), [0.0, 0.5, 1.0])


@given(st.floats(0.001, 0.999))
def test_current_inverts_probability(probability):
    assert LAW.probability(LAW.current(probability)) == pytest.approx(probability, rel=1e-9)


def test_fit_finds_the_law_within_its_own_errors():
    generator = np.random.default_rng(2)
    currents = np.linspace(68e-6, 88e-6, 11)
    misses = []
    for _ in range(40):
        fitted = fit_law(currents, generator.binomial(300, LAW.probability(currents)), 300)
        misses.append(
            (
                (fitted.law.midpoint - LAW.midpoint) / fitted.midpoint_error,
                (fitted.law.gray_zone - LAW.gray_zone) / fitted.gray_zone_error,
                fitted.deviance / fitted.degrees,
            )
        )
    z_midpoint, z_zone, deviance = np.array(misses).T
    for z in (z_midpoint, z_zone):
        assert abs(z.mean()) < 3 / math.sqrt(40)
        assert 0.7 < z.std(ddof=1) < 1.4
    assert 0.7 < deviance.mean() < 1.3


@pytest.mark.parametrize(
    ("currents", "decided", "trials", "words"),
    [
        ([1e-6, 2e-6], [0, 1], [1, 1], "three currents"),
        ([1e-6, 2e-6, 3e-6], [0, 0, 0], [9, 9, 9], "same way"),
        ([1e-6, 2e-6, 3e-6], [0, 5, 10], [9, 9, 9], "decided <= trials"),
    ],
)
def test_what_cannot_be_fitted_is_refused(currents, decided, trials, words):
    with pytest.raises(DescriptionError, match=words):
        fit_law(currents, decided, trials)
