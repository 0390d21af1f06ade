"""Chance that the current of a column of binary cells falls below a level: what a comparator behind it decides from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray
from scipy.special import ndtr

from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]

STEP = 2.0**-12
"""Grid of the currents, in units of that of an on cell [chosen: levels are met to 1e-4]."""

NODES = 96
"""Of the quadrature over the spread of writing, where reads have noise too [chosen]."""


@dataclass(frozen=True, kw_only=True)
class ColumnSums:
    """Currents of columns of cells that are on or off, in units of an on cell as it is meant.

    A cell gives ``g e^(spread n) max(1 + noise n', 0)`` with ``g = 1`` or ``1 / ratio`` and ``n``, ``n'`` normal. A
    column gives the sum of its driven cells, less that of as many off cells of a second column where there is one.
    Densities are convolved on a grid by Fourier transforms; without spread and noise the sum is a number.

    Parameters
    ----------
    ratio : float
        Largest over smallest conductance.
    spread : float
        Standard deviation of the logarithm of what is written.
    noise : float
        Relative standard deviation of each read.

    Examples
    --------
    >>> sums = ColumnSums(ratio=100.0, spread=0.3)
    >>> round(sums.chance_below(0.56, on=1), 4)  # the normal distribution at ln(0.56) / 0.3
    0.0266
    """

    ratio: float
    spread: float = 0.0
    noise: float = 0.0

    def __post_init__(self) -> None:
        if not (1 < self.ratio < math.inf and 0 <= self.spread <= 1 and 0 <= self.noise <= 1):
            raise DescriptionError("column sums need a ratio above 1, and spread and noise between 0 and 1")

    def chance_below(self, level: float, *, on: int, off: int = 0, subtracted: int = 0) -> float:
        """Probability that ``on`` and ``off`` driven cells, less ``subtracted`` off cells, give less than ``level``."""
        if min(on, off, subtracted) < 0:
            raise DescriptionError("numbers of cells must not be negative")
        if self.spread == self.noise == 0 or on == off == subtracted == 0:
            return float(on + (off - subtracted) / self.ratio < level)
        return _chance_below(self, level, on, off, subtracted)


@lru_cache(maxsize=4096)
def _chance_below(sums: ColumnSums, level: float, on: int, off: int, subtracted: int) -> float:
    # Room for 6 standard deviations of every cell at once: nothing may wrap around the grid.
    reach = math.exp(6 * sums.spread) * (1 + 6 * sums.noise)
    span = (2 * math.sqrt(on) + on + (off + subtracted) / sums.ratio + 1) * (1 + 0.5 * reach)
    size = 2 ** max(10, math.ceil(math.log2(2 * span / STEP)))
    spectrum = np.ones(size // 2 + 1, dtype=np.complex128)
    for count, g, turned in ((on, 1.0, False), (off, 1 / sums.ratio, False), (subtracted, 1 / sums.ratio, True)):
        if count:
            one = np.fft.rfft(_masses(sums, g, size))
            spectrum *= (np.conj(one) if turned else one) ** count
    masses = np.fft.irfft(spectrum, size)
    # The upper half of the grid holds what is negative.
    values = np.fft.fftfreq(size, 1 / (size * STEP))
    inside = np.clip((level - values) / STEP + 0.5, 0.0, 1.0)
    return float(np.clip(masses @ inside, 0.0, 1.0))


def _masses(sums: ColumnSums, g: float, size: int) -> Floats:
    """Probability of each point of the grid for the current of one cell."""
    edges = np.asarray((np.arange(size // 2 + 1) - 0.5) * STEP, dtype=np.float64)
    upto = _distribution(sums, g, edges)
    upto[0] = 0.0
    masses = np.zeros(size)
    masses[: size // 2] = np.diff(upto)
    return masses


def _distribution(sums: ColumnSums, g: float, x: Floats) -> Floats:
    found = np.ones_like(x)
    inside = x < g * math.exp(8 * sums.spread) * (1 + 8 * sums.noise)
    found[inside] = _chance_up_to(sums, np.maximum(x[inside], 1e-300) / g) * (x[inside] > 0)
    return found


def _chance_up_to(sums: ColumnSums, factor: Floats) -> Floats:
    """Chance that spread and noise together multiply a cell by at most ``factor``, above zero."""
    if sums.noise == 0:
        return np.asarray(ndtr(np.log(factor) / sums.spread))
    nodes, weights = hermegauss(NODES) if sums.spread else (np.zeros(1), np.ones(1))
    found = np.zeros_like(factor)
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        found += weight * ndtr((factor / math.exp(sums.spread * node) - 1) / sums.noise)
    return found
