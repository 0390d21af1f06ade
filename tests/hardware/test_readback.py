"""Reading back: gains make up for what all cells of a line share, partners for stuck cells, and noise averages out."""

import numpy as np
import pytest

from hardware.rram.array.crossbar import Crossbar
from hardware.rram.device import Faults, GaussianNoise
from hardware.rram.layers.compensation import compensate
from hardware.rram.layers.layer import CrossbarHardware, CrossbarLayer
from hardware.rram.layers.readback import read_back
from hardware.rram.layers.weights import BitSlices, OffsetColumn
from spice_models.errors import DescriptionError

RNG = np.random.default_rng(0)
WEIGHTS = RNG.standard_normal((40, 13))
INPUTS = RNG.random((60, 40))
LOW, HIGH = CrossbarHardware().bounds


def error(layer):
    wanted = INPUTS @ WEIGHTS
    return np.linalg.norm(layer(INPUTS) - wanted) / np.linalg.norm(wanted)


def test_what_was_written_too_high_is_divided_out_again():
    layer = CrossbarLayer(WEIGHTS, calibration=INPUTS, tile=(16, 16)).rewritten(lambda target: 0.8 * target)
    assert error(layer) == pytest.approx(0.2, rel=1e-6)
    assert error(layer.retuned()) < 1e-9


@pytest.mark.parametrize("wires", [{}, {"word_resistance": 10.0, "compensation": "fixed-point"}])
def test_cells_stuck_high_are_made_up_for_by_their_partners(wires):
    layer = CrossbarLayer(WEIGHTS / 4, calibration=INPUTS, faults=Faults(stuck_high=0.05), seed=1, **wires)
    wanted = INPUTS @ WEIGHTS / 4

    def off(one):
        return np.linalg.norm(one(INPUTS) - wanted) / np.linalg.norm(wanted)

    better = layer.retuned()
    # Where the minus cell is stuck high, the plus cell, which holds a part of its range already, cannot reach above it.
    assert off(better) < 0.35 * off(layer)
    assert off(better) < off(layer.retuned(rounds=0))
    stuck = ~np.isnan(np.concatenate([tile.stuck.ravel() for tile in better.tiles]))
    cells = np.concatenate([np.asarray(tile.array.conductance).ravel() for tile in better.tiles])
    assert np.all(cells[stuck] == HIGH)
    assert LOW <= cells.min()
    assert cells.max() <= HIGH * (1 + 1e-12)


def test_pairs_come_out_exactly_where_their_bounds_allow_it():
    layer = CrossbarLayer(WEIGHTS, calibration=INPUTS, faults=Faults(stuck_high=0.04), seed=3)
    better = layer.retuned(rounds=2)
    stuck = ~np.isnan(better.tiles[0].stuck)
    plus, minus = stuck[:, 0::2], stuck[:, 1::2]
    reachable = (plus & ~minus & (WEIGHTS > 0)) | (minus & ~plus & (WEIGHTS < 0))
    gain = better.tiles[0].gain.reshape(-1, 2)
    assert reachable.sum() >= 5
    found = better.effective_weights()
    # What cannot be reached draws the gains of its line away from 1, for the least error of all outputs.
    np.testing.assert_allclose(found[reachable], WEIGHTS[reachable], atol=0.1 * np.abs(WEIGHTS).max())
    assert np.abs(gain - 1).max() < 0.2
    before = layer.effective_weights()
    assert np.abs(found - WEIGHTS)[reachable].max() < 0.2 * np.abs(before - WEIGHTS)[reachable].max()


@pytest.mark.parametrize("mapping", [OffsetColumn(minimum=LOW, maximum=HIGH), BitSlices(minimum=LOW, maximum=HIGH)])
def test_every_mapping_is_helped(mapping):
    layer = CrossbarLayer(
        WEIGHTS, mapping=mapping, calibration=INPUTS, faults=Faults(stuck_low=0.01, stuck_high=0.01), spread=0.1
    )
    assert error(layer.retuned()) < 0.7 * error(layer)


def test_reads_are_averaged():
    hardware = CrossbarHardware(noise=GaussianNoise(sigma=0.1))
    tile = CrossbarLayer(np.ones((60, 60)), hardware=hardware).tiles[0]
    rng = np.random.default_rng(0)
    for reads in (1, 25):
        relative = read_back(tile, hardware, reads, rng) / np.asarray(tile.array.conductance)
        assert relative.std() == pytest.approx(0.1 / np.sqrt(reads), rel=0.03)


def test_what_is_achieved_takes_gains_alone():
    array = Crossbar(np.full((3, 3), 5e-5))
    found = compensate(array, bounds=(LOW, HIGH), method="gain", achieved=np.full((3, 3), 4e-5))
    np.testing.assert_allclose(found.gain, 1.25)
    assert found.before == pytest.approx(0.2)
    with pytest.raises(DescriptionError, match="method='gain'"):
        compensate(array, bounds=(LOW, HIGH), achieved=np.full((3, 3), 4e-5))
    with pytest.raises(DescriptionError, match="rounds"):
        CrossbarLayer(WEIGHTS).retuned(rounds=0.5)
