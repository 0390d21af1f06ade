"""What the cells of an array carry at their states, and how these move."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import instance, reals
from hardware.rram.device.cell import CellModel
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]


class CellLawAt:
    """The conduction of cells at their states, as `hardware.rram.array.nonlinear.solve_cells` takes it.

    Parameters
    ----------
    model : CellModel
        Of the cells.
    state : float or array, shape (m, n)
        Of the cells.
    stuck : array of bool, shape (m, n), optional
        Which cells keep their states in transients.
    off : array of bool, shape (m, n), optional
        Which cells do not conduct, since their access transistors do not.

    Raises
    ------
    DescriptionError
        For what is no model, and states that are no numbers within 0..1.
    """

    def __init__(
        self,
        model: CellModel,
        state: ArrayLike,
        *,
        stuck: NDArray[np.bool_] | None = None,
        off: NDArray[np.bool_] | None = None,
    ) -> None:
        instance("the model of cells", model, CellModel, "a CellModel such as VTEAM()")
        self.model, self.state = model, reals("states of cells", state)
        if not np.all((self.state >= 0) & (self.state <= 1)):
            raise DescriptionError("states of cells must lie within 0 and 1")
        self.stuck, self.off = stuck, off

    def selected(self, rows: ArrayLike, shape: tuple[int, int]) -> CellLawAt:
        """Return the law of an array ``(m, n)`` in which the access transistors of some rows alone conduct."""
        chosen = np.atleast_1d(np.asarray(rows))
        if chosen.ndim != 1 or chosen.dtype.kind not in "iu" or np.any((chosen < 0) | (chosen >= shape[0])):
            raise DescriptionError(f"selected rows are whole numbers from 0 to {shape[0] - 1}, got {rows!r:.60}")
        off = np.ones(shape, dtype=bool)
        off[chosen] = False
        return CellLawAt(self.model, self.state, stuck=self.stuck, off=off)

    def at(self, state: ArrayLike) -> CellLawAt:
        """Return it with other states."""
        return CellLawAt(self.model, state, stuck=self.stuck, off=self.off)

    def current(self, voltage: Floats) -> Floats:
        """Current [A]."""
        return self._passed(self.model.current(voltage, self.state))

    def slope(self, voltage: Floats) -> Floats:
        """Differential conductance [S]."""
        return self._passed(self.model.slope(voltage, self.state))

    def conduction(self, voltage: Floats) -> tuple[Floats, Floats]:
        """Both, which is less work together."""
        current, slope = self.model.conduction(voltage, self.state)
        return self._passed(current), self._passed(slope)

    def rate(self, voltage: Floats, state: Floats) -> Floats:
        """Change of the states [1/s]; none of cells that are stuck or off."""
        rate = self.model.rate(voltage, state)
        self.check_fits(np.shape(rate))
        for still in (self.stuck, self.off):
            rate = rate if still is None else np.where(still, 0.0, rate)
        return rate

    def check_fits(self, shape: tuple[int, ...]) -> None:
        """Raise `DescriptionError` unless what tells cells apart has the shape of the array."""
        for what, given in (("states", np.shape(self.state)), ("parameters", self.model.shape)):
            if not fits(given, shape):
                raise DescriptionError(f"{what} of cells are one for all or of shape {shape}, got {given}")
        for what, mask in (("stuck", self.stuck), ("off", self.off)):
            if mask is not None and (np.shape(mask) != shape or np.asarray(mask).dtype != bool):
                raise DescriptionError(
                    f"which cells are {what} is told by truth values of shape {shape}, got {np.asarray(mask).dtype} of "
                    f"shape {np.shape(mask)}"
                )

    def _passed(self, values: Floats) -> Floats:
        if self.off is None:
            return values
        self.check_fits(np.shape(values))
        return np.where(self.off, 0.0, values)


def fits(given: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether values of one shape can be told to cells of another, each its own."""
    return len(given) <= len(shape) and all(
        own in (1, other) for own, other in zip(given[::-1], shape[::-1], strict=False)
    )


def check_law(law: object, shape: tuple[int, int]) -> None:
    """Raise `DescriptionError` unless something tells what cells of an array ``(m, n)`` carry."""
    if isinstance(law, CellModel) or not all(callable(getattr(law, name, None)) for name in ("current", "slope")):
        raise DescriptionError(
            f"the law of cells has current(voltage) and slope(voltage), as CellLawAt(model, states), got {law!r:.50}"
        )
    if isinstance(law, CellLawAt):
        law.check_fits(shape)
