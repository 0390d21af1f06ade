"""What was measured of the stochastic synapse and of the rate neuron, as numbers with units."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardware.sfq.decision_law import DecisionLaw
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]

NOMINAL_TEMPERATURE = 4.2
"""Boiling helium [K]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GrayZones:
    """Midpoint and gray zone of a decision against temperature.

    Parameters
    ----------
    temperatures : array
        [K], rising.
    midpoints, gray_zones : array
        Fitted at each [A].
    fixed : bool
        Whether the midpoint is one for all temperatures, as of a decision between two junctions; else it moves with
        them, as of a junction that noise brings over its threshold early.
    """

    temperatures: Floats
    midpoints: Floats
    gray_zones: Floats
    fixed: bool = True

    def law(self, temperature: float) -> DecisionLaw:
        """Return the law at a temperature [K].

        The midpoint is the mean of all, or interpolated if it is not ``fixed``; the gray zone follows straight lines in
        logarithms, the first and last of which go on outside. At zero the law is a step.

        Raises
        ------
        DescriptionError
            For a negative temperature.
        """
        if not (np.isfinite(temperature) and temperature >= 0):
            raise DescriptionError(f"a temperature must be finite and >= 0 [K], got {temperature}")
        moving = np.interp(temperature, self.temperatures, self.midpoints)
        midpoint = float(self.midpoints.mean() if self.fixed else moving)
        if temperature == 0:
            return DecisionLaw(midpoint=midpoint, gray_zone=0.0)
        x, xs, ys = np.log(temperature), np.log(self.temperatures), np.log(self.gray_zones)
        k = int(np.clip(np.searchsorted(xs, x), 1, len(xs) - 1))
        log = ys[k - 1] + (ys[k] - ys[k - 1]) / (xs[k] - xs[k - 1]) * (x - xs[k - 1])
        return DecisionLaw(midpoint=midpoint, gray_zone=float(np.exp(log)))


@dataclass(frozen=True, kw_only=True, eq=False)
class RateNeuronData:
    """The rate neuron: a leaky sum of pulses held against a noisy threshold.

    It fires when ``threshold current + unit_current b - inhibition_current p`` reaches the threshold, where b and p
    count pulses that leak away, and b loses ``reset`` with each spike.

    Parameters
    ----------
    threshold : GrayZones
        The decision against that sum of currents.
    unit_current, inhibition_current : float
        What one excitatory and one inhibitory pulse add and take [A].
    leak_time, inhibition_time : float
        Their leaks [s].
    reset : float
        Pulses that a spike takes out of the sum [1]: a little more than the one that it takes as a flux quantum.
    delay : float
        From the pulse that fires it to the output [s].
    self_firing : float
        Threshold current from which on it fires without input, without noise [A].
    inhibition_rate_limit : float
        Regular rate of inhibition up to which the loop of the threshold junction takes up no flux [Hz].
    """

    threshold: GrayZones
    unit_current: float
    inhibition_current: float
    leak_time: float
    inhibition_time: float
    reset: float
    delay: float
    self_firing: float
    inhibition_rate_limit: float

    @property
    def inhibition_strength(self) -> float:
        """What an inhibitory pulse takes, in excitatory pulses [1]."""
        return self.inhibition_current / self.unit_current

    def threshold_current(self, pulses: float) -> float:
        """Return the threshold current [A] with which ``pulses`` pulses at once are just enough at 4.2 K.

        Raises
        ------
        DescriptionError
            For so few that the neuron would fire by itself.
        """
        midpoint = self.threshold.law(NOMINAL_TEMPERATURE).midpoint
        current = midpoint - pulses * self.unit_current
        least = (midpoint - self.self_firing) / self.unit_current
        if current >= self.self_firing:
            raise DescriptionError(
                f"a rate neuron with a threshold of {pulses:g} pulses fires without input: take more than {least:.2f}"
            )
        return current


@dataclass(frozen=True, kw_only=True, eq=False)
class StochasticData:
    """All measurements, with the counts behind the synapse's laws for pictures and checks.

    Parameters
    ----------
    synapse : GrayZones
        At an input rate of ``rate`` [Hz].
    rate : float
    rates, rate_midpoints, rate_gray_zones : array
        The law against the input rate [Hz], at 4.2 K.
    synapse_delay : float
        From a pulse at the input to the one at the output, if it passes [s].
    neuron : RateNeuronData
    counts : mapping
        ``temperatures``, and for each ``currents``, ``passed`` and ``trials``.
    """

    synapse: GrayZones
    rate: float
    rates: Floats
    rate_midpoints: Floats
    rate_gray_zones: Floats
    synapse_delay: float
    neuron: RateNeuronData
    counts: tuple[dict[str, Any], ...]


def stochastic_path() -> Path:
    """Where the shipped measurements lie."""
    return Path(str(files("hardware.sfq").joinpath("data", "stochastic.json")))


@cache
def load_stochastic(path: Path | None = None) -> StochasticData:
    """Read measurements, the shipped ones by default."""
    data = json.loads((path or stochastic_path()).read_text())
    synapse, neuron = data["synapse"], data["neuron"]
    by_rate = synapse["by_rate"]
    return StochasticData(
        synapse=_gray_zones(synapse),
        rate=synapse["rate"],
        rates=np.array(by_rate["rates"]),
        rate_midpoints=np.array(by_rate["midpoints"]),
        rate_gray_zones=np.array(by_rate["gray_zones"]),
        synapse_delay=synapse["delay"],
        neuron=RateNeuronData(
            threshold=_gray_zones(neuron, fixed=False),
            **{key: neuron[key] for key in RateNeuronData.__dataclass_fields__ if key != "threshold"},
        ),
        counts=tuple(synapse["counts"]),
    )


def _gray_zones(data: dict[str, Any], *, fixed: bool = True) -> GrayZones:
    return GrayZones(
        temperatures=np.array(data["temperatures"]),
        midpoints=np.array(data["midpoints"]),
        gray_zones=np.array(data["gray_zones"]),
        fixed=fixed,
    )
