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

    def rows(self, column: Column, traces: Traces, between: Between) -> Floats:
        """One column at the times of ``between``."""
        element = self._circuit[column.element] if column.kind == "current" and column.element is not None else None
        if isinstance(element, CurrentSource) and not isinstance(element.waveform, Noise):
            return np.asarray(element.waveform.at(between.rows))
        return between.values(self._samples(column, traces))

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


class Between:
    """Values at some times of samples that start from zero: cubic between each two, slopes by differences.

    The first sample of most engines lies half a step after time zero.

    Parameters
    ----------
    traces : Traces
        Whose samples are asked for.
    rows : array
        The times [s].
    """

    def __init__(self, traces: Traces, rows: Floats) -> None:
        self.rows = rows
        self._lead = traces.times[0] > 0
        times = np.append(0.0, traces.times) if self._lead else traces.times
        self._widths = np.diff(times)
        self._place = np.clip(np.searchsorted(times, rows, side="right") - 1, 0, len(times) - 2)
        width = self._widths[self._place]
        u = (rows - times[self._place]) / width
        self._left, self._right = (1 - u) ** 2 * (1 + 2 * u), u**2 * (3 - 2 * u)
        self._left_slope, self._right_slope = (1 - u) ** 2 * u * width, -(u**2) * (1 - u) * width

    def values(self, samples: Floats) -> Floats:
        """Values at the times."""
        if self._lead:
            samples = np.append(0.0, samples)
        rises, widths, k = np.diff(samples) / self._widths, self._widths, self._place
        slopes = np.empty_like(samples)
        slopes[0], slopes[-1] = rises[0], rises[-1]
        slopes[1:-1] = (widths[1:] * rises[:-1] + widths[:-1] * rises[1:]) / (widths[1:] + widths[:-1])
        found = self._left * samples[k] + self._right * samples[k + 1]
        return np.asarray(found + self._left_slope * slopes[k] + self._right_slope * slopes[k + 1])
