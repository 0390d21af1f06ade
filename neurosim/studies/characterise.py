"""What `neurosim characterise` shows: the measured synapse and neuron, and figures that need circuit runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hardware.sfq.characterise_cells import synapse_self_firing
from hardware.sfq.characterise_rates import (
    Pathway,
    PulseEnergy,
    RateCurve,
    RefractoryTime,
    measure_energy,
    measure_rates,
    measure_refractory_time,
)
from hardware.sfq.characterise_strength import Strength, measure_strengths
from hardware.sfq.characteristics import Characteristics, MeasuredNeuron
from hardware.sfq.delay_law import DelayLaw, fit_delay
from hardware.sfq.neuron_shape import Shape
from spice_models.errors import DescriptionError

RATE_PATHWAYS = ((1, 0.8), (2, 1.3), (3, 1.3))
"""Synapse level and neuron threshold of the rate curves [chosen: all answer slow trains one to one]."""

REFRACTORY_THRESHOLDS = (0.2, 0.4, 0.6, 0.8)
"""Thresholds at which the refractory time is measured, in pulse equivalents; one pulse must fire the neuron."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SynapseStudy:
    """A synapse at each level: strength, delay, energy, and the shortest interval that keeps its count."""

    characteristics: Characteristics
    strengths: tuple[Strength, ...]
    self_firing: float
    """Weight current [A] from which on pulses leave without any that enters."""
    energies: tuple[PulseEnergy, ...]

    def interval(self, pulses: int) -> float | None:
        """Interval [s] from which on the second of two pulses gives as many pulses as the first; None for no pulse."""
        if pulses == 0:
            return None
        known = np.isfinite(self.characteristics.synapse_extra_delays[pulses - 1]).all(axis=1)
        wrong = np.flatnonzero(~known)
        first = int(wrong[-1]) + 1 if len(wrong) else 0
        times = self.characteristics.synapse_intervals
        return float(times[first]) if first < len(times) else float("inf")

    def energy(self, pulses: int) -> PulseEnergy | None:
        """Energy at a level; None for none."""
        return next((e for e in self.energies if e.level == pulses), None)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data in SI."""
        c = self.characteristics
        return {
            "cell": "sfq-synapse",
            "steps_a": list(c.synapse_steps),
            "self_firing_a": _number(self.self_firing),
            "levels": [
                {
                    "level": s.level,
                    "weight_current_a": s.weight_current,
                    "pulses": s.pulses,
                    "pulse_equivalents": s.equivalents,
                    "threshold_shift_a": s.threshold_shift,
                    "delays_s": c.response(s.weight_current).tolist(),
                    "shortest_interval_s": self.interval(s.pulses),
                    "energy_j": None if (e := self.energy(s.pulses)) is None else e.synapse,
                    "energy_model_j": None if e is None else e.synapse_model,
                }
                for s in self.strengths
            ],
            "staircase": [
                {"pulses": n, "weight_currents_a": currents.tolist(), "delays_s": delays.tolist()}
                for n, (currents, delays) in enumerate(zip(c.synapse_currents, c.synapse_delays, strict=True), start=1)
            ],
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class NeuronStudy:
    """Neurons of several shapes, and one of a single input in operation."""

    characteristics: Characteristics
    shapes: tuple[Shape, ...]
    rates: tuple[RateCurve, ...]
    refractory_times: dict[Shape, list[RefractoryTime]]
    energies: tuple[PulseEnergy, ...]

    @property
    def neurons(self) -> list[MeasuredNeuron]:
        """Measurements of each shape."""
        return [self.characteristics.neuron(shape) for shape in self.shapes]

    def laws(self, neuron: MeasuredNeuron) -> list[DelayLaw]:
        """Delay laws of 1, 2, ... pulses at once."""
        return [fit_delay(neuron, k) for k in range(1, neuron.shape.excitatory + 1)]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data in SI."""
        return {
            "cell": "sfq-neuron",
            "shapes": [self._shape(neuron) for neuron in self.neurons],
            "inhibition": {
                "leads_s": self.characteristics.inhibition_leads.tolist(),
                "threshold_shifts_a": self.characteristics.inhibition_shifts.tolist(),
            },
            "rates": [
                {
                    "synapse_level": r.level,
                    "threshold": r.threshold,
                    "refractory_branch": r.refractory,
                    "input_rate_hz": r.input_rates.tolist(),
                    "output_rate_circuit_hz": r.circuit.tolist(),
                    "output_rate_behavioral_hz": r.model.tolist(),
                }
                for r in self.rates
            ],
            "refractory_times": [
                {
                    "shape": shape.key,
                    "threshold": t.threshold,
                    "circuit_s": _number(t.circuit),
                    "behavioral_s": _number(t.model),
                }
                for shape, times in self.refractory_times.items()
                for t in times
            ],
            "energy_per_spike": [
                {"refractory_branch": e.level > 1, "pulses_in": e.level, "spikes": e.spikes, "circuit_j": e.neuron}
                | {"behavioral_j": e.neuron_model}
                for e in self.energies
            ],
        }

    def _shape(self, neuron: MeasuredNeuron) -> dict[str, Any]:
        return {
            "shape": neuron.shape.key,
            "drives": neuron.drives.tolist(),
            "thresholds_a": neuron.thresholds.tolist(),
            "self_firing_a": neuron.self_firing,
            "leak_time_s": neuron.leak_time,
            "recovery_current_a": neuron.recovery_current,
            "recovery_time_s": neuron.recovery_time,
            "delay_laws": [
                {
                    "pulses": k,
                    "a_s": law.a,
                    "b_s": law.b,
                    "residual_s": law.residual,
                    "overdrives_a": law.overdrives.tolist(),
                    "delays_s": law.delays.tolist(),
                }
                for k, law in enumerate(self.laws(neuron), start=1)
            ],
        }


