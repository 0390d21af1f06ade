"""Source shapes that netlists know besides those of circuits, and what a source does before time zero."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from spice_models.waveforms import DC, PWL, Noise, Pulse, Samples, Sine, Waveform


@dataclass(frozen=True, kw_only=True)
class DampedSine:
    """``offset + amplitude exp(-damping u) sin(2 pi frequency u + phase)``, ``u = t - delay``; else ``offset``.

    It lasts ``cycles`` periods; for ever if that is 0. The phase is in rad, the damping in 1/s.
    """

    offset: float
    amplitude: float
    frequency: float
    delay: float
    damping: float
    phase: float
    cycles: float

    def at(self, times: ArrayLike) -> Samples:
        """Value at each time [s]."""
        u = np.asarray(times, dtype=float) - self.delay
        on = u >= 0 if self.cycles <= 0 else (u >= 0) & (u < self.cycles / self.frequency)
        late = np.maximum(u, 0.0)
        wave = self.amplitude * np.exp(-self.damping * late) * np.sin(2 * np.pi * self.frequency * late + self.phase)
        return np.asarray(np.where(on, self.offset + wave, self.offset))

    def scaled(self, factor: float) -> DampedSine:
        """Return offset and amplitude multiplied by ``factor``."""
        return replace(self, offset=self.offset * factor, amplitude=self.amplitude * factor)


@dataclass(frozen=True, kw_only=True)
class Eased:
    """Half a cosine from each point to the next, level at the points; constant before the first and after the last."""

    times: tuple[float, ...]
    values: tuple[float, ...]

    def at(self, times: ArrayLike) -> Samples:
        """Value at each time [s]."""
        place = np.interp(np.asarray(times, dtype=float), self.times, np.arange(len(self.times)))
        before = np.floor(place)
        eased = before + 0.5 * (1 - np.cos(np.pi * (place - before)))
        return np.asarray(np.interp(eased, np.arange(len(self.values)), self.values))

    def scaled(self, factor: float) -> Eased:
        """Return every value multiplied by ``factor``."""
        return replace(self, values=tuple(value * factor for value in self.values))


@dataclass(frozen=True, kw_only=True)
class Custom:
    """A wave from a file: a value a ``step`` [s] from ``delay`` [s] on, zero before and after, or again and again.

    By its ``order`` each value is held for a step (0), reached in a straight line in the course of it (1), or met at
    its beginning by a natural cubic spline (2).
    """

    values: tuple[float, ...]
    step: float
    order: int
    delay: float
    repeated: bool

    def at(self, times: ArrayLike) -> Samples:
        """Value at each time [s]."""
        place = (np.asarray(times, dtype=float) - self.delay) / self.step
        count = len(self.values)
        on = (place >= 0) & ((place <= count) | self.repeated)
        place = np.mod(place, count) if self.repeated else np.clip(place, 0, count)
        if self.order == 1:
            wave = np.interp(place, np.arange(count + 1), (0.0, *self.values))
        elif self.order == 0 or count == 1:
            wave = np.asarray(self.values)[np.minimum(place.astype(np.int64), count - 1)]
        else:
            from scipy.interpolate import CubicSpline  # slow to import, and seldom needed

            spline = CubicSpline(np.arange(count), self.values, bc_type="natural" if count > 2 else "not-a-knot")
            late = np.maximum(place - (count - 1), 0.0)
            wave = spline(place - late) + late * spline(count - 1.0, 1)
        return np.asarray(np.where(on, wave, 0.0))

    def scaled(self, factor: float) -> Custom:
        """Return every value multiplied by ``factor``."""
        return replace(self, values=tuple(value * factor for value in self.values))


@dataclass(frozen=True, kw_only=True)
class Settled:
    """A shape that starts at ``start`` [s], before it a ramp of ``ramp`` [s] to the value ``before`` and that value."""

    shape: Waveform
    before: float
    start: float
    ramp: float

    def at(self, times: ArrayLike) -> Samples:
        """Value at each time [s]."""
        t = np.asarray(times, dtype=float)
        early = self.before * np.clip(t / self.ramp, 0.0, 1.0)
        return np.asarray(np.where(t < self.start, early, self.shape.at(np.maximum(t - self.start, 0.0))))

    def scaled(self, factor: float) -> Settled:
        """Return it multiplied by ``factor``."""
        return replace(self, shape=self.shape.scaled(factor), before=self.before * factor)


def value_before_zero(shape: Waveform) -> float:
    """What JoSIM lets a source give before time zero: nothing for pwl and noise, its first level for the others."""
    if isinstance(shape, PWL | Noise):
        return 0.0
    return shape.value if isinstance(shape, DC) else float(shape.at(-1.0))


def settled(shape: Waveform, start: float) -> Waveform:
    """Delay a shape by ``start`` [s], into the first half of which its value before time zero is ramped up."""
    before = value_before_zero(shape)
    if isinstance(shape, DC):
        return PWL((0.0, start / 2), (0.0, shape.value))
    if isinstance(shape, (Pulse, Sine)) and before == 0.0:
        return replace(shape, delay=shape.delay + start)
    if isinstance(shape, PWL) and shape.values[0] == 0.0:
        return PWL(tuple(t + start for t in shape.times), shape.values)
    return Settled(shape=shape, before=before, start=start, ramp=start / 2)


def sampled(shape: Waveform, *, duration: float, step: float) -> PWL:
    """Straight lines through the values at every step: what engines are given that know no such shape."""
    times = step * np.arange(int(np.ceil(duration / step)) + 1)
    return PWL(tuple(times.tolist()), tuple(np.asarray(shape.at(times)).tolist()))
