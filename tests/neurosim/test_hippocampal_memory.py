"""The hippocampal memory as people use it: operations, schedules, saving, and what it refuses."""

import copy
import dataclasses
import gc
import json
import os
import pickle
import warnings

import numpy as np
import pytest

from neurosim.memory.hippocampal import HippocampalMemory, Operation, SpacingWarning
from neurosim.models.hippocampal_cam import INDEX, POPULATIONS, WEIGHT
from neurosim.models.hippocampal_schedules import random_operations
from neurosim.models.hippocampal_variants import COINCIDENCE
from spice_models.errors import DescriptionError, OutputError, UnknownNameError

MS = 1e-3


def random_schedule(seed, cues, bits, count=200, spacing=14):
    return random_operations(cues, bits, seed=seed, count=count, spacing=spacing)


def all_spikes(memory):
    return {
        (name, int(i), round(t / MS))
        for name in POPULATIONS
        for t, i in zip(memory.spikes(name).times, memory.spikes(name).indices, strict=True)
    }


@pytest.mark.parametrize(("cues", "bits"), [(5, 10), (16, 6), (32, 32), (64, 64)])
def test_random_operations_are_right_where_no_cue_is_relearned_more_than_once(cues, bits):
    right = total = 0
    for seed in range(3):
        answers = HippocampalMemory(cues, bits, variant="paper").run(random_schedule(seed, cues, bits))
        right, total = right + sum(answer.correct for answer in answers), total + len(answers)
    assert (total, right >= 0.99 * total) == (600, True), right


def test_one_at_a_time_is_the_same_as_a_schedule():
    schedule = random_schedule(7, 5, 10, count=30, spacing=7)
    together, single = HippocampalMemory(5, 10), HippocampalMemory(5, 10)
    answers = together.run(schedule)
    spikes = set()
    for operation, answer in zip(schedule, answers, strict=True):
        if operation.kind == "learn":
            single.learn(operation.cue, operation.bits)
        elif operation.kind == "recall":
            assert single.recall(operation.cue) == answer.got
        else:
            assert single.search(operation.bits) == answer.got
        spikes |= {(name, i, t + operation.step) for name, i, t in all_spikes(single)}
    assert spikes == all_spikes(together)
    assert single.contents == together.contents
    for name, weights in together.weights.items():
        np.testing.assert_array_equal(single.weights[name], weights)


def test_a_schedule_on_brian2_is_the_same():
    schedule = [*random_schedule(3, 4, 6, count=25), Operation(kind="forget", time=0.4, cue=1)]
    memories = [HippocampalMemory(4, 6, engine=engine) for engine in ("discrete", "brian2")]
    ours, theirs = (memory.run(schedule) for memory in memories)
    assert [answer.got for answer in ours] == [answer.got for answer in theirs]
    assert all_spikes(memories[0]) == all_spikes(memories[1])
    for name, weights in memories[1].weights.items():
        np.testing.assert_allclose(memories[0].weights[name], weights, atol=1e-12 * WEIGHT)
    assert memories[1].recall(1) == frozenset()


def test_a_cue_is_forgotten_and_keeps_half_of_the_way_back():
    memory = HippocampalMemory(3, 8, variant="paper")
    memory.learn(0, {1, 2, 5})
    memory.learn(1, {2, 6})
    memory.forget(0)
    assert (memory.recall(0), memory.search({1}), memory.search({2})) == (frozenset(), frozenset(), {1})
    assert memory.contents == {1: frozenset({2, 6})}
    np.testing.assert_allclose(memory.weights[INDEX][[1, 5], 0] / WEIGHT, np.exp(-2 / 3), atol=0.01)
    memory.learn(0, {7})
    assert (memory.recall(0), memory.recall(2)) == ({7}, frozenset())


