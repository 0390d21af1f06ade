"""Results of many variants: pulse times of every junction, and the traces that were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spice_models.errors import DescriptionError, unknown_name
from spice_models.results import SpikeTrains, Traces

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def _nothing() -> Floats:
    return np.zeros((0, 0, 0))


@dataclass(frozen=True, kw_only=True, eq=False)
class Batch:
    """Pulse times of every junction in every variant, and traces where they were asked for.

    Parameters
    ----------
    junctions : tuple of str
        Names, in the order of the first axis.
    times : array, shape (junctions, events, variants)
        Times [s] at which a phase passed an odd multiple of pi upward, from the parabola through three steps; negative
        where it slipped back; NaN for none.
    slips : array, shape (junctions, variants)
        Net number of 2 pi slips.
    backward : array, shape (junctions, variants)
        Number of slips backward.
    duration : float
        Simulated time [s].
    values : array, shape (channels, samples, variants)
        Recorded traces in SI units; empty if none were asked for.
    names, units : tuple of str
        Of the channels.
    start, dt : float
        Time of the first sample and between samples [s].
    """

    junctions: tuple[str, ...]
    times: Floats
    slips: Ints
    backward: Ints
    duration: float
    values: Floats = field(default_factory=_nothing)
    names: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    start: float = 0.0
    dt: float = 0.0
    _rows: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rows", {name: i for i, name in enumerate(self.junctions)})

    def row(self, junction: str) -> int:
        """Index of a junction."""
        if junction not in self._rows:
            raise unknown_name("junction", junction, self.junctions)
        return self._rows[junction]

    def pulses(self, junction: str, variant: int = 0) -> Floats:
        """Times [s] of the forward pulses of one junction in one variant."""
        times = self.times[self.row(junction), :, variant]
        forward: Floats = times[np.isfinite(times) & (times > 0)]
        return forward

    def spike_trains(self, junctions: Sequence[str], variant: int = 0) -> SpikeTrains:
        """Forward pulses of some junctions as spike trains, numbered in the order given."""
        return SpikeTrains.from_lists([self.pulses(j, variant).tolist() for j in junctions], self.duration)

    def traces(self, variant: int = 0) -> Traces:
        """Recorded traces of one variant.

        Raises
        ------
        DescriptionError
            If nothing was recorded.
        """
        if not self.names:
            raise DescriptionError('this batch has no traces: name them when it is run, such as record=["phase(J1)"]')
        values = np.ascontiguousarray(self.values[:, :, variant])
        return Traces(values=values, dt=self.dt, start=self.start, names=self.names, units=self.units)
