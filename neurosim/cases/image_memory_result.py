"""What a memory of images recalled, and how often it was the image that had been stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.run import versions

Bools = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Scores:
    """How one way of asking did on one kind of query.

    Parameters
    ----------
    success : tuple of float
        Of each draw: part of the images for which exactly one cue was found and the image recalled from it is the
        stored one, pixel for pixel.
    found : float
        Cues found by a search, on average.
    """

    success: tuple[float, ...]
    found: float

    @property
    def mean(self) -> float:
        """Over the draws."""
        return float(np.mean(self.success))

    @property
    def deviation(self) -> float:
        """Standard deviation over the draws, 0 for a single one."""
        return float(np.std(self.success, ddof=1)) if len(self.success) > 1 else 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Example:
    """One draw of what was shown and recalled, for a picture.

    Parameters
    ----------
    title : str
    shown, known : array of bool, shape (images, pixels)
        The query, and which of its pixels were shown.
    recalled : array of bool, shape (images, pixels)
    answered : array of bool, shape (images,)
        Whether exactly one cue was found; if not, nothing was recalled.
    """

    title: str
    shown: Bools
    known: Bools
    recalled: Bools
    answered: Bools

    def first(self, count: int) -> Example:
        """Return the example with its first images only."""
        names = ("shown", "known", "recalled", "answered")
        return replace(self, **{name: getattr(self, name)[:count] for name in names})


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageMemoryResult:
    """Images stored, and what came back.

    Parameters
    ----------
    case : str
    images : array of bool, shape (images, pixels)
    labels : array, shape (images,)
        The digit that each image shows.
    recalled : array of bool, shape (images, pixels)
        From their cues.
    corrupted : mapping of str to mapping
        By kind, by part of the pixels, by way of asking.
    fragments : mapping of str to mapping
        By name, by way of asking.
    operations : mapping of str to int
        Operations of each kind that the network did.
    disagreements : int
        Operations and queries whose answer is not that of an ideal memory.
    examples : tuple of Example
        Recalled by the last way of asking.
    seed : int
    """

    case: str
    images: Bools
    labels: NDArray[np.int64]
    recalled: Bools
    corrupted: Mapping[str, Mapping[float, Mapping[str, Scores]]]
    fragments: Mapping[str, Mapping[str, Scores]]
    operations: Mapping[str, int]
    disagreements: int
    examples: tuple[Example, ...] = field(repr=False)
    seed: int

    @property
    def recalled_exactly(self) -> int:
        """Images that came back from their cue, pixel for pixel."""
        return int(np.sum(np.all(self.recalled == self.images, axis=1)))

    @property
    def correct(self) -> bool:
        """Every image comes back from its cue, and every answer is that of an ideal memory."""
        return self.recalled_exactly == len(self.images) and not self.disagreements

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain numbers, strings and lists, ready for JSON; see docs/json.md."""
        return {
            "case": self.case,
            "images": len(self.images),
            "pixels": self.images.shape[1],
            "recalled_exactly": self.recalled_exactly,
            "correct": self.correct,
            "corrupted": {
                kind: {
                    "part": list(levels),
                    "success": {way: [list(by[way].success) for by in levels.values()] for way in _ways(levels)},
                    "found": {way: [by[way].found for by in levels.values()] for way in _ways(levels)},
                }
                for kind, levels in self.corrupted.items()
            },
            "fragments": {
                name: {way: {"success": list(own.success), "found": own.found} for way, own in by.items()}
                for name, by in self.fragments.items()
            },
            "operations": dict(self.operations),
            "disagreements": self.disagreements,
            "seed": self.seed,
            "versions": versions("scikit-learn"),
        }


def _ways(levels: Mapping[float, Mapping[str, Scores]]) -> tuple[str, ...]:
    return tuple(next(iter(levels.values())))
