"""What the runs of a rate-coded case gave: rates, how firmly they decide, and whether the levels agree."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hardware.sfq.stochastic_data import NOMINAL_TEMPERATURE
from neurosim.run import Run
from spice_models.errors import unknown_name

Floats = NDArray[np.float64]

AGREEMENT = 4.5
"""Largest z-score between two levels that counts as agreement [chosen: by chance one run in a hundred passes it]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RateRuns:
    """All samples of one pattern at one level and temperature [K]."""

    level: str
    temperature: float
    pattern: str
    runs: tuple[Run, ...]

    def counts(self, population: str, *, start: float, window: float) -> Floats:
        """Spikes of a population in all windows [s] that fit from ``start`` to the end, shape (samples, windows)."""
        number = int((self.runs[0].duration - start) / window + 1e-9)
        edges = start + window * np.arange(number + 1)
        return np.array([np.histogram(run.of(population).times, edges)[0] for run in self.runs], dtype=np.float64)


class Margin(NamedTuple):
    """How firmly one level decides at one temperature, with one window.

    Parameters
    ----------
    window : float
        [s].
    deviations : float
        Least distance, over the patterns, of the mean output rate from the decision rate, in standard deviations of
        the rate over such a window; negative on the wrong side, infinite where no pattern's rate varies.
    pattern : str
        Which pattern that is.
    errors, decisions : int
        Windows decided wrong, and all.
    """

    window: float
    deviations: float
    pattern: str
    errors: int
    decisions: int

    @property
    def expected_error(self) -> float:
        """Probability of error of that pattern if its rates were normally distributed."""
        return 0.5 * math.erfc(self.deviations / math.sqrt(2))


class Agreement(NamedTuple):
    """Mean rates [Hz] of a population at two levels and the z-score of their difference, sample by sample."""

    pattern: str
    population: str
    levels: tuple[str, str]
    rates: tuple[float, float]
    z: float


