"""The error-function law of a noisy decision: how likely a current makes it, and its fit to counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf, erfinv

from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class DecisionLaw:
    """Probability of a decision against the current that drives it.

    ``p(I) = (1 + erf(sqrt(pi) (I - I0) / dI)) / 2``, whose slope at the midpoint is ``1 / dI``: noise of standard
    deviation ``dI / sqrt(2 pi)``. A gray zone of zero makes it a step, with p = 1/2 at the midpoint.

    Parameters
    ----------
    midpoint : float
        I0 [A].
    gray_zone : float
        dI [A].
    """

    midpoint: float
    gray_zone: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.midpoint) and np.isfinite(self.gray_zone) and self.gray_zone >= 0):
            raise DescriptionError(
                f"a decision law needs a finite midpoint and a gray zone >= 0 [A], got {self.midpoint} and "
                f"{self.gray_zone}"
            )

    def probability(self, current: ArrayLike) -> Floats:
        """Return p at one or several currents [A].

        Examples
        --------
        >>> law = DecisionLaw(midpoint=78e-6, gray_zone=10e-6)
        >>> law.probability([68e-6, 78e-6, 88e-6]).round(3).tolist()
        [0.006, 0.5, 0.994]
        """
        above = np.asarray(current, dtype=float) - self.midpoint
        if self.gray_zone == 0:
            return np.where(above == 0, 0.5, (above > 0).astype(float))
        result: Floats = 0.5 * (1 + erf(np.sqrt(np.pi) * above / self.gray_zone))
        return result

    def current(self, probability: float) -> float:
        """Return the current [A] that gives a probability; raises `DescriptionError` unless it lies inside 0..1."""
        if not 0 < probability < 1:
            raise DescriptionError(f"a probability set by a current lies inside 0..1, got {probability}")
        return self.midpoint + self.gray_zone / float(np.sqrt(np.pi)) * float(erfinv(2 * probability - 1))


@dataclass(frozen=True, kw_only=True)
class FittedLaw:
    """A law fitted to counts, with standard errors [A] and how well it describes them.

    Parameters
    ----------
    law : DecisionLaw
    midpoint_error, gray_zone_error : float
        From the curvature of the likelihood.
    deviance : float
        Twice the logarithm of how much likelier the counts are under a free probability at each current; with
        ``degrees`` degrees of freedom about as large as these if the law holds.
    degrees : int
    """

    law: DecisionLaw
    midpoint_error: float
    gray_zone_error: float
    deviance: float
    degrees: int


def fit_law(currents: ArrayLike, decided: ArrayLike, trials: ArrayLike) -> FittedLaw:
    """Fit the law by maximum likelihood: ``decided`` of ``trials`` independent trials at each of some currents [A].

    Raises
    ------
    DescriptionError
        For fewer than three currents, and for counts that never leave 0 or 1, from which nothing can be fitted.
    """
    i, k, n = (np.asarray(a, dtype=float) for a in np.broadcast_arrays(currents, decided, trials))
    if i.ndim != 1 or i.size < 3 or np.any(n <= 0) or np.any(k < 0) or np.any(k > n):
        raise DescriptionError("a fit needs three currents or more, each with trials > 0 and 0 <= decided <= trials")
    if k.sum() in (0, n.sum()):
        raise DescriptionError("all trials went the same way: measure at currents on both sides of the midpoint")
    unit = float(np.ptp(i)) or 1.0
    share = k / n
    middle = float(i[np.argmin(np.abs(share - 0.5))])

    def cost(x: Floats) -> float:
        p = DecisionLaw(midpoint=middle + unit * x[0], gray_zone=unit * float(np.exp(x[1]))).probability(i)
        p = np.clip(p, 1e-12, 1 - 1e-12)
        return -float(np.sum(k * np.log(p) + (n - k) * np.log1p(-p)))

    starts = [np.array([0.0, np.log(width)]) for width in (0.03, 0.1, 0.3)]
    options: Any = {"xatol": 1e-7, "fatol": 1e-9, "maxiter": 4000}
    from scipy.optimize import minimize  # slow to import, and those who read fitted laws need it not

    best = min((minimize(cost, x, method="Nelder-Mead", options=options) for x in starts), key=lambda r: float(r.fun))
    law = DecisionLaw(midpoint=middle + unit * float(best.x[0]), gray_zone=unit * float(np.exp(best.x[1])))
    with np.errstate(divide="ignore", invalid="ignore"):
        free = np.where(k > 0, k * np.log(share), 0.0) + np.where(k < n, (n - k) * np.log1p(-share), 0.0)
    errors = _errors(law, i, n)
    return FittedLaw(
        law=law,
        midpoint_error=errors[0],
        gray_zone_error=errors[1],
        deviance=2 * (float(best.fun) + float(free.sum())),
        degrees=i.size - 2,
    )


def _errors(law: DecisionLaw, currents: Floats, trials: Floats) -> tuple[float, float]:
    """Standard errors of midpoint and gray zone [A] from the Fisher information."""
    p = np.clip(law.probability(currents), 1e-12, 1 - 1e-12)
    distance = (currents - law.midpoint) / law.gray_zone
    slope = np.exp(-np.pi * distance**2) / law.gray_zone
    gradient = np.stack([-slope, -slope * distance])
    information = (gradient * (trials / (p * (1 - p)))) @ gradient.T
    variance = np.diag(np.linalg.pinv(information))
    return float(np.sqrt(variance[0])), float(np.sqrt(variance[1]))
