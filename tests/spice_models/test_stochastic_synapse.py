"""The stochastic synapse as a circuit: nothing is lost, and without noise the decision is a step."""

import numpy as np
import pytest

from spice_models.cells.stochastic_synapse import stochastic_synapse
from spice_models.cells.testbench import bench
from spice_models.engines.native import transient_batch
from spice_models.errors import DescriptionError

REFERENCE = 80e-6


def decisions(currents, temperatures, *, rate=20e9, pulses=12, seed=0):
    """Pulses that entered, were passed, were blocked and left, each of shape (variants,)."""
    times = [60e-12 + k / rate for k in range(pulses)]
    table = bench(stochastic_synapse(weight_current=REFERENCE), {"input": times})
    batch = transient_batch(
        table.circuit,
        duration=times[-1] + 60e-12,
        scales={"cell.IW": np.asarray(currents) / REFERENCE},
        temperature=temperatures,
        seed=seed,
    )
    junctions = ("cell.BD", "cell.BB", "cell.BA", table.loads["output"])
    return [batch.slips[batch.row(junction)] for junction in junctions]


@pytest.mark.parametrize("rate", [5e9, 20e9, 40e9])
def test_pulses_in_are_pulses_passed_and_blocked(rate):
    generator = np.random.default_rng(int(rate))
    currents, temperatures = generator.uniform(0.0, 140e-6, 24), generator.uniform(0.0, 10.0, 24)
    currents[:8] = generator.uniform(74e-6, 82e-6, 8)
    entered, passed, blocked, left = decisions(currents, temperatures, rate=rate, seed=int(rate))
    np.testing.assert_array_equal(entered, 12)
    np.testing.assert_array_equal(passed + blocked, entered)
    np.testing.assert_array_equal(left, passed)
    assert 0 < passed[:8].sum() < 8 * 12


def test_without_noise_the_decision_is_a_step():
    currents = np.array([0.0, 40.0, 70.0, 76.0, 80.0, 90.0, 110.0, 140.0]) * 1e-6
    _, passed, blocked, _ = decisions(currents, 0.0)
    np.testing.assert_array_equal(passed, [0] * 4 + [12] * 4)
    np.testing.assert_array_equal(blocked, [12] * 4 + [0] * 4)


def test_a_cell_without_a_line_is_refused():
    with pytest.raises(DescriptionError, match="at least one stage"):
        stochastic_synapse(stages=0)
