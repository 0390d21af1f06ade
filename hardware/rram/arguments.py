"""What users give, as numbers of the kind that is meant; or an error that says what was given and what would do."""

from __future__ import annotations

from collections.abc import Iterable
from types import UnionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spice_models.errors import DescriptionError, unknown_name

Floats = NDArray[np.float64]


def real(what: str, value: Any, *, least: float = -np.inf, above: float = -np.inf, most: float = np.inf) -> float:
    """Return one finite number: at least ``least``, above ``above``, at most ``most``.

    Raises
    ------
    DescriptionError
        For anything else, such as text, None, a truth value, or an array.
    """
    number = _one(value)
    if number is None or not (np.isfinite(number) and least <= number <= most and number > above):
        raise DescriptionError(f"{what} must be a number{_range(least, above, most)}, got {value!r}")
    return number


def whole(what: str, value: Any, *, least: int, most: int | None = None) -> int:
    """Return one whole number; 8.0 is one, 7.5 is not. Raises `DescriptionError` for anything else."""
    number = _one(value)
    if number is None or number != np.floor(number) or number < least or (most is not None and number > most):
        limits = f"of {least} or more" if most is None else f"from {least} to {most}"
        raise DescriptionError(f"{what} must be a whole number {limits}, got {value!r}")
    return int(number)


def reals(what: str, values: Any) -> Floats:
    """Return numbers as an array of floats; not copied if it is one. Raises `DescriptionError` for anything else."""
    if isinstance(values, np.ndarray) and values.dtype == np.float64:
        return values
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "fiub":
            raise TypeError
        return array.astype(float)
    except (TypeError, ValueError):
        kind = type(values).__name__
        raise DescriptionError(
            f"{what} must be real numbers in a rectangular array, got a {kind}: {values!r:.60}"
        ) from None


def pair(what: str, value: Any) -> tuple[float, float]:
    """Return two finite numbers; raises `DescriptionError` for anything else."""
    if not isinstance(value, tuple | list | np.ndarray) or len(value) != 2:
        raise DescriptionError(f"{what} must be a pair of numbers, got {value!r}")
    return real(f"the first of {what}", value[0]), real(f"the second of {what}", value[1])


def array_shape(value: Any, what: str = "the shape of an array") -> tuple[int, int]:
    """Return two whole numbers of at least one; raises `DescriptionError` for anything else."""
    if not isinstance(value, tuple | list | np.ndarray) or len(value) != 2:
        raise DescriptionError(f"{what} is a pair (word lines, bit lines), got {value!r}")
    return whole(f"word lines of {what}", value[0], least=1), whole(f"bit lines of {what}", value[1], least=1)


def one_of(kind: str, value: Any, allowed: Iterable[str]) -> str:
    """Return a name that is among those allowed; raises `UnknownNameError` else."""
    names = tuple(allowed)
    if not isinstance(value, str) or value not in names:
        raise unknown_name(kind, str(value), names)
    return value


def instance(what: str, value: Any, kind: type | UnionType | tuple[type, ...], instead: str) -> None:
    """Raise `DescriptionError` unless a value is of a class; ``instead`` says how to make one."""
    if not isinstance(value, kind):
        raise DescriptionError(f"{what} must be {instead}, got {value!r:.60}")


def _one(value: Any) -> float | None:
    if isinstance(value, bool | np.bool_ | str | bytes):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _range(least: float, above: float, most: float) -> str:
    parts = []
    if np.isfinite(above):
        parts.append(f"above {above:g}")
    if np.isfinite(least):
        parts.append(f"of {least:g} or more")
    if np.isfinite(most):
        parts.append(f"of {most:g} or less")
    return f" {' and '.join(parts)}" if parts else ""
