"""A cell with a resistance in series, such as that of its access transistor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import instance, reals
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
        instance("the cell behind a resistance", self.cell, CellModel, "a cell model such as Filament()")
        given = reals("a series resistance", self.resistance)
        if not (np.all(np.isfinite(given)) and np.all(given >= 0)):
            raise DescriptionError(f"a series resistance must be finite and not negative, got {self.resistance}")

    @property
    def set_polarity(self) -> int:
        """As of the cell."""
        return self.cell.set_polarity

    def inner(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Voltage over the cell alone [V], by Newton's method between bounds."""
        v, s = np.broadcast_arrays(np.asarray(voltage, dtype=float), np.asarray(state, dtype=float))
        shape = np.broadcast_shapes(v.shape, self.shape)
        v, s = np.broadcast_to(v, shape).ravel(), np.broadcast_to(s, shape).ravel()
        cell, r = self.cell.chosen(np.ones(shape, dtype=bool), shape), np.broadcast_to(self.resistance, shape).ravel()
        found = np.empty_like(v)
        open_cells = np.arange(len(v))
        low, high = np.minimum(v, 0.0), np.maximum(v, 0.0)
        x = v / (1.0 + r * cell.slope(np.zeros_like(v), s))
        for _ in range(_MOST_STEPS):
            current, slope = cell.conduction(x, s)
            off = x + r * current - v
            low, high = np.where(off < 0, x, low), np.where(off > 0, x, high)
            new = x - off / (1.0 + r * slope)
            new = np.where((new >= low) & (new <= high), new, (low + high) / 2)
            going = np.abs(new - x) > 1e-15 + 1e-13 * np.abs(v)
            x = new
            left = np.count_nonzero(going)
            if 2 * left < len(x) or left == 0:
                found[open_cells] = x
                if left == 0:
                    break
                cell, open_cells = cell.chosen(going, x.shape), open_cells[going]
                v, s, r, x, low, high = v[going], s[going], r[going], x[going], low[going], high[going]
        else:
            found[open_cells] = x
        return found.reshape(shape)

    def conduction(self, voltage: ArrayLike, state: ArrayLike) -> tuple[Floats, Floats]:
        """Current [A] and differential conductance [S] of both."""
        current, g = self.cell.conduction(self.inner(voltage, state), state)
        return current, np.asarray(g / (1.0 + self.resistance * g))

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
        part = np.broadcast_to(r, shape)[cells] if isinstance(r, np.ndarray) and r.ndim else r
        return replace(self, cell=self.cell.chosen(cells, shape), resistance=part)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the parameters together."""
        return np.broadcast_shapes(np.shape(self.resistance), self.cell.shape)

    def spread(self, shape: tuple[int, ...], rng: np.random.Generator, **relative: float) -> Self:
        """Return it with parameters of the cell that differ from cell to cell; ``resistance`` may be among them."""
        own = relative.pop("resistance", None)
        changed: dict[str, Any] = {"cell": self.cell.spread(shape, rng, **relative)}
        if own is not None:
            changed["resistance"] = self.resistance * np.exp(own * rng.standard_normal(shape))
        return replace(self, **changed)