def test_contents_are_sets_arrays_or_images():
    memory, image = HippocampalMemory(3, 6), np.array([[0, 1, 1], [0, 0, 1]])
    memory.learn(0, image)
    memory.learn(1, image.ravel().astype(bool))
    memory.learn(2, np.array([1, 2, 5]))
    assert [memory.recall(cue) for cue in range(3)] == [frozenset({1, 2, 5})] * 3
    assert memory.search([5]) == {0, 1, 2}


@pytest.mark.parametrize(
    ("engine", "variant"), [("discrete", "paper"), ("discrete", "corrected"), ("brian2", "corrected")]
)
def test_a_saved_memory_goes_on_with_the_same_spikes(engine, variant, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpacingWarning)
        memory = HippocampalMemory(4, 6, spacing=7 * MS, engine=engine, variant=variant)
        memory.run(random_schedule(11, 4, 6, count=12, spacing=8))
        # in the middle of an operation: OUT shows the content once more in the step that comes next
        memory.learn(2, {1, 3})
        file = memory.save(tmp_path / "memory.npz")
        again = HippocampalMemory.load(file)
    before = memory.state
    after = [m.run(random_schedule(12, 4, 6, count=12)) for m in (memory, again)]
    assert after[0] == after[1]
    assert all_spikes(memory) == all_spikes(again)
    assert {i for name, i, t in all_spikes(again) if name == "OUT" and t == 0} == {2, 4 + 1, 4 + 3}
    ended = all_spikes(memory)
    memory.restore(before)
    assert (memory.run(random_schedule(12, 4, 6, count=12)), all_spikes(memory)) == (after[0], ended)


@pytest.mark.parametrize("engine", ["discrete", "brian2"])
def test_copies_are_memories_of_their_own_and_unused_ones_go_quietly(engine, capfd):
    memory = HippocampalMemory(3, 4, engine=engine, variant="paper", spacing=15 * MS)
    memory.learn(0, {1, 2})
    for again in (copy.copy(memory), copy.deepcopy(memory), pickle.loads(pickle.dumps(memory))):
        assert (again.spacing, again.variant, again.engine) == (15 * MS, "paper", engine)
        again.learn(0, {3})
        assert (again.recall(0), again.contents) == ({3}, {0: {3}})
    assert (memory.recall(0), memory.contents) == ({1, 2}, {0: {1, 2}})
    HippocampalMemory(3, 4, engine=engine)
    gc.collect()
    assert "never included" not in "".join(capfd.readouterr())


def test_a_file_tells_variant_and_rule(tmp_path):
    rule = dataclasses.replace(COINCIDENCE, tau_plus=0.1 * MS)
    made = [HippocampalMemory(2, 3, variant="paper", spacing=20 * MS), HippocampalMemory(2, 3, plasticity=rule)]
    for memory in made:
        memory.learn(0, {1})
        again = HippocampalMemory.load(memory.save(tmp_path / "memory.npz"))
        told = [(m.variant, m.plasticity, m.spacing, m.contents) for m in (memory, again)]
        assert told[0] == told[1]
    # files of the first version told no variant
    with np.load(made[0].save(tmp_path / "memory.npz")) as file:
        arrays = dict(file)
    about = {
        name: told for name, told in json.loads(str(arrays["about"])).items() if name not in ("variant", "plasticity")
    }
    np.savez(tmp_path / "first.npz", **arrays | {"about": np.array(json.dumps(about | {"version": 1}))})
    first = HippocampalMemory.load(tmp_path / "first.npz")
    assert (first.variant, first.recall(0)) == ("paper", {1})


def test_a_crash_while_saving_leaves_the_file_that_was_there(tmp_path, monkeypatch):
    memory = HippocampalMemory(2, 4)
    memory.learn(0, {1})
    file = memory.save(tmp_path / "memory.npz")
    memory.learn(1, {2})

    def crash(*arguments):
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(OutputError, match="the disk is full"):
        memory.save(file)
    assert [path.name for path in tmp_path.iterdir()] == ["memory.npz"]
    assert HippocampalMemory.load(file).contents == {0: frozenset({1})}


