"""From a simulator's own time points to a uniform grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spice_models.elements import GROUND, CurrentSource
from spice_models.engines.recording import Channel
from spice_models.errors import EngineError
from spice_models.results import Traces

Floats = NDArray[np.float64]


def grid(duration: float, step: float) -> Floats:
    """Times [s] ``0, step, 2 step, ...`` up to and with ``duration``."""
    return np.asarray(step * np.arange(int(np.floor(duration / step * (1 + 1e-12) + 1e-9)) + 1), dtype=np.float64)


def check_times(times: Floats, *, duration: float, simulator: str) -> None:
    """Raise unless the time points [s] of a run are finite, in order and reach its end."""
    if times.size < 2 or not np.all(np.isfinite(times)):
        raise EngineError(f"{simulator} returned {times.size} usable time points: look at its log and at the circuit")
    if np.any(np.diff(times) < 0):
        raise EngineError(f"{simulator} returned times that run backward: its result cannot be trusted")
    if times[-1] < duration * (1 - 1e-6):
        raise EngineError(
            f"{simulator} stopped at {times[-1]:g} s of {duration:g} s: look for extreme values of elements, "
            "or choose a shorter step"
        )


def to_traces(
    channels: list[Channel], times: Floats, columns: dict[str, Floats], *, duration: float, step: float, simulator: str
) -> Traces:
    """Put channels on the grid of ``step`` [s].

    Between the simulator's points each signal is a cubic Hermite polynomial whose slopes are second-order differences
    of the points: third-order accurate, where straight lines would flatten the peaks of SFQ pulses.
    Before the first point (ngspice takes none at zero, but one within 1 fs) its value is held.

    Parameters
    ----------
    channels : list of Channel
        What to return, in this order.
    times : array
        The simulator's time points [s].
    columns : mapping of channel text -> array
        Samples at ``times``. Channels that need no simulation (ground, current sources) may be missing.

    Raises
    ------
    EngineError
        For points that end early or are not finite.
    """
    check_times(times, duration=duration, simulator=simulator)
    kept = np.append(np.diff(times) > 0, True)
    at = grid(duration, step)
    rows = []
    for channel in channels:
        if channel.text in columns:
            samples = columns[channel.text]
            if not np.all(np.isfinite(samples)):
                raise EngineError(
                    f"{simulator} returned values of {channel.text} that are not finite: look for nodes and elements "
                    "of extreme values there, or choose a shorter step"
                )
            rows.append(_hermite(times[kept], samples[kept], at))
        elif isinstance(channel.element, CurrentSource):
            rows.append(channel.element.waveform.at(at))
        elif channel.ends[0] == GROUND:
            rows.append(np.zeros_like(at))
        else:
            raise EngineError(f"{simulator} returned no {channel.text}")
    return Traces(
        values=np.array(rows).reshape(len(rows), at.size),
        dt=step,
        names=tuple(c.text for c in channels),
        units=tuple(c.unit for c in channels),
    )


def _hermite(times: Floats, values: Floats, at: Floats) -> Floats:
    if times.size < 3:
        return np.interp(at, times, values)
    slopes = np.gradient(values, times)
    left = np.clip(np.searchsorted(times, at, side="right") - 1, 0, times.size - 2)
    width = times[left + 1] - times[left]
    x = np.clip((at - times[left]) / width, 0.0, 1.0)
    first, second = values[left], values[left + 1]
    rise = second - first
    bend = x * (1 - x) * ((1 - x) * (slopes[left] * width - rise) - x * (slopes[left + 1] * width - rise))
    result: Floats = first + x * rise + bend
    return result
