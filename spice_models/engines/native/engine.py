"""Runs of the native engine: a circuit and its variants in, traces or pulse times out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spice_models.circuit import Circuit
from spice_models.connectivity import check_grounded
from spice_models.elements import CurrentSource, VoltageSource
from spice_models.engines.native.assemble import KAPPA, Pattern, System, assemble, combine
from spice_models.engines.native.kernel import march
from spice_models.engines.native.ldl import analyse, factor
from spice_models.engines.recording import Channel, parse_channels
from spice_models.errors import DescriptionError, EngineError, unknown_name
from spice_models.results import SpikeTrains, Traces

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LANES = 8
MAX_EVENTS = 256


@dataclass(frozen=True, kw_only=True, eq=False)
class Batch:
    """Pulse times of every junction in every variant.

    Parameters
    ----------
    junctions : tuple of str
        Names, in the order of the first axis.
    times : array, shape (junctions, events, variants)
        Times [s] at which a phase passed an odd multiple of pi upward; negative where it slipped back; NaN for none.
    slips : array, shape (junctions, variants)
        Net number of 2 pi slips.
    backward : array, shape (junctions, variants)
        Number of slips backward.
    duration : float
        Simulated time [s].
    """

    junctions: tuple[str, ...]
    times: Floats
    slips: Ints
    backward: Ints
    duration: float
    _rows: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rows", {name: i for i, name in enumerate(self.junctions)})

    def row(self, junction: str) -> int:
        """Index of a junction."""
        if junction not in self._rows:
            raise unknown_name("junction", junction, self.junctions)
        return self._rows[junction]

    def pulses(self, junction: str, variant: int = 0) -> Floats:
        """Times [s] of the forward pulses of one junction in one variant."""
        times = self.times[self.row(junction), :, variant]
        forward: Floats = times[np.isfinite(times) & (times > 0)]
        return forward

    def spike_trains(self, junctions: Sequence[str], variant: int = 0) -> SpikeTrains:
        """Forward pulses of some junctions as spike trains, numbered in the order given."""
        return SpikeTrains.from_lists([self.pulses(j, variant).tolist() for j in junctions], self.duration)


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """A circuit ready to run: assembled, ordered, factored and with its sources sampled."""

    circuit: Circuit
    system: System
    step: float
    steps: int
    kind: Ints
    lower_start: Ints
    lower_rows: Ints
    lower: Floats
    inverse: Floats
    inj_node: Ints
    inj_shape: Ints
    inj_scale: Floats
    shapes: Floats
    offset: Floats


def prepare(circuit: Circuit, *, duration: float, step: float, scales: Mapping[str, ArrayLike] | None = None) -> Prepared:
    """Assemble and factor a circuit (flattened on the way) for runs of ``duration`` [s] at ``step`` [s]."""
    if not (np.isfinite(duration) and np.isfinite(step) and 0 < step <= duration):
        raise DescriptionError(f"need 0 < step <= duration [s], got step {step} and duration {duration}")
    flat = circuit.flatten()
    check_grounded(flat)
    steps = round(duration / step)
    system = assemble(flat, scales or {})
    c, g, k = system.capacitance, system.conductance, system.stiffness
    matrix = combine([(c, 2.0 / step**2), (g, 1.0 / step), (k, 0.5)])
    symbolic = analyse(system.n, matrix.indptr, matrix.indices)
    rows, lower, inverse, bad = factor(symbolic, matrix.values)
    if np.any(bad >= 0):
        node = system.names[int(bad[bad >= 0][0])]
        raise EngineError(f"the equations of circuit {flat.name!r} are not definite at node {node!r}: check its elements")
    kind = np.where(_diagonal(c) > 0, 2, np.where(_diagonal(g) > 0, 1, 0)).astype(np.int64)
    times = (np.arange(steps) + 0.5) * step
    shapes, inj_node, inj_shape, inj_scale = _injections(flat, system, times, step)
    return Prepared(
        circuit=flat,
        system=system,
        step=step,
        steps=steps,
        kind=kind,
        lower_start=symbolic.column_start,
        lower_rows=rows,
        lower=lower,
        inverse=inverse,
        inj_node=inj_node,
        inj_shape=inj_shape,
        inj_scale=inj_scale,
        shapes=shapes,
        offset=_junction_offsets(flat, system, times),
    )


def run(
    circuit: Circuit,
    *,
    duration: float,
    step: float = 1e-13,
    record: Sequence[str] | None = None,
    every: int = 1,
    corrections: int = 1,
) -> Traces:
    """Simulate a circuit from rest and return traces at the middles of its steps.

    Parameters
    ----------
    duration, step : float
        Simulated time and time step [s].
    record : sequence of str, optional
        ``"phase(JUNCTION)"`` [rad], ``"voltage(NODE)"`` [V], ``"current(ELEMENT)"`` [A], with flattened names; the
        phases of all junctions if not given.
    every : int
        Keep one sample in so many steps.

    Raises
    ------
    EngineError
        If a value stops being finite, with the time at which it did.
    """
    prepared = prepare(circuit, duration=duration, step=step)
    channels = parse_channels(prepared.circuit, record)
    nodes = sorted({i for ch in channels for n in ch.nodes if (i := prepared.system.index[n]) >= 0})
    flux, rate, _ = _march(prepared, np.array(nodes, dtype=np.int64), every, corrections, 0, slice(0, 1))
    place = {node: row for row, node in enumerate(nodes)}
    times = (np.arange(flux.shape[1]) * every + 0.5) * step
    for row, node in enumerate(nodes):
        if prepared.kind[node] == 0 and flux.shape[1] > 1:
            rate[row, :, 0] = np.gradient(flux[row, :, 0], step * every)
    reader = _Reader(prepared, place, flux[:, :, 0], rate[:, :, 0], times)
    values = np.array([reader.read(ch) for ch in channels]).reshape(len(channels), len(times))
    return Traces(
        values=values,
        dt=step * every,
        start=0.5 * step,
        names=tuple(ch.text for ch in channels),
        units=tuple(ch.unit for ch in channels),
    )


def transient_batch(
    circuit: Circuit,
    *,
    duration: float,
    step: float = 1e-13,
    scales: Mapping[str, ArrayLike] | None = None,
    corrections: int = 1,
    max_events: int = MAX_EVENTS,
    workers: int | None = None,
) -> Batch:
    """Simulate many variants of a circuit and return the pulse times of every junction.

    Parameters
    ----------
    scales : mapping of element name -> factor or array of factors, shape (variants,)
        Each named element's value (Ic, L, k, R, C, waveform height) times the factor, variant by variant;
        ``"NAME:capacitance"`` and ``"NAME:resistance"`` reach the other values of a junction.
    max_events : int
        Pulses kept a junction and variant; more is an error.
    workers : int, optional
        Threads; the number of processors if not given. Results do not depend on it.
    """
    prepared = prepare(circuit, duration=duration, step=step, scales=scales)
    variants = prepared.system.variants
    blocks = [slice(v, min(v + LANES, variants)) for v in range(0, variants, LANES)]
    none = np.zeros(0, dtype=np.int64)
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        results = list(pool.map(lambda b: _march(prepared, none, 1, corrections, max_events, b)[2], blocks))
    time = np.concatenate([r[0] for r in results], axis=2)
    count = np.concatenate([r[1] for r in results], axis=1)
    slips = np.concatenate([r[2] for r in results], axis=1)
    if np.any(count > max_events):
        name = prepared.system.junction_names[int(np.argwhere(count > max_events)[0][0])]
        raise EngineError(f"junction {name!r} slipped more than {max_events} times: raise max_events")
    time[np.arange(max_events)[None, :, None] >= count[:, None, :]] = np.nan
    return Batch(
        junctions=prepared.system.junction_names,
        times=time,
        slips=slips,
        backward=np.sum(time < 0, axis=1),
        duration=duration,
    )


def _march(
    p: Prepared, nodes: Ints, every: int, corrections: int, max_events: int, block: slice
) -> tuple[Floats, Floats, tuple[Floats, Ints, Ints]]:
    s = p.system
    lanes = p.inverse[:, block].shape[1]
    junctions = len(s.junction_names)
    samples = -(-p.steps // every) if len(nodes) else 0
    flux = np.zeros((len(nodes), samples, lanes))
    rate = np.zeros_like(flux)
    time = np.zeros((junctions, max_events, lanes))
    count = np.zeros((junctions, lanes), dtype=np.int64)
    slips = np.zeros((junctions, lanes), dtype=np.int64)

    def cut(values: Floats) -> Floats:
        return np.ascontiguousarray(values[:, block])

    stopped = march(
        p.steps,
        p.step,
        p.kind,
        s.capacitance.indptr,
        s.capacitance.indices,
        cut(s.capacitance.values),
        s.stiffness.indptr,
        s.stiffness.indices,
        cut(s.stiffness.values),
        p.lower_start,
        p.lower_rows,
        cut(p.lower),
        cut(p.inverse),
        np.ascontiguousarray(s.junction_nodes[:, 0]),
        np.ascontiguousarray(s.junction_nodes[:, 1]),
        cut(s.critical_current),
        p.offset,
        p.inj_node,
        p.inj_shape,
        cut(p.inj_scale),
        p.shapes,
        corrections,
        nodes,
        every,
        flux,
        rate,
        max_events,
        time,
        count,
        slips,
        np.zeros((s.n, lanes)),
    )
    if stopped >= 0:
        raise EngineError(
            f"circuit {p.circuit.name!r} diverged at {stopped * p.step:.4g} s: reduce the step (now {p.step:g} s) or "
            "look for a node driven without bounds"
        )
    return flux, rate, (time, count, slips)


def _injections(
    circuit: Circuit, system: System, times: Floats, step: float
) -> tuple[Floats, Ints, Ints, Floats]:
    """Sample each current source, and each voltage source's flux, voltage and slope as the currents they cause."""
    shapes: list[Floats] = []
    nodes: list[int] = []
    which: list[int] = []
    scale: list[Floats] = []
    sources = {e.name: e for e in circuit if isinstance(e, CurrentSource)}
    number: dict[str, int] = {}
    for node, name, factor_ in system.injections:
        if name not in number:
            number[name] = len(shapes)
            shapes.append(np.asarray(sources[name].waveform.at(times)))
        nodes.append(node)
        which.append(number[name])
        scale.append(factor_)
    for source, e in enumerate(x for x in circuit if isinstance(x, VoltageSource)):
        ends = np.arange(len(times) + 1) * step
        at_ends, at_middle = e.waveform.at(ends), e.waveform.at(times)
        flux = _known_flux(e, times)
        for driven, shape in zip(
            system.driven, (np.diff(at_ends) / step / KAPPA, at_middle / KAPPA, flux), strict=True
        ):
            entries = [(node, value) for node, number_, value in driven if number_ == source]
            if entries:
                shapes.append(shape)
                nodes += [node for node, _ in entries]
                which += [len(shapes) - 1] * len(entries)
                scale += [-value for _, value in entries]
    return (
        np.array(shapes).reshape(-1, len(times)),
        np.array(nodes, dtype=np.int64),
        np.array(which, dtype=np.int64),
        np.array(scale).reshape(-1, system.variants),
    )


