"""An array of cells with a memory: programmed, read, aged, worn and faulty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.device.ageing import Endurance, PowerLawDrift
from hardware.rram.device.cell import READ_VOLTAGE, CellModel
from hardware.rram.device.read_noise import ReadNoise
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]


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
        if not (self.stuck_low >= 0 and self.stuck_high >= 0 and self.stuck_low + self.stuck_high <= 1):
            raise DescriptionError("parts of stuck cells must not be negative, nor more than 1 together")

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """State of each stuck cell, NaN for working ones."""
        u = rng.random(shape)
        return np.where(u < self.stuck_low, 0.0, np.where(u < self.stuck_low + self.stuck_high, 1.0, np.nan))


class CellLawAt:
    """The conduction of cells at fixed states, as `hardware.rram.nonlinear.solve_cells` takes it."""

    def __init__(self, model: CellModel, state: Floats, series_resistance: float = 0.0) -> None:
        self._model, self._state, self._series = model, state, series_resistance

    def current(self, voltage: Floats) -> Floats:
        """Current [A] at the voltage [V] over cell and series resistance."""
        return self._model.current(self._inner(voltage), self._state)

    def slope(self, voltage: Floats) -> Floats:
        """Differential conductance [S] of both in series."""
        g = self._model.slope(self._inner(voltage), self._state)
        return np.asarray(g / (1.0 + self._series * g))

    def _inner(self, voltage: Floats) -> Floats:
        """Voltage over the cell alone: ``V - R I(V_cell) = V_cell``, by a safeguarded Newton iteration."""
        v = np.asarray(voltage, dtype=float)
        if self._series == 0:
            return v
        low, high = np.minimum(v, 0.0), np.maximum(v, 0.0)
        x = v / (1.0 + self._series * self._model.slope(0.0 * v, self._state))
        for _ in range(100):
            off = x + self._series * self._model.current(x, self._state) - v
            low, high = np.where(off < 0, x, low), np.where(off > 0, x, high)
            new = x - off / (1.0 + self._series * self._model.slope(x, self._state))
            new = np.where((new >= low) & (new <= high), new, (low + high) / 2)
            if np.all(np.abs(new - x) <= 1e-15 + 1e-14 * np.abs(v)):
                return np.asarray(new)
            x = new
        return np.asarray(x)


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
    series_resistance : float
        Of the access transistor of a 1T1R cell [ohm].
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
        series_resistance: float = 0.0,
    ) -> None:
        if not (np.isfinite(cycle_spread) and cycle_spread >= 0 and np.isfinite(series_resistance)):
            raise DescriptionError("the cycle-to-cycle spread must not be negative, and resistances must be finite")
        if series_resistance < 0:
            raise DescriptionError(f"the series resistance must not be negative, got {series_resistance}")
        self.model, self.shape, self.series_resistance = model, shape, series_resistance
        self._rng, self._cycle_spread = rng, cycle_spread
        self._noise, self._drift, self._endurance = read_noise, drift, endurance
        self._stuck = (faults or Faults()).draw(shape, rng)
        self._exponents = drift.exponents(shape, rng) if drift is not None else np.zeros(shape)
        self._standing = read_noise.begin(shape, rng) if read_noise is not None else np.zeros(shape)
        self._travel, self._age = np.zeros(shape), np.zeros(shape)
        self._state = self._held(np.broadcast_to(np.asarray(state, dtype=float), shape))

    @property
    def state(self) -> Floats:
        """State of every cell, shape (m, n)."""
        return self._state.copy()

    @property
    def working(self) -> NDArray[np.bool_]:
        """Which cells are not stuck."""
        return np.isnan(self._stuck)

    @property
    def cycles(self) -> Floats:
        """Full cycles that every cell has seen."""
        return self._travel / 2

    def pulse(self, voltage: ArrayLike, duration: float) -> Floats:
        """Apply voltages ``[m, n]`` [V] over cells (and their series resistance) for ``duration`` [s].

        The voltage over a cell with a series resistance is that at the beginning of the pulse. Returns the change of
        every state.
        """
        v = np.broadcast_to(np.asarray(voltage, dtype=float), self.shape)
        across = CellLawAt(self.model, self._state, self.series_resistance)._inner(v)
        moved = self.model.advance(across, self._state, duration) - self._state
        if self._cycle_spread:
            moved = moved * np.exp(self._cycle_spread * self._rng.standard_normal(self.shape))
        before = self._state
        self._state = self._held(before + moved)
        change = self._state - before
        self._travel += np.abs(change)
        self._age = np.where(change != 0, 0.0, self._age)
        return np.asarray(change)

    def wait(self, duration: float) -> None:
        """Let ``duration`` [s] pass: cells drift, and slow noise moves on."""
        if not (np.isfinite(duration) and duration >= 0):
            raise DescriptionError(f"a time to wait must not be negative [s], got {duration}")
        self._age += duration
        if self._noise is not None:
            self._standing, _ = self._noise.factors(self._standing, duration, self._rng)

    def conductance(self, read_voltage: float = READ_VOLTAGE) -> Floats:
        """Conductance [S] of cells and their series resistance, drifted, without noise."""
        law = CellLawAt(self.model, self._state, self.series_resistance)
        g = law.current(np.full(self.shape, read_voltage)) / read_voltage
        return g if self._drift is None else g * self._drift.factors(self._exponents, self._age)

    def read(self, read_voltage: float = READ_VOLTAGE, *, elapsed: float = 0.0) -> Floats:
        """Conductance [S] as one read finds it, ``elapsed`` [s] after the last, with noise."""
        g = self.conductance(read_voltage)
        if self._noise is None:
            return g
        self._standing, factors = self._noise.factors(self._standing, elapsed, self._rng)
        return np.asarray(g * factors)

    @property
    def law(self) -> CellLawAt:
        """Conduction at the present states."""
        return CellLawAt(self.model, self._state, self.series_resistance)

    def _held(self, state: Floats) -> Floats:
        low, high = (0.0, 1.0) if self._endurance is None else self._endurance.bounds(self.cycles)
        return np.where(np.isnan(self._stuck), np.clip(state, low, high), self._stuck)
