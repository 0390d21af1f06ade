"""Arrays of cells: noise with the right spectrum, drift, wear, faults, series resistance, and measured statistics."""

import numpy as np
import pytest
from scipy.signal import welch

from hardware.rram.device import (
    CellArray,
    DielectricBreakdown,
    DifferentialGaussian,
    Endurance,
    Faults,
    Filament,
    FlickerNoise,
    GaussianNoise,
    Histogram,
    LinearCell,
    PowerLawDrift,
    SeriesCell,
    TelegraphNoise,
)
from spice_models.errors import DescriptionError


def rng(seed=0):
    return np.random.default_rng(seed)


def record(noise, count, interval, cells=64):
    """Factors over time, shape (count, cells)."""
    draws = rng(1)
    standing = noise.begin((cells,), draws)
    series = np.empty((count, cells))
    for k in range(count):
        standing, series[k] = noise.factors(standing, interval, draws)
    return series


def test_gaussian_noise_is_white():
    series = record(GaussianNoise(sigma=0.05), 4000, 1.0)
    assert series.std() == pytest.approx(0.05, rel=0.01)
    lagged = np.mean((series[1:] - 1) * (series[:-1] - 1)) / 0.05**2
    assert abs(lagged) < 0.01


def test_telegraph_noise_has_two_levels_and_a_lorentzian_spectrum():
    noise = TelegraphNoise(amplitude=0.1, capture=300.0, emission=700.0)
    interval = 1e-4
    series = record(noise, 2**14, interval)
    assert set(np.unique(series)) == {0.9, 1.0}
    assert np.mean(series < 0.95) == pytest.approx(0.3, abs=0.01)
    f, density = welch(series, fs=1 / interval, nperseg=2048, axis=0)
    corner = 1000.0 / (2 * np.pi)
    total = 0.1**2 * 0.3 * 0.7
    wanted = 4 * total / 1000.0 / (1 + (f / corner) ** 2)
    seen = slice(2, 60)  # far below the Nyquist frequency
    np.testing.assert_allclose(density.mean(axis=1)[seen], wanted[seen], rtol=0.15)


def test_telegraph_noise_does_not_depend_on_how_often_it_is_read():
    noise = TelegraphNoise(amplitude=0.1, capture=3.0, emission=7.0)
    once = record(noise, 2000, 0.1)
    often = record(noise, 8000, 0.025)[::4]
    for series in (once, often):
        filled = series < 0.95
        assert np.mean(filled[1:] & filled[:-1]) == pytest.approx(0.3 * (0.3 + 0.7 * np.exp(-1.0)), abs=0.01)


def test_flicker_noise_falls_as_one_over_f():
    noise = FlickerNoise(sigma=0.05, low=1.0, high=1e4)
    interval = 2e-5
    series = record(noise, 2**15, interval, cells=32)
    assert record(noise, 200, 10.0, cells=500).std() == pytest.approx(0.05, rel=0.02)
    f, density = welch(series, fs=1 / interval, nperseg=2**13, axis=0)
    inside = (f > 30) & (f < 2000)
    ratio = density.mean(axis=1)[inside] * f[inside] * np.log(1e4) / 0.05**2
    assert np.mean(ratio) == pytest.approx(1.0, rel=0.1)
    slope = np.polyfit(np.log(f[inside]), np.log(density.mean(axis=1)[inside]), 1)[0]
    assert slope == pytest.approx(-1.0, abs=0.1)


def test_a_histogram_is_drawn_as_it_was_measured():
    samples = rng(2).lognormal(-11, 0.5, 20000)
    drawn = Histogram.of(samples, bins=200).draw((100, 100), rng(3))
    for part in (0.1, 0.5, 0.9):
        assert np.quantile(drawn, part) == pytest.approx(np.quantile(samples, part), rel=0.03)
    with pytest.raises(DescriptionError, match="ascending edges"):
        Histogram([0.0, 0.0], [1])


def test_statistics_of_the_published_arrays():
    broken = DielectricBreakdown().draw((300, 300), rng())
    assert np.mean(broken == 0) == pytest.approx(0.507, abs=0.01)
    rest = broken[broken > 0]
    assert (rest.mean(), rest.std()) == (pytest.approx(12.35e-6, rel=0.01), pytest.approx(1.86e-6, rel=0.05))
    assert rest.min() >= 7.6e-6
    assert rest.max() <= 18.8e-6
    pairs = DifferentialGaussian.recurrent().draw((300, 300), rng())
    assert pairs.std() == pytest.approx(6.67268e-6, rel=0.01)


def test_pulses_move_working_cells_and_cycle_spread_widens_what_they_do():
    cells = CellArray(LinearCell(), (50, 50), rng(), cycle_spread=0.1, faults=Faults(stuck_low=0.1, stuck_high=0.05))
    moved = cells.pulse(1.0, 3e-8)
    stuck = ~cells.working
    assert np.mean(stuck) == pytest.approx(0.15, abs=0.03)
    assert np.all(moved[stuck] == 0)
    assert set(np.unique(cells.state[stuck])) == {0.0, 1.0}
    assert np.mean(np.log(moved[~stuck] / 0.3)) == pytest.approx(0.0, abs=0.02)
    assert np.std(np.log(moved[~stuck])) == pytest.approx(0.1, rel=0.1)


def test_what_was_written_drifts_and_a_write_starts_it_anew():
    cells = CellArray(LinearCell(), (40, 40), rng(), state=0.5, drift=PowerLawDrift(exponent=0.02, deviation=0.005))
    fresh = cells.conductance()
    cells.wait(1e4)
    left = cells.conductance() / fresh
    assert np.mean(np.log(left)) == pytest.approx(-0.02 * np.log1p(1e4), rel=0.05)
    assert np.std(np.log(left)) == pytest.approx(0.005 * np.log1p(1e4), rel=0.1)
    cells.pulse(1.0, 1e-9)
    assert np.all(cells.conductance() > fresh)


def test_the_window_closes_with_use():
    cells = CellArray(LinearCell(), (1, 1), rng(), endurance=Endurance(cycles=100.0, exponent=1.0))
    for _ in range(20):
        cells.pulse(1.0, 2e-7)
        cells.pulse(-1.0, 2e-7)
    used = float(cells.cycles[0, 0])
    assert 15 < used < 20
    assert float(cells.state[0, 0]) == pytest.approx(used / 200, rel=0.1)


def test_series_resistance_adds_to_that_of_the_cell():
    model, series = Filament(), 5e3
    cells = CellArray(
        SeriesCell(cell=model, resistance=series), (3, 3), rng(), state=np.linspace(0, 1, 9).reshape(3, 3)
    )
    v = np.full((3, 3), 0.8)
    current = cells.law.current(v)
    np.testing.assert_allclose(model.current(v - series * current, cells.state), current, rtol=1e-10)
    step = 1e-6
    slope = (cells.law.current(v + step) - cells.law.current(v - step)) / (2 * step)
    np.testing.assert_allclose(cells.law.slope(v), slope, rtol=1e-6)


def test_a_series_resistance_ends_the_set_of_a_filament():
    alone = Filament().advance(2.6, 0.0, 100e-9)
    held = SeriesCell(cell=Filament(), resistance=1e3)
    states = [float(held.advance(2.6, 0.0, t)) for t in (50e-9, 100e-9)]
    assert float(alone) == 1.0
    assert 0.3 < states[0] < states[1] < 0.6
