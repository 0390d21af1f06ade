"""Steps as long as an error bound allows: a ladder of lengths ``step / 2^k``, each with its own factored matrix.

The time goes in windows. One is run with steps of one length, and the third differences of the fluxes of nodes with
capacitance give what the implicit midpoint rule adds to their error in a step, ``h^3 x''' / 12``. Where a step adds
more than the tolerance the window is run again, with steps as much shorter as the cube root of the ratio says; where
all add far less, the next window is tried with twice the length. The result is on the grid of ``step``, the longest.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from math import ceil, log2

import numpy as np
from numpy.typing import NDArray

from spice_models.engines.native.blocks import Block, Wanted, divergence_message, steady_spans
from spice_models.engines.native.corrections import corrections_of
from spice_models.engines.native.drive import Drive
from spice_models.engines.native.operating_point import rest
from spice_models.engines.native.parts import Job
from spice_models.engines.native.prepared import Prepared, floating_parts, prepare
from spice_models.engines.native.reader import Reader, found_in_loop
from spice_models.engines.native.standing import Standing, begin_at, standing_of, take_up
from spice_models.engines.native.system import System
from spice_models.engines.recording import parse_channels
from spice_models.errors import DescriptionError, DivergenceError, EngineError
from spice_models.results import Traces

Floats = NDArray[np.float64]

LOG = logging.getLogger(__name__)

WINDOW = 16
"""Samples of the result in a window [chosen]."""

MOST_HALVINGS = 7
"""Length of the ladder [chosen]: the shortest step is ``step / 128``."""

SLACK = 0.25
"""The next window is tried with steps of twice the length where eight times the error stays below this part of the
tolerance [chosen]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class AdaptiveRun:
    """Traces of a run, and the work: steps by number of halvings, those of windows run again included."""

    traces: Traces
    steps: tuple[int, ...]


class _Rung:
    """Everything for one length of step."""

    def __init__(self, job: Job, halvings: int, currents: tuple[str, ...]) -> None:
        self.factor = 2**halvings
        self.prepared: Prepared = prepare(
            job.circuit, duration=job.duration, step=job.step / self.factor, currents=currents
        )
        system = self.prepared.system
        self._watched = _watched(system)
        self.drive = Drive(self.prepared.circuit, system, self.prepared.step, settled=job.start != "rest")
        needed = corrections_of(system, self.prepared.step, noisy=np.zeros(1, dtype=np.bool_))
        self.block = Block(
            self.prepared,
            [0],
            corrections=int(needed[0]) if job.corrections is None else max(1, job.corrections),
            most_events=0,
            wanted=Wanted(nodes=np.arange(system.n), currents=len(currents), every=1, samples=WINDOW * self.factor),
        )

    def run(self, standing: Standing, first: int, samples: int) -> Standing | None:
        """Run one window from sample ``first`` on; None if it went beyond all bounds."""
        take_up(self.block, self.drive, standing)
        self.block.fault = None
        steps = samples * self.factor
        shapes = self.drive.stretch(first * self.factor, steps)
        self.block.march(0, self.drive, shapes, steady_spans(shapes))
        return None if self.block.fault is not None else standing_of(self.block, self.drive, steps)

    def error(self, samples: int) -> float:
        """Largest error that a step of the last window has added to a flux [rad]."""
        third = np.diff(self.block.flux[self._watched, : samples * self.factor, 0], n=3, axis=1)
        return float(np.abs(third).max(initial=0.0)) / 12

    def sampled(self, values: Floats, samples: int) -> Floats:
        """Values at the middles of the long steps, where the short ones end: means of the two beside."""
        if self.factor == 1:
            return values[:, :samples, 0]
        after = np.arange(samples) * self.factor + self.factor // 2
        return np.asarray(0.5 * (values[:, after - 1, 0] + values[:, after, 0]))


def _watched(system: System) -> NDArray[np.int64]:
    """Nodes whose fluxes the rule integrates: with capacitance, or with conductance where there is none anywhere.

    Nodes held by a source have the error of what controls it.
    """
    for matrix in (system.capacitance, system.conductance):
        nodes = np.unique(matrix.indices[np.any(matrix.values != 0, axis=1)])
        if len(nodes):
            return np.setdiff1d(nodes, system.grip.indices)
    return np.arange(system.n)


