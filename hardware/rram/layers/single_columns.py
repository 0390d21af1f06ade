"""Weights of one sign on one column each, without a reference: half the cells of pairs, for a leak of the off cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from hardware.rram.layers.weights import EncodedWeights
from spice_models.errors import DescriptionError


@dataclass(frozen=True, kw_only=True)
class SingleColumns:
    """One column an output, ``W = G max W / maximum``: nothing is subtracted.

    The largest weight has the largest conductance and is exact; a weight of zero acts as ``max W`` times
    ``minimum / maximum``, one part of the on/off ratio, and these parts add up over driven lines.

    Parameters
    ----------
    minimum, maximum : float
        Conductances of a cell [S].

    Examples
    --------
    >>> encoded = SingleColumns(minimum=1e-6, maximum=1e-4).encode([[6.0, 0.0]])
    >>> encoded.weights().round(6)
    array([[6.  , 0.06]])
    """

    minimum: float
    maximum: float

    def __post_init__(self) -> None:
        if not 0 <= self.minimum < self.maximum < np.inf:
            raise DescriptionError(f"a mapping needs 0 <= minimum < maximum [S], got {self.minimum} and {self.maximum}")

    def encode(self, weights: ArrayLike) -> EncodedWeights:
        """Encode weights ``[m, n]`` into as many conductances.

        Raises
        ------
        DescriptionError
            For negative weights, and what is no finite matrix.
        """
        w = np.asarray(weights, dtype=float)
        if w.ndim != 2 or 0 in w.shape or not np.all(np.isfinite(w)):
            raise DescriptionError(f"weights must be finite and have two axes (inputs, outputs), got shape {w.shape}")
        if np.any(w < 0):
            raise DescriptionError(
                "single columns hold weights of zero and above: use DifferentialPairs for both signs"
            )
        largest = float(w.max()) or 1.0
        g = self.minimum + w / largest * (self.maximum - self.minimum)
        n = w.shape[1]
        decode = csr_array((np.full(n, largest / self.maximum), (np.arange(n), np.arange(n))), shape=(n, n))
        return EncodedWeights(conductance=g, decode=decode)