@dataclass(frozen=True, kw_only=True, eq=False)
class RateResult:
    """All runs of a rate-coded case.

    Parameters
    ----------
    case : str
    expected : mapping of pattern to int
    output : str
        Population that answers.
    decision_rate : float
        [Hz].
    warm_up : float
        Left out of all rates [s].
    windows : tuple of float
        [s].
    runs : tuple of RateRuns
    tuning : mapping
        Weight and threshold currents [A].
    inputs : tuple of str
        Input populations, which are left out of comparisons: they fire as the stimulus says.
    """

    case: str
    expected: Mapping[str, int]
    output: str
    decision_rate: float
    warm_up: float
    windows: tuple[float, ...]
    runs: tuple[RateRuns, ...]
    tuning: Mapping[str, float]
    inputs: tuple[str, ...]

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels that were run."""
        return tuple(dict.fromkeys(group.level for group in self.runs))

    @property
    def temperatures(self) -> tuple[float, ...]:
        """Temperatures [K]."""
        return tuple(dict.fromkeys(group.temperature for group in self.runs))

    def of(self, level: str, pattern: str, temperature: float = NOMINAL_TEMPERATURE) -> RateRuns:
        """Return the samples of a pattern; raises `UnknownNameError` for what was not run."""
        for group in self.runs:
            if (group.level, group.pattern, group.temperature) == (level, pattern, temperature):
                return group
        known = [f"{g.level} {g.pattern} {g.temperature:g} K" for g in self.runs]
        raise unknown_name("samples", f"{level} {pattern} {temperature:g} K", known)

    def rates(self, level: str, pattern: str, population: str, temperature: float = NOMINAL_TEMPERATURE) -> Floats:
        """Rate [Hz] of each sample over all the time after warming up."""
        group = self.of(level, pattern, temperature)
        time = group.runs[0].duration - self.warm_up
        counts = group.counts(population, start=self.warm_up, window=time)
        result: Floats = counts[:, 0] / time
        return result

    def margin(self, level: str, window: float, temperature: float = NOMINAL_TEMPERATURE) -> Margin:
        """Return how firmly a level decides over a window [s]."""
        found, errors, decisions = [], 0, 0
        for pattern, wanted in self.expected.items():
            group = self.of(level, pattern, temperature)
            rates = group.counts(self.output, start=self.warm_up, window=window) / window
            above = (rates.mean() - self.decision_rate) * (1 if wanted else -1)
            spread = rates.std(ddof=1)
            found.append((above / spread if spread > 0 else math.copysign(math.inf, above), pattern))
            errors += int(np.sum((rates > self.decision_rate) != bool(wanted)))
            decisions += rates.size
        deviations, pattern = min(found)
        return Margin(window, float(deviations), pattern, errors, decisions)

    @property
    def correct(self) -> bool:
        """Whether every sample at 4.2 K is decided right over the longest window, at every level."""
        return all(self.margin(level, max(self.windows)).errors == 0 for level in self.levels)

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """Levels held against each other at 4.2 K: hidden and output rates of every pattern.

        All levels get the same trains, so rates are compared sample by sample: z is the mean difference over its
        standard error, to which one spike in all samples is added (where nothing fires there is no spread).
        """
        found = []
        for pattern in self.expected:
            for k, first in enumerate(self.levels):
                for second in self.levels[k + 1 :]:
                    for population in self._neurons:
                        x, y = (self.rates(level, pattern, population) for level in (first, second))
                        time = self.runs[0].runs[0].duration - self.warm_up
                        error = math.hypot(float((x - y).std(ddof=1)) / math.sqrt(x.size), 1 / (x.size * time))
                        rates = (float(x.mean()), float(y.mean()))
                        z = (rates[0] - rates[1]) / error
                        found.append(Agreement(pattern, population, (first, second), rates, z))
        return tuple(found)

    @property
    def agreement(self) -> bool:
        """Whether no rate differs between two levels by more than chance allows."""
        return all(abs(one.z) <= AGREEMENT for one in self.agreements)

    @property
    def conserved(self) -> bool | None:
        """Whether in every circuit the pulses into each synapse are those passed and blocked; None without circuits."""
        found = [run.details for group in self.runs if group.level == "circuit" for run in group.runs]
        if not found:
            return None
        return all(d["entered"][s] == d["passed"][s] + d["blocked"][s] for d in found for s in d["entered"])

    @property
    def junctions(self) -> int | None:
        """Josephson junctions of the circuit; None without it."""
        found = [run.details["junctions"] for g in self.runs if g.level == "circuit" for run in g.runs[:1]]
        return int(found[0]) if found else None

    def power(self, pattern: str) -> float | None:
        """Mean dynamic power of the behavioral level [W]; None without it."""
        if "behavioral" not in self.levels:
            return None
        runs = self.of("behavioral", pattern).runs
        return float(np.mean([run.energy / run.duration for run in runs if run.energy is not None]))

    @property
    def _neurons(self) -> list[str]:
        """Populations besides the inputs, whose spikes the trains decide."""
        spikes = self.runs[0].runs[0].spikes
        return [name for name in spikes if name not in self.inputs]

    def to_dict(self) -> dict[str, Any]:
        """Return everything but spike times, ready for JSON."""
        return {
            "case": self.case,
            "expected": dict(self.expected),
            "decision_rate_hz": self.decision_rate,
            "warm_up_s": self.warm_up,
            "correct": self.correct,
            "agreement": self.agreement,
            "conserved": self.conserved,
            "junctions": self.junctions,
            "tuning_currents_a": dict(self.tuning),
            "rates": [
                {
                    "level": group.level,
                    "temperature_k": group.temperature,
                    "pattern": group.pattern,
                    "samples": len(group.runs),
                    "mean_hz": {n: float(r.mean()) for n, r in self._group_rates(group).items()},
                    "standard_deviation_hz": {n: float(r.std(ddof=1)) for n, r in self._group_rates(group).items()},
                }
                for group in self.runs
            ],
            "margins": [
                {
                    "level": level,
                    "temperature_k": temperature,
                    "window_s": m.window,
                    "standard_deviations": m.deviations if math.isfinite(m.deviations) else None,
                    "pattern": m.pattern,
                    "errors": m.errors,
                    "decisions": m.decisions,
                    "expected_error": m.expected_error,
                }
                for level in self.levels
                for temperature in self.temperatures
                for m in (self.margin(level, window, temperature) for window in self.windows)
            ],
            "agreements": [
                {
                    "pattern": a.pattern,
                    "population": a.population,
                    "levels": list(a.levels),
                    "rates_hz": list(a.rates),
                    "z": a.z,
                }
                for a in self.agreements
            ],
            "power_w": {pattern: self.power(pattern) for pattern in self.expected},
        }

    def _group_rates(self, group: RateRuns) -> dict[str, Floats]:
        return {n: self.rates(group.level, group.pattern, n, group.temperature) for n in group.runs[0].spikes}
