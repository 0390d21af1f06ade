"""Margins: how far each parameter of a circuit can be off, either way, before it stops doing what it should."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spice_models.analysis.parameters import (
    Parameter,
    Scope,
    circuit_parameters,
    find_parameter,
    scaled,
)
from spice_models.analysis.search import Direction, check_search, find_limits
from spice_models.analysis.trials import Rule, Trials
from spice_models.analysis.variants import Evaluate, engine_batch, native_batch
from spice_models.circuit import Circuit

__all__ = [
    "Margin",
    "MarginReport",
    "Parameter",
    "circuit_parameters",
    "engine_batch",
    "find_parameter",
    "margins",
    "native_batch",
    "passes",
    "scaled",
]

SCAN_STEP = 0.05
"""Distance of the points of the scan before the bisection [chosen]."""


@dataclass(frozen=True, kw_only=True)
class Margin:
    """The range of one parameter within which the rule holds, as relative deviations (``low <= 0 <= high``)."""

    name: str
    scope: Scope
    low: float
    high: float

    @property
    def width(self) -> float:
        """The smaller of the two sides."""
        return min(-self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class MarginReport:
    """Margins of a circuit and how they were found.

    Parameters
    ----------
    circuit : str
        Its name.
    margins : tuple of Margin
        In the order of the parameters.
    engine : str
        What simulated it.
    duration, step : float
        Simulated time and time step [s].
    limit, tolerance : float
        Where the search ended at the latest, and how finely it resolves, as relative deviations.
    patterns, evaluations : int
        Circuits that had to work, and variants tried of each.
    """

    circuit: str
    margins: tuple[Margin, ...]
    engine: str
    duration: float
    step: float
    limit: float
    tolerance: float
    patterns: int
    evaluations: int

    def __getitem__(self, name: str) -> Margin:
        return {m.name: m for m in self.margins}[name]

    @property
    def worst(self) -> Margin:
        """The margin with the smallest side."""
        return min(self.margins, key=lambda m: m.width)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data, ready for JSON: one entry a parameter, deviations in per cent."""
        return {
            "circuit": self.circuit,
            "engine": self.engine,
            "duration_s": self.duration,
            "step_s": self.step,
            "limit_percent": round(100 * self.limit, 6),
            "tolerance_percent": round(100 * self.tolerance, 6),
            "scan_step_percent": 100 * SCAN_STEP,
            "patterns": self.patterns,
            "evaluations": self.evaluations,
            "parameters": [
                {
                    "name": m.name,
                    "scope": m.scope,
                    "low_percent": round(100 * m.low, 4),
                    "high_percent": round(100 * m.high, 4),
                }
                for m in self.margins
            ],
        }


def margins(
    circuits: Circuit | Sequence[Circuit],
    rule: Rule,
    *,
    duration: float,
    step: float = 1e-13,
    parameters: Sequence[Parameter] | None = None,
    limit: float = 0.6,
    tolerance: float = 0.005,
    engine: str = "native",
    evaluate: Evaluate | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[float], None] | None = None,
) -> MarginReport:
    """Find how far each parameter can be moved, one at a time and both ways, while the rule still holds.

    Each direction is first scanned outward in steps of 5 % up to the first failure, then bisected inside that step:
    a circuit that works again further out does not count, and only a gap narrower than the scan is missed. What is
    reported worked; at most ``tolerance`` further it did not. All open directions of all parameters, and all input
    patterns, are simulated together.

    Parameters
    ----------
    circuits, rule, duration, step, engine, evaluate, workers, executor
        As of `spice_models.analysis.trials.Trials`; the rule for example a `PulseCountRule`.
    parameters : sequence of Parameter, optional
        What to move; `circuit_parameters` of the first circuit if not given.
    limit, tolerance : float
        Largest deviation tried (a parameter that works there is reported with it), and resolution.
    progress : callable, optional
        Called with the part that is done, from 0 to 1.

    Raises
    ------
    DescriptionError
        If the rule does not hold at the nominal values.
    """
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
    check_search(limit, SCAN_STEP, tolerance)
    chosen = list(circuit_parameters(trials.circuits[0]) if parameters is None else parameters)
    trials.require_nominal()
    return margins_of(trials, chosen, limit=limit, tolerance=tolerance, progress=progress)


def margins_of(
    trials: Trials,
    parameters: Sequence[Parameter],
    *,
    base: Sequence[tuple[Parameter, float]] = (),
    limit: float = 0.6,
    tolerance: float = 0.005,
    progress: Callable[[float], None] | None = None,
) -> MarginReport:
    """Find the margins of `margins` where ``base`` (parameters and their factors) has been moved already."""
    several = [Direction(parameter=p, sign=sign, base=tuple(base)) for p in parameters for sign in (-1, 1)]
    limits, evaluations = find_limits(
        trials, several, limit=limit, scan_step=SCAN_STEP, tolerance=tolerance, progress=progress
    )
    found = tuple(
        Margin(name=p.name, scope=p.scope, low=-limits[2 * k], high=limits[2 * k + 1]) for k, p in enumerate(parameters)
    )
    return MarginReport(
        circuit=trials.name,
        margins=found,
        engine=trials.engine,
        duration=trials.duration,
        step=trials.step,
        limit=limit,
        tolerance=tolerance,
        patterns=len(trials.circuits),
        evaluations=1 + evaluations,
    )


def passes(
    circuits: Sequence[Circuit], rule: Rule, points: Sequence[tuple[Parameter, float]], evaluate: Evaluate
) -> NDArray[np.bool_]:
    """Try chosen points, each one parameter times one factor; True where the rule holds, shape (points,)."""
    scales: dict[str, NDArray[np.float64]] = {}
    for i, (parameter, factor) in enumerate(points):
        for key, power in parameter.scales.items():
            scales.setdefault(key, np.ones(len(points)))[i] = factor**power
    return np.asarray(rule([evaluate(circuit.flatten(), scales) for circuit in circuits]), dtype=bool)
