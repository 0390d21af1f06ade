"""A cell of constant conductance between two bounds: the plain resistor of crossbar arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.device.cell import CellModel
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearCell(CellModel):
    """Conductance ``G = G_min + s (G_max - G_min)`` that a voltage above a threshold moves.

    ``ds/dt = k (|V| / V_t - 1)`` beyond the threshold ``V_t``, upward for positive and downward for negative voltages.

    Parameters
    ----------
    minimum, maximum : float
        Conductance at states 0 and 1 [S] [chosen: 1 uS and 100 uS, 10 kohm to 1 Mohm].
    threshold : float
        ``V_t`` [V] [chosen].
    speed : float
        ``k`` [1/s] [chosen: half the range within 50 ns at twice the threshold].
    """

    positive = ("maximum", "threshold", "speed")
    ascending = (("minimum", "maximum"),)

    minimum: float | Floats = 1e-6
    maximum: float | Floats = 100e-6
    threshold: float | Floats = 0.5
    speed: float | Floats = 1e7

    def __post_init__(self) -> None:
        super().__post_init__()
        if not np.all(np.asarray(self.minimum) >= 0):
            raise DescriptionError(f"minimum of a LinearCell must not be negative [S], got {self.minimum}")

    @property
    def set_polarity(self) -> int:
        """Positive voltages raise the conductance."""
        return 1

    def current(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Current [A]."""
        return np.asarray(voltage, dtype=float) * self.slope(voltage, state)

    def slope(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Conductance [S]."""
        g = self.minimum + np.asarray(state, dtype=float) * (self.maximum - np.asarray(self.minimum))
        return np.asarray(np.broadcast_arrays(g, np.asarray(voltage, dtype=float))[0])

    def conduction(self, voltage: ArrayLike, state: ArrayLike) -> tuple[Floats, Floats]:
        """Current [A] and conductance [S] together."""
        g = self.slope(voltage, state)
        return np.asarray(voltage, dtype=float) * g, g

    def rate(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Rate of change of the state [1/s]."""
        v, s = np.asarray(voltage, dtype=float), np.asarray(state, dtype=float)
        push = self.speed * np.sign(v) * np.maximum(np.abs(v) / self.threshold - 1.0, 0.0)
        return np.asarray(np.where(((s >= 1) & (push > 0)) | ((s <= 0) & (push < 0)), 0.0, push))
