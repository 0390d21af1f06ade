"""Blocks of variants that march side by side, stretch by stretch."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from spice_models.engines.native.drive import Drive
from spice_models.engines.native.kernel import march
from spice_models.engines.native.prepared import Prepared
from spice_models.errors import EngineError

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


class Block:
    """A few variants side by side: their values, and where they stand after the stretches marched so far."""

    def __init__(self, prepared: Prepared, variants: slice, *, most_events: int) -> None:
        s = prepared.system

        def cut(values: Floats) -> Floats:
            return np.ascontiguousarray(values[:, variants])

        self.prepared = prepared
        self.variants = variants
        self.capacitance, self.stiffness = cut(s.capacitance.values), cut(s.stiffness.values)
        self.lower, self.inverse = cut(prepared.lower), cut(prepared.inverse)
        self.critical_current = cut(s.critical_current)
        lanes = self.inverse.shape[1]
        junctions = len(s.junction_names)
        self.flux = np.zeros((s.n + 1, lanes))
        self.rate = np.zeros((s.n + 1, lanes))
        self.end_phase = np.zeros((3, junctions, lanes))
        self.last_mid = np.zeros((2, junctions, lanes))
        self.event_time = np.zeros((junctions, most_events, lanes))
        self.event_count = np.zeros((junctions, lanes), dtype=np.int64)
        self.slips = np.zeros((junctions, lanes), dtype=np.int64)

    def march(
        self, start: int, steps: int, drive: Drive, sampled: tuple[Floats, Floats], recorder: Recorder, corrections: int
    ) -> None:
        """March over one stretch.

        Raises
        ------
        EngineError
            If a value stops being finite, with the time at which it did.
        """
        p, s = self.prepared, self.prepared.system
        shapes, offset = sampled
        ground = np.where(s.junction_nodes < 0, s.n, s.junction_nodes)
        stopped = march(
            start,
            steps,
            p.step,
            p.kind,
            s.capacitance.indptr,
            s.capacitance.indices,
            self.capacitance,
            s.stiffness.indptr,
            s.stiffness.indices,
            self.stiffness,
            p.lower_start,
            p.lower_rows,
            self.lower,
            self.inverse,
            np.ascontiguousarray(ground[:, 0]),
            np.ascontiguousarray(ground[:, 1]),
            self.critical_current,
            offset,
            drive.nodes,
            drive.shape,
            np.ascontiguousarray(drive.scale[:, self.variants]),
            shapes,
            corrections,
            self.flux,
            self.rate,
            self.end_phase,
            self.last_mid,
            recorder.nodes,
            recorder.every,
            recorder.flux,
            recorder.rate,
            self.event_time,
            self.event_count,
            self.slips,
        )
        if stopped >= 0:
            raise EngineError(
                f"circuit {p.circuit.name!r} diverged at {stopped * p.step:.4g} s: reduce the step (now {p.step:g} s) "
                "or look for a node driven without bounds"
            )


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
                sampled=drive.stretch(start, steps),
                recorder=recorder,
                corrections=corrections,
            )
            list(pool.map(advance, blocks))
