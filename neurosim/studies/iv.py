"""The first pictures of superconducting electronics: I-V curves of a junction and a SQUID, and its modulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spice_models.analysis.iv import IVCurve, Squid, junction_iv
from spice_models.cells.technology import NIOBIUM_10KA, Technology
from spice_models.constants import FLUX_QUANTUM
from spice_models.elements import shunt_for_beta_c
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]

IV_FLUXES = (0.0, 0.25, 0.5)
"""Applied flux [Phi0] of the I-V curves of the SQUID."""

MODULATION_BIASES = (1.6, 1.9, 2.1, 2.5)
"""Bias [Ic of one junction] of the modulation curves; the SQUID carries 2 at most without voltage."""

_WINDOW = 400.0  # chosen: below the width of a line where it cuts voltages off


@dataclass(frozen=True, kw_only=True)
class IVStudy:
    """Curves of junctions with one critical current and several dampings, and of a SQUID of two such junctions.

    Parameters
    ----------
    junctions : tuple of IVCurve
        One a damping.
    squid : Squid
    current : array, shape (points,)
        Bias [A] of the SQUID's I-V curves.
    squid_voltage : array, shape (fluxes, points)
        Mean voltage [V] at `IV_FLUXES`.
    flux : array, shape (points,)
        Applied flux [Phi0] of the modulation curves.
    modulation : array, shape (biases, points)
        Mean voltage [V] at `MODULATION_BIASES`.
    supercurrent : array, shape (2,)
        Largest current without voltage [A] at no flux and at half a flux quantum.
    """

    junctions: tuple[IVCurve, ...]
    squid: Squid
    current: Floats
    squid_voltage: Floats
    flux: Floats
    modulation: Floats
    supercurrent: Floats

    @property
    def modulation_error(self) -> float:
        """Largest difference between voltages one flux quantum apart, over the largest swing of a curve."""
        period = int(np.argmin(np.abs(self.flux - self.flux[0] - 1.0)))
        difference = np.abs(self.modulation[:, period:] - self.modulation[:, : len(self.flux) - period])
        swing = float(np.max(np.ptp(self.modulation, axis=1)))
        return float(np.max(difference)) / swing if swing > 0 else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return all curves as plain data in SI, flux in flux quanta."""
        unit = self.squid.critical_current
        return {
            "critical_current_a": unit,
            "junctions": [
                {
                    "beta_c": c.junction.beta_c,
                    "resistance_ohm": c.junction.resistance,
                    "capacitance_f": c.junction.capacitance,
                    "switching_current_a": c.switching_current,
                    "retrapping_current_a": c.retrapping_current,
                    "current_a": c.current.tolist(),
                    "voltage_up_v": c.up.tolist(),
                    "voltage_down_v": c.down.tolist(),
                }
                for c in self.junctions
            ],
            "squid": {
                "beta_l": self.squid.beta_l,
                "inductance_h": self.squid.inductance,
                "resistance_ohm": self.squid.resistance,
                "maximum_supercurrent_a": {"0": self.supercurrent[0], "0.5": self.supercurrent[1]},
                "iv": {
                    "flux_phi0": list(IV_FLUXES),
                    "current_a": self.current.tolist(),
                    "voltage_v": self.squid_voltage.tolist(),
                },
                "modulation": {
                    "bias_a": [unit * b for b in MODULATION_BIASES],
                    "flux_phi0": self.flux.tolist(),
                    "voltage_v": self.modulation.tolist(),
                    "repeat_error": self.modulation_error,
                },
            },
        }


def iv_study(
    *,
    critical_current: float = 100e-6,
    beta_c: Sequence[float] = (0.01, 1.0, 10.0),
    beta_l: float = 1.0,
    technology: Technology = NIOBIUM_10KA,
) -> IVStudy:
    """Simulate all curves; the SQUID has the smallest of the ``beta_c``.

    Parameters
    ----------
    critical_current : float
        Of every junction [A]; its capacitance is that of the technology, its shunt follows from ``beta_c``.
    beta_c : sequence of float
        Stewart-McCumber parameters of the junctions.
    beta_l : float
        ``2 L Ic / Phi0`` of the SQUID.
    """
    for name, value in (("critical current", critical_current), ("beta_l", beta_l), *(("beta_c", b) for b in beta_c)):
        if not (isfinite(value) and value > 0):
            raise DescriptionError(f"{name} must be positive, got {value}")
    if not beta_c:
        raise DescriptionError("give at least one beta_c")
    capacitance = technology.capacitance_per_ampere * critical_current
    shunts = [shunt_for_beta_c(critical_current, capacitance, b) for b in beta_c]
    current = _currents() * critical_current
    squid = Squid(critical_current=critical_current, capacitance=capacitance, resistance=min(shunts), beta_l=beta_l)
    bias = np.linspace(0.0, 3.5, 141) * critical_current
    flux = np.linspace(-1.0, 1.0, 161)
    return IVStudy(
        junctions=tuple(
            junction_iv(current, critical_current=critical_current, capacitance=capacitance, resistance=r)
            for r in shunts
        ),
        squid=squid,
        current=bias,
        squid_voltage=squid.voltage(bias, np.array(IV_FLUXES)[:, None] * FLUX_QUANTUM, window=_WINDOW),
        flux=flux,
        modulation=squid.voltage(
            np.array(MODULATION_BIASES)[:, None] * critical_current, flux * FLUX_QUANTUM, window=_WINDOW
        ),
        supercurrent=squid.maximum_supercurrent([0.0, FLUX_QUANTUM / 2]),
    )


def _currents() -> Floats:
    """Bias points [Ic], closest about 1; not 1 itself, where a junction may as well switch as stay."""
    near = 1 + np.array([-0.02, -0.005, -0.002, 0.002, 0.005, 0.01, 0.02, 0.035])
    points = np.union1d(np.arange(0.0, 1.2, 0.0125), np.union1d(np.arange(1.2, 2.51, 0.05), near))
    return np.asarray(points[np.abs(points - 1) > 1e-9])
