"""Blocks of variants that march side by side, stretch by stretch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spice_models.engines.native.drive import Drive
from spice_models.engines.native.kernel import LANES, LARGEST_PHASE, MARCH, SPAN
from spice_models.engines.native.noise import RandomCurrents
from spice_models.engines.native.prepared import Prepared
from spice_models.engines.native.tables import Ends, Events, Junctions, Matrices, Record, Sources, State

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STRETCH = 4096
"""Steps between two samplings of the sources [chosen: a few megabytes for a thousand sources]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Wanted:
    """What to record besides pulses: nodes and so many currents of the time loop, one sample in ``every`` steps."""

    nodes: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    currents: int = 0
    every: int = 1
    samples: int = 0
    ends: Ends | None = None


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Where values left all bounds: after how many steps, in which variant, at which node if that is known."""

    steps: int
    variant: int
    node: str


class Block:
    """A few variants side by side: their values, and where they stand after the stretches marched so far.

    A block of several variants has `LANES` lanes; those left over repeat the last variant and are not read.

    Parameters
    ----------
    variants : sequence of int
        Which of those that were prepared, `LANES` at most.
    corrections : int
        How often the phases at mid-step are corrected.
    most_events : int
        Pulses to keep a junction and variant.
    """

    def __init__(
        self,
        prepared: Prepared,
        variants: Sequence[int],
        *,
        corrections: int,
        most_events: int,
        wanted: Wanted,
        noise: RandomCurrents | None = None,
    ) -> None:
        s = prepared.system
        self.prepared = prepared
        self.variants = variants
        self.fault: Fault | None = None
        self._corrections = corrections
        self._width = len(variants)
        self.lanes = 1 if s.variants == 1 else LANES
        self._chosen = np.array([*variants, *[variants[-1]] * (self.lanes - self._width)])
        self._noise = None if noise is None else noise.stream(variants, self.lanes)
        self._matrices = self._cut_matrices(prepared)
        self.flux = np.zeros((len(wanted.nodes), wanted.samples, self.lanes))
        self.rate = np.zeros_like(self.flux)
        self.currents = np.zeros((wanted.currents, wanted.samples, self.lanes))
        self._record = Record(nodes=wanted.nodes, every=wanted.every, flux=self.flux, rate=self.rate)
        self._ends = wanted.ends
        self.used = prepared.features.cut(self.lanes, self._cut, self.currents)
        ground = np.where(s.junction_nodes < 0, s.n, s.junction_nodes)
        plus, minus = np.ascontiguousarray(ground[:, 0]), np.ascontiguousarray(ground[:, 1])
        self._junctions = Junctions(
            plus=plus,
            minus=minus,
            from_plus=np.flatnonzero(plus < s.n),
            into_minus=np.flatnonzero(minus < s.n),
            critical_current=self._cut(s.critical_current),
        )
        junctions = len(s.junctions)
        size = junctions * self.lanes
        self.state = State(
            flux=np.zeros((s.n + 1) * self.lanes),
            rate=np.zeros((s.n + 1) * self.lanes),
            mid_phase=np.zeros(4 * size),
            known_phase=np.zeros(0 if self.used.offsets is None else 4 * size),
            upper=np.full(size, np.pi),
            lower=np.full(size, -np.pi),
            crossed=np.zeros(size),
        )
        self.events = Events(
            time=np.zeros((junctions, most_events, self.lanes)),
            number=np.zeros((junctions, self.lanes), dtype=np.int64),
            slips=np.zeros((junctions, self.lanes), dtype=np.int64),
        )

    @property
    def event_time(self) -> Floats:
        """Times [s] of slips, negative for backward ones, shape (junctions, most, variants)."""
        return self.events.time[:, :, : self._width]

    @property
    def event_count(self) -> Ints:
        """Number of slips either way, shape (junctions, variants)."""
        return self.events.number[:, : self._width]

    @property
    def slips(self) -> Ints:
        """Net number of slips, shape (junctions, variants)."""
        return self.events.slips[:, : self._width]

    def _cut(self, values: Floats) -> Floats:
        """Lanes of this block from values over all variants ``[things, variants]``, flat."""
        return np.ascontiguousarray(values[:, self._chosen]).ravel()

    def _cut_matrices(self, p: Prepared) -> Matrices:
        columns = np.repeat(np.arange(p.system.n), np.diff(p.inertia.indptr))
        diagonal = p.inertia.indices == columns
        below = p.inertia.indices > columns
        at = p.inertia.indices[diagonal]

        def spread(values: Floats) -> Floats:
            full = np.zeros((p.system.n, self.lanes))
            full[at] = values[diagonal][:, self._chosen]
            return full.ravel()

        momentum = spread(p.momentum.values)
        return Matrices(
            inertia_diagonal=spread(p.inertia.values),
            momentum_diagonal=momentum,
            row=np.ascontiguousarray(p.inertia.indices[below]),
            column=np.ascontiguousarray(columns[below]),
            inertia=self._cut(p.inertia.values[below]),
            momentum=self._cut(p.momentum.values[below]),
            rate_factor=np.where(momentum > 0, 4.0 / p.step, 0.0),
            lower_columns=np.repeat(np.arange(p.system.n), np.diff(p.lower_start)),
            lower_rows=p.lower_rows,
            lower=self._cut(p.lower),
            inverse=self._cut(p.inverse),
        )

    def march(self, start: int, drive: Drive, shapes: Floats, steady: NDArray[np.bool_]) -> None:
        """March over one stretch, unless a fault stops it."""
        scale = self._cut(drive.scale)
        sources = Sources(node=drive.nodes, shape=drive.shape, scale=scale, shapes=shapes, steady=steady)
        steps = shapes.shape[1]
        longest = steps if self._noise is None else self._noise.longest
        for first in range(0, steps, longest):
            part = min(longest, steps - first)
            stopped = MARCH[self.lanes](
                start,
                first,
                part,
                self.prepared.step,
                self._matrices,
                self._junctions,
                sources,
                self._corrections,
                self.state,
                self._record,
                self.events,
                None if self._noise is None else self._noise.draw(part),
                self._ends,
                *self.used,
            )
            self.fault = self._find_fault(start + first + part, stopped)
            if self.fault is not None:
                return

    def _find_fault(self, reached: int, stopped: int) -> Fault | None:
        """Find what is wrong if the loop stopped at a phase beyond all bounds, or the state is no finite number."""
        n = self.prepared.system.n
        flux, rate = (a[: n * self.lanes].reshape(n, self.lanes) for a in (self.state.flux, self.state.rate))
        wrong: NDArray[np.bool_] = np.any(~np.isfinite(flux), axis=0)
        if stopped >= 0:
            size = len(self._junctions.plus) * self.lanes
            phase = self.state.mid_phase[(stopped % 4) * size :][:size].reshape(-1, self.lanes)
            wrong = wrong | np.any(~(np.abs(phase) < LARGEST_PHASE), axis=0)
        lanes = np.flatnonzero(wrong[: self._width])
        if not len(lanes):
            return None
        lane = lanes[0]
        names = self.prepared.system.names
        node = names[int(np.argmax(np.abs(rate[:, lane])))] if np.isfinite(flux[:, lane]).all() else ""
        return Fault(steps=stopped if stopped >= 0 else reached, variant=self.variants[lane], node=node)


def divergence_message(circuit: str, time: float, node: str, step: float, variant: int | None = None) -> str:
    """Say that a circuit diverged, and what to do."""
    where = f", at node {node!r} first" if node else ""
    where += "" if variant is None else f", in variant {variant}"
    return (
        f"circuit {circuit!r} diverged at {time:.4g} s{where}: reduce the step (now {step:g} s), or look for a loop "
        "that amplifies more than it loses and for nodes driven without bounds"
    )


def steady_spans(shapes: Floats) -> NDArray[np.bool_]:
    """Whether each shape stays the same over each `SPAN` of steps, shape (shapes, spans)."""
    firsts = np.arange(0, shapes.shape[1], SPAN)
    same = np.diff(shapes, axis=1, prepend=shapes[:, :1]) == 0.0
    same[:, firsts] = True
    return np.logical_and.reduceat(same, firsts, axis=1) if len(shapes) else np.zeros((0, len(firsts)), dtype=np.bool_)


def march_blocks(blocks: Sequence[Block], *, workers: int, settled: bool = False) -> Fault | None:
    """March all blocks from beginning to end, the sources sampled once a stretch for all of them.

    Voltage sources start from zero, or, if things have settled, from their values. Returns the earliest fault, after
    the stretch in which it occurred.
    """
    p = blocks[0].prepared
    drive = Drive(p.circuit, p.system, p.step, settled=settled)
    with ExitStack() as stack:
        several = len(blocks) > 1 and workers > 1
        each: Callable[..., Iterable[None]] = stack.enter_context(ThreadPoolExecutor(workers)).map if several else map
        for start in range(0, p.steps, STRETCH):
            shapes = drive.stretch(start, min(STRETCH, p.steps - start))
            steady = steady_spans(shapes)
            list(each(lambda block: block.march(start, drive, shapes, steady), blocks))  # noqa: B023
            faults = [block.fault for block in blocks if block.fault is not None]
            if faults:
                return min(faults, key=lambda fault: (fault.steps, fault.variant))
    return None
