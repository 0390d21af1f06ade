"""What was measured of the SFQ cells, in a form that mappings and pulse-level models ask questions of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.sfq.neuron_shape import Shape
from spice_models.errors import DescriptionError, UnknownNameError

Floats = NDArray[np.float64]
SELF_FIRING_MARGIN = 5e-6
"""How far below self-firing the threshold current of a neuron stays, at least [A; chosen]."""
BEST_LEAD = 8e-12
"""Time by which inhibition comes before excitation where its strength is measured [s]."""
HIGHEST_LEVEL = 3
"""Pulses of a synapse that the mapping uses; a fourth is there, on a narrow step."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MeasuredNeuron:
    """Measurements of one kind of neuron.

    Parameters
    ----------
    shape : Shape
        Which kind.
    leak_time : float
        Time with which a branch leaks [s].
    drives, thresholds : array
        Excitatory drive in pulse equivalents, and the least threshold current [A] at which it fires.
    self_firing : float
        Threshold current [A] from which on it fires without input.
    saturation : float
        Width of the saturation of one branch above one pulse, in pulse equivalents.
    inhibition_time : float
        Time with which inhibition leaks away [s].
    recovery_current, recovery_time : float
        What a spike adds to the threshold current [A], and the time with which that goes [s].
    inhibited : array, shape (excitatory,)
        Least threshold current [A] for 1, 2, ... pulses with one inhibitory pulse 8 ps ahead.
    inhibited_at_one : array, shape (inhibitory,)
        The same for one pulse with 1, 2, ... inhibitory pulses.
    overdrives : array
        Threshold current above the least [A] to which the delays belong.
    inner_delays, outer_delays : array, shape (excitatory, overdrives)
        From the pulse to the slip of the threshold junction, and from there to the output [s]; NaN where it fires
        by itself or more than once.
    inhibited_inner_delays, inhibited_outer_delays : array, shape (excitatory, overdrives) or (0,)
        The same with one inhibitory pulse 8 ps ahead.
    """

    shape: Shape
    leak_time: float
    self_firing: float
    saturation: float
    drives: Floats
    thresholds: Floats
    inhibition_time: float
    recovery_current: float
    recovery_time: float
    inhibited: Floats
    inhibited_at_one: Floats
    overdrives: Floats
    inner_delays: Floats
    outer_delays: Floats
    inhibited_inner_delays: Floats
    inhibited_outer_delays: Floats

    def threshold(self, drive: float) -> float:
        """Least threshold current [A] that fires at a drive in pulse equivalents, along a line outside 1 .. inputs."""
        low, high = (0, 1) if drive < self.drives[0] else (-2, -1)
        if self.drives[0] <= drive <= self.drives[-1]:
            return float(np.interp(drive, self.drives, self.thresholds))
        slope = (self.thresholds[high] - self.thresholds[low]) / (self.drives[high] - self.drives[low])
        return float(self.thresholds[low] + slope * (drive - self.drives[low]))

    def drive_at(self, threshold_current: float) -> float:
        """Drive in pulse equivalents that just fires at a threshold current [A]; the inverse of `threshold`."""
        falling, drives = self.thresholds[::-1], self.drives[::-1]
        if falling[0] <= threshold_current <= falling[-1]:
            return float(np.interp(threshold_current, falling, drives))
        low, high = (0, 1) if threshold_current > falling[-1] else (-2, -1)
        slope = (self.drives[high] - self.drives[low]) / (self.thresholds[high] - self.thresholds[low])
        return float(self.drives[low] + slope * (threshold_current - self.thresholds[low]))


