"""An array of cells with a memory: programmed, read, aged, worn and faulty."""

from __future__ import annotations

from dataclasses import dataclass
from types import NoneType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import array_shape, instance, real, reals
from hardware.rram.device.ageing import Endurance, PowerLawDrift
from hardware.rram.device.cell import ACCURACY, READ_VOLTAGE, CellModel
from hardware.rram.device.law import CellLawAt, fits
from hardware.rram.device.read_noise import ReadNoise
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ALL = slice(None)


@dataclass(frozen=True, kw_only=True)
class Faults:
    """Cells that do not switch.

    Parameters
    ----------
    stuck_low, stuck_high : float
        Parts of the cells that stay at their lowest and highest conductance.
    """

    stuck_low: float = 0.0
    stuck_high: float = 0.0

    def __post_init__(self) -> None:
        low, high = (real(f"{name} of faults", getattr(self, name), least=0.0) for name in ("stuck_low", "stuck_high"))
        if low + high > 1:
            raise DescriptionError(f"parts of stuck cells must not be more than 1 together, got {low} and {high}")

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """State of each stuck cell, NaN for working ones."""
        u = rng.random(shape)
        return np.where(u < self.stuck_low, 0.0, np.where(u < self.stuck_low + self.stuck_high, 1.0, np.nan))


