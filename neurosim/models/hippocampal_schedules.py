"""Random schedules of operations on the hippocampal memory, to measure where it works."""

from __future__ import annotations

import numpy as np

from neurosim.models.hippocampal_operations import MS, Operation

DENSITY = 0.4
"""Part of the bits that a content holds [chosen, as in published tests of such memories]."""


def random_operations(
    cues: int, bits: int, *, seed: int, count: int = 200, spacing: int = 14, times_learned: int = 2, query: int = 1
) -> tuple[Operation, ...]:
    """Return operations of random kind: learning random contents, recalling known cues, searching random bits.

    Parameters
    ----------
    cues, bits : int
        Size of the memory.
    seed : int
        The same seed gives the same operations.
    count : int
        Number of operations.
    spacing : int
        From one to the next [ms].
    times_learned : int
        How often a cue is learned at most.
    query : int
        Bits of a search at most; each number is as likely.
    """
    generator = np.random.default_rng(seed)
    left = dict.fromkeys(range(cues), times_learned)
    known: set[int] = set()
    schedule = []
    for k in range(count):
        learnable = [cue for cue, times in left.items() if times]
        kinds = (["learn"] if learnable else []) + (["recall", "search"] if known else [])
        kind, time = str(generator.choice(kinds)), k * spacing * MS
        if kind == "learn":
            cue = int(generator.choice(learnable))
            content = np.flatnonzero(generator.random(bits) < DENSITY).tolist() or [0]
            schedule.append(Operation(kind="learn", time=time, cue=cue, bits=frozenset(content)))
            left[cue] -= 1
            known.add(cue)
        elif kind == "recall":
            schedule.append(Operation(kind="recall", time=time, cue=int(generator.choice(sorted(known)))))
        else:
            number = int(generator.integers(1, query + 1)) if query > 1 else 1
            asked = generator.choice(bits, number, replace=False).tolist()
            schedule.append(Operation(kind="search", time=time, bits=frozenset(asked)))
    return tuple(schedule)