@dataclass(frozen=True, kw_only=True, eq=False)
class Characteristics:
    """All measurements; see `hardware.sfq.characterise` for how each is made. Delays in [s], currents in [A].

    Delays count from when a pulse would pass a junction that drives a line, see `hardware.sfq.nominal`;
    ``line_delay`` is that of a stage.
    """

    driver_delay: float
    line_delay: float
    splitter_delay: float
    merger_delay: float
    merger_dead_time: float
    inhibition_leads: Floats
    inhibition_shifts: Floats
    synapse_steps: tuple[float, ...]
    synapse_currents: tuple[Floats, ...]
    synapse_delays: tuple[Floats, ...]
    synapse_intervals: Floats
    synapse_extra_delays: tuple[Floats, ...]
    neurons: Mapping[Shape, MeasuredNeuron]

    def pulses(self, weight_current: float) -> int:
        """Pulses out of a synapse for each pulse in, at a weight current [A]."""
        return int(np.searchsorted(self.synapse_steps, weight_current, side="right"))

    def weight_current(self, weight: float) -> float:
        """Weight current [A] of a synapse of strength ``weight``: the current inside the step of |weight| pulses.

        Raises
        ------
        DescriptionError
            For a weight that is no whole number from -3 to 3.
        """
        level = abs(weight)
        if level != round(level) or level > HIGHEST_LEVEL:
            raise DescriptionError(
                f"an SFQ synapse has the weights -{HIGHEST_LEVEL} .. {HIGHEST_LEVEL} in whole steps, got {weight:g}: "
                "round or rescale the weights and thresholds of the projection"
            )
        return level_current(list(self.synapse_steps), round(level))

    def response(self, weight_current: float) -> Floats:
        """Delays [s] of the pulses that leave a rested synapse for one that enters; empty for none."""
        n = self.pulses(weight_current)
        if n == 0:
            return np.zeros(0)
        if n > len(self.synapse_delays):
            raise DescriptionError(
                f"a weight current of {weight_current:g} A is above the last measured step of the synapse, "
                f"{self.synapse_steps[-1]:g} A"
            )
        currents, delays = self.synapse_currents[n - 1], self.synapse_delays[n - 1]
        return np.array([np.interp(weight_current, currents, delays[:, k]) for k in range(n)])

    def extra_delay(self, pulses: int, interval: float) -> Floats:
        """Extra delay [s] of each pulse when the synapse had a pulse ``interval`` [s] before; never fewer pulses."""
        table = self.synapse_extra_delays[pulses - 1]
        known = np.isfinite(table).all(axis=1)
        if not known.any():
            return np.zeros(pulses)
        times = self.synapse_intervals[known]
        return np.array([np.interp(interval, times, table[known, k], right=0.0) for k in range(pulses)])

    def synapse_delay(self, weight: float) -> float:
        """Delay [s] of the first pulse at a weight; 0 where there is none."""
        response = self.response(self.weight_current(weight))
        return float(response[0]) if len(response) else 0.0

    def neuron(self, shape: Shape) -> MeasuredNeuron:
        """Measurements of one kind of neuron."""
        if shape not in self.neurons:
            most = max(s.excitatory + s.inhibitory for s in self.neurons)
            raise UnknownNameError(
                f"no neuron with {shape.excitatory} excitatory and {shape.inhibitory} inhibitory inputs was "
                f"characterised; available: at least one excitatory and at most {most} in all. Run `neurosim "
                f"characterise sfq-neuron --fan-in {shape.excitatory + shape.inhibitory}`, or spread the inputs over "
                "more neurons."
            )
        return self.neurons[shape]

    def lowest_threshold(self, shape: Shape) -> float:
        """Lowest threshold in pulse equivalents at which a neuron is safely silent without input."""
        measured = self.neuron(shape)
        return measured.drive_at(measured.self_firing - SELF_FIRING_MARGIN)

    def threshold_current(
        self, *, excitatory: int, inhibitory: int, threshold: float, refractory: bool = False
    ) -> float:
        """Threshold current [A] at which a neuron fires at an excitatory drive of ``threshold`` pulse equivalents.

        Raises
        ------
        DescriptionError
            For a threshold above the number of inputs, or too low to stay silent without input.
        """
        shape = Shape(excitatory=excitatory, inhibitory=inhibitory, refractory=refractory)
        measured, lowest = self.neuron(shape), self.lowest_threshold(shape)
        if not lowest <= threshold <= measured.drives[-1]:
            raise DescriptionError(
                f"a neuron with {excitatory} excitatory and {inhibitory} inhibitory inputs takes thresholds from "
                f"{lowest:.2f} to {measured.drives[-1]:g} pulse equivalents, got {threshold:g}"
            )
        return measured.threshold(threshold)


def data_path() -> Path:
    """Where the shipped measurements lie."""
    return Path(str(files("hardware.sfq").joinpath("data", "characteristics.json")))


def level_current(steps: list[float], pulses: int) -> float:
    """Weight current [A] inside the step that gives ``pulses`` pulses: its logarithmic mean; half the first for 0.

    The logarithmic mean of the edges lies between their geometric and arithmetic means [chosen: there a change of all
    biases or of all critical currents is tolerated equally far both ways].
    """
    if pulses == 0:
        return 0.5 * steps[0]
    low, high = steps[pulses - 1], steps[pulses]
    return float((high - low) / np.log(high / low))


@cache
def load_characteristics(path: Path | None = None) -> Characteristics:
    """Read measurements, the shipped ones by default."""
    measured = json.loads((path or data_path()).read_text())
    neuron, synapse = measured["neuron"], measured["synapse"]
    extra = [
        np.array([row if row else [np.nan] * (n + 1) for row in rows], dtype=float)
        for n, rows in enumerate(synapse["extra_delays"])
    ]
    return Characteristics(
        driver_delay=measured["driver_delay"],
        line_delay=measured["line_delay"],
        splitter_delay=measured["splitter_delay"],
        merger_delay=measured["merger_delay"],
        merger_dead_time=measured["merger_dead_time"],
        inhibition_leads=np.array(neuron["inhibition_leads"]),
        inhibition_shifts=np.array(neuron["inhibition_shifts"]),
        synapse_steps=tuple(synapse["steps"]),
        synapse_currents=tuple(np.array(c) for c in synapse["currents"]),
        synapse_delays=tuple(np.array(d) for d in synapse["delays"]),
        synapse_intervals=np.array(synapse["intervals"]),
        synapse_extra_delays=tuple(extra),
        neurons={s: _measured(s, d) for key, d in neuron["shapes"].items() for s in [Shape.from_key(key)]},
    )


def _measured(shape: Shape, data: Mapping[str, Any]) -> MeasuredNeuron:
    def array(key: str) -> Floats:
        return np.array(data.get(key, []), dtype=float)

    return MeasuredNeuron(
        shape=shape,
        leak_time=data["leak_time"],
        self_firing=data["self_firing"],
        saturation=data["saturation"],
        recovery_current=data["recovery_current"],
        recovery_time=data["recovery_time"],
        inhibition_time=data.get("inhibition_time", 1.0),
        drives=array("drives"),
        thresholds=array("thresholds"),
        inhibited=array("inhibited"),
        inhibited_at_one=array("inhibited_at_one"),
        overdrives=array("overdrives"),
        inner_delays=array("inner_delays"),
        outer_delays=array("outer_delays"),
        inhibited_inner_delays=array("inhibited_inner_delays"),
        inhibited_outer_delays=array("inhibited_outer_delays"),
    )
