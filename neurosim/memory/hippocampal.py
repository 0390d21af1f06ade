"""A content-addressable memory of spiking neurons to work with: learn, recall, search, forget, save."""

from __future__ import annotations

import dataclasses
import functools
import json
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.memory.contents import content_bits, cue_number
from neurosim.memory.engines import MEMORY_ENGINES, MemoryEngine
from neurosim.memory.files import damaged, read_memory, write_memory
from neurosim.memory.size import check_size
from neurosim.models.hippocampal_cam import network
from neurosim.models.hippocampal_operations import (
    MS,
    Answer,
    Operation,
    answers,
    expected_answers,
    stimulus,
    without_bit,
)
from neurosim.models.hippocampal_variants import variant_named
from neurosim.plasticity import PairSTDP
from neurosim.quantities import si
from spice_models.errors import DescriptionError, unknown_name
from spice_models.results import SpikeTrains

__all__ = ["Answer", "HippocampalMemory", "Operation", "SpacingWarning"]

LEAST_SPACING = 7e-3
"""The answer of an operation would meet the next one below this [s]."""

LONGEST = 1e5
"""Of one call [s; chosen: minutes of computing for a small memory]: longer ones are a mistake in the unit."""


class SpacingWarning(UserWarning):
    """Operations so close that they disturb each other; wider ones do not make the paper's variant free of errors."""


