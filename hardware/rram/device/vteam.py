"""The VTEAM model: a voltage-controlled memristor with thresholds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import whole
from hardware.rram.device.cell import CellModel
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class VTEAM(CellModel):
    """Memristor whose resistance moves with a power of the voltage beyond two thresholds.

    ``dw/dt = k_off (V / v_off - 1)^alpha_off`` for ``V > v_off > 0``, ``k_on (V / v_on - 1)^alpha_on`` for
    ``V < v_on < 0``, else 0; ``V = (R_on + (R_off - R_on) w / D) I``; ``0 <= w <= D``, and the state is ``1 - w / D``.
    With ``biolek > 0`` the rate is multiplied by Biolek's window ``1 - (x - [falling])^(2 p)``.

    Positive voltages raise the resistance. The defaults are the set that the model's authors distribute with it (as
    other public simulators quote it), a fast device of low resistance; it holds for about 1 V. Its threshold ``v_off``
    lies at 20 mV: reads must stay below.

    Parameters
    ----------
    on_resistance, off_resistance : float
        ``R_on``, ``R_off`` [ohm].
    length : float
        ``D`` [m].
    k_on, k_off : float
        Speeds [m/s]: ``k_on < 0 < k_off``.
    alpha_on, alpha_off : float
        Exponents.
    on_threshold, off_threshold : float
        ``v_on < 0``, ``v_off > 0`` [V].
    biolek : int
        ``p`` of the window; 0 for none.

    References
    ----------
    S. Kvatinsky, M. Ramadan, E. G. Friedman, A. Kolodny, IEEE Trans. Circuits Syst. II 62, 786 (2015),
    doi 10.1109/TCSII.2015.2433536; window: Z. Biolek, D. Biolek, V. Biolkova, Radioengineering 18, 210 (2009).
    """

    positive = ("on_resistance", "off_resistance", "length", "k_off", "alpha_on", "alpha_off", "off_threshold")
    ascending = (("on_resistance", "off_resistance"),)

    on_resistance: float | Floats = 50.0
    off_resistance: float | Floats = 1e3
    length: float | Floats = 3e-9
    k_on: float | Floats = -10.0
    k_off: float | Floats = 5e-4
    alpha_on: float | Floats = 3.0
    alpha_off: float | Floats = 1.0
    on_threshold: float | Floats = -0.2
    off_threshold: float | Floats = 0.02
    biolek: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("k_on", "on_threshold"):
            if not np.all(np.asarray(getattr(self, name)) < 0):
                raise DescriptionError(f"{name} of a VTEAM must be below zero, got {getattr(self, name)}")
        whole("biolek of a VTEAM (0 for no window)", self.biolek, least=0)

    @property
    def set_polarity(self) -> int:
        """Negative voltages lower the resistance."""
        return -1

    def current(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Current [A]."""
        return np.asarray(voltage, dtype=float) * self.slope(voltage, state)

    def slope(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Conductance [S]; the model is linear at a given state."""
        spread = np.asarray(self.off_resistance) - self.on_resistance
        g = 1.0 / (self.off_resistance - spread * np.asarray(state, dtype=float))
        return np.asarray(np.broadcast_arrays(g, np.asarray(voltage, dtype=float))[0])

    def conduction(self, voltage: ArrayLike, state: ArrayLike) -> tuple[Floats, Floats]:
        """Current [A] and conductance [S] together."""
        g = self.slope(voltage, state)
        return np.asarray(voltage, dtype=float) * g, g

    def rate(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Rate of change of the state [1/s], ``-dw/dt / D``."""
        v, s = np.asarray(voltage, dtype=float), np.asarray(state, dtype=float)
        off = self.k_off * np.maximum(v / self.off_threshold - 1.0, 0.0) ** self.alpha_off
        on = self.k_on * np.maximum(v / self.on_threshold - 1.0, 0.0) ** self.alpha_on
        speed = -(np.where(v > self.off_threshold, off, 0.0) + np.where(v < self.on_threshold, on, 0.0)) / self.length
        if self.biolek:
            position = 1.0 - s
            speed = speed * (1.0 - (position - (speed > 0)) ** (2 * self.biolek))
        return np.asarray(np.where(((s >= 1) & (speed > 0)) | ((s <= 0) & (speed < 0)), 0.0, speed))
