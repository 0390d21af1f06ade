"""Searches for at least so many bits: the network counts, on both engines, and the nearest content comes out."""

import numpy as np
import pytest

from neurosim.memory.hippocampal import HippocampalMemory, Operation
from spice_models.errors import DescriptionError, UnknownNameError

MS = 1e-3


def schedule(seed, cues, bits, count):
    generator = np.random.default_rng(seed)
    operations = []
    for k in range(count):
        content = np.flatnonzero(generator.random(bits) < 0.4).tolist() or [0]
        if k < 3 or generator.random() < 0.2:
            cue = int(generator.integers(cues))
            operations.append(Operation(kind="learn", time=7 * k * MS, cue=cue, bits=frozenset(content)))
            continue
        asked = generator.choice(bits, int(generator.integers(1, bits + 1)), replace=False).tolist()
        least = int(generator.integers(1, len(asked) + 1))
        operations.append(Operation(kind="search", time=7 * k * MS, bits=frozenset(asked), match=least))
    return operations


@pytest.mark.parametrize(("cues", "bits"), [(1, 1), (5, 10), (40, 128)])
def test_every_threshold_is_counted_exactly(cues, bits):
    for seed in range(2):
        answers = HippocampalMemory(cues, bits).run(schedule(seed, cues, bits, 200))
        assert [answer for answer in answers if not answer.correct] == []
        assert any(answer.got for answer in answers if answer.operation.kind == "search")


def test_brian2_counts_the_same():
    operations = schedule(5, 4, 6, 40)
    ours, theirs = (HippocampalMemory(4, 6, engine=engine).run(operations) for engine in ("discrete", "brian2"))
    assert ours == theirs
    assert all(answer.correct for answer in theirs)


def test_one_and_all_are_the_ends_of_the_scale():
    memory = HippocampalMemory(3, 6)
    for cue, content in enumerate(({0, 1, 2}, {1, 2, 3}, {2, 5})):
        memory.learn(cue, content)
    query = {0, 1, 2}
    assert memory.search(query, match=1) == memory.search(query) == {0, 1, 2}
    assert memory.search(query, match=np.int64(2)) == {0, 1}
    assert memory.search(query, match=3) == memory.search(query, match="all") == {0}


@pytest.mark.parametrize("least", [0, 4, -1])
def test_thresholds_outside_the_query_are_refused(least):
    with pytest.raises(DescriptionError, match="can ask for 1 to 3 of them"):
        HippocampalMemory(2, 5).search({0, 1, 2}, match=least)


@pytest.mark.parametrize("match", [True, None, "most", 1.5, ["all"]])
def test_other_matches_are_refused(match):
    with pytest.raises(UnknownNameError, match="available: all, any"):
        HippocampalMemory(2, 5).search({0, 1, 2}, match=match)
