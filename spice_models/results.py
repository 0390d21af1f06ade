"""The two kinds of result: events (`SpikeTrains`) and samples (`Traces`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spice_models.errors import DescriptionError, unknown_name


@dataclass(frozen=True, kw_only=True, eq=False)
class SpikeTrains:
    """Events of ``n`` sources: spikes of neurons, or SFQ pulses of junctions.

    Parameters
    ----------
    times : array of float, shape (events,)
        When each event happened [s]; sorted on construction.
    indices : array of int, shape (events,)
        Which source emitted it, ``0 <= index < n``.
    n : int
        Number of sources.
    duration : float
        Length of the observation [s].

    Raises
    ------
    DescriptionError
        For times that are negative, not finite or after the end, and for indices out of range.
    """

    times: NDArray[np.float64]
    indices: NDArray[np.int64]
    n: int
    duration: float

    def __post_init__(self) -> None:
        times = np.atleast_1d(np.asarray(self.times, dtype=float))
        indices = np.atleast_1d(np.asarray(self.indices, dtype=np.int64))
        if times.shape != indices.shape or times.ndim != 1:
            raise DescriptionError(
                f"times and indices must be 1-d and of one length, got shapes {times.shape} and {indices.shape}"
            )
        if self.n < 1:
            raise DescriptionError(f"spike trains need at least one source, got n = {self.n}")
        if not np.isfinite(self.duration) or self.duration <= 0:
            raise DescriptionError(f"duration must be positive and finite [s], got {self.duration}")
        if not np.all(np.isfinite(times)):
            raise DescriptionError("spike times must be finite [s]")
        if times.size and (times.min() < 0 or times.max() > self.duration):
            raise DescriptionError(
                f"spike times must lie in 0..{self.duration:g} s, got {times.min():g}..{times.max():g} s"
            )
        if indices.size and (indices.min() < 0 or indices.max() >= self.n):
            raise DescriptionError(f"indices must lie in 0..{self.n - 1}, got {indices.min()}..{indices.max()}")
        order = np.lexsort((indices, times))
        for name, value in (("times", times[order]), ("indices", indices[order])):
            value.flags.writeable = False
            object.__setattr__(self, name, value)

    @classmethod
    def from_lists(cls, trains: Sequence[Sequence[float]], duration: float) -> SpikeTrains:
        """Build from one list of times [s] a source."""
        times = np.array([t for train in trains for t in train], dtype=float)
        indices = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
        return cls(times=times, indices=indices, n=len(trains), duration=duration)

    def of(self, index: int) -> NDArray[np.float64]:
        """Times [s] of one source."""
        if not 0 <= index < self.n:
            raise DescriptionError(f"no source {index}: available are 0..{self.n - 1}")
        times: NDArray[np.float64] = self.times[self.indices == index]
        return times

    def to_lists(self) -> list[list[float]]:
        """One list of times [s] a source."""
        return [self.of(i).tolist() for i in range(self.n)]

    def counts(self) -> NDArray[np.int64]:
        """Number of events of each source, shape (n,)."""
        return np.bincount(self.indices, minlength=self.n)

    def to_traces(self, dt: float) -> Traces:
        """Bin the events: number of events of each source in each step of ``dt`` [s]."""
        if not (np.isfinite(dt) and dt > 0):
            raise DescriptionError(f"the width of a bin must be positive [s], got {dt}")
        steps = int(np.ceil(self.duration / dt))
        values = np.zeros((self.n, steps))
        np.add.at(values, (self.indices, np.minimum((self.times / dt).astype(int), steps - 1)), 1.0)
        return Traces(values=values, dt=dt, names=tuple(str(i) for i in range(self.n)), units=("1",) * self.n)


@dataclass(frozen=True, kw_only=True, eq=False)
class Traces:
    """Sampled signals on one time axis.

    Parameters
    ----------
    values : array, shape (n_channels, n_steps)
        One row a channel.
    dt : float
        Time between samples [s].
    names, units : tuple of str
        One of each a channel; units in SI (``"V"``, ``"A"``, ``"rad"``, ``"1"``).
    start : float
        Time of the first sample [s].
    """

    values: NDArray[np.float64]
    dt: float
    names: tuple[str, ...]
    units: tuple[str, ...]
    start: float = 0.0
    _rows: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        values = np.atleast_2d(np.asarray(self.values, dtype=float))
        if values.ndim != 2:
            raise DescriptionError(f"traces are 2-d, one row a channel; got values of shape {values.shape}")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "names", tuple(self.names))
        object.__setattr__(self, "units", tuple(self.units))
        if not np.isfinite(self.dt) or self.dt <= 0:
            raise DescriptionError(f"time between samples must be positive [s], got {self.dt}")
        if len(self.names) != len(values) or len(self.units) != len(values):
            raise DescriptionError(
                f"traces need one name and one unit a channel: {len(values)} channels, {len(self.names)} names and "
                f"{len(self.units)} units"
            )
        object.__setattr__(self, "_rows", {name: row for row, name in enumerate(self.names)})

    @property
    def times(self) -> NDArray[np.float64]:
        """Sample times [s], shape (n_steps,)."""
        return self.start + self.dt * np.arange(self.values.shape[1], dtype=np.float64)

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        if name not in self._rows:
            raise unknown_name("trace", name, self.names)
        row: NDArray[np.float64] = self.values[self._rows[name]]
        return row

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def to_spikes(self, threshold: float) -> SpikeTrains:
        """Upward crossings of ``threshold`` (in the unit of the traces), interpolated between samples."""
        low, high = self.values[:, :-1], self.values[:, 1:]
        indices, steps = np.nonzero((low < threshold) & (high >= threshold))
        before, after = low[indices, steps], high[indices, steps]
        times = self.start + self.dt * (steps + (threshold - before) / (after - before))
        return SpikeTrains(
            times=times, indices=indices, n=len(self.values), duration=self.start + self.dt * self.values.shape[1]
        )
