"""Neuron models that advance in steps of fixed length, the way digital neuromorphic chips compute them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from neurosim.neurons import Neuron


@dataclass(frozen=True, kw_only=True)
class DiscreteLIF(Neuron):
    """Leaky integrate-and-fire neuron with exponential current synapses, in steps of fixed length.

    ::

        each step, in this order:
        (1) i_exc <- i_exc + s_exc * (sum of arriving weights > 0), i_inh likewise with |weights < 0|
        (2) unless held:  v_inf = rest + (tau/capacitance) (i_exc - i_inh)
                          v <- v_inf - exp(-step/tau) (v_inf - v)
        (3) v >= threshold:  spike, v <- reset, held for the next refractory/step steps
        (4) i_exc <- i_exc exp(-step/tau_excitatory), i_inh likewise

        s_exc = (tau_excitatory/step) (1 - exp(-step/tau_excitatory))

    s_exc is the mean over a step of a current that starts at 1 and decays: the current of a step is taken as constant,
    so this is not the exact solution of the differential equation, and a step of another length is another neuron. A
    spike of step k on a synapse with a delay of d steps arrives in step k + d, with d = 0 in the next step.

    Parameters
    ----------
    capacitance : float
        Of the membrane [F].
    tau : float
        Membrane time constant [s].
    tau_excitatory, tau_inhibitory : float
        Time constants of the synaptic currents [s].
    rest, reset, threshold : float
        Potentials [V].
    refractory : float
        Time after a spike during which v is held [s], whole steps.
    initial : float or None
        v at t = 0 [V]; None for ``rest``.
    step : float
        Length of a step [s].

    References
    ----------
    O. Rhodes et al., sPyNNaker: a software package for running PyNN simulations on SpiNNaker, Front. Neurosci. 12, 816
    (2018), doi 10.3389/fnins.2018.00816. The order of the operations is the one with which the recordings of
    D. Casanueva-Morato et al., Neural Networks 178, 106474 (2024), arXiv 2310.05868, come out spike by spike; its
    values are the defaults.
    """

    capacitance: float = 0.27e-9
    tau: float = 3e-3
    tau_excitatory: float = 0.3e-3
    tau_inhibitory: float = 0.3e-3
    rest: float = -60e-3
    reset: float = -60e-3
    threshold: float = -57e-3
    refractory: float = 1e-3
    initial: float | None = None
    step: float = 1e-3

    def __post_init__(self) -> None:
        times = ("tau", "tau_excitatory", "tau_inhibitory", "step")
        self._strip(capacitance="farad", refractory="second", **dict.fromkeys(times, "second"))
        self._strip(rest="volt", reset="volt", threshold="volt")
        if self.initial is not None:
            self._strip(initial="volt")
        self._require(0 < self.capacitance < math.inf, f"capacitance must be positive [F], got {self.capacitance}")
        for name in times:
            value = getattr(self, name)
            self._require(0 < value < math.inf, f"{name} must be positive and finite [s], got {value}")
        self._require(self.reset < self.threshold, f"reset {self.reset} must lie below threshold {self.threshold}")
        steps = self.refractory / self.step
        self._require(
            0 <= steps < math.inf and abs(steps - round(steps)) < 1e-6,
            f"refractory must be zero or whole steps of {self.step:g} s, got {self.refractory:g} s",
        )

    @property
    def held_steps(self) -> int:
        """Steps after that of a spike in which v does not change."""
        return round(self.refractory / self.step)

    @property
    def kept_potential(self) -> float:
        """Part of the distance from v_inf that is left after a step [1]."""
        return math.exp(-self.step / self.tau)

    @property
    def kept_currents(self) -> tuple[float, float]:
        """Part of the excitatory and of the inhibitory current that is left after a step [1]."""
        return math.exp(-self.step / self.tau_excitatory), math.exp(-self.step / self.tau_inhibitory)

    @property
    def current_scales(self) -> tuple[float, float]:
        """Current in the step of its arrival for each unit of weight, excitatory and inhibitory: s_exc, s_inh [1]."""
        taus = (self.tau_excitatory, self.tau_inhibitory)
        excitatory, inhibitory = (tau / self.step * (1.0 - math.exp(-self.step / tau)) for tau in taus)
        return excitatory, inhibitory

    @property
    def resistance(self) -> float:
        """Membrane resistance, tau/capacitance [ohm]."""
        return self.tau / self.capacitance

    @property
    def firing_weight(self) -> float:
        """Least weight with which one spike fires the neuron from rest in the step of its arrival [A].

        ``(threshold - rest) / (resistance s_exc (1 - exp(-step/tau)))``

        Examples
        --------
        >>> round(1e9 * DiscreteLIF(capacitance=0.14e-9, tau=0.5e-3).firing_weight, 3)
        3.358
        """
        rise = self.resistance * self.current_scales[0] * (1.0 - self.kept_potential)
        return (self.threshold - self.rest) / rise
