"""Operations on the hippocampal memory: what they put in, when their answer comes out, and what it should be."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from neurosim.memory.contents import cue_number, named_bits
from neurosim.models.hippocampal_variants import variant_named
from neurosim.quantities import si
from neurosim.stimuli import Stimulus
from spice_models.errors import DescriptionError, unknown_name
from spice_models.results import SpikeTrains

MS = 1e-3

KINDS = ("learn", "recall", "search", "forget")
MATCHES = ("any", "all")

LEARNING_STEPS = 3
"""Steps of 1 ms for which cue and content are shown while learning; queries are shown for one."""

ANSWER_STEPS = {"learn": (5, 7), "recall": (6,), "search": (6,)}
"""Steps after its first input at which the output shows the answer of an operation."""

TAIL_STEPS = 8
"""Steps after the first input after which an operation has no spikes left."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation at a time.

    Parameters
    ----------
    kind : str
        ``"learn"`` a content under a cue, ``"recall"`` the content of a cue, ``"search"`` the cues that hold some
        bits; ``"forget"`` a cue, which only `HippocampalMemory` can do by itself.
    cue : int or None
        For all but a search.
    bits : frozenset of int
        Content or query, also given as an image; empty for recalling and forgetting.
    time : float
        Of the first input [s], whole milliseconds.
    match : str or int
        Of a search: cues that hold ``"any"`` of the bits, ``"all"``, or at least so many. The paper's variant knows
        only ``"any"``.
    """

    kind: str
    time: float
    cue: int | None = None
    bits: frozenset[int] = field(default_factory=frozenset)
    match: str | int = "any"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise unknown_name("operation", self.kind, KINDS)
        if isinstance(self.match, int | np.integer) and not isinstance(self.match, bool):
            object.__setattr__(self, "match", int(self.match))
        elif self.match not in MATCHES:
            raise unknown_name("match", str(self.match), MATCHES, " of a search (or a whole number)")
        if self.match != "any" and self.kind != "search":
            raise DescriptionError(f"match is for searches, {self.kind} has none")
        object.__setattr__(self, "time", si(self.time, "second", "time of an operation"))
        steps = self.time / MS
        if not (0 <= steps < math.inf and abs(steps - round(steps)) < 1e-6):
            raise DescriptionError(f"an operation starts at a whole millisecond from 0 on, got {self.time:g} s")
        if self.cue is not None:
            object.__setattr__(self, "cue", cue_number(self.cue))
        object.__setattr__(self, "bits", named_bits(self.bits))
        if (self.kind == "search") != (self.cue is None):
            raise DescriptionError(f"{self.kind} takes {'no' if self.kind == 'search' else 'a'} cue, got {self.cue!r}")
        if (self.kind in ("recall", "forget")) == bool(self.bits):
            raise DescriptionError(f"{self.kind} takes {'no bits' if self.bits else 'at least one bit'}")
        if isinstance(self.match, int) and not 1 <= self.match <= len(self.bits):
            raise DescriptionError(
                f"a search for {len(self.bits)} bits can ask for 1 to {len(self.bits)} of them, got match={self.match}"
            )

    @property
    def least(self) -> int:
        """How many of its bits a search asks for."""
        if isinstance(self.match, int):
            return self.match
        return 1 if self.match == "any" else len(self.bits)

    @property
    def step(self) -> int:
        """Millisecond of the first input."""
        return round(self.time / MS)

    @property
    def label(self) -> str:
        """In words, such as ``"learn 3: 1 4"``."""
        bits = " ".join(map(str, sorted(self.bits)))
        search = f"search {'' if self.match == 'any' else f'{self.match} of '}{bits}"
        return {"learn": f"learn {self.cue}: {bits}", "search": search}.get(self.kind, f"{self.kind} {self.cue}")

    def check(self, cues: int, bits: int) -> None:
        """Raise `DescriptionError` for a cue or bits that a memory of this size does not have."""
        if self.cue is not None and not 0 <= self.cue < cues:
            raise DescriptionError(f"no cue {self.cue}: the memory has cues 0 to {cues - 1}")
        outside = sorted(bit for bit in self.bits if not 0 <= bit < bits)
        if outside:
            raise DescriptionError(f"no bit {outside[0]}: the memory has bits 0 to {bits - 1}")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an operation should have given and what it gave.

    Parameters
    ----------
    operation : Operation
    expected, got : frozenset of int
        Bits for learning (shown back) and recall, cues for search.
    cue_shown : bool
        Whether the output showed the cue of a learning operation, and no other, with its content; True otherwise.
    """

    operation: Operation
    expected: frozenset[int]
    got: frozenset[int]
    cue_shown: bool = True

    @property
    def correct(self) -> bool:
        """Whether nothing is missing and nothing too much."""
        return self.expected == self.got and self.cue_shown


