"""The pulse-level neuron: leaky storage, threshold, delay, reset and inhibition, from measurements."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hardware.sfq.characteristics import BEST_LEAD, Characteristics, MeasuredNeuron
from hardware.sfq.neuron_shape import Shape
from hardware.sfq.pulse_circuit import Pulse, Reaction, Wake

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Neuron:
    """Accumulate-and-fire neuron with one leaky storage branch an excitatory input.

    Branch ``i`` holds ``b_i`` flux quanta: ``+1`` for a pulse, ``-1`` in every branch when the neuron fires, and
    ``db_i/dt = -b_i / leak_time`` between; firing also draws a current ``r``, which leaks with ``recovery_time``. With
    ``u = sum s(b_i)`` and inhibition ``p`` (which leaks with ``inhibition_time``) it fires when its threshold current
    reaches ``T(u) + p A(u) + r``, where ``T`` and ``A`` are measured. ``s`` is the identity up to 1 and saturates
    above. The delay falls with the logarithm of the current above threshold. A pulse that comes before a pending slip
    changes or, if inhibitory, cancels it.

    Parameters
    ----------
    excitatory, inhibitory : int
        Numbers of inputs.
    threshold_current : float
        [A].
    characteristics : Characteristics
        The measurements.
    refractory : bool
        Whether the neuron has its refractory branch.
    energy_excitation, energy_inhibition, energy_spike : float
        Energy from the bias sources for each pulse in and for each spike [J].
    """

    excitatory: int
    inhibitory: int
    threshold_current: float
    characteristics: Characteristics
    refractory: bool = False
    energy_excitation: float = 0.0
    energy_inhibition: float = 0.0
    energy_spike: float = 0.0
    outputs: tuple[str, ...] = ("output",)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Input ports: ``exc_1 ..``, then ``inh_1 ..``."""
        return tuple(f"exc_{i + 1}" for i in range(self.excitatory)) + tuple(
            f"inh_{j + 1}" for j in range(self.inhibitory)
        )

    @cached_property
    def response(self) -> Response:
        """Thresholds and delays of this neuron."""
        shape = Shape(excitatory=self.excitatory, inhibitory=self.inhibitory, refractory=self.refractory)
        return Response(self.characteristics.neuron(shape))

    def start(self) -> _NeuronState:
        """Return the state at rest."""
        return _NeuronState(self)


class Response:
    """The measured functions of one neuron shape, interpolated."""

    def __init__(self, neuron: MeasuredNeuron) -> None:
        self.measured = neuron
        self._whole = np.arange(1, neuron.shape.excitatory + 1)
        free = np.array([neuron.threshold(float(k)) for k in self._whole])
        self._shifts = neuron.inhibited - free if len(neuron.inhibited) else np.zeros(len(free))
        self.inhibition_limit = _limit(neuron)
        self._logs = np.log(neuron.overdrives)
        free_tables = (neuron.inner_delays, neuron.outer_delays)
        held_tables = (neuron.inhibited_inner_delays, neuron.inhibited_outer_delays)
        self._free = [np.array([_filled(row) for row in table]) for table in free_tables]
        self._held = [np.array([_filled(row) for row in table]) for table in held_tables if table.size] or self._free

    def threshold(self, drive: float, inhibition: float) -> float:
        """Threshold current [A] needed to fire at a drive of so many pulse equivalents."""
        return self.measured.threshold(drive) + inhibition * float(np.interp(drive, self._whole, self._shifts))

    def delays(self, drive: float, overdrive: float, inhibition: float) -> tuple[float, float]:
        """Delays [s] to the slip of the threshold junction and from there to the output, at an overdrive [A]."""
        row = float(np.clip(drive, 1, len(self._whole))) - 1
        low = min(int(row), len(self._whole) - 1)
        high = min(low + 1, len(self._whole) - 1)
        part, held = row - low, min(inhibition, 1.0)
        log = float(np.log(max(overdrive, LEAST_OVERDRIVE)))

        def delay(table: Floats) -> float:
            return (1 - part) * _line(log, self._logs, table[low]) + part * _line(log, self._logs, table[high])

        inner, outer = (
            (1 - held) * delay(free) + held * delay(inhibited)
            for free, inhibited in zip(self._free, self._held, strict=True)
        )
        return inner, outer


