"""How often the phases at mid-step have to be corrected: once, or never where junctions are damped enough."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spice_models.engines.native.assemble import System

Ints = NDArray[np.int64]

LARGEST_ANGLE = 0.35
"""Up to this ``2 pi Ic R h / Phi0`` of every junction no correction is made [chosen: nothing grows below 0.4034]."""


def corrections_of(system: System, step: float, *, noisy: NDArray[np.bool_]) -> Ints:
    """Return the number of corrections that each variant needs, 0 or 1, shape (variants,).

    None are needed where the resistance of every junction takes more energy from any oscillation than extrapolating the
    phase can give to it: where ``2 pi Ic R h / Phi0`` is small, at any capacitance and in any passive surroundings (see
    `kernel.UNCORRECTED`). Noise is extrapolated badly, quasiparticle currents need the correction, and controlled
    sources are not passive. ``noisy`` [variants] says which variants have noise.
    """
    if system.controlled or any(junction.gap is not None for junction in system.junctions):
        return np.ones(system.variants, dtype=np.int64)
    slope = np.array([1 + 2 * abs(junction.second_harmonic) for junction in system.junctions]).reshape(-1, 1)
    angle = step * slope * np.abs(system.critical_current) / system.junction_conductance
    return np.where((angle.max(axis=0, initial=0.0) <= LARGEST_ANGLE) & ~noisy, 0, 1)