def stimulus(operations: Iterable[Operation], cues: int, bits: int, *, variant: str = "paper") -> Stimulus:
    """Return the input of a schedule for the network of a variant, until the last answer is out.

    Raises
    ------
    DescriptionError
        For an empty schedule, cues and bits that the memory does not have, and what the variant cannot do.
    """
    gate_lines = variant_named(variant).gate_lines(bits)
    steps: list[int] = []
    lines: list[int] = []
    last = -1
    for operation in operations:
        operation.check(cues, bits)
        if operation.kind == "forget":
            raise DescriptionError(
                f"the network forgets cue {operation.cue} only by learning something else under it; use "
                "HippocampalMemory, which keeps a line for that"
            )
        if operation.match != "any" and not gate_lines:
            raise DescriptionError(
                f"the {variant}'s variant finds the cues that hold any of some bits; to search for all or a number of "
                "them use variant='corrected'"
            )
        shown = [*([] if operation.cue is None else [operation.cue]), *(cues + bit for bit in sorted(operation.bits))]
        if operation.match != "any":
            missing = len(operation.bits) - operation.least
            digits = [digit for digit in range(missing.bit_length()) if missing >> digit & 1]
            shown += [cues + bits, *(cues + bits + 1 + digit for digit in digits)]
        for k in range(LEARNING_STEPS if operation.kind == "learn" else 1):
            steps += [operation.step + k] * len(shown)
            lines += shown
        last = max(last, operation.step)
    if last < 0:
        raise DescriptionError("a schedule needs at least one operation")
    duration = (last + TAIL_STEPS) * MS
    pairs = np.unique(np.array([steps, lines], dtype=np.int64), axis=1)
    trains = SpikeTrains(times=pairs[0] * MS, indices=pairs[1], n=cues + bits + gate_lines, duration=duration)
    return Stimulus(duration=duration, spikes={"IN": trains})


def expected_answers(operations: Sequence[Operation], contents: dict[int, frozenset[int]]) -> list[frozenset[int]]:
    """Return what an ideal memory answers; ``contents`` (cue to bits) is brought up to date."""
    answers = []
    for operation in operations:
        if operation.kind == "search":
            found = (cue for cue, stored in contents.items() if len(stored & operation.bits) >= operation.least)
            answers.append(frozenset(found))
            continue
        assert operation.cue is not None
        if operation.kind == "learn":
            contents[operation.cue] = operation.bits
        answers.append(contents.get(operation.cue, frozenset()))
    return answers


def answers(operations: Sequence[Operation], expected: Sequence[frozenset[int]], out: Any, cues: int) -> list[Answer]:
    """Read the answers from the spikes of the population ``OUT`` (a `SpikeTrains`), as far as they last."""
    shown: dict[int, set[int]] = {}
    steps = round(out.duration / MS)
    for step, index in zip(np.rint(out.times / MS).astype(int).tolist(), out.indices.tolist(), strict=True):
        shown.setdefault(step, set()).add(index)
    found = []
    for operation, wanted in zip(operations, expected, strict=True):
        seen = [operation.step + k for k in ANSWER_STEPS[operation.kind] if operation.step + k < steps]
        views = [shown.get(step, set()) for step in seen]
        seen_cues = [frozenset(i for i in view if i < cues) for view in views]
        seen_bits = [frozenset(i - cues for i in view if i >= cues) for view in views]
        if operation.kind == "search":
            found.append(Answer(operation=operation, expected=wanted, got=seen_cues[0]))
        elif operation.kind == "recall":
            found.append(Answer(operation=operation, expected=wanted, got=seen_bits[0]))
        else:
            # a wrong showing counts, whichever of the two it is
            got = next((view for view in seen_bits if view != wanted), wanted)
            own = all(view == {operation.cue} for view in seen_cues)
            found.append(Answer(operation=operation, expected=wanted, got=got, cue_shown=own))
    return found


def without_bit(answer: Answer, bit: int) -> Answer:
    """Return an answer in which a hidden bit is not named; a search has cues for an answer, among them that number."""
    if answer.operation.kind == "search":
        return answer
    hidden = frozenset({bit})
    return replace(answer, expected=answer.expected - hidden, got=answer.got - hidden)