def _known_flux(source: VoltageSource, times: Floats) -> Floats:
    """Time integral of a voltage source from zero to each mid-step [rad], by Simpson's rule on halved steps."""
    step = 2 * times[0]
    ends = np.arange(len(times) + 1) * step
    at_ends = source.waveform.at(ends)
    quarters = source.waveform.at(times - step / 4)
    middles = source.waveform.at(times)
    threes = source.waveform.at(times + step / 4)
    first = (at_ends[:-1] + 4 * quarters + middles) * step / 12
    second = (middles + 4 * threes + at_ends[1:]) * step / 12
    before = np.concatenate([[0.0], np.cumsum(first + second)[:-1]])
    return np.asarray((before + first) / KAPPA)


def _junction_offsets(circuit: Circuit, system: System, times: Floats) -> Floats:
    if not any(system.junction_known):
        return np.zeros((len(system.junction_names), 0))
    sources = [e for e in circuit if isinstance(e, VoltageSource)]
    flux = [_known_flux(e, times) for e in sources]
    rows = [sum((w * flux[s] for s, w in known), np.zeros(len(times))) for known in system.junction_known]
    return np.array(rows)


def _diagonal(pattern: Pattern) -> Floats:
    n = len(pattern.indptr) - 1
    columns = np.repeat(np.arange(n), np.diff(pattern.indptr))
    out = np.zeros(n)
    on = pattern.indices == columns
    out[columns[on]] = pattern.values[on].max(axis=1)
    return out


