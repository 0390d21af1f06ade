"""Many variants of a circuit, run by any engine, with pulse times as the one form of result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, kw_only=True)
class NativeBatch:
    """Runs variants with the native engine, all of a call at once; parameters as of `transient_batch`."""

    duration: float
    step: float = 1e-13
    workers: int | None = None

    def __call__(self, circuit: Circuit, scales: Mapping[str, ArrayLike]) -> Batch:
        """Run the variants."""
        most = 64 + int(self.duration * _SLIPS_PER_SECOND)
        return transient_batch(
            circuit,
            duration=self.duration,
            step=self.step,
            scales=scales,
            workers=self.workers,
            max_events=most,
            forget=True,  # of a junction that runs wild the number of slips says enough
        )


@dataclass(frozen=True, kw_only=True)
class EngineBatch:
    """Runs variants with any engine, one after the other.

    Parameters
    ----------
    engine : str
        One of `spice_models.engines.available_engines`.
    duration, step : float
        Simulated time and time step [s].
    options : mapping
        What `spice_models.engines.transient` is given besides.
    """

    engine: str
    duration: float
    step: float = 1e-13
    options: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, circuit: Circuit, scales: Mapping[str, ArrayLike]) -> Batch:
        """Run the variants."""
        count = max((np.size(v) for v in scales.values()), default=1)
        spread = {key: np.broadcast_to(np.asarray(v, dtype=float), (count,)) for key, v in scales.items()}
        runs = []
        for i in range(count):
            variant = with_factors(circuit, {key: float(v[i]) for key, v in spread.items()})
            traces = transient(variant, duration=self.duration, step=self.step, engine=self.engine, **self.options)
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
        return Batch(
            junctions=names, times=times, slips=counts - 2 * backward, backward=backward, duration=self.duration
        )


def native_batch(*, duration: float, step: float = 1e-13, workers: int | None = None) -> NativeBatch:
    """Return what runs variants with the native engine."""
    return NativeBatch(duration=duration, step=step, workers=workers)


def engine_batch(engine: str, *, duration: float, step: float = 1e-13, **options: Any) -> EngineBatch:
    """Return what runs variants with any engine, one after the other: to check margins at chosen points.

    Examples
    --------
    ``passes(circuits, rule, [(parameter, 1.2)], engine_batch("ngspice", duration=100e-12))``
    """
    return EngineBatch(engine=engine, duration=duration, step=step, options=options)
