"""Noise of reads: factors on the conductance of every cell, from read to read or along time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hardware.rram.arguments import real, whole
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]


class ReadNoise(Protocol):
    """What a noise answers: how it begins, and its factors after a time."""

    def begin(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Draw where the noise of each cell stands at first; an array that `factors` carries on."""

    def factors(self, standing: Floats, elapsed: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Return where it stands ``elapsed`` [s] later, and the factors on the conductances, shape of the cells."""


@dataclass(frozen=True, kw_only=True)
class GaussianNoise:
    """White: every read draws anew, ``G (1 + sigma n)``, ``n`` normal.

    Parameters
    ----------
    sigma : float
        Relative standard deviation of a read.
    """

    sigma: float

    def __post_init__(self) -> None:
        _check(sigma=self.sigma)

    def begin(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Nothing lasts but the shape."""
        return np.zeros(shape)

    def factors(self, standing: Floats, elapsed: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Draw the factors of one read; those below zero are cut off there."""
        return standing, np.maximum(1.0 + self.sigma * rng.standard_normal(standing.shape), 0.0)


@dataclass(frozen=True, kw_only=True)
class TelegraphNoise:
    """Random telegraph noise: one trap a cell lowers its conductance by a part while it holds a charge.

    The trap captures with rate ``capture`` and emits with rate ``emission``; after a time ``t`` it is filled with
    probability ``p + (p_0 - p) e^(-(capture + emission) t)``, ``p = capture / (capture + emission)``, so any spacing of
    the reads is exact. Its spectrum is a Lorentzian of corner ``(capture + emission) / 2 pi``.

    Parameters
    ----------
    amplitude : float
        Part of the conductance that a filled trap takes away, below 1.
    capture, emission : float
        Rates [1/s].

    References
    ----------
    S. Machlup, J. Appl. Phys. 25, 341 (1954), doi 10.1063/1.1721637.
    """

    amplitude: float
    capture: float
    emission: float

    def __post_init__(self) -> None:
        _check(amplitude=self.amplitude, capture=self.capture, emission=self.emission)
        if self.amplitude >= 1 or self.capture + self.emission == 0:
            raise DescriptionError("telegraph noise needs an amplitude below 1 and a rate above 0")

    def begin(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Draw which traps are filled."""
        return (rng.random(shape) < self.capture / (self.capture + self.emission)).astype(float)

    def factors(self, standing: Floats, elapsed: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Move the traps on and return the factors."""
        total = self.capture + self.emission
        filled = self.capture / total
        chance = filled + (standing - filled) * np.exp(-total * elapsed)
        now = (rng.random(standing.shape) < chance).astype(float)
        return now, 1.0 - self.amplitude * now


@dataclass(frozen=True, kw_only=True)
class FlickerNoise:
    """1/f noise: relaxations whose rates lie evenly in the logarithm between two frequencies.

    The sum of Ornstein-Uhlenbeck processes of equal variance has the density ``S(f) = sigma^2 / (f ln(high / low))``
    between them, flat below and ``1 / f^2`` above. Any spacing of the reads is exact.

    Parameters
    ----------
    sigma : float
        Relative standard deviation, of the whole band.
    low, high : float
        Where the band begins and ends [Hz].
    per_decade : int
        Relaxations a decade [chosen: ripples below 1 % of the density].

    References
    ----------
    P. Dutta, P. M. Horn, Rev. Mod. Phys. 53, 497 (1981), doi 10.1103/RevModPhys.53.497.
    """

    sigma: float
    low: float
    high: float
    per_decade: int = 3
    _rates: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check(sigma=self.sigma, low=self.low, high=self.high)
        whole("per_decade of 1/f noise", self.per_decade, least=1)
        if not 0 < self.low < self.high:
            raise DescriptionError(f"1/f noise needs 0 < low < high [Hz], got {self.low} and {self.high}")
        count = max(1, round(self.per_decade * np.log10(self.high / self.low)))
        edges = np.geomspace(self.low, self.high, count + 1)
        object.__setattr__(self, "_rates", 2 * np.pi * np.sqrt(edges[:-1] * edges[1:]))

    def begin(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Draw every relaxation from its stationary distribution; one more axis, the first."""
        return np.asarray(rng.standard_normal((len(self._rates), *shape)) * self.sigma / np.sqrt(len(self._rates)))

    def factors(self, standing: Floats, elapsed: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Move the relaxations on and return the factors; those below zero are cut off there."""
        keep = np.exp(-self._rates * elapsed).reshape(-1, *(1,) * (standing.ndim - 1))
        scale = self.sigma / np.sqrt(len(self._rates))
        now = keep * standing + scale * np.sqrt(1 - keep**2) * rng.standard_normal(standing.shape)
        return now, np.maximum(1.0 + now.sum(axis=0), 0.0)


def _check(**values: float) -> None:
    for name, value in values.items():
        real(f"{name} of a read noise", value, least=0.0)
