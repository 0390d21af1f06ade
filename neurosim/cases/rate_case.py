"""Cases in spike-rate coding: the rate of one output over a window is the answer, and noise makes it uncertain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hardware.sfq.stochastic_data import NOMINAL_TEMPERATURE
from neurosim.cases.pattern_case import LEVELS
from neurosim.cases.rate_result import RateResult, RateRuns
from neurosim.mapping.rates import place_rates
from neurosim.network import Network
from neurosim.run import Run
from neurosim.simulate import simulate_batch
from neurosim.stimuli import Stimulus
from spice_models.errors import DescriptionError, unknown_name

WARM_UP = 0.5e-9
"""Time until the sums of the neurons have settled, left out of every window [s; chosen: two leak times a layer]."""

WINDOWS = (0.25e-9, 0.5e-9, 1e-9, 2e-9, 4e-9)
"""Averaging windows [s; chosen]."""

TEMPERATURES = (1.0, NOMINAL_TEMPERATURE, 8.0)
"""[K; chosen: niobium is superconducting up to 9 K]."""

SAMPLES, SAMPLES_ELSEWHERE = 20, 14
"""Random trains for each pattern, at 4.2 K and at the other temperatures [chosen]."""


class RateStimulus(Protocol):
    """Draws the trains of a pattern."""

    def __call__(self, pattern: str, *, duration: float, generator: np.random.Generator) -> Stimulus:
        """Return one sample of ``duration`` [s]."""


@dataclass(frozen=True, kw_only=True)
class RateCase:
    """A network whose output rate answers, for each pattern of input rates.

    Parameters
    ----------
    name, summary : str
        For the command line.
    network : callable of temperature
        Returns the network at a temperature [K]; its currents do not depend on it.
    stimulus : callable
        Draws the trains of a pattern.
    expected : mapping of pattern to int
        1 where the output rate must lie above ``decision_rate``, 0 where below.
    output : str
        Population of one neuron that answers.
    decision_rate : float
        [Hz].
    """

    name: str
    summary: str
    network: Callable[[float], Network]
    stimulus: RateStimulus
    expected: Mapping[str, int]
    output: str
    decision_rate: float

    @property
    def patterns(self) -> tuple[str, ...]:
        """All patterns, in order."""
        return tuple(self.expected)

    def run(
        self,
        levels: Sequence[str] = LEVELS,
        *,
        engine: str | None = None,
        patterns: Sequence[str] | None = None,
        seed: int = 0,
        samples: int = SAMPLES,
        samples_elsewhere: int = SAMPLES_ELSEWHERE,
        temperatures: Sequence[float] = TEMPERATURES,
        windows: Sequence[float] = WINDOWS,
        progress: Callable[[str], None] | None = None,
    ) -> RateResult:
        """Run random trains of every pattern at several levels and temperatures; all levels get the same trains.

        Parameters
        ----------
        levels : sequence of str
        engine : str, optional
            Of the circuit level; only the native one has noise.
        patterns : sequence of str, optional
            All if not given.
        seed : int
            Of the trains and of all noise.
        samples, samples_elsewhere : int
            Trains for each pattern at 4.2 K and at each other temperature.
        temperatures : sequence of float
            [K]; 4.2 K is always among them.
        windows : sequence of float
            Averaging windows [s], the longest of which sets how long the runs are.
        progress : callable, optional
            Told in a few words what comes next.
        """
        report = progress or (lambda text: None)
        chosen = self._checked(levels, engine, patterns)
        if samples < 2 or samples_elsewhere < 2:
            raise DescriptionError("a rate and its spread need two samples or more for each pattern")
        if not windows or min(windows) <= 0:
            raise DescriptionError(f"windows must be positive [s], got {windows}")
        duration = WARM_UP + max(windows)
        generator = np.random.default_rng(seed)
        groups = []
        for temperature in sorted({*temperatures, NOMINAL_TEMPERATURE}):
            count = samples if temperature == NOMINAL_TEMPERATURE else samples_elsewhere
            for pattern in chosen:
                drawn = [self.stimulus(pattern, duration=duration, generator=generator) for _ in range(count)]
                groups.append((temperature, pattern, drawn))
        found = []
        for level in levels:
            runs = self._level(level, groups, seed + LEVELS.index(level), report)
            found += [
                RateRuns(level=level, temperature=temperature, pattern=pattern, runs=tuple(own))
                for (temperature, pattern, _), own in zip(groups, runs, strict=True)
            ]
        return RateResult(
            case=self.name,
            expected={pattern: self.expected[pattern] for pattern in chosen},
            output=self.output,
            decision_rate=self.decision_rate,
            warm_up=WARM_UP,
            windows=tuple(windows),
            runs=tuple(found),
            tuning=place_rates(self.network(NOMINAL_TEMPERATURE)).tuning,
            inputs=tuple(p.name for p in self.network(NOMINAL_TEMPERATURE).inputs),
        )

    def _checked(self, levels: Sequence[str], engine: str | None, patterns: Sequence[str] | None) -> list[str]:
        for level in levels:
            if level not in LEVELS:
                raise unknown_name("level", level, LEVELS)
        if engine not in (None, "native"):
            raise DescriptionError(
                f"case {self.name!r} needs thermal noise, which engine {engine!r} does not give here"
            )
        for pattern in patterns or ():
            if pattern not in self.expected:
                raise unknown_name("pattern", pattern, self.expected, f" of case {self.name!r}")
        return list(dict.fromkeys(patterns or self.patterns))

    def _level(
        self,
        level: str,
        groups: Sequence[tuple[float, str, list[Stimulus]]],
        seed: int,
        report: Callable[[str], None],
    ) -> list[list[Run]]:
        """Runs of each group; at the circuit level all of them in one batch."""
        sizes = [len(drawn) for _, _, drawn in groups]
        everything = [stimulus for _, _, drawn in groups for stimulus in drawn]
        warmth = [temperature for temperature, _, drawn in groups for _ in drawn]
        if level == "circuit":
            report(f"circuit: {len(everything)} samples with noise")
            seeds = [seed] * len(everything)
            from neurosim.engines.rate_circuit import run_batch

            runs = run_batch(self.network(NOMINAL_TEMPERATURE), everything, seeds=seeds, temperatures=warmth)
        else:
            runs = []
            for number, temperature in enumerate(dict.fromkeys(warmth)):
                own = [s for s, other in zip(everything, warmth, strict=True) if other == temperature]
                report(f"{level}: {len(own)} samples at {temperature:g} K")
                runs += simulate_batch(self.network(temperature), own, level=level, seed=1000 * (seed + 1) + number)
        ends = np.cumsum(sizes)
        return [runs[end - size : end] for end, size in zip(ends, sizes, strict=True)]
