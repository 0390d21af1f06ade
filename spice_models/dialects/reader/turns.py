"""Runs of an engine, and how far a junction's phase has turned in a step of them.

A pulse is resolved by some ten steps. Where a junction runs on at a voltage, its phase must not turn by more than a
fraction of 2 pi a step either, or the supercurrent is sampled at arbitrary phases and its mean is wrong without notice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from spice_models.circuit import Circuit
from spice_models.engines import transient
from spice_models.results import Traces

MOST_TURNS = 0.2
"""Turns of a phase a step above which JoSIM halves the step."""


def simulated(
    circuit: Circuit, *, engine: str, duration: float, step: float, record: Sequence[str], **options: Any
) -> tuple[Traces, float]:
    """Run an engine; return its traces and the most turns that a phase has made in a step of it.

    With the native engine this is the mean over the run of the fastest junction, or the largest of the recorded phases;
    others choose steps of their own, and it is 0.
    """
    if engine != "native":
        return transient(circuit, duration=duration, step=step, record=record, engine=engine, **options), 0.0
    from spice_models.engines.native import transient_batch

    batch = transient_batch(
        circuit,
        duration=duration,
        step=step,
        record=record or ("voltage(0)",),
        max_events=1,
        forget=True,
        workers=1,
        temperature=options.get("temperature", 0.0),
        seed=int(options.get("seed", 0)),
    )
    traces = batch.traces()
    mean = np.abs(batch.slips).max(initial=0) / (duration / step)
    phases = traces.values[[name.startswith("phase(") for name in traces.names]]
    largest = np.abs(np.diff(phases)).max(initial=0.0) / (2 * np.pi)
    return traces, float(max(mean, largest))
