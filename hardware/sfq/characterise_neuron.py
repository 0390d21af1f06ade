"""Measure the neuron cell: thresholds, leak, delay, inhibition, recovery after a spike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import curve_fit

from hardware.sfq.characteristics import BEST_LEAD
from hardware.sfq.neuron_bench import delays, least_threshold
from hardware.sfq.neuron_shape import Drive, Shape

Floats = NDArray[np.float64]
FINEST = 0.5  # step between drives at which thresholds are measured, in pulse equivalents
OVERDRIVES = (2e-6, 6e-6, 12e-6, 20e-6, 32e-6, 50e-6, 75e-6, 110e-6, 150e-6, 200e-6)
"""Threshold current above the least that fires, at which the delay is measured [A]."""
LEADS = (-9e-12, -6e-12, -3e-12, 0.0, 4e-12, 8e-12, 14e-12, 20e-12, 30e-12, 45e-12, 60e-12)
"""Time by which inhibition comes before excitation [s]."""
WAITS = (22e-12, 32e-12, 50e-12, 80e-12, 130e-12)
"""Times between two volleys that tell how the neuron recovers [s]."""
APART = (8e-12, 20e-12, 36e-12, 60e-12)
"""Times between two pulses that tell how a branch leaks [s]."""
SLIP_DELAY = 6e-12  # from a pulse to the slip it causes, well above threshold [s]
DECAY_LEADS = (24e-12, 70e-12)
"""Leads between which inhibition only decays [s]: it grows until then, as idle branches give way to the current."""
NO_SATURATION = 10.0


@dataclass(frozen=True, kw_only=True)
class Pair:
    """The two pulses of a synapse on its second step: its weight current [A] and their distance [s]."""

    weight_current: float
    gap: float


def measure_leak(shape: Shape) -> float:
    """Leak time [s] of a branch, from two pulses on two branches.

    With thresholds ``T(1)`` and ``T(2)`` of one and of two pulses together, a pair apart by ``d`` needs
    ``T(1) - (T(1) - T(2)) exp(-d / leak_time)``. The more branches there are, the longer it is.
    """
    one, two = (least_threshold(shape.together(k)) for k in (1, 2))
    other = np.array([least_threshold(shape.driven([(-d,), (0.0,)])) for d in APART])
    share = (one - other) / (one - two)
    (leak,), _ = curve_fit(lambda d, tau: np.exp(-d / tau), 1e12 * np.array(APART), share, p0=[40.0])
    return 1e-12 * float(leak)


def measure_inhibition() -> dict[str, list[float]]:
    """Threshold shift [A] of one pulse by one inhibitory pulse, against the time by which that comes before [s]."""
    shape = Shape(excitatory=1, inhibitory=1)
    free = least_threshold(shape.together(1))
    shifts = [least_threshold(shape.together(1, 1, lead)) - free for lead in LEADS]
    return {"inhibition_leads": list(LEADS), "inhibition_shifts": shifts}


def fractional(shape: Shape, drive: float, leak_time: float) -> Drive:
    """A drive of ``drive`` pulse equivalents: whole pulses at zero, and one earlier by the time it leaks down in."""
    whole = int(np.floor(drive + 1e-9))
    rest = drive - whole
    early = [(leak_time * float(np.log(rest)),)] if rest > 1e-6 else []
    return shape.driven([(0.0,)] * whole + early)


def measure_saturation(shape: Shape, drives: Floats, thresholds: Floats, pair: Pair, leak_time: float) -> float:
    """Width ``s`` of the saturation of one branch, from the two pulses that a synapse sends into it.

    Two pulses ``pair.gap`` apart leave ``b = 1 + exp(-gap / leak_time)`` flux quanta, which act as
    ``1 + s tanh((b - 1) / s)``; 10 (no saturation) where they act as all of it.
    """
    needed = least_threshold(shape.driven([(0.0,)], weight_current=pair.weight_current))
    order = np.argsort(thresholds)
    acting = float(np.interp(needed, thresholds[order], drives[order])) - 1.0
    full = float(np.exp(-pair.gap / leak_time))
    if needed < thresholds[order][0] or acting >= 0.98 * full:
        return NO_SATURATION
    widths = np.linspace(0.05, 3.0, 600)
    return float(widths[np.argmin(np.abs(widths * np.tanh(full / widths) - acting))])


def measure_recovery(shape: Shape, free: float) -> tuple[float, float]:
    """Current that a spike draws [A] and the time with which it goes [s]: how much more the next spike needs.

    All inputs get two pulses, so that the branches are as before after the first spike.

    Parameters
    ----------
    free : float
        Threshold current [A] of a first spike of all inputs.
    """
    volleys = [shape.driven([(-wait, 0.0)] * shape.excitatory) for wait in WAITS]
    again = np.array([least_threshold(volley, count=2) for volley in volleys])
    known = np.isfinite(again)
    after, more = 1e12 * (np.array(WAITS)[known] - SLIP_DELAY), 1e6 * (again[known] - free)
    (current, time), _ = curve_fit(
        lambda d, a, tau: a * np.exp(-d / tau), after, more, p0=[50.0, 60.0], bounds=([0.0, 5.0], [1000.0, 500.0])
    )
    return 1e-6 * float(current), 1e-12 * float(time)


def measure_shape(shape: Shape, pair: Pair) -> dict[str, Any]:
    """Everything about one kind of neuron that the pulse-level model needs."""
    # one branch alone cannot show how it leaks against others: it is taken as one of two
    leak_time = measure_leak(shape if shape.excitatory > 1 else replace(shape, excitatory=2))
    drives = np.arange(1.0, shape.excitatory + FINEST / 2, FINEST, dtype=np.float64)
    thresholds = np.array([least_threshold(fractional(shape, d, leak_time)) for d in drives])
    recovery_current, recovery_time = measure_recovery(shape, float(thresholds[-1]))
    whole = [float(thresholds[round((k - 1) / FINEST)]) for k in range(1, shape.excitatory + 1)]
    result: dict[str, Any] = {
        "leak_time": leak_time,
        "recovery_current": recovery_current,
        "recovery_time": recovery_time,
        "self_firing": least_threshold(shape.together(0)),
        "saturation": NO_SATURATION,
        "overdrives": list(OVERDRIVES),
        **_delays(shape, whole, 0),
    }
    if shape.excitatory == 1:
        # more than one pulse equivalent only from the pulses of one synapse: what they do is the threshold there
        two = shape.driven([(0.0,)], weight_current=pair.weight_current)
        drives = np.append(drives, 1.0 + np.exp(-pair.gap / leak_time))
        thresholds = np.append(thresholds, least_threshold(two))
    else:
        result["saturation"] = measure_saturation(shape, drives, thresholds, pair, leak_time)
    result |= {"drives": drives.tolist(), "thresholds": thresholds.tolist()}
    if shape.inhibitory:
        result |= _inhibited(shape, float(thresholds[0]))
    return result


def _inhibited(shape: Shape, free: float) -> dict[str, Any]:
    by_one = [least_threshold(shape.together(k, 1, BEST_LEAD)) for k in range(1, shape.excitatory + 1)]
    at_one = [least_threshold(shape.together(1, m, BEST_LEAD)) for m in range(1, shape.inhibitory + 1)]
    early, late = (least_threshold(shape.together(1, 1, lead)) - free for lead in DECAY_LEADS)
    time = (DECAY_LEADS[1] - DECAY_LEADS[0]) / float(np.log(early / late))
    return {
        "inhibited": by_one,
        "inhibited_at_one": at_one,
        "inhibition_time": time,
        **{f"inhibited_{name}": rows for name, rows in _delays(shape, by_one, 1).items()},
    }


def _delays(shape: Shape, least: list[float], inhibiting: int) -> dict[str, Any]:
    """Delays of 1, 2, ... pulses together above the least threshold current [A] of each, inhibited or not."""
    rows = [
        delays(shape.together(k, inhibiting, BEST_LEAD), current + np.array(OVERDRIVES))
        for k, current in enumerate(least, start=1)
    ]
    return {"inner_delays": [r[0].tolist() for r in rows], "outer_delays": [r[1].tolist() for r in rows]}


def shapes(fan_in: int) -> list[Shape]:
    """All kinds of neuron with at least one excitatory and at most ``fan_in`` inputs in all."""
    return [
        Shape(excitatory=e, inhibitory=i, refractory=refractory)
        for refractory in (False, True)
        for e in range(1, fan_in + 1)
        for i in range(fan_in - e + 1)
    ]
