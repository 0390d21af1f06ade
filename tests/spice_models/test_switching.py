"""Switching currents of ramped junctions against the distribution that Kramers' rate gives."""

import numpy as np
import pytest

from spice_models.analysis.switching import switched_fraction, switching_currents
from spice_models.elements import Junction
from spice_models.errors import DescriptionError

IC = 1e-5
JUNCTION = Junction(name="q", plus="a", minus="0", critical_current=IC, capacitance=7e-14, resistance=10.0)


def moments(temperature, sweep):
    grid = np.linspace(0, IC, 8001)
    density = np.diff(switched_fraction(grid, JUNCTION, temperature=temperature, sweep=sweep))
    middle = 0.5 * (grid[1:] + grid[:-1])
    mean = np.sum(density * middle)
    return mean, np.sqrt(np.sum(density * (middle - mean) ** 2))


@pytest.mark.parametrize("sweep", [IC / 4e-9, IC / 16e-9])
def test_ramps_switch_where_fulton_and_dunkleberger_say(sweep):
    currents = switching_currents(JUNCTION, temperature=4.2, sweep=sweep, start=0.4 * IC, seed=2)
    mean, width = moments(4.2, sweep)
    # Standard deviations over 256 runs: 0.06 widths of the mean, 4.4 % of the width. A rate 5 to 10 % below Kramers'
    # and the time from the top of the barrier to the slip raise the mean by 0.1 to 0.2 widths.
    assert (currents.mean() - mean) / width == pytest.approx(0.15, abs=0.3)
    assert currents.std() == pytest.approx(width, rel=0.18)


def test_hotter_and_slower_ramps_switch_earlier_and_cold_ones_at_the_critical_current():
    mean, width = moments(1.5, IC / 4e-9)
    hotter, slower = moments(4.2, IC / 4e-9), moments(1.5, IC / 4e-7)
    assert hotter[0] < mean
    assert hotter[1] > width
    assert slower[0] < mean
    cold = switching_currents(JUNCTION, temperature=0.0, sweep=IC / 4e-9, repetitions=1)
    assert IC < cold[0] < 1.03 * IC
    ends = switched_fraction(np.array([0.0, IC]), JUNCTION, temperature=4.2, sweep=IC / 4e-9)
    assert ends == pytest.approx([0.0, 1.0])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sweep": 0.0}, "positive sweep"),
        ({"sweep": 1e3, "start": 2 * IC}, "below the critical current"),
        ({"sweep": 1e3, "start": 0.99 * IC, "temperature": 20.0}, "start lower"),
    ],
)
def test_ramps_that_make_no_sense_are_refused(options, said):
    with pytest.raises(DescriptionError, match=said):
        switching_currents(JUNCTION, **{"temperature": 4.2, "repetitions": 8, **options})
