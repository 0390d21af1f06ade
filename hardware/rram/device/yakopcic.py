"""The generalised memristor model of Yakopcic and others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.device.cell import CellModel
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Yakopcic(CellModel):
    """Memristor of sinh conduction whose state moves exponentially beyond two thresholds.

    ``I = a_1 x sinh(b V)`` for ``V >= 0`` and ``a_2 x sinh(b V)`` below;
    ``dx/dt = eta g(V) f(x)`` with ``g = A_p (e^V - e^V_p)`` above ``V_p``, ``-A_n (e^-V - e^V_n)`` below ``-V_n``;
    upward ``f = e^{-alpha_p (x - x_p)} ((x_p - x) / (1 - x_p) + 1)`` for ``x >= x_p``, downward
    ``f = e^{alpha_n (x + x_n - 1)} x / (1 - x_n)`` for ``x <= 1 - x_n``, else 1.

    The state is ``x`` between ``floor`` and 1, where ``floor`` keeps some conduction in the state of high resistance
    [chosen]. Defaults: one of the sets that the authors fitted to published devices (as public simulators quote it; in
    one it bears the name of the silver chalcogenide device of Oblea et al.), good to about 1 V.

    Parameters
    ----------
    a1, a2 : float
        Amplitudes [A].
    b : float
        Curvature [1/V].
    positive_threshold, negative_threshold : float
        ``V_p``, ``V_n`` [V].
    positive_speed, negative_speed : float
        ``A_p``, ``A_n`` [1/s].
    positive_knee, negative_knee : float
        ``x_p``, ``x_n``.
    positive_decay, negative_decay : float
        ``alpha_p``, ``alpha_n``.
    polarity : int
        ``eta``: 1 where positive voltages raise the conductance, -1 else.
    floor : float
        ``x`` at state 0.

    References
    ----------
    C. Yakopcic, T. M. Taha, G. Subramanyam, R. E. Pino, S. Rogers, IEEE Electron Device Lett. 32, 1436 (2011),
    doi 10.1109/LED.2011.2163292; C. Yakopcic, T. M. Taha, G. Subramanyam, R. E. Pino, IEEE Trans. Comput.-Aided Design
    32, 1201 (2013), doi 10.1109/TCAD.2013.2252057 (as a SPICE model).
    """

    positive = ("a1", "a2", "b", "positive_threshold", "negative_threshold", "positive_speed", "negative_speed")

    a1: float | Floats = 0.17
    a2: float | Floats = 0.17
    b: float | Floats = 0.05
    positive_threshold: float | Floats = 0.16
    negative_threshold: float | Floats = 0.15
    positive_speed: float | Floats = 4000.0
    negative_speed: float | Floats = 4000.0
    positive_knee: float | Floats = 0.3
    negative_knee: float | Floats = 0.5
    positive_decay: float | Floats = 1.0
    negative_decay: float | Floats = 5.0
    polarity: int = 1
    floor: float | Floats = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.polarity not in (1, -1):
            raise DescriptionError(f"polarity of a Yakopcic is 1 or -1, got {self.polarity!r}")
        for name in ("floor", "positive_knee", "negative_knee"):
            value = np.asarray(getattr(self, name))
            if not np.all((value >= 0) & (value < 1)):
                raise DescriptionError(f"{name} of a Yakopcic must be from 0 to below 1, got {getattr(self, name)}")

    @property
    def set_polarity(self) -> int:
        """As ``polarity``."""
        return self.polarity

    def _x(self, state: ArrayLike) -> Floats:
        return np.asarray(self.floor + np.asarray(state, dtype=float) * (1.0 - np.asarray(self.floor)))

    def current(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Current [A]."""
        v = np.asarray(voltage, dtype=float)
        return np.asarray(np.where(v >= 0, self.a1, self.a2) * self._x(state) * np.sinh(self.b * v))

    def slope(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Differential conductance [S]."""
        v = np.asarray(voltage, dtype=float)
        return np.asarray(np.where(v >= 0, self.a1, self.a2) * self.b * self._x(state) * np.cosh(self.b * v))

    def rate(self, voltage: ArrayLike, state: ArrayLike) -> Floats:
        """Rate of change of the state [1/s]."""
        v, x = np.asarray(voltage, dtype=float), self._x(state)
        up = self.positive_speed * (np.exp(v) - np.exp(self.positive_threshold))
        down = -self.negative_speed * (np.exp(-v) - np.exp(self.negative_threshold))
        g = np.where(v > self.positive_threshold, up, np.where(v < -np.asarray(self.negative_threshold), down, 0.0))
        push = self.polarity * g
        rising = np.where(
            x >= self.positive_knee,
            np.exp(-self.positive_decay * (x - self.positive_knee))
            * ((self.positive_knee - x) / (1 - np.asarray(self.positive_knee)) + 1),
            1.0,
        )
        falling = np.where(
            x <= 1 - np.asarray(self.negative_knee),
            np.exp(self.negative_decay * (x + self.negative_knee - 1)) * x / (1 - np.asarray(self.negative_knee)),
            1.0,
        )
        speed = push * np.where(push > 0, rising, falling) / (1.0 - np.asarray(self.floor))
        s = np.asarray(state, dtype=float)
        return np.asarray(np.where(((s >= 1) & (speed > 0)) | ((s <= 0) & (speed < 0)), 0.0, speed))
