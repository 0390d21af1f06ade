"""What a user gives an array: numbers of the right kind, shape and range, or an error that says what is wrong."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hardware.rram.arguments import whole
from spice_models.errors import DescriptionError

Floats = NDArray[np.float64]


def numbers(what: str, values: ArrayLike) -> Floats:
    """Return a copy, so that what a user does to an array later cannot reach one that has been factored.

    Raises
    ------
    DescriptionError
        For what is no real number, ragged or masked.
    """
    if np.ma.is_masked(values):
        raise DescriptionError(
            f"the {what} of a crossbar have masked entries: fill them, with 0 where there is no cell"
        )
    try:
        array = np.asarray(values)
        kind = array.dtype.kind
        if kind not in "fiubO" or (kind == "O" and any(value is None for value in array.flat)):
            raise TypeError
        return np.array(array, dtype=float, order="C")
    except (TypeError, ValueError):
        raise DescriptionError(f"the {what} of a crossbar must be real numbers in a rectangular array") from None


def not_negative(what: str, values: ArrayLike) -> Floats:
    """Return finite numbers, none below zero; raises `DescriptionError` for others."""
    value = numbers(what, values)
    if not np.all(np.isfinite(value)) or np.any(value < 0):
        bad = np.argwhere(~(np.isfinite(value) & (value >= 0)))[0].tolist()
        where = f" at {bad}" if bad else ""
        raise DescriptionError(f"the {what} of a crossbar must be finite and not negative, but is not{where}")
    return value


def inputs(what: str, values: ArrayLike, lines: int) -> Floats:
    """Return voltages whose last axis is that of the lines; raises `DescriptionError` for others, and infinite ones."""
    array = numbers(what, values)
    if array.ndim == 0 or array.shape[-1] != lines:
        raise DescriptionError(f"{what} must end in an axis of {lines} lines, got shape {array.shape}")
    if np.any(np.isinf(array)):
        raise DescriptionError(f"{what} must be finite, or NaN for a line that floats")
    return array


def bit_inputs(values: ArrayLike, lines: int) -> Floats:
    """Return voltages of the bit lines, one number standing for all; raises as `inputs`."""
    array = numbers("bit voltages", values)
    return inputs("bit voltages", np.broadcast_to(array, (lines,)) if array.ndim == 0 else array, lines)


def threads(workers: int | None) -> int:
    """Return how many threads to use, all processors if not told; raises `DescriptionError` for what is no count."""
    return (os.cpu_count() or 1) if workers is None else whole("workers", workers, least=1)
