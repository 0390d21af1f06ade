"""Runs of the native engine: a circuit and its variants in, traces or pulse times out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spice_models.circuit import Circuit
from spice_models.elements import Mutual
from spice_models.engines.native.assemble import variant_count
from spice_models.engines.native.blocks import Block, Recorder, divergence_message, march_blocks
from spice_models.engines.native.kernel import LANES
from spice_models.engines.native.noise import checked_seed, checked_temperature, ends_of_steps, random_currents
from spice_models.engines.native.noise_sources import as_drawn, noisy_sources, silenced
from spice_models.engines.native.prepared import floating_parts, prepare
from spice_models.engines.native.reader import Reader, found_in_loop
from spice_models.engines.recording import parse_channels
from spice_models.errors import DescriptionError, DivergenceError, EngineError, unknown_name
from spice_models.results import SpikeTrains, Traces

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MAX_EVENTS = 256
"""Pulses kept a junction and variant unless more are asked for [chosen]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Batch:
    """Pulse times of every junction in every variant.

    Parameters
    ----------
    junctions : tuple of str
        Names, in the order of the first axis.
    times : array, shape (junctions, events, variants)
        Times [s] at which a phase passed an odd multiple of pi upward, from the parabola through three steps; negative
        where it slipped back; NaN for none.
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


def run(
    circuit: Circuit,
    *,
    duration: float,
    step: float = 1e-13,
    record: Sequence[str] | None = None,
    every: int = 1,
    corrections: int = 1,
    temperature: float = 0.0,
    seed: int = 0,
) -> Traces:
    """Simulate a circuit from rest and return traces at the middles of its steps, or at their ends with noise.

    At the ends fluctuations are right at any step; at mid-step they are averages over it, and smaller.

    Parameters
    ----------
    duration, step : float
        Simulated time and time step [s].
    record : sequence of str, optional
        ``"phase(JUNCTION)"`` [rad], ``"voltage(NODE)"`` [V], ``"current(ELEMENT)"`` [A], with flattened names; the
        phases of all junctions if not given.
    every : int
        Keep one sample in so many steps.
    corrections : int
        How often the phases at mid-step are corrected.
    temperature : float
        Of all resistors and of the junctions' resistance [K]: each draws a Johnson current (see `noise`).
    seed : int
        Of the draws. A run is variant 0 of `transient_batch`.

    Raises
    ------
    DescriptionError
        For a circuit, a step or a record that makes no sense.
    DivergenceError
        If values grow beyond all bounds, with the time, the node and the traces up to then.
    """
    _check_counts(every=every, corrections=corrections + 1)
    flat = circuit.flatten()
    sources, seed = noisy_sources(flat), checked_seed(seed)
    shown = as_drawn(flat, sources, seed=seed, duration=duration, step=step)
    channels = parse_channels(shown, record)
    currents = tuple(dict.fromkeys(name for ch in channels if (name := found_in_loop(ch)) is not None))
    quiet = silenced(flat, sources, seed=seed, variants=1, duration=duration, step=step)
    prepared = prepare(quiet, duration=duration, step=step, currents=currents)
    nodes = sorted({i for ch in channels for n in ch.nodes if (i := prepared.system.index[n]) >= 0})
    samples = -(-prepared.steps // every)
    flux = np.zeros((len(nodes), samples, 1))
    rate = np.zeros_like(flux)
    system = prepared.system
    noisy = bool(np.any(temperature) or sources)
    if noisy and any(name in system.beside.number for name in currents):
        raise EngineError(
            f"the native engine has no current({currents[0]}) in a run with noise: record that of an inductor in "
            "series with the source"
        )
    noise = random_currents(
        prepared.circuit, system, scales={}, temperature=temperature, step=step, seed=seed, sources=sources
    )
    recorder = Recorder(
        nodes=np.array(nodes, dtype=np.int64),
        every=every,
        flux=flux,
        rate=rate,
        ends=ends_of_steps(system, nodes) if noisy else None,
    )
    outputs = np.zeros((len(currents), samples, 1))
    block = Block(prepared, slice(0, 1), most_events=0, noise=noise, outputs=outputs)
    diverged: DivergenceError | None = None
    try:
        march_blocks([block], recorder, corrections=corrections, workers=1)
    except DivergenceError as error:
        diverged = error
        sane = np.isfinite(np.concatenate([flux, rate, outputs])).all(axis=(0, 2))
        samples = min(round(error.time / step) // every, samples if sane.all() else int(np.argmin(sane)))
        flux, rate, outputs = (kept[:, :samples] for kept in (flux, rate, outputs))
    if samples > 1:
        unsettled = floating_parts(system)
        for row, node in enumerate(nodes):
            if unsettled[node]:
                rate[row, :, 0] = np.gradient(flux[row, :, 0], step * every)
    reader = Reader(
        shown,
        system,
        nodes=nodes,
        flux=flux[:, :, 0],
        rate=rate[:, :, 0],
        step=step,
        every=every,
        currents={name: outputs[k, :, 0] for k, name in enumerate(currents)},
        ends=noisy,
    )
    values = np.array([reader.read(ch) for ch in channels]).reshape(len(channels), samples)
    traces = Traces(
        values=values,
        dt=step * every,
        start=step if noisy else 0.5 * step,
        names=tuple(ch.text for ch in channels),
        units=tuple(ch.unit for ch in channels),
    )
    if diverged is None:
        return traces
    time, fastest = samples * every * step, diverged.node
    if not fastest and nodes and samples:
        fastest = system.names[nodes[int(np.argmax(np.abs(rate[:, -1, 0])))]]
    message = divergence_message(circuit.name, time, fastest, step)
    raise DivergenceError(message, time=time, node=fastest, traces=traces if samples else None)


def transient_batch(
    circuit: Circuit,
    *,
    duration: float,
    step: float = 1e-13,
    scales: Mapping[str, ArrayLike] | None = None,
    corrections: int = 1,
    max_events: int = MAX_EVENTS,
    forget: bool = False,
    workers: int | None = None,
    variants: int | None = None,
    temperature: ArrayLike = 0.0,
    seed: int = 0,
) -> Batch:
    """Simulate many variants of a circuit and return the pulse times of every junction.

    Parameters
    ----------
    duration, step : float
        Simulated time and time step [s].
    scales : mapping of element name -> factor or array of factors, shape (variants,)
        Each named element's value (Ic, L, k, R, C, waveform height) times the factor, variant by variant;
        ``"NAME:capacitance"`` and ``"NAME:resistance"`` reach the other values of a junction.
    corrections : int
        How often the phases at mid-step are corrected.
    max_events : int
        Pulses kept a junction and variant; more is an error.
    forget : bool
        Forget further pulses instead; ``slips`` and ``backward`` still count them.
    workers : int, optional
        Threads; the number of processors if not given. Results do not depend on it, nor on how many variants run.
    variants : int, optional
        How many to run; by default as many as there are scale factors or temperatures. Give it to repeat a circuit with
        other noise.
    temperature : float or array, shape (variants,)
        Of all resistors and of the junctions' resistance [K]: each draws a Johnson current (see `noise`).
    seed : int
        Of the draws. Each variant has its own stream: its result depends on ``seed`` and its number alone.

    Raises
    ------
    DescriptionError
        For a circuit, a step or a scale factor that makes no sense.
    EngineError
        If a value stops being finite, with the time at which it did, or a junction makes too many pulses.
    """
    threads = (os.cpu_count() or 1) if workers is None else workers
    _check_counts(max_events=max_events, workers=threads, corrections=corrections + 1)
    kelvin = checked_temperature(temperature)
    spread = _spread(circuit, scales or {}, kelvin, variants)
    total, seed = variant_count(spread), checked_seed(seed)
    sources = noisy_sources(circuit)
    quiet = silenced(circuit, sources, seed=seed, variants=total, duration=duration, step=step)
    prepared = prepare(quiet, duration=duration, step=step, scales=spread)
    noise = random_currents(
        prepared.circuit,
        prepared.system,
        scales=spread,
        temperature=kelvin,
        step=step,
        seed=seed,
        sources=sources,
    )
    blocks = [
        Block(prepared, slice(v, min(v + LANES, total)), most_events=max_events, noise=noise)
        for v in range(0, total, LANES)
    ]
    march_blocks(blocks, Recorder(), corrections=corrections, workers=threads)
    count = np.concatenate([b.event_count for b in blocks], axis=1)
    most = max(1, int(count.max(initial=0)))
    if most > max_events and not forget:
        name = prepared.system.junction_names[int(np.argwhere(count > max_events)[0][0])]
        raise EngineError(f"junction {name!r} slipped more than {max_events} times: raise max_events")
    most = min(most, max_events)
    slips = np.concatenate([b.slips for b in blocks], axis=1)
    time = np.concatenate([b.event_time[:, :most] for b in blocks], axis=2)
    time[np.arange(most)[None, :, None] >= count[:, None, :]] = np.nan
    return Batch(
        junctions=prepared.system.junction_names,
        times=time,
        slips=slips,
        backward=(count - slips) // 2,
        duration=duration,
    )


def _spread(
    circuit: Circuit, scales: Mapping[str, ArrayLike], temperature: Floats, variants: int | None
) -> Mapping[str, ArrayLike]:
    """Scale factors that describe as many variants as there are temperatures or are asked for."""
    given = variant_count(scales)
    wanted = variants if variants is not None else max(given, temperature.size)
    _check_counts(variants=wanted)
    for what, count in (("scale factors", given), ("temperatures", temperature.size)):
        if count not in (1, wanted):
            raise DescriptionError(f"{count} {what} do not fit {wanted} variants: give one, or one a variant")
    if given == wanted:
        return scales
    first = next(e.name for e in circuit.flatten() if not isinstance(e, Mutual))
    return {**scales, first: np.full(wanted, scales.get(first, 1.0))}


def _check_counts(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            least = 0 if name == "corrections" else 1
            raise DescriptionError(f"{name} must be at least {least}, got {count - 1 if least == 0 else count}")
