"""What every resistive cell model answers, and how its state moves under a voltage."""

from __future__ import annotations

from abc import ABC, abstractmethod
from copy import copy
from dataclasses import fields, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import instance, real, reals
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

    positive: ClassVar[tuple[str, ...]] = ()
    """Parameters that must be above zero."""

    not_negative: ClassVar[tuple[str, ...]] = ()
    """Parameters that may be zero and not less."""

    ascending: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Pairs of parameters of which the first must be the smaller."""

    def __post_init__(self) -> None:
        kind = type(self).__name__
        for f in fields(self):  # type: ignore[arg-type]
            value = getattr(self, f.name)
            given = reals(f"{f.name} of a {kind}", value)
            if not np.all(np.isfinite(given)):
                raise DescriptionError(f"{f.name} of a {kind} must be finite, got {value!r}")
            if f.name in self.positive and not np.all(given > 0):
                raise DescriptionError(f"{f.name} of a {kind} must be above zero, got {value!r}")
            if f.name in self.not_negative and not np.all(given >= 0):
                raise DescriptionError(f"{f.name} of a {kind} must not be negative, got {value!r}")
        for low, high in self.ascending:
            if not np.all(np.asarray(getattr(self, low)) < getattr(self, high)):
                raise DescriptionError(
                    f"{low} of a {kind} must be below {high}, got {getattr(self, low)} and {getattr(self, high)}"
                )

    @abstractmethod
    def current(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Current [A] at a voltage [V] and a state."""

    @abstractmethod
    def slope(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Differential conductance ``dI/dV`` [S]."""

    def conduction(self, voltage: ArrayLike, state: ArrayLike) -> tuple[Floats, Floats]:
        """Current [A] and differential conductance [S] together, which is less work for some models."""
        return self.current(voltage, state), self.slope(voltage, state)

    @abstractmethod
    def rate(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Rate of change of the state [1/s], within the model's bounds."""

    @property
    @abstractmethod
    def set_polarity(self) -> int:
        """Sign of the voltages that lower the resistance: 1 or -1."""

    def conductance(self, state: ArrayLike, read_voltage: float = READ_VOLTAGE) -> Floats:
        """Conductance [S] that a read at ``read_voltage`` [V] finds, ``I / V``."""
        if not real("the read voltage [V]", read_voltage):
            raise DescriptionError("the read voltage must not be zero: nothing flows there")
        return self.current(read_voltage, state) / read_voltage

    def conductance_range(self, read_voltage: float = READ_VOLTAGE) -> tuple[Floats, Floats]:
        """Smallest and largest conductance [S] of every cell."""
        return self.conductance(0.0, read_voltage), self.conductance(1.0, read_voltage)

    def state_for(self, conductance: ArrayLike, read_voltage: float = READ_VOLTAGE) -> Floats:
        """State at which a read finds ``conductance`` [S], by bisection; the nearest bound for what is out of range."""
        target = reals("conductances", conductance)
        if np.any(np.isnan(target)):
            raise DescriptionError("conductances to find states for must be numbers, got NaN")
        shape = np.broadcast_shapes(target.shape, self.conductance(0.0, read_voltage).shape)
        low, high = np.zeros(shape), np.ones(shape)
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            above = self.conductance(middle, read_voltage) >= target
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.asarray((low + high) / 2)

    def advance(self, voltage: ArrayLike, state: ArrayLike, duration: float, *, accuracy: float = ACCURACY) -> Floats:
        """Return the state after ``duration`` [s] at a constant voltage [V].

        Every cell is integrated with steps of its own by the method of Bogacki and Shampine, third order with an
        embedded second; bounds 0 and 1 hold. Cells that have arrived are left alone.

        Parameters
        ----------
        voltage, state : array
            Of every cell; shapes that broadcast.
        duration : float
            Of the pulse [s].
        accuracy : float
            Error of a state after a step of its integration.

        Raises
        ------
        DescriptionError
            For voltages or durations that make no sense.
        EngineError
            If a state will not be followed with the steps allowed; it names the longest pulse that is.

        References
        ----------
        P. Bogacki and L. F. Shampine, Appl. Math. Lett. 2, 321 (1989), doi 10.1016/0893-9659(89)90079-7.
        """
        time = real("the duration of a pulse [s]", duration, least=0.0)
        real("the accuracy of a state", accuracy, above=0.0)
        v, s = reals("voltages of cells", voltage), reals("states of cells", state)
        if not (np.all(np.isfinite(v)) and np.all(np.isfinite(s))):
            raise DescriptionError("voltages and states of cells must be finite")
        try:
            shape = np.broadcast_shapes(v.shape, s.shape, self.shape)
        except ValueError:
            raise DescriptionError(
                f"voltages {v.shape}, states {s.shape} and parameters {self.shape} of cells do not fit together"
            ) from None
        v, s = np.broadcast_to(v, shape).ravel(), np.clip(np.broadcast_to(s, shape), 0.0, 1.0).ravel()
        everything = np.ones(shape, dtype=bool)
        ended, left = _integrated(self.chosen(everything, shape), v, s, time, accuracy)
        if left > 0:
            raise EngineError(
                f"the state of a {type(self).__name__} could not be followed over {time:g} s: pulses of at most "
                f"{0.9 * (time - left):.3g} s can be, or smaller voltages"
            )
        return np.asarray(ended.reshape(shape))

    def chosen(self, cells: Any, shape: tuple[int, ...]) -> Self:
        """Return the model of some cells of an array of ``shape``: parameters of single cells are indexed."""
        changed = {
            f.name: np.broadcast_to(value, shape)[cells]
            for f in fields(self)  # type: ignore[arg-type]
            if isinstance(value := getattr(self, f.name), np.ndarray) and value.ndim
        }
        other = copy(self)
        for name, value in changed.items():
            object.__setattr__(other, name, value)
        return other

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the parameters together."""
        return np.broadcast_shapes(*(np.shape(getattr(self, f.name)) for f in fields(self)))  # type: ignore[arg-type]

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
        instance("rng of a spread", rng, np.random.Generator, "a generator, np.random.default_rng(seed)")
        instance("the shape of a spread", shape, tuple, "a tuple such as (m, n)")
        names = [f.name for f in fields(self)]  # type: ignore[arg-type]
        changed: dict[str, Any] = {}
        for name, sigma in relative.items():
            if name not in names:
                raise DescriptionError(f"{type(self).__name__} has no parameter {name!r}; it has {', '.join(names)}")
            real(f"the spread of {name!r}", sigma, least=0.0)
            changed[name] = getattr(self, name) * np.exp(sigma * rng.standard_normal(shape))
        return replace(self, **changed)  # type: ignore[type-var]


def _integrated(model: CellModel, v: Floats, s: Floats, duration: float, accuracy: float) -> tuple[Floats, float]:
    """States [cells] after a time, and the time that was left where the steps were not enough."""
    ended = s.copy()
    if duration == 0 or s.size == 0:
        return ended, 0.0
    slope = model.rate(v, s)
    cells = np.flatnonzero(slope)
    left = np.full(s.shape, duration)
    step = np.full(s.shape, duration)
    if len(cells) < len(s):
        model = model.chosen(cells, s.shape)
        v, s, slope, left, step = v[cells], s[cells], slope[cells], left[cells], step[cells]
    with np.errstate(divide="ignore", over="ignore"):
        step = np.minimum(left, 0.05 / np.abs(slope))
    for _ in range(_MOST_STEPS):
        moving = left > 0
        count = np.count_nonzero(moving)
        if count == 0:
            ended[cells] = s
            return ended, 0.0
        if 2 * count < len(s):
            ended[cells] = s
            model, cells = model.chosen(moving, s.shape), cells[moving]
            v, s, slope, left, step = v[moving], s[moving], slope[moving], left[moving], step[moving]
        step = np.minimum(step, left)
        second = model.rate(v, np.clip(s + 0.5 * step * slope, 0, 1))
        third = model.rate(v, np.clip(s + 0.75 * step * second, 0, 1))
        new = s + step * (2 * slope + 3 * second + 4 * third) / 9
        inside = np.clip(new, 0.0, 1.0)
        fourth = model.rate(v, inside)
        error = step * np.abs(-5 * slope / 72 + second / 12 + third / 9 - fourth / 8) / accuracy
        # At a constant voltage the state moves one way: once at a bound it stays there. A long step that leaps over
        # the bound has arrived as well, unless the state slows down before it.
        arrived = (new >= 1.0) | (new <= 0.0)
        if np.any(arrived & (error > 1.0)):
            before = model.rate(v, np.clip(inside, 1e-9, 1 - 1e-9))
            arrived &= (error <= 1.0) | (np.abs(before) >= 0.1 * np.abs(slope))
        good = (error <= 1.0) | arrived | (step <= 1e-9 * duration)
        s = np.where(good, inside, s)
        left = np.where(good, left - step, left)
        left = np.where(arrived | (left <= 1e-12 * duration), 0.0, left)
        slope = np.where(good, fourth, slope)
        step = step * np.clip(0.9 * np.maximum(error, 1e-12) ** (-1 / 3), 0.2, 5.0)
    return ended, float(left.max())
