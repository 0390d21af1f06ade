"""Signed weights as conductances: differential pairs, an offset column, bit slices.

Every mapping is linear: with the conductances ``G[m, c]`` of ``c`` columns and a small matrix ``D[c, n]``, the weights
are ``W = G D``, and so are the outputs, ``y = I D`` with the column currents ``I`` of inputs in volts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from hardware.rram.arguments import real, reals, whole
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class EncodedWeights:
    """Weights as an array of conductances.

    Parameters
    ----------
    conductance : array, shape (m, c)
        Of the cells [S].
    decode : sparse array, shape (c, n)
        ``D`` [1/S].
    """

    conductance: Floats
    decode: csr_array

    def weights(self, conductance: ArrayLike | None = None) -> Floats:
        """Weights [m, n] that conductances stand for; those encoded if none are given.

        Given an effective matrix of a crossbar, these are the weights that the array delivers.
        """
        g = self.conductance if conductance is None else reals("conductances", conductance)
        if g.shape[-1:] != self.conductance.shape[-1:]:
            raise DescriptionError(f"conductances must end in an axis of {self.decode.shape[0]}, got shape {g.shape}")
        return np.asarray(g @ self.decode)

    def outputs(self, currents: ArrayLike) -> Floats:
        """Outputs ``[..., n]`` of column currents ``[..., c]`` [A] at inputs in volts."""
        given = reals("currents", currents)
        if given.ndim == 0 or given.shape[-1] != self.decode.shape[0]:
            raise DescriptionError(f"currents must end in an axis of {self.decode.shape[0]}, got shape {given.shape}")
        # Sparse matrices multiply arrays of two axes at most.
        found = given.reshape(-1, given.shape[-1]) @ self.decode
        return np.asarray(found).reshape(*given.shape[:-1], self.decode.shape[1])


class WeightMapping(Protocol):
    """What turns weights into conductances."""

    def encode(self, weights: ArrayLike) -> EncodedWeights:
        """Encode weights ``[m, n]``."""


@dataclass(frozen=True, kw_only=True)
class _Window:
    minimum: float
    maximum: float

    def __post_init__(self) -> None:
        low = real("minimum of a mapping [S]", self.minimum, least=0.0)
        high = real("maximum of a mapping [S]", self.maximum, above=0.0)
        if not low < high:
            raise DescriptionError(f"a mapping needs 0 <= minimum < maximum [S], got {self.minimum} and {self.maximum}")

    @property
    def width(self) -> float:
        """Range of the conductances [S]."""
        return self.maximum - self.minimum


@dataclass(frozen=True, kw_only=True)
class DifferentialPairs(_Window):
    """Two columns a weight, ``W = (G_plus - G_minus) / s``: one for either sign, the other at the minimum.

    Columns ``2 j`` and ``2 j + 1`` belong to output ``j``; ``s = (maximum - minimum) / max |W|``.

    Parameters
    ----------
    minimum, maximum : float
        Conductances of a cell [S].

    Examples
    --------
    >>> DifferentialPairs(minimum=0.0, maximum=1e-4).encode([[1.0, -0.5]]).conductance
    array([[1.e-04, 0.e+00, 0.e+00, 5.e-05]])
    """

    def encode(self, weights: ArrayLike) -> EncodedWeights:
        """Encode weights ``[m, n]`` into ``[m, 2 n]`` conductances."""
        w, scale = _scaled(weights, self.width)
        m, n = w.shape
        g = np.full((m, 2 * n), float(self.minimum))
        g[:, 0::2] += np.maximum(w, 0.0) * scale
        g[:, 1::2] += np.maximum(-w, 0.0) * scale
        rows, columns = np.arange(2 * n), np.repeat(np.arange(n), 2)
        signs = np.tile([1.0, -1.0], n)
        return EncodedWeights(conductance=g, decode=csr_array((signs / scale, (rows, columns)), shape=(2 * n, n)))


@dataclass(frozen=True, kw_only=True)
class OffsetColumn(_Window):
    """One column a weight and one more for all: ``W = (G - G_middle) / s``, the last column holds ``G_middle``.

    ``s`` is half the range over the largest magnitude: a weight has half the range of a differential pair, and the
    error of the one reference is in every output.

    Parameters
    ----------
    minimum, maximum : float
        Conductances of a cell [S].
    """

    def encode(self, weights: ArrayLike) -> EncodedWeights:
        """Encode weights ``[m, n]`` into ``[m, n + 1]`` conductances."""
        w, scale = _scaled(weights, self.width / 2)
        n = w.shape[1]
        middle = (self.minimum + self.maximum) / 2
        g = np.column_stack([middle + w * scale, np.full(len(w), middle)])
        rows = np.concatenate([np.arange(n), np.full(n, n)])
        columns = np.tile(np.arange(n), 2)
        values = np.concatenate([np.full(n, 1 / scale), np.full(n, -1 / scale)])
        return EncodedWeights(conductance=g, decode=csr_array((values, (rows, columns)), shape=(n + 1, n)))


@dataclass(frozen=True, kw_only=True)
class BitSlices(_Window):
    """Weights as whole numbers, cut into slices of a few bits, each a differential pair of columns.

    ``W = q sum_k 2^(b k) (d_k+ - d_k-)`` with digits ``d`` of ``b`` bits, from the lowest, and
    ``q = max |W| / (2^bits - 1)``. A cell of digit ``d`` has ``minimum + d (maximum - minimum) / (2^b - 1)``. Columns
    go output by output, slice by slice, plus before minus.

    Parameters
    ----------
    minimum, maximum : float
        Conductances of a cell [S].
    bits : int
        Of the magnitude of a weight.
    bits_per_cell : int
        ``b``.
    """

    bits: int = 8
    bits_per_cell: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "bits", whole("bits of BitSlices", self.bits, least=1, most=24))
        each = whole("bits_per_cell of BitSlices", self.bits_per_cell, least=1, most=self.bits)
        object.__setattr__(self, "bits_per_cell", each)

    def encode(self, weights: ArrayLike) -> EncodedWeights:
        """Encode weights ``[m, n]``, rounded to ``bits`` and a sign, into ``[m, 2 slices n]`` conductances."""
        w, per_weight = _scaled(weights, 2**self.bits - 1)
        m, n = w.shape
        slices = -(-self.bits // self.bits_per_cell)
        whole = np.rint(w * per_weight).astype(np.int64)
        base = 2**self.bits_per_cell
        step = self.width / (base - 1)
        g = np.empty((m, n, slices, 2))
        for sign in (0, 1):
            rest = np.maximum(whole if sign == 0 else -whole, 0)
            for k in range(slices):
                rest, digit = np.divmod(rest, base)
                g[:, :, k, sign] = self.minimum + digit * step
        worth = base ** np.arange(slices) / (step * per_weight)
        values = np.tile(np.stack([worth, -worth], axis=1).ravel(), n)
        each = 2 * slices
        decode = csr_array((values, (np.arange(each * n), np.repeat(np.arange(n), each))), shape=(each * n, n))
        return EncodedWeights(conductance=g.reshape(m, -1), decode=decode)


def _scaled(weights: ArrayLike, span: float) -> tuple[Floats, float]:
    """Weights as an array, and by what the largest magnitude becomes ``span``."""
    w = reals("weights", weights)
    if w.ndim != 2 or 0 in w.shape or not np.all(np.isfinite(w)):
        raise DescriptionError(f"weights must be finite and have two axes (inputs, outputs), got shape {w.shape}")
    largest = float(np.max(np.abs(w)))
    if 0 < largest < span / np.finfo(float).max:
        raise DescriptionError(f"weights must be zero or large enough to be scaled, but the largest is {largest:.3g}")
    return w, span / largest if largest > 0 else span
