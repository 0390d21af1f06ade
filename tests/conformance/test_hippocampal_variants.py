"""Both variants of the hippocampal memory on both engines: every spike of every population, and the weights."""

import numpy as np
import pytest

from neurosim.models.hippocampal_cam import STORE, WEIGHT, network
from neurosim.models.hippocampal_operations import MS, Operation, stimulus
from neurosim.models.hippocampal_schedules import random_operations
from neurosim.simulate import simulate


def played(cues, bits, variant, operations):
    """Return the runs of both engines after comparing them."""
    memory = network(cues, bits, variant=variant)
    runs = [
        simulate(memory, stimulus(operations, cues, bits, variant=variant), engine=engine)
        for engine in ("brian2", "discrete")
    ]
    for population in memory.populations:
        theirs, ours = (run.of(population.name) for run in runs)
        np.testing.assert_array_equal(np.rint(theirs.times / MS), np.rint(ours.times / MS), err_msg=population.name)
        np.testing.assert_array_equal(theirs.indices, ours.indices, err_msg=population.name)
    learned = [run.details["final_weights"] for run in runs]
    assert learned[0].keys() == learned[1].keys()
    for name, weights in learned[0].items():
        np.testing.assert_allclose(learned[1][name], weights, rtol=0, atol=1e-9 * WEIGHT)
    return runs


@pytest.mark.parametrize(("variant", "spacing"), [("paper", 14), ("paper", 7), ("corrected", 7), ("corrected", 5)])
def test_random_operations(variant, spacing):
    operations = random_operations(
        5, 24, seed=3, count=60, spacing=spacing, times_learned=9, query=24, match_all=variant == "corrected"
    )
    runs = played(5, 24, variant, operations)
    assert runs[0].of("OUT").times.size > 500
    if variant == "corrected":
        assert all(runs[0].of(name).times.size > 5 for name in ("Gate", "ContAll"))


def test_currents_of_hundreds_of_bits():
    every, even = frozenset(range(500)), frozenset(range(0, 500, 2))
    steps = [
        ("learn", 0, every, "any"),
        ("learn", 1, even, "any"),
        ("search", None, every, "any"),
        ("search", None, every, "all"),
        ("search", None, even, "all"),
        ("search", None, every, 250),
        ("search", None, every, 251),
        ("learn", 0, even, "any"),
        ("learn", 1, every - even, "any"),
        ("search", None, every - even, "any"),
    ]
    made = [Operation(kind=k, time=7 * n * MS, cue=c, bits=b, match=m) for n, (k, c, b, m) in enumerate(steps)]
    runs = played(2, 500, "corrected", made)
    shown = runs[0].of("OUT")
    found = [set(shown.indices[np.rint(shown.times / MS) == 7 * n + 6].tolist()) & {0, 1} for n in (2, 3, 4, 5, 6, 9)]
    assert found == [{0, 1}, {0}, {0, 1}, {0, 1}, {0}, {1}]
    assert np.count_nonzero(runs[0].details["final_weights"][STORE] > 0.5 * WEIGHT) == 500
