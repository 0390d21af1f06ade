"""Brian2 quantities at the public edge: accepted, checked for their dimension, and turned into SI floats.

Brian2 takes seconds to import and is loaded only by the engine that needs it. A quantity can only exist where
Brian2 has been imported already, so nothing here imports it.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spice_models.errors import DescriptionError


@dataclass(frozen=True, kw_only=True)
class Dimensional:
    """A number with a physical dimension, kept without Brian2.

    Parameters
    ----------
    value : float
        The number in SI base units.
    dimensions : tuple of 7 floats
        Exponents of metre, kilogram, second, ampere, kelvin, mole and candela, in this order.
    """

    value: float
    dimensions: tuple[float, ...]


def is_quantity(value: object) -> bool:
    """Whether ``value`` is a Brian2 quantity with a dimension."""
    brian2: Any = sys.modules.get("brian2")
    return brian2 is not None and isinstance(value, brian2.Quantity)


def _checked(value: Any, units: tuple[str, ...], what: str) -> Any:
    """Refuse a quantity of another dimension than one of ``units`` (names in Brian2; ``"1"`` for none)."""
    brian2: Any = sys.modules.get("brian2")
    if is_quantity(value):
        fits = [value.dim.is_dimensionless if unit == "1" else value.dim == getattr(brian2, unit).dim for unit in units]
        if not any(fits):
            raise DescriptionError(f"{what} must be in {' or '.join(units)}, got {value!r}")
        return np.asarray(value)
    return value


def si(value: Any, units: str | tuple[str, ...], what: str) -> float:
    """Turn a number or Brian2 quantity into an SI float.

    Parameters
    ----------
    value : float or Brian2 quantity
        What the user gave.
    units : str or tuple of str
        Names of the accepted units as in Brian2, ``"1"`` for a pure number.
    what : str
        Name for the error message.

    Raises
    ------
    DescriptionError
        For a wrong dimension, something that is not one number, or NaN.

    Examples
    --------
    >>> si(2e-3, "second", "tau")
    0.002
    """
    allowed = (units,) if isinstance(units, str) else units
    try:
        if isinstance(value, str | bytes):
            raise TypeError("text")
        number = float(_checked(value, allowed, what))
    except (TypeError, ValueError) as error:
        if isinstance(error, DescriptionError):
            raise
        raise DescriptionError(f"{what} must be one number [{' or '.join(allowed)}], got {value!r}") from error
    if math.isnan(number):
        raise DescriptionError(f"{what} is NaN")
    return number


def si_array(value: Any, units: str | tuple[str, ...], what: str) -> NDArray[np.float64]:
    """Turn numbers or a Brian2 quantity into a new SI float array; see `si`."""
    allowed = (units,) if isinstance(units, str) else units
    try:
        return np.array(_checked(value, allowed, what), dtype=np.float64)
    except (TypeError, ValueError) as error:
        if isinstance(error, DescriptionError):
            raise
        raise DescriptionError(f"{what} must be numbers [{' or '.join(allowed)}], got {value!r}") from error


def keep_dimension(value: Any, what: str) -> float | Dimensional:
    """Turn a quantity into a `Dimensional`, a plain number into a float."""
    if is_quantity(value) and not value.dim.is_dimensionless:
        number = np.asarray(value)
        if number.ndim or not np.isfinite(number):
            raise DescriptionError(f"{what} must be one finite number, got {value!r}")
        return Dimensional(value=float(number), dimensions=tuple(float(d) for d in value.dim._dims))
    if isinstance(value, Dimensional):
        return value
    return si(value, "1", what)