def test_damaged_files_are_refused(tmp_path):
    memory, refused = HippocampalMemory(2, 4), 0
    memory.learn(0, {1})
    file = memory.save(tmp_path / "memory.npz")
    whole, state = file.read_bytes(), memory.state
    for place in range(0, len(whole), 17):
        broken = bytearray(whole)
        broken[place] ^= 4
        file.write_bytes(broken)
        try:
            again = HippocampalMemory.load(file).state
        except DescriptionError:
            refused += 1
        else:
            # a date, say
            assert all(np.array_equal(again[name], array) for name, array in state.items())
    assert refused > 100
    for content in (whole[:200], b"", b"no archive"):
        file.write_bytes(content)
        with pytest.raises(DescriptionError, match="or it is damaged"):
            HippocampalMemory.load(file)


def test_operations_that_are_too_close_are_warned_of():
    for variant, spacing, safe in (("paper", 9, 14), ("corrected", 6, 7)):
        schedule, memory = (
            random_schedule(0, 5, 10, count=5, spacing=spacing),
            HippocampalMemory(5, 10, variant=variant),
        )
        told = f"{spacing} ms apart: the {variant} variant wants at least {safe} ms"
        with pytest.warns(SpacingWarning, match=told) as seen:
            memory.run(schedule)
        assert seen[0].filename == __file__


MEMORY = HippocampalMemory(5, 10)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: MEMORY.learn(5, {1}), DescriptionError, "no cue 5: the memory has cues 0 to 4"),
        (lambda: MEMORY.learn(0, {10}), DescriptionError, "no bit 10: the memory has bits 0 to 9"),
        (lambda: MEMORY.learn(0, set()), DescriptionError, "empty content.*forget"),
        (lambda: MEMORY.search(np.zeros(10, dtype=bool)), DescriptionError, "empty content"),
        (lambda: MEMORY.search([0, 1, 1]), DescriptionError, "named twice"),
        (lambda: MEMORY.learn(0, [0.5]), DescriptionError, "whole numbers"),
        (lambda: MEMORY.learn(0, np.ones((2, 4))), DescriptionError, "has 8 bits, not 10"),
        (lambda: MEMORY.learn(0, 0.3 * np.ones((2, 5))), DescriptionError, "compare it with a threshold"),
        (lambda: MEMORY.recall(1.0), DescriptionError, "a cue is a whole number"),
        (lambda: MEMORY.run([]), DescriptionError, "at least one operation"),
        (
            lambda: MEMORY.run([Operation(kind="recall", time=t, cue=0) for t in (0.02, 0.02)]),
            DescriptionError,
            "'recall 0' does not come later",
        ),
        (lambda: MEMORY.restore(HippocampalMemory(4, 10).state), DescriptionError, "needs 'v' of shape"),
        (lambda: MEMORY.restore({}), DescriptionError, "lacks 'told'"),
        (lambda: HippocampalMemory(5, 0), DescriptionError, "at least one of bits"),
        (lambda: HippocampalMemory(5, 10, spacing=5 * MS), DescriptionError, "at least 7 ms"),
        (lambda: HippocampalMemory(5, 10, engine="nest"), UnknownNameError, "available: brian2, discrete"),
    ],
)
def test_what_makes_no_sense_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
    assert MEMORY.contents == {}


@pytest.mark.parametrize("variant", ["corrected", "paper"])
def test_a_search_finds_the_cue_whose_number_is_that_of_the_hidden_bit(variant):
    memory = HippocampalMemory(4, 2, variant=variant)
    for cue in range(4):
        memory.learn(cue, {cue % 2})
    assert [memory.search({bit}) for bit in (0, 1)] == [{0, 2}, {1, 3}]
    [answer] = memory.run([Operation(kind="search", time=0.0, bits=frozenset({0}))])
    assert answer.expected == {0, 2}
    memory.forget(2)
    assert (memory.search({0}), memory.recall(2)) == ({0}, frozenset())
