"""Runs of the native engine: a circuit and its variants in, traces or pulse times out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spice_models.circuit import Circuit
from spice_models.elements import Mutual
from spice_models.engines.native.adaptive import run_adaptive
from spice_models.engines.native.assemble import variant_count
from spice_models.engines.native.batch import Batch
from spice_models.engines.native.blocks import divergence_message
from spice_models.engines.native.kernel import LANES
from spice_models.engines.native.noise import checked_seed, checked_temperature
from spice_models.engines.native.noise_sources import noisy_sources
from spice_models.engines.native.operating_point import with_trapped_flux
from spice_models.engines.native.parts import Job, Part, Start, run_part
from spice_models.errors import DescriptionError, DivergenceError, EngineError, unknown_name
from spice_models.results import Traces

__all__ = ["Batch", "run", "transient_batch"]

Floats = NDArray[np.float64]

MAX_EVENTS = 256
"""Pulses kept a junction and variant unless more are asked for [chosen]."""

_MOST_VALUES, _MOST_SAMPLES = 2**18, 2**22
"""Elements and samples that the variants prepared at a time have together [chosen: some 200 MB in all]."""


def run(
    circuit: Circuit,
    *,
    duration: float,
    step: float = 1e-13,
    record: Sequence[str] | None = None,
    every: int = 1,
    corrections: int | None = None,
    temperature: float = 0.0,
    seed: int = 0,
    start: Start = "rest",
    initial_flux: Mapping[str, int] | None = None,
    phase_tolerance: float | None = None,
) -> Traces:
    """Simulate a circuit and return traces at the middles of its steps, or at their ends with noise.

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
    corrections : int, optional
        How often the phases at mid-step are corrected; by default once, or not at all where junctions are damped enough
        (see `corrections_of`).
    temperature : float
        Of all resistors and of the junctions' resistance [K]: each draws a Johnson current (see `noise`).
    seed : int
        Of the draws. A run is variant 0 of `transient_batch`.
    start : str
        ``"rest"``: all phases, currents and voltages zero; ``"operating point"``: where the circuit rests under the
        values of its sources at time zero (see `operating_point`).
    initial_flux : mapping of inductor -> int, optional
        Flux quanta in the loops of inductors from the start (see `with_trapped_flux`).
    phase_tolerance : float, optional
        Largest error of a phase that a step may add [rad]: steps of ``step / 2^k`` are then chosen to keep it (see
        `adaptive`). Fixed steps if not given.

    Raises
    ------
    DescriptionError
        For a circuit, a step or a record that makes no sense.
    DivergenceError
        If a value stops being finite, with the time and place at which it did and the traces until then.
    """
    _check_counts(every=every)
    _check_corrections(corrections)
    flat = with_trapped_flux(circuit, initial_flux or {}).flatten()
    kelvin, sources = checked_temperature(temperature), noisy_sources(flat)
    _check_start(start)
    job = Job(
        circuit=flat,
        duration=duration,
        step=step,
        record=record,
        every=every,
        corrections=corrections,
        most_events=0,
        seed=checked_seed(seed),
        variants=1,
        workers=1,
        noisy=bool(np.any(kelvin) or sources),
        sources=sources,
        start=start,
    )
    if phase_tolerance is not None:
        return run_adaptive(job, phase_tolerance).traces
    return _gathered(job, [run_part(job, {}, kelvin, first=0)]).traces()


def transient_batch(
    circuit: Circuit,
    *,
    duration: float,
    step: float = 1e-13,
    scales: Mapping[str, ArrayLike] | None = None,
    record: Sequence[str] = (),
    every: int = 1,
    corrections: int | None = None,
    max_events: int = MAX_EVENTS,
    forget: bool = False,
    workers: int | None = None,
    variants: int | None = None,
    temperature: ArrayLike = 0.0,
    seed: int = 0,
    start: Start = "rest",
) -> Batch:
    """Simulate many variants of a circuit and return the pulse times of every junction, and traces if asked for.

    Parameters
    ----------
    duration, step : float
        Simulated time and time step [s].
    scales : mapping of element name -> factor or array of factors, shape (variants,)
        Each named element's value (Ic, L, k, R, C, waveform height) times the factor, variant by variant;
        ``"NAME:capacitance"`` and ``"NAME:resistance"`` reach the other values of a junction.
    record : sequence of str
        Traces to keep of every variant, as in `run`; they take 8 bytes a channel, sample and variant.
    every : int
        Keep one sample in so many steps.
    corrections : int, optional
        How often the phases at mid-step are corrected; by default once, or not at all in variants whose junctions are
        damped enough (see `corrections_of`).
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
    start : str
        As in `run`; every variant from its own operating point.

    Raises
    ------
    DescriptionError
        For a circuit, a step or a scale factor that makes no sense.
    DivergenceError
        If a value stops being finite, with the time and place at which it did and the batch until then.
    EngineError
        If a junction makes too many pulses.
    """
    threads = (os.cpu_count() or 1) if workers is None else workers
    _check_counts(max_events=max_events, workers=threads, every=every)
    _check_corrections(corrections)
    kelvin = checked_temperature(temperature)
    _check_start(start)
    flat = circuit.flatten()
    spread = _spread(flat, scales or {}, kelvin, variants)
    sources = noisy_sources(flat)
    job = Job(
        circuit=flat,
        duration=duration,
        step=step,
        record=tuple(record),
        every=every,
        corrections=corrections,
        most_events=max_events,
        seed=checked_seed(seed),
        variants=variant_count(spread),
        workers=threads,
        noisy=bool(np.any(kelvin) or sources),
        sources=sources,
        start=start,
    )
    parts: list[Part] = []
    for some in _portions(job):
        scale = {
            name: np.atleast_1d(factors)[some] if np.size(factors) > 1 else factors for name, factors in spread.items()
        }
        part = run_part(job, scale, kelvin[some] if kelvin.size > 1 else kelvin, first=some.start)
        parts.append(part)
        if part.fault is not None:
            break
    batch = _gathered(job, parts)
    if not forget:
        _check_events(batch, max_events, np.concatenate([part.count for part in parts], axis=1))
    return batch


def _portions(job: Job) -> Iterator[slice]:
    """Variants to be prepared and run at a time: as many as memory is meant for."""
    samples = len(job.record or ()) * max(1, round(job.duration / job.step / job.every))
    most = min(256, _MOST_VALUES // max(1, len(job.circuit)), _MOST_SAMPLES // max(1, samples))
    size = max(1, most // LANES) * LANES
    for first in range(0, job.variants, size):
        yield slice(first, min(first + size, job.variants))


def _gathered(job: Job, parts: Sequence[Part]) -> Batch:
    """Join parts; if the last one was stopped by a fault, raise it with what there is."""
    most = max(part.times.shape[1] for part in parts)
    times = np.concatenate([_widened(part.times, most) for part in parts], axis=2)
    slips = np.concatenate([part.slips for part in parts], axis=1)
    count = np.concatenate([part.count for part in parts], axis=1)
    samples = min(part.values.shape[1] for part in parts)
    batch = Batch(
        junctions=parts[0].junctions,
        times=times,
        slips=slips,
        backward=(count - slips) // 2,
        duration=job.duration,
        values=np.concatenate([part.values[:, :samples] for part in parts], axis=2),
        names=tuple(channel.text for channel in parts[0].channels),
        units=tuple(channel.unit for channel in parts[0].channels),
        start=job.step if job.noisy else 0.5 * job.step,
        dt=job.step * job.every,
    )
    fault = parts[-1].fault
    if fault is None:
        return batch
    time, variant = fault.steps * job.step, fault.variant if job.variants > 1 else None
    raise DivergenceError(
        divergence_message(job.circuit.name, time, fault.node, job.step, variant),
        time=time,
        node=fault.node,
        traces=batch.traces(fault.variant) if samples else None,
        batch=batch,
    )


def _widened(times: Floats, events: int) -> Floats:
    return np.pad(times, ((0, 0), (0, events - times.shape[1]), (0, 0)), constant_values=np.nan)


def _check_events(batch: Batch, most: int, count: NDArray[np.int64]) -> None:
    if count.max(initial=0) > most:
        name = batch.junctions[int(np.argwhere(count > most)[0][0])]
        raise EngineError(f"junction {name!r} slipped more than {most} times: raise max_events")


def _spread(
    flat: Circuit, scales: Mapping[str, ArrayLike], temperature: Floats, variants: int | None
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
    first = next(e.name for e in flat if not isinstance(e, Mutual))
    return {**scales, first: np.full(wanted, scales.get(first, 1.0))}


def _check_start(start: str) -> None:
    if start not in get_args(Start):
        raise unknown_name("start", start, get_args(Start))


def _check_counts(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise DescriptionError(f"{name} must be at least 1, got {count}")


def _check_corrections(corrections: int | None) -> None:
    if corrections is not None and corrections < 0:
        raise DescriptionError(f"corrections must be at least 0, got {corrections}")
