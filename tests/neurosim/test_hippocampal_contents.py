"""What people may give a memory as a content, a cue or a schedule, and what they are told of all else."""

import numpy as np
import pytest
from brian2 import ms, mV

from neurosim.memory.contents import content_bits, named_bits
from neurosim.memory.hippocampal import HippocampalMemory, Operation
from spice_models.errors import DescriptionError, NeurofluxonError

IMAGE = [[0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize(
    "content",
    [
        {1, 3},
        frozenset({np.int64(1), np.int8(3)}),
        [1, 3],
        (1.0, 3.0),
        (bit for bit in (1, 3)),
        {1: "a", 3: "b"}.keys(),
        range(1, 5, 2),
        np.array([1, 3], dtype=np.uint8),
        [False, True, False, True, False, False],
        IMAGE,
        np.array(IMAGE, dtype=float),
        np.array(IMAGE, dtype=bool),
    ],
)
def test_bits_come_in_many_forms(content):
    assert content_bits(content, 6) == {1, 3}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "a set or sequence of bits, or an image, not None"),
        ("13", "a set or sequence of bits, or an image, not '13'"),
        ({1: 2}, "a set or sequence of bits, or an image, not"),
        ({1, "3"}, "whole numbers"),
        ({None}, "whole numbers"),
        ([1.5], "whole numbers"),
        ([np.nan], "whole numbers"),
        ([np.inf], "whole numbers"),
        ([1j], "whole numbers"),
        ([1 * mV], "whole numbers"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "whole numbers"),
        ([[0, 1], [1]], "rows of an image must be of the same length"),
        ([["0", "1", "0"], ["1", "0", "0"]], "compare it with a threshold"),
        (255 * np.array(IMAGE), "compare it with a threshold"),
        (np.full((2, 3), np.nan), "compare it with a threshold"),
        (np.ma.array(IMAGE, mask=np.eye(2, 3)), "masked pixels"),
        (np.zeros((2, 3)), "empty content"),
        (np.zeros((0, 0)), "has 0 bits, not 6"),
    ],
)
def test_what_is_no_content_is_refused_with_a_reason(content, told):
    with pytest.raises(DescriptionError, match=told):
        content_bits(content, 6)


def test_operations_take_the_same_contents_and_nothing_is_read_as_something_else():
    operation = Operation(kind="learn", time=14 * ms, cue=np.int64(2), bits=np.array(IMAGE, dtype=bool))
    assert (operation.bits, operation.cue, operation.step) == ({1, 3}, 2, 14)
    assert named_bits([]) == frozenset()
    for wrong in ({"bits": [1.7]}, {"bits": "12"}, {"cue": 0.5}, {"cue": True}, {"time": np.inf}, {"time": 3 * mV}):
        with pytest.raises(NeurofluxonError):
            Operation(**{"kind": "learn", "time": 0.0, "cue": 0, "bits": {1}, **wrong})


MEMORY = HippocampalMemory(2, 6)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: MEMORY.spikes("OUT"), "nothing has been run yet"),
        (lambda: MEMORY.spikes(None), "no population None"),
        (lambda: MEMORY.run(["learn"]), "a schedule holds operations"),
        (lambda: MEMORY.run([Operation(kind="recall", time=2e5, cue=0)]), "one call goes on for 100000 s at most"),
        (lambda: MEMORY.restore({**MEMORY.state, "told": np.array("[1]")}), "'told' holds no contents"),
        (lambda: MEMORY.restore({**MEMORY.state, "told": np.array('{"2": [0]}')}), "contents of it: no cue 2"),
        (lambda: HippocampalMemory(2, 6, spacing=np.inf), "at most 100000 s, got inf s"),
        (lambda: HippocampalMemory(2, 6, engine=None), "no engine None"),
        (lambda: HippocampalMemory(10**6, 10**6), r"takes about 5\.4e\+05 GB to build, this machine has \d+"),
        (lambda: HippocampalMemory(2, 6, variant=["paper"]), "no variant"),
    ],
)
def test_what_a_memory_cannot_do_is_told(call, told):
    with pytest.raises(NeurofluxonError, match=told):
        call()
