"""Blocks of variants that march side by side, stretch by stretch."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from spice_models.engines.native.drive import Drive
from spice_models.engines.native.kernel import HYSTERESIS, LANES, MARCH, SPAN
from spice_models.engines.native.noise import RandomCurrents
from spice_models.engines.native.prepared import Prepared
from spice_models.engines.native.tables import Ends, Events, Junctions, Matrices, Record, Sources, State
from spice_models.errors import DivergenceError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STRETCH = 4096
"""Steps between two samplings of the sources [chosen: a few megabytes for a thousand sources]."""


def _nothing() -> Floats:
    return np.zeros((0, 0, 0))


@dataclass(frozen=True, kw_only=True, eq=False)
class Recorder:
    """Nodes to record, one sample in ``every`` steps, and where: flux and rate ``[nodes, samples, variants]``."""

    nodes: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    every: int = 1
    flux: Floats = field(default_factory=_nothing)
    rate: Floats = field(default_factory=_nothing)
    ends: Ends | None = None


class Block:
    """A few variants side by side: their values, and where they stand after the stretches marched so far.

    A block of several variants has `LANES` lanes; those left over repeat the last variant and are not read.
    """

    def __init__(
        self,
        prepared: Prepared,
        variants: slice,
        *,
        most_events: int,
        noise: RandomCurrents | None = None,
        outputs: Floats | None = None,
    ) -> None:
        s = prepared.system
        self.prepared = prepared
        self._width = variants.stop - variants.start
        self.lanes = 1 if self._width == 1 and s.variants == 1 else LANES
        self._chosen = np.minimum(np.arange(variants.start, variants.start + self.lanes), variants.stop - 1)
        self._noise = None if noise is None else noise.stream(range(variants.start, variants.stop), self.lanes)
        self._matrices = self._cut_matrices(prepared)
        self._used = prepared.features.cut(self.lanes, self._cut, _nothing() if outputs is None else outputs)
        ground = np.where(s.junction_nodes < 0, s.n, s.junction_nodes)
        self._plus, self._minus = np.ascontiguousarray(ground[:, 0]), np.ascontiguousarray(ground[:, 1])
        self._critical_current = self._cut(s.critical_current)
        junctions = len(s.junction_names)
        size = junctions * self.lanes
        self._state = State(
            flux=np.zeros((s.n + 1) * self.lanes),
            rate=np.zeros((s.n + 1) * self.lanes),
            mid_phase=np.zeros(4 * size),
            known_phase=np.zeros(0 if self._used.offsets is None else 4 * size),
            upper=np.full(size, np.pi),
            lower=np.full(size, -np.pi - HYSTERESIS),
        )
        self._events = Events(
            time=np.zeros((junctions, most_events, self.lanes)),
            number=np.zeros((junctions, self.lanes), dtype=np.int64),
            slips=np.zeros((junctions, self.lanes), dtype=np.int64),
        )

    @property
    def event_time(self) -> Floats:
        """Times [s] of slips, negative for backward ones, shape (junctions, most, variants)."""
        return self._events.time[:, :, : self._width]

    @property
    def event_count(self) -> Ints:
        """Number of slips either way, shape (junctions, variants)."""
        return self._events.number[:, : self._width]

    @property
    def slips(self) -> Ints:
        """Net number of slips, shape (junctions, variants)."""
        return self._events.slips[:, : self._width]

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
            lower_start=p.lower_start,
            lower_rows=p.lower_rows,
            lower=self._cut(p.lower),
            inverse=self._cut(p.inverse),
        )

    def march(self, start: int, steps: int, drive: Drive, shapes: Floats, recorder: Recorder, corrections: int) -> None:
        """March over one stretch.

        Raises
        ------
        EngineError
            If a value stops being finite, with the time at which it did.
        """
        p = self.prepared
        sources = Sources(
            node=drive.nodes,
            shape=drive.shape,
            scale=self._cut(drive.scale),
            shapes=shapes,
            steady=steady_spans(shapes),
        )
        junctions = Junctions(
            plus=self._plus,
            minus=self._minus,
            from_plus=np.flatnonzero(self._plus < p.system.n),
            into_minus=np.flatnonzero(self._minus < p.system.n),
            critical_current=self._critical_current,
        )
        # the equation of a junction with a gap is solved in a correction
        corrections = max(1, corrections) if len(p.features.gap["junction"]) else corrections
        longest = steps if self._noise is None else self._noise.longest
        for first in range(0, steps, longest):
            part = min(longest, steps - first)
            stopped = MARCH[self.lanes](
                start,
                first,
                part,
                p.step,
                self._matrices,
                junctions,
                sources,
                corrections,
                self._state,
                Record(nodes=recorder.nodes, every=recorder.every, flux=recorder.flux, rate=recorder.rate),
                self._events,
                None if self._noise is None else self._noise.draw(part),
                recorder.ends,
                *self._used,
            )
            self._check_growth(stopped if stopped >= 0 else start + first + part, stopped >= 0)

    def _check_growth(self, reached: int, stopped: bool) -> None:
        """Raise if the loop stopped at a phase beyond all bounds, or the state after a stretch is no finite number."""
        p, n = self.prepared, self.prepared.system.n
        rates = np.abs(self._state.rate[: n * self.lanes]).reshape(n, self.lanes).max(axis=1, initial=0.0)
        finite = bool(np.all(np.isfinite(self._state.flux[: n * self.lanes])))
        if stopped or not finite:
            node = p.system.names[int(np.argmax(rates))] if finite else ""
            raise DivergenceError(
                divergence_message(p.circuit.name, reached * p.step, node, p.step), time=reached * p.step, node=node
            )


def divergence_message(circuit: str, time: float, node: str, step: float) -> str:
    """Say that a circuit diverged, and what to do."""
    where = f", at node {node!r} first" if node else ""
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


def march_blocks(blocks: Sequence[Block], recorder: Recorder, *, corrections: int, workers: int) -> None:
    """March all blocks from beginning to end, the sources sampled once a stretch for all of them."""
    p = blocks[0].prepared
    drive = Drive(p.circuit, p.system, p.step)
    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, p.steps, STRETCH):
            steps = min(STRETCH, p.steps - start)
            advance = partial(
                Block.march,
                start=start,
                steps=steps,
                drive=drive,
                shapes=drive.stretch(start, steps),
                recorder=recorder,
                corrections=corrections,
            )
            list(pool.map(advance, blocks))
