"""Margins: how far each parameter of a circuit can be off, either way, before it stops doing what it should."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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
from spice_models.analysis.variants import Evaluate, engine_batch, native_batch
from spice_models.circuit import Circuit
from spice_models.engines.native.engine import Batch
from spice_models.errors import DescriptionError

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

Rule = Callable[[list[Batch]], NDArray[np.bool_]]
"""Says pass or fail for every variant, shape (variants,), from the pulses of each circuit."""

SCAN_STEP = 0.05
"""Distance of the points of the scan before the bisection [chosen]."""

_MOST_VARIANTS = 128  # in one call, so that the memory for pulse times stays small


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


@dataclass
class _Search:
    """One direction of one parameter: the largest deviation that works, and the smallest known to fail."""

    parameter: Parameter
    sign: int
    scan: list[float]
    works: float = 0.0
    fails: float | None = None
    _next: int = field(default=0)

    def trial(self, tolerance: float) -> float | None:
        """Return the deviation to try next; None when the search is over."""
        if self.fails is None:
            return self.scan[self._next] if self._next < len(self.scan) else None
        return (self.works + self.fails) / 2 if self.fails - self.works > tolerance else None

    def learn(self, deviation: float, passed: bool) -> None:
        """Take in the result of a trial."""
        if passed:
            self.works = deviation
        else:
            self.fails = deviation
        self._next += 1


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
    progress: Callable[[float], None] | None = None,
) -> MarginReport:
    """Find how far each parameter can be moved, one at a time and both ways, while the rule still holds.

    Each direction is first scanned outward in steps of 5 % up to the first failure, then bisected inside that step:
    a circuit that works again further out does not count, and only a gap narrower than the scan is missed. What is
    reported worked; at most ``tolerance`` further it did not. All open directions of all parameters are simulated
    together.

    Parameters
    ----------
    circuits : Circuit or sequence of Circuit
        One circuit for each input pattern; they differ in their input sources alone.
    rule : callable
        ``rule(batches) -> bool array (variants,)``, where ``batches[k]`` holds the pulses of ``circuits[k]``; for
        example a `PulseCountRule`.
    duration, step : float
        Simulated time and time step [s].
    parameters : sequence of Parameter, optional
        What to move; `circuit_parameters` of the first circuit if not given.
    limit, tolerance : float
        Largest deviation tried (a parameter that works there is reported with it), and resolution.
    engine : str
        ``"native"`` or one of `available_engines`; the others run one variant after the other.
    evaluate : callable, optional
        Runs the variants in place of the engine.
    workers : int, optional
        Threads of the native engine; results do not depend on it.
    progress : callable, optional
        Called with the part that is done, from 0 to 1.

    Raises
    ------
    DescriptionError
        If the rule does not hold at the nominal values.
    """
    several = [c.flatten() for c in ([circuits] if isinstance(circuits, Circuit) else circuits)]
    if not several:
        raise DescriptionError("margins need at least one circuit")
    if not (0 < limit < 1 and 0 < tolerance <= limit):
        raise DescriptionError(f"need 0 < tolerance <= limit < 1, got tolerance {tolerance} and limit {limit}")
    chosen = list(circuit_parameters(several[0]) if parameters is None else parameters)
    run = evaluate or _evaluator(engine, duration, step, workers)
    nominal = [run(circuit, {}) for circuit in several]
    if not bool(np.all(rule(nominal))):
        explain = getattr(rule, "explain", None)
        reason = f": {explain(nominal)}" if explain else "; margins start from a circuit that works"
        raise DescriptionError(f"circuit {several[0].name!r} does not pass with its own values{reason}")
    scan = [k * SCAN_STEP for k in range(1, int(np.ceil(limit / SCAN_STEP - 1e-9)))] + [limit]
    searches = [_Search(parameter, sign, scan) for parameter in chosen for sign in (-1, 1)]
    rounds = len(scan) + int(np.ceil(np.log2(max(SCAN_STEP / tolerance, 1.0))))
    evaluations = 1
    for number in range(rounds + 1):
        trials = [(s, t) for s in searches if (t := s.trial(tolerance)) is not None]
        if not trials:
            break
        for start in range(0, len(trials), _MOST_VARIANTS):
            part = trials[start : start + _MOST_VARIANTS]
            passed = passes(several, rule, [(s.parameter, 1 + s.sign * t) for s, t in part], run)
            for (search, trial), good in zip(part, passed, strict=True):
                search.learn(trial, bool(good))
            evaluations += len(part)
            if progress is not None:
                progress(min((number + (start + len(part)) / len(trials)) / rounds, 1.0))
    if progress is not None:
        progress(1.0)
    found = tuple(
        Margin(name=down.parameter.name, scope=down.parameter.scope, low=-down.works, high=up.works)
        for down, up in zip(searches[::2], searches[1::2], strict=True)
    )
    return MarginReport(
        circuit=several[0].name,
        margins=found,
        engine=engine if evaluate is None else "given",
        duration=duration,
        step=step,
        limit=limit,
        tolerance=tolerance,
        patterns=len(several),
        evaluations=evaluations,
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


def _evaluator(engine: str, duration: float, step: float, workers: int | None) -> Evaluate:
    if engine == "native":
        return native_batch(duration=duration, step=step, workers=workers)
    return engine_batch(engine, duration=duration, step=step)
