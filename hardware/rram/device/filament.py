"""A filament that grows and dissolves across a gap: the model of Stanford and Peking Universities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import Boltzmann, elementary_charge

from hardware.rram.device.cell import CellModel

Floats = NDArray[np.float64]

_LARGEST_EXPONENT = 500.0
_LEAST_FIELD = 1e-6  # [V/m], far below any that moves an ion


@dataclass(frozen=True, kw_only=True, eq=False)
class Filament(CellModel):
    """Metal-oxide cell whose current tunnels over a gap that ions close and open, heated by its own current.

    ``I = I_0 e^(-g / g_0) sinh(V / V_0)``, ``T = T_0 + |V I| R_th``,
    ``dg/dt = -v_0 e^(-E_a / k T) sinh(gamma a_0 q V / (t_ox k T))``, ``gamma = gamma_0 - beta (g / 1 nm)^3``,
    and ``dg/dt = 0`` where the field ``gamma |V| / t_ox`` is below ``F_min``. The state is
    ``(g_max - g) / (g_max - g_min)``.

    Positive voltages close the gap. Defaults are those of version 1.0.0 of the model in its standard mode, without
    random motion, compared with its Verilog-A source (a HfOx cell; set and reset within about 2 V).

    Parameters
    ----------
    current_scale : float
        ``I_0`` [A].
    gap_scale, voltage_scale : float
        ``g_0`` [m], ``V_0`` [V].
    velocity : float
        ``v_0`` [m/s].
    activation_energy : float
        ``E_a`` [eV].
    enhancement, enhancement_drop : float
        ``gamma_0``, ``beta``.
    hop, oxide : float
        ``a_0``, ``t_ox`` [m].
    smallest_gap, largest_gap : float
        ``g_min``, ``g_max`` [m].
    smallest_field : float
        ``F_min`` [V/m].
    thermal_resistance : float
        ``R_th`` [K/W].
    temperature : float
        ``T_0`` [K].
    edge : float
        Relative width of the step at ``F_min``. Behind a resistance a set filament rests on that step while the voltage
        rises, which integrators of adaptive step cannot take if it has no width; the subcircuit for ngspice has 1e-4.

    References
    ----------
    Z. Jiang et al., IEEE Trans. Electron Devices 63, 1884 (2016), doi 10.1109/TED.2016.2545412; parameters: Z. Jiang,
    H.-S. P. Wong, Stanford RRAM model 1.0.0 (2014), doi 10.4231/D37H1DN48.
    """

    positive = (
        *("current_scale", "gap_scale", "voltage_scale", "velocity", "activation_energy", "enhancement", "hop"),
        *("oxide", "largest_gap", "temperature"),
    )
    not_negative = ("smallest_gap", "enhancement_drop", "smallest_field", "thermal_resistance", "edge")
    ascending = (("smallest_gap", "largest_gap"),)

    current_scale: float | Floats = 1e-3
    gap_scale: float | Floats = 0.25e-9
    voltage_scale: float | Floats = 0.25
    velocity: float | Floats = 10.0
    activation_energy: float | Floats = 0.6
    enhancement: float | Floats = 16.0
    enhancement_drop: float | Floats = 0.8
    hop: float | Floats = 0.25e-9
    oxide: float | Floats = 12e-9
    smallest_gap: float | Floats = 0.2e-9
    largest_gap: float | Floats = 1.7e-9
    smallest_field: float | Floats = 1.4e9
    thermal_resistance: float | Floats = 2.1e3
    temperature: float = 298.0
    edge: float = 0.0

    @property
    def set_polarity(self) -> int:
        """Positive voltages lower the resistance."""
        return 1

    def gap(self, state: ArrayLike) -> Floats:
        """Gap [m] at a state."""
        width = np.asarray(self.largest_gap) - self.smallest_gap
        return np.asarray(self.largest_gap - np.asarray(state, dtype=float) * width)

    def current(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Current [A]."""
        v = np.asarray(voltage, dtype=float) / self.voltage_scale
        return np.asarray(self.current_scale * np.exp(-self.gap(state) / self.gap_scale) * np.sinh(v))

    def slope(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Differential conductance [S]."""
        v = np.asarray(voltage, dtype=float) / self.voltage_scale
        scale = self.current_scale / np.asarray(self.voltage_scale)
        return np.asarray(scale * np.exp(-self.gap(state) / self.gap_scale) * np.cosh(v))

    def conduction(self, voltage: ArrayLike, state: ArrayLike) -> tuple[Floats, Floats]:
        """Current [A] and differential conductance [S] together."""
        v = np.asarray(voltage, dtype=float) / self.voltage_scale
        gap = np.exp(-self.gap(state) / self.gap_scale)
        rise = np.exp(v)
        # sinh loses its digits as a difference of exponentials near zero.
        sinh = np.where(
            np.abs(v) < 0.3,
            v * (1 + v**2 / 6 * (1 + v**2 / 20 * (1 + v**2 / 42 * (1 + v**2 / 72)))),
            (rise - 1 / rise) / 2,
        )
        cosh = (rise + 1 / rise) / 2
        return np.asarray(self.current_scale * gap * sinh), np.asarray(
            self.current_scale / np.asarray(self.voltage_scale) * gap * cosh
        )

    def rate(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Rate of change of the state [1/s]."""
        v, s = np.asarray(voltage, dtype=float), np.asarray(state, dtype=float)
        gap = self.gap(s)
        thermal = Boltzmann * (self.temperature + np.abs(v * self.current(v, s)) * self.thermal_resistance)
        gamma = self.enhancement - self.enhancement_drop * (gap / 1e-9) ** 3
        field = gamma * np.abs(v) / self.oxide
        drive = np.minimum(field * self.hop * elementary_charge / thermal, _LARGEST_EXPONENT)
        arrhenius = np.exp(-elementary_charge * np.asarray(self.activation_energy) / thermal)
        speed = np.sign(v) * self.velocity * arrhenius * np.sinh(drive)
        if self.edge:
            width = np.maximum(self.edge * np.asarray(self.smallest_field), _LEAST_FIELD)
            speed = speed * np.clip((field - self.smallest_field) / width + 0.5, 0.0, 1.0)
        else:
            speed = np.where(field < self.smallest_field, 0.0, speed)
        speed = speed / (np.asarray(self.largest_gap) - self.smallest_gap)
        return np.asarray(np.where(((s >= 1) & (speed > 0)) | ((s <= 0) & (speed < 0)), 0.0, speed))
