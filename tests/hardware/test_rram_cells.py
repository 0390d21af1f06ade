"""Models of resistive cells: their equations, their motion against an independent integrator, and their bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from hardware.rram.device import VTEAM, Filament, LinearCell, Yakopcic
from spice_models.errors import DescriptionError

MODELS = [LinearCell(), VTEAM(), VTEAM(biolek=2), Yakopcic(), Filament()]
PULSES = [
    (LinearCell(), 1.0, 3e-8),
    (VTEAM(), -1.0, 1e-12),
    (VTEAM(biolek=2), 1.0, 2e-8),
    (Yakopcic(), 0.5, 5e-4),
    (Yakopcic(), -0.5, 5e-4),
    (Filament(), 1.4, 2e-8),
    (Filament(), -1.4, 2e-8),
]


def name(model):
    return type(model).__name__


@pytest.mark.parametrize(("model", "voltage", "duration"), PULSES)
def test_pulses_move_the_state_as_an_independent_integrator_says(model, voltage, duration):
    start = np.array([0.2, 0.5, 0.8])
    found = model.advance(voltage, start, duration)
    for s, f in zip(start, found, strict=True):
        exact = solve_ivp(
            lambda _, y: model.rate(voltage, np.clip(y, 0, 1)),
            (0, duration),
            [s],
            rtol=1e-10,
            atol=1e-12,
            method="LSODA",
        ).y[0, -1]
        assert f == pytest.approx(np.clip(exact, 0, 1), abs=2e-5)
    two = model.advance(voltage, model.advance(voltage, start, duration / 2), duration / 2)
    np.testing.assert_allclose(two, found, atol=2e-5)


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_the_slope_is_the_derivative_of_the_current(model):
    v, s = np.linspace(-1.0, 1.0, 40), np.linspace(0.05, 0.95, 40)
    step = 1e-6
    difference = (model.current(v + step, s) - model.current(v - step, s)) / (2 * step)
    np.testing.assert_allclose(model.slope(v, s), difference, rtol=1e-7)


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_conductance_rises_with_the_state_and_is_inverted(model):
    states = np.linspace(0, 1, 21)
    g = model.conductance(states)
    assert np.all(np.diff(g) > 0)
    np.testing.assert_allclose(model.state_for(g), states, atol=1e-9)
    low, high = model.conductance_range()
    assert model.state_for([low / 2, high * 2]) == pytest.approx([0.0, 1.0], abs=1e-9)


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_set_raises_and_reset_lowers_the_conductance_and_reads_do_nothing(model):
    strong = 1.4 * model.set_polarity
    s = np.array([0.0, 0.3, 1.0])
    assert np.all(model.rate(strong, s)[:2] > 0)
    assert model.rate(strong, s)[2] == 0
    assert np.all(model.rate(-strong, s)[1:] < 0)
    assert model.rate(-strong, s)[0] == 0
    assert np.all(model.rate(0.0, s) == 0)


@settings(max_examples=60, deadline=None)
@given(model=st.sampled_from(MODELS), v=st.floats(-1.6, 1.6), s=st.floats(0, 1), t=st.floats(0, 1e-6))
def test_states_stay_within_their_bounds_and_move_one_way(model, v, s, t):
    new = float(model.advance(v, s, t))
    assert 0 <= new <= 1
    assert (new - s) * v * model.set_polarity >= 0


def test_published_values():
    # Resistances of VTEAM's set, and what the formulas of the other two give at one point, worked out by hand.
    assert VTEAM().conductance_range() == (pytest.approx(1e-3), pytest.approx(0.02))
    assert float(Yakopcic().current(1.0, 1.0)) == pytest.approx(0.17 * np.sinh(0.05))
    assert float(Filament().current(0.25, 1.0)) == pytest.approx(1e-3 * np.exp(-0.8) * np.sinh(1.0))
    assert float(VTEAM().rate(-0.4, 0.5)) == pytest.approx(10.0 / 3e-9)


def test_spread_is_log_normal_and_leaves_signs():
    model = VTEAM().spread((200, 200), np.random.default_rng(0), on_threshold=0.1, off_resistance=0.05)
    assert np.all(model.on_threshold < 0)
    assert np.std(np.log(model.on_threshold / -0.2)) == pytest.approx(0.1, rel=0.02)
    assert model.conductance(0.0).shape == (200, 200)
    with pytest.raises(DescriptionError, match="no parameter 'gap'"):
        VTEAM().spread((2,), np.random.default_rng(0), gap=0.1)


def test_nonsense_is_refused():
    with pytest.raises(DescriptionError, match="0 or more, got -1"):
        LinearCell().advance(1.0, 0.5, -1.0)
    with pytest.raises(DescriptionError, match="finite"):
        LinearCell().advance(np.nan, 0.5, 1.0)
