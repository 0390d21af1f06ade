"""Cells along a waveform: against an independent integrator, and coarse steps are refused with the largest safe one."""

import re

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from hardware.rram.device import VTEAM, Filament, LinearCell, SeriesCell, Yakopcic, drive
from spice_models.errors import DescriptionError

HELD = SeriesCell(cell=Filament(), resistance=500.0)
DRIVES = [(Yakopcic(), 0.5, 100.0), (LinearCell(), 0.8, 1e6), (HELD, 1.7, 1e6)]


def sine(amplitude, frequency, count):
    t = np.linspace(0, 1 / frequency, count + 1)
    return amplitude * np.sin(2 * np.pi * frequency * t), t


@pytest.mark.parametrize(("model", "amplitude", "frequency"), DRIVES)
def test_states_follow_as_an_independent_integrator_says(model, amplitude, frequency):
    v, t = sine(amplitude, frequency, 200)
    found = drive(model, v, t[1], state=0.3)

    def rate(time, s):
        return model.rate(amplitude * np.sin(2 * np.pi * frequency * time), np.clip(s, 0, 1))

    half = t <= t[-1] / 2
    exact = solve_ivp(rate, (0, t[-1] / 2), [0.3], t_eval=t[half], rtol=1e-8, atol=1e-10, method="LSODA", max_step=t[2])
    np.testing.assert_allclose(found.state[half], np.clip(exact.y[0], 0, 1), atol=2e-3)
    np.testing.assert_allclose(found.current, model.current(v, found.state))


@pytest.mark.parametrize("model", [VTEAM(k_on=-0.5), LinearCell(speed=3e6), HELD])
def test_a_step_too_coarse_is_refused_and_the_one_named_is_safe(model):
    v, t = sine({VTEAM: 0.3, LinearCell: 1.2}.get(type(model), 2.4), 1e6, 8)
    with pytest.raises(DescriptionError, match="largest safe step") as found:
        drive(model, v, t[1], state=0.3)
    safe = float(re.search(r"safe step is (\S+) s", str(found.value))[1])
    assert safe < t[1]
    # Straight lines between the samples, so that both runs have the same course.
    parts = round(t[1] / safe)
    fine = np.interp(np.arange(len(t) * parts - parts + 1) / parts, np.arange(len(t)), v)
    assert len(drive(model, fine, t[1] / parts, state=0.3).state) == len(fine)
