"""Write-verify: targets are reached, faults are reported, neighbours are disturbed as the scheme says."""

import numpy as np
import pytest

from hardware.rram.device import CellArray, Faults, Filament, GaussianNoise, LinearCell, SeriesCell
from hardware.rram.programming import PulseScheme, write_verify
from spice_models.errors import DescriptionError, UnknownNameError

GENTLE = PulseScheme(set_start=0.6, reset_start=0.6, increment=0.02, largest=1.0, width=4e-9)


def written(cells, bits=5, scheme=GENTLE, low=1e-6, high=100e-6, **options):
    levels = 2**bits
    target = low + (high - low) * np.random.default_rng(1).integers(0, levels, cells.shape) / (levels - 1)
    return write_verify(cells, target, tolerance=(high - low) / (levels - 1) / 2, scheme=scheme, **options)


@pytest.mark.parametrize("access", ["half", "third", "transistor"])
def test_five_bits_with_cycle_to_cycle_spread(access):
    cells = CellArray(LinearCell(), (16, 20), np.random.default_rng(0), cycle_spread=0.05)
    progress = []
    done = written(cells, access=access, word_resistance=1.0, bit_resistance=1.0, progress=progress.append)
    assert done.yield_of == 1.0
    assert np.max(np.abs(done.conductance - done.target)) <= 99e-6 / 62
    assert np.all(done.disturbed == 0)
    assert 0 < done.pulses.max() < 60
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    # No more than every cell at full conductance and full voltage for as long as pulses lasted.
    assert 0 < done.energy < cells.shape[0] * cells.shape[1] * 100e-6 * 1.0**2 * done.time


def test_stuck_cells_are_given_up_and_the_others_reached():
    cells = CellArray(LinearCell(), (12, 12), np.random.default_rng(3), faults=Faults(stuck_low=0.1, stuck_high=0.05))
    done = written(cells)
    assert 0.75 < np.mean(cells.working) < 0.95
    assert np.all(done.reached[cells.working])
    assert not np.all(done.reached)


def test_read_noise_limits_what_is_reached():
    noisy = CellArray(LinearCell(), (4, 10), np.random.default_rng(0), read_noise=GaussianNoise(sigma=0.05))
    assert written(noisy, most_pulses=20, passes=1).yield_of < 1.0


def test_pulses_beyond_twice_the_threshold_disturb_half_selected_cells():
    strong = PulseScheme(set_start=1.2, reset_start=1.2, increment=0.01, largest=1.5, width=0.5e-9)
    cells = [CellArray(LinearCell(), (8, 8), np.random.default_rng(0), state=0.5) for _ in range(2)]
    half = written(cells[0], bits=2, scheme=strong, access="half")
    third = written(cells[1], bits=2, scheme=strong, access="third")
    assert half.disturbed.max() > 0
    assert third.disturbed.max() == 0


def test_far_cells_see_less_of_a_pulse():
    cells = CellArray(LinearCell(minimum=50e-6), (1, 64), np.random.default_rng(0))
    one = PulseScheme(set_start=0.9, reset_start=0.9, increment=0.0, largest=0.9, width=1e-9)
    write_verify(
        cells, np.full((1, 64), 99e-6), tolerance=1e-6, scheme=one, word_resistance=1.0, most_pulses=1, passes=1
    )
    moved = cells.state[0]
    assert np.all(np.diff(moved) < 0)
    assert moved[-1] < 0.95 * moved[0]


def test_a_filament_behind_its_transistor_takes_five_bits():
    cells = CellArray(
        SeriesCell(cell=Filament(), resistance=500.0), (2, 6), np.random.default_rng(0), cycle_spread=0.05
    )
    scheme = PulseScheme(set_start=1.6, reset_start=1.05, increment=0.04, largest=3.0, width=1e-9)
    done = written(cells, scheme=scheme, access="transistor", low=4.6e-6, high=200e-6)
    assert done.yield_of == 1.0


def test_nonsense_is_refused():
    cells = CellArray(LinearCell(), (2, 2), np.random.default_rng(0))
    with pytest.raises(DescriptionError, match=r"of shape \(2, 2\)"):
        write_verify(cells, np.ones((2, 3)), tolerance=1e-6, scheme=GENTLE)
    with pytest.raises(DescriptionError, match="tolerance of write-verify"):
        write_verify(cells, np.ones((2, 2)), tolerance=0.0, scheme=GENTLE)
    with pytest.raises(UnknownNameError, match="transistor"):
        write_verify(cells, np.ones((2, 2)), tolerance=1.0, scheme=GENTLE, access="transistors")
    with pytest.raises(DescriptionError, match="largest amplitude"):
        PulseScheme(set_start=2.0, reset_start=1.0, increment=0.1, largest=1.0, width=1e-9)
