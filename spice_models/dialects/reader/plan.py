"""What an engine has to record for the columns of a netlist, and how the columns follow from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spice_models.circuit import Circuit
from spice_models.constants import PHASE_PER_FLUX
from spice_models.dialects.reader.columns import Column
from spice_models.elements import GROUND, CurrentSource, Junction, Resistor
from spice_models.results import Traces
from spice_models.waveforms import Noise

Floats = NDArray[np.float64]


class Plan:
    """What to record for some columns, and how the columns follow from it."""

    def __init__(self, circuit: Circuit, columns: Sequence[Column]) -> None:
        self._circuit = circuit
        self._between = {frozenset(j.nodes): j for j in circuit.of_type(Junction)}
        self.record = list(dict.fromkeys(text for column in columns for text in self._needs(column)))

    def rows(self, column: Column, traces: Traces, times: Floats) -> Floats:
        """One column at some times [s]."""
        element = self._circuit[column.element] if column.kind == "current" and column.element is not None else None
        if isinstance(element, CurrentSource) and not isinstance(element.waveform, Noise):
            return np.asarray(element.waveform.at(times))
        return at_rows(self._samples(column, traces), traces, times)

    def _samples(self, column: Column, traces: Traces) -> Floats:
        parts = [factor * traces[text] for text, factor in self._needs(column).items()]
        total: Floats = np.sum(parts, axis=0) if parts else np.zeros(traces.values.shape[1])
        if column.kind == "phase" and self._junction(column) is None:
            return _integral(total, traces) * PHASE_PER_FLUX
        return total

    def _needs(self, column: Column) -> dict[str, float]:
        """Recorded channels and the factors with which they add up to a column (to its rate, for a phase)."""
        plus, minus = column.ends
        if column.kind == "current":
            assert column.element is not None
            element = self._circuit[column.element]
            if not isinstance(element, Resistor):
                return {f"current({column.element})": 1.0}
            # Its noise is a source beside it, as in JoSIM: the current of the resistance alone is asked for.
            scale = 1 / element.resistance
        else:
            scale = 1.0
        junction = self._junction(column)
        if column.kind == "phase" and junction is not None:
            return {f"phase({junction.name})": 1.0 if junction.plus == plus else -1.0}
        return {f"voltage({node})": factor for node, factor in ((plus, scale), (minus, -scale)) if node != GROUND}

    def _junction(self, column: Column) -> Junction | None:
        return self._between.get(frozenset(column.ends))


def _integral(rate: Floats, traces: Traces) -> Floats:
    """Integrate from rest at time zero with straight lines between samples, before the first held."""
    steps = 0.5 * traces.dt * (rate[1:] + rate[:-1])
    return np.asarray(traces.start * rate[0] + np.append(0.0, np.cumsum(steps)))


def at_rows(samples: Floats, traces: Traces, rows: Floats) -> Floats:
    """Values at the times ``rows`` [s] of samples that start from zero: cubic between each two, slopes by differences.

    The first sample of most engines lies half a step after time zero.
    """
    times = traces.times
    if times[0] > 0:
        times, samples = np.append(0.0, times), np.append(0.0, samples)
    slopes = np.gradient(samples, times)
    k = np.clip(np.searchsorted(times, rows, side="right") - 1, 0, len(times) - 2)
    width = times[k + 1] - times[k]
    u = (rows - times[k]) / width
    left = samples[k] * (1 + 2 * u) + slopes[k] * width * u
    right = samples[k + 1] * (3 - 2 * u) - slopes[k + 1] * width * (1 - u)
    return np.asarray((1 - u) ** 2 * left + u**2 * right)
