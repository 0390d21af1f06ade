"""Many variants of a circuit, run by any engine, with pulse times as the one form of result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from spice_models.analysis.parameters import with_factors
from spice_models.analysis.pulses import detect_pulses
from spice_models.circuit import Circuit
from spice_models.engines import transient
from spice_models.engines.native.engine import Batch, transient_batch

Evaluate = Callable[[Circuit, Mapping[str, ArrayLike]], Batch]
"""Runs the variants of a circuit that scale factors describe, as `transient_batch` does."""

_SLIPS_PER_SECOND = 1e12  # at 2 mV; shunted junctions stay below, even at three times their critical current


def native_batch(*, duration: float, step: float = 1e-13, workers: int | None = None) -> Evaluate:
    """Return what runs variants with the native engine, all of a call at once."""
    most = 64 + int(duration * _SLIPS_PER_SECOND)

    def evaluate(circuit: Circuit, scales: Mapping[str, ArrayLike]) -> Batch:
        return transient_batch(circuit, duration=duration, step=step, scales=scales, workers=workers, max_events=most)

    return evaluate


def engine_batch(engine: str, *, duration: float, step: float = 1e-13, **options: Any) -> Evaluate:
    """Return what runs variants with any engine, one after the other: to check margins at chosen points.

    Examples
    --------
    ``passes(circuits, rule, [(parameter, 1.2)], engine_batch("ngspice", duration=100e-12))``
    """

    def evaluate(circuit: Circuit, scales: Mapping[str, ArrayLike]) -> Batch:
        count = max((np.size(v) for v in scales.values()), default=1)
        spread = {key: np.broadcast_to(np.asarray(v, dtype=float), (count,)) for key, v in scales.items()}
        runs = []
        for i in range(count):
            variant = with_factors(circuit, {key: float(v[i]) for key, v in spread.items()})
            traces = transient(variant, duration=duration, step=step, engine=engine, **options)
            runs.append(detect_pulses(traces))
        names = tuple(name[len("phase(") : -1] for name in traces.names)
        rows = {name: row for row, name in enumerate(names)}
        counts = np.zeros((len(names), count), dtype=np.int64)
        times = np.full((len(names), max((len(r) for r in runs), default=0) or 1, count), np.nan)
        for i, pulses in enumerate(runs):
            for pulse in pulses:
                row = rows[pulse.junction]
                times[row, counts[row, i], i] = pulse.sign * pulse.time
                counts[row, i] += 1
        backward = np.sum(times < 0, axis=1)
        return Batch(junctions=names, times=times, slips=counts - 2 * backward, backward=backward, duration=duration)

    return evaluate
