"""Monte-Carlo yield: how many chips of a process work, and what those that do not have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spice_models.analysis.outcomes import OutcomeFile
from spice_models.analysis.parameters import scale_factors
from spice_models.analysis.spreads import Spread, draw
from spice_models.analysis.trials import Rule, Scales, Trials, engine_version
from spice_models.analysis.variants import Evaluate
from spice_models.circuit import Circuit
from spice_models.errors import DescriptionError
from spice_models.fingerprint import fingerprint

Floats = NDArray[np.float64]

CONFIDENCE = 0.95
"""Of the interval of a yield, unless another is asked for [chosen]."""

_BLOCK = 512  # samples whose deviates are in memory at once


@dataclass(frozen=True, kw_only=True)
class Influence:
    """How much one spread has to do with failures.

    Parameters
    ----------
    name : str
        Of the parameter.
    sigma : float
        Its relative standard deviation.
    correlation : float
        Of failure with the deviation: positive where high values fail.
    two_sided : float
        Of failure with the square of the deviation: positive where values far off fail, either way.
    score : float
        The larger of the two in standard errors: about 1 for a parameter that does not matter.
    """

    name: str
    sigma: float
    correlation: float
    two_sided: float
    score: float


@dataclass(frozen=True, kw_only=True, eq=False)
class YieldReport:
    """A yield and what limits it.

    Parameters
    ----------
    circuit, engine : str
        What was simulated, and by what.
    samples, passed : int
        Chips tried, and those that worked.
    low, high, confidence : float
        Wilson's confidence interval of the yield and its probability.
    failures : mapping of int to str
        Number of each sample that failed, and why.
    influences : tuple of Influence
        Strongest first.
    seed : int
        Of the samples.
    duration, step : float
        Simulated time and time step [s].
    patterns : int
        Circuits that had to work.

    References
    ----------
    E. B. Wilson, J. Am. Stat. Assoc. 22, 209 (1927), doi 10.1080/01621459.1927.10502953.
    """

    circuit: str
    engine: str
    samples: int
    passed: int
    low: float
    high: float
    confidence: float
    failures: dict[int, str]
    influences: tuple[Influence, ...]
    seed: int
    duration: float
    step: float
    patterns: int

    @property
    def fraction(self) -> float:
        """Samples that worked, as a part of all."""
        return self.passed / self.samples

    @property
    def reasons(self) -> dict[str, int]:
        """How many samples failed for each reason, most frequent first."""
        counts: dict[str, int] = {}
        for reason in self.failures.values():
            counts[reason] = counts.get(reason, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data, ready for JSON."""
        return {
            "circuit": self.circuit,
            "engine": self.engine,
            "duration_s": self.duration,
            "step_s": self.step,
            "patterns": self.patterns,
            "seed": self.seed,
            "samples": self.samples,
            "passed": self.passed,
            "yield": self.fraction,
            "confidence": self.confidence,
            "yield_low": self.low,
            "yield_high": self.high,
            "failures": [{"sample": number, "reason": reason} for number, reason in sorted(self.failures.items())],
            "influences": [
                {
                    "name": i.name,
                    "sigma_percent": round(100 * i.sigma, 6),
                    "correlation": round(i.correlation, 6),
                    "two_sided": round(i.two_sided, 6),
                    "score": round(i.score, 4),
                }
                for i in self.influences
            ],
        }


