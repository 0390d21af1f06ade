"""Rules by which the weights of a projection change: frozen parameters, no engine."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurosim.quantities import si
from spice_models.errors import DescriptionError

LONGEST_STEP = 600.0
"""Of `PairSTDP.coincidence`, in windows: the exponential of more is not a number."""


@dataclass(frozen=True, kw_only=True)
class PairSTDP:
    """Spike-timing-dependent plasticity of all pairs of spikes, with additive steps and hard bounds.

    ::

        dx/dt = -x/tau_plus,   dy/dt = -y/tau_minus
        presynaptic spike:   w <- bound(w - amplitude_minus y),  x <- x + 1,  then w is sent
        postsynaptic spike:  w <- bound(w + amplitude_plus x),   y <- y + 1

    where x and y are traces of the two neurons, all pairs count, and w stays within ``low`` and ``high`` after every
    event. A presynaptic spike meets the synapse at the end of its delay, just before it acts: with a delay of d steps
    it acts in step k + d and meets the synapse between steps k + d - 1 and k + d. A postsynaptic spike meets it
    ``post_delay`` after it was emitted. Of two that meet at once the postsynaptic one is first, so that such a pair
    depresses by the full ``amplitude_minus``.

    Parameters
    ----------
    tau_plus, tau_minus : float
        Time constants of the traces of the presynaptic and of the postsynaptic neuron [s].
    amplitude_plus, amplitude_minus : float
        Largest change by one pair, in the unit of the weights.
    low, high : float
        Bounds of a weight, in its unit.
    post_delay : float
        Time that a postsynaptic spike takes back to the synapse [s].

    References
    ----------
    S. Song, K. D. Miller, L. F. Abbott, Competitive Hebbian learning through spike-timing-dependent synaptic
    plasticity, Nat. Neurosci. 3, 919 (2000), doi 10.1038/78829. A. Morrison, M. Diesmann, W. Gerstner, Biol. Cybern.
    98, 459 (2008), doi 10.1007/s00422-008-0233-1.
    """

    tau_plus: float
    tau_minus: float
    amplitude_plus: float
    amplitude_minus: float
    low: float
    high: float
    post_delay: float = 0.0

    def __post_init__(self) -> None:
        weight = ("1", "volt", "amp", "siemens")
        units: dict[str, str | tuple[str, ...]] = dict.fromkeys(("tau_plus", "tau_minus", "post_delay"), "second")
        units |= dict.fromkeys(("amplitude_plus", "amplitude_minus", "low", "high"), weight)
        for name, unit in units.items():
            value = si(getattr(self, name), unit, f"PairSTDP.{name}")
            if not math.isfinite(value):
                raise DescriptionError(f"PairSTDP: {name} must be finite, got {value}")
            object.__setattr__(self, name, value)
        if self.tau_plus <= 0 or self.tau_minus <= 0:
            raise DescriptionError(
                f"PairSTDP: time constants must be positive [s], got {self.tau_plus} and {self.tau_minus}"
            )
        if self.post_delay < 0:
            raise DescriptionError(f"PairSTDP: post_delay must be >= 0 [s], got {self.post_delay}")
        if not self.low < self.high:
            raise DescriptionError(f"PairSTDP: low {self.low} must lie below high {self.high}")

    def check_weights(self, weights: NDArray[np.float64], ends: str) -> None:
        """Raise `DescriptionError` for weights outside the bounds; ``ends`` says in words which projection it is."""
        outside = weights[(weights < self.low) | (weights > self.high)]
        if outside.size:
            raise DescriptionError(
                f"{ends}: weight {outside[0]:g} lies outside {self.low:g} to {self.high:g} of its rule"
            )

    @classmethod
    def coincidence(cls, *, change: float, window: float, step: float, low: float, high: float) -> PairSTDP:
        """Return a rule for steps of a fixed length, by which spikes change a weight only within one step.

        Postsynaptic spikes come one step late to the synapse. A pair changes a weight by ``change exp(-lag/window)``
        for lags of 0, 1, 2 ... steps as in `change`, and by ``-change`` for a lag of one step the other way: with a
        window far shorter than a step all that counts are these lags of 0 and -1. ``amplitude_plus`` of the rule
        belongs to a lag of -1 step just before it changes its sign, which no pair has: it is
        ``change exp(step/window)``, a number for the formula only, however large.

        Parameters
        ----------
        change : float
            Of a weight by one pair, in its unit.
        window : float
            Time constant of both traces [s].
        step : float
            Of the network [s].
        low, high : float
            Bounds of a weight, in its unit.

        Examples
        --------
        >>> rule = PairSTDP.coincidence(change=6.0, window=0.03e-3, step=1e-3, low=0.0, high=6.0)
        >>> [round(rule.change(lag * 1e-3), 9) for lag in (-2, -1, 0, 1)]
        [-0.0, -6.0, 6.0, 0.0]
        """
        window, step = si(window, "second", "window"), si(step, "second", "step")
        change = si(change, ("1", "volt", "amp", "siemens"), "change")
        if not (window > 0 and 0 < step <= LONGEST_STEP * window):
            raise DescriptionError(
                f"PairSTDP.coincidence: window and step must be positive [s], the step at most {LONGEST_STEP:g} "
                f"windows, got {window:g} and {step:g}"
            )
        return cls(
            tau_plus=window,
            tau_minus=window,
            amplitude_plus=change * math.exp(step / window),
            amplitude_minus=change,
            low=low,
            high=high,
            post_delay=step,
        )

    def change(self, lag: float) -> float:
        """Return the change of a weight by one pair of spikes, away from the bounds, in its unit.

        ``lag`` [s] is the time of the postsynaptic spike less that at which the presynaptic one meets the synapse.

        Examples
        --------
        >>> rule = PairSTDP(
        ...     tau_plus=3e-3, tau_minus=3e-3, amplitude_plus=6, amplitude_minus=6, low=0, high=6, post_delay=1e-3
        ... )
        >>> [round(rule.change(lag * 1e-3), 2) for lag in (-2, -1, 0, 1, 2)]
        [-4.3, -6.0, 4.3, 3.08, 2.21]
        """
        late = lag + self.post_delay
        if late > 0:
            return self.amplitude_plus * math.exp(-late / self.tau_plus)
        return -self.amplitude_minus * math.exp(late / self.tau_minus)
