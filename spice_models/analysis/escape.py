"""Escape of a biased junction from its well by thermal noise: how often it switches when it should not.

The phase of a junction at bias ``I = s Ic`` moves in a tilted washboard, ``U = -E (cos phi + s phi)`` with
``E = Phi0 Ic / (2 pi)``, and escapes over the next barrier. For any circuit the rate is counted in repeated runs with
noise (`escape_rate`); for one junction there are closed forms to hold it against.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, asin, cos, exp, hypot, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import quad
from scipy.special import i0e
from scipy.stats import chi2

from spice_models.circuit import Circuit
from spice_models.constants import BOLTZMANN, FLUX_QUANTUM
from spice_models.engines.native.engine import transient_batch
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]
_KAPPA = FLUX_QUANTUM / (2 * pi)


@dataclass(frozen=True, kw_only=True)
class BiasedJunction:
    """A junction at a constant bias below its critical current and at a temperature: its well, barrier and rates.

    Parameters
    ----------
    critical_current, capacitance, resistance : float
        Of the junction [A], [F], [ohm].
    bias : float
        Current through it [A], between zero and the critical current.
    temperature : float
        [K].

    References
    ----------
    H. A. Kramers, Physica 7, 284 (1940), doi 10.1016/S0031-8914(40)90098-2;
    T. A. Fulton, L. N. Dunkleberger, Phys. Rev. B 9, 4760 (1974), doi 10.1103/PhysRevB.9.4760.
    """

    critical_current: float
    capacitance: float
    resistance: float
    bias: float
    temperature: float

    def __post_init__(self) -> None:
        if not (0 <= self.bias < self.critical_current):
            raise DescriptionError(
                f"a bias of {self.bias:g} A holds no junction of {self.critical_current:g} A in a well: it must be "
                "zero or positive and below the critical current"
            )
        for name in ("capacitance", "resistance", "temperature"):
            if not 0 < getattr(self, name) < np.inf:
                raise DescriptionError(f"{name} must be positive and finite, got {getattr(self, name)}")

    @property
    def tilt(self) -> float:
        """``s = I / Ic``."""
        return self.bias / self.critical_current

    @property
    def coupling(self) -> float:
        """Josephson energy over thermal energy, ``Phi0 Ic / (2 pi k T)``."""
        return _KAPPA * self.critical_current / (BOLTZMANN * self.temperature)

    @property
    def barrier(self) -> float:
        """Height of the barrier over the thermal energy: ``2 E (sqrt(1 - s^2) - s arccos s) / (k T)``."""
        s = self.tilt
        return 2 * self.coupling * (sqrt(1 - s * s) - s * acos(s))

    @property
    def plasma_frequency(self) -> float:
        """Angular frequency of small oscillations in the well [rad/s]: ``sqrt(Ic cos(phi0) 2 pi / (Phi0 C))``."""
        return sqrt(self.critical_current * sqrt(1 - self.tilt**2) / (_KAPPA * self.capacitance))

    @property
    def quality(self) -> float:
        """Quality factor of these oscillations: plasma frequency times ``R C``."""
        return self.plasma_frequency * self.resistance * self.capacitance

    @property
    def kramers_rate(self) -> float:
        """Escapes a second over a high barrier at moderate to strong damping.

        ``omega / (2 pi) (sqrt(1 + 1 / (4 Q^2)) - 1 / (2 Q)) exp(-dU / k T)``. Too high where the junction is damped so
        weakly (``Q dU / k T`` well above one) that noise takes long to bring it to the top of the barrier.
        """
        half = 0.5 / self.quality
        return self.plasma_frequency / (2 * pi) * (hypot(1.0, half) - half) * exp(-self.barrier)

    @property
    def overdamped_passage_time(self) -> float:
        """Mean time [s] from the bottom of the well to ``phase = pi``, exact for a junction without capacitance.

        ``tau g`` times the integral of ``exp((U(y) - U(z)) / k T)`` over ``z < y`` and over ``y`` from ``phi0`` to
        ``pi``, with ``g = E / (k T)`` and ``tau = Phi0 / (2 pi Ic R)``.
        """
        g, s = self.coupling, self.tilt

        def potential(phase: Floats) -> Floats:
            return -g * (np.cos(phase) + s * phase)

        # Below the last barrier on the left the integrand is negligible; without tilt it would not converge.
        if g * s * 2 * pi < _NEGLIGIBLE:
            raise DescriptionError(
                f"a tilt of {s:g} at {g:g} times the thermal energy lets the phase slip backward: raise the bias"
            )
        bottom = asin(s)
        z = np.linspace(bottom - 2 * pi * (1 + np.ceil(_LEFT / (g * s * 2 * pi))), pi, 200_001)
        inner = np.exp(-potential(z) + potential(np.array(bottom)))
        below = np.concatenate([[0.0], np.cumsum(0.5 * (inner[1:] + inner[:-1]))]) * (z[1] - z[0])
        outer = np.where(z >= bottom, np.exp(potential(z) - potential(np.array(bottom))) * below, 0.0)
        return float(_KAPPA / (self.critical_current * self.resistance) * g * np.sum(outer) * (z[1] - z[0]))


_NEGLIGIBLE = 5.0  # [chosen] drop from well to well, over k T, beyond which slips backward do not count
_LEFT = 40.0  # [chosen] depth, over k T, to which wells on the left are integrated


def overdamped_voltage(current: ArrayLike, critical_current: float, resistance: float, temperature: float) -> Floats:
    """Mean voltage [V] of a junction without capacitance at some temperature [K], at each bias [A].

    ``V = Ic R sinh(pi g s) / (pi g) / |I_{i g s}(g)|^2``, ``g = Phi0 Ic / (2 pi k T)``, ``s = I / Ic``; the Bessel
    function of imaginary order is ``|I_{i nu}(g)|^2 = (2 / pi)`` times the integral of ``I_0(2 g cos x) cosh(2 nu x)``
    over ``x`` from zero to ``pi / 2``.

    References
    ----------
    Yu. M. Ivanchenko, L. A. Zil'berman, Sov. Phys. JETP 28, 1272 (1969); V. Ambegaokar, B. I. Halperin,
    Phys. Rev. Lett. 22, 1364 (1969), doi 10.1103/PhysRevLett.22.1364.
    """
    g = _KAPPA * critical_current / (BOLTZMANN * temperature)

    def one(i: float) -> float:
        s = abs(i) / critical_current
        if s == 0:
            return 0.0

        def exponent(x: float) -> float:  # of the integrand over exp(pi g s) / 2, as the sinh below
            return 2 * g * (cos(x) + s * (x - pi / 2))

        peak = asin(min(s, 1.0))  # narrow where it is cold
        highest = exponent(peak)

        def integrand(x: float) -> float:
            return float(i0e(2 * g * cos(x)) * (1 + exp(-4 * g * s * x)) * exp(exponent(x) - highest))

        corners = [x for k in range(7) for x in (peak - 10.0**-k, peak + 10.0**-k) if 0 < x < pi / 2]
        square = quad(integrand, 0.0, pi / 2, points=corners, limit=200)[0] * 2 / pi
        volts = critical_current * resistance * -np.expm1(-2 * pi * g * s) / (pi * g) / square * exp(-highest)
        return float(np.copysign(volts, i))

    current = np.asarray(current, dtype=float)
    return np.array([one(i) for i in current.ravel()]).reshape(current.shape)


@dataclass(frozen=True, kw_only=True)
class EscapeRate:
    """A rate counted in repeated runs.

    Parameters
    ----------
    rate : float
        Escapes a second: ``escapes / exposure``, the most likely rate of escapes at random times.
    low, high : float
        Its 95 % confidence interval, exact for Poisson counts.
    escapes : int
        Runs in which the junction slipped after it had settled.
    exposure : float
        Time [s] that all runs together spent settled and not yet slipped.
    """

    rate: float
    low: float
    high: float
    escapes: int
    exposure: float

    def error_probability(self, time: float) -> float:
        """Probability of at least one escape within ``time`` [s]."""
        return -float(np.expm1(-self.rate * time))


def escape_rate(
    circuit: Circuit,
    junction: str,
    *,
    temperature: float,
    duration: float,
    settle: float,
    repetitions: int = 256,
    step: float = 1e-13,
    seed: int = 0,
) -> EscapeRate:
    """Count how often a junction of a circuit at rest slips, either way, by thermal noise alone.

    Parameters
    ----------
    circuit : Circuit
        With its sources at the values at which it should stay at rest.
    junction : str
        Flattened name of the junction to watch.
    temperature : float
        [K].
    duration, settle : float
        Time of each run and the part of it at the beginning that does not count, for ramps and relaxation [s].
    repetitions, seed : int
        Number of runs, each with its own draws.
    step : float
        Time step [s].

    Raises
    ------
    DescriptionError
        For a time to settle that leaves nothing, or if the junction has slipped within it in every run.
    """
    if not 0 <= settle < duration:
        raise DescriptionError(f"settle must be shorter than the run of {duration:g} s, got {settle:g} s")
    batch = transient_batch(
        circuit,
        duration=duration,
        step=step,
        temperature=temperature,
        seed=seed,
        variants=repetitions,
        max_events=1,
        forget=True,
    )
    first = np.abs(batch.times[batch.row(junction), 0])
    first = np.where(np.isfinite(first), first, np.inf)
    waiting = first >= settle
    if not np.any(waiting):
        raise DescriptionError(
            f"junction {junction!r} slipped within {settle:g} s in all runs: it does not rest; reduce its bias, the "
            "temperature or the time to settle"
        )
    escapes = int(np.sum(np.isfinite(first[waiting])))
    exposure = float(np.sum(np.minimum(first[waiting], duration) - settle))
    low = chi2.ppf(0.025, 2 * escapes) / 2 if escapes else 0.0
    return EscapeRate(
        rate=escapes / exposure,
        low=float(low / exposure),
        high=float(chi2.ppf(0.975, 2 * escapes + 2) / 2 / exposure),
        escapes=escapes,
        exposure=exposure,
    )
