"""Largest deviations at which circuits still work: many directions searched side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from spice_models.analysis.parameters import Parameter, scale_factors
from spice_models.analysis.trials import Scales, Trials
from spice_models.errors import DescriptionError


@dataclass(frozen=True, kw_only=True)
class Direction:
    """One parameter, moved one way.

    Parameters
    ----------
    parameter : Parameter
        What is moved.
    sign : int
        1 for up, -1 for down.
    base : tuple of (Parameter, float)
        Factors of parameters that have been moved already.
    """

    parameter: Parameter
    sign: int
    base: tuple[tuple[Parameter, float], ...] = ()


@dataclass
class _Search:
    """The largest deviation of a direction that works, and the smallest known to fail."""

    scan: Sequence[float]
    works: float = 0.0
    fails: float | None = None
    tried: int = 0

    def trial(self, tolerance: float) -> float | None:
        """Return the deviation to try next; None when the search is over."""
        if self.fails is None:
            return self.scan[self.tried] if self.tried < len(self.scan) else None
        return (self.works + self.fails) / 2 if self.fails - self.works > tolerance else None

    def learn(self, deviation: float, passed: bool) -> None:
        """Take in the result of a trial."""
        if passed:
            self.works = deviation
        else:
            self.fails = deviation
        self.tried += 1


def check_search(limit: float, scan_step: float, tolerance: float) -> None:
    """Raise `DescriptionError` for a search that makes no sense."""
    if not (0 < limit < 1 and 0 < tolerance <= limit):
        raise DescriptionError(f"need 0 < tolerance <= limit < 1, got tolerance {tolerance} and limit {limit}")
    if not scan_step > 0:
        raise DescriptionError(f"the step of the scan must be positive, got {scan_step}")


def find_limits(
    trials: Trials,
    directions: Sequence[Direction],
    *,
    limit: float,
    scan_step: float,
    tolerance: float,
    at_once: bool = False,
    progress: Callable[[float], None] | None = None,
) -> tuple[list[float], int]:
    """Search each direction outward in steps of ``scan_step`` to the first failure, then bisect inside that step.

    Every round tries one deviation of every direction that is still open, all together; with ``at_once`` the first
    round tries all deviations of the scan, which takes fewer rounds and more variants.

    Returns
    -------
    limits : list of float
        Deviations that worked; at most ``tolerance`` further it did not, or ``limit``.
    evaluations : int
        Variants tried.
    """
    check_search(limit, scan_step, tolerance)
    scan = [k * scan_step for k in range(1, int(np.ceil(limit / scan_step - 1e-9)))] + [limit]
    searches = [_Search(scan) for _ in directions]
    rounds = len(scan) + int(np.ceil(np.log2(max(scan_step / tolerance, 1.0))))
    tell = progress or (lambda done: None)
    evaluations = 0
    if at_once:
        ladder = [(direction, deviation) for direction in directions for deviation in scan]
        passed = trials.passes(_scales(ladder), progress=lambda part: tell(part * len(scan) / rounds))
        for search, works in zip(searches, passed.reshape(len(directions), len(scan)), strict=True):
            for tried, good in zip(scan, works, strict=True):
                search.learn(tried, bool(good))
                if not good:
                    break
        evaluations += len(ladder)
    for number in range(len(scan) if at_once else 0, rounds + 1):
        open_ones = [
            (search, direction, deviation)
            for search, direction in zip(searches, directions, strict=True)
            if (deviation := search.trial(tolerance)) is not None
        ]
        if not open_ones:
            break
        scales = _scales([(direction, deviation) for _, direction, deviation in open_ones])
        passed = trials.passes(scales, progress=lambda part, n=number: tell(min((n + part) / rounds, 1.0)))  # type: ignore[misc]
        for (search, _, deviation), good in zip(open_ones, passed, strict=True):
            search.learn(deviation, bool(good))
        evaluations += len(open_ones)
    tell(1.0)
    return [search.works for search in searches], evaluations


def _scales(points: Sequence[tuple[Direction, float]]) -> Scales:
    """Scale factors of variants, one a direction at its deviation."""
    moved: dict[int, Parameter] = {}
    for direction, _ in points:
        for parameter in (direction.parameter, *(p for p, _ in direction.base)):
            moved.setdefault(id(parameter), parameter)
    row = {key: number for number, key in enumerate(moved)}
    factors = np.ones((len(moved), len(points)))
    for variant, (direction, deviation) in enumerate(points):
        for parameter, factor in direction.base:
            factors[row[id(parameter)], variant] *= factor
        factors[row[id(direction.parameter)], variant] *= 1 + direction.sign * deviation
    return scale_factors(list(moved.values()), factors)
