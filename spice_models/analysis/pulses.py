"""SFQ pulses found in the phases of junctions: every step of 2 pi is one flux quantum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from spice_models.circuit import Circuit
from spice_models.constants import PHASE_PER_FLUX, SLIP_HYSTERESIS
from spice_models.elements import Junction
from spice_models.errors import DescriptionError
from spice_models.results import SpikeTrains, Traces

SETTLING = 20e-12
"""Longest time [s] to either side of a pulse over which its area is taken [chosen: several pulse widths]."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """One 2 pi step of a junction's phase.

    Parameters
    ----------
    junction : str
        Name of the junction.
    time : float
        When the phase passed the odd multiple of pi [s].
    sign : int
        1 for a step up, -1 for a step down.
    area : float
        Time integral of the voltage between the plateaus before and after [Wb]: the phase advance times Phi0 / 2 pi.
    energy : float
        Energy that the junction's resistance took up between the same plateaus [J]; NaN without a circuit.
    """

    junction: str
    time: float
    sign: int
    area: float
    energy: float = float("nan")


def detect_pulses(
    traces: Traces,
    circuit: Circuit | None = None,
    *,
    junctions: Sequence[str] | None = None,
    settling: float = SETTLING,
) -> list[Pulse]:
    """Find every 2 pi step, up or down, of the recorded phases.

    A junction that rests near ``2 pi k`` steps up when its phase passes ``(2 k + 1) pi`` and goes on for another
    pi / 4, and down likewise below; ringing about the crossing is not counted. Times are interpolated by a cubic.

    Parameters
    ----------
    traces : Traces
        With channels ``phase(JUNCTION)`` [rad].
    circuit : Circuit, optional
        The simulated circuit; gives the resistances from which energies follow.
    junctions : sequence of str, optional
        Which junctions; all whose phase was recorded if not given.
    settling : float
        Longest time [s] before and after a pulse that counts towards its area and energy; neighbouring pulses share
        the time between them.

    Returns
    -------
    list of Pulse
        In order of time.
    """
    names = _junctions(traces, junctions)
    resistances: dict[str, float] = {}
    if circuit is not None:
        resistances = {j.name: j.resistance for j in circuit.flatten().of_type(Junction)}
    found = [
        pulse for name in names for pulse in _pulses_of(name, traces, resistances.get(name, float("nan")), settling)
    ]
    return sorted(found, key=lambda pulse: pulse.time)


def pulse_trains(traces: Traces, junctions: Sequence[str] | None = None) -> SpikeTrains:
    """Times [s] of the steps up, one source a junction, numbered in the order given (or recorded)."""
    names = _junctions(traces, junctions)
    end = traces.start + traces.dt * (traces.values.shape[1] - 1)
    trains = [[time for time, _, sign in _steps(traces, name) if sign > 0] for name in names]
    return SpikeTrains.from_lists(trains, end)


def count_pulses(traces: Traces, junctions: Sequence[str] | None = None) -> dict[str, int]:
    """Net number of 2 pi steps of each junction: steps up less steps down."""
    return {name: sum(sign for _, _, sign in _steps(traces, name)) for name in _junctions(traces, junctions)}


def _junctions(traces: Traces, junctions: Sequence[str] | None) -> list[str]:
    if junctions is not None:
        return list(junctions)
    recorded = [name[len("phase(") : -1] for name in traces.names if name.startswith("phase(")]
    if not recorded:
        raise DescriptionError("these traces hold no phases: record 'phase(JUNCTION)' to find pulses")
    return recorded


def _steps(traces: Traces, junction: str) -> list[tuple[float, float, int]]:
    """Time [s], sample number (with fraction) and sign of each step."""
    phase = traces[f"phase({junction})"]
    level = int(np.rint(phase[0] / (2 * pi))) if phase.size else 0
    steps: list[tuple[float, float, int]] = []
    position = 0
    while True:
        committed = _first_outside(
            phase, position, (2 * level - 1) * pi - SLIP_HYSTERESIS, (2 * level + 1) * pi + SLIP_HYSTERESIS
        )
        if committed is None:
            return steps
        sign = 1 if phase[committed] > 2 * pi * level else -1
        sample = _last_crossing(sign * phase, committed, sign * (2 * level + sign) * pi)
        steps.append((traces.start + traces.dt * sample, sample, sign))
        level += sign
        position = committed


def _first_outside(phase: Floats, start: int, low: float, high: float) -> int | None:
    width = 256
    while start < phase.size:
        window = phase[start : start + width]
        outside = np.flatnonzero((window <= low) | (window >= high))
        if outside.size:
            return start + int(outside[0])
        start += width
        width *= 2
    return None


def _last_crossing(phase: Floats, committed: int, level: float) -> float:
    """Sample number at which a rising ``phase`` last passed ``level`` before the sample ``committed``."""
    after = committed
    while after > 0 and phase[after - 1] >= level:
        after -= 1
    if after == 0:
        return 0.0
    around = np.arange(max(after - 2, 0), min(after + 2, phase.size))
    values = phase[around]
    if around.size < 4 or np.any(np.diff(values) <= 0):
        return float(after - 1 + (level - phase[after - 1]) / (phase[after] - phase[after - 1]))
    weights = [np.prod([(level - v) / (u - v) for j, v in enumerate(values) if j != i]) for i, u in enumerate(values)]
    return float(np.clip(np.dot(weights, around), after - 1, after))


def _pulses_of(junction: str, traces: Traces, resistance: float, settling: float) -> list[Pulse]:
    phase = traces[f"phase({junction})"]
    steps = _steps(traces, junction)
    samples = [sample for _, sample, _ in steps]
    reach, last = settling / traces.dt, phase.size - 1
    pulses = []
    for i, (time, sample, sign) in enumerate(steps):
        start = max(sample - reach, (samples[i - 1] + sample) / 2 if i else 0.0)
        end = min(sample + reach, (sample + samples[i + 1]) / 2 if i + 1 < len(samples) else last)
        window = phase[round(start) : round(end) + 1]
        voltage = np.diff(window) / (PHASE_PER_FLUX * traces.dt)
        pulses.append(
            Pulse(
                junction=junction,
                time=time,
                sign=sign,
                area=float(window[-1] - window[0]) / PHASE_PER_FLUX,
                energy=float(np.sum(voltage**2)) * traces.dt / resistance,
            )
        )
    return pulses
