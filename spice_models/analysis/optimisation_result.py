"""What an optimiser may move, and what it returns."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spice_models.analysis.margins import MarginReport
from spice_models.analysis.parameters import Parameter, scale_factors, with_factors
from spice_models.circuit import Circuit
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A parameter that the optimiser may move.

    Parameters
    ----------
    parameter : Parameter
        What is moved together; several elements as one where they should stay alike.
    low, high : float
        Bounds of its factor.
    """

    parameter: Parameter
    low: float = 0.5
    high: float = 2.0

    def __post_init__(self) -> None:
        if not 0 < self.low <= 1 <= self.high < np.inf or self.low == self.high:
            raise DescriptionError(
                f"bounds of {self.parameter.name!r} must hold 1 and be positive, got {self.low} to {self.high}"
            )

    def factor(self, place: Floats) -> Floats:
        """Factor at places from 0 to 1 between the bounds, even steps being even ratios."""
        return np.asarray(self.low * (self.high / self.low) ** place)

    @property
    def start(self) -> float:
        """Place of the factor 1."""
        return -log(self.low) / log(self.high / self.low)


@dataclass(frozen=True, kw_only=True)
class Generation:
    """Scores of one generation, and the best so far."""

    best: float
    mean: float
    best_so_far: float


@dataclass(frozen=True, kw_only=True, eq=False)
class OptimisationResult:
    """What an optimisation found.

    Parameters
    ----------
    circuit, method : str
        What was optimised, and how.
    variables : tuple of Variable
        What was moved.
    factors : mapping of str to float
        Best factor of each variable, by name; all 1 if nothing better was found.
    score_before, score_after : float
        Of the circuit as it was, and with these factors.
    history : tuple of Generation
        In order.
    before, after : MarginReport or None
        Margins of the probes; None for a circuit that does not work.
    evaluations : int
        Variants tried of each pattern.
    seed : int
        Of the search.
    notes : tuple of str
        What should give pause, such as junctions that ideal sources drive.
    """

    circuit: str
    method: str
    variables: tuple[Variable, ...]
    factors: dict[str, float]
    score_before: float
    score_after: float
    history: tuple[Generation, ...]
    before: MarginReport | None
    after: MarginReport | None
    evaluations: int
    seed: int
    notes: tuple[str, ...]

    @property
    def scales(self) -> dict[str, float]:
        """Factor of each value that moved, by key as in `Parameter`."""
        rows = np.array([[self.factors[v.parameter.name]] for v in self.variables])
        return {key: float(f[0]) for key, f in scale_factors([v.parameter for v in self.variables], rows).items()}

    def applied(self, circuit: Circuit) -> Circuit:
        """Return the flattened circuit with the values that were found."""
        return with_factors(circuit, self.scales)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain data, ready for JSON."""
        return {
            "circuit": self.circuit,
            "method": self.method,
            "seed": self.seed,
            "evaluations": self.evaluations,
            "score_before": self.score_before,
            "score_after": self.score_after,
            "variables": [
                {
                    "name": v.parameter.name,
                    "low": v.low,
                    "high": v.high,
                    "factor": self.factors[v.parameter.name],
                    "values": sorted(v.parameter.scales),
                }
                for v in self.variables
            ],
            "history": [{"best": g.best, "mean": g.mean, "best_so_far": g.best_so_far} for g in self.history],
            "margins_before": None if self.before is None else self.before.to_dict(),
            "margins_after": None if self.after is None else self.after.to_dict(),
            "notes": list(self.notes),
        }
