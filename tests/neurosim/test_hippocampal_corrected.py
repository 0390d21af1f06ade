"""The corrected variant of the hippocampal memory: always right at 7 ms, nothing left of what was forgotten."""

import warnings

import numpy as np
import pytest

from neurosim.memory.hippocampal import HippocampalMemory, Operation, SpacingWarning
from neurosim.models.hippocampal_cam import INDEX, STORE, WEIGHT, network
from neurosim.models.hippocampal_operations import MS, stimulus
from neurosim.models.hippocampal_schedules import random_operations
from neurosim.models.hippocampal_variants import VARIANTS
from spice_models.errors import DescriptionError

AT_WILL = 10**9


def everything(cues, bits, seed, *, count=200, spacing=7, density=0.4):
    """Relearning, forgetting, searches for any and for all bits, of one bit to all."""
    return random_operations(
        cues,
        bits,
        seed=seed,
        count=count,
        spacing=spacing,
        times_learned=AT_WILL,
        query=bits,
        density=density,
        match_all=True,
        forgetting=True,
    )


@pytest.mark.parametrize(("cues", "bits"), [(1, 3), (5, 10), (16, 6), (32, 32), (64, 64), (20, 600)])
@pytest.mark.parametrize("density", [0.05, 0.4, 0.9])
def test_every_operation_is_right_and_weights_are_the_contents(cues, bits, density):
    memory = HippocampalMemory(cues, bits)
    answers = memory.run(everything(cues, bits, seed=1, density=density))
    assert [answer for answer in answers if not answer.correct] == []
    found = {len(answer.got) for answer in answers if answer.operation.match == "all"}
    assert len(found) > 1
    learned = {answer.operation.cue for answer in answers if answer.operation.kind == "learn"}
    held = np.zeros((cues, bits + 1))
    for cue in learned:
        # under a cue that was forgotten stands the hidden bit
        held[cue, sorted(memory.contents.get(cue, {bits}))] = 1
    for weights in (memory.weights[STORE], memory.weights[INDEX].T):
        np.testing.assert_allclose(weights / WEIGHT, held, atol=1e-9)


def test_searches_write_nothing():
    memory = HippocampalMemory(4, 600)
    for cue, content in enumerate((range(600), range(300), range(0, 600, 2))):
        memory.learn(cue, set(content))
    before = memory.weights
    asked = [frozenset(range(n)) for n in (1, 2, 301, 600)]
    searches = [(bits, match) for bits in asked for match in ("any", "all", 1, len(bits))] * 5
    made = [Operation(kind="search", time=7 * k * MS, bits=b, match=m) for k, (b, m) in enumerate(searches)]
    assert all(answer.correct for answer in memory.run(made))
    recalled = memory.spikes("CueCont")
    # the current of more than 440 bits is still enough two steps later: the first cue is found twice
    assert {round(t / MS) % 7 for t in recalled.of(0)} == {4, 6}
    assert recalled.of(1).size >= 40
    for name, weights in memory.weights.items():
        np.testing.assert_allclose(weights, before[name], rtol=0, atol=1e-9 * WEIGHT)


def test_forgotten_bits_are_not_found_however_many_are_asked_for():
    memory = HippocampalMemory(2, 1000)
    half = frozenset(range(500))
    memory.learn(0, half)
    memory.learn(1, half)
    memory.learn(0, frozenset(range(500, 1000)))
    assert (memory.search(half), memory.search(half, match="all")) == ({1}, {1})
    assert memory.weights[INDEX][:500, 0].max() < 1e-9 * WEIGHT


def test_searches_for_all_bits():
    memory = HippocampalMemory(4, 6)
    for cue, content in enumerate(({0, 1, 2}, {1, 2, 3}, {2}, {0, 1, 2, 3, 4})):
        memory.learn(cue, content)
    assert memory.search({1, 2}, match="all") == {0, 1, 3}
    assert memory.search({0, 1, 2, 3}, match="all") == {3}
    assert memory.search({2}, match="all") == memory.search({2}) == {0, 1, 2, 3}
    assert memory.search({4, 5}, match="all") == memory.search({5}, match="all") == frozenset()
    assert (memory.search({0, 4}), memory.search({0, 4}, match="all")) == ({0, 3}, {3})
    with pytest.raises(DescriptionError, match=r"the paper's variant finds .* any .*'corrected'"):
        HippocampalMemory(4, 6, variant="paper").search({1, 2}, match="all")


def forgets_in_time(bits, spacing):
    """Learning inhibits the other cue, which must fire at once to forget its bit in the next operation."""
    memory = HippocampalMemory(2, bits)
    schedule = [("learn", 0, {0}), ("learn", 1, {1}), ("learn", 0, {2}), ("search", None, {0})]
    made = [Operation(kind=k, time=n * spacing, cue=c, bits=frozenset(b)) for n, (k, c, b) in enumerate(schedule)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpacingWarning)
        return all(answer.correct for answer in memory.run(made))


@pytest.mark.parametrize("spacing", [5, 6, 7])
def test_the_number_of_bits_that_inhibition_allows(spacing):
    # the hidden bit counts
    most = int(VARIANTS["corrected"].most_bits(spacing * MS)) - 1
    assert (forgets_in_time(most, spacing * MS), forgets_in_time(most + 1, spacing * MS)) == (True, False)


def test_long_contents_take_longer():
    most = int(VARIANTS["corrected"].most_bits(7 * MS)) - 1
    assert [HippocampalMemory(1, bits).spacing for bits in (most, most + 1)] == [7 * MS, 8 * MS]
    assert forgets_in_time(most + 1, 8 * MS)


def test_the_variant_has_at_most_twice_the_neurons():
    paper, corrected = (
        sum(p.size for p in network(9, 12, variant=variant).populations if p.name != "IN")
        for variant in ("paper", "corrected")
    )
    assert corrected == paper + 12 + 1 <= 2 * paper


def test_the_network_without_a_gate_has_no_line_for_it():
    search = Operation(kind="search", time=0.0, bits=frozenset({1}))
    assert stimulus([search], 3, 4).spikes["IN"].n == 7
    assert stimulus([search], 3, 4, variant="corrected").spikes["IN"].n > 7
