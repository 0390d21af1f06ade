"""Conductances as they come out of an array that is formed once and not programmed: draws from distributions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import instance, real, reals, whole
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Histogram:
    """A measured distribution.

    Parameters
    ----------
    edges : array, shape (bins + 1,)
        Of the bins [S], ascending; within a bin all values are alike.
    counts : array, shape (bins,)
        How many cells were found in each.

    Examples
    --------
    >>> cells = Histogram([0.0, 1e-6, 2e-6], [30, 70])
    >>> bool(cells.draw((1000,), np.random.default_rng(0)).max() < 2e-6)
    True
    """

    edges: ArrayLike
    counts: ArrayLike

    def __post_init__(self) -> None:
        edges, counts = reals("edges of a histogram", self.edges), reals("counts of a histogram", self.counts)
        if edges.ndim != 1 or counts.shape != (len(edges) - 1,) or not np.all(np.diff(edges) > 0):
            raise DescriptionError("a histogram needs ascending edges [S] and one count less than it has edges")
        if not (
            np.all(np.isfinite(edges)) and np.all(np.isfinite(counts)) and np.all(counts >= 0) and counts.sum() > 0
        ):
            raise DescriptionError("the counts of a histogram must be finite, not negative, and not all zero")
        object.__setattr__(self, "edges", edges)
        object.__setattr__(self, "counts", counts)

    @classmethod
    def of(cls, samples: ArrayLike, bins: int = 64) -> Histogram:
        """Make one of measured conductances [S]."""
        measured = reals("measured conductances", samples).ravel()
        if not (measured.size and np.all(np.isfinite(measured))):
            raise DescriptionError("measured conductances must be finite, and at least one")
        counts, edges = np.histogram(measured, bins=whole("bins of a histogram", bins, least=1))
        return cls(edges, counts)

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Draw conductances [S]."""
        size = _drawn(shape, rng)
        edges, counts = np.asarray(self.edges), np.asarray(self.counts)
        chosen = rng.choice(len(counts), size=size, p=counts / counts.sum())
        return np.asarray(edges[chosen] + rng.random(size) * (edges[chosen + 1] - edges[chosen]))


@dataclass(frozen=True, kw_only=True)
class DielectricBreakdown:
    """Cells of which a part was broken down by a stress: the others carry nothing.

    Defaults: the array of a graph-learning study by the group of the liquid state machine, 50.7 % without a filament
    and 12.35 +- 1.86 uS (7.6 to 18.8 uS) for the rest.

    Parameters
    ----------
    intact : float
        Part of the cells that carry nothing.
    mean, deviation : float
        Of the normal distribution of the others [S].
    smallest, largest : float
        Where it is cut off [S].

    References
    ----------
    S. Wang et al., Nat. Mach. Intell. 5, 104 (2023), doi 10.1038/s42256-023-00609-5 (echo-state graph network).
    """

    intact: float = 0.507
    mean: float = 12.35e-6
    deviation: float = 1.86e-6
    smallest: float = 7.6e-6
    largest: float = 18.8e-6

    def __post_init__(self) -> None:
        real("intact", self.intact, least=0.0, most=1.0)
        low, high = real("smallest [S]", self.smallest, least=0.0), real("largest [S]", self.largest, above=0.0)
        middle, wide = real("mean [S]", self.mean), real("deviation [S]", self.deviation, least=0.0)
        if not low < high:
            raise DescriptionError(f"smallest must be below largest [S], got {low} and {high}")
        # Draws outside the limits are drawn anew: limits far from the mean would take for ever.
        if middle + 4 * wide < low or middle - 4 * wide > high:
            raise DescriptionError(
                f"the mean, {middle:g} S, lies more than four deviations outside {low:g} to {high:g} S"
            )

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Draw conductances [S]."""
        size = _drawn(shape, rng)
        g = self.mean + self.deviation * rng.standard_normal(size)
        while np.any(out := (g < self.smallest) | (g > self.largest)):
            g[out] = self.mean + self.deviation * rng.standard_normal(int(out.sum()))
        return np.where(rng.random(size) < self.intact, 0.0, g)


@dataclass(frozen=True, kw_only=True)
class DifferentialGaussian:
    """Differences of two cells that were formed alike: normal about nearly zero.

    Defaults: the input array of the liquid state machine of Lin et al.; `recurrent` for the other one.

    Parameters
    ----------
    mean, deviation : float
        Of the difference [S].

    References
    ----------
    Lin et al., Nat. Comput. Sci. 5, 37 (2025), doi 10.1038/s43588-024-00751-z; the values are those of a companion
    code of the same group.
    """

    mean: float = 0.00156e-6
    deviation: float = 6.61329e-6

    def __post_init__(self) -> None:
        real("mean [S]", self.mean)
        real("deviation [S]", self.deviation, least=0.0)

    @classmethod
    def recurrent(cls) -> DifferentialGaussian:
        """Return the recurrent array."""
        return cls(mean=0.00606e-6, deviation=6.67268e-6)

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Draw differences of conductance [S], of either sign."""
        size = _drawn(shape, rng)
        return np.asarray(self.mean + self.deviation * rng.standard_normal(size))


def _drawn(shape: Any, rng: Any) -> tuple[int, ...]:
    """Check what a draw is given; a shape may have any number of axes, and an axis no cells."""
    instance("rng of a draw", rng, np.random.Generator, "a generator, np.random.default_rng(seed)")
    given = shape if isinstance(shape, tuple | list) else (shape,)
    return tuple(whole("the shape of a draw, such as (m, n): each axis", axis, least=0) for axis in given)
