"""How good a design is: the margins of many candidates, in few batches, as one fine number each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spice_models.analysis.parameters import Parameter, scale_factors
from spice_models.analysis.search import Direction, check_search, find_limits
from spice_models.analysis.trials import Trials
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class MarginScore:
    """Score of a design: the soft minimum of its margins.

    ``-s log(mean(exp(-m / s)))`` over both directions ``m`` of every probe, with softness ``s``: near the smallest
    margin, but a gain in any of them counts. A design that does not work has ``-1`` plus the part of its neighbours,
    one step of the scan away in each direction, that do.

    Parameters
    ----------
    probes : sequence of Parameter
        Whose margins count.
    limit : float
        Deviation beyond which a margin counts no more.
    scan_step, tolerance : float
        Of the search.
    softness : float
        ``s`` above.
    """

    probes: tuple[Parameter, ...]
    limit: float = 0.4
    scan_step: float = 0.05
    tolerance: float = 0.01
    softness: float = 0.02

    def __post_init__(self) -> None:
        check_search(self.limit, self.scan_step, self.tolerance)
        if not self.probes or self.softness <= 0:
            raise DescriptionError("a score needs at least one margin to look at and a positive softness")

    def __call__(self, trials: Trials, variables: Sequence[Parameter], factors: Floats) -> tuple[Floats, int]:
        """Score candidates.

        One batch asks which candidates work. A second tries every deviation of the scan in every direction of all that
        do, together with the neighbours of those that do not; then every round of bisection is one batch for all.

        Parameters
        ----------
        factors : array, shape (variables, candidates)
            What each variable is multiplied by.

        Returns
        -------
        scores : array, shape (candidates,)
        evaluations : int
            Variants tried.
        """
        count = factors.shape[1]
        works = trials.passes(scale_factors(variables, factors))
        directions = [(probe, sign) for probe in self.probes for sign in (-1, 1)]

        def of(candidates: NDArray[np.int64]) -> list[Direction]:
            bases = [tuple(zip(variables, factors[:, c].tolist(), strict=True)) for c in candidates]
            return [Direction(parameter=p, sign=s, base=base) for base in bases for p, s in directions]

        good, bad = np.flatnonzero(works), np.flatnonzero(~works)
        scores = np.full(count, -1.0)
        evaluations = count
        if good.size:
            found, tried = find_limits(
                trials,
                of(good),
                limit=self.limit,
                scan_step=self.scan_step,
                tolerance=self.tolerance,
                at_once=True,
            )
            scores[good] = self.soft_minimum(np.array(found).reshape(good.size, len(directions)))
            evaluations += tried
        if bad.size:
            near = min(self.scan_step, self.limit)
            reached, tried = find_limits(trials, of(bad), limit=near, scan_step=near, tolerance=near, at_once=True)
            scores[bad] += np.mean(np.array(reached).reshape(bad.size, len(directions)) > 0, axis=1)
            evaluations += tried
        return scores, evaluations

    def soft_minimum(self, margins: Floats) -> Floats:
        """Soft minimum over the last axis."""
        least = margins.min(axis=-1, keepdims=True)
        spread = np.mean(np.exp(-(margins - least) / self.softness), axis=-1)
        return np.asarray(least[..., 0] - self.softness * np.log(spread))
