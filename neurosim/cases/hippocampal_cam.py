"""The three experiments of the paper on the hippocampal content-addressable memory.

References
----------
D. Casanueva-Morato et al., Neural Networks 178, 106474 (2024), arXiv 2310.05868; the operations and their times are
those of the authors' public configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from neurosim.cases.memory_case import Experiment, MemoryCase
from neurosim.models.hippocampal_operations import MS, Operation


def learn(time: int, cue: int, bits: Iterable[int]) -> Operation:
    """Learn ``bits`` under ``cue`` at ``time`` [ms]."""
    return Operation(kind="learn", time=time * MS, cue=cue, bits=frozenset(bits))


def recall(time: int, cue: int) -> Operation:
    """Recall the content of ``cue`` at ``time`` [ms]."""
    return Operation(kind="recall", time=time * MS, cue=cue)


def search(time: int, bits: Iterable[int]) -> Operation:
    """Search the cues that hold one of ``bits`` at ``time`` [ms]."""
    return Operation(kind="search", time=time * MS, bits=frozenset(bits))


FUNCTIONAL = (
    learn(0, 0, {0, 1, 8, 9}),
    learn(10, 4, {1, 5, 6}),
    learn(20, 3, {4, 5, 6}),
    recall(30, 0),
    search(40, {6}),
    search(50, {0, 4}),
    learn(60, 3, {1, 3, 4, 8}),
    recall(70, 3),
    search(80, {6}),
)

STRESS_START, STRESS_SPACING = 1, 14
"""Time of the first operation and from one to the next [ms]."""

STRESS_CONTENTS: tuple[frozenset[int], ...] = tuple(frozenset(bits) for bits in ({0}, {1}, {0, 1}, {2}, {0, 2}))
"""Contents of the five cues in the first and third block; the second has their complements in ten bits."""

STATES = ("unknown", "start", "goal", "free", "path", "obstacle")
STATE_MAP = (
    (0, 5, 1, 3),
    (0, 3, 4, 5),
    (0, 5, 4, 3),
    (2, 4, 4, 3),
)
"""Bit of each cell of a 4 x 4 map: an index into `STATES`."""

LEARNING_SPACING = 7
"""From learning one cell of the map to the next [ms]."""


def stress_operations() -> tuple[Operation, ...]:
    """Return three blocks of learning and recalling every cue and searching every bit."""
    bits = frozenset(range(10))
    blocks: Sequence[Sequence[frozenset[int]]] = (
        STRESS_CONTENTS,
        [bits - content for content in STRESS_CONTENTS],
        STRESS_CONTENTS,
    )
    operations: list[Operation] = []

    def now() -> int:
        return STRESS_START + STRESS_SPACING * len(operations)

    for block in blocks:
        for cue, content in enumerate(block):
            operations.append(learn(now(), cue, content))
        for cue in range(len(block)):
            operations.append(recall(now(), cue))
        for bit in sorted(bits):
            operations.append(search(now(), {bit}))
    return tuple(operations)


def application_operations() -> tuple[Operation, ...]:
    """Return the learning of the map cell by cell, and four searches for cells by their state."""
    cells = [state for row in STATE_MAP for state in row]
    learning = [learn(LEARNING_SPACING * cell, cell, {state}) for cell, state in enumerate(cells)]
    queries = ((112, {1, 2, 4}), (118, {3}), (124, {5}), (130, {0}))
    return (*learning, *(search(time, states) for time, states in queries))


CASE = MemoryCase(
    name="hippocampal-cam",
    summary="a spiking content-addressable memory after CA3 of the hippocampus",
    experiments={
        experiment.name: experiment
        for experiment in (
            Experiment(
                name="functional",
                summary="learning, recall by cue and by content, forgetting",
                cues=5,
                bits=10,
                operations=FUNCTIONAL,
            ),
            Experiment(
                name="stress", summary="60 operations in three blocks", cues=5, bits=10, operations=stress_operations()
            ),
            Experiment(
                name="application",
                summary="a map of 4 x 4 cells in six states",
                cues=16,
                bits=6,
                operations=application_operations(),
            ),
        )
    },
)
