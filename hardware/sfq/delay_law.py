"""The delay of the neuron against overdrive, fitted: it grows with the logarithm towards threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardware.sfq.characteristics import MeasuredNeuron

Floats = NDArray[np.float64]
MICRO = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class DelayLaw:
    """``delay = a - b ln(overdrive / 1 uA)`` fitted to measured delays.

    Parameters
    ----------
    overdrives, delays : array
        Threshold current above the least that fires [A], and delay from the pulse to the output [s].
    a, b : float
        [s].
    residual : float
        Root mean square of what the law leaves [s].
    """

    overdrives: Floats
    delays: Floats
    a: float
    b: float
    residual: float

    def at(self, overdrive: Floats) -> Floats:
        """Delay [s] at an overdrive [A]."""
        return np.asarray(self.a - self.b * np.log(overdrive / MICRO))


def fit_delay(neuron: MeasuredNeuron, pulses: int) -> DelayLaw:
    """Fit the delay of a neuron after so many pulses at once, by least squares over the measured overdrives.

    Where the slip of the threshold junction comes quickly but the spike then waits before the output line (many
    inputs, low threshold current), the delay falls faster than the law, and the residual tells.
    """
    delays = neuron.inner_delays[pulses - 1] + neuron.outer_delays[pulses - 1]
    known = np.isfinite(delays)
    logs = np.log(neuron.overdrives[known] / MICRO)
    slope, offset = np.polyfit(logs, delays[known], 1)
    residual = float(np.sqrt(np.mean((delays[known] - offset - slope * logs) ** 2)))
    return DelayLaw(
        overdrives=neuron.overdrives[known], delays=delays[known], a=float(offset), b=float(-slope), residual=residual
    )
