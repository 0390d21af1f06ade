"""What time and use do to cells: drift of what was written, and a window that closes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import real

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PowerLawDrift:
    """Retention: ``G(t) = G_0 (1 + t / t_0)^(-nu)``, with an exponent that differs from cell to cell.

    Parameters
    ----------
    exponent : float
        Mean of ``nu`` [chosen: 0.005 loses 9 % over ten years].
    deviation : float
        Its standard deviation from cell to cell [chosen].
    onset : float
        ``t_0`` [s] [chosen].

    References
    ----------
    The law is that of A. Pirovano et al., IEEE Trans. Electron Devices 51, 714 (2004), doi 10.1109/TED.2004.825805, for
    amorphous chalcogenides; filaments of oxides follow it loosely, hence the spread.
    """

    exponent: float = 0.005
    deviation: float = 0.002
    onset: float = 1.0

    def __post_init__(self) -> None:
        real("exponent of drift", self.exponent)
        real("deviation of drift", self.deviation, least=0.0)
        real("onset of drift [s]", self.onset, above=0.0)

    def exponents(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Draw the exponent of each cell."""
        return np.asarray(self.exponent + self.deviation * rng.standard_normal(shape))

    def factors(self, exponents: Floats, age: ArrayLike) -> Floats:
        """Part of the conductance that is left at an age [s] since the last write."""
        return np.asarray((1.0 + np.asarray(age, dtype=float) / self.onset) ** (-exponents))


@dataclass(frozen=True, kw_only=True)
class Endurance:
    """Wear: the range of states that a cell can still reach shrinks with the cycles that it has seen.

    The part lost from both ends is ``(N / N_0)^m / 2`` together, and a cell that has lost all of it is stuck in the
    middle.

    Parameters
    ----------
    cycles : float
        ``N_0``: full cycles at which nothing is left [chosen: 1e8].
    exponent : float
        ``m`` [chosen: 0.5].
    """

    cycles: float = 1e8
    exponent: float = 0.5

    def __post_init__(self) -> None:
        real("cycles of endurance", self.cycles, above=0.0)
        real("exponent of endurance", self.exponent, above=0.0)

    def bounds(self, used: ArrayLike) -> tuple[Floats, Floats]:
        """Lowest and highest state after so many cycles."""
        lost = np.minimum((np.asarray(used, dtype=float) / self.cycles) ** self.exponent, 1.0) / 2
        return np.asarray(lost), np.asarray(1.0 - lost)
