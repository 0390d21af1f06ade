"""The stored contents nearest to a query, found by searching with thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neurosim.memory.contents import content_bits
from neurosim.models.hippocampal_operations import Answer, Operation
from spice_models.errors import DescriptionError

if TYPE_CHECKING:
    from neurosim.memory.hippocampal import HippocampalMemory

NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """The contents that share the most bits with a query.

    Parameters
    ----------
    cues : frozenset of int
        Those that hold them: several for a tie, none if no content shares a bit.
    shared : int
        How many bits that is.
    answers : tuple of Answer
        Of the searches that it took.
    """

    cues: frozenset[int]
    shared: int
    answers: tuple[Answer, ...]


def nearest(memory: HippocampalMemory, queries: Sequence[Any]) -> list[Nearest]:
    """Return for each query the cues whose contents share the most bits with it.

    The network answers which cues hold at least m bits of a query; the largest m with an answer is halved in on, with
    at most ``floor(log2(n)) + 1`` searches for a query of n bits. Choosing m is done here, outside of the network.

    Parameters
    ----------
    memory : HippocampalMemory
        Of the corrected variant. Nothing is written to it.
    queries : sequence
        Each as of `HippocampalMemory.search`; they are searched for one after the other, one simulation a round.

    Raises
    ------
    DescriptionError
        For queries that are empty or hold bits that the memory does not have.

    Examples
    --------
    >>> from neurosim import HippocampalMemory
    >>> memory = HippocampalMemory(2, 8)
    >>> memory.learn(0, {0, 1, 2, 3})
    >>> memory.learn(1, {2, 3, 4, 5})
    >>> [found] = nearest(memory, [{0, 1, 2, 7}])
    >>> sorted(found.cues), found.shared
    ([0], 3)
    """
    if not all(isinstance(query, Iterable) for query in queries):
        raise DescriptionError(
            "queries are a sequence of contents, not one content: use memory.nearest(content) for one"
        )
    asked = [content_bits(query, memory.bits) for query in queries]
    low, high = [0] * len(asked), [len(bits) for bits in asked]
    found = [NONE] * len(asked)
    answers: list[tuple[Answer, ...]] = [()] * len(asked)
    while undecided := [k for k in range(len(asked)) if low[k] < high[k]]:
        middle = {k: (low[k] + high[k] + 1) // 2 for k in undecided}
        schedule = [
            Operation(kind="search", time=n * memory.spacing, bits=asked[k], match=middle[k])
            for n, k in enumerate(undecided)
        ]
        for k, answer in zip(undecided, memory.run(schedule), strict=True):
            answers[k] = (*answers[k], answer)
            if answer.got:
                low[k], found[k] = middle[k], answer.got
            else:
                high[k] = middle[k] - 1
    return [
        Nearest(cues=cues, shared=shared, answers=seen) for cues, shared, seen in zip(found, low, answers, strict=True)
    ]
