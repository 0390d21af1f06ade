"""Images stored in a spiking memory and asked for in several ways, each answer held against an ideal memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neurosim.cases.image_memory_images import (
    FRAGMENTS,
    RANDOM_QUARTER,
    bits_of,
    corrupt,
    fragment,
    image_of,
    load_images,
)
from neurosim.cases.image_memory_result import Example, ImageMemoryResult, Scores
from neurosim.memory.hippocampal import HippocampalMemory
from neurosim.memory.nearest import nearest
from neurosim.models.hippocampal_operations import Answer, Operation

Bools = NDArray[np.bool_]

IMAGES, QUICK_IMAGES = 40, 10
"""Stored, one a cue [chosen]."""

DRAWS, QUICK_DRAWS = 10, 2
"""Of the pixels that are corrupted, for each image [chosen]."""

PARTS: tuple[float, ...] = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
QUICK_PARTS: tuple[float, ...] = (0.0, 0.2, 0.5)
"""Of the pixels, corrupted."""

NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a memory is asked for an image.

    Parameters
    ----------
    match : str
        ``"any"``, ``"all"`` or ``"nearest"``.
    off_cells : bool
        Whether dark pixels are asked for too.
    """

    match: str
    off_cells: bool

    @property
    def name(self) -> str:
        """For people, and in JSON."""
        return f"{self.match}, {'ON and OFF' if self.off_cells else 'ON'} cells"


WAYS = (
    Way(match="any", off_cells=False),
    Way(match="all", off_cells=False),
    Way(match="all", off_cells=True),
    Way(match="nearest", off_cells=False),
    Way(match="nearest", off_cells=True),
)


class ImageMemory:
    """A spiking memory of images, one a cue, that counts its operations and all that an ideal memory answers otherwise.

    Each operation is held against what the memory has been told, and what a query found against the images themselves.

    Parameters
    ----------
    images : array of bool, shape (images, pixels)
    """

    def __init__(self, images: Bools) -> None:
        count, self.pixels = images.shape
        self.memory = HippocampalMemory(count, 2 * self.pixels)
        self.operations: Counter[str] = Counter()
        self.disagreements = 0
        self._cells = np.concatenate([images, ~images], axis=1)
        self._play(Operation(kind="learn", time=0.0, cue=k, bits=bits_of(image)) for k, image in enumerate(images))

    def recall(self, cues: Sequence[int]) -> Bools:
        """Return the images that the network recalls from cues, shape (cues, pixels)."""
        answers = self._play(Operation(kind="recall", time=0.0, cue=cue) for cue in cues)
        return np.array([image_of(answer.got, self.pixels) for answer in answers]).reshape(len(cues), self.pixels)

    def search(self, queries: Sequence[frozenset[int]], match: str) -> list[frozenset[int]]:
        """Return the cues that the network finds for each query; none for a query without bits."""
        asked = [query for query in queries if query]
        if match == "nearest":
            best = nearest(self.memory, asked)
            self._count(answer for one in best for answer in one.answers)
            got = iter([one.cues for one in best])
        else:
            answers = self._play(Operation(kind="search", time=0.0, bits=query, match=match) for query in asked)
            got = iter([answer.got for answer in answers])
        found = [next(got) if query else NOTHING for query in queries]
        self.disagreements += sum(cues != self.ideal(query, match) for cues, query in zip(found, queries, strict=True))
        return found

    def ideal(self, query: frozenset[int], match: str) -> frozenset[int]:
        """Return what a search should find, by counting in the images themselves."""
        if not query:
            return NOTHING
        shared = self._cells[:, sorted(query)].sum(axis=1)
        least = {"any": 1, "all": len(query), "nearest": max(1, int(shared.max()))}[match]
        return frozenset(np.flatnonzero(shared >= least).tolist())

    def _play(self, operations: Iterable[Operation]) -> tuple[Answer, ...]:
        spaced = [replace(operation, time=k * self.memory.spacing) for k, operation in enumerate(operations)]
        answers = self.memory.run(spaced) if spaced else ()
        self._count(answers)
        return answers

    def _count(self, answers: Iterable[Answer]) -> None:
        for answer in answers:
            self.operations[answer.operation.kind] += 1
            self.disagreements += not answer.correct


def run_images(
    name: str, *, quick: bool = False, seed: int = 0, progress: Callable[[str, float], None] | None = None
) -> ImageMemoryResult:
    """Store, recall and search; see `neurosim.cases.study_case.StudyCase.run`."""
    report = progress or (lambda text, done: None)
    images, labels = load_images(QUICK_IMAGES if quick else IMAGES)
    parts, draws = (QUICK_PARTS, QUICK_DRAWS) if quick else (PARTS, DRAWS)
    generator = np.random.default_rng(seed)
    memory = ImageMemory(images)
    recalled = memory.recall(range(len(images)))
    stages = 2 * len(parts) + len(FRAGMENTS)
    done = 0
    examples: list[Example] = []

    fragments = {}
    for fragment_name in FRAGMENTS:
        report(fragment_name, done / stages)
        shown = [
            (images, fragment(images, fragment_name, generator))
            for _ in range(draws if fragment_name == RANDOM_QUARTER else 1)
        ]
        fragments[fragment_name] = _scores(memory, images, shown, fragment_name, examples)
        done += 1
    corrupted: dict[str, dict[float, dict[str, Scores]]] = {"erased": {}, "flipped": {}}
    for kind, levels in corrupted.items():
        for part in parts:
            report(f"pixels {kind}", done / stages)
            shown = [corrupt(images, kind, part, generator) for _ in range(draws)]
            levels[part] = _scores(memory, images, shown, f"{100 * part:g} % {kind}", examples)
            done += 1
    return ImageMemoryResult(
        case=name,
        images=images,
        labels=labels,
        recalled=recalled,
        corrupted=corrupted,
        fragments=fragments,
        operations=dict(memory.operations),
        disagreements=memory.disagreements,
        examples=tuple(examples),
        seed=seed,
    )


def _scores(
    memory: ImageMemory, images: Bools, shown: Sequence[tuple[Bools, Bools]], title: str, examples: list[Example]
) -> dict[str, Scores]:
    """Ask in every way for what is shown, draw by draw; the first draw, asked in the last way, becomes an example."""
    scores = {}
    for way in WAYS:
        success, found = [], []
        for draw, (pixels, known) in enumerate(shown):
            queries = [bits_of(*one, off_cells=way.off_cells) for one in zip(pixels, known, strict=True)]
            cues = memory.search(queries, way.match)
            answered = np.array([len(own) == 1 for own in cues])
            recalled = np.zeros_like(images)
            recalled[answered] = memory.recall([next(iter(own)) for own in cues if len(own) == 1])
            success.append(float(np.mean(answered & np.all(recalled == images, axis=1))))
            found.append(np.mean([len(own) for own in cues]))
            if way is WAYS[-1] and not draw:
                examples.append(Example(title=title, shown=pixels, known=known, recalled=recalled, answered=answered))
        scores[way.name] = Scores(success=tuple(success), found=float(np.mean(found)))
    return scores
