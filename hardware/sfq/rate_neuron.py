"""The pulse-level rate neuron: leaky sums of exciting and inhibiting pulses against a noisy threshold.

It is the cell `sfq_neuron` with a large storage inductance, so that one pulse is a small part of the threshold and many
add up. A spike takes one pulse out of the sum, so the rate of spikes is what is left of the rate of pulses after the
leak and the inhibition: ``max(0, r_exc - g r_inh - threshold / leak_time)``, a rectified linear unit whose bias the
threshold current sets.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hardware.sfq.pulse_circuit import Pulse, Reaction, Wake
from hardware.sfq.stochastic_data import RateNeuronData

RATE_NEURON: Mapping[str, float] = {
    "excitatory": 1,
    "inhibitory": 1,
    "storage_inductance": 100e-12,
    "storage_resistance": 0.5,
    "driver_critical_current": 274e-6,
    "driver_bias": 190e-6,
    "threshold_critical_current": 159e-6,
    "output_critical_current": 200e-6,
    "inhibited_output_bias": 70e-6,
    "inhibition_critical_current": 280e-6,
    "inhibition_bias": 190e-6,
    "inhibition_branch_inductance": 1e-12,
    "inhibition_branch_resistance": 0.3,
    "inhibition_primary_inductance": 60e-12,
    "inhibition_secondary_inductance": 5.8e-12,
    "inhibition_coupling": 0.35,
    "line_critical_current": 220e-6,
    "line_bias": 160e-6,
}
"""Parameters of `spice_models.cells.sfq_neuron.sfq_neuron` that make it a rate neuron [SI; chosen by simulation].

All that matter are given, as the measurements belong to these values and not to the defaults of the cell.
"""

DEAD_TIME = 12e-12
"""Least time between two spikes [s; chosen: a slip and its reset take as long]."""

ROUNDING = 1e-12
"""How far below the threshold a sum of currents that was to reach it just now may be [A; chosen]."""


@dataclass(frozen=True, kw_only=True)
class RateNeuron:
    """Accumulate-and-fire neuron that loses one pulse a spike.

    ::

        db/dt = -b / leak_time             dp/dt = -p / inhibition_time
        pulse at exc_1:  b <- b + 1        pulse at inh_1:  p <- p + 1
        I = threshold_current + unit_current b - inhibition_current p
        I >= threshold + noise:  b <- b - reset, one pulse leaves after ``delay``

    The noise, of standard deviation ``gray zone / sqrt(2 pi)``, is drawn anew with each pulse that arrives and each
    spike. As inhibition leaks faster than excitation, I may reach the threshold between pulses too.

    Parameters
    ----------
    threshold_current : float
        [A].
    data : RateNeuronData
        Measurements.
    temperature : float
        [K].
    seed : int or SeedSequence
        Every run of this cell draws the same numbers.
    energy_excitation, energy_inhibition, energy_spike : float
        Energy from the bias sources for each pulse at an input and each spike [J].
    """

    threshold_current: float
    data: RateNeuronData
    temperature: float
    seed: int | np.random.SeedSequence = 0
    energy_excitation: float = 0.0
    energy_inhibition: float = 0.0
    energy_spike: float = 0.0
    inputs: tuple[str, ...] = ("exc_1", "inh_1")
    outputs: tuple[str, ...] = ("output",)

    def start(self) -> _RateNeuronState:
        """Return the state at rest."""
        return _RateNeuronState(self)


class _RateNeuronState:
    def __init__(self, model: RateNeuron) -> None:
        self.energy = 0.0
        self.margin = float("inf")
        self._model = model
        law = model.data.threshold.law(model.temperature)
        self._midpoint = law.midpoint
        self._spread = law.gray_zone / math.sqrt(2 * math.pi)
        self._generator = np.random.default_rng(model.seed)
        self._excitation = 0.0
        self._inhibition = 0.0
        self._time = 0.0
        self._last = -math.inf
        self._threshold = self._midpoint
        self._token = 0

    def receive(self, port: str, time: float) -> Reaction:
        self._leak(time)
        if port == "exc_1":
            self.energy += self._model.energy_excitation
            self._excitation += 1.0
        else:
            self.energy += self._model.energy_inhibition
            self._inhibition += 1.0
        self._threshold = self._drawn()
        return self._decide(time)

    def wake(self, token: int, time: float) -> Reaction:
        if token != self._token:
            return ()
        self._leak(time)
        return self._decide(time)

    def _drawn(self) -> float:
        return self._midpoint + self._spread * float(self._generator.standard_normal())

    def _decide(self, time: float) -> Reaction:
        self._token += 1
        now = self._current(0.0)
        self.margin = min(self.margin, abs(now - self._threshold))
        if now >= self._threshold - ROUNDING:
            ready = self._last + DEAD_TIME
            if time < ready * (1 - 1e-12):
                return (Wake(ready, self._token),)
            self._last = time
            self._excitation -= self._model.data.reset
            self.energy += self._model.energy_spike
            self._threshold = self._drawn()
            spike = Pulse("output", time + self._model.data.delay)
            if self._current(0.0) >= self._threshold:
                return (spike, Wake(time + DEAD_TIME, self._token))
            later = self._crossing()
            return (spike,) if later is None else (spike, Wake(time + later, self._token))
        later = self._crossing()
        return () if later is None else (Wake(time + later, self._token),)

    def _current(self, later: float) -> float:
        """Sum of currents [A] ``later`` [s] from now if nothing arrives."""
        data = self._model.data
        return (
            self._model.threshold_current
            + data.unit_current * self._excitation * math.exp(-later / data.leak_time)
            - data.inhibition_current * self._inhibition * math.exp(-later / data.inhibition_time)
        )

    def _crossing(self) -> float | None:
        """Time [s] from now at which the leak of the inhibition lets the sum reach the threshold, if it does."""
        data = self._model.data
        rise = data.inhibition_current * self._inhibition / data.inhibition_time
        fall = data.unit_current * self._excitation / data.leak_time
        quicker = 1 / data.inhibition_time - 1 / data.leak_time
        if rise <= fall or fall <= 0 or quicker <= 0:
            return None
        high = math.log(rise / fall) / quicker
        if self._current(high) < self._threshold:
            return None
        low = 0.0
        for _ in range(40):
            middle = 0.5 * (low + high)
            low, high = (low, middle) if self._current(middle) >= self._threshold else (middle, high)
        return max(high, self._last + DEAD_TIME - self._time)

    def _leak(self, time: float) -> None:
        data, passed = self._model.data, time - self._time
        self._time = time
        self._excitation *= math.exp(-passed / data.leak_time)
        self._inhibition *= math.exp(-passed / data.inhibition_time)
