"""One bundle of synapses between two populations."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from neurosim.plasticity import PairSTDP
from neurosim.quantities import si_array
from spice_models.errors import DescriptionError


@dataclass(frozen=True, kw_only=True, eq=False)
class Connections:
    """The synapses of a projection as a list, sorted by ``pre``, then ``post``; all arrays of shape (n_synapses,).

    Parameters
    ----------
    pre, post : array of int
        Indices of the neurons at both ends.
    weight : array of float
        Weights, in the unit of what they are added to.
    delay : array of float
        Delays [s].
    """

    pre: NDArray[np.int64]
    post: NDArray[np.int64]
    weight: NDArray[np.float64]
    delay: NDArray[np.float64]

    def __post_init__(self) -> None:
        for array in (self.pre, self.post, self.weight, self.delay):
            array.flags.writeable = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Projection:
    """Synapses from population ``pre`` to population ``post``.

    A spike of neuron i at t arrives at neuron j at ``t + delays[i, j]`` with weight ``weights[i, j]``; what it does
    there stands in the docstring of the neuron model. A weight of zero is no synapse, whether the matrix is dense or
    sparse. Only a plastic projection keeps zeros, since they may grow: every entry of a dense matrix, every stored
    entry of a sparse one.

    Parameters
    ----------
    pre, post : str
        Names of populations.
    weights : float, array or scipy sparse matrix of shape (n_pre, n_post)
        One number for all-to-all. Stored read-only; the unit is that of the variable it is added to in ``post``
        (pulse equivalents [1] for `SFQNeuron`).
    delays : float, array or scipy sparse matrix of shape (n_pre, n_post)
        Delays [s].
    name : str or None
        Unique in its network; None for ``"pre->post"``.
    plasticity : object or None
        Rule by which the weights change, such as `PairSTDP`.
    synapse : object or None
        The hardware that is to carry it; at the architecture level only a `StochasticSynapse` changes anything.

    Raises
    ------
    DescriptionError
        For weights or delays that are not finite numbers or matrices, and for negative delays.
    """

    pre: str
    post: str
    weights: Any
    delays: Any = 0.0
    name: str | None = None
    plasticity: Any = None
    synapse: Any = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", self._stored("weights", self.weights, ("1", "volt", "amp", "siemens")))
        object.__setattr__(self, "delays", self._stored("delays", self.delays, ("second",)))
        if np.any(_values(self.delays) < 0):
            raise DescriptionError(f"{self._ends} has a negative delay, {_values(self.delays).min():g} s")
        if isinstance(self.plasticity, PairSTDP):
            self.plasticity.check_weights(_values(self.weights), self._ends)

    @property
    def _ends(self) -> str:
        label = f"projection {self.name!r} from" if self.name else "projection from"
        return f"{label} {self.pre!r} to {self.post!r}"

    def _stored(self, what: str, given: Any, units: tuple[str, ...]) -> Any:
        if _is_sparse(given):
            matrix: Any = scipy.sparse.csr_array(given)
            matrix = matrix.astype(np.float64, copy=True)
            matrix.sum_duplicates()
            kept: Any = matrix
            arrays = [matrix.data, matrix.indices, matrix.indptr]
        else:
            kept = si_array(given, units, f"{what} of {self._ends}")
            arrays = [kept]
        if kept.ndim not in (0, 2):
            raise DescriptionError(
                f"{self._ends}: {what} must be one number or a matrix (n_pre, n_post), got shape {kept.shape}"
            )
        if not np.all(np.isfinite(_values(kept))):
            raise DescriptionError(f"{self._ends}: {what} must be finite, found NaN or infinity")
        for array in arrays:
            array.flags.writeable = False
        return kept

    def resolved(self, n_pre: int, n_post: int) -> Projection:
        """Return the projection with matrices of shape (n_pre, n_post); raises `DescriptionError` for another shape."""
        shape = (n_pre, n_post)
        for what, matrix in (("weights", self.weights), ("delays", self.delays)):
            if matrix.ndim and matrix.shape != shape:
                raise DescriptionError(
                    f"{self._ends}: {what} have shape {matrix.shape}, but {self.pre!r} has {n_pre} neurons and "
                    f"{self.post!r} has {n_post}, so {shape} is needed"
                )
        if self.weights.ndim:
            return self
        whole = copy.copy(self)
        object.__setattr__(whole, "weights", np.broadcast_to(self.weights, shape))
        return whole

    @cached_property
    def connections(self) -> Connections:
        """The synapses as a list; of a projection that a network holds (so that sizes are known)."""
        weights = self.weights
        if _is_sparse(weights):
            table = weights.tocoo()
            pre, post = (axis.astype(np.int64) for axis in table.coords)
            weight = table.data.astype(np.float64)
            if self.plasticity is None:
                kept = weight != 0
                pre, post, weight = pre[kept], post[kept], weight[kept]
            order = np.lexsort((post, pre))
            pre, post, weight = pre[order], post[order], weight[order]
        elif weights.ndim == 2:
            mask = weights != 0 if self.plasticity is None else np.ones(weights.shape, dtype=bool)
            pre, post = np.nonzero(mask)
            weight = weights[pre, post]
        else:
            raise DescriptionError(f"{self._ends}: put it into a Network first, its sizes are not known yet")
        delays = self.delays
        delay = np.asarray(delays[pre, post] if delays.ndim else np.full(pre.size, float(delays)), dtype=np.float64)
        return Connections(pre=pre, post=post, weight=weight.copy(), delay=delay.copy())

    @property
    def summary(self) -> str:
        """Ranges of weights and delays, for people."""
        joined = self.connections
        if not joined.pre.size:
            return "no synapses"
        text = f"weights {joined.weight.min():g} to {joined.weight.max():g}"
        low, high = joined.delay.min(), joined.delay.max()
        return f"{text}, delay {low:g} s" if math.isclose(low, high) else f"{text}, delays {low:g} to {high:g} s"

    def __repr__(self) -> str:
        shape = "all-to-all" if not self.weights.ndim else f"{self.weights.shape[0]} x {self.weights.shape[1]}"
        return f"Projection({self.pre!r} -> {self.post!r}, {shape})"


def _values(stored: Any) -> NDArray[np.float64]:
    values: NDArray[np.float64] = stored.data if _is_sparse(stored) else stored
    return values


def _is_sparse(matrix: Any) -> bool:
    return bool(scipy.sparse.issparse(matrix))
