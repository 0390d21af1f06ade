"""Lossless transmission lines in the time loop: a conductance at each port and the waves that arrive there.

Seen from a port, a line is its impedance ``Z`` to the other conductor and a current ``E / Z`` into the port, where
``E`` is the wave that left the other port one delay ago: ``E1(t) = (v2 + Z i2)(t - delay) = (2 v2 - E2)(t - delay)``.
Waves are kept at the middles of steps; between them they are cubic polynomials through four (through two for a delay of
less than two steps), centred, so that no frequency is amplified.

References
----------
F. H. Branin, Proc. IEEE 55, 2012 (1967), doi 10.1109/PROC.1967.6033.
"""

from __future__ import annotations

from math import floor
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from spice_models.engines.native.drive import VOLTAGE, Drive
from spice_models.engines.native.known import KAPPA
from spice_models.engines.native.system import System
from spice_models.errors import DescriptionError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_NEAR = 1e-6
"""A delay nearer than this to a whole number of steps counts as one [chosen]."""


class Lines(NamedTuple):
    """Ports of lines, two for each; arrays over ports are flat, ``lanes`` numbers for each."""

    plus: Ints  # [ports], the number of nodes for ground
    minus: Ints
    lag: Ints  # [lines] steps from the earliest of the four waves to the step that they arrive in
    weight: Floats  # [lines, 4]
    factor: Floats  # [ports] current over Z for a change of the flux by one half step
    target: Ints  # [parts] known voltages of ports: port, shape, factor
    shape: Ints
    scale: Floats
    arriving: Floats  # [ports] current E / Z of this step
    wave: Floats  # [ports, depth] currents (2 v - E) / Z of past steps; a ring


def tabulate_lines(system: System, drive: Drive, step: float) -> dict[str, Any]:
    """Return the fields of `Lines` for all variants, but for the state.

    Raises
    ------
    DescriptionError
        For a delay of less than a step.
    """
    ports = [port for line in system.lines for port in line.ports]
    lags, weights = [], []
    for line in system.lines:
        delay = line.element.delay / step
        whole = floor(delay + _NEAR)
        if whole < 1:
            raise DescriptionError(
                f"the delay of transmission line {line.element.name!r}, {line.element.delay:g} s, is less than a step "
                f"of {step:g} s: use a step of at most {line.element.delay:g} s, or replace the line by an inductor "
                "and a capacitor"
            )
        part = max(0.0, delay - whole)
        lags.append(whole - 1)
        weights.append(_cubic(part) if whole > 1 else (0.0, 1.0 - part, part, 0.0))
    conductance = np.repeat(
        np.array([line.conductance for line in system.lines]).reshape(-1, system.variants), 2, axis=0
    )
    parts = [
        (port, part)
        for port, at in enumerate(ports)
        for part in drive.known_parts(at.known, VOLTAGE, KAPPA * conductance[port])
    ]
    known = drive.table(parts)
    return {
        "plus": np.array([system.n if at.plus < 0 else at.plus for at in ports], dtype=np.int64),
        "minus": np.array([system.n if at.minus < 0 else at.minus for at in ports], dtype=np.int64),
        "lag": np.array(lags, dtype=np.int64),
        "weight": np.array(weights, dtype=float).reshape(-1, 4),
        "factor": KAPPA * conductance * (2.0 / step),
        "target": known.target,
        "shape": known.shape,
        "scale": known.scale,
    }


def depth(lag: Ints) -> int:
    """Steps that the ring of waves must reach back."""
    return int(lag.max(initial=0)) + 4


def _cubic(u: float) -> tuple[float, float, float, float]:
    """Weights of the values at -1, 0, 1 and 2 in the cubic polynomial through them, at ``u`` within 0..1."""
    return (
        -u * (u - 1) * (u - 2) / 6,
        (u + 1) * (u - 1) * (u - 2) / 2,
        -(u + 1) * u * (u - 2) / 2,
        (u + 1) * u * (u - 1) / 6,
    )


@njit(error_model="numpy")
def receive(lines: Lines, number: int, fixed: Floats, lanes: int) -> None:  # pragma: no cover - compiled
    """Add the currents of the waves that arrive in step ``number`` to the nodes."""
    count = len(lines.lag)
    if count == 0:
        return
    reach = len(lines.wave) // (2 * count * lanes)
    for port in range(2 * count):
        line, other = port // 2, port + 1 - 2 * (port % 2)
        for v in range(lanes):
            total = 0.0
            for k in range(4):
                at = number - lines.lag[line] - k  # before time zero too: the ring then holds what rested
                if lines.weight[line, k] != 0.0:
                    total += lines.weight[line, k] * lines.wave[(other * reach + at % reach) * lanes + v]
            lines.arriving[port * lanes + v] = total
            fixed[lines.plus[port] * lanes + v] += total
            fixed[lines.minus[port] * lanes + v] -= total


@njit(error_model="numpy")
def send(
    lines: Lines, number: int, step: int, shapes: Floats, x: Floats, z: Floats, lanes: int
) -> None:  # pragma: no cover - compiled
    """Note the waves that leave in step ``number``, when the fluxes at mid-step are known."""
    ports = len(lines.plus)
    if ports == 0:
        return
    reach = len(lines.wave) // (ports * lanes)
    for port in range(ports):
        a, b = lines.plus[port] * lanes, lines.minus[port] * lanes
        to = (port * reach + number % reach) * lanes
        for v in range(lanes):
            rise = (z[a + v] - x[a + v]) - (z[b + v] - x[b + v])
            lines.wave[to + v] = 2.0 * lines.factor[port * lanes + v] * rise - lines.arriving[port * lanes + v]
    for q in range(len(lines.target)):
        to = (lines.target[q] * reach + number % reach) * lanes
        value = shapes[lines.shape[q], step]
        for v in range(lanes):
            lines.wave[to + v] += 2.0 * value * lines.scale[q * lanes + v]
