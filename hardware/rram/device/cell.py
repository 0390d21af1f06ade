"""What every resistive cell model answers, and how its state moves under a voltage."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spice_models.errors import DescriptionError, EngineError

Floats = NDArray[np.float64]

READ_VOLTAGE = 0.1
"""Voltage [V] at which conductances are told unless another is given [chosen]."""

ACCURACY = 1e-6
"""Error of a state after a step of its integration [chosen]."""

_MOST_STEPS = 20000
_BISECTIONS = 60


class CellModel(ABC):
    """A resistive cell with one state, elementwise over arrays of any shape.

    The state ``s`` is 0 at the highest and 1 at the lowest resistance. Parameters are numbers, or arrays over the cells
    where they differ from cell to cell (`spread`).
    """

    @abstractmethod
    def current(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Current [A] at a voltage [V] and a state."""

    @abstractmethod
    def slope(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Differential conductance ``dI/dV`` [S]."""

    @abstractmethod
    def rate(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Rate of change of the state [1/s], within the model's bounds."""

    @property
    @abstractmethod
    def set_polarity(self) -> int:
        """Sign of the voltages that lower the resistance: 1 or -1."""

    def conductance(self, state: ArrayLike, read_voltage: float = READ_VOLTAGE) -> Floats:
        """Conductance [S] that a read at ``read_voltage`` [V] finds, ``I / V``."""
        return self.current(read_voltage, state) / read_voltage

    def conductance_range(self, read_voltage: float = READ_VOLTAGE) -> tuple[Floats, Floats]:
        """Smallest and largest conductance [S] of every cell."""
        return self.conductance(0.0, read_voltage), self.conductance(1.0, read_voltage)

    def state_for(self, conductance: ArrayLike, read_voltage: float = READ_VOLTAGE) -> Floats:
        """State at which a read finds ``conductance`` [S], by bisection; the nearest bound for what is out of range."""
        target = np.asarray(conductance, dtype=float)
        shape = np.broadcast_shapes(target.shape, self.conductance(0.0, read_voltage).shape)
        low, high = np.zeros(shape), np.ones(shape)
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            above = self.conductance(middle, read_voltage) >= target
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.asarray((low + high) / 2)

    def advance(self, voltage: ArrayLike, state: ArrayLike, duration: float) -> Floats:
        """Return the state after ``duration`` [s] at a constant voltage [V].

        Every cell is integrated with steps of its own by the method of Bogacki and Shampine, third order with an
        embedded second; bounds 0 and 1 hold.

        Raises
        ------
        DescriptionError
            For voltages or durations that make no sense.
        EngineError
            If the state of a cell will not be followed with the steps allowed.

        References
        ----------
        P. Bogacki and L. F. Shampine, Appl. Math. Lett. 2, 321 (1989), doi 10.1016/0893-9659(89)90079-7.
        """
        if not (np.isfinite(duration) and duration >= 0):
            raise DescriptionError(f"a pulse needs a finite duration that is not negative [s], got {duration}")
        v, s = np.broadcast_arrays(np.asarray(voltage, dtype=float), np.asarray(state, dtype=float))
        if not (np.all(np.isfinite(v)) and np.all(np.isfinite(s))):
            raise DescriptionError("voltages and states of cells must be finite")
        s = np.clip(s, 0.0, 1.0)
        slope = self.rate(v, s)
        left = np.full(s.shape, float(duration))
        with np.errstate(divide="ignore"):
            step = np.minimum(left, 0.05 / np.maximum(np.abs(slope), 1e-300))
        for _ in range(_MOST_STEPS):
            if not np.any(left > 0):
                return np.asarray(s)
            step = np.minimum(step, left)
            second = self.rate(v, np.clip(s + 0.5 * step * slope, 0, 1))
            third = self.rate(v, np.clip(s + 0.75 * step * second, 0, 1))
            new = s + step * (2 * slope + 3 * second + 4 * third) / 9
            inside = np.clip(new, 0.0, 1.0)
            fourth = self.rate(v, inside)
            error = step * np.abs(-5 * slope / 72 + second / 12 + third / 9 - fourth / 8) / ACCURACY
            # At a constant voltage the state moves one way: once at a bound it stays there. A long step that leaps over
            # the bound has arrived as well, unless the state slows down before it.
            arrived = (new >= 1.0) | (new <= 0.0)
            if np.any(arrived & (error > 1.0)):
                before = self.rate(v, np.clip(inside, 1e-9, 1 - 1e-9))
                arrived &= (error <= 1.0) | (np.abs(before) >= 0.1 * np.abs(slope))
            good = (error <= 1.0) | arrived | (step <= 1e-9 * duration)
            s = np.where(good, inside, s)
            left = np.where(good, left - step, left)
            left = np.where(arrived | (left <= 1e-12 * duration), 0.0, left)
            slope = np.where(good, fourth, slope)
            step = step * np.clip(0.9 * np.maximum(error, 1e-12) ** (-1 / 3), 0.2, 5.0)
        raise EngineError(
            f"the state of a {type(self).__name__} could not be followed over {duration:g} s: use shorter pulses or "
            "smaller voltages"
        )

    def chosen(self, cells: Any, shape: tuple[int, ...]) -> Self:
        """Return the model of some cells of an array of ``shape``: parameters of single cells are indexed."""
        changed = {
            f.name: value[cells]
            for f in fields(self)  # type: ignore[arg-type]
            if isinstance(value := getattr(self, f.name), np.ndarray) and value.shape == shape
        }
        return replace(self, **changed) if changed else self  # type: ignore[type-var]

    def spread(self, shape: tuple[int, ...], rng: np.random.Generator, **relative: float) -> Self:
        """Return the model with parameters that differ from cell to cell.

        Parameters
        ----------
        shape : tuple of int
            Of the array of cells.
        rng : Generator
            Draws the factors.
        **relative : float
            Parameter = standard deviation of the logarithm of its factor (0.1: about 10 %); factors are log-normal, so
            that signs stay.

        Raises
        ------
        DescriptionError
            For a parameter that the model does not have, or a negative spread.
        """
        names = [f.name for f in fields(self)]  # type: ignore[arg-type]
        changed: dict[str, Any] = {}
        for name, sigma in relative.items():
            if name not in names:
                raise DescriptionError(f"{type(self).__name__} has no parameter {name!r}; it has {', '.join(names)}")
            if not (np.isfinite(sigma) and sigma >= 0):
                raise DescriptionError(f"the spread of {name!r} must not be negative, got {sigma}")
            changed[name] = getattr(self, name) * np.exp(sigma * rng.standard_normal(shape))
        return replace(self, **changed)  # type: ignore[type-var]
