"""Source waveforms: what a current or voltage source does over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spice_models.constants import FLUX_QUANTUM
from spice_models.errors import DescriptionError

Samples = NDArray[np.float64]


class Waveform(Protocol):
    """What every waveform answers."""

    def at(self, times: ArrayLike) -> Samples:
        """Value at each time [s], in the unit of the source."""

    def scaled(self, factor: float) -> Waveform:
        """Return the same shape with every value multiplied by ``factor``."""


@dataclass(frozen=True)
class DC:
    """A constant value from time zero on."""

    value: float

    def __post_init__(self) -> None:
        _finite("dc value", self.value)

    def at(self, times: ArrayLike) -> Samples:
        """Value at each time [s]."""
        return np.full(np.shape(times), float(self.value))

    def scaled(self, factor: float) -> DC:
        """Return it multiplied by ``factor``."""
        return DC(self.value * factor)


@dataclass(frozen=True)
class PWL:
    """Piecewise linear through ``(times[k], values[k])``, constant before the first and after the last point."""

    times: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", tuple(float(t) for t in self.times))
        object.__setattr__(self, "values", tuple(float(v) for v in self.values))
        if not self.times or len(self.times) != len(self.values):
            raise DescriptionError(f"pwl needs as many times as values: {len(self.times)} and {len(self.values)}")
        _finite("pwl", *self.times, *self.values)
        if any(b <= a for a, b in zip(self.times, self.times[1:], strict=False)):
            first = next(b for a, b in zip(self.times, self.times[1:], strict=False) if b <= a)
            raise DescriptionError(f"pwl times must increase from point to point, but {first:g} s does not")

    def at(self, times: ArrayLike) -> Samples:
        """Value at each time [s]."""
        return np.asarray(np.interp(np.asarray(times, dtype=float), self.times, self.values))

    def scaled(self, factor: float) -> PWL:
        """Return every value multiplied by ``factor``."""
        return PWL(self.times, tuple(v * factor for v in self.values))


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """A SPICE pulse: ``low`` to ``high``, repeated every ``period`` [s] if that is positive."""

    low: float = 0.0
    high: float
    delay: float = 0.0
    rise: float
    fall: float
    width: float
    period: float = 0.0

    def __post_init__(self) -> None:
        _finite("pulse", self.low, self.high, self.delay, self.rise, self.fall, self.width, self.period)
        if min(self.rise, self.fall) <= 0 or self.width < 0:
            raise DescriptionError("a pulse needs a positive rise and fall time and a width >= 0 [s]")
        if self.period < 0 or 0 < self.period < self.rise + self.width + self.fall:
            raise DescriptionError("the period of a pulse must be at least rise + width + fall [s], or 0 for one pulse")

    def at(self, times: ArrayLike) -> Samples:
        """Value at each time [s]."""
        t = np.asarray(times, dtype=float) - self.delay
        if self.period > 0:
            t = np.where(t >= 0, np.mod(t, self.period), t)
        corners = (0.0, self.rise, self.rise + self.width, self.rise + self.width + self.fall)
        if self.width == 0:
            return np.interp(t, (corners[0], corners[1], corners[3]), (self.low, self.high, self.low))
        return np.interp(t, corners, (self.low, self.high, self.high, self.low))

    def scaled(self, factor: float) -> Pulse:
        """Return both levels multiplied by ``factor``."""
        return replace(self, low=self.low * factor, high=self.high * factor)


@dataclass(frozen=True, kw_only=True)
class Sine:
    """``offset + amplitude sin(2 pi frequency (t - delay))`` from ``delay`` [s] on, ``offset`` before."""

    offset: float = 0.0
    amplitude: float
    frequency: float
    delay: float = 0.0

    def __post_init__(self) -> None:
        _finite("sine", self.offset, self.amplitude, self.frequency, self.delay)
        if self.frequency <= 0:
            raise DescriptionError(f"the frequency of a sine must be positive [Hz], got {self.frequency}")

    def at(self, times: ArrayLike) -> Samples:
        """Value at each time [s]."""
        t = np.asarray(times, dtype=float) - self.delay
        value = self.offset + self.amplitude * np.sin(2 * np.pi * self.frequency * t)
        return np.asarray(np.where(t >= 0, value, self.offset))

    def scaled(self, factor: float) -> Sine:
        """Return offset and amplitude multiplied by ``factor``."""
        return replace(self, offset=self.offset * factor, amplitude=self.amplitude * factor)


@dataclass(frozen=True, kw_only=True)
class Exponential:
    """``first`` until ``delay``, then towards ``second`` and from ``back`` [s] on towards ``first`` again.

    The time constants are ``rise`` and ``fall`` [s].
    """

    first: float = 0.0
    second: float
    delay: float = 0.0
    rise: float
    back: float
    fall: float

    def __post_init__(self) -> None:
        _finite("exponential", self.first, self.second, self.delay, self.rise, self.back, self.fall)
        if min(self.rise, self.fall) <= 0 or self.back < self.delay:
            raise DescriptionError(
                "an exponential needs positive time constants [s] and a second delay that is not before the first"
            )

    def at(self, times: ArrayLike) -> Samples:
        """Value at each time [s]."""
        t = np.asarray(times, dtype=float)
        step = self.second - self.first
        up = -step * np.expm1(-np.maximum(t - self.delay, 0.0) / self.rise)
        down = step * np.expm1(-np.maximum(t - self.back, 0.0) / self.fall)
        return np.asarray(self.first + up + down)

    def scaled(self, factor: float) -> Exponential:
        """Return both levels multiplied by ``factor``."""
        return replace(self, first=self.first * factor, second=self.second * factor)


@dataclass(frozen=True, kw_only=True)
class Noise:
    """White Gaussian noise from ``delay`` [s] on, zero before; its samples depend on the seed of the run.

    The value is held for ``interval`` [s] and drawn anew, with variance ``amplitude^2 / (2 interval)``: a one-sided
    spectral density of ``amplitude^2 sinc^2(f interval)``.

    Parameters
    ----------
    amplitude : float
        Root of the one-sided density [A/sqrt(Hz) or V/sqrt(Hz)], such as ``sqrt(4 k T / R)``.
    interval : float
        Time between draws [s]. Engines draw once a step where the step is longer, which keeps the density.
    delay : float
        When it starts [s].
    """

    amplitude: float
    interval: float
    delay: float = 0.0

    def __post_init__(self) -> None:
        _finite("noise", self.amplitude, self.interval, self.delay)
        if self.interval <= 0 or self.delay < 0:
            raise DescriptionError("noise needs a positive interval and a delay that is not negative [s]")

    def at(self, times: ArrayLike) -> Samples:
        """Zero up to the delay; refuse times after it, whose values only `drawn` knows."""
        t = np.asarray(times, dtype=float)
        if np.any(t > self.delay):
            raise DescriptionError("noise has no values before it is drawn: use an engine that takes a seed")
        return np.zeros(t.shape)

    def scaled(self, factor: float) -> Noise:
        """Return it with ``amplitude`` multiplied by ``factor``."""
        return replace(self, amplitude=self.amplitude * factor)

    def drawn(self, generator: np.random.Generator, *, duration: float, step: float) -> Held:
        """Draw the values of one run of ``duration`` [s] at steps of ``step`` [s]."""
        interval = max(self.interval, step)
        count = max(0, int(np.ceil((duration - self.delay) / interval * (1 - 1e-12)))) + 1
        values = generator.standard_normal(count) * (self.amplitude / (2 * interval) ** 0.5)
        return Held(values=values, interval=interval, delay=self.delay)


@dataclass(frozen=True, kw_only=True, eq=False)
class Held:
    """Zero before ``delay`` [s], then each of ``values`` for ``interval`` [s], and zero again."""

    values: Samples
    interval: float
    delay: float = 0.0

    def at(self, times: ArrayLike) -> Samples:
        """Value at each time [s]."""
        place = np.floor((np.asarray(times, dtype=float) - self.delay) / self.interval + 1e-6).astype(np.int64)
        within = (place >= 0) & (place < len(self.values))
        return np.asarray(np.where(within, self.values[np.clip(place, 0, len(self.values) - 1)], 0.0))

    def scaled(self, factor: float) -> Held:
        """Return every value multiplied by ``factor``."""
        return replace(self, values=self.values * factor)


def bias_ramp(value: float, rise: float = 10e-12) -> PWL:
    """Ramp a bias from zero to ``value`` within ``rise`` [s], then hold it: superconducting loops start empty."""
    return PWL((0.0, rise), (0.0, value))


def trapezoids(times: Sequence[float], *, high: float, rise: float, width: float, fall: float, low: float = 0.0) -> PWL:
    """One trapezoidal pulse starting at each of ``times`` [s]; constant ``low`` when there is none.

    Raises
    ------
    DescriptionError
        For a pulse that does not start after time zero, or not after the end of the one before.
    """
    length = rise + width + fall
    points: list[tuple[float, float]] = [(0.0, low)]
    for start in sorted(times):
        if start <= points[-1][0]:
            if len(points) == 1:
                raise DescriptionError(f"a pulse would start at {start:g} s: pulses must start after time zero")
            raise DescriptionError(
                f"pulses that start at {points[-1][0] - length:g} s and {start:g} s overlap: each is {length:g} s long"
            )
        corners = ((start, low), (start + rise, high), (start + rise + width, high), (start + length, low))
        points += [c for k, c in enumerate(corners) if k != 2 or width > 0]
    return PWL(tuple(t for t, _ in points), tuple(v for _, v in points))


def sfq_pulses(times: Sequence[float], *, width: float = 4e-12, area: float = FLUX_QUANTUM) -> PWL:
    """Triangular voltage pulses of ``area`` [V s] that peak at ``times`` [s], ``width`` [s] wide at half height.

    A voltage source with this waveform delivers one flux quantum a pulse, whatever it drives.
    """
    return trapezoids([t - width for t in times], high=area / width, rise=width, width=0.0, fall=width)


def _finite(what: str, *numbers: float) -> None:
    if not all(np.isfinite(numbers)):
        raise DescriptionError(f"{what} must hold finite numbers only")
