"""How often a memory on crossbars answers right, against properties of the crossbars, with the closed form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from neurosim.cases.crossbar_recall_energy import PUBLISHED, OperationEnergy
from neurosim.run import versions

SURE = 5.0
"""Standard errors by which simulation and closed form may differ [chosen]."""

INDEPENDENT = ("recall", "search_1")
"""Queries each of which reads cells of its own, so that answers are independent draws."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """Answers of one kind at one value of a property.

    Parameters
    ----------
    right, asked : int
        Queries that got exactly the right answer, and all of them, over all written arrays.
    errors : float
        Part of bits or cues that were wrong.
    expected, expected_errors : float
        The same from the closed form.
    """

    right: int
    asked: int
    errors: float
    expected: float
    expected_errors: float

    @property
    def success(self) -> float:
        """Part of the answers that is right."""
        return self.right / self.asked

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval of one standard error for `success`."""
        n, p = self.asked, self.success
        middle, half = (p + 0.5 / n) / (1 + 1 / n), math.sqrt(p * (1 - p) / n + 0.25 / n**2) / (1 + 1 / n)
        return max(middle - half, 0.0), min(middle + half, 1.0)

    @property
    def deviation(self) -> float:
        """Of the simulation from the closed form, in binomial standard errors."""
        spread = math.sqrt(max(self.expected * (1 - self.expected), 1 / self.asked) / self.asked)
        return (self.success - self.expected) / spread


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Success along one property.

    Parameters
    ----------
    name, title : str
        For JSON, and for people with its unit.
    values : tuple of float
    points : mapping of (int, str) to tuple of Point
        By size and kind of query, one a value.
    random : bool
        Whether cells or reads are drawn, so that the closed form is a chance.
    """

    name: str
    title: str
    values: tuple[float, ...]
    points: Mapping[tuple[int, str], tuple[Point, ...]]
    random: bool = True


@dataclass(frozen=True, kw_only=True)
class RecallResult:
    """A memory in software and on crossbars.

    Parameters
    ----------
    case : str
    sizes : tuple of int
    software : float
        Part of all queries answered right with the weights as learned.
    same_spikes : bool
        Whether ideal binary cells give the spikes of the software, every one.
    sweeps : tuple of Sweep
    energies : tuple of OperationEnergy
    seed : int
    """

    case: str
    sizes: tuple[int, ...]
    software: float
    same_spikes: bool
    sweeps: tuple[Sweep, ...]
    energies: tuple[OperationEnergy, ...]
    seed: int

    def sweep(self, name: str) -> Sweep:
        """Return the sweep of that name."""
        return next(sweep for sweep in self.sweeps if sweep.name == name)

    @property
    def largest_deviation(self) -> float:
        """From the closed form in standard errors, over independent answers."""
        return max(
            abs(point.deviation)
            for sweep in self.sweeps
            if sweep.random
            for (_, kind), points in sweep.points.items()
            if kind in INDEPENDENT
            for point in points
        )

    @property
    def correct(self) -> bool:
        """Ideal cells answer as the software, which is always right, and the closed form holds within `SURE`."""
        return self.same_spikes and self.software == 1.0 and self.largest_deviation <= SURE

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain numbers, strings and lists, ready for JSON."""
        return {
            "case": self.case,
            "sizes": list(self.sizes),
            "software": self.software,
            "same_spikes": self.same_spikes,
            "correct": self.correct,
            "largest_deviation": self.largest_deviation,
            "sweeps": {
                sweep.name: {
                    "title": sweep.title,
                    "values": list(sweep.values),
                    "curves": [
                        {
                            "size": size,
                            "query": kind,
                            "right": [p.right for p in points],
                            "asked": [p.asked for p in points],
                            "expected": [p.expected for p in points],
                            "element_errors": [p.errors for p in points],
                            "expected_element_errors": [p.expected_errors for p in points],
                        }
                        for (size, kind), points in sweep.points.items()
                    ],
                }
                for sweep in self.sweeps
            },
            "energies": [energy.to_dict() for energy in self.energies],
            "published": [entry.to_dict() for entry in PUBLISHED],
            "seed": self.seed,
            "versions": versions("numba"),
        }