class HippocampalMemory:
    """A spiking memory of contents under cues; see `neurosim.models.hippocampal_cam` for the network.

    Every operation is played to the network as spikes and its answer read from spikes. The network forgets only by
    overwriting; so it has one bit more, which no user sees, and forgets a cue by learning that bit alone under it.
    A copy, or what comes out of a pickle, is a memory of its own that goes on from the same state.

    Parameters
    ----------
    cues, bits : int
        Number of cues, and of bits of a content.
    variant : str
        ``"corrected"``, or ``"paper"`` for the model of the paper as it is: it cannot search for all bits, needs 14 ms
        for an operation, and about half of the weight of forgotten bits stays on the way from contents to cues, too
        little to be found by one bit, enough for two of them searched at once. It wears with use: after a few
        hundred operations single bits find cues by mistake too, and large memories lose what they hold.
    spacing : float, optional
        Time from one operation to the next where they are given one at a time [s]; if not given, the safe one of the
        variant, 7 or 14 ms.
    engine : str
        ``"discrete"`` or ``"brian2"``. Both go on from exactly where they were, with every potential, trace and
        spike on its way; Brian2 takes about half a second a call for it.
    plasticity : PairSTDP, optional
        Rule in place of the variant's.

    Examples
    --------
    >>> memory = HippocampalMemory(5, 10)
    >>> memory.learn(0, {0, 1, 8, 9})
    >>> memory.learn(3, {4, 5, 8})
    >>> sorted(memory.recall(0)), sorted(memory.search({8}))
    ([0, 1, 8, 9], [0, 3])
    >>> memory.forget(3)
    >>> sorted(memory.search({8}))
    [0]
    """

    def __init__(
        self,
        cues: int,
        bits: int,
        *,
        variant: str = "corrected",
        spacing: float | None = None,
        engine: str = "discrete",
        plasticity: PairSTDP | None = None,
    ) -> None:
        if not isinstance(engine, str) or engine not in MEMORY_ENGINES:
            raise unknown_name("engine", engine, MEMORY_ENGINES, " of a memory")
        check_size(cues, bits)
        make = functools.partial(network, cues, _with_blank(bits), variant=variant, plasticity=plasticity)
        self._simulation: MemoryEngine = MEMORY_ENGINES[engine](make)
        self.cues, self.bits = int(cues), int(bits)
        self.variant, self.engine, self.plasticity = variant, engine, plasticity
        self._safe_spacing = variant_named(variant).safe_spacing(bits + 1)
        self.spacing = self._safe_spacing if spacing is None else si(spacing, "second", "spacing")
        steps = self.spacing / MS
        if not LEAST_SPACING / MS - 1e-6 <= steps <= LONGEST / MS or abs(steps - round(steps)) > 1e-6:
            raise DescriptionError(
                f"spacing must be whole milliseconds, at least {1e3 * LEAST_SPACING:g} ms and at most {LONGEST:g} s, "
                f"got {self.spacing:g} s"
            )
        self._check_spacing(self.spacing)
        self._contents: dict[int, frozenset[int]] = {}

    def __repr__(self) -> str:
        size = f"{self.cues} cues, {self.bits} bits"
        return f"<HippocampalMemory of {size}, {self.variant}, on {self.engine}: {len(self.contents)} contents>"

    def learn(self, cue: int, content: Any) -> None:
        """Store a content under a cue, in place of what was there.

        ``content`` is a set or sequence of bits, a boolean array of shape (bits,), or an image: an array of two
        dimensions of zeros and ones, with as many pixels as the memory has bits, row by row.
        """
        self._one(Operation(kind="learn", time=0.0, cue=cue_number(cue), bits=content_bits(content, self.bits)))

    def recall(self, cue: int) -> frozenset[int]:
        """Return the bits that the network recalls from a cue; none where nothing is stored."""
        return self._one(Operation(kind="recall", time=0.0, cue=cue_number(cue))).got

    def search(self, content: Any, match: str | int = "any") -> frozenset[int]:
        """Return the cues that the network finds to hold ``"any"`` or ``"all"`` of some bits, or at least so many.

        ``content`` is given as in `learn`. The paper's variant knows only ``"any"``.
        """
        return self._one(Operation(kind="search", time=0.0, bits=content_bits(content, self.bits), match=match)).got

    def nearest(self, content: Any) -> frozenset[int]:
        """Return the cues whose contents share the most bits with another, in a few searches.

        No cue if no content shares a bit. See `neurosim.memory.nearest`; not for the paper's variant.
        """
        from neurosim.memory.nearest import nearest

        return nearest(self, [content])[0].cues

    def forget(self, cue: int) -> None:
        """Take away what is stored under a cue, by learning the hidden bit under it."""
        self._one(Operation(kind="forget", time=0.0, cue=cue_number(cue)))

    def run(self, operations: Iterable[Operation]) -> tuple[Answer, ...]:
        """Play a schedule of operations in one simulation; their times count from now [s].

        Raises
        ------
        DescriptionError
            For cues and bits that the memory does not have, and times that do not increase.

        Warns
        -----
        SpacingWarning
            For operations closer than the safe spacing of the variant.
        """
        schedule = (operations,) if isinstance(operations, Operation) else tuple(operations)
        for operation in schedule:
            if not isinstance(operation, Operation):
                raise DescriptionError(f"a schedule holds operations, such as Operation(...), not {operation!r}")
            operation.check(self.cues, self.bits)
            if operation.time > LONGEST:
                raise DescriptionError(
                    f"{operation.label!r} at {operation.time:g} s: one call goes on for {LONGEST:g} s at most"
                )
        gaps = np.diff([operation.step for operation in schedule])
        if np.any(gaps <= 0):
            late = schedule[int(np.argmax(gaps <= 0)) + 1]
            raise DescriptionError(f"operations must follow each other in time, {late.label!r} does not come later")
        if gaps.size:
            self._check_spacing(float(gaps.min()) * MS)
        return self._play(schedule)

    def spikes(self, population: str) -> SpikeTrains:
        """Return the spikes of a population during the last call, such as ``"OUT"``; times count from its start."""
        return self._simulation.spikes(population)

    @property
    def contents(self) -> dict[int, frozenset[int]]:
        """What it has been told to hold, cue to bits: what an ideal memory would answer from."""
        blank = frozenset({self.bits})
        return {cue: bits for cue, bits in self._contents.items() if bits != blank}

    @property
    def weights(self) -> dict[str, NDArray[np.float64]]:
        """Weights of the plastic projections [A], (cues, bits + 1) and (bits + 1, cues): the hidden bit is last."""
        return self._simulation.weights

    @property
    def state(self) -> dict[str, NDArray[Any]]:
        """Return a copy of all that decides how the memory goes on; see `restore`."""
        told = {str(cue): sorted(bits) for cue, bits in self._contents.items()}
        return {**self._simulation.state(), "told": np.array(json.dumps(told))}

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Go back to a `state` of a memory of the same size and engine."""
        if "told" not in state:
            raise DescriptionError("this is no state of a memory: it lacks 'told'")
        try:
            told = {int(cue): frozenset(map(int, bits)) for cue, bits in json.loads(str(state["told"])).items()}
            for cue, bits in told.items():
                Operation(kind="learn", time=0.0, cue=cue, bits=bits).check(self.cues, self.bits + 1)
        except (ValueError, TypeError, AttributeError) as error:
            raise DescriptionError(
                f"this is no state of this memory: 'told' holds no contents of it: {error}"
            ) from error
        self._simulation.restore({name: array for name, array in state.items() if name != "told"})
        self._contents = told

    def save(self, path: str | Path) -> Path:
        """Write the memory to a file, whole or not at all: a crash in the middle leaves the file that was there."""
        rule = None if self.plasticity is None else dataclasses.asdict(self.plasticity)
        return write_memory(path, self._about | {"plasticity": rule}, self.state)

    @classmethod
    def load(cls, path: str | Path) -> HippocampalMemory:
        """Return the memory that `save` wrote; it goes on with the same spikes.

        Raises
        ------
        DescriptionError
            For a file that is none of ours, or damaged.
        """
        about, state = read_memory(path)
        rule = about.pop("plasticity")
        try:
            about["plasticity"] = None if rule is None else PairSTDP(**rule)
            return _restored(cls, about, state)
        except TypeError as error:
            raise damaged(path, error) from error

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._about, self.state)

    @property
    def _about(self) -> dict[str, Any]:
        return {
            "cues": self.cues,
            "bits": self.bits,
            "variant": self.variant,
            "plasticity": self.plasticity,
            "spacing": self.spacing,
            "engine": self.engine,
        }

    def _one(self, operation: Operation) -> Answer:
        operation.check(self.cues, self.bits)
        return self._play((operation,))[0]

    def _play(self, schedule: Sequence[Operation]) -> tuple[Answer, ...]:
        blank = frozenset({self.bits})
        played = [
            dataclasses.replace(operation, kind="learn", bits=blank) if operation.kind == "forget" else operation
            for operation in schedule
        ]
        given = stimulus(played, self.cues, self.bits + 1, variant=self.variant)
        # the next call starts one spacing after the last operation
        duration = played[-1].step * MS + self.spacing
        inside = given.spikes["IN"]
        out = self._simulation.play(dataclasses.replace(inside, duration=duration))
        expected = expected_answers(played, self._contents)
        return tuple(
            dataclasses.replace(without_bit(answer, self.bits), operation=own)
            for own, answer in zip(schedule, answers(played, expected, out, self.cues), strict=True)
        )

    def _check_spacing(self, spacing: float) -> None:
        if spacing < self._safe_spacing - 1e-9:
            warnings.warn(
                f"operations {1e3 * spacing:g} ms apart: the {self.variant} variant wants at least "
                f"{1e3 * self._safe_spacing:g} ms; closer ones fail more often the closer they are",
                SpacingWarning,
                stacklevel=3,
            )


def _restored(
    kind: type[HippocampalMemory], about: dict[str, Any], state: dict[str, NDArray[Any]]
) -> HippocampalMemory:
    """Return a memory like another, of whose spacing its owner has been warned."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpacingWarning)
        memory = kind(**about)
    memory.restore(state)
    return memory


def _with_blank(bits: Any) -> Any:
    """One line more; what is no number is left for the network to refuse."""
    return bits + 1 if isinstance(bits, int | np.integer) and not isinstance(bits, bool) and bits > 0 else bits