def run_adaptive(job: Job, tolerance: float) -> AdaptiveRun:
    """Run one variant with steps chosen to keep a tolerance [rad] of the error that a step adds to any flux.

    Raises
    ------
    DescriptionError
        For a tolerance that is not positive, and for noise, which needs fixed steps.
    EngineError
        If the shortest step does not keep the tolerance.
    DivergenceError
        If values leave all bounds.
    """
    if not (np.isfinite(tolerance) and tolerance > 0):
        raise DescriptionError(f"phase_tolerance must be positive [rad], got {tolerance}")
    if job.noisy:
        raise DescriptionError("a run with noise needs fixed steps: leave phase_tolerance out")
    return _Ladder(job, tolerance).run()


class _Ladder:
    """A run in progress."""

    def __init__(self, job: Job, tolerance: float) -> None:
        self._job, self._tolerance = job, tolerance
        self._channels = parse_channels(job.circuit, job.record)
        names = (name for ch in self._channels if (name := found_in_loop(ch)) is not None)
        self._currents = tuple(dict.fromkeys(names))
        self._rungs: dict[int, _Rung] = {}
        self._work = [0] * (MOST_HALVINGS + 1)

    def _rung(self, halvings: int) -> _Rung:
        if halvings not in self._rungs:
            self._rungs[halvings] = _Rung(self._job, halvings, self._currents)
        return self._rungs[halvings]

    @cached_property
    def _samples(self) -> int:
        return self._rung(0).prepared.steps

    def run(self) -> AdaptiveRun:
        """Run all windows."""
        system = self._rung(0).prepared.system
        flux = np.zeros((system.n, self._samples))
        rate, currents = np.zeros_like(flux), np.zeros((len(self._currents), self._samples))
        standing, halvings = self._beginning(), 0
        for first in range(0, self._samples, WINDOW):
            samples = min(WINDOW, self._samples - first)
            standing, halvings, error = self._window(standing, halvings, first, samples)
            rung, here = self._rung(halvings), slice(first, first + samples)
            flux[:, here] = rung.sampled(rung.block.flux, samples)
            rate[:, here] = rung.sampled(rung.block.rate, samples)
            currents[:, here] = rung.sampled(rung.block.currents, samples)
            if halvings and 8 * error < SLACK * self._tolerance:
                halvings -= 1
        LOG.debug("steps by halvings: %s", self._work)
        return AdaptiveRun(traces=self._read(flux, rate, currents), steps=tuple(self._work))

    def _beginning(self) -> Standing:
        rung = self._rung(0)
        if self._job.start != "rest":
            begin_at(rung.block, [rest(rung.prepared.circuit, rung.prepared.system)])
        return standing_of(rung.block, rung.drive, 0)

    def _window(self, standing: Standing, halvings: int, first: int, samples: int) -> tuple[Standing, int, float]:
        """Run a window with steps short enough; return where it ends, the halvings and the error."""
        while True:
            rung = self._rung(halvings)
            after = rung.run(standing, first, samples)
            self._work[halvings] += samples * rung.factor
            error = rung.error(samples) if after is not None else float("inf")
            if after is not None and error <= self._tolerance:
                return after, halvings, error
            if halvings == MOST_HALVINGS:
                raise self._failure(after is None, rung, first, error)
            shorter = ceil(log2(error / self._tolerance) / 3) if np.isfinite(error) else 1
            halvings = min(MOST_HALVINGS, halvings + max(1, shorter))

    def _failure(self, diverged: bool, rung: _Rung, first: int, error: float) -> EngineError:
        time, step = first * self._job.step, rung.prepared.step
        if diverged:
            fault = rung.block.fault
            node = "" if fault is None else fault.node
            message = divergence_message(self._job.circuit.name, time, node, step)
            return DivergenceError(message, time=time, node=node)
        return EngineError(
            f"steps of {step:.3g} s still add errors of {error:.2g} rad at {time:.4g} s: raise phase_tolerance (now "
            f"{self._tolerance:g}) or choose a shorter step"
        )

    def _read(self, flux: Floats, rate: Floats, currents: Floats) -> Traces:
        job, p = self._job, self._rung(0).prepared
        if self._samples > 1:
            loose = floating_parts(p.system)
            rate[loose] = np.gradient(flux[loose], job.step, axis=1)
        reader = Reader(
            p.circuit,
            p.system,
            nodes=list(range(p.system.n)),
            flux=flux[:, :: job.every],
            rate=rate[:, :: job.every],
            step=job.step,
            every=job.every,
            currents={name: currents[k, :: job.every] for k, name in enumerate(self._currents)},
        )
        values = np.array([reader.read(channel) for channel in self._channels])
        return Traces(
            values=values.reshape(len(self._channels), -1),
            dt=job.step * job.every,
            start=0.5 * job.step,
            names=tuple(channel.text for channel in self._channels),
            units=tuple(channel.unit for channel in self._channels),
        )