class _Pending(NamedTuple):
    """Something that will happen unless it is called off."""

    time: float = float("inf")
    token: int = 0


class _NeuronState:
    def __init__(self, model: Neuron) -> None:
        self.energy = 0.0
        self.margin = float("inf")
        self._model = model
        self._response = model.response
        self._ports = {port: i for i, port in enumerate(model.inputs)}
        self._charges = np.zeros(model.excitatory)
        self._inhibition = 0.0
        self._recovery = 0.0
        self._time = 0.0
        self._tokens = itertools.count(1)
        self._slip = _Pending()
        self._output = _Pending()
        self._outer = 0.0

    def receive(self, port: str, time: float) -> Reaction:
        self._leak(time)
        index = self._ports[port]
        excited = index < self._model.excitatory
        if excited:
            self.energy += self._model.energy_excitation
            self._charges[index] += 1.0
        else:
            self.energy += self._model.energy_inhibition
            single = float(np.exp(BEST_LEAD / self._response.measured.inhibition_time))
            self._inhibition += single * (1 - self._inhibition / (single * self._response.inhibition_limit))
        drive = self._drive()
        needed = self._response.threshold(drive, self._inhibition) + self._recovery
        over = self._model.threshold_current - needed
        self.margin = min(self.margin, abs(over))
        if not excited:
            if over < 0 and self._slip.time > time + SETUP:
                self._slip = _Pending()
            return ()
        if self._output.time > time + PUSH and self._output.token:
            return self._set_output(time + PUSH)
        if over < 0:
            return ()
        inner, outer = self._response.delays(drive, over, self._inhibition)
        if time + inner >= self._slip.time:
            return ()
        self._slip, self._outer = _Pending(time + inner, next(self._tokens)), outer
        return (Wake(self._slip.time, self._slip.token),)

    def wake(self, token: int, time: float) -> Reaction:
        if token == self._output.token:
            self._output = _Pending()
            self.energy += self._model.energy_spike
            return (Pulse("output", time),)
        if token != self._slip.token:
            return ()
        self._leak(time)
        self._charges -= 1.0
        self._recovery += self._response.measured.recovery_current
        self._slip = _Pending()
        return self._set_output(time + self._outer)

    def _set_output(self, time: float) -> Reaction:
        self._output = _Pending(time, next(self._tokens))
        return (Wake(time, self._output.token),)

    def _leak(self, time: float) -> None:
        passed = time - self._time
        self._time = time
        self._charges *= np.exp(-passed / self._response.measured.leak_time)
        self._recovery *= float(np.exp(-passed / self._response.measured.recovery_time))
        self._inhibition *= float(np.exp(-passed / self._response.measured.inhibition_time))

    def _drive(self) -> float:
        width = self._response.measured.saturation
        above = np.maximum(self._charges - 1.0, 0.0)
        return float(np.sum(np.minimum(self._charges, 1.0) + width * np.tanh(above / width)))


LEAST_OVERDRIVE = 0.5e-6
"""Overdrive [A] below which the delay grows no further [chosen: a quarter of the least one measured]."""
PUSH = 9e-12
"""Time [s] after which an excitatory pulse brings out a spike that still waits in the neuron [chosen: seen 7-11 ps]."""
SETUP = 1.5e-12  # least time inhibition needs before the slip it prevents [s]; from the leads measured


def _limit(neuron: MeasuredNeuron) -> float:
    """Inhibition of many pulses over that of one: from what a second one adds to one."""
    if len(neuron.inhibited_at_one) < 2:
        return 1.0
    free = neuron.threshold(1.0)
    ratio = (neuron.inhibited_at_one[1] - free) / (neuron.inhibited_at_one[0] - free)
    return float(1 / (2 - np.clip(ratio, 1.0, 1.95)))


def _filled(row: Floats) -> Floats:
    known = np.isfinite(row)
    if not known.any():
        return np.zeros_like(row)
    places = np.arange(len(row))
    return np.asarray(np.interp(places, places[known], row[known]))


def _line(x: float, xs: Floats, ys: Floats) -> float:
    """Interpolate, and continue the first segment below: delay grows with the logarithm towards threshold."""
    if x < xs[0]:
        return float(ys[0] + (ys[1] - ys[0]) / (xs[1] - xs[0]) * (x - xs[0]))
    return float(np.interp(x, xs, ys))