def synapse_study(characteristics: Characteristics) -> SynapseStudy:
    """Measure strengths and energies of the synapse at the circuit level; a few seconds."""
    return SynapseStudy(
        characteristics=characteristics,
        strengths=tuple(measure_strengths(characteristics)),
        self_firing=synapse_self_firing(),
        energies=_energies(characteristics),
    )


def neuron_study(
    characteristics: Characteristics, *, fan_in: int | None = None, report: Callable[[str], None] = lambda text: None
) -> NeuronStudy:
    """Measure rates, refractory times and energies of neurons at the circuit level; some ten seconds.

    Parameters
    ----------
    characteristics : Characteristics
    fan_in : int, optional
        Most inputs of the neurons that are listed.
    report : callable, optional
        Gets a line on what is being measured.
    """
    shapes = sorted(characteristics.neurons, key=lambda s: (s.refractory, s.excitatory + s.inhibitory, s.inhibitory))
    if fan_in is not None:
        most = max(s.excitatory + s.inhibitory for s in shapes)
        if not 1 <= fan_in <= most:
            raise DescriptionError(
                f"neurons of 1 to {most} inputs were characterised, got --fan-in {fan_in}; --measure measures others"
            )
        shapes = [s for s in shapes if s.excitatory + s.inhibitory <= fan_in]
    rates = []
    for level, threshold in RATE_PATHWAYS:
        report(f"output rate behind a synapse of level {level}")
        rates.append(measure_rates(Pathway(level=level, threshold=threshold, characteristics=characteristics)))
    report("refractory times")
    times = {
        shape: measure_refractory_time(shape, REFRACTORY_THRESHOLDS, characteristics)
        for shape in (Shape(excitatory=1), Shape(excitatory=1, refractory=True))
    }
    report("energies")
    return NeuronStudy(
        characteristics=characteristics,
        shapes=tuple(shapes),
        rates=tuple(rates),
        refractory_times=times,
        energies=_energies(characteristics),
    )


def _energies(characteristics: Characteristics) -> tuple[PulseEnergy, ...]:
    return tuple(
        measure_energy(Pathway(level=level, threshold=threshold, characteristics=characteristics))
        for level, threshold in RATE_PATHWAYS
    )


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None
