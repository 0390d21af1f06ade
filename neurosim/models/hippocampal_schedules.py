"""Random schedules of operations on the hippocampal memory, to measure where it works."""

from __future__ import annotations

import numpy as np

from neurosim.models.hippocampal_operations import MS, Operation

DENSITY = 0.4
"""Part of the bits that a content holds [chosen, as in published tests of such memories]."""


def random_operations(
    cues: int,
    bits: int,
    *,
    seed: int,
    count: int = 200,
    spacing: int = 14,
    times_learned: int = 2,
    query: int = 1,
    least_query: int = 1,
    density: float = DENSITY,
    match_all: bool = False,
    forgetting: bool = False,
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
    query, least_query : int
        Bits of a search at most and at least; each number is as likely.
    density : float
        Probability that a content holds a bit; a content has one bit at least.
    match_all : bool
        Whether there are searches for all bits too: random bits, bits of what a cue holds, or these and one other.
    forgetting : bool
        Whether cues are forgotten too, which only a `HippocampalMemory` can do.
    """
    generator = np.random.default_rng(seed)
    left = dict.fromkeys(range(cues), times_learned)
    held: dict[int, list[int]] = {}
    schedule = []
    for k in range(count):
        learnable = [cue for cue, times in left.items() if times]
        kinds = (["learn"] if learnable else []) + (["recall", "search"] if held else [])
        kinds += ["search all"] if match_all and held else []
        # one cue is kept where no other can be learned any more
        kinds += ["forget"] if forgetting and held and (learnable or len(held) > 1) else []
        kind, time = str(generator.choice(kinds)), k * spacing * MS
        if kind == "learn":
            cue = int(generator.choice(learnable))
            held[cue] = np.flatnonzero(generator.random(bits) < density).tolist() or [0]
            schedule.append(Operation(kind="learn", time=time, cue=cue, bits=frozenset(held[cue])))
            left[cue] -= 1
        elif kind in ("recall", "forget"):
            cue = int(generator.choice(sorted(held)))
            schedule.append(Operation(kind=kind, time=time, cue=cue))
            if kind == "forget":
                del held[cue]
        else:
            number = int(generator.integers(least_query, query + 1)) if query > 1 else 1
            asked = generator.choice(bits, number, replace=False).tolist()
            if kind == "search all":
                asked = _asked_for_all(generator, asked, held[int(generator.choice(sorted(held)))])
            match = "all" if kind == "search all" else "any"
            schedule.append(Operation(kind="search", time=time, bits=frozenset(asked), match=match))
    return tuple(schedule)


def _asked_for_all(generator: np.random.Generator, random: list[int], content: list[int]) -> list[int]:
    """Random bits would hardly ever be found."""
    which = int(generator.integers(3))
    if which == 0:
        return random
    fragment = generator.choice(content, min(len(random), len(content)), replace=False)
    return [int(bit) for bit in fragment] + (random[:1] if which == 2 else [])
