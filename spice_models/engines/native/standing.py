"""Where a block stands, taken from an operating point, or carried from one length of step to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from spice_models.elements import GROUND
from spice_models.engines.native.blocks import Block
from spice_models.engines.native.drive import Drive
from spice_models.engines.native.known import KAPPA
from spice_models.engines.native.operating_point import OperatingPoint

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def begin_at(block: Block, points: Sequence[OperatingPoint]) -> None:
    """Let the variants of a block begin where each of them rests."""
    s, lanes = block.prepared.system, block.lanes
    state, used = block.state, block.used
    points = [*points, *[points[-1]] * (lanes - len(points))]

    def table(values: Sequence[Floats]) -> Floats:
        return np.stack(values, axis=1)

    flux, rate = table([point.flux for point in points]), table([point.rate for point in points])
    moving = np.zeros(s.n, dtype=bool)
    moving[s.capacitance.indices] = True
    state.flux[: flux.size] = flux.ravel()
    state.rate[: rate.size] = np.where(moving[:, None], rate, 0.0).ravel()
    grounded = np.concatenate([flux, np.zeros((1, lanes))])
    unknown = grounded[s.junction_nodes[:, 0]] - grounded[s.junction_nodes[:, 1]]
    whole = table([np.array([point.phases[j.name] for j in s.junctions]) for point in points])
    state.mid_phase.reshape(4, -1)[:] = unknown.ravel()
    if used.offsets is not None:
        state.known_phase.reshape(4, -1)[:] = (whole - unknown).ravel()
    slips = np.round(whole / (2 * pi)).astype(np.int64)
    block.events.slips[:] = slips
    state.upper[:] = ((2 * slips + 1) * pi).ravel()
    state.lower[:] = ((2 * slips - 1) * pi).ravel()
    if used.lines is not None and s.lines:
        waves = np.zeros((2 * len(s.lines), lanes))
        conductance = used.lines.factor.reshape(-1, lanes) * (block.prepared.step / (2 * KAPPA))
        for k, e in enumerate(line.element for line in s.lines):
            for lane, point in enumerate(points):
                volts = {**point.voltages, GROUND: 0.0}
                near, far = volts[e.plus] - volts[e.minus], volts[e.far_plus] - volts[e.far_minus]
                current = point.line_currents[k]
                waves[2 * k, lane] = conductance[2 * k, lane] * near + current
                waves[2 * k + 1, lane] = conductance[2 * k + 1, lane] * far - current
        used.lines.wave.reshape(len(waves), -1, lanes)[:] = waves[:, None]
        used.lines.arrived.reshape(-1, 2, 2, lanes)[:] = waves.reshape(-1, 2, lanes)[:, ::-1, None]
    if used.border is not None:
        used.border.held_voltage[:] = rate[used.border.held].ravel()
        rates = np.concatenate([rate, np.zeros((1, lanes))])
        plus, minus = used.border.past_plus, used.border.past_minus
        for k, ago in enumerate((0.5, 1.5)):
            before = grounded - ago * block.prepared.step * rates
            used.border.past.reshape(-1, 2, lanes)[:, k] = before[plus] - before[minus]


@dataclass(frozen=True, kw_only=True, eq=False)
class Standing:
    """Where a block of one variant stands after a step, to be taken up with steps of any length.

    Parameters
    ----------
    flux, rate, upper, lower : array
        As in `State`.
    slips : array
        As in `Events`.
    phases, known : array, shape (4, junctions)
        Unknown and known parts of the phases at the last middles of steps, the last in the last row.
    waves, arrived : array, shape (steps, ports)
        What left the ports of lines at past middles of steps and what arrived at them, the last in the last row.
    held, past : array
        As in `Border`, past fluxes ``[2, pasts]`` with the last in the last row.
    sources : tuple of float
        Fluxes of the voltage sources [rad].
    step : float
        The length of those steps [s].
    """

    flux: Floats
    rate: Floats
    upper: Floats
    lower: Floats
    slips: Ints
    phases: Floats
    known: Floats
    waves: Floats
    arrived: Floats
    held: Floats
    past: Floats
    sources: tuple[float, ...]
    step: float


def standing_of(block: Block, drive: Drive, steps: int) -> Standing:
    """Note where a block of one variant stands after ``steps`` steps, numbered from zero."""
    state, used = block.state, block.used
    return Standing(
        flux=state.flux.copy(),
        rate=state.rate.copy(),
        upper=state.upper.copy(),
        lower=state.lower.copy(),
        slips=block.events.slips.copy(),
        phases=_unrolled(state.mid_phase.reshape(4, -1), steps),
        known=_unrolled(state.known_phase.reshape(4, -1), steps),
        waves=_unrolled(_waves(block).T, steps),
        arrived=_unrolled(_arrived(block).T, steps),
        held=np.zeros(0) if used.border is None else used.border.held_voltage.copy(),
        past=np.zeros((2, 0)) if used.border is None else used.border.past.reshape(-1, 2)[:, ::-1].T.copy(),
        sources=tuple(known.flux for known in drive.known),
        step=block.prepared.step,
    )


def take_up(block: Block, drive: Drive, standing: Standing) -> None:
    """Let a block of one variant stand somewhere, its next step numbered zero.

    Phases at the middles of past steps of its own length are on the cubics through the last four.
    """
    state, used = block.state, block.used
    state.flux[:], state.rate[:] = standing.flux, standing.rate
    state.upper[:], state.lower[:] = standing.upper, standing.lower
    block.events.slips[:] = standing.slips
    block.events.number[:] = 0
    h, own = standing.step, block.prepared.step
    weights = np.eye(4) if h == own else _lagrange(h, own)
    state.mid_phase.reshape(4, -1)[:] = weights @ standing.phases
    state.known_phase.reshape(4, -1)[:] = weights @ standing.known
    if standing.waves.size:
        _waves(block)[:] = _resampled(standing.waves, h, own, _waves(block).shape[1]).T
        _arrived(block)[:] = _resampled(standing.arrived, h, own, 2).T
    if used.border is not None:
        used.border.held_voltage[:] = standing.held
        if standing.past.size:
            used.border.past.reshape(-1, 2)[:] = _resampled(standing.past, h, own, 2)[::-1].T
    for known, flux in zip(drive.known, standing.sources, strict=True):
        known.flux = flux


def _waves(block: Block) -> Floats:
    """Waves of a block of one variant, ``[ports, steps]``; a view."""
    lines = block.used.lines
    if lines is None or not len(lines.plus):
        return np.zeros((0, 1))
    return lines.wave.reshape(len(lines.plus), -1)


def _arrived(block: Block) -> Floats:
    """The last waves that arrived at the ports of a block of one variant, ``[ports, 2]``; a view."""
    lines = block.used.lines
    return np.zeros((0, 2)) if lines is None else lines.arrived.reshape(-1, 2)


def _resampled(past: Floats, h: float, own: float, count: int) -> Floats:
    """Values at the last middles of steps of ``h``, the last in the last row, at the last ``count`` ones of ``own``."""
    if h == own:
        return past[-count:]
    times, wanted = -(np.arange(len(past))[::-1] + 0.5) * h, -(np.arange(count)[::-1] + 0.5) * own
    from scipy.interpolate import make_interp_spline  # takes long to import, and few runs need it

    between = make_interp_spline(times, past, k=min(3, len(past) - 1))
    return np.asarray(between(np.maximum(wanted, times[0])))


def _unrolled(ring: Floats, steps: int) -> Floats:
    """Rows of a ring in the order of their steps, the latest, of number ``steps - 1``, last."""
    return np.roll(ring, -(steps % len(ring)), axis=0)


def _lagrange(h: float, own: float) -> Floats:
    """Weights of values at the last four middles of steps of ``h``, in the cubic through them, at those of ``own``."""
    at, wanted = (-(np.arange(4)[::-1] + 0.5) * step for step in (h, own))
    rows = [np.prod([(wanted - b) / (a - b) for b in at if b != a], axis=0) for a in at]
    return np.array(rows, dtype=np.float64).T
