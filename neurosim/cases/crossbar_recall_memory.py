"""A hippocampal memory that has learned in software, and what it is asked once its weights are on crossbars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hardware.rram.layers.crossbar_hardware import CrossbarHardware
from neurosim.mapping.freezing import frozen
from neurosim.mapping.rram import place
from neurosim.models.hippocampal_cam import INDEX, STORE, network
from neurosim.models.hippocampal_operations import Answer, Operation, answers, expected_answers, stimulus
from neurosim.network import Network
from neurosim.run import Run
from neurosim.simulate import simulate
from neurosim.stimuli import Stimulus

VARIANT = "corrected"
"""Of the memory: it finds cues that hold any, or all, bits of a query."""

PART = 4
"""A content holds every fourth bit [chosen], so that a third of the queries of four bits matches no content."""

QUERY = 4
"""Bits of a query of several [chosen]: all bits of a content of 16."""

SPACING = 14e-3
"""From one operation to the next [s; chosen: nothing is left of the last one, so that closed forms apply]."""

OPERATIONS = {
    "recall": "recall",
    "search_1": "search for one bit",
    "search_any": f"search for any of {QUERY} bits",
    "search_all": f"search for all of {QUERY} bits",
}
"""What is asked, by name for JSON and in words."""

SHORT = {"recall": "recall", "search_1": "1 bit", "search_any": f"any of {QUERY}", "search_all": f"all of {QUERY}"}
"""The same for headings."""


@dataclass(frozen=True, kw_only=True, eq=False)
class StoredMemory:
    """A square memory with one content a cue, learned, and its queries.

    Parameters
    ----------
    size : int
        Number of cues and of bits.
    contents : tuple of frozenset of int
        By cue.
    network : Network
        Without plasticity, with the learned weights.
    queries : mapping of str to tuple of Operation
        By the names of `OPERATIONS`; times are not set.
    """

    size: int
    contents: tuple[frozenset[int], ...]
    network: Network
    queries: Mapping[str, tuple[Operation, ...]]

    @property
    def schedule(self) -> tuple[Operation, ...]:
        """All queries, one after another."""
        asked = [operation for some in self.queries.values() for operation in some]
        return tuple(_at(operation, k * SPACING) for k, operation in enumerate(asked))

    def software(self) -> Run:
        """Run the schedule with the weights as learned."""
        return simulate(self.network, self._stimulus, engine="discrete")

    def on_crossbars(self, hardware: CrossbarHardware, *, seed: int) -> Run:
        """Run the schedule with both content matrices on crossbars, written anew.

        Without noise of reads the arrays give the same in every read, so that their weights run in the compiled loop;
        with noise they are read in every step.
        """
        both = dict.fromkeys((STORE, INDEX), hardware)
        if hardware.noise is None:
            return simulate(place(self.network, hardware=both, seed=seed), self._stimulus, engine="discrete")
        return simulate(self.network, self._stimulus, engine="crossbar", hardware=both, seed=seed)

    def judge(self, run: Run) -> dict[str, list[Answer]]:
        """Answers of a run by the names of `OPERATIONS`."""
        schedule = self.schedule
        expected = expected_answers(schedule, dict(enumerate(self.contents)))
        found = iter(answers(schedule, expected, run.of("OUT"), self.size))
        return {name: [next(found) for _ in some] for name, some in self.queries.items()}

    @property
    def _stimulus(self) -> Stimulus:
        return stimulus(self.schedule, self.size, self.size, variant=VARIANT)


def stored_memory(size: int, *, seed: int) -> StoredMemory:
    """Teach a memory of ``size`` cues and bits random contents in software, and draw its queries.

    Every cue is recalled and every bit searched once; as many queries of `QUERY` bits are drawn at random for ``any``,
    and from a random content for ``all``.
    """
    rng = np.random.default_rng([seed, size])
    contents = tuple(_chosen(rng, size, size // PART) for _ in range(size))
    lessons = [Operation(kind="learn", time=k * SPACING, cue=k, bits=content) for k, content in enumerate(contents)]
    blank = network(size, size, variant=VARIANT)
    learned = simulate(blank, stimulus(lessons, size, size, variant=VARIANT), engine="discrete")
    searched = [_chosen(rng, size, QUERY) for _ in range(size)]
    within = [_some(rng, sorted(contents[int(rng.integers(size))]), QUERY) for _ in range(size)]
    return StoredMemory(
        size=size,
        contents=contents,
        network=frozen(blank, learned.details["final_weights"]),
        queries={
            "recall": tuple(Operation(kind="recall", time=0.0, cue=cue) for cue in range(size)),
            "search_1": tuple(_search(frozenset({bit})) for bit in range(size)),
            "search_any": tuple(_search(bits) for bits in searched),
            "search_all": tuple(_search(bits, "all") for bits in within),
        },
    )


def _search(bits: frozenset[int], match: str = "any") -> Operation:
    return Operation(kind="search", time=0.0, bits=bits, match=match)


def _at(operation: Operation, time: float) -> Operation:
    return Operation(kind=operation.kind, time=time, cue=operation.cue, bits=operation.bits, match=operation.match)


def _chosen(rng: np.random.Generator, size: int, count: int) -> frozenset[int]:
    return _some(rng, range(size), count)


def _some(rng: np.random.Generator, among: Sequence[int], count: int) -> frozenset[int]:
    return frozenset(int(bit) for bit in rng.choice(list(among), count, replace=False))