class CellArray:
    """Cells of one model in an array, and everything that happens to them.

    Parameters
    ----------
    model : CellModel
        Of the cells; with `CellModel.spread`, one a cell.
    shape : (m, n)
        Of the array.
    rng : Generator
        Draws faults, cycle-to-cycle spread and noise.
    state : float or array, shape (m, n)
        At the beginning.
    cycle_spread : float
        Standard deviation of the logarithm of the factor on what each pulse changes.
    read_noise : ReadNoise, optional
        Of reads.
    drift : PowerLawDrift, optional
        Of what was written.
    endurance : Endurance, optional
        Wear by use; a cycle is a change of the state by 2 altogether.
    faults : Faults
        Stuck cells.
    """

    def __init__(
        self,
        model: CellModel,
        shape: tuple[int, int],
        rng: np.random.Generator,
        *,
        state: ArrayLike = 0.0,
        cycle_spread: float = 0.0,
        read_noise: ReadNoise | None = None,
        drift: PowerLawDrift | None = None,
        endurance: Endurance | None = None,
        faults: Faults | None = None,
    ) -> None:
        real("the cycle-to-cycle spread", cycle_spread, least=0.0)
        instance("the model of an array of cells", model, CellModel, "a cell model such as VTEAM()")
        instance("rng of an array of cells", rng, np.random.Generator, "a generator, np.random.default_rng(seed)")
        if not callable(getattr(read_noise, "factors", None)) and read_noise is not None:
            raise DescriptionError(f"read_noise must be one such as GaussianNoise(sigma=0.02), got {read_noise!r}")
        instance("faults of an array of cells", faults, (Faults, NoneType), "Faults(...)")
        instance("drift of an array of cells", drift, (PowerLawDrift, NoneType), "PowerLawDrift(...)")
        instance("endurance of an array of cells", endurance, (Endurance, NoneType), "Endurance(...)")
        self.model, self.shape = model, array_shape(shape)
        shape = self.shape
        if not fits(model.shape, shape):
            raise DescriptionError(f"parameters of the model are one for all or of shape {shape}, got {model.shape}")
        begun = reals("states of cells", state)
        if (begun.ndim and begun.shape != shape) or not np.all((begun >= 0) & (begun <= 1)):
            raise DescriptionError(f"states of cells are one number or an array of shape {shape}, from 0 to 1")
        self._rng, self._cycle_spread = rng, cycle_spread
        self._noise, self._drift, self._endurance = read_noise, drift, endurance
        self._stuck = (faults or Faults()).draw(shape, rng)
        self._exponents = drift.exponents(shape, rng) if drift is not None else np.zeros(shape)
        self._standing = read_noise.begin(shape, rng) if read_noise is not None else np.zeros(shape)
        self._travel, self._age = np.zeros(shape), np.zeros(shape)
        self._state = self._held(np.broadcast_to(begun, shape))

    @property
    def state(self) -> Floats:
        """State of every cell, shape (m, n)."""
        return self._state.copy()

    def state_of(self, rows: Any) -> Floats:
        """State of the cells of some rows."""
        return np.asarray(self._state[rows])

    @property
    def working(self) -> NDArray[np.bool_]:
        """Which cells are not stuck."""
        return np.isnan(self._stuck)

    @property
    def cycles(self) -> Floats:
        """Full cycles that every cell has seen."""
        return self._travel / 2

    def pulse(self, voltage: ArrayLike, duration: float) -> Floats:
        """Apply voltages ``[m, n]`` [V] for ``duration`` [s] and return the change of every state."""
        given = reals("the voltages of a pulse", voltage)
        if given.ndim and given.shape != self.shape:
            raise DescriptionError(f"the voltages of a pulse must be one or of shape {self.shape}, got {given.shape}")
        everywhere = np.nonzero(np.ones(self.shape, dtype=bool))
        cells, change = self.move(everywhere, np.broadcast_to(given, self.shape)[everywhere], duration)
        moved = np.zeros(self.shape)
        moved[cells] = change
        return moved

    def move(
        self, cells: tuple[Ints, ...], voltage: Floats, duration: float, *, accuracy: float = ACCURACY
    ) -> tuple[tuple[Ints, ...], Floats]:
        """Apply voltages to some cells alone; return which of them moved, and by how much.

        Parameters
        ----------
        cells : pair of array, shape (k,)
            Their rows and columns.
        voltage : array, shape (k,)
            Over each [V].
        duration : float
            Of the pulse [s].
        accuracy : float
            See `CellModel.advance`.
        """
        part, before = self.model.chosen(cells, self.shape), self._state[cells]
        change = part.advance(voltage, before, duration, accuracy=accuracy) - before
        moving = np.flatnonzero(change)
        cells, before, change = tuple(axis[moving] for axis in cells), before[moving], change[moving]
        if self._cycle_spread:
            change = change * np.exp(self._cycle_spread * self._rng.standard_normal(len(moving)))
        after = self._held(before + change, cells)
        change = after - before
        self._state[cells] = after
        self._travel[cells] += np.abs(change)
        self._age[cells] = np.where(change != 0, 0.0, self._age[cells])
        return cells, change

    def wait(self, duration: float) -> None:
        """Let ``duration`` [s] pass: cells drift, and slow noise moves on."""
        self._age += real("a time to wait [s]", duration, least=0.0)
        if self._noise is not None:
            self._standing, _ = self._noise.factors(self._standing, duration, self._rng)

    def conductance(self, read_voltage: float = READ_VOLTAGE, *, rows: slice | Ints = _ALL) -> Floats:
        """Conductance [S], drifted, without noise; of some rows if asked."""
        state = self._state[rows]
        model = self.model.chosen(rows, self.shape)
        g = model.conductance(state, read_voltage)
        return g if self._drift is None else g * self._drift.factors(self._exponents[rows], self._age[rows])

    def read(self, read_voltage: float = READ_VOLTAGE, *, elapsed: float = 0.0, rows: slice | Ints = _ALL) -> Floats:
        """Conductance [S] as one read finds it, ``elapsed`` [s] after the last, with noise; of some rows if asked."""
        real("the time since the last read [s]", elapsed, least=0.0)
        g = self.conductance(read_voltage, rows=rows)
        if self._noise is None:
            return g
        self._standing, factors = self._noise.factors(self._standing, elapsed, self._rng)
        return np.asarray(g * factors[rows])

    @property
    def law(self) -> CellLawAt:
        """Conduction at the present states."""
        return CellLawAt(self.model, self._state, stuck=None if np.all(self.working) else ~self.working)

    def _held(self, state: Floats, cells: Any = ...) -> Floats:
        low, high = (0.0, 1.0) if self._endurance is None else self._endurance.bounds(self._travel[cells] / 2)
        stuck = self._stuck[cells]
        return np.where(np.isnan(stuck), np.clip(state, low, high), stuck)
