"""Some variants of a circuit, prepared, run and read together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spice_models.circuit import Circuit
from spice_models.element_scaling import scaled_element
from spice_models.engines.native.blocks import Block, Fault, Wanted, march_blocks
from spice_models.engines.native.corrections import corrections_of
from spice_models.engines.native.kernel import LANES
from spice_models.engines.native.noise import ends_of_steps, random_currents
from spice_models.engines.native.noise_sources import Sources, as_drawn, silenced
from spice_models.engines.native.operating_point import rest
from spice_models.engines.native.prepared import Prepared, floating_parts, prepare
from spice_models.engines.native.reader import Reader, found_in_loop
from spice_models.engines.native.standing import begin_at
from spice_models.engines.recording import Channel, parse_channels
from spice_models.errors import DescriptionError, EngineError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


Start = Literal["rest", "operating point"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Job:
    """What is the same for all variants of a run; see `engine.transient_batch`.

    Parameters
    ----------
    record : sequence of str or None
        None for the phases of all junctions.
    noisy : bool
        Whether any variant has noise; all are then sampled at the ends of steps.
    start : str
        As in `engine.run`.
    """

    circuit: Circuit
    duration: float
    step: float
    record: Sequence[str] | None
    every: int
    corrections: int | None
    most_events: int
    seed: int
    variants: int
    workers: int
    noisy: bool
    sources: Sources
    start: Start = "rest"


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """What some variants gave.

    Parameters
    ----------
    times : array, shape (junctions, events, variants)
        As in `Batch`.
    count, slips : array, shape (junctions, variants)
        Slips either way, and net.
    channels : sequence of Channel
        What was recorded.
    values : array, shape (channels, samples, variants)
        The samples.
    fault : Fault or None
        What stopped the run, numbered among all variants.
    """

    junctions: tuple[str, ...]
    times: Floats
    count: Ints
    slips: Ints
    channels: Sequence[Channel]
    values: Floats
    fault: Fault | None


def run_part(job: Job, scales: Mapping[str, ArrayLike], kelvin: Floats, *, first: int) -> Part:
    """Run the variants that scale factors and temperatures describe, ``first`` and following."""
    shown = as_drawn(job.circuit, job.sources, seed=job.seed, duration=job.duration, step=job.step)
    quiet = silenced(
        job.circuit, job.sources, seed=job.seed, variants=job.variants, duration=job.duration, step=job.step
    )
    channels = parse_channels(shown, job.record)
    currents = tuple(dict.fromkeys(name for ch in channels if (name := found_in_loop(ch)) is not None))
    p = prepare(quiet, duration=job.duration, step=job.step, scales=scales, currents=currents)
    _check_recordable(job, p, channels, currents)
    noise = random_currents(
        p.circuit,
        p.system,
        scales=scales,
        temperature=kelvin,
        step=job.step,
        seed=job.seed,
        sources=job.sources,
        first=first,
    )
    total = p.system.variants
    noisy = np.zeros(total, dtype=np.bool_) if noise is None else np.any(noise.deviation > 0, axis=0)
    needed = corrections_of(p.system, job.step, noisy=noisy)
    if job.corrections is not None:
        # The equation of a junction with a gap is solved in a correction.
        least = int(any(junction.gap is not None for junction in p.system.junctions))
        needed = np.full(total, max(job.corrections, least))
    nodes = np.array(sorted({i for ch in channels for n in ch.nodes if (i := p.system.index[n]) >= 0}), dtype=np.int64)
    wanted = Wanted(
        nodes=nodes,
        currents=len(currents),
        every=job.every,
        samples=-(-p.steps // job.every) if channels else 0,
        ends=ends_of_steps(p.system, nodes.tolist()) if job.noisy and channels else None,
    )
    blocks = [
        Block(p, some, corrections=corrections, most_events=job.most_events, wanted=wanted, noise=noise)
        for corrections in np.unique(needed).tolist()
        for some in _groups(np.flatnonzero(needed == corrections).tolist())
    ]
    if settled := job.start == "operating point":
        for block in blocks:
            begin_at(block, [rest(p.circuit, p.system, variant) for variant in block.variants])
    fault = march_blocks(blocks, workers=job.workers, settled=settled)
    place = np.argsort([v for block in blocks for v in block.variants])
    count = np.concatenate([b.event_count for b in blocks], axis=1)[:, place]
    most = min(max(1, int(count.max(initial=0))), job.most_events)
    times = np.concatenate([b.event_time[:, :most] for b in blocks], axis=2)[:, :, place]
    times[np.arange(most)[None, :, None] >= count[:, None, :]] = np.nan
    done = wanted.samples
    if fault is not None and done:
        fault, done = _settled(fault, blocks, p, wanted, job)
    values = np.zeros((len(channels), done, total))
    if values.size:
        _read(job, p, blocks, wanted, shown, channels, currents, scales, values)
    return Part(
        junctions=p.system.junction_names,
        times=times,
        count=count,
        slips=np.concatenate([b.slips for b in blocks], axis=1)[:, place],
        channels=channels,
        values=values,
        fault=None if fault is None else replace(fault, variant=fault.variant + first),
    )


def _settled(fault: Fault, blocks: Sequence[Block], p: Prepared, wanted: Wanted, job: Job) -> tuple[Fault, int]:
    """Return a fault at the end of the samples that make sense, and their number."""
    done = min(fault.steps // job.every, wanted.samples)
    for block in blocks:
        sane = np.isfinite(np.concatenate([block.flux, block.rate, block.currents])).all(axis=(0, 2))
        done = done if sane[:done].all() else int(np.argmin(sane))
    node = fault.node
    if not node and done and len(wanted.nodes):
        fastest = max(
            np.abs(block.rate[:, done - 1, lane]).argmax()
            for block in blocks
            for lane, v in enumerate(block.variants)
            if v == fault.variant
        )
        node = p.system.names[wanted.nodes[fastest]]
    return replace(fault, steps=done * job.every, node=node), done


def _groups(variants: list[int]) -> list[list[int]]:
    return [variants[k : k + LANES] for k in range(0, len(variants), LANES)]


def _check_recordable(job: Job, p: Prepared, channels: Sequence[Channel], currents: Sequence[str]) -> None:
    if job.noisy and currents:
        raise EngineError(
            f"the native engine has no current({currents[0]}) in a run with noise: record that of an inductor in "
            "series with the source"
        )
    if job.variants > 1:
        drawn = [ch.text for ch in channels if ch.element is not None and ch.element.name in job.sources]
        if drawn:
            raise DescriptionError(
                f"{drawn[0]} follows noise and is another in each variant: run the variants one by one"
            )


def _read(
    job: Job,
    p: Prepared,
    blocks: Sequence[Block],
    wanted: Wanted,
    shown: Circuit,
    channels: Sequence[Channel],
    currents: Sequence[str],
    scales: Mapping[str, ArrayLike],
    values: Floats,
) -> None:
    """Fill in the recorded channels of every variant."""
    samples = values.shape[1]
    unsettled = np.zeros(len(wanted.nodes), dtype=np.bool_)
    if samples > 1 and any(channel.kind != "phase" for channel in channels):
        unsettled = floating_parts(p.system)[wanted.nodes]
    for block in blocks:
        flux, rate = block.flux[:, :samples], block.rate[:, :samples]
        for row in np.flatnonzero(unsettled):
            rate[row] = np.gradient(flux[row], job.step * job.every, axis=0)
        for lane, variant in enumerate(block.variants):
            factors = {name: float(np.broadcast_to(f, (p.system.variants,))[variant]) for name, f in scales.items()}
            reader = Reader(
                shown,
                p.system,
                nodes=wanted.nodes.tolist(),
                flux=flux[:, :, lane],
                rate=rate[:, :, lane],
                step=job.step,
                every=job.every,
                currents={name: block.currents[k, :samples, lane] for k, name in enumerate(currents)},
                ends=job.noisy,
                variant=variant,
            )
            for k, channel in enumerate(channels):
                element = channel.element and scaled_element(channel.element, factors)
                values[k, :, variant] = reader.read(replace(channel, element=element))
