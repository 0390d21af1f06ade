"""A memory that a person has taught, on crossbars: the same answers, noise of its own in each read, energy."""

import numpy as np
import pytest

from hardware.rram.device import GaussianNoise
from hardware.rram.device.array import Faults
from hardware.rram.layers.layer import CrossbarHardware
from neurosim.memory.crossbars import CrossbarMemory
from neurosim.memory.hippocampal import HippocampalMemory, Operation
from neurosim.models.hippocampal_cam import INDEX, STORE
from spice_models.errors import DescriptionError

CONTENTS = {0: {0, 1, 8, 9}, 2: {1, 5, 6}, 3: {4, 5, 8}, 4: {2}}


@pytest.fixture(scope="module")
def memory():
    taught = HippocampalMemory(5, 10)
    for cue, bits in CONTENTS.items():
        taught.learn(cue, bits)
    taught.learn(1, {7})
    taught.forget(1)
    taught.learn(4, {2, 3})
    return taught


def test_on_good_cells_it_answers_what_it_was_told(memory):
    written = CrossbarMemory(memory)
    for cue in range(5):
        assert written.recall(cue) == memory.recall(cue) == memory.contents.get(cue, set())
    for bits, match in (({5}, "any"), ({5, 8}, "any"), ({5, 8}, "all"), ({7}, "any"), ({2, 3}, "all")):
        assert written.search(bits, match=match) == memory.search(bits, match=match)
    image = np.zeros((2, 5), dtype=int)
    image[1, 0] = 1
    assert written.search(image) == {2, 3}


def test_cells_are_written_once_and_noise_goes_on(memory):
    noisy = CrossbarHardware(cell_bits=1, noise=GaussianNoise(sigma=0.4))
    one, other = (CrossbarMemory(memory, hardware=noisy, seed=3) for _ in range(2))
    found = [one.recall(0) for _ in range(12)]
    assert len(set(found)) > 1
    assert found == [other.recall(0) for _ in range(12)]
    spread = CrossbarMemory(memory, hardware=CrossbarHardware(cell_bits=1, spread=0.6), seed=1)
    assert len({spread.recall(0) for _ in range(3)}) == 1
    stuck = CrossbarHardware(cell_bits=1, faults=Faults(stuck_low=1.0))
    assert CrossbarMemory(memory, hardware=stuck).recall(0) == frozenset()


def test_reads_cost_what_the_driven_cells_take(memory):
    written = CrossbarMemory(memory)
    written.recall(0)
    first = written.energy
    assert written.last_run.details["reads"] == {STORE: 1, INDEX: 0}
    row = written.layers[STORE].conductance[0].sum()
    assert written.last_run.details["energy"][STORE]["array"] == pytest.approx(0.1**2 * row * 100e-9)
    written.run([Operation(kind="search", time=0.0, bits=frozenset({1}))])
    assert written.energy == pytest.approx(first + written.last_run.energy)
    assert written.last_run.details["reads"] == {STORE: 0, INDEX: 1}


def test_half_forgotten_bits_are_off_on_cells_of_two_levels():
    paper = HippocampalMemory(3, 6, variant="paper")
    paper.learn(0, {0, 1, 2})
    paper.learn(0, {3})
    left = paper.weights[INDEX][:3, 0] / 6e-9
    assert np.all((left > 0.5) & (left < 0.55))
    written = CrossbarMemory(paper)
    assert paper.search({0, 1}) == {0}
    assert written.search({0, 1}) == frozenset()
    assert written.search({3}) == {0}
    assert CrossbarMemory(paper, hardware=CrossbarHardware()).search({0, 1}) == {0}


def test_it_is_read_only(memory):
    written = CrossbarMemory(memory)
    with pytest.raises(DescriptionError, match="read only"):
        written.run([Operation(kind="learn", time=0.0, cue=0, bits=frozenset({1}))])
    with pytest.raises(DescriptionError, match="no cue 5"):
        written.recall(5)
    with pytest.raises(DescriptionError, match="empty content"):
        written.search(set())


def test_a_search_finds_the_cue_whose_number_is_that_of_the_hidden_bit():
    memory = HippocampalMemory(4, 2)
    for cue in range(4):
        memory.learn(cue, {cue % 2})
    written = CrossbarMemory(memory)
    assert [written.search({bit}) for bit in (0, 1)] == [{0, 2}, {1, 3}]