def process_yield(
    circuits: Circuit | Sequence[Circuit],
    rule: Rule,
    *,
    spreads: Sequence[Spread],
    duration: float,
    samples: int = 1000,
    seed: int = 0,
    step: float = 1e-13,
    confidence: float = CONFIDENCE,
    engine: str = "native",
    evaluate: Evaluate | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    state: str | Path | None = None,
    progress: Callable[[float], None] | None = None,
) -> YieldReport:
    """Draw chips from a process, hold each to the rule and count.

    A sample depends on the seed and its number alone: neither on how many there are, nor on what runs them, nor on
    whether the run was stopped and taken up again.

    Parameters
    ----------
    circuits, rule, duration, step, engine, evaluate, workers, executor
        As of `spice_models.analysis.trials.Trials`.
    spreads : sequence of Spread
        For example of `process_spreads`. Factors of values that several move are multiplied.
    samples : int
        How many chips.
    seed : int
        Of all draws.
    confidence : float
        Probability of the interval of the yield.
    state : path, optional
        File that keeps outcomes; a later call goes on from it, with more samples too.
    progress : callable, optional
        Called with the part that is done, from 0 to 1.

    Raises
    ------
    DescriptionError
        If nothing spreads, the circuit does not work at its own values, or the state file is of something else.
    """
    if samples < 1 or not 0 < confidence < 1:
        raise DescriptionError(f"need samples >= 1 and 0 < confidence < 1, got {samples} and {confidence}")
    if not any(s.sigma for s in spreads):
        raise DescriptionError("nothing spreads: give at least one standard deviation that is not zero")
    trials = Trials(
        circuits,
        rule,
        duration=duration,
        step=step,
        engine=engine,
        evaluate=evaluate,
        workers=workers,
        executor=executor,
    )
    trials.require_nominal()
    file = None
    if state is not None:
        moved = [(s.parameter.name, s.parameter.scales, s.sigma) for s in spreads]
        file = OutcomeFile(
            state, fingerprint("yield", trials.circuits, rule, engine_version(engine), duration, step, moved, seed)
        )
    parameters = [s.parameter for s in spreads]
    sigmas = np.array([[s.sigma] for s in spreads])

    def scales(start: int, stop: int) -> Scales:
        return scale_factors(parameters, 1 + sigmas * draw(spreads, seed, start, stop))

    outcomes = trials.run(samples, scales, explain=True, file=file, progress=progress)
    passed = int(np.sum(outcomes.passed))
    low, high = wilson_interval(passed, samples, confidence)
    return YieldReport(
        circuit=trials.name,
        engine=trials.engine,
        samples=samples,
        passed=passed,
        low=low,
        high=high,
        confidence=confidence,
        failures={int(n): outcomes.reasons[int(n)] for n in np.flatnonzero(~outcomes.passed)},
        influences=_influences(spreads, seed, ~outcomes.passed),
        seed=seed,
        duration=duration,
        step=step,
        patterns=len(trials.circuits),
    )


def wilson_interval(passed: int, samples: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return Wilson's score interval of a probability, from how often something happened."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    part, weight = passed / samples, z**2 / samples
    middle = (part + weight / 2) / (1 + weight)
    half = z * sqrt(part * (1 - part) / samples + weight / (4 * samples)) / (1 + weight)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _influences(spreads: Sequence[Spread], seed: int, failed: NDArray[np.bool_]) -> tuple[Influence, ...]:
    """Correlate failures with deviates and their squares, a block of samples at a time."""
    count = failed.size
    sums: dict[int, list[Floats]] = {1: [np.zeros(len(spreads))] * 3, 2: [np.zeros(len(spreads))] * 3}
    for start in range(0, count, _BLOCK):
        stop = min(start + _BLOCK, count)
        deviates = draw(spreads, seed, start, stop)
        for power, (total, squares, product) in sums.items():
            values = deviates**power
            sums[power] = [
                total + values.sum(axis=1),
                squares + (values**2).sum(axis=1),
                product + values @ failed[start:stop].astype(float),
            ]
    share = float(np.mean(failed))
    correlations = {}
    for power, (total, squares, product) in sums.items():
        variance = squares / count - (total / count) ** 2
        scale = np.sqrt(np.maximum(variance, 0.0) * share * (1 - share))
        with np.errstate(invalid="ignore", divide="ignore"):
            correlations[power] = np.where(scale > 0, (product / count - total / count * share) / scale, 0.0)
    found = [
        Influence(
            name=s.parameter.name,
            sigma=s.sigma,
            correlation=float(one),
            two_sided=float(two),
            score=float(max(abs(one), abs(two)) * sqrt(count)),
        )
        for s, one, two in zip(spreads, correlations[1], correlations[2], strict=True)
    ]
    return tuple(sorted(found, key=lambda i: (-i.score, i.name)))
