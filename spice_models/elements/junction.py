"""The Josephson junction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import pi

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spice_models.constants import FLUX_QUANTUM
from spice_models.elements.values import check_finite, check_positive
from spice_models.errors import DescriptionError


def shunt_for_beta_c(critical_current: float, capacitance: float, beta_c: float, *, name: str = "") -> float:
    """Resistance [ohm] at which a junction has Stewart-McCumber parameter ``beta_c = 2 pi Ic R^2 C / Phi0``."""
    check_positive("junction", name, critical_current=critical_current, capacitance=capacitance, beta_c=beta_c)
    return float((beta_c * FLUX_QUANTUM / (2 * pi * critical_current * capacitance)) ** 0.5)


@dataclass(frozen=True, kw_only=True)
class GapBranch:
    """How the resistive current of a junction departs from ``V / R`` at the gap voltage.

    Odd, continuous and of three straight pieces: ``V / R`` up to ``voltage - width / 2``, a transition of slope
    ``current_step / width`` up to ``voltage + width / 2``, and the slope ``1 / normal_resistance`` above.

    Parameters
    ----------
    voltage, width : float
        Gap voltage and width of the transition around it [V].
    current_step : float
        Current that the transition adds [A].
    normal_resistance : float
        Differential resistance above the gap [ohm].
    """

    voltage: float
    width: float
    current_step: float
    normal_resistance: float

    def __post_init__(self) -> None:
        check_positive(
            "gap branch",
            "of a junction",
            voltage=self.voltage,
            width=self.width,
            current_step=self.current_step,
            normal_resistance=self.normal_resistance,
        )
        if self.width >= 2 * self.voltage:
            raise DescriptionError(
                f"the transition of a gap branch, {self.width:g} V wide around {self.voltage:g} V, would reach zero: "
                "it must be narrower than twice the gap voltage"
            )

    def scaled(self, factor: float) -> GapBranch:
        """Return the branch of a junction whose critical current is ``factor`` times larger, ``Ic Rn`` constant."""
        return replace(self, current_step=self.current_step * factor, normal_resistance=self.normal_resistance / factor)


@dataclass(frozen=True, kw_only=True)
class Junction:
    """Josephson junction (RCSJ), current counted from ``plus`` to ``minus``.

    ``I = Ic (sin(u) + a sin(2 u)) + Iq(V) + C dV/dt``, ``u = phase + phase_shift``, ``V = (Phi0 / 2 pi) dphase/dt``,
    where ``Iq(V) = V / R`` unless there is a gap branch.

    Parameters
    ----------
    critical_current : float
        Ic [A].
    capacitance : float
        C [F].
    resistance : float
        R [ohm]: everything linear across the junction, external shunt and subgap leakage in parallel.
    gap : GapBranch, optional
        Quasiparticle branch at and above the gap voltage.
    phase_shift : float
        [rad]; pi for a pi junction.
    second_harmonic : float
        ``a``, weight of the second harmonic of the current-phase relation.

    References
    ----------
    W. C. Stewart, Appl. Phys. Lett. 12, 277 (1968), doi 10.1063/1.1651991;
    D. E. McCumber, J. Appl. Phys. 39, 3113 (1968), doi 10.1063/1.1656743;
    current-phase relations: A. A. Golubov, M. Yu. Kupriyanov, E. Il'ichev, Rev. Mod. Phys. 76, 411 (2004),
    doi 10.1103/RevModPhys.76.411.
    """

    name: str
    plus: str
    minus: str
    critical_current: float
    capacitance: float
    resistance: float
    gap: GapBranch | None = None
    phase_shift: float = 0.0
    second_harmonic: float = 0.0

    def __post_init__(self) -> None:
        check_positive(
            "junction",
            self.name,
            critical_current=self.critical_current,
            capacitance=self.capacitance,
            resistance=self.resistance,
        )
        check_finite("junction", self.name, phase_shift=self.phase_shift, second_harmonic=self.second_harmonic)

    @property
    def beta_c(self) -> float:
        """Stewart-McCumber parameter ``2 pi Ic R^2 C / Phi0``."""
        return 2 * pi * self.critical_current * self.resistance**2 * self.capacitance / FLUX_QUANTUM

    @property
    def nodes(self) -> tuple[str, ...]:
        """Plus and minus node."""
        return (self.plus, self.minus)

    def supercurrent(self, phase: ArrayLike) -> NDArray[np.float64]:
        """Supercurrent [A] at each phase [rad]."""
        u = np.asarray(phase, dtype=float) + self.phase_shift
        relation = np.sin(u) + self.second_harmonic * np.sin(2 * u) if self.second_harmonic else np.sin(u)
        return np.asarray(self.critical_current * relation)

    def resistive_current(self, voltage: ArrayLike) -> NDArray[np.float64]:
        """Current [A] of the resistance, or of the quasiparticle branch, at each voltage [V]."""
        volts = np.asarray(voltage, dtype=float)
        if self.gap is None:
            return np.asarray(volts / self.resistance)
        size = np.abs(volts)
        lower, width = self.gap.voltage - self.gap.width / 2, self.gap.width
        linear = np.minimum(size, lower) / self.resistance
        transition = np.clip(size - lower, 0.0, width) * (self.gap.current_step / width)
        above = np.maximum(size - lower - width, 0.0) / self.gap.normal_resistance
        return np.asarray(np.sign(volts) * (linear + transition + above))
