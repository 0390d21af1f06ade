"""Current-voltage curves of a junction and of a dc SQUID, and how flux modulates the voltage of the SQUID.

Every point is a variant of one circuit at constant bias, all simulated together. Mean voltages come from the times of
the phase slips, ``V = Phi0 (n - 1) / (t_n - t_1)``: averages over whole periods. Times are measured in
``tau = Phi0 / (2 pi Ic R)``, the natural unit of an overdamped junction.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spice_models.circuit import Circuit
from spice_models.constants import FLUX_QUANTUM
from spice_models.elements import GROUND, Junction
from spice_models.engines.native.engine import Batch, transient_batch
from spice_models.errors import DescriptionError
from spice_models.waveforms import PWL, bias_ramp

Floats = NDArray[np.float64]

STEP = 0.02
"""Time step in units of tau [chosen: voltages within 1e-4 at twice the critical current]."""

WINDOW = 1000.0
"""Time over which voltages are averaged, in units of tau [chosen]; lower ones than ``2 pi Ic R / 1000`` are zero."""

_KICK = 3.0  # times Ic: far above switching, where the descending branch starts
_COUPLING = 0.5  # of the control line with each arm of the SQUID [chosen]; below 1 / sqrt(2)


@dataclass(frozen=True, kw_only=True)
class IVCurve:
    """Mean voltage of a junction against its current.

    Parameters
    ----------
    current : array, shape (points,)
        Bias [A], ascending.
    up, down : array, shape (points,)
        Mean voltage [V] when the current has risen from zero, and when it has come down from above.
    junction : Junction
        What was simulated.
    """

    current: Floats
    up: Floats
    down: Floats
    junction: Junction

    @property
    def largest_supercurrent(self) -> float:
        """Largest current [A] of the grid without a voltage on the way up."""
        return float(np.max(self.current[self.up == 0], initial=0.0))

    @property
    def switching_current(self) -> float:
        """Smallest current [A] of the grid with a voltage on the way up."""
        return float(np.min(self.current[self.up > 0], initial=np.inf))

    @property
    def retrapping_current(self) -> float:
        """Smallest current [A] of the grid with a voltage on the way down."""
        return float(np.min(self.current[self.down > 0], initial=np.inf))


@dataclass(frozen=True, kw_only=True)
class Squid:
    """A dc SQUID: two equal junctions in a loop, biased in its middle, with a control line that couples flux in.

    Parameters
    ----------
    critical_current, capacitance, resistance : float
        Of each junction [A], [F], [ohm].
    beta_l : float
        ``2 L Ic / Phi0`` with the inductance ``L`` of the whole loop.

    References
    ----------
    C. D. Tesche and J. Clarke, J. Low Temp. Phys. 29, 301 (1977), doi 10.1007/BF00655097.
    """

    critical_current: float
    capacitance: float
    resistance: float
    beta_l: float

    @property
    def inductance(self) -> float:
        """Inductance of the loop [H]."""
        return self.beta_l * FLUX_QUANTUM / (2 * self.critical_current)

    @property
    def control_per_flux_quantum(self) -> float:
        """Current in the control line [A] that puts one flux quantum into the loop."""
        return FLUX_QUANTUM / (2 * _COUPLING * self.inductance / 2**0.5)

    @property
    def tau(self) -> float:
        """``Phi0 / (2 pi Ic R)`` [s]."""
        return _tau(self.critical_current, self.resistance)

    def circuit(self, bias: float, flux: float) -> Circuit:
        """Return the circuit at a bias [A] and an applied flux [Wb], both ramped from zero.

        ::

                      bias
                       |
                  +-L1-o-L2-+        control -- LC -- gnd
                  |         |        LC coupled to L1 (+) and L2 (-)
                  B1        B2
                  |         |
                 gnd       gnd
        """
        circuit = Circuit("squid")
        ramp = _ramp_time(self.tau, self._beta_c)
        for k in ("1", "2"):
            circuit.inductor(f"L{k}", "top", f"arm_{k}", self.inductance / 2)
            circuit.junction(
                f"B{k}",
                f"arm_{k}",
                GROUND,
                critical_current=self.critical_current,
                capacitance=self.capacitance,
                resistance=self.resistance,
            )
        circuit.current("bias", GROUND, "top", bias_ramp(bias, ramp))
        circuit.inductor("LC", "control", GROUND, self.inductance)
        circuit.mutual("K1", "LC", "L1", _COUPLING)
        circuit.mutual("K2", "LC", "L2", -_COUPLING)
        control = flux / FLUX_QUANTUM * self.control_per_flux_quantum
        circuit.current("control", GROUND, "control", bias_ramp(control, ramp), role="tuning")
        return circuit

    @property
    def _beta_c(self) -> float:
        return 2 * pi * self.critical_current * self.resistance**2 * self.capacitance / FLUX_QUANTUM

    def voltage(self, bias: ArrayLike, flux: ArrayLike, *, window: float = WINDOW) -> Floats:
        """Mean voltage [V] at each bias [A] and applied flux [Wb], broadcast against each other.

        Averaged over ``window`` times tau; voltages below ``2 pi Ic R / window`` come out as zero.
        """
        i, phi = np.broadcast_arrays(np.asarray(bias, dtype=float), np.asarray(flux, dtype=float))
        settled = _ramp_time(self.tau, self._beta_c) * 1.5
        batch = _simulate(
            self.circuit(self.critical_current, FLUX_QUANTUM),
            {"bias": i.ravel() / self.critical_current, "control": phi.ravel() / FLUX_QUANTUM},
            settled,
            self.tau,
            window,
        )
        return _mean_voltage(batch, "B1", settled).reshape(i.shape)

    def maximum_supercurrent(self, flux: ArrayLike, *, tolerance: float = 1e-3) -> Floats:
        """Largest current [A] without voltage at each applied flux [Wb], by bisection to ``tolerance`` times Ic.

        Of the branch that is reached from zero current and zero flux.
        """
        phi = np.atleast_1d(np.asarray(flux, dtype=float))
        low, high = np.zeros(phi.shape), np.full(phi.shape, 2.5 * self.critical_current)
        while np.max(high - low) > tolerance * self.critical_current:
            middle = (low + high) / 2
            running = self.voltage(middle, phi) > 0
            low, high = np.where(running, low, middle), np.where(running, middle, high)
        return np.asarray((low + high) / 2)


def junction_iv(current: ArrayLike, *, critical_current: float, capacitance: float, resistance: float) -> IVCurve:
    """Simulate the I-V curve of a current-biased junction, with both branches of a hysteretic one.

    Parameters
    ----------
    current : array, shape (points,)
        Bias currents [A], not negative and at most three times Ic.
    critical_current, capacitance, resistance : float
        Of the junction [A], [F], [ohm].

    Raises
    ------
    DescriptionError
        For currents out of range.
    """
    i = np.sort(np.atleast_1d(np.asarray(current, dtype=float)))
    if not np.all((i >= 0) & (i <= _KICK * critical_current)):
        raise DescriptionError(f"bias currents must lie between 0 and {_KICK:g} Ic = {_KICK * critical_current:g} A")
    circuit = Circuit("junction")
    circuit.junction(
        "B1", "top", GROUND, critical_current=critical_current, capacitance=capacitance, resistance=resistance
    )
    junction = circuit.of_type(Junction)[0]
    tau = _tau(critical_current, resistance)
    ramp = _ramp_time(tau, junction.beta_c)
    circuit.current("bias", GROUND, "top", bias_ramp(critical_current, ramp))
    kick = PWL((0.0, ramp, 2 * ramp, 4 * ramp), (0.0, 1.0, 1.0, 0.0)).scaled(_KICK * critical_current)
    circuit.current("kick", GROUND, "top", kick)
    settled = 5 * ramp
    relative = i / critical_current
    both = {"bias": np.tile(relative, 2), "kick": np.repeat([0.0, 1.0], len(i))}
    voltage = _mean_voltage(_simulate(circuit, both, settled, tau), "B1", settled)
    return IVCurve(current=i, up=voltage[: len(i)], down=voltage[len(i) :], junction=junction)


def overdamped_voltage(current: ArrayLike, critical_current: ArrayLike, resistance: float) -> Floats:
    """Mean voltage [V] of a junction without capacitance: ``R sqrt(I^2 - Ic^2)`` above Ic, zero below.

    For a SQUID of small inductance ``Ic`` is `squid_critical_current` and ``R`` that of both junctions in parallel.
    """
    excess = np.asarray(current, dtype=float) ** 2 - np.asarray(critical_current, dtype=float) ** 2
    return np.asarray(resistance * np.sqrt(np.maximum(excess, 0.0)))


def squid_critical_current(flux: ArrayLike, critical_current: float) -> Floats:
    """Critical current [A] of a SQUID with small inductance: ``2 Ic |cos(pi flux / Phi0)|``, flux in [Wb]."""
    return np.asarray(2 * critical_current * np.abs(np.cos(pi * np.asarray(flux, dtype=float) / FLUX_QUANTUM)))


def _tau(critical_current: float, resistance: float) -> float:
    return FLUX_QUANTUM / (2 * pi * critical_current * resistance)


def _ramp_time(tau: float, beta_c: float) -> float:
    """Slow against the damping time ``2 beta_c tau`` of plasma oscillations, so that a ramp does not overshoot."""
    return 20 * max(2.0, beta_c) * tau


def _simulate(circuit: Circuit, scales: dict[str, Floats], settled: float, tau: float, window: float = WINDOW) -> Batch:
    duration = settled + window * tau
    most = 64 + int(2 * _KICK * duration / (2 * pi * tau))
    return transient_batch(circuit, duration=duration, step=STEP * tau, scales=scales, max_events=most)


def _mean_voltage(batch: Batch, junction: str, start: float) -> Floats:
    """Average over whole periods after ``start`` [s]; zero where the junction has come to rest."""
    times = batch.times[batch.row(junction)]
    forward = np.where(times > start, times, np.nan)
    slips = np.sum(np.isfinite(forward), axis=0)
    first = np.min(forward, axis=0, initial=np.inf, where=np.isfinite(forward))
    last = np.max(forward, axis=0, initial=-np.inf, where=np.isfinite(forward))
    running = slips >= 2
    period = np.where(running, (last - first), np.inf) / np.maximum(slips - 1, 1)
    running &= batch.duration - last < 2 * period
    return np.where(running, FLUX_QUANTUM / period, 0.0)