class _Reader:
    """Turns recorded node fluxes into the channels that were asked for."""

    def __init__(
        self, prepared: Prepared, place: Mapping[int, int], flux: Floats, rate: Floats, times: Floats
    ) -> None:
        self._p = prepared
        self._place = place
        self._flux = flux
        self._rate = rate
        self._times = times
        self._sources = [e for e in prepared.circuit if isinstance(e, VoltageSource)]

    def read(self, channel: Channel) -> Floats:
        """Samples of one channel in SI."""
        if channel.kind == "phase":
            return self._phase(*channel.ends)
        if channel.kind == "voltage":
            return self._voltage(channel.ends[0], channel.ends[1])
        return self._current(channel)

    def _phase(self, plus: str, minus: str) -> Floats:
        return self._node(plus) - self._node(minus)

    def _node(self, name: str) -> Floats:
        unknown = self._p.system.index[name]
        value = self._flux[self._place[unknown]].copy() if unknown >= 0 else np.zeros(len(self._times))
        for source, weight in self._p.system.offsets[name]:
            flux = _known_flux(self._sources[source], (np.arange(self._p.steps) + 0.5) * self._p.step)
            value += weight * flux[:: max(1, round((self._times[1] - self._times[0]) / self._p.step))]
        return value

    def _voltage(self, plus: str, minus: str) -> Floats:
        total = np.zeros(len(self._times))
        for name, sign in ((plus, 1.0), (minus, -1.0)):
            unknown = self._p.system.index[name]
            if unknown >= 0:
                total += sign * KAPPA * self._rate[self._place[unknown]]
            for source, weight in self._p.system.offsets[name]:
                total += sign * weight * self._sources[source].waveform.at(self._times)
        return total

    def _current(self, channel: Channel) -> Floats:
        element = channel.element
        if element is None:
            raise EngineError(f"{channel.text}: nothing to read a current from")
        kind = type(element).__name__
        if kind == "Inductor":
            total = np.zeros(len(self._times))
            for other, inverse in self._p.system.inductor_rows[element.name]:
                branch = self._p.circuit[other]
                total += inverse[0] * KAPPA * self._phase(*branch.nodes)
            return total
        volts = self._voltage(*channel.ends)
        if kind == "Resistor":
            return np.asarray(volts / element.resistance)  # type: ignore[union-attr]
        if kind == "CurrentSource":
            return np.asarray(element.waveform.at(self._times))  # type: ignore[union-attr]
        slope = np.gradient(volts, self._times)
        if kind == "Capacitor":
            return np.asarray(element.capacitance * slope)  # type: ignore[union-attr]
        if kind == "Junction":
            phase = self._phase(*channel.ends)
            return np.asarray(
                element.critical_current * np.sin(phase)  # type: ignore[union-attr]
                + volts / element.resistance  # type: ignore[union-attr]
                + element.capacitance * slope  # type: ignore[union-attr]
            )
        raise EngineError(f"{channel.text}: the native engine has no current of a {kind}; record an element in series")
