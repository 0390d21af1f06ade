"""Runs of one network held against each other: who spiked when at each level, and whether they agree."""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neurosim.run import Run
from spice_models.errors import DescriptionError
from spice_models.results import SpikeTrains


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Two or more runs side by side; only populations that every run recorded are compared.

    Parameters
    ----------
    runs : tuple of Run
        At least two, with populations of equal sizes.
    """

    runs: tuple[Run, ...]

    def __post_init__(self) -> None:
        if len(self.runs) < 2:
            raise DescriptionError(f"a comparison needs at least two runs, got {len(self.runs)}")
        if not self.populations:
            recorded = "; ".join(f"{run.label}: {', '.join(run.spikes) or 'none'}" for run in self.runs)
            raise DescriptionError(f"the runs have no population in common; recorded: {recorded}")
        for name in self.populations:
            sizes = [run.spikes[name].n for run in self.runs]
            if len(set(sizes)) > 1:
                raise DescriptionError(f"population {name!r} has different sizes in the runs: {sizes}")

    @property
    def labels(self) -> tuple[str, ...]:
        """One name a run: ``"level/engine"``, numbered where two are the same."""
        plain = [run.label for run in self.runs]
        return tuple(
            label if plain.count(label) == 1 else f"{label}#{plain[: k + 1].count(label)}"
            for k, label in enumerate(plain)
        )

    @property
    def populations(self) -> tuple[str, ...]:
        """Populations that every run recorded, in the order of the first."""
        return tuple(name for name in self.runs[0].spikes if all(name in run.spikes for run in self.runs))

    @property
    def same_fired(self) -> bool:
        """Whether the same neurons fired in all runs, however often."""
        return all(_equal([run.fired[name] for run in self.runs]) for name in self.populations)

    @property
    def same_counts(self) -> bool:
        """Whether every neuron fired equally often in all runs."""
        return all(_equal([run.counts(name) for run in self.runs]) for name in self.populations)

    @property
    def agreement(self) -> bool:
        """Whether the same neurons fired, and equally often, in all runs."""
        return self.same_fired and self.same_counts

    @property
    def spike_time_differences(self) -> Mapping[tuple[str, str], float]:
        """Largest difference of spike times [s] for each pair of runs.

        The k-th spike of a neuron is held against its k-th spike in the other run; neurons with different counts are
        left out. NaN where nothing could be held against anything.
        """
        pairs = itertools.combinations(zip(self.labels, self.runs, strict=True), 2)
        return {
            (a, b): max(
                (_difference(one.spikes[name], other.spikes[name]) for name in self.populations),
                default=math.nan,
                key=lambda value: -1.0 if math.isnan(value) else value,
            )
            for (a, one), (b, other) in pairs
        }

    @property
    def spike_time_difference(self) -> float:
        """Largest of `spike_time_differences` [s]; NaN where nothing could be compared."""
        found = [value for value in self.spike_time_differences.values() if not math.isnan(value)]
        return max(found, default=math.nan)

    def rows(self) -> list[tuple[str, ...]]:
        """One row a neuron that fired in any run: its name, then its spike times in each run."""
        table = []
        for name in self.populations:
            active = np.any([run.fired[name] for run in self.runs], axis=0)
            for i in np.flatnonzero(active):
                times = (run.spikes[name].of(int(i)) for run in self.runs)
                table.append((f"{name}[{i}]", *(_written(t) for t in times)))
        return table

    def summary(self) -> str:
        """One line: agreement and the largest difference of spike times."""
        if self.agreement:
            verdict = "agree: the same neurons fired, equally often"
        elif self.same_fired:
            verdict = "the same neurons fired, but not equally often"
        else:
            verdict = "disagree: different neurons fired"
        largest = self.spike_time_difference
        return verdict if math.isnan(largest) else f"{verdict}; spike times within {_seconds(largest)}"

    def __str__(self) -> str:
        table = [("neuron", *self.labels), *self.rows()]
        widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table
        ]
        return "\n".join([*lines, self.summary()])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(label)}</th>" for label in ("neuron", *self.labels))
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows()
        )
        return f"<table><tr>{head}</tr>{body}</table><p>{html.escape(self.summary())}</p>"


def compare(*runs: Run) -> Comparison:
    """Hold runs of one network against each other.

    Parameters
    ----------
    *runs : Run
        Two or more, usually of different levels.

    Raises
    ------
    DescriptionError
        For fewer than two runs, no population in common, or populations of different sizes.
    """
    return Comparison(runs=runs)


def _equal(arrays: list[NDArray[np.int64]] | list[NDArray[np.bool_]]) -> bool:
    return all(np.array_equal(arrays[0], other) for other in arrays[1:])


def _difference(one: SpikeTrains, other: SpikeTrains) -> float:
    equal = np.flatnonzero((one.counts() == other.counts()) & (one.counts() > 0))
    if not equal.size:
        return math.nan
    return max(float(np.abs(one.of(int(i)) - other.of(int(i))).max()) for i in equal)


def _seconds(value: float) -> str:
    """Write a time with the prefix that fits."""
    for scale, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")):
        if abs(value) >= scale:
            return f"{value / scale:.4g} {unit}"
    return f"{value / 1e-12:.4g} ps"


def _written(times: NDArray[np.float64]) -> str:
    if not times.size:
        return "-"
    shown = ", ".join(_seconds(float(t)) for t in times[:4])
    return shown if times.size <= 4 else f"{shown}, ... ({times.size} spikes)"
