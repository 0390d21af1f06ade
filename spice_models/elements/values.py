"""What the numbers of an element must be."""

from __future__ import annotations

from math import isfinite

from spice_models.errors import DescriptionError


def check_positive(element: str, name: str, **values: float) -> None:
    """Raise unless every value is finite and positive; underscores in the keys become blanks."""
    for what, value in values.items():
        if not (isfinite(value) and value > 0):
            raise DescriptionError(f"{element} {name!r}: {what.replace('_', ' ')} must be positive, got {value}")


def check_finite(element: str, name: str, **values: float) -> None:
    """Raise unless every value is finite; underscores in the keys become blanks."""
    for what, value in values.items():
        if not isfinite(value):
            raise DescriptionError(f"{element} {name!r}: {what.replace('_', ' ')} must be finite, got {value}")
