"""A cell with a resistance in series, such as that of its access transistor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.device.cell import CellModel
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]

_MOST_STEPS = 100


@dataclass(frozen=True, kw_only=True, eq=False)
class SeriesCell(CellModel):
    """A cell and a resistor in series: ``V = V_cell + R I(V_cell)``. The more the cell conducts, the less it sees.

    That is what ends the set of a filament, which would go on by itself.

    Parameters
    ----------
    cell : CellModel
        The cell.
    resistance : float
        ``R`` [ohm]: of the access transistor (1T1R) or of the lines.

    Examples
    --------
    >>> from hardware.rram.device import LinearCell
    >>> float(SeriesCell(cell=LinearCell(), resistance=10e3).conductance(1.0).round(9))
    5e-05
    """

    cell: CellModel
    resistance: float | Floats

    def __post_init__(self) -> None:
        if not (np.all(np.isfinite(self.resistance)) and np.all(np.asarray(self.resistance) >= 0)):
            raise DescriptionError(f"a series resistance must be finite and not negative, got {self.resistance}")

    @property
    def set_polarity(self) -> int:
        """As of the cell."""
        return self.cell.set_polarity

    def inner(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Voltage over the cell alone [V], by Newton's method between bounds."""
        v, s = np.broadcast_arrays(np.asarray(voltage, dtype=float), np.asarray(state, dtype=float))
        low, high = np.minimum(v, 0.0), np.maximum(v, 0.0)
        x = v / (1.0 + self.resistance * self.cell.slope(np.zeros_like(v), s))
        for _ in range(_MOST_STEPS):
            off = x + self.resistance * self.cell.current(x, s) - v
            low, high = np.where(off < 0, x, low), np.where(off > 0, x, high)
            new = x - off / (1.0 + self.resistance * self.cell.slope(x, s))
            new = np.where((new >= low) & (new <= high), new, (low + high) / 2)
            if np.all(np.abs(new - x) <= 1e-15 + 1e-13 * np.abs(v)):
                return np.asarray(new)
            x = new
        return np.asarray(x)

    def current(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Current [A] at the voltage over both."""
        return self.cell.current(self.inner(voltage, state), state)

    def slope(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Differential conductance [S] of both."""
        g = self.cell.slope(self.inner(voltage, state), state)
        return np.asarray(g / (1.0 + self.resistance * g))

    def rate(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Rate of change of the state [1/s]."""
        return self.cell.rate(self.inner(voltage, state), state)

    def chosen(self, cells: Any, shape: tuple[int, ...]) -> Self:
        """Return the model of some cells of an array of ``shape``."""
        r = self.resistance
        part = r[cells] if isinstance(r, np.ndarray) and r.shape == shape else r
        return replace(self, cell=self.cell.chosen(cells, shape), resistance=part)

    def spread(self, shape: tuple[int, ...], rng: np.random.Generator, **relative: float) -> Self:
        """Return it with parameters of the cell that differ from cell to cell; ``resistance`` may be among them."""
        own = relative.pop("resistance", None)
        changed: dict[str, Any] = {"cell": self.cell.spread(shape, rng, **relative)}
        if own is not None:
            changed["resistance"] = self.resistance * np.exp(own * rng.standard_normal(shape))
        return replace(self, **changed)
