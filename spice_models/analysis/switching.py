"""Switching currents: where a junction leaves its well when its bias rises steadily, as it is measured.

Noise takes it out below the critical current, the earlier the slower the bias rises. With the rate of escape
``r(I)`` (see `escape`) the fraction that has switched at current ``I`` is ``1 - exp(-int r dI / (dI/dt))``.

References
----------
T. A. Fulton, L. N. Dunkleberger, Phys. Rev. B 9, 4760 (1974), doi 10.1103/PhysRevB.9.4760.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spice_models.analysis.escape import BiasedJunction
from spice_models.circuit import Circuit
from spice_models.elements import GROUND, Junction
from spice_models.engines.native import transient_batch
from spice_models.errors import DescriptionError
from spice_models.waveforms import PWL

Floats = NDArray[np.float64]

BEYOND = 1.2
"""Where ramps end, in critical currents [chosen: well above switching without noise]."""

POINTS = 4000
"""Currents at which the escape rate is summed [chosen]."""


def switching_currents(
    junction: Junction,
    *,
    temperature: float,
    sweep: float,
    repetitions: int = 256,
    start: float = 0.0,
    step: float = 1e-13,
    seed: int = 0,
) -> Floats:
    """Simulate ramps of the bias and return the current [A] at which each run switched, sorted.

    Parameters
    ----------
    junction : Junction
        Its values; its nodes do not matter.
    temperature : float
        [K].
    sweep : float
        How fast the current rises [A/s].
    repetitions, seed : int
        Number of runs, each with its own draws.
    start : float
        Current [A] at which the ramps begin, too low for an escape; reached within 100 ps and held as long.
    step : float
        Time step [s].

    Raises
    ------
    DescriptionError
        For a sweep that is not positive, or runs that switched before the ramp.
    """
    critical = junction.critical_current
    if not (0 < sweep < np.inf and 0 <= start < critical):
        raise DescriptionError(
            f"a ramp needs a positive sweep and a start below the critical current, got {sweep:g} A/s and {start:g} A"
        )
    begin = 2e-10
    end = begin + (BEYOND * critical - start) / sweep
    circuit = Circuit("ramp")
    circuit.junction(
        "q",
        "a",
        GROUND,
        critical_current=critical,
        capacitance=junction.capacitance,
        resistance=junction.resistance,
        gap=junction.gap,
    )
    circuit.current("bias", GROUND, "a", PWL((0.0, begin / 2, begin, end), (0.0, start, start, BEYOND * critical)))
    batch = transient_batch(
        circuit,
        duration=end,
        step=step,
        variants=repetitions,
        temperature=temperature,
        seed=seed,
        max_events=1,
        forget=True,
    )
    times = np.abs(batch.times[0, 0])
    if not np.all(times > begin):
        raise DescriptionError(f"the junction switched before the ramp from {start:g} A began, or never: start lower")
    return np.sort(start + (times - begin) * sweep)


def switched_fraction(current: Floats, junction: Junction, *, temperature: float, sweep: float) -> Floats:
    """Fraction switched at each current [A] of a ramp of ``sweep`` [A/s] by Kramers' rate; 1 at the critical current.

    Parameters
    ----------
    current : array
        Currents [A].
    junction : Junction
        Its values.
    temperature : float
        [K].
    """
    critical = junction.critical_current
    grid = critical * np.linspace(0.0, 1.0, POINTS, endpoint=False)
    rates = [
        BiasedJunction(
            critical_current=critical,
            capacitance=junction.capacitance,
            resistance=junction.resistance,
            bias=float(bias),
            temperature=temperature,
        ).kramers_rate
        for bias in grid
    ]
    middles = 0.5 * (np.array(rates[1:]) + np.array(rates[:-1]))
    exponent = np.concatenate([[0.0], np.cumsum(middles) * (grid[1] / sweep)])
    inside = -np.expm1(-np.interp(current, grid, exponent))
    return np.asarray(np.where(np.asarray(current) < critical, inside, 1.0))
