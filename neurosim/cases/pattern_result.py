"""What the runs of a pattern case gave: which were right, whether the levels agree, and how closely."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from neurosim.compare import Comparison, compare
from neurosim.run import Run

if TYPE_CHECKING:
    from neurosim.cases.decision_margin import DecisionMargin


@dataclass(frozen=True, kw_only=True, eq=False)
class PatternRun:
    """One pattern at one level.

    Parameters
    ----------
    pattern : str
    expected : tuple of int
        Wanted of each output neuron: 1 for one spike, 0 for none.
    outputs : tuple of int
        Spikes of each output neuron.
    run : Run
        All of it.
    """

    pattern: str
    expected: tuple[int, ...]
    outputs: tuple[int, ...]
    run: Run

    @property
    def decided(self) -> tuple[int, ...]:
        """1 for each output neuron that fired, 0 for each that did not."""
        return tuple(int(count > 0) for count in self.outputs)

    @property
    def correct(self) -> bool:
        """Whether each output neuron fired exactly as often as wanted."""
        return self.outputs == self.expected

    def to_dict(self) -> dict[str, Any]:
        """Return level, pattern, outputs, times [s] and energy [J]; lists where there are several output neurons."""
        return {
            "level": self.run.level,
            "engine": self.run.engine,
            "pattern": self.pattern,
            "expected": _single(self.expected),
            "output": _single(self.decided),
            "output_spikes": _single(self.outputs),
            "correct": self.correct,
            "latency_s": self.run.latency,
            "energy_j": self.run.energy,
            "static_power_w": self.run.details.get("static_power"),
            "cooled_energy_j": self.run.details.get("cooled_dynamic_energy"),
            "spike_times_s": {name: trains.to_lists() for name, trains in self.run.spikes.items()},
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class CaseResult:
    """All runs of a case.

    Parameters
    ----------
    case : str
        Its name.
    inputs : tuple of str
        Names of the input populations, which are left out of comparisons: they fire as the stimulus says.
    runs : tuple of PatternRun
        Level by level, each in the order of the patterns.
    margins : mapping of pattern to DecisionMargin
        Empty where the circuit level was not run.
    junctions : int or None
        Josephson junctions of the circuit; None without it.
    notes : tuple of str
        What the reader should know about how it was run.
    """

    case: str
    inputs: tuple[str, ...]
    runs: tuple[PatternRun, ...]
    margins: Mapping[str, DecisionMargin] = field(default_factory=dict)
    junctions: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def patterns(self) -> tuple[str, ...]:
        """Patterns that were run, in order."""
        return tuple(dict.fromkeys(run.pattern for run in self.runs))

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels that were run, in order."""
        return tuple(dict.fromkeys(run.run.level for run in self.runs))

    @property
    def correct(self) -> bool:
        """Whether every pattern came out right at every level."""
        return all(run.correct for run in self.runs)

    @property
    def comparisons(self) -> dict[str, Comparison]:
        """Levels held against each other, hidden and output neurons only, for each pattern with several of them."""
        found = {}
        for pattern in self.patterns:
            runs = [self._inner(run.run) for run in self.runs if run.pattern == pattern]
            if len(runs) > 1:
                found[pattern] = compare(*runs)
        return found

    @property
    def agreement(self) -> bool:
        """Whether the same hidden and output neurons fired, equally often, at all levels."""
        return all(comparison.agreement for comparison in self.comparisons.values())

    @property
    def spike_time_difference(self) -> float | None:
        """Largest difference [s] of a spike of a hidden or output neuron between behavioral and circuit level.

        None unless both were run and something fired.
        """
        return self._largest_difference(self.patterns)

    @property
    def margin(self) -> float | None:
        """Smallest decision margin of all patterns [A]."""
        return min((m.deviation for m in self.margins.values()), default=None)

    def of(self, level: str, pattern: str) -> PatternRun | None:
        """Return the run of a pattern at a level, if there is one."""
        return next((r for r in self.runs if r.run.level == level and r.pattern == pattern), None)

    def to_dict(self) -> dict[str, Any]:
        """Return everything but traces, ready for JSON."""
        return {
            "case": self.case,
            "runs": [run.to_dict() for run in self.runs],
            "correct": self.correct,
            "agreement": self.agreement,
            "spike_time_difference_s": self.spike_time_difference,
            "decision_margin": {
                pattern: {
                    "deviation_a": m.deviation,
                    "relative": m.relative,
                    "current": m.current,
                    "direction": "up" if m.up else "down",
                }
                for pattern, m in self.margins.items()
            },
            "junctions": self.junctions,
            "notes": list(self.notes),
        }

    def _inner(self, run: Run) -> Run:
        inner = {name: trains for name, trains in run.spikes.items() if name not in self.inputs}
        return dataclasses.replace(run, spikes=inner)

    def _largest_difference(self, patterns: Sequence[str]) -> float | None:
        differences = []
        for pattern in patterns:
            one, other = self.of("behavioral", pattern), self.of("circuit", pattern)
            if one is not None and other is not None:
                differences.append(compare(self._inner(one.run), self._inner(other.run)).spike_time_difference)
        return max((d for d in differences if not math.isnan(d)), default=None)


def _single(values: tuple[int, ...]) -> int | list[int]:
    return values[0] if len(values) == 1 else list(values)
