"""Spike-rate coding on noisy hardware, as descriptions: the stochastic synapse and the rate neuron."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from hardware.sfq.stochastic_data import NOMINAL_TEMPERATURE, StochasticData, load_stochastic
from neurosim.neurons import Neuron
from neurosim.quantities import si
from spice_models.errors import DescriptionError


@dataclass(frozen=True, kw_only=True)
class StochasticSynapse:
    """Hardware of a projection whose synapses pass each spike with a probability, or block it.

    ``p = (1 + erf(sqrt(pi) (weight_current - I0) / dI)) / 2``

    with midpoint I0 and gray zone dI as measured of the cell `spice_models.cells.stochastic_synapse`. All levels use
    it: the architecture level draws with p, the behavioral level too, the circuit level sends ``weight_current``
    through the cell.

    Parameters
    ----------
    weight_current : float
        [A].
    temperature : float
        [K]; one for all synapses of a network.

    References
    ----------
    A. J. Edwards, G. Krylov, J. S. Friedman, E. G. Friedman, Neuromorph. Comput. Eng. 4, 014005 (2024),
    doi 10.1088/2634-4386/ad207a.
    """

    weight_current: float
    temperature: float = NOMINAL_TEMPERATURE

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight_current", si(self.weight_current, "amp", "weight_current"))
        object.__setattr__(self, "temperature", si(self.temperature, "kelvin", "temperature"))
        if not math.isfinite(self.weight_current):
            raise DescriptionError(f"weight_current must be finite [A], got {self.weight_current}")
        if not 0 <= self.temperature < math.inf:
            raise DescriptionError(f"temperature must be finite and >= 0 [K], got {self.temperature}")

    @property
    def probability(self) -> float:
        """Probability that a spike passes, from the shipped measurements."""
        return float(load_stochastic().synapse.law(self.temperature).probability(self.weight_current))


@dataclass(frozen=True, kw_only=True)
class RateNeuron(Neuron):
    """Accumulate-and-fire neuron for rates: a spike takes one pulse out of the sum.

    ::

        du/dt = -u / leak_time
        dv/dt = -v / inhibition_time
        pulse of weight w > 0 arrives:  u <- u + w
        pulse of weight w < 0 arrives:  v <- v - w
        u - inhibition v >= threshold:  u <- u - reset, one pulse leaves at t + delay

    Driven by rates r of exciting and r' of inhibiting pulses it settles at a rate of about
    ``max(0, r - g r' - threshold / leak_time) / reset`` with ``g = inhibition inhibition_time / leak_time``: `rate`.
    Defaults are what was measured of the cell; on hardware only ``threshold`` can be chosen, by a current.

    Parameters
    ----------
    threshold : float
        Pulses at once that make it fire [1]; the bias of the unit.
    leak_time, inhibition_time : float
        Leaks of excitation and inhibition [s].
    inhibition : float
        What an inhibiting pulse takes, in exciting ones [1].
    reset : float
        Pulses that a spike takes out of the sum [1].
    delay : float
        From the pulse that fires it to its own [s].
    """

    engines: ClassVar[Mapping[str, str]] = {"behavioral": "rate-events", "circuit": "rate-native"}

    threshold: float
    leak_time: float = field(default_factory=lambda: load_stochastic().neuron.leak_time)
    inhibition_time: float = field(default_factory=lambda: load_stochastic().neuron.inhibition_time)
    inhibition: float = field(default_factory=lambda: load_stochastic().neuron.inhibition_strength)
    reset: float = field(default_factory=lambda: load_stochastic().neuron.reset)
    delay: float = field(default_factory=lambda: load_stochastic().neuron.delay)

    def __post_init__(self) -> None:
        self._strip(threshold="1", inhibition="1", reset="1")
        self._strip(leak_time="second", inhibition_time="second", delay="second")
        self._require(0 < self.threshold < math.inf, f"threshold must be positive, got {self.threshold}")
        for name in ("leak_time", "inhibition_time"):
            self._require(0 < getattr(self, name) < math.inf, f"{name} must be positive and finite [s]")
        self._require(0 < self.reset < math.inf, f"reset must be positive, got {self.reset}")
        self._require(0 <= self.inhibition < math.inf, f"inhibition must be >= 0, got {self.inhibition}")
        self._require(0 <= self.delay < math.inf, f"delay must be >= 0 [s], got {self.delay}")

    def rate(self, exciting: float, inhibiting: float = 0.0) -> float:
        """Firing rate [Hz] under steady rates of pulses [Hz], in the limit of many pulses in a leak time.

        The sum settles where what comes in goes out: ``u = leak_time (r - reset rate)``, held at the threshold while it
        fires.

        Examples
        --------
        >>> neuron = RateNeuron(threshold=2.0, leak_time=200e-12, inhibition_time=200e-12, inhibition=1.0, reset=1.0)
        >>> round(neuron.rate(20e9) / 1e9, 3), neuron.rate(20e9, 15e9)
        (10.0, 0.0)
        """
        held = self.inhibition * self.inhibition_time * inhibiting
        return max(0.0, exciting - (self.threshold + held) / self.leak_time) / self.reset


def network_temperature(synapses: list[StochasticSynapse]) -> float:
    """Return the temperature [K] of all of them; raises `DescriptionError` if they differ."""
    found = sorted({synapse.temperature for synapse in synapses})
    if len(found) > 1:
        raise DescriptionError(f"the synapses of one network have one temperature, got {found} K")
    return found[0] if found else NOMINAL_TEMPERATURE


def probability_current(probability: float, temperature: float, data: StochasticData | None = None) -> float:
    """Return the weight current [A] with which a synapse passes a share ``probability`` of its pulses."""
    return (data or load_stochastic()).synapse.law(temperature).current(probability)
