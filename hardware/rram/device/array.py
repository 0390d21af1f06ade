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
        if not (self.stuck_low >= 0 and self.stuck_high >= 0 and self.stuck_low + self.stuck_high <= 1):
            raise DescriptionError("parts of stuck cells must not be negative, nor more than 1 together")

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """State of each stuck cell, NaN for working ones."""
        u = rng.random(shape)
        return np.where(u < self.stuck_low, 0.0, np.where(u < self.stuck_low + self.stuck_high, 1.0, np.nan))


class CellLawAt:
    """The conduction of cells at fixed states, as `hardware.rram.nonlinear.solve_cells` takes it."""

    def __init__(self, model: CellModel, state: ArrayLike) -> None:
        self.model, self.state = model, np.asarray(state, dtype=float)

    def current(self, voltage: Floats) -> Floats:
        """Current [A]."""
        return self.model.current(voltage, self.state)

    def slope(self, voltage: Floats) -> Floats:
        """Differential conductance [S]."""
        return self.model.slope(voltage, self.state)


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
        if not (np.isfinite(cycle_spread) and cycle_spread >= 0):
            raise DescriptionError(f"the cycle-to-cycle spread must not be negative, got {cycle_spread}")
        self.model, self.shape = model, shape
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
        """Apply voltages ``[m, n]`` [V] for ``duration`` [s] and return the change of every state."""
        across = np.broadcast_to(np.asarray(voltage, dtype=float), self.shape)
        # Few cells of an array that is being written move at all.
        active = self.model.rate(across, self._state) != 0
        moved = np.zeros(self.shape)
        part = self.model.chosen(active, self.shape)
        moved[active] = part.advance(across[active], self._state[active], duration) - self._state[active]
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

    def conductance(self, read_voltage: float = READ_VOLTAGE, *, rows: slice = _ALL) -> Floats:
        """Conductance [S], drifted, without noise; of some rows if asked."""
        state = self._state[rows]
        model = self.model.chosen(rows, self.shape)
        g = model.conductance(state, read_voltage)
        return g if self._drift is None else g * self._drift.factors(self._exponents[rows], self._age[rows])

    def read(self, read_voltage: float = READ_VOLTAGE, *, elapsed: float = 0.0, rows: slice = _ALL) -> Floats:
        """Conductance [S] as one read finds it, ``elapsed`` [s] after the last, with noise; of some rows if asked."""
        g = self.conductance(read_voltage, rows=rows)
        if self._noise is None:
            return g
        self._standing, factors = self._noise.factors(self._standing, elapsed, self._rng)
        return np.asarray(g * factors[rows])

    @property
    def law(self) -> CellLawAt:
        """Conduction at the present states."""
        return CellLawAt(self.model, self._state)

    def _held(self, state: Floats) -> Floats:
        low, high = (0.0, 1.0) if self._endurance is None else self._endurance.bounds(self.cycles)
        return np.where(np.isnan(self._stuck), np.clip(state, low, high), self._stuck)
