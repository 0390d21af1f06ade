"""Lossless transmission lines in the time loop: a conductance at each port and the waves that arrive there.

Seen from a port, a line is its impedance ``Z`` to the other conductor and a current ``E / Z`` into the port, where
``E`` is the wave that left the other port one delay ago: ``E1(t) = (v2 + Z i2)(t - delay) = (2 v2 - E2)(t - delay)``.
Waves are kept at the middles of steps. A delay that is a whole number of steps is exact; the rest of another is that of
an all-pass filter, of maximally flat delay (Thiran), which neither takes nor gives energy at any frequency: noise keeps
its ``k T / 2``. Between one step and one and a half it is a straight line through two waves.

References
----------
F. H. Branin, Proc. IEEE 55, 2012 (1967), doi 10.1109/PROC.1967.6033;
J.-P. Thiran, IEEE Trans. Circuit Theory 18, 659 (1971), doi 10.1109/TCT.1971.1083363.
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
    lag: Ints  # [lines] steps from the latest wave that counts to the step that it arrives in
    weight: Floats  # [lines, 3] of that wave and the two before
    feedback: Floats  # [lines, 2] of the last two that arrived
    factor: Floats  # [ports] current over Z for a change of the flux by one half step
    target: Ints  # [parts] known voltages of ports: port, shape, factor
    shape: Ints
    scale: Floats
    arriving: Floats  # [ports] current E / Z of this step
    arrived: Floats  # [ports, 2] those of the last two; a ring
    wave: Floats  # [ports, depth] currents (2 v - E) / Z of past steps; a ring


def tabulate_lines(system: System, drive: Drive, step: float) -> dict[str, Any]:
    """Return the fields of `Lines` for all variants, but for the state.

    Raises
    ------
    DescriptionError
        For a delay of less than a step.
    """
    ports = [port for line in system.lines for port in line.ports]
    filters = []
    for line in system.lines:
        delay = line.element.delay / step
        if delay < 1 - _NEAR:
            raise DescriptionError(
                f"the delay of transmission line {line.element.name!r}, {line.element.delay:g} s, is less than a step "
                f"of {step:g} s: use a step of at most {line.element.delay:g} s, or replace the line by an inductor "
                "and a capacitor"
            )
        filters.append(_filter(delay))
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
        "lag": np.array([lag for lag, _, _ in filters], dtype=np.int64),
        "weight": np.array([weight for _, weight, _ in filters], dtype=float).reshape(-1, 3),
        "feedback": np.array([feedback for _, _, feedback in filters], dtype=float).reshape(-1, 2),
        "factor": KAPPA * conductance * (2.0 / step),
        "target": known.target,
        "shape": known.shape,
        "scale": known.scale,
    }


def depth(lag: Ints) -> int:
    """Steps that the ring of waves must reach back."""
    return int(lag.max(initial=0)) + 4


def _filter(delay: float) -> tuple[int, tuple[float, float, float], tuple[float, float]]:
    """Lag, weights and feedback of a filter that delays by so many steps."""
    if abs(delay - round(delay)) < _NEAR:
        return round(delay), (1.0, 0.0, 0.0), (0.0, 0.0)
    if delay < 1.5:
        return 1, (2.0 - delay, delay - 1.0, 0.0), (0.0, 0.0)
    if delay < 2.5:
        rest = delay - 1
        first = (1 - rest) / (1 + rest)
        return 1, (first, 1.0, 0.0), (first, 0.0)
    lag = floor(delay - 1.5)
    rest = delay - lag
    first, second = -2 * (rest - 2) / (rest + 1), (rest - 1) * (rest - 2) / ((rest + 1) * (rest + 2))
    return lag, (second, first, 1.0), (first, second)


@njit(error_model="numpy")
def receive(lines: Lines, number: int, fixed: Floats, lanes: int) -> None:  # pragma: no cover - compiled
    """Add the currents of the waves that arrive in step ``number`` to the nodes."""
    count = len(lines.lag)
    if count == 0:
        return
    reach = len(lines.wave) // (2 * count * lanes)
    now, last = (number % 2) * lanes, ((number + 1) % 2) * lanes
    for port in range(2 * count):
        line, other, own = port // 2, port + 1 - 2 * (port % 2), 2 * port * lanes
        for v in range(lanes):
            total = 0.0
            for k in range(3):
                at = number - lines.lag[line] - k  # before time zero too: the ring then holds what rested
                if lines.weight[line, k] != 0.0:
                    total += lines.weight[line, k] * lines.wave[(other * reach + at % reach) * lanes + v]
            total -= lines.feedback[line, 0] * lines.arrived[own + last + v]
            total -= lines.feedback[line, 1] * lines.arrived[own + now + v]
            lines.arrived[own + now + v] = total
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
